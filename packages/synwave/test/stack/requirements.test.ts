/** Requirements of RFC 9293 that a whole host meets, not one connection: addresses, ports, options in packets, what ICMP says. */
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/base/address-text.ts';
import { Frame } from '../../src/base/frame.ts';
import { Random } from '../../src/base/random.ts';
import { SECOND } from '../../src/base/time.ts';
import { type Cable, type SimHost, type World, world } from '../../src/sim/index.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';
import { Stack } from '../../src/stack/stack.ts';
import { profiles, rfcProfile, type TcpConfig } from '../../src/tcp/config.ts';
import { addressSum, Packet, Protocol, readIp } from '../../src/wire/ip.ts';
import { writeIpv4 } from '../../src/wire/ipv4.ts';
import { ACK, measure, Segment, SYN } from '../../src/wire/segment.ts';
import { fillTcpSum, readTcp, writeTcp } from '../../src/wire/tcp.ts';

interface Pair {
  readonly w: World;
  readonly client: SimHost;
  readonly server: SimHost;
  readonly cable: Cable;
  /** What was on the cable: from whom, its header, its segment's. */
  readonly seen: {
    readonly from: string;
    readonly packet: Packet;
    readonly seg: Segment;
    readonly octets: Uint8Array;
  }[];
}

function pair(config: Partial<TcpConfig> = {}): Pair {
  const w = world({ seed: 3, config });
  const [client, server] = [w.host('client'), w.host('server')];
  const cable = w.cable(client, server, { delay: 1000 });
  const seen: Pair['seen'] = [];
  cable.watch(({ type, from, frame }) => {
    if (type !== 'sent') return;
    const [packet, seg, octets] = [new Packet(), new Segment(), frame.copy()];
    const copy = Frame.from(octets);
    readIp(packet, copy, false);
    if (packet.protocol === Protocol.Tcp) readTcp(seg, copy, packet.textAt, packet.textEnd, -1);
    seen.push({ from, packet, seg, octets });
  });
  return { w, client, server, cable, seen };
}

/** A SYN that somebody else has made, with these octets of options. */
function synFrom(from: string, to: string, port: number, options: readonly number[] = []): Frame {
  const packet = new Packet();
  packet.src.copy(parseAddress(from) as NonNullable<ReturnType<typeof parseAddress>>);
  packet.dst.copy(parseAddress(to) as NonNullable<ReturnType<typeof parseAddress>>);
  packet.protocol = Protocol.Tcp;
  const seg = new Segment();
  Object.assign(seg, { srcPort: 1024, dstPort: port, flags: SYN, wnd: 1000 });
  measure(seg);
  const frame = new Frame(120);
  frame.at = 100 - options.length;
  frame.end = 100;
  frame.bytes.set(options, frame.at);
  writeTcp(frame, seg, -1);
  frame.view.setUint8(frame.at + 12, (20 + options.length) << 2);
  fillTcpSum(frame, frame.at, frame.end, addressSum(packet.src, packet.dst, Protocol.Tcp));
  writeIpv4(frame, packet);
  return frame;
}

