/** RFC 791 §3.1: the IPv4 header. */
import { sum } from '../base/checksum.ts';
import type { Frame } from '../base/frame.ts';
import { Drop } from './drop.ts';
import type { Packet } from './packet.ts';

const TOS = 1;
const TOTAL = 2;
const ID = 4;
const FRAGMENT = 6;
const TTL = 8;
const PROTOCOL = 9;
const CHECKSUM = 10;
const SOURCE = 12;
const DESTINATION = 16;

/** Octets of the header without options: the only one that we write. */
export const IPV4_HEADER = 20;

const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;

/** An IPv4 address as Address holds it: ::ffff:a.b.c.d. */
const MAPPED = 0xffff;

/** Reads the header at `frame.at`. Options are stepped over: a host may ignore each of them (RFC 1122 §3.2.1.8). */
export function readIpv4(packet: Packet, frame: Frame, verify: boolean): Drop {
  const { at, view } = frame;
  const room = frame.end - at;
  if (room < IPV4_HEADER) return Drop.Ipv4Short;
  const header = (view.getUint8(at) & 0x0f) << 2;
  if (header < IPV4_HEADER || header > room) return Drop.Ipv4HeaderLength;
  const total = view.getUint16(at + TOTAL);
  if (total < header || total > room) return Drop.Ipv4TotalLength;
  if (verify && sum(frame, at, at + header) !== 0xffff) return Drop.Ipv4Checksum;
  readFields(packet, view, at, header);
  packet.textEnd = at + total;
  return Drop.None;
}

/** Reads a header at `at` that somebody quotes, up to `end`: the packet behind it may be cut short there. */
export function readQuotedIpv4(packet: Packet, view: DataView, at: number, end: number): Drop {
  if (end - at < IPV4_HEADER) return Drop.Ipv4Short;
  const header = (view.getUint8(at) & 0x0f) << 2;
  const total = view.getUint16(at + TOTAL);
  if (header < IPV4_HEADER || header > end - at) return Drop.Ipv4HeaderLength;
  if (total < header) return Drop.Ipv4TotalLength;
  readFields(packet, view, at, header);
  packet.textEnd = Math.min(at + total, end);
  return Drop.None;
}

/** All but the end of the text, from a header of `header` octets that is there in full. */
function readFields(packet: Packet, view: DataView, at: number, header: number): void {
  const fragment = view.getUint16(at + FRAGMENT);
  packet.family = 4;
  packet.src.set(0, 0, MAPPED, view.getInt32(at + SOURCE));
  packet.dst.set(0, 0, MAPPED, view.getInt32(at + DESTINATION));
  packet.protocol = view.getUint8(at + PROTOCOL);
  packet.trafficClass = view.getUint8(at + TOS);
  packet.hopLimit = view.getUint8(at + TTL);
  packet.flowLabel = 0;
  packet.id = view.getUint16(at + ID);
  packet.dontFragment = (fragment & DONT_FRAGMENT) !== 0;
  packet.moreFragments = (fragment & MORE_FRAGMENTS) !== 0;
  packet.fragmentOffset = (fragment & OFFSET_MASK) << 3;
  packet.headerAt = at;
  packet.protocolAt = at + PROTOCOL;
  packet.textAt = at + header;
}

/**
 * Writes a header of 20 octets in front of the text, which stands in `frame.bytes[frame.at, frame.end)`, and moves
 * `frame.at` back over it. Total length and header checksum are filled in; the rest is as `packet` says. The caller sees
 * to it that header and text stay below 65,536 octets and that the frame has the head room.
 */
export function writeIpv4(frame: Frame, packet: Packet): void {
  const at = frame.at - IPV4_HEADER;
  const { view } = frame;
  frame.at = at;
  view.setUint16(at, 0x4500 | packet.trafficClass);
  view.setUint16(at + TOTAL, frame.end - at);
  view.setUint16(at + ID, packet.id);
  view.setUint16(
    at + FRAGMENT,
    (packet.dontFragment ? DONT_FRAGMENT : 0) |
      (packet.moreFragments ? MORE_FRAGMENTS : 0) |
      (packet.fragmentOffset >> 3),
  );
  view.setUint8(at + TTL, packet.hopLimit);
  view.setUint8(at + PROTOCOL, packet.protocol);
  view.setUint16(at + CHECKSUM, 0);
  view.setInt32(at + SOURCE, packet.src.d);
  view.setInt32(at + DESTINATION, packet.dst.d);
  view.setUint16(at + CHECKSUM, ~sum(frame, at, at + IPV4_HEADER) & 0xffff);
}

