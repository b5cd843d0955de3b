/** The TCP options: MSS (RFC 9293 §3.7.1), window scale and timestamps (RFC 7323), SACK (RFC 2018). */
import type { Frame } from '../base/frame.ts';
import { seq } from '../base/seq.ts';
import { Drop } from './drop.ts';
import { clearOptions, SACK_MOST, type Segment } from './segment.ts';
import { bsdOptionsLength, writeBsdOptions } from './tcp-options-bsd.ts';

// Option kinds, as IANA numbers them.
const END = 0;
const NOP = 1;
const MSS = 2;
const WSCALE = 3;
const SACK_OK = 4;
const SACK = 5;
const TS = 8;

/** The data offset has four bits: 15 words, of which 5 are the fixed header. */
const ROOM = 40;

/** NOP NOP TS 10: how every segment of a connection with timestamps begins its options (RFC 7323 appendix A). */
const NOP_NOP_TS = 0x0101080a;

/**
 * Reads the options in `frame.bytes[at, end)` into `seg`, which forgets what it held. An option kind that is unknown, or
 * known with a length that is not its own, is stepped over by its length field (RFC 9293 §3.1, MUST-6); a length below 2
 * or past the header leaves no way to go on and drops the segment (MUST-7 leaves the answer open: it must not upset us).
 */
export function readTcpOptions(seg: Segment, frame: Frame, at: number, end: number): Drop {
  clearOptions(seg);
  const { bytes, view } = frame;
  let i = at;
  if (end - at >= 12 && view.getInt32(at) === NOP_NOP_TS) {
    readTimestamps(seg, view, at + 4);
    i = at + 12;
  }
  while (i < end) {
    const kind = bytes[i] as number;
    if (kind === END) break;
    if (kind === NOP) {
      i++;
      continue;
    }
    if (i + 1 >= end) return Drop.TcpOptionLength;
    const length = bytes[i + 1] as number;
    if (length < 2 || i + length > end) return Drop.TcpOptionLength;
    if (kind === TS && length === 10) readTimestamps(seg, view, i + 2);
    else if (kind === SACK && length > 2 && (length - 2) % 8 === 0) readSack(seg, view, i + 2, i + length);
    else if (kind === MSS && length === 4) seg.mss = view.getUint16(i + 2);
    else if (kind === WSCALE && length === 3) seg.wscale = view.getUint8(i + 2);
    else if (kind === SACK_OK && length === 2) seg.sackOk = true;
    i += length;
  }
  return Drop.None;
}

function readTimestamps(seg: Segment, view: DataView, at: number): void {
  seg.hasTs = true;
  seg.tsVal = seq(view.getInt32(at));
  seg.tsEcr = seq(view.getInt32(at + 4));
}

/** 40 octets hold no more than SACK_MOST blocks, so that the arrays always suffice. */
function readSack(seg: Segment, view: DataView, at: number, end: number): void {
  let count = 0;
  for (let i = at; i < end; i += 8) {
    seg.sackLeft[count] = view.getInt32(i);
    seg.sackRight[count] = view.getInt32(i + 4);
    count++;
  }
  seg.sackCount = count;
}

/** Octets that `seg`'s options take, always a multiple of 4 and at most 40. */
export function optionsLength(seg: Segment): number {
  if (seg.bsdOptions) return bsdOptionsLength(seg);
  const length = fixedLength(seg);
  if (seg.sackCount === 0) return length;
  const blocks = sackBlocks(seg, length);
  return blocks === 0 ? length : length + 4 + 8 * blocks;
}

/** Octets of all options but SACK. SACK-permitted fits into the padding of the timestamps. */
function fixedLength(seg: Segment): number {
  let length = seg.hasTs ? 12 : seg.sackOk ? 4 : 0;
  if (seg.mss >= 0) length += 4;
  if (seg.wscale >= 0) length += 4;
  return length;
}

/** How many SACK blocks go out: the first ones, the most recent (RFC 2018 §4), as far as there is room. */
function sackBlocks(seg: Segment, taken: number): number {
  return Math.min(seg.sackCount, SACK_MOST, (ROOM - taken - 4) >> 3);
}

/**
 * Writes `seg`'s options at `at`, `optionsLength(seg)` octets, in the order and with the padding of Linux: each group
 * fills whole words, so that no end-of-options is needed.
 */
export function writeTcpOptions(frame: Frame, seg: Segment, at: number): void {
  const { view } = frame;
  if (seg.bsdOptions) {
    writeBsdOptions(view, seg, at);
    return;
  }
  let i = at;
  if (seg.mss >= 0) {
    view.setInt32(i, (MSS << 24) | (4 << 16) | (seg.mss & 0xffff));
    i += 4;
  }
  if (seg.hasTs) {
    view.setInt32(i, seg.sackOk ? (SACK_OK << 24) | (2 << 16) | (TS << 8) | 10 : NOP_NOP_TS);
    view.setInt32(i + 4, seg.tsVal);
    view.setInt32(i + 8, seg.tsEcr);
    i += 12;
  } else if (seg.sackOk) {
    view.setInt32(i, (NOP << 24) | (NOP << 16) | (SACK_OK << 8) | 2);
    i += 4;
  }
  if (seg.wscale >= 0) {
    view.setInt32(i, (NOP << 24) | (WSCALE << 16) | (3 << 8) | (seg.wscale & 0xff));
    i += 4;
  }
  if (seg.sackCount === 0) return;
  const blocks = sackBlocks(seg, i - at);
  if (blocks === 0) return;
  view.setInt32(i, (NOP << 24) | (NOP << 16) | (SACK << 8) | (2 + 8 * blocks));
  i += 4;
  for (let k = 0; k < blocks; k++, i += 8) {
    view.setInt32(i, seg.sackLeft[k] as number);
    view.setInt32(i + 4, seg.sackRight[k] as number);
  }
}
