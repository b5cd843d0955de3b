/** The window we offer: RFC 9293 §3.8.6.2.2, silly-window avoidance in the receiver. The right edge never moves left. */
import { add, diff } from '../../base/seq.ts';
import { NEVER } from '../../base/time.ts';
import { rcvWnd } from '../acceptable.ts';
import type { Rcv, Tcb } from '../tcb.ts';
import { openLinux } from './window-linux.ts';

/** The largest field of 16 bits, and its reach with a shift. */
const FIELD = 0xffff;

/** What 16 bits can say of the space that is free. */
function spaceOf(rcv: Rcv): number {
  return Math.min(rcv.buffer.room, FIELD << rcv.scale);
}

/** How far the right edge could move: the space that is neither used nor offered. */
function reduction(rcv: Rcv): number {
  const space = spaceOf(rcv);
  // Whole units of the scale only, so that what the field says and what we admit agree.
  return ((space >> rcv.scale) << rcv.scale) - rcvWnd(rcv);
}

/** Moves the edge where the rule allows: by half the buffer, or by a full segment. */
export function openWindow(tcb: Tcb): void {
  const { rcv, config } = tcb;
  if (config.windowSteps === 'bsd') {
    openBsd(rcv);
    return;
  }
  if (config.windowSteps === 'linux') {
    openLinux(tcb);
    return;
  }
  const more = reduction(rcv);
  if (more >= Math.min(rcv.buffer.capacity >> 1, rcv.mss)) rcv.edge = add(rcv.edge, more);
}

/** Whatever is free; nothing below a quarter of the buffer that is less than a segment. Rounded up, so that scaling never shrinks it. */
function openBsd(rcv: Rcv): void {
  const space = spaceOf(rcv);
  const free = space < rcv.buffer.capacity >> 2 && space < rcv.mss ? 0 : space;
  const unit = 1 << rcv.scale;
  const offered = Math.max(free, rcvWnd(rcv));
  rcv.edge = add(rcv.nxt, Math.ceil(offered / unit) * unit);
}

/** The field to send; SYN segments are not scaled (RFC 7323 §2.2). */
export function windowField(rcv: Rcv, scaled: boolean): number {
  return Math.min(rcvWnd(rcv) >> (scaled ? rcv.scale : 0), FIELD);
}

/** Whether the user's reading has opened the window so far that the peer should hear of it unasked. */
export function oweUpdate(tcb: Tcb): boolean {
  const { rcv, config } = tcb;
  if (config.windowSteps === 'bsd') return owesBsdUpdate(tcb);
  const more = reduction(rcv);
  return more >= Math.min(rcv.buffer.capacity >> 1, 2 * rcv.mss) && more >= diff(rcv.edge, rcv.nxt);
}

/** Two segments that are a quarter of the buffer, or much of what is left of it; or half of it. Not while an ACK follows anyway. */
function owesBsdUpdate({ rcv, due, config }: Tcb): boolean {
  const { capacity } = rcv.buffer;
  if (due.delayedAck !== NEVER) return false;
  const space = spaceOf(rcv);
  const old = rcvWnd(rcv);
  const more = space - old;
  if (old >> rcv.scale >= space >> rcv.scale) return false;
  const mss = config.mss > 0 ? Math.min(config.mss, rcv.mss) : rcv.mss;
  const much = more >= capacity >> 2 || space <= capacity >> 3 || capacity <= 8 * mss;
  return (more >= 2 * mss && much) || 2 * more >= capacity;
}
