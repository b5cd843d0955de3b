/** RFC 9293 §3.1: the TCP header. Reads into a Segment the caller owns; writes into a frame the caller owns. */
import { sum } from '../base/checksum.ts';
import type { Frame } from '../base/frame.ts';
import { seq } from '../base/seq.ts';
import { Drop } from './drop.ts';
import { measure, type Segment } from './segment.ts';
import { optionsLength, readTcpOptions, writeTcpOptions } from './tcp-options.ts';

const DESTINATION = 2;
const SEQ = 4;
const ACKNO = 8;
const OFFSET = 12;
const FLAGS = 13;
const WINDOW = 14;
const CHECKSUM = 16;
const URGENT = 18;

/** Octets of the header without options. */
export const TCP_HEADER = 20;

/**
 * Reads the segment in `frame.bytes[at, end)`. `pseudo` is the pseudo-header's sum (`pseudoSum`), or -1 where the link
 * vouches for the checksum. Answers why the segment is to be dropped, or `None`; `seg` is whole only with `None`.
 */
export function readTcp(seg: Segment, frame: Frame, at: number, end: number, pseudo: number): Drop {
  const { view } = frame;
  if (end - at < TCP_HEADER) return Drop.TcpShort;
  const header = (view.getUint8(at + OFFSET) >> 4) << 2;
  if (header < TCP_HEADER || at + header > end) return Drop.TcpOffset;
  if (pseudo >= 0 && sum(frame, at, end, pseudo) !== 0xffff) return Drop.TcpChecksum;
  seg.srcPort = view.getUint16(at);
  seg.dstPort = view.getUint16(at + DESTINATION);
  seg.seq = seq(view.getInt32(at + SEQ));
  seg.ack = seq(view.getInt32(at + ACKNO));
  seg.flags = view.getUint8(at + FLAGS);
  seg.wnd = view.getUint16(at + WINDOW);
  seg.up = view.getUint16(at + URGENT);
  seg.frame = frame;
  seg.textAt = at + header;
  seg.textLen = end - seg.textAt;
  measure(seg);
  return readTcpOptions(seg, frame, at + TCP_HEADER, seg.textAt);
}

/** Octets of the whole segment that `writeTcp` would make of `seg` with `textLen` octets of text. */
export function tcpLength(seg: Segment, textLen: number): number {
  return TCP_HEADER + optionsLength(seg) + textLen;
}

/**
 * Writes header and options in front of the text, which stands in `frame.bytes[frame.at, frame.end)`, and moves
 * `frame.at` back over them. `pseudo` is the sum of addresses and protocol (`addressSum`), which stays the same for a
 * connection; the length is added here. -1 leaves the checksum 0, for a link that needs none.
 */
export function writeTcp(frame: Frame, seg: Segment, pseudo: number): void {
  const header = TCP_HEADER + optionsLength(seg);
  const at = frame.at - header;
  const { view } = frame;
  frame.at = at;
  view.setUint16(at, seg.srcPort);
  view.setUint16(at + DESTINATION, seg.dstPort);
  view.setInt32(at + SEQ, seg.seq);
  view.setInt32(at + ACKNO, seg.ack);
  view.setUint8(at + OFFSET, header << 2); // words, in the high four bits
  view.setUint8(at + FLAGS, seg.flags);
  view.setUint16(at + WINDOW, seg.wnd);
  view.setUint16(at + CHECKSUM, 0);
  view.setUint16(at + URGENT, seg.up);
  if (header > TCP_HEADER) writeTcpOptions(frame, seg, at + TCP_HEADER);
  if (pseudo >= 0) fillTcpSum(frame, at, frame.end, pseudo);
}

/** Fills in the checksum of the segment in `frame.bytes[at, end)`, whatever stood there; `pseudo` as for `writeTcp`. */
export function fillTcpSum(frame: Frame, at: number, end: number, pseudo: number): void {
  frame.view.setUint16(at + CHECKSUM, 0);
  frame.view.setUint16(at + CHECKSUM, ~sum(frame, at, end, pseudo + (end - at)) & 0xffff);
}
