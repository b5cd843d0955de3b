/** What a target is, and what targets share: frames with different octets around one packet, and logs that are compared. */
import { Frame } from '../packages/synwave/dist/base/frame.js';

/**
 * One thing to be fuzzed.
 * @typedef {object} Target
 * @property {string} name
 * @property {() => Uint8Array[]} seeds Valid inputs, made by code.
 * @property {(input: Uint8Array) => number | void} run Throws when a property does not hold. It may answer with a number
 *   that says what came of the input: the first input of each number is kept, whatever code it reaches. It must not
 *   depend on the inputs before.
 * @property {(input: Uint8Array, random: import('../packages/synwave/dist/base/random.js').Random) => void} [repair] Puts
 *   lengths and checksums right, in place, so that mutants come behind them.
 * @property {number} [most] Octets of an input at most.
 * @property {readonly (string | Uint8Array)[]} [words] What stands in inputs of the kind, for mutations to put in.
 * @property {(input: Uint8Array) => string} [show] An input as people read it.
 */

/** Octets of room around a packet. They end where a Frame's buffer does, so that reading far beyond throws. */
const AROUND = 64;

/**
 * @param {boolean} condition
 * @param {string} what
 */
export function holds(condition, what) {
  if (!condition) throw failed(what, holds);
}

/**
 * An error that is told to be thrown where `by` was called: what distinguishes one failure from another.
 * @param {string} what
 * @param {(...values: never[]) => void} by
 */
function failed(what, by) {
  const error = new Error(what);
  Error.captureStackTrace(error, by);
  return error;
}

/** What was read of a packet, to be compared with what was read another time: numbers, and octets one behind another. */
export class Log {
  /** Not to be read from `count` on. */
  values = new Float64Array(64);
  count = 0;
  #octets = new Uint8Array(1024);
  #length = 0;

  clear() {
    this.count = 0;
    this.#length = 0;
  }

  /** @param {number[]} values */
  put(...values) {
    const count = this.count + values.length;
    if (count > this.values.length) this.values = grown(this.values, new Float64Array(2 * count));
    for (let i = 0; i < values.length; i++) this.values[this.count + i] = /** @type {number} */ (values[i]);
    this.count = count;
  }

  /** @param {import('../packages/synwave/dist/base/address.js').Address} address */
  address({ a, b, c, d }) {
    this.put(a, b, c, d);
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} at
   * @param {number} end
   */
  octets(bytes, at, end) {
    const length = this.#length + end - at;
    if (length > this.#octets.length) this.#octets = grown(this.#octets, new Uint8Array(2 * length));
    this.#octets.set(bytes.subarray(at, end), this.#length);
    this.#length = length;
    this.put(end - at);
  }

  /**
   * Throws where the other says something else.
   * @param {Log} other
   * @param {string} what
   */
  same(other, what) {
    const { count, values } = this;
    let same = count === other.count && this.#length === other.#length;
    for (let i = 0; same && i < count; i++) same = Object.is(values[i], other.values[i]);
    for (let i = 0; same && i < this.#length; i++) same = this.#octets[i] === other.#octets[i];
    if (!same) throw failed(`${what}: ${this} | ${other}`, this.same);
  }

  toString() {
    const hex = Buffer.from(this.#octets.subarray(0, this.#length)).toString('hex');
    return `${this.values.subarray(0, this.count).join(' ')} ${hex}`.trimEnd();
  }
}

/**
 * @template {Float64Array | Uint8Array} T
 * @param {T} old
 * @param {T} larger
 */
function grown(old, larger) {
  larger.set(old);
  return larger;
}

/**
 * Two frames that hold one packet, with other octets around it in the second, and at an odd place there. Who reads what
 * is not the packet's reads two different things.
 */
export class Places {
  #first;
  #second;
  #last = 0;
  /** What `readTwice` has read in them. */
  logs = /** @type {const} */ ([new Log(), new Log()]);

  /** @param {number} most Octets of a packet at most. */
  constructor(most) {
    this.#first = new Frame(AROUND + most + AROUND);
    this.#second = new Frame(AROUND + 1 + most + AROUND);
    this.#second.bytes.fill(0xff);
  }

  /**
   * @param {Uint8Array} packet
   * @returns {readonly [Frame, Frame]}
   */
  put(packet) {
    put(this.#first, AROUND, packet, this.#last, 0);
    put(this.#second, AROUND + 1, packet, this.#last, 0xff);
    this.#last = packet.length;
    return [this.#first, this.#second];
  }
}

/**
 * @param {Frame} frame
 * @param {number} at
 * @param {Uint8Array} packet
 * @param {number} last Octets of the packet before.
 * @param {number} around
 */
function put(frame, at, packet, last, around) {
  frame.bytes.set(packet, at);
  if (last > packet.length) frame.bytes.fill(around, at + packet.length, at + last);
  frame.at = at;
  frame.end = at + packet.length;
}

/**
 * Reads one packet in both places; what is read must be the same. The log is overwritten the next time.
 * @param {Places} places
 * @param {Uint8Array} packet
 * @param {(frame: Frame, log: Log) => void} read
 * @returns {Log}
 */
export function readTwice(places, packet, read) {
  const [first, second] = places.put(packet);
  const [log, again] = places.logs;
  log.clear();
  again.clear();
  read(first, log);
  read(second, again);
  log.same(again, 'what is read depends on what is not the packet');
  return log;
}

/**
 * `[at, end)` must lie inside of the packet in `frame`.
 * @param {Frame} frame
 * @param {number} at
 * @param {number} end
 */
export function inside(frame, at, end) {
  holds(frame.at <= at && at <= end && end <= frame.end, `[${at}, ${end}) of a packet in [${frame.at}, ${frame.end})`);
}

/** An empty frame that writers fill from its end. @param {number} most */
export function blank(most) {
  return new Frame(AROUND + most);
}

/**
 * The text of a packet, at the end of a frame that writers put headers in front of.
 * @param {Frame} into
 * @param {Frame} frame
 * @param {number} at
 * @param {number} end
 */
export function copyText(into, frame, at, end) {
  into.end = into.bytes.length;
  into.at = into.end - (end - at);
  into.bytes.set(frame.bytes.subarray(at, end), into.at);
}
