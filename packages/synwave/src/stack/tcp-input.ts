/** A TCP segment arrives: read, looked up, walked through RFC 9293 §3.10.7, and settled. */
import type { Frame } from '../base/frame.ts';
import { unsigned } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';
import type { IpInterface } from '../ip/interface.ts';
import type { Path } from '../ip/path.ts';
import { passingPath, pathTo } from '../ip/paths.ts';
import { arriveSynchronized } from '../tcp/arrive.ts';
import { arriveClosed, arriveListen, arriveSynSent, openPassive } from '../tcp/arrive-early.ts';
import { initialSequence } from '../tcp/isn.ts';
import { replyReset } from '../tcp/reply.ts';
import { State } from '../tcp/state.ts';
import { Stop } from '../tcp/stop.ts';
import { move, type Tcb } from '../tcp/tcb.ts';
import { Drop } from '../wire/drop.ts';
import { pseudoSum } from '../wire/ip.ts';
import { ACK, type Segment, SYN } from '../wire/segment.ts';
import { readTcp } from '../wire/tcp.ts';
import { answerByCookie, cookieMss, givesCookies, openByCookie } from './cookie-input.ts';
import type { Core } from './core.ts';
import { dropPacket } from './events-out.ts';
import { freshTcb, takeHalfOpen } from './half-open.ts';
import { scopeFor } from './icmp-output.ts';
import type { Listener } from './listeners.ts';
import { load, markReady, settle } from './settle.ts';
import { Kind } from './slots.ts';
import { sendBare } from './tcp-output.ts';

/** `core.packet` holds the IP header that was read from `frame`. */
export function tcpInput(core: Core, arrivedOn: IpInterface, frame: Frame, now: Micros): void {
  const { packet, seg, slots } = core;
  const { textAt, textEnd } = packet;
  if (core.ip.toMany) {
    dropPacket(core, Drop.Broadcast, -1); // MUST-57
    return;
  }
  const pseudo = arrivedOn.link.offloads.verifySums && !frame.vouched ? pseudoSum(packet, textEnd - textAt) : -1;
  const fault = readTcp(seg, frame, textAt, textEnd, pseudo);
  if (fault !== Drop.None) {
    dropPacket(core, fault, -1);
    return;
  }
  if (seg.srcPort === 0 || seg.dstPort === 0) {
    dropPacket(core, Drop.TcpPort, -1);
    return;
  }
  core.segmentsIn++;
  seg.ecn = packet.trafficClass & 3;
  const slot = slots.tuples.find(packet.dst, seg.dstPort, packet.src, seg.srcPort);
  if (slot >= 0) toConnection(core, arrivedOn, slot, seg, now);
  else toListener(core, arrivedOn, seg, now);
}

function toConnection(core: Core, arrivedOn: IpInterface, slot: number, seg: Segment, now: Micros): void {
  const { slots } = core;
  if (slots.kindOf(slot) === Kind.HalfOpen && (seg.flags & ACK) !== 0) {
    // As Linux does: with no place to wait, the ACK that would establish the connection is dropped; it comes again.
    const listener = core.listeners.get(slots.listenerOf(slot));
    if (listener?.full === true) {
      dropPacket(core, Drop.AcceptQueueFull, slot);
      return;
    }
  }
  const tcb = load(core, slot);
  if (core.observer !== null) observeIn(core, slot, seg, tcb.snd.scale);
  if (tcb.state === State.SynReceived && tcb.passive && seg.ack !== tcb.snd.nxt) {
    // A row has room for the repeated SYN of a client that then hears of the cookie before: the client goes by that.
    const listener = core.listeners.get(slots.listenerOf(slot));
    const mss = listener === null ? -1 : cookieMss(core, listener, seg, now);
    if (listener !== null && mss >= 0) {
      move(tcb, State.Listen);
      settle(core, slot, tcb);
      fromCookie(core, arrivedOn, listener, seg, mss, now);
      return;
    }
  }
  walk(core, arrivedOn, slot, tcb, seg, now);
}

