/** How much new text may go out now: the peer's window, the congestion window, Nagle, silly windows (RFC 9293 §3.8.6.2.1). */
import { diff, gt } from '../../base/seq.ts';
import { SECOND } from '../../base/time.ts';
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

/** Nagle's algorithm (RFC 9293 §3.7.4) in the variants of the systems: what is in flight may not hold a small segment back. */
function passesNagle({ config, snd }: Tcb): boolean {
  if (config.nagle === 'minshall') return !gt(snd.small, snd.una);
  return config.nagle === 'bsd' && snd.idleEnd === queuedEnd(snd);
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
  const mayGo = idle || tcb.noDelay || snd.closing || passesNagle(tcb); // a FIN that follows makes it the last
  if (data <= window && mayGo) return data; // (2): what is queued is pushed
  if (idle && n * 2 >= snd.wndMax) return n; // (3)
  return override ? n : 0; // (4)
}

/** A short path's bursts: 64 KiB, halved with each of so many microseconds of the shortest round trip. */
const BURST_MOST = 65_536;
const BURST_HALVES = 512;
/** And of a rate: what goes out in about a millisecond. */
const BURSTS_PER_SECOND = 1024;

/** Segments that Linux sends as one burst: two at least. */
export function burstSegments(tcb: Tcb): number {
  const { rtt, snd } = tcb;
  const { cwnd, ssthresh } = controllerOf(tcb);
  const gain = cwnd < ssthresh / 2 ? 2 : 1.2;
  const rate = (gain * cwnd * SECOND) / Math.max(rtt.srtt, 1);
  const near = BURST_MOST / 2 ** Math.min(Math.floor(rtt.min / BURST_HALVES), 32);
  const octets = rtt.samples === 0 ? 0 : Math.min(rate / BURSTS_PER_SECOND + Math.floor(near), BURST_MOST);
  return Math.max(2, Math.floor(octets / snd.mss));
}
