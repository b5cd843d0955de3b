/** How much new text may go out now: the peer's window, the congestion window, Nagle, silly windows (RFC 9293 §3.8.6.2.1). */
import { diff } from '../../base/seq.ts';
import { queuedEnd, type Tcb } from '../tcb.ts';
import { controllerOf, pipe } from './recover.ts';
import { Phase } from './recovery-state.ts';
import { usable } from './window.ts';

/** Text queued and not sent: D of the RFC. */
export function unsent(tcb: Tcb): number {
  const { snd } = tcb;
  return Math.max(0, diff(queuedEnd(snd), snd.nxt));
}

/** Octets that congestion control lets out now. */
export function congestionRoom(tcb: Tcb): number {
  const r = tcb.recovery;
  if (r.phase === Phase.Fast) return r.budget;
  return controllerOf(tcb).cwnd - pipe(tcb);
}

/**
 * Octets of new text for the next segment, at most `most`; 0: wait. `override`: the silly window has been waited for.
 * Notes in `limited` whether it was the congestion window that said no.
 */
export function sendable(tcb: Tcb, most: number, override: boolean): number {
  const { snd, recovery: r } = tcb;
  const data = unsent(tcb);
  r.limited = false;
  if (data === 0) return 0;
  const window = usable(snd);
  if (window <= 0) return 0;
  const room = tcb.ecn.held ? 0 : congestionRoom(tcb);
  const n = Math.min(data, window, most);
  // A congestion window that lacks part of a segment waits for the whole; the last segment of all needs its own size only.
  const first = Math.min(n, snd.mss);
  if (room < first) {
    r.limited = true;
    return 0;
  }
  const fits = room >= n ? n : Math.floor(room / snd.mss) * snd.mss;
  if (fits < data && room < data) r.limited = true;
  if (fits >= snd.mss) return fits > snd.mss && fits < data ? fits - (fits % snd.mss) : fits; // (1)
  if (tcb.config.corked && !snd.closing) return override ? n : 0;
  const idle = snd.nxt === snd.una;
  const mayGo = idle || tcb.noDelay || snd.closing; // Nagle (RFC 9293 §3.7.4); a FIN that follows makes it the last
  if (data <= window && mayGo) return data; // (2): what is queued is pushed
  if (idle && n * 2 >= snd.wndMax) return n; // (3)
  return override ? n : 0; // (4)
}
