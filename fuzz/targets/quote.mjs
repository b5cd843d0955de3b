/** wire/quote.ts: any octets as what an ICMP error quotes. */
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import { Packet } from '../../packages/synwave/dist/wire/packet.js';
import { readQuote } from '../../packages/synwave/dist/wire/quote.js';
import { extended, octet, repairPacket, samplePackets } from '../packets.mjs';
import { holds, inside, Places, readTwice } from '../target.mjs';

const MOST = 256;
/** Octets of text that who gets a quote may read without asking. */
const TEXT = 8;
const places = new Places(MOST);
const packet = new Packet();

/** @type {import('../target.mjs').Target} */
export default {
  name: 'quote',
  most: MOST,
  seeds() {
    const packets = samplePackets();
    const last = /** @type {Uint8Array} */ (packets.at(-1));
    const options = extended(last, [
      [0, 0, 1, 4, 0, 0, 0, 0],
      [44, 0, 0, 0, 0, 0, 0, 7],
      [60, 0, 1, 4, 0, 0, 0, 0],
    ]);
    const whole = [...packets, options];
    // As routers cut them: header and 8 octets.
    const cut = packets.map((each) => each.subarray(0, (octet(each, 0) >> 4 === 4 ? 20 : 40) + TEXT));
    return [...whole, ...cut];
  },
  repair: repairPacket,
  run(input) {
    const log = readTwice(places, input, (frame, log) => {
      const drop = readQuote(packet, frame, frame.at, frame.end);
      log.put(drop);
      if (drop !== Drop.None) return;
      inside(frame, packet.textAt, packet.textEnd);
      inside(frame, packet.textAt, packet.textAt + TEXT);
      holds(packet.headerAt === frame.at, 'the header is where the quote begins');
      log.put(packet.family, packet.protocol, packet.fragmentOffset, packet.id, packet.protocolAt - frame.at);
      log.address(packet.src);
      log.address(packet.dst);
      log.octets(frame.bytes, packet.textAt, packet.textEnd);
    });
    return log.values[0] === Drop.None ? packet.family : 0;
  },
};
