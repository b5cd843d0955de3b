/** ICMP messages leave: errors about what has arrived, replies to echoes, and echoes of our own. */
import type { Address } from '../base/address.ts';
import { isLinkLocal, isMulticast } from '../base/address-text.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { Frame } from '../base/frame.ts';
import type { Micros } from '../base/time.ts';
import { type Complaint, errorAbout, mayAnswer } from '../ip/icmp.ts';
import type { IpInterface } from '../ip/interface.ts';
import { ALL_NODES, frameForNd, sendNd } from '../ip/nd-output.ts';
import { ipOutput } from '../ip/output.ts';
import type { Path } from '../ip/path.ts';
import { pathTo } from '../ip/paths.ts';
import { sourceFor, sourceOn } from '../ip/source.ts';
import { Drop } from '../wire/drop.ts';
import { ICMP_HEADER, IcmpKind } from '../wire/icmp.ts';
import { Icmpv4Type, Redirect, writeIcmpv4 } from '../wire/icmpv4.ts';
import { Icmpv6Type, writeIcmpv6 } from '../wire/icmpv6.ts';
import { addressSum, Protocol } from '../wire/ip.ts';
import { IPV4_HEADER } from '../wire/ipv4.ts';
import { IPV6_HEADER } from '../wire/ipv6.ts';
import { clearNd, NdType } from '../wire/nd.ts';
import type { Core } from './core.ts';
import { dropPacket, tellIcmp } from './events-out.ts';

/** The largest IP packet, and so the largest echo, in however many fragments. */
const LARGEST = 65_535;
/** Octets of the packet that a redirect quotes: enough to tell whose it was (RFC 792). */
const QUOTED_BY_REDIRECT = 64;

/**
 * Tells the sender of `core.packet`, which stands in `frame`, what became of it; unless that must not be told, or too
 * often. `word`: an MTU (RFC 1191 §4, RFC 4443 §3.2) or a pointer.
 */
export function complain(
  core: Core,
  arrivedOn: IpInterface | null,
  frame: Frame,
  complaint: Complaint,
  now: Micros,
  word = 0,
): void {
  const { packet, ip } = core;
  if (!mayAnswer(packet, frame, ip.toMany)) return;
  const path = pathTo(ip, packet.src, scopeFor(packet.src, arrivedOn));
  const { via } = path;
  const from = ip.isLocal(packet.dst, arrivedOn) ? packet.dst : sourceFor(ip, path);
  if (via === null || from === null) return;
  if (!core.icmpLimit.allows(now)) {
    core.icmpHeld++;
    return;
  }
  const pointer = complaint === IcmpKind.ProtocolUnreachable && packet.family === 6;
  const said = pointer ? packet.protocolAt - packet.headerAt : word;
  leave(core, path, errorAbout(packet, frame, via, from, complaint, said), from, packet.src, core.config.hopLimit);
}

/** RFC 1812 §5.2.7.2, RFC 4861 §8.2: the sender of `core.packet` could have reached `path.nextHop` without us. */
export function redirect(core: Core, path: Path, frame: Frame, now: Micros): void {
  const { packet, ip } = core;
  const { src, dst, headerAt, textEnd } = packet;
  const { via, neighbour } = path;
  if (via === null || !mayAnswer(packet, frame, false)) return;
  // Only to a station of the same link, which sees us and the other one.
  const back = pathTo(ip, src, scopeFor(src, via));
  if (back.via !== via || !back.nextHop.equals(src)) return;
  // As the router that it knows: on its network, or by the link-local address.
  const from = sourceOn(ip, via, src.family === 4 ? src : ALL_NODES);
  if (from === null || (src.family === 6 && !isLinkLocal(from)) || !core.icmpLimit.allows(now)) return;
  const quoted = Math.min(textEnd - headerAt, QUOTED_BY_REDIRECT);
  if (packet.family === 4) {
    const out = via.frameFor(quoted);
    out.bytes.set(frame.bytes.subarray(headerAt, headerAt + quoted), out.at);
    out.end = out.at + quoted;
    writeIcmpv4(out, Icmpv4Type.Redirect, Redirect.Host, path.nextHop.d >>> 0);
    leave(core, back, out, from, src, core.config.hopLimit);
    return;
  }
  if (!isLinkLocal(path.nextHop) && !path.nextHop.equals(dst)) return; // §8.2: a router goes by its link-local address
  const out = frameForNd(via, quoted);
  out.bytes.set(frame.bytes.subarray(headerAt, headerAt + quoted), out.at);
  out.end = out.at + quoted;
  clearNd(ip.ndOut, NdType.Redirect);
  ip.ndOut.target.copy(path.nextHop);
  ip.ndOut.destination.copy(dst);
  ip.ndOut.targetMac = neighbour?.mac ?? -1;
  core.icmpOut++;
  sendNd(ip, via, ip.ndOut, from, src, -1, out);
}

