/** Policy: caps, rates and idle times, each refusal counted and told, over servers of ours and over Node's. */
import { EventEmitter, once } from 'node:events';
import nodeNet, { type AddressInfo, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { SECOND } from '../../src/base/time.ts';
import { Policy, type PolicyOptions, type Refusal } from '../../src/net/policy.ts';
import * as net from '../../src/node/net.ts';
import { createNet } from '../../src/node/net.ts';
import type { SimHost } from '../../src/sim/index.ts';
import { two } from '../sim/helpers.ts';

/** A server with a policy on a host of a world, and what came of connections to it. */
function guarded(host: SimHost, options: PolicyOptions): { refusals: Refusal[]; taken: Socket[]; close: () => void } {
  const refusals: Refusal[] = [];
  const taken: Socket[] = [];
  const server = createNet(host).createServer({ policy: options }, (socket) => {
    taken.push(socket.on('error', () => undefined));
  });
  server.on('refused', (refusal: Refusal) => refusals.push(refusal));
  server.listen(7);
  return { refusals, taken, close: () => server.close() };
}

/** 'open', or why a connection came to nothing. */
async function outcome(socket: Socket): Promise<string> {
  const ended = new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    socket.on('data', () => resolve('open'));
    socket.on('end', () => resolve('closed'));
  });
  return ended;
}

describe('a policy', () => {
  test('caps connections in all; a place that is given back is taken again', async () => {
    const { w, client, server } = two({ delay: 1000 });
    await w.run(async () => {
      const { refusals, taken, close } = guarded(server, { total: 2 });
      const from = createNet(client);
      const sockets = [1, 2, 3].map(() => from.connect(7, 'server'));
      expect(await outcome(sockets[2] as Socket)).toBe('ECONNRESET');
      expect(refusals).toMatchObject([{ reason: 'total', remoteAddress: `::ffff:${client.address}` }]);
      sockets[0]?.end();
      taken[0]?.resume().end();
      await once(sockets[0]?.resume() as Socket, 'close');
      const again = from.connect(7, 'server');
      await once(again, 'connect');
      await w.sleep(10_000);
      expect(taken).toHaveLength(3);
      expect(refusals).toHaveLength(1);
      for (const socket of [...sockets, again]) socket.destroy();
      close();
    });
  });

  test('caps connections of one address: IPv4 and its mapped form are one, another address has places of its own', async () => {
    const { w, client, server } = two();
    await w.run(async () => {
      const { refusals, taken, close } = guarded(server, { perAddress: 1 });
      const from = createNet(client);
      const first = from.connect(7, server.address);
      await once(first, 'connect');
      expect(await outcome(from.connect(7, server.address))).toBe('ECONNRESET');
      const other = from.connect(7, server.address6);
      await once(other, 'connect');
      await w.sleep(1000);
      expect(taken).toHaveLength(2);
      expect(refusals.map(({ reason }) => reason)).toEqual(['address']);
      first.destroy();
      other.destroy();
      close();
    });
  });

  test('caps the rate of new connections: a burst, then one for each place that time has freed', async () => {
    const { w, client, server } = two();
    await w.run(async () => {
      const { refusals, taken, close } = guarded(server, { rate: 2, burst: 3 });
      const from = createNet(client);
      const sockets: Socket[] = [];
      const dial = (): void => {
        sockets.push(from.connect(7, server.address).on('error', () => undefined));
      };
      for (let i = 0; i < 5; i++) dial();
      await w.sleep(1000);
      expect([taken.length, refusals.length]).toEqual([3, 2]);
      await w.sleep(SECOND);
      for (let i = 0; i < 3; i++) dial();
      await w.sleep(1000);
      expect([taken.length, refusals.length]).toEqual([5, 3]);
      expect(new Set(refusals.map(({ reason }) => reason))).toEqual(new Set(['rate']));
      for (const socket of sockets) socket.destroy();
      close();
    });
  });

  test('closes what is silent, and only that, within a quarter more than the idle time', async () => {
    const { w, client, server } = two();
    await w.run(async () => {
      const { refusals, close } = guarded(server, { idle: 1000 });
      const from = createNet(client);
      const silent = from.connect(7, server.address).resume();
      const busy = from.connect(7, server.address).resume();
      const beat = (): void => {
        if (w.now < 5 * SECOND) {
          busy.write('.');
          w.after(SECOND / 2, beat);
        }
      };
      beat();
      await once(silent, 'close');
      expect(w.now).toBeGreaterThanOrEqual(SECOND);
      expect(w.now).toBeLessThanOrEqual(1.26 * SECOND);
      await once(busy, 'close');
      expect(w.now).toBeGreaterThanOrEqual(5.5 * SECOND);
      expect(refusals.map(({ reason }) => reason)).toEqual(['idle', 'idle']);
      close();
    });
  });

  test('stands over a server of Node.js as well, and can be lifted', async () => {
    const server = nodeNet.createServer((socket) => socket.end('in')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const policy = net.policy(server, { rate: 0.001 });
    expect(await outcome(nodeNet.connect(port, '127.0.0.1'))).toBe('open');
    expect(await outcome(nodeNet.connect(port, '127.0.0.1'))).toBe('ECONNRESET');
    expect(policy.refused).toEqual({ total: 0, address: 0, rate: 1, idle: 0 });
    policy.lift();
    expect(await outcome(nodeNet.connect(port, '127.0.0.1'))).toBe('open');
    expect(Object.hasOwn(server, 'emit')).toBe(false);
    server.close();
  });

  test('keeps no place for a connection that was refused', async () => {
    const { w, client, server } = two();
    await w.run(async () => {
      const listening = createNet(server).createServer((socket) => socket.on('error', () => undefined));
      const policy = new Policy(listening, { total: 1 }, server.driver);
      listening.listen(7);
      const from = createNet(client);
      const first = from.connect(7, server.address);
      for (let i = 0; i < 3; i++) expect(await outcome(from.connect(7, server.address))).toBe('ECONNRESET');
      expect([policy.connections, policy.refused.total]).toEqual([1, 3]);
      first.destroy();
      await w.sleep(1000);
      expect(policy.connections).toBe(0);
      listening.close();
    });
  });

  test.each<[string, PolicyOptions]>([
    ['total', { total: 0 }],
    ['perAddress', { perAddress: -1 }],
    ['rate', { rate: Number.NaN }],
    ['idle', { idle: 0 }],
  ])('%s must be above 0', (name, options) => {
    expect(() => net.policy(new EventEmitter(), options)).toThrow(RangeError);
    expect(() => net.policy(new EventEmitter(), options)).toThrow(name);
  });
});
