/** A packet leaves (RFC 1122 §3.3, RFC 8200 §4.5): its header goes in front, it is cut if it must be, and the carrier takes it. */
import type { Address } from '../base/address.ts';
import { isUnspecified } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import type { Mac } from '../base/mac.ts';
import { Drop } from '../wire/drop.ts';
import { EtherType, writeEthernet } from '../wire/ethernet.ts';
import { FRAGMENT_NEXT_HEADER, type Packet } from '../wire/ip.ts';
import { IPV4_HEADER, writeIpv4 } from '../wire/ipv4.ts';
import { IPV6_FRAGMENT_HEADER, IPV6_HEADER, writeFragmentHeader, writeIpv6 } from '../wire/ipv6.ts';
import type { IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';
import type { Path } from './path.ts';

/**
 * `packet` tells addresses, protocol, hop limit and traffic class; the text stands in the frame, which is the carrier's
 * from here on. What is larger than the path takes goes out in fragments; a super segment goes to the carrier whole.
 */
export function ipOutput(ip: Ip, path: Path, frame: Frame, packet: Packet): void {
  if (ip.checksSources && !maySpeakAs(ip, path, packet.src)) {
    ip.above.drop(Drop.IpSource);
    frame.release();
    return;
  }
  ip.counters.packetsOut++;
  const header = packet.family === 4 ? IPV4_HEADER : IPV6_HEADER;
  if (frame.cutTo === 0 && frame.length + header > path.mtuAt(ip.clock.now)) {
    cut(ip, path, frame, packet);
    return;
  }
  if (packet.family === 4) writeIpv4(frame, packet);
  else writeIpv6(frame, packet);
  transmit(ip, path, frame);
}

/** RFC 4862 §5.4, §5.5.4: not from an address that is probed for, nor from one that is ours no longer. */
function maySpeakAs(ip: Ip, { via }: Path, src: Address): boolean {
  return isUnspecified(src) || via === null || ip.isLocal(src, via.isLoopback ? null : via);
}

/** Hands a packet with its IP header to the carrier; to the neighbour that is next, on Ethernet. */
export function transmit(ip: Ip, path: Path, frame: Frame): void {
  const { via } = path;
  if (via === null || !via.up) {
    ip.above.drop(via === null ? Drop.NoRoute : Drop.InterfaceDown);
    frame.release();
  } else if (via.mac < 0) {
    via.link.send(frame);
  } else if (path.isGroup) {
    toStation(via, path.mac, path.to.family === 4 ? EtherType.Ipv4 : EtherType.Ipv6, frame);
  } else {
    path.neighbour ??= ip.neighbours.get(via, path.nextHop);
    if (ip.neighbours.send(path.neighbour, frame)) return;
    path.neighbour = ip.neighbours.get(via, path.nextHop);
    ip.neighbours.send(path.neighbour, frame);
  }
}

/** Sends a frame to a station of the link whose address is known; none while the link is down. */
export function toStation(via: IpInterface, mac: Mac, type: number, frame: Frame): void {
  if (!via.up) {
    frame.release();
    return;
  }
  writeEthernet(frame, mac, via.mac, type);
  via.link.send(frame);
}

/** RFC 791 §3.2, RFC 8200 §4.5: the text in pieces of 8 octets' multiples, each in a packet of its own with one identification. */
function cut(ip: Ip, path: Path, whole: Frame, packet: Packet): void {
  const { via } = path;
  if (via === null) {
    ip.above.drop(Drop.NoRoute);
    whole.release();
    return;
  }
  const { family, protocol } = packet;
  const overhead = family === 4 ? IPV4_HEADER : IPV6_HEADER + IPV6_FRAGMENT_HEADER;
  const room = (path.mtuAt(ip.clock.now) - overhead) & ~7;
  const id = ip.nextFragmentId();
  const length = whole.length;
  for (let offset = 0; offset < length; offset += room) {
    const count = Math.min(room, length - offset);
    const more = offset + count < length;
    const frame = via.frameFor(count);
    frame.bytes.set(whole.bytes.subarray(whole.at + offset, whole.at + offset + count), frame.at);
    frame.end = frame.at + count;
    ip.counters.fragmentsOut++;
    if (family === 4) {
      packet.id = id & 0xffff;
      packet.dontFragment = false;
      packet.moreFragments = more;
      packet.fragmentOffset = offset;
      writeIpv4(frame, packet);
    } else {
      writeFragmentHeader(frame, protocol, offset, more, id);
      packet.protocol = FRAGMENT_NEXT_HEADER;
      writeIpv6(frame, packet);
      packet.protocol = protocol;
    }
    transmit(ip, path, frame);
  }
  packet.moreFragments = false;
  packet.fragmentOffset = 0;
  whole.release();
}
