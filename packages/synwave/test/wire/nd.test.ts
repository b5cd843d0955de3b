/** Neighbor discovery: what is written is read, what RFC 4861 has discarded is dropped, whatever is read never throws. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Address } from '../../src/base/address.ts';
import { parseAddress } from '../../src/base/address-text.ts';
import { Frame } from '../../src/base/frame.ts';
import { Drop } from '../../src/wire/drop.ts';
import { Icmp } from '../../src/wire/icmp.ts';
import { Icmpv6Type, readIcmpv6 } from '../../src/wire/icmpv6.ts';
import { addressSum, FRAGMENT_NEXT_HEADER, Packet, Protocol, pseudoSum, readIp } from '../../src/wire/ip.ts';
import { writeFragmentHeader, writeIpv6 } from '../../src/wire/ipv6.ts';
import { clearNd, NdMessage, NdType, readNd, writeNd } from '../../src/wire/nd.ts';
import { ND_DNS, ND_PREFIXES } from '../../src/wire/nd-options.ts';
import * as arbitrary from './arbitrary.ts';

const octets = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (h) => Number.parseInt(h, 16));

const address = (text: string): Address => parseAddress(text) ?? new Address();

const ALL_NODES = 'ff02::1';
const ROUTER = 'fe80::1';
const HOST = 'fe80::2';
const LINK_LOCAL_TARGET = `fe80 ${'0000'.repeat(6)} 0009`;
const GLOBAL_TARGET = `20010db8 ${'0000'.repeat(5)} 0009`;
const GROUP_TARGET = `ff02 ${'0000'.repeat(6)} 0009`;
const MAPPED_TARGET = `${'00'.repeat(10)} ffff 0a000009`;
const SOURCE_MAC = '0101 020000000001';
const TARGET_MAC = '0201 020000000009';

/** The IPv6 header around a message, or another where a test wants one. */
function around(src = HOST, dst = ROUTER, hopLimit = 255): Packet {
  const packet = new Packet();
  packet.family = 6;
  packet.src.copy(address(src));
  packet.dst.copy(address(dst));
  packet.hopLimit = hopLimit;
  packet.protocol = Protocol.Icmpv6;
  return packet;
}

/** A message in a frame with its IPv6 header; `behind` is a redirect's packet. */
function build(packet: Packet, message: NdMessage, behind: Uint8Array = new Uint8Array(0), head = 1024): Frame {
  const frame = Frame.from(behind, head);
  writeNd(frame, message, addressSum(packet.src, packet.dst, Protocol.Icmpv6));
  writeIpv6(frame, packet);
  return frame;
}

/** From the IPv6 header on, as a host does. */
function read(frame: Frame, into: NdMessage): Drop {
  const packet = new Packet();
  const icmp = new Icmp();
  expect(readIp(packet, frame, true)).toBe(Drop.None);
  const { textAt, textEnd } = packet;
  expect(readIcmpv6(icmp, frame, textAt, textEnd, pseudoSum(packet, textEnd - textAt))).toBe(Drop.None);
  return readNd(into, icmp, frame, packet);
}

/** The message that follows `hex`, which leaves type, code and checksum out, without a look at the checksum. */
function readHex(type: number, hex: string, packet: Packet, into: NdMessage = new NdMessage(), code = 0): Drop {
  const frame = Frame.from(Uint8Array.of(type, code, 0, 0, ...octets(hex)), 56);
  writeIpv6(frame, packet);
  const reread = new Packet();
  expect(readIp(reread, frame, true)).toBe(Drop.None);
  const icmp = new Icmp();
  expect(readIcmpv6(icmp, frame, reread.textAt, reread.textEnd, -1)).toBe(Drop.None);
  return readNd(into, icmp, frame, reread);
}

test('the types are those of ICMPv6', () => {
  expect(Icmpv6Type).toMatchObject(NdType);
});

