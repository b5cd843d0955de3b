/** ICMP of either family: the record that both headers are read into, and what an error says, whichever family says it. */

/** Octets of the header: type, code, checksum, and a word that each type uses in its own way. */
export const ICMP_HEADER = 8;

/** One ICMP message. Its text is `frame.bytes[textAt, textEnd)`: an echo's data, or the packet that an error quotes. */
export class Icmp {
  type = 0;
  code = 0;
  /** The second word of the header: identifier and sequence number of an echo, an MTU, a pointer. */
  word = 0;
  textAt = 0;
  textEnd = 0;

  /** Of an echo: which program asked. */
  get id(): number {
    return this.word >>> 16;
  }

  /** Of an echo: which of its questions. */
  get sequence(): number {
    return this.word & 0xffff;
  }
}

/** What a message is for, in either family. */
export const IcmpKind = {
  /** One that we do nothing with. */
  Other: 0,
  EchoRequest: 1,
  EchoReply: 2,
  NetUnreachable: 3,
  HostUnreachable: 4,
  ProtocolUnreachable: 5,
  PortUnreachable: 6,
  /** Somebody on the way does not let it pass. */
  Prohibited: 7,
  /** The packet is larger than the next link takes, and may not be cut. */
  PacketTooBig: 8,
  /** The hop limit ran out on the way. */
  TimeExceeded: 9,
  /** Fragments were missing for too long. */
  ReassemblyTimeExceeded: 10,
  ParameterProblem: 11,
  /** IPv4 alone, and deprecated (RFC 6633). */
  SourceQuench: 12,
  /** Another router is a better first hop. IPv6 has it among neighbour discovery. */
  Redirect: 13,
  /** IPv6 alone: neighbour discovery (RFC 4861). */
  NeighborDiscovery: 14,
  /** IPv6 alone: an option that the receiver does not know (RFC 4443 §3.4, code 2). */
  UnknownOption: 15,
} as const;

export type IcmpKind = (typeof IcmpKind)[keyof typeof IcmpKind];
