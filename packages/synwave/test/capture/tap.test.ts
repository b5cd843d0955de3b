import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import type { Mac } from '../../src/base/mac.ts';
import { PcapngWriter } from '../../src/capture/pcapng-write.ts';
import { readCapture } from '../../src/capture/read.ts';
import type { CapturePacket } from '../../src/capture/record.ts';
import { tap } from '../../src/capture/tap.ts';
import { inProcess, type Link, type Offloads, onTheWire, type Receiver } from '../../src/link/link.ts';
import { Drop } from '../../src/wire/drop.ts';
import { EtherType, writeEthernet } from '../../src/wire/ethernet.ts';
import { addressSum, Packet, Protocol, pseudoSum, readIp } from '../../src/wire/ip.ts';
import { writeIpv4 } from '../../src/wire/ipv4.ts';
import { ACK, Segment } from '../../src/wire/segment.ts';
import { readTcp, writeTcp } from '../../src/wire/tcp.ts';
import { Datagram, readUdp, writeUdp } from '../../src/wire/udp.ts';
import * as arbitrary from '../wire/arbitrary.ts';

/** A link that keeps what is sent and lets the test say what arrives. */
class Bench implements Link {
  readonly name = 'bench';
  readonly mtu = 1500;
  readonly offloads: Offloads;
  readonly sent: Uint8Array[] = [];
  receiver: Receiver | null = null;

  readonly mac?: Mac;

  constructor(offloads: Offloads, mac?: Mac) {
    this.offloads = offloads;
    if (mac !== undefined) this.mac = mac;
  }

  send(frame: Frame): void {
    this.sent.push(frame.copy());
    frame.release();
  }

  attach(receiver: Receiver): void {
    this.receiver = receiver;
  }
}

/** A segment with a text, whose checksum is left 0. */
function unsummed(text: number): Frame {
  const packet = new Packet();
  packet.src.set(0, 0, 0xffff, 0x0a000001);
  packet.dst.set(0, 0, 0xffff, 0x0a000002);
  packet.protocol = Protocol.Tcp;
  const frame = Frame.from(new Uint8Array(text).fill(7), 64);
  const seg = Object.assign(new Segment(), { srcPort: 1, dstPort: 2, flags: ACK });
  writeTcp(frame, seg, -1);
  writeIpv4(frame, packet);
  return frame;
}

function sumIsGood(data: Uint8Array): boolean {
  const frame = Frame.from(data);
  const packet = new Packet();
  if (readIp(packet, frame, true) !== Drop.None) return false;
  const pseudo = pseudoSum(packet, packet.textEnd - packet.textAt);
  return readTcp(new Segment(), frame, packet.textAt, packet.textEnd, pseudo) === Drop.None;
}

/** What a tap around `link` took down while `use` used it. */
function capture(link: Link, use: (tapped: Link) => void, now = (): number => 1.5): CapturePacket[] {
  const parts: Uint8Array[] = [];
  use(tap(link, new PcapngWriter({ sink: (part) => parts.push(part) }), now));
  const found = readCapture(new Uint8Array(Buffer.concat(parts)));
  expect(found.interfaces).toMatchObject([{ name: 'bench', linkType: link.mac === undefined ? 101 : 1 }]);
  return [...found.packets];
}

describe('a tap', () => {
  test('takes down what goes out and what comes in, with the time, and passes it on', () => {
    const bench = new Bench(onTheWire);
    const arrived: Uint8Array[] = [];
    let now = 0;
    const packets = capture(
      bench,
      (tapped) => {
        tapped.attach({ frameArrives: (frame) => arrived.push(frame.copy()), framesWait: () => {} });
        now = 10;
        tapped.send(Frame.from(Uint8Array.of(0x45, 1)));
        now = 2_000_000.25;
        bench.receiver?.frameArrives(Frame.from(Uint8Array.of(0x45, 2), 3));
      },
      () => now,
    );
    expect(packets.map(({ time, direction, data }) => [time, direction, [...data]])).toEqual([
      [10_000n, 'out', [0x45, 1]],
      [2_000_000_250n, 'in', [0x45, 2]],
    ]);
    expect(bench.sent).toEqual([Uint8Array.of(0x45, 1)]);
    expect(arrived).toEqual([Uint8Array.of(0x45, 2)]);
  });

  test('is the link that it wraps in name, MTU, offloads and ways to deliver', () => {
    const bench = new Bench(inProcess);
    capture(bench, (tapped) => {
      expect(tapped).toMatchObject({ name: 'bench', mtu: 1500, offloads: inProcess });
      expect(tapped).toHaveProperty('deliver', undefined);
    });
    let told = 0;
    const waiting = Object.assign(new Bench(inProcess), { deliver: () => 3 });
    capture(waiting, (tapped) => {
      expect(tapped.deliver?.()).toBe(3);
      tapped.attach({ frameArrives: () => {}, framesWait: () => told++ });
      waiting.receiver?.framesWait();
    });
    expect(told).toBe(1);
  });

  test('fills in the checksums that the carrier does without, in its own copy alone', () => {
    const bench = new Bench(inProcess);
    const large = 9000; // a super segment is larger than the MTU
    const packets = capture(bench, (tapped) => {
      tapped.attach({ frameArrives: (frame) => expect(sumIsGood(frame.copy())).toBe(false), framesWait: () => {} });
      tapped.send(unsummed(5));
      bench.receiver?.frameArrives(unsummed(1));
      tapped.send(unsummed(large));
    });
    expect(packets.map(({ data }) => [data.length, sumIsGood(data)])).toEqual([
      [45, true],
      [41, true],
      [40 + large, true],
    ]);
    expect(bench.sent.map(sumIsGood)).toEqual([false, false]);
  });

  test('takes packets down as they are where the carrier needs checksums: a wrong one shows', () => {
    const packets = capture(new Bench(onTheWire), (tapped) => tapped.send(unsummed(5)));
    expect(packets.map(({ data }) => sumIsGood(data))).toEqual([false]);
  });
});

