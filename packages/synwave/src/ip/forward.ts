/** RFC 1812 §5.2, RFC 8200 §3: a packet for somebody else goes on: one hop less, to the next router, whole or in pieces; what its carrier left undone is done. */
import { isLinkLocal, isLoopback, isUnspecified } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import { cutTcp, headersOf } from '../wire/cut-tcp.ts';
import { Drop } from '../wire/drop.ts';
import { fillTextSum } from '../wire/fill-sums.ts';
import { isFragment, type Packet, Protocol } from '../wire/ip.ts';
import { cutIpv4, hopIpv4, resizeIpv4 } from '../wire/ipv4.ts';
import { hopIpv6, resizeIpv6 } from '../wire/ipv6.ts';
import { TCP_HEADER } from '../wire/tcp.ts';
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
  const isSuper = packet.protocol === Protocol.Tcp && !isFragment(packet) && frame.cutTo > 0;
  const largest = isSuper ? largestPiece(packet, frame) : length;
  if (largest > mtu && (family === 6 || packet.dontFragment)) {
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
  const textAt = out.at + packet.textAt - headerAt;
  const lacksSum = frame.vouched || !arrivedOn.link.offloads.verifySums;
  if (isSuper) {
    out.cutTo = frame.cutTo;
    if (largest <= mtu && length <= via.link.offloads.superSegment) transmit(ip, path, out);
    else sendSegments(ip, path, packet, out, textAt, mtu);
  } else {
    if (lacksSum && via.link.offloads.fillSums) fillTextSum(out, textAt, out.end, packet);
    sendOn(ip, path, out, mtu);
  }
}

/** Octets of the largest packet that a super segment is to be cut into; all of it, where its header makes no sense. */
function largestPiece({ headerAt, textAt, textEnd }: Packet, frame: Frame): number {
  if (textEnd - textAt < TCP_HEADER) return textEnd - headerAt;
  const { at } = frame;
  frame.at = headerAt;
  const headers = headersOf(frame, textAt);
  frame.at = at;
  return Math.min(textEnd - headerAt, headers + frame.cutTo);
}

/** The next carrier cuts nothing: each segment goes on by itself, with a checksum of its own if that is wanted. */
function sendSegments(ip: Ip, path: Path, packet: Packet, whole: Frame, tcpAt: number, mtu: number): void {
  const via = path.via as IpInterface;
  const headers = headersOf(whole, tcpAt);
  if (whole.end - tcpAt < TCP_HEADER || whole.at + headers > whole.end) {
    whole.release();
    ip.above.drop(Drop.TcpOffset);
    return;
  }
  for (let at = 0, count = 0; at >= 0; count++) {
    const piece = via.frameFor(headers + whole.cutTo);
    at = cutTcp(whole, tcpAt, piece, at);
    if (packet.family === 6) resizeIpv6(piece);
    else resizeIpv4(piece, count);
    if (via.link.offloads.fillSums) fillTextSum(piece, piece.at + tcpAt - whole.at, piece.end, packet);
    sendOn(ip, path, piece, mtu);
  }
  whole.release();
}

/** A packet whose header is right goes on, in pieces if it is an IPv4 packet that may be cut. */
function sendOn(ip: Ip, path: Path, out: Frame, mtu: number): void {
  const via = path.via as IpInterface;
  if (out.length <= mtu) {
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
