/** RFC 1812 §5.2, RFC 8200 §3: a packet for somebody else goes on: one hop less, to the next router, whole or in pieces. */
import { isLinkLocal, isLoopback, isUnspecified } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import { Drop } from '../wire/drop.ts';
import type { Packet } from '../wire/ip.ts';
import { cutIpv4, hopIpv4 } from '../wire/ipv4.ts';
import { hopIpv6 } from '../wire/ipv6.ts';
import type { IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';
import { transmit } from './output.ts';
import type { Path } from './path.ts';
import { pathTo } from './paths.ts';

/** What became of a packet that was to be forwarded. */
export interface Forwarded {
  /** `Drop.None`: it is on its way. */
  fault: Drop;
  /** The largest packet that the next link takes, where the packet was larger; 0 otherwise. */
  mtu: number;
  /** It leaves by the interface that it came by, to this path: its sender could do without us (RFC 1812 §5.2.7.2). */
  shortcut: Path | null;
}

/** `packet` was read from `frame`, which stays its owner's; what goes on is a copy. */
export function forward(ip: Ip, packet: Packet, frame: Frame, arrivedOn: IpInterface, into: Forwarded): void {
  const { src, dst, hopLimit, headerAt, textEnd, family } = packet;
  into.mtu = 0;
  into.shortcut = null;
  into.fault = Drop.None;
  // RFC 1812 §5.3.7, RFC 4291 §2.5.6: what has a meaning on one link only stays there.
  if (isLoopback(dst) || isUnspecified(src) || (family === 6 && (isLinkLocal(src) || isLinkLocal(dst)))) {
    into.fault = Drop.ForwardScope;
    return;
  }
  if (hopLimit <= 1) {
    into.fault = Drop.HopLimit;
    return;
  }
  const path = pathTo(ip, dst, null);
  const { via } = path;
  if (via === null || path.isGroup) {
    into.fault = via === null ? Drop.NoRoute : Drop.Broadcast;
    return;
  }
  const length = textEnd - headerAt;
  const mtu = via.mtuFor(family);
  if (length > mtu && (family === 6 || packet.dontFragment)) {
    into.fault = Drop.TooBig;
    into.mtu = mtu;
    return;
  }
  if (via === arrivedOn && via.mac >= 0) into.shortcut = path;
  const out = via.frameFor(length);
  out.bytes.set(frame.bytes.subarray(headerAt, textEnd), out.at);
  out.end = out.at + length;
  ip.counters.forwarded++;
  if (family === 6) hopIpv6(out);
  else hopIpv4(out);
  if (length <= mtu) {
    transmit(ip, path, out);
    return;
  }
  for (let at = 0; at >= 0; ) {
    const piece = via.frameFor(mtu);
    at = cutIpv4(out, piece, at, mtu);
    ip.counters.fragmentsOut++;
    transmit(ip, path, piece);
  }
  out.release();
}
