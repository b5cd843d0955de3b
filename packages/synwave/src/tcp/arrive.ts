/** RFC 9293 §3.10.7.4: a segment arrives in any state from SYN-RECEIVED on. The steps, in the RFC's order. */
import { add, ge, gt, lt } from '../base/seq.ts';
import { type Micros, NEVER } from '../base/time.ts';
import { Drop } from '../wire/drop.ts';
import { ACK, CWR, ECE, Ecn, FIN, RST, type Segment, SYN, URG } from '../wire/segment.ts';
import { acceptable, rcvWnd } from './acceptable.ts';
import { challenge } from './challenge.ts';
import { drop } from './drop.ts';
import { disarm } from './due.ts';
import { confirmEcn, takeMark } from './ecn.ts';
import { end } from './end.ts';
import { Failure, News } from './failure.ts';
import { beginSearch } from './mtu-probe.ts';
import { growBuffers } from './negotiate.ts';
import { noteTwice, oweNow } from './receive/ack-policy.ts';
import { takeText } from './receive/text.ts';
import { acknowledge } from './send/ack.ts';
import { updateWindow } from './send/window.ts';
import { State } from './state.ts';
import { Stop } from './stop.ts';
import { move, type Tcb } from './tcb.ts';
import { isFromThePast, rememberTs } from './timestamps.ts';

/** The whole walk. */
export function arriveSynchronized(tcb: Tcb, seg: Segment, now: Micros): Stop {
  return (
    checkSequence(tcb, seg, now) || //  first
    checkReset(tcb, seg, now) || //     second (third, security: not ours)
    checkSyn(tcb, seg, now) || //       fourth
    checkAck(tcb, seg, now) || //       fifth
    arriveRest(tcb, seg, now)
  );
}

/** From the sixth step on; a SYN,ACK with text or FIN comes here from SYN-SENT (§3.10.7.3, fourth). */
export function arriveRest(tcb: Tcb, seg: Segment, now: Micros): Stop {
  if (tcb.ecn.echoes) takeMark(tcb, seg); // RFC 3168 §6.1.5: of what is in the window alone
  return (
    checkUrgent(tcb, seg) || //         sixth
    takeText(tcb, seg, now) || //       seventh
    takeFin(tcb, seg, now) //           eighth
  );
}

/** The SYN of a segment has been dealt with, and the bits that mean something else beside it: what is left begins behind it. */
export function takeOffSyn(seg: Segment): void {
  seg.flags &= ~(SYN | ECE | CWR);
  seg.ecn = Ecn.NotEct;
  seg.seq = add(seg.seq, 1);
  seg.len--;
}

/** First. RFC 7323 §5.3 puts PAWS before the window; what falls outside of either is answered by an ACK. */
function checkSequence(tcb: Tcb, seg: Segment, now: Micros): Stop {
  const { rcv } = tcb;
  if (tcb.state === State.SynReceived && (seg.flags & SYN) !== 0 && seg.seq === rcv.irs) {
    confirmEcn(tcb, seg);
    if ((seg.flags & ACK) === 0) return repeatedSyn(tcb, seg);
    takeOffSyn(seg); // the SYN,ACK of a simultaneous open (figure 7): its SYN is old, its ACK is news
  }
  if (tcb.state === State.TimeWait && isNewer(tcb, seg)) return Stop.Reopen;
  if (isFromThePast(tcb, seg, now)) {
    if (seg.hasTs) oweForDuplicate(tcb, seg, now);
    return drop(tcb, Drop.Paws);
  }
  if (acceptable(rcv, seg)) {
    if (tcb.state === State.TimeWait && tcb.config.timeWaitAnswers) answerLate(tcb, seg);
    rememberTs(tcb, seg, now);
    return Stop.Go;
  }
  if (seg.seq === rcv.nxt && rcvWnd(rcv) === 0) {
    // A closed window still takes ACK, URG and RST; of text and FIN nothing (MUST-66).
    if (seg.len > 0) tcb.ack.now++;
    seg.textLen = 0;
    seg.flags &= ~FIN;
    return Stop.Go;
  }
  if ((seg.flags & RST) === 0) oweForDuplicate(tcb, seg, now);
  if (tcb.state === State.TimeWait && (seg.flags & FIN) !== 0) restartTimeWait(tcb, now);
  return drop(tcb, Drop.Unacceptable);
}

/** A SYN in SYN-RECEIVED that repeats IRS: our SYN,ACK was lost, and goes out again at once instead of the plain ACK. */
function repeatedSyn(tcb: Tcb, seg: Segment): Stop {
  const { sent } = tcb.snd;
  if ((seg.flags & RST) === 0 && sent !== null && sent.count > 0 && sent.firstLost() < 0) sent.lose(sent.at(0));
  return Stop.Done;
}

