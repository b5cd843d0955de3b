/** The end of a connection: CLOSED, the timers off, the user told, and why. */
import { disarm } from './due.ts';
import { type Failure, News } from './failure.ts';
import { State } from './state.ts';
import { Stop } from './stop.ts';
import { move, type Tcb } from './tcb.ts';

export function end(tcb: Tcb, failure: Failure): Stop {
  tcb.failure = failure;
  move(tcb, State.Closed);
  disarm(tcb.due);
  tcb.news |= News.Closed;
  return Stop.Closed;
}
