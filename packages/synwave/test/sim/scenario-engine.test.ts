/** The engine of scenarios: what a file may say, what each deed, app and pattern does, and what a viewer may do to a run. */
import { describe, expect, test } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { parseFault } from '../../src/sim/fault-text.ts';
import { parseMatch } from '../../src/sim/match.ts';
import { parseDeed, parseScenario } from '../../src/sim/scenario/parse.ts';
import { parsePattern } from '../../src/sim/scenario/pattern.ts';
import { ScenarioError } from '../../src/sim/scenario/reader.ts';
import { type Intervention, type PlayOptions, play, type Run } from '../../src/sim/scenario/run.ts';
import type { Deed } from '../../src/sim/scenario/scenario.ts';
import { parsePercent, parseRate, parseSpan, spanText } from '../../src/sim/scenario/units.ts';

type Part = Readonly<Record<string, unknown>>;

const words = { zh: '题', en: 'title' };
const two = [{ name: 'client' }, { name: 'server' }];
const cable = [{ between: ['client', 'server'], delay: '20 ms' }];

const file = (part: Part): Part => ({ id: 'test', title: words, summary: words, hosts: two, links: cable, ...part });

/** Plays to its end a scenario that says this. */
function played(part: Part, options: PlayOptions = {}): Run {
  const run = play(parseScenario(file(part)), options);
  run.finish();
  return run;
}

/** How often an event came. */
function count(run: Run, pattern: string): number {
  const wanted = parsePattern(pattern);
  return run.events.filter((event) => wanted.matches(event)).length;
}

const deed = (part: Part): Deed => parseDeed(part);

/** Everything that happened, as one text. */
function story(run: Run): string {
  return JSON.stringify(run.events, (_key, value: unknown) => (value instanceof Uint8Array ? [...value] : value));
}

const listen = (app?: unknown): Part => ({ who: 'server', do: 'listen', ...(app === undefined ? {} : { app }) });
const connect = (part: Part = {}): Part => ({
  at: '10 ms',
  who: 'client',
  do: 'connect',
  to: 'server',
  as: 'c',
  ...part,
});
const client = (at: string, part: Part): Part => ({ at, who: 'client', socket: 'c', ...part });
const server = (at: string, part: Part): Part => ({ at, who: 'server', socket: 's', ...part });

