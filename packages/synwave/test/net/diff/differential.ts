/** Runs each case on `node:net` and on `synwave/net` and asserts that both saw the same; the real one is the oracle. */
import nodeNet from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import type { Family } from '../../../src/base/address.ts';
import ourNet from '../../../src/node/net.ts';
import { type Case, type Run, runs } from './case.ts';
import { type Item, items } from './items.ts';
import { kernelSilence, ourSilence } from './silence.ts';
import { SIX } from './six.ts';
import { type Side, Stage, type Trace } from './stage.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** The items of the checklist that a case covers. */
    covers?: readonly Item[];
    /** The codes and events among them that the real one was seen to give. */
    saw?: readonly Item[];
    /** The family that the case was run over; null: it is run once. */
    family?: Family | null;
  }
}

/** How long a case may take, in milliseconds. */
const LIMIT = 2000;

/** How long the end of a case is waited for before its trace is closed: a FIN under way still reaches the other side. */
const SETTLE = 25;

/** The version of Node.js that runs this. */
const MAJOR = Number.parseInt(process.versions.node, 10);

const real: Side = { net: nodeNet, channels: '', silence: kernelSilence };

/** With NODE_ONLY in the environment the real one is compared with itself: what differs then is a case's own chance. */
const ours: Side =
  process.env['NODE_ONLY'] === undefined ? { net: ourNet, channels: 'synwave.', silence: ourSilence } : real;

/** Runs a case to its end, or to the limit; what it saw by then is the trace. */
async function record({ one, family }: Run, side: Side): Promise<Trace> {
  const on = new Stage(side, family);
  const stop = new AbortController();
  const limit = sleep(LIMIT, undefined, { signal: stop.signal }).then(
    () => on.note('case', 'did not end by itself'),
    () => {},
  );
  const run = (async () => one.run(side.net, on))().catch((error: unknown) => on.note('case', 'failed', error));
  await Promise.race([run, limit]);
  stop.abort();
  if (on.asked !== (family !== null)) on.note('case', 'is to be marked `once`, or not to be');
  await sleep(SETTLE);
  return on.finish();
}

/** The codes and events of the checklist that stand in a trace. */
function seen(trace: Trace): readonly Item[] {
  const text = JSON.stringify(trace);
  return items.filter((item) => text.includes(`"${item.replace(/^.* event: /, '')}"`));
}

/** One test for each case and family. */
export function differential(group: string, cases: readonly Case[]): void {
  describe(group, () => {
    for (const run of runs(cases)) {
      const { name, one, family } = run;
      test(name, {
        concurrent: one.alone !== true,
        // Both traces are taken in real time: on a busy machine one may end before a late event. A true difference stays.
        retry: 4,
        skip: MAJOR >= (one.until ?? Number.POSITIVE_INFINITY) || (!SIX && (family === 6 || one.six === true)),
      }, async ({ task, expect }) => {
        const theirs = await record(run, real);
        task.meta.covers = one.covers;
        task.meta.family = family;
        task.meta.saw = seen(theirs);
        // A case that fails or sees nothing on the real one says nothing about ours.
        expect(theirs).not.toHaveProperty('case');
        expect(Object.values(theirs).flat()).not.toHaveLength(0);
        expect(await record(run, ours)).toStrictEqual(theirs);
      });
    }
  });
}
