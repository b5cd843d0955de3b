/** Each case runs on `node:dgram` and on `synwave/dgram`; both must see the same. The real one is the oracle. */
import nodeDgram from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Family } from '../../src/base/address.ts';
import ourDgram from '../../src/node/dgram.ts';
import { SIX } from '../net/diff/six.ts';
import { bindCases } from './cases-bind.ts';
import { connectCases } from './cases-connect.ts';
import { groupCases } from './cases-groups.ts';
import { sendCases } from './cases-send.ts';
import { spellingCases } from './cases-spelling.ts';
import { validationCases } from './cases-validation.ts';
import { type Case, type Dgram, Stage, type Trace } from './stage.ts';

/** How long a case may take, and how long its end is waited for, in milliseconds. */
const LIMIT = 2000;
const SETTLE = 20;

/** A case over a family, or by itself. */
interface Run {
  readonly name: string;
  readonly one: Case;
  /** Null: the case is run once. */
  readonly family: Family | null;
}

function runs(one: Case): readonly Run[] {
  if (one.once === true) return [{ name: one.name, one, family: null }];
  return ([4, 6] as const).map((family) => ({ name: `${one.name} [IPv${family}]`, one, family }));
}

async function record({ one, family }: Run, dgram: Dgram): Promise<Trace> {
  const on = new Stage(dgram, family);
  const stop = new AbortController();
  const limit = sleep(LIMIT, undefined, { signal: stop.signal }).then(
    () => on.note('case', 'did not end by itself'),
    () => {},
  );
  const run = (async () => one.run(dgram, on))().catch((error: unknown) => on.note('case', 'failed', error));
  await Promise.race([run, limit]);
  stop.abort();
  if (on.asked !== (family !== null)) on.note('case', 'is to be marked `once`, or not to be');
  await sleep(SETTLE);
  return on.finish();
}

describe.each<[string, readonly Case[]]>([
  ['bind and close', bindCases],
  ['send and receive', sendCases],
  ['connect', connectCases],
  ['groups and broadcast', groupCases],
  ['spelling', spellingCases],
  ['arguments', validationCases],
])('%s', (_group, cases) => {
  for (const run of cases.flatMap(runs)) {
    const skip = !SIX && (run.family === 6 || run.one.six === true);
    // Both traces are taken in real time: on a busy machine one may end before a late event. A true difference stays.
    test(run.name, { retry: 4, skip }, async () => {
      const theirs = await record(run, nodeDgram);
      // A case that fails or sees nothing on the real one says nothing about ours.
      expect(theirs).not.toHaveProperty('case');
      expect(Object.values(theirs).flat()).not.toHaveLength(0);
      expect(await record(run, ourDgram)).toStrictEqual(theirs);
    });
  }
});
