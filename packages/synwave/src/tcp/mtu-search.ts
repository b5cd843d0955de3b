/** MtuSearch: what a connection remembers while it searches for the path's MTU by segments of its own: RFC 4821, RFC 8899. */
import { type Seq, seq } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';
import { Row, type Sent } from './send/sent.ts';

/** RFC 8899 §5.2; without a search it is "disabled". */
export const SearchPhase = {
  /** Whether the path takes what every path should is not known yet. */
  Base: 0,
  /** Probes go out when the connection has text for them. */
  Searching: 1,
  /** The search has come close enough, for a while. */
  Complete: 2,
} as const;

export type SearchPhase = (typeof SearchPhase)[keyof typeof SearchPhase];

/** What has become of the last probe. */
export const ProbeState = {
  /** It has been answered, or it tells nothing. */
  None: 0,
  Flying: 1,
  /** It is lost, and nothing else is known to be: that is the answer, if it stays so (RFC 4821 §7.5). */
  Lost: 2,
} as const;

export type ProbeState = (typeof ProbeState)[keyof typeof ProbeState];

/** Sizes are as `pathMss` is: text, and the options of every segment. */
export class MtuSearch {
  phase: SearchPhase = SearchPhase.Base;
  /** The largest size that got through, which segments have now (search_low and eff_pmtu of RFC 4821 §7.1). */
  low: number;
  /** The largest that may get through: one less than what did not (search_high). */
  high: number;
  /** The probe, its size, and the text that it carries. */
  probe: ProbeState = ProbeState.None;
  size = 0;
  from: Seq = seq(0);
  end: Seq = seq(0);
  /** No probe goes out before this. */
  resumeAt: Micros = 0;
  /** The count of timeouts, without progress, at which segments became smaller last. */
  fellAt = 0;

  constructor(low: number, high: number) {
    this.low = low;
    this.high = high;
  }

  /** Other segments are lost as well, or the probe has become something else: what became of it tells nothing (§7.6.4). */
  dismiss(): void {
    this.probe = ProbeState.None;
  }

  /** Whether the probe is lost and nothing else is; it is noted. */
  isLostAlone(sent: Sent): boolean {
    if (this.probe !== ProbeState.Flying) return false;
    const slot = sent.at(sent.find(this.from));
    if (sent.seqOf(slot) !== this.from || !sent.is(slot, Row.Lost)) return false;
    if (sent.lostOctets !== sent.octetsOf(slot)) return false;
    this.probe = ProbeState.Lost;
    return true;
  }
}