describe('what makes no sense is told with its place', () => {
  const step = { on: 'client sends SYN', what: words, why: words };
  test.each<[string, unknown, string]>([
    ['no object', [], 'scenario: expected an object, found []'],
    ['no id', file({ id: undefined }), 'id: is missing: expected a text'],
    ['id', file({ id: 'A b' }), 'id: expected small letters, digits and dashes'],
    ['a name that nobody knows', file({ colour: 'red' }), 'colour: nobody knows this name; there are id, '],
    ['words in one language', file({ title: { zh: '题' } }), 'title.en: is missing: expected a text'],
    ['seed', file({ seed: true }), 'seed: expected a number or a text'],
    ['profile', file({ profile: 'bsd' }), 'profile: expected rfc, linux, found "bsd"'],
    ['setting', file({ config: { mtu: 1 } }), 'config.mtu: TcpConfig has no such setting'],
    ['type of a setting', file({ config: { msl: '1 day' } }), 'config.msl: expected a number, or a time as 40 ms'],
    ['flag of a setting', file({ config: { sack: 1 } }), 'config.sack: expected a boolean'],
    ['no hosts', file({ hosts: [] }), 'hosts: expected at least one host'],
    ['hosts, no list', file({ hosts: 'two' }), 'hosts: expected a list, found "two"'],
    [
      'three ends',
      file({ links: [{ between: ['a', 'b', 'c'] }] }),
      'links[0].between: expected the names of two hosts',
    ],
    ['an end that is no text', file({ links: [{ between: [1, 2] }] }), 'links[0].between[0]: expected a text, found 1'],
    ['a link to nobody', file({ links: [{ between: ['client', 'x'] }] }), 'links[0].between: there is no host x'],
    ['time', file({ links: [{ ...cable[0], delay: 20 }] }), 'links[0].delay: expected a time, as 40 ms, found 20'],
    ['share', file({ links: [{ ...cable[0], loss: '200%' }] }), 'links[0].loss: expected a share, as 2%'],
    ['rate', file({ links: [{ ...cable[0], rate: '1 MB/s' }] }), 'links[0].rate: expected a rate, as 10 Mbit/s'],
    ['number', file({ links: [{ ...cable[0], queue: -1 }] }), 'links[0].queue: expected a number from 0, found -1'],
    [
      'who',
      file({ script: [{ who: 'x', do: 'crash' }] }),
      'script[0].who: there is no host x; there are client, server',
    ],
    ['deed', file({ script: [{ who: 'client', do: 'sing' }] }), 'script[0].do: expected listen, accept, connect'],
    ['to', file({ script: [connect({ to: 'x' })] }), 'script[0].to: there is no host x'],
    [
      'a victim',
      file({ script: [{ who: 'server', do: 'answer-for', host: 'x' }] }),
      'script[0].host: there is no host x',
    ],
    [
      'a trigger',
      file({ script: [{ on: 'client sings', who: 'client', do: 'crash' }] }),
      'script[0].on: expected a host',
    ],
    ['a write of nothing', file({ script: [client('0', { do: 'write' })] }), 'script[0].octets: is missing'],
    ['a flag', file({ script: [client('0', { do: 'set', noDelay: 1 })] }), 'script[0].noDelay: expected true or false'],
    ['an app', file({ script: [listen({ name: 'echo', x: [] })] }), 'script[0].app.x: expected a text, a number'],
    [
      'fault',
      file({ faults: [{ match: 'SYN', do: 'lose' }] }),
      'faults[0].do: column 1: expected drop, duplicate, corrupt',
    ],
    ['packet', file({ faults: [{ match: 'sin', do: 'drop' }] }), 'faults[0].match: column 1: expected SYN,ACK, SYN'],
    ['step', file({ steps: [{ ...step, on: 'x' }] }), 'steps[0].on: expected a host'],
    ['nth', file({ steps: [{ ...step, nth: 0 }] }), 'steps[0].nth: expected a whole number from 1'],
    ['never', file({ never: [5] }), 'never[0]: expected a text, found 5'],
    [
      'before',
      file({ steps: [step], predict: [{ before: 2, question: words, answers: [words], right: 0, because: words }] }),
      'predict[0].before: there are steps 1 to 1',
    ],
    [
      'right',
      file({ steps: [step], predict: [{ before: 1, question: words, answers: [words], right: 1, because: words }] }),
      'predict[0].right: there are answers 0 to 0',
    ],
    ['goal', file({ challenge: { task: words, goal: 'x' } }), 'challenge.goal: expected a host'],
    ['variant', file({ variants: [{ id: 'v', title: words, until: 'noon' }] }), 'variants[0].until: expected a time'],
  ])('%s', (_name, value, message) => {
    expect(() => parseScenario(value)).toThrow(ScenarioError);
    expect(() => parseScenario(value)).toThrow(message);
  });

  test('an app that there is not, a setting that it lacks, one of the wrong kind', () => {
    expect(() => played({ script: [listen('sing')] })).toThrow(
      'there is no app sing; there are read, echo, chat, file',
    );
    expect(() => played({ script: [listen({ name: 'echo', loud: true })] })).toThrow('app echo has no setting loud');
    expect(() => played({ script: [listen({ name: 'read', after: 5 })] })).toThrow(
      'setting after of app read is not a time, as 40 ms',
    );
  });

  test('a socket that is not there', () => {
    expect(() => played({ script: [client('0', { do: 'close' })] })).toThrow('client has no socket c');
    expect(() => play(parseScenario(file({})), { variant: 'x' })).toThrow(
      'scenario test has no variant x; it has: none',
    );
  });

  test('never, and a step that does not come', () => {
    const told = { what: words, why: words };
    const lost = { script: [listen(), connect()], faults: [{ match: 'first ACK', do: 'drop' }] };
    expect(played({ ...lost, never: ['ACK is lost'] }).verdict().problem).toMatch(
      /^"ACK is lost" must not happen, and did/,
    );
    const run = played({
      ...lost,
      steps: [
        { ...told, on: 'client sends SYN' },
        { ...told, on: 'client sends RST' },
      ],
    });
    expect(run.verdict()).toEqual({
      passed: false,
      problem: 'step 2 of 2, "client sends RST", did not come, after "client sends SYN"',
    });
  });
});

