/** RFC 4821: the path's MTU is found by segments alone: those that vanish become smaller, and single larger ones search upwards. */
import { ge, type Seq } from '../base/seq.ts';
import { MINUTE, type Micros } from '../base/time.ts';
import { MtuSearch, ProbeState, SearchPhase } from './mtu-search.ts';
import { optionOctets } from './negotiate.ts';
import { refit, topMss } from './path-mtu.ts';
import { congestionRoom, unsent } from './send/limits.ts';
import { controllerOf } from './send/recover.ts';
import { Phase } from './send/recovery-state.ts';
import { Row, type Sent } from './send/sent.ts';
import { usable } from './send/window.ts';
import type { Tcb } from './tcb.ts';

/** What a segment holds that gets through nearly everywhere (RFC 4821 §7.2); of IPv6, what its least MTU takes. */
const BASE_MSS = 1024;
/** The search ends when this is all that it could win. */
const CLOSE_ENOUGH = 32;
/** §7.3: how long the result holds. */
const RAISE_AFTER: Micros = 10 * MINUTE;
/** Timeouts in a row after which segments of a size that never got through are taken to vanish on the way. */
const SUSPICIOUS = 2;
/** §7.6.3: a probe that was lost with a timeout costs more, and is tried again so much later. */
const TIMEOUT_COST = 5;

/** `probeText` answers: text waits until the window has room for a probe. */
export const WAIT = -1;

/** ESTABLISHED is reached: with `mtuProbing: 'on'` every connection begins with what gets through nearly everywhere. */
export function beginSearch(tcb: Tcb): void {
  if (tcb.config.mtuProbing === 'on') searchFrom(tcb, baseMss(tcb));
}

function baseMss(tcb: Tcb): number {
  return Math.max(BASE_MSS, tcb.floorMss);
}

/**
 * The retransmission timer went off. When the first segment in flight is of a size that never got through, that may be
 * the reason (§7.7): it becomes smaller, and so do all others, first of the base, then of what every path takes. Where
 * the size is known to get through, or should get through anywhere, the suspicion waits for R1, as the RFC has it.
 */
export function suspectSize(tcb: Tcb, now: Micros): void {
  const { snd, config, search, attempts } = tcb;
  if (config.mtuProbing === 'off') return;
  const sent = snd.sent as Sent;
  const first = sent.at(0);
  if (search !== null) judgeTimeout(tcb, search, sent.seqOf(first), now);
  const text = sent.textOf(first);
  const base = baseMss(tcb);
  const size = text + optionOctets(tcb);
  const to = size > base ? base : tcb.floorMss;
  if (size <= to) return;
  const since = search === null || search.fellAt > attempts ? 0 : search.fellAt;
  const strange = text > snd.largest && (size > base || search !== null);
  const enough = strange ? SUSPICIOUS : Math.max(config.r1, SUSPICIOUS);
  if (attempts - since >= enough) searchFrom(tcb, to);
}

/** Segments are of `size` from now on, or of less where nothing larger is known of, and the search begins there. */
function searchFrom(tcb: Tcb, size: number): void {
  const top = topMss(tcb);
  const search = new MtuSearch(Math.min(size, top), top);
  search.fellAt = tcb.attempts;
  tcb.search = search;
  tcb.snd.largest = 0;
  refit(tcb);
}

/**
 * The text of the probe that should go out now, in one segment larger than the MSS; 0: none, `WAIT`: none yet, and no
 * other text. §7.4: nothing may be lost or in doubt, and enough must follow for the loss of the probe to be noticed.
 */
export function probeText(tcb: Tcb, search: MtuSearch, now: Micros): number {
  const { snd, recovery, config } = tcb;
  if (search.probe !== ProbeState.None || search.phase === SearchPhase.Base || now < search.resumeAt) return 0;
  const { sent } = snd;
  if (recovery.phase !== Phase.Open || (sent !== null && (sent.lostOctets > 0 || sent.sackedOctets > 0))) return 0;
  if (search.phase === SearchPhase.Complete) {
    search.phase = SearchPhase.Searching;
    search.high = topMss(tcb);
  }
  const size = nextSize(tcb, search);
  if (size === 0) {
    complete(search, now);
    return 0;
  }
  const text = size - optionOctets(tcb);
  const whole = text + config.dupThresh * snd.mss;
  if (unsent(tcb) < whole || usable(snd) < whole || controllerOf(tcb).cwnd < whole) return 0;
  search.size = size;
  return congestionRoom(tcb) < text ? WAIT : text;
}

/** §7.3: half way up; where little is left, all of it, unless that has failed. 0: close enough. */
function nextSize(tcb: Tcb, search: MtuSearch): number {
  const { low, high } = search;
  if (high - low > CLOSE_ENOUGH) return (low + high + 1) >> 1;
  return high > low && high === topMss(tcb) ? high : 0;
}

/** §7.3: close enough, for ten minutes. */
function complete(search: MtuSearch, now: Micros): void {
  search.phase = SearchPhase.Complete;
  search.resumeAt = now + RAISE_AFTER;
}

/** The probe has gone out: the text from `from` up to SND.NXT. */
export function noteProbe(tcb: Tcb, search: MtuSearch, from: Seq): void {
  search.probe = ProbeState.Flying;
  search.from = from;
  search.end = tcb.snd.nxt;
  tcb.tally.mtuProbes++;
}

/** An ACK has taken its rows: whether it confirms the size of now, or of the probe (§7.6.1). */
export function confirmSize(tcb: Tcb, search: MtuSearch, now: Micros): void {
  if (search.phase === SearchPhase.Base && tcb.snd.largest >= search.low - optionOctets(tcb)) {
    search.phase = SearchPhase.Searching;
  }
  if (search.probe !== ProbeState.Flying || !isDelivered(tcb, search)) return;
  search.probe = ProbeState.None;
  search.low = search.size;
  refit(tcb);
  if (nextSize(tcb, search) === 0) complete(search, now);
}

/** An ACK has been dealt with: a probe that alone was lost has failed when the episode that repairs it is over. */
export function judgeProbe(tcb: Tcb, search: MtuSearch, now: Micros): void {
  if (search.probe === ProbeState.Lost && tcb.recovery.phase === Phase.Open) failed(tcb, search, 1, now);
}

function isDelivered(tcb: Tcb, search: MtuSearch): boolean {
  const { una, sent } = tcb.snd;
  if (ge(una, search.end)) return true;
  if (sent === null || sent.sackedOctets === 0) return false;
  return sent.is(sent.at(sent.find(search.from)), Row.Sacked);
}

/**
 * §7.6.2: the path takes less. The loss was not taken for congestion, so it must be rarer than congestion would be: as
 * many round trips as there are segments in the window pass before the next.
 */
function failed(tcb: Tcb, search: MtuSearch, cost: number, now: Micros): void {
  search.probe = ProbeState.None;
  search.high = search.size - 1;
  search.resumeAt = now + cost * tcb.rtt.srtt * Math.ceil(controllerOf(tcb).cwnd / tcb.snd.mss);
  if (nextSize(tcb, search) === 0) complete(search, now);
}

/** §7.6.3: with nothing lost before it the probe has failed, though what came behind may be lost too. */
function judgeTimeout(tcb: Tcb, search: MtuSearch, first: Seq, now: Micros): void {
  if (search.probe === ProbeState.Flying && first === search.from) failed(tcb, search, TIMEOUT_COST, now);
  else search.dismiss();
}
