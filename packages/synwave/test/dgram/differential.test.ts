/** Each case runs on `node:dgram` and on `synwave/dgram`; both must see the same. The real one is the oracle. */
import nodeDgram from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import ourDgram from '../../src/node/dgram.ts';
import { bindCases } from './cases-bind.ts';
import { connectCases } from './cases-connect.ts';
import { sendCases } from './cases-send.ts';
import { validationCases } from './cases-validation.ts';
import { type Case, type Dgram, Stage, type Trace } from './stage.ts';

/** How long a case may take, and how long its end is waited for, in milliseconds. */
const LIMIT = 2000;
const SETTLE = 20;

async function record(one: Case, dgram: Dgram): Promise<Trace> {
  const on = new Stage(dgram);
  const stop = new AbortController();
  const limit = sleep(LIMIT, undefined, { signal: stop.signal }).then(
    () => on.note('case', 'did not end by itself'),
    () => {},
  );
  const run = (async () => one.run(dgram, on))().catch((error: unknown) => on.note('case', 'failed', error));
  await Promise.race([run, limit]);
  stop.abort();
  await sleep(SETTLE);
  return on.finish();
}

describe.each<[string, readonly Case[]]>([
  ['bind and close', bindCases],
  ['send and receive', sendCases],
  ['connect', connectCases],
  ['arguments', validationCases],
])('%s', (_group, cases) => {
  // Both traces are taken in real time: on a busy machine one may end before a late event. A true difference stays.
  test.each(cases)('$name', { retry: 2 }, async (one) => {
    const theirs = await record(one, nodeDgram);
    // A case that fails or sees nothing on the real one says nothing about ours.
    expect(theirs).not.toHaveProperty('case');
    expect(Object.values(theirs).flat()).not.toHaveLength(0);
    expect(await record(one, ourDgram)).toStrictEqual(theirs);
  });
});
