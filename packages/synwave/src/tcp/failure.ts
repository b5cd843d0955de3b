/** Why a connection ended otherwise than by closing: what RFC 9293 §3.10 has the user told. */

export const Failure = {
  None: 0,
  /** A RST answered our SYN. */
  Refused: 1,
  /** The peer reset the connection. */
  Reset: 2,
  /** R2 was reached, or the keepalive's probes went unanswered (§3.8.3, §3.8.4). */
  TimedOut: 3,
  /** The user timeout expired (§3.10.8). */
  UserTimeout: 4,
  /** Our own user called ABORT. */
  Aborted: 5,
  /** The peer's host does not know TCP, and said so before there was a connection (RFC 9293 §3.9.2.2). */
  NoProtocol: 6,
  /** As `TimedOut`, and the network has said why; or this host found nobody at the next hop when it opened. */
  HostUnreachable: 7,
  NetUnreachable: 8,
} as const;

export type Failure = (typeof Failure)[keyof typeof Failure];

/** What changed for the user of a connection since it was last asked: bits, or-ed. */
export const News = {
  /** ESTABLISHED was reached. */
  Connected: 1,
  /** There is text to RECEIVE. */
  Readable: 2,
  /** The send buffer has room again. */
  Writable: 4,
  /** The peer's FIN came: no more text after what is readable. */
  Ended: 8,
  /** CLOSED or TIME-WAIT was reached: nothing more will happen. `tcb.failure` says whether it was in order. */
  Closed: 16,
  /** The peer has urgent data (§3.8.5). */
  Urgent: 32,
  /** R1 was reached: delivery is in doubt (§3.8.3). */
  Doubtful: 64,
  /** All that was sent is acknowledged. */
  Drained: 128,
} as const;
