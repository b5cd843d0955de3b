/** Seeded random numbers: the one source of chance in the house, the same numbers in every engine for the same seed. */

const GOLDEN = 0x9e3779b9;
const TWO_32 = 0x1_0000_0000;

/** Where the four words of state begin before the seed is mixed in: any four that differ. */
const START: Int32Array = new Int32Array([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344]);

/** A bijection of 32 bits in which every input bit moves about half of the output's. */
function mix(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return h ^ (h >>> 15);
}

/**
 * A stream of random numbers: xoshiro128** (Blackman and Vigna), period 2^128 - 1. It is not for secrets: who sees enough
 * numbers knows the rest. Keys of hashes that a peer must not guess come from a stream that is seeded from real entropy
 * and drawn from for nothing else.
 */
export class Random {
  private readonly state: Int32Array = START.slice();
  /** The state as seeded, from which `fork` starts. */
  private readonly origin: Int32Array;

  /** `seed`: a whole number (modulo 2^64, a fraction is ignored), a string, or any number of words. */
  constructor(seed: number | string | Uint32Array) {
    if (typeof seed === 'number') {
      this.absorb(seed | 0);
      this.absorb(Math.floor(seed / TWO_32) | 0);
    } else if (typeof seed === 'string') {
      for (let i = 0; i < seed.length; i++) this.absorb(seed.charCodeAt(i));
    } else {
      for (let i = 0; i < seed.length; i++) this.absorb(seed[i] as number);
    }
    const { state } = this;
    // Nothing but zeros is the one state that xoshiro never leaves.
    if ((state[0] as number) === 0 && state[1] === 0 && state[2] === 0 && state[3] === 0) state[0] = GOLDEN;
    this.origin = state.slice();
  }

  /** The next 32 bits, 0 to 2^32 - 1. */
  next(): number {
    const { state } = this;
    const s1 = state[1] as number;
    const scaled = Math.imul(s1, 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9) >>> 0;
    const s2 = (state[2] as number) ^ (state[0] as number);
    const s3 = (state[3] as number) ^ s1;
    state[1] = s1 ^ s2;
    state[0] = (state[0] as number) ^ s3;
    state[2] = s2 ^ (s1 << 9);
    state[3] = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  /** A whole number from 0 to `n` - 1, each as likely. `n`: 1 to 2^32, else RangeError. */
  below(n: number): number {
    if (!(n >= 1 && n <= TWO_32)) throw new RangeError(`Random.below: ${n} is not within 1 to 2^32`);
    // Numbers of the last, incomplete round of `n` are drawn again: they would favour the small ones.
    const limit = TWO_32 - (TWO_32 % n);
    let r = this.next();
    while (r >= limit) r = this.next();
    return r % n;
  }

  /** True with probability `p`, to within 2^-32. Draws one number whatever `p` is, so that streams stay in step. */
  chance(p: number): boolean {
    return this.next() < p * TWO_32;
  }

  /** At least 0, below 1, with 53 random bits. */
  fraction(): number {
    const high = this.next() >>> 5;
    const low = this.next() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  }

  /**
   * A stream of its own. It depends on this one's seed and on `name` only, not on how much has been drawn: what one part
   * of a world draws does not change what another part sees. The same name gives the same stream again.
   */
  fork(name: string): Random {
    const seed = new Uint32Array(4 + name.length);
    seed.set(this.origin);
    for (let i = 0; i < name.length; i++) seed[4 + i] = name.charCodeAt(i);
    return new Random(seed);
  }

  /** Overwrites all of `bytes`; four octets take one number, its low octet first on every machine. */
  fill(bytes: Uint8Array): void {
    let r = 0;
    for (let i = 0; i < bytes.length; i++) {
      r = (i & 3) === 0 ? this.next() : r >>> 8;
      bytes[i] = r;
    }
  }

  /** Takes one word of seed into all four words of state. The golden ratio keeps a zero from standing still. */
  private absorb(word: number): void {
    const { state } = this;
    for (let i = 0; i < 4; i++) state[i] = mix((state[i] as number) ^ word) + GOLDEN;
  }
}
