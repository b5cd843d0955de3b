/** wire/ipv6.ts: any octets as an IPv6 packet with extension headers, alone and quoted; what was read is written again. */
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import { readQuotedIpv6, readIpv6, writeIpv6 } from '../../packages/synwave/dist/wire/ipv6.js';
import { isFragment, Packet } from '../../packages/synwave/dist/wire/packet.js';
import { extended, octet, repairPacket, samplePackets } from '../packets.mjs';
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
    if (drop !== Drop.None) return drop;
    const [frame] = places.put(input);
    readIpv6(packet, frame);
    if (isFragment(packet)) return -1;
    copyText(written, frame, packet.textAt, packet.textEnd);
    packet.id = 0; // an atomic fragment's header is gone
    writeIpv6(written, packet);
    log.values[log.count - 3] = 0;
    const again = readTwice(others, written.copy(), read);
    log.same(again, 'written and read again');
    return drop;
  },
};
