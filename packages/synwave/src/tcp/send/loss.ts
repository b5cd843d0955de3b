/** Which segments are lost: RACK (RFC 8985 §6) where the peer SACKs, duplicate ACKs (RFC 5681, RFC 6582) where not. */
import { gt, lt, type Seq } from '../../base/seq.ts';
import { type Micros, NEVER } from '../../base/time.ts';
import type { Tcb } from '../tcb.ts';
import { tsClock } from '../timestamps.ts';
import { Phase } from './recovery-state.ts';
import { Row, type Sent } from './sent.ts';

/** RACK_sent_after of RFC 8985 §6.2. */
function sentAfter(t1: Micros, end1: Seq, t2: Micros, end2: Seq): boolean {
  return t1 > t2 || (t1 === t2 && gt(end1, end2));
}

/**
 * RFC 8985 §6.2, steps 2 and 3, for one row that this ACK delivers, cumulatively or selectively.
 * `echo`: the ACK's TSecr, where `hasEcho`.
 */
export function noteDelivered(tcb: Tcb, sent: Sent, slot: number, echo: Seq, hasEcho: boolean, now: Micros): void {
  const r = tcb.recovery;
  const end = sent.endOf(slot);
  const at = sent.timeOf(slot);
  const again = sent.is(slot, Row.Again);
  if (gt(end, r.fack)) r.fack = end;
  else if (!again && lt(end, r.fack)) r.reorderingSeen = true;
  if (again) {
    // The ACK may be the first transmission's: then its time says nothing about the second.
    if (hasEcho && lt(echo, tsClock(tcb, at))) return;
    if (now - at < tcb.rtt.min) return;
  }
  r.rtt = now - at;
  if (sentAfter(at, end, r.xmitTs, r.endSeq)) {
    r.xmitTs = at;
    r.endSeq = end;
  }
}

/** Step 4: how long a segment may be late before it is lost. */
function reorderingWindow(tcb: Tcb): Micros {
  const r = tcb.recovery;
  if (!r.reorderingSeen) {
    if (r.phase !== Phase.Open) return 0;
    const sent = tcb.snd.sent;
    if (sent !== null && sent.sackedRows >= tcb.config.dupThresh) return 0;
  }
  const { min, srtt } = tcb.rtt;
  return min === NEVER ? 0 : Math.min((r.reoWndMult * min) / 4, srtt);
}

/** A D-SACK came: what was sent again had arrived. The window grows once in a round trip (RFC 8985 §6.2 step 4). */
export function noteDuplicateSack(tcb: Tcb): void {
  const r = tcb.recovery;
  if (r.inDsackRound) return;
  r.dsackRound = tcb.snd.nxt;
  r.inDsackRound = true;
  r.reoWndMult++;
  r.reoWndPersist = 16;
}

/**
 * Step 5: marks as lost what was sent before a delivered segment and has had its time, and arms the reordering timer
 * for the next to follow. Rows in flight are ordered by time, so the walk ends at the first that is not due.
 * Answers whether any row was marked.
 */
export function detectByTime(tcb: Tcb, now: Micros): boolean {
  const { sent } = tcb.snd;
  const r = tcb.recovery;
  tcb.due.reorder = NEVER;
  if (sent === null || r.xmitTs === 0) return false;
  const wait = r.rtt + reorderingWindow(tcb);
  let found = false;
  for (let slot = sent.oldestFlying(); slot >= 0; slot = sent.oldestFlying()) {
    const at = sent.timeOf(slot);
    if (!sentAfter(r.xmitTs, r.endSeq, at, sent.endOf(slot))) break;
    if (at + wait > now) {
      tcb.due.reorder = at + wait;
      break;
    }
    sent.lose(slot);
    found = true;
  }
  return found;
}

/**
 * RFC 6675 §4, IsLost, for who does not go by time: DupThresh segments above are SACKed. What went out again has the
 * retransmission timer. Answers whether any row was marked.
 */
export function detectBySack(tcb: Tcb): boolean {
  const { sent } = tcb.snd;
  const { dupThresh } = tcb.config;
  if (sent === null || sent.sackedRows < dupThresh) return false;
  let above = 0;
  let found = false;
  for (let i = sent.count - 1; i >= 0; i--) {
    const slot = sent.at(i);
    if (sent.is(slot, Row.Sacked)) above++;
    else if (above >= dupThresh && !sent.is(slot, Row.Lost) && !sent.is(slot, Row.Again)) {
      sent.lose(slot, true); // from above downwards, so that the lowest comes first
      found = true;
    }
  }
  return found;
}

/**
 * RFC 6582 §3.2 without SACK: the third duplicate ACK says that the first segment is lost, and a partial ACK in
 * recovery that the next one is. Answers whether a row was marked.
 */
export function detectByCount(tcb: Tcb, partial: boolean): boolean {
  const { sent } = tcb.snd;
  const r = tcb.recovery;
  if (sent === null || sent.count === 0) return false;
  const first = sent.at(0);
  if (sent.is(first, Row.Lost)) return false;
  // A piece of what was cut for a narrower path, sent again in this episode, is no hole that a partial ACK tells of.
  if (partial && sent.is(first, Row.Again) && sent.timeOf(first) >= r.began) return false;
  const due = r.phase === Phase.Open ? r.duplicates >= tcb.config.dupThresh : partial;
  if (due) sent.lose(first);
  return due;
}

/** RFC 8985 §6.3: after a timeout the first segment is lost, and the others that were sent a round trip ago or more. */
export function loseOnTimeout(tcb: Tcb, now: Micros): void {
  const { sent } = tcb.snd;
  if (sent === null || sent.count === 0) return;
  const first = sent.at(0);
  if (sent.is(first, Row.Sacked)) {
    // The peer holds what it does not acknowledge: it has reneged (RFC 2018 §8). Its SACKs count for nothing.
    for (let i = 0; i < sent.count; i++) if (sent.is(sent.at(i), Row.Sacked)) sent.renege(sent.at(i));
    tcb.scoreboard?.clear();
  }
  const wait = tcb.sack && tcb.config.lossDetection === 'rack' ? tcb.recovery.rtt + reorderingWindow(tcb) : 0;
  for (let slot = sent.oldestFlying(); slot >= 0; slot = sent.oldestFlying()) {
    if (sent.timeOf(slot) + wait > now) break;
    sent.lose(slot);
  }
  if (sent.is(first, Row.Lost)) sent.hurry(first);
  else sent.lose(first, true);
}
