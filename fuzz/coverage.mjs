/** Which code inputs reach: V8's precise coverage, block by block, through `node:inspector`. */
import { Session } from 'node:inspector';

/** @typedef {import('node:inspector').Profiler.FunctionCoverage} FunctionCoverage */
/** @typedef {import('node:inspector').Profiler.ScriptCoverage} ScriptCoverage */

/** Files beside this one drive the fuzzer: what they run says nothing of an input. Those in folders are targets. */
const HERE = new URL('.', import.meta.url).href;

/** What is known of one function: for each character of it, 1 once it has been run. */
/** @typedef {{ readonly run: Uint8Array, left: number }} Known */

/** What was run between two takes: the functions of one script each, of those that count. */
/** @typedef {ReadonlyArray<readonly [script: string, functions: readonly FunctionCoverage[]]>} Report */

/**
 * Counts what runs, for the process. Only code that is compiled after `start` is counted block by block: targets, and with them the
 * library, are to be imported afterwards.
 */
export class Counter {
  #session = new Session();

  /** Begins to count. */
  start() {
    this.#session.connect();
    this.#post('Profiler.enable');
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /**
   * What was run since the last take. It costs about a millisecond, however much was run.
   * @returns {Report}
   */
  take() {
    const { result } = /** @type {{ result: ScriptCoverage[] }} */ (this.#post('Profiler.takePreciseCoverage'));
    return result.filter(({ url }) => counts(url)).map(({ url, functions }) => [url, functions]);
  }

  /**
   * The inspector of the own thread answers within the call.
   * @param {string} method
   * @param {object} [parameters]
   */
  #post(method, parameters = {}) {
    /** @type {object | undefined} */
    let answer;
    /** @type {Error | null} */
    let failure = null;
    this.#session.post(method, parameters, (error, result) => {
      failure = error;
      answer = result;
    });
    if (failure !== null) throw new Error(`${method}: ${JSON.stringify(failure)}`);
    return answer;
  }
}

/** What one target's inputs have reached so far. */
export class Reached {
  /** @type {Map<string, Map<number, Known>>} */
  #scripts = new Map();
  /** One report's view of one function; it grows. */
  #now = new Uint8Array(1 << 16);

  /**
   * Whether the report holds anything that no report noted before did.
   * @param {Report} report
   */
  isNew(report) {
    for (const [script, functions] of report) {
      const scriptKnown = this.#scripts.get(script);
      for (const each of functions) {
        const known = scriptKnown?.get(keyOf(each));
        if (known === undefined) return true;
        if (known.left > 0 && this.#compare(each, known, false)) return true;
      }
    }
    return false;
  }

  /** @param {Report} report */
  note(report) {
    for (const [script, functions] of report) {
      let scriptKnown = this.#scripts.get(script);
      if (scriptKnown === undefined) this.#scripts.set(script, (scriptKnown = new Map()));
      for (const each of functions) {
        const key = keyOf(each);
        const { from, to } = spanOf(each);
        let known = scriptKnown.get(key);
        if (known === undefined) scriptKnown.set(key, (known = { run: new Uint8Array(to - from), left: to - from }));
        if (known.left > 0) this.#compare(each, known, true);
      }
    }
  }

  /** Functions that were called, and how much of their text was run, 0 to 1. */
  summary() {
    let functions = 0;
    let all = 0;
    let left = 0;
    for (const script of this.#scripts.values()) {
      for (const known of script.values()) {
        functions++;
        all += known.run.length;
        left += known.left;
      }
    }
    return { functions, share: all === 0 ? 0 : 1 - left / all };
  }

  /**
   * Whether characters were run that had not been; with `keep` they are noted. A range that was run as often as the one
   * around it is not told, one that was not run always is: an inner range overrides what is around it.
   * @param {FunctionCoverage} each
   * @param {Known} known
   * @param {boolean} keep
   */
  #compare(each, known, keep) {
    const { from, to } = spanOf(each);
    const length = to - from;
    if (this.#now.length < length) this.#now = new Uint8Array(2 * length);
    const now = this.#now;
    for (const { startOffset, endOffset, count } of each.ranges) {
      now.fill(count > 0 ? 1 : 0, startOffset - from, endOffset - from);
    }
    const { run } = known;
    let found = false;
    for (let i = 0; i < length; i++) {
      if (now[i] === 0 || run[i] === 1) continue;
      found = true;
      if (!keep) break;
      run[i] = 1;
      known.left--;
    }
    return found;
  }
}

/** @param {string} url */
function counts(url) {
  return url.startsWith('file:') && !(url.startsWith(HERE) && !url.slice(HERE.length).includes('/'));
}

/** @param {FunctionCoverage} each */
function spanOf({ ranges: [whole] }) {
  return { from: whole?.startOffset ?? 0, to: whole?.endOffset ?? 0 };
}

/** Where it begins and ends, in one number: no two functions of a script have both in common. @param {FunctionCoverage} each */
function keyOf(each) {
  const { from, to } = spanOf(each);
  return from * 0x200_0000 + to;
}
