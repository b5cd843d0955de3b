/** A mix of packets for tests against tcpdump: every protocol that is known here, tagged, in pieces, cut short; and pcap files of them. */
import { Random } from 'synwave';

/** Octets written in hexadecimal, blanks between them as they please. */
export function octets(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
}

const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

function words(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >> 8, value & 0xff]));
}

/** Addresses that the packets go between: enough for filters to tell some from others. */
const HOSTS_4 = ['0a000001', '0a000002', '0a010203', 'c0000201', 'e0000001', 'ffffffff'] as const;
const HOSTS_6 = [
  '20010db8000000000000000000000001',
  '20010db8000000010000000000000002',
  'fd000000000000000000000000000007',
  'fe80000000000000000000fffe000001',
  'ff020000000000000000000000000001',
] as const;
const MACS = ['020000000001', '020000000002', 'ffffffffffff', '01005e000001', '333300000001'] as const;
const PORTS = [7, 20, 22, 53_000, 80, 443, 8080, 9999, 40_001, 40_002] as const;

/** TCP options, as they come, right and wrong. */
const OPTIONS = [
  '',
  '020405b4',
  '020405b40402080a0000000100000000010303 07',
  '0101080a0000000a00000009',
  '0101050a0000000100000005',
  '0101051200000001000000050000000900000010'.padEnd(48, '0'),
  '2202 0101',
  '220aaabbccddeeff00110101',
  '1c048005',
  'fe06f989aabb0101',
  '13120102030405060708090a0b0c0d0e0f100101',
  '00000000',
  '02030000',
] as const;

const TEXTS = [
  '',
  '00',
  'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  'HTTP/1.1 200 OK\r\n\r\nbody',
  '220 ready\r\n',
  'x'.repeat(40),
];

function ipv4(random: Random, protocol: number, body: Uint8Array, fragment = 0x4000): Uint8Array {
  const options = chance(random, 8) ? octets('94040000') : new Uint8Array();
  const header = 20 + options.length;
  return join(
    Uint8Array.of(0x40 | (header / 4), chance(random, 5) ? 0x02 : 0),
    words(header + body.length, random.below(0x1_0000), fragment),
    Uint8Array.of(1 + random.below(255), protocol, 0, 0),
    octets(pick(random, HOSTS_4)),
    octets(pick(random, HOSTS_4)),
    options,
    body,
  );
}

function ipv6(random: Random, next: number, body: Uint8Array): Uint8Array {
  return join(
    octets('60000000'),
    words(body.length),
    Uint8Array.of(next, 64),
    octets(pick(random, HOSTS_6)),
    octets(pick(random, HOSTS_6)),
    body,
  );
}

function tcp(random: Random): Uint8Array {
  const options = octets(pick(random, OPTIONS));
  const flags = pick(random, [0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14, 0x29, 0xc2, 0x00, 0x52]);
  const carries = (flags & 0x02) === 0 || chance(random, 8);
  return join(
    words(pick(random, PORTS), pick(random, PORTS)),
    words(random.below(4), random.below(100), random.below(4), random.below(100)),
    Uint8Array.of(((20 + options.length) / 4) << 4, flags),
    words(random.below(0x1_0000), 0, random.below(10)),
    options,
    carries ? Buffer.from(pick(random, TEXTS), 'latin1') : new Uint8Array(),
  );
}

function udp(random: Random): Uint8Array {
  const text = new Uint8Array(random.below(30));
  const ports = PORTS.filter((port) => port !== 53_000);
  return join(words(pick(random, ports), pick(random, ports), 8 + text.length, 0), text);
}

const BOOTP = `01010600 12345678 00000000 00000000 00000000 00000000 00000000 020000000001`.concat(
  '00'.repeat(202),
  '63825363 350101 ff',
);

function dhcp(): Uint8Array {
  const message = octets(BOOTP);
  return join(words(68, 67, 8 + message.length, 0), message);
}

/** Echoes, and errors that quote a datagram. */
function icmp(random: Random): Uint8Array {
  const quoted = ipv4(random, 17, udp(random));
  return pick(random, [
    octets('0800000000070009 61626364'),
    octets('0000000000070009 61626364'),
    join(octets(`03${pick(random, ['00', '01', '02', '03', '04', '0d'])}000000000578`), quoted),
    join(octets('0b00000000000000'), quoted),
    join(octets('050100000a000001'), quoted),
    join(octets('0c00000008000000'), quoted),
  ]);
}

