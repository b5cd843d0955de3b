/** wire/tcp.ts: any octets as a TCP segment with options; what was read is written and read again. */
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import { FIN, Segment, SYN } from '../../packages/synwave/dist/wire/segment.js';
import { readTcp, tcpLength, writeTcp } from '../../packages/synwave/dist/wire/tcp.js';
import { optionsLength } from '../../packages/synwave/dist/wire/tcp-options.js';
import { fill, upperOf } from '../packets.mjs';
import { blank, copyText, holds, inside, Places, readTwice } from '../target.mjs';

/** @typedef {import('../../packages/synwave/dist/base/frame.js').Frame} Frame */
/** @typedef {import('../target.mjs').Log} Log */

const MOST = 256;
/** Some sum of addresses and protocol. */
const PSEUDO = 0x1f2e;
const places = new Places(MOST);
const others = new Places(MOST);
const seg = new Segment();
const written = blank(MOST);

/**
 * @param {Frame} frame
 * @param {Log} log
 */
function read(frame, log) {
  const drop = readTcp(seg, frame, frame.at, frame.end, PSEUDO + frame.length);
  log.put(drop);
  if (drop !== Drop.None) return;
  inside(frame, seg.textAt, seg.textAt + seg.textLen);
  holds(seg.textAt + seg.textLen === frame.end, 'the text ends with the segment');
  const { flags, textLen } = seg;
  holds(seg.len === textLen + ((flags & SYN) === 0 ? 0 : 1) + ((flags & FIN) === 0 ? 0 : 1), 'SEG.LEN');
  log.put(seg.srcPort, seg.dstPort, seg.seq, seg.ack, flags, seg.wnd, seg.up, seg.mss, seg.wscale, Number(seg.sackOk), Number(seg.hasTs));
  if (seg.hasTs) log.put(seg.tsVal, seg.tsEcr);
  log.octets(frame.bytes, seg.textAt, frame.end);
  for (let i = 0; i < seg.sackCount; i++) log.put(seg.sackLeft[i] ?? NaN, seg.sackRight[i] ?? NaN);
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'tcp',
  most: MOST,
  seeds: () => upperOf(6).map(repaired),
  repair: (input) => void repaired(input),
  run(input) {
    const log = readTwice(places, input, read);
    const drop = log.values[0] ?? Drop.None;
    if (drop !== Drop.None) return drop;
    const [frame] = places.put(input);
    readTcp(seg, frame, frame.at, frame.end, -1);
    // Options that came without padding may be too many with it: the first blocks go out, as many as there is room for.
    const room = optionsLength(seg);
    holds(room <= 40 && room % 4 === 0, `${room} octets of options`);
    copyText(written, frame, seg.textAt, frame.end);
    const length = tcpLength(seg, seg.textLen);
    writeTcp(written, seg, PSEUDO);
    holds(written.length === length, 'tcpLength tells how much is written');
    const { sackCount } = seg;
    const again = readTwice(others, written.copy(), read);
    log.count -= 2 * (sackCount - seg.sackCount);
    log.same(again, 'written and read again');
    const fixed = room - (seg.sackCount === 0 ? 0 : 4 + 8 * seg.sackCount);
    holds(sackCount === seg.sackCount || fixed + 4 + 8 * (seg.sackCount + 1) > 40, 'a SACK block that would have fit');
    return (seg.hasTs ? 256 : 0) + (seg.sackOk ? 512 : 0) + (seg.mss >= 0 ? 1024 : 0) + 2048 * sackCount;
  },
};

/** @param {Uint8Array} input */
function repaired(input) {
  if (input.length >= 20) fill(input, 16, 0, input.length, PSEUDO + input.length);
  return input;
}
