/** Randomness of programs from the world's seed; what a strict world refuses; what an error that leaves a run tells. */
import childProcess from 'node:child_process';
import crypto, { randomBytes as bytesByName } from 'node:crypto';
import dgram from 'node:dgram';
import net from 'node:net';
import { setTimeout as later } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { SECOND } from '../../src/base/time.ts';
import { type NodeWorldOptions, RefusedError, WorldStuckError, world } from '../../src/node/sim.ts';

/** Every source that can be seeded, and what it gives as text. */
const SOURCES: readonly (readonly [string, () => unknown])[] = [
  ['Math.random', () => Math.random()],
  ['crypto.getRandomValues', () => globalThis.crypto.getRandomValues(new Uint32Array(3)).join()],
  ['crypto.randomUUID', () => globalThis.crypto.randomUUID()],
  ['getRandomValues of node:crypto', () => crypto.getRandomValues(new Uint8Array(9)).join()],
  ['randomUUID of node:crypto', () => crypto.randomUUID()],
  ['randomBytes', () => crypto.randomBytes(9).toString('hex')],
  ['randomBytes, imported by its name', () => bytesByName(9).toString('hex')],
  ['randomBytes, called back', async () => (await promisify(crypto.randomBytes)(9)).toString('hex')],
  ['randomFillSync', () => crypto.randomFillSync(Buffer.alloc(9), 2).toString('hex')],
  [
    'randomFill',
    () => new Promise((done) => crypto.randomFill(new Uint16Array(4), 1, 2, (_, value) => done(value.join()))),
  ],
  ['randomInt', () => crypto.randomInt(1_000_000_000)],
  ['randomInt, from and to', () => crypto.randomInt(1000, 2_000_000_000)],
  ['randomInt, called back', () => new Promise((done) => crypto.randomInt(9, 999_999_999, (_, value) => done(value)))],
];

async function draws(options: NodeWorldOptions): Promise<unknown[]> {
  const all: unknown[] = [];
  await world(options).run(async () => {
    for (const [, draw] of SOURCES) all.push(await draw());
  });
  return all;
}

describe('randomness of the program', () => {
  test('is the same for the same seed, another for another seed, and the platform’s own without the option', async () => {
    const seeded = await draws({ seed: 7, randomness: true });
    expect(await draws({ seed: 7, randomness: true })).toEqual(seeded);
    for (const other of [
      await draws({ seed: 8, randomness: true }),
      await draws({ seed: 7 }),
      await draws({ seed: 7 }),
    ])
      expect(other.filter((value, i) => value === seeded[i])).toEqual([]);
    expect(seeded[8]).toMatch(/^0000[\da-f]{14}$/);
    expect(seeded[9]).toMatch(/^0,\d+,\d+,0$/);
  });

  test('is of the right kind and within its bounds', async () => {
    await world({ randomness: true }).run(async () => {
      for (let i = 0; i < 1000; i++) {
        expect(crypto.randomInt(5, 8)).toBeOneOf([5, 6, 7]);
        expect(Math.random()).toBeLessThan(1);
      }
      expect(crypto.randomUUID()).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
      expect(crypto.randomBytes(3)).toBeInstanceOf(Buffer);
      expect(() => crypto.randomFillSync(Buffer.alloc(4), 3, 2)).toThrow(RangeError);
    });
  });

  test('goes on in the next run of the same world', async () => {
    const w = world({ randomness: true });
    const first = await w.run(async () => Math.random());
    expect(await w.run(async () => Math.random())).not.toBe(first);
  });

  test('is given back, also after a failure', async () => {
    const all = (): unknown[] => [
      Math.random,
      bytesByName,
      Object.entries(crypto),
      Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(globalThis.crypto))),
    ];
    const before = all();
    await world({ randomness: true, strict: true })
      .run(() => Promise.reject(new Error('no')))
      .catch(() => undefined);
    expect(all()).toEqual(before);
    expect(Math.random()).not.toBe(Math.random());
  });

  test('what a library took out of its module during a run is seeded in later ones, and real outside', async () => {
    const taken = await world({ seed: 1, randomness: true }).run(async () => crypto.randomBytes);
    const draw = (): Promise<string> => world({ seed: 2, randomness: true }).run(async () => taken(8).toString('hex'));
    expect(await draw()).toBe(await draw());
    expect(taken(8)).not.toEqual(taken(8));
  });
});

