/** An acceptable ACK arrives: what it delivers, what that says about time, loss and congestion. */
import { Ranges } from '../../base/ranges.ts';
import { add, diff, ge, gt, le, lt, type Seq, seq } from '../../base/seq.ts';
import { MILLISECOND, type Micros, NEVER } from '../../base/time.ts';
import { ECE, FIN, type Segment, SYN } from '../../wire/segment.ts';
import { leaveWindow } from '../ecn.ts';
import { News } from '../failure.ts';
import { confirmSize, judgeProbe } from '../mtu-probe.ts';
import { queuedEnd, type Tcb } from '../tcb.ts';
import { echoedRtt } from '../timestamps.ts';
import { detectByCount, detectBySack, detectByTime, noteDelivered, noteDuplicateSack } from './loss.ts';
import { afterAck, heedMark, lossFound, undo } from './recover.ts';
import { Phase } from './recovery-state.ts';
import { Row, type Sent } from './sent.ts';
import { armLossProbe, noteProbeAcked } from './tail-probe.ts';

/** SACKed spans that one connection remembers; a peer that reports more is not believed further. */
const SPANS = 4096;
/** The writer hears of room when this part of the buffer is free. */
const WRITABLE = 4;

/** SND.UNA =< SEG.ACK =< SND.NXT. */
export function acknowledge(tcb: Tcb, seg: Segment, now: Micros): void {
  const { snd, recovery: r, rtt } = tcb;
  const { sent } = snd;
  const acked = diff(seg.ack, snd.una);
  if (sent === null) {
    noteProbeAcked(tcb, seg, acked); // the other copy's ACK may come when all is acknowledged
    return;
  }
  const before = sent.sackedOctets;
  const samples = rtt.samples;

  // What the ACK covers comes off the table; the oldest segment sent once gives the sample (RFC 6298 §3).
  let sample: Micros = -1;
  let ambiguous = false;
  let again: Micros = 0;
  let firstAgain: Micros = NEVER;
  while (sent.count > 0) {
    const slot = sent.at(0);
    if (gt(sent.endOf(slot), seg.ack)) {
      if (lt(sent.seqOf(slot), seg.ack)) sent.trim(seg.ack);
      break;
    }
    const octets = sent.octetsOf(slot);
    if (octets > snd.largest) snd.largest = octets;
    if (!sent.is(slot, Row.Sacked)) {
      noteDelivered(tcb, sent, slot, seg.tsEcr, seg.hasTs && tcb.ts.on, now);
      if (sent.is(slot, Row.Again)) {
        ambiguous = true;
        again = Math.max(again, sent.timeOf(slot));
        firstAgain = Math.min(firstAgain, sent.timeOf(slot));
      } else if (sample < 0) sample = now - sent.timeOf(slot);
    }
    sent.shift();
  }
  const inFlight = diff(snd.nxt, snd.una);
  if (acked > 0) advance(tcb, seg.ack, acked, now);

  // A mistaken episode ends before losses are looked for: what RACK has its own reasons for is found lost again.
  const spurious = acked > 0 && isSpurious(tcb, seg, firstAgain);
  if (spurious) undo(tcb);
  let newest: Micros = -1;
  if (tcb.sack && seg.sackCount > 0) newest = takeSack(tcb, sent, seg, now);

  // Karn's rule (MUST-18): an ACK that covers a retransmission gives no sample, unless its timestamp does.
  if (ambiguous) sample = acked > 0 ? echoedRtt(tcb, seg, now) : -1;
  // An echo from before the retransmission may be what the receiver repeats for a duplicate (RFC 7323 §5.3 R2 forgets its
  // timestamp): the time since then is no round trip where the first ACK was lost. The backoff stays, as without an echo.
  const repeated = ambiguous && sample > now - again + MILLISECOND;
  if (repeated) sample = -1;
  if (sample < 0) sample = newest;
  if (sample >= 0) rtt.sample(sample, tcb.config, now);
  else if (acked > 0 && tcb.ts.on && ambiguous && !repeated) rtt.settle(tcb.config);

  const partial = acked > 0 && r.phase === Phase.Fast && lt(seg.ack, r.point);
  const departed = tcb.sack ? sent.sackedOctets - before : countDuplicate(tcb, seg, acked);
  // RFC 5681 §3.2 step 2: the flight to halve is that of before limited transmit.
  if (acked > 0) r.flight = 0;
  else if (departed > 0 && r.flight === 0) r.flight = inFlight;
  noteProbeAcked(tcb, seg, acked);
  const { ecn, search } = tcb;
  if (search !== null) confirmSize(tcb, search, now);
  const lost = !tcb.sack
    ? detectByCount(tcb, partial)
    : tcb.config.lossDetection === 'rack'
      ? detectByTime(tcb, now)
      : detectBySack(tcb);
  if (lost) lossFound(tcb, inFlight, now);
  const marked = ecn.on && (seg.flags & (ECE | SYN)) === ECE;
  if (marked) heedMark(tcb, seg.ack, inFlight, now);
  // RFC 3168 §6.1.2: the ACK of what was marked does not widen the window.
  const welcome = marked && r.phase !== Phase.Fast ? 0 : acked;
  if (!spurious) afterAck(tcb, welcome, acked + departed, lost, now);
  if (ecn.inWindow) leaveWindow(tcb);
  if (search !== null) judgeProbe(tcb, search, now);

  // RFC 6298 §5.2, §5.3: nothing in flight, no timer; news, a new timer.
  if (sent.count === 0) {
    if (!ecn.held) tcb.due.retransmit = NEVER;
  } else if (acked > 0) tcb.due.retransmit = now + rtt.rto;
  if (acked > 0 || rtt.samples > samples) armLossProbe(tcb, now);
  if (sent.count === 0) giveBack(tcb);
}

