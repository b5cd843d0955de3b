/** wire/short.ts: any text as the short form of a segment; what it takes is written and read the same. */
import { seq } from '../../packages/synwave/dist/base/seq.js';
import { TextError } from '../../packages/synwave/dist/wire/scanner.js';
import { ACK, Segment, URG } from '../../packages/synwave/dist/wire/segment.js';
import { parseShort, shortText } from '../../packages/synwave/dist/wire/short.js';
import { holds } from '../target.mjs';

/** @typedef {import('../../packages/synwave/dist/wire/short.js').Short} Short */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const LINES = [
  'S 0:0 win 65535 <mss 1460,sackOK,TS val 7 ecr 0,nop,wscale 7>',
  'S. 0:0 ack 1 win 65535 <>',
  'P. 1:1001(1000) ack 1 win 500 <nop,nop,TS val 7 ecr 3>',
  '.UEW -5:5 ack -1 win 0 urg 3 <sack 1:2 -4:7,eol>',
  'none 0:0',
];

/** @type {import('../target.mjs').Target} */
export default {
  name: 'text-short',
  most: 128,
  words: [...new Set(LINES.join(' ').match(/[A-Za-z]+ ?|[<>(),:.-]/g)), '4294967295', '-4294967295', '99999999999'],
  seeds: () => LINES.map((line) => encoder.encode(line)),
  show: (input) => JSON.stringify(decoder.decode(input)),
  run(input) {
    const line = decoder.decode(input);
    const short = parse(line);
    if (short === null) return 0;
    if (short.end - short.seq > 0xffff) return 2; // no segment is so long
    const text = shortText(segmentOf(short), seq(0), seq(0));
    const again = parse(text);
    const { flags, ack, win, urg, options, seq: from, end } = short;
    holds(again !== null, `cannot be read again: ${text}`);
    if (again === null) return 0;
    holds(again.flags === flags && again.win === (win ?? 0), text);
    holds(again.seq === (from | 0) && again.end - again.seq === end - from, text);
    holds(again.ack === ((flags & ACK) === 0 ? null : (ack ?? 0) | 0), text);
    holds(again.urg === ((flags & URG) === 0 ? null : (urg ?? 0)), text);
    holds(again.options?.sack.length === options?.sack.length || options?.sack.length === 0, text);
    return 1;
  },
};

/** @param {string} line */
function parse(line) {
  try {
    return parseShort(line);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    holds(error.column >= 1 && error.column <= line.length + 1, `column ${error.column} of ${line.length}`);
    return null;
  }
}

/** @param {Short} short */
function segmentOf(short) {
  const seg = new Segment();
  seg.flags = short.flags;
  seg.seq = seq(short.seq);
  seg.textLen = short.end - short.seq;
  seg.ack = seq(short.ack ?? 0);
  seg.wnd = short.win ?? 0;
  seg.up = short.urg ?? 0;
  const { options } = short;
  if (options === null) return seg;
  seg.mss = options.mss ?? -1;
  seg.wscale = options.wscale ?? -1;
  seg.sackOk = options.sackOk;
  seg.hasTs = options.ts !== null;
  seg.tsVal = seq(options.ts?.val ?? 0);
  seg.tsEcr = seq(options.ts?.ecr ?? 0);
  for (const [left, right] of options.sack) {
    seg.sackLeft[seg.sackCount] = left;
    seg.sackRight[seg.sackCount] = right;
    seg.sackCount++;
  }
  return seg;
}
