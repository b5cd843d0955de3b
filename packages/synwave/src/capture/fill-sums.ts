/** Fills in the checksums that a carrier did without. */
import { sum } from '../base/checksum.ts';
import type { Frame } from '../base/frame.ts';
import { Drop } from '../wire/drop.ts';
import { addressSum, isFragment, type Packet, Protocol, pseudoSum, readIp } from '../wire/ip.ts';
import { fillTcpSum, TCP_HEADER } from '../wire/tcp.ts';

const UDP_HEADER = 8;
const UDP_CHECKSUM = 6;

/**
 * Writes the TCP or UDP checksum of the IP packet in `frame`, whatever stood there; `packet` is room to read its header
 * into. Left alone are other protocols, fragments (the sum is of the whole) and packets that make no sense.
 */
export function fillSums(frame: Frame, packet: Packet): void {
  if (readIp(packet, frame, false) !== Drop.None || isFragment(packet)) return;
  const { textAt, textEnd } = packet;
  const length = textEnd - textAt;
  if (packet.protocol === Protocol.Tcp && length >= TCP_HEADER) {
    fillTcpSum(frame, textAt, textEnd, addressSum(packet.src, packet.dst, Protocol.Tcp));
  } else if (packet.protocol === Protocol.Udp && length >= UDP_HEADER) {
    frame.view.setUint16(textAt + UDP_CHECKSUM, 0);
    const checksum = ~sum(frame, textAt, textEnd, pseudoSum(packet, length)) & 0xffff;
    frame.view.setUint16(textAt + UDP_CHECKSUM, checksum === 0 ? 0xffff : checksum); // RFC 768: 0 says "none"
  }
}
