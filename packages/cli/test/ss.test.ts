/** ss: the sockets of programs that run, in the very columns of the kernel's ss. The command itself needs a build. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SocketReport } from 'synwave/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { spanText } from '../src/ss/details.ts';
import { parseWanted } from '../src/ss/filter.ts';
import { type Row, rowOf } from '../src/ss/row.ts';
import { tableLines } from '../src/ss/table.ts';

const bin = fileURLToPath(new URL('../../synwave/bin/synwave.js', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'synwave-ss-'));
const env = { PATH: process.env['PATH'] ?? '', LANG: 'C', XDG_RUNTIME_DIR: home };
afterAll(() => rmSync(home, { recursive: true }));

const hasSs = spawnSync('ss', ['--version']).error === undefined;
if (!hasSs) process.stderr.write('\n*** ss is not installed: the test against it is SKIPPED ***\n\n');

function ss(...args: string[]): { stdout: string; stderr: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [bin, 'ss', ...args], { encoding: 'utf8', env });
  return { stdout, stderr, status };
}

function socketOf(line: string): SocketReport {
  const [state = '', received = '', sent = '', from = '', to = ''] = line.split(/\s+/);
  const cut = (text: string): [string, number] => {
    const at = text.lastIndexOf(':');
    return [text.slice(0, at).replace(/[[\]]/g, ''), Number(text.slice(at + 1)) || 0];
  };
  const [local, localPort] = cut(from);
  const [remote, remotePort] = cut(to);
  const listens = state === 'LISTEN';
  const info = listens ? null : ({} as SocketReport['info']);
  const queues = { received: Number(received), sent: Number(sent) };
  const both = local === '*';
  return { state, ...queues, local, localPort, remote, remotePort, both, held: true, info, congestion: 'cubic' };
}

describe.skipIf(!hasSs)('the kernel’s own sockets in our columns', () => {
  test.each([[['-tan']], [['-tanH']], [['-tan', 'state', 'listening']], [['-tan6']]])('%j', async (args) => {
    const servers = await Promise.all(
      ['127.0.0.1', '::1', '::', '0.0.0.0'].map(async (host) => {
        const server = createServer().listen({ host, port: 0 });
        await once(server, 'listening').catch(() => undefined); // a kernel without IPv6
        return server;
      }),
    );
    const kernels = spawnSync('ss', args, { encoding: 'utf8' }).stdout.trimEnd().split('\n');
    for (const server of servers) server.close();
    const header = kernels[0]?.includes('Recv-Q') === true;
    const one = args.includes('state');
    const lines = kernels.slice(header ? 1 : 0).map((line) => (one ? `LISTEN ${line}` : line));
    const rows = lines.filter((line) => line !== '').map((line) => rowOf(socketOf(line), 'host', 1, 'test'));
    const ours = tableLines(rows, { withState: !one, header, oneLine: false, extra: () => '', below: () => '' });
    const trimmed = kernels.map((line) => line.trimEnd().replace(/Port +Process$/, 'PortProcess'));
    expect(ours.map((line) => line.replace(/Port +Process$/, 'PortProcess')).join('\n')).toBe(trimmed.join('\n'));
  });
});

describe('filters', () => {
  const row = (local: string, localPort: number, remote: string, remotePort: number, state = 'ESTABLISHED'): Row =>
    rowOf(
      { ...socketOf(`${state} 0 0 ${local}:${localPort} ${remote}:${remotePort}`), local, remote },
      'host',
      1,
      'test',
    );
  const rows = [
    row('10.9.0.2', 80, '10.9.0.1', 40_000),
    row('10.9.0.2', 443, '192.0.2.1', 40_001),
    row('fd00::2', 80, 'fd00::1', 40_002),
    row('10.9.0.2', 50_000, '10.9.0.1', 80, 'TIME-WAIT'),
  ];
  test.each<[string, number[]]>([
    ['', [0, 1, 2, 3]],
    ['sport = :80', [0, 2]],
    ['( sport == 80 )', [0, 2]],
    ['dport = :80', [3]],
    ['sport = :80 or dport = :80', [0, 2, 3]],
    ['sport != :80', [1, 3]],
    ['sport gt :400 and sport < :1024', [1]],
    ['dst 10.9.0.0/24', [0, 3]],
    ['dst 10.9.0.1:80', [3]],
    ['src [fd00::2]:80', [2]],
    ['src fd00::/16', [2]],
    ['src :443', [1]],
    ['not dst 10.0.0.0/8', [1, 2]],
    ['! ( sport = :80 | sport = :443 )', [3]],
    ['src 10.9.0.2 sport = :80', [0]],
  ])('%s', (text, wanted) => {
    const { test: passes } = parseWanted(text.split(' ').filter(Boolean));
    expect(rows.flatMap((each, i) => (passes(each) ? [i] : []))).toEqual(wanted);
  });

  test.each<[string, string[] | null]>([
    ['state established', ['ESTAB']],
    ['state syn-sent state time-wait', ['SYN-SENT', 'TIME-WAIT']],
    ['state bucket exclude time-wait', ['SYN-RECV']],
    ['sport = :80', null],
  ])('%s', (text, wanted) => {
    const { states } = parseWanted(text.split(' '));
    expect(states === null ? null : [...states]).toEqual(wanted);
  });

  test.each<[string, RegExp]>([
    ['state establishd', /did you mean established/],
    ['dpotr = :80', /did you mean dport/],
    ['sport = :http', /not a port/],
    ['( sport = :80', /not closed/],
    ['sport = :80 )', /nothing is open/],
    ['dst nowhere', /not an address/],
    ['dst 10.0.0.0/40', /longer than the address/],
    ['sport =', /what is sport to be/],
  ])('%s is told', (text, reason) => {
    expect(() => parseWanted(text.split(' '))).toThrow(reason);
  });
});

test.each<[number, string]>([
  [204, '204ms'],
  [1000, '1sec'],
  [6843, '6.8sec'],
  [53_900, '53sec'],
  [74_000, '1min14sec'],
  [7_190_000, '119min'],
])('%i ms is %s', (span, text) => {
  expect(spanText(span)).toBe(text);
});

describe('programs that run', () => {
  const children: ChildProcess[] = [];
  const synwave = (...args: string[]): ChildProcess => {
    const child = spawn(process.execPath, [bin, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    children.push(child);
    return child;
  };
  const told = (child: ChildProcess, words: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      let text = '';
      child.stderr?.on('data', (chunk) => {
        text += String(chunk);
        if (words.test(text)) resolve();
      });
      child.once('exit', () => reject(new Error(text)));
    });
  beforeAll(() =>
    expect(ss('-ta')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^State.*\n$/) as string }),
  );
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  test('both ends of a connection, its listener, timers and processes; and the sockets’ files are ours alone', async () => {
    const link = ['--link', 'udp://127.0.0.1:7731'];
    const server = synwave('nc', '-v', '-l', '7000', ...link);
    await told(server, /Listening/);
    expect(ss('-tanp').stdout).toMatch(
      new RegExp(
        `^LISTEN 0 +511 +10\\.7\\.0\\.1:7000 +0\\.0\\.0\\.0:\\* +users:\\(\\("synwave nc",pid=${server.pid}\\)\\)$`,
        'm',
      ),
    );
    const client = synwave('nc', '-v', 'server', '7000', ...link);
    await told(client, /succeeded/);
    client.stdin?.write('a line\n');
    await once(server.stdout as NodeJS.ReadableStream, 'data');
    const { stdout } = ss('-tni', 'state', 'established', '( dport = :7000 )');
    expect(stdout.split('\n')).toHaveLength(4);
    expect(stdout).toMatch(/^0 +0 +10\.7\.\d+\.\d+:\d+ +10\.7\.0\.1:7000$/m);
    expect(stdout).toMatch(
      /^\t ts sack cubic wscale:\d+,\d+ rto:[\d.]+ rtt:[\d.]+\/[\d.]+ mss:14\d\d .*cwnd:\d+ .*bytes_sent:7 bytes_acked:7 .*segs_out:\d+ segs_in:\d+ /m,
    );
    expect(ss('-s').stdout).toMatch(/^TCP: {3}2 \(estab 2, closed 0, orphaned 0, timewait 0\)$/m);
    const { sockets } = JSON.parse(ss('--json', '--pid', String(client.pid)).stdout) as { sockets: unknown[] };
    expect(sockets).toMatchObject([{ state: 'ESTAB', remote: '10.7.0.1', remotePort: 7000, pid: client.pid, tcp: {} }]);
    const directory = join(home, 'synwave');
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(readdirSync(directory).map((name) => statSync(join(directory, name)).mode & 0o777)).toEqual([0o600, 0o600]);
    client.stdin?.end();
    server.stdin?.end();
    await Promise.all([once(client, 'exit'), once(server, 'exit')]);
    expect(readdirSync(directory)).toEqual([]);
  }, 30_000);

  test('what a killed process has left is removed by whoever comes next; one that is stopped does not hold us up', async () => {
    const directory = join(home, 'synwave');
    const server = synwave('serve', 'echo', '--link', 'udp://127.0.0.1:7732');
    await told(server, /echo on/);
    server.kill('SIGSTOP');
    expect(ss('-ta')).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/process \d+ does not answer/) as string,
    });
    server.kill('SIGKILL');
    await once(server, 'exit');
    expect(existsSync(join(directory, `${server.pid}.sock`))).toBe(true);
    expect(ss('-ta').stderr).toMatch(/no synwave program of yours runs/);
    expect(readdirSync(directory)).toEqual([]);
  }, 30_000);

  test('a directory that others may look into is not trusted', () => {
    const open = mkdtempSync(join(home, 'open-'));
    spawnSync('mkdir', ['-m', '755', join(open, 'synwave')]);
    const child = spawnSync(process.execPath, [bin, 'ss'], {
      encoding: 'utf8',
      env: { ...env, XDG_RUNTIME_DIR: open },
    });
    expect(child).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^synwave: .* is open to others: chmod 700 .*\n$/) as string,
    });
  });

  test('no such process, no such option', () => {
    expect(ss('--pid', '1')).toMatchObject({
      status: 1,
      stderr: 'synwave: no process 1 of yours has a control socket\n',
    });
    expect(ss('--proceses').stderr).toMatch(/--processes/);
  });
});
