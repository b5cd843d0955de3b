/** A UDP datagram leaves, within the call that sends it: nothing is kept to be sent again. */
import type { Address } from '../base/address.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { IpInterface } from '../ip/interface.ts';
import { ipOutput } from '../ip/output.ts';
import type { Endpoint } from '../udp/endpoint.ts';
import { addressSum, Protocol } from '../wire/ip.ts';
import { IPV4_HEADER } from '../wire/ipv4.ts';
import { IPV6_HEADER } from '../wire/ipv6.ts';
import { UDP_HEADER, writeUdp } from '../wire/udp.ts';
import type { Core } from './core.ts';
import { tellDatagram } from './events-out.ts';

/** What is to be sent: `bytes[at, at + count)`. */
export interface Text {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly count: number;
}

/**
 * Sends one datagram. Answers null, or EMSGSIZE: it would need a packet larger than the interface's MTU, and this host
 * cuts none into fragments.
 */
export function udpOutput(
  core: Core,
  endpoint: Endpoint,
  via: IpInterface,
  from: Address,
  to: Address,
  port: number,
  { bytes, at, count }: Text,
): ErrorCode | null {
  const { outPacket } = core;
  const { family } = to;
  if (count + UDP_HEADER + (family === 4 ? IPV4_HEADER : IPV6_HEADER) > via.link.mtu) return 'EMSGSIZE';
  const frame = via.frameFor(count);
  frame.bytes.set(at === 0 && count === bytes.length ? bytes : bytes.subarray(at, at + count), frame.at);
  frame.end = frame.at + count;
  const pseudo = via.link.offloads.fillSums ? addressSum(from, to, Protocol.Udp) : -1;
  writeUdp(frame, endpoint.localPort, port, pseudo);
  outPacket.src.copy(from);
  outPacket.dst.copy(to);
  outPacket.family = family;
  outPacket.protocol = Protocol.Udp;
  outPacket.hopLimit = endpoint.hopLimit;
  outPacket.trafficClass = endpoint.trafficClass;
  outPacket.dontFragment = true;
  outPacket.id = 0;
  core.datagramsOut++;
  endpoint.datagramsOut++;
  tellDatagram(core, 'out', from, endpoint.localPort, to, port, count);
  ipOutput(via, frame, outPacket);
  return null;
}
