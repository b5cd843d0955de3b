/** ping and traceroute: the lines that Linux's own print, in the small internet and behind a link. The commands need a build. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EchoAnswer, PingAnswer } from 'synwave';
import { readCapture } from 'synwave/pcapng';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { hopLine } from '../src/commands/traceroute.ts';
import { answerLine, firstLine, lastLines } from '../src/ping/lines.ts';

const bin = fileURLToPath(new URL('../../synwave/bin/synwave.js', import.meta.url));
const env = { PATH: process.env['PATH'] ?? '', LANG: 'C' };
const home = mkdtempSync(join(tmpdir(), 'synwave-echo-'));
afterAll(() => rmSync(home, { recursive: true }));

/** Runs a command to its end: its lines, its complaint, its exit code. */
function synwave(...args: string[]): { lines: string[]; stderr: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env, cwd: home });
  return { lines: stdout.split('\n').slice(0, -1), stderr, status };
}

const V4: EchoAnswer = {
  type: 'reply',
  unreachable: null,
  from: '10.2.0.10',
  sequence: 1,
  size: 64,
  ttl: 61,
  time: 20_812,
  mtu: 0,
};
const V6: EchoAnswer = { ...V4, from: 'fd00::2' };

describe('lines of ping', () => {
  test('the first', () => {
    expect(firstLine('server', '10.2.0.10', 56)).toBe('PING server (10.2.0.10) 56(84) bytes of data.');
    expect(firstLine('server', 'fd00::2', 56)).toBe('PING server (fd00::2) 56 data bytes');
  });

  test.each([
    [42, '0.042'],
    [1250, '1.25'],
    [9994, '9.99'],
    [9996, '10.0'],
    [20_812, '20.8'],
    [99_960, '100'],
    [123_456, '123'],
  ])('a reply after %i µs', (time, told) => {
    expect(answerLine(3, { ...V4, time })).toBe(`64 bytes from 10.2.0.10: icmp_seq=3 ttl=61 time=${told} ms`);
  });

  test.each<[Partial<EchoAnswer>, string, string]>([
    [{ type: 'time exceeded' }, 'Time to live exceeded', 'Time exceeded: Hop limit'],
    [{ type: 'prohibited' }, 'Packet filtered', 'Destination unreachable: Administratively prohibited'],
    [{ type: 'packet too big', mtu: 1280 }, 'Frag needed and DF set (mtu = 1280)', 'Packet too big: mtu=1280'],
    [{ type: 'parameter problem' }, 'Parameter problem', 'Parameter problem: Wrong header field'],
    [{ type: 'unreachable', unreachable: 'net' }, 'Destination Net Unreachable', 'Destination unreachable: No route'],
    [
      { type: 'unreachable', unreachable: 'host' },
      'Destination Host Unreachable',
      'Destination unreachable: Address unreachable',
    ],
    [
      { type: 'unreachable', unreachable: 'port' },
      'Destination Port Unreachable',
      'Destination unreachable: Port unreachable',
    ],
    [
      { type: 'unreachable', unreachable: 'protocol' },
      'Destination Protocol Unreachable',
      'Parameter problem: Unknown header',
    ],
  ])('an error: %o', (about, v4, v6) => {
    expect(answerLine(2, { ...V4, ...about })).toBe(`From 10.2.0.10 icmp_seq=2 ${v4}`);
    expect(answerLine(2, { ...V6, ...about })).toBe(`From fd00::2 icmp_seq=2 ${v6}`);
  });

  test('the last', () => {
    const rtt = { min: 20.8, avg: 21, max: 21.25, mdev: 0.1234 };
    expect(lastLines('server', { transmitted: 3, received: 2, errors: 1, time: 2002, rtt })).toEqual([
      '',
      '--- server ping statistics ---',
      '3 packets transmitted, 2 received, +1 errors, 33.3333% packet loss, time 2002ms',
      'rtt min/avg/max/mdev = 20.800/21.000/21.250/0.123 ms',
    ]);
  });
});

