/** Scenarios 1 to 15 against RFC 9293: the segments of its figures, the path of states of either host, and the challenges. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../src/sim/scenario/parse.ts';
import { play, type Run } from '../../src/sim/scenario/run.ts';
import { ACK, FIN, RST, SYN } from '../../src/wire/segment.ts';

type Json = Record<string, unknown>;

function read(id: string): Json {
  return JSON.parse(readFileSync(new URL(`../../scenarios/${id}.json`, import.meta.url), 'utf8')) as Json;
}

/** Plays `id`, or its variant: `why-not-two/closed`; with `more` faults and script, as a reader would bring them about. */
function run(id: string, more: { readonly faults?: readonly Json[]; readonly script?: readonly Json[] } = {}): Run {
  const [name = '', variant = null] = id.split('/');
  const file = read(name);
  const both = (key: 'faults' | 'script'): unknown[] => [...((file[key] as unknown[]) ?? []), ...(more[key] ?? [])];
  const made = play(parseScenario({ ...file, faults: both('faults'), script: both('script') }), { variant });
  made.finish();
  return made;
}

const flagNames: readonly (readonly [number, string])[] = [
  [SYN, 'SYN'],
  [FIN, 'FIN'],
  [RST, 'RST'],
  [ACK, 'ACK'],
];

/** Initial numbers of the client are x, x', of the server y, y', in the order of their SYNs. */
function segments(made: Run): string[] {
  const initial: { readonly of: string; readonly name: string; readonly seq: number }[] = [];
  for (const { from, segment } of made.packets) {
    if (segment === null || (segment.flags & SYN) === 0) continue;
    const mine = initial.filter(({ of }) => of === from);
    if (mine.some(({ seq }) => seq === segment.seq)) continue;
    initial.push({ of: from, name: (from === 'client' ? 'x' : 'y') + "'".repeat(mine.length), seq: segment.seq });
  }
  const told = (of: string, seq: number): string => {
    const base = initial.find((each) => each.of === of && (seq - each.seq) >>> 0 < 10_000);
    if (base === undefined) return `${seq}`;
    return seq === base.seq ? base.name : `${base.name}+${(seq - base.seq) >>> 0}`;
  };
  return made.packets.map(({ from, to, segment }) => {
    if (segment === null) return `${from} other`;
    const flags = flagNames.filter(([bit]) => (segment.flags & bit) !== 0).map(([, name]) => name);
    const ack = (segment.flags & ACK) === 0 ? '' : ` ack=${told(to, segment.ack)}`;
    const length = segment.length === 0 ? '' : ` of ${segment.length}`;
    return `${from === 'client' ? 'A' : 'B'} ${flags.join(',')} seq=${told(from, segment.seq)}${ack}${length}`;
  });
}

/** From the first FIN on. */
function closing(made: Run): string[] {
  const all = segments(made);
  return all.slice(all.findIndex((line) => line.includes('FIN')));
}

const handshake = ['A SYN seq=x', 'B SYN,ACK seq=y ack=x+1', 'A ACK seq=x+1 ack=y+1'];

