/** RFC 4987 §3.6: what a SYN,ACK of which nothing is remembered agrees on, told by its timestamp; the Tcb made of the answer. */
import { add, gt, type Seq, seq } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';
import { CWR, clearOptions, ECE, type Segment, SYN } from '../wire/segment.ts';
import { openPassive } from './arrive-early.ts';
import type { Tcb } from './tcb.ts';

/** The low bits of TSval that tell, and what each says. Our clock ticks in 1 ms, so TSval is late by 63 ms at most. */
const TOLD = 0x3f;
const SCALE = 0x0f;
const SACK = 0x10;
const ECN = 0x20;
/** No shift: window scaling was not agreed on. The largest that is one is 14 (RFC 7323 §2.3). */
const NO_SCALE = 0x0f;
/** The handshake has no timestamps: nothing was agreed on, for nothing would tell. */
const NOTHING = TOLD + 1;

/** Takes off a SYN what its cookie could not tell later: without timestamps no window scale, no SACK, no ECN. */
export function forgetUntold(tcb: Tcb, syn: Segment): void {
  if (syn.hasTs && tcb.config.timestamps) return;
  clearOptionsButMss(syn);
  syn.flags &= ~(ECE | CWR);
}

function clearOptionsButMss(syn: Segment): void {
  const { mss } = syn;
  clearOptions(syn);
  syn.mss = mss;
}

/** What the SYN,ACK of `tcb` agrees on, as a number that a cookie is bound to; its TSval, if it has one, tells it from now on. */
export function tellAgreed(tcb: Tcb, synAck: Segment): number {
  if (!synAck.hasTs) return NOTHING;
  const agreed =
    (synAck.wscale >= 0 ? tcb.snd.scale : NO_SCALE) |
    (synAck.sackOk ? SACK : 0) |
    ((synAck.flags & (ECE | CWR)) === ECE ? ECN : 0); // RFC 3168 §6.1.1: an ECN-setup SYN,ACK
  // The clock at its last tick with these low bits: never ahead of itself, so that what follows never goes back (PAWS).
  const clock = synAck.tsVal;
  const told = seq((clock & ~TOLD) | agreed);
  synAck.tsVal = gt(told, clock) ? add(told, -(TOLD + 1)) : told;
  return agreed;
}

/** What the SYN,ACK that `seg` answers agreed on, if it was one of ours: the echo of its TSval tells. */
export function readAgreed(timestamps: boolean, seg: Segment): number {
  return timestamps && seg.hasTs ? seg.tsEcr & TOLD : NOTHING;
}

/** Makes `syn` the SYN that the sender of `seg` must have begun with, as far as its cookie tells. */
export function rebuildSyn(syn: Segment, seg: Segment, agreed: number, mss: number): void {
  clearOptions(syn);
  syn.seq = add(seg.seq, -1);
  syn.ack = seq(0);
  syn.flags = SYN;
  syn.wnd = 0; // `seg` brings the window that counts
  syn.len = 1;
  syn.mss = mss;
  if (agreed === NOTHING) return;
  syn.hasTs = true;
  syn.tsVal = seg.tsVal;
  if ((agreed & SCALE) !== NO_SCALE) syn.wscale = agreed & SCALE;
  syn.sackOk = (agreed & SACK) !== 0;
  if ((agreed & ECN) !== 0) syn.flags |= ECE | CWR;
}

/**
 * Makes `tcb`, fresh, the SYN-RECEIVED that has answered `syn` by a SYN,ACK with the sequence number `iss`. When that
 * went out is not known: its ACK gives no round-trip time.
 */
export function reopenPassive(tcb: Tcb, syn: Segment, iss: Seq, now: Micros): void {
  const { snd, store } = tcb;
  openPassive(tcb, syn, iss, now);
  snd.nxt = add(iss, 1);
  snd.sent ??= store.takeSent();
}
