/** What to send now, if anything: one segment at a time, the most urgent first. */
import type { Frame } from '../base/frame.ts';
import { add, diff, gt, type Seq, seq } from '../base/seq.ts';
import { type Micros, NEVER } from '../base/time.ts';
import { ACK, clearOptions, ECE, Ecn, FIN, PSH, type Segment, SYN, URG } from '../wire/segment.ts';
import { askForEcn, permitMark } from './ecn.ts';
import { noteProbe, probeText, WAIT } from './mtu-probe.ts';
import { type MtuSearch, ProbeState } from './mtu-search.ts';
import { announce } from './negotiate.ts';
import { ackSent, hasNews, noteAnswer, reportSack } from './receive/ack-policy.ts';
import { openWindow, windowField } from './receive/window.ts';
import { burstSegments, congestionRoom, sendable, unsent } from './send/limits.ts';
import { Phase } from './send/recovery-state.ts';
import { Row, type Sent } from './send/sent.ts';
import { armLossProbe, noteProbeSent } from './send/tail-probe.ts';
import { persistTime, usable } from './send/window.ts';
import { State } from './state.ts';
import { move, Probe, queuedEnd, type Tcb } from './tcb.ts';
import { tsClock } from './timestamps.ts';

/**
 * Fills `out`, and `frame` from `frame.at` with the text, with the next segment that is due; false: nothing is.
 * `most`: the largest text that one packet may carry, a multiple of the MSS where the link cuts super segments; one that
 * is to be cut says so in `frame.cutTo`.
 */
export function nextSegment(tcb: Tcb, out: Segment, frame: Frame, most: number, now: Micros): boolean {
  clearOptions(out);
  out.ecn = Ecn.NotEct;
  out.textLen = 0;
  out.up = 0;
  frame.end = frame.at;
  frame.cutTo = 0;
  switch (tcb.state) {
    case State.Closed:
    case State.Listen:
      return false;
    case State.SynSent:
    case State.SynReceived:
      return nextSyn(tcb, out, now) || (tcb.state === State.SynReceived && nextAck(tcb, out, now));
    case State.TimeWait:
      return nextAck(tcb, out, now);
    default:
      return (
        nextLost(tcb, out, frame, now) ||
        nextNew(tcb, out, frame, most, now) ||
        nextProbe(tcb, out, frame, now) ||
        nextAck(tcb, out, now)
      );
  }
}

/** SYN, or SYN,ACK: the first time, and again when it is lost. */
function nextSyn(tcb: Tcb, out: Segment, now: Micros): boolean {
  const { snd } = tcb;
  const answers = tcb.state === State.SynReceived;
  if (snd.nxt === snd.iss) {
    snd.nxt = add(snd.iss, 1);
    table(tcb).push(snd.iss, snd.nxt, Row.Syn, now);
  } else {
    const { sent } = snd;
    const slot = sent === null ? -1 : sent.firstLost();
    if (sent === null || slot < 0) return false;
    sent.again(slot, now);
    tcb.tally.retransmits++;
  }
  sendSyn(tcb, out, answers, now);
  return true;
}

function sendSyn(tcb: Tcb, out: Segment, answers: boolean, now: Micros): void {
  out.seq = tcb.snd.iss;
  out.flags = (answers ? SYN | ACK : SYN) | askForEcn(tcb, answers);
  out.ack = answers ? tcb.rcv.nxt : seq(0);
  announce(tcb, out, answers, now);
  out.wnd = windowField(tcb.rcv, false);
  out.len = 1;
  armRetransmit(tcb, now);
  if (answers) ackSent(tcb, 1);
  tcb.tally.segmentsOut++;
}

/** A segment that is deemed lost goes out again, as congestion control allows. */
function nextLost(tcb: Tcb, out: Segment, frame: Frame, now: Micros): boolean {
  const { sent } = tcb.snd;
  if (sent === null) return false;
  const slot = sent.firstLost();
  if (slot < 0) return false;
  if ((tcb.probe & Probe.Retransmit) !== 0) {
    tcb.probe &= ~Probe.Retransmit;
  } else {
    const room = congestionRoom(tcb);
    // PRR counts octets, and its sums are not multiples of a segment: what it allows is rounded up.
    if (tcb.recovery.phase === Phase.Fast ? room <= 0 : room < Math.min(sent.octetsOf(slot), tcb.snd.mss)) return false;
  }
  sendRow(tcb, sent, slot, out, frame, now);
  return true;
}

