/** When an ACK goes out: RFC 9293 §3.8.6.3, RFC 5681 §4.2, and what it reports (RFC 2018, RFC 2883). */
import { gt, later, lt, type Seq } from '../../base/seq.ts';
import { type Micros, NEVER } from '../../base/time.ts';
import { SACK_MOST, type Segment } from '../../wire/segment.ts';
import { TS_OCTETS } from '../negotiate.ts';
import type { Tcb } from '../tcb.ts';
import type { ReceiveBuffer } from './buffer.ts';

/** Octets of options that a header holds (RFC 9293 §3.1). */
const OPTIONS_MOST = 40;

/** Text in order was taken: the second full-sized segment is acknowledged at once, a single one waits for company. */
export function oweForText(tcb: Tcb, octets: number, now: Micros): void {
  const { ack, rcv, due, config } = tcb;
  const full = Math.min(rcv.mss - (tcb.ts.on ? TS_OCTETS : 0), Math.max(rcv.largest, 1));
  ack.octets += octets;
  ack.textAt = now;
  if (ack.quick < 0) ack.quick = quickAcks(tcb, full);
  const second = config.ackEvery === 'second' ? due.delayedAck !== NEVER : ack.octets >= 2 * full;
  if (second || ack.quick > 0) ack.now = Math.max(ack.now, 1);
  else if (due.delayedAck === NEVER) due.delayedAck = now + config.delayedAck;
}

/** A sender in slow start needs ACKs to get going: that many are not held back, less where the window is small. */
function quickAcks({ config, rcv }: Tcb, full: number): number {
  if (config.quickAcks === 0) return 0;
  return Math.min(config.quickAcks, Math.max(2, Math.floor(rcv.most / (2 * full))));
}

/** Text goes out soon after some has come in: programs that answer each other, and ACKs have company. */
export function noteAnswer(tcb: Tcb, now: Micros): void {
  const { ack, config } = tcb;
  if (ack.quick > 0 && now - ack.textAt <= config.delayedAck) ack.quick = 0;
}

/** Text that fills a hole, all or in part, is acknowledged at once: the sender is in recovery (RFC 5681 §4.2). */
export function oweNow(tcb: Tcb): void {
  tcb.ack.now = Math.max(tcb.ack.now, 1);
}

/** RFC 2883 §4: [left, right) was here before; the next ACK says so. */
export function noteTwice(tcb: Tcb, left: Seq, right: Seq): void {
  if (!tcb.sack || !tcb.config.duplicateSack || !lt(left, right)) return;
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
  // What the other options and a narrow path leave: 8 octets for each block, behind 4 (RFC 2018 §3).
  const room = Math.min(OPTIONS_MOST, tcb.pathMss) - (out.hasTs ? TS_OCTETS : 0) - 4;
  const most = Math.min(room >> 3, SACK_MOST);
  if (most <= 0) return;
  if (ack.twice) {
    block(out, ack.twiceLeft, ack.twiceRight);
    ack.twice = false;
  }
  const first = out.sackCount;
  for (let k = 0; ack.latest !== null && k < ack.latest.length && out.sackCount < most; k++) {
    reportSpan(out, buffer, buffer.spanOf(ack.latest[k] as Seq), first);
  }
  for (let i = buffer.spans - 1; i >= 0 && out.sackCount < most; i--) reportSpan(out, buffer, i, first);
}

/** A span that is not among the blocks yet, of which those before `first` report duplicates. */
function reportSpan(out: Segment, buffer: ReceiveBuffer, span: number, first: number): void {
  if (span < 0) return;
  const left = buffer.spanLeft(span);
  for (let i = first; i < out.sackCount; i++) if (out.sackLeft[i] === left) return;
  block(out, left, buffer.spanRight(span));
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
  if (ack.quick > 0) ack.quick--;
  due.delayedAck = NEVER;
  ts.lastAckSent = rcv.nxt;
}

/** The span that holds `at` has changed: it leads the SACK blocks from now on. */
export function noteLatest(tcb: Tcb, at: Seq): void {
  tcb.ack.latest ??= new Int32Array(SACK_MOST).fill(at);
  const { latest } = tcb.ack;
  const { buffer } = tcb.rcv;
  const span = buffer.spanOf(at);
  let i = 0;
  while (i < latest.length - 1 && buffer.spanOf(latest[i] as Seq) !== span) i++;
  latest.copyWithin(1, 0, i);
  latest[0] = at;
}

/** The part of [left, right) that was here before: left of RCV.NXT, or held in a span (RFC 2883 §4.1, §4.2). */
export function noteOverlap(tcb: Tcb, left: Seq, right: Seq): void {
  const { rcv } = tcb;
  if (lt(left, rcv.nxt)) {
    noteTwice(tcb, left, gt(right, rcv.nxt) ? rcv.nxt : right);
    return;
  }
  const { buffer } = rcv;
  const span = buffer.spanFrom(left);
  if (span === buffer.spans) return;
  const end = buffer.spanRight(span);
  noteTwice(tcb, later(left, buffer.spanLeft(span)), gt(right, end) ? end : right);
  if (buffer.spanOf(left) === span) noteLatest(tcb, left);
}
