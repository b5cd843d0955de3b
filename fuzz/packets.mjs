/** Packets for seeds, and their lengths and checksums put right: summed here octet by octet, not by the library. */
import { parseText } from '../packages/synwave/dist/wire/text-parse.js';

/** @typedef {import('../packages/synwave/dist/base/random.js').Random} Random */

const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;

/** Where each upper protocol has its checksum, in octets from its header's beginning. */
const CHECKSUMS = new Map([
  [ICMP, 2],
  [TCP, 16],
  [UDP, 6],
  [ICMPV6, 2],
]);

/** Next Header values with a length field of their own kind that the walk to the upper protocol steps over. */
const EXTENSIONS = [0, 43, 60];

/** Packets of every kind that has a text; some with options, some with text. */
export function samplePackets() {
  return LINES.map(parseText);
}

const LINES = [
  'IP 10.0.0.2.4000 > 10.0.0.1.80: Flags [S], seq 1000, win 64240, options [mss 1460,sackOK,TS val 7 ecr 0,nop,wscale 7], length 0',
  'IP 10.0.0.1.80 > 10.0.0.2.4000: Flags [S.], seq 1, ack 1001, win 65535, options [mss 1460,nop,nop,sackOK], length 0',
  'IP 10.0.0.2.4000 > 10.0.0.1.80: Flags [P.U], seq 1001:1021, ack 2, win 502, urg 5, length 20',
  'IP 10.0.0.2.4000 > 10.0.0.1.80: Flags [.], ack 2, win 502, options [nop,nop,TS val 8 ecr 3,nop,nop,sack 2 {100:200}{300:400}], length 0',
  'IP 10.0.0.2.4000 > 10.0.0.1.80: Flags [R], seq 77, win 0, length 0',
  'IP6 fd00::2.4000 > fd00::1.80: Flags [F.], seq 1:4, ack 1, win 502, options [uto 0x803c 30,tfo  cookie 0123456789abcdef,unknown-77 0x010203,eol], length 3',
  'IP 10.0.0.2.53 > 10.0.0.1.53: UDP, length 12',
  'IP6 fd00::2.53 > fd00::1.53: UDP, length 3',
  'IP 10.0.0.2 > 10.0.0.1: ICMP echo request, id 3, seq 9, length 24',
  'IP 10.0.0.2 > 10.0.0.1: ICMP 10.0.0.2 udp port 53 unreachable, length 40',
  'IP 10.0.0.2 > 10.0.0.1: ICMP 10.0.0.2 unreachable - need to frag (mtu 1400), length 36',
  'IP 10.0.0.2 > 10.0.0.1: ICMP time exceeded in-transit, length 36',
  'IP 10.0.0.2 > 10.0.0.1: ICMP parameter problem - octet 20, length 36',
  'IP6 fd00::2 > fd00::1: ICMP6, echo reply, id 3, seq 9, length 24',
  'IP6 fd00::2 > fd00::1: ICMP6, destination unreachable, unreachable port, fd00::2 udp port 53, length 64',
  'IP6 fd00::2 > fd00::1: ICMP6, packet too big, mtu 1280, length 56',
  'IP6 fd00::2 > fd00::1: ICMP6, time exceeded in-transit for fd00::9, length 56',
  'IP6 fd00::2 > fd00::1: ICMP6, parameter problem, next header - octet 6, length 56',
];

/**
 * A packet in pieces of so many octets of text each, a multiple of 8. An IPv6 packet is one without extension headers.
 * @param {Uint8Array} packet
 * @param {number} size
 * @param {number} id
 * @returns {Uint8Array[]}
 */
export function inPieces(packet, size, id) {
  const v4 = octet(packet, 0) >> 4 === 4;
  const header = v4 ? 20 : 40;
  const pieces = [];
  for (let at = header; at < packet.length; at += size) {
    const more = at + size < packet.length ? 1 : 0;
    const offset = at - header;
    const text = packet.subarray(at, at + size);
    if (v4) {
      const piece = Uint8Array.from([...packet.subarray(0, header), ...text]);
      setShort(piece, 4, id);
      setShort(piece, 6, (more << 13) | (offset >> 3));
      repairIp(piece, true);
      pieces.push(piece);
    } else {
      const whole = Uint8Array.from([...packet.subarray(0, header), ...text]);
      pieces.push(extended(whole, [[44, 0, offset >> 8, (offset & 0xff) | more, 0, 0, id >> 8, id & 0xff]]));
    }
  }
  return pieces;
}

/** The lines that `samplePackets` are made of. */
export const sampleLines = LINES;

