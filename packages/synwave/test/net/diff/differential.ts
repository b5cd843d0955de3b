/** Runs each case on `node:net` and on `synwave/net` and asserts that both saw the same; the real one is the oracle. */
import { existsSync } from 'node:fs';
import nodeNet from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import type { Case, Net } from './case.ts';
import type { Item } from './items.ts';
import { Stage, type Trace } from './stage.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** The items of the checklist that a case covers. */
    covers?: readonly Item[];
  }
}

/** How long a case may take, in milliseconds. */
const LIMIT = 2000;

const OURS = new URL('../../../src/node/net.ts', import.meta.url);
const ours: Net = existsSync(OURS) && !process.env['NODE_ONLY'] ? ((await import(/* @vite-ignore */ OURS.pathname)) as { default: Net }).default : nodeNet;
const prefix = ours === nodeNet ? '' : 'synwave.';

/** Runs a case to its end, or to the limit; what it saw by then is the trace. */
async function record(one: Case, net: Net, channels: string): Promise<Trace> {
  const on = new Stage(net, channels);
  const stop = new AbortController();
  const limit = sleep(LIMIT, undefined, { signal: stop.signal }).then(
    () => on.note('case', 'did not end by itself'),
    () => {},
  );
  const run = (async () => one.run(net, on))().catch((error: unknown) => on.note('case', 'failed', error));
  await Promise.race([run, limit]);
  stop.abort();
  return on.finish();
}

/** One test for each case. */
export function differential(group: string, cases: readonly Case[]): void {
  describe(group, () => {
    for (const one of cases) {
      const kind = one.alone === true ? test.sequential : test.concurrent;
      kind(one.name, async ({ task, expect }) => {
        task.meta.covers = one.covers;
        const theirs = await record(one, nodeNet, '');
        // A case that fails or sees nothing on the real one says nothing about ours.
        expect(theirs['case']).toBeUndefined();
        expect(Object.values(theirs).flat()).not.toHaveLength(0);
        expect(await record(one, ours, prefix)).toStrictEqual(theirs);
      });
    }
  });
}
