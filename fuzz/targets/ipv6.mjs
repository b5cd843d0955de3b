/** wire/ipv6.ts: any octets as an IPv6 packet with extension headers, alone and quoted; what was read is written again. */
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import {
  hasFragmentHeader,
  readIpv6,
  readQuotedIpv6,
  writeFragmentHeader,
  writeIpv6,
} from '../../packages/synwave/dist/wire/ipv6.js';
import { FRAGMENT_NEXT_HEADER, isFragment, Packet } from '../../packages/synwave/dist/wire/packet.js';
import { extended, octet, repairPacket, samplePackets, short } from '../packets.mjs';
import { blank, copyText, holds, inside, Places, readTwice } from '../target.mjs';

/** @typedef {import('../../packages/synwave/dist/base/frame.js').Frame} Frame */
/** @typedef {import('../target.mjs').Log} Log */

const MOST = 512;
const places = new Places(MOST);
const others = new Places(MOST);
const packet = new Packet();
const written = blank(MOST);

/**
 * @param {Log} log
 * @param {Frame} frame
 */
function note(log, frame) {
  inside(frame, packet.textAt, packet.textEnd);
  inside(frame, packet.headerAt, packet.protocolAt);
  holds(frame.bytes[packet.protocolAt] === packet.protocol, 'the protocol is not where protocolAt says');
  log.put(packet.family, packet.protocol, packet.trafficClass, packet.hopLimit, packet.flowLabel, Number(packet.dontFragment));
  log.address(packet.src);
  log.address(packet.dst);
  log.octets(frame.bytes, packet.textAt, packet.textEnd);
  log.put(packet.id, Number(packet.moreFragments), packet.fragmentOffset);
}

/**
 * @param {Frame} frame
 * @param {Log} log
 */
function read(frame, log) {
  const drop = readIpv6(packet, frame);
  log.put(drop);
  if (drop === Drop.None) note(log, frame);
}

/**
 * @param {Frame} frame
 * @param {Log} log
 */
function readQuoted(frame, log) {
  const drop = readQuotedIpv6(packet, frame.view, frame.at, frame.end);
  log.put(drop);
  if (drop === Drop.None) note(log, frame);
}

const [HOP_BY_HOP, ROUTING, AUTHENTICATION, DESTINATION_OPTIONS] = [0, 43, 51, 60];

/**
 * Walks over the extension headers in the plainest way. Answers where the text begins, and its protocol; null where the
 * packet is to be dropped.
 * @param {Uint8Array} bytes
 * @returns {{ protocol: number, at: number, fragment: boolean } | null}
 */
function plainly(bytes) {
  let protocol = octet(bytes, 6);
  let fragment = false;
  const end = 40 + short(bytes, 4);
  for (let at = 40, count = 0; ; count++) {
    const options = protocol === HOP_BY_HOP || protocol === DESTINATION_OPTIONS;
    if (!options && ![ROUTING, FRAGMENT_NEXT_HEADER, AUTHENTICATION].includes(protocol)) return { protocol, at, fragment };
    const size = octet(bytes, at + 1);
    const length =
      protocol === FRAGMENT_NEXT_HEADER ? 8 : protocol === AUTHENTICATION ? 4 * (size + 2) : 8 * (size + 1);
    if (count === 8 || at + 8 > end || at + length > end) return null;
    if (protocol === HOP_BY_HOP && count > 0) return null;
    if (protocol === ROUTING && octet(bytes, at + 3) !== 0) return null;
    if (options && !allPadding(bytes.subarray(at + 2, at + length))) return null;
    const piece = protocol === FRAGMENT_NEXT_HEADER && (short(bytes, at + 2) & 0xfff9) !== 0;
    fragment ||= protocol === FRAGMENT_NEXT_HEADER;
    protocol = octet(bytes, at);
    at += length;
    if (piece) return { protocol, at, fragment };
  }
}

/** Whether there is nothing but padding, and options that may be skipped, up to the very end. @param {Uint8Array} bytes */
function allPadding(bytes) {
  let at = 0;
  while (at < bytes.length) {
    const kind = octet(bytes, at);
    if (kind >= 64 || (kind !== 0 && at + 2 > bytes.length)) return false;
    at += kind === 0 ? 1 : 2 + octet(bytes, at + 1);
  }
  return at === bytes.length;
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'ipv6',
  most: MOST,
  seeds() {
    const packets = samplePackets().filter((each) => octet(each, 0) >> 4 === 6);
    const [first = new Uint8Array(40)] = packets;
    const chains = [
      [[0, 0, 1, 4, 0, 0, 0, 0]],
      [[60, 1, 5, 2, 0, 0, 0, 0, 1, 6, 0, 0, 0, 0, 0, 0]],
      [[43, 0, 4, 0, 0, 0, 0, 0]],
      [[44, 0, 0, 0, 0, 0, 0, 7]],
      [[44, 0, 5, 0xb1, 0, 0, 0, 7]],
      [[51, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]],
      [
        [0, 0, 1, 4, 0, 0, 0, 0],
        [43, 0, 4, 0, 0, 0, 0, 0],
        [60, 0, 1, 4, 0, 0, 0, 0],
        [44, 0, 0, 0, 0, 0, 0, 7],
      ],
    ];
    return [...packets, ...chains.map((chain) => extended(first, /** @type {[number, ...number[]][]} */ (chain)))];
  },
  repair: repairPacket,
  run(input) {
    readTwice(places, input, readQuoted);
    const log = readTwice(places, input, read);
    const drop = log.values[0] ?? Drop.None;
    if (drop !== Drop.None) {
      const known = drop === Drop.Ipv6ExtensionHeader || drop === Drop.Ipv6Option || drop === Drop.Ipv6Routing;
      holds(!known || plainly(input) === null, 'dropped for nothing');
      return drop;
    }
    const [frame] = places.put(input);
    readIpv6(packet, frame);
    const plain = plainly(input);
    holds(plain?.protocol === packet.protocol && plain.at === packet.textAt - frame.at, 'another way leads elsewhere');
    holds(plain?.fragment === hasFragmentHeader(packet, frame), 'whether there is a fragment header');
    copyText(written, frame, packet.textAt, packet.textEnd);
    const { protocol } = packet;
    if (plain?.fragment === true) {
      writeFragmentHeader(written, protocol, packet.fragmentOffset, packet.moreFragments, packet.id);
      packet.protocol = FRAGMENT_NEXT_HEADER;
    }
    writeIpv6(written, packet);
    packet.protocol = protocol;
    log.same(readTwice(others, written.copy(), read), 'written and read again');
    return isFragment(packet) ? -1 : drop;
  },
};
