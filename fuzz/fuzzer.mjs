/** The fuzzer of one target: a corpus that grows by what reaches new code, rounds of mutants, and the first that fails. */
import { createHash } from 'node:crypto';
import { Random } from '../packages/synwave/dist/base/random.js';
import { Reached } from './coverage.mjs';
import { within } from './guard.mjs';
import { minimise } from './minimise.mjs';
import { Draft, mutate } from './mutate.mjs';

/** @typedef {import('./coverage.mjs').Counter} Counter */
/** @typedef {import('./target.mjs').Target} Target */

/** An input that takes longer hangs; in milliseconds. A round that does is only looked into. */
const HANG = 1000;

/** Octets of an input, where the target does not say. */
const MOST = 512;

/**
 * Inputs of one round. Taking coverage costs as much as hundreds of inputs, and to find out which of them it was that
 * reached something new takes more takes: rounds are short while much is found, and long when little is.
 */
const SHORTEST = 8;
const LONGEST = 4096;

/** How often lengths and checksums of a mutant are put right, where the target can. */
const REPAIRED = 0.9;

/** Frames of a stack trace. In rounds there are none: readers that throw would spend most of their time on them. */
const FRAMES = 20;

/** Time for making a failing input small, in milliseconds. */
const MINIMISE = 10_000;

/** A target whose input failed. */
export class Failure {
  /**
   * @param {Uint8Array} input
   * @param {unknown} error
   */
  constructor(input, error) {
    this.input = input;
    this.error = error;
  }

  /** What kind of failure it is: what was thrown, and where. */
  get kind() {
    const { error } = this;
    if (!(error instanceof Error)) return String(error);
    const where = /\n\s+at ([^\n]*)/.exec(error.stack ?? '')?.[1] ?? '';
    return `${error.name} ${where}`;
  }
}

/** What an input that was cut off is said to have thrown. */
class HangError extends Error {
  constructor() {
    super(`still running after ${HANG} ms`);
    this.name = 'HangError';
    this.stack = `${this.name}: ${this.message}`;
  }
}

/**
 * Runs one input. Null: it holds.
 * @param {Target} target
 * @param {Uint8Array} input
 * @returns {Failure | null}
 */
export function runOnce(target, input) {
  /** @type {Failure | null} */
  let failure = null;
  Error.stackTraceLimit = FRAMES;
  const ended = within(HANG, () => {
    try {
      target.run(input);
    } catch (error) {
      failure = new Failure(input, error);
    }
  });
  return ended ? failure : new Failure(input, new HangError());
}

export class Fuzzer {
  /** Inputs run so far, those of the corpus included. */
  runs = 0;
  /** @type {Failure | null} */
  failure = null;
  /** @type {Uint8Array[]} */
  corpus = [];
  /** What targets say that inputs come to, of which each new one is kept. @type {Set<number>} */
  outcomes = new Set();
  reached = new Reached();
  #target;
  #counter;
  #random;
  /** @type {readonly Uint8Array[]} */
  #words;
  #draft;
  #size = SHORTEST;
  /** The round: its inputs, their outcomes, and which is under way. @type {Uint8Array[]} */
  #inputs = [];
  /** @type {(number | void)[]} */
  #answers = [];
  #at = 0;

  /**
   * @param {Target} target
   * @param {Counter} counter
   * @param {number} seed
   */
  constructor(target, counter, seed) {
    this.#target = target;
    this.#counter = counter;
    this.#random = new Random(seed).fork(target.name);
    const encoder = new TextEncoder();
    this.#words = (target.words ?? []).map((word) => (typeof word === 'string' ? encoder.encode(word) : word));
    this.#draft = new Draft(target.most ?? MOST);
  }