/** Text that came before is owed an ACK each time, for the peer sends it again; the rest is throttled (RFC 5961 §7). */
function oweForDuplicate(tcb: Tcb, seg: Segment, now: Micros): void {
  if (seg.len > 0 && (seg.flags & SYN) === 0) {
    tcb.ack.now++;
    if (lt(seg.seq, tcb.rcv.nxt)) noteTwice(tcb, seg.seq, add(seg.seq, seg.textLen));
  } else {
    challenge(tcb, now);
  }
}

/** Text, or an ACK that is out of place, tells a peer who has not heard where we are. */
function answerLate(tcb: Tcb, seg: Segment): void {
  if ((seg.flags & (RST | SYN)) === 0 && (seg.len > 0 || seg.seq !== tcb.rcv.nxt)) oweNow(tcb);
}

/**
 * RFC 6191 §2, for a SYN in TIME-WAIT: a later timestamp, or else a number greater than the FIN's, the last that the old
 * connection used, begins a new one. Timestamps that the old one lacked and the new one would have suffice.
 */
function isNewer(tcb: Tcb, seg: Segment): boolean {
  if ((seg.flags & (SYN | ACK | RST)) !== SYN) return false;
  const greater = ge(seg.seq, tcb.rcv.nxt);
  if (!seg.hasTs || !tcb.config.timestamps) return greater;
  if (!tcb.ts.on) return true;
  return gt(seg.tsVal, tcb.ts.recent) || (seg.tsVal === tcb.ts.recent && greater);
}

/** Second. RFC 5961 §3.2: only SEG.SEQ = RCV.NXT exactly resets; anything else in the window is challenged. */
function checkReset(tcb: Tcb, seg: Segment, now: Micros): Stop {
  if ((seg.flags & RST) === 0) return Stop.Go;
  if (seg.seq !== tcb.rcv.nxt) {
    challenge(tcb, now);
    return drop(tcb, Drop.Unacceptable);
  }
  switch (tcb.state) {
    case State.SynReceived:
      if (tcb.passive) return backToListen(tcb);
      return end(tcb, Failure.Refused);
    case State.Closing:
    case State.LastAck:
      return end(tcb, Failure.None);
    case State.TimeWait:
      return tcb.config.ignoreTimeWaitReset ? drop(tcb, Drop.TimeWaitReset) : end(tcb, Failure.None);
    default:
      return end(tcb, Failure.Reset);
  }
}

/** Fourth. RFC 5961 §4.2: a SYN in a synchronized state is challenged, wherever it stands. */
function checkSyn(tcb: Tcb, seg: Segment, now: Micros): Stop {
  if ((seg.flags & SYN) === 0) return Stop.Go;
  if (tcb.state === State.SynReceived && tcb.passive) return backToListen(tcb);
  challenge(tcb, now);
  return drop(tcb, Drop.Unacceptable);
}

/** Fifth. RFC 5961 §5.2 bounds SEG.ACK on both sides. */
function checkAck(tcb: Tcb, seg: Segment, now: Micros): Stop {
  const { snd } = tcb;
  if ((seg.flags & ACK) === 0) return drop(tcb, Drop.AckMissing);
  if (tcb.state === State.SynReceived) {
    if (!(gt(seg.ack, snd.una) && !gt(seg.ack, snd.nxt))) return Stop.Reply;
    acknowledge(tcb, seg, now);
    establish(tcb, seg, now);
  } else {
    if (gt(seg.ack, snd.nxt) || lt(seg.ack, add(snd.una, -snd.wndMax))) {
      challenge(tcb, now);
      return drop(tcb, Drop.Unacceptable);
    }
    heard(tcb, now);
    if (ge(seg.ack, snd.una)) {
      acknowledge(tcb, seg, now);
      updateWindow(tcb, seg);
    }
  }
  switch (tcb.state) {
    case State.FinWait1:
      if (finAcknowledged(tcb)) enterFinWait2(tcb, now);
      return Stop.Go;
    case State.Closing:
      if (!finAcknowledged(tcb)) return Stop.Go;
      enterTimeWait(tcb, now);
      return Stop.Done;
    case State.LastAck:
      return finAcknowledged(tcb) ? end(tcb, Failure.None) : Stop.Go;
    default:
      return Stop.Go;
  }
}

/** Any segment in order shows that the peer lives: probes start from nothing again (RFC 9293 §3.8.4). */
function heard(tcb: Tcb, now: Micros): void {
  tcb.heardAt = now;
  tcb.softErrorHolds = false;
  if (tcb.probes === 0) return;
  tcb.probes = 0;
  if (tcb.keepAlive) tcb.due.keepAlive = now + tcb.config.keepAliveIdle;
}

