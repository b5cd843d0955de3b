/** wire/fill-sums.ts: any octets as a packet, alone and in an Ethernet frame, whose checksum is filled in: it is right. */
import { sum } from '../../packages/synwave/dist/base/checksum.js';
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import { Ethernet } from '../../packages/synwave/dist/wire/ethernet.js';
import { fillEthernetSums, fillSums } from '../../packages/synwave/dist/wire/fill-sums.js';
import { addressSum, isFragment, Packet, Protocol, readIp } from '../../packages/synwave/dist/wire/ip.js';
import { octet, repairPacket, samplePackets } from '../packets.mjs';
import { holds, Log, Places } from '../target.mjs';

/** @typedef {import('../../packages/synwave/dist/base/frame.js').Frame} Frame */

const MOST = 256;
/** Octets in front of an IP packet in an Ethernet frame. */
const HEADER = 14;
const places = new Places(MOST);
const framed = new Places(HEADER + MOST);
const packet = new Packet();
const ethernet = new Ethernet();
const logs = /** @type {const} */ ([new Log(), new Log()]);

/**
 * Fills in the sum, of which nothing but itself may change, and looks whether it is right.
 * @param {Frame} frame
 * @param {Log} log
 */
function filled(frame, log) {
  const { at, end } = frame;
  const around = [frame.bytes[at - 1], frame.bytes[end]];
  fillSums(frame, packet);
  holds(around[0] === frame.bytes[at - 1] && around[1] === frame.bytes[end], 'written outside of the packet');
  holds(frame.at === at && frame.end === end, 'the frame is another');
  log.clear();
  log.octets(frame.bytes, at, end);
  if (readIp(packet, frame, false) !== Drop.None || isFragment(packet)) return;
  const { protocol, src, dst, textAt, textEnd } = packet;
  const length = textEnd - textAt;
  // A datagram tells its own length; a segment goes to the end.
  const own = protocol === Protocol.Udp && length >= 8 ? frame.view.getUint16(textAt + 4) : length;
  if ((protocol !== Protocol.Tcp || length < 20) && (protocol !== Protocol.Udp || own < 8 || own > length)) return;
  holds(sum(frame, textAt, textAt + own, addressSum(src, dst, protocol) + own) === 0xffff, 'the checksum is right');
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'fill-sums',
  most: MOST,
  seeds: samplePackets,
  repair: repairPacket,
  run(input) {
    const [first, second] = places.put(input);
    filled(first, logs[0]);
    filled(second, logs[1]);
    logs[0].same(logs[1], 'it depends on what is not the packet');
    const type = octet(input, 0) >> 4 === 4 ? [0x08, 0x00] : [0x86, 0xdd];
    const [frame] = framed.put(Uint8Array.from([...new Uint8Array(HEADER - 2), ...type, ...input]));
    fillEthernetSums(frame, ethernet, packet);
    logs[1].clear();
    logs[1].octets(frame.bytes, frame.at + HEADER, frame.end);
    logs[0].same(logs[1], 'it is another in an Ethernet frame');
  },
};
