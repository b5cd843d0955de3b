/** Ethernet frames as text, and what travels in them to get a host going: ARP, neighbor discovery, DHCP, fragments. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { ARP_LENGTH, Arp, readArp, writeArp } from '../../src/wire/arp.ts';
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT, writeDhcp } from '../../src/wire/dhcp.ts';
import { Drop } from '../../src/wire/drop.ts';
import { Ethernet, EtherType, readEthernet } from '../../src/wire/ethernet.ts';
import { Icmp } from '../../src/wire/icmp.ts';
import { readIcmpv6 } from '../../src/wire/icmpv6.ts';
import { addressSum, FRAGMENT_NEXT_HEADER, Packet, Protocol, pseudoSum, readIp } from '../../src/wire/ip.ts';
import { writeFragmentHeader, writeIpv6 } from '../../src/wire/ipv6.ts';
import { NdMessage, readNd, writeNd } from '../../src/wire/nd.ts';
import { PacketPrinter } from '../../src/wire/text.ts';
import { parseEthernetText } from '../../src/wire/text-ethernet-parse.ts';
import { parseText, TextError } from '../../src/wire/text-parse.ts';
import { writeUdp } from '../../src/wire/udp.ts';
import * as arbitrary from './arbitrary.ts';
import { ETHERNET, hasTool, tcpdump } from './tcpdump.ts';

const octets = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (h) => Number.parseInt(h, 16));

const MACS = '020000000002 020000000001';
const HEAD = 256;

const print = (bytes: Uint8Array, original = bytes.length, odd = 3): string =>
  new PacketPrinter().ethernetLine(Frame.from(bytes, odd), original);

/** A frame around what stands in `frame`, with padding to 60 octets, or without it; in VLANs, or in LLC/SNAP. */
const wrappings = fc.record({
  tags: fc.array(fc.constantFrom(0x8100, 0x88a8, 0x9100), { maxLength: 2 }),
  snap: fc.boolean(),
  padded: fc.boolean(),
});
type Wrapping = typeof wrappings extends fc.Arbitrary<infer T> ? T : never;

function wrap(inner: Uint8Array, type: number, { tags, snap, padded }: Wrapping): Uint8Array {
  const start = tags.flatMap((tag, i) => [tag >> 8, tag & 0xff, 0x20, i]);
  const snapped = snap && inner.length + 8 <= 1500;
  const length = inner.length + 8;
  const types = snapped
    ? [length >> 8, length & 0xff, 0xaa, 0xaa, 3, 0, 0, 0, type >> 8, type & 0xff]
    : [type >> 8, type & 0xff];
  const all = [...octets(MACS), ...start, ...types, ...inner];
  const frame = new Uint8Array(padded ? Math.max(60, all.length) : all.length);
  frame.set(all);
  return frame;
}

/** ARP of any operation; addresses of Ethernet and IPv4, or of other lengths, kinds and protocols. */
const arps = fc
  .tuple(arbitrary.arps, fc.nat(11), fc.boolean(), fc.constantFrom('', '0006', '0063', '0018'))
  .chain(([arp, operation, right, hardware]) =>
    fc
      .tuple(fc.constantFrom(0, 1, 5, 8), fc.constantFrom(4, 4, 3, 16), fc.constantFrom(0x800, 0x1000, 0x86dd, 0x1234))
      .map(([macs, addresses, protocol]) => {
        const frame = Frame.from(new Uint8Array(48), 28);
        frame.end = frame.at;
        writeArp(frame, arp);
        frame.view.setUint16(6, operation);
        if (right) return frame.copy();
        if (hardware !== '') frame.bytes.set(octets(hardware), 0);
        frame.view.setUint16(2, protocol);
        frame.view.setUint8(4, macs);
        frame.view.setUint8(5, addresses);
        return frame.bytes.slice(0, 8 + 2 * macs + 2 * addresses);
      }),
  );

const discoveries = arbitrary.discoveries.map(({ message, packet }) => {
  const frame = new Frame(1024);
  frame.at = 1024;
  frame.end = 1024;
  writeNd(frame, message, addressSum(packet.src, packet.dst, Protocol.Icmpv6));
  writeIpv6(frame, packet);
  return frame.copy();
});

