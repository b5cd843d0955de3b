/** What the tests of worlds share: two hosts on a cable, and transfers that are compared octet by octet. */
import type { Family } from '../../src/base/address.ts';
import { Random } from '../../src/base/random.ts';
import type { Cable } from '../../src/sim/index.ts';
import { type CableOptions, type SimHost, type World, type WorldOptions, world } from '../../src/sim/index.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';

export interface Two {
  readonly w: World;
  readonly client: SimHost;
  readonly server: SimHost;
  readonly cable: Cable;
}

export function two(options: CableOptions = {}, about: WorldOptions = {}): Two {
  return twoOf(world(about), options);
}

/** Two hosts of that world, on a cable. */
export function twoOf(w: World, options: CableOptions = {}): Two {
  const client = w.host('client');
  const server = w.host('server');
  return { w, client, server, cable: w.cable(client, server, options) };
}

/** The same with addresses of one family alone: whatever they do, they do over that. */
export function twoOver(family: Family, options: CableOptions = {}, about: WorldOptions = {}): Two {
  const addresses = family === 4 ? [['10.0.0.1/24'], ['10.0.0.2/24']] : [['fd00::1/64'], ['fd00::2/64']];
  return two({ ...options, addresses: addresses as [string[], string[]] }, about);
}

/** A connection between the two: the client's socket and the server's. */
export async function connection({ client, server }: Two, port = 80): Promise<[TcpSocket, TcpSocket]> {
  const listener = server.listen({ port });
  const mine = client.connect({ address: server.address, port });
  await mine.opened;
  const theirs = await listener.accept();
  if (theirs === null) throw new Error('the listener is closed');
  listener.close();
  return [mine, theirs];
}

/** That many octets that no accident repeats. */
export function octets(count: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(count);
  new Random(seed).fill(bytes);
  return bytes;
}

/** Writes all of it, then the end. */
export async function give(socket: TcpSocket, bytes: Uint8Array): Promise<void> {
  await socket.write(bytes);
  socket.end();
}

/** Reads to the end. */
export async function takeAll(socket: TcpSocket): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Whether two rows of octets are the same; quicker than a deep comparison, and a failure prints no million numbers. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
