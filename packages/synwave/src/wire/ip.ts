/** IP of either family: which header to read, and the pseudo-header that the upper protocols sum. */
import type { Address } from '../base/address.ts';
import { fold } from '../base/checksum.ts';
import type { Frame } from '../base/frame.ts';
import { Drop } from './drop.ts';
import { readIpv4 } from './ipv4.ts';
import { readIpv6 } from './ipv6.ts';
import type { Packet } from './packet.ts';

export { FRAGMENT_NEXT_HEADER, isFragment, NO_NEXT_HEADER, Packet, Protocol } from './packet.ts';

/**
 * Reads the IP header at `frame.at` into `packet`; octets behind the packet's own length are the carrier's padding and
 * are left out. `verify`: whether IPv4's header checksum is checked. Answers why the packet is to be dropped, or `None`.
 */
export function readIp(packet: Packet, frame: Frame, verify: boolean): Drop {
  if (frame.at >= frame.end) return Drop.IpVersion;
  const version = (frame.bytes[frame.at] as number) >> 4;
  if (version === 4) return readIpv4(packet, frame, verify);
  if (version === 6) return readIpv6(packet, frame);
  return Drop.IpVersion;
}

/**
 * The part of the pseudo-header's sum that stays the same for a connection: both addresses and the protocol, folded to
 * 16 bits (RFC 9293 §3.1, RFC 8200 §8.1). The family does not matter: the 0xffff in a mapped IPv4 address is ones'
 * complement zero, and the protocol keeps the whole from being zero.
 */
export function addressSum(src: Address, dst: Address, protocol: number): number {
  return fold(
    fold((src.a >>> 16) + (src.a & 0xffff) + (src.b >>> 16) + (src.b & 0xffff)) +
      fold((src.c >>> 16) + (src.c & 0xffff) + (src.d >>> 16) + (src.d & 0xffff)) +
      fold((dst.a >>> 16) + (dst.a & 0xffff) + (dst.b >>> 16) + (dst.b & 0xffff)) +
      fold((dst.c >>> 16) + (dst.c & 0xffff) + (dst.d >>> 16) + (dst.d & 0xffff)) +
      protocol,
  );
}

/** The whole pseudo-header's folded sum, for an upper packet of `length` octets: what `readTcp` verifies against. */
export function pseudoSum(packet: Packet, length: number): number {
  return fold(addressSum(packet.src, packet.dst, packet.protocol) + length);
}
