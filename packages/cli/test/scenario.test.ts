/** `synwave run`: scenarios as ladders with words, in both languages; the list; what is wrong is told in one line. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseScenario, play } from 'synwave/sim';
import { afterAll, describe, expect, test } from 'vitest';
import { widthOf, wrapped } from '../src/ladder/columns.ts';
import { textIn } from '../src/language.ts';
import { nearest } from '../src/nearest.ts';
import { scenarioDrawing } from '../src/scenario/drawing.ts';
import { plainLook } from './tools.ts';

const bin = fileURLToPath(new URL('../../synwave/bin/synwave.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'synwave-run-'));

const hasTcpdump = spawnSync('tcpdump', ['--version']).error === undefined;
if (!hasTcpdump) process.stderr.write('SKIPPED: tcpdump is not installed, so that no capture is read with it\n');

afterAll(() => rmSync(folder, { recursive: true }));

const words = (text: string): { zh: string; en: string } => ({ zh: `${text}。`, en: `${text}.` });

/** Three hosts in a row, a UDP datagram across the middle one, and a connection that is refused. */
const across = {
  id: 'across',
  title: words('across'),
  summary: words('three hosts'),
  hosts: [{ name: 'left' }, { name: 'middle' }, { name: 'right' }],
  links: [
    { between: ['left', 'middle'], delay: '10 ms' },
    { between: ['middle', 'right'], delay: '10 ms' },
  ],
  script: [
    { who: 'right', do: 'bind', port: 7, as: 'u' },
    { at: '10 ms', who: 'left', do: 'bind', port: 9, as: 'u' },
    { at: '10 ms', who: 'left', do: 'send', socket: 'u', to: 'right', port: 7, text: 'hi' },
    { at: '100 ms', who: 'left', do: 'connect', to: 'right', port: 81 },
  ],
  steps: [
    { on: 'right returns from recvfrom with 2 octets', what: words('it came'), why: words('a router between') },
    { on: 'left returns from connect with ECONNREFUSED', what: words('refused'), why: words('nobody listens') },
  ],
};

function synwave(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', NO_COLOR: '1' },
  });
  return { status, stdout, stderr };
}

describe('the ladder', () => {
  test('three hosts, with the words of each step', () => {
    const run = play(parseScenario(across));
    expect(run.finish()).toEqual({ passed: true, problem: null });
    const look = { ...plainLook({ width: 100 }), language: 'en' as const, labels: 'relative' as const, words: true };
    expect(scenarioDrawing(run, look, textIn('en'))).toMatchSnapshot();
  });

  test.each([72, 80, 100, 120])('no line is wider than %d columns, in either language', (width) => {
    for (const language of ['zh', 'en'] as const) {
      const run = play(parseScenario(across));
      run.finish();
      const look = { ...plainLook({ width }), language, labels: 'textbook' as const, words: true };
      for (const line of scenarioDrawing(run, look, textIn(language)).split('\n')) {
        expect(widthOf(line), line).toBeLessThanOrEqual(width);
      }
    }
  });

  test('Chinese is parted between characters, never in front of a closing sign', () => {
    expect(wrapped('收到数据，进入状态。', 9)).toEqual(['收到数', '据，进入', '状态。']);
    expect(wrapped('one two three', 8)).toEqual(['one two', 'three']);
  });
});

describe('the command', () => {
  test('plays a scenario', () => {
    const { status, stdout, stderr } = synwave('run', 'third-ack-lost');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('The third ACK is lost');
    expect(stdout).toMatch(/(\d+) of \1 steps came/);
  });

  test('lists them, and in JSON', () => {
    expect(synwave('run', '--list').stdout).toContain('third-ack-lost');
    const list = JSON.parse(synwave('run', '--list', '--json').stdout) as { id: string }[];
    expect(list.map(({ id }) => id)).toContain('third-ack-lost');
  });

  test('writes events as JSON, the verdict last', () => {
    const lines = synwave('run', '--json', 'third-ack-lost').stdout.trim().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { type: string; passed?: boolean });
    expect(events.at(-1)).toMatchObject({ type: 'verdict', passed: true });
    expect(new Set(events.map(({ type }) => type))).toContain('lost');
  });

  test('a file of one s own, with a step that does not come, ends with 3', () => {
    const file = join(folder, 'mine.json');
    writeFileSync(file, JSON.stringify({ ...across, steps: [{ ...across.steps[0], on: 'right enters ESTABLISHED' }] }));
    const { status, stderr } = synwave('run', '-q', file);
    expect(status).toBe(3);
    expect(stderr).toContain('step 1 of 1, "right enters ESTABLISHED", did not come');
  });

  test.skipIf(!hasTcpdump)('a capture that tcpdump reads', () => {
    const file = join(folder, 'run.pcapng');
    expect(synwave('run', '-q', '-w', file, 'third-ack-lost').status).toBe(0);
    expect(readFileSync(file).length).toBeGreaterThan(500);
    expect(execFileSync('tcpdump', ['-n', '-r', file], { encoding: 'utf8', stdio: 'pipe' })).toContain('Flags [S.]');
  });

  test.each([
    [['run'], 'which scenario? synwave run --list names them'],
    [['run', 'thrid-ack'], 'there is no scenario thrid-ack; is third-ack-lost meant?'],
    [['run', 'third-ack-lost:twice'], 'scenario third-ack-lost has no variant twice'],
    [['run', 'absent.json'], 'cannot read absent.json: no such file or directory (ENOENT)'],
  ])('%j', (args, line) => {
    const { status, stderr } = synwave(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(`synwave: ${line}`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a file that makes no sense is told with its place', () => {
    const file = join(folder, 'wrong.json');
    const steps = [{ ...across.steps[0], on: 'right enters ESTABLISHT' }];
    writeFileSync(file, JSON.stringify({ ...across, steps }));
    const { status, stderr } = synwave('run', file);
    expect(status).toBe(2);
    expect(stderr).toMatch(/wrong\.json: steps\[0\]\.on: expected CLOSED, .*found "ESTABLISHT"/);
  });
});

test('the nearest name', () => {
  const names = ['handshake', 'third-ack-lost', 'close-four'];
  expect(nearest('handshak', names)).toBe('handshake');
  expect(nearest('close', names)).toBe('close-four');
  expect(nearest('xyz', names)).toBeNull();
});
