/** UDP's header: what is written is read, whatever is read never throws, and checksums are what tcpdump says they are. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { Drop } from '../../src/wire/drop.ts';
import { addressSum, Packet, Protocol, readIp } from '../../src/wire/ip.ts';
import { Datagram, readUdp, UDP_HEADER, writeUdp } from '../../src/wire/udp.ts';
import * as arbitrary from './arbitrary.ts';
import { hasTool, tcpdump } from './tcpdump.ts';

const port = fc.integer({ min: 0, max: 0xffff });

/** A datagram with its sum in an IP packet. */
function build(packet: Packet, srcPort: number, dstPort: number, text: Uint8Array, head = 128): Frame {
  const frame = Frame.from(text, head);
  packet.protocol = Protocol.Udp;
  writeUdp(frame, srcPort, dstPort, addressSum(packet.src, packet.dst, Protocol.Udp));
  arbitrary.writeIp(frame, packet);
  return frame;
}

function read(frame: Frame, into: Datagram): Drop {
  const packet = new Packet();
  expect(readIp(packet, frame, true)).toBe(Drop.None);
  const pseudo = addressSum(packet.src, packet.dst, packet.protocol);
  return readUdp(into, frame, packet.textAt, packet.textEnd, pseudo, packet.family === 4);
}

/** A datagram of 4 octets between two IPv4 hosts. */
function sample(): Frame {
  const packet = new Packet();
  packet.src.set(0, 0, 0xffff, 0x0a000001);
  packet.dst.set(0, 0, 0xffff, 0x0a000002);
  return build(packet, 4000, 53, Uint8Array.of(1, 2, 3, 4));
}

describe('what is written', () => {
  test('is read, at any offset', () => {
    fc.assert(
      fc.property(
        arbitrary.packets,
        port,
        port,
        arbitrary.texts,
        fc.integer({ min: 0, max: 7 }),
        (packet, src, dst, text, odd) => {
          const frame = build(packet, src, dst, text, 128 + odd);
          const datagram = new Datagram();
          expect(read(frame, datagram)).toBe(Drop.None);
          const { srcPort, dstPort, textAt, textLen } = datagram;
          expect([srcPort, dstPort]).toEqual([src, dst]);
          expect(frame.bytes.slice(textAt, textAt + textLen)).toEqual(text);
        },
      ),
    );
  });

  test('never has a checksum of 0, which would say that there is none (RFC 768)', () => {
    const packet = new Packet();
    packet.src.set(0, 0, 0xffff, 0x0a000001);
    packet.dst.set(0, 0, 0xffff, 0x0a000002);
    const text = new Uint8Array(2);
    const sums = new Set<number>();
    for (let word = 0; word < 0x10000; word++) {
      text[0] = word >> 8;
      text[1] = word;
      const frame = build(packet, 1, 2, text);
      sums.add(frame.view.getUint16(frame.at + 20 + 6));
    }
    expect(sums.has(0)).toBe(false);
    expect(sums.size).toBe(0xffff);
  });

  test.runIf(hasTool('tcpdump'))('has a right checksum for tcpdump', () => {
    const frames = fc.sample(
      fc.tuple(arbitrary.packets, port, port, arbitrary.texts).map(([packet, src, dst, text]) => {
        return build(packet, 10_000 + (src >> 1), 10_000 + (dst >> 1), text);
      }),
      { numRuns: 100, seed: 7 },
    );
    const lines = tcpdump(
      frames.map((frame) => frame.copy()),
      ['-vv', '-t'],
    ).filter((line) => /udp/i.test(line));
    expect(lines.length).toBeGreaterThanOrEqual(100);
    expect(lines.filter((line) => line.includes('bad udp cksum'))).toEqual([]);
    expect(lines.filter((line) => line.includes('udp sum ok')).length).toBe(100);
  });
});

describe('what is dropped', () => {
  const at = 128 - UDP_HEADER;

  test.each<[string, (frame: Frame) => void, Drop]>([
    ['nothing wrong', () => {}, Drop.None],
    ['a length below the header', ({ view }) => view.setUint16(at + 4, 7), Drop.UdpLength],
    ['a length past the packet', ({ view }) => view.setUint16(at + 4, 13), Drop.UdpLength],
    ['a bit of the text', ({ bytes }) => bytes.fill(9, at + 8, at + 9), Drop.UdpChecksum],
    ['a bit of the port', ({ bytes }) => bytes.fill(9, at, at + 1), Drop.UdpChecksum],
    ['no checksum, over IPv4', ({ view }) => view.setUint16(at + 6, 0), Drop.None],
  ])('%s', (_name, spoil, drop) => {
    const frame = sample();
    spoil(frame);
    expect(read(frame, new Datagram())).toBe(drop);
  });

  test('fewer octets than a header; no checksum over IPv6; neither where the link vouches', () => {
    const frame = sample();
    const datagram = new Datagram();
    expect(readUdp(datagram, frame, at, at + 7, -1, true)).toBe(Drop.UdpShort);
    frame.view.setUint16(at + 6, 0);
    expect(readUdp(datagram, frame, at, at + 12, 0, false)).toBe(Drop.UdpChecksum);
    expect(readUdp(datagram, frame, at, at + 12, -1, false)).toBe(Drop.None);
  });

  test('octets behind its own length are not the text', () => {
    const frame = sample();
    const datagram = new Datagram();
    frame.view.setUint16(at + 4, 10);
    expect(readUdp(datagram, frame, at, at + 12, -1, true)).toBe(Drop.None);
    expect(datagram.textLen).toBe(2);
  });

  test('any octets at all, without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (octets, optional) => {
        const frame = Frame.from(octets);
        const drop = readUdp(new Datagram(), frame, 0, octets.length, 0, optional);
        expect([Drop.None, Drop.UdpShort, Drop.UdpLength, Drop.UdpChecksum]).toContain(drop);
      }),
    );
  });
});