function icmp6(random: Random): Uint8Array {
  const quoted = ipv6(random, 17, udp(random));
  return pick(random, [
    octets('8000000000070009 61626364'),
    octets('8100000000070009 61626364'),
    join(octets(`01${pick(random, ['00', '01', '03', '04'])}000000000000`), quoted),
    join(octets('0200000000000500'), quoted),
    join(octets('0300000000000000'), quoted),
    octets(`8700000000000000 ${HOSTS_6[0]} 0101020000000001`),
    octets(`8800000060000000 ${HOSTS_6[0]} 0201020000000001`),
    octets('8500000000000000'),
    octets('86000000 40000708 00000000 00000000 0101020000000001'),
    octets(`8900000000000000 ${HOSTS_6[1]} ${HOSTS_6[0]}`),
  ]);
}

function arp(random: Random): Uint8Array {
  const [sender, target] = [pick(random, HOSTS_4), pick(random, HOSTS_4)];
  const asked = pick(random, ['000000000000', MACS[1]]);
  const operation = pick(random, ['0001', '0001', '0002', '0003', '0004', '0008', '0009']);
  return octets(`000108000604 ${operation} ${MACS[0]} ${sender} ${asked} ${target}`);
}

/** An IP packet of either family, or `null` and then ARP. */
function carried(random: Random): readonly [type: number, packet: Uint8Array] {
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return [0x0800, ipv4(random, 6, tcp(random))];
    case 3:
    case 4:
      return [0x86dd, ipv6(random, 6, tcp(random))];
    case 5:
      return [0x0800, chance(random, 3) ? ipv4(random, 17, dhcp()) : ipv4(random, 17, udp(random))];
    case 6:
      return [0x86dd, ipv6(random, 17, udp(random))];
    case 7:
      return [0x0800, ipv4(random, 1, icmp(random))];
    case 8:
      return [0x86dd, ipv6(random, 58, icmp6(random))];
    case 9:
      // Pieces: the first, one in the middle, the last.
      return [0x0800, ipv4(random, pick(random, [6, 17]), tcp(random), pick(random, [0x2000, 0x2010, 0x0020]))];
    case 10: {
      const inner = pick(random, [6, 17, 58]);
      const body = inner === 6 ? tcp(random) : inner === 17 ? udp(random) : octets('8000000000070009');
      const place = pick(random, ['0001', '0010', '00b9']);
      return [0x86dd, ipv6(random, 44, join(Uint8Array.of(inner, 0), octets(`${place} 00000007`), body))];
    }
    default:
      return [0x0800, ipv4(random, pick(random, [99, 253]), octets('0102030405060708'))];
  }
}

export interface Mixed {
  readonly data: Uint8Array;
  readonly original: number;
}

/** So many packets of a link type, 1 (Ethernet) or 101 (IP alone): the same for the same seed. `cut`: some end early. */
export function mix(seed: number, count: number, linkType: 1 | 101, cut = false): Mixed[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const whole = linkType === 1 ? ethernet(random) : carried(random)[1];
    const data = cut && chance(random, 3) ? whole.subarray(0, 1 + random.below(whole.length)) : whole;
    return { data, original: whole.length };
  });
}

function ethernet(random: Random): Uint8Array {
  const macs = join(octets(pick(random, MACS)), octets(pick(random, MACS.slice(0, 2))));
  if (chance(random, 25)) return join(macs, words(0x1234), octets('6869000102'));
  const [type, packet] = chance(random, 8) ? [0x0806, arp(random)] : carried(random);
  const padding = new Uint8Array(Math.max(0, chance(random, 2) ? 46 - packet.length : 0));
  const tags = chance(random, 6)
    ? pick(random, [words(0x8100, 5), words(0x8100, 0x6007), words(0x88a8, 9, 0x8100, 5)])
    : new Uint8Array();
  return join(macs, tags, words(type), packet, padding);
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.below(from.length)] as T;
}

/** One time in so many. */
function chance(random: Random, of: number): boolean {
  return random.below(of) === 0;
}

/** A pcap file, in the byte order and the unit of time that are asked for: packet `i` was seen at `i` seconds and a bit. */
export function pcapOf(
  packets: readonly Mixed[],
  linkType: number,
  format: { readonly little?: boolean; readonly nano?: boolean } = {},
): Uint8Array {
  const { little = false, nano = false } = format;
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, nano ? 0xa1b2_3c4d : 0xa1b2_c3d4, little);
  header.setUint16(4, 2, little);
  header.setUint16(6, 4, little);
  header.setUint32(16, 262_144, little);
  header.setUint32(20, linkType, little);
  const records = packets.flatMap(({ data, original }, i) => {
    const record = new DataView(new ArrayBuffer(16));
    record.setUint32(0, i, little);
    record.setUint32(4, nano ? 123_456_789 : 123_456, little);
    record.setUint32(8, data.length, little);
    record.setUint32(12, original, little);
    return [new Uint8Array(record.buffer), data];
  });
  return join(new Uint8Array(header.buffer), ...records);
}