describe('a line of traceroute', () => {
  const names: Readonly<Record<string, string>> = { '10.1.0.1': 'r1', '10.1.0.2': 'r2' };
  const line = (answers: readonly PingAnswer[], named = true): string =>
    hopLine({ ttl: 1, answers }, named ? (address) => names[address] ?? null : null);
  const silence: PingAnswer = { type: 'timeout', sequence: 1, time: 1_000_000 };
  const r1: EchoAnswer = { ...V4, type: 'time exceeded', from: '10.1.0.1', time: 400 };

  test.each<[string, PingAnswer[], string]>([
    ['one router', [r1, r1, r1], ' 1  r1 (10.1.0.1)  0.400 ms  0.400 ms  0.400 ms'],
    ['silence', [silence, silence, silence], ' 1  * * *'],
    ['silence between', [r1, silence, r1], ' 1  r1 (10.1.0.1)  0.400 ms *  0.400 ms'],
    ['two routers', [r1, { ...r1, from: '10.1.0.2' }], ' 1  r1 (10.1.0.1)  0.400 ms r2 (10.1.0.2)  0.400 ms'],
    ['no name', [{ ...r1, from: '10.9.9.9' }], ' 1  10.9.9.9 (10.9.9.9)  0.400 ms'],
    ['no host', [{ ...r1, type: 'unreachable', unreachable: 'host' }], ' 1  r1 (10.1.0.1)  0.400 ms !H'],
    ['no network', [{ ...r1, type: 'unreachable', unreachable: 'net' }], ' 1  r1 (10.1.0.1)  0.400 ms !N'],
    ['no protocol', [{ ...r1, type: 'unreachable', unreachable: 'protocol' }], ' 1  r1 (10.1.0.1)  0.400 ms !P'],
    ['a filter', [{ ...r1, type: 'prohibited' }], ' 1  r1 (10.1.0.1)  0.400 ms !X'],
    ['too large', [{ ...r1, type: 'packet too big', mtu: 576 }], ' 1  r1 (10.1.0.1)  0.400 ms !F-576'],
  ])('%s', (_name, answers, expected) => {
    expect(line(answers)).toBe(expected);
  });

  test('by numbers', () => {
    expect(line([r1], false)).toBe(' 1  10.1.0.1  0.400 ms');
  });
});