describe('the segments of RFC 9293', () => {
  test('figure 6: the three-way handshake, and data with the numbers of the third segment', () => {
    expect(segments(run('handshake'))).toEqual([...handshake, 'A ACK seq=x+1 ack=y+1 of 5', 'B ACK seq=y+1 ack=x+6']);
  });

  test('figure 7: simultaneous open', () => {
    expect(segments(run('sim-open'))).toEqual([
      'A SYN seq=x',
      'B SYN seq=y',
      'B SYN,ACK seq=y ack=x+1',
      'A SYN,ACK seq=x ack=y+1',
    ]);
  });

  test('figure 8: recovery from an old duplicate SYN', () => {
    expect(segments(run('why-not-two'))).toEqual([
      'A SYN seq=x',
      "A SYN seq=x'",
      'B SYN,ACK seq=y ack=x+1',
      'A RST seq=x+1',
      "B SYN,ACK seq=y' ack=x'+1",
      "A ACK seq=x'+1 ack=y'+1",
    ]);
  });

  test('an old SYN in ESTABLISHED: a challenge ACK (RFC 5961 §4.2); for a client that is CLOSED: RST', () => {
    expect(segments(run('why-not-two/established')).slice(2)).toEqual([
      "B SYN,ACK seq=y ack=x'+1",
      "A ACK seq=x'+1 ack=y+1",
      "B ACK seq=y+1 ack=x'+1",
    ]);
    expect(segments(run('why-not-two/closed'))).toEqual(['A SYN seq=x', 'B SYN,ACK seq=y ack=x+1', 'A RST seq=x+1']);
  });

  test('§3.10.7.1: a port without a listener', () => {
    expect(segments(run('refused'))).toEqual(['A SYN seq=x', 'B RST,ACK seq=0 ack=x+1']);
  });

  test('figure 9: a half-open connection is discovered by a SYN', () => {
    expect(segments(run('half-open/reopen')).slice(5)).toEqual([
      "A SYN seq=x'",
      'B ACK seq=y+1 ack=x+101',
      'A RST seq=x+101',
      "A SYN seq=x'",
      "B SYN,ACK seq=y' ack=x'+1",
      "A ACK seq=x'+1 ack=y'+1",
    ]);
  });

  test('figure 10: a half-open connection is discovered by data', () => {
    expect(segments(run('half-open')).slice(5)).toEqual(['B ACK seq=y+1 ack=x+101 of 10', 'A RST seq=x+101']);
  });

  test('figure 12: the close, with data in CLOSE-WAIT', () => {
    expect(closing(run('close-four'))).toEqual([
      'A FIN,ACK seq=x+101 ack=y+1',
      'B ACK seq=y+1 ack=x+102',
      'B ACK seq=y+1 ack=x+102 of 300',
      'A ACK seq=x+102 ack=y+301',
      'B FIN,ACK seq=y+301 ack=x+102',
      'A ACK seq=x+102 ack=y+302',
    ]);
  });

  test('the close in three segments, and in four', () => {
    const [fin, both, last] = ['A FIN,ACK seq=x+1 ack=y+1', 'B FIN,ACK seq=y+1 ack=x+2', 'A ACK seq=x+2 ack=y+2'];
    expect(closing(run('close-three'))).toEqual([fin, both, last]);
    expect(closing(run('close-three/busy'))).toEqual([fin, 'B ACK seq=y+1 ack=x+2', both, last]);
  });

  test('figure 13: simultaneous close', () => {
    expect(closing(run('sim-close'))).toEqual([
      'A FIN,ACK seq=x+1 ack=y+1',
      'B FIN,ACK seq=y+1 ack=x+1',
      'B ACK seq=y+2 ack=x+2',
      'A ACK seq=x+2 ack=y+2',
    ]);
  });

  test('§3.8.4: keep-alive probes have SEG.SEQ = SND.NXT-1 and no text', () => {
    const probes = segments(run('keepalive')).slice(5);
    expect(probes).toEqual(Array.from({ length: 10 }, () => 'B ACK seq=y ack=x+101'));
  });
});

/** The states that a host enters, in order, of all of its connections. */
function path(made: Run, host: string): string {
  const moves = made.events.flatMap((event) => (event.type === 'state' && event.host === host ? [event.to] : []));
  return moves.join(' ');
}

const OPEN = { client: 'SYN-SENT ESTABLISHED', server: 'SYN-RECEIVED ESTABLISHED' } as const;
const ACTIVE = 'FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED';
const PASSIVE = 'CLOSE-WAIT LAST-ACK CLOSED';
const BOTH = 'FIN-WAIT-1 CLOSING TIME-WAIT CLOSED';

