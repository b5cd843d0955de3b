/** RFC 9293 §3.4: whether any part of a segment lies in the receive window. */
import { add, diff, ge, gt, lt } from '../base/seq.ts';
import type { Segment } from '../wire/segment.ts';
import type { Rcv } from './tcb.ts';

/** RCV.WND: how much of the window that was offered is left. */
export function rcvWnd(rcv: Rcv): number {
  return Math.max(0, diff(rcv.edge, rcv.nxt));
}

/**
 * Table 6 of §3.10.7.4, and one row more: a segment that covers the whole window has neither end inside of it, but its
 * middle is what the step's own words, cut to the window, ask to be taken.
 */
export function acceptable(rcv: Rcv, seg: Segment): boolean {
  const wnd = rcvWnd(rcv);
  const { nxt } = rcv;
  const right = add(nxt, wnd);
  if (seg.len === 0) return wnd === 0 ? seg.seq === nxt : ge(seg.seq, nxt) && lt(seg.seq, right);
  if (wnd === 0) return false;
  const last = add(seg.seq, seg.len - 1);
  return (
    (ge(seg.seq, nxt) && lt(seg.seq, right)) ||
    (ge(last, nxt) && lt(last, right)) ||
    (lt(seg.seq, nxt) && gt(last, right))
  );
}
