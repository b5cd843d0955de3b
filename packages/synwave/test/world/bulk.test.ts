/** Bulk transfers both ways at once over a bad cable, in virtual time. */
import { describe, expect, test } from 'vitest';
import { bulk } from './bulk.ts';

const MIB = 1024 * 1024;

describe('a file each way at once, through loss, reordering, duplication and corruption', () => {
  test.each([1, 2, 3, 4, 5])('1 MiB over IPv4, seed %i', async (seed) => {
    expect(await bulk(seed, MIB)).toMatchObject({ atServer: -1, atClient: -1, states: [] });
  });

  test.each([6, 7])('1 MiB over IPv6, seed %i', async (seed) => {
    expect(await bulk(seed, MIB, 6)).toMatchObject({ atServer: -1, atClient: -1, states: [] });
  });

  test('16 MiB', async () => {
    expect(await bulk(8, 16 * MIB)).toMatchObject({ atServer: -1, atClient: -1, states: [] });
  }, 60_000);
});
