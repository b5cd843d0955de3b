import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/base/address-text.ts';
import { sum } from '../../src/base/checksum.ts';
import { Frame } from '../../src/base/frame.ts';
import { Drop, dropReasons } from '../../src/wire/drop.ts';
import {
  addressSum,
  FRAGMENT_NEXT_HEADER,
  isFragment,
  Packet,
  Protocol,
  pseudoSum,
  readIp,
} from '../../src/wire/ip.ts';
import { hasFragmentHeader, IPV6_FRAGMENT_HEADER, writeFragmentHeader, writeIpv6 } from '../../src/wire/ipv6.ts';
import * as arbitrary from './arbitrary.ts';

const octets = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (h) => Number.parseInt(h, 16));

/** Reads `hex` behind a few octets of head room, with its sums verified. */
function read(hex: string): { drop: Drop; packet: Packet } {
  const packet = new Packet();
  const drop = readIp(packet, Frame.from(octets(hex), 6), true);
  return { drop, packet };
}

const V6 = '20010db8000000000000000000000001 20010db8000000000000000000000002';

test('every drop reason has its number and its sentence', () => {
  expect(Object.values(Drop)).toEqual(dropReasons.map((_, index) => index));
});

describe('IPv4 (RFC 791 §3.1)', () => {
  test('a header from the literature reads', () => {
    // 192.168.0.1 > 192.168.0.199, UDP, 115 octets in all: the header that encyclopaedias sum by hand.
    const { drop, packet } = read(`4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7${'00'.repeat(95)}`);
    expect(drop).toBe(Drop.None);
    expect(packet.src.equals(parseAddress('192.168.0.1') as NonNullable<ReturnType<typeof parseAddress>>)).toBe(true);
    expect(packet).toMatchObject({
      family: 4,
      protocol: 17,
      hopLimit: 64,
      id: 0,
      dontFragment: true,
      fragmentOffset: 0,
    });
    expect([packet.headerAt, packet.textAt, packet.textEnd]).toEqual([6, 26, 121]);
  });

  test.each<[string, string, Drop]>([
    ['nothing', '', Drop.IpVersion],
    ['version 5', `5500 0014${'00'.repeat(16)}`, Drop.IpVersion],
    ['19 octets', `4500 0013${'00'.repeat(15)}`, Drop.Ipv4Short],
    ['header of 4 words', `4400 0014${'00'.repeat(16)}`, Drop.Ipv4HeaderLength],
    ['header of 6 words in 20 octets', `4600 0018${'00'.repeat(16)}`, Drop.Ipv4HeaderLength],
    ['total length below the header', `4500 0013${'00'.repeat(16)}`, Drop.Ipv4TotalLength],
    ['total length past the frame', `4500 0015${'00'.repeat(16)}`, Drop.Ipv4TotalLength],
    ['checksum off by one', '4500 0014 0000 4000 4006 26e4 0a000001 0a000002', Drop.Ipv4Checksum],
  ])('%s is refused', (_name, hex, drop) => {
    expect(read(hex).drop).toBe(drop);
  });

  test('padding behind the total length is left out, options are stepped over', () => {
    const { drop, packet } = read('4600 0019 0000 2001 4006 b1d7 0a000001 0a000002 94040000 ff 0000000000');
    expect([drop, packet.textAt, packet.textEnd]).toEqual([Drop.None, 30, 31]);
    expect([packet.moreFragments, packet.fragmentOffset, isFragment(packet)]).toEqual([true, 8, true]);
  });
});

