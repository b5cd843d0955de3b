/** The largest text that a path takes changes under a connection (RFC 1191 §6.4, RFC 8201 §5.4). */
import type { Seq } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';
import { fitMss } from './negotiate.ts';
import { Stop } from './stop.ts';
import type { Tcb } from './tcb.ts';

export function tooBigArrives(tcb: Tcb, _seq: Seq, pathMss: number, now: Micros): Stop {
  pathMssChanges(tcb, pathMss, now);
  return Stop.Done;
}

export function pathMssChanges(tcb: Tcb, pathMss: number, _now: Micros): void {
  tcb.pathMss = pathMss;
  fitMss(tcb);
}
