/** RFC 8200 §3, §4: the IPv6 header, and the walk over its extension headers. */
import type { Address } from '../base/address.ts';
import type { Frame } from '../base/frame.ts';
import { Drop } from './drop.ts';
import { FRAGMENT_NEXT_HEADER, type Packet } from './packet.ts';

const PAYLOAD = 4;
const NEXT = 6;
const HOP_LIMIT = 7;
const SOURCE = 8;
const DESTINATION = 24;

/** Octets of the header; extension headers come on top. */
export const IPV6_HEADER = 40;

/** Octets of the fragment header (§4.5). */
export const IPV6_FRAGMENT_HEADER = 8;

/** Next Header values of the extension headers that are walked over. */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;

/** Nobody needs more: RFC 8200 §4.1 names seven places, and a long chain is only work for who reads it. */
const MOST_EXTENSIONS = 8;

/** Options Pad1 and PadN (RFC 8200 §4.2). */
const PAD1 = 0;

/**
 * Reads the header at `frame.at` and walks the extension headers up to the upper protocol. A fragment's text begins
 * behind its fragment header, whatever comes there, and `protocol` is that header's Next Header: reassembly goes on from
 * there. Next Header 59 (nothing follows) and protocols unknown here are reported as `protocol` for the caller to refuse.
 */
export function readIpv6(packet: Packet, frame: Frame): Drop {
  const { at, view } = frame;
  const room = frame.end - at;
  if (room < IPV6_HEADER) return Drop.Ipv6Short;
  const payload = view.getUint16(at + PAYLOAD);
  if (payload > room - IPV6_HEADER) return Drop.Ipv6PayloadLength;
  return readFields(packet, view, at, at + IPV6_HEADER + payload);
}

/** Reads a header at `at` that somebody quotes, up to `end`: the packet behind it may be cut short there. */
export function readQuotedIpv6(packet: Packet, view: DataView, at: number, end: number): Drop {
  if (end - at < IPV6_HEADER) return Drop.Ipv6Short;
  const payload = view.getUint16(at + PAYLOAD);
  return readFields(packet, view, at, Math.min(at + IPV6_HEADER + payload, end));
}

/** The header at `at` and its extension headers; the packet, as far as it is there, goes to `end`. */
function readFields(packet: Packet, view: DataView, at: number, end: number): Drop {
  const first = view.getUint32(at);
  packet.family = 6;
  readAddress(packet.src, view, at + SOURCE);
  readAddress(packet.dst, view, at + DESTINATION);
  packet.trafficClass = (first >>> 20) & 0xff;
  packet.flowLabel = first & 0xf_ffff;
  packet.hopLimit = view.getUint8(at + HOP_LIMIT);
  packet.id = 0;
  packet.dontFragment = true;
  packet.moreFragments = false;
  packet.fragmentOffset = 0;
  packet.headerAt = at;
  packet.textAt = at + IPV6_HEADER;
  packet.textEnd = end;
  packet.protocolAt = at + NEXT;
  packet.protocol = view.getUint8(at + NEXT);
  // Such an address stands for IPv4 inside a host only; from outside it would pass itself off as an IPv4 peer.
  if (packet.src.family === 4 || packet.dst.family === 4) return Drop.Ipv6Mapped;
  return walkExtensions(packet, view);
}

/** RFC 8200 §4: from header to header, until the upper protocol or a fragment is reached. `faultAt` says where it had to stop. */
function walkExtensions(packet: Packet, view: DataView): Drop {
  const end = packet.textEnd;
  for (let count = 0; ; count++) {
    const kind = packet.protocol;
    if (!isExtension(kind)) return Drop.None;
    packet.faultAt = packet.protocolAt;
    // §4.3: hop-by-hop options stand directly behind the IPv6 header or not at all.
    if (count === MOST_EXTENSIONS || (kind === HOP_BY_HOP && count !== 0)) return Drop.Ipv6ExtensionHeader;
    const at = packet.textAt;
    if (end - at < 8) return Drop.Ipv6ExtensionHeader;
    const length = extensionLength(kind, view.getUint8(at + 1));
    if (length > end - at) return Drop.Ipv6ExtensionHeader;
    packet.protocolAt = at;
    packet.protocol = view.getUint8(at);
    packet.textAt = at + length;
    packet.faultAt = at + 2;
    if (kind === FRAGMENT_NEXT_HEADER) {
      const field = view.getUint16(at + 2);
      packet.fragmentOffset = field & 0xfff8;
      packet.moreFragments = (field & 1) !== 0;
      packet.id = view.getUint32(at + 4);
      if (packet.fragmentOffset !== 0 || packet.moreFragments) return Drop.None;
    } else if (kind === ROUTING) {
      // §4.4: without segments left the header is of the past; with some, an unknown type ends the packet (RFC 5095 for type 0).
      if (view.getUint8(at + 3) !== 0) return Drop.Ipv6Routing;
    } else if (kind !== AUTHENTICATION) {
      const drop = walkOptions(packet, view, at + 2, at + length);
      if (drop !== Drop.None) return drop;
    }
  }
}

/**
 * The headers at `frame.at` are those of a first fragment, its fragment header among them, and behind them stands the text
 * of the whole packet: makes them the whole packet's, without the fragment header (RFC 8200 §4.5). `ecn`: bits for the
 * traffic class (RFC 3168 §5.3). `frame.at` moves.
 */
