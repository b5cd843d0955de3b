/** wire/udp.ts: any octets as a UDP datagram; what was read is written and read again. */
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import { Datagram, readUdp, writeUdp } from '../../packages/synwave/dist/wire/udp.js';
import { fill, setShort, short, upperOf } from '../packets.mjs';
import { blank, copyText, inside, Places, readTwice } from '../target.mjs';

/** @typedef {import('../../packages/synwave/dist/base/frame.js').Frame} Frame */
/** @typedef {import('../target.mjs').Log} Log */

const MOST = 128;
const PSEUDO = 0x1f2e;
const places = new Places(MOST);
const others = new Places(MOST);
const datagram = new Datagram();
const written = blank(MOST);

/** @param {boolean} optional @returns {(frame: Frame, log: Log) => void} */
const reader = (optional) => (frame, log) => {
  const drop = readUdp(datagram, frame, frame.at, frame.end, PSEUDO, optional);
  log.put(drop);
  if (drop !== Drop.None) return;
  const { textAt, textLen } = datagram;
  inside(frame, textAt, textAt + textLen);
  log.put(datagram.srcPort, datagram.dstPort);
  log.octets(frame.bytes, textAt, textAt + textLen);
};
const overIpv4 = reader(true);
const overIpv6 = reader(false);

/** @param {Uint8Array} input */
function repaired(input) {
  const end = Math.min(short(input, 4), input.length);
  if (end < 8) return input;
  fill(input, 6, 0, end, PSEUDO + end);
  if (short(input, 6) === 0) setShort(input, 6, 0xffff);
  return input;
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'udp',
  most: MOST,
  seeds: () => upperOf(17).map(repaired),
  repair(input, random) {
    if (random.chance(0.5)) setShort(input, 4, input.length);
    repaired(input);
  },
  run(input) {
    readTwice(places, input, overIpv6);
    const log = readTwice(places, input, overIpv4);
    const drop = log.values[0] ?? Drop.None;
    if (drop !== Drop.None) return drop;
    const [frame] = places.put(input);
    readUdp(datagram, frame, frame.at, frame.end, -1, true);
    copyText(written, frame, datagram.textAt, datagram.textAt + datagram.textLen);
    writeUdp(written, datagram.srcPort, datagram.dstPort, PSEUDO);
    log.same(readTwice(others, written.copy(), overIpv6), 'written and read again');
    return drop;
  },
};
