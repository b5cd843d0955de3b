import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { PcapngWriter } from '../../src/capture/pcapng-write.ts';
import { readCapture } from '../../src/capture/read.ts';
import type { CapturePacket } from '../../src/capture/record.ts';
import { tap } from '../../src/capture/tap.ts';
import { inProcess, type Link, type Offloads, onTheWire, type Receiver } from '../../src/link/link.ts';
import { Drop } from '../../src/wire/drop.ts';
import { Packet, Protocol, pseudoSum, readIp } from '../../src/wire/ip.ts';
import { writeIpv4 } from '../../src/wire/ipv4.ts';
import { ACK, Segment } from '../../src/wire/segment.ts';
import { readTcp, writeTcp } from '../../src/wire/tcp.ts';

/** A link that keeps what is sent and lets the test say what arrives. */
class Bench implements Link {
  readonly name = 'bench';
  readonly mtu = 1500;
  readonly offloads: Offloads;
  readonly sent: Uint8Array[] = [];
  receiver: Receiver | null = null;

  constructor(offloads: Offloads) {
    this.offloads = offloads;
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
  expect(found.interfaces).toMatchObject([{ name: 'bench', linkType: 101 }]);
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
