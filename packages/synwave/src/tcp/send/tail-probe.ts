/** RFC 8985 §7: the tail loss probe, which has the end of a flight acknowledged before the timer must go off. */
import { ge, le, seq } from '../../base/seq.ts';
import { MILLISECOND, type Micros, NEVER, SECOND } from '../../base/time.ts';
import type { Segment } from '../../wire/segment.ts';
import type { CongestionController } from '../congestion/controller.ts';
import { isNewWindow, noteNarrowed } from '../ecn.ts';
import { Probe, type Tcb } from '../tcb.ts';
import { Phase } from './recovery-state.ts';

/** TLP.max_ack_delay: what a peer may add to the round trip of a lone segment. */
const ACK_DELAY = 200 * MILLISECOND;

/** §7.2: after new text, or an ACK of some, unless something else looks after losses already. */
export function armLossProbe(tcb: Tcb, now: Micros): void {
  const { snd, due, rtt, recovery: r } = tcb;
  due.lossProbe = NEVER;
  const { sent } = snd;
  if (
    !tcb.sack ||
    !tcb.config.tailProbe ||
    sent === null ||
    sent.count === 0 ||
    r.phase !== Phase.Open ||
    sent.sackedRows > 0 ||
    r.probing ||
    rtt.samples === r.tlpSamples
  )
    return;
  let wait = SECOND;
  if (rtt.samples > 0) {
    wait = 2 * rtt.srtt;
    if (sent.count === 1) wait += ACK_DELAY;
  }
  // Where the retransmission timer would go off first, the probe takes its place, and it comes a whole RTO later.
  due.lossProbe = Math.min(now + wait, due.retransmit);
}

/** §7.3: the probe timer went off. Either way the retransmission timer starts anew, as the last resort. */
export function expireLossProbe(tcb: Tcb, now: Micros): void {
  const { due, rtt, recovery: r } = tcb;
  due.lossProbe = NEVER;
  r.tlpSamples = rtt.samples;
  tcb.probe |= Probe.Tail;
  tcb.tally.lossProbes++;
  due.retransmit = now + rtt.rto;
}

/** The probe has gone out: with new text, or the last segment again. */
export function noteProbeSent(tcb: Tcb, again: boolean): void {
  const r = tcb.recovery;
  r.probing = true;
  r.tlpEnd = tcb.snd.nxt;
  r.tlpAgain = again;
}

/** §7.4.2: an ACK that covers the probe without a D-SACK means that the probe repaired a loss: the window must know. */
export function noteProbeAcked(tcb: Tcb, seg: Segment, acked: number): void {
  const r = tcb.recovery;
  if (!r.probing || !ge(seg.ack, r.tlpEnd)) return;
  const twice = seg.sackCount > 0 && le(seq(seg.sackRight[0] as number), seg.ack);
  if (!r.tlpAgain || twice || acked === 0) {
    r.probing = false; // new text delivered, or both copies arrived: no loss
    return;
  }
  if (seg.ack === r.tlpEnd) return; // the other copy's ACK may still come
  r.probing = false;
  if (!isNewWindow(tcb, r.tlpEnd)) return;
  const controller = tcb.congestion as CongestionController;
  controller.onCongestion(controller.cwnd, false, 0);
  controller.onRecovered();
  noteNarrowed(tcb);
}
