/** Queues that are looked after: what RED and CoDel do for a transfer that fills the line, and how they mark. */
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { MILLISECOND, type Micros, SECOND } from '../../src/base/time.ts';
import type { CableEvent, CableOptions } from '../../src/sim/index.ts';
import { Drop, dropReasons } from '../../src/wire/drop.ts';
import { Packet, readIp } from '../../src/wire/ip.ts';
import { writeIpv4 } from '../../src/wire/ipv4.ts';
import { writeIpv6 } from '../../src/wire/ipv6.ts';
import { connection, give, octets, takeAll, two } from './helpers.ts';

const RATE = 10_000_000;
/** Enough for the largest window: more than 800 ms of the line. */
const QUEUE = 1 << 20;

interface Outcome {
  /** Share of the time in which the line was busy. */
  readonly used: number;
  /** How long packets waited for the line, the quickest first. */
  readonly waits: readonly Micros[];
  readonly drops: { readonly aqm: number; readonly queue: number };
}

/** A transfer that goes on for 12 s over a line of 10 Mbit/s; what its first 4 s left behind is not looked at. */
async function fill(delay: Micros, options: CableOptions): Promise<Outcome> {
  // Reno: what CoDel's target was reckoned with.
  const pair = two({ delay }, { config: { congestion: 'reno' } });
  const { w, cable, client } = pair;
  cable.set({ rate: RATE, queue: QUEUE, ...options }, client);
  const waits: Micros[] = [];
  let carried = 0;
  const span = 8 * SECOND;
  await w.run(async () => {
    const [mine, theirs] = await connection(pair);
    const ends = [give(mine, octets(16 << 20, 1)), takeAll(theirs)].map((end) => end.catch(() => {}));
    await w.sleep(4 * SECOND);
    cable.watch(({ type, from, frame, time, arrivesAt }) => {
      if (from !== 'client') return;
      if (type === 'delivered') carried += frame.length;
      if (type === 'sent' && arrivesAt !== null) {
        waits.push(arrivesAt - time - delay - (frame.length * 8 * SECOND) / RATE);
      }
    });
    await w.sleep(span);
    mine.abort();
    theirs.abort();
    await Promise.all(ends);
  });
  const { aqm, queue } = cable.counters(client).drops;
  return {
    used: (carried * 8 * SECOND) / span / RATE,
    waits: waits.sort((a, b) => a - b),
    drops: { aqm, queue },
  };
}

const share = (waits: readonly Micros[], part: number): Micros => waits[Math.floor(part * waits.length)] as Micros;

describe('a transfer that fills a line of 10 Mbit/s, 10 ms there and back', () => {
  test('nobody looks after the queue: it is as long as the window lets it be', async () => {
    const { used, waits, drops } = await fill(5 * MILLISECOND, {});
    expect(used).toBeGreaterThan(0.99);
    expect(share(waits, 0.05)).toBeGreaterThan(200 * MILLISECOND);
    expect(drops.aqm).toBe(0);
  });

  test('CoDel: packets wait for about 5 ms, and the line is busy all the same', async () => {
    const { used, waits, drops } = await fill(5 * MILLISECOND, { aqm: 'codel' });
    expect(used).toBeGreaterThan(0.96);
    expect(share(waits, 0.5)).toBeGreaterThan(2 * MILLISECOND);
    expect(share(waits, 0.5)).toBeLessThan(10 * MILLISECOND);
    expect(share(waits, 0.95)).toBeLessThan(15 * MILLISECOND);
    expect(drops.aqm).toBeGreaterThan(20);
    expect(drops.queue).toBe(0);
  });

  test('CoDel, target 20 ms: packets wait for longer', async () => {
    const { used, waits } = await fill(5 * MILLISECOND, { aqm: 'codel', codel: { target: 20 * MILLISECOND } });
    expect(used).toBeGreaterThan(0.99);
    expect(share(waits, 0.5)).toBeGreaterThan(12 * MILLISECOND);
    expect(share(waits, 0.95)).toBeLessThan(40 * MILLISECOND);
  });

  test('RED: the queue stays between its two thresholds, 5 ms and 20 ms of the line', async () => {
    const red = { min: 6250, max: 25_000, probability: 0.02 };
    const { used, waits, drops } = await fill(5 * MILLISECOND, { aqm: 'red', red });
    expect(used).toBeGreaterThan(0.95);
    expect(share(waits, 0.5)).toBeGreaterThan(2 * MILLISECOND);
    expect(share(waits, 0.5)).toBeLessThan(20 * MILLISECOND);
    expect(share(waits, 0.95)).toBeLessThan(25 * MILLISECOND);
    expect(drops.aqm).toBeGreaterThan(20);
    expect(drops.queue).toBe(0);
  });
});