describe('initial sequence numbers (§3.4.1)', () => {
  const isnAt = (time: number, seed: number, port: number): number => {
    const stack = new Stack({ random: new Random(seed), now: time });
    const wire = { name: 'w', mtu: 1500, offloads: { fillsSums: false, trustsSums: false }, send: () => undefined };
    stack.internet.addInterface({ ...wire, offloads: pair().cable.ends[0].offloads, attach: () => undefined }, [
      '10.0.0.1/24',
    ]);
    const to = { address: parseAddress('10.0.0.2') as NonNullable<ReturnType<typeof parseAddress>>, port: 80 };
    const id = stack.connect(to, { address: null, port }, time);
    return stack.info(id, time).snd.iss;
  };

  test('one four-tuple: they go on with the clock, by 4 microseconds each [MUST-8, SHLD-1]', () => {
    const first = isnAt(1_000_000, 1, 5000);
    expect((isnAt(1_000_000 + SECOND, 1, 5000) - first) >>> 0).toBe(SECOND / 4);
  });

  test('another four-tuple, or another secret: numbers that nobody can tell from these [MUST-9, SHLD-1]', () => {
    const numbers = new Set([isnAt(0, 1, 5000), isnAt(0, 1, 5001), isnAt(0, 2, 5000), isnAt(0, 3, 5000)]);
    expect(numbers.size).toBe(4);
    // Neighbouring ports are not neighbours in numbers: a clock alone would make them equal.
    const steps = Array.from({ length: 64 }, (_, i) => (isnAt(0, 1, 5001 + i) - isnAt(0, 1, 5000 + i)) >>> 0);
    expect(new Set(steps).size).toBe(64);
    expect(steps.filter((step) => step < 1 << 20).length).toBeLessThan(4);
  });
});

describe('options (§3.1, §3.2)', () => {
  test.each<[string, readonly number[], number]>([
    ['MSS behind NOPs, at an odd place [MUST-4, MUST-64]', [1, 2, 4, 2, 24, 0, 0, 0], 536],
    ['EOL ends the list [MUST-4]', [2, 4, 2, 24, 0, 2, 4, 5], 536],
    ['an unknown kind is stepped over by its length [MUST-6, MUST-68]', [254, 6, 1, 2, 3, 4, 2, 4, 2, 24, 1, 1], 536],
  ])('%s', async (_name, options, mss) => {
    const { w, server, cable } = pair();
    server.listen({ port: 80 });
    cable.ends[0].send(synFrom('10.0.0.1', '10.0.0.2', 80, options));
    await w.runFor(1500);
    expect([...server.stack.connections(w.now)].map(({ info }) => info.snd.mss)).toEqual([mss]);
  });

  test('they are taken from any segment, not only from a SYN [MUST-5]', async () => {
    const { w, client, server, seen } = pair();
    server.listen({ port: 80 });
    const socket = client.connect({ address: server.address, port: 80 });
    await w.run(() => socket.opened);
    const bare = seen.find(({ seg }) => seg.flags === ACK);
    expect(bare?.seg.hasTs).toBe(true);
    await w.runFor(2 * SECOND); // the ACK's timestamp is an answer: it was heeded, and measured by
    const [peer] = [...server.stack.connections(w.now)];
    expect(peer?.info.rtt.latest).toBe(2000);
  });

  test('options of IP are stepped over [MUST-50]', async () => {
    const { w, server, cable, seen } = pair();
    server.listen({ port: 80 });
    const syn = synFrom('10.0.0.1', '10.0.0.2', 80);
    const frame = new Frame(120);
    frame.at = 40;
    // Record Route with room for one address, and an end of the list.
    frame.bytes.set(syn.bytes.subarray(syn.at, syn.at + 20), 40);
    frame.bytes.set([7, 7, 4, 0, 0, 0, 0, 0], 60);
    frame.bytes.set(syn.bytes.subarray(syn.at + 20, syn.end), 68);
    frame.end = 68 + syn.length - 20;
    frame.view.setUint8(40, 0x47);
    frame.view.setUint16(42, frame.length);
    frame.view.setUint16(50, 0);
    let sum = 0;
    for (let i = 40; i < 68; i += 2) sum += frame.view.getUint16(i);
    sum = (sum & 0xffff) + (sum >>> 16);
    frame.view.setUint16(50, ~((sum & 0xffff) + (sum >>> 16)) & 0xffff);
    cable.ends[0].send(frame);
    await w.runFor(2500);
    expect(seen.some(({ from, seg }) => from === 'server' && seg.flags === (SYN | ACK))).toBe(true);
  });
});

