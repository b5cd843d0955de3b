/** TCP options as `tcpdump` prints them, back into octets. */
import type { Scanner } from './scanner.ts';
import { EXPERIMENT_TFO, MD5_UNCHECKED } from './text-options.ts';

/** The data offset leaves room for no more. */
const ROOM = 40;

/** Names of options with one decimal number: kind, octets of the number. */
const NUMBERS: Readonly<Record<string, readonly [kind: number, octets: number]>> = {
  mss: [2, 2],
  wscale: [3, 1],
  echo: [6, 4],
  echoreply: [7, 4],
  cc: [11, 4],
  ccnew: [12, 4],
  '': [13, 4],
};

/** Kinds that go by a name: beside those of NUMBERS, what `parseOption` knows. Only the others are called unknown. */
const NAMED: ReadonlySet<number> = new Set([
  ...Object.values(NUMBERS).map(([kind]) => kind),
  ...[0, 1, 4, 5, 8, 19, 20, 28, 29, 34, 254],
]);

/**
 * Takes options up to and with the closing bracket; answers their octets, filled up with end-of-options (zeros) to whole
 * words. Options of which tcpdump does not print all octets (`sack invalid sack`, `exp-1234`, ...) are refused.
 */
export function parseOptions(scanner: Scanner): Uint8Array {
  const from = scanner.at;
  const octets: number[] = [];
  // A length field that was too long reached over what followed; what is filled up must let it reach as far again.
  let reach = 0;
  for (;;) {
    const start = octets.length;
    const option = parseOption(scanner);
    octets.push(...option);
    if (option.length > 1 && scanner.take('[len ')) {
      const length = scanner.number('a length', ROOM, 0);
      octets[start + 1] = length;
      reach = Math.max(reach, start + length);
      scanner.expect(']');
    }
    if (scanner.take(']')) break;
    if (option[0] === 0) scanner.fail('nothing follows eol');
    scanner.expect(',');
  }
  while (octets.length % 4 !== 0 || octets.length < reach) octets.push(0);
  if (octets.length > ROOM) scanner.fail(`${octets.length} octets of options do not fit into ${ROOM}`, from);
  return Uint8Array.from(octets);
}

/** One option's octets, with the length that is due to it. */
function parseOption(scanner: Scanner): number[] {
  const from = scanner.at;
  const name = scanner.run(
    (c) => (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c === '-' || (c >= '0' && c <= '9'),
  );
  const number = NUMBERS[name];
  if (number !== undefined && scanner.take(' ')) return withLength(number[0], word(scanner, number[1]));
  switch (name) {
    case 'eol':
      return [0];
    case 'nop':
      return [1];
    case 'sackOK':
      return [4, 2];
    case 'sack':
      return parseSack(scanner);
    case 'TS': {
      scanner.expect(' val ');
      const value = word(scanner, 4);
      scanner.expect(' ecr ');
      return withLength(8, [...value, ...word(scanner, 4)]);
    }
    case 'md5':
      scanner.expect(` ${MD5_UNCHECKED}`);
      return withLength(19, exactly(scanner, 16));
    case 'scps': {
      scanner.expect(' cap ');
      const capabilities = exactly(scanner, 1);
      scanner.expect(' id ');
      return withLength(20, [...capabilities, ...word(scanner, 1)]);
    }
    case 'uto': {
      scanner.expect(' 0x');
      const value = scanner.hexNumber('a user timeout', 0xffff);
      scanner.expect(' ');
      scanner.word('a time'); // told by the value before
      return withLength(28, [value >> 8, value & 0xff]);
    }
    case 'tcp-ao': {
      scanner.expect(' keyid ');
      const key = word(scanner, 1);
      scanner.expect(' rnextkeyid ');
      const next = word(scanner, 1);
      return withLength(29, [...key, ...next, ...(scanner.take(' mac 0x') ? scanner.hex() : [])]);
    }
    case 'tfo':
      scanner.expect(' ');
      return withLength(34, parseCookie(scanner));
    case 'exp-tfo':
      return withLength(254, [EXPERIMENT_TFO >> 8, EXPERIMENT_TFO & 0xff, ...parseCookie(scanner)]);
    default:
      return parseUnknown(scanner, name, from);
  }
}

function parseSack(scanner: Scanner): number[] {
  scanner.expect(' ');
  const count = scanner.number('a number of blocks', 4);
  scanner.expect(' ');
  const octets: number[] = [];
  for (let i = 0; i < count; i++) {
    scanner.expect('{');
    octets.push(...word(scanner, 4));
    scanner.expect(':');
    octets.push(...word(scanner, 4));
    scanner.expect('}');
  }
  return withLength(5, octets);
}

function parseCookie(scanner: Scanner): number[] {
  if (scanner.take(' cookiereq')) return [];
  scanner.expect(' cookie ');
  const from = scanner.at;
  const cookie = scanner.hex();
  if (cookie.length < 4 || cookie.length > 16 || cookie.length % 2 !== 0) {
    scanner.fail('a cookie has 4 to 16 octets, an even number', from);
  }
  return cookie;
}

function parseUnknown(scanner: Scanner, name: string, from: number): number[] {
  const digits = /^unknown-(\d{1,3})$/.exec(name)?.[1];
  const kind = Number(digits ?? 256);
  if (kind > 255 || NAMED.has(kind)) scanner.fail('expected an option that tells all its octets', from);
  return withLength(kind, scanner.take(' 0x') ? scanner.hex() : []);
}

function withLength(kind: number, value: number[]): number[] {
  return [kind, 2 + value.length, ...value];
}

/** A decimal number as so many octets. */
function word(scanner: Scanner, octets: number): number[] {
  const value = scanner.number('a value', 2 ** (8 * octets) - 1);
  const out: number[] = [];
  for (let shift = 8 * (octets - 1); shift >= 0; shift -= 8) out.push((value >>> shift) & 0xff);
  return out;
}

function exactly(scanner: Scanner, octets: number): number[] {
  const from = scanner.at;
  const out = scanner.hex();
  if (out.length !== octets) scanner.fail(`expected ${octets} octets in hexadecimal`, from);
  return out;
}
