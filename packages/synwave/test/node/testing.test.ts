/** `inWorld`: what a test that fails leaves behind, and the examples for both runners, run as readers run them. Needs a build. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCapture } from '../../src/capture/read.ts';
import type { NodeWorld } from '../../src/node/sim.ts';
import { type InWorldOptions, inWorld } from '../../src/node/testing.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'synwave-testing-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A datagram that arrives, one that is lost, and then an error. */
async function failing(w: NodeWorld, error: unknown = new TypeError('it is so')): Promise<never> {
  const [a, b] = [w.host('a'), w.host('b')];
  const cable = w.cable(a, b, { delay: 1000, addresses: [['10.0.0.1/24'], ['10.0.0.2/24']] });
  const socket = a.udp({ port: 7 });
  b.udp({ port: 9 });
  socket.send(Uint8Array.of(1, 2, 3), b.address, 9);
  await w.sleep(2000);
  cable.unplug();
  socket.send(Uint8Array.of(4, 5), b.address, 9);
  await w.sleep(1);
  throw error;
}

async function failureOf(options: InWorldOptions, error?: unknown): Promise<unknown> {
  return inWorld({ folder, ...options }, (w) => failing(w, error)).catch((reason: unknown) => reason);
}

describe('inWorld', () => {
  test('answers what the program answers, and leaves nothing behind', async () => {
    const answer = await inWorld({ folder, seed: 5 }, async (w) => {
      await w.sleep(1000);
      return [w.seed, w.now, w.hash === null];
    });
    expect(answer).toEqual([5, 1000, false]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a failure says how to have it again, and where its packets are', async () => {
    const error = (await failureOf({ seed: 5, name: 'two words: 再见' })) as Error;
    expect(error).toBeInstanceOf(TypeError);
    const path = join(folder, 'two-words-再见-seed-5');
    expect(error.message).toMatch(
      /^it is so\n\nworld: seed 5, at 0\.002001 s, shape [0-9a-f]{16}, hash [0-9a-f]{16}\nthe same run again: SYNWAVE_SEED=5\n/,
    );
    expect(error.message).toContain(`capture: ${path}.pcapng\nladder: ${path}.txt`);
    expect(error.stack).toContain('SYNWAVE_SEED=5');
    const ladder = readFileSync(`${path}.txt`, 'utf8').split('\n');
    expect(ladder.slice(0, 4)).toEqual([
      '    0.000000 s  a -> b  IP 10.0.0.1.7 > 10.0.0.2.9: UDP, length 3  [arrives after 1.000 ms]',
      '    0.002000 s  a -> b  IP 10.0.0.1.7 > 10.0.0.2.9: UDP, length 2  [LOST (unplugged)]',
      '',
      'TypeError: it is so',
    ]);
    const { packets, interfaces } = readCapture(readFileSync(`${path}.pcapng`));
    expect(interfaces.map(({ name }) => name)).toEqual(['a-b']);
    expect([...packets].map(({ time, data, comment }) => [time, data.length, comment])).toEqual([
      [1_000_000n, 31, null],
      [2_000_000n, 30, 'lost on the cable: unplugged'],
    ]);
  });

  test('the same seed fails with the same hash; a seed of words is quoted for the shell', async () => {
    const hash = (error: unknown): string | undefined => /hash \w+/.exec((error as Error).message)?.[0];
    const [one, again, other] = [
      await failureOf({ seed: 1 }),
      await failureOf({ seed: 1 }),
      await failureOf({ seed: 'a b' }),
    ];
    expect(hash(one)).toBe(hash(again));
    expect((other as Error).message).toContain("SYNWAVE_SEED='a b'");
  });

  test('what is no error, or may not be changed, comes out as it is, and the files are there', async () => {
    expect(await failureOf({}, 'text')).toBe('text');
    const frozen = Object.freeze(new Error('frozen'));
    expect(await failureOf({ name: 'frozen' }, frozen)).toBe(frozen);
    expect(frozen.message).toBe('frozen');
    expect(readdirSync(folder).toSorted()).toEqual([
      'frozen-seed-1.pcapng',
      'frozen-seed-1.txt',
      'world-seed-1.pcapng',
      'world-seed-1.txt',
    ]);
  });

  test('a folder that cannot be written to is told of, and hides no failure', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const error = (await failureOf({ folder: file })) as Error;
    expect(error.message).toMatch(/^it is so\n[\s\S]*its packets could not be written: E/);
  });

  test('of a long run the last packets are kept, and the number of the others is told', async () => {
    const run = inWorld({ folder, keep: 10_000 }, async (w) => {
      const [a, b] = [w.host('a'), w.host('b')];
      w.cable(a, b);
      const socket = a.udp();
      for (let i = 0; i < 5000; i++) {
        socket.send(new Uint8Array(22), b.address, 9);
        await w.sleep(10_000_000);
      }
      throw new Error('at the end');
    });
    await expect(run).rejects.toThrow('at the end');
    const ladder = readFileSync(join(folder, 'world-seed-1.txt'), 'utf8').split('\n');
    const count = Number(/^(\d+) packets before these are not kept$/.exec(ladder[0] ?? '')?.[1]);
    const shown = ladder.filter((line) => line.includes(' -> ')).length;
    expect(count + shown).toBeGreaterThan(5000);
    expect(shown).toBeLessThan(50);
    expect(ladder[shown]).toMatch(/49990\.0/);
  });

  test('looking on does not change the run', async () => {
    const hashes: (string | null)[] = [];
    const program = async (w: NodeWorld): Promise<void> => {
      const [a, b] = [w.host('a'), w.host('b')];
      w.cable(a, b, { delay: 1000, loss: 0.05, corrupt: 0.02, duplicate: 0.02, jitter: 500 });
      const server = b.net.createServer((socket) => socket.pipe(socket)).listen(80);
      const socket = a.net.connect(80, 'b');
      socket.end(Buffer.alloc(100_000, 'x'));
      let got = 0;
      for await (const chunk of socket) got += (chunk as Buffer).length;
      expect(got).toBe(100_000);
      server.close();
      hashes.push(w.hash);
    };
    await inWorld({}, program);
    const { world } = await import('../../src/node/sim.ts');
    const w = world({ hash: true });
    await w.run(() => program(w));
    expect(hashes[0]).toBe(hashes[1]);
  });

  test("attaches the files to the runner's test", async () => {
    const said: unknown[] = [];
    const vitest = {
      task: { name: 'n', fullName: 'of vitest' },
      annotate: async (...args: unknown[]) => void said.push(args),
    };
    const node = { fullName: 'of node', diagnostic: (text: string) => void said.push(text) };
    await failureOf({ test: vitest });
    await failureOf({ test: node });
    const [first, second] = [join(folder, 'of-vitest-seed-1'), join(folder, 'of-node-seed-1')];
    expect(said).toEqual([
      ['capture of the world', { path: `${first}.pcapng`, contentType: 'application/x-pcapng' }],
      ['ladder of the world', { path: `${first}.txt`, contentType: 'text/plain' }],
      `capture: ${second}.pcapng`,
      `ladder: ${second}.txt`,
    ]);
  });
});

