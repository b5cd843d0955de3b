import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CaptureError } from '../../src/capture/error.ts';
import { PcapWriter } from '../../src/capture/pcap-write.ts';
import { PcapngWriter } from '../../src/capture/pcapng-write.ts';
import { readCapture } from '../../src/capture/read.ts';
import { type CapturePacket, ipAt, LinkType } from '../../src/capture/record.ts';
import * as arbitrary from '../wire/arbitrary.ts';
import { hasTool } from '../wire/tcpdump.ts';

const octets = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (h) => Number.parseInt(h, 16));

/** A sink that keeps what it got, and the file that it makes. */
function file(): { sink: (bytes: Uint8Array) => void; bytes: () => Uint8Array } {
  const parts: Uint8Array[] = [];
  return { sink: (part) => parts.push(part), bytes: () => new Uint8Array(Buffer.concat(parts)) };
}

/** All packets up to the error, if there is one. */
function packetsOf(bytes: Uint8Array): { packets: CapturePacket[]; error: unknown } {
  const packets: CapturePacket[] = [];
  try {
    for (const packet of readCapture(bytes).packets) packets.push(packet);
  } catch (error) {
    return { packets, error };
  }
  return { packets, error: null };
}

const link = fc.record({ name: fc.string(), linkType: fc.constantFrom(0, 1, 101, 276), description: fc.string() });
const remarks = fc.record(
  {
    comment: fc.string({ unit: 'grapheme' }),
    direction: fc.constantFrom<'in' | 'out'>('in', 'out'),
    lost: fc.nat(),
    original: fc.integer({ min: 64, max: 0xffff_ffff }),
  },
  { requiredKeys: [] },
);
const taken = fc.record({
  at: fc.nat(),
  time: fc.bigInt(0n, (1n << 64n) - 1n),
  data: fc.uint8Array({ maxLength: 64 }),
  about: remarks,
});

