/** ICMP's headers, and the packets that errors quote: what is written is read, whatever is read never throws. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { Drop } from '../../src/wire/drop.ts';
import { Icmp, IcmpKind } from '../../src/wire/icmp.ts';
import { icmpv4Kind, isIcmpv4Error, readIcmpv4, writeIcmpv4 } from '../../src/wire/icmpv4.ts';
import { icmpv6Kind, isIcmpv6Error, readIcmpv6, writeIcmpv6 } from '../../src/wire/icmpv6.ts';
import { addressSum, Packet, Protocol, pseudoSum, readIp } from '../../src/wire/ip.ts';
import { readQuote } from '../../src/wire/quote.ts';
import { Segment } from '../../src/wire/segment.ts';
import * as arbitrary from './arbitrary.ts';
import { hasTool, tcpdump } from './tcpdump.ts';

const word = fc.integer({ min: 0, max: 0xffff_ffff });

function build(packet: Packet, type: number, code: number, rest: number, text: Uint8Array, head = 128): Frame {
  const frame = Frame.from(text, head);
  if (packet.family === 4) {
    packet.protocol = Protocol.Icmp;
    writeIcmpv4(frame, type, code, rest);
  } else {
    packet.protocol = Protocol.Icmpv6;
    writeIcmpv6(frame, type, code, rest, addressSum(packet.src, packet.dst, Protocol.Icmpv6));
  }
  arbitrary.writeIp(frame, packet);
  return frame;
}

function read(frame: Frame, into: Icmp): Drop {
  const packet = new Packet();
  expect(readIp(packet, frame, true)).toBe(Drop.None);
  const { textAt, textEnd } = packet;
  return packet.family === 4
    ? readIcmpv4(into, frame, textAt, textEnd, true)
    : readIcmpv6(into, frame, textAt, textEnd, pseudoSum(packet, textEnd - textAt));
}

describe('a message', () => {
  test('that is written is read, at any offset; with one bit flipped it is dropped', () => {
    fc.assert(
      fc.property(
        arbitrary.packets,
        arbitrary.octet,
        arbitrary.octet,
        word,
        arbitrary.texts,
        fc.nat(7),
        fc.nat(),
        (packet, type, code, rest, text, odd, where) => {
          const frame = build(packet, type, code, rest, text, 128 + odd);
          const icmp = new Icmp();
          expect(read(frame, icmp)).toBe(Drop.None);
          expect([icmp.type, icmp.code, icmp.word, icmp.id, icmp.sequence]).toEqual([
            type,
            code,
            rest,
            rest >>> 16,
            rest & 0xffff,
          ]);
          expect(frame.bytes.slice(icmp.textAt, icmp.textEnd)).toEqual(text);
          const at = icmp.textAt - 8;
          const bit = where % (8 * (icmp.textEnd - at));
          (frame.bytes[at + (bit >> 3)] as number) ^= 1 << (bit & 7);
          expect(read(frame, icmp)).toBe(Drop.IcmpChecksum);
        },
      ),
    );
  });

  test('of any octets is read without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
        const frame = Frame.from(octets);
        const short = octets.length < 8 ? Drop.IcmpShort : Drop.None;
        expect(readIcmpv4(new Icmp(), frame, 0, octets.length, false)).toBe(short);
        expect(readIcmpv6(new Icmp(), frame, 0, octets.length, -1)).toBe(short);
      }),
    );
  });

  test.runIf(hasTool('tcpdump'))('has a right checksum for tcpdump', () => {
    const frames = fc.sample(
      fc.tuple(arbitrary.packets, fc.boolean(), word, arbitrary.texts).map(([packet, reply, rest, text]) => {
        const type = packet.family === 4 ? (reply ? 0 : 8) : reply ? 129 : 128;
        return build(packet, type, 0, rest, text);
      }),
      { numRuns: 100, seed: 7 },
    );
    const lines = tcpdump(
      frames.map((frame) => frame.copy()),
      ['-vv', '-t'],
    ).filter((line) => line.includes('echo'));
    expect(lines.length).toBe(100);
    expect(lines.filter((line) => /wrong|bad/.test(line))).toEqual([]);
  });
});

describe('what it is for', () => {
  test.each<[string, IcmpKind, [number, number] | null, [number, number] | null]>([
    // name                          kind                                  ICMPv4    ICMPv6
    ['echo request', IcmpKind.EchoRequest, [8, 0], [128, 0]],
    ['echo reply', IcmpKind.EchoReply, [0, 0], [129, 0]],
    ['net unreachable', IcmpKind.NetUnreachable, [3, 0], [1, 0]],
    ['host unreachable', IcmpKind.HostUnreachable, [3, 1], [1, 3]],
    ['protocol unreachable', IcmpKind.ProtocolUnreachable, [3, 2], [4, 1]],
    ['port unreachable', IcmpKind.PortUnreachable, [3, 3], [1, 4]],
    ['packet too big', IcmpKind.PacketTooBig, [3, 4], [2, 0]],
    ['prohibited', IcmpKind.Prohibited, [3, 13], [1, 1]],
    ['time exceeded', IcmpKind.TimeExceeded, [11, 0], [3, 0]],
    ['reassembly time exceeded', IcmpKind.ReassemblyTimeExceeded, [11, 1], [3, 1]],
    ['parameter problem', IcmpKind.ParameterProblem, [12, 0], [4, 0]],
    ['source quench', IcmpKind.SourceQuench, [4, 0], null],
    ['redirect', IcmpKind.Redirect, [5, 1], null],
    ['neighbour discovery', IcmpKind.NeighborDiscovery, null, [135, 0]],
    ['something else', IcmpKind.Other, [13, 0], [131, 0]],
  ])('%s', (_name, kind, v4, v6) => {
    if (v4 !== null) expect(icmpv4Kind(...v4)).toBe(kind);
    if (v6 !== null) expect(icmpv6Kind(...v6)).toBe(kind);
  });

  test('errors, and redirects, are those that no error may answer', () => {
    const all = Array.from({ length: 256 }, (_, type) => type);
    expect(all.filter(isIcmpv4Error)).toEqual([3, 4, 5, 11, 12]);
    expect(all.filter(isIcmpv6Error)).toEqual([...all.slice(0, 128), 137]);
  });
});

describe('a quote', () => {
  test('of a packet is read as the packet itself, however it is cut behind 8 octets of text', () => {
    fc.assert(
      fc.property(arbitrary.packets, arbitrary.segments, arbitrary.texts, fc.nat(), (packet, seg, text, cut) => {
        const frame = arbitrary.build(packet, Object.assign(new Segment(), seg), text);
        const whole = new Packet();
        expect(readIp(whole, frame, true)).toBe(Drop.None);
        const least = whole.textAt + 8;
        const end = least + (cut % (frame.end - least + 1));
        const quoted = new Packet();
        expect(readQuote(quoted, frame, frame.at, end)).toBe(Drop.None);
        expect(quoted).toEqual(Object.assign(whole, { textEnd: end }));
        expect(readQuote(quoted, frame, frame.at, least - 1)).toBe(Drop.IcmpQuote);
      }),
    );
  });

  test('of any octets is read without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(0x45, 0x60, 0x00), (octets, first) => {
        if (octets.length > 0) octets[0] = first;
        const drop = readQuote(new Packet(), Frame.from(octets), 0, octets.length);
        expect([Drop.None, Drop.IcmpQuote]).toContain(drop);
      }),
    );
  });
});
