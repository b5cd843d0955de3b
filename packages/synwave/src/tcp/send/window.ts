/** RFC 9293 §3.10.7.4, fifth: the send window, and what a window that opens or shrinks brings about. */
import { add, diff, le, lt } from '../../base/seq.ts';
import { type Micros, NEVER } from '../../base/time.ts';
import type { Segment } from '../../wire/segment.ts';
import type { Snd, Tcb } from '../tcb.ts';

/** The usable window U of §3.8.6.2.1; negative when the peer has shrunk it (MUST-34). */
export function usable(snd: Snd): number {
  return diff(add(snd.una, snd.wnd), snd.nxt);
}

/** How long a closed window is left alone (§3.8.6.1): the RTO, backed off with each probe, within bounds. */
export function persistTime({ rtt, config }: Tcb): Micros {
  return Math.min(Math.max(rtt.rto, config.persistMin), config.persistMax);
}

/** SND.WND <- SEG.WND, unless the segment is older than the one that set it. */
export function updateWindow(tcb: Tcb, seg: Segment): void {
  const { snd, due } = tcb;
  if (!(lt(snd.wl1, seg.seq) || (snd.wl1 === seg.seq && le(snd.wl2, seg.ack)))) return;
  const before = snd.wnd;
  snd.wnd = seg.wnd << snd.scale;
  snd.wl1 = seg.seq;
  snd.wl2 = seg.ack;
  if (snd.wnd > snd.wndMax) snd.wndMax = snd.wnd;
  if (before > 0 || snd.wnd === 0) return;
  // The window opens again: the probe's octet, and whatever was refused at the closed window, goes out now.
  due.persist = NEVER;
  const { sent } = snd;
  if (sent === null) return;
  for (let slot = sent.oldestFlying(); slot >= 0; slot = sent.oldestFlying()) sent.lose(slot);
}