describe('units', () => {
  test.each([
    ['40 ms', 40_000],
    ['1.5 s', 1_500_000],
    ['2 h', 7_200_000_000],
    ['0', 0],
    ['5', null],
    ['-1 s', null],
    ['1 week', null],
  ])('span %s', (text, micros) => expect(parseSpan(text)).toBe(micros));

  test('rates and shares, and back', () => {
    expect(parseRate('2.5 Mbit/s')).toBe(2_500_000);
    expect(parseRate('2 MB')).toBeNull();
    expect(parsePercent('2.5%')).toBe(0.025);
    expect(parsePercent('101%')).toBeNull();
    expect([0, 40_000, 1_500_000, 240_000_000].map(spanText)).toEqual(['0', '40 ms', '1.5 s', '4 min']);
  });
});

describe('deeds', () => {
  const open = [listen(), { who: 'server', do: 'accept', as: 's' }, connect()];

  test('listen without an app, accept late: the connection waits', () => {
    const run = played({ script: [listen(), connect(), { at: '1 s', who: 'server', do: 'accept', as: 's' }] });
    expect(count(run, 'server returns from accept with s, from 10.0.0.1')).toBe(1);
  });

  test('write times every, read at most so many, read-all, stop-reading', () => {
    const run = played({
      script: [
        ...open,
        client('100 ms', { do: 'write', octets: 10, times: 3, every: '100 ms' }),
        server('200 ms', { do: 'read', octets: 4 }),
        server('300 ms', { do: 'read-all' }),
        server('350 ms', { do: 'stop-reading' }),
        client('600 ms', { do: 'write', text: 'the last' }),
        client('700 ms', { do: 'write', text: 'unread' }),
      ],
    });
    expect(count(run, 'client calls write')).toBe(5);
    expect(count(run, 'server returns from read with 4 octets')).toBe(1);
    // The read that was under way when it was to stop is the last one.
    expect(run.view().find(({ name }) => name === 'server')?.connections[0]?.info.rcv.readable).toBe(6);
  });

  test('a write of no interval is so many writes at once', () => {
    const run = played({ script: [...open, client('100 ms', { do: 'write', octets: 5, times: 2 })] });
    expect(count(run, 'client returns from write with 5 octets')).toBe(2);
  });

  test('shutdown leaves the other way open; close ends both', () => {
    const run = played({
      script: [
        ...open,
        client('100 ms', { do: 'shutdown' }),
        client('110 ms', { do: 'read' }),
        server('200 ms', { do: 'write', text: 'late' }),
        server('300 ms', { do: 'close' }),
      ],
    });
    expect(count(run, 'client returns from read with 4 octets')).toBe(1);
    expect(count(run, 'client enters TIME-WAIT')).toBe(1);
  });

  test('a read that waits returns when its own socket is closed, and so does connect', () => {
    const run = played({ script: [...open, server('100 ms', { do: 'read' }), server('200 ms', { do: 'close' })] });
    expect(count(run, 'server returns from read with EBADF')).toBe(1);
    const early = played({ script: [connect(), client('20 ms', { do: 'close' })], until: '1 s' });
    expect(count(early, 'client returns from connect with EBADF')).toBe(1);
  });

  test('abort sends RST', () => {
    const run = played({ script: [...open, server('90 ms', { do: 'read' }), client('100 ms', { do: 'abort' })] });
    expect(count(run, 'server returns from read with ECONNRESET')).toBe(1);
  });

  test('close of a listener: accept returns, and SYNs are refused', () => {
    const script = [listen(), { who: 'server', do: 'accept' }, server('5 ms', { do: 'close', socket: 'listener' })];
    const run = played({ script: [...script, connect()] });
    expect(count(run, 'server returns from accept with EBADF')).toBe(1);
    expect(count(run, 'client returns from connect with ECONNREFUSED')).toBe(1);
  });

  test('set: noDelay and keepAlive', () => {
    const config = { keepAliveIdle: '10 s', keepAliveInterval: '1 s', keepAliveProbes: 2 };
    const script = [...open, client('100 ms', { do: 'set', noDelay: true, keepAlive: true })];
    const run = played({ config, script: [...script, { at: '1 s', who: 'client', do: 'unplug' }], until: '30 s' });
    expect(count(run, 'client calls setsockopt TCP_NODELAY 1')).toBe(1);
    expect(count(run, 'client calls setsockopt SO_KEEPALIVE 1')).toBe(1);
    expect(count(run, 'client timer keepAlive fires')).toBeGreaterThan(1);
    expect(count(run, 'client enters CLOSED')).toBe(1);
  });

  test('config of a host, of listen, of connect', () => {
    const hosts = [{ name: 'client', config: { mss: 700 } }, { name: 'server' }];
    const run = played({ hosts, script: [listen(), connect({ config: { sack: false } })] });
    const syn = run.packets[0]?.segment;
    expect(syn?.options).toContain('mss 700');
    expect(syn?.options).not.toContain('sackOK');
  });

  test('from: the local port; a second one on it is refused', () => {
    const run = played({ script: [listen(), connect({ from: 5000 }), connect({ from: 5000, as: 'd' })] });
    expect(run.packets[0]?.segment?.srcPort).toBe(5000);
    expect(count(run, 'client returns from connect with EADDRINUSE')).toBe(1);
  });

  test('UDP: bind, send', () => {
    const udp = [
      { who: 'server', do: 'bind', port: 9, as: 'su' },
      { who: 'client', do: 'bind', port: 8, as: 'cu' },
      {
        at: '1 ms',
        who: 'client',
        do: 'send',
        socket: 'cu',
        to: 'server',
        port: 9,
        text: 'hi',
        times: 2,
        every: '5 ms',
      },
    ];
    const run = played({ script: udp });
    expect(count(run, 'server returns from recvfrom with 2 octets, from 10.0.0.1 port 8')).toBe(2);
    expect(() => played({ script: [{ ...udp[2], socket: 'x' }] })).toThrow('client has no UDP socket x');
  });

  test('UDP to a port of nobody: ICMP comes back', () => {
    const bind = { who: 'client', do: 'bind', port: 8, as: 'cu' };
    const send = { at: '1 ms', who: 'client', do: 'send', socket: 'cu', to: 'server', port: 9, octets: 5 };
    expect(count(played({ script: [bind, send] }), 'client gets ICMP')).toBe(1);
  });

  test('crash and boot: the connection is forgotten, and its segments are refused', () => {
    const power = ['crash', 'boot'].map((what, i) => ({ at: `${i + 1} s`, who: 'server', do: what }));
    const script = [...open, ...power, client('3 s', { do: 'write', text: 'anybody?' })];
    const run = played({ script, until: '5 s' });
    expect(['crashes', 'boots'].map((what) => count(run, `server ${what}`))).toEqual([1, 1]);
    expect(count(run, 'server sends RST')).toBe(1);
  });

  test('pause and resume: it stands still, and takes up what has come', () => {
    const script = [
      ...open,
      { at: '100 ms', who: 'server', do: 'pause' },
      client('200 ms', { do: 'write', octets: 9 }),
      { at: '500 ms', who: 'server', do: 'resume' },
      server('600 ms', { do: 'read' }),
    ];
    const run = played({ script, until: '4 s' });
    expect(['pauses', 'resumes'].map((what) => count(run, `server ${what}`))).toEqual([1, 1]);
    expect(count(run, 'server returns from read with 9 octets')).toBe(1);
  });

  test('unplug, plug, link', () => {
    const script = [
      ...open,
      { at: '100 ms', who: 'client', do: 'unplug' },
      client('110 ms', { do: 'write', octets: 9 }),
      { at: '200 ms', who: 'client', do: 'plug', to: 'server' },
      { at: '210 ms', who: 'server', do: 'link', to: 'client', delay: '70 ms' },
    ];
    const run = played({ script, until: '5 s' });
    expect(['unplugged', 'plugged', 'changed'].map((what) => count(run, `cable is ${what}`))).toEqual([1, 1, 1]);
    expect(count(run, 'data is lost')).toBe(1);
    const again = run.packets.find(({ segment }) => segment?.again === true);
    expect(again === undefined ? null : (again.arrivesAt ?? 0) - again.sentAt).toBe(70 * MILLISECOND);
    expect(() => played({ script: [{ who: 'client', do: 'unplug', to: 'client' }] })).toThrow(
      'client has no cable to client',
    );
  });

  test('on and after: so much later than what happened', () => {
    const then = { on: 'client returns from connect', after: '30 ms', who: 'client', do: 'close', socket: 'c' };
    const run = played({ script: [...open, then], until: '1 s' });
    const times = ['client returns from connect', 'client calls close'].map(
      (text) => run.events.find((event) => parsePattern(text).matches(event))?.time ?? 0,
    );
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(30 * MILLISECOND);
  });

  test('flood: the SYN queue fills, and what answers goes back the way that it came', () => {
    const hosts = [...two, { name: 'attacker' }];
    const links = [...cable, { between: ['attacker', 'server'], delay: '5 ms' }];
    const flood = { who: 'attacker', do: 'flood', to: 'server', count: 6, every: '1 ms' };
    const script = [{ ...listen(), synBacklog: 4 }, { at: '1 ms', ...flood }, connect({ at: '100 ms' })];
    const off = played({ hosts, links, script, config: { synCookies: 'off' }, until: '500 ms' });
    expect(count(off, 'server enters SYN-RECEIVED')).toBe(4);
    expect(count(off, 'server drops SYN queue full')).toBe(3);
    expect(count(off, 'SYN,ACK is lost')).toBe(0);
    const on = played({ hosts, links, script, until: '500 ms' });
    expect(count(on, 'attacker drops IP destination')).toBe(6);
    expect(on.view().find(({ name }) => name === 'server')).toMatchObject({ cookies: 3, listeners: [{ halfOpen: 4 }] });
    expect(count(on, 'client returns from connect')).toBe(1);
  });

  test('answer-for: the SYN,ACK vanishes, the server believes in a client that never answered', () => {
    const shim = { who: 'server', do: 'answer-for', host: 'client' };
    const run = played({ script: [listen(), shim, connect()], until: '500 ms' });
    expect(count(run, 'client gets SYN,ACK')).toBe(0);
    expect(count(run, 'server enters ESTABLISHED')).toBe(1);
    expect(count(run, 'client enters ESTABLISHED')).toBe(0);
    expect(run.packets.filter(({ from, to }) => from === 'client' && to === 'server')).toHaveLength(2);
  });
});

