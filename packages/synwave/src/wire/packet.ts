/** Packet: an IP header of either family as numbers. One is reused for all that arrives, one tells the writers what to write. */
import { Address, type Family } from '../base/address.ts';

/** IANA protocol numbers of what stands above IP here. */
export const Protocol = { Icmp: 1, Tcp: 6, Udp: 17, Icmpv6: 58 } as const;

/** IPv6's Next Header where a fragment header follows (RFC 8200 §4.5). */
export const FRAGMENT_NEXT_HEADER = 44;

/** IPv6's Next Header where nothing follows (RFC 8200 §4.7). */
export const NO_NEXT_HEADER = 59;

/** One IP packet's header. Its text (what the upper protocol reads) is `frame.bytes[textAt, textEnd)`. */
export class Packet {
  family: Family = 4;
  /** Overwritten by the next packet: keep a `clone`. */
  readonly src: Address = new Address();
  readonly dst: Address = new Address();
  /** The upper protocol: IPv4's Protocol field, IPv6's last Next Header. */
  protocol = 0;
  /** The octet of DSCP and ECN: IPv4's Type of Service, IPv6's Traffic Class. */
  trafficClass = 0;
  /** IPv4's Time to Live, IPv6's Hop Limit. */
  hopLimit = 64;
  /** IPv6 alone: 20 bits. */
  flowLabel = 0;
  /** IPv4's Identification; for IPv6 that of the fragment header, 0 without one. */
  id = 0;
  /** IPv4 alone; always true for IPv6, where nobody on the way cuts. */
  dontFragment = true;
  /** Where the text belongs in the whole packet, in octets. */
  fragmentOffset = 0;
  moreFragments = false;
  /** Where in the frame the IP header begins; set by reading. */
  headerAt = 0;
  /** Where the octet stands that names the upper protocol; set by reading. */
  protocolAt = 0;
  /** IPv6 alone: the octet of an extension header that reading stopped at, where it answered a fault of one. */
  faultAt = 0;
  /** Where the text begins and ends; set by reading. What lies behind is padding of the carrier. */
  textAt = 0;
  textEnd = 0;
}

/** Whether the packet is only a piece of one. An IPv6 "atomic" fragment (RFC 6946), whole in itself, is none. */
export function isFragment(packet: Packet): boolean {
  return packet.moreFragments || packet.fragmentOffset !== 0;
}
