/** One stack, two families: what a host puts on the wire and takes from it, held against packets made by hand. */
import { describe, expect, test } from 'vitest';
import type { Address, Family } from '../../src/base/address.ts';
import { parseAddress } from '../../src/base/address-text.ts';
import { Frame } from '../../src/base/frame.ts';
import { add, type Seq, seq } from '../../src/base/seq.ts';
import { SECOND } from '../../src/base/time.ts';
import type { TcpSocket } from '../../src/socket/tcp-socket.ts';
import { Packet, Protocol, pseudoSum, readIp } from '../../src/wire/ip.ts';
import { ACK, FIN, PSH, RST, Segment, SYN } from '../../src/wire/segment.ts';
import { readTcp } from '../../src/wire/tcp.ts';
import { octets, type Two, two, twoOver } from '../sim/helpers.ts';
import { sentBy } from '../udp/forge.ts';
import { build } from '../wire/arbitrary.ts';

const FAMILIES = [4, 6] as const;

/** IPv4's header or IPv6's, and TCP's. */
const HEADERS = { 4: 40, 6: 60 } as const;

/** What a segment says that a host has sent, with every sum verified. */
function read(bytes: Uint8Array, family: Family): Segment {
  const packet = new Packet();
  const frame = Frame.from(bytes);
  const seg = new Segment();
  expect(readIp(packet, frame, true)).toBe(0);
  expect([packet.family, packet.protocol]).toEqual([family, Protocol.Tcp]);
  expect(readTcp(seg, frame, packet.textAt, packet.textEnd, pseudoSum(packet, packet.textEnd - packet.textAt))).toBe(0);
  return seg;
}

/** A peer on the server's side of the cable who is played by the test: the true server has lost its power. */
class Peer {
  readonly hosts: Two;
  readonly port: number;
  /** What the client has sent, oldest first. */
  readonly sent: Uint8Array[];
  private readonly family: Family;
  private readonly iss: Seq = seq(1000);
  private irs: Seq = seq(0);
  private clientPort = 0;

  constructor(hosts: Two, family: Family, port = 80) {
    this.hosts = hosts;
    this.family = family;
    this.port = port;
    hosts.server.crash();
    this.sent = sentBy(hosts.client, hosts.cable);
  }

  get address(): string {
    return this.family === 4 ? '10.0.0.2' : 'fd00::2';
  }

  /** Takes the client's oldest segment off; null when it has sent no more. */
  hear(): Segment | null {
    const bytes = this.sent.shift();
    if (bytes === undefined) return null;
    const seg = read(bytes, this.family);
    if ((seg.flags & SYN) !== 0) {
      this.irs = seg.seq;
      this.clientPort = seg.srcPort;
    }
    return seg;
  }

  /** Octets of text in each segment that the client has sent since; pure ACKs are left out. */
  texts(): number[] {
    const lengths: number[] = [];
    for (let seg = this.hear(); seg !== null; seg = this.hear()) if (seg.textLen > 0) lengths.push(seg.textLen);
    return lengths;
  }

  /** Sends a segment whose numbers count from both ISNs: text `from` to `to` of the peer's octets, acknowledging `ack`. */
  async say(
    flags: number,
    from: number,
    text: Uint8Array,
    ack: number,
    change: (seg: Segment) => void = () => {},
  ): Promise<void> {
    const { client, cable, w } = this.hosts;
    const seg = new Segment();
    seg.srcPort = this.port;
    seg.dstPort = this.clientPort;
    seg.flags = flags;
    seg.seq = add(this.iss, from);
    seg.ack = (flags & ACK) === 0 ? seq(0) : add(this.irs, ack);
    seg.wnd = 0xffff;
    change(seg);
    const packet = new Packet();
    packet.family = this.family;
    packet.src.copy(parseAddress(this.address) as Address);
    packet.dst.copy(parseAddress(this.family === 4 ? client.address : client.address6) as Address);
    // Straight into the client's end: the one who has this address is without power.
    cable.ends[1].send(build(packet, seg, text));
    await w.sleep(0);
  }
}

