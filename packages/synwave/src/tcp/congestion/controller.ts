/** The interface of a congestion controller. */
import type { Micros } from '../../base/time.ts';

/** How many octets may be in flight. A controller is told what happened, in plain numbers; it never sees a Tcb. */
export interface CongestionController {
  readonly name: string;
  /** Octets that may be in flight. */
  readonly cwnd: number;
  /** Octets below which the window grows by slow start. */
  readonly ssthresh: number;
  /** New text was acknowledged outside of fast recovery. `limited`: the window, not the writer, held the sender back. */
  onAck(acked: number, rtt: Micros, limited: boolean, now: Micros): void;
  /**
   * A loss, once in each recovery episode, or an ECN mark (`marked`), once in each window of data. A mark narrows the
   * window at once and by less (RFC 8511), for nothing is lost yet, and it is no mistake that could be taken back.
   */
  onCongestion(inFlight: number, marked: boolean, now: Micros): void;
  /** Fast recovery is over: the window stands at `ssthresh` (RFC 6937 §3). */
  onRecovered(): void;
  /** The retransmission timer; `again`: for octets that it had already expired for. */
  onTimeout(inFlight: number, again: boolean, now: Micros): void;
  /** The last reduction was a mistake (RFC 3522, RFC 5682, RFC 4015): take it back. */
  onSpurious(): void;
  /** Nothing was sent for longer than the RTO: the window may not be used at once (RFC 5681 §4.1). */
  onIdle(): void;
  /** Segments have another size from now on. Windows keep their octets, but hold a segment at least. */
  onMss(mss: number): void;
}
