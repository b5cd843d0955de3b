/** The path's MTU changes in mid-connection: RFC 1191 §6.4, RFC 8201 §5.4, believed with the care of RFC 5927 §7. */
import { diff, lt, type Seq } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';
import { Drop } from '../wire/drop.ts';
import { fitMss, MSS_LEAST, optionOctets } from './negotiate.ts';
import { enterFast } from './send/recover.ts';
import { Phase } from './send/recovery-state.ts';
import { Row, type Sent } from './send/sent.ts';
import { State } from './state.ts';
import { Stop } from './stop.ts';
import { Probe, type Tcb } from './tcb.ts';

/** The largest segment that path and peer would take, whatever a search has confirmed: text and options. */
export function topMss(tcb: Tcb): number {
  return Math.min(tcb.peerMss, tcb.pathMss);
}

/** What `fitMss` reckons with has changed: the MSS follows, and the congestion controller hears of it. */
export function refit(tcb: Tcb): void {
  const { snd } = tcb;
  const before = snd.mss;
  fitMss(tcb);
  if (snd.mss !== before) tcb.congestion?.onMss(snd.mss);
}

/**
 * ICMP says "packet too big" and quotes a segment of ours that begins at `seq`; `pathMss` is the MTU that it claims, less
 * IP and TCP header. `Stop.Dropped` when it is not to be believed: RFC 5927 §4.1 wants the segment in flight, and §7 one
 * that was larger than the claim. So what asks for less than the path takes must name a segment that exists.
 *
 * A burst of segments that are too large brings as many messages: those behind the first find their segments cut
 * already, and are not answered by sending anything again (RFC 1191 §6.4).
 */
export function tooBigArrives(tcb: Tcb, seq: Seq, pathMss: number, now: Micros): Stop {
  const { snd } = tcb;
  if (lt(seq, snd.una) || !lt(seq, snd.nxt)) return disbelieve(tcb);
  if (tcb.state === State.SynSent || tcb.state === State.SynReceived) {
    narrow(tcb, pathMss);
    return Stop.Done;
  }
  const sent = snd.sent as Sent;
  const slot = sent.at(sent.find(seq));
  if (sent.seqOf(slot) !== seq || sent.is(slot, Row.Sacked) || !isLarger(tcb, sent, slot, pathMss)) {
    return pathMss < tcb.pathMss ? disbelieve(tcb) : Stop.Done;
  }
  const since = sent.timeOf(slot);
  narrow(tcb, pathMss);
  sendAgain(tcb, sent, loseLarger(tcb, sent, since, pathMss), now);
  return Stop.Done;
}

/**
 * The route has changed, or what was known of the path is too old (RFC 1191 §6.3): from now on it takes `pathMss`, text and
 * options. Segments in flight stay as they are, and are cut if they must be sent again; new ones have the new size.
 */
export function pathMssChanges(tcb: Tcb, pathMss: number, now: Micros): void {
  const { config, search } = tcb;
  const most = config.mss > 0 ? Math.min(config.mss, pathMss) : pathMss;
  if (most < tcb.pathMss) {
    narrow(tcb, most);
  } else if (most > tcb.pathMss) {
    tcb.pathMss = most;
    if (search !== null) {
      search.high = topMss(tcb);
      search.resumeAt = now;
    }
    refit(tcb);
  }
}

function disbelieve(tcb: Tcb): Stop {
  tcb.drop = Drop.IcmpUnbelievable;
  return Stop.Dropped;
}

/** The path takes no more than `pathMss`; a claim of more than was known changes nothing. */
function narrow(tcb: Tcb, pathMss: number): void {
  tcb.pathMss = Math.min(tcb.pathMss, Math.max(pathMss, MSS_LEAST));
  const { search } = tcb;
  if (search !== null) {
    const top = topMss(tcb);
    search.low = Math.min(search.low, top);
    search.high = Math.min(search.high, top);
    if (search.size > top) search.dismiss();
  }
  refit(tcb);
}

/** Whether a segment has more text than a path of `pathMss` takes. */
function isLarger(tcb: Tcb, sent: Sent, slot: number, pathMss: number): boolean {
  return sent.textOf(slot) > Math.max(pathMss, MSS_LEAST) - optionOctets(tcb);
}

/** What is larger and went out with the segment that was dropped, or later, cannot have got through. Answers its octets. */
function loseLarger(tcb: Tcb, sent: Sent, since: Micros, pathMss: number): number {
  const before = sent.lostOctets;
  for (let slot = sent.oldestFlying(); slot >= 0; ) {
    const next = sent.flyingAfter(slot);
    if (sent.timeOf(slot) >= since && isLarger(tcb, sent, slot, pathMss)) sent.lose(slot);
    slot = next;
  }
  return sent.lostOctets - before;
}

/**
 * RFC 1191 §6.4, RFC 8201 §5.4: what was dropped goes out again at once, and no congestion is to blame: the window keeps
 * its octets, and the timer starts anew without backoff.
 */
function sendAgain(tcb: Tcb, sent: Sent, octets: number, now: Micros): void {
  const { snd, recovery: r, due, rtt } = tcb;
  if (sent.firstLost() < 0) return;
  const first = sent.at(0);
  if (sent.is(first, Row.Lost)) sent.hurry(first); // what the peer waits for
  if (r.phase === Phase.Open) enterFast(tcb, diff(snd.nxt, snd.una), true, now);
  if (r.phase === Phase.Fast) {
    // They have left the network, and come back into it: PRR's sums (RFC 6937 §3) need not know.
    r.budget += octets;
    r.prrOut -= octets;
  }
  tcb.probe |= Probe.Retransmit;
  due.retransmit = now + rtt.rto;
}
