/** A run of a world that a page and Node.js make alike: two hosts, a bad cable, octets both ways. */
import type { Family } from '../../../src/base/address.ts';
import { MILLISECOND } from '../../../src/base/time.ts';
import { world } from '../../../src/sim/index.ts';
import { createWeb } from '../../../src/web/index.ts';
import { octets } from '../../sim/helpers.ts';

/** Resolves with the hash over every packet and its time, and the time that it took, in microseconds. */
export async function runWorld(seed: number, family: Family): Promise<{ hash: string | null; took: number }> {
  const w = world({ seed, hash: true });
  const client = w.host('client');
  const server = w.host('server');
  w.cable(client, server, { delay: 20 * MILLISECOND, rate: 20e6, loss: 0.02, jitter: 2 * MILLISECOND });
  await w.run(async () => {
    const listener = createWeb(server).listen({ port: 80 });
    const socket = createWeb(client).connect(family === 4 ? '10.0.0.2:80' : '[fd00::2]:80', { allowHalfOpen: true });
    const { value } = await listener[Symbol.asyncIterator]().next();
    if (value === undefined) throw new Error('nobody came');
    const echo = value.readable.pipeTo(value.writable);
    const writer = socket.writable.getWriter();
    const reading = new Response(socket.readable).arrayBuffer();
    await writer.write(octets(300_000, seed));
    await writer.close();
    const { byteLength } = await reading;
    if (byteLength !== 300_000) throw new Error(`${byteLength} octets came back`);
    await echo;
    await Promise.all([socket.closed, value.closed, listener.close()]);
  });
  return { hash: w.hash, took: w.now };
}
