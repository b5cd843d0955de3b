import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { seq } from '../../src/base/seq.ts';
import { Drop } from '../../src/wire/drop.ts';
import { addressSum, Packet, Protocol, pseudoSum, readIp } from '../../src/wire/ip.ts';
import { ACK, FIN, Segment, SYN } from '../../src/wire/segment.ts';
import { fillTcpSum, readTcp, tcpLength, writeTcp } from '../../src/wire/tcp.ts';
import { optionsLength, readTcpOptions, writeTcpOptions } from '../../src/wire/tcp-options.ts';
import * as arbitrary from './arbitrary.ts';

const octets = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (h) => Number.parseInt(h, 16));

/** All that a segment says, without where it stands. */
function said(seg: Segment): unknown {
  const { sackLeft, sackRight, ...rest } = seg;
  const blocks = [sackLeft, sackRight].map((edges) => [...edges.slice(0, seg.sackCount)]);
  return { ...rest, frame: null, textAt: 0, blocks };
}

describe('the header', () => {
  test('what was written is read, with a right checksum, in either family [MUST-2]', () => {
    fc.assert(
      fc.property(
        arbitrary.packets,
        arbitrary.segments,
        arbitrary.texts,
        fc.integer({ min: 120, max: 123 }),
        (packet, seg, text, head) => {
          const frame = arbitrary.build(packet, seg, text, head);
          const ip = new Packet();
          expect(readIp(ip, frame, true)).toBe(Drop.None);
          const length = ip.textEnd - ip.textAt;
          expect(length).toBe(tcpLength(seg, text.length));
          const got = new Segment();
          expect(readTcp(got, frame, ip.textAt, ip.textEnd, pseudoSum(ip, length))).toBe(Drop.None);
          expect(said(got)).toEqual(said(seg));
          expect(frame.bytes.slice(got.textAt, got.textAt + got.textLen)).toEqual(text);
        },
      ),
    );
  });

  test('one flipped bit is found by the checksum, unless nobody verifies it [MUST-3]', () => {
    fc.assert(
      fc.property(
        arbitrary.segments,
        arbitrary.texts,
        fc.nat(),
        fc.integer({ min: 0, max: 7 }),
        (seg, text, where, bit) => {
          const frame = Frame.from(text, 60);
          writeTcp(frame, seg, 12345);
          const at = frame.at + (where % frame.length);
          if (at === frame.at + 12) return; // the data offset has a check of its own
          frame.bytes[at] = (frame.bytes[at] as number) ^ (1 << bit);
          const drop = readTcp(new Segment(), frame, frame.at, frame.end, 12345 + frame.length);
          expect(drop).toBe(Drop.TcpChecksum);
          expect(readTcp(new Segment(), frame, frame.at, frame.end, -1)).not.toBe(Drop.TcpChecksum);
        },
      ),
    );
  });

  test('without a sum to add to, the checksum stays 0; fillTcpSum puts the same in later', () => {
    const seg = new Segment();
    seg.flags = ACK;
    seg.seq = seq(-1);
    const bare = Frame.from(octets('010203'), 40);
    writeTcp(bare, seg, -1);
    expect(bare.view.getUint16(bare.at + 16)).toBe(0);
    const packet = new Packet();
    packet.src.set(0, 0, 0xffff, 0x0a000001);
    packet.dst.set(0, 0, 0xffff, 0x0a000002);
    const pseudo = addressSum(packet.src, packet.dst, Protocol.Tcp);
    const summed = Frame.from(octets('010203'), 40);
    writeTcp(summed, seg, pseudo);
    fillTcpSum(bare, bare.at, bare.end, pseudo);
    expect(bare.copy()).toEqual(summed.copy());
  });

  test('SEG.LEN counts SYN and FIN (RFC 9293 §3.4)', () => {
    const seg = new Segment();
    seg.flags = SYN | FIN;
    const frame = Frame.from(octets('0102'), 40);
    writeTcp(frame, seg, -1);
    const got = new Segment();
    readTcp(got, frame, frame.at, frame.end, -1);
    expect([got.textLen, got.len]).toEqual([2, 4]);
  });

  test.each<[string, string, Drop]>([
    ['19 octets', '00'.repeat(19), Drop.TcpShort],
    ['data offset 4', `${'00'.repeat(12)}40${'00'.repeat(7)}`, Drop.TcpOffset],
    ['data offset past the packet', `${'00'.repeat(12)}60${'00'.repeat(10)}`, Drop.TcpOffset],
    ['checksum wrong', `${'00'.repeat(12)}50${'00'.repeat(7)}`, Drop.TcpChecksum],
  ])('%s is refused', (_name, hex, drop) => {
    const frame = Frame.from(octets(hex));
    expect(readTcp(new Segment(), frame, frame.at, frame.end, 0)).toBe(drop);
  });

  test('options that cannot be read drop the segment', () => {
    const frame = Frame.from(octets(`${'00'.repeat(12)}60${'00'.repeat(7)}02000000`));
    expect(readTcp(new Segment(), frame, frame.at, frame.end, -1)).toBe(Drop.TcpOptionLength);
  });

  test('any octets are read or refused, and the text stays inside', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 90 }), fc.integer({ min: 0, max: 15 }), (bytes, words) => {
        if (bytes.length > 12) bytes[12] = words << 4;
        const frame = Frame.from(bytes, 5);
        const seg = new Segment();
        const drop = readTcp(seg, frame, frame.at, frame.end, -1);
        if (drop !== Drop.None) {
          expect([Drop.TcpShort, Drop.TcpOffset, Drop.TcpOptionLength]).toContain(drop);
          return;
        }
        expect(seg.textAt).toBeGreaterThanOrEqual(frame.at + 20);
        expect(seg.textLen).toBe(frame.end - seg.textAt);
        expect(seg.textLen).toBeGreaterThanOrEqual(0);
        expect(seg.sackCount).toBeLessThanOrEqual(4);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('options', () => {
  /** Reads `hex` into a segment that said much before. */
  function read(hex: string): { drop: Drop; seg: Segment } {
    const seg = new Segment();
    Object.assign(seg, { mss: 1, wscale: 1, sackOk: true, hasTs: true, sackCount: 1 });
    const frame = Frame.from(octets(hex), 2);
    return { drop: readTcpOptions(seg, frame, frame.at, frame.end), seg };
  }

  const none = { mss: -1, wscale: -1, sackOk: false, hasTs: false, sackCount: 0 };

  test.each<[string, string, object]>([
    ['none', '', none],
    [
      'what Linux says in a SYN',
      '020405b4 0402 080a 00000007 00000000 01 030307',
      { ...none, mss: 1460, sackOk: true, hasTs: true, tsVal: 7, tsEcr: 0, wscale: 7 },
    ],
    ['NOP NOP TS', '0101080a ffffffff 00000001', { ...none, hasTs: true, tsVal: -1, tsEcr: 1 }],
    [
      'NOP NOP TS, then SACK',
      '0101080a 00000002 00000001 0101 050a 00000005 00000009',
      { ...none, hasTs: true, tsVal: 2, sackCount: 1 },
    ],
    ['TS without padding', '080a 00000002 00000001 0000', { ...none, hasTs: true, tsVal: 2, tsEcr: 1 }],
    ['nothing counts behind the end', '00 020405b4 000000', none],
    ['unknown kinds are stepped over', 'fe06deadbeef 020405b4 0101', { ...none, mss: 1460 }],
    [
      'a known kind of another length is stepped over like an unknown one',
      '0203ff 0304ffff 0403ff 0809ffffffffffffff 050bffffffffffffffffff 020405b4',
      { ...none, mss: 1460 },
    ],
    ['SACK without blocks', '0502 0101', none],
    ['NOPs only', '01010101', none],
    ['the last one counts', '020405b4 02040218', { ...none, mss: 536 }],
  ])('%s', (_name, hex, expected) => {
    const { drop, seg } = read(hex);
    expect(drop).toBe(Drop.None);
    expect(seg).toMatchObject(expected);
  });

  test.each<[string, string]>([
    ['length 0 (RFC 9293 §3.1, MUST-7)', '0200 05b4'],
    ['length 1', '0101 fe01'],
    ['past the header', '0101 fe03'],
    ['a kind as the last octet', '010101 02'],
    ['past the header, behind NOP NOP TS', '0101080a 00000002 00000001 010101 08'],
  ])('%s drops the segment', (_name, hex) => {
    expect(read(hex).drop).toBe(Drop.TcpOptionLength);
  });

  /** The octets of the options that `fields` ask for. */
  function written(fields: Partial<Segment>): string {
    const seg = Object.assign(new Segment(), fields);
    const frame = new Frame(40);
    writeTcpOptions(frame, seg, 0);
    return [...frame.bytes.slice(0, optionsLength(seg))].map((o) => o.toString(16).padStart(2, '0')).join('');
  }

  const ts = { hasTs: true, tsVal: seq(7), tsEcr: seq(3) };

  test.each<[string, Partial<Segment>, string]>([
    ['none', {}, ''],
    ['SYN with all', { mss: 1460, sackOk: true, ...ts, wscale: 7 }, '020405b4 0402080a0000000700000003 01030307'],
    ['SYN without timestamps', { mss: 1460, sackOk: true, wscale: 7 }, '020405b4 01010402 01030307'],
    ['SYN without SACK', { mss: 1460, ...ts }, '020405b4 0101080a0000000700000003'],
    ['timestamps', ts, '0101080a0000000700000003'],
  ])('are written as Linux orders them: %s', (_name, fields, hex) => {
    expect(written(fields)).toBe(hex.replaceAll(' ', ''));
  });

  test('only as many SACK blocks go out as there is room for: 4, or 3 beside timestamps (RFC 2018 §3)', () => {
    const blocks = { sackCount: 4, sackLeft: Int32Array.of(1, 3, 5, 7), sackRight: Int32Array.of(2, 4, 6, 8) };
    expect(written(blocks)).toMatch(/^01010522(0000000\d){8}$/);
    expect(written({ ...blocks, ...ts })).toMatch(/^0101080a\d{16}0101051a(0000000\d){6}$/);
    expect(written({ ...blocks, ...ts, mss: 1460, wscale: 7, sackOk: true })).toMatch(/^.{40}01010512(0000000\d){4}$/);
  });
});
