/** wire/tcp-options.ts: any octets as the options of a TCP header. */
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import { Segment } from '../../packages/synwave/dist/wire/segment.js';
import { readTcpOptions } from '../../packages/synwave/dist/wire/tcp-options.js';
import { octet, short, upperOf } from '../packets.mjs';
import { holds, Places, readTwice } from '../target.mjs';

const MOST = 40;
const places = new Places(MOST);
const seg = new Segment();

/**
 * What the options say, read in the plainest way: of each kind the last that has its own length; null: malformed.
 * @param {Uint8Array} bytes
 */
function plainly(bytes) {
  /** @type {Map<number, Uint8Array>} */
  const found = new Map();
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const [kind = 0, length = 0] = bytes.subarray(at, at + 2);
    if (kind === 1) {
      at++;
      continue;
    }
    if (length < 2 || at + length > bytes.length) return null;
    const own = LENGTHS[kind] ?? [];
    if (own.includes(length)) found.set(kind, bytes.subarray(at + 2, at + length));
    at += length;
  }
  return found;
}

/** Lengths that are right for a kind: maximum segment size, window scale, SACK permitted, SACK, timestamps. */
const LENGTHS = /** @type {Readonly<Record<number, readonly number[]>>} */ ({
  2: [4],
  3: [3],
  4: [2],
  5: [10, 18, 26, 34],
  8: [10],
});

/** @param {Uint8Array} input */
function compare(input) {
  const found = plainly(input);
  if (found === null) return;
  const [mss, wscale, sack, stamps] = [2, 3, 5, 8].map((kind) => found.get(kind));
  holds(seg.mss === (mss === undefined ? -1 : short(mss, 0)), `MSS ${seg.mss}`);
  holds(seg.wscale === (wscale?.[0] ?? -1), `shift ${seg.wscale}`);
  holds(seg.sackOk === found.has(4), `SACK permitted: ${seg.sackOk}`);
  holds(seg.hasTs === (stamps !== undefined), `timestamps: ${seg.hasTs}`);
  if (stamps !== undefined) holds(seg.tsVal === word(stamps, 0) && seg.tsEcr === word(stamps, 4), 'TSval, TSecr');
  holds(seg.sackCount === (sack?.length ?? 0) / 8, `${seg.sackCount} SACK blocks`);
  for (let i = 0; sack !== undefined && i < seg.sackCount; i++) {
    holds(seg.sackLeft[i] === word(sack, 8 * i) && seg.sackRight[i] === word(sack, 8 * i + 4), `SACK block ${i}`);
  }
}

/** As sequence numbers are kept: with a sign. @param {Uint8Array} bytes @param {number} at */
function word(bytes, at) {
  return (short(bytes, at) << 16) | short(bytes, at + 2);
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'tcp-options',
  most: MOST,
  seeds: () => upperOf(6).map((segment) => segment.slice(20, (octet(segment, 12) >> 4) << 2)),
  run(input) {
    const log = readTwice(places, input, (frame, log) => {
      const drop = readTcpOptions(seg, frame, frame.at, frame.end);
      log.put(drop, seg.mss, seg.wscale, Number(seg.sackOk), Number(seg.hasTs), seg.tsVal, seg.tsEcr, seg.sackCount);
      holds(seg.sackCount >= 0 && seg.sackCount <= seg.sackLeft.length, `${seg.sackCount} SACK blocks`);
      for (let i = 0; i < seg.sackCount; i++) log.put(seg.sackLeft[i] ?? NaN, seg.sackRight[i] ?? NaN);
    });
    const malformed = log.values[0] !== Drop.None;
    holds(malformed === (plainly(input) === null), `malformed: ${malformed}`);
    compare(input);
    return log.values[0] === Drop.None ? seg.sackCount : -1;
  },
};
