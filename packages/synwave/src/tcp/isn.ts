/** RFC 6528 §3 (RFC 9293 §3.4.1): ISN = M + F(localip, localport, remoteip, remoteport, secret). */
import { add, type Seq, seq } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';

/** `hash` is F, computed by the caller with a secret; M is a clock that ticks every 4 µs. */
export function initialSequence(hash: number, now: Micros): Seq {
  return add(seq(hash), Math.floor(now / 4) % 0x1_0000_0000);
}
