/** Bulk transfers both ways at once over a bad cable, in virtual time. */
import { describe, expect, test } from 'vitest';
import type { Family } from '../../src/base/address.ts';
import { bulk } from './bulk.ts';

const MIB = 1024 * 1024;

describe('a file each way at once, through loss, reordering, duplication and corruption', () => {
  test.each<[Family, number]>(
    [1, 2, 3, 4].flatMap((seed) => [
      [4, seed],
      [6, seed + 4],
    ]),
  )('1 MiB over IPv%i, seed %i', async (family, seed) => {
    expect(await bulk(seed, MIB, family)).toMatchObject({ atServer: -1, atClient: -1, states: [] });
  });

  // Over IPv6 as much goes over in the long run.
  test('16 MiB over IPv4', async () => {
    expect(await bulk(8, 16 * MIB, 4)).toMatchObject({ atServer: -1, atClient: -1, states: [] });
  }, 60_000);
});
