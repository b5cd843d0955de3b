/** RFC 9293 §3.3.2: the eleven states of a connection and the moves between them. */

export const State = {
  Closed: 0,
  Listen: 1,
  SynSent: 2,
  SynReceived: 3,
  Established: 4,
  FinWait1: 5,
  FinWait2: 6,
  CloseWait: 7,
  Closing: 8,
  LastAck: 9,
  TimeWait: 10,
} as const;

export type State = (typeof State)[keyof typeof State];

/** The RFC's own spelling, in the order of the numbers. */
export const stateNames: readonly string[] = [
  'CLOSED',
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
];

/** One arrow of the state diagram: from, to, and what takes it. */
export type Move = readonly [from: State, to: State, event: string];

/**
 * Every legal move: the arrows of figure 5, then those that the text of §3.10 adds
 * (reset, abort and the time-outs lead to CLOSED; a FIN with the ACK of ours takes FIN-WAIT-1 to TIME-WAIT).
 */
export const moves: readonly Move[] = [
  [State.Closed, State.Listen, 'passive OPEN'],
  [State.Closed, State.SynSent, 'active OPEN'],
  [State.Listen, State.Closed, 'CLOSE'],
  [State.Listen, State.SynReceived, 'SYN arrives'],
  [State.Listen, State.SynSent, 'SEND'],
  [State.SynSent, State.Closed, 'CLOSE, RST or time-out'],
  [State.SynSent, State.SynReceived, 'SYN arrives (simultaneous open)'],
  [State.SynSent, State.Established, 'SYN,ACK arrives'],
  [State.SynReceived, State.Established, 'ACK of SYN arrives'],
  [State.SynReceived, State.FinWait1, 'CLOSE'],
  [State.SynReceived, State.Listen, 'RST or SYN arrives (passive OPEN)'],
  [State.SynReceived, State.Closed, 'RST (active OPEN), ABORT or time-out'],
  [State.Established, State.FinWait1, 'CLOSE'],
  [State.Established, State.CloseWait, 'FIN arrives'],
  [State.Established, State.Closed, 'RST, ABORT or time-out'],
  [State.FinWait1, State.FinWait2, 'ACK of FIN arrives'],
  [State.FinWait1, State.Closing, 'FIN arrives'],
  [State.FinWait1, State.TimeWait, 'FIN and ACK of FIN arrive'],
  [State.FinWait1, State.Closed, 'RST, ABORT or time-out'],
  [State.FinWait2, State.TimeWait, 'FIN arrives'],
  [State.FinWait2, State.Closed, 'RST, ABORT or orphan time-out'],
  [State.CloseWait, State.LastAck, 'CLOSE'],
  [State.CloseWait, State.Closed, 'RST, ABORT or time-out'],
  [State.Closing, State.TimeWait, 'ACK of FIN arrives'],
  [State.Closing, State.Closed, 'RST, ABORT or time-out'],
  [State.LastAck, State.Closed, 'ACK of FIN, RST, ABORT or time-out'],
  [State.TimeWait, State.Closed, '2MSL time-out, RST or ABORT'],
  [State.TimeWait, State.SynReceived, 'newer SYN arrives (RFC 6191)'],
];

const legal: Uint16Array = new Uint16Array(stateNames.length);
for (const [from, to] of moves) legal[from] = (legal[from] as number) | (1 << to);

/** Whether the diagram has an arrow `from` → `to`. */
export function isLegalMove(from: State, to: State): boolean {
  return (((legal[from] as number) >> to) & 1) === 1;
}