describe('the examples', () => {
  const examples = join(ROOT, 'examples/testing');
  const vitest = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--root', examples];
  const attachments = (): string[] => ['--attachmentsDir', join(folder, 'attachments')];
  const node = ['--test', join(examples, 'lookup.node-test.mjs')];

  function run(args: string[], seed?: string): { status: number | null; out: string } {
    const env = { PATH: process.env['PATH'], NO_COLOR: '1', ...(seed === undefined ? {} : { SYNWAVE_SEED: seed }) };
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
    return { status, out: stdout + stderr };
  }

  test.each([
    ['vitest', () => [...vitest, ...attachments()]],
    ['node:test', () => node],
  ])(
    '%s: passes; with a seed that loses all answers it fails, says how to repeat it, and attaches the files',
    (_, argsOf) => {
      const args = argsOf();
      expect(run(args)).toMatchObject({ status: 0 });
      expect(readdirSync(folder)).toEqual([]);
      const { status, out } = run(args, '18');
      expect(status).toBe(1);
      expect(out).toContain('nobody answers at 10.0.0.2');
      expect(out).toContain('the same run again: SYNWAVE_SEED=18');
      const left = /ladder: (\S+\.txt)/.exec(out)?.[1] ?? '';
      const ladder = readFileSync(join(folder, left), 'utf8');
      expect(ladder.match(/LOST \(loss\)/g)).toHaveLength(3);
      const hash = /hash \w+/.exec(out)?.[0];
      expect(run(args, '18').out).toContain(hash ?? 'a hash');
    },
    60_000,
  );
});
