/** The random generator: reproducible, unbiased, forked without disturbing. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';

function take(random: Random, n: number): number[] {
  return Array.from({ length: n }, () => random.next());
}

describe('the same seed gives the same numbers', () => {
  // These figures are part of the contract: a recorded run must play again with later versions.
  test.each<[string, number | string | Uint32Array, number[]]>([
    ['0', 0, [2302407389, 2239420009, 2109054593, 766038208]],
    ['a number', 42, [2193782709, 13159483, 1177761660, 2874214087]],
    ['a string', 'synwave', [1553700437, 55463476, 349630611, 157782962]],
    ['words', Uint32Array.of(1, 2, 3, 4), [2178170678, 179190993, 3150910415, 2264733555]],
  ])('%s', (_name, seed, numbers) => {
    expect(take(new Random(seed), 4)).toEqual(numbers);
  });

  test('seeds that differ, numbers that differ', () => {
    const seeds = [
      0,
      1,
      -1,
      2 ** 32,
      2 ** 32 + 1,
      '',
      '0',
      'a',
      'aa',
      'ab',
      'ba',
      Uint32Array.of(7),
      Uint32Array.of(7, 0),
    ];
    const firsts = seeds.map((seed) => take(new Random(seed), 4).join());
    expect(new Set(firsts).size).toBe(seeds.length);
  });
});

describe('fork', () => {
  test('depends on the seed and the name, not on what was drawn', () => {
    const random = new Random(5);
    const early = take(random.fork('cable'), 3);
    take(random, 100);
    expect(take(random.fork('cable'), 3)).toEqual(early);
    expect(take(random.fork('host'), 3)).not.toEqual(early);
    expect(take(new Random(6).fork('cable'), 3)).not.toEqual(early);
    expect(take(random.fork('cable').fork('cable'), 3)).not.toEqual(early);
  });

  test('leaves the stream where it is', () => {
    const forked = new Random(5);
    forked.fork('x');
    expect(take(forked, 3)).toEqual(take(new Random(5), 3));
  });
});

describe('distribution', () => {
  test('below: every number as often, within five standard deviations', () => {
    const random = new Random('below');
    for (const n of [2, 3, 7, 10]) {
      const draws = 20_000;
      const seen = new Array<number>(n).fill(0);
      for (let i = 0; i < draws; i++) {
        const r = random.below(n);
        seen[r] = (seen[r] as number) + 1;
      }
      const expected = draws / n;
      for (const count of seen) expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  test('below: the small half is not favoured where 2^32 is no multiple of n', () => {
    // 3 * 2^30: taking the remainder alone would give the lowest third twice as often as each of the others.
    const n = 3 * 2 ** 30;
    const random = new Random('bias');
    let low = 0;
    for (let i = 0; i < 9000; i++) if (random.below(n) < n / 3) low++;
    expect(Math.abs(low - 3000)).toBeLessThan(300);
  });

  test('below: its ends', () => {
    const random = new Random(1);
    expect(random.below(1)).toBe(0);
    expect(random.below(2 ** 32)).toBeLessThan(2 ** 32);
    for (const n of [0, -1, Number.NaN, 2 ** 32 + 1]) expect(() => random.below(n)).toThrow(RangeError);
  });

  test('chance: never, always, and as often as asked; one draw each', () => {
    const random = new Random('chance');
    let hits = 0;
    for (let i = 0; i < 10_000; i++) {
      expect(random.chance(0)).toBe(false);
      expect(random.chance(1)).toBe(true);
      if (random.chance(0.1)) hits++;
    }
    expect(Math.abs(hits - 1000)).toBeLessThan(150);
    const other = new Random('chance');
    take(other, 30_000);
    expect(random.next()).toBe(other.next());
  });

  test('fraction: within [0, 1), and below the 32nd bit as well', () => {
    const random = new Random('fraction');
    let total = 0;
    let fine = 0;
    for (let i = 0; i < 10_000; i++) {
      const f = random.fraction();
      expect(f >= 0 && f < 1).toBe(true);
      total += f;
      fine += (f * 2 ** 32) % 1;
    }
    expect(total / 10_000).toBeCloseTo(0.5, 1);
    expect(fine / 10_000).toBeCloseTo(0.5, 1);
  });

  test('each bit of next is set half of the time', () => {
    const random = new Random('bits');
    const set = new Array<number>(32).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const r = random.next();
      for (let bit = 0; bit < 32; bit++) set[bit] = (set[bit] as number) + ((r >>> bit) & 1);
    }
    for (const count of set) expect(Math.abs(count - 5000)).toBeLessThan(250);
  });
});

test('fill writes the numbers low octet first, and only within the array', () => {
  const around = new Uint8Array(12).fill(0xee);
  new Random(9).fill(around.subarray(2, 9));
  const random = new Random(9);
  const expected = new DataView(new ArrayBuffer(8));
  expected.setUint32(0, random.next(), true);
  expected.setUint32(4, random.next(), true);
  const octets = [...new Uint8Array(expected.buffer)].slice(0, 7);
  expect([...around]).toEqual([0xee, 0xee, ...octets, 0xee, 0xee, 0xee]);
});