const NOTHING = new Uint8Array(0);

/** The client opens a connection to the peer, who answers with this MSS; null: with none. */
async function opened(peer: Peer, mss: number | null): Promise<TcpSocket> {
  const { client, w } = peer.hosts;
  const socket = client.connect({ address: peer.address, port: peer.port });
  await w.sleep(0);
  peer.hear();
  await peer.say(SYN | ACK, 0, NOTHING, 1, (seg) => {
    seg.mss = mss ?? -1;
  });
  await socket.opened;
  expect(peer.hear()).toMatchObject({ flags: ACK });
  return socket;
}

/** Every order of a list. */
function orders<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((one, i) => orders(list.filter((_, k) => k !== i)).map((rest) => [one, ...rest]));
}

describe.each(FAMILIES)('a host over IPv%i', (family) => {
  test.each([1500, 1280, 9000])(
    'announces what a packet of %i octets holds (RFC 9293 §3.7.1, RFC 6691)',
    async (mtu) => {
      const hosts = twoOver(family, { mtu });
      const peer = new Peer(hosts, family);
      await hosts.w.run(async () => {
        const socket = hosts.client.connect({ address: peer.address, port: 80 });
        await hosts.w.sleep(0);
        expect(peer.hear()).toMatchObject({ flags: SYN, mss: mtu - HEADERS[family] });
        socket.abort();
      });
    },
  );

  test.each([
    ['nothing', null, family === 4 ? 536 : 1220],
    ['1000', 1000, 1000],
    ['more than the path holds', 9000, 1500 - HEADERS[family]],
  ] as const)('a peer that announces %s is sent as much and no more (MUST-15, MUST-16)', async (_what, mss, most) => {
    const peer = new Peer(twoOver(family), family);
    await peer.hosts.w.run(async () => {
      const socket = await opened(peer, mss);
      socket.setNoDelay(true);
      socket.tryWrite(octets(2 * most + 100, 1));
      await peer.hosts.w.sleep(0);
      expect(peer.texts()).toEqual([most, most, 100]);
      socket.abort();
    });
  });

  test('no packet is larger than the MTU, with every option in it', async () => {
    const hosts = twoOver(family, { mtu: 1280 });
    const { w, client, server, cable } = hosts;
    const lengths = new Set<number>();
    cable.watch(({ frame }) => lengths.add(frame.length));
    await w.run(async () => {
      const listener = server.listen({ port: 80 });
      const socket = client.connect({ address: family === 4 ? server.address : server.address6, port: 80 });
      const other = await listener.accept();
      await socket.write(octets(100_000, 1));
      await w.sleep(SECOND);
      expect(other?.readable).toBe(100_000);
      expect(Math.max(...lengths)).toBe(1280);
      socket.abort();
    });
  });

  test('a port where nobody listens: a RST that the peer believes', async () => {
    const hosts = twoOver(family);
    const peer = new Peer(hosts, family);
    await hosts.w.run(async () => {
      await peer.say(SYN, 0, NOTHING, 0, (seg) => {
        seg.dstPort = 81;
      });
      const answer = peer.hear();
      expect(answer).toMatchObject({ flags: RST | ACK, srcPort: 81, dstPort: 80, seq: 0, ack: 1001 });
    });
  });

  test('four segments in every order, overlapping: each octet once, the FIN last', async () => {
    const text = octets(400, 3);
    const pieces = [
      [0, 150],
      [100, 250],
      [200, 350],
      [300, 400],
    ] as const;
    for (const order of orders(pieces)) {
      const peer = new Peer(twoOver(family), family);
      const { w } = peer.hosts;
      await w.run(async () => {
        const socket = await opened(peer, 1000);
        await peer.say(FIN | ACK, 401, NOTHING, 1);
        for (const [from, to] of order) await peer.say(PSH | ACK, 1 + from, text.slice(from, to), 1);
        const got: Uint8Array[] = [];
        for await (const chunk of socket) got.push(chunk);
        expect(Buffer.concat(got).equals(text)).toBe(true);
        // The last ACK covers the FIN.
        await w.sleep(SECOND);
        let last: Segment | null = null;
        for (let seg = peer.hear(); seg !== null; seg = peer.hear()) last = seg;
        expect(last?.ack).toBe(1000 + 402);
        socket.abort();
      });
    }
  });

  test('one octet wrong in the text, the header or an address: dropped and counted, and answered by nothing', async () => {
    const hosts = twoOver(family);
    const { w, client } = hosts;
    const peer = new Peer(hosts, family);
    await w.run(async () => {
      const socket = await opened(peer, 1000);
      const packet = new Packet();
      packet.family = family;
      packet.src.copy(parseAddress(peer.address) as Address);
      packet.dst.copy(parseAddress(family === 4 ? client.address : client.address6) as Address);
      const seg = new Segment();
      Object.assign(seg, { srcPort: 80, dstPort: socket.localPort, seq: 1001, ack: socket.info().snd.una, flags: ACK });
      const whole = build(packet, seg, octets(50, 1)).copy();
      const header = HEADERS[family];
      const wrongAt = [header + 7, header - 20 + 14, ...(family === 6 ? [8, 23] : [])];
      for (const at of wrongAt) {
        const bytes = whole.slice();
        (bytes[at] as number) ^= 0x10;
        hosts.cable.ends[1].send(Frame.from(bytes));
      }
      await w.sleep(SECOND);
      expect([socket.readable, peer.sent.length]).toEqual([0, 0]);
      expect(client.counters().drops['TCP checksum wrong']).toBe(wrongAt.length);
      socket.abort();
    });
  });
});

