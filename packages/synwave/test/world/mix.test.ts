/** Small connections that open and end in every way, over a bad cable: none hangs, none is given up without a cause. */
import { describe, expect, test } from 'vitest';
import { mix } from './mix.ts';

const seeds = Array.from({ length: 40 }, (_, i) => i);

describe('every way to end, over a bad cable', () => {
  test.each(seeds)('seed %i', async (seed) => {
    const { outcomes, wrong, left, memory } = await mix(seed);
    expect(wrong).toEqual([]);
    expect(left).toEqual([]);
    expect(memory).toBe(0);
    expect(outcomes.length).toBeGreaterThanOrEqual(8);
  });
});