describe('the paths through figure 5', () => {
  test.each<[string, string, string]>([
    // scenario, client, server
    ['handshake', OPEN.client, OPEN.server],
    ['why-not-two', `SYN-SENT CLOSED ${OPEN.client}`, `SYN-RECEIVED LISTEN ${OPEN.server}`],
    ['why-not-two/established', `SYN-SENT CLOSED ${OPEN.client}`, OPEN.server],
    ['why-not-two/closed', 'SYN-SENT CLOSED', 'SYN-RECEIVED LISTEN'],
    ['syn-lost', OPEN.client, OPEN.server],
    ['syn-lost/give-up', 'SYN-SENT CLOSED', ''],
    ['synack-lost', OPEN.client, OPEN.server],
    ['refused', 'SYN-SENT CLOSED', ''],
    ['refused/filtered', 'SYN-SENT CLOSED', ''],
    ['third-ack-lost', OPEN.client, OPEN.server],
    ['third-ack-lost/silent', OPEN.client, OPEN.server],
    ['sim-open', 'SYN-SENT SYN-RECEIVED ESTABLISHED', 'SYN-SENT SYN-RECEIVED ESTABLISHED'],
    ['sim-open/late', 'SYN-SENT CLOSED', 'SYN-SENT CLOSED'],
    ['close-four', `${OPEN.client} ${ACTIVE}`, `${OPEN.server} ${PASSIVE}`],
    ['close-four/server-first', `${OPEN.client} ${PASSIVE}`, `${OPEN.server} ${ACTIVE}`],
    ['close-three', `${OPEN.client} ${ACTIVE}`, `${OPEN.server} ${PASSIVE}`],
    ['close-three/busy', `${OPEN.client} ${ACTIVE}`, `${OPEN.server} ${PASSIVE}`],
    ['sim-close', `${OPEN.client} ${BOTH}`, `${OPEN.server} ${BOTH}`],
    ['last-ack-lost', `${OPEN.client} ${ACTIVE}`, `${OPEN.server} ${PASSIVE}`],
    ['last-ack-lost/no-time-wait', `${OPEN.client} ${ACTIVE}`, `${OPEN.server} ${PASSIVE}`],
    ['time-wait-syn', `${OPEN.client} ${PASSIVE} ${OPEN.client}`, `${OPEN.server} ${ACTIVE} ${OPEN.server}`],
    ['time-wait-syn/old-syn', `${OPEN.client} ${PASSIVE}`, `${OPEN.server} ${ACTIVE}`],
    ['time-wait-syn/sequence', `${OPEN.client} ${PASSIVE} ${OPEN.client}`, `${OPEN.server} ${ACTIVE} ${OPEN.server}`],
    ['half-open', OPEN.client, `${OPEN.server} CLOSED`],
    ['half-open/reopen', `${OPEN.client} ${OPEN.client}`, `${OPEN.server} CLOSED ${OPEN.server}`],
    ['keepalive', OPEN.client, `${OPEN.server} CLOSED`],
    ['keepalive/process-exit', `${OPEN.client} ${ACTIVE}`, `${OPEN.server} ${PASSIVE}`],
    ['keepalive/process-abort', `${OPEN.client} CLOSED`, `${OPEN.server} CLOSED`],
    ['keepalive/reboot', OPEN.client, `${OPEN.server} CLOSED`],
    ['keepalive/alive', OPEN.client, OPEN.server],
    ['keepalive/off', OPEN.client, OPEN.server],
  ])('%s', (id, client, server) => {
    const made = run(id);
    expect({ client: path(made, 'client'), server: path(made, 'server') }).toEqual({ client, server });
  });

  test('close-wait: two connections are never closed by the server', () => {
    const states = run('close-wait')
      .view()
      .find(({ name }) => name === 'server')
      ?.connections.map(({ info }) => info.state);
    expect(states).toEqual(['CLOSE-WAIT', 'CLOSE-WAIT']);
  });

  test('own-port: the four-tuple is held in TIME-WAIT', () => {
    const failed = run('time-wait-syn/own-port').events.flatMap((event) =>
      event.type === 'return' && event.failed ? [event.result] : [],
    );
    expect(failed).toEqual(['EADDRINUSE']);
  });
});

/** One way to do what each challenge asks for. */
const solutions: readonly (readonly [
  string,
  { readonly faults?: readonly Json[]; readonly script?: readonly Json[] },
])[] = [
  [
    'handshake',
    {
      faults: [
        { match: 'first ACK from client', do: 'drop' },
        { match: 'every data from client', do: 'drop' },
      ],
    },
  ],
  ['why-not-two', { faults: [{ match: 'first RST from client', do: 'delay 200 ms' }] }],
  ['syn-lost', { faults: [{ match: 'every SYN from client', do: 'drop' }] }],
  ['synack-lost', { script: [{ on: 'server enters SYN-RECEIVED', who: 'client', do: 'unplug' }] }],
  ['refused', { faults: [{ match: 'every RST from server', do: 'drop' }] }],
  [
    'third-ack-lost',
    {
      script: [
        { on: 'client returns from connect', who: 'client', do: 'unplug' },
        { on: 'server deletes TCB', who: 'client', do: 'plug' },
      ],
    },
  ],
  ['sim-open', { faults: [{ match: 'first SYN,ACK from server', do: 'drop' }] }],
  ['close-four', { faults: [{ match: 'third ACK from client', do: 'drop' }] }],
  ['close-three', { script: [{ at: '160 ms', who: 'server', do: 'close', socket: 'listener-1' }] }],
  ['sim-close', { faults: [{ match: 'first FIN from server', do: 'delay 100 ms' }] }],
  [
    'last-ack-lost',
    {
      script: [
        { on: 'client enters TIME-WAIT', after: '100 ms', who: 'client', do: 'crash' },
        { on: 'client crashes', after: '100 ms', who: 'client', do: 'boot' },
      ],
    },
  ],
  ['close-wait', { script: [{ at: '10 s', who: 'server', do: 'close', socket: 'listener-1' }] }],
  ['time-wait-syn', { faults: [{ match: 'second SYN from client', do: 'drop' }] }],
  ['half-open', { faults: [{ match: 'every RST from client', do: 'drop' }] }],
  ['keepalive', { script: [{ on: 'ACK from server is lost', who: 'client', do: 'boot' }] }],
];

describe('challenges', () => {
  const met = (made: Run): boolean =>
    made.events.some((event) => made.scenario.challenge?.goal?.matches(event) === true);

  test.each(solutions)('%s: the goal is not met by itself, and can be met', (id, more) => {
    expect(met(run(id))).toBe(false);
    expect(met(run(id, more))).toBe(true);
  });
});
