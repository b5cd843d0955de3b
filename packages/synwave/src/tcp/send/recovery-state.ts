/** What a sender remembers while it detects and repairs loss: RFC 8985 (RACK-TLP), RFC 6937 (PRR), RFC 6582, RFC 3522. */
import { type Seq, seq } from '../../base/seq.ts';
import type { Micros } from '../../base/time.ts';

export const Phase = {
  /** Nothing is known to be lost. */
  Open: 0,
  /** Fast recovery (RFC 5681 §3.2). */
  Fast: 1,
  /** After a retransmission timeout, until what was in flight then is acknowledged. */
  Timeout: 2,
} as const;

export type Phase = (typeof Phase)[keyof typeof Phase];

export class Recovery {
  phase: Phase = Phase.Open;
  /** SND.NXT when the episode began: it ends when that is acknowledged ("recover" of RFC 6582). */
  point: Seq = seq(0);
  /** When fast recovery began. */
  began: Micros = 0;
  /** This episode of fast recovery repairs what was lost and leaves the congestion window alone: see `lossFound`. */
  spared = false;
  /** Duplicate ACKs in a row, and the octets that they say have left the network (no SACK only). */
  duplicates = 0;
  departed = 0;
  /** Octets in flight at the first duplicate ACK, 0 without one: limited transmit adds to them, and is not to count. */
  flight = 0;
  /** The congestion window, not the writer or the peer, stopped the last attempt to send. */
  limited = false;

  /** RACK.xmit_ts, RACK.end_seq, RACK.rtt: the segment sent last among those delivered. */
  xmitTs: Micros = 0;
  endSeq: Seq = seq(0);
  rtt: Micros = 0;
  /** RACK.fack: the highest sequence number delivered. */
  fack: Seq = seq(0);
  reorderingSeen = false;
  reoWndMult = 1;
  reoWndPersist = 0;
  /** RACK.dsack_round, while `inDsackRound`. */
  dsackRound: Seq = seq(0);
  inDsackRound = false;

  /** PRR: octets delivered and sent in this episode, the flight when it began, and what may be sent now. */
  prrDelivered = 0;
  prrOut = 0;
  prrFlight = 0;
  budget = 0;

  /** TLP.end_seq, while `probing`; TLP.is_retrans. */
  tlpEnd: Seq = seq(0);
  probing = false;
  tlpAgain = false;
  /** RTT samples there were when the last probe went out: one more must come before the next (RFC 8985 §7.3). */
  tlpSamples = -1;

  /** Eifel (RFC 3522): TSval of the first retransmission of this episode, while `undoable`. */
  undoable = false;
  firstAgain: Seq = seq(0);
  hasFirstAgain = false;
  /** When the episode that may be undone began: what was sent again before tells nothing of it. */
  doubtedAt: Micros = 0;
}