/** ESTABLISHED is reached, from SYN-SENT or SYN-RECEIVED; a CLOSE that waited for it follows (§3.10.4). */
export function establish(tcb: Tcb, seg: Segment, now: Micros): void {
  const { snd, config, due } = tcb;
  move(tcb, State.Established);
  growBuffers(tcb);
  snd.wnd = (seg.flags & SYN) !== 0 ? seg.wnd : seg.wnd << snd.scale;
  snd.wndMax = Math.max(snd.wndMax, snd.wnd);
  snd.wl1 = seg.seq;
  snd.wl2 = seg.ack;
  tcb.heardAt = now;
  tcb.softErrorHolds = false;
  tcb.news |= News.Connected | News.Writable;
  due.user = NEVER;
  if (tcb.keepAlive) due.keepAlive = now + config.keepAliveIdle;
  // RFC 6298 §5.7: after a SYN that had to be repeated, the first timeout of data is 3 s at least.
  if (tcb.tally.timeouts > 0 && tcb.rtt.samples === 0) tcb.rtt.rto = Math.max(config.rtoInitial, 3_000_000);
  beginSearch(tcb);
  if (snd.closing) move(tcb, State.FinWait1);
}

/** Sixth. RCV.UP <- max(RCV.UP, SEG.UP); the user is told when there is urgent data, and when there is more (MUST-32). */
function checkUrgent(tcb: Tcb, seg: Segment): Stop {
  if ((seg.flags & URG) === 0) return Stop.Go;
  const { rcv, state } = tcb;
  if (state !== State.Established && state !== State.FinWait1 && state !== State.FinWait2) return Stop.Go;
  const up = add(seg.seq, seg.up);
  if (!gt(up, rcv.nxt)) return Stop.Go;
  if (rcv.urgent && !gt(up, rcv.up)) return Stop.Go;
  rcv.up = up;
  rcv.urgent = true;
  tcb.news |= News.Urgent;
  return Stop.Go;
}

/** Eighth. The FIN counts when everything before it is here; one that came early is remembered. */
function takeFin(tcb: Tcb, seg: Segment, now: Micros): Stop {
  const { rcv } = tcb;
  if ((seg.flags & FIN) !== 0 && !rcv.finSeen) {
    rcv.finSeen = true;
    rcv.fin = add(seg.seq, seg.textLen);
  }
  if (!rcv.finSeen || rcv.fin !== rcv.nxt) {
    // Out of order, as text may be, and owed an ACK as text is (RFC 5681 §4.2); with text, `takeText` has seen to that.
    if ((seg.flags & FIN) !== 0 && seg.textLen === 0 && gt(rcv.fin, rcv.nxt)) tcb.ack.now++;
    return Stop.Done;
  }
  switch (tcb.state) {
    case State.SynReceived:
    case State.Established:
      acceptFin(tcb);
      if (mayWait(tcb)) letWait(tcb, now);
      move(tcb, State.CloseWait);
      break;
    case State.FinWait1:
      acceptFin(tcb);
      // Our FIN covered by the same segment leads straight to TIME-WAIT: checkAck has moved to FIN-WAIT-2 by then.
      move(tcb, State.Closing);
      break;
    case State.FinWait2:
      acceptFin(tcb);
      enterTimeWait(tcb, now);
      break;
    default: // CLOSE-WAIT, CLOSING, LAST-ACK: remain; TIME-WAIT restarts in the first step
      break;
  }
  return Stop.Done;
}

function acceptFin(tcb: Tcb): void {
  const { rcv } = tcb;
  rcv.nxt = add(rcv.nxt, 1);
  if (lt(rcv.edge, rcv.nxt)) rcv.edge = rcv.nxt;
  tcb.ack.now = Math.max(tcb.ack.now, 1);
  tcb.news |= News.Ended;
}

/** Whether the ACK of a FIN may wait: where that is set, and on Linux once the ACKs at the beginning have gone out. */
function mayWait({ config, ack }: Tcb): boolean {
  return config.delayFinAck || (config.quickAcks > 0 && ack.quick === 0);
}

/** The user is told of the FIN first: one who closes soon lets one segment be both the ACK and our FIN. */
function letWait(tcb: Tcb, now: Micros): void {
  const { ack, due, config } = tcb;
  if (ack.now > 1) return; // something else is owed an ACK at once
  ack.now = 0;
  if (due.delayedAck === NEVER) due.delayedAck = now + config.delayedAck;
}

/** Whether the peer has acknowledged our FIN: it is the last octet of all. */
function finAcknowledged(tcb: Tcb): boolean {
  const { snd } = tcb;
  return snd.closing && snd.una === add(snd.head, snd.buffer.length + 1);
}

function enterFinWait2(tcb: Tcb, now: Micros): void {
  move(tcb, State.FinWait2);
  if (tcb.orphan) tcb.due.finWait2 = now + tcb.config.finWait2;
}

/** TIME-WAIT: the other timers go off, 2MSL begin, and the user has his "closed". */
function enterTimeWait(tcb: Tcb, now: Micros): void {
  move(tcb, State.TimeWait);
  disarm(tcb.due);
  tcb.ecn.reset(); // RFC 3168 §6.1.1
  restartTimeWait(tcb, now);
  tcb.news |= News.Closed;
}

function restartTimeWait(tcb: Tcb, now: Micros): void {
  tcb.due.timeWait = now + 2 * tcb.config.msl;
}

function backToListen(tcb: Tcb): Stop {
  move(tcb, State.Listen);
  return Stop.Listen;
}
