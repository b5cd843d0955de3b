/** Fills in the checksums that a carrier did without. */
import type { Frame } from '../base/frame.ts';
import { Drop } from './drop.ts';
import { type Ethernet, EtherType, readEthernet } from './ethernet.ts';
import { addressSum, isFragment, type Packet, Protocol, readIp } from './ip.ts';
import { fillTcpSum, TCP_HEADER } from './tcp.ts';
import { fillUdpSum, UDP_HEADER, UDP_LENGTH } from './udp.ts';

/**
 * Writes the TCP or UDP checksum of the IP packet in `frame`, whatever stood there; `packet` is room to read its header
 * into. Left alone are other protocols (ICMP is never without), fragments (the sum is of the whole) and packets that make
 * no sense.
 */
export function fillSums(frame: Frame, packet: Packet): void {
  if (readIp(packet, frame, false) === Drop.None) fillTextSum(frame, packet.textAt, packet.textEnd, packet);
}

/** The same where the text of the packet stands in `frame.bytes[textAt, textEnd)`; `packet` is what its header says. */
export function fillTextSum(frame: Frame, textAt: number, textEnd: number, packet: Packet): void {
  if (isFragment(packet)) return;
  const length = textEnd - textAt;
  if (packet.protocol === Protocol.Tcp && length >= TCP_HEADER) {
    fillTcpSum(frame, textAt, textEnd, addressSum(packet.src, packet.dst, Protocol.Tcp));
  } else if (packet.protocol === Protocol.Udp && length >= UDP_HEADER) {
    // What lies behind a datagram's own length is no part of it.
    const own = frame.view.getUint16(textAt + UDP_LENGTH);
    if (own < UDP_HEADER || own > length) return;
    fillUdpSum(frame, textAt, textAt + own, addressSum(packet.src, packet.dst, Protocol.Udp));
  }
}

/** The same for the packet in the Ethernet frame in `frame`; `header` is room to read the frame's header into. */
export function fillEthernetSums(frame: Frame, header: Ethernet, packet: Packet): void {
  if (readEthernet(header, frame) !== Drop.None) return;
  if (header.type !== EtherType.Ipv4 && header.type !== EtherType.Ipv6) return;
  const { at } = frame;
  frame.at = header.textAt;
  fillSums(frame, packet);
  frame.at = at;
}
