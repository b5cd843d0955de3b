/** A bound on how long something may run, even a loop without end: V8 cuts it off. */
import { createContext, Script } from 'node:vm';

const box = createContext({ body: () => undefined });
const script = new Script('body()');

/**
 * Runs `body`, which is cut off after so many milliseconds: false then. What it throws is thrown.
 * @param {number} milliseconds
 * @param {() => void} body
 * @returns {boolean}
 */
export function within(milliseconds, body) {
  Object.assign(box, { body });
  try {
    script.runInContext(box, { timeout: milliseconds });
    return true;
  } catch (error) {
    if (/** @type {{ code?: unknown }} */ (error)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  }
}
