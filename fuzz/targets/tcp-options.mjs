/** wire/tcp-options.ts: any octets as the options of a TCP header. */
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import { Segment } from '../../packages/synwave/dist/wire/segment.js';
import { readTcpOptions } from '../../packages/synwave/dist/wire/tcp-options.js';
import { octet, upperOf } from '../packets.mjs';
import { holds, Places, readTwice } from '../target.mjs';

const MOST = 40;
const places = new Places(MOST);
const seg = new Segment();

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
    return log.values[0] === Drop.None ? seg.sackCount : -1;
  },
};
