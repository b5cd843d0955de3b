/** Reads the TCP options of a packet script: `<mss 1460,sackOK,TS val 1 ecr 2,nop,wscale 7>`. */
import type { Reader } from './reader.ts';
import type { TcpOption } from './script.ts';

const HEX = /(?:0[xX])?[0-9a-fA-F]+/y;
const QUOTED_HEX = /"[0-9a-fA-F]*"/y;
const NAME = /[A-Za-z][A-Za-z0-9_]*/y;

/** Kinds that have no variable of ours, as IANA numbers them. */
const MD5 = 19;
const FAST_OPEN = 34;
const EXPERIMENTAL = 254;
/** The experiment's number that stands in front of a Fast Open cookie there (RFC 6994, RFC 7413 appendix A). */
const FAST_OPEN_MAGIC = [0xf9, 0x89];
/** Accurate ECN (RFC 9768 §3.2.3): the counters in their two orders. */
const ACC_ECN0 = 172;
const ACC_ECN1 = 174;
const WORD32 = 0xffff_ffff;

/** Null: `<...>`. */
export function parseOptions(reader: Reader): TcpOption[] | null {
  reader.expect('<');
  if (reader.take('...')) {
    reader.expect('>');
    return null;
  }
  const options: TcpOption[] = [];
  if (reader.take('>')) return options;
  for (;;) {
    options.push(parseOption(reader));
    if (reader.take('>')) return options;
    reader.expect(',', ', or > behind an option');
  }
}

function parseOption(reader: Reader): TcpOption {
  const from = reader.at;
  const name = reader.match(NAME) ?? '';
  switch (name) {
    case 'nop':
    case 'eol':
    case 'sackOK':
      return { kind: name };
    case 'mss':
      return { kind: 'mss', mss: reader.unsigned('the MSS', 0xffff) };
    case 'wscale':
      return { kind: 'wscale', shift: reader.unsigned('the shift', 0xff) };
    case 'sack':
      return { kind: 'sack', blocks: parseBlocks(reader) };
    case 'TS':
      return parseTimestamps(reader);
    case 'FO':
      return { kind: 'other', number: FAST_OPEN, data: parseHex(reader) };
    case 'FOEXP':
      return { kind: 'other', number: EXPERIMENTAL, data: [...FAST_OPEN_MAGIC, ...parseHex(reader)] };
    case 'md5':
      return { kind: 'other', number: MD5, data: parseDigest(reader) };
    case 'ECN':
      return parseCounters(reader, from);
    default:
      return reader.failAt(from, 'expected an option: mss, nop, eol, wscale, sackOK, sack, TS, FO, FOEXP, md5, ECN');
  }
}

function parseTimestamps(reader: Reader): TcpOption {
  if (!reader.takeWord('val')) reader.expected('val, as in TS val 1 ecr 2');
  const val = reader.unsigned('the timestamp');
  if (!reader.takeWord('ecr')) reader.expected('ecr, as in TS val 1 ecr 2');
  return { kind: 'TS', val, ecr: reader.unsigned('the echoed timestamp') };
}

/** `sack 1001:2001 3001:4001`. */
function parseBlocks(reader: Reader): [number, number][] {
  const blocks: [number, number][] = [];
  while (reader.ahead(/\d/y)) {
    const left = reader.unsigned('the left edge of a block');
    reader.expect(':', ': and the right edge');
    blocks.push([left, reader.unsigned('the right edge of a block')]);
  }
  if (blocks.length === 0) reader.expected('a block, as 1001:2001');
  return blocks;
}

function parseHex(reader: Reader): number[] {
  if (reader.sees(',') || reader.sees('>')) return [];
  const from = reader.at;
  const text = (reader.match(QUOTED_HEX) ?? reader.match(HEX) ?? '').replaceAll('"', '').replace(/^0[xX]/, '');
  if (text.length % 2 !== 0) reader.failAt(from, 'an octet is two hexadecimal digits: one is missing');
  return octets(text);
}

function parseDigest(reader: Reader): number[] {
  const from = reader.at;
  const text = (reader.match(QUOTED_HEX) ?? reader.match(HEX) ?? '').replaceAll('"', '').replace(/^0[xX]/, '');
  if (text !== '' && text.length !== 32) reader.failAt(from, 'an MD5 digest is 32 hexadecimal digits');
  return text === '' ? Array.from({ length: 16 }, () => 0) : octets(text);
}

function octets(hex: string): number[] {
  return Array.from({ length: hex.length / 2 }, (_none, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** `ECN e1b 1 ceb 0 e0b 1`: three counters of 24 bits, their order says which of the two kinds it is. */
function parseCounters(reader: Reader, from: number): TcpOption {
  const names: string[] = [];
  const data: number[] = [];
  for (let name = reader.match(/e[01]b|ceb/y); name !== null; name = reader.match(/e[01]b|ceb/y)) {
    const count = reader.unsigned('a counter', WORD32);
    names.push(name);
    data.push((count >>> 16) & 0xff, (count >>> 8) & 0xff, count & 0xff);
  }
  if (names.length === 0) return reader.expected('e0b, ceb or e1b and a counter');
  if (names.join(' ') === 'e0b ceb e1b'.split(' ').slice(0, names.length).join(' ')) {
    return { kind: 'other', number: ACC_ECN0, data };
  }
  if (names.join(' ') === 'e1b ceb e0b'.split(' ').slice(0, names.length).join(' ')) {
    return { kind: 'other', number: ACC_ECN1, data };
  }
  return reader.failAt(from, 'counters of ECN stand in the order e0b ceb e1b, or e1b ceb e0b');
}
