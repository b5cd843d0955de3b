/** ICMP that a host sends of itself (RFC 1122 §3.2.2, RFC 4443 §2.4): when it may, how often, and what an error quotes. */
import { isBroadcast, isMulticast, isUnspecified } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import type { Random } from '../base/random.ts';
import { type Micros, SECOND } from '../base/time.ts';
import { ICMP_HEADER, IcmpKind } from '../wire/icmp.ts';
import { Icmpv4Type, isIcmpv4Error, Unreachable, writeIcmpv4 } from '../wire/icmpv4.ts';
import { Icmpv6Type, isIcmpv6Error, UNKNOWN_NEXT_HEADER, Unreachable6, writeIcmpv6 } from '../wire/icmpv6.ts';
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
export type Complaint = typeof IcmpKind.PortUnreachable | typeof IcmpKind.ProtocolUnreachable;

/**
 * Whether an ICMP error may answer the packet at all: never an error, nothing that was sent to or from many, and no piece
 * of a packet but the first (RFC 1122 §3.2.2, RFC 4443 §2.4 (e)).
 */
export function mayAnswer(packet: Packet, frame: Frame): boolean {
  const { src, dst, protocol, textAt, textEnd } = packet;
  if (packet.fragmentOffset !== 0) return false;
  if (isMulticast(dst) || isBroadcast(dst)) return false;
  if (isMulticast(src) || isBroadcast(src) || isUnspecified(src)) return false;
  const icmp = packet.family === 4 ? Protocol.Icmp : Protocol.Icmpv6;
  if (protocol !== icmp) return true;
  if (textAt >= textEnd) return false; // who knows what it was
  const type = frame.bytes[textAt] as number;
  return !(packet.family === 4 ? isIcmpv4Error(type) : isIcmpv6Error(type));
}

/** A frame with the ICMP error about `packet`, which stands in `frame`; the IP header is still to be put in front. */
export function errorAbout(packet: Packet, frame: Frame, via: IpInterface, complaint: Complaint): Frame {
  const { family, headerAt, textEnd } = packet;
  const largest = Math.min(family === 4 ? LARGEST_V4 : LARGEST_V6, via.link.mtu);
  const room = largest - ICMP_HEADER - (family === 4 ? IPV4_HEADER : IPV6_HEADER);
  const quoted = Math.min(textEnd - headerAt, room);
  const out = via.frameFor(quoted);
  out.bytes.set(frame.bytes.subarray(headerAt, headerAt + quoted), out.at);
  out.end = out.at + quoted;
  const port = complaint === IcmpKind.PortUnreachable;
  if (family === 4) {
    writeIcmpv4(out, Icmpv4Type.Unreachable, port ? Unreachable.Port : Unreachable.Protocol, 0);
  } else {
    const pseudo = addressSum(packet.dst, packet.src, Protocol.Icmpv6);
    if (port) writeIcmpv6(out, Icmpv6Type.Unreachable, Unreachable6.Port, 0, pseudo);
    else writeIcmpv6(out, Icmpv6Type.ParameterProblem, UNKNOWN_NEXT_HEADER, packet.protocolAt - headerAt, pseudo);
  }
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
