/** SipHash-2-4 against an implementation in BigInt, which itself is held against the published vectors. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SipHash } from '../../src/base/siphash.ts';

const u64 = (n: bigint): bigint => BigInt.asUintN(64, n);
const rotate = (n: bigint, bits: bigint): bigint => u64(n << bits) | (n >> (64n - bits));
const little = (octets: ArrayLike<number>): bigint =>
  Array.from(octets).reduceRight((n, octet) => (n << 8n) | BigInt(octet), 0n);

/** The paper's §2, to the letter. */
function model(key: Uint8Array, message: Uint8Array): bigint {
  const k0 = little(key.subarray(0, 8));
  const k1 = little(key.subarray(8, 16));
  let v0 = k0 ^ 0x736f6d6570736575n;
  let v1 = k1 ^ 0x646f72616e646f6dn;
  let v2 = k0 ^ 0x6c7967656e657261n;
  let v3 = k1 ^ 0x7465646279746573n;
  const round = (): void => {
    v0 = u64(v0 + v1);
    v2 = u64(v2 + v3);
    v1 = rotate(v1, 13n) ^ v0;
    v3 = rotate(v3, 16n) ^ v2;
    v0 = rotate(v0, 32n);
    v2 = u64(v2 + v1);
    v0 = u64(v0 + v3);
    v1 = rotate(v1, 17n) ^ v2;
    v3 = rotate(v3, 21n) ^ v0;
    v2 = rotate(v2, 32n);
  };
  const padded = new Uint8Array((message.length & ~7) + 8);
  padded.set(message);
  padded[padded.length - 1] = message.length;
  for (let i = 0; i < padded.length; i += 8) {
    const m = little(padded.subarray(i, i + 8));
    v3 ^= m;
    round();
    round();
    v0 ^= m;
  }
  v2 ^= 0xffn;
  for (let i = 0; i < 4; i++) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

/** The same by the class under test: `message` a multiple of 4 octets. */
function hash(key: Uint8Array, message: Uint8Array): bigint {
  const words = (octets: Uint8Array): Int32Array => {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    return Int32Array.from({ length: octets.length / 4 }, (_, i) => view.getInt32(4 * i, true));
  };
  const sip = new SipHash(words(key));
  const low = sip.hash(words(message), message.length / 4);
  return (BigInt(sip.high >>> 0) << 32n) | BigInt(low >>> 0);
}

const counting = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => i);

describe('SipHash-2-4', () => {
  test("the model gives the paper's own result (Appendix A)", () => {
    expect(model(counting(16), counting(15))).toBe(0xa129ca6149be45e5n);
  });

  // The key is 00 01 ... 0f, the message 00 01 ... of that many octets.
  test.each<[number, bigint]>([
    [0, 0x726fdb47dd0e0e31n],
    [8, 0x93f5f5799a932462n],
  ])('the reference vector for %i octets', (length, expected) => {
    expect(model(counting(16), counting(length))).toBe(expected);
    expect(hash(counting(16), counting(length))).toBe(expected);
  });

  test('all whole words up to 64 octets of the reference message', () => {
    for (let n = 0; n <= 64; n += 4) expect(hash(counting(16), counting(n))).toBe(model(counting(16), counting(n)));
  });

  test('any key, any words', () => {
    const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(
        octets(16),
        fc.nat({ max: 12 }).chain((n) => octets(4 * n)),
        (key, message) => {
          expect(hash(key, message)).toBe(model(key, message));
        },
      ),
    );
  });

  test('words past the count, and a key changed afterwards, do not matter', () => {
    const key = Int32Array.of(1, 2, 3, 4);
    const sip = new SipHash(key);
    const before = sip.hash(Int32Array.of(5, 6, 7, 8), 3);
    key.fill(0);
    expect(sip.hash(Int32Array.of(5, 6, 7, 9), 3)).toBe(before);
    expect(sip.hash(Int32Array.of(5, 6, 7), 2)).not.toBe(before);
  });
});
