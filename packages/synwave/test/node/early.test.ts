/** synwave/early: what a library took out of its module as it was loaded is seeded, where it was loaded afterwards. */
// oxlint-disable-next-line import/no-unassigned-import -- it is imported for what it does
import '../../src/node/early.ts';
import type crypto from 'node:crypto';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { world } from '../../src/node/sim.ts';

test('a function that was taken out of node:crypto draws from the world that runs, and from the platform outside', async () => {
  const { randomFillSync, randomUUID } = createRequire(import.meta.url)('node:crypto') as typeof crypto;
  const draw = (seed: number): Promise<string> =>
    world({ seed, randomness: true }).run(
      async () => `${randomFillSync(Buffer.alloc(8)).toString('hex')} ${randomUUID()} ${Math.random()}`,
    );
  expect(await draw(1)).toBe(await draw(1));
  expect(await draw(1)).not.toBe(await draw(2));
  expect(randomUUID()).not.toBe(randomUUID());
});