/** Rows that a narrower path, or a lost probe of its MTU, has left too large are cut before the first of them goes out again. */
function cutRows(tcb: Tcb, sent: Sent): void {
  sent.split(tcb.snd.mss);
  if (tcb.search?.probe === ProbeState.Flying) tcb.search.dismiss();
}

/** One row again, as it was first sent; of one that is too large now, the first piece. */
function sendRow(tcb: Tcb, sent: Sent, row: number, out: Segment, frame: Frame, now: Micros): void {
  const { snd, tally, recovery: r } = tcb;
  const from = sent.seqOf(row);
  let slot = row;
  if (sent.textOf(row) > snd.mss) {
    cutRows(tcb, sent);
    slot = sent.at(sent.find(from));
  }
  const end = sent.endOf(slot);
  sent.again(slot, now);
  if (sent.is(slot, Row.Syn)) {
    // CLOSE in SYN-RECEIVED has led to FIN-WAIT-1, and the SYN,ACK was lost.
    tally.retransmits++;
    sendSyn(tcb, out, true, now);
    return;
  }
  if (!r.hasFirstAgain) {
    r.hasFirstAgain = true;
    r.firstAgain = tsClock(tcb, now);
  }
  const hasFin = sent.is(slot, Row.Fin);
  const wasPushed = tcb.config.pushBursts && sent.is(slot, Row.Push);
  out.seq = from;
  putText(tcb, out, frame, from, hasFin ? diff(end, from) - 1 : diff(end, from));
  out.flags = ACK | (hasFin ? FIN : 0);
  if (out.textLen > 0 && (add(from, out.textLen) === queuedEnd(snd) || wasPushed)) out.flags |= PSH;
  tally.retransmits++;
  tally.octetsAgain += out.textLen;
  spend(tcb, out.textLen);
  finish(tcb, out, now);
  armRetransmit(tcb, now);
}

/** New text, a FIN after the last of it, or both. */
function nextNew(tcb: Tcb, out: Segment, frame: Frame, most: number, now: Micros): boolean {
  const { snd } = tcb;
  const override = (tcb.probe & Probe.Override) !== 0;
  // RFC 5681 §4.1.
  if (snd.nxt === snd.una && now - tcb.sentAt > tcb.rtt.rto && tcb.config.restartAfterIdle) tcb.congestion?.onIdle();
  const { search } = tcb;
  const probe = search === null ? 0 : probeText(tcb, search, now);
  if (search !== null && probe > 0) return sendMtuProbe(tcb, search, out, frame, probe, now);
  if (probe === WAIT) {
    tcb.recovery.limited = true;
    return false;
  }
  // What is queued behind an idle connection may go at once, to its end (BSDs); what waits for a window may not.
  if (snd.nxt === snd.una) snd.idleEnd = queuedEnd(snd);
  else if (now !== tcb.sentAt) snd.idleEnd = snd.una;
  if (tcb.config.pushBursts && !gt(snd.burst, snd.nxt)) beginBurst(tcb, override);
  const n = sendable(tcb, most, override);
  const fin = finIsDue(tcb, n);
  if (n === 0 && !fin) {
    armPersist(tcb, now);
    return false;
  }
  tcb.probe &= ~Probe.Override;
  sendNew(tcb, out, frame, n, snd.mss, fin, now);
  if (n > 0) {
    permitMark(tcb, out);
    noteAnswer(tcb, now);
  }
  armLossProbe(tcb, now);
  return true;
}

/** The segments that Linux would hand to hardware as one: two at least, more where the rate or a short path suggests it. */
function beginBurst(tcb: Tcb, override: boolean): void {
  const { snd } = tcb;
  const n = sendable(tcb, burstSegments(tcb) * snd.mss, override);
  snd.burst = add(snd.nxt, n > snd.mss ? n : 0);
}