describe('pcapng', () => {
  test('what was written is read', () => {
    fc.assert(
      fc.property(fc.array(link, { minLength: 1, maxLength: 3 }), fc.array(taken), (links, list) => {
        const { sink, bytes } = file();
        const writer = new PcapngWriter({ sink, application: 'test' });
        for (const [index, one] of links.entries()) expect(writer.addInterface(one)).toBe(index);
        for (const { at, time, data, about } of list) writer.packet(at % links.length, time, data, about);
        const capture = readCapture(bytes());
        expect(capture.format).toBe('pcapng');
        expect(capture.interfaces).toMatchObject(links);
        const expected = list.map(({ at, time, data, about }) => ({
          interfaceId: at % links.length,
          time,
          data,
          original: about.original ?? data.length,
          comment: about.comment ?? null,
          direction: about.direction ?? null,
          lost: about.lost ?? 0,
        }));
        expect([...capture.packets]).toEqual(expected);
        expect([...capture.packets]).toEqual(expected); // may be read again
      }),
    );
  });

  test('the same calls give the same octets, as the draft lays them out', () => {
    const { sink, bytes } = file();
    const writer = new PcapngWriter({ sink, application: 'ab' });
    writer.addInterface({ name: 'eth0', linkType: LinkType.Raw });
    writer.packet(0, 0x1_0000_0002n, octets('010203'), { direction: 'in' });
    const expected = [
      '0a0d0d0a 28000000 4d3c2b1a 01000000 ffffffff ffffffff 04000200 61620000 00000000 28000000',
      '01000000 28000000 65000000 00000400 02000400 65746830 09000100 09000000 00000000 28000000',
      '06000000 30000000 00000000 01000000 02000000 03000000 03000000 01020300 02000400 01000000 00000000 30000000',
    ];
    expect(bytes()).toEqual(octets(expected.join('')));
  });

  test('each call hands over one whole block', () => {
    const sizes: number[] = [];
    const writer = new PcapngWriter({
      sink: (block) => sizes.push(new DataView(block.buffer).getUint32(4, true) - block.length),
    });
    writer.addInterface({ name: 'x'.repeat(70_000), linkType: 101 });
    writer.packet(0, 0n, new Uint8Array(9001), { comment: 'é'.repeat(40_000) });
    expect(sizes).toEqual([0, 0, 0]);
  });

  test('a text too long for its option is cut between characters', () => {
    const { sink, bytes } = file();
    const writer = new PcapngWriter({ sink });
    writer.addInterface({ name: '', linkType: 101 });
    writer.packet(0, 0n, new Uint8Array(0), { comment: 'é'.repeat(40_000) });
    expect(packetsOf(bytes()).packets[0]?.comment).toBe('é'.repeat(32_767));
  });

  test('an interface that was not announced is refused', () => {
    const writer = new PcapngWriter({ sink: () => {} });
    expect(() => writer.packet(0, 0n, new Uint8Array(1))).toThrow(CaptureError);
  });

  const SECTION = '0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c';
  const INTERFACE = '00000001 00000014 0065 0000 00000004 00000014';

  test('big-endian files, other resolutions, unknown blocks, several sections, simple packets', () => {
    const { packets, error } = packetsOf(
      octets(
        [
          SECTION,
          INTERFACE,
          '0000bad0 00000010 deadbeef 00000010', // a block nobody knows
          // an interface with a resolution of 2^-10 s, 5 s added
          '00000001 00000028 0065 0000 00000000 0009 0001 8a000000 000e 0008 0000000000000005 00000028',
          '00000006 00000024 00000000 00000000 00000001 00000001 00000001 aa000000 00000024',
          '00000006 00000024 00000001 00000000 00000200 00000001 00000001 bb000000 00000024',
          '00000003 00000014 00000006 01020304 00000014', // cut to the 4 octets of the first interface
          SECTION,
          INTERFACE,
          '00000006 00000024 00000000 00000000 00000002 00000001 00000009 cc000000 00000024',
        ].join(''),
      ),
    );
    expect(error).toBeNull();
    expect(packets.map(({ interfaceId, time, data, original }) => [interfaceId, time, [...data], original])).toEqual([
      [0, 1000n, [0xaa], 1],
      [1, 5_500_000_000n, [0xbb], 1],
      [0, 0n, [1, 2, 3, 4], 6],
      [2, 2000n, [0xcc], 9],
    ]);
  });

  test.each<[string, string, number, RegExp]>([
    ['neither format', '00000000', 0, /neither pcap nor pcapng/],
    ['nothing', '', 0, /neither/],
    ['a section header cut short', '0a0d0d0a 0000001c 1a2b3c4d 0001', 0, /cut short/],
    ['no byte order', SECTION.replace('1a2b3c4d', '1a2b3c4e'), 8, /byte-order magic/],
    ['version 2', SECTION.replace('0001 0000', '0002 0000'), 12, /version 2/],
    ['a block of 8 octets', `${SECTION} 00000001 00000008 00000008`, 32, /block length 8/],
    ['a length that is no whole word', `${SECTION} 00000001 0000000d 0000000d00`, 32, /block length 13/],
    ['lengths that differ', `${SECTION} 00000001 0000000c 00000010`, 36, /two lengths/],
    ['a block past the file', `${SECTION} 00000001 00000014 00650000 00000000`, 28, /block of 20 octets cut short/],
    ['an interface cut short', `${SECTION} 00000001 0000000c 0000000c`, 28, /interface description cut short/],
    ['an option past its block', `${SECTION} 00000001 00000018 00650000 00000000 00020001 00000018`, 44, /option 2/],
    ['a packet of no interface', `${SECTION} 00000006 00000020 ${'00'.repeat(20)} 00000020`, 36, /not described/],
    [
      'a packet past its block',
      `${SECTION}${INTERFACE} 00000006 00000020 ${'00'.repeat(12)} 00000001 00000001 00000020`,
      68,
      /packet of 1 octets/,
    ],
    ['an enhanced packet cut short', `${SECTION}${INTERFACE} 00000006 0000000c 0000000c`, 48, /cut short/],
    [
      'a simple packet past its block',
      `${SECTION}${INTERFACE} 00000003 00000010 00000001 00000010`,
      56,
      /past its block/,
    ],
  ])('%s is an error with its place', (_name, hex, offset, message) => {
    const { error } = packetsOf(octets(hex));
    expect(error).toBeInstanceOf(CaptureError);
    expect((error as CaptureError).message).toMatch(message);
    expect((error as CaptureError).offset).toBe(offset);
  });

  test('packets before the error are given', () => {
    const { sink, bytes } = file();
    const writer = new PcapngWriter({ sink });
    writer.addInterface({ name: 'a', linkType: 101 });
    writer.packet(0, 1n, octets('01'));
    writer.packet(0, 2n, octets('02'));
    const { packets, error } = packetsOf(bytes().slice(0, -1));
    expect(packets.map((packet) => packet.time)).toEqual([1n]);
    expect(error).toBeInstanceOf(CaptureError);
  });
});

