/** wire/icmpv6.ts: any octets as an ICMPv6 message; what was read is written and read again. */
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import { Icmp, IcmpKind } from '../../packages/synwave/dist/wire/icmp.js';
import { icmpv6Kind, isIcmpv6Error, readIcmpv6, writeIcmpv6 } from '../../packages/synwave/dist/wire/icmpv6.js';
import { fill, upperOf } from '../packets.mjs';
import { blank, copyText, holds, inside, Places, readTwice } from '../target.mjs';

/** @typedef {import('../../packages/synwave/dist/base/frame.js').Frame} Frame */
/** @typedef {import('../target.mjs').Log} Log */

const MOST = 128;
const PSEUDO = 0x1f2e;
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
  const drop = readIcmpv6(icmp, frame, frame.at, frame.end, PSEUDO + frame.length);
  log.put(drop);
  if (drop !== Drop.None) return;
  inside(frame, icmp.textAt, icmp.textEnd);
  log.put(icmp.type, icmp.code, icmp.word, icmp.id, icmp.sequence);
  log.octets(frame.bytes, icmp.textAt, icmp.textEnd);
}

/** @param {Uint8Array} input */
function repaired(input) {
  if (input.length >= 4) fill(input, 2, 0, input.length, PSEUDO + input.length);
  return input;
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'icmpv6',
  most: MOST,
  seeds: () => upperOf(58).map(repaired),
  repair: (input) => void repaired(input),
  run(input) {
    const log = readTwice(places, input, read);
    const drop = log.values[0] ?? Drop.None;
    if (drop !== Drop.None) return -drop;
    const { type, code, word } = icmp;
    const kind = icmpv6Kind(type, code);
    holds(KINDS.includes(kind), `kind ${kind}`);
    holds(isIcmpv6Error(type) || type >= 128, 'all types below 128 are errors');
    const [frame] = places.put(input);
    copyText(written, frame, frame.at + 8, frame.end);
    writeIcmpv6(written, type, code, word, PSEUDO);
    log.same(readTwice(others, written.copy(), read), 'written and read again');
    return kind;
  },
};