/** RFC 4821 §7.5: `n` octets of new text in one segment, larger than the MSS. */
function sendMtuProbe(tcb: Tcb, search: MtuSearch, out: Segment, frame: Frame, n: number, now: Micros): boolean {
  const from = tcb.snd.nxt;
  sendNew(tcb, out, frame, n, n, false, now);
  permitMark(tcb, out);
  noteProbe(tcb, search, from);
  armLossProbe(tcb, now);
  return true;
}

/** `n` octets of new text, in rows of `most`. */
function sendNew(tcb: Tcb, out: Segment, frame: Frame, n: number, most: number, fin: boolean, now: Micros): void {
  const { snd } = tcb;
  const from = snd.nxt;
  out.seq = from;
  putText(tcb, out, frame, from, n);
  if (n > most) frame.cutTo = most;
  out.flags = ACK;
  // MUST-61: the last octet queued is pushed.
  const pushed = n > 0 && (add(from, n) === queuedEnd(snd) || (tcb.config.pushBursts && add(from, n) === snd.burst));
  if (pushed) out.flags |= PSH;
  if (n > 0 && n < snd.mss) snd.small = add(from, n);
  if (fin) out.flags |= FIN;
  // A row for each segment that the peer will see, also where the link cuts this one up.
  const sent = table(tcb);
  const end = add(from, n + (fin ? 1 : 0));
  let at = from;
  while (diff(end, at) > most + (fin ? 1 : 0)) {
    sent.push(at, add(at, most), 0, now);
    at = add(at, most);
  }
  sent.push(at, end, (fin ? Row.Fin : 0) | (pushed ? Row.Push : 0), now);
  snd.nxt = end;
  tcb.sentAt = now;
  tcb.tally.octetsOut += n;
  if (tcb.config.userTimeout > 0 && tcb.due.user === NEVER) tcb.due.user = now + tcb.config.userTimeout;
  // §3.10.4: in CLOSE-WAIT the FIN, once sent, leads to LAST-ACK.
  if (fin && tcb.state === State.CloseWait) move(tcb, State.LastAck);
  spend(tcb, n);
  finish(tcb, out, now);
  armRetransmit(tcb, now);
}

/** Whether a FIN follows the next `n` octets. It asks for one octet of the peer's window. */
function finIsDue(tcb: Tcb, n: number): boolean {
  const { snd } = tcb;
  if (!snd.closing || diff(queuedEnd(snd), snd.nxt) !== n) return false;
  return usable(snd) > n || (usable(snd) === n && n > 0);
}

/** Probes: of the tail, of a closed window, of an idle peer. */
function nextProbe(tcb: Tcb, out: Segment, frame: Frame, now: Micros): boolean {
  const { probe, snd } = tcb;
  if (probe === 0) return false;
  tcb.probe = 0;
  if ((probe & Probe.Tail) !== 0) return sendTailProbe(tcb, out, frame, now);
  if ((probe & Probe.Window) !== 0) {
    const data = unsent(tcb);
    if (data === 0 && !(snd.closing && snd.nxt === queuedEnd(snd))) return false;
    tcb.tally.zeroWindowProbes++;
    if (tcb.config.windowProbe === 'ack') return sendOld(tcb, out, snd.una, now);
    sendNew(tcb, out, frame, Math.min(data, 1), snd.mss, data === 0, now); // never marked (RFC 3168 §6.1.6)
    return true;
  }
  if ((probe & Probe.KeepAlive) !== 0) {
    tcb.tally.keepAliveProbes++;
    return sendOld(tcb, out, snd.nxt, now);
  }
  return false;
}

/** An ACK from left of the window, which the peer must answer (§3.8.4). */
function sendOld(tcb: Tcb, out: Segment, before: Seq, now: Micros): boolean {
  out.seq = add(before, -1);
  out.flags = ACK;
  // The peer need not look at its ACK field (§3.10.7.4, first): an ACK that is owed stays owed.
  fill(tcb, out, now);
  return true;
}

