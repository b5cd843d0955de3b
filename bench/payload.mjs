/** What is carried: octets that vary over many buffers, and a sample of them compared where they arrive. */
import { check } from './measure.mjs';

/** Octets handed over in one call. */
export const CHUNK = 65_536;
const COUNT = 32;
/** One octet in so many is compared; a prime, so that every place in a segment has its turn. */
const STEP = 4093;

const buffers = makeBuffers();

/** The stream up to where it begins again. */
export const PERIOD = new Uint8Array(Buffer.concat(buffers));

/** Hands out the stream, piece by piece; the writer says how much of a piece was taken. */
export class Source {
  /** Octets taken so far. */
  taken = 0;

  /** The buffer that the next octet stands in; `at` says where. */
  get buffer() {
    return bufferAt(this.taken);
  }

  get at() {
    return this.taken % CHUNK;
  }

  /** @param {number} octets */
  take(octets) {
    this.taken += octets;
  }
}

/** Counts the stream where it arrives and compares the sample. */
export class Sink {
  /** Octets so far, and how many of them were compared. */
  count = 0;
  compared = 0;
  #next = 0;

  /**
   * @param {Uint8Array} bytes
   * @param {number} length
   */
  take(bytes, length) {
    const from = this.count;
    const to = from + length;
    for (; this.#next < to; this.#next += STEP) {
      check(bytes[this.#next - from] === bufferAt(this.#next)[this.#next % CHUNK], `octet ${this.#next} is another`);
      this.compared++;
    }
    this.count = to;
  }

  /**
   * Everything that `source` gave has come.
   * @param {Source} source
   */
  finish(source) {
    check(this.count === source.taken, `${source.taken} octets were sent and ${this.count} arrived`);
    check(this.compared === Math.ceil(this.count / STEP), 'the sample was skipped');
  }
}

/**
 * @param {number} position In the stream.
 * @returns {Uint8Array}
 */
function bufferAt(position) {
  return /** @type {Uint8Array} */ (buffers[Math.floor(position / CHUNK) % COUNT]);
}

/** @returns {Uint8Array[]} */
function makeBuffers() {
  let x = 0x2545_f491;
  return Array.from({ length: COUNT }, () => {
    const words = new Uint32Array(CHUNK / 4);
    for (let i = 0; i < words.length; i++) {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      words[i] = x;
    }
    return new Uint8Array(words.buffer);
  });
}
