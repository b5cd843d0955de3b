/** The TCP options in the BSDs' order: MSS, window scale, SACK-permitted, timestamps, SACK; filled up behind, not in between. */
import { SACK_MOST, type Segment } from './segment.ts';

const NOP = 1;
/** The data offset has four bits: 15 words, of which 5 are the fixed header. */
const ROOM = 40;

// Where each option begins within a word, so that its numbers stand on the boundary of one.
const MSS_AT = 0;
const WSCALE_AT = 1;
const TS_AT = 2;
const SACK_AT = 2;

/** Octets that the options take in this order, a multiple of 4. */
export function bsdOptionsLength(seg: Segment): number {
  let at = 0;
  if (seg.mss >= 0) at = align(at, MSS_AT) + 4;
  if (seg.wscale >= 0) at = align(at, WSCALE_AT) + 3;
  if (seg.sackOk) at = even(at) + 2;
  if (seg.hasTs) at = align(at, TS_AT) + 10;
  const blocks = blocksBehind(seg, at);
  if (blocks > 0) at = align(at, SACK_AT) + 2 + 8 * blocks;
  return align(at, 0);
}

/** Writes them at `from`, `bsdOptionsLength(seg)` octets; what is left of the last word is end-of-options. */
export function writeBsdOptions(view: DataView, seg: Segment, from: number): void {
  const length = bsdOptionsLength(seg);
  let at = 0;
  // Every octet that no option takes is a NOP, but for those at the end.
  for (let i = 0; i < length; i++) view.setUint8(from + i, NOP);
  if (seg.mss >= 0) {
    at = align(at, MSS_AT);
    view.setUint16(from + at, 0x0204);
    view.setUint16(from + at + 2, seg.mss);
    at += 4;
  }
  if (seg.wscale >= 0) {
    at = align(at, WSCALE_AT);
    view.setUint16(from + at, 0x0303);
    view.setUint8(from + at + 2, seg.wscale);
    at += 3;
  }
  if (seg.sackOk) {
    at = even(at);
    view.setUint16(from + at, 0x0402);
    at += 2;
  }
  if (seg.hasTs) {
    at = align(at, TS_AT);
    view.setUint16(from + at, 0x080a);
    view.setInt32(from + at + 2, seg.tsVal);
    view.setInt32(from + at + 6, seg.tsEcr);
    at += 10;
  }
  const blocks = blocksBehind(seg, at);
  if (blocks > 0) {
    at = align(at, SACK_AT);
    view.setUint16(from + at, 0x0502 + 8 * blocks);
    at += 2;
    for (let k = 0; k < blocks; k++, at += 8) {
      view.setInt32(from + at, seg.sackLeft[k] as number);
      view.setInt32(from + at + 4, seg.sackRight[k] as number);
    }
  }
  for (; at < length; at++) view.setUint8(from + at, 0);
}

/** How many SACK blocks go out behind `at` octets of other options. */
function blocksBehind(seg: Segment, at: number): number {
  if (seg.sackCount === 0) return 0;
  return Math.min(seg.sackCount, SACK_MOST, (ROOM - align(at, SACK_AT) - 2) >> 3);
}

/** The first place from `at` on that is `rest` behind the boundary of a word. */
function align(at: number, rest: number): number {
  return at + ((rest - at) & 3);
}

function even(at: number): number {
  return at + (at & 1);
}