  /**
   * Runs what is known: the target's own seeds, and what is kept in files. All of them stay in the corpus.
   * @param {readonly Uint8Array[]} kept
   */
  begin(kept) {
    const seeds = [...this.#target.seeds(), ...kept];
    this.#counter.take(); // what making them has run is nobody's
    for (const seed of seeds) {
      this.#inputs = [seed];
      this.#run(0, 1);
      this.runs++;
      if (this.failure !== null) return;
      this.#keep(0, this.#counter.take());
    }
    if (this.corpus.length === 0) this.corpus.push(new Uint8Array(0));
  }

  /**
   * One round, of at most so many inputs.
   * @param {number} most
   */
  round(most) {
    const size = Math.min(this.#size, most);
    this.#inputs = Array.from({ length: size }, () => this.#mutant());
    this.#run(0, size);
    this.runs += size;
    if (this.failure !== null) return;
    const before = this.corpus.length;
    this.#look(0, size);
    const found = this.corpus.length - before;
    if (found === 0) this.#size = Math.min(LONGEST, 2 * this.#size);
    else if (found > 1) this.#size = Math.max(SHORTEST, this.#size >> 1);
  }

  /** The failing input, made small. Its time is bounded. @returns {Failure | null} */
  minimised() {
    const { failure } = this;
    if (failure === null) return null;
    let best = failure;
    const target = this.#target;
    /** @param {Uint8Array} input */
    const fails = (input) => {
      for (const each of [input, ...this.#repaired(input)]) {
        const again = runOnce(target, each);
        if (again === null || again.kind !== failure.kind || each.length > best.input.length) continue;
        input.set(each); // the input that goes on is the one that failed
        best = again;
        return true;
      }
      return false;
    };
    minimise(failure.input.slice(), fails, performance.now() + MINIMISE);
    return best;
  }

  /** A hash over the corpus: two runs with one seed and as many inputs have the same. */
  digest() {
    const hash = createHash('sha256');
    for (const input of this.corpus) hash.update(`${input.length} `).update(input);
    return hash.digest('hex').slice(0, 12);
  }

  /** @returns {Uint8Array} */
  #mutant() {
    const random = this.#random;
    const draft = this.#draft;
    draft.set(this.#pick());
    mutate(draft, random, this.#pick(), this.#words);
    const input = draft.bytes.slice(0, draft.length);
    if (this.#target.repair !== undefined && random.chance(REPAIRED)) this.#target.repair(input, random);
    return input;
  }

  /** One of the corpus; the newest quarter is as likely as all the rest. */
  #pick() {
    const { corpus } = this;
    const newest = this.#random.chance(0.5) ? Math.ceil(corpus.length / 4) : corpus.length;
    return /** @type {Uint8Array} */ (corpus[corpus.length - 1 - this.#random.below(newest)]);
  }

  /** @param {Uint8Array} input */
  #repaired(input) {
    if (this.#target.repair === undefined) return [];
    const copy = input.slice();
    this.#target.repair(copy, new Random(1));
    return [copy];
  }

  /**
   * Runs the round's inputs from one to another, up to the first that fails.
   * @param {number} from
   * @param {number} to
   */
  #run(from, to) {
    this.#at = from;
    /** @type {Failure | null} */
    let failed = null;
    const go = () => {
      const target = this.#target;
      const inputs = this.#inputs;
      try {
        while (this.#at < to) {
          this.#answers[this.#at] = target.run(/** @type {Uint8Array} */ (inputs[this.#at]));
          this.#at++;
        }
      } catch (error) {
        failed = new Failure(this.#input(this.#at), error);
      }
    };
    while (this.#at < to && this.failure === null) {
      Error.stackTraceLimit = 0;
      const ended = within(HANG, go);
      if (failed === null && (ended || this.#at >= to)) break;
      // Once more alone: for where it was thrown; or, when time was up, whether it was that input or all of them.
      this.failure = runOnce(this.#target, this.#input(this.#at)) ?? failed;
      this.#answers[this.#at] = undefined;
      this.#at++;
    }
    Error.stackTraceLimit = FRAMES;
  }

  /**
   * Which of the inputs from one to another reached something new? They are what was run since the last take.
   * @param {number} from
   * @param {number} to
   */
  #look(from, to) {
    const report = this.#counter.take();
    if (!this.reached.isNew(report)) {
      this.#lookAtOutcomes(from, to);
    } else if (to - from === 1) {
      this.#keep(from, report);
    } else {
      const middle = (from + to) >> 1;
      this.#lookAgain(from, middle);
      // What the first half has reached may have been all.
      if (this.reached.isNew(report)) this.#lookAgain(middle, to);
      else this.#lookAtOutcomes(middle, to);
      this.reached.note(report); // what only all of them together reach is not looked for again
    }
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #lookAgain(from, to) {
    this.#run(from, to);
    if (this.failure === null) this.#look(from, to);
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #lookAtOutcomes(from, to) {
    for (let i = from; i < to; i++) {
      const outcome = this.#answers[i];
      if (outcome !== undefined && !this.outcomes.has(outcome)) this.#keep(i, []);
    }
  }

  /**
   * @param {number} i
   * @param {import('./coverage.mjs').Report} report
   */
  #keep(i, report) {
    this.reached.note(report);
    const outcome = this.#answers[i];
    if (outcome !== undefined) this.outcomes.add(outcome);
    this.corpus.push(this.#input(i));
  }

  /** @param {number} i */
  #input(i) {
    return /** @type {Uint8Array} */ (this.#inputs[i]);
  }
}
