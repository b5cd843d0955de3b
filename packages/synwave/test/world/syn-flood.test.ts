/** A SYN flood (RFC 4987 §2): who gets in while nobody completes what fills the SYN queue, with SYN cookies and without. */
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { Random } from '../../src/base/random.ts';
import { seq } from '../../src/base/seq.ts';
import { MILLISECOND, MINUTE, SECOND } from '../../src/base/time.ts';
import { HEAD_ROOM } from '../../src/link/link.ts';
import { type Cable, type SimHost, type World, world } from '../../src/sim/index.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';
import type { StackCounters } from '../../src/stack/stack.ts';
import type { TcpConfig } from '../../src/tcp/config.ts';
import type { TcpInfo } from '../../src/tcp/info.ts';
import { Packet } from '../../src/wire/ip.ts';
import { Segment, SYN } from '../../src/wire/segment.ts';
import { addressOf } from '../stack/peer.ts';
import { build } from '../wire/arbitrary.ts';
import { difference, gather, octets } from './data.ts';

const SIZE = 1 << 20;
const SYN_BACKLOG = 8;
const FLOOD = 60 * SECOND;

interface Scene {
  readonly w: World;
  readonly client: SimHost;
  readonly server: SimHost;
  readonly cable: Cable;
}

function scene(config: Partial<TcpConfig>, seed = 1): Scene {
  const w = world({ seed, config, hash: true });
  const client = w.host('client');
  const server = w.host('server');
  return { w, client, server, cable: w.cable(client, server, { delay: 20 * MILLISECOND, rate: 100_000_000 }) };
}

/** SYNs to port 80 of the server, one each millisecond for a minute, from neighbours of the client that are not there. */
function flood({ w, cable }: Scene, family: 4 | 6, seed: number): void {
  const random = new Random(seed);
  const packet = new Packet();
  packet.family = family;
  packet.dst.copy(addressOf(family === 4 ? '10.0.0.2' : 'fd00::2'));
  packet.src.copy(packet.dst);
  const end = w.now + FLOOD;
  const next = (): void => {
    packet.src.d = (packet.dst.d & ~0xff) + 3 + random.below(250);
    const syn = Object.assign(new Segment(), {
      srcPort: 1024 + random.below(60_000),
      dstPort: 80,
      seq: seq(random.next()),
      flags: SYN,
      wnd: 65_535,
      mss: 1460,
      sackOk: true,
      wscale: 7,
      hasTs: random.chance(0.5),
    });
    cable.ends[0].send(Frame.from(build(packet, syn, new Uint8Array(0), HEAD_ROOM).copy()));
    if (w.now + MILLISECOND < end) w.after(MILLISECOND, next);
  };
  w.after(0, next);
}

/** What became of a client that came in the middle of the flood. */
interface Outcome {
  readonly error: string | null;
  /** When it was connected and when it was done, from its call on. */
  readonly connected: number;
  readonly done: number;
  readonly differs: number;
  readonly info: TcpInfo | null;
  readonly counters: StackCounters;
  readonly halfOpen: number;
  readonly hash: string | null;
}

/** 1 MiB to the server, and 1 MiB back. */
async function visit(config: Partial<TcpConfig>, offer: Partial<TcpConfig> = {}, family: 4 | 6 = 4): Promise<Outcome> {
  const s = scene(config);
  const { w, client, server } = s;
  flood(s, family, 7);
  return w.run(async () => {
    const listener = server.listen({ port: 80, backlog: 4, synBacklog: SYN_BACKLOG });
    await w.sleep(5 * SECOND);
    const since = w.now;
    const address = family === 4 ? '10.0.0.2' : 'fd00::2';
    const socket = client.connect({ address, port: 80, config: { ...client.stack.config, ...offer } });
    const error = await socket.opened.then(
      () => null,
      (e: { code: string }) => e.code,
    );
    const connected = w.now - since;
    let differs = 0;
    let info: TcpInfo | null = null;
    if (error === null) {
      const there = octets(SIZE, 1);
      const back = octets(SIZE, 2);
      const other = await listener.accept();
      if (other === null) throw new Error('the listener was closed');
      const serve = async (): Promise<void> => {
        differs = difference(await gather(other), there);
        info = other.info();
        await other.write(back);
        other.end();
      };
      const served = serve();
      await socket.write(there);
      socket.end();
      const got = await gather(socket);
      await served;
      if (differs < 0) differs = difference(got, back);
      await other.closed;
    }
    const done = w.now - since;
    const { halfOpen } = listener.queues;
    const counters = server.counters();
    await w.sleep(10 * MINUTE);
    expect(server.counters().connections).toMatchObject({ full: 0, halfOpen: 0 });
    expect(server.counters().memory.used).toBe(0);
    return { error, connected, done, differs, info, counters, halfOpen, hash: w.hash };
  });
}

