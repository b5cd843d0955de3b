/** The same transfers, 16 MiB each way, for 50 seeds. */
import { describe, expect, test } from 'vitest';
import { bulk } from './bulk.ts';

const seeds = Array.from({ length: 50 }, (_, i) => i + 100);

describe('16 MiB each way at once over a bad cable', () => {
  test.each(seeds)(
    'seed %i',
    async (seed) => {
      const family = seed % 2 === 0 ? 4 : 6;
      expect(await bulk(seed, 16 * 1024 * 1024, family)).toMatchObject({ atServer: -1, atClient: -1, states: [] });
    },
    60_000,
  );
});
