/** Each target of the fuzzer at length: a million inputs, and fewer where one input is a whole host's life. Needs a build. */
import { expect, test } from 'vitest';
import { fuzz, hosts, targets } from './fuzz.ts';

const RUNS = 1_000_000;

/** A host with connections is made, and comes to its end, for each input. */
const RUNS_OF_HOSTS = 30_000;

test.each(targets())('%s', async (name) => {
  const runs = hosts.includes(name) ? RUNS_OF_HOSTS : RUNS;
  const { status, out } = await fuzz('--target', name, '--runs', String(runs));
  expect(status, out).toBe(0);
});
