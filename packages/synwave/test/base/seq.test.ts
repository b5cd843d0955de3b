/** Sequence arithmetic against BigInt, on both sides of the wrap. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { add, diff, ge, gt, later, le, lt, seq, unsigned } from '../../src/base/seq.ts';

const anySeq = fc.integer().map(seq);
/** What two numbers in one window may be apart: less than 2^31. */
const apart = fc.integer({ min: -0x7fff_ffff, max: 0x7fff_ffff });

describe('sequence numbers (RFC 9293 §3.4)', () => {
  test.each<[string, number, number, number]>([
    ['just before the wrap', 0xffff_ffff, 1, 0],
    ['across it', 0xffff_fff0, 0x20, 0x10],
    ['back across it', 0x10, -0x20, 0xffff_fff0],
    ['over the sign of int32', 0x7fff_ffff, 1, 0x8000_0000],
  ])('add: %s', (_name, from, n, to) => {
    expect(unsigned(add(seq(from), n))).toBe(to);
  });

  test('add is addition modulo 2^32', () => {
    fc.assert(
      fc.property(anySeq, fc.integer(), (a, n) => {
        expect(BigInt(unsigned(add(a, n)))).toBe(BigInt.asUintN(32, BigInt(a) + BigInt(n)));
      }),
    );
  });

  test('diff undoes add, and the comparisons say which side', () => {
    fc.assert(
      fc.property(anySeq, apart, (a, n) => {
        const b = add(a, n);
        expect(diff(b, a)).toBe(n);
        expect([lt(a, b), le(a, b), gt(a, b), ge(a, b)]).toEqual([0 < n, 0 <= n, 0 > n, 0 >= n]);
        expect(later(a, b)).toBe(n > 0 ? b : a);
      }),
    );
  });

  test('any number is taken modulo 2^32', () => {
    expect(seq(0x1_0000_0005)).toBe(5);
    expect(unsigned(seq(-1))).toBe(0xffff_ffff);
  });
});
