/** `synwave explore`: the mistakes planted in `examples/explore` are found, shrunk and repeated, on any number of threads. Needs a build. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCapture } from 'synwave/pcapng';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunsProgress, runsLine } from '../src/explore/progress.ts';
import { textIn } from '../src/language.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const bin = join(ROOT, 'packages/synwave/bin/synwave.js');
const examples = join(ROOT, 'examples/explore');
/** Inside of the repository, so that what is written finds the package. */
const parent = join(ROOT, 'captures');
mkdirSync(parent, { recursive: true });
const home = mkdtempSync(join(parent, 'explore-'));

afterAll(() => rmSync(home, { recursive: true }));
beforeAll(() => {
  if (!existsSync(join(ROOT, 'packages/synwave/dist/node/explore-worker.js')))
    throw new Error('dist is not there: run `npm run build` first');
});

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[]): Outcome {
  // What tests tell their children is not meant for the runner that is started here.
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: home, env });
  return { status, stdout, stderr };
}

const synwave = (...args: string[]): Outcome => run([bin, ...args]);

interface Document {
  readonly runs: number;
  readonly failed: number;
  readonly failures: readonly {
    readonly run: number;
    readonly message: string;
    readonly smallest: { readonly events: readonly string[]; readonly message: string } | null;
    readonly files: { readonly scenario: string; readonly test: string; readonly capture: string } | null;
  }[];
}

/** The document of a search that must find something. */
function found(file: string, ...args: string[]): Document {
  const { status, stdout, stderr } = synwave('explore', file, '--json', ...args);
  expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
  return JSON.parse(stdout) as Document;
}

/** A program of a few lines, in a file. */
function program(name: string, text: string): string {
  const path = join(home, name);
  writeFileSync(path, text);
  return path;
}

const tshark = spawnSync('tshark', ['--version']).status === 0;
if (!tshark) process.stderr.write('SKIPPED: tshark is not installed, so that no capture is checked with it\n');

