/** A packet arrives (RFC 1122 §3.2.1, RFC 8200 §3, §4): well formed, from a sender that may be, for this host or for others. */
import { isBroadcast, isLoopback, isMulticast, isUnspecified } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import { isGroupMac } from '../base/mac.ts';
import { Drop } from '../wire/drop.ts';
import { EtherType, readEthernet } from '../wire/ethernet.ts';
import { type Packet, Protocol, readIp } from '../wire/ip.ts';
import { arpInput } from './arp-input.ts';
import type { IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';

/**
 * What an Ethernet frame holds: answers true for an IP packet, which then begins at `frame.at`. ARP is dealt with, and
 * what is not for this station is dropped.
 */
export function etherInput(ip: Ip, frame: Frame, arrivedOn: IpInterface): boolean {
  const { ethernet } = ip;
  let fault = readEthernet(ethernet, frame);
  if (fault === Drop.None) fault = faultOf(ip, frame, arrivedOn);
  if (fault !== Drop.None) {
    ip.above.drop(fault);
    return false;
  }
  if (ethernet.type === EtherType.Arp) {
    arpInput(ip, arrivedOn, frame, ethernet.textAt, frame.end);
    return false;
  }
  frame.at = ethernet.textAt;
  return true;
}

function faultOf({ ethernet }: Ip, frame: Frame, arrivedOn: IpInterface): Drop {
  const { type, dst, textAt } = ethernet;
  if (type !== EtherType.Ipv4 && type !== EtherType.Ipv6 && type !== EtherType.Arp) return Drop.EtherType;
  // Tags of VLANs are passed over: whoever joins a host to a segment that has them means it to hear what comes there.
  if (dst !== arrivedOn.mac && !isGroupMac(dst)) return Drop.EtherNotForUs;
  if (type === EtherType.Arp || textAt >= frame.end) return Drop.None;
  const version = (frame.bytes[textAt] as number) >> 4;
  return version === (type === EtherType.Ipv4 ? 4 : 6) ? Drop.None : Drop.IpVersion;
}

/**
 * Reads the header of the packet at `frame.at` into `packet`. Answers why it is to be dropped; `IpNotForUs` if it is
 * for another host; or `None`. `ip.toMany` says whether it went to a group or to all.
 */
export function ipInput(ip: Ip, packet: Packet, frame: Frame, arrivedOn: IpInterface): Drop {
  ip.counters.packetsIn++;
  ip.toMany = false;
  const fault = readIp(packet, frame, arrivedOn.link.offloads.verifySums);
  if (fault !== Drop.None && !isExtensionFault(fault)) return fault;
  const { src, dst } = packet;
  const inside = arrivedOn.isLoopback;
  const onEthernet = arrivedOn.mac >= 0;
  // RFC 1122 §3.2.1.3: no host sends from a multicast or broadcast address; loopback addresses stay inside (g).
  if (isMulticast(src) || isBroadcast(src) || arrivedOn.isBroadcast(src)) return Drop.IpSource;
  if (!inside && (isLoopback(src) || isLoopback(dst))) return Drop.IpSource;
  ip.toMany = isMulticast(dst) || arrivedOn.isBroadcast(dst);
  // (a): who has no address yet speaks to all, to get one; nobody else says nothing of who he is.
  if (isUnspecified(src) && !ip.toMany) return Drop.IpSource;
  // RFC 1812 §5.3.8 in essence: what claims to come from us, and comes from outside, does not. A neighbour that has an
  // address of ours says so from that very address (RFC 4862 §5.4.4).
  const claims = packet.protocol === Protocol.Icmpv6 && isMulticast(dst);
  if (!inside && !claims && ip.isLocal(src, arrivedOn)) return Drop.IpSource;
  if (isMulticast(dst)) return ip.isMember(dst, arrivedOn) ? fault : Drop.MulticastNobody;
  if (ip.toMany) return fault;
  // RFC 1122 §3.3.6, RFC 1812 §5.3.4: what all stations get is for one of them only by mistake, or by malice.
  if (onEthernet && isGroupMac(ip.ethernet.dst)) return Drop.EtherToMany;
  // RFC 8200 §4: who only forwards a packet has no business with its extension headers.
  return ip.isLocal(dst, arrivedOn) ? fault : Drop.IpNotForUs;
}

/** Something is wrong with an extension header of IPv6; the header in front of it was read. */
export function isExtensionFault(fault: Drop): boolean {
  return fault === Drop.Ipv6ExtensionHeader || fault === Drop.Ipv6Option || fault === Drop.Ipv6Routing;
}
