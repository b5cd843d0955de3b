/** wire/ipv4.ts: any octets as an IPv4 packet, alone and quoted; what was read is written and read again. */
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import { readIpv4, readQuotedIpv4, writeIpv4 } from '../../packages/synwave/dist/wire/ipv4.js';
import { Packet } from '../../packages/synwave/dist/wire/packet.js';
import { octet, repairPacket, samplePackets } from '../packets.mjs';
import { blank, copyText, inside, Places, readTwice } from '../target.mjs';

/** @typedef {import('../../packages/synwave/dist/base/frame.js').Frame} Frame */
/** @typedef {import('../target.mjs').Log} Log */

const MOST = 512;
const places = new Places(MOST);
const others = new Places(MOST);
const packet = new Packet();
const written = blank(MOST);

/**
 * All that the header says, and the text.
 * @param {Log} log
 * @param {Frame} frame
 */
function note(log, frame) {
  log.put(packet.family, packet.protocol, packet.trafficClass, packet.hopLimit, packet.flowLabel, packet.id, Number(packet.dontFragment), Number(packet.moreFragments), packet.fragmentOffset);
  log.address(packet.src);
  log.address(packet.dst);
  log.octets(frame.bytes, packet.textAt, packet.textEnd);
}

/**
 * @param {Frame} frame
 * @param {Log} log
 */
function read(frame, log) {
  const drop = readIpv4(packet, frame, true);
  log.put(drop);
  if (drop !== Drop.None) return;
  inside(frame, packet.textAt, packet.textEnd);
  inside(frame, packet.headerAt, packet.protocolAt);
  note(log, frame);
}

/**
 * @param {Frame} frame
 * @param {Log} log
 */
function readQuoted(frame, log) {
  const drop = readQuotedIpv4(packet, frame.view, frame.at, frame.end);
  log.put(drop);
  if (drop !== Drop.None) return;
  inside(frame, packet.textAt, packet.textEnd);
  note(log, frame);
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'ipv4',
  most: MOST,
  seeds() {
    const packets = samplePackets().filter((each) => octet(each, 0) >> 4 === 4);
    const options = Uint8Array.of(0x46, 0, 0, 24, 0, 1, 0x20, 0x07, 9, 200, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 7, 3, 4, 0);
    return [...packets, options];
  },
  repair: repairPacket,
  run(input) {
    readTwice(places, input, readQuoted);
    const log = readTwice(places, input, read);
    const drop = log.values[0] ?? Drop.None;
    if (drop !== Drop.None) return drop;
    const [frame] = places.put(input);
    readIpv4(packet, frame, true);
    copyText(written, frame, packet.textAt, packet.textEnd);
    writeIpv4(written, packet);
    const again = readTwice(others, written.copy(), read);
    log.same(again, 'written and read again');
    return drop;
  },
};
