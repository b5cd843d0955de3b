/** The episodes of loss recovery and the window during them: RFC 5681 §3.2, RFC 6937 (PRR), RFC 6298 §5.4 to §5.7. */
import { diff, ge } from '../../base/seq.ts';
import { type Micros, NEVER } from '../../base/time.ts';
import type { CongestionController } from '../congestion/controller.ts';
import { createController } from '../congestion/create.ts';
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

/** Loss was found while all seemed well: fast recovery begins. */
export function enterFast(tcb: Tcb, inFlight: number, now: Micros): void {
  const r = tcb.recovery;
  controllerOf(tcb).onCongestion(r.flight > 0 ? r.flight : inFlight, now);
  r.phase = Phase.Fast;
  r.point = tcb.snd.nxt;
  r.prrDelivered = 0;
  r.prrOut = 0;
  r.prrFlight = Math.max(inFlight, 1);
  r.budget = 0;
  beginDoubt(tcb);
  tcb.due.lossProbe = NEVER;
  r.probing = false;
  tcb.tally.fastRecoveries++;
}

/** The retransmission timer went off (RFC 6298 §5.4 to §5.6). */
export function enterTimeout(tcb: Tcb, now: Micros): void {
  const { snd, recovery: r, rtt, config } = tcb;
  const again = tcb.attempts > 1 || r.phase === Phase.Timeout;
  controllerOf(tcb).onTimeout(Math.max(pipe(tcb), diff(snd.nxt, snd.una) >> 1), again, now);
  loseOnTimeout(tcb, now);
  if (r.phase !== Phase.Timeout) beginDoubt(tcb);
  r.phase = Phase.Timeout;
  r.point = snd.nxt;
  r.duplicates = 0;
  r.departed = 0;
  r.probing = false;
  rtt.backOff(config);
}

function beginDoubt(tcb: Tcb): void {
  const r = tcb.recovery;
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
    if (r.phase === Phase.Fast) tcb.congestion.onRecovered();
    else if (acked > 0) tcb.congestion.onAck(acked, tcb.rtt.latest, true, now);
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
  const { ssthresh } = controllerOf(tcb);
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
  controllerOf(tcb).onSpurious();
  tcb.tally.spurious++;
  leave(tcb);
}
