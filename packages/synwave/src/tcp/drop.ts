/** Dropping a segment: the reason is noted and counted. */
import type { Drop } from '../wire/drop.ts';
import { Stop } from './stop.ts';
import type { Tcb } from './tcb.ts';

export function drop(tcb: Tcb, reason: Drop): Stop {
  tcb.drop = reason;
  tcb.tally.dropped++;
  return Stop.Dropped;
}