/**
 * An IPv6 packet with extension headers between its header and what `packet` has behind its own.
 * @param {Uint8Array} packet IPv6, without extension headers.
 * @param {readonly (readonly [kind: number, ...octets: number[]])[]} extensions Each with its octets from the second on.
 */
export function extended(packet, extensions) {
  const octets = extensions.flatMap(([, ...rest], i) => [extensions[i + 1]?.[0] ?? octet(packet, 6), ...rest]);
  const out = Uint8Array.from([...packet.subarray(0, 40), ...octets, ...packet.subarray(40)]);
  out[6] = extensions[0]?.[0] ?? octet(packet, 6);
  setShort(out, 4, out.length - 40);
  return out;
}

/**
 * Makes an IP packet's checksums right, in place, and most times its length as well. What makes no sense is left alone.
 * @param {Uint8Array} packet
 * @param {Random} random
 */
export function repairPacket(packet, random) {
  repairIp(packet, random.chance(0.75));
}

/**
 * @param {Uint8Array} packet
 * @param {boolean} length Whether the length in its header is put right as well.
 */
export function repairIp(packet, length) {
  const version = octet(packet, 0) >> 4;
  if (version === 4 && packet.length >= 20) repairIpv4(packet, length);
  else if (version === 6 && packet.length >= 40) repairIpv6(packet, length);
}

/**
 * @param {Uint8Array} packet
 * @param {boolean} length
 */
function repairIpv4(packet, length) {
  if (length) setShort(packet, 2, packet.length);
  const header = (octet(packet, 0) & 0x0f) << 2;
  const end = Math.min(short(packet, 2), packet.length);
  if (header >= 20 && header <= packet.length) fill(packet, 10, 0, header, 0);
  if (header < 20 || header > end) return;
  if ((short(packet, 6) & 0x3fff) !== 0) return; // a piece: the sum above is that of the whole
  const protocol = octet(packet, 9);
  repairUpper(packet, protocol, header, end, protocol === ICMP ? 0 : sumOf(packet, 12, 20) + protocol + end - header);
}

/**
 * @param {Uint8Array} packet
 * @param {boolean} length
 */
function repairIpv6(packet, length) {
  if (length) setShort(packet, 4, packet.length - 40);
  const end = Math.min(40 + short(packet, 4), packet.length);
  let protocol = octet(packet, 6);
  let at = 40;
  while (EXTENSIONS.includes(protocol) && at + 8 <= end) {
    protocol = octet(packet, at);
    at += (octet(packet, at + 1) + 1) << 3;
  }
  if (at <= end) repairUpper(packet, protocol, at, end, sumOf(packet, 8, 40) + protocol + end - at);
}

/**
 * @param {Uint8Array} packet
 * @param {number} protocol
 * @param {number} at
 * @param {number} end
 * @param {number} pseudo The pseudo-header's sum.
 */
function repairUpper(packet, protocol, at, end, pseudo) {
  const place = CHECKSUMS.get(protocol);
  if (place === undefined || at + place + 2 > end) return;
  fill(packet, at + place, at, end, pseudo);
  if (protocol === UDP && short(packet, at + place) === 0) setShort(packet, at + place, 0xffff);
}

/**
 * Puts the checksum over `[at, end)` in its place.
 * @param {Uint8Array} bytes
 * @param {number} place
 * @param {number} at
 * @param {number} end
 * @param {number} initial What is summed besides.
 */
export function fill(bytes, place, at, end, initial) {
  setShort(bytes, place, 0);
  let total = initial + sumOf(bytes, at, end);
  while (total > 0xffff) total = (total >>> 16) + (total & 0xffff);
  setShort(bytes, place, ~total);
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} end
 */
function sumOf(bytes, at, end) {
  let total = 0;
  for (let i = at; i < end; i += 2) total += (octet(bytes, i) << 8) | (i + 1 < end ? octet(bytes, i + 1) : 0);
  return total;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 */
export function octet(bytes, at) {
  return bytes[at] ?? 0;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 */
export function short(bytes, at) {
  return (octet(bytes, at) << 8) | octet(bytes, at + 1);
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} value
 */
export function setShort(bytes, at, value) {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

/** What stands behind the IP header of each packet of one protocol. @param {number} protocol */
export function upperOf(protocol) {
  const texts = [];
  for (const packet of samplePackets()) {
    const v4 = octet(packet, 0) >> 4 === 4;
    if (octet(packet, v4 ? 9 : 6) === protocol) texts.push(packet.subarray(v4 ? 20 : 40));
  }
  return texts;
}

/** Where the upper protocol begins, by a header without extension headers. @param {Uint8Array} packet */
export function upperAt(packet) {
  return octet(packet, 0) >> 4 === 4 ? (octet(packet, 0) & 0x0f) << 2 : 40;
}
