/** Segments leave: what `nextSegment` fills is written into a frame, given its IP header, and handed to the link. */
import type { Address } from '../base/address.ts';
import { unsigned } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';
import { SMALL_TEXT } from '../ip/interface.ts';
import { ipOutput } from '../ip/output.ts';
import type { Path } from '../ip/path.ts';
import { refresh } from '../ip/paths.ts';
import { HEAD_ROOM } from '../link/link.ts';
import type { TcpConfig } from '../tcp/config.ts';
import { nextSegment } from '../tcp/next-segment.ts';
import { pathMssChanges } from '../tcp/path-mtu.ts';
import { routeFails } from '../tcp/report.ts';
import { addressSum, Protocol } from '../wire/ip.ts';
import { RST, type Segment, SYN } from '../wire/segment.ts';
import { writeTcp } from '../wire/tcp.ts';
import type { Core } from './core.ts';
import { pathMss } from './mss.ts';
import { load, settle } from './settle.ts';

/** Lets a connection send all that it may send now. */
export function tcpOutput(core: Core, slot: number, now: Micros): void {
  const { slots, out } = core;
  if (!slots.isListed(slot)) return; // closed meanwhile
  const path = refresh(core.ip, slots.pathOf(slot));
  const via = path.via ?? core.ip.loopback;
  if (via === null) return;
  const { tuples } = slots;
  const tcb = load(core, slot);
  if (path.via === null) {
    routeFails(tcb); // it goes on trying: a route may come back
  } else {
    const fits = pathMss(path, tcb.config, now);
    if (fits !== tcb.pathMss) pathMssChanges(tcb, fits, now);
  }
  const { superSegment } = via.link.offloads;
  for (;;) {
    // Where no more than this is queued, no segment carries more: a bare ACK does not ask for a frame of 64 KiB.
    const pool = tcb.snd.buffer.length <= SMALL_TEXT ? via.small : via.pool;
    const frame = pool.take(HEAD_ROOM);
    const { mss } = tcb.snd;
    const again = tcb.tally.retransmits;
    if (!nextSegment(tcb, out, frame, superSegment > mss ? superSegment - (superSegment % mss) : mss, now)) {
      frame.release();
      break;
    }
    out.srcPort = tuples.localPortOf(slot);
    out.dstPort = tuples.remotePortOf(slot);
    const { src, dst } = core.outPacket;
    tuples.localOf(slot, src);
    tuples.remoteOf(slot, dst);
    if (core.observer !== null)
      observeOut(core, slot, out, tcb.scaled ? tcb.rcv.scale : 0, tcb.tally.retransmits > again);
    core.segmentsOut++;
    writeTcp(frame, out, via.link.offloads.fillSums ? addressSum(src, dst, Protocol.Tcp) : -1);
    finishPacket(core, tcb.config, path);
    ipOutput(core.ip, path, frame, core.outPacket);
  }
  settle(core, slot, tcb);
}

/** Sends `core.out` from one address to another, outside of any connection's order: a RST, or a SYN,ACK with a cookie. */
export function sendBare(core: Core, path: Path, from: Address, to: Address, config: TcpConfig = core.config): void {
  const { out, outPacket } = core;
  const { via } = path;
  if (via === null) return;
  const frame = via.small.take(HEAD_ROOM);
  outPacket.src.copy(from);
  outPacket.dst.copy(to);
  if (core.observer !== null) observeOut(core, -1, out, 0, false);
  core.segmentsOut++;
  if ((out.flags & RST) !== 0) core.resetsOut++;
  writeTcp(frame, out, via.link.offloads.fillSums ? addressSum(from, to, Protocol.Tcp) : -1);
  finishPacket(core, config, path);
  ipOutput(core.ip, path, frame, outPacket);
}

function finishPacket(core: Core, config: TcpConfig, path: Path): void {
  const { outPacket } = core;
  outPacket.family = outPacket.dst.family;
  outPacket.protocol = Protocol.Tcp;
  outPacket.hopLimit = path.hopLimit(config.hopLimit, core.config.hopLimit);
  outPacket.trafficClass = (config.trafficClass & ~3) | core.out.ecn; // the two low bits are ECN's (RFC 3168 §5)
  outPacket.dontFragment = !path.mayFragmentAt(core.clock.now);
  outPacket.id = outPacket.dontFragment ? 0 : core.ip.nextFragmentId() & 0xffff;
}

function observeOut(core: Core, slot: number, out: Segment, scale: number, again: boolean): void {
  core.observer?.({
    type: 'segment',
    time: core.clock.now,
    connection: slot < 0 ? null : (core.watchOf(slot)?.name ?? null),
    direction: 'out',
    flags: out.flags,
    seq: unsigned(out.seq),
    ack: unsigned(out.ack),
    length: out.textLen,
    window: (out.flags & SYN) !== 0 ? out.wnd : out.wnd << scale,
    again,
  });
}
