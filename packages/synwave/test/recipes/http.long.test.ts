/** docs/recipes/http.md: 50 MiB both ways over a clean link, in virtual time and in real time. */
import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import type { Family } from '../../src/base/address.ts';
import { two } from '../sim/helpers.ts';
import { body, close, listen, over, type Place, piped } from './places.ts';

const PIECE = 64 * 1024;
const PIECES = 800; // 50 MiB

const pieces: readonly Buffer[] = Array.from({ length: 16 }, (_, i) => body(PIECE, i));

/** 50 MiB, and a sum over all of it. */
function* large(sum: Hash): Generator<Buffer> {
  for (let i = 0; i < PIECES; i++) {
    const piece = pieces[(i * 7) % pieces.length] as Buffer;
    sum.update(piece);
    yield piece;
  }
}

/** Sends 50 MiB to an echo, and compares what comes back meanwhile. */
async function bothWays({ client, server }: Omit<Place, 'size'>): Promise<void> {
  const web = http.createServer((request, response) => request.pipe(response));
  const listening = await listen(server, 80, (socket) => web.emit('connection', socket));
  const agent = new http.Agent();
  Object.assign(agent, { createConnection: client.createConnection });
  const request = http.request({ host: 'server', agent, method: 'POST' });
  const [sent, got] = [createHash('sha256'), createHash('sha256')];
  let octets = 0;
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
  const sending = pipeline(Readable.from(large(sent)), request);
  const [response] = await answered;
  for await (const chunk of response) {
    octets += (chunk as Buffer).length;
    got.update(chunk as Buffer);
  }
  await sending;
  expect(octets).toBe(PIECE * PIECES);
  expect(got.digest('hex')).toBe(sent.digest('hex'));
  agent.destroy();
  await close(listening);
}

test.each<Family>([4, 6])('50 MiB both ways in virtual time, 1 ms away, over IPv%i', async (family) => {
  const hosts = two({ delay: 1000 });
  await hosts.w.run(() => bothWays(over(hosts, family)));
});

test('50 MiB both ways in real time, on a pipe', async () => {
  await bothWays(piped());
});