describe('windows (§3.8.6)', () => {
  test('the window field has no sign: 65,535 octets may follow [MUST-1], and windows are kept as plain numbers [REC-1]', async () => {
    const { w, client, server } = pair({ windowScale: false, receiveBuffer: 1 << 20 });
    const listener = server.listen({ port: 80 });
    const socket = client.connect({ address: server.address, port: 80 });
    await w.run(() => socket.opened);
    expect(socket.info().snd.wnd).toBe(65_535);
    const peer = await w.run(() => listener.accept());
    socket.tryWrite(new Uint8Array(65_535));
    await w.runFor(5 * SECOND);
    expect(peer?.readable).toBe(65_535);
    expect(socket.info().snd.wnd).toBeGreaterThanOrEqual(0);
  });

  test('a receiver may keep it closed for as long as it likes [MAY-8]; what is read is what has come [MAY-16]', async () => {
    const { w, client, server } = pair({ receiveBuffer: 4096 });
    const listener = server.listen({ port: 80 });
    const socket = client.connect({ address: server.address, port: 80 });
    const peer = await w.run(() => listener.accept());
    socket.tryWrite(new Uint8Array(10_000));
    await w.runFor(3600 * SECOND);
    expect([socket.state, peer?.readable]).toEqual(['ESTABLISHED', 4096]);
  });
});

