/** A UDP datagram arrives: read, looked up, and put into the queue of whom it is for (RFC 768, RFC 1122 §4.1). */
import type { Address } from '../base/address.ts';
import { isUnspecified } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import type { Micros } from '../base/time.ts';
import type { IpInterface } from '../ip/interface.ts';
import type { Endpoint } from '../udp/endpoint.ts';
import { costOf } from '../udp/queue.ts';
import { Drop } from '../wire/drop.ts';
import { IcmpKind } from '../wire/icmp.ts';
import { addressSum } from '../wire/ip.ts';
import { readUdp } from '../wire/udp.ts';
import type { Core } from './core.ts';
import { dropPacket, tellDatagram } from './events-out.ts';
import { complain } from './icmp-output.ts';

/** `core.packet` holds the IP header that was read from `frame`. */
export function udpInput(core: Core, arrivedOn: IpInterface, frame: Frame, now: Micros): void {
  const { packet, datagram } = core;
  const { src, dst, protocol } = packet;
  const pseudo = arrivedOn.link.offloads.verifySums && !frame.vouched ? addressSum(src, dst, protocol) : -1;
  const fault = readUdp(datagram, frame, packet.textAt, packet.textEnd, pseudo, packet.family === 4);
  if (fault !== Drop.None) {
    dropPacket(core, fault, -1);
    return;
  }
  const { srcPort, dstPort, textLen } = datagram;
  if (dstPort === 0) {
    dropPacket(core, Drop.UdpPort, -1);
    return;
  }
  core.datagramsIn++;
  tellDatagram(core, 'in', dst, dstPort, src, srcPort, textLen);
  if (core.ip.toMany) {
    toMany(core, arrivedOn, frame);
    return;
  }
  const endpoint = endpointFor(core, arrivedOn);
  if (endpoint === null) {
    dropPacket(core, Drop.UdpNobody, -1);
    complain(core, arrivedOn, frame, IcmpKind.PortUnreachable, now); // RFC 1122 §4.1.3.1
    return;
  }
  receive(core, endpoint, arrivedOn, frame);
}

/** Whom the datagram in `core` is for; several may be bound alike to one interface each, and then it is who hears that one. */
function endpointFor(core: Core, arrivedOn: IpInterface): Endpoint | null {
  const { packet, datagram, udpPorts } = core;
  const found = udpPorts.find(packet.dst, datagram.dstPort, packet.src, datagram.srcPort);
  if (found === null || hears(found, arrivedOn)) return found;
  return udpPorts.boundTo(datagram.dstPort).findLast((other) => isFor(core, other) && hears(other, arrivedOn)) ?? null;
}

/** RFC 1122 §4.1.3.5, §3.3.7: what went to a group or to all is for everybody who is bound to the port. */
function toMany(core: Core, arrivedOn: IpInterface, frame: Frame): void {
  const { packet } = core;
  let heard = false;
  for (const endpoint of core.udpPorts.boundTo(core.datagram.dstPort)) {
    if (!isFor(core, endpoint) || !hears(endpoint, arrivedOn)) continue;
    if (!endpoint.hearsInGroup(packet.dst, arrivedOn.index, packet.src)) continue;
    heard = true;
    receive(core, endpoint, arrivedOn, frame);
  }
  if (!heard) dropPacket(core, Drop.UdpNobody, -1);
}

/** Whether an endpoint at the port takes the datagram in `core`: its family, where it went, whom it comes from. */
function isFor({ packet, datagram }: Core, endpoint: Endpoint): boolean {
  const { bound, family, connected, remote, remotePort } = endpoint;
  if (family !== 0 && family !== packet.family) return false;
  if (!isUnspecified(bound) && !bound.equals(packet.dst)) return false;
  return !connected || (remote.equals(packet.src) && remotePort === datagram.srcPort);
}

/** Whether an endpoint that is bound to one interface listens to that one. */
function hears({ device }: Endpoint, arrivedOn: IpInterface): boolean {
  return device < 0 || device === arrivedOn.index;
}

/** Puts `core.datagram` into the endpoint's queue. */
function receive(core: Core, endpoint: Endpoint, arrivedOn: IpInterface, frame: Frame): void {
  const { textAt, textLen, srcPort } = core.datagram;
  enqueue(core, endpoint, frame.bytes, textAt, textLen, core.packet.src, srcPort, arrivedOn.index);
}

/** A copy of the datagram in `bytes[at, at + length)` is to wait for the endpoint's program; dropped when there is no room. */
export function enqueue(
  core: Core,
  endpoint: Endpoint,
  bytes: Uint8Array,
  at: number,
  length: number,
  from: Address,
  fromPort: number,
  device: number,
): void {
  const { queue } = endpoint;
  const refused = !queue.takes(length)
    ? Drop.UdpQueueFull
    : !core.store.reserve(costOf(length))
      ? Drop.MemoryFull
      : Drop.None;
  if (refused !== Drop.None) {
    endpoint.dropped++;
    dropPacket(core, refused, -1);
    return;
  }
  endpoint.datagramsIn++;
  queue.push({ octets: new Uint8Array(bytes.subarray(at, at + length)), from: from.clone(), fromPort, device });
  haveNews(core, endpoint);
}

/** The endpoint's program is to look: a datagram waits, or an error. */
export function haveNews(core: Core, endpoint: Endpoint): void {
  if (endpoint.told) return;
  endpoint.told = true;
  core.udpNews.push(endpoint.id);
}
