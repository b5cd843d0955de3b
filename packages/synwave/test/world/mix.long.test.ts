/** The same for 200 more seeds. */
import { describe, expect, test } from 'vitest';
import { mix } from './mix.ts';

const seeds = Array.from({ length: 200 }, (_, i) => i + 1000);

describe('every way to end, over a bad cable', () => {
  test.each(seeds)('seed %i', async (seed) => {
    const { outcomes, wrong, left, memory } = await mix(seed);
    expect(wrong).toEqual([]);
    expect(left).toEqual([]);
    expect(memory).toBe(0);
    expect(outcomes.length).toBeGreaterThanOrEqual(8);
  });
});
