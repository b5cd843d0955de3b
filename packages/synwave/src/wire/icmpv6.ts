/** RFC 4443: ICMP for IPv6. */
import { fold, sum } from '../base/checksum.ts';
import type { Frame } from '../base/frame.ts';
import { Drop } from './drop.ts';
import { ICMP_HEADER, type Icmp, IcmpKind } from './icmp.ts';

const CODE = 1;
const CHECKSUM = 2;
const WORD = 4;

export const Icmpv6Type = {
  Unreachable: 1,
  PacketTooBig: 2,
  TimeExceeded: 3,
  ParameterProblem: 4,
  EchoRequest: 128,
  EchoReply: 129,
  // RFC 4861 §4
  RouterSolicitation: 133,
  RouterAdvertisement: 134,
  NeighborSolicitation: 135,
  NeighborAdvertisement: 136,
  Redirect: 137,
} as const;

/** Codes of "destination unreachable" (§3.1). */
export const Unreachable6 = { NoRoute: 0, Prohibited: 1, BeyondScope: 2, Address: 3, Port: 4 } as const;

/** Codes of "parameter problem" (§3.4): a field makes no sense; nobody knows a Next Header, or an option. */
export const Problem6 = { Field: 0, NextHeader: 1, Option: 2 } as const;

const unreachable: readonly IcmpKind[] = [
  IcmpKind.NetUnreachable,
  IcmpKind.Prohibited,
  IcmpKind.NetUnreachable, // beyond the scope of the source address
  IcmpKind.HostUnreachable,
  IcmpKind.PortUnreachable,
  IcmpKind.Prohibited, // the source address failed a policy
  IcmpKind.Prohibited, // a route that rejects
];

/**
 * Reads the message in `frame.bytes[at, end)`. `pseudo` is the pseudo-header's sum (`pseudoSum`), or -1 where the checksum
 * is not to be checked. Answers a reason to drop, or `None`.
 */
export function readIcmpv6(into: Icmp, frame: Frame, at: number, end: number, pseudo: number): Drop {
  const { view } = frame;
  if (end - at < ICMP_HEADER) return Drop.IcmpShort;
  if (pseudo >= 0 && sum(frame, at, end, pseudo) !== 0xffff) return Drop.IcmpChecksum;
  into.type = view.getUint8(at);
  into.code = view.getUint8(at + CODE);
  into.word = view.getUint32(at + WORD);
  into.textAt = at + ICMP_HEADER;
  into.textEnd = end;
  return Drop.None;
}

/**
 * Writes the header in front of the text, which stands in `frame.bytes[frame.at, frame.end)`, and moves `frame.at` back
 * over it. `pseudo` is the sum of addresses and protocol (`addressSum`), which the checksum covers (§2.3).
 */
export function writeIcmpv6(frame: Frame, type: number, code: number, word: number, pseudo: number): void {
  const at = frame.at - ICMP_HEADER;
  const { view } = frame;
  frame.at = at;
  view.setUint8(at, type);
  view.setUint8(at + CODE, code);
  view.setUint16(at + CHECKSUM, 0);
  view.setUint32(at + WORD, word);
  view.setUint16(at + CHECKSUM, ~sum(frame, at, frame.end, fold(pseudo + (frame.end - at))) & 0xffff);
}

/** What a message of that type and code is for. */
export function icmpv6Kind(type: number, code: number): IcmpKind {
  switch (type) {
    case Icmpv6Type.EchoRequest:
      return IcmpKind.EchoRequest;
    case Icmpv6Type.EchoReply:
      return IcmpKind.EchoReply;
    case Icmpv6Type.Unreachable:
      return unreachable[code] ?? IcmpKind.HostUnreachable; // §3.1: an unknown code is unreachable all the same
    case Icmpv6Type.PacketTooBig:
      return IcmpKind.PacketTooBig;
    case Icmpv6Type.TimeExceeded:
      return code === 0 ? IcmpKind.TimeExceeded : IcmpKind.ReassemblyTimeExceeded;
    case Icmpv6Type.ParameterProblem:
      // An unknown Next Header is what IPv4 calls protocol unreachable.
      if (code === Problem6.Option) return IcmpKind.UnknownOption;
      return code === Problem6.NextHeader ? IcmpKind.ProtocolUnreachable : IcmpKind.ParameterProblem;
    case Icmpv6Type.RouterSolicitation:
    case Icmpv6Type.RouterAdvertisement:
    case Icmpv6Type.NeighborSolicitation:
    case Icmpv6Type.NeighborAdvertisement:
    case Icmpv6Type.Redirect:
      return IcmpKind.NeighborDiscovery;
    default:
      return IcmpKind.Other;
  }
}

/** Whether no ICMP error may answer a message of that type (§2.4 (e.1), (e.2)): all below 128 are errors; and redirects. */
export function isIcmpv6Error(type: number): boolean {
  return type < 128 || type === Icmpv6Type.Redirect;
}
