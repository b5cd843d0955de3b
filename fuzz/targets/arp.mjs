/** wire/arp.ts: any octets as an ARP packet; what was read is written and read again. */
import { ARP_LENGTH, Arp, readArp, writeArp } from '../../packages/synwave/dist/wire/arp.js';
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import { blank, holds, Places, readTwice } from '../target.mjs';

/** @typedef {import('../../packages/synwave/dist/base/frame.js').Frame} Frame */
/** @typedef {import('../target.mjs').Log} Log */

const MOST = 64;
const places = new Places(MOST);
const others = new Places(MOST);
const arp = new Arp();
const written = blank(MOST);

/**
 * @param {Frame} frame
 * @param {Log} log
 */
function read(frame, log) {
  const drop = readArp(arp, frame, frame.at, frame.end);
  log.put(drop);
  if (drop !== Drop.None) return;
  holds(arp.sender.family === 4 && arp.target.family === 4, 'addresses are IPv4');
  log.put(arp.operation, arp.senderMac, arp.targetMac);
  log.address(arp.sender);
  log.address(arp.target);
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'arp',
  most: MOST,
  seeds() {
    const request = [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2];
    const reply = request.with(7, 2);
    return [Uint8Array.from(request), Uint8Array.from([...reply, ...new Uint8Array(18)])];
  },
  run(input) {
    const log = readTwice(places, input, read);
    const drop = log.values[0] ?? Drop.None;
    if (drop !== Drop.None) return -drop;
    written.at = written.bytes.length;
    written.end = written.at;
    writeArp(written, arp);
    holds(written.length === ARP_LENGTH, `${written.length} octets`);
    log.same(readTwice(others, written.copy(), read), 'written and read again');
    return arp.operation;
  },
};
