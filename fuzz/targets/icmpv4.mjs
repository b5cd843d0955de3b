/** wire/icmpv4.ts: any octets as an ICMP message; what was read is written and read again. */
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import { Icmp, IcmpKind } from '../../packages/synwave/dist/wire/icmp.js';
import { icmpv4Kind, isIcmpv4Error, readIcmpv4, writeIcmpv4 } from '../../packages/synwave/dist/wire/icmpv4.js';
import { fill, upperOf } from '../packets.mjs';
import { blank, copyText, holds, inside, Places, readTwice } from '../target.mjs';

/** @typedef {import('../../packages/synwave/dist/base/frame.js').Frame} Frame */
/** @typedef {import('../target.mjs').Log} Log */

const MOST = 128;
const places = new Places(MOST);
const others = new Places(MOST);
const icmp = new Icmp();
const written = blank(MOST);
/** @type {readonly number[]} */
const KINDS = Object.values(IcmpKind);

/**
 * @param {Frame} frame
 * @param {Log} log
 */
function read(frame, log) {
  const drop = readIcmpv4(icmp, frame, frame.at, frame.end, true);
  log.put(drop);
  if (drop !== Drop.None) return;
  inside(frame, icmp.textAt, icmp.textEnd);
  log.put(icmp.type, icmp.code, icmp.word, icmp.id, icmp.sequence);
  log.octets(frame.bytes, icmp.textAt, icmp.textEnd);
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'icmpv4',
  most: MOST,
  seeds: () => upperOf(1),
  repair(input) {
    if (input.length >= 4) fill(input, 2, 0, input.length, 0);
  },
  run(input) {
    const log = readTwice(places, input, read);
    const drop = log.values[0] ?? Drop.None;
    if (drop !== Drop.None) return -drop;
    const { type, code, word } = icmp;
    const kind = icmpv4Kind(type, code);
    holds(KINDS.includes(kind), `kind ${kind}`);
    const isEcho = kind === IcmpKind.EchoRequest || kind === IcmpKind.EchoReply;
    holds(!(isEcho && isIcmpv4Error(type)), 'an echo is no error');
    const [frame] = places.put(input);
    copyText(written, frame, frame.at + 8, frame.end);
    writeIcmpv4(written, type, code, word);
    log.same(readTwice(others, written.copy(), read), 'written and read again');
    return kind;
  },
};
