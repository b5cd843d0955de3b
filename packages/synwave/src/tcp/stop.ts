/** How far a segment got through the steps of RFC 9293 §3.10.7, and what is left for the stack to do. */

/** `Go` is 0, so that the steps chain with `||`. */
export const Stop = {
  /** On to the next step. */
  Go: 0,
  /** Dropped, with the reason in `tcb.drop`; an ACK may be owed. */
  Dropped: 1,
  /** Done before the last step, in order. */
  Done: 2,
  /** The stack answers with the RST that `replyReset` forms; the connection stays, unless it is in CLOSED. */
  Reply: 3,
  /** The connection is in CLOSED: `tcb.failure` says why. */
  Closed: 4,
  /** Back to LISTEN: the half-open connection is forgotten (passive OPEN). */
  Listen: 5,
  /** A newer SYN ends this TIME-WAIT: the connection is deleted and the segment goes to the listener (RFC 6191). */
  Reopen: 6,
} as const;

export type Stop = (typeof Stop)[keyof typeof Stop];
