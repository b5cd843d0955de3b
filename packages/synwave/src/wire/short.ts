/** The short form of a segment, for tests and packet scripts: `P. 1:1001(1000) ack 1 win 500 <nop,nop,TS val 7 ecr 3>`. */
import { diff, type Seq } from '../base/seq.ts';
import { Scanner } from './scanner.ts';
import { ACK, type Segment, URG } from './segment.ts';
import { flagsText, parseFlags } from './text-flags.ts';

/** Options as the short form tells them; NOPs and their order carry nothing and are forgotten. */
interface ShortOptions {
  /** MSS, or `null` when absent; so with each that follows. */
  mss: number | null;
  wscale: number | null;
  sackOk: boolean;
  ts: { val: number; ecr: number } | null;
  /** Left and right edges, relative as `ack` is; empty when absent. */
  sack: [left: number, right: number][];
}

/** A segment as the short form tells it. Numbers are relative and may be negative; `null` says "not told". */
export interface Short {
  /** The control bits, or-ed. */
  flags: number;
  seq: number;
  /** One past the last octet of the text; SYN and FIN are not counted. */
  end: number;
  ack: number | null;
  win: number | null;
  urg: number | null;
  options: ShortOptions | null;
}

/**
 * The short form of `seg`: sequence numbers count from `seqBase`, acknowledgment and SACK blocks from `ackBase`. All that
 * the header holds is told: the length of the text only if there is some, options only if there are any.
 */
export function shortText(seg: Segment, seqBase: Seq, ackBase: Seq): string {
  const from = diff(seg.seq, seqBase);
  let line = `${flagsText(seg.flags)} ${from}:${from + seg.textLen}`;
  if (seg.textLen > 0) line += `(${seg.textLen})`;
  if ((seg.flags & ACK) !== 0) line += ` ack ${diff(seg.ack, ackBase)}`;
  line += ` win ${seg.wnd}`;
  if ((seg.flags & URG) !== 0) line += ` urg ${seg.up}`;
  const options = shortOptions(seg, ackBase);
  return options === '' ? line : `${line} <${options}>`;
}

function shortOptions(seg: Segment, ackBase: Seq): string {
  const list: string[] = [];
  if (seg.mss >= 0) list.push(`mss ${seg.mss}`);
  if (seg.sackOk) list.push('sackOK');
  if (seg.hasTs) list.push(`TS val ${seg.tsVal >>> 0} ecr ${seg.tsEcr >>> 0}`);
  if (seg.wscale >= 0) list.push(`wscale ${seg.wscale}`);
  if (seg.sackCount > 0) {
    let blocks = 'sack';
    for (let i = 0; i < seg.sackCount; i++) {
      blocks += ` ${diff(seg.sackLeft[i] as Seq, ackBase)}:${diff(seg.sackRight[i] as Seq, ackBase)}`;
    }
    list.push(blocks);
  }
  return list.join(',');
}

const MOST = 0xffff_ffff;

/**
 * Reads the short form. Flags and `seq:end` must be there; `(len)`, `ack`, `win`, `urg` and `<options>` follow as told, in
 * this order. Flags are letters of `FSRP.UEW` in any order, or `none`. Throws a TextError that names the column.
 */
export function parseShort(line: string): Short {
  const scanner = new Scanner(line);
  const flags = parseFlags(scanner);
  scanner.expect(' ');
  const seq = parseNumber(scanner, 'a sequence number');
  scanner.expect(':');
  const endAt = scanner.at;
  const end = parseNumber(scanner, 'a sequence number');
  if (end < seq) scanner.fail('the end lies before the beginning', endAt);
  if (scanner.take('(')) {
    const at = scanner.at;
    if (scanner.word('a length') !== end - seq) scanner.fail(`${seq}:${end} are ${end - seq} octets`, at);
    scanner.expect(')');
  }
  const short: Short = { flags, seq, end, ack: null, win: null, urg: null, options: null };
  if (scanner.take(' ack ')) short.ack = parseNumber(scanner, 'an acknowledgment number');
  if (scanner.take(' win ')) short.win = scanner.number('a window', 0xffff);
  if (scanner.take(' urg ')) short.urg = scanner.number('an urgent pointer', 0xffff);
  if (scanner.take(' <')) short.options = parseShortOptions(scanner);
  if (!scanner.done) scanner.fail('expected ack, win, urg, <options>, in this order, or the end');
  return short;
}

function parseShortOptions(scanner: Scanner): ShortOptions {
  const options: ShortOptions = { mss: null, wscale: null, sackOk: false, ts: null, sack: [] };
  if (scanner.take('>')) return options;
  for (;;) {
    if (scanner.take('mss ')) options.mss = scanner.number('an MSS', 0xffff);
    else if (scanner.take('wscale ')) options.wscale = scanner.number('a shift', 0xff);
    else if (scanner.take('sackOK')) options.sackOk = true;
    else if (scanner.take('sack')) options.sack = parseBlocks(scanner);
    else if (scanner.take('TS val ')) options.ts = parseTimestamps(scanner);
    else if (!scanner.take('nop') && !scanner.take('eol')) {
      scanner.fail('expected mss, wscale, sackOK, sack, TS val, nop or eol');
    }
    if (scanner.take('>')) return options;
    scanner.expect(',');
  }
}

function parseBlocks(scanner: Scanner): [number, number][] {
  const blocks: [number, number][] = [];
  while (scanner.take(' ')) {
    const left = parseNumber(scanner, 'a left edge');
    scanner.expect(':');
    blocks.push([left, parseNumber(scanner, 'a right edge')]);
  }
  if (blocks.length === 0 || blocks.length > 4) scanner.fail('sack has one to four blocks');
  return blocks;
}

function parseTimestamps(scanner: Scanner): { val: number; ecr: number } {
  const val = scanner.word('TSval');
  scanner.expect(' ecr ');
  return { val, ecr: scanner.word('TSecr') };
}

function parseNumber(scanner: Scanner, what: string): number {
  return scanner.number(what, MOST, -MOST);
}
