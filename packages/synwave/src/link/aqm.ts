/** AQM: active queue management (RFC 7567): who looks after a queue, so that it is not long before it is full. */
import type { Micros } from '../base/time.ts';

/** What a manager says of a packet that comes to its queue. */
export const Verdict = {
  Pass: 0,
  /** Its sender is to hear of congestion: by a mark where it knows ECN, else by the loss of the packet. */
  Signal: 1,
  /** It is dropped, whatever its sender knows. */
  Drop: 2,
} as const;

export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** A packet that comes to a queue before a line; one record is used again for all. */
export class Arrival {
  now: Micros = 0;
  /** Octets of the packet. */
  length = 0;
  /** Octets in front of it, with what is left of the packet that is just leaving. */
  waiting = 0;
  /** Octets that the line could have sent since it became free; 0 when it is not. */
  idle = 0;
  /** When the line takes it up if it stays: `now`, when the line is free. The difference is its sojourn time. */
  turn: Micros = 0;
  /** Whether the queue has room for it. If not, it is dropped whatever the manager says. */
  fits = true;
}

export interface QueueManager {
  /** Called for every packet, in the order in which they come, which is that of their turns. */
  judge(arrival: Arrival): Verdict;
  /** For whom it matters: what has become of the packet that `Signal` was said of, marked or else dropped. */
  signalled?(marked: boolean): void;
}