/** A datagram of that text in a packet, which may be cut into pieces of so many octets; all the pieces' frames. */
function datagram(packet: Packet, srcPort: number, dstPort: number, text: Uint8Array, piece: number): Uint8Array[] {
  const whole = Frame.from(text, HEAD);
  writeUdp(whole, srcPort, dstPort, addressSum(packet.src, packet.dst, Protocol.Udp));
  packet.protocol = Protocol.Udp;
  const all = whole.copy();
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset < all.length; offset += piece) {
    const frame = Frame.from(all.subarray(offset, offset + piece), HEAD);
    const more = offset + piece < all.length;
    if (packet.family === 4) {
      packet.fragmentOffset = offset;
      packet.moreFragments = more;
    } else if (more || offset > 0) {
      packet.protocol = FRAGMENT_NEXT_HEADER;
      writeFragmentHeader(frame, Protocol.Udp, offset, more, 7);
    }
    arbitrary.writeIp(frame, packet);
    pieces.push(frame.copy());
  }
  return pieces;
}

const dhcps = fc
  .tuple(arbitrary.packets, arbitrary.dhcps, fc.boolean(), fc.constantFrom('', '00', '03', '0106', '0110', '0206'))
  .map(([packet, message, answer, start]) => {
    const bytes = writeDhcp(message);
    bytes.set(octets(start), 0);
    const ports = [DHCP_CLIENT_PORT, DHCP_SERVER_PORT] as const;
    const [srcPort, dstPort] = answer ? [ports[1], ports[0]] : ports;
    return datagram(packet, srcPort, dstPort, bytes.subarray(0, 1400), 65_528);
  });

const fragments = fc
  .tuple(
    arbitrary.packets,
    fc.constantFrom(67, 40_001),
    fc.integer({ min: 0, max: 200 }),
    fc.integer({ min: 1, max: 12 }),
  )
  .map(([packet, port, length, piece]) => datagram(packet, 40_002, port, new Uint8Array(length), 8 * piece));

const typeOf = (packet: Uint8Array): number => ((packet[0] as number) >> 4 === 4 ? EtherType.Ipv4 : EtherType.Ipv6);

const frames: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.tuple(arps, wrappings).map(([arp, wrapping]) => wrap(arp, EtherType.Arp, wrapping)),
  fc.tuple(discoveries, wrappings).map(([packet, wrapping]) => wrap(packet, EtherType.Ipv6, wrapping)),
  fc
    .tuple(fc.oneof(dhcps, fragments), fc.nat())
    .map(([pieces, which]) => pieces[which % pieces.length] as Uint8Array)
    .chain((packet) => wrappings.map((wrapping) => wrap(packet, typeOf(packet), wrapping))),
);

