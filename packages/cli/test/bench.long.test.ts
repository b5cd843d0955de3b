/** bench: own to own, and with iperf3 itself over a TUN device in a namespace, at either end. The command itself needs a build. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { unitText } from '../src/bench/table.ts';
import { parseBits } from '../src/values.ts';

const bin = fileURLToPath(new URL('../../synwave/bin/synwave.js', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'synwave-bench-'));
const env = { PATH: process.env['PATH'] ?? '', LANG: 'C', XDG_RUNTIME_DIR: home };
afterAll(() => rmSync(home, { recursive: true }));

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolve when standard output, or error, holds the text. */
  prints(text: RegExp): Promise<void>;
  says(text: RegExp): Promise<void>;
}

function start(...words: string[]): Started {
  const [program = '', ...rest] = words;
  const child = spawn(program, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const heard = { stdout: '', stderr: '' };
  const looks: (() => void)[] = [];
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk) => {
      heard[name] += String(chunk);
      for (const look of looks) look();
    });
  }
  const holds = (name: 'stdout' | 'stderr', text: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (text.test(heard[name])) resolve();
      };
      looks.push(look);
      child.once('exit', () => reject(new Error(heard.stdout + heard.stderr)));
      look();
    });
  const ended = once(child, 'close').then(() => ({ ...heard, status: child.exitCode }));
  return { child, ended, prints: (text) => holds('stdout', text), says: (text) => holds('stderr', text) };
}

const bench = (...words: string[]): Started => start(process.execPath, bin, 'bench', ...words);

/** What an interval, and a total, look like to iperf3. */
const INTERVAL =
  /^\[ {2}5\] {3}0\.00-\d\.\d\d {3}sec {1,3}[\d.]+ [KMG]Bytes {1,3}[\d.]+ [KMG]bits\/sec {2} *\d+ {3} *[\d.]+ [KM]Bytes {7}$/m;
const SENDER =
  /^\[ {2}5\] {3}0\.00-\d\.\d\d {3}sec {1,3}[\d.]+ [KMG]Bytes {1,3}[\d.]+ [KMG]bits\/sec {2} *\d+ {13}sender$/m;
const RECEIVER = /^\[ {2}5\] {3}0\.00-\d\.\d\d {3}sec {1,3}[\d.]+ [KMG]Bytes {1,3}[\d.]+ [KMG]bits\/sec {18}receiver$/m;

test.each<[number, 1000 | 1024, string]>([
  [0, 1024, '0.00 B'],
  [131_072, 1024, ' 128 KB'],
  [1_653_562_409, 1024, '1.54 GB'],
  [50_331_648, 1024, '48.0 MB'],
  [1_047_552, 1024, '1023 KB'],
  [1_010_000_000, 1000, '1.01 GB'],
  [812_000_000, 1000, ' 812 MB'],
])('%i in units of %i', (value, base, text) => expect(unitText(value, base, 'B')).toBe(text));

test('rates are decimal', () => {
  expect([parseBits('10M'), parseBits('1.5G'), parseBits('500')]).toEqual([10_000_000, 1_500_000_000, 500]);
  expect(() => parseBits('fast')).toThrow(/not a rate/);
});