describe('1000 SYNs a second for a minute, from hosts that are not there; room for 8', () => {
  test.each<[string, 4 | 6]>([
    ['IPv4', 4],
    ['IPv6', 6],
  ])(
    '%s: a client gets in at once, with window scale and SACK, moves 1 MiB each way, and closes',
    async (_name, family) => {
      const visited = await visit({}, {}, family);
      expect(visited.error).toBe(null);
      expect(visited.connected).toBeLessThan(45 * MILLISECOND); // one round trip
      expect(visited.differs).toBe(-1);
      expect(visited.done).toBeLessThan(10 * SECOND); // in the middle of it
      expect(visited.info?.options).toMatchObject({ sack: true, timestamps: true, windowScale: true });
      expect(visited.info?.snd.mss).toBe(family === 4 ? 1448 : 1428);
      const { cookiesSent, cookiesReceived, cookiesFailed, connections, drops } = visited.counters;
      expect(cookiesSent).toBeGreaterThan(5000);
      expect({ cookiesReceived, cookiesFailed }).toEqual({ cookiesReceived: 1, cookiesFailed: 0 });
      expect(connections).toEqual({ full: 0, halfOpen: SYN_BACKLOG, timeWait: 0 });
      expect(drops).toEqual({});
    },
  );

  test('the same seed, the same hash', async () => {
    const [first, second] = [await visit({}), await visit({})];
    expect(second.hash).toBe(first.hash);
    expect(first.hash).toMatch(/^[0-9a-f]{16}$/);
  });

  test('a client without timestamps gets in, without window scale and SACK', async () => {
    const visited = await visit({}, { timestamps: false });
    expect(visited.differs).toBe(-1);
    expect(visited.info?.options).toMatchObject({ sack: false, timestamps: false, windowScale: false });
    expect(visited.info?.snd.mss).toBe(1460);
  });

  test('without cookies the client finds no room for three minutes, and gives up', async () => {
    const visited = await visit({ synCookies: 'off' });
    expect(visited.error).toBe('ETIMEDOUT');
    expect(visited.connected).toBeGreaterThan(3 * MINUTE);
    expect(visited.counters.cookiesSent).toBe(0);
    expect(visited.counters.drops['SYN queue full']).toBeGreaterThan(59_000);
  });
});

describe('a path that loses, delays and repeats packets', () => {
  test('every connection by cookie: all of 20 get in, and nothing is lost or mixed up', async () => {
    const w = world({ seed: 5, config: { synCookies: 'always', rtoMin: 200 * MILLISECOND } });
    const client = w.host('client');
    const server = w.host('server');
    w.cable(client, server, { delay: 50 * MILLISECOND, jitter: 20 * MILLISECOND, loss: 0.1, duplicate: 0.05 });
    const size = 20_000;
    const failed = await w.run(async () => {
      const listener = server.listen({ port: 80 });
      const echo = async (socket: TcpSocket): Promise<void> => {
        await socket.write(await gather(socket));
        socket.end();
      };
      listener.onConnection = (socket) => void echo(socket);
      const visits = Array.from({ length: 20 }, async (_, i) => {
        const socket = client.connect({ address: '10.0.0.2', port: 80 });
        const sent = octets(size, i);
        await socket.write(sent);
        socket.end();
        return difference(await gather(socket), sent);
      });
      const found = await Promise.all(visits);
      listener.close();
      return found.filter((at) => at >= 0).length;
    });
    expect(failed).toBe(0);
    const { cookiesSent, cookiesReceived } = server.counters();
    expect(cookiesReceived).toBe(20);
    expect(cookiesSent).toBeGreaterThan(20); // SYNs were lost, or their answers
  });
});
