/** Fills in the checksums that a carrier did without. */
import type { Frame } from '../base/frame.ts';
import { Drop } from '../wire/drop.ts';
import { addressSum, isFragment, type Packet, Protocol, readIp } from '../wire/ip.ts';
import { fillTcpSum, TCP_HEADER } from '../wire/tcp.ts';
import { fillUdpSum, UDP_HEADER } from '../wire/udp.ts';

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
    fillUdpSum(frame, textAt, textEnd, addressSum(packet.src, packet.dst, Protocol.Udp));
  }
}
