/** RFC 9293 §3.10.7.1 to §3.10.7.3: a segment arrives in CLOSED, LISTEN or SYN-SENT. */
import { add, gt, le, type Seq } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';
import { Drop } from '../wire/drop.ts';
import { ACK, FIN, RST, type Segment, SYN } from '../wire/segment.ts';
import { arriveRest, establish, takeOffSyn } from './arrive.ts';
import type { TcpConfig } from './config.ts';
import { drop } from './drop.ts';
import { disarm } from './due.ts';
import { end } from './end.ts';
import { Failure } from './failure.ts';
import { offerFirstWindow, scaleFor, takeSyn } from './negotiate.ts';
import { acknowledge } from './send/ack.ts';
import { State } from './state.ts';
import { Stop } from './stop.ts';
import { move, type Tcb } from './tcb.ts';

/** §3.10.7.1, CLOSED: whatever is not a RST is answered by one. */
export function arriveClosed(seg: Segment): Stop {
  return (seg.flags & RST) !== 0 ? Stop.Dropped : Stop.Reply;
}

/** §3.10.7.2, LISTEN, the first three steps: `Go` is a SYN to open a connection for. */
export function arriveListen(seg: Segment, config: TcpConfig): Stop {
  if ((seg.flags & RST) !== 0) return Stop.Dropped; // first
  if ((seg.flags & ACK) !== 0) return Stop.Reply; // second
  if ((seg.flags & FIN) !== 0 && config.dropSynFin) return Stop.Dropped;
  if ((seg.flags & SYN) !== 0) return Stop.Go; // third
  return Stop.Dropped; // fourth: should not be reached
}

/**
 * §3.10.7.2, third: makes `tcb`, fresh, the SYN-RECEIVED that answers `seg`.
 * Text and FIN on the SYN are not taken: they stay unacknowledged, and the peer sends them again.
 */
export function openPassive(tcb: Tcb, seg: Segment, iss: Seq, now: Micros): void {
  begin(tcb, iss, now);
  tcb.passive = true;
  takeSyn(tcb, seg, now);
  tcb.state = State.Listen;
  move(tcb, State.SynReceived);
}

/** What active and passive OPEN have in common: ISS, SND.UNA, SND.NXT, the window to offer. */
export function begin(tcb: Tcb, iss: Seq, now: Micros): void {
  const { snd, rcv, config } = tcb;
  snd.iss = iss;
  snd.una = iss;
  snd.nxt = iss;
  snd.up = iss;
  snd.head = add(iss, 1);
  snd.small = iss;
  snd.idleEnd = iss;
  snd.burst = iss;
  snd.sent?.clear(); // a connection that is back in LISTEN may have a SYN on the table
  disarm(tcb.due);
  tcb.ecn.reset();
  tcb.recovery.fack = iss; // nothing is delivered yet, wherever the numbers begin
  tcb.floorMss = tcb.peerMss;
  rcv.mss = tcb.pathMss;
  rcv.scale = config.windowScale ? Math.max(scaleFor(rcv.buffer.capacity), config.windowShift) : 0;
  offerFirstWindow(tcb);
  tcb.openedAt = now;
  tcb.heardAt = now;
  tcb.sentAt = now;
}

/** §3.10.7.3, SYN-SENT. */
export function arriveSynSent(tcb: Tcb, seg: Segment, now: Micros): Stop {
  const { snd } = tcb;
  const hasAck = (seg.flags & ACK) !== 0;
  // First, the ACK bit.
  if (hasAck && (le(seg.ack, snd.iss) || gt(seg.ack, snd.nxt))) {
    if ((seg.flags & RST) !== 0) return drop(tcb, Drop.Unacceptable);
    return Stop.Reply;
  }
  // Second, the RST bit.
  if ((seg.flags & RST) !== 0) {
    if (!hasAck) return drop(tcb, Drop.Unacceptable);
    return end(tcb, Failure.Refused);
  }
  // Third, security: not ours. Fourth, the SYN bit.
  if ((seg.flags & SYN) === 0) return drop(tcb, Drop.SynMissing); // fifth
  takeSyn(tcb, seg, now);
  if (!hasAck) {
    // Simultaneous open, figure 7: our SYN goes out again with an ACK.
    const { sent } = snd;
    move(tcb, State.SynReceived);
    if (sent !== null && sent.count > 0 && sent.firstLost() < 0) sent.lose(sent.at(0));
    return Stop.Done;
  }
  acknowledge(tcb, seg, now);
  establish(tcb, seg, now);
  tcb.ack.now = 1;
  takeOffSyn(seg);
  return arriveRest(tcb, seg, now);
}
