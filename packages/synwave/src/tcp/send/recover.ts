/** The episodes of loss recovery and the window during them: RFC 5681 §3.2, RFC 6937 (PRR), RFC 6298 §5.4 to §5.7. */
import { diff, ge, type Seq } from '../../base/seq.ts';
import { type Micros, NEVER } from '../../base/time.ts';
import type { CongestionController } from '../congestion/controller.ts';
import { createController } from '../congestion/create.ts';
import { isNarrowed, isNewWindow, noteNarrowed } from '../ecn.ts';
import type { Tcb } from '../tcb.ts';
import { loseOnTimeout } from './loss.ts';
import { Phase } from './recovery-state.ts';
import type { Sent } from './sent.ts';

/** The first congestion window, in octets (RFC 6928 §2); after a SYN that was lost more than once one segment (RFC 5681 §3.1). */
export function firstWindow(tcb: Tcb): number {
  const { mss } = tcb.snd;
  const { initialWindow } = tcb.config;
  if (tcb.tally.timeouts > 1) return mss;
  return Math.min(initialWindow * mss, Math.max(2 * mss, 1460 * initialWindow));
}

/** The controller, made when first asked for. */
export function controllerOf(tcb: Tcb): CongestionController {
  const { config, snd } = tcb;
  tcb.congestion ??= createController(config.congestion, snd.mss, firstWindow(tcb), config.slowStartLimit);
  return tcb.congestion;
}

/** Octets in the network: what is in flight, less what duplicate ACKs say has left it (RFC 6675 §4, pipe). */
export function pipe(tcb: Tcb): number {
  const { sent } = tcb.snd;
  return sent === null ? 0 : Math.max(0, sent.flyingOctets - tcb.recovery.departed);
}

/**
 * Segments were found to be lost. While all seemed well, fast recovery begins; one that spared the window may turn out to
 * be about congestion after all. Answers whether an episode began.
 *
 * The window is spared where it was narrowed for this window of data already (RFC 3168 §6.1.2), and where nothing is
 * lost but a probe of the path's MTU (RFC 4821 §7.6.2).
 */
export function lossFound(tcb: Tcb, inFlight: number, now: Micros): boolean {
  const { recovery: r, search, snd } = tcb;
  if (r.phase === Phase.Timeout) return false;
  const probeAlone = search !== null && search.isLostAlone(snd.sent as Sent);
  const spared = probeAlone || isNarrowed(tcb);
  if (search !== null && !probeAlone) search.dismiss();
  if (r.phase === Phase.Fast && (spared || !r.spared)) return false;
  enterFast(tcb, inFlight, spared, now);
  return true;
}

/** Fast recovery begins; `spared`: the window stays as it is. */
export function enterFast(tcb: Tcb, inFlight: number, spared: boolean, now: Micros): void {
  const r = tcb.recovery;
  const controller = controllerOf(tcb);
  if (!spared) {
    controller.onCongestion(r.flight > 0 ? r.flight : inFlight, false, now);
    noteNarrowed(tcb);
    tcb.tally.fastRecoveries++;
  }
  r.spared = spared;
  r.phase = Phase.Fast;
  r.point = tcb.snd.nxt;
  r.began = now;
  r.prrDelivered = 0;
  r.prrOut = 0;
  r.prrFlight = Math.max(inFlight, 1);
  r.budget = 0;
  beginDoubt(tcb, now);
  tcb.due.lossProbe = NEVER;
  r.probing = false;
}

/** The retransmission timer went off (RFC 6298 §5.4 to §5.6). */
export function enterTimeout(tcb: Tcb, now: Micros): void {
  const { snd, recovery: r, rtt, config } = tcb;
  const again = tcb.attempts > 1 || r.phase === Phase.Timeout || (r.phase === Phase.Open && isNarrowed(tcb));
  controllerOf(tcb).onTimeout(Math.max(pipe(tcb), diff(snd.nxt, snd.una) >> 1), again, now);
  loseOnTimeout(tcb, now);
  if (r.phase !== Phase.Timeout) beginDoubt(tcb, now);
  r.phase = Phase.Timeout;
  r.point = snd.nxt;
  r.duplicates = 0;
  r.departed = 0;
  r.probing = false;
  r.spared = false;
  noteNarrowed(tcb);
  rtt.backOff(config);
}

