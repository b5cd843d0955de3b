/** SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash for ISNs (RFC 6528 §3) and cookies, in halves of 32 bits. */

/** Rounds for each block of 64 bits, and at the end. */
const ROUNDS = 2;
const LAST_ROUNDS = 4;

/** One key. BigInt would allocate for each step, so each 64-bit variable is a low and a high half. */
export class SipHash {
  /** The high 32 bits of the last hash, as int32. */
  high = 0;
  private readonly key: Int32Array;

  /** `key`: four words, the low half of the paper's k0 first, then its high half, then k1's. Copied. */
  constructor(key: Int32Array) {
    this.key = key.slice(0, 4);
  }

  /**
   * The hash of the first `count` words, each as four octets, the low one first. Answers its low 32 bits as int32 and
   * leaves the others in `high`. Allocates nothing.
   */
  hash(words: Int32Array, count: number): number {
    const { key } = this;
    const k0l = key[0] as number;
    const k0h = key[1] as number;
    const k1l = key[2] as number;
    const k1h = key[3] as number;
    let v0l = k0l ^ 0x70736575;
    let v0h = k0h ^ 0x736f6d65;
    let v1l = k1l ^ 0x6e646f6d;
    let v1h = k1h ^ 0x646f7261;
    let v2l = k0l ^ 0x6e657261;
    let v2h = k0h ^ 0x6c796765;
    let v3l = k1l ^ 0x79746573;
    let v3h = k1h ^ 0x74656462;
    // A pass for each block of two words; one for the closing block, which has what is left and the length; one to finish.
    const closing = count >> 1;
    for (let block = 0; block <= closing + 1; block++) {
      let ml = 0;
      let mh = 0;
      let rounds = ROUNDS;
      if (block < closing) {
        ml = words[2 * block] as number;
        mh = words[2 * block + 1] as number;
      } else if (block === closing) {
        if ((count & 1) === 1) ml = words[count - 1] as number;
        mh = (count * 4) << 24;
      } else {
        v2l ^= 0xff;
        rounds = LAST_ROUNDS;
      }
      v3l ^= ml;
      v3h ^= mh;
      for (let round = 0; round < rounds; round++) {
        let t = 0;
        // v0 += v1; v1 <<<= 13; v1 ^= v0; v0 <<<= 32
        v0l = (v0l + v1l) | 0;
        v0h = (v0h + v1h + (v0l >>> 0 < v1l >>> 0 ? 1 : 0)) | 0;
        t = (v1l << 13) | (v1h >>> 19);
        v1h = ((v1h << 13) | (v1l >>> 19)) ^ v0h;
        v1l = t ^ v0l;
        t = v0l;
        v0l = v0h;
        v0h = t;
        // v2 += v3; v3 <<<= 16; v3 ^= v2
        v2l = (v2l + v3l) | 0;
        v2h = (v2h + v3h + (v2l >>> 0 < v3l >>> 0 ? 1 : 0)) | 0;
        t = (v3l << 16) | (v3h >>> 16);
        v3h = ((v3h << 16) | (v3l >>> 16)) ^ v2h;
        v3l = t ^ v2l;
        // v0 += v3; v3 <<<= 21; v3 ^= v0
        v0l = (v0l + v3l) | 0;
        v0h = (v0h + v3h + (v0l >>> 0 < v3l >>> 0 ? 1 : 0)) | 0;
        t = (v3l << 21) | (v3h >>> 11);
        v3h = ((v3h << 21) | (v3l >>> 11)) ^ v0h;
        v3l = t ^ v0l;
        // v2 += v1; v1 <<<= 17; v1 ^= v2; v2 <<<= 32
        v2l = (v2l + v1l) | 0;
        v2h = (v2h + v1h + (v2l >>> 0 < v1l >>> 0 ? 1 : 0)) | 0;
        t = (v1l << 17) | (v1h >>> 15);
        v1h = ((v1h << 17) | (v1l >>> 15)) ^ v2h;
        v1l = t ^ v2l;
        t = v2l;
        v2l = v2h;
        v2h = t;
      }
      v0l ^= ml;
      v0h ^= mh;
    }
    this.high = v0h ^ v1h ^ v2h ^ v3h;
    return v0l ^ v1l ^ v2l ^ v3l;
  }
}
