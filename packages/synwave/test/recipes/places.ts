/** Where the recipes run: each is one program, given two hosts of a world with a bad cable, over each family, and two in real time on a pipe. */
import { once } from 'node:events';
import type { Server, ServerOpts, Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { Family } from '../../src/base/address.ts';
import { pipe } from '../../src/link/pipe.ts';
import { createHost } from '../../src/node/index.ts';
import { createNet, type SynwaveNet } from '../../src/node/net.ts';
import { world } from '../../src/node/sim.ts';
import { octets, type Two, twoOf } from '../sim/helpers.ts';

/** What a recipe is given: two hosts that know each other by addresses of one family. Each finds the other by the names `client` and `server`. */
export interface Place {
  readonly client: SynwaveNet;
  readonly server: SynwaveNet;
  /** Octets of the largest body that is worth sending here. */
  readonly size: number;
}

export type Recipe = (place: Place) => Promise<void>;

interface About {
  /** The world's. */
  readonly seed?: number;
  /** Octets of a body in virtual time, where it costs more; 200,000 unless given. */
  readonly size?: number;
  /** The library waits for its own setTimeout and setInterval: they go off in virtual time. */
  readonly timers?: boolean;
}

/** A body in real time. */
const MIB = 1 << 20;

/** Tests a recipe in both places. */
export function tested(recipe: Recipe, { seed = 1, size = 200_000, timers = false }: About = {}): void {
  test.each<Family>([4, 6])('20 ms away, 2 of 100 packets lost, in virtual time, over IPv%i', async (family) => {
    const hosts = twoOf(world({ seed, timers }), { delay: 20_000, loss: 0.02 });
    const { w, client, server, cable } = hosts;
    const versions = new Set<number>();
    cable.watch(({ frame }) => versions.add((frame.bytes[frame.at] as number) >> 4));
    await w.run(() => recipe({ ...over(hosts, family), size }));
    await w.run();
    expect([...versions]).toEqual([family]);
    expect(cable.counters(client).drops.loss + cable.counters(server).drops.loss).toBeGreaterThan(0);
    for (const host of [client, server]) expect(host.openListeners).toEqual([]);
  });

  test('on a pipe, in real time', async () => {
    await recipe({ ...piped(), size: MIB });
  });
}

/** Two hosts of a world that know each other by addresses of that family alone. */
export function over({ client, server }: Two, family: Family): Pick<Place, 'client' | 'server'> {
  const which = family === 4 ? 'address' : 'address6';
  const hosts = { client: client[which], server: server[which] };
  return { client: createNet(client, { hosts }), server: createNet(server, { hosts }) };
}

/** Two hosts in real time, a pipe between them. */
export function piped(): Pick<Place, 'client' | 'server'> {
  const [left, right] = pipe();
  const [client, server] = [createHost({ name: 'client' }), createHost({ name: 'server' })];
  client.attach(left, ['10.0.0.1/24', 'fd00::1/64']);
  server.attach(right, ['10.0.0.2/24', 'fd00::2/64']);
  const hosts = { client: ['10.0.0.1', 'fd00::1'], server: ['10.0.0.2', 'fd00::2'] };
  return { client: createNet(client, { hosts }), server: createNet(server, { hosts }) };
}

/** Listens, and answers the server when it does. */
export async function listen(
  net: SynwaveNet,
  port: number,
  connection: (socket: Socket) => void,
  options: ServerOpts = {},
): Promise<Server> {
  const server = net.createServer(options, connection);
  server.listen(port);
  await once(server, 'listening');
  return server;
}

/** No more connections; resolves when the last has ended. */
export async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

/** A body that no accident repeats. */
export function body(size: number, seed = 7): Buffer {
  return Buffer.from(octets(size, seed).buffer);
}
