/** A super segment is cut into segments, as the carrier that it was made for would have cut it (RFC 9293 §3.1). */
import type { Frame } from '../base/frame.ts';
import { CWR, FIN, PSH } from './segment.ts';

const SEQ = 4;
const OFFSET = 12;
const FLAGS = 13;

/** Octets in front of the text of the IP packet at `frame.at` whose TCP header stands at `tcpAt`. */
export function headersOf(frame: Frame, tcpAt: number): number {
  return tcpAt - frame.at + ((frame.view.getUint8(tcpAt + OFFSET) >> 4) << 2);
}

/**
 * Writes into `piece`, which is empty, a packet with the text of `whole` from `from` on, `whole.cutTo` octets at most.
 * The sums and the length in the IP header are left to the caller. Answers where the next one begins, -1 after the last.
 * FIN and PSH go with the last; CWR with the first, for the peer needs it once (RFC 3168 §6.1.2).
 */
export function cutTcp(whole: Frame, tcpAt: number, piece: Frame, from: number): number {
  const { bytes, view, at, end, cutTo } = whole;
  const headers = headersOf(whole, tcpAt);
  const text = at + headers + from;
  const count = Math.min(cutTo, end - text);
  const start = piece.at;
  piece.bytes.set(bytes.subarray(at, at + headers), start);
  piece.bytes.set(bytes.subarray(text, text + count), start + headers);
  piece.end = start + headers + count;
  const more = text + count < end;
  const tcp = start + tcpAt - at;
  let flags = view.getUint8(tcpAt + FLAGS);
  if (more) flags &= ~(FIN | PSH);
  if (from > 0) flags &= ~CWR;
  piece.view.setUint8(tcp + FLAGS, flags);
  piece.view.setInt32(tcp + SEQ, (view.getInt32(tcpAt + SEQ) + from) | 0);
  return more ? from + count : -1;
}