/** SND.UNA <- SEG.ACK: the octets leave the buffer, and who waits for room or for the end hears of it. */
function advance(tcb: Tcb, ack: Seq, acked: number, now: Micros): void {
  const { snd, due, config } = tcb;
  snd.una = ack;
  tcb.attempts = 0;
  if (snd.urgent && ge(ack, snd.up)) snd.urgent = false;
  const end = queuedEnd(snd);
  const text = Math.min(diff(ack, snd.head), diff(end, snd.head));
  if (text > 0) {
    snd.buffer.drop(tcb.store, text);
    snd.head = add(snd.head, text);
  }
  tcb.scoreboard?.trimBefore(ack);
  if (tcb.writerWaits && snd.buffer.room * WRITABLE >= snd.buffer.capacity) {
    tcb.writerWaits = false;
    tcb.news |= News.Writable;
  }
  if (snd.buffer.length === 0) tcb.news |= News.Drained;
  if (acked > 0 && due.user !== NEVER) due.user = snd.una === snd.nxt ? NEVER : now + config.userTimeout;
}

/**
 * RFC 2018 §5: marks the rows that the blocks cover. Only what is new in a block is walked, so that the work over
 * a connection grows with its segments and not with its ACKs. Answers the newest sample, or -1.
 */
function takeSack(tcb: Tcb, sent: Sent, seg: Segment, now: Micros): Micros {
  const { snd } = tcb;
  tcb.scoreboard ??= new Ranges(SPANS);
  const board = tcb.scoreboard;
  let sample: Micros = -1;
  for (let i = 0; i < seg.sackCount; i++) {
    let left = seq(seg.sackLeft[i] as number);
    const right = seq(seg.sackRight[i] as number);
    if (!lt(left, right)) continue;
    if (i === 0 && isDuplicateSack(seg, left, right)) {
      noteDuplicateSack(tcb);
      continue;
    }
    if (!gt(right, snd.una) || gt(right, snd.nxt)) continue; // old, or of what was never sent
    if (lt(left, snd.una)) left = snd.una;
    while (lt(left, right)) {
      // The next stretch of the block that is not on the board yet.
      const at = board.find(left);
      if (at < board.count && ge(left, board.left(at))) {
        left = board.right(at);
        continue;
      }
      const gapEnd = at < board.count && lt(board.left(at), right) ? board.left(at) : right;
      if (!board.add(left, gapEnd)) return sample;
      const s = sackRows(tcb, sent, left, gapEnd, seg, now);
      if (s >= 0) sample = s;
      left = gapEnd;
    }
  }
  return sample;
}

/** RFC 2883 §4: a first block left of the ACK, or inside the second block, reports what came twice. */
function isDuplicateSack(seg: Segment, left: Seq, right: Seq): boolean {
  if (le(right, seg.ack)) return true;
  if (seg.sackCount < 2) return false;
  return ge(left, seq(seg.sackLeft[1] as number)) && le(right, seq(seg.sackRight[1] as number));
}

/** Marks the rows that lie wholly on the board now and touch [left, right). */
function sackRows(tcb: Tcb, sent: Sent, left: Seq, right: Seq, seg: Segment, now: Micros): Micros {
  const board = tcb.scoreboard as Ranges;
  let sample: Micros = -1;
  for (let i = sent.find(left); i < sent.count; i++) {
    const slot = sent.at(i);
    if (ge(sent.seqOf(slot), right)) break;
    if (sent.is(slot, Row.Sacked) || !board.covers(sent.seqOf(slot), sent.endOf(slot))) continue;
    noteDelivered(tcb, sent, slot, seg.tsEcr, seg.hasTs && tcb.ts.on, now);
    if (!sent.is(slot, Row.Again)) sample = now - sent.timeOf(slot);
    sent.sack(slot);
  }
  return sample;
}

/**
 * RFC 5681 §2: no text, no SYN or FIN, the window unchanged, something in flight. Each stands for a segment that left
 * the network; answers its octets.
 */
function countDuplicate(tcb: Tcb, seg: Segment, acked: number): number {
  const { snd, recovery: r } = tcb;
  if (acked > 0) {
    r.duplicates = 0;
    r.departed = r.phase === Phase.Fast ? Math.max(0, r.departed - Math.max(0, acked - snd.mss)) : 0;
    return 0;
  }
  const isDuplicate =
    seg.textLen === 0 &&
    (seg.flags & (SYN | FIN)) === 0 &&
    seg.wnd << snd.scale === snd.wnd &&
    snd.wnd > 0 && // the answer to a probe says that it arrived
    snd.sent !== null &&
    snd.sent.count > 0;
  if (!isDuplicate) return 0;
  r.duplicates++;
  r.departed += snd.mss;
  return snd.mss;
}

/**
 * Eifel (RFC 3522 §3.2): the ACK that ends the doubt echoes a timestamp from before the first retransmission, so the
 * original had arrived and the retransmission was in vain. `firstAgain`: when the first of what it covers went out again;
 * if that was before this episode, the echo may be that one's.
 */
function isSpurious(tcb: Tcb, seg: Segment, firstAgain: Micros): boolean {
  const r = tcb.recovery;
  if (r.phase === Phase.Open || !r.hasFirstAgain || !r.undoable) return false;
  r.undoable = false; // only the first acceptable ACK tells
  if (firstAgain < r.doubtedAt) return false;
  return tcb.ts.on && seg.hasTs && lt(seg.tsEcr, r.firstAgain);
}

/** The table goes back to the store when nothing is in flight. */
function giveBack(tcb: Tcb): void {
  const { snd } = tcb;
  if (snd.sent !== null) tcb.store.giveSent(snd.sent);
  snd.sent = null;
  tcb.scoreboard = null;
}