/**
 * The header at `frame.at` is that of a first fragment, and behind it stands the text of the whole packet: makes it the
 * whole packet's. `ecn`: bits for the traffic class (RFC 3168 §5.3).
 */
export function joinIpv4(frame: Frame, ecn: number): void {
  const { at, end, view } = frame;
  view.setUint8(at + TOS, view.getUint8(at + TOS) | ecn);
  view.setUint16(at + TOTAL, end - at);
  view.setUint16(at + FRAGMENT, 0);
  sumHeader(frame);
}

/** A router takes the packet at `frame.at` on: one hop less to go (RFC 791 §3.2, RFC 1812 §5.3.1). */
export function hopIpv4(frame: Frame): void {
  const { at, view } = frame;
  view.setUint8(at + TTL, view.getUint8(at + TTL) - 1);
  sumHeader(frame);
}

/** The packet at `frame.at` ends where the frame does now; it is the `later`-th of several that were made of one. */
export function resizeIpv4(frame: Frame, later: number): void {
  const { at, end, view } = frame;
  view.setUint16(at + TOTAL, end - at);
  view.setUint16(at + ID, (view.getUint16(at + ID) + later) & 0xffff);
  sumHeader(frame);
}

/** Fills in the checksum of the header at `frame.at`, however long it is. */
function sumHeader(frame: Frame): void {
  const { at, view } = frame;
  view.setUint16(at + CHECKSUM, 0);
  view.setUint16(at + CHECKSUM, ~sum(frame, at, at + ((view.getUint8(at) & 0x0f) << 2)) & 0xffff);
}

/** Options that go into every fragment have the highest bit set (RFC 791 §3.1); NOP and the end of the list are padding. */
const COPIED = 0x80;
const END = 0;
const NOP = 1;

/**
 * Writes into `piece`, which is empty, one fragment of at most `mtu` octets of the IPv4 packet at `whole.at`, itself a fragment
 * perhaps: its text from `from` on. Answers where the next one begins, -1 after the last (RFC 791 §3.2).
 */
export function cutIpv4(whole: Frame, piece: Frame, from: number, mtu: number): number {
  const { view, bytes, at, end } = whole;
  const header = (view.getUint8(at) & 0x0f) << 2;
  const text = end - at - header;
  const start = piece.at;
  const own = from === 0 ? header : copyOptions(whole, header, piece);
  if (from === 0) piece.bytes.set(bytes.subarray(at, at + header), start);
  const room = (mtu - own) & ~7;
  const count = Math.min(room, text - from);
  const more = from + count < text;
  piece.bytes.set(bytes.subarray(at + header + from, at + header + from + count), start + own);
  piece.end = start + own + count;
  const field = view.getUint16(at + FRAGMENT);
  const offset = (field & OFFSET_MASK) + (from >> 3);
  piece.view.setUint8(start, 0x40 | (own >> 2));
  piece.view.setUint16(start + TOTAL, own + count);
  piece.view.setUint16(start + FRAGMENT, (more ? MORE_FRAGMENTS : field & MORE_FRAGMENTS) | offset);
  sumHeader(piece);
  return more ? from + count : -1;
}

/** The header's first 20 octets, and those options that every fragment bears, padded; answers their length. */
function copyOptions(whole: Frame, header: number, piece: Frame): number {
  const { bytes, at } = whole;
  const start = piece.at;
  piece.bytes.set(bytes.subarray(at, at + IPV4_HEADER), start);
  let to = start + IPV4_HEADER;
  for (let i = at + IPV4_HEADER; i < at + header; ) {
    const kind = bytes[i] as number;
    if (kind === END) break;
    const length = kind === NOP ? 1 : (bytes[i + 1] as number);
    if (kind !== NOP && (length < 2 || i + length > at + header)) break;
    if ((kind & COPIED) !== 0) {
      piece.bytes.set(bytes.subarray(i, i + length), to);
      to += length;
    }
    i += length;
  }
  while (((to - start) & 3) !== 0) piece.bytes[to++] = END;
  return to - start;
}