describe('a tap around a carrier of Ethernet frames', () => {
  const HERE = 0x0200_0000_0001;
  const THERE = 0x0200_0000_0002;

  /** An Ethernet frame around what stands in `frame`, in so many VLANs. */
  function ethernet(frame: Frame, type: number, vlans = 0): Frame {
    writeEthernet(frame, THERE, HERE, vlans === 0 ? type : EtherType.Vlan);
    const all = [...frame.copy()];
    const tags = Array.from({ length: vlans }, (_, i) =>
      i === vlans - 1 ? [0, 7, type >> 8, type & 0xff] : [0, 7, 0x81, 0],
    );
    all.splice(14, 0, ...tags.flat());
    return Frame.from(Uint8Array.from(all), 32);
  }

  /** A datagram whose checksum is left 0, in IPv4 or IPv6, with octets behind it that are no part of it. */
  function datagram(family: 4 | 6, padding: number): Frame {
    const packet = new Packet();
    packet.family = family;
    packet.protocol = Protocol.Udp;
    if (family === 4) {
      packet.src.set(0, 0, 0xffff, 0x0a000001);
      packet.dst.set(0, 0, 0xffff, 0x0a000002);
    } else {
      packet.src.set(0x2001_0db8, 0, 0, 1);
      packet.dst.set(0x2001_0db8, 0, 0, 2);
    }
    const frame = Frame.from(Uint8Array.of(1, 2, 3, ...new Uint8Array(padding).fill(0xee)), 128);
    frame.end -= padding;
    writeUdp(frame, 1000, 2000, -1);
    frame.end += padding;
    arbitrary.writeIp(frame, packet);
    return frame;
  }

  function udpIsGood(data: Uint8Array): boolean {
    const frame = Frame.from(data);
    const packet = new Packet();
    if (readIp(packet, frame, true) !== Drop.None) return false;
    const pseudo = addressSum(packet.src, packet.dst, Protocol.Udp);
    return readUdp(new Datagram(), frame, packet.textAt, packet.textEnd, pseudo, false) === Drop.None;
  }

  test('is one itself, with the same MAC', () => {
    capture(new Bench(inProcess, HERE), (tapped) => expect(tapped.mac).toBe(HERE));
    capture(new Bench(inProcess), (tapped) => expect(tapped).toHaveProperty('mac', undefined));
  });

  test('fills in the checksums behind the header and its tags, in its own copy alone', () => {
    const bench = new Bench(inProcess, HERE);
    const packets = capture(bench, (tapped) => {
      tapped.attach({ frameArrives: () => {}, framesWait: () => {} });
      for (const vlans of [0, 1, 2]) {
        tapped.send(ethernet(unsummed(5), EtherType.Ipv4, vlans));
        tapped.send(ethernet(datagram(4, 0), EtherType.Ipv4, vlans));
        bench.receiver?.frameArrives(ethernet(datagram(6, 3), EtherType.Ipv6, vlans));
      }
      tapped.send(ethernet(unsummed(1500), EtherType.Ipv4)); // a full MTU, and a header on top
    });
    const inner = packets.map(({ data }) => data.subarray(data[12] === 0x81 ? (data[16] === 0x81 ? 22 : 18) : 14));
    expect(inner.map((data) => sumIsGood(data) || udpIsGood(data))).toEqual(inner.map(() => true));
    expect(packets.map(({ data }) => data.length)).toEqual([59, 45, 68, 63, 49, 72, 67, 53, 76, 1554]);
    expect(bench.sent.map((data) => sumIsGood(data.subarray(14)) || udpIsGood(data.subarray(14)))).not.toContain(true);
  });

  test('takes down as they are: what is not IP, what makes no sense, and fragments', () => {
    const piece = datagram(4, 0);
    piece.view.setUint16(piece.at + 6, 0x2000);
    const odd = [
      ethernet(Frame.from(new Uint8Array(28).fill(0x45), 64), EtherType.Arp),
      ethernet(unsummed(5), 0x88b5),
      ethernet(piece, EtherType.Ipv4),
      Frame.from(Uint8Array.of(1, 2, 3), 5),
    ];
    const packets = capture(new Bench(inProcess, HERE), (tapped) => {
      for (const frame of odd) tapped.send(Frame.from(frame.copy(), 3));
    });
    expect(packets.map(({ data }) => [...data])).toEqual(odd.map((frame) => [...frame.copy()]));
  });
});