describe('apps', () => {
  const greeting = [connect(), client('100 ms', { do: 'write', text: 'abc' }), client('110 ms', { do: 'read' })];

  test('read closes when the peer has, and so much later; or does not', () => {
    const script = (app: unknown): Part[] => [listen(app), connect(), client('100 ms', { do: 'close' })];
    const late = played({ script: script({ name: 'read', after: '300 ms' }), until: '2 s' });
    expect(late.events.find((event) => parsePattern('server calls close').matches(event))?.time).toBe(
      420 * MILLISECOND,
    );
    const never = played({ script: script({ name: 'read', close: false }), until: '2 s' });
    expect(count(never, 'server calls close')).toBe(0);
  });

  test('echo', () => {
    const run = played({ script: [listen('echo'), ...greeting, client('300 ms', { do: 'close' })], until: '1 s' });
    expect(count(run, 'client returns from read with 3 octets')).toBe(1);
    expect(count(run, 'server enters LAST-ACK')).toBe(1);
  });

  test('greet speaks first', () => {
    const run = played({ script: [listen({ name: 'greet', text: 'hello' }), ...greeting], until: '1 s' });
    expect(count(run, 'client returns from read with 5 octets')).toBe(1);
  });

  test.each([
    [false, 1],
    [true, 3],
  ])('ask and serve, short: %s', (short, connections) => {
    const exchange = { request: 50, answer: 70, short };
    const ask = { name: 'ask', count: 3, pause: '10 ms', ...exchange };
    const run = played({
      script: [listen({ name: 'serve', think: '5 ms', ...exchange }), connect({ app: ask })],
      until: '3 s',
    });
    expect(count(run, 'client sends data of 50 octets')).toBe(3);
    expect(count(run, 'server sends data of 70 octets')).toBe(3);
    expect(count(run, 'client enters ESTABLISHED')).toBe(connections);
    expect(count(run, short ? 'server enters TIME-WAIT' : 'client enters TIME-WAIT')).toBe(connections);
  });

  test('reaper: one too many is refused, the silent one is closed, the other stays', () => {
    const script = [
      listen({ name: 'reaper', idle: '1 s', most: 2 }),
      ...['a', 'b', 'd'].map((as, i) => connect({ as, at: `${100 * i} ms`, app: 'read' })),
      ...[1, 2, 3].map((i) => ({ at: `${700 * i} ms`, who: 'client', do: 'write', socket: 'a', text: 'x' })),
    ];
    const run = played({ script, until: '2500 ms' });
    expect(count(run, 'client returns from read with ECONNRESET')).toBe(1);
    expect(count(run, 'server calls close listener-2')).toBe(1);
    expect(count(run, 'server calls close listener-1')).toBe(0);
  });

  test('shell: commands of lines, however they are cut; exit closes', () => {
    const script = [
      listen('shell'),
      connect(),
      client('50 ms', { do: 'read-all' }),
      client('100 ms', { do: 'write', text: 'ec' }),
      client('200 ms', { do: 'write', text: 'ho hi\nwhoami\n' }),
      client('300 ms', { do: 'write', text: 'seq 3\nnone\nexit\nwhoami\n' }),
    ];
    const run = played({ script, until: '1 s' });
    const text = run.events
      .flatMap((event) =>
        event.type === 'return' && event.host === 'client' && event.call === 'read' && event.octets
          ? [event.octets]
          : [],
      )
      .map((octets) => new TextDecoder().decode(octets))
      .join('');
    expect(text).toBe('hi\nstudent\n1\n2\n3\nnone: command not found\n');
    expect(count(run, 'server sends FIN')).toBe(1);
  });

  test('an app from elsewhere', () => {
    const apps = { shout: () => (socket: { write(octets: Uint8Array): void }) => socket.write(new Uint8Array(7)) };
    const run = played({ script: [listen('shout'), connect()], until: '1 s' }, { apps });
    expect(count(run, 'client gets data of 7 octets')).toBe(1);
  });
});

