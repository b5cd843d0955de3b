/** The order of the BSDs: mss, nop, wscale, sackOK, TS, SACK, with end-of-options behind. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { seq } from '../../src/base/seq.ts';
import { Drop } from '../../src/wire/drop.ts';
import { Segment } from '../../src/wire/segment.ts';
import { optionsLength, readTcpOptions, writeTcpOptions } from '../../src/wire/tcp-options.ts';
import * as arbitrary from './arbitrary.ts';

function written(set: (seg: Segment) => void): string {
  const seg = new Segment();
  seg.bsdOptions = true;
  set(seg);
  const length = optionsLength(seg);
  const frame = new Frame(40);
  frame.bytes.fill(0xaa);
  writeTcpOptions(frame, seg, 0);
  return Buffer.from(frame.bytes.subarray(0, length)).toString('hex');
}

function mss(seg: Segment): void {
  seg.mss = 1460;
}

function stamps(seg: Segment): void {
  seg.hasTs = true;
  seg.tsVal = seq(1);
  seg.tsEcr = seq(2);
}

test.each<[string, (seg: Segment) => void, string]>([
  ['nothing', () => undefined, ''],
  ['mss', mss, '020405b4'],
  ['mss, sackOK, eol, eol', (seg) => (mss(seg), (seg.sackOk = true)), '020405b404020000'],
  ['mss, nop, wscale', (seg) => (mss(seg), (seg.wscale = 6)), '020405b401030306'],
  [
    'mss, nop, wscale, sackOK, eol, eol',
    (seg) => (mss(seg), (seg.wscale = 6), (seg.sackOk = true)),
    '020405b40103030604020000',
  ],
  [
    'mss, nop, wscale, sackOK, TS',
    (seg) => (mss(seg), (seg.wscale = 6), (seg.sackOk = true), stamps(seg)),
    '020405b4010303060402080a0000000100000002',
  ],
  ['mss, nop, nop, TS', (seg) => (mss(seg), stamps(seg)), '020405b40101080a0000000100000002'],
  ['nop, nop, TS', stamps, '0101080a0000000100000002'],
  [
    'nop, nop, TS, nop, nop, sack',
    (seg) => {
      stamps(seg);
      seg.sackCount = 1;
      seg.sackLeft[0] = 16;
      seg.sackRight[0] = 32;
    },
    '0101080a00000001000000020101050a0000001000000020',
  ],
])('%s, and zeros behind the end of the list, whatever stood there [MUST-69]', (_name, set, hex) => {
  expect(written(set)).toBe(hex);
});

test('what was written is read', () => {
  fc.assert(
    fc.property(arbitrary.segments, (seg) => {
      seg.bsdOptions = true;
      const length = optionsLength(seg);
      expect(length % 4).toBe(0);
      expect(length).toBeLessThanOrEqual(40);
      const frame = new Frame(40);
      writeTcpOptions(frame, seg, 0);
      const got = new Segment();
      expect(readTcpOptions(got, frame, 0, length)).toBe(Drop.None);
      const { mss: size, wscale, sackOk, hasTs, tsVal, tsEcr } = seg;
      expect(got).toMatchObject({ mss: size, wscale, sackOk, hasTs, ...(hasTs ? { tsVal, tsEcr } : {}) });
      expect([...got.sackLeft.slice(0, got.sackCount)]).toEqual([...seg.sackLeft.slice(0, got.sackCount)]);
    }),
  );
});