describe('own to own', () => {
  const link = ['--link', 'udp://127.0.0.1:7741'];

  test('a table at both ends, and Ctrl-C ends the server', async () => {
    const server = bench('-s', ...link);
    await server.prints(/Server listening on 5201 \(test #1\)/);
    const { stdout, status } = await bench('-c', 'server', '-t', '2', ...link).ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^Connecting to host server, port 5201\n\[ {2}5\] local 10\.7\.\d+\.\d+ port \d+ connected to 10\.7\.0\.1 port 5201\n/,
    );
    for (const line of [INTERVAL, SENDER, RECEIVER]) expect(stdout).toMatch(line);
    await server.prints(/receiver\n-+\nServer listening on 5201 \(test #2\)/);
    server.child.kill('SIGINT');
    expect(await server.ended).toMatchObject({ status: 130, stderr: '' });
  }, 30_000);

  test('so many octets, in JSON', async () => {
    const server = bench('-s', '-1', '--json', ...link);
    await server.says(/Ctrl-C ends it/);
    const { stdout } = await bench('-c', 'server', '-n', '1M', '-R', '--json', ...link).ended;
    const client = JSON.parse(stdout) as { end: Record<string, unknown> };
    expect(client.end).toMatchObject({ sum_received: { bytes: 1_048_576, sender: false }, streams: [{}] });
    const served = JSON.parse((await server.ended).stdout) as { start: unknown; end: unknown };
    expect(served).toMatchObject({
      start: { test_start: { reverse: 1, bytes: 1_048_576, num_streams: 1 } },
      end: { sum_sent: { bytes: 1_048_576 } },
    });
  }, 30_000);
});

test.each<[string, string[], RegExp, number]>([
  ['neither server nor client', [], /bench -s waits for tests, bench -c HOST asks for one/, 2],
  ['both', ['-s', '-c', 'server'], /which\?/, 2],
  ['two ends', ['-c', 'server', '-t', '1', '-n', '1M'], /-t and -n do not go together/, 2],
  ['-R and --bidir', ['-c', 'server', '-R', '--bidir'], /-R and --bidir do not go together/, 2],
  ['too many streams', ['-c', 'server', '-P', '1000'], /128 streams are the most/, 2],
  ['no such congestion control', ['-c', 'server', '-C', 'bbr'], /Allowed choices are reno, cubic/, 2],
  ['an unknown name', ['-c', 'nowhere'], /connect to nowhere port 5201 failed: Name or service not known/, 1],
  ['nobody there', ['-c', 'server', '--link', 'udp://127.0.0.1:7742'], /nobody is at udp:\/\/127\.0\.0\.1:7742/, 1],
])('%s', async (_name, words, line, exit) => {
  const { stderr, status } = await bench(...words).ended;
  expect(stderr).toMatch(/^synwave: [^\n]+\n$/);
  expect(stderr).toMatch(line);
  expect(status).toBe(exit);
});

const tool = ['ip', 'iperf3'].find((name) => spawnSync('which', [name]).status !== 0);
const missing = process.getuid?.() !== 0 ? 'root' : !existsSync('/dev/net/tun') ? '/dev/net/tun' : (tool ?? '');
if (missing !== '') process.stderr.write(`SKIPPED: iperf3 cannot be met here for want of ${missing}\n`);

describe.skipIf(missing !== '')('with iperf3 itself', () => {
  const space = `synwave-bench-${process.pid}`;
  const inside = (...words: string[]): Started => start('ip', 'netns', 'exec', space, ...words);
  const iperf3 = (...words: string[]): Started => inside('iperf3', ...words);
  const ours = (...words: string[]): Started => inside(process.execPath, bin, 'bench', '--link', 'tun', ...words);
  beforeAll(() => {
    expect(spawnSync('ip', ['netns', 'add', space]).status).toBe(0);
  });
  afterAll(() => {
    spawnSync('ip', ['netns', 'del', space]);
  });

  /** What iperf3 -J tells at the end. */
  interface End {
    readonly streams: readonly unknown[];
    readonly sum_sent: { readonly bytes: number };
    readonly sum_received: { readonly bytes: number; readonly seconds: number };
    readonly receiver_tcp_congestion: string;
  }

  test.each([
    ['it sends', []],
    ['it receives', ['-R']],
    ['4 streams', ['-P', '4']],
    ['4 streams, it receives', ['-P', '4', '-R']],
    ['both ways', ['--bidir']],
    ['settings', ['-M', '1000', '-N', '-w', '300K', '-C', 'reno', '-l', '64K', '-b', '200M', '-O', '1']],
  ])(
    'its client, our server: %s',
    async (_name, words) => {
      const server = ours('-s', '-1', '-J');
      await server.says(/Ctrl-C ends it/);
      const { stdout, status } = await iperf3('-c', '10.9.0.2', '-t', '2', '-J', ...words).ended;
      expect(status).toBe(0);
      const theirs = (JSON.parse(stdout) as { end: End }).end;
      const streams = words.includes('-P') ? 4 : words.includes('--bidir') ? 2 : 1;
      expect(theirs.streams).toHaveLength(streams);
      expect(theirs.sum_received.bytes).toBeGreaterThan(1 << 20);
      const weReceive = !words.includes('-R') && !words.includes('--bidir');
      if (weReceive) expect(theirs.receiver_tcp_congestion).toBe(words.includes('reno') ? 'reno' : 'cubic');
      const own = await server.ended;
      expect(own).toMatchObject({ status: 0, stderr: expect.stringMatching(/^[^\n]+\n$/) as string });
      const { end } = JSON.parse(own.stdout) as { end: End };
      // Each side knows what the other has told it.
      expect(end.sum_received.bytes).toBe(theirs.sum_received.bytes);
      expect(end.sum_sent.bytes).toBe(theirs.sum_sent.bytes);
    },
    30_000,
  );

  test('so many octets; a second client is told to wait; UDP is refused', async () => {
    const server = ours('-s');
    await server.prints(/test #1/);
    const first = iperf3('-c', '10.9.0.2', '-t', '3');
    await server.prints(/Accepted connection/);
    const second = await iperf3('-c', '10.9.0.2', '-t', '1').ended;
    expect(second.stderr).toMatch(/the server is busy running a test/);
    expect(await first.ended).toMatchObject({ status: 0 });
    await server.prints(/test #2/);
    expect((await iperf3('-c', '10.9.0.2', '-u', '-t', '1').ended).status).toBe(1);
    await server.prints(/test #3/);
    const { stdout } = await iperf3('-c', '10.9.0.2', '-n', '20M').ended;
    expect(stdout).toMatch(/20\.\d MBytes .* sender/);
    await server.prints(/test #4/);
    server.child.kill('SIGINT');
    const { status, stderr } = await server.ended;
    expect(stderr).toMatch(/asks for UDP: TCP alone is measured here/);
    expect(status).toBe(130);
  }, 30_000);

  test.each([
    ['we send', []],
    ['we receive', ['-R']],
    ['4 streams', ['-P', '4']],
    ['4 streams, we receive', ['-P', '4', '-R']],
    ['both ways', ['--bidir']],
    ['settings', ['-M', '1000', '-N', '-w', '1M', '-C', 'reno', '-l', '64K', '-b', '200M', '-O', '1']],
  ])(
    'our client, its server: %s',
    async (_name, words) => {
      const server = iperf3('-s', '-1', '-J');
      await new Promise((resolve) => setTimeout(resolve, 300));
      const { stdout, stderr, status } = await ours('-c', 'kernel', '-t', '2', '-J', ...words).ended;
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const { end } = JSON.parse(stdout) as { end: End };
      const theirs = (JSON.parse((await server.ended).stdout) as { end: End }).end;
      expect(end.streams).toHaveLength(theirs.streams.length);
      expect(end.sum_received.bytes).toBeGreaterThan(1 << 20);
      if (!words.includes('-R') && !words.includes('--bidir'))
        expect(end.sum_received.bytes).toBe(theirs.sum_received.bytes);
      else expect(end.sum_sent.bytes).toBeGreaterThanOrEqual(1 << 20);
    },
    30_000,
  );

  test('Ctrl-C of our client: what was measured is told, the server knows, and it ends with 130', async () => {
    const server = iperf3('-s', '-1');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const client = ours('-c', 'kernel', '-t', '20');
    await client.prints(/ 0\.00-1\.\d\d/);
    client.child.kill('SIGINT');
    const { stdout, status } = await client.ended;
    expect(status).toBe(130);
    expect(stdout).toMatch(SENDER);
    const told = await server.ended;
    expect(told.stdout + told.stderr).toMatch(/the client has terminated/);
  }, 30_000);
});
