/** Small connections that open and end in every way, over a bad cable: none hangs, none is given up without a cause. */
import { describe, expect, test } from 'vitest';
import { mix } from './mix.ts';

const seeds = Array.from({ length: 40 }, (_, i) => [i % 2 === 0 ? 4 : 6, i] as const);

describe('every way to end, over a bad cable', () => {
  test.each(seeds)('over IPv%i, seed %i', async (family, seed) => {
    const { outcomes, wrong, left, memory } = await mix(seed, family);
    expect(wrong).toEqual([]);
    expect(left).toEqual([]);
    expect(memory).toBe(0);
    expect(outcomes.length).toBeGreaterThanOrEqual(8);
  });
});