test.each([10, 20, 40, 80])(
  'CoDel, a round trip of %i ms: the line is as busy as RFC 8289 §3.2 reckons',
  async (rtt) => {
    const { used, waits } = await fill((rtt / 2) * MILLISECOND, { aqm: 'codel' });
    const f = 5 / rtt;
    const reckoned = (3 + 6 * f - f * f) / (4 * (1 + f));
    expect(used).toBeGreaterThan(reckoned - 0.02);
    expect(used).toBeLessThan(reckoned + 0.08);
    expect(share(waits, 0.5)).toBeLessThan(8 * MILLISECOND);
  },
);

/** A UDP packet of 1000 octets from the client to the server's port 7, with that ECN field. */
function packetOf(family: 4 | 6, ecn: number): Frame {
  const packet = Object.assign(new Packet(), { protocol: 17, trafficClass: (46 << 2) | ecn });
  const head = family === 4 ? 20 : 40;
  if (family === 4) packet.src.set(0, 0, 0xffff, 0x0a00_0001);
  else packet.src.set(0xfd00_0000 | 0, 0, 0, 1);
  if (family === 4) packet.dst.set(0, 0, 0xffff, 0x0a00_0002);
  else packet.dst.set(0xfd00_0000 | 0, 0, 0, 2);
  const frame = Frame.from(new Uint8Array(1000 - head), head);
  frame.view.setUint32(frame.at, 0x0007_0007);
  frame.view.setUint16(frame.at + 4, 1000 - head);
  // IPv4 does without UDP's checksum. Of IPv6 it is not looked at here.
  if (family === 4) writeIpv4(frame, packet);
  else writeIpv6(frame, packet);
  return frame;
}

/** What became of 4000 packets, one each 0.95 ms, on a line that takes one each ms. */
async function stream(
  family: 4 | 6,
  options: CableOptions,
  ecnOf: (i: number) => number,
): Promise<{
  readonly ecn: readonly number[];
  readonly marked: number;
  readonly aqm: number;
  readonly received: number;
  readonly dropsOfHost: Readonly<Record<string, number>>;
}> {
  const { w, client, server, cable } = two({ offloads: { fillSums: true, verifySums: true, superSegment: 0 } });
  cable.set({ rate: 8_000_000, ...options }, client);
  const ecn: number[] = [];
  cable.watch(({ type, frame, from }) => {
    if (type !== 'delivered' || from !== 'client') return;
    const packet = new Packet();
    expect(readIp(packet, frame, true)).toBe(Drop.None);
    if (packet.protocol !== 17) return;
    expect(packet.trafficClass >> 2).toBe(46);
    ecn.push(packet.trafficClass & 3);
  });
  let received = 0;
  await w.run(async () => {
    const socket = server.udp({ port: 7 });
    socket.handler = {
      readable: () => {
        while (socket.tryReceive() !== null) received++;
      },
    };
    for (let i = 0; i < 4000; i++) {
      w.at(i * 950, () => cable.ends[0].send(packetOf(family, ecnOf(i))));
    }
    await w.sleep(10 * SECOND);
    socket.close();
  });
  const { marked, drops } = cable.counters(client);
  return { ecn, marked, aqm: drops.aqm, received, dropsOfHost: server.counters().drops };
}

const count = (ecn: readonly number[], field: number): number => ecn.filter((each) => each === field).length;

