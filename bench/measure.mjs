/** How a figure is taken: short runs in turn, ours and theirs, and the median of each, for the machine is shared. */

/** Runs of each side. */
const RUNS = 3;

/**
 * A figure beside its counterpart; `versus` null where there is none.
 * @typedef {object} Result
 * @property {string} name
 * @property {number} value
 * @property {string} unit
 * @property {{ name: string, value: number } | null} versus
 * @property {number | null} ratio Ours divided by theirs.
 */

/**
 * @param {string} name
 * @param {number} value
 * @param {string} unit
 * @param {{ name: string, value: number } | null} [versus]
 * @returns {Result}
 */
export function result(name, value, unit, versus = null) {
  return { name, value, unit, versus, ratio: versus === null ? null : value / versus.value };
}

/**
 * Runs `ours` and `theirs` in turn; each answers one number or several. Answers the medians, column by column.
 * @param {() => Promise<number[]>} ours
 * @param {() => Promise<number[]>} theirs
 * @returns {Promise<{ ours: number[], theirs: number[] }>}
 */
export async function inTurn(ours, theirs) {
  /** @type {number[][]} */
  const mine = [];
  /** @type {number[][]} */
  const other = [];
  for (let run = 0; run < RUNS; run++) {
    mine.push(await ours());
    other.push(await theirs());
  }
  return { ours: medians(mine), theirs: medians(other) };
}

/**
 * The median of `RUNS` runs of something that has no counterpart.
 * @param {() => Promise<number>} run
 * @returns {Promise<number>}
 */
export async function repeated(run) {
  /** @type {number[]} */
  const values = [];
  for (let i = 0; i < RUNS; i++) values.push(await run());
  return median(values);
}

/**
 * @param {number[][]} rows
 * @returns {number[]}
 */
function medians(rows) {
  const [first = []] = rows;
  return first.map((_, column) => median(rows.map((row) => /** @type {number} */ (row[column]))));
}

/**
 * @param {number[]} values
 * @returns {number}
 */
function median(values) {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

/**
 * @param {Float64Array} sorted
 * @param {number} q 0 to 1.
 * @returns {number}
 */
export function quantile(sorted, q) {
  return /** @type {number} */ (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]);
}

/**
 * Ends the bench when what was carried is not what was sent: a figure for wrong work is worth nothing.
 * @param {boolean} holds
 * @param {string} what
 */
export function check(holds, what) {
  if (!holds) throw new Error(`bench: ${what}`);
}

/**
 * A promise that callbacks settle: `done(value)`, or `failed(error)`; `failed(null)` does nothing.
 * @template T
 * @returns {{ promise: Promise<T>, done: (value: T) => void, failed: (error: Error | null) => void }}
 */
export function pending() {
  /** @type {(value: T) => void} */
  let done = () => undefined;
  /** @type {(error: Error) => void} */
  let reject = () => undefined;
  /** @type {Promise<T>} */
  const promise = new Promise((resolve, refuse) => {
    done = resolve;
    reject = refuse;
  });
  const failed = (/** @type {Error | null} */ error) => {
    if (error !== null) reject(error);
  };
  return { promise, done, failed };
}
