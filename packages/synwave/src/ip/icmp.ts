/** ICMP errors that a host sends of itself (RFC 1122 §3.2.2, RFC 1812 §4.3, RFC 4443 §2.4): when it may, how often, what they quote. */

import type { Address } from '../base/address.ts';
import { isBroadcast, isMulticast, isUnspecified } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import type { Random } from '../base/random.ts';
import { type Micros, SECOND } from '../base/time.ts';
import { ICMP_HEADER, IcmpKind } from '../wire/icmp.ts';
import { Icmpv4Type, isIcmpv4Error, Unreachable, writeIcmpv4 } from '../wire/icmpv4.ts';
import { Icmpv6Type, isIcmpv6Error, Problem6, Unreachable6, writeIcmpv6 } from '../wire/icmpv6.ts';
import { addressSum, type Packet, Protocol } from '../wire/ip.ts';
import { IPV4_HEADER } from '../wire/ipv4.ts';
import { IPV6_HEADER } from '../wire/ipv6.ts';
import type { IpInterface } from './interface.ts';

/** The largest packet with an error in it: RFC 1812 §4.3.2.3 for IPv4, RFC 4443 §2.4 (c) for IPv6. */
const LARGEST_V4 = 576;
const LARGEST_V6 = 1280;

/** Errors that may go out at once, and how many more in a second. */
const BURST = 50;
const RATE = 1000;

/** What an error can say of a packet that has arrived here. */
export type Complaint =
  | typeof IcmpKind.NetUnreachable
  | typeof IcmpKind.HostUnreachable
  | typeof IcmpKind.ProtocolUnreachable
  | typeof IcmpKind.PortUnreachable
  | typeof IcmpKind.PacketTooBig
  | typeof IcmpKind.TimeExceeded
  | typeof IcmpKind.ReassemblyTimeExceeded
  | typeof IcmpKind.ParameterProblem
  | typeof IcmpKind.UnknownOption;

/** Type and code of each in both families. */
const words: Readonly<Record<Complaint, readonly [v4: readonly [number, number], v6: readonly [number, number]]>> = {
  [IcmpKind.NetUnreachable]: [
    [Icmpv4Type.Unreachable, Unreachable.Net],
    [Icmpv6Type.Unreachable, Unreachable6.NoRoute],
  ],
  [IcmpKind.HostUnreachable]: [
    [Icmpv4Type.Unreachable, Unreachable.Host],
    [Icmpv6Type.Unreachable, Unreachable6.Address],
  ],
  [IcmpKind.ProtocolUnreachable]: [
    [Icmpv4Type.Unreachable, Unreachable.Protocol],
    [Icmpv6Type.ParameterProblem, Problem6.NextHeader],
  ],
  [IcmpKind.PortUnreachable]: [
    [Icmpv4Type.Unreachable, Unreachable.Port],
    [Icmpv6Type.Unreachable, Unreachable6.Port],
  ],
  [IcmpKind.PacketTooBig]: [
    [Icmpv4Type.Unreachable, Unreachable.FragmentationNeeded],
    [Icmpv6Type.PacketTooBig, 0],
  ],
  [IcmpKind.TimeExceeded]: [
    [Icmpv4Type.TimeExceeded, 0],
    [Icmpv6Type.TimeExceeded, 0],
  ],
  [IcmpKind.ReassemblyTimeExceeded]: [
    [Icmpv4Type.TimeExceeded, 1],
    [Icmpv6Type.TimeExceeded, 1],
  ],
  [IcmpKind.ParameterProblem]: [
    [Icmpv4Type.ParameterProblem, 0],
    [Icmpv6Type.ParameterProblem, Problem6.Field],
  ],
  [IcmpKind.UnknownOption]: [
    [Icmpv4Type.ParameterProblem, 0],
    [Icmpv6Type.ParameterProblem, Problem6.Option],
  ],
};

/**
 * Whether an ICMP error may answer the packet at all: never an error, nothing that was sent to or from many (`toMany`), and
 * no piece of a packet but the first (RFC 1122 §3.2.2, RFC 4443 §2.4 (e)).
 */
export function mayAnswer(packet: Packet, frame: Frame, toMany: boolean): boolean {
  const { src, dst, protocol, textAt, textEnd } = packet;
  if (packet.fragmentOffset !== 0) return false;
  if (toMany || isMulticast(dst) || isBroadcast(dst)) return false;
  if (isMulticast(src) || isBroadcast(src) || isUnspecified(src)) return false;
  const icmp = packet.family === 4 ? Protocol.Icmp : Protocol.Icmpv6;
  if (protocol !== icmp) return true;
  if (textAt >= textEnd) return false; // who knows what it was
  const type = frame.bytes[textAt] as number;
  return !(packet.family === 4 ? isIcmpv4Error(type) : isIcmpv6Error(type));
}

/**
 * A frame with the ICMP error about `packet`, which stands in `frame`; the IP header, from `from`, is still to be put in
 * front. `word`: the second word of the ICMP header, an MTU or a pointer; 0 where it says nothing.
 */
export function errorAbout(
  packet: Packet,
  frame: Frame,
  via: IpInterface,
  from: Address,
  complaint: Complaint,
  word: number,
): Frame {
  const { family, headerAt, textEnd } = packet;
  const largest = Math.min(family === 4 ? LARGEST_V4 : LARGEST_V6, via.mtuFor(family));
  const room = largest - ICMP_HEADER - (family === 4 ? IPV4_HEADER : IPV6_HEADER);
  const quoted = Math.min(textEnd - headerAt, room);
  const out = via.frameFor(quoted);
  out.bytes.set(frame.bytes.subarray(headerAt, headerAt + quoted), out.at);
  out.end = out.at + quoted;
  const [v4, v6] = words[complaint];
  if (family === 4) writeIcmpv4(out, v4[0], v4[1], word);
  else writeIcmpv6(out, v6[0], v6[1], word, addressSum(from, packet.src, Protocol.Icmpv6));
  return out;
}

/**
 * How many errors a host sends: a bucket of tokens (RFC 4443 §2.4 (f)). It is one for all peers, so how full it is must
 * not tell one peer what became of another's packets: up to two tokens more are taken now and then, by chance.
 */
export class IcmpLimit {
  private readonly random: Random;
  private tokens = BURST;
  private filledAt: Micros;

  constructor(random: Random, now: Micros) {
    this.random = random;
    this.filledAt = now;
  }

  /** Whether one more may go out at `now`. */
  allows(now: Micros): boolean {
    this.tokens = Math.min(BURST, this.tokens + ((now - this.filledAt) * RATE) / SECOND);
    this.filledAt = now;
    if (this.tokens < 1) return false;
    this.tokens = Math.max(0, this.tokens - 1 - this.random.below(3));
    return true;
  }
}