describe('ping in the small internet', () => {
  test('as Linux prints it', () => {
    expect(synwave('ping', 'server')).toEqual({
      lines: [
        'PING server (10.2.0.10) 56(84) bytes of data.',
        ...[1, 2, 3, 4].map((seq) => `64 bytes from 10.2.0.10: icmp_seq=${seq} ttl=61 time=21.2 ms`),
        '',
        '--- server ping statistics ---',
        '4 packets transmitted, 4 received, 0% packet loss, time 3000ms',
        'rtt min/avg/max/mdev = 21.200/21.200/21.200/0.000 ms',
      ],
      stderr: '',
      status: 0,
    });
  });

  test('over IPv6, of another size, with other pauses, and quietly', () => {
    const { lines, status } = synwave('ping', '-6', '-c', '3', '-i', '200ms', '-s', '100', '-q', 'server');
    expect(lines).toEqual([
      'PING server (fd00:2::ff:fe00:3) 100 data bytes',
      '',
      '--- server ping statistics ---',
      '3 packets transmitted, 3 received, 0% packet loss, time 400ms',
      expect.stringMatching(/^rtt min\/avg\/max\/mdev = 21\.2/),
    ]);
    expect(status).toBe(0);
  });

  test('what a router says of it; nobody replied, so it ends with 1', () => {
    const { lines, stderr, status } = synwave('ping', '-c', '2', '-t', '2', 'server');
    expect(lines).toEqual([
      'PING server (10.2.0.10) 56(84) bytes of data.',
      'From 10.12.0.2 icmp_seq=1 Time to live exceeded',
      'From 10.12.0.2 icmp_seq=2 Time to live exceeded',
      '',
      '--- server ping statistics ---',
      '2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 1000ms',
      '',
    ]);
    expect([stderr, status]).toEqual(['', 1]);
    const nobody = synwave('ping', '-c', '1', '10.2.0.99');
    expect(nobody.lines).toContain('From 10.24.0.4 icmp_seq=1 Destination Host Unreachable');
    expect(nobody.status).toBe(1);
  });

  test('a long cable that loses packets: the same ones with the same seed', () => {
    const run = (seed: string): string[] =>
      synwave('ping', '-c', '40', '--loss', '20%', '--delay', '20ms', '--seed', seed, 'server').lines;
    const first = run('7');
    expect(first.at(-2)).toMatch(/^40 packets transmitted, \d\d received, [\d.]+% packet loss, time 39000ms$/);
    const heard = first.filter((line) => line.startsWith('64 bytes'));
    expect(heard.length).toBeGreaterThan(10);
    expect(heard.length).toBeLessThan(40);
    for (const line of heard) expect(line).toMatch(/ttl=61 time=41\.2 ms$/);
    expect(run('7')).toEqual(first);
    expect(run('8')).not.toEqual(first);
  });

  test('silence is waited for as long as is said, and no longer', () => {
    const { lines, status } = synwave('ping', '-c', '2', '-W', '1', '--loss', '100%', '--json', 'server');
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      { type: 'start', target: 'server', address: '10.2.0.10', size: 56 },
      { type: 'timeout', seq: 1, time: 1000 },
      { type: 'timeout', seq: 2, time: 1000 },
      { type: 'statistics', transmitted: 2, received: 0, errors: 0, time: 1000, rtt: null },
    ]);
    expect(status).toBe(1);
  });

  test('events on lines', () => {
    const { lines } = synwave('ping', '-c', '1', '--json', 'r1');
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      { type: 'start', target: 'r1', address: '10.1.0.1', size: 56 },
      { type: 'reply', seq: 1, from: '10.1.0.1', size: 64, ttl: 64, time: 0.4 },
      {
        type: 'statistics',
        transmitted: 1,
        received: 1,
        errors: 0,
        time: 0,
        rtt: { min: 0.4, avg: 0.4, max: 0.4, mdev: 0 },
      },
    ]);
  });

  test('a capture, of what the client sends and gets', () => {
    const { stderr } = synwave('ping', '-c', '3', '-w', 'ping.pcapng', 'server');
    expect(stderr).toBe('synwave: 6 packets written to ping.pcapng\n');
    expect([...readCapture(readFileSync(join(home, 'ping.pcapng'))).packets]).toHaveLength(6);
  });

  test('a name that nobody has, an address that no way leads to', () => {
    const unknown = synwave('ping', 'nobody');
    expect(unknown).toMatchObject({ lines: [], status: 1 });
    expect(unknown.stderr).toMatch(/^synwave: ping nobody failed: Name or service not known \(ENOTFOUND, [^\n]*\n$/);
    const far = synwave('ping', '-c', '1', '192.0.2.1');
    expect(far.lines[1]).toBe('From 10.1.0.1 icmp_seq=1 Destination Net Unreachable');
    expect(far.status).toBe(1);
  });
});