describe('a message', () => {
  test('that is written is read, at any offset, into a record that held another', () => {
    fc.assert(
      fc.property(
        arbitrary.discoveries,
        arbitrary.discoveries,
        fc.nat(7),
        ({ message, packet }, { message: other }, odd) => {
          const into = other;
          expect(read(build(packet, message, undefined, 1024 + odd), into)).toBe(Drop.None);
          expect(told(into)).toEqual(told(message));
        },
      ),
    );
  });

  test('with one bit flipped has a wrong checksum', () => {
    fc.assert(
      fc.property(arbitrary.discoveries, fc.nat(), ({ message, packet }, where) => {
        const frame = build(packet, message);
        const reread = new Packet();
        readIp(reread, frame, true);
        const { textAt, textEnd } = reread;
        const bit = where % (8 * (textEnd - textAt));
        (frame.bytes[textAt + (bit >> 3)] as number) ^= 1 << (bit & 7);
        const pseudo = pseudoSum(reread, textEnd - textAt);
        expect(readIcmpv6(new Icmp(), frame, textAt, textEnd, pseudo)).toBe(Drop.IcmpChecksum);
      }),
    );
  });

  test('of any octets is read without throwing, and from inside of the frame alone', () => {
    const options = fc
      .array(
        fc
          .tuple(fc.constantFrom(1, 2, 3, 4, 5, 14, 25, 31, 33, 57), fc.nat(6), fc.uint8Array({ maxLength: 48 }))
          .map(([type, length, value]) => Uint8Array.of(type, length, ...value)),
        { maxLength: 6 },
      )
      .map((each) => Uint8Array.from(each.flatMap((option) => [...option])));
    fc.assert(
      fc.property(
        fc.integer({ min: 132, max: 138 }),
        fc.uint8Array({ maxLength: 36 }),
        options,
        fc.boolean(),
        (type, body, rest, loud) => {
          // What lies behind the message must make no difference.
          const bytes = Uint8Array.of(type, 0, 0, 0, ...body, ...rest);
          const results = [0, 0xff].map((fill) => {
            const frame = new Frame(40 + bytes.length + 64);
            frame.bytes.fill(fill);
            frame.bytes.set(bytes, 40);
            frame.at = 40;
            frame.end = 40 + bytes.length;
            writeIpv6(frame, around(ROUTER, loud ? ALL_NODES : HOST));
            const packet = new Packet();
            readIp(packet, frame, true);
            const icmp = new Icmp();
            const drop = readIcmpv6(icmp, frame, packet.textAt, packet.textEnd, -1);
            if (drop !== Drop.None) return drop;
            const into = new NdMessage();
            const found = readNd(into, icmp, frame, packet);
            return found === Drop.None ? told(into) : found;
          });
          expect(results[0]).toEqual(results[1]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** What a message says, as far as its counts go: entries of arrays behind them are of the past. */
function told(message: NdMessage): unknown {
  const { prefixes, prefixCount, dns, dnsCount } = message;
  return {
    ...Object.fromEntries(Object.entries(message)),
    prefixes: prefixes.slice(0, prefixCount),
    dns: dns.slice(0, dnsCount),
  };
}

/** RFC 4861 §4.1 to §4.6, RFC 8106 §5.1, octet for octet; the checksum is put aside. */
describe('the figures', () => {
  const set = (type: number, fields: (message: NdMessage) => void): NdMessage => {
    const message = new NdMessage();
    clearNd(message, type);
    fields(message);
    return message;
  };

  test.each<[string, NdMessage, string]>([
    [
      'router solicitation',
      set(NdType.RouterSolicitation, (m) => (m.sourceMac = 0x0200_0000_0001)),
      `85 00 0000 00000000 ${SOURCE_MAC}`,
    ],
    [
      'router advertisement, with nothing said',
      set(NdType.RouterAdvertisement, () => {}),
      '86 00 0000 00 00 0000 00000000 00000000',
    ],
    [
      'router advertisement with all options',
      set(NdType.RouterAdvertisement, (m) => {
        Object.assign(m, { hopLimit: 64, managed: true, lifetime: 1800, reachableTime: 30_000, retransTimer: 1000 });
        Object.assign(m, { sourceMac: 0x0200_0000_0001, mtu: 1500, prefixCount: 1, dnsCount: 2, dnsLifetime: 600 });
        const [prefix] = m.prefixes;
        prefix?.prefix.copy(address('2001:db8::'));
        Object.assign(prefix ?? {}, { length: 64, onLink: true, validLifetime: 0xffff_ffff, preferredLifetime: 1 });
        m.dns[0]?.copy(address('2001:db8::53'));
        m.dns[1]?.copy(address('fe80::53'));
      }),
      `86 00 0000 40 80 0708 00007530 000003e8 ${SOURCE_MAC} 05 01 0000 000005dc
       03 04 40 80 ffffffff 00000001 00000000 20010db8000000000000000000000000
       19 05 0000 00000258 20010db8000000000000000000000053 fe800000000000000000000000000053`,
    ],
    [
      'router advertisement that points to DHCPv6 for the rest',
      set(NdType.RouterAdvertisement, (m) => (m.other = true)),
      '86 00 0000 00 40 0000 00000000 00000000',
    ],
    [
      'neighbor solicitation',
      set(NdType.NeighborSolicitation, (m) => {
        m.target.copy(address('2001:db8::9'));
        m.sourceMac = 0x0200_0000_0001;
      }),
      `87 00 0000 00000000 ${GLOBAL_TARGET} ${SOURCE_MAC}`,
    ],
    [
      'neighbor advertisement of a router, solicited',
      set(NdType.NeighborAdvertisement, (m) => {
        m.target.copy(address('2001:db8::9'));
        Object.assign(m, { router: true, solicited: true });
      }),
      `88 00 0000 c0000000 ${GLOBAL_TARGET}`,
    ],
    [
      'neighbor advertisement that overrides',
      set(NdType.NeighborAdvertisement, (m) => {
        m.target.copy(address('2001:db8::9'));
        Object.assign(m, { override: true, targetMac: 0x0200_0000_0009 });
      }),
      `88 00 0000 20000000 ${GLOBAL_TARGET} ${TARGET_MAC}`,
    ],
    [
      'redirect',
      set(NdType.Redirect, (m) => {
        m.target.copy(address('fe80::9'));
        m.destination.copy(address('2001:db8::9'));
        m.targetMac = 0x0200_0000_0009;
      }),
      `89 00 0000 00000000 ${LINK_LOCAL_TARGET} ${GLOBAL_TARGET} ${TARGET_MAC}`,
    ],
  ])('%s', (_name, message, hex) => {
    const packet = around(ROUTER, HOST);
    const frame = build(packet, message);
    frame.at += 40;
    frame.view.setUint16(frame.at + 2, 0);
    expect(frame.copy()).toEqual(octets(hex));
    const into = new NdMessage();
    expect(readHex(message.type, hex.slice(10), packet, into)).toBe(Drop.None);
    expect(told(into)).toEqual(told(message));
  });

  test('redirect with the packet that brought it on, cut to whole units of 8 octets (§4.6.3)', () => {
    const message = set(NdType.Redirect, (m) => {
      m.target.copy(address('fe80::9'));
      m.destination.copy(address('2001:db8::9'));
    });
    const packet = around(ROUTER, HOST);
    const frame = build(packet, message, new Uint8Array(23).fill(0x60));
    expect(read(frame, new NdMessage())).toBe(Drop.None);
    expect(frame.copy().subarray(80)).toEqual(octets(`04 03 0000 00000000 ${'60'.repeat(16)}`));
    expect(frame.length).toBe(40 + 8 + 32 + 24);
  });

  test('redirect with more than one option holds: the length has 8 bits', () => {
    const message = set(NdType.Redirect, (m) => {
      m.target.copy(address('fe80::9'));
      m.destination.copy(address('2001:db8::9'));
    });
    const frame = build(around(ROUTER, HOST), message, new Uint8Array(9000));
    expect(read(frame, new NdMessage())).toBe(Drop.None);
    expect(frame.bytes[frame.at + 81]).toBe(255);
    expect(frame.length).toBe(40 + 8 + 32 + 2040);
  });
});

describe('validity', () => {
  const none = '00000000';
  const ra = `40 00 0708 ${none} ${none}`;
  test.each<[string, number, string, Packet, Drop]>([
    // RFC 4861 §6.1.1
    ['RS', 133, none, around(), Drop.None],
    ['RS of no address', 133, none, around('::'), Drop.None],
    ['RS of no address, with a MAC', 133, none + SOURCE_MAC, around('::'), Drop.NdInvalid],
    ['RS with a MAC of whom it is for, which is ignored', 133, none + TARGET_MAC, around('::'), Drop.None],
    ['RS that was forwarded', 133, none, around(HOST, ROUTER, 254), Drop.NdInvalid],
    // §6.1.2
    ['RA', 134, ra, around(ROUTER), Drop.None],
    ['RA of a global address', 134, ra, around('2001:db8::1'), Drop.NdInvalid],
    ['RA of no address', 134, ra, around('::'), Drop.NdInvalid],
    ['RA that was forwarded', 134, ra, around(ROUTER, ALL_NODES, 64), Drop.NdInvalid],
    ['RA cut short', 134, ra.slice(0, -2), around(ROUTER), Drop.NdInvalid],
    // §7.1.1
    ['NS', 135, none + GLOBAL_TARGET, around(), Drop.None],
    ['NS that was forwarded', 135, none + GLOBAL_TARGET, around(HOST, ROUTER, 254), Drop.NdInvalid],
    ['NS for a group', 135, none + GROUP_TARGET, around(), Drop.NdInvalid],
    ['NS for an IPv4 address in disguise', 135, none + MAPPED_TARGET, around(), Drop.NdInvalid],
    ['NS cut short', 135, (none + GLOBAL_TARGET).slice(0, -2), around(), Drop.NdInvalid],
    ['NS that probes (RFC 4862)', 135, none + GLOBAL_TARGET, around('::', 'ff02::1:ff00:9'), Drop.None],
    ['NS that probes one address', 135, none + GLOBAL_TARGET, around('::', '2001:db8::9'), Drop.NdInvalid],
    ['NS that probes all nodes', 135, none + GLOBAL_TARGET, around('::', ALL_NODES), Drop.NdInvalid],
    ['NS that probes beside ff00::/104', 135, none + GLOBAL_TARGET, around('::', 'ff02::1:fe00:9'), Drop.NdInvalid],
    ['NS that probes another scope', 135, none + GLOBAL_TARGET, around('::', 'ff05::1:ff00:9'), Drop.NdInvalid],
    [
      'NS that probes, with a MAC',
      135,
      none + GLOBAL_TARGET + SOURCE_MAC,
      around('::', 'ff02::1:ff00:9'),
      Drop.NdInvalid,
    ],
    // §7.1.2
    ['NA', 136, none + GLOBAL_TARGET, around(), Drop.None],
    ['NA that was forwarded', 136, none + GLOBAL_TARGET, around(HOST, ROUTER, 0), Drop.NdInvalid],
    ['NA of a group', 136, none + GROUP_TARGET, around(), Drop.NdInvalid],
    ['NA of an IPv4 address in disguise', 136, none + MAPPED_TARGET, around(), Drop.NdInvalid],
    ['NA cut short', 136, none, around(), Drop.NdInvalid],
    ['NA to all', 136, `20000000 ${GLOBAL_TARGET}`, around(HOST, ALL_NODES), Drop.None],
    ['NA to all, as if solicited', 136, `60000000 ${GLOBAL_TARGET}`, around(HOST, ALL_NODES), Drop.NdInvalid],
    // §8.1
    ['redirect to a router', 137, none + LINK_LOCAL_TARGET + GLOBAL_TARGET, around(ROUTER, HOST), Drop.None],
    ['redirect to a neighbour', 137, none + GLOBAL_TARGET + GLOBAL_TARGET, around(ROUTER, HOST), Drop.None],
    [
      'redirect to neither',
      137,
      none + GLOBAL_TARGET.replace('0009', '000a') + GLOBAL_TARGET,
      around(ROUTER),
      Drop.NdInvalid,
    ],
    ['redirect of a group', 137, none + LINK_LOCAL_TARGET + GROUP_TARGET, around(ROUTER), Drop.NdInvalid],
    ['redirect of IPv4 in disguise', 137, none + LINK_LOCAL_TARGET + MAPPED_TARGET, around(ROUTER), Drop.NdInvalid],
    ['redirect to IPv4 in disguise', 137, none + MAPPED_TARGET + MAPPED_TARGET, around(ROUTER), Drop.NdInvalid],
    [
      'redirect to IPv4 of this link in disguise',
      137,
      none + MAPPED_TARGET.replace('0a00', 'a9fe') + GLOBAL_TARGET,
      around(ROUTER),
      Drop.NdInvalid,
    ],
    [
      'redirect of a global address',
      137,
      none + LINK_LOCAL_TARGET + GLOBAL_TARGET,
      around('2001:db8::1'),
      Drop.NdInvalid,
    ],
    [
      'redirect that was forwarded',
      137,
      none + LINK_LOCAL_TARGET + GLOBAL_TARGET,
      around(ROUTER, HOST, 63),
      Drop.NdInvalid,
    ],
    [
      'redirect cut short',
      137,
      (none + LINK_LOCAL_TARGET + GLOBAL_TARGET).slice(0, -2),
      around(ROUTER),
      Drop.NdInvalid,
    ],
    ['something else', 128, none, around(), Drop.NdInvalid],
    // §4.6
    ['an option of length 0', 133, `${none} 0100 020000000001`, around(), Drop.NdOption],
    ['an unknown option of length 0', 133, `${none} fd00 000000000000`, around(), Drop.NdOption],
    ['an option past the end', 133, `${none} 0102 020000000001`, around(), Drop.NdOption],
    ['an option of one octet', 133, `${none} 01`, around(), Drop.NdOption],
    ['an unknown option', 135, `${none + GLOBAL_TARGET} fd02 ${'ff'.repeat(14)}`, around(), Drop.None],
    ['an option that is its bits modulo 32', 133, `${none} 2101 ${'ff'.repeat(6)}`, around('::'), Drop.None],
  ])('%s', (_name, type, hex, packet, reason) => {
    expect(readHex(type, hex, packet)).toBe(reason);
    // Any code but 0 makes it something else (§6.1, §7.1, §8.1).
    if (reason === Drop.None) expect(readHex(type, hex, packet, new NdMessage(), 1)).toBe(Drop.NdInvalid);
  });

  test('a message behind a fragment header is none, though it be whole in itself (RFC 6980 §5)', () => {
    const packet = around();
    const message = new NdMessage();
    clearNd(message, NdType.NeighborSolicitation);
    message.target.copy(address('2001:db8::9'));
    const frame = Frame.from(new Uint8Array(0), 256);
    writeNd(frame, message, addressSum(packet.src, packet.dst, Protocol.Icmpv6));
    writeFragmentHeader(frame, Protocol.Icmpv6, 0, false, 0);
    packet.protocol = FRAGMENT_NEXT_HEADER;
    writeIpv6(frame, packet);
    expect(read(frame, new NdMessage())).toBe(Drop.NdInvalid);
    // The same with another header in its place, of the same length and without a meaning: destination options.
    frame.view.setUint8(frame.at + 6, 60);
    frame.bytes.set(octets('3a00 010400000000'), frame.at + 40);
    expect(read(frame, new NdMessage())).toBe(Drop.None);
  });
});

describe('options', () => {
  const ra = '40 00 0708 00000000 00000000';
  const prefix = (length: string, value = '20010db8000000000000000000000000'): string =>
    `0304 ${length} c0 00000001 00000001 00000000 ${value}`;
  const readRa = (hex: string): NdMessage => {
    const into = new NdMessage();
    expect(readHex(134, ra + hex, around(ROUTER), into)).toBe(Drop.None);
    return into;
  };

  test('whose length is not their own are ignored', () => {
    const wrong = `0102 ${'00'.repeat(14)} 0502 ${'ff'.repeat(14)} 0303 40c0 ${'20'.repeat(20)} 1902 ${'ff'.repeat(14)} 1904 ${'ff'.repeat(30)}`;
    expect(readRa(wrong)).toMatchObject({ sourceMac: -1, mtu: 0, prefixCount: 0, dnsCount: 0 });
  });

  test('of one octet at the very end of the buffer are not read past it', () => {
    const packet = around();
    const frame = Frame.from(octets('85000000 00000000 01'), 63);
    expect(frame.bytes.length).toBe(frame.end);
    writeIpv6(frame, packet);
    expect(readIp(packet, frame, true)).toBe(Drop.None);
    const icmp = new Icmp();
    expect(readIcmpv6(icmp, frame, packet.textAt, packet.textEnd, -1)).toBe(Drop.None);
    expect(readNd(new NdMessage(), icmp, frame, packet)).toBe(Drop.NdOption);
  });

  test('that belong to other messages are ignored', () => {
    const into = new NdMessage();
    const all = `${SOURCE_MAC} ${TARGET_MAC} 0501 0000 000005dc ${prefix('40')} 1903 0000 00000258 ${'20'.repeat(16)}`;
    expect(readHex(136, `00000000 ${GLOBAL_TARGET} ${all}`, around(), into)).toBe(Drop.None);
    expect(into).toMatchObject({ sourceMac: -1, targetMac: 0x0200_0000_0009, mtu: 0, prefixCount: 0, dnsCount: 0 });
    expect(readRa(all)).toMatchObject({ sourceMac: 0x0200_0000_0001, targetMac: -1, mtu: 1500, dnsCount: 1 });
  });

  test('prefixes beyond the eighth, longer than an address, or of IPv4 in disguise are ignored', () => {
    const many = Array.from({ length: ND_PREFIXES + 2 }, (_, i) => prefix((i + 1).toString(16).padStart(2, '0')));
    const into = readRa(`${prefix('81')} ${prefix('60', MAPPED_TARGET)} ${many.join(' ')}`);
    expect(into.prefixCount).toBe(ND_PREFIXES);
    expect(into.prefixes.map(({ length }) => length)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(readRa(prefix('80')).prefixCount).toBe(1);
  });

  test('for name servers add up to the fourth, as long as their lifetime is the first one', () => {
    const dns = (lifetime: string, ...last: string[]): string =>
      `19 ${(2 * last.length + 1).toString(16).padStart(2, '0')} 0000 ${lifetime} ${last.map((each) => `20010db8 ${'00'.repeat(11)} ${each}`).join('')}`;
    const into = readRa(`${dns('00000258', '01')} ${dns('00000000', '09')} ${dns('00000258', '02', '03', '04', '05')}`);
    expect(into.dnsLifetime).toBe(600);
    expect(into.dnsCount).toBe(ND_DNS);
    expect(into.dns.map(({ d }) => d)).toEqual([1, 2, 3, 4]);
    expect(readRa(`1903 0000 00000258 ${MAPPED_TARGET}`).dnsCount).toBe(0);
  });
});
