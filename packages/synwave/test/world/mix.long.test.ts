/** The same for 200 more seeds. */
import { describe, expect, test } from 'vitest';
import { mix } from './mix.ts';

const seeds = Array.from({ length: 200 }, (_, i) => [i % 2 === 0 ? 4 : 6, i + 1000] as const);

describe('every way to end, over a bad cable', () => {
  test.each(seeds)('over IPv%i, seed %i', async (family, seed) => {
    const { outcomes, wrong, left, memory } = await mix(seed, family);
    expect(wrong).toEqual([]);
    expect(left).toEqual([]);
    expect(memory).toBe(0);
    expect(outcomes.length).toBeGreaterThanOrEqual(8);
  });
});
