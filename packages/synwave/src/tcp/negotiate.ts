/** What two SYNs agree on: MSS (RFC 9293 §3.7.1), window scale and timestamps (RFC 7323), SACK (RFC 2018), ECN (RFC 3168). */
import { add } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';
import type { Segment } from '../wire/segment.ts';
import { agreeOnEcn } from './ecn.ts';
import type { Tcb } from './tcb.ts';
import { tsClock } from './timestamps.ts';

/** RFC 7323 §2.3. */
const SCALE_MOST = 14;
/** A timestamp with its two NOPs. */
export const TS_OCTETS = 12;
/** The smallest text that we let a path confine us to: below it, headers would be most of the traffic. */
export const MSS_LEAST = 48;

/** The shift with which the whole receive buffer can be offered in 16 bits. */
export function scaleFor(capacity: number): number {
  let shift = 0;
  while (shift < SCALE_MOST && capacity >> shift > 0xffff) shift++;
  return shift;
}

/** What we announce in a SYN, or in a SYN,ACK: there, only what the peer announced as well. */
export function announce(tcb: Tcb, out: Segment, answers: boolean, now: Micros): void {
  const { config, rcv, ts } = tcb;
  out.bsdOptions = config.optionOrder === 'bsd';
  out.mss = rcv.mss;
  if (answers ? tcb.scaled : config.windowScale) out.wscale = rcv.scale;
  out.sackOk = answers ? tcb.sack : config.sack;
  if (answers ? ts.on : config.timestamps) {
    out.hasTs = true;
    out.tsVal = tsClock(tcb, now);
    out.tsEcr = ts.recent;
  }
}

/** Takes the peer's SYN: IRS, its options, and what both ends have in common. */
export function takeSyn(tcb: Tcb, seg: Segment, now: Micros): void {
  const { config, snd, rcv, ts } = tcb;
  rcv.irs = seg.seq;
  rcv.nxt = add(seg.seq, 1);
  rcv.up = rcv.nxt;
  tcb.scaled = config.windowScale && seg.wscale >= 0;
  snd.scale = tcb.scaled ? Math.min(seg.wscale, SCALE_MOST) : 0;
  if (!tcb.scaled) rcv.scale = 0;
  tcb.sack = config.sack && seg.sackOk;
  ts.on = config.timestamps && seg.hasTs;
  if (ts.on) {
    ts.recent = seg.tsVal;
    ts.recentAt = now;
  }
  ts.lastAckSent = rcv.nxt;
  agreeOnEcn(tcb, seg);
  if (seg.mss >= 0) tcb.peerMss = Math.max(seg.mss, config.mssLeast);
  fitMss(tcb);
  // The window of a segment with SYN is never scaled (RFC 7323 §2.2).
  snd.wnd = seg.wnd;
  snd.wndMax = Math.max(snd.wndMax, seg.wnd);
  snd.wl1 = seg.seq;
  snd.wl2 = seg.ack;
  if (tcb.passive) offerFirstWindow(tcb);
  else openFirst(tcb);
}

/**
 * Eff.snd.MSS = min(SendMSS, MMS_S - 20) less the options of every segment (RFC 9293 §3.7.1, RFC 6691), and what a search
 * for the path's MTU has confirmed at most (RFC 4821 §7.1, eff_pmtu).
 */
export function fitMss(tcb: Tcb): void {
  const { snd, search } = tcb;
  const most = Math.min(tcb.peerMss, tcb.pathMss);
  snd.mss = (search === null ? most : Math.min(most, search.low)) - optionOctets(tcb);
}

/** `wholeSegments`: the MSS is agreed on, and both buffers hold a multiple of it. */
export function growBuffers({ config, snd, rcv, peerMss, pathMss }: Tcb): void {
  if (!config.wholeSegments) return;
  const mss = Math.min(peerMss, pathMss);
  for (const { buffer } of [snd, rcv]) {
    if (buffer.capacity > mss) buffer.capacity = Math.ceil(buffer.capacity / mss) * mss;
  }
}

/** Octets of the options that every segment carries. */
export function optionOctets(tcb: Tcb): number {
  return tcb.ts.on ? TS_OCTETS : 0;
}

/** The most that a connection offers at first: the buffer; of Linux whole segments of it. */
export function firstOffer(tcb: Tcb): number {
  const { rcv, config } = tcb;
  const { capacity } = rcv.buffer;
  const text = rcv.mss - optionOctets(tcb);
  return config.windowSteps === 'linux' && capacity > text ? capacity - (capacity % text) : capacity;
}

/** Offers it: what 16 bits can say, for SYNs are not scaled. Linux takes what the scale will say soon. */
export function offerFirstWindow(tcb: Tcb): void {
  const { rcv } = tcb;
  rcv.most = firstOffer(tcb);
  openFirst(tcb);
}

function openFirst({ rcv, config }: Tcb): void {
  const isWide = config.windowSteps === 'linux' && rcv.scale > 0;
  rcv.edge = add(rcv.nxt, isWide ? rcv.most : Math.min(rcv.most, 0xffff));
}
