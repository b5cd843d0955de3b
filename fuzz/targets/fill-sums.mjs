/** capture/fill-sums.ts: any octets as a packet whose checksum is filled in; afterwards it is right. */
import { sum } from '../../packages/synwave/dist/base/checksum.js';
import { fillSums } from '../../packages/synwave/dist/capture/fill-sums.js';
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import { isFragment, Packet, Protocol, pseudoSum, readIp } from '../../packages/synwave/dist/wire/ip.js';
import { repairPacket, samplePackets } from '../packets.mjs';
import { holds, Log, Places } from '../target.mjs';

const MOST = 256;
const places = new Places(MOST);
const packet = new Packet();

/** @type {import('../target.mjs').Target} */
export default {
  name: 'fill-sums',
  most: MOST,
  seeds: samplePackets,
  repair: repairPacket,
  run(input) {
    const logs = [new Log(), new Log()];
    const results = places.put(input).map((frame) => {
      const around = [frame.bytes[frame.at - 1], frame.bytes[frame.end]];
      fillSums(frame, packet);
      holds(around[0] === frame.bytes[frame.at - 1] && around[1] === frame.bytes[frame.end], 'written outside');
      const log = new Log();
      log.octets(frame.bytes, frame.at, frame.end);
      if (readIp(packet, frame, false) !== Drop.None || isFragment(packet)) return log;
      const { protocol, textAt, textEnd } = packet;
      const length = textEnd - textAt;
      const least = protocol === Protocol.Tcp ? 20 : protocol === Protocol.Udp ? 8 : Infinity;
      if (length < least) return log;
      holds(sum(frame, textAt, textEnd, pseudoSum(packet, length)) === 0xffff, 'the checksum is right');
      return log;
    });
    const [first, second] = results;
    if (first !== undefined && second !== undefined) first.same(second, 'it depends on what is not the packet');
  },
};