/** The steps of §3.10.7 with `tcb`, which `load` gave for `slot`, and what they leave to do. */
function walk(core: Core, arrivedOn: IpInterface, slot: number, tcb: Tcb, seg: Segment, now: Micros): void {
  const { slots } = core;
  tcb.tally.segmentsIn++;
  const { una } = tcb.snd;
  const stop = tcb.state === State.SynSent ? arriveSynSent(tcb, seg, now) : arriveSynchronized(tcb, seg, now);
  // RFC 4861 §7.3.1: what we sent has got there, so whoever takes it on for us is there.
  if (tcb.snd.una !== una) {
    const { neighbour } = slots.pathOf(slot);
    if (neighbour !== null) core.ip.neighbours.confirm(neighbour);
  }
  switch (stop) {
    case Stop.Dropped:
      dropPacket(core, tcb.drop, slot);
      break;
    case Stop.Reply:
      replyReset(core.out, seg);
      answerBare(core, arrivedOn);
      break;
    case Stop.Reopen:
      // RFC 6191: this incarnation ends here, and the SYN finds who listens.
      move(tcb, State.Closed);
      settle(core, slot, tcb);
      toListener(core, arrivedOn, seg, now);
      return;
    default:
      break;
  }
  if (tcb.state !== State.Closed && tcb.state !== State.Listen) markReady(core, slot);
  settle(core, slot, tcb);
}

function toListener(core: Core, arrivedOn: IpInterface, seg: Segment, now: Micros): void {
  const { packet } = core;
  if (core.observer !== null) observeIn(core, -1, seg, 0);
  const listener = core.listeners.find(packet.dst, seg.dstPort);
  const mss = listener === null ? -1 : cookieMss(core, listener, seg, now);
  if (listener !== null && mss >= 0) {
    fromCookie(core, arrivedOn, listener, seg, mss, now);
    return;
  }
  const stop = listener === null ? arriveClosed(seg) : arriveListen(seg, listener.config);
  if (stop === Stop.Reply) {
    replyReset(core.out, seg);
    answerBare(core, arrivedOn);
  } else if (stop === Stop.Go && listener !== null) {
    openHalf(core, arrivedOn, listener, seg, now);
  } else {
    dropPacket(core, Drop.Unacceptable, -1);
  }
}

/** RFC 4987 §3.6: the ACK that completes a handshake of which only the peer remembers anything. */
function fromCookie(
  core: Core,
  arrivedOn: IpInterface,
  listener: Listener,
  seg: Segment,
  mss: number,
  now: Micros,
): void {
  const slot = openByCookie(core, pathBack(core, arrivedOn), listener, seg, mss, now);
  if (slot >= 0) walk(core, arrivedOn, slot, core.scratch, seg, now);
}

/** §3.10.7.2, third: a SYN for a listener becomes a row, if there is room in both of its queues; or it gets a cookie. */
function openHalf(core: Core, arrivedOn: IpInterface, listener: Listener, seg: Segment, now: Micros): void {
  const { packet, secrets } = core;
  if (listener.full) {
    dropPacket(core, Drop.AcceptQueueFull, -1);
    return;
  }
  if (givesCookies(listener)) {
    answerByCookie(core, passingBack(core, arrivedOn), listener, seg, now);
    return;
  }
  if (listener.halfOpen >= listener.synBacklog) {
    dropPacket(core, Drop.SynQueueFull, -1);
    return;
  }
  const path = pathBack(core, arrivedOn);
  const slot = takeHalfOpen(core, path, listener, seg);
  if (slot < 0) return;
  const tcb = freshTcb(core, path, listener, now);
  tcb.watch = core.watchOf(slot);
  const { src, dst } = packet;
  const hash = secrets.sequence(dst, seg.dstPort, src, seg.srcPort);
  openPassive(tcb, seg, initialSequence(hash, now), now);
  markReady(core, slot);
  settle(core, slot, tcb);
}

/** The way to where the segment came from. */
function pathBack(core: Core, arrivedOn: IpInterface): Path {
  const { src } = core.packet;
  return pathTo(core.ip, src, scopeFor(src, arrivedOn));
}

/** The same for an answer after which the sender is forgotten. */
function passingBack(core: Core, arrivedOn: IpInterface): Path {
  const { src } = core.packet;
  return passingPath(core.ip, src, scopeFor(src, arrivedOn));
}

/** Sends `core.out` back. */
function answerBare(core: Core, arrivedOn: IpInterface): void {
  const { src, dst } = core.packet;
  sendBare(core, passingBack(core, arrivedOn), dst, src);
}

function observeIn(core: Core, slot: number, seg: Segment, scale: number): void {
  core.observer?.({
    type: 'segment',
    time: core.clock.now,
    connection: slot < 0 ? null : (core.watchOf(slot)?.name ?? null),
    direction: 'in',
    flags: seg.flags,
    seq: unsigned(seg.seq),
    ack: unsigned(seg.ack),
    length: seg.textLen,
    window: (seg.flags & SYN) !== 0 ? seg.wnd : seg.wnd << scale,
    again: false,
  });
}