describe('IPv6 (RFC 8200)', () => {
  test('the header reads', () => {
    const { drop, packet } = read(`6032 0001 0003 3a ff ${V6} 010203 aabb`);
    expect(drop).toBe(Drop.None);
    expect(packet).toMatchObject({ family: 6, trafficClass: 3, flowLabel: 0x2_0001, protocol: 58, hopLimit: 255 });
    expect([packet.textAt, packet.textEnd]).toEqual([46, 49]);
  });

  const padN = (next: string): string => `${next} 00 01 04 00000000`;

  test.each<[string, string, string, Drop, number, number]>([
    // name                            next  behind the header                                    drop            protocol, octets walked
    ['hop-by-hop, destination options', '00', `${padN('3c')}${padN('06')}`, Drop.None, 6, 16],
    ['hop-by-hop behind another', '3c', `${padN('00')}${padN('06')}`, Drop.Ipv6ExtensionHeader, 0, 0],
    ['Pad1 only', '3c', '06 00 000000000000', Drop.None, 6, 8],
    ['an unknown option that may be skipped', '3c', '06 00 1e 04 00000000', Drop.None, 6, 8],
    ['an unknown option that may not', '3c', '06 00 5e 04 00000000', Drop.Ipv6Option, 0, 0],
    ['an option past its header', '3c', '06 00 1e 05 00000000', Drop.Ipv6ExtensionHeader, 0, 0],
    ['a kind without a length', '3c', '06 00 01 03 000000 1e', Drop.Ipv6ExtensionHeader, 0, 0],
    ['a header past the packet', '3c', '06 01 01 04 00000000', Drop.Ipv6ExtensionHeader, 0, 0],
    ['a header cut short', '3c', '06 00 01', Drop.Ipv6ExtensionHeader, 0, 0],
    ['routing, nothing left', '2b', '06 00 00 00 00000000', Drop.None, 6, 8],
    ['routing, segments left', '2b', '06 00 00 01 00000000', Drop.Ipv6Routing, 0, 0],
    ['authentication', '33', '06 01 0000 00000001 00000001', Drop.None, 6, 12],
    ['an atomic fragment (RFC 6946)', '2c', '06 00 0000 00000007', Drop.None, 6, 8],
    ['eight extension headers', '3c', `${padN('3c').repeat(7)}${padN('06')}`, Drop.None, 6, 64],
    ['nine', '3c', `${padN('3c').repeat(8)}${padN('06')}`, Drop.Ipv6ExtensionHeader, 0, 0],
    ['no next header', '3b', '', Drop.None, 59, 0],
    ['a protocol unknown here', '84', '00', Drop.None, 132, 0],
  ])('%s', (_name, next, behind, drop, protocol, walked) => {
    const length = octets(behind).length.toString(16).padStart(4, '0');
    const found = read(`60000000 ${length} ${next} 40 ${V6} ${behind}`);
    expect(found.drop).toBe(drop);
    if (drop === Drop.None) expect([found.packet.protocol, found.packet.textAt - 46]).toEqual([protocol, walked]);
  });

  test('a fragment is reported; what follows its header is not walked', () => {
    const { drop, packet } = read(`60000000 0010 2c 40 ${V6} 3c 00 0009 deadbeef 0600010400000000`);
    expect(drop).toBe(Drop.None);
    expect(packet).toMatchObject({ protocol: 60, fragmentOffset: 8, moreFragments: true, id: 0xdeadbeef, textAt: 54 });
  });

  test('a fragment header stands octet for octet as §4.5 has it', () => {
    const frame = Frame.from(Uint8Array.of(0xaa), 8);
    writeFragmentHeader(frame, Protocol.Udp, 1448, true, 0xdead_beef);
    expect(frame.copy()).toEqual(octets('11 00 05a9 deadbeef aa'));
  });

  test('a fragment header that is written is read, wherever it stands in the chain', () => {
    const chain = fc.array(fc.constantFrom(60, 43, 51), { maxLength: 3 });
    fc.assert(
      fc.property(
        fc.record({
          before: chain,
          text: arbitrary.texts,
          offset: fc.nat(8191),
          more: fc.boolean(),
          id: arbitrary.unsigned,
          there: fc.boolean(),
        }),
        ({ before, text, offset, more, id, there }) => {
          const frame = Frame.from(text, 256);
          const packet = new Packet();
          packet.family = 6;
          packet.src.set(0x2001_0db8, 0, 0, 1);
          packet.dst.set(0x2001_0db8, 0, 0, 2);
          packet.protocol = Protocol.Udp;
          if (there) {
            writeFragmentHeader(frame, packet.protocol, offset * 8, more, id);
            packet.protocol = FRAGMENT_NEXT_HEADER;
          }
          // Destination options of padding, a routing header of the past, authentication: 16 octets each.
          for (const kind of before) {
            frame.at -= 16;
            frame.bytes.set(octets('00 01 01 0c 0000 0000 0000 0000 0000 0000'), frame.at);
            if (kind === 43) frame.bytes.set([0, 0], frame.at + 2);
            if (kind === 51) frame.bytes[frame.at + 1] = 2;
            frame.bytes[frame.at] = packet.protocol;
            packet.protocol = kind;
          }
          writeIpv6(frame, packet);
          const got = new Packet();
          expect(readIp(got, frame, true)).toBe(Drop.None);
          expect(hasFragmentHeader(got, frame)).toBe(there);
          expect(got.protocol).toBe(Protocol.Udp);
          expect(got.textAt - got.headerAt).toBe(40 + 16 * before.length + (there ? IPV6_FRAGMENT_HEADER : 0));
          expect([got.fragmentOffset, got.moreFragments, got.id]).toEqual(
            there ? [offset * 8, more, id] : [0, false, 0],
          );
          expect(frame.bytes.slice(got.textAt, got.textEnd)).toEqual(text);
        },
      ),
    );
  });

  test.each<[string, string, Drop]>([
    ['39 octets', `60000000 0000 06 40 ${V6.slice(0, -2)}`, Drop.Ipv6Short],
    ['payload past the frame', `60000000 0001 06 40 ${V6}`, Drop.Ipv6PayloadLength],
    ['a mapped source', `60000000 0000 06 40 00000000000000000000ffff0a000001 ${V6.slice(33)}`, Drop.Ipv6Mapped],
  ])('%s is refused', (_name, hex, drop) => {
    expect(read(hex).drop).toBe(drop);
  });
});