/** Sends `core.icmp`, an echo request that stands in `frame`, back as it came (RFC 1122 §3.2.2.6, RFC 4443 §4.2). */
export function replyEcho(core: Core, arrivedOn: IpInterface, frame: Frame): void {
  const { packet, icmp, ip } = core;
  const path = pathTo(ip, packet.src, scopeFor(packet.src, arrivedOn));
  // RFC 4443 §4.2: what went to many is answered from an address of one.
  const from = ip.toMany ? sourceFor(ip, path) : packet.dst;
  const length = icmp.textEnd - icmp.textAt;
  if (path.via === null || from === null) {
    dropPacket(core, Drop.NoRoute, -1);
    return;
  }
  const out = path.via.frameFor(length);
  out.bytes.set(frame.bytes.subarray(icmp.textAt, icmp.textEnd), out.at);
  out.end = out.at + length;
  writeEcho(out, true, icmp.word, from, packet.src);
  leave(core, path, out, from, packet.src, core.config.hopLimit, true);
}

/** How an echo is asked for. */
export interface EchoRequest {
  /** Octets of data. */
  readonly size: number;
  readonly hopLimit: number;
  /** It goes out whole, or not at all (`EMSGSIZE`). */
  readonly dontFragment: boolean;
}

/**
 * Asks `to` for an echo, whose octets of data count up from 0; `only`: by that interface. Answers the sequence number, or
 * why it cannot be asked: ENETUNREACH, EACCES (broadcast), EMSGSIZE (larger than a packet can be, or than the path takes
 * where it must not be cut), ENOBUFS (too many wait).
 */
export function askEcho(
  core: Core,
  to: Address,
  only: IpInterface | null,
  { size, hopLimit, dontFragment }: EchoRequest,
  now: Micros,
): number | ErrorCode {
  const { ip } = core;
  const path = pathTo(ip, to, only);
  const { via } = path;
  const from = sourceFor(ip, path);
  if (via === null || from === null || isMulticast(to)) return 'ENETUNREACH';
  if (path.isGroup) return 'EACCES';
  const headers = ICMP_HEADER + (to.family === 4 ? IPV4_HEADER : IPV6_HEADER);
  if (size + headers > (dontFragment ? path.mtuAt(now) : LARGEST)) return 'EMSGSIZE';
  const sequence = core.echoes.ask(to, now);
  if (sequence < 0) return 'ENOBUFS';
  const out = via.frameFor(size);
  for (let i = 0; i < size; i++) out.bytes[out.at + i] = i;
  out.end = out.at + size;
  writeEcho(out, false, ((core.echoes.id << 16) | sequence) >>> 0, from, to);
  leave(core, path, out, from, to, hopLimit);
  return sequence;
}

/** Link-local addresses are those of the link that a packet came by. */
export function scopeFor(address: Address, arrivedOn: IpInterface | null): IpInterface | null {
  return address.family === 6 && isLinkLocal(address) ? arrivedOn : null;
}

function writeEcho(out: Frame, reply: boolean, word: number, from: Address, to: Address): void {
  if (to.family === 4) {
    writeIcmpv4(out, reply ? Icmpv4Type.EchoReply : Icmpv4Type.Echo, 0, word);
  } else {
    const type = reply ? Icmpv6Type.EchoReply : Icmpv6Type.EchoRequest;
    writeIcmpv6(out, type, 0, word, addressSum(from, to, Protocol.Icmpv6));
  }
}

/** `out` begins with the ICMP header. `mayBeCut`: by routers, for we shall not hear of it if they cannot take it (RFC 792). */
function leave(
  core: Core,
  path: Path,
  out: Frame,
  from: Address,
  to: Address,
  hopLimit: number,
  mayBeCut = false,
): void {
  const { outPacket, ip } = core;
  outPacket.src.copy(from);
  outPacket.dst.copy(to);
  outPacket.family = to.family;
  outPacket.protocol = to.family === 4 ? Protocol.Icmp : Protocol.Icmpv6;
  outPacket.hopLimit = path.hopLimit(hopLimit, core.config.hopLimit);
  outPacket.trafficClass = 0;
  // What is larger than the path takes is cut here; what is not, need not be on the way.
  outPacket.dontFragment = !mayBeCut && !path.mayFragmentAt(core.clock.now);
  outPacket.id = outPacket.dontFragment ? 0 : ip.nextFragmentId() & 0xffff;
  core.icmpOut++;
  tellIcmp(core, 'out', out, out.at, out.end, from, to);
  ipOutput(ip, path, out, outPacket);
}
