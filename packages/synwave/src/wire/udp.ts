/** RFC 768: the UDP header. Reads into a Datagram the caller owns; writes into a frame the caller owns. */
import { fold, sum } from '../base/checksum.ts';
import type { Frame } from '../base/frame.ts';
import { Drop } from './drop.ts';

const DESTINATION = 2;
const CHECKSUM = 6;

/** Where the datagram tells its own length, header and text. */
export const UDP_LENGTH = 4;

/** Octets of the header. */
export const UDP_HEADER = 8;

/** What one UDP datagram says. Its text is `frame.bytes[textAt, textAt + textLen)`. */
export class Datagram {
  /** 0: the sender expects no answer. */
  srcPort = 0;
  dstPort = 0;
  textAt = 0;
  textLen = 0;
}

/**
 * Reads the datagram in `frame.bytes[at, end)`; what lies behind its own length is left out. `pseudo` is the sum of
 * addresses and protocol (`addressSum`), or -1 where the link vouches for the checksum. `optional`: whether a checksum of
 * 0 says that there is none, as over IPv4; over IPv6 it is a fault (RFC 8200 §8.1).
 * Answers why the datagram is to be dropped, or `None`; `into` is whole only with `None`.
 */
export function readUdp(
  into: Datagram,
  frame: Frame,
  at: number,
  end: number,
  pseudo: number,
  optional: boolean,
): Drop {
  const { view } = frame;
  if (end - at < UDP_HEADER) return Drop.UdpShort;
  const length = view.getUint16(at + UDP_LENGTH);
  if (length < UDP_HEADER || length > end - at) return Drop.UdpLength;
  if (pseudo >= 0) {
    const none = view.getUint16(at + CHECKSUM) === 0;
    if (none && !optional) return Drop.UdpChecksum;
    if (!none && sum(frame, at, at + length, fold(pseudo + length)) !== 0xffff) return Drop.UdpChecksum;
  }
  into.srcPort = view.getUint16(at);
  into.dstPort = view.getUint16(at + DESTINATION);
  into.textAt = at + UDP_HEADER;
  into.textLen = length - UDP_HEADER;
  return Drop.None;
}

/**
 * Writes the header in front of the text, which stands in `frame.bytes[frame.at, frame.end)`, and moves `frame.at` back
 * over it. `pseudo` is the sum of addresses and protocol (`addressSum`); -1 leaves the checksum 0, for a link that needs
 * none. The caller sees to it that header and text stay below 65,536 octets.
 */
export function writeUdp(frame: Frame, srcPort: number, dstPort: number, pseudo: number): void {
  const at = frame.at - UDP_HEADER;
  const { view } = frame;
  frame.at = at;
  view.setUint16(at, srcPort);
  view.setUint16(at + DESTINATION, dstPort);
  view.setUint16(at + UDP_LENGTH, frame.end - at);
  view.setUint16(at + CHECKSUM, 0);
  if (pseudo >= 0) fillUdpSum(frame, at, frame.end, pseudo);
}

/** Fills in the checksum of the datagram in `frame.bytes[at, end)`, whatever stood there; `pseudo` as for `writeUdp`. */
export function fillUdpSum(frame: Frame, at: number, end: number, pseudo: number): void {
  frame.view.setUint16(at + CHECKSUM, 0);
  const checksum = ~sum(frame, at, end, fold(pseudo + (end - at))) & 0xffff;
  frame.view.setUint16(at + CHECKSUM, checksum === 0 ? 0xffff : checksum); // 0 would say that there is none
}
