/** The Internet checksum against the definition of RFC 1071 §1, word by word. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold, sum } from '../../src/base/checksum.ts';
import { Frame } from '../../src/base/frame.ts';

/** 16-bit big-endian words, an odd last octet padded with zero, the carry added round the end after each. */
function defined(octets: ArrayLike<number>, initial = 0): number {
  let total = initial;
  for (let i = 0; i < octets.length; i += 2) {
    total += ((octets[i] as number) << 8) | (octets[i + 1] ?? 0);
    if (total > 0xffff) total -= 0xffff;
  }
  return total;
}

describe('sum (RFC 1071)', () => {
  test("the RFC's own example (§3): 00 01 f2 03 f4 f5 f6 f7 sums to ddf2", () => {
    const frame = Frame.from(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7));
    expect(sum(frame, 0, 8)).toBe(0xddf2);
  });

  test('any span, at any alignment, with any sum to begin with', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.nat({ max: 7 }),
        fc.nat({ max: 7 }),
        fc.nat({ max: 0xffff }),
        (octets, head, tail, initial) => {
          const frame = new Frame(head + octets.length + tail);
          frame.bytes.fill(0xa5);
          frame.bytes.set(octets, head);
          expect(sum(frame, head, head + octets.length, initial)).toBe(defined(octets, initial));
        },
      ),
    );
  });

  test('every alignment of the longest packet, all ones: no carry is lost', () => {
    const frame = new Frame(65_535 + 8);
    frame.bytes.fill(0xff);
    for (let at = 0; at < 8; at++) {
      for (const length of [65_532, 65_533, 65_534, 65_535]) {
        // An odd last octet is the word ff00, which alone is short of "all ones".
        expect(sum(frame, at, at + length)).toBe((length & 1) === 0 ? 0xffff : 0xff00);
      }
    }
  });

  test('a span that holds its own right checksum sums to ffff', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 60 }), fc.nat({ max: 3 }), (octets, head) => {
        const frame = Frame.from(octets, head);
        frame.view.setUint16(head + 2, 0);
        frame.view.setUint16(head + 2, ~sum(frame, head, frame.end) & 0xffff);
        expect(sum(frame, head, frame.end)).toBe(0xffff);
      }),
    );
  });

  test('an empty span adds nothing', () => {
    const frame = Frame.from(Uint8Array.of(1, 2, 3, 4));
    for (let at = 0; at <= 4; at++) expect(sum(frame, at, at, 0x1234)).toBe(0x1234);
  });
});

test.each<[number, number]>([
  [0, 0],
  [0xffff, 0xffff],
  [0x1_0000, 1],
  [0x1_ffff, 1],
  [0xffff_ffff, 0xffff],
  [0xffff_0001, 1],
])('fold(%i) is %i', (total, folded) => {
  expect(fold(total)).toBe(folded);
});
