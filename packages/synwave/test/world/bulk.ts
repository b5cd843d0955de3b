/** A file each way at once over a bad cable: what the bulk tests, short and long, have in common. */
import type { Family } from '../../src/base/address.ts';
import { world } from '../../src/sim/index.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';
import { difference, gather, octets } from './data.ts';

/** The cable that a transfer must survive: 20 ms, a tenth lost, a tenth late, a twentieth twice, a hundredth broken. */
export const bad = {
  delay: 20_000,
  loss: 0.1,
  reorder: 0.1,
  reorderBy: 5_000,
  duplicate: 0.05,
  corrupt: 0.01,
} as const;

export interface BulkResult {
  /** Where what arrived differs from what was sent, -1 when it is whole. */
  readonly atServer: number;
  readonly atClient: number;
  readonly seconds: number;
  readonly states: readonly string[];
}

/** Sends `size` octets each way at once, and closes. Rejects when a connection fails or hangs. */
export async function bulk(seed: number, size: number, family: Family): Promise<BulkResult> {
  const w = world({ seed });
  const client = w.host('client');
  const server = w.host('server');
  w.cable(client, server, bad);
  const there = octets(size, seed);
  const back = octets(size, seed + 1);
  const exchange = async (socket: TcpSocket, mine: Uint8Array, theirs: Uint8Array): Promise<number> => {
    const sending = socket.write(mine).then(() => socket.end());
    const got = await gather(socket);
    await sending;
    await socket.closed;
    return difference(got, theirs);
  };
  const [atServer, atClient] = await w.run(async () => {
    const listener = server.listen({ port: 80 });
    const serving = listener.accept().then((socket) => exchange(socket as TcpSocket, back, there));
    const socket = client.connect({ address: family === 4 ? server.address : server.address6, port: 80 });
    const asking = exchange(socket, there, back);
    return Promise.all([serving, asking]);
  });
  const seconds = w.now / 1e6;
  await w.run(); // 2MSL
  const states = [client, server].flatMap((host) => [...host.stack.connections(w.now)].map(({ info }) => info.state));
  return { atServer, atClient, seconds, states };
}
