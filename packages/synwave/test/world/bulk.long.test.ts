/** The same transfers, 16 MiB each way, for 50 seeds, every other one over IPv6. */
import { describe, expect, test } from 'vitest';
import { bulk } from './bulk.ts';

const seeds = Array.from({ length: 50 }, (_, i) => [i % 2 === 0 ? 4 : 6, i + 100] as const);

describe('16 MiB each way at once over a bad cable', () => {
  test.each(seeds)(
    'over IPv%i, seed %i',
    async (family, seed) => {
      expect(await bulk(seed, 16 * 1024 * 1024, family)).toMatchObject({ atServer: -1, atClient: -1, states: [] });
    },
    60_000,
  );
});