describe('a mistake that is planted', () => {
  test.each([
    ['half-close-client', /^the program waits, and nothing is left to happen$/],
    ['lossy-reset-server', /^Error: the client got \d+ of 4000 octets$/],
  ])(
    '%s: found within a minute, shrunk to three packet events or fewer, repeated in three ways',
    (name, message) => {
      const started = performance.now();
      const { failures } = found(join(examples, `${name}.mjs`), '--out', name);
      expect(performance.now() - started).toBeLessThan(60_000);
      const [failure] = failures;
      expect(failure?.message).toMatch(message);
      expect(failure?.smallest?.events.length).toBeGreaterThan(0);
      expect(failure?.smallest?.events.length).toBeLessThanOrEqual(3);
      const { scenario = '', test: file = '', capture = '' } = failure?.files ?? {};

      const again = synwave('run', scenario, '-w', `${name}.pcapng`);
      expect(again.status).toBe(3);
      expect(again.stdout).toContain(failure?.smallest?.events.join('\n  '));
      expect(again.stdout).toContain(failure?.smallest?.message);

      const tested = run(['--test', file]);
      expect(tested.status).toBe(1);
      expect(tested.stdout).toMatch(/^# fail 1$/m);
      expect(tested.stdout).toContain(failure?.smallest?.message.replace(/^Error: /, ''));

      const octets = readFileSync(join(home, capture));
      const packets = [...readCapture(octets).packets];
      expect(packets.some(({ comment }) => comment === 'lost on the cable: fault')).toBe(true);
      const repeated = [...readCapture(readFileSync(join(home, `${name}.pcapng`))).packets];
      expect(repeated.map(({ time, data }) => [time, data])).toEqual(packets.map(({ time, data }) => [time, data]));
      if (!tshark) return;
      const { status, stdout } = spawnSync('tshark', ['-r', join(home, capture)], { encoding: 'utf8' });
      expect(status).toBe(0);
      expect(stdout.trimEnd().split('\n')).toHaveLength(packets.length);
      expect(stdout).not.toMatch(/malformed/i);
    },
    120_000,
  );

  test('mended, nothing is found, and the scenario ends well', () => {
    const source = readFileSync(join(examples, 'half-close-client.mjs'), 'utf8');
    const broken = program('mended.mjs', source);
    const [failure] = found(broken, '--out', 'before').failures;
    program(
      'mended.mjs',
      source.replace(
        'socket.write(question);',
        "socket.once('end', () => reject(new Error('the server has closed')));\n$&",
      ),
    );
    const { status, stdout } = synwave('run', failure?.files?.scenario ?? '');
    // It is told of now, and so is another failure: no longer one that waits for ever.
    expect(stdout).toContain('Error: the server has closed');
    expect(status).toBe(3);
    program('mended.mjs', source.replace('const THINKS = 4.9', 'const THINKS = 1'));
    expect(synwave('run', failure?.files?.scenario ?? '')).toMatchObject({ status: 0, stderr: '' });
  }, 60_000);
});

describe('what is found', () => {
  test('is the same on one thread and on three, first failure or all; shards part it', () => {
    const file = join(examples, 'lossy-reset-server.mjs');
    const at = (workers: string, ...args: string[]): Document =>
      found(file, '--workers', workers, '--runs', '40', ...args);
    const first = at('1');
    expect(at('3')).toEqual(first);
    const all = at('1', '--all');
    expect(at('3', '--all')).toEqual(all);
    expect(all.runs).toBe(40);
    expect(all.failures[0]).toEqual(first.failures[0]);
    const parts = ['1/2', '2/2'].map((shard) => at('2', '--all', '--shard', shard));
    expect(parts.map(({ runs }) => runs)).toEqual([20, 20]);
    expect(parts.reduce((sum, { failed }) => sum + failed, 0)).toBe(all.failed);
  }, 120_000);

  test('in words, in both languages', () => {
    const file = join(examples, 'lossy-reset-server.mjs');
    const en = synwave('explore', file, '--lang', 'en');
    expect(en.stdout).toMatch(/^\d+ of 1,000 runs: 1 failed\n\nrun \d+, seed \d+, fails: Error: the client got/);
    expect(en.stdout).toMatch(/of \d+ packet events it takes \d:\n {4}drop the /);
    expect(en.stdout).toMatch(/synwave run failures\/lossy-reset-server-run-\d+\.json {2}repeats it/);
    const zh = synwave('explore', file, '--lang', 'zh', '-v');
    expect(zh.stdout).toMatch(/^共 1,000 次运行，完成 \d+ 次：1 次失败\n\n第 \d+ 次运行（种子 \d+）失败：/);
    expect(zh.stdout).toMatch(/ {2}\| Error: the client got .*\n {2}\| +at property/);
  }, 60_000);

  test('nothing: 0, and one line', () => {
    const good = program('good.mjs', 'export const fine = async (w) => w.sleep(5);\n');
    expect(synwave('explore', good, '--export', 'fine', '--runs', '20')).toEqual({
      status: 0,
      stdout: '20 of 20 runs: none failed\n',
      stderr: '',
    });
  });
});

describe('programs that break out', () => {
  test('an error that nobody has caught, in a callback or in a promise, is a failure of its run', () => {
    const file = program(
      'uncaught.mjs',
      `export const callback = async (w) => { await w.sleep(1); queueMicrotask(() => { throw new Error('in a callback'); }); await w.sleep(1); };
       export const promise = async (w) => { Promise.reject(new Error('in a promise')); await w.sleep(1); };\n`,
    );
    for (const name of ['callback', 'promise']) {
      const { failures } = found(file, '--export', name, '--runs', '3');
      expect(failures[0]).toMatchObject({ run: 0, message: `Error: in a ${name}` });
      expect(synwave('run', failures[0]?.files?.scenario ?? '').stdout).toContain(`Error: in a ${name}`);
    }
  }, 60_000);

  test('one that ends its process fails, and the search goes on', () => {
    const file = program('exits.mjs', `export default async (w) => { await w.sleep(1); process.exit(7); };\n`);
    const { failures, failed, runs } = found(file, '--runs', '3', '--all', '--workers', '1');
    expect([failed, runs]).toEqual([3, 3]);
    expect(failures[0]?.message).toBe('the program ended its process, with exit code 7');
    expect(failures[0]?.files).toBeNull();
  }, 60_000);

  test('what it prints is not shown; timers are those of its worlds where it asks for that', () => {
    const file = program(
      'prints.mjs',
      `export default { world: { timers: true }, program: async () => {
         console.log('to be seen by nobody');
         await new Promise((resolve) => setTimeout(resolve, 3_600_000));
         throw new Error('an hour later it is ' + new Date().toISOString());
       } };\n`,
    );
    const { status, stdout, stderr } = synwave('explore', file, '--runs', '3');
    expect(stdout + stderr).not.toContain('nobody');
    expect(stdout).toContain('Error: an hour later it is 2000-01-01T01:00:00.000Z');
    expect(status).toBe(3);
  }, 60_000);
});

describe('mistakes are told on one line, and end with 2', () => {
  const empty = program('empty.mjs', 'export const number = 7;\n');
  const broken = program('broken.mjs', 'export default ((;\n');
  const noProgram = program('no-program.json', '{ "id": "a" }');
  const badMatch = program(
    'bad-match.json',
    JSON.stringify({
      id: 'a',
      title: { zh: 'a', en: 'a' },
      summary: { zh: 'a', en: 'a' },
      program: './empty.mjs#number',
      faults: [{ match: 'third akc', do: 'drop' }],
    }),
  );
  test.each<[string, string[], RegExp]>([
    ['no file', ['explore'], /which program\? synwave explore FILE/],
    ['a file that is not there', ['explore', 'nowhere.mjs'], /cannot load .*nowhere.mjs: Cannot find module/],
    ['a file that cannot be read', ['explore', broken], /cannot load .*broken.mjs: /],
    ['no such export', ['explore', empty], /empty.mjs exports no program .*: it has no default, there is number/],
    ['an export of another kind', ['explore', empty, '--export', 'number'], /its number is none/],
    ['a shard that is none', ['explore', empty, '--shard', '4/3'], /--shard: 4\/3 is not a shard: write 3\/16/],
    ['no runs', ['explore', empty, '--runs', '0'], /--runs: 0 is not a number from 1/],
    ['no workers', ['explore', empty, '--workers', '0'], /--workers: 0 is not a number from 1/],
    ['an unknown runner', ['explore', empty, '--runner', 'jest'], /node, vitest/],
    ['an unknown option', ['explore', empty, '--sharp', '1/2'], /unknown option '--sharp' .*--shard/],
    ['a scenario without anything', ['run', noProgram], /no-program.json: title: expected an object/],
    ['a match text with a slip', ['run', badMatch], /bad-match.json: faults\[0\].match: column 7: expected/],
  ])('%s', (_name, args, line) => {
    const { status, stdout, stderr } = synwave(...args);
    expect(stderr).toMatch(/^synwave: [^\n]+\n$/);
    expect(stderr).toMatch(line);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
  });
});

describe('progress', () => {
  test('runs, rate and time left, in one line', () => {
    expect(runsLine(420, 1000, 2000, textIn('en'))).toBe(
      ' 42% ▕████████▍           ▏ 420/1,000 runs  210 runs/s  ETA 00:03',
    );
    expect(runsLine(0, 1000, 0, textIn('zh'))).toMatch(/^ {2}0% ▕ {20}▏ 0\/1,000 次运行 {2}0 次\/秒/);
  });

  test('nothing in the first second, and no last line then', () => {
    const written: string[] = [];
    const out = { columns: 80, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
    const progress = new RunsProgress(out, textIn('en'), false);
    progress.tell(5, 10);
    progress.end(10, 10);
    expect(written).toEqual([]);
  });
});