describe('the same ports over both families', () => {
  test('are two connections: what ends one leaves the other alone', async () => {
    const { w, client, server } = two();
    await w.run(async () => {
      const listener = server.listen({ port: 80 });
      const sockets = [server.address, server.address6].map((address) =>
        client.connect({ address, port: 80, localPort: 5000 }),
      );
      const accepted = [await listener.accept(), await listener.accept()] as TcpSocket[];
      await Promise.all(sockets.map(({ opened: open }) => open));
      expect(accepted.map(({ remoteAddress, remotePort }) => [remoteAddress, remotePort])).toEqual([
        [client.address, 5000],
        [client.address6, 5000],
      ]);
      (sockets[0] as TcpSocket).abort();
      await expect((accepted[0] as TcpSocket).closed).rejects.toMatchObject({ code: 'ECONNRESET' });
      await (sockets[1] as TcpSocket).write(octets(10, 1));
      await w.sleep(SECOND);
      expect([accepted[1]?.state, accepted[1]?.readable]).toEqual(['ESTABLISHED', 10]);
    });
  });

  test('listeners of either family and of both: who is taken for which (§3.10.1)', async () => {
    const { w, client, server } = two();
    await w.run(async () => {
      const four = server.listen({ port: 80, address: '0.0.0.0' });
      const six = server.listen({ port: 80, address: '::', ipv6Only: true });
      const both = server.listen({ port: 81 });
      const exact = server.listen({ port: 82, address: server.address6 });
      const other = server.listen({ port: 82, address: '0.0.0.0' });
      for (const [address, port] of [
        [server.address, 80],
        [server.address6, 80],
        [server.address, 81],
        [server.address6, 81],
        [server.address6, 82],
        [`::ffff:${server.address}`, 82],
      ] as const) {
        await client.connect({ address, port }).opened;
      }
      await w.sleep(SECOND);
      expect([four, six, both, exact, other].map(({ queues }) => queues.waiting)).toEqual([1, 1, 2, 1, 1]);
    });
  });
});