describe('marks instead of losses (RFC 3168 §5)', () => {
  test.each([4, 6] as const)('CoDel: every packet of a sender that knows ECN arrives, by IPv%i', async (family) => {
    const { ecn, marked, aqm, received, dropsOfHost } = await stream(
      family,
      { aqm: 'codel', ecn: true },
      (i) => 1 + (i % 2),
    );
    expect(ecn).toHaveLength(4000);
    expect(aqm).toBe(0);
    expect(marked).toBeGreaterThan(100);
    expect(count(ecn, 3)).toBe(marked);
    expect(count(ecn, 1)).toBeGreaterThan(1000);
    expect(count(ecn, 2)).toBeGreaterThan(1000);
    // The host takes them: a mark leaves IPv4's header checksum right.
    if (family === 4) expect(received).toBe(4000);
    expect(dropsOfHost[dropReasons[Drop.Ipv4Checksum] as string]).toBeUndefined();
  });

  test('of senders that do not, packets are lost, in the same queue', async () => {
    const { ecn, marked, aqm } = await stream(4, { aqm: 'codel', ecn: true }, (i) => (i % 2 === 0 ? 0 : 2));
    expect(marked).toBeGreaterThan(20);
    expect(aqm).toBeGreaterThan(20);
    expect(ecn).toHaveLength(4000 - aqm);
    expect(count(ecn, 0)).toBe(2000 - aqm);
    expect(count(ecn, 2)).toBe(2000 - marked);
  });

  test('a mark that is there already stays, and is as good as one that is set', async () => {
    const { ecn, aqm, marked } = await stream(4, { aqm: 'codel', ecn: true }, () => 3);
    expect(count(ecn, 3)).toBe(4000);
    expect([aqm, marked > 100]).toEqual([0, true]);
  });

  test('not unless they are asked for', async () => {
    const { ecn, aqm, marked } = await stream(4, { aqm: 'codel' }, () => 2);
    expect([marked, count(ecn, 3)]).toEqual([0, 0]);
    expect(aqm).toBeGreaterThan(100);
  });

  test('RED: marks up to its upper threshold, losses beyond (RFC 3168 §19.1)', async () => {
    const red = { min: 5000, max: 15_000, probability: 0.02, weight: 0.02 };
    const { marked, aqm } = await stream(4, { aqm: 'red', red, ecn: true }, () => 2);
    expect(marked).toBeGreaterThan(20);
    expect(aqm).toBeGreaterThan(100);
  });

  test('a full queue without anybody who looks after it drops them as well', async () => {
    const { marked, aqm, ecn } = await stream(4, { queue: 10_000, ecn: true }, () => 2);
    expect([marked, aqm]).toEqual([0, 0]);
    expect(ecn.length).toBeLessThan(3850);
  });
});

describe('watching a queue that marks', () => {
  /** RED without a lower threshold. */
  const red = { min: 0, max: 1_000_000, probability: 1, weight: 1 };

  /** The events of the first packet that RED means, which is sent behind others. */
  function told(options: CableOptions, ecn: number): string[] {
    const { cable } = two({ rate: 8_000_000, aqm: 'red', red, ecn: true, ...options });
    const events: string[] = [];
    cable.watch(({ type, frame, arrivesAt, reason }: CableEvent) => {
      events.push(
        `${type} ${(frame.bytes[frame.at + 1] as number) & 3} ${reason ?? (arrivesAt === null ? 'never' : 'T')}`,
      );
    });
    for (let i = 0; i < 1000; i++) {
      const from = events.length;
      cable.ends[0].send(packetOf(4, ecn));
      const these = events.slice(from);
      if (these.some((line) => line.startsWith('marked') || line.endsWith('aqm'))) return these;
    }
    return [];
  }

  test('it is sent as it was, then marked as it is now', () => {
    expect(told({}, 2)).toEqual(['sent 2 T', 'marked 3 T']);
    expect(told({}, 3)).toEqual(['sent 3 T', 'marked 3 T']);
    expect(told({}, 0)).toEqual(['sent 0 never', 'dropped 0 aqm']);
  });

  test('then comes what else befalls it; its copy has the mark as well', () => {
    expect(told({ duplicate: 1 }, 1)).toEqual(['sent 1 T', 'marked 3 T', 'duplicated 3 T']);
    expect(told({ loss: 1 }, 1)).toEqual(['sent 1 never', 'marked 3 never', 'dropped 3 loss']);
    expect(told({ fault: () => 'drop' }, 1)).toEqual(['sent 1 never', 'marked 3 never', 'dropped 3 fault']);
    expect(told({ corrupt: 1 }, 1).map((line) => line.split(' ')[0])).toEqual(['sent', 'marked', 'corrupted']);
  });
});

test.each(['red', 'codel'] as const)('%s: the same seed gives the same packets at the same times', async (aqm) => {
  const run = async (seed: number): Promise<string | null> => {
    const pair = two({ delay: MILLISECOND, rate: RATE, aqm, loss: 0.001 }, { seed, hash: true });
    await pair.w.run(async () => {
      const [mine, theirs] = await connection(pair);
      await Promise.all([give(mine, octets(1 << 20, 1)), takeAll(theirs)]);
    });
    return pair.w.hash;
  };
  const hash = await run(1);
  expect(await run(1)).toBe(hash);
  expect(await run(2)).not.toBe(hash);
});
