/** RFC 7323: the timestamp clock, PAWS, and the value to echo. */
import { add, diff, le, lt, type Seq, seq } from '../base/seq.ts';
import { MILLISECOND, type Micros, SECOND } from '../base/time.ts';
import { RST, type Segment } from '../wire/segment.ts';
import type { Tcb } from './tcb.ts';

/** §5.4: a tick of 1 ms. */
const TICK = MILLISECOND;
/** §5.5: a TS.Recent older than this is not compared with. */
const OLD: Micros = 24 * 24 * 3600 * SECOND;

/** The value of our timestamp clock at an instant. */
export function tsClock(tcb: Tcb, at: Micros): Seq {
  return add(seq(tcb.ts.offset), Math.floor(at / TICK) % 0x1_0000_0000);
}

/** §5.3 R1: whether the segment comes from the past of this connection, or lacks the option that it must carry. */
export function isFromThePast(tcb: Tcb, seg: Segment, now: Micros): boolean {
  const { ts } = tcb;
  if (!ts.on || (seg.flags & RST) !== 0) return false;
  if (!seg.hasTs) return !tcb.config.tolerateMissingTimestamps; // §3.2: silently dropped
  return lt(seg.tsVal, ts.recent) && now - ts.recentAt < OLD;
}

/** §4.3: the value to echo comes from the segment that advances the left edge of what was acknowledged last. */
export function rememberTs(tcb: Tcb, seg: Segment, now: Micros): void {
  const { ts } = tcb;
  if (!ts.on || !seg.hasTs) return;
  if (le(seg.seq, ts.lastAckSent) && diff(seg.tsVal, ts.recent) >= 0) {
    ts.recent = seg.tsVal;
    ts.recentAt = now;
  }
}

/** §4.1: the round-trip time that an echoed timestamp tells, within a tick, or -1. */
export function echoedRtt(tcb: Tcb, seg: Segment, now: Micros): Micros {
  if (!tcb.ts.on || !seg.hasTs) return -1;
  const ticks = diff(tsClock(tcb, now), seg.tsEcr);
  return ticks < 0 || ticks * TICK > tcb.config.rtoMax ? -1 : Math.max(ticks, 1) * TICK;
}