describe('pcap', () => {
  test('what was written is read', () => {
    const times = fc.bigInt(0n, 0xffff_ffffn * 1_000_000_000n);
    fc.assert(
      fc.property(fc.array(fc.tuple(times, fc.uint8Array({ maxLength: 64 }))), (list) => {
        const { sink, bytes } = file();
        const writer = new PcapWriter({ sink });
        expect(writer.addInterface({ name: 'a', linkType: 1 })).toBe(0);
        for (const [time, data] of list) writer.packet(0, time, data);
        const capture = readCapture(bytes());
        expect(capture).toMatchObject({ format: 'pcap', interfaces: [{ linkType: 1 }] });
        expect([...capture.packets].map((packet) => [packet.time, packet.data])).toEqual(list);
      }),
    );
  });

  test.each<[string, string, bigint]>([
    [
      'microseconds, big-endian',
      'a1b2c3d4 0002 0004 00000000 00000000 00000040 00000065 00000001 00000002 00000001 00000003 aa',
      1_000_002_000n,
    ],
    [
      'microseconds, little-endian',
      'd4c3b2a1 0200 0400 00000000 00000000 40000000 65000000 01000000 02000000 01000000 03000000 aa',
      1_000_002_000n,
    ],
    [
      'nanoseconds, big-endian',
      'a1b23c4d 0002 0004 00000000 00000000 00000040 00000065 00000001 00000002 00000001 00000003 aa',
      1_000_000_002n,
    ],
    [
      'nanoseconds, little-endian',
      '4d3cb2a1 0200 0400 00000000 00000000 40000000 65000000 01000000 02000000 01000000 03000000 aa',
      1_000_000_002n,
    ],
  ])('%s', (_name, hex, time) => {
    const capture = readCapture(octets(hex));
    expect(capture.interfaces).toEqual([{ name: '', description: '', linkType: 101 }]);
    expect([...capture.packets]).toMatchObject([{ time, data: Uint8Array.of(0xaa), original: 3 }]);
  });

  const HEADER = 'a1b2c3d4 0002 0004 00000000 00000000 00000040 00000065';

  test.each<[string, string, number]>([
    ['a file header cut short', 'a1b2c3d4 0002', 0],
    ['another version', HEADER.replace('0002', '0003'), 4],
    ['a packet header cut short', `${HEADER} 00`, 24],
    ['a packet cut short', `${HEADER} 00000000 00000000 00000002 00000002 01`, 24],
  ])('%s is an error with its place', (_name, hex, offset) => {
    expect(packetsOf(octets(hex)).error).toMatchObject({ name: 'CaptureError', offset });
  });

  test('what the format cannot hold is refused', () => {
    const writer = new PcapWriter({ sink: () => {} });
    expect(() => writer.packet(0, 0n, new Uint8Array(1))).toThrow(CaptureError);
    writer.addInterface({ name: 'a', linkType: 1 });
    expect(() => writer.addInterface({ name: 'b', linkType: 101 })).toThrow(CaptureError);
    expect(writer.addInterface({ name: 'b', linkType: 1 })).toBe(0);
    expect(() => writer.packet(0, -1n, new Uint8Array(1))).toThrow(CaptureError);
    expect(() => writer.packet(0, 1n << 62n, new Uint8Array(1))).toThrow(CaptureError);
  });
});

