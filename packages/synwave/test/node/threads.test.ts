/** Work that a program has Node's threads do: the world stands still meanwhile, so that its times are the same each time. */
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import dns from 'node:dns/promises';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { type NodeWorldOptions, world } from '../../src/node/sim.ts';

/** Each kind of work, and how it is asked for. */
const WORK: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['pbkdf2', () => promisify(crypto.pbkdf2)('secret', 'salt', 50_000, 32, 'sha512')],
  ['scrypt', () => promisify(crypto.scrypt)('secret', 'salt', 32)],
  ['randomBytes', () => promisify(crypto.randomBytes)(1 << 20)],
  ['generateKeyPair', () => promisify(crypto.generateKeyPair)('ec', { namedCurve: 'P-256' })],
  ['subtle', () => crypto.subtle.digest('SHA-512', new Uint8Array(1 << 20))],
  ['gzip', () => promisify(zlib.gzip)(Buffer.alloc(1 << 20))],
  ['a stream of zlib', () => text(zlib.createBrotliDecompress().end(zlib.brotliCompressSync('wave')))],
  ['a file', () => fs.readFile(import.meta.filename)],
  ['a name', () => dns.lookup('127.0.0.1.').catch(() => dns.lookup('localhost'))],
];

describe('time stands still for', () => {
  test.each(WORK)('%s', async (_name, work) => {
    const w = world();
    const far = w.after(3600 * SECOND, () => undefined);
    const at: number[] = [];
    await w.run(async () => {
      await w.sleep(MILLISECOND);
      await work();
      at.push(w.now);
      await work();
      at.push(w.now);
    });
    far.cancel();
    expect(at).toEqual([MILLISECOND, MILLISECOND]);
  });

  test('all of them at once, beside a connection: the same octets at the same times', async () => {
    const run = async (): Promise<[string | null, number]> => {
      const w = world({ hash: true, timers: true });
      const [client, server] = [w.host('client'), w.host('server')];
      w.cable(client, server, { delay: 5 * MILLISECOND });
      await w.run(async () => {
        const listener = server.listen({ port: 80 });
        const socket = client.connect({ address: server.address, port: 80 });
        const theirs = await listener.accept();
        for (const [name, work] of WORK) {
          await Promise.all([work(), socket.write(Buffer.from(name)), theirs?.read()]);
          await new Promise((resolve) => setTimeout(resolve, 7));
        }
      });
      return [w.hash, w.now];
    };
    const first = await run();
    for (let i = 0; i < 5; i++) expect(await run()).toEqual(first);
  });
});

test('what is done on the spot is nothing to wait for', async () => {
  const w = world({ threads: 50 });
  const key = await w.run(async () => {
    crypto.randomBytes(8);
    crypto.scryptSync('secret', 'salt', 8, { N: 2 });
    await w.sleep(SECOND);
    return crypto.pbkdf2Sync('secret', 'salt', 1, 8, 'sha1');
  });
  expect(key.length).toBe(8);
  expect(w.now).toBe(SECOND);
});

test('work that never ends is told of after its bound of real time', async () => {
  const folder = await fs.mkdtemp(join(tmpdir(), 'synwave-'));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const w = world({ threads: 50 });
  let opened: Promise<fs.FileHandle> | null = null;
  const program = async (): Promise<void> => {
    opened = fs.open(pipe, 'r'); // nobody writes
    await w.sleep(SECOND);
  };
  await expect(w.run(program)).rejects.toThrow(/waits for FSREQPROMISE, for 50 ms of real time/);
  await (await fs.open(pipe, 'r+')).close();
  await (await (opened as unknown as Promise<fs.FileHandle>)).close();
  await fs.rm(folder, { recursive: true });
});

test.each<[string, NodeWorldOptions, boolean]>([
  ['with threads waited for', {}, true],
  ['with threads left alone', { threads: 0 }, false],
])('nothing else to happen, %s', async (_name, options, waits) => {
  const outcome = world(options).run(() => promisify(crypto.pbkdf2)('secret', 'salt', 20_000, 32, 'sha512'));
  if (waits) await expect(outcome).resolves.toHaveLength(32);
  else await expect(outcome).rejects.toThrow('nothing is left to happen');
});