describe('the calls (§3.9.1)', () => {
  test('a listener leaves the connections of its port alone [MUST-41], and may come while one of them is opening [MUST-42]', async () => {
    const { w, client, server } = pair();
    const opening = server.connect({ address: client.address, port: 9, localPort: 80 });
    opening.opened.catch(() => undefined);
    const listener = server.listen({ port: 80 });
    expect(opening.state).toBe('SYN-SENT');
    const socket = client.connect({ address: server.address, port: 80 });
    const peer = (await w.run(() => listener.accept())) as TcpSocket;
    listener.close();
    server.listen({ port: 80 });
    await w.runFor(SECOND);
    expect([socket.state, peer.state]).toEqual(['ESTABLISHED', 'ESTABLISHED']);
  });

  test('OPEN takes a local address [MUST-43]; else IP is asked for one before the SYN [MUST-44], and the connection keeps it [MUST-45]', async () => {
    const { w, client, server, seen } = pair();
    client.stack.internet.addAddress(1, '10.0.0.77/24');
    server.listen({ port: 80 });
    const named = client.connect({ address: server.address, port: 80, localAddress: '10.0.0.77' });
    const free = client.connect({ address: server.address, port: 80 });
    await w.run(() => Promise.all([named.opened, free.opened]));
    free.tryWrite(new Uint8Array(10));
    await w.runFor(SECOND);
    expect([named.localAddress, free.localAddress]).toEqual(['10.0.0.77', '10.0.0.1']);
    const sources = seen.filter(({ from, seg }) => from === 'client' && seg.srcPort === free.localPort);
    expect(new Set(sources.map(({ packet }) => packet.src.d)).size).toBe(1);
  });

  test.each(['255.255.255.255', '224.0.0.1', '10.0.0.255', 'ff02::1'])('OPEN to %s is refused [MUST-46]', (address) => {
    const { client } = pair();
    expect(() => client.connect({ address, port: 80 })).toThrow(/EINVAL|ENETUNREACH|EACCES/);
  });

  test('the application sets R2 [MUST-21], hop limit [MUST-49] and traffic class [MUST-48, SHLD-22]', async () => {
    const { w, client, server, seen } = pair();
    const config = { ...rfcProfile, hopLimit: 9, trafficClass: 0xb8, r2: 2 };
    server.listen({ port: 80 });
    const socket = client.connect({ address: server.address, port: 80, config });
    await w.run(() => socket.opened);
    const sent = seen
      .filter(({ from }) => from === 'client')
      .map(({ packet }) => [packet.hopLimit, packet.trafficClass]);
    expect(sent).toEqual(sent.map(() => [9, 0xb8]));
    server.crash();
    socket.tryWrite(new Uint8Array(10));
    await expect(w.run(() => socket.closed)).rejects.toThrow('ETIMEDOUT');
    expect(w.now).toBeLessThan(10 * SECOND);
  });

  test('the traffic class can be changed in mid-connection [SHLD-21]', async () => {
    const { w, client, server, seen } = pair();
    server.listen({ port: 80 });
    const socket = client.connect({ address: server.address, port: 80 });
    await w.run(() => socket.opened);
    const classes = async (): Promise<number[]> => {
      const from = seen.length;
      socket.tryWrite(new Uint8Array(10));
      await w.runFor(SECOND);
      return seen
        .slice(from)
        .filter((each) => each.from === 'client')
        .map(({ packet }) => packet.trafficClass);
    };
    expect(new Set(await classes())).toEqual(new Set([0]));
    socket.setTrafficClass(0xb8);
    expect(new Set(await classes())).toEqual(new Set([0xb8]));
    socket.setTrafficClass(0x20);
    expect(new Set(await classes())).toEqual(new Set([0x20]));
    for (const wrong of [-1, 256, 1.5]) expect(() => socket.setTrafficClass(wrong)).toThrow('traffic class');
  });

  test('a write goes out as soon as it may: there is nothing to push [MUST-60]; one PSH for what was written in pieces [SHLD-27]', async () => {
    const { w, client, server, seen } = pair();
    server.listen({ port: 80 });
    const socket = client.connect({ address: server.address, port: 80 });
    await w.run(() => socket.opened);
    for (let i = 0; i < 5; i++) socket.tryWrite(new Uint8Array(100));
    await w.runFor(SECOND);
    const data = seen.filter(({ from, seg }) => from === 'client' && seg.textLen > 0);
    expect(data.map(({ seg }) => [seg.textLen, (seg.flags & 8) !== 0])).toEqual([[500, true]]);
  });

  test('thresholds for retransmission by default: R1 3, R2 above 100 s [SHLD-10, SHLD-11], reports that nobody need hear [SHLD-20]', () => {
    let total = 0;
    for (let i = 0, rto: number = rfcProfile.rtoMin; i < rfcProfile.r2; i++, rto *= 2)
      total += Math.min(rto, rfcProfile.rtoMax);
    expect(rfcProfile.r1).toBeGreaterThanOrEqual(3);
    expect(total).toBeGreaterThan(100 * SECOND);
    expect(Object.keys(profiles)).toContain('rfc');
  });

  test('other congestion control that conforms [MAY-18]', async () => {
    const { w, client, server } = pair({ congestion: 'cubic' });
    server.listen({ port: 80 });
    const socket = client.connect({ address: server.address, port: 80 });
    await w.run(() => socket.opened);
    expect(socket.info().congestion.controller).toBe('cubic');
  });
});

describe('segments from nowhere (§3.9.2.3)', () => {
  test.each(['0.0.0.0', '255.255.255.255', '224.0.0.1', '127.0.0.1', '10.0.0.255'])(
    'a SYN from %s is dropped without a word [MUST-63]',
    async (from) => {
      const { w, server, cable, seen } = pair();
      server.listen({ port: 80 });
      cable.ends[0].send(synFrom(from, '10.0.0.2', 80));
      await w.runFor(SECOND);
      expect(seen.filter((each) => each.from === 'server')).toEqual([]);
      expect([...server.stack.connections(w.now)]).toEqual([]);
    },
  );

  test.each(['255.255.255.255', '224.0.0.1', '10.0.0.255'])(
    'a SYN to %s is dropped without a word [MUST-57]',
    async (to) => {
      const { w, server, cable, seen } = pair();
      server.listen({ port: 80 });
      cable.ends[0].send(synFrom('10.0.0.1', to, 80));
      await w.runFor(SECOND);
      expect(seen.filter((each) => each.from === 'server')).toEqual([]);
    },
  );
});
