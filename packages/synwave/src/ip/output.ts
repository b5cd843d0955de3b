/** A packet leaves: the header goes in front of what stands in the frame, and the link takes it. */
import type { Frame } from '../base/frame.ts';
import type { Packet } from '../wire/ip.ts';
import { writeIpv4 } from '../wire/ipv4.ts';
import { writeIpv6 } from '../wire/ipv6.ts';
import type { IpInterface } from './interface.ts';

/** `packet` tells addresses, protocol, hop limit and traffic class; the frame is the link's from here on. */
export function ipOutput(leavesBy: IpInterface, frame: Frame, packet: Packet): void {
  if (packet.family === 4) writeIpv4(frame, packet);
  else writeIpv6(frame, packet);
  leavesBy.link.send(frame);
}