describe('packet patterns', () => {
  const script = [listen('echo'), connect(), client('100 ms', { do: 'write', octets: 10, times: 4, every: '100 ms' })];
  const lost = (match: string): number[] =>
    played({ script, faults: [{ match, do: 'drop' }], until: '2 s' })
      .packets.filter(({ fates }) => fates.includes('fault'))
      .map(({ id }) => id);

  test.each([
    ['SYN', 1],
    ['first SYN,ACK', 1],
    ['second data from client', 1],
    ['3rd data from client', 1],
    ['every data from client again', 0],
    ['data of 10 octets to server', 1],
    ['segment port 80', 1],
    ['segment port 81', 0],
    ['FIN', 0],
    ['RST', 0],
    ['UDP', 0],
    ['ICMP', 0],
  ])('%s', (match, most) => expect(lost(match)).toHaveLength(most));

  test('every: all of them', () => expect(lost('every ACK from client').length).toBeGreaterThan(2));

  test.each([
    ['SYN twice', 'column 5: expected again, from HOST'],
    ['SYN from', 'column 9: expected the name of a host, found the end'],
    ['SYN on pier 4', 'expected port, found "pier"'],
    ['data of 10', 'expected octets, found the end'],
    ['eleventh SYN', 'column 1: expected SYN,ACK, SYN'],
  ])('%s makes no sense', (text, message) => expect(() => parseMatch(text)).toThrow(message));
});

