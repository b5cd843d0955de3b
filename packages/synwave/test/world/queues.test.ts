/** The queues of a listener, TIME-WAIT, orphans, and the cap on memory: what is bounded, and what happens at the bound. */
import { describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../src/base/time.ts';
import { type SimHost, type World, world } from '../../src/sim/index.ts';
import { octets } from './data.ts';

function pair(config = {}, memory?: number): { w: World; client: SimHost; server: SimHost } {
  const w = world({ seed: 1, config });
  const client = w.host('client');
  const server = w.host('server', memory === undefined ? {} : { memory });
  w.cable(client, server, { delay: 1000 });
  return { w, client, server };
}

const reason = { accept: 'accept queue full', syn: 'SYN queue full', memory: 'memory for connections is used up' };

describe.each([
  ['IPv4', 'address'],
  ['IPv6', 'address6'],
] as const)('over %s', (_family, which) => {
  describe('the accept queue (backlog)', () => {
    test('backlog + 1 wait; the next client gets in when there is room', async () => {
      const { w, client, server } = pair();
      await w.run(async () => {
        const listener = server.listen({ port: 80, backlog: 2 });
        const sockets = Array.from({ length: 4 }, () => client.connect({ address: server[which], port: 80 }));
        await Promise.all(sockets.slice(0, 3).map((socket) => socket.opened));
        await w.sleep(10 * SECOND);
        expect(listener.queues.waiting).toBe(3);
        expect(server.counters().drops[reason.accept]).toBeGreaterThan(0);
        expect((await listener.accept()) !== null).toBe(true);
        await sockets[3]?.opened;
        await w.sleep(40 * SECOND);
        expect(listener.queues.waiting).toBe(3);
      });
    });

    test('nobody accepts: the client times out', async () => {
      const { w, client, server } = pair();
      await w.run(async () => {
        server.listen({ port: 80, backlog: 0 });
        await client.connect({ address: server[which], port: 80 }).opened;
        await w.sleep(SECOND);
        const late = client.connect({ address: server[which], port: 80 });
        await expect(late.opened).rejects.toMatchObject({ code: 'ETIMEDOUT' });
      });
    });
  });

  describe('the SYN queue', () => {
    test('SYNs that nobody completes fill it; what is over is dropped and counted, without cookies; it empties by itself', async () => {
      const { w, client, server } = pair({ synCookies: 'off' });
      await w.run(async () => {
        const listener = server.listen({ port: 80, synBacklog: 4 });
        // The clients vanish after their SYN: their half-open connections stay behind.
        for (let i = 0; i < 6; i++) client.connect({ address: server[which], port: 80 });
        await w.sleep(100);
        client.crash();
        await w.sleep(SECOND);
        expect(listener.queues.halfOpen).toBe(4);
        expect(server.counters().connections.halfOpen).toBe(4);
        expect(server.counters().drops[reason.syn]).toBe(2);
        await w.sleep(5 * MINUTE);
        expect(server.counters().connections.halfOpen).toBe(0);
        expect(server.counters().memory.used).toBe(0);
      });
    });
  });

  describe('TIME-WAIT', () => {
    test('is a row of its own for 2MSL, and gives everything back', async () => {
      const { w, client, server } = pair();
      await w.run(async () => {
        const listener = server.listen({ port: 80 });
        for (let i = 0; i < 100; i++) {
          const socket = client.connect({ address: server[which], port: 80 });
          const other = await listener.accept();
          socket.end();
          await other?.read();
          other?.end();
          await socket.closed;
        }
        await w.sleep(SECOND);
        expect(client.counters().connections).toEqual({ full: 0, halfOpen: 0, timeWait: 100 });
        expect(server.counters().connections.full).toBe(0);
        expect(client.counters().memory.used).toBe(0);
        await w.sleep(4 * MINUTE + SECOND);
        expect(client.counters().connections.timeWait).toBe(0);
      });
    });

    test('a newer SYN on the same four-tuple re-opens it (RFC 6191)', async () => {
      const { w, client, server } = pair();
      await w.run(async () => {
        const listener = server.listen({ port: 80 });
        for (let i = 0; i < 5; i++) {
          const socket = client.connect({ address: server[which], port: 80, localPort: 5000 });
          const other = await listener.accept();
          other?.end(); // the server closes first: TIME-WAIT is its own
          await socket.read();
          socket.end();
          await socket.closed;
          await w.sleep(SECOND);
        }
        expect(server.counters().connections.timeWait).toBe(1);
      });
    });
  });

  describe('a connection that nobody holds', () => {
    test('an orphan in FIN-WAIT-2 ends after a minute', async () => {
      const { w, client, server } = pair();
      await w.run(async () => {
        const listener = server.listen({ port: 80 });
        const socket = client.connect({ address: server[which], port: 80 });
        const other = await listener.accept();
        socket.close();
        await w.sleep(SECOND);
        expect(other?.state).toBe('CLOSE-WAIT');
        const states = (): string[] => [...client.stack.connections(w.now)].map(({ info }) => info.state);
        expect(states()).toEqual(['FIN-WAIT-2']);
        await w.sleep(MINUTE);
        expect(states()).toEqual([]);
      });
    });

    test('closing with text unread tells the peer by a RST (RFC 2525 §2.17)', async () => {
      const { w, client, server } = pair();
      await w.run(async () => {
        const listener = server.listen({ port: 80 });
        const socket = client.connect({ address: server[which], port: 80 });
        await socket.write(octets(100, 1));
        const other = await listener.accept();
        await w.sleep(SECOND);
        other?.close();
        await expect(socket.closed).rejects.toMatchObject({ code: 'ECONNRESET' });
      });
    });

    test('text that comes after closing is answered by a RST', async () => {
      const { w, client, server } = pair();
      await w.run(async () => {
        const listener = server.listen({ port: 80 });
        const socket = client.connect({ address: server[which], port: 80 });
        const other = await listener.accept();
        other?.close();
        await w.sleep(SECOND);
        await socket.write(octets(100, 1));
        await expect(socket.closed).rejects.toMatchObject({ code: 'ECONNRESET' });
      });
    });
  });

  describe('the cap on memory', () => {
    test('what is over it is refused and counted, and nothing is lost of what was taken', async () => {
      const { w, client, server } = pair({}, 300_000);
      await w.run(async () => {
        const listener = server.listen({ port: 80 });
        const size = 200_000;
        const sockets = Array.from({ length: 4 }, () => client.connect({ address: server[which], port: 80 }));
        const writing = sockets.map((socket, i) => socket.write(octets(size, i)).then(() => socket.end()));
        await w.sleep(10 * SECOND);
        const { memory, drops } = server.counters();
        expect(memory.used).toBeLessThanOrEqual(memory.limit);
        expect(memory.refused).toBeGreaterThan(0);
        expect(drops[reason.memory]).toBeGreaterThan(0);
        let total = 0;
        for (let i = 0; i < sockets.length; i++) {
          const other = await listener.accept();
          if (other !== null) for await (const chunk of other) total += chunk.length;
        }
        await Promise.all(writing);
        expect(total).toBe(4 * size);
      });
    });

    test('a writer that was refused hears of it when others give memory back', async () => {
      const w = world({ seed: 1 });
      const client = w.host('client', { memory: 80_000 });
      const server = w.host('server');
      w.cable(client, server, { delay: 1000 });
      await w.run(async () => {
        const listener = server.listen({ port: 80 });
        const take = async (): Promise<number> => {
          const other = await listener.accept();
          let total = 0;
          if (other !== null) for await (const chunk of other) total += chunk.length;
          return total;
        };
        const taking = Promise.all([take(), take(), take()]);
        const sockets = Array.from({ length: 3 }, () => client.connect({ address: server[which], port: 80 }));
        await Promise.all(sockets.map((socket) => socket.opened));
        await Promise.all(sockets.map((socket, i) => socket.write(octets(100_000, i)).then(() => socket.end())));
        expect(client.counters().memory.refused).toBeGreaterThan(0);
        expect(await taking).toEqual([100_000, 100_000, 100_000]);
      });
    });
  });
});
