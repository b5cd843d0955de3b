/** A packet arrives (RFC 1122 §3.2.1, RFC 8200 §3, §4): well formed, whole, from a sender that may be, for us, or dropped. */
import type { Address } from '../base/address.ts';
import { isBroadcast, isLoopback, isMulticast, isUnspecified } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import { Drop } from '../wire/drop.ts';
import { isFragment, type Packet, readIp } from '../wire/ip.ts';
import type { IpInterface } from './interface.ts';

/** Reads the header into `packet`; answers why the packet is to be dropped, or `None`. */
export function ipInput(packet: Packet, frame: Frame, arrivedOn: IpInterface, isLocal: (to: Address) => boolean): Drop {
  const fault = readIp(packet, frame, arrivedOn.link.offloads.verifySums);
  if (fault !== Drop.None) return fault;
  const { src, dst } = packet;
  // RFC 1122 §3.2.1.3: no host sends from a multicast or broadcast address; loopback addresses stay inside (g).
  if (isMulticast(src) || isBroadcast(src)) return Drop.IpSource;
  const inside = arrivedOn.link.name === 'lo';
  if (!inside && (isLoopback(src) || isLoopback(dst))) return Drop.IpSource;
  if (isUnspecified(src)) return Drop.IpSource;
  if (isMulticast(dst) || isBroadcast(dst)) return Drop.Broadcast;
  if (!(inside && isLoopback(dst)) && !isLocal(dst)) return Drop.IpNotForUs;
  return isFragment(packet) ? Drop.FragmentInvalid : Drop.None;
}