/**
 * RFC 3168 §6.1.2: an ACK up to `ack` says by ECE that segments of ours were marked. That narrows the window, once for
 * each window of data; at a window of one segment, nothing new goes out before the timer has gone off.
 */
export function heedMark(tcb: Tcb, ack: Seq, inFlight: number, now: Micros): void {
  const { congestion, ecn, due, rtt, snd, tally } = tcb;
  tally.marksOut++;
  if (congestion === null || !isNewWindow(tcb, ack)) return;
  tally.ecnReductions++;
  noteNarrowed(tcb);
  if (congestion.cwnd <= snd.mss) {
    ecn.held = true;
    due.retransmit = now + rtt.rto;
  }
  congestion.onCongestion(inFlight, true, now);
}

function beginDoubt(tcb: Tcb, now: Micros): void {
  const r = tcb.recovery;
  r.doubtedAt = now;
  r.undoable = true;
  r.hasFirstAgain = false;
}

/** After each ACK: what the controller hears, what recovery may send, and whether the episode is over. */
export function afterAck(tcb: Tcb, acked: number, delivered: number, lost: boolean, now: Micros): void {
  const { snd, recovery: r } = tcb;
  if (tcb.congestion === null) return;
  if (r.inDsackRound && ge(snd.una, r.dsackRound)) r.inDsackRound = false;
  if (r.phase === Phase.Open) {
    if (acked > 0) tcb.congestion.onAck(acked, tcb.rtt.latest, r.limited, now);
    return;
  }
  if (ge(snd.una, r.point)) {
    if (r.phase === Phase.Timeout) {
      if (acked > 0) tcb.congestion.onAck(acked, tcb.rtt.latest, true, now);
    } else if (!r.spared) tcb.congestion.onRecovered();
    leave(tcb);
    return;
  }
  if (r.phase === Phase.Timeout) {
    if (acked > 0) tcb.congestion.onAck(acked, tcb.rtt.latest, true, now);
    return;
  }
  proportion(tcb, acked, delivered, lost);
}

/** RFC 6937 §3: how much may be sent in answer to this ACK. */
function proportion(tcb: Tcb, acked: number, delivered: number, lost: boolean): void {
  const r = tcb.recovery;
  const { mss } = tcb.snd;
  const controller = controllerOf(tcb);
  const ssthresh = r.spared ? controller.cwnd : controller.ssthresh;
  r.prrDelivered += delivered;
  const inPipe = pipe(tcb);
  let count: number;
  if (inPipe > ssthresh) {
    count = Math.ceil((r.prrDelivered * ssthresh) / r.prrFlight) - r.prrOut;
  } else {
    // The slow-start bound where the ACK shows progress and nothing new is lost, the conservative one elsewhere.
    const limit = acked > 0 && !lost ? Math.max(r.prrDelivered - r.prrOut, delivered) + mss : r.prrDelivered - r.prrOut;
    count = Math.min(ssthresh - inPipe, limit);
  }
  // The first retransmission goes out whatever the sums say: it is what recovery is for (RFC 5681 §3.2 step 3).
  r.budget = Math.max(count, r.prrOut === 0 ? mss : 0);
}

function leave(tcb: Tcb): void {
  const r = tcb.recovery;
  r.phase = Phase.Open;
  r.spared = false;
  r.duplicates = 0;
  r.departed = 0;
  r.budget = 0;
  r.hasFirstAgain = false;
  r.undoable = false;
  // RFC 8985 §6.2 step 4: a reordering window that D-SACKs widened lasts for 16 recoveries.
  if (r.reoWndPersist > 0 && --r.reoWndPersist === 0) r.reoWndMult = 1;
}

/** RFC 4015 §3.2: the episode was a mistake. What is marked lost and not sent again is in flight after all. */
export function undo(tcb: Tcb): void {
  const sent = tcb.snd.sent as Sent;
  for (let slot = sent.firstLost(); slot >= 0; slot = sent.firstLost()) sent.recall(slot);
  if (!tcb.recovery.spared) {
    controllerOf(tcb).onSpurious();
    tcb.ecn.inWindow = false;
  }
  tcb.search?.dismiss();
  tcb.tally.spurious++;
  leave(tcb);
}