test('any octets are read to an end or refused with a CaptureError', () => {
  const { sink, bytes } = file();
  const writer = new PcapngWriter({ sink, application: 'x' });
  writer.addInterface({ name: 'a', linkType: 101, description: 'b' });
  for (let i = 0; i < 4; i++)
    writer.packet(0, BigInt(i), octets('0102030405'), { comment: 'c', lost: i, direction: 'out' });
  const whole = bytes();
  const begins = fc.constantFrom('0a0d0d0a', 'a1b2c3d4', '4d3cb2a1', '');
  const damaged = fc
    .array(fc.tuple(fc.nat({ max: whole.length - 1 }), arbitrary.octet), { maxLength: 4 })
    .map((changes) => {
      const copy = whole.slice();
      for (const [at, value] of changes) copy[at] = value;
      return copy;
    });
  const noise = fc
    .tuple(begins, fc.uint8Array({ maxLength: 200 }))
    .map(([magic, rest]) => Uint8Array.from([...octets(magic), ...rest]));
  fc.assert(
    fc.property(fc.oneof(damaged, noise), (drawn) => {
      const { packets, error } = packetsOf(drawn);
      if (error !== null) expect(error).toBeInstanceOf(CaptureError);
      for (const { data } of packets) expect(data.buffer).toBe(drawn.buffer);
    }),
    { numRuns: 3000 },
  );
});

test.each<[string, number, string, number]>([
  ['raw', LinkType.Raw, '45', 0],
  ['raw, nothing in it', LinkType.Raw, '', -1],
  ['loopback', LinkType.Null, '02000000 45', 4],
  ['loopback, not IP', LinkType.Null, '02000000 a5', -1],
  ['Ethernet, IPv4', LinkType.Ethernet, `${'00'.repeat(12)} 0800 45`, 14],
  ['Ethernet, IPv6 in two VLANs', LinkType.Ethernet, `${'00'.repeat(12)} 88a80001 81000002 86dd 60`, 22],
  ['Ethernet, ARP', LinkType.Ethernet, `${'00'.repeat(12)} 0806 00`, -1],
  ['Ethernet, cut short', LinkType.Ethernet, `${'00'.repeat(12)} 0800`, -1],
  ['Linux cooked', LinkType.LinuxSll, `${'00'.repeat(14)} 0800 45`, 16],
  ['Linux cooked 2', LinkType.LinuxSll2, `86dd ${'00'.repeat(18)} 60`, 20],
  ['a link type unknown here', 147, '45', -1],
])('where IP begins: %s', (_name, linkType, hex, at) => {
  expect(ipAt(linkType, octets(hex))).toBe(at);
});