describe('traceroute in the small internet', () => {
  test('as Linux prints it', () => {
    const { lines, stderr, status } = synwave('traceroute', 'server');
    expect(lines).toEqual([
      'traceroute to server (10.2.0.10), 30 hops max, 60 byte packets',
      ' 1  r1 (10.1.0.1)  0.400 ms  0.400 ms  0.400 ms',
      ' 2  r2 (10.12.0.2)  0.800 ms  0.800 ms  0.800 ms',
      ' 3  r4 (10.24.0.4)  20.800 ms  20.800 ms  20.800 ms',
      ' 4  server (10.2.0.10)  21.200 ms  21.200 ms  21.200 ms',
    ]);
    expect([stderr, status]).toEqual(['', 0]);
  });

  test('over IPv6, by numbers, one echo for each hop, and a capture of them', () => {
    const { lines, stderr } = synwave('traceroute', '-6', '-n', '-q', '1', '--write', 'trace.pcapng', 'server');
    expect(lines).toEqual([
      'traceroute to server (fd00:2::ff:fe00:3), 30 hops max, 80 byte packets',
      ' 1  fd00:1::1  0.400 ms',
      ' 2  fd00:12::2  0.800 ms',
      ' 3  fd00:24::4  20.800 ms',
      ' 4  fd00:2::ff:fe00:3  21.200 ms',
    ]);
    expect(stderr).toBe('synwave: 8 packets written to trace.pcapng\n');
  });

  test('it ends where it may go no further, with 1', () => {
    const { lines, status } = synwave('traceroute', '-m', '4', '-w', '500ms', '--loss', '100%', 'server');
    expect(lines.slice(-2)).toEqual([' 3  * * *', ' 4  * * *']);
    expect(status).toBe(1);
    const nobody = synwave('traceroute', '-q', '1', '-w', '5', '10.2.0.99');
    expect(nobody.lines.at(-1)).toMatch(/^ 4 {2}r4 \(10\.24\.0\.4\) {2}\d+\.\d{3} ms !H$/);
    expect(nobody.status).toBe(1);
  });

  test('events on lines', () => {
    const { lines } = synwave('traceroute', '-m', '1', '-q', '1', '--json', 'server');
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      { type: 'start', target: 'server', address: '10.2.0.10', maxHops: 1, size: 60 },
      { type: 'hop', ttl: 1, answers: [{ type: 'time exceeded', from: '10.1.0.1', name: 'r1', time: 0.4 }] },
    ]);
  });
});

describe('behind a link, in real time', () => {
  let server: ChildProcess | null = null;
  afterEach(() => {
    server?.kill('SIGKILL');
    server = null;
  });

  async function serving(): Promise<string> {
    server = spawn(process.execPath, [bin, 'serve', 'echo', '--link', 'udp://127.0.0.1:0', '-v'], { env });
    let said = '';
    for (;;) {
      const [chunk] = (await once(server.stderr as NodeJS.EventEmitter, 'data')) as [Buffer];
      said += String(chunk);
      const link = /udp:\/\/[\d.]+:\d+/.exec(said)?.[0];
      if (link !== undefined) return link;
    }
  }

  test('a server is pinged and traced; Ctrl-C ends what would go on for ever', async () => {
    const link = await serving();
    const { lines, status } = synwave('ping', '--link', link, '-c', '2', '-i', '100ms', '-w', 'link.pcapng', 'server');
    expect(status).toBe(0);
    expect(lines.slice(0, 3)).toEqual([
      'PING server (10.7.0.1) 56(84) bytes of data.',
      expect.stringMatching(/^64 bytes from 10\.7\.0\.1: icmp_seq=1 ttl=64 time=[\d.]+ ms$/),
      expect.stringMatching(/^64 bytes from 10\.7\.0\.1: icmp_seq=2 /),
    ]);
    expect(lines.at(-2)).toMatch(/^2 packets transmitted, 2 received, 0% packet loss, time \d+ms$/);
    expect([...readCapture(readFileSync(join(home, 'link.pcapng'))).packets]).toHaveLength(4);
    expect(synwave('traceroute', '--link', link, '-q', '1', 'server').lines.at(-1)).toMatch(
      /^ 1 {2}server \(10\.7\.0\.1\) {2}[\d.]+ ms$/,
    );

    const endless = spawn(process.execPath, [bin, 'ping', '--link', link, '-i', '50ms', 'server'], { env });
    const ended = once(endless, 'close');
    let out = '';
    endless.stdout.on('data', (chunk: Buffer) => {
      out += String(chunk);
      if (out.includes('icmp_seq=3') && !endless.killed) endless.kill('SIGINT');
    });
    expect((await ended)[0]).toBe(130);
    expect(out).toContain('--- server ping statistics ---');
  });

  test('nobody is there', async () => {
    const link = await serving();
    const gone = once(server as ChildProcess, 'close');
    server?.kill('SIGKILL');
    await gone;
    for (const command of ['ping', 'traceroute']) {
      const { stderr, status } = synwave(command, '--link', link, 'server');
      expect(stderr).toMatch(/^synwave: nobody is at udp:[^\n]*UDP port unreachable[^\n]*\n$/);
      expect(status).toBe(1);
    }
  });
});