/** RFC 8985 §7.3: a segment of new text if there is one and the window takes it, or else the last one again. */
function sendTailProbe(tcb: Tcb, out: Segment, frame: Frame, now: Micros): boolean {
  const { snd } = tcb;
  const { sent } = snd;
  const n = Math.min(unsent(tcb), snd.mss, Math.max(usable(snd), 0));
  if (n > 0) {
    sendNew(tcb, out, frame, n, snd.mss, finIsDue(tcb, n), now);
    permitMark(tcb, out);
    noteProbeSent(tcb, false);
    return true;
  }
  if (sent === null || sent.count === 0) return false;
  if (sent.textOf(sent.at(sent.count - 1)) > snd.mss) cutRows(tcb, sent);
  const last = sent.at(sent.count - 1);
  if (sent.is(last, Row.Sacked)) return false;
  sendRow(tcb, sent, last, out, frame, now);
  noteProbeSent(tcb, true);
  return true;
}

/** An ACK that nothing else has carried. */
function nextAck(tcb: Tcb, out: Segment, now: Micros): boolean {
  if (tcb.ack.now === 0) return false;
  out.seq = tcb.snd.nxt;
  out.flags = ACK;
  finish(tcb, out, now);
  return true;
}

/** Copies text of the send buffer into the frame. */
function putText(tcb: Tcb, out: Segment, frame: Frame, from: Seq, n: number): void {
  const { snd } = tcb;
  if (n > 0) snd.buffer.copy(diff(from, snd.head), frame.bytes, frame.at, n);
  frame.end = frame.at + n;
  out.textLen = n;
}

/** What every segment with an ACK carries; it pays an ACK that is owed. */
function finish(tcb: Tcb, out: Segment, now: Micros): void {
  // A full segment has no room for SACK blocks beside its text: they go on segments without, which stay owed.
  const silent = out.textLen > 0 && hasNews(tcb);
  fill(tcb, out, now);
  ackSent(tcb, silent ? 0 : 1);
}

/** The same, and nothing is paid by it. */
function fill(tcb: Tcb, out: Segment, now: Micros): void {
  const { snd, rcv, ts } = tcb;
  out.ack = rcv.nxt;
  openWindow(tcb);
  if (tcb.ecn.echo) out.flags |= ECE;
  out.wnd = windowField(rcv, tcb.scaled);
  out.bsdOptions = tcb.config.optionOrder === 'bsd';
  if (ts.on) {
    out.hasTs = true;
    out.tsVal = tsClock(tcb, now);
    out.tsEcr = ts.recent;
  }
  if (out.textLen === 0) reportSack(tcb, out);
  if (snd.urgent && gt(snd.up, out.seq)) {
    out.flags |= URG;
    out.up = Math.min(diff(snd.up, out.seq), 0xffff);
  }
  out.len = out.textLen + ((out.flags & FIN) !== 0 ? 1 : 0);
  tcb.tally.segmentsOut++;
}

/** Octets go out: recovery's allowance shrinks (RFC 6937 §3, prr_out). */
function spend(tcb: Tcb, octets: number): void {
  const r = tcb.recovery;
  if (r.phase !== Phase.Fast) return;
  r.budget -= octets;
  r.prrOut += octets;
}

/** RFC 6298 §5.1: something is in flight, so the timer runs. */
function armRetransmit(tcb: Tcb, now: Micros): void {
  if (tcb.due.retransmit === NEVER) tcb.due.retransmit = now + tcb.rtt.rto;
  tcb.due.persist = NEVER;
}

/** Text waits, nothing is in flight, and the window is closed or silly: only a timer can go on (§3.8.6.1). */
function armPersist(tcb: Tcb, now: Micros): void {
  const { snd, due } = tcb;
  if (snd.nxt !== snd.una || due.persist !== NEVER || tcb.ecn.held) return;
  if (unsent(tcb) === 0 && !(snd.closing && snd.nxt === queuedEnd(snd))) return;
  due.persist = now + (usable(snd) <= 0 ? persistTime(tcb) : tcb.config.override);
}

/** The table of rows, borrowed with the first segment in flight. */
function table(tcb: Tcb): Sent {
  const { snd } = tcb;
  snd.sent ??= tcb.store.takeSent();
  return snd.sent;
}
