/** A peer that is gone: who notices, when, and with which error. */
import { describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../src/base/time.ts';
import { type Cable, type SimHost, type World, world } from '../../src/sim/index.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';
import { octets } from './data.ts';

/** By which of its addresses the server is called. */
type Which = 'address' | 'address6';

interface Pair {
  readonly w: World;
  readonly client: SimHost;
  readonly server: SimHost;
  readonly cable: Cable;
}

function pair(config = {}): Pair {
  const w = world({ seed: 1, config });
  const client = w.host('client');
  const server = w.host('server');
  return { w, client, server, cable: w.cable(client, server, { delay: 20_000 }) };
}

/** A connection that both ends hold. */
async function connected({ client, server }: Pair, which: Which): Promise<[TcpSocket, TcpSocket]> {
  const listener = server.listen({ port: 80 });
  const accepted = listener.accept();
  const socket = client.connect({ address: server[which], port: 80 });
  await socket.opened;
  const other = await accepted;
  if (other === null) throw new Error('the listener was closed');
  return [socket, other];
}

describe.each<[string, Which]>([
  ['IPv4', 'address'],
  ['IPv6', 'address6'],
])('over %s', (_family, which) => {
  describe('keepalive (RFC 9293 §3.8.4)', () => {
    test('a crashed peer is noticed after 7200 s and 10 probes, 75 s each', async () => {
      const p = pair();
      const [code, span] = await p.w.run(async () => {
        const [socket] = await connected(p, which);
        socket.setKeepAlive(true);
        p.server.crash();
        const since = p.w.now;
        const error = await socket.closed.catch((e: { code: string }) => e);
        return [error?.code, p.w.now - since];
      });
      expect(code).toBe('ETIMEDOUT');
      expect(span / SECOND).toBeCloseTo(7200 + 10 * 75, 0);
    });

    test('a peer that answers is left in peace for a day', async () => {
      const p = pair();
      await p.w.run(async () => {
        const [socket, other] = await connected(p, which);
        socket.setKeepAlive(true, 10 * SECOND);
        await p.w.sleep(24 * 60 * MINUTE);
        expect(socket.state).toBe('ESTABLISHED');
        expect(socket.info().counters.keepAliveProbes).toBeGreaterThan(8000);
        expect(other.info().rcv.readable).toBe(0);
      });
    });

    test('a peer that has rebooted answers the probe by a RST', async () => {
      const p = pair();
      const code = await p.w.run(async () => {
        const [socket] = await connected(p, which);
        socket.setKeepAlive(true, 10 * SECOND);
        p.server.crash();
        p.server.boot();
        return socket.closed.then(
          () => '',
          (e: { code: string }) => e.code,
        );
      });
      expect(code).toBe('ECONNRESET');
      expect(p.w.now).toBeLessThan(11 * SECOND);
    });
  });

  describe('data that nobody acknowledges (RFC 9293 §3.8.3)', () => {
    test('R2: ETIMEDOUT after 15 retransmissions', async () => {
      const p = pair();
      await p.w.run(async () => {
        const [socket] = await connected(p, which);
        p.cable.unplug();
        await socket.write(octets(100, 1));
        let told = 0;
        socket.handler = { doubtful: () => told++ };
        await expect(socket.closed).rejects.toMatchObject({ code: 'ETIMEDOUT' });
        expect(told).toBe(1); // R1, once (SHLD-9)
      });
      // 1 + 2 + 4 + ... + 32, then 60 s each: 15 waits and the last one (RFC 6298 §2.4, §5.5).
      expect(p.w.now / SECOND).toBeGreaterThan(600);
      expect(p.w.now / SECOND).toBeLessThan(700);
    });

    test('a cable that is plugged in again in time saves the connection', async () => {
      const p = pair();
      await p.w.run(async () => {
        const [socket, other] = await connected(p, which);
        p.cable.unplug();
        await socket.write(octets(10_000, 1));
        await p.w.sleep(5 * MINUTE);
        p.cable.plug();
        socket.end();
        let size = 0;
        for await (const chunk of other) size += chunk.length;
        expect(size).toBe(10_000);
      });
    });

    test('the user timeout ends it sooner (§3.10.8)', async () => {
      const p = pair({ userTimeout: 30 * SECOND });
      await p.w.run(async () => {
        const [socket] = await connected(p, which);
        p.cable.unplug();
        await socket.write(octets(100, 1));
        await expect(socket.closed).rejects.toMatchObject({ code: 'ETIMEDOUT' });
      });
      expect(p.w.now / SECOND).toBeCloseTo(30, 0);
    });
  });

  describe('a SYN that nobody answers', () => {
    test('is given up after three minutes at the earliest (MUST-23)', async () => {
      const p = pair();
      p.cable.unplug();
      await p.w.run(async () => {
        const socket = p.client.connect({ address: p.server[which], port: 80 });
        await expect(socket.opened).rejects.toMatchObject({ code: 'ETIMEDOUT' });
      });
      expect(p.w.now).toBeGreaterThanOrEqual(3 * MINUTE);
      expect(p.w.now).toBeLessThan(5 * MINUTE);
    });

    test('refused at once where nobody listens', async () => {
      const p = pair();
      await p.w.run(async () => {
        const socket = p.client.connect({ address: p.server[which], port: 81 });
        await expect(socket.opened).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      });
      expect(p.w.now).toBeLessThan(50_000);
    });
  });

  describe('a window that stays closed (MUST-37)', () => {
    test('is probed for a day while the peer answers, and no octet is lost when it opens', async () => {
      const p = pair();
      const wanted = 3 * 1024 * 1024;
      await p.w.run(async () => {
        const [socket, other] = await connected(p, which);
        const writing = socket.write(octets(wanted, 5)).then(() => socket.end());
        await p.w.sleep(24 * 60 * MINUTE);
        expect(socket.info().snd.wnd).toBe(0);
        let size = 0;
        for await (const chunk of other) size += chunk.length;
        await writing;
        expect(size).toBe(wanted);
      });
    });

    test('is given up when the peer is gone', async () => {
      const p = pair();
      await p.w.run(async () => {
        const [socket, other] = await connected(p, which);
        const writing = socket.write(octets(3 * 1024 * 1024, 5)).catch((e: { code: string }) => e.code);
        await p.w.sleep(MINUTE);
        expect(other.readable).toBeGreaterThan(0);
        p.server.crash();
        await expect(socket.closed).rejects.toMatchObject({ code: 'ETIMEDOUT' });
        expect(await writing).toBe('ETIMEDOUT');
      });
    });
  });

  describe('a host that loses power', () => {
    test('its programs are told nothing, and their old sockets touch no connection that comes after', async () => {
      const p = pair();
      await p.w.run(async () => {
        const [, old] = await connected(p, which);
        p.server.crash();
        p.server.boot();
        const listener = p.server.listen({ port: 81 });
        const socket = p.client.connect({ address: p.server[which], port: 81 });
        const fresh = await listener.accept();
        expect(fresh?.id).toBe(old.id); // the number is used again
        old.abort();
        old.end();
        expect(old.tryWrite(octets(10, 1))).toBe(-1);
        await expect(old.read()).rejects.toMatchObject({ code: 'ECONNABORTED' });
        expect(socket.state).toBe('ESTABLISHED');
        expect(fresh?.state).toBe('ESTABLISHED');
      });
    });
  });
});