describe('event patterns', () => {
  const run = played({
    script: [
      listen('echo'),
      connect({ at: '10 ms' }),
      client('100 ms', { do: 'write', octets: 1024 }),
      client('110 ms', { do: 'read', octets: 4 }),
      client('300 ms', { do: 'close' }),
    ],
    faults: [{ match: 'first data from client', do: 'corrupt' }],
    config: { sack: false },
  });

  test.each([
    ['client sends SYN', 1],
    ['server gets SYN', 1],
    ['client gets SYN', 0],
    ['client sends data again of 1024 octets', 1],
    ['SYN is lost', 0],
    ['server enters SYN-RECEIVED', 1],
    ['client creates TCB', 1],
    ['server deletes TCB', 1],
    ['client calls connect', 1],
    ['client calls write c', 1],
    ['client calls write d', 0],
    ['client returns from connect', 1],
    ['server returns from read with 1024 octets', 1],
    ['server returns from read with 4 octets', 0], // whole numbers, not their ends
    ['server returns from read with 10', 0], //       nor their beginnings
    ['client timer retransmit fires', 1],
    ['server drops TCP checksum wrong', 1],
    ['server drops', 2], // and the FIN that comes twice
    ['cable is unplugged', 0],
  ])('%s', (pattern, times) => expect(count(run, pattern)).toBe(times));

  test.each([
    ['client', 'expected a host and sends, gets, enters'],
    ['client enters LIMBO', 'expected CLOSED, LISTEN'],
    ['client calls fork', 'expected socket, bind, listen'],
    ['client returns connect', 'expected "returns from CALL with RESULT"'],
    ['client timer retransmit rings', 'expected fires, starts, stops'],
    ['client timer egg fires', 'expected user, timeWait'],
    ['client creates world', 'expected TCB'],
    ['client crashes hard', 'expected a host and sends'],
    ['cable is cut', 'expected "cable is unplugged", "plugged" or "changed"'],
    ['sin is lost', 'column 1: expected SYN,ACK, SYN'],
  ])('%s makes no sense', (text, message) => expect(() => parsePattern(text)).toThrow(message));
});

