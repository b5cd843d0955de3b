/** Paths that lose what is larger than they take, and tell nobody: RFC 4821, RFC 2923 §2.1. */
import { describe, expect, test } from 'vitest';
import { MILLISECOND } from '../../src/base/time.ts';
import type { FaultScript } from '../../src/link/impair.ts';
import { world } from '../../src/sim/index.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';
import type { TcpConfig } from '../../src/tcp/config.ts';
import type { TcpInfo } from '../../src/tcp/info.ts';
import { difference, gather, octets } from './data.ts';

const MIB = 1024 * 1024;

/** Loses packets of more than `most` octets. */
function narrow(most: number): FaultScript {
  return (frame) => (frame.end - frame.at > most ? 'drop' : null);
}

interface Through {
  /** Where what arrived differs from what was sent, at both ends. */
  readonly whole: readonly [number, number];
  /** The MSS of the client, each time that it was another one. */
  readonly mss: readonly number[];
  readonly search: string;
  readonly timeouts: number;
  readonly fastRecoveries: number;
}

interface Settings {
  /** What the links at both ends take, and what the path between them does. */
  readonly mtu?: number;
  readonly takes: number;
  readonly family?: 4 | 6;
  readonly config?: Partial<TcpConfig>;
}

/** 1 MiB each way at once. */
async function through({ mtu = 1500, takes, family = 4, config = {} }: Settings): Promise<Through> {
  const w = world({ seed: takes, config });
  const client = w.host('client');
  const server = w.host('server');
  w.cable(client, server, { delay: 10 * MILLISECOND, mtu, fault: narrow(takes) });
  const there = octets(MIB, 1);
  const back = octets(MIB, 2);
  const exchange = async (socket: TcpSocket, mine: Uint8Array, theirs: Uint8Array): Promise<number> => {
    const sending = socket.write(mine).then(() => socket.end());
    const got = await gather(socket);
    await sending;
    return difference(got, theirs);
  };
  return w.run(async () => {
    const listener = server.listen({ port: 80 });
    const serving = listener.accept().then((socket) => exchange(socket as TcpSocket, back, there));
    const socket = client.connect({ address: family === 4 ? '10.0.0.2' : 'fd00::2', port: 80 });
    await socket.opened;
    const asking = exchange(socket, there, back);
    let info: TcpInfo = socket.info();
    const mss = [info.snd.mss];
    for (; socket.state === 'ESTABLISHED' || info.snd.unsent > 0; await w.sleep(MILLISECOND)) {
      info = socket.info();
      if (info.snd.mss !== mss.at(-1)) mss.push(info.snd.mss);
    }
    const { path, counters } = info;
    return {
      whole: await Promise.all([serving, asking]),
      mss,
      search: `${path.search} ${path.low} to ${path.high}`,
      timeouts: counters.timeouts,
      fastRecoveries: counters.fastRecoveries,
    };
  });
}

/** What each path comes to: settings, the MSS from first to last, how far the search got, timeouts of the client. */
const paths: readonly (readonly [Settings, readonly number[], string, number])[] = [
  [{ takes: 1400 }, [1448, 1012, 1230, 1339], 'search complete 1351 to 1377', 2],
  [{ takes: 1100 }, [1448, 1012], 'searching 1024 to 1077', 2],
  [{ takes: 700 }, [1448, 1012, 524, 639], 'searching 651 to 708', 4],
  [{ takes: 1400, family: 6 }, [1428, 1208, 1318], 'search complete 1330 to 1356', 2],
  [{ takes: 1280, family: 6 }, [1428, 1208], 'search complete 1220 to 1246', 2],
  [{ takes: 1500, mtu: 9000 }, [8948, 1012], 'searching 1024 to 3007', 2],
  [{ takes: 1400, config: { mtuProbing: 'on' } }, [1012, 1230, 1339], 'search complete 1351 to 1377', 0],
  [
    { takes: 1500, config: { mtuProbing: 'on' } },
    [1012, 1230, 1339, 1394, 1421, 1448],
    'search complete 1460 to 1460',
    0,
  ],
  [
    { takes: 9000, mtu: 9000, config: { mtuProbing: 'on' } },
    [1012, 4980, 6964, 7956, 8452, 8700, 8824, 8886, 8917, 8948],
    'search complete 8960 to 8960',
    0,
  ],
  [
    { takes: 1400, config: { sack: false, timestamps: false, congestion: 'reno' } },
    [1460, 1024, 1242, 1351],
    'search complete 1351 to 1377',
    3,
  ],
];

describe('1 MiB each way through a black hole', () => {
  test.each(paths)('%o', async (settings, mss, search, timeouts) => {
    // No loss is taken for congestion but those of the timeouts.
    expect(await through(settings)).toEqual({ whole: [-1, -1], mss, search, timeouts, fastRecoveries: 0 });
  });

  test('without the search, a connection that never gets anywhere', async () => {
    const w = world({ config: { mtuProbing: 'off' } });
    const client = w.host('client');
    const server = w.host('server');
    w.cable(client, server, { delay: 10 * MILLISECOND, fault: narrow(1400) });
    await w.run(async () => {
      server.listen({ port: 80 });
      const socket = client.connect({ address: '10.0.0.2', port: 80 });
      await socket.write(octets(10_000, 1));
      await expect(socket.closed).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    });
  });
});
