/** The fuzzer: that it finds what is planted and repeats itself, and each of its targets for a moment. Needs a build. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FUZZ, fuzz, hosts, targets } from './fuzz.ts';

/** Inputs for each target, and the time after which it is enough, in seconds: more where one input is a whole host's life. */
const RUNS = '20000';
const SECONDS = '1';
const SECONDS_OF_HOSTS = '5';

const names = targets();
let found = '';

beforeAll(() => {
  found = mkdtempSync(join(tmpdir(), 'synwave-fuzz-'));
});

afterAll(() => rmSync(found, { recursive: true, force: true }));

/** A target with a fault. */
const planted = (name: string): string => join(FUZZ, 'planted', `${name}.mjs`);

/** Fuzzes a planted target until it fails; answers what was printed, and the input that was kept. */
async function find(name: string, ...args: string[]): Promise<{ out: string; file: string; input: string }> {
  const folder = join(found, `${name}${args.join('')}`);
  const { status, out } = await fuzz('--target', planted(name), '--found', folder, '--runs', '200000', ...args);
  expect(status, out).toBe(1);
  const [file = ''] = readdirSync(folder);
  return { out, file: join(folder, file), input: readFileSync(join(folder, file), 'utf8').trim() };
}

describe('the driver', () => {
  test('coverage leads it, octet by octet, to a fault that chance would not find', async () => {
    const { out, file, input } = await find('magic', '--seed', '1');
    expect(input).toBe('00000053594e574156');
    expect(out).toMatch(/^magic .* FAILED$/m);
    expect(out).toContain(`input  9 octets`);
    expect(out).toContain('RangeError: the word is there\n      at Object.run');
    expect(out).toContain(`npm run fuzz -- --target ${planted('magic')} --input `);
    const again = await fuzz('--target', planted('magic'), '--input', file);
    expect(again).toEqual({
      status: 1,
      out: expect.stringMatching(/^RangeError: the word is there\n {4}at Object\.run/),
    });
  }, 60_000);

  test('checksums that are put right let it come behind them', async () => {
    const { input } = await find('sum', '--seed', '1');
    expect(input).toMatch(/^[0-9a-f]{8}00000000c0$/);
  }, 60_000);

  test('an input that does not come to an end is cut off, and is a failure', async () => {
    const { out, input } = await find('loop', '--seed', '1');
    expect(input).toBe('00');
    expect(out).toContain('HangError: still running after 1000 ms');
  }, 60_000);

  test('the same seed gives the same corpus, another one another', async () => {
    const corpus = async (seed: string): Promise<string | undefined> => {
      const { status, out } = await fuzz('--target', 'ipv6', '--seed', seed, '--runs', '20000', '--found', found);
      expect(status, out).toBe(0);
      return /20,000 inputs .* in the corpus \(([0-9a-f]{12})\)/.exec(out)?.[1];
    };
    const first = await corpus('5');
    expect(first).toBeDefined();
    expect(await corpus('5')).toBe(first);
    expect(await corpus('6')).not.toBe(first);
  }, 60_000);

  test('an input that holds is said to, and what makes no sense is refused', async () => {
    const file = join(found, 'fine.hex');
    writeFileSync(file, '00 01\n02');
    expect(await fuzz('--target', planted('magic'), '--input', file)).toEqual({
      status: 0,
      out: '3 octets: it holds\n',
    });
    const refused = await fuzz('--target', 'quux');
    expect(refused).toEqual({ status: 2, out: expect.stringMatching(/^fuzz: no target is called quux; there are: /) });
    expect((await fuzz('--runs', '0')).status).toBe(2);
  });
});

test('every file of fuzz/targets is one', () => {
  const files = readdirSync(join(FUZZ, 'targets')).map((file) => file.replace(/\.mjs$/, ''));
  expect(names.toSorted()).toEqual(files.toSorted());
});

describe('a moment of', () => {
  test.each(names)('%s', { timeout: 60_000 }, async (name) => {
    const seconds = hosts.includes(name) ? SECONDS_OF_HOSTS : SECONDS;
    const { status, out } = await fuzz('--target', name, '--seed', '1', '--runs', RUNS, '--seconds', seconds);
    expect(status, out).toBe(0);
    expect(out).toMatch(/ inputs /);
  });
});
