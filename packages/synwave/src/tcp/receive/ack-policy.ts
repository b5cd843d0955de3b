/** When an ACK goes out: RFC 9293 §3.8.6.3, RFC 5681 §4.2, and what it reports (RFC 2018, RFC 2883). */
import { gt, later, lt, type Seq } from '../../base/seq.ts';
import { type Micros, NEVER } from '../../base/time.ts';
import { SACK_MOST, type Segment } from '../../wire/segment.ts';
import { TS_OCTETS } from '../negotiate.ts';
import type { Tcb } from '../tcb.ts';

/** Text in order was taken: the second full-sized segment is acknowledged at once, a single one waits for company. */
export function oweForText(tcb: Tcb, octets: number, now: Micros): void {
  const { ack, rcv, due, config } = tcb;
  const full = Math.min(rcv.mss - (tcb.ts.on ? TS_OCTETS : 0), Math.max(rcv.largest, 1));
  ack.octets += octets;
  if (ack.octets >= 2 * full) ack.now = Math.max(ack.now, 1);
  else if (due.delayedAck === NEVER) due.delayedAck = now + config.delayedAck;
}

/** Text that fills a hole, all or in part, is acknowledged at once: the sender is in recovery (RFC 5681 §4.2). */
export function oweNow(tcb: Tcb): void {
  tcb.ack.now = Math.max(tcb.ack.now, 1);
}

/** RFC 2883 §4: [left, right) was here before; the next ACK says so. */
export function noteTwice(tcb: Tcb, left: Seq, right: Seq): void {
  if (!tcb.sack || !lt(left, right)) return;
  const { ack } = tcb;
  ack.twice = true;
  ack.twiceLeft = left;
  ack.twiceRight = right;
}

/** Fills in the SACK blocks: what came twice, then the span that changed last, then the others (RFC 2018 §4). */
export function reportSack(tcb: Tcb, out: Segment): void {
  const { ack, rcv } = tcb;
  out.sackCount = 0;
  if (!hasNews(tcb)) return;
  const { buffer } = rcv;
  const most = out.hasTs ? SACK_MOST - 1 : SACK_MOST;
  if (ack.twice) {
    block(out, ack.twiceLeft, ack.twiceRight);
    ack.twice = false;
  }
  const { spans } = buffer;
  if (spans === 0) return;
  const lead = buffer.spanOf(ack.latest);
  if (lead >= 0) block(out, buffer.spanLeft(lead), buffer.spanRight(lead));
  for (let i = spans - 1; i >= 0 && out.sackCount < most; i--) {
    if (i !== lead) block(out, buffer.spanLeft(i), buffer.spanRight(i));
  }
}

function block(out: Segment, left: Seq, right: Seq): void {
  out.sackLeft[out.sackCount] = left;
  out.sackRight[out.sackCount] = right;
  out.sackCount++;
}

/** Whether SACK blocks are to be reported. */
export function hasNews(tcb: Tcb): boolean {
  return tcb.sack && (tcb.ack.twice || tcb.rcv.buffer.spans > 0);
}

/** The ACK field and the window went out, and pay `debts` of the ACKs owed. */
export function ackSent(tcb: Tcb, debts: number): void {
  const { ack, due, ts, rcv } = tcb;
  ack.now = Math.max(0, ack.now - debts);
  ack.octets = 0;
  due.delayedAck = NEVER;
  ts.lastAckSent = rcv.nxt;
}

/** The part of [left, right) that was here before: left of RCV.NXT, or held in a span (RFC 2883 §4.1, §4.2). */
export function noteOverlap(tcb: Tcb, left: Seq, right: Seq): void {
  const { rcv } = tcb;
  if (lt(left, rcv.nxt)) {
    noteTwice(tcb, left, gt(right, rcv.nxt) ? rcv.nxt : right);
    return;
  }
  const span = rcv.buffer.spanOf(left);
  if (span < 0) return;
  const end = rcv.buffer.spanRight(span);
  noteTwice(tcb, later(left, rcv.buffer.spanLeft(span)), gt(right, end) ? end : right);
  tcb.ack.latest = left;
}
