/** ICMP messages leave: errors about what has arrived, replies to echoes, and echoes of our own. */
import type { Address } from '../base/address.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { Frame } from '../base/frame.ts';
import type { Micros } from '../base/time.ts';
import { type Complaint, errorAbout, mayAnswer } from '../ip/icmp.ts';
import type { IpInterface } from '../ip/interface.ts';
import { ipOutput } from '../ip/output.ts';
import { Drop } from '../wire/drop.ts';
import { ICMP_HEADER } from '../wire/icmp.ts';
import { Icmpv4Type, writeIcmpv4 } from '../wire/icmpv4.ts';
import { Icmpv6Type, writeIcmpv6 } from '../wire/icmpv6.ts';
import { addressSum, Protocol } from '../wire/ip.ts';
import { IPV4_HEADER } from '../wire/ipv4.ts';
import { IPV6_HEADER } from '../wire/ipv6.ts';
import type { Core } from './core.ts';
import { dropPacket, tellIcmp } from './events-out.ts';
import { routeTo, sourceTo, unicastFault } from './paths.ts';

/** Tells the sender of `core.packet`, which stands in `frame`, what became of it; unless that must not be told, or too often. */
export function complain(core: Core, arrivedOn: IpInterface, frame: Frame, complaint: Complaint, now: Micros): void {
  const { packet } = core;
  if (!mayAnswer(packet, frame)) return;
  if (!core.icmpLimit.allows(now)) {
    core.icmpHeld++;
    return;
  }
  const { hopLimit } = core.config;
  leave(core, arrivedOn, errorAbout(packet, frame, arrivedOn, complaint), packet.dst, packet.src, hopLimit);
}

/** Sends `core.icmp`, an echo request that stands in `frame`, back as it came (RFC 1122 §3.2.2.6, RFC 4443 §4.2). */
export function replyEcho(core: Core, arrivedOn: IpInterface, frame: Frame): void {
  const { packet, icmp } = core;
  const length = icmp.textEnd - icmp.textAt;
  if (length > echoRoom(arrivedOn, packet.dst)) {
    dropPacket(core, Drop.IcmpTooLong, -1);
    return;
  }
  const out = arrivedOn.frameFor(length);
  out.bytes.set(frame.bytes.subarray(icmp.textAt, icmp.textEnd), out.at);
  out.end = out.at + length;
  writeEcho(out, true, icmp.word, packet.dst, packet.src);
  leave(core, arrivedOn, out, packet.dst, packet.src, core.config.hopLimit);
}

/**
 * Asks `to` for an echo of `size` octets of data, which count up from 0. Answers the sequence number, or why it cannot be
 * asked: ENETUNREACH, EACCES (broadcast), EMSGSIZE (larger than the interface's MTU), ENOBUFS (too many wait).
 */
export function askEcho(core: Core, to: Address, size: number, hopLimit: number, now: Micros): number | ErrorCode {
  const fault = unicastFault(to);
  if (fault !== null) return fault;
  const index = routeTo(core, to);
  const via = core.interfaces[index];
  const from = via === undefined ? null : sourceTo(core, via, to);
  if (via === undefined || from === null) return 'ENETUNREACH';
  if (size > echoRoom(via, to)) return 'EMSGSIZE';
  const sequence = core.echoes.ask(to, now);
  if (sequence < 0) return 'ENOBUFS';
  const out = via.frameFor(size);
  for (let i = 0; i < size; i++) out.bytes[out.at + i] = i;
  out.end = out.at + size;
  writeEcho(out, false, ((core.echoes.id << 16) | sequence) >>> 0, from, to);
  leave(core, via, out, from, to, hopLimit);
  return sequence;
}

/** How many octets of data an echo on that interface has room for. */
function echoRoom(via: IpInterface, to: Address): number {
  return via.link.mtu - ICMP_HEADER - (to.family === 4 ? IPV4_HEADER : IPV6_HEADER);
}

function writeEcho(out: Frame, reply: boolean, word: number, from: Address, to: Address): void {
  if (to.family === 4) {
    writeIcmpv4(out, reply ? Icmpv4Type.EchoReply : Icmpv4Type.Echo, 0, word);
  } else {
    const type = reply ? Icmpv6Type.EchoReply : Icmpv6Type.EchoRequest;
    writeIcmpv6(out, type, 0, word, addressSum(from, to, Protocol.Icmpv6));
  }
}

/** `out` begins with the ICMP header. */
function leave(core: Core, via: IpInterface, out: Frame, from: Address, to: Address, hopLimit: number): void {
  const { outPacket } = core;
  outPacket.src.copy(from);
  outPacket.dst.copy(to);
  outPacket.family = to.family;
  outPacket.protocol = to.family === 4 ? Protocol.Icmp : Protocol.Icmpv6;
  outPacket.hopLimit = hopLimit;
  outPacket.trafficClass = 0;
  outPacket.dontFragment = true;
  outPacket.id = 0;
  core.icmpOut++;
  tellIcmp(core, 'out', out, out.at, out.end, from, to);
  ipOutput(via, out, outPacket);
}
