/** No challenge is met by itself, and it can be met: what the reader is asked to do is done to a run of the scenario. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { parseFault } from '../../src/sim/fault-text.ts';
import { parseMatch } from '../../src/sim/match.ts';
import { parseDeed, parseScenario } from '../../src/sim/scenario/parse.ts';
import { play, type Run } from '../../src/sim/scenario/run.ts';
import type { Scenario } from '../../src/sim/scenario/scenario.ts';

/** At a time, somebody does something on a host. */
type Act = readonly [time: number, who: string, deed: Readonly<Record<string, unknown>>];

/** The first packet that is such, in a run without interventions, and what is to become of it. */
type Hit = readonly [packet: string, fault: string, after?: number];

const folder = new URL('../../scenarios/', import.meta.url);

const read = (id: string): Scenario => parseScenario(JSON.parse(readFileSync(new URL(`${id}.json`, folder), 'utf8')));

function goalReached(run: Run): boolean {
  return run.events.some((event) => run.scenario.challenge?.goal?.matches(event) === true);
}

/** Plays, and does each thing at its time. */
function acted(scenario: Scenario, acts: readonly Act[]): Run {
  const run = play(scenario);
  for (const [time, who, deed] of acts) {
    run.advance(time);
    run.act(who, parseDeed(deed));
  }
  run.finish();
  return run;
}

/** Plays again, with that done to the packet. */
function hit(scenario: Scenario, [packet, fault, after = 0]: Hit): Run {
  const before = play(scenario);
  before.finish();
  const matcher = parseMatch(packet);
  const found = before.packets.find((each) => each.sentAt >= after && matcher.matches(each));
  expect(found, packet).toBeDefined();
  const interventions = [{ type: 'packet', packet: found?.id ?? -1, fault: parseFault(fault) }] as const;
  const run = play(scenario, { interventions });
  run.finish();
  return run;
}

const byPackets: readonly (readonly [id: string, hit: Hit])[] = [
  ['loss', ['data again from client', 'drop']],
  ['window', ['ACK from server', 'drop', 6 * SECOND]],
  ['short-long', ['SYN from client', 'drop', 500 * MILLISECOND]],
  ['syn-flood', ['ACK from client', 'drop']],
  ['checksum-order', ['data again from client', 'corrupt']],
  ['tcp-udp', ['data again from client', 'drop']],
];

const byActs: readonly { readonly id: string; readonly acts: readonly Act[] }[] = [
  {
    id: 'congestion',
    acts: [
      [600 * MILLISECOND, 'client', { do: 'unplug' }],
      [2 * SECOND, 'client', { do: 'plug' }],
    ],
  },
  {
    id: 'two-way-stale',
    acts: [[10 * SECOND, 'server', { do: 'write', socket: 'listener-2', text: 'anybody there?' }]],
  },
  { id: 'two-way-deadlock', acts: [[5 * SECOND, 'client', { do: 'close', socket: 'c' }]] },
  { id: 'idle-reaper', acts: [[4 * SECOND, 'client', { do: 'write', socket: 'c5', text: 'ping' }]] },
  { id: 'sticky', acts: [[150 * MILLISECOND, 'server', { do: 'read', socket: 's', octets: 1024 }]] },
  { id: 'nagle', acts: [[90 * MILLISECOND, 'client', { do: 'set', socket: 'c', noDelay: true }]] },
  { id: 'socket-model', acts: [[50 * MILLISECOND, 'server', { do: 'close', socket: 'listener' }]] },
  { id: 'backlog', acts: [[5 * SECOND, 'server', { do: 'accept', as: 's1' }]] },
  {
    id: 'playground',
    acts: [
      [0, 'server', { do: 'listen' }],
      [0, 'server', { do: 'crash' }],
      [0, 'client', { do: 'connect', to: 'server' }],
    ],
  },
];

const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

test.each(files.map((name) => name.replace('.json', '')))('%s: the goal is not reached by itself', (id) => {
  const run = play(read(id));
  run.finish();
  expect(goalReached(run)).toBe(false);
});

test.each(byPackets)('%s: what is done to a packet reaches the goal', (id, what) => {
  expect(goalReached(hit(read(id), what))).toBe(true);
});

test.each(byActs)('$id: what is done on a host reaches the goal', ({ id, acts }) => {
  expect(goalReached(acted(read(id), acts))).toBe(true);
});
