import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { seq } from '../../src/base/seq.ts';
import { Packet } from '../../src/wire/ip.ts';
import { ACK, PSH, Segment, SYN } from '../../src/wire/segment.ts';
import { clockText, PacketPrinter } from '../../src/wire/text.ts';
import { optionsText } from '../../src/wire/text-options.ts';
import * as arbitrary from './arbitrary.ts';
import { hasTool, tcpdump } from './tcpdump.ts';

const octets = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (h) => Number.parseInt(h, 16));

const A = 0x0a000001;
const B = 0x0a000002;

/** A packet between 10.0.0.1 and 10.0.0.2. */
function packet(fields: Partial<Segment>, text = '', back = false): Frame {
  const ip = new Packet();
  ip.src.set(0, 0, 0xffff, back ? B : A);
  ip.dst.set(0, 0, 0xffff, back ? A : B);
  const ports = back ? { srcPort: 80, dstPort: 50_000 } : { srcPort: 50_000, dstPort: 80 };
  return arbitrary.build(ip, Object.assign(new Segment(), ports, fields), new TextEncoder().encode(text));
}

describe('a conversation', () => {
  const syn = {
    flags: SYN,
    seq: seq(379945617),
    wnd: 65495,
    mss: 65495,
    sackOk: true,
    hasTs: true,
    tsVal: seq(1),
    wscale: 10,
  };
  const conversation = (): Frame[] => [
    packet(syn),
    packet({ ...syn, flags: SYN | ACK, seq: seq(-2), ack: seq(379945618) }, '', true),
    packet({ flags: ACK, seq: seq(379945618), ack: seq(-1), wnd: 64 }),
    packet({ flags: PSH | ACK, seq: seq(379945618), ack: seq(-1), wnd: 64 }, 'hello'),
    packet(
      {
        flags: ACK,
        seq: seq(-1),
        ack: seq(379945623),
        wnd: 64,
        sackCount: 1,
        sackLeft: Int32Array.of(379945627, 0, 0, 0),
        sackRight: Int32Array.of(379945628, 0, 0, 0),
      },
      '',
      true,
    ),
  ];

  test('has relative numbers once both ends have spoken', () => {
    const printer = new PacketPrinter();
    expect(conversation().map((frame) => printer.line(frame))).toEqual([
      'IP 10.0.0.1.50000 > 10.0.0.2.80: Flags [S], seq 379945617, win 65495, options [mss 65495,sackOK,TS val 1 ecr 0,nop,wscale 10], length 0',
      'IP 10.0.0.2.80 > 10.0.0.1.50000: Flags [S.], seq 4294967294, ack 379945618, win 65495, options [mss 65495,sackOK,TS val 1 ecr 0,nop,wscale 10], length 0',
      'IP 10.0.0.1.50000 > 10.0.0.2.80: Flags [.], ack 1, win 64, length 0',
      'IP 10.0.0.1.50000 > 10.0.0.2.80: Flags [P.], seq 1:6, ack 1, win 64, length 5',
      'IP 10.0.0.2.80 > 10.0.0.1.50000: Flags [.], ack 6, win 64, options [nop,nop,sack 1 {10:11}], length 0',
    ]);
  });

  test('has the numbers of the headers when asked for', () => {
    const printer = new PacketPrinter({ absolute: true });
    expect(
      conversation()
        .map((frame) => printer.line(frame))
        .slice(3),
    ).toEqual([
      'IP 10.0.0.1.50000 > 10.0.0.2.80: Flags [P.], seq 379945618:379945623, ack 4294967295, win 64, length 5',
      'IP 10.0.0.2.80 > 10.0.0.1.50000: Flags [.], ack 379945623, win 64, options [nop,nop,sack 1 {379945627:379945628}], length 0',
    ]);
  });
});

