/** Ranges against a naive set of octets, from starting points where the arithmetic wraps. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Ranges } from '../../src/base/ranges.ts';
import { add, diff, type Seq, seq } from '../../src/base/seq.ts';

function spans(ranges: Ranges, base: Seq): [number, number][] {
  return Array.from({ length: ranges.count }, (_, i) => [diff(ranges.left(i), base), diff(ranges.right(i), base)]);
}

const zero = seq(0);

describe('Ranges.add', () => {
  test.each<[string, [number, number][], [number, number][]]>([
    [
      'apart',
      [
        [10, 20],
        [30, 40],
      ],
      [
        [10, 20],
        [30, 40],
      ],
    ],
    [
      'in front',
      [
        [30, 40],
        [10, 20],
      ],
      [
        [10, 20],
        [30, 40],
      ],
    ],
    [
      'touching on the right',
      [
        [10, 20],
        [20, 30],
      ],
      [[10, 30]],
    ],
    [
      'touching on the left',
      [
        [20, 30],
        [10, 20],
      ],
      [[10, 30]],
    ],
    [
      'into a gap that it fills',
      [
        [10, 20],
        [30, 40],
        [20, 30],
      ],
      [[10, 40]],
    ],
    [
      'over several',
      [
        [10, 20],
        [30, 40],
        [50, 60],
        [70, 80],
        [15, 55],
      ],
      [
        [10, 60],
        [70, 80],
      ],
    ],
    [
      'around several',
      [
        [10, 20],
        [30, 40],
        [5, 50],
      ],
      [[5, 50]],
    ],
    [
      'inside one',
      [
        [10, 40],
        [20, 30],
      ],
      [[10, 40]],
    ],
    [
      'the same again',
      [
        [10, 20],
        [10, 20],
      ],
      [[10, 20]],
    ],
    [
      'an empty one',
      [
        [10, 20],
        [15, 15],
        [50, 50],
      ],
      [[10, 20]],
    ],
  ])('%s', (_name, added, expected) => {
    const ranges = new Ranges(10);
    for (const [left, right] of added) expect(ranges.add(seq(left), seq(right))).toBe(true);
    expect(spans(ranges, zero)).toEqual(expected);
    expect(ranges.octets).toBe(expected.reduce((total, [left, right]) => total + right - left, 0));
  });

  test('one span too many is refused and changes nothing; one that joins is not', () => {
    const ranges = new Ranges(2);
    ranges.add(seq(10), seq(20));
    ranges.add(seq(30), seq(40));
    expect(ranges.add(seq(50), seq(60))).toBe(false);
    expect(ranges.add(seq(22), seq(28))).toBe(false);
    expect(spans(ranges, zero)).toEqual([
      [10, 20],
      [30, 40],
    ]);
    expect(ranges.octets).toBe(20);
    expect(ranges.add(seq(40), seq(50))).toBe(true);
    expect(ranges.add(seq(15), seq(35))).toBe(true);
    expect(spans(ranges, zero)).toEqual([[10, 50]]);
  });
});

describe('against a set of octets', () => {
  const SPACE = 120;
  type Step = { kind: 'add' | 'trim' | 'clear'; x: number; y: number };
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.oneof(
      { weight: 12, arbitrary: fc.constant('add' as const) },
      { weight: 3, arbitrary: fc.constant('trim' as const) },
      { weight: 1, arbitrary: fc.constant('clear' as const) },
    ),
    x: fc.nat({ max: SPACE - 1 }),
    y: fc.nat({ max: 12 }),
  });
  const base = fc.oneof(fc.constantFrom(-60, 0x7fff_ffff - 60, 0), fc.integer()).map(seq);

  /** The runs of a set of octets. */
  function runs(octets: boolean[]): [number, number][] {
    const found: [number, number][] = [];
    for (let i = 0; i <= octets.length; i++) {
      if (octets[i] === true && octets[i - 1] !== true) found.push([i, i]);
      const last = found.at(-1);
      if (octets[i] === true && last !== undefined) last[1] = i + 1;
    }
    return found;
  }

  test('any adds and trims', () => {
    fc.assert(
      fc.property(base, fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 60 }), (start, most, steps) => {
        const ranges = new Ranges(most);
        let octets = new Array<boolean>(SPACE + 12).fill(false);
        for (const { kind, x, y } of steps) {
          if (kind === 'add') {
            const after = octets.with(0, octets[0] as boolean).fill(true, x, x + y);
            const fits = runs(after).length <= most;
            expect(ranges.add(add(start, x), add(start, x + y))).toBe(fits);
            if (fits) octets = after;
          } else if (kind === 'trim') {
            ranges.trimBefore(add(start, x >> 1));
            octets.fill(false, 0, x >> 1);
          } else {
            ranges.clear();
            octets.fill(false);
          }
          const expected = runs(octets);
          expect(spans(ranges, start)).toEqual(expected);
          expect(ranges.octets).toBe(octets.filter(Boolean).length);
          const found = expected.findIndex(([, right]) => right > x);
          expect(ranges.find(add(start, x))).toBe(found < 0 ? expected.length : found);
          expect(ranges.covers(add(start, x), add(start, x + y))).toBe(octets.slice(x, x + y).every(Boolean));
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('a window that slides over very many spans stays exact', () => {
  const ranges = new Ranges(64);
  let left = seq(-1000);
  for (let i = 0; i < 10_000; i++) {
    expect(ranges.add(left, add(left, 1))).toBe(true);
    left = add(left, 2);
    if (ranges.count === 64) ranges.trimBefore(add(left, -100));
    expect(ranges.count).toBe(ranges.octets);
  }
  expect(ranges.right(ranges.count - 1)).toBe(add(left, -1));
});
