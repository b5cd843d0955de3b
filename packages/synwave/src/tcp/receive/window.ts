/** The window we offer: RFC 9293 §3.8.6.2.2, silly-window avoidance in the receiver. The right edge never moves left. */
import { add, diff } from '../../base/seq.ts';
import { rcvWnd } from '../acceptable.ts';
import type { Rcv, Tcb } from '../tcb.ts';

/** The largest field of 16 bits, and its reach with a shift. */
const FIELD = 0xffff;

/** How far the right edge could move: the space that is neither used nor offered. */
function reduction(rcv: Rcv): number {
  const space = Math.min(rcv.buffer.room, FIELD << rcv.scale);
  // Whole units of the scale only, so that what the field says and what we admit agree.
  return ((space >> rcv.scale) << rcv.scale) - rcvWnd(rcv);
}

/** Moves the edge where the rule allows: by half the buffer, or by a full segment. */
export function openWindow(rcv: Rcv): void {
  const more = reduction(rcv);
  if (more >= Math.min(rcv.buffer.capacity >> 1, rcv.mss)) rcv.edge = add(rcv.edge, more);
}

/** The field to send; SYN segments are not scaled (RFC 7323 §2.2). */
export function windowField(rcv: Rcv, scaled: boolean): number {
  return Math.min(rcvWnd(rcv) >> (scaled ? rcv.scale : 0), FIELD);
}

/** Whether the user's reading has opened the window so far that the peer should hear of it unasked. */
export function oweUpdate(tcb: Tcb): boolean {
  const { rcv } = tcb;
  const more = reduction(rcv);
  return more >= Math.min(rcv.buffer.capacity >> 1, 2 * rcv.mss) && more >= diff(rcv.edge, rcv.nxt);
}