test('the time of day', () => {
  expect(clockText(0n)).toBe('00:00:00.000000');
  expect(clockText(1_000_000_000n * 86_399n + 999_999_999n)).toBe('23:59:59.999999');
  expect(clockText(86_400_000_000_000n * 20_000n + 37_230_000_001_000n)).toBe('10:20:30.000001');
});

test.each<[string, string]>([
  ['020405b4 0402080a 00000007 00000000 01030307', 'mss 1460,sackOK,TS val 7 ecr 0,nop,wscale 7'],
  ['01010101', 'nop,nop,nop,nop'],
  ['00020405', 'eol'],
  ['fd060102aabb 0101', 'unknown-253 0x0102aabb,nop,nop'],
  ['02000000', '[bad opt]'],
  ['0103ff02', 'nop,[bad opt]]'],
])('the options %s', (hex, text) => {
  const frame = Frame.from(octets(hex));
  expect(optionsText(frame, frame.at, frame.end).text).toBe(text);
});

test('printing never throws, whatever the octets', () => {
  const printer = new PacketPrinter();
  const first = fc.constantFrom(0x45, 0x46, 0x60, 0x00);
  const protocol = fc.constantFrom(0, 1, 6, 17, 44, 58, 60);
  fc.assert(
    fc.property(first, protocol, fc.uint8Array({ minLength: 1, maxLength: 120 }), (version, kind, bytes) => {
      bytes[0] = version;
      if (bytes.length > 40) bytes.set(version === 0x60 ? [0, bytes.length - 40, kind] : [], 4);
      if (bytes.length > 20 && version !== 0x60) {
        bytes.set([0, bytes.length], 2);
        bytes[9] = kind;
      }
      expect(printer.line(Frame.from(bytes))).not.toBe('');
    }),
    { numRuns: 2000 },
  );
});

