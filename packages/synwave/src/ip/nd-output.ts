/** RFC 4861 §7.2, RFC 4862 §5.4.2: messages of neighbour discovery leave. */
import { Address } from '../base/address.ts';
import { isMulticast } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import { groupMac, type Mac } from '../base/mac.ts';
import { EtherType } from '../wire/ethernet.ts';
import { addressSum, Protocol } from '../wire/ip.ts';
import { writeIpv6 } from '../wire/ipv6.ts';
import { clearNd, type NdMessage, NdType, writeNd } from '../wire/nd.ts';
import type { IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';
import type { Neighbour } from './neighbours.ts';
import { toStation } from './output.ts';
import { sourceAsking } from './source.ts';

const NOBODY: Address = new Address();
/** All stations of a link; all its routers (RFC 4291 §2.7.1). */
export const ALL_NODES: Address = new Address().set(0xff020000, 0, 0, 1);
export const ALL_ROUTERS: Address = new Address().set(0xff020000, 0, 0, 2);

/** What all messages of neighbour discovery leave with: nobody beyond the link can send one that arrives so (§7.1). */
const HOP_LIMIT = 255;

/** Octets of head room for the largest message, an advertisement with all its options, and the headers in front of it. */
const HEAD = 512;

/** RFC 4291 §2.7.1: the group of all stations whose address ends like that one. */
export function solicitedNode(address: Address, into: Address): Address {
  return into.set(0xff020000, 0, 1, 0xff000000 | (address.d & 0xff_ffff));
}

/** Asks who has the neighbour's address: that very station, or all that may have it (§7.2.2). */
export function askByNd(ip: Ip, neighbour: Neighbour, known: boolean): void {
  const { via, address, mac } = neighbour;
  const from = sourceAsking(ip, neighbour);
  if (from === null) return; // nobody to speak as: the answer could not come
  clearNd(ip.ndOut, NdType.NeighborSolicitation);
  ip.ndOut.target.copy(address);
  ip.ndOut.sourceMac = via.mac;
  const to = known ? address : solicitedNode(address, new Address());
  sendNd(ip, via, ip.ndOut, from, to, known ? mac : -1);
}

/** RFC 4862 §5.4.2: asks whether anybody has an address, from no address. */
export function probeByNd(ip: Ip, via: IpInterface, address: Address): void {
  clearNd(ip.ndOut, NdType.NeighborSolicitation);
  ip.ndOut.target.copy(address);
  sendNd(ip, via, ip.ndOut, NOBODY, solicitedNode(address, new Address()), -1);
}

/** §7.2.6: tells everybody, unasked, that an address is ours. */
export function announceByNd(ip: Ip, via: IpInterface, address: Address): void {
  advertiseByNd(ip, via, address, ALL_NODES, false);
}

/** §7.2.4: answers a solicitation, or tells unasked. */
export function advertiseByNd(ip: Ip, via: IpInterface, address: Address, to: Address, solicited: boolean): void {
  clearNd(ip.ndOut, NdType.NeighborAdvertisement);
  ip.ndOut.target.copy(address);
  ip.ndOut.targetMac = via.mac;
  ip.ndOut.router = ip.forwarding;
  ip.ndOut.solicited = solicited;
  ip.ndOut.override = true;
  sendNd(ip, via, ip.ndOut, address, to, -1);
}

/** An empty frame with room in front for any message and its headers, and for `text` octets. */
export function frameForNd(via: IpInterface, text: number): Frame {
  const frame = via.frameFor(HEAD + text);
  frame.at += HEAD;
  frame.end = frame.at;
  return frame;
}

/**
 * Sends a message of neighbour discovery. `mac`: where to; -1: to the group's own frames, or to whom the cache says.
 * `quote`: the packet that a redirect is about, in a frame of `frameForNd`, behind the head room.
 */
export function sendNd(
  ip: Ip,
  via: IpInterface,
  message: NdMessage,
  from: Address,
  to: Address,
  mac: Mac,
  quote: Frame | null = null,
): void {
  const { out, neighbours } = ip;
  const frame = quote ?? frameForNd(via, 0);
  writeNd(frame, message, addressSum(from, to, Protocol.Icmpv6));
  out.src.copy(from);
  out.dst.copy(to);
  out.family = 6;
  out.protocol = Protocol.Icmpv6;
  out.hopLimit = HOP_LIMIT;
  out.trafficClass = 0;
  out.flowLabel = 0;
  ip.counters.packetsOut++;
  writeIpv6(frame, out);
  if (isMulticast(to)) toStation(via, groupMac(to), EtherType.Ipv6, frame);
  else if (mac >= 0) toStation(via, mac, EtherType.Ipv6, frame);
  else neighbours.send(neighbours.get(via, to), frame);
}
