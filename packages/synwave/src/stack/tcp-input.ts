/** A TCP segment arrives: read, looked up, walked through RFC 9293 §3.10.7, and settled. */
import type { Frame } from '../base/frame.ts';
import { unsigned } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';
import type { IpInterface } from '../ip/interface.ts';
import { arriveSynchronized } from '../tcp/arrive.ts';
import { arriveClosed, arriveListen, arriveSynSent, openPassive } from '../tcp/arrive-early.ts';
import { initialSequence } from '../tcp/isn.ts';
import { replyReset, resetOf } from '../tcp/reply.ts';
import { State } from '../tcp/state.ts';
import { Stop } from '../tcp/stop.ts';
import { TCB_COST } from '../tcp/store.ts';
import { move, renew } from '../tcp/tcb.ts';
import { Drop } from '../wire/drop.ts';
import { pseudoSum } from '../wire/ip.ts';
import { ACK, type Segment, SYN } from '../wire/segment.ts';
import { readTcp } from '../wire/tcp.ts';
import type { Core } from './core.ts';
import { dropPacket } from './events-out.ts';
import type { Listener } from './listeners.ts';
import { defaultMss, pathMss } from './paths.ts';
import { load, markReady, settle } from './settle.ts';
import { Kind } from './slots.ts';
import { sendBare } from './tcp-output.ts';

/** `core.packet` holds the IP header that was read from `frame`. */
export function tcpInput(core: Core, arrivedOn: IpInterface, frame: Frame, now: Micros): void {
  const { packet, seg, slots } = core;
  const { textAt, textEnd } = packet;
  const pseudo = arrivedOn.link.offloads.verifySums ? pseudoSum(packet, textEnd - textAt) : -1;
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
  const { slots, packet } = core;
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
  tcb.tally.segmentsIn++;
  const stop = tcb.state === State.SynSent ? arriveSynSent(tcb, seg, now) : arriveSynchronized(tcb, seg, now);
  switch (stop) {
    case Stop.Dropped:
      dropPacket(core, tcb.drop, slot);
      break;
    case Stop.Reply:
      replyReset(core.out, seg);
      sendBare(core, arrivedOn, packet.dst, packet.src);
      break;
    case Stop.Abort:
      resetOf(core.out, tcb);
      core.out.srcPort = seg.dstPort;
      core.out.dstPort = seg.srcPort;
      sendBare(core, arrivedOn, packet.dst, packet.src);
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
  const stop = listener === null ? arriveClosed(seg) : arriveListen(seg);
  if (stop === Stop.Reply) {
    replyReset(core.out, seg);
    sendBare(core, arrivedOn, packet.dst, packet.src);
  } else if (stop === Stop.Go && listener !== null) {
    openHalf(core, arrivedOn, listener, seg, now);
  } else {
    dropPacket(core, Drop.Unacceptable, -1);
  }
}

/** §3.10.7.2, third: a SYN for a listener becomes a row, if there is room in both of its queues. */
function openHalf(core: Core, arrivedOn: IpInterface, listener: Listener, seg: Segment, now: Micros): void {
  const { packet, slots, secrets } = core;
  if (listener.full) {
    dropPacket(core, Drop.AcceptQueueFull, -1);
    return;
  }
  if (listener.halfOpen >= listener.synBacklog) {
    dropPacket(core, Drop.SynQueueFull, -1);
    return;
  }
  if (!core.store.reserve(TCB_COST)) {
    dropPacket(core, Drop.MemoryFull, -1);
    return;
  }
  const { src, dst } = packet;
  const slot = slots.take(Kind.HalfOpen, arrivedOn.index, listener.id, dst, seg.dstPort, src, seg.srcPort);
  listener.halfOpen++;
  const tcb = core.scratch;
  renew(tcb, listener.config);
  tcb.watch = core.watchOf(slot);
  tcb.pathMss = pathMss(arrivedOn, dst.family, listener.config);
  tcb.peerMss = defaultMss(dst.family);
  tcb.ts.offset = secrets.timestamp(dst, src);
  const hash = secrets.sequence(dst, seg.dstPort, src, seg.srcPort);
  openPassive(tcb, seg, initialSequence(hash, now), now);
  markReady(core, slot);
  settle(core, slot, tcb);
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