test('faults: lost, twice, wrong, late; late is the one that is overtaken', () => {
  const writes = client('100 ms', { do: 'write', octets: 10, times: 4, every: '50 ms' });
  const faults = ['drop', 'duplicate', 'corrupt', 'delay 80 ms'].map((fate, i) => ({
    match: `${i + 1}th data from client`,
    do: fate,
  }));
  const config = { noDelay: true, sack: false };
  const run = played({ config, script: [listen('echo'), connect(), writes], faults, until: '5 s' });
  const data = run.packets.filter(({ from, length }) => from === 'client' && length > 0);
  expect(data.slice(0, 3).map(({ fates }) => fates)).toEqual([['fault'], ['duplicated'], ['corrupted']]);
  const [, , , slow] = data;
  expect((slow?.arrivesAt ?? 0) - (slow?.sentAt ?? 0)).toBe(100 * MILLISECOND);
  const overtaken = played({
    config,
    script: [listen('echo'), connect(), writes],
    faults: [{ match: 'second data from client', do: 'delay 80 ms' }],
    until: '5 s',
  });
  expect(overtaken.packets.filter(({ fates }) => fates.includes('late')).map(({ sentAt }) => sentAt)).toEqual([
    150 * MILLISECOND,
  ]);
  expect(() => parseFault('delay soon')).toThrow('column 7: expected a time, as 40 ms, found "soon"');
});

test('nth: a step is the second of such events since the step before', () => {
  const step = (on: string, nth: number): Part => ({ on, nth, what: words, why: words });
  const script = [listen('echo'), connect(), client('100 ms', { do: 'write', octets: 5, times: 4, every: '100 ms' })];
  const run = played({ script, steps: [step('client sends data', 2), step('client sends data', 2)], until: '2 s' });
  expect(run.verdict().passed).toBe(true);
  expect(run.steps.map(({ event }) => run.events[event]?.time)).toEqual([200 * MILLISECOND, 400 * MILLISECOND]);
});

test('routes: hosts without a cable between them reach each other by the one in the middle', () => {
  const hosts = ['client', 'left', 'right', 'server'].map((name) => ({ name }));
  const links = [
    ['client', 'left'],
    ['left', 'right'],
    ['right', 'server'],
  ].map((between) => ({ between, delay: '5 ms' }));
  const run = played({ hosts, links, script: [listen('echo'), connect()], until: '1 s' });
  expect(run.events.find((event) => parsePattern('client returns from connect').matches(event))?.time).toBe(
    40 * MILLISECOND,
  );
  expect(run.packets.map(({ from }) => from).slice(0, 3)).toEqual(['client', 'left', 'right']);
});

test('back: what is different on the way back', () => {
  const links = [{ between: ['client', 'server'], delay: '10 ms', back: { delay: '90 ms' } }];
  const run = played({ links, script: [listen(), connect({ at: '0' })] });
  expect(run.events.find((event) => parsePattern('client returns from connect').matches(event))?.time).toBe(
    100 * MILLISECOND,
  );
});

test('a variant replaces what it says, and keeps the rest', () => {
  const part = {
    script: [listen(), connect()],
    until: '3 s',
    variants: [{ id: 'lossy', title: words, faults: [{ match: 'SYN', do: 'drop' }] }],
  };
  expect(count(played(part), 'SYN is lost')).toBe(0);
  const run = played(part, { variant: 'lossy' });
  expect(count(run, 'SYN is lost')).toBe(1);
  expect(run.now).toBe(3 * SECOND);
});

