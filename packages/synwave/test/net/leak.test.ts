/** Ten thousand connections opened, used and closed on one host leave nothing behind. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { MINUTE } from '../../src/base/time.ts';
import { createNet } from '../../src/node/net.ts';
import { world } from '../../src/sim/index.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Octets of the heap that are in use, after a collection. */
function heap(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

const CONNECTIONS = 10_000;
const AT_ONCE = 50;

describe('connections that come and go', () => {
  test('10,000 of them leave no socket, no timer, no row, and the heap as it was', async () => {
    const w = world();
    const host = w.host('host');
    const net = createNet(host);
    let served = 0;
    await w.run(async () => {
      const server = net.createServer((socket) => {
        socket.on('data', (bytes: Uint8Array) => {
          served++;
          socket.end(bytes);
        });
      });
      await new Promise<void>((resolve) => server.listen(80, '127.0.0.1', resolve));
      const once = (): Promise<void> =>
        new Promise((resolve, reject) => {
          const socket = net.connect(80, '127.0.0.1', () => socket.write('x'));
          socket.on('error', reject);
          socket.on('close', () => resolve());
          socket.resume();
        });
      const many = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, once));
        await w.sleep(5 * MINUTE); // 2MSL, and a little
      };
      await many(CONNECTIONS); // code is compiled, tables and pools have grown
      const before = heap();
      await many(CONNECTIONS);
      const after = heap();
      expect(after).toBeLessThan(before * 1.05);
      const { connections, memory } = host.counters();
      expect(connections).toEqual({ full: 0, halfOpen: 0, timeWait: 0 });
      expect(memory.used).toBe(0);
      expect([...host.stack.connections(w.now)]).toEqual([]);
      await new Promise((resolve) => server.close(resolve));
    });
    expect(served).toBe(2 * CONNECTIONS);
    // Nothing is left to happen: no timer runs.
    const { now } = w;
    await w.run();
    expect(w.now).toBe(now);
  }, 60_000);
});
