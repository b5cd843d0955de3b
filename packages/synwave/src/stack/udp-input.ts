/** A UDP datagram arrives: read, looked up, and put into the queue of whom it is for (RFC 768, RFC 1122 §4.1). */
import type { Frame } from '../base/frame.ts';
import type { Micros } from '../base/time.ts';
import type { IpInterface } from '../ip/interface.ts';
import type { Endpoint } from '../udp/endpoint.ts';
import { costOf } from '../udp/queue.ts';
import { Drop } from '../wire/drop.ts';
import { IcmpKind } from '../wire/icmp.ts';
import { addressSum } from '../wire/ip.ts';
import { readUdp } from '../wire/udp.ts';
import type { Core } from './core.ts';
import { dropPacket, tellDatagram } from './events-out.ts';
import { complain } from './icmp-output.ts';

/** `core.packet` holds the IP header that was read from `frame`. */
export function udpInput(core: Core, arrivedOn: IpInterface, frame: Frame, now: Micros): void {
  const { packet, datagram } = core;
  const { src, dst, protocol } = packet;
  const pseudo = arrivedOn.link.offloads.verifySums ? addressSum(src, dst, protocol) : -1;
  const fault = readUdp(datagram, frame, packet.textAt, packet.textEnd, pseudo, packet.family === 4);
  if (fault !== Drop.None) {
    dropPacket(core, fault, -1);
    return;
  }
  const { srcPort, dstPort, textAt, textLen } = datagram;
  if (dstPort === 0) {
    dropPacket(core, Drop.UdpPort, -1);
    return;
  }
  core.datagramsIn++;
  tellDatagram(core, 'in', dst, dstPort, src, srcPort, textLen);
  const endpoint = core.udpPorts.find(dst, dstPort, src, srcPort);
  if (endpoint === null) {
    dropPacket(core, Drop.UdpNobody, -1);
    complain(core, arrivedOn, frame, IcmpKind.PortUnreachable, now); // RFC 1122 §4.1.3.1
    return;
  }
  const { queue } = endpoint;
  const refused = !queue.takes(textLen)
    ? Drop.UdpQueueFull
    : !core.store.reserve(costOf(textLen))
      ? Drop.MemoryFull
      : Drop.None;
  if (refused !== Drop.None) {
    endpoint.dropped++;
    dropPacket(core, refused, -1);
    return;
  }
  endpoint.datagramsIn++;
  queue.push({ octets: frame.bytes.slice(textAt, textAt + textLen), from: src.clone(), fromPort: srcPort });
  haveNews(core, endpoint);
}

/** The endpoint's program is to look: a datagram waits, or an error. */
export function haveNews(core: Core, endpoint: Endpoint): void {
  if (endpoint.told) return;
  endpoint.told = true;
  core.udpNews.push(endpoint.id);
}