describe('a viewer steps in', () => {
  const part = {
    script: [listen('echo'), connect(), client('100 ms', { do: 'write', octets: 100, times: 5, every: '100 ms' })],
    until: '5 s',
  };
  const scenario = parseScenario(file(part));

  /** Plays to a time, does that, and plays to the end. */
  function stepIn(time: number, who: string, what: Part, interventions: readonly Intervention[] = []): Run {
    const run = play(scenario, { interventions });
    run.advance(time);
    run.act(who, deed(what));
    run.finish();
    return run;
  }

  test('the fate of a packet is changed, and of no other', () => {
    const plain = played(part);
    const data = plain.packets.find(({ length }) => length > 0);
    const run = played(part, { interventions: [{ type: 'packet', packet: data?.id ?? 0, fault: 'drop' }] });
    expect(count(run, 'data is lost')).toBe(1);
    expect(run.packets[data?.id ?? 0]?.fates).toEqual(['fault']);
  });

  test('the fate that a viewer gives goes before that of the file', () => {
    const faults = [{ match: 'SYN', do: 'drop' }];
    const run = played({ ...part, faults }, { interventions: [{ type: 'packet', packet: 0, fault: { delay: 5000 } }] });
    expect(count(run, 'SYN is lost')).toBe(0);
  });

  test('a deed at a point; the same interventions give the same run', () => {
    const run = stepIn(250 * MILLISECOND, 'client', { do: 'unplug' });
    expect(count(run, 'cable is unplugged')).toBe(1);
    expect(run.interventions).toHaveLength(1);
    const again = play(scenario, { interventions: run.interventions });
    again.finish();
    expect(story(again)).toBe(story(run));
    expect(again.interventions).toEqual(run.interventions);
  });

  test('before anything has happened, and after everything has', () => {
    for (const time of [0, 5 * SECOND]) {
      const run = stepIn(time, 'client', { do: 'unplug' });
      const again = play(scenario, { interventions: run.interventions });
      again.finish();
      expect(story(again)).toBe(story(run));
    }
  });

  test('scrubbing back is playing again; acting in the past forks: the same before, then different', () => {
    const first = stepIn(450 * MILLISECOND, 'server', { do: 'crash' });
    const fork = stepIn(250 * MILLISECOND, 'client', { do: 'shutdown', socket: 'c' });
    const before = (run: Run): string =>
      JSON.stringify(run.events.filter(({ time }) => time < 250 * MILLISECOND).map(({ type, time }) => [type, time]));
    expect(before(fork)).toBe(before(first));
    expect(count(fork, 'client sends FIN')).toBe(1);
    expect(count(first, 'client sends FIN')).toBe(0);
    expect(count(fork, 'server crashes')).toBe(0);
  });

  test('two deeds, and a packet: all together give the same run again', () => {
    const drop: Intervention = { type: 'packet', packet: 4, fault: 'drop' };
    const run = play(scenario, { interventions: [drop] });
    run.advance(150 * MILLISECOND);
    run.act('server', deed({ do: 'pause' }));
    run.advance(700 * MILLISECOND);
    run.act('server', deed({ do: 'resume' }));
    run.finish();
    expect(run.interventions).toHaveLength(3);
    const again = play(scenario, { interventions: run.interventions });
    again.finish();
    expect(story(again)).toBe(story(run));
  });

  test('the script may have lost its sockets then: that part is left out', () => {
    expect(() => stepIn(5 * MILLISECOND, 'client', { do: 'crash' })).not.toThrow();
    expect(() => stepIn(250 * MILLISECOND, 'client', { do: 'crash' })).not.toThrow(); // in the midst of five writes
    expect(() => stepIn(0, 'client', { do: 'close', socket: 'nothing' })).toThrow('client has no socket nothing');
  });

  test('step by step is the same run as in one go', () => {
    const run = play(scenario);
    while (run.step());
    run.finish();
    expect(story(run)).toBe(story(played(part)));
    expect(run.ended).toBe(true);
  });

  test('another seed is another run', () => {
    expect(played(part, { seed: 'x' }).packets[0]?.segment?.seq).not.toBe(played(part).packets[0]?.segment?.seq);
  });
});

describe('snapshots', () => {
  const part = { script: [listen(), connect()], until: '1 s' };

  test('each moment has the hosts as they were at its end', () => {
    const run = played(part, { snapshots: true });
    const states = run.moments.map((_, i) => run.viewAt(i).map(({ connections }) => connections[0]?.info.state ?? '-'));
    expect(states).toEqual([
      ['-', '-'],
      ['SYN-SENT', '-'],
      ['SYN-SENT', 'SYN-RECEIVED'],
      ['ESTABLISHED', 'SYN-RECEIVED'],
      ['ESTABLISHED', 'ESTABLISHED'],
    ]);
    expect(run.viewAt(4)[1]?.listeners).toMatchObject([{ port: 80, waiting: 1, halfOpen: 0 }]);
  });

  test('none are kept where nobody asks for them, and they change nothing', () => {
    const run = played(part);
    expect(run.viewAt(1)).toEqual([]);
    expect(story(run)).toBe(story(played(part, { snapshots: true })));
  });
});
