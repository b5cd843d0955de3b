/** Segment: a TCP header with its options as numbers, and where its text stands. One is reused for all that arrives. */
import type { Frame } from '../base/frame.ts';
import { type Seq, seq } from '../base/seq.ts';

/** RFC 9293 §3.1: the control bits. */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
/** RFC 3168 §6.1. */
export const ECE = 0x40;
export const CWR = 0x80;

/** RFC 3168 §5: the ECN field, the two low bits of the traffic class: what may be marked, and what has been. */
export const Ecn = { NotEct: 0, Ect1: 1, Ect0: 2, Ce: 3 } as const;

/** At most 4 SACK blocks fit into the 40 octets of options (RFC 2018 §3). */
export const SACK_MOST = 4;

/** What one TCP segment says. Its text is `frame.bytes[textAt, textAt + textLen)`. */
export class Segment {
  srcPort = 0;
  dstPort = 0;
  seq: Seq = seq(0);
  ack: Seq = seq(0);
  /** FIN, SYN, RST ... or-ed. */
  flags = 0;
  /** The 16 bits of the header, not scaled. */
  wnd = 0;
  up = 0;
  /** SEG.LEN of RFC 9293 §3.4: the text, and one each for SYN and FIN. */
  len = 0;
  textAt = 0;
  textLen = 0;
  frame: Frame | null = null;
  /** The ECN field of the packet's IP header: see `Ecn`. */
  ecn = 0;

  /** Options go out in the order and with the padding of the BSDs, not with those of Linux. */
  bsdOptions = false;

  // Options, as `readTcpOptions` finds them; a field says "absent" by the value given.
  /** MSS (RFC 9293 §3.7.1), -1 when absent. */
  mss = -1;
  /** Window scale shift (RFC 7323 §2), as sent, -1 when absent. */
  wscale = -1;
  /** SACK-permitted (RFC 2018 §2). */
  sackOk = false;
  /** Timestamps (RFC 7323 §3): whether there, and TSval, TSecr. */
  hasTs = false;
  tsVal: Seq = seq(0);
  tsEcr: Seq = seq(0);
  /** SACK blocks (RFC 2018 §3): left and right edges, `sackCount` pairs. */
  sackCount = 0;
  readonly sackLeft: Int32Array = new Int32Array(SACK_MOST);
  readonly sackRight: Int32Array = new Int32Array(SACK_MOST);
}

/** Sets `seg.len` from flags and text; to be called when both are known. */
export function measure(seg: Segment): void {
  seg.len = seg.textLen + (seg.flags & SYN ? 1 : 0) + (seg.flags & FIN ? 1 : 0);
}

/** Forgets every option. */
export function clearOptions(seg: Segment): void {
  seg.mss = -1;
  seg.wscale = -1;
  seg.sackOk = false;
  seg.hasTs = false;
  seg.sackCount = 0;
}