describe('a frame', () => {
  test.each<[string, string, string]>([
    [
      'ARP request',
      '0806 0001080006040001 020000000001 0a000001 000000000000 0a000002',
      'ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28',
    ],
    [
      'ARP reply, padded',
      `0806 0001080006040002 020000000001 0a000001 020000000002 0a000002 ${'00'.repeat(18)}`,
      'ARP, Reply 10.0.0.1 is-at 02:00:00:00:00:01, length 46',
    ],
    [
      'in two VLANs',
      '88a80064 81002003 0806 0001080006040001 020000000001 0a000001 000000000000 0a000002',
      'ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28',
    ],
    [
      'of an unknown type',
      '88b5 0102',
      '02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype Unknown (0x88b5), length 16: ',
    ],
    ['of another LLC', '0003 424203', '02:00:00:00:00:01 > 02:00:00:00:00:02, 802.3, length 3'],
  ])('%s', (_name, hex, line) => {
    expect(print(octets(`${MACS} ${hex}`))).toBe(line);
  });

  test('of any octets is printed without throwing', () => {
    const starts = fc.constantFrom(
      '0800',
      '86dd',
      '0806',
      '8100',
      '81000001 0800',
      '0040 aaaa03000000 0806',
      '0020 4242',
    );
    const behind = fc.constantFrom('', '45', '60', '0001080006040001', '00010800ff040001');
    fc.assert(
      fc.property(starts, behind, fc.uint8Array({ maxLength: 90 }), fc.nat(120), (start, next, rest, cut) => {
        const bytes = Uint8Array.of(...octets(`${MACS} ${start} ${next}`), ...rest);
        expect(print(bytes.subarray(0, cut), bytes.length)).toMatch(/^[\x20-\x7e]+$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe.skipIf(!hasTool('tcpdump'))('the same as tcpdump -n', () => {
  /** Lines of octets are what tcpdump alone prints. */
  const oracle = (packets: readonly Uint8Array[], snap = 65_535): string[] =>
    tcpdump(packets, ['-t'], snap, ETHERNET).filter((line) => !line.startsWith('\t'));

  test('frames of ARP, neighbor discovery, DHCP and fragments', () => {
    const sample = fc.sample(frames, { numRuns: 2000, seed: 826 });
    expect(sample.map((bytes) => print(bytes))).toEqual(oracle(sample));
    const lines = sample.map((bytes) => print(bytes)).join('\n');
    for (const told of [
      'who-has',
      'is-at',
      'Reverse',
      'who has',
      'tgt is',
      'redirect',
      'router adv',
      'router sol',
      'BOOTP',
      'frag (',
      'ip-proto-17',
      'UDP, length',
    ]) {
      expect(lines).toContain(told);
    }
  });

  test.each([13, 14, 16, 17, 18, 21, 22, 27, 34, 38, 41, 42, 45, 49, 54, 58, 62, 66, 70, 76, 77, 78, 79, 94, 95])(
    'cut to %i octets',
    (snap) => {
      const sample = fc.sample(frames, { numRuns: 400, seed: snap }).filter((bytes) => bytes.length > snap);
      expect(sample.map((bytes) => print(bytes.subarray(0, snap), bytes.length))).toEqual(oracle(sample, snap));
    },
  );

  test('frames that make no sense, and those that carry what is not known here', () => {
    const ip = '450000140000400040060000 0a000001 0a000002';
    const ip6 = '6000000000003b40 20010db8000000000000000000000001 20010db8000000000000000000000002';
    const sample = [
      MACS.slice(0, -2),
      MACS,
      `${MACS} 08`,
      `${MACS} 0800`,
      `${MACS} 0800 ${ip.slice(0, -2)}`,
      `${MACS} 0800 6${ip.slice(1)}`,
      `${MACS} 0800 5${ip.slice(1)}`,
      `${MACS} 0800 ${ip.replace('4500', '4400')}`,
      `${MACS} 0800 ${ip.replace('0014', '0013')}`,
      `${MACS} 0800 ${ip.replace('0014', '0030')}`,
      `${MACS} 86dd`,
      `${MACS} 86dd ${ip6}`,
      `${MACS} 86dd 4${ip6.slice(1)}`,
      `${MACS} 86dd ${ip6.slice(0, -2)}`,
      `${MACS} 88b5`,
      `${MACS} 88b5 ${'00'.repeat(46)}`,
      `${MACS} 05dd ${'00'.repeat(46)}`,
      `${MACS} 05ff ${'00'.repeat(46)}`,
      `${MACS} 8100`,
      `${MACS} 8100000a 08`,
      `${MACS} 8100000a 88b5 0102`,
      `${MACS} 001c aaaa03000000 88b5 ${ip}`,
      `${MACS} 001c aaaa03000000 0800 ${ip} 0000`,
      `${MACS} 0063 aaaa03000000 0800 ${ip} 0000`,
      `${MACS} 0000 ${'00'.repeat(46)}`,
      `${MACS} 0001 10`,
      `${MACS} 0806`,
      `${MACS} 0806 0001080006040001`,
    ].map(octets);
    expect(sample.map((bytes) => print(bytes))).toEqual(oracle(sample));
  });
});

describe('back again', () => {
  test.each([
    'ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28',
    'ARP, Request who-has 10.0.0.2 (02:00:00:00:00:02) tell 10.0.0.1, length 46',
    'ARP, Request who-has 169.254.1.1 tell 0.0.0.0, length 28',
    'ARP, Reply 10.0.0.1 is-at 02:00:00:00:00:01, length 1500',
    'IP 10.0.0.1.50000 > 10.0.0.2.80: Flags [S], seq 7, win 512, length 0',
    'IP6 fe80::1 > ff02::1: ICMP6, router solicitation, length 8',
    'IP6 fe80::1 > ff02::1: ICMP6, router advertisement, length 16',
    'IP6 fe80::1 > ff02::1: ICMP6, router advertisement, length 4104',
    'IP6 :: > ff02::1:ff00:9: ICMP6, neighbor solicitation, who has fe80::9, length 24',
    'IP6 fe80::1 > ff02::1:ff00:9: ICMP6, neighbor solicitation, who has fe80::9, length 32',
    'IP6 fe80::1 > fe80::2: ICMP6, neighbor advertisement, tgt is 2001:db8::1, length 32',
    'IP6 fe80::1 > fe80::2: ICMP6, redirect, 2001:db8::1 to fe80::3, length 40',
    'IP6 fe80::1 > fe80::2: ICMP6, redirect, 2001:db8::1 to 2001:db8::1, length 120',
  ])('%s', (line) => {
    expect(print(parseEthernetText(line))).toBe(line);
    expect(print(parseEthernetText(`12:34:56.789012 ${line}`))).toBe(line);
    if (!line.startsWith('ARP')) expect(parseEthernetText(line).subarray(14)).toEqual(parseText(line));
  });

  test('an ARP request goes to all stations, a reply to nobody that is known', () => {
    const request = parseEthernetText('ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28');
    expect(request).toEqual(
      octets('ffffffffffff 000000000000 0806 0001080006040001 000000000000 0a000001 000000000000 0a000002'),
    );
    const reply = parseEthernetText('ARP, Reply 10.0.0.1 is-at 02:00:00:00:00:01, length 30');
    expect(reply).toEqual(
      octets('000000000000 020000000001 0806 0001080006040002 020000000001 0a000001 000000000000 00000000 0000'),
    );
  });

  test('what was printed of ARP and of neighbor discovery is a frame that prints the same, and is taken', () => {
    const right = fc.oneof(
      fc.tuple(arbitrary.arps, wrappings).map(([arp, wrapping]) => {
        const frame = new Frame(ARP_LENGTH);
        frame.at = ARP_LENGTH;
        frame.end = ARP_LENGTH;
        writeArp(frame, arp);
        return wrap(frame.copy(), EtherType.Arp, wrapping);
      }),
      fc.tuple(discoveries, wrappings).map(([packet, wrapping]) => wrap(packet, EtherType.Ipv6, wrapping)),
    );
    fc.assert(
      fc.property(right, (bytes) => {
        const line = print(bytes);
        const parsed = Frame.from(parseEthernetText(line), 1);
        expect(print(parsed.copy())).toBe(line);
        const header = new Ethernet();
        expect(readEthernet(header, parsed)).toBe(Drop.None);
        if (header.type === EtherType.Arp) {
          expect(readArp(new Arp(), parsed, header.textAt, parsed.end)).toBe(Drop.None);
          return;
        }
        parsed.at = header.textAt;
        const packet = new Packet();
        expect(readIp(packet, parsed, true)).toBe(Drop.None);
        const icmp = new Icmp();
        const pseudo = pseudoSum(packet, packet.textEnd - packet.textAt);
        expect(readIcmpv6(icmp, parsed, packet.textAt, packet.textEnd, pseudo)).toBe(Drop.None);
        expect(readNd(new NdMessage(), icmp, parsed, packet)).toBe(Drop.None);
      }),
    );
  });

  test.each<[string, RegExp]>([
    ['ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 27', /column 53: .*28 octets at least/],
    ['ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 1501', /column 53: .*beyond/],
    ['ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28.', /end of the line/],
    ['ARP, Request who-has 10.0.0.2 (02:00) tell 10.0.0.1, length 28', /column 32: "02:00" is no MAC/],
    ['ARP, Request who-has fe80::1 tell 10.0.0.1, length 28', /column 22: "fe80::1" is no IPv4 address/],
    ['ARP, Reply 10.0.0.1 is-at 02:00:00:00:00, length 28', /is no MAC/],
    ['ARP, Reverse Request who-is 02:00:00:00:00:01 tell 02:00:00:00:00:01, length 28', /expected a Request/],
    ['IP6 fe80::1 > ff02::1: ICMP6, router advertisement, length 8', /16 octets at least/],
    ['IP6 fe80::1 > ff02::1: ICMP6, router solicitation, length 12', /units of 8/],
    ['IP6 fe80::1 > ff02::1: ICMP6, neighbor solicitation, who has 10.0.0.1, length 24', /expected an echo/],
    ['IP6 fe80::1 > ff02::1: ICMP6, neighbor solicitation, length 24', /expected an echo/],
    ['IP6 fe80::1 > ff02::1: ICMP6, redirect, fe80::1, length 40', /expected an echo/],
    ['02:00:00:00:00:01 > 02:00:00:00:00:02, 802.3, length 3', /expected "IP"/],
  ])('refused: %s', (line, problem) => {
    expect(() => parseEthernetText(line)).toThrow(TextError);
    expect(() => parseEthernetText(line)).toThrow(problem);
  });

  test('any text is read, or refused with a TextError', () => {
    const words = fc.constantFrom(
      'ARP, ',
      'Request ',
      'Reply ',
      'who-has ',
      'is-at ',
      'tell ',
      '10.0.0.1',
      ' (',
      ')',
      ', length ',
      '28',
      '02:00:00:00:00:01',
      'IP6 ',
      'fe80::1',
      ' > ',
      ': ',
      'ICMP6, ',
      'redirect, ',
      ' to ',
      'neighbor solicitation, who has ',
      'x',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 14 }), (parts) => {
        try {
          expect(parseEthernetText(parts.join('')).length).toBeGreaterThanOrEqual(42);
        } catch (error) {
          if (!(error instanceof TextError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