export function joinIpv6(frame: Frame, ecn: number): void {
  const { at, bytes, view } = frame;
  let nextAt = at + NEXT;
  let header = at + IPV6_HEADER;
  while (view.getUint8(nextAt) !== FRAGMENT_NEXT_HEADER) {
    nextAt = header;
    header += extensionLength(view.getUint8(nextAt), view.getUint8(header + 1));
  }
  bytes[nextAt] = bytes[header] as number;
  bytes.copyWithin(at + IPV6_FRAGMENT_HEADER, at, header);
  frame.at = at + IPV6_FRAGMENT_HEADER;
  view.setUint16(frame.at + PAYLOAD, frame.end - frame.at - IPV6_HEADER);
  view.setUint16(frame.at, view.getUint16(frame.at) | (ecn << 4));
}

/** A router takes the packet at `frame.at` on: one hop less to go (RFC 8200 §3). */
export function hopIpv6(frame: Frame): void {
  const { at, view } = frame;
  view.setUint8(at + HOP_LIMIT, view.getUint8(at + HOP_LIMIT) - 1);
}

/** The packet at `frame.at` ends where the frame does now. */
export function resizeIpv6(frame: Frame): void {
  frame.view.setUint16(frame.at + PAYLOAD, frame.end - frame.at - IPV6_HEADER);
}

function isExtension(kind: number): boolean {
  return (
    kind === HOP_BY_HOP ||
    kind === ROUTING ||
    kind === FRAGMENT_NEXT_HEADER ||
    kind === AUTHENTICATION ||
    kind === DESTINATION_OPTIONS
  );
}

/** Octets of an extension header, from its own length field. */
function extensionLength(kind: number, field: number): number {
  if (kind === FRAGMENT_NEXT_HEADER) return IPV6_FRAGMENT_HEADER; // RFC 8200 §4.5: the field is reserved
  if (kind === AUTHENTICATION) return (field + 2) << 2; // RFC 4302 §2.2 counts words of 32 bits
  return (field + 1) << 3;
}

/**
 * Whether a fragment header stands between the IPv6 header of `packet`, which `readIpv6` has read, and its text: the
 * packet is a piece of one, or "atomic" (RFC 6946).
 */
export function hasFragmentHeader(packet: Packet, frame: Frame): boolean {
  const { view } = frame;
  let nextAt = packet.headerAt + NEXT;
  let at = packet.headerAt + IPV6_HEADER;
  while (nextAt !== packet.protocolAt) {
    const kind = view.getUint8(nextAt);
    if (kind === FRAGMENT_NEXT_HEADER) return true;
    nextAt = at;
    at += extensionLength(kind, view.getUint8(at + 1));
  }
  return false;
}

/** Whether the sender of the option at `at`, which nobody here knows, wants to hear that it was dropped for it (RFC 8200 §4.2). */
export function asksToBeTold(view: DataView, at: number): boolean {
  return view.getUint8(at) >> 6 > 1;
}

/** RFC 8200 §4.2: we know none but the padding; the two high bits of the rest say whether they may be skipped (00). */
function walkOptions(packet: Packet, view: DataView, from: number, end: number): Drop {
  for (let at = from; at < end; ) {
    const kind = view.getUint8(at);
    if (kind === PAD1) {
      at++;
      continue;
    }
    packet.faultAt = at;
    if (at + 2 > end) return Drop.Ipv6ExtensionHeader;
    if (kind >> 6 !== 0) return Drop.Ipv6Option;
    at += 2 + view.getUint8(at + 1);
    if (at > end) return Drop.Ipv6ExtensionHeader;
  }
  return Drop.None;
}

/**
 * Writes the header of 40 octets in front of what stands in `frame.bytes[frame.at, frame.end)`, and moves `frame.at`
 * back over it. Extension headers, if any, stand there already; `packet.protocol` names the first. The caller sees to it
 * that what follows the header stays below 65,536 octets and that the frame has the head room.
 */
export function writeIpv6(frame: Frame, packet: Packet): void {
  const at = frame.at - IPV6_HEADER;
  const { view } = frame;
  view.setUint32(at, 0x6000_0000 | (packet.trafficClass << 20) | (packet.flowLabel & 0xf_ffff));
  view.setUint16(at + PAYLOAD, frame.end - frame.at);
  view.setUint8(at + NEXT, packet.protocol);
  view.setUint8(at + HOP_LIMIT, packet.hopLimit);
  writeAddress(packet.src, view, at + SOURCE);
  writeAddress(packet.dst, view, at + DESTINATION);
  frame.at = at;
}

/**
 * Writes a fragment header (§4.5) in front of the piece that stands in `frame.bytes[frame.at, frame.end)`, and moves
 * `frame.at` back over it. `offset` is where the piece belongs, in octets, a multiple of 8; `nextHeader` is what the whole
 * begins with, the same for all of its pieces. The header in front then names `FRAGMENT_NEXT_HEADER` as what follows.
 */
export function writeFragmentHeader(frame: Frame, nextHeader: number, offset: number, more: boolean, id: number): void {
  const at = frame.at - IPV6_FRAGMENT_HEADER;
  const { view } = frame;
  frame.at = at;
  view.setUint16(at, nextHeader << 8);
  view.setUint16(at + 2, offset | (more ? 1 : 0));
  view.setUint32(at + 4, id);
}

/** Reads the 16 octets at `at` into `address`. */
export function readAddress(address: Address, view: DataView, at: number): void {
  address.set(view.getInt32(at), view.getInt32(at + 4), view.getInt32(at + 8), view.getInt32(at + 12));
}

/** Writes `address` into the 16 octets at `at`. */
export function writeAddress(address: Address, view: DataView, at: number): void {
  view.setInt32(at, address.a);
  view.setInt32(at + 4, address.b);
  view.setInt32(at + 8, address.c);
  view.setInt32(at + 12, address.d);
}
