/** What an ICMP error quotes: the beginning of a packet of ours, perhaps cut off behind the first octets of its text. */
import type { Frame } from '../base/frame.ts';
import { Drop } from './drop.ts';
import { readQuotedIpv4 } from './ipv4.ts';
import { readQuotedIpv6 } from './ipv6.ts';
import type { Packet } from './packet.ts';

/** Octets of the upper protocol that every error quotes (RFC 792): ports, and a sequence number or an identifier. */
const QUOTED_TEXT = 8;

/**
 * Reads the IP header at `at` of `frame` into `packet`, of which the quote goes to `end`; `textEnd` is where the quote of
 * the text ends. Checksums are not checked: they need not be right in the middle of a path. Answers
 * `Drop.IcmpQuote` for what cannot be read, or holds less than 8 octets of text; else `None`.
 */
export function readQuote(packet: Packet, frame: Frame, at: number, end: number): Drop {
  if (at >= end) return Drop.IcmpQuote;
  const version = (frame.bytes[at] as number) >> 4;
  const fault =
    version === 4
      ? readQuotedIpv4(packet, frame.view, at, end)
      : version === 6
        ? readQuotedIpv6(packet, frame.view, at, end)
        : Drop.IpVersion;
  return fault !== Drop.None || packet.textEnd - packet.textAt < QUOTED_TEXT ? Drop.IcmpQuote : Drop.None;
}

/** How large the packet was that is quoted, by its own header: the quote may be shorter. */
export function sizeOfQuoted(packet: Packet, frame: Frame): number {
  const { family, headerAt } = packet;
  return family === 4 ? frame.view.getUint16(headerAt + 2) : frame.view.getUint16(headerAt + 4) + 40;
}