describe('a strict world refuses', () => {
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    ['setTimeout()', () => setTimeout(() => undefined, 1), 'turn on `timers`'],
    ['setTimeout()', () => later(1), 'turn on `timers`'],
    ['setImmediate()', () => setImmediate(() => undefined), 'turn on `timers`'],
    ['Date.now()', () => Date.now(), 'turn on `timers`'],
    ['new Date()', () => new Date(), 'turn on `timers`'],
    ['performance.now()', () => performance.now(), 'turn on `timers`'],
    ['process.hrtime()', () => process.hrtime.bigint(), 'turn on `timers`'],
    ['AbortSignal.timeout()', () => AbortSignal.timeout(5), 'turn on `timers`'],
    ['Math.random()', () => Math.random(), 'turn on `randomness`'],
    ['crypto.randomBytes()', () => crypto.randomBytes(4), 'turn on `randomness`'],
    ['crypto.randomUUID()', () => globalThis.crypto.randomUUID(), 'turn on `randomness`'],
    ['crypto.generateKeyPairSync()', () => crypto.generateKeyPairSync('ed25519'), 'make it before the run'],
    ['connect() of node:net', () => net.connect(9, '127.0.0.1'), 'a host of the world'],
    ['listen() of node:net', () => net.createServer().listen(0), 'a host of the world'],
    ['bind() of node:dgram', () => dgram.createSocket('udp4').bind(0), 'a host of the world'],
    ['spawn() of node:child_process', () => childProcess.spawn('true'), 'a host of the world'],
  ];

  test.each(cases)('%s: `%s`', async (what, act, advice) => {
    const run = world({ strict: true }).run(async () => act());
    await expect(run).rejects.toThrow(RefusedError);
    await expect(run).rejects.toThrow(`${what} in a strict world: `);
    await expect(run).rejects.toThrow(advice);
  });

  test('also where the program catches it', async () => {
    const run = world({ strict: true }).run(async () => {
      try {
        Date.now();
      } catch {
        return 'as if nothing were';
      }
      return 'never';
    });
    await expect(run).rejects.toThrow('Date.now() in a strict world');
  });

  test('nothing of what is the world’s', async () => {
    const w = world({ strict: true, timers: true, randomness: true });
    const got = await w.run(async () => {
      await later(1000);
      return [Date.now() - new Date(0).getTime(), Math.random() < 1, new Date('2001-01-01').getFullYear()];
    });
    expect(got).toEqual([Date.UTC(2000, 0, 1, 0, 0, 1), true, 2001]);
    expect(await world({ strict: true }).run(async () => new Date(5).getTime())).toBe(5);
  });
});

describe('an error that leaves a run', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('of the program tells seed, time and hashes', async () => {
    const w = world({ seed: 'seven', hash: true });
    const [a, b] = [w.host('a'), w.host('b')];
    w.cable(a, b);
    const error = new Error('mine');
    const run = w.run(async () => {
      await a.ping(b.address);
      await w.sleep(SECOND);
      throw error;
    });
    await expect(run).rejects.toBe(error);
    expect(error).toMatchObject({ world: { seed: 'seven', time: SECOND, shape: w.shape, hash: w.hash } });
    expect(w.shape).toMatch(/^[\da-f]{16}$/);
  });

  test('that is stuck as well; what is no error stays as it is', async () => {
    const stuck = world({ seed: 3 }).run(() => new Promise(() => undefined));
    await expect(stuck).rejects.toThrow(WorldStuckError);
    await expect(stuck).rejects.toMatchObject({ world: { seed: 3, time: 0, hash: null } });
    await expect(world().run(() => Promise.reject(Object.freeze(new Error('cold'))))).rejects.toThrow('cold');
    await expect(world().run(() => Promise.reject('text'))).rejects.toBe('text');
  });

  test('SYNWAVE_SEED repeats it', async () => {
    const first = await draws({ seed: 7, randomness: true });
    vi.stubEnv('SYNWAVE_SEED', '7');
    expect(await draws({ seed: 8, randomness: true })).toEqual(first);
    expect(world({ seed: 8 }).seed).toBe(7);
    vi.stubEnv('SYNWAVE_SEED', 'a word');
    expect(world().seed).toBe('a word');
    vi.stubEnv('SYNWAVE_SEED', '');
    expect(world({ seed: 8 }).seed).toBe(8);
  });
});
