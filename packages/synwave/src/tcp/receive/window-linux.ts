/**
 * The window as Linux offers it: its buffer is memory, of which each segment takes more than its text; how much of it is
 * window follows from the segments that come, and it grows with each of them.
 */
import { add } from '../../base/seq.ts';
import { rcvWnd } from '../acceptable.ts';
import type { Rcv, Tcb } from '../tcb.ts';

/** Memory is twice what is set, and half of it window until a segment shows how much is. */
const MEMORY = 2;
const HALF = 128;
const WHOLE = 256;
/** What stands around a segment's text in memory, which is lent by powers of two, and what describes it. */
const AROUND = 440;
const DESCRIBED = 256;
/** Segments that are smaller do not make the window grow. */
const GROWS = 128;
/** What counts as a full segment before one has come (RFC 9293 §3.7.1). */
const FULL = 536;

/** Memory of a segment with that much text. */
function memoryOf(octets: number): number {
  return (1 << (32 - Math.clz32(octets + AROUND - 1))) + DESCRIBED;
}

/** Window of that much memory. */
function windowOf(rcv: Rcv, memory: number): number {
  return Math.floor((memory * (rcv.share || HALF)) / WHOLE);
}

function spaceOf(rcv: Rcv): number {
  return windowOf(rcv, Math.max(0, MEMORY * rcv.buffer.capacity - rcv.memory));
}

/** Text was taken into the buffer; `inOrder`: the user may have it. */
export function noteMemory({ rcv, config }: Tcb, octets: number, inOrder: boolean): void {
  if (config.windowSteps !== 'linux') return;
  const memory = memoryOf(octets);
  rcv.memory += memory;
  if (octets >= Math.max(rcv.full, Math.min(FULL, rcv.mss))) {
    rcv.full = octets;
    rcv.share = Math.max(Math.floor((octets * WHOLE) / memory), 1);
  }
  const limit = Math.min(windowOf(rcv, MEMORY * rcv.buffer.capacity), spaceOf(rcv));
  if (!inOrder || octets < GROWS || rcv.most >= limit) return;
  const step = windowOf(rcv, memory) <= octets ? rcv.mss : Math.max(rcv.full, octets);
  rcv.most = Math.min(rcv.most + 2 * step, limit);
}

/** The user has read: `left` octets of `held` are still there. */
export function freeMemory({ rcv }: Tcb, held: number, left: number): void {
  rcv.memory = held > 0 ? Math.floor((rcv.memory * left) / held) : 0;
}

/** Whatever is free, nothing of a small rest, rounded up to a unit of the scale; whole segments where nothing is scaled. */
export function openLinux({ rcv }: Tcb): void {
  const whole = windowOf(rcv, MEMORY * rcv.buffer.capacity);
  const unit = 1 << rcv.scale;
  const old = rcvWnd(rcv);
  const mss = Math.min(rcv.full || Math.min(FULL, rcv.mss), whole);
  let free = spaceOf(rcv);
  if (free < whole >> 1) {
    free -= free % unit;
    if (free < whole >> 4 || free < mss) free = 0;
  }
  free = Math.min(free, rcv.most);
  let window = old;
  if (rcv.scale > 0) window = Math.ceil(free / unit) * unit;
  else if (old <= free - mss || old > free) window = free - (free % mss);
  else if (mss === whole && free > old + (whole >> 1)) window = free;
  rcv.edge = add(rcv.nxt, Math.ceil(Math.max(window, old) / unit) * unit);
}
