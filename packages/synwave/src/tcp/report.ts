/** RFC 9293 §3.9.2.2, RFC 5927: ICMP reports trouble with a segment of ours; believed as far as an outsider could not guess. */
import { lt, type Seq } from '../base/seq.ts';
import { Drop } from '../wire/drop.ts';
import { end } from './end.ts';
import { Failure } from './failure.ts';
import { State } from './state.ts';
import { Stop } from './stop.ts';
import type { Tcb } from './tcb.ts';

/**
 * `seq` is the sequence number of the segment that the report quotes. `failure`: what an OPEN ends in, for a hard error;
 * `Failure.None` for a soft one. `code`: what `tcb.softError` says afterwards.
 *
 * RFC 5927 §4.1: a report about what is not in flight is dropped. §5.2: only in SYN-SENT does a hard error abort (SHLD-26);
 * a connection that is synchronized takes each for a soft one, as it must those that are (MUST-56), and goes on trying.
 */
export function reportArrives(tcb: Tcb, seq: Seq, failure: Failure, code: string): Stop {
  const { snd } = tcb;
  if (lt(seq, snd.una) || !lt(seq, snd.nxt)) {
    tcb.drop = Drop.IcmpUnbelievable;
    return Stop.Dropped;
  }
  noteSoft(tcb, code);
  if (tcb.state !== State.SynSent) return Stop.Done;
  const ending = failure === Failure.None && tcb.config.softErrors === 'end-open' ? softFailure(code) : failure;
  return ending === Failure.None ? Stop.Done : end(tcb, ending);
}

/** What a soft error ends an OPEN in, where it does. */
function softFailure(code: string): Failure {
  if (code === 'EHOSTUNREACH') return Failure.HostUnreachable;
  return code === 'ENETUNREACH' ? Failure.NetUnreachable : Failure.None;
}

/**
 * Nobody answers at the next hop of this connection: this host has asked by itself, so there is nothing to doubt. An
 * OPEN in SYN-SENT ends; otherwise it is noted, for the neighbour may come back before R2 (RFC 9293 §3.9.2.2).
 */
export function neighbourFails(tcb: Tcb): Stop {
  noteSoft(tcb, 'EHOSTUNREACH');
  return tcb.state === State.SynSent ? end(tcb, Failure.HostUnreachable) : Stop.Done;
}

/** No route leads to the peer any more: it goes on trying, for one may come back (RFC 9293 §3.9.2.2). */
export function routeFails(tcb: Tcb): void {
  noteSoft(tcb, 'ENETUNREACH');
}

function noteSoft(tcb: Tcb, code: string): void {
  tcb.softError = code;
  tcb.softErrorHolds = true;
}