describe.skipIf(!hasTool('tcpdump'))('the same as tcpdump -n', () => {
  /** Draws the same packets each time: a difference should be found again. */
  const draw = <T>(from: fc.Arbitrary<T>, count: number): T[] => fc.sample(from, { numRuns: count, seed: 9293 });

  function compare(packets: readonly Uint8Array[], absolute: boolean, snapLength = 65_535): void {
    const printer = new PacketPrinter({ absolute });
    const lines = packets.map((bytes, index) => {
      const line = printer.line(Frame.from(bytes.subarray(0, snapLength)), bytes.length);
      return `${clockText(BigInt(index) * 1_000_000_000n + 123_456_000n)} ${line}`;
    });
    expect(lines).toEqual(tcpdump(packets, absolute ? ['-S'] : [], snapLength));
  }

  /** Ports on which tcpdump knows nothing to look for, few enough for flows to meet again. */
  const port = fc.constantFrom(40_001, 40_002, 50_000);

  const drawn = fc
    .tuple(arbitrary.packets, arbitrary.segments, arbitrary.texts, port, port, fc.boolean())
    .map(([ip, seg, text, srcPort, dstPort, few]) => {
      seg.srcPort = srcPort;
      seg.dstPort = dstPort;
      if (few) {
        ip.src.copy(new Packet().src.set(0, 0, 0xffff, srcPort % 2 === 0 ? A : B));
        ip.dst.copy(new Packet().dst.set(0, 0, 0xffff, srcPort % 2 === 0 ? B : A));
        ip.family = 4;
      }
      return arbitrary.build(ip, seg, text).copy();
    });

  test('segments of both families, with relative numbers', () => {
    compare(draw(drawn, 500), false);
  });

  test('segments of both families, with the numbers of the headers', () => {
    compare(draw(drawn, 300), true);
  });

  test('packets that the capture cut', () => {
    for (const snapLength of [20, 23, 30, 41, 44, 57, 62, 70]) compare(draw(drawn, 60), false, snapLength);
  });

  /** Options out of pieces: right ones, wrong lengths, unknown kinds, noise. MPTCP (30) is shown in our own way. */
  const kind = fc.oneof(
    fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 19, 20, 28, 29, 34, 253, 254),
    arbitrary.octet.filter((k) => k !== 30),
  );
  const piece = fc.oneof(
    fc.constantFrom(
      '01',
      '0101',
      '020405b4',
      '030307',
      '0402',
      '080a0000000100000002',
      '050a0000000100000005',
      '2202',
      '2206aabbccdd',
      '1c048005',
      '1d060102aabb',
      'fe06f989aabb',
      'fe04f989',
    ),
    fc
      .tuple(kind, fc.integer({ min: 0, max: 20 }), fc.uint8Array({ maxLength: 18 }))
      .map(([k, length, value]) => Buffer.from([k, length, ...value.filter((o) => o !== 30)]).toString('hex')),
  );
  const noisy = fc
    .tuple(fc.array(piece, { maxLength: 6 }), fc.nat({ max: 10 }), arbitrary.octet, port, port)
    .map(([pieces, words, flags, srcPort, dstPort]) => {
      const raw = octets(pieces.join('')).slice(0, 4 * words);
      const options = new Uint8Array(4 * words);
      options.set(raw);
      const seg = Object.assign(new Segment(), { srcPort, dstPort, flags, seq: seq(1000), ack: seq(2000) });
      const ip = new Packet();
      ip.src.set(0, 0, 0xffff, A);
      ip.dst.set(0, 0, 0xffff, B);
      const bytes = arbitrary.build(ip, seg, options).copy();
      bytes[32] = (20 + options.length) << 2; // what was written as text becomes options
      return bytes;
    });

  test('options of every kind and every mistake', () => {
    compare(
      draw(noisy, 3000).filter((bytes) => !bytes.subarray(40).includes(30)),
      false,
    );
  });

  /** Chains of extension headers, right and wrong, in front of datagrams, echoes and others. */
  const chains = fc
    .tuple(
      fc.array(
        fc.constantFrom<[number, string]>(
          [0, '00010400000000'],
          [60, '00010400000000'],
          [60, '01010c000000000000000000000000'],
          [60, '09010400000000'],
          [44, '00000100000007'],
          [44, '00000000000007'],
          [44, '00003100000007'],
        ),
        { maxLength: 3 },
      ),
      fc.constantFrom<[number, string]>(
        [6, 'c35015b3000000010000000250100100'],
        [6, 'c35015b300000001000000025010010000000000'],
        [17, 'cf08270f000c000001020304'],
        [17, 'cf0800430020000001'],
        [1, '0800000000070009'],
        [58, '8000000000070009'],
        [58, '8100000000070009ffff'],
        [58, ''],
        [59, ''],
        [99, '010203'],
      ),
    )
    .map(([headers, [protocol, text]]) => {
      const order = [...headers.map(([header]) => header), protocol];
      const inner = headers.map(([, rest], i) => `${(order[i + 1] as number).toString(16).padStart(2, '0')}${rest}`);
      const behind = octets(`${inner.join('')}${text}`);
      const fixed = octets('60000000 0000 0040 20010db8000000000000000000000001 20010db8000000000000000000000002');
      fixed.set([behind.length >> 8, behind.length & 0xff, order[0] as number], 4);
      return Uint8Array.of(...fixed, ...behind);
    });

  test('extension headers of IPv6 and what follows, whole, cut by the capture, and cut by the packet', () => {
    const sample = draw(chains, 300);
    compare(sample, false);
    for (let snapLength = 40; snapLength < 84; snapLength++) {
      const longer = sample.filter((bytes) => bytes.length > snapLength).slice(0, 40);
      if (longer.length > 0) compare(longer, false, snapLength);
    }
    const ended = sample.map((bytes, i) => {
      const shorter = bytes.slice(0, 40 + (i % Math.max(1, bytes.length - 40)));
      shorter.set([0, shorter.length - 40], 4);
      return shorter;
    });
    compare(ended, false);
  });

  test('datagrams and echoes of IPv4, cut by the capture and by the packet', () => {
    const header = (protocol: string, fragment: string): string =>
      `45000028 0000${fragment} 40${protocol}0000 0a000001 0a000002`;
    const sample = ['4000', '2000', '2001', '0000'].flatMap((fragment) =>
      [
        `${header('11', fragment)} cf08270f00140000 000102030405060708090a0b`,
        `${header('11', fragment)} cf08270f01140000 000102030405060708090a0b`,
        `${header('01', fragment)} 0800000000070009 000102030405060708090a0b`,
        `${header('3a', fragment)} 0800000000070009 000102030405060708090a0b`,
      ].map(octets),
    );
    for (let snapLength = 20; snapLength <= 40; snapLength++) {
      compare(sample, false, snapLength);
      compare(
        sample.map((bytes) => {
          const shorter = bytes.slice(0, snapLength);
          shorter[3] = snapLength;
          return shorter;
        }),
        false,
      );
    }
  });

  test('headers that make no sense, fragments, other protocols, extension headers', () => {
    const v6 = '20010db8000000000000000000000001 20010db8000000000000000000000002';
    const tcp = 'c350 15b3 00000001 00000002 5010 0100 0000 0000';
    compare(
      [
        '55aaaaaaaaaaaaaaaaaaaaaaaa',
        '4561616161',
        `44000014 00004000 40060000 0a000001 0a000002`,
        `45000010 00004000 40060000 0a000001 0a000002`,
        `45000028 00004000 40060000 0a000001 0a000002 ${tcp} 000000000000`,
        `45000032 00004000 40060000 0a000001 0a000002 ${tcp}`,
        `45000028 00002000 40060000 0a000001 0a000002 ${tcp}`,
        `45000028 00002001 40060000 0a000001 0a000002 ${tcp}`,
        `45000028 00004000 40060000 0a000001 0a000002 ${tcp.replace('5010', '4010')}`,
        `45000028 00004000 40060000 0a000001 0a000002 ${tcp.replace('5010', '6010')}`,
        `45000028 00004000 40060000 0a000001 0a000002 ${tcp.replace('5010', '50c2')}`,
        `45000018 00004000 40060000 0a000001 0a000002 c35015b3`,
        `45000016 00004000 40060000 0a000001 0a000002 c350`,
        `4500001c 00004000 40110000 0a000001 0a000002 cf08270f00080000`,
        `4500001d 00004000 40110000 0a000001 0a000002 cf08270f00090000 ff`,
        `4500001c 00004000 40110000 0a000001 0a000002 cf08270f00030000`,
        `4500001c 00004000 40110000 0a000001 0a000002 cf08270f00210000`,
        `45000019 00004000 40110000 0a000001 0a000002 cf08270f00`,
        `4500001c 00004000 40010000 0a000001 0a000002 0800000000070009`,
        `4500001c 00004000 40010000 0a000001 0a000002 0000000000070009`,
        `45000016 00004000 40630000 0a000001 0a000002 0102`,
        `60000000 0014 06 40 ${v6} ${tcp}`,
        `60000000 001c 00 40 ${v6} 0600010400000000 ${tcp}`,
        `60000000 0024 00 40 ${v6} 3c00010400000000 0600010400000000 ${tcp}`,
        `60000000 001c 2c 40 ${v6} 0600000000000007 ${tcp}`,
        `60000000 001c 2c 40 ${v6} 0600000100000007 ${tcp}`,
        `60000000 001c 2c 40 ${v6} 0600032100000007 ${tcp}`,
        `60000000 0000 3b 40 ${v6}`,
        `60000000 0002 63 40 ${v6} 0102`,
        `60000000 0008 11 40 ${v6} cf08270f00080000`,
        `60000000 0008 3a 40 ${v6} 8000000000070009`,
        `60000000 0008 3a 40 ${v6} 8100000000070009`,
        `60000000 0015 06 40 ${v6} ${tcp}`,
        `60000000 0014 06 40 20010db8`,
      ].map(octets),
      false,
    );
  });
});