describe.skipIf(!hasTool('tshark') || !hasTool('capinfos'))('other tools read what is written', () => {
  /** Runs a tool on a capture of drawn segments, on two interfaces in pcapng, on one in pcap. */
  function run(format: 'pcap' | 'pcapng', tool: string, ...args: string[]): string {
    const folder = mkdtempSync(join(tmpdir(), 'synwave-capture-'));
    try {
      const { sink, bytes } = file();
      const writer =
        format === 'pcapng' ? new PcapngWriter({ sink, application: 'synwave test' }) : new PcapWriter({ sink });
      writer.addInterface({ name: 'left', linkType: LinkType.Raw, description: 'one end' });
      const right = writer.addInterface({ name: 'right', linkType: LinkType.Raw });
      const drawn = fc.sample(fc.tuple(arbitrary.packets, arbitrary.segments, arbitrary.texts), {
        numRuns: 200,
        seed: 9293,
      });
      for (const [index, [ip, seg, text]] of drawn.entries()) {
        ip.hopLimit = 64;
        const data = arbitrary.build(ip, seg, text).copy();
        const time = 1_700_000_000_123_456_789n + BigInt(index) * 1_000_000n;
        writer.packet(index % 2 === 0 ? 0 : right, time, data, {
          comment: `packet ${index}`,
          direction: index % 2 === 0 ? 'out' : 'in',
        });
      }
      const path = join(folder, `a.${format}`);
      writeFileSync(path, bytes());
      const result = spawnSync(tool, [...args, path], {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C' },
        maxBuffer: 64 << 20,
      });
      expect(result.status, result.stderr).toBe(0);
      return result.stdout;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  const CHECK = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];

  test.each<'pcap' | 'pcapng'>(['pcap', 'pcapng'])('%s: nothing malformed, every checksum good', (format) => {
    const columns = ['frame.time_epoch', 'ip.checksum.status', 'tcp.checksum.status'].flatMap((field) => ['-e', field]);
    const rows = run(format, 'tshark', ...CHECK, '-T', 'fields', ...columns, '-r')
      .trimEnd()
      .split('\n');
    expect(rows).toHaveLength(200);
    rows.forEach((row, index) => {
      const [time, ip, tcp] = row.split('\t');
      expect(time).toBe(`1700000000.${123_456_789 + index * 1_000_000}`);
      expect(['1', '']).toContain(ip); // IPv6 has none
      expect(tcp).toBe('1');
    });
    expect(run(format, 'tshark', ...CHECK, '-Y', '_ws.malformed', '-r')).toBe('');
  });

  test('pcapng: comments, directions and interface names arrive', () => {
    const columns = ['frame.interface_name', 'frame.comment', 'frame.packet_flags_direction'].flatMap((f) => ['-e', f]);
    const rows = run('pcapng', 'tshark', '-T', 'fields', ...columns, '-r')
      .trimEnd()
      .split('\n');
    expect(rows.slice(0, 2).map((row) => row.split('\t').slice(0, 2))).toEqual([
      ['left', 'packet 0'],
      ['right', 'packet 1'],
    ]);
    const [out, back] = rows.map((row) => Number(row.split('\t')[2]));
    expect([out, back]).toEqual([2, 1]);
  });

  test('capinfos counts them', () => {
    const text = run('pcapng', 'capinfos', '-M', '-t', '-E', '-c', '-I');
    expect(text).toMatch(/File type: .*pcapng/);
    expect(text).toMatch(/Number of packets: +200/);
    expect(text).toMatch(/Number of interfaces in file: +2/);
    expect(text).toMatch(/Name = left/);
  });

  test("what they write is read: the same packets out of editcap's hands", () => {
    const folder = mkdtempSync(join(tmpdir(), 'synwave-capture-'));
    try {
      const { sink, bytes } = file();
      const writer = new PcapngWriter({ sink });
      writer.addInterface({ name: 'left', linkType: LinkType.Raw });
      writer.packet(0, 1_700_000_000_123_456_789n, octets('4500001400004000400626e30a0000010a000002'), {
        comment: 'één',
      });
      const from = join(folder, 'from.pcapng');
      const to = join(folder, 'to.pcapng');
      writeFileSync(from, bytes());
      const result = spawnSync('editcap', [from, to], { encoding: 'utf8' });
      expect(result.status, result.stderr).toBe(0);
      const [before] = readCapture(readFileSync(from)).packets;
      const [after] = readCapture(readFileSync(to)).packets;
      expect({ ...after, data: [...(after?.data ?? [])] }).toEqual({ ...before, data: [...(before?.data ?? [])] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