describe('both families', () => {
  const fields = ({
    family,
    protocol,
    trafficClass,
    hopLimit,
    flowLabel,
    id,
    dontFragment,
    fragmentOffset,
    moreFragments,
    src,
    dst,
  }: Packet): unknown => [
    family,
    protocol,
    trafficClass,
    hopLimit,
    flowLabel,
    id,
    dontFragment,
    fragmentOffset,
    moreFragments,
    [src.a, src.b, src.c, src.d],
    [dst.a, dst.b, dst.c, dst.d],
  ];

  test('what was written is read', () => {
    fc.assert(
      fc.property(
        arbitrary.packets,
        arbitrary.texts,
        fc.integer({ min: 0, max: 8191 }),
        fc.boolean(),
        (packet, text, offset, more) => {
          if (packet.family === 4) {
            packet.fragmentOffset = offset * 8;
            packet.moreFragments = more;
          }
          const frame = Frame.from(text, 48);
          arbitrary.writeIp(frame, packet);
          const got = new Packet();
          expect(readIp(got, frame, true)).toBe(Drop.None);
          expect(fields(got)).toEqual(fields(packet));
          expect(frame.bytes.slice(got.textAt, got.textEnd)).toEqual(text);
        },
      ),
    );
  });

  test('any octets are read or refused, never past the frame', () => {
    const start = fc.constantFrom(0x45, 0x46, 0x4f, 0x60);
    const next = fc.constantFrom(0, 6, 43, 44, 51, 60);
    fc.assert(
      fc.property(start, next, fc.uint8Array({ maxLength: 120 }), fc.boolean(), (first, kind, bytes, lengthsFit) => {
        if (bytes.length > 0) bytes[0] = first;
        if (bytes.length > 40 && lengthsFit) {
          bytes.set(first === 0x60 ? [0, bytes.length - 40, kind] : [], 4);
          if (first !== 0x60) bytes.set([0, bytes.length], 2);
        }
        const frame = Frame.from(bytes, 3);
        const packet = new Packet();
        const drop = readIp(packet, frame, false);
        expect(dropReasons[drop]).toBeTypeOf('string');
        if (drop !== Drop.None) return;
        expect(packet.headerAt).toBe(3);
        expect(packet.textAt).toBeGreaterThanOrEqual(packet.family === 4 ? 23 : 43);
        expect(packet.textEnd).toBeGreaterThanOrEqual(packet.textAt);
        expect(packet.textEnd).toBeLessThanOrEqual(frame.end);
      }),
      { numRuns: 2000 },
    );
  });

  test('the pseudo-header sums to what its octets sum to (RFC 9293 §3.1, RFC 8200 §8.1)', () => {
    fc.assert(
      fc.property(arbitrary.packets, fc.integer({ min: 0, max: 0xffff }), (packet, length) => {
        const pseudo = new Frame(40);
        const { src, dst } = packet;
        const words =
          packet.family === 4
            ? [src.d, dst.d, (Protocol.Tcp << 16) | length]
            : [src.a, src.b, src.c, src.d, dst.a, dst.b, dst.c, dst.d, length, Protocol.Tcp];
        words.forEach((word, index) => pseudo.view.setInt32(4 * index, word));
        expect(pseudoSum(packet, length)).toBe(sum(pseudo, 0, 4 * words.length));
        expect(addressSum(dst, src, Protocol.Tcp)).toBe(addressSum(src, dst, Protocol.Tcp));
      }),
    );
  });
});
