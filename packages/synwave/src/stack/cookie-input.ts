/** A handshake of which nothing is remembered (RFC 4987 §3.6): the SYN is answered by a cookie, the ACK brings it back. */
import { Frame } from '../base/frame.ts';
import { add, seq } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';
import type { Path } from '../ip/path.ts';
import { openPassive } from '../tcp/arrive-early.ts';
import { forgetUntold, readAgreed, rebuildSyn, reopenPassive, tellAgreed } from '../tcp/cookie.ts';
import { nextSegment } from '../tcp/next-segment.ts';
import { Drop } from '../wire/drop.ts';
import { ACK, RST, type Segment, SYN } from '../wire/segment.ts';
import type { Core } from './core.ts';
import { dropPacket } from './events-out.ts';
import { freshTcb, takeHalfOpen } from './half-open.ts';
import type { Listener } from './listeners.ts';
import { COOKIE_LIFE } from './syn-cookies.ts';
import { sendBare } from './tcp-output.ts';

/** Where the text of a SYN,ACK would go: it has none. */
const NO_TEXT: Frame = new Frame(0);

/** Whether the next SYN for `listener` gets a cookie: its SYN queue is full, or it is to give nothing else. */
export function givesCookies(listener: Listener): boolean {
  const { synCookies } = listener.config;
  return synCookies === 'always' || (synCookies === 'full' && listener.halfOpen >= listener.synBacklog);
}

/** Answers a SYN by a SYN,ACK, and forgets both. It is sent once: a client that misses it repeats its SYN. */
export function answerByCookie(core: Core, path: Path, listener: Listener, seg: Segment, now: Micros): void {
  const { packet, out, cookies, secrets } = core;
  const { src, dst } = packet;
  if (path.via === null) {
    dropPacket(core, Drop.NoRoute, -1);
    return;
  }
  const tcb = freshTcb(core, path, listener, now);
  forgetUntold(tcb, seg);
  openPassive(tcb, seg, seq(0), now);
  nextSegment(tcb, out, NO_TEXT, 0, now);
  const f = secrets.sequence(dst, seg.dstPort, src, seg.srcPort);
  const agreed = tellAgreed(tcb, out);
  out.seq = cookies.bind(packet, seg, seg.seq, agreed).make(f, tcb.peerMss, now);
  out.srcPort = seg.dstPort;
  out.dstPort = seg.srcPort;
  cookies.sent++;
  listener.cookieAt = now;
  sendBare(core, path, dst, src, listener.config);
}

/**
 * The MSS that the peer told, where `seg` acknowledges a cookie of ours; -1 where not. Asked only while cookies that are
 * still good may be about; a stray ACK is answered as ever, whether it is asked or not.
 */
export function cookieMss(core: Core, listener: Listener, seg: Segment, now: Micros): number {
  if ((seg.flags & (SYN | ACK | RST)) !== ACK || now - listener.cookieAt >= COOKIE_LIFE) return -1;
  const { packet, cookies, secrets } = core;
  const { src, dst } = packet;
  const agreed = readAgreed(listener.config.timestamps, seg);
  const f = secrets.sequence(dst, seg.dstPort, src, seg.srcPort);
  const mss = cookies.bind(packet, seg, add(seg.seq, -1), agreed).read(f, add(seg.ack, -1), now);
  if (mss >= 0) cookies.received++;
  else cookies.failed++;
  return mss;
}

/**
 * Makes the connection that `seg` completes: half open in a slot and in the scratch Tcb, as `load` leaves one, so that
 * `seg` then establishes it as any ACK does. -1: there is no room for it, and `seg` is dropped; it comes again.
 */
export function openByCookie(
  core: Core,
  path: Path,
  listener: Listener,
  seg: Segment,
  mss: number,
  now: Micros,
): number {
  if (listener.full) {
    dropPacket(core, Drop.AcceptQueueFull, -1);
    return -1;
  }
  const slot = takeHalfOpen(core, path, listener, seg);
  if (slot < 0) return -1;
  const tcb = freshTcb(core, path, listener, now);
  tcb.watch = core.watchOf(slot);
  // No answer is under way: the record for those that leave holds the SYN.
  rebuildSyn(core.out, seg, readAgreed(listener.config.timestamps, seg), mss);
  reopenPassive(tcb, core.out, add(seg.ack, -1), now);
  return slot;
}
