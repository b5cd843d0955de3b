/** Packet scripts from the command line, started as users start it: how it ends, what it prints, captures, words. Needs a build. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../../synwave/bin/synwave.js', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'synwave-drill-'));

const GOOD = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS
+0 > S 0:0(0) win 64240 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>
`;
/** More than one thread takes at once. */
const MANY = 60;

beforeAll(() => {
  const write = (name: string, text: string): void => writeFileSync(join(home, name), text);
  write('good.pkt', GOOD);
  write('bad.pkt', GOOD.replace('win 64240', 'win 1'));
  write('malformed.pkt', `${GOOD}+0 > S 0:0(0) wim 5\n`);
  write('unsupported.pkt', `${GOOD}+0 setsockopt(3, SOL_TCP, TCP_FASTOPEN, [1], 4) = 0\n`);
  write('word.pkt', GOOD.replace('64240', 'WINDOW'));
  write('freebsd.pkt', GOOD.replace(/<.*>/, '<mss 1460,nop,wscale 6,sackOK,TS val 1 ecr 0>').replace('64240', '65535'));
  mkdirSync(join(home, 'many'));
  for (let i = 0; i < MANY; i++) write(join('many', `${i}.pkt`), i === 41 ? GOOD.replace('64240', '2') : GOOD);
});
afterAll(() => rmSync(home, { recursive: true }));

function drill(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: process.env['PATH'] ?? '', LANG: 'C' };
  return spawnSync(process.execPath, [bin, 'run', ...args], { encoding: 'utf8', env, cwd: home });
}

describe('how it ends', { timeout: 60_000 }, () => {
  test.each<[name: string, files: string[], status: number, says: RegExp]>([
    ['all pass', ['good.pkt'], 0, /^$/],
    ['an expectation fails', ['bad.pkt'], 3, /^bad\.pkt:4: expected > S .*the window is 64240, not 1\n$/],
    ['a script cannot be read', ['malformed.pkt'], 2, /^malformed\.pkt:5:\d+: .*\n$/],
    ['it asks for what there is not', ['unsupported.pkt'], 2, /^unsupported\.pkt:5: TCP_FASTOPEN: .*not supported\n$/],
    ['no such file', ['none.pkt'], 2, /^none\.pkt: .*\n$/],
    [
      'a failure counts more than what could not be run',
      ['good.pkt', 'malformed.pkt', 'bad.pkt'],
      3,
      /malformed[^\n]*\nbad/,
    ],
  ])('%s', (_name, files, status, says) => {
    const outcome = drill(...files);
    expect(outcome.status).toBe(status);
    expect(outcome.stderr).toMatch(says);
  });

  test('many scripts on all cores, told in their order', () => {
    const files = Array.from({ length: MANY }, (_none, i) => `many/${i}.pkt`);
    const { status, stdout, stderr } = drill(...files);
    expect(status).toBe(3);
    expect(stderr).toMatch(/^many\/41\.pkt:4: [^\n]*\n$/);
    expect(stdout).toContain('59 passed, 1 failed');
    const lines = drill('--json', ...files)
      .stdout.trim()
      .split('\n');
    expect(lines.slice(0, -1).map((line) => JSON.parse(line).file)).toEqual(files);
  });
});

describe('options', { timeout: 60_000 }, () => {
  test('--json: an event on a line, the summary last', () => {
    const { stdout } = drill('--json', 'good.pkt', 'bad.pkt');
    const [first, second, last] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(first).toMatchObject({ type: 'script', file: 'good.pkt', status: 'passed', line: 0, packets: 2 });
    expect(second).toMatchObject({ type: 'script', file: 'bad.pkt', status: 'failed', line: 4 });
    expect(last).toEqual({ type: 'summary', passed: 1, failed: 1 });
  });

  test('-w: a capture of one, a folder for several', () => {
    expect(drill('-w', 'one.pcapng', 'good.pkt').status).toBe(0);
    expect(readFileSync(join(home, 'one.pcapng')).readUInt32LE(0)).toBe(0x0a0d0d0a);
    drill('--pcap', 'captures', 'good.pkt', 'bad.pkt');
    expect(readdirSync(join(home, 'captures')).sort()).toEqual(['bad.pcapng', 'good.pcapng']);
  });

  test('--profile', () => {
    expect(drill('freebsd.pkt').status).toBe(3);
    expect(drill('--profile', 'freebsd', 'freebsd.pkt').status).toBe(0);
    expect(drill('--profile', 'minix', 'freebsd.pkt')).toMatchObject({ status: 2 });
  });

  test('-D: a word stands for another', () => {
    expect(drill('-D', 'WINDOW=64240', 'word.pkt').status).toBe(0);
    expect(drill('-D', 'WINDOW=1', 'word.pkt').status).toBe(3);
    expect(drill('word.pkt').status).toBe(2);
    expect(drill('-D', 'WINDOW', 'word.pkt').stderr).toContain('NAME=VALUE');
  });

  test('-v prints the packets beside the lines', () => {
    const { stdout } = drill('-v', 'good.pkt');
    expect(stdout).toContain('good.pkt: passed');
    expect(stdout).toContain('mss 1460');
  });
});
