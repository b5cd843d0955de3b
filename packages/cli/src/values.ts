/** What users write for times, shares, sizes, counts, ports, seeds, shards and widths, read into numbers; a UserError says what is wrong with it. */
import { MILLISECOND, MINUTE, type Micros, SECOND } from 'synwave';
import { UserError } from './errors.ts';

const UNITS: Readonly<Record<string, Micros>> = { us: 1, ms: MILLISECOND, s: SECOND, m: MINUTE };

/** The narrowest ladder whose arrows still have room for their labels. */
export const NARROWEST = 72;
const WIDEST = 500;

/** `500ms`, `3s`, `2m`, `250us`, or plain 0. Parts of a microsecond are rounded. */
export function parseDuration(text: string): Micros {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m)$/.exec(text);
  if (match !== null) return Math.round(Number(match[1]) * (UNITS[match[2] as string] as Micros));
  if (text === '0') return 0;
  if (text.startsWith('-')) throw new UserError(`${text} is below zero: a time is 0 or more, as in 20ms`);
  if (/^\d+(?:\.\d+)?$/.test(text)) throw new UserError(`${text} has no unit: write ${text}ms or ${text}s`);
  throw new UserError(`${text} is not a time: write 250us, 20ms, 3s or 2m`);
}

/** `5%` or `0.1%`, or plain 0, as a share from 0 to 1. */
export function parsePercent(text: string): number {
  const match = /^(-?\d+(?:\.\d+)?)%$/.exec(text);
  const percent = match === null ? (text === '0' ? 0 : Number.NaN) : Number(match[1]);
  if (percent < 0 || percent > 100) throw new UserError(`${text} is not within 0% to 100%`);
  if (Number.isNaN(percent)) throw new UserError(`${text} is not a percentage: write it as 5%`);
  return percent / 100;
}

/** A whole number is that number; anything else is a seed of letters. */
export function parseSeed(text: string): number | string {
  const number = Number(text);
  return /^-?\d+$/.test(text) && Number.isSafeInteger(number) ? number : text;
}

/** `512`, `64K`, `1M` or `2G`, in octets: K is 1024. */
export function parseSize(text: string): number {
  const match = /^(\d+)([KMG]?)$/i.exec(text);
  const size = match === null ? 0 : Number(match[1]) * 1024 ** ' KMG'.indexOf((match[2] || ' ').toUpperCase());
  if (size > 0 && Number.isSafeInteger(size)) return size;
  throw new UserError(`${text} is not a size: write 512, 64K, 1M or 2G`);
}

/** Bits in a second, as `500K`, `10M` or `1G`: K is 1000. */
export function parseBits(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMG]?)$/i.exec(text);
  const rate =
    match === null ? 0 : Math.round(Number(match[1]) * 1000 ** ' KMG'.indexOf((match[2] || ' ').toUpperCase()));
  if (rate > 0 && Number.isSafeInteger(rate)) return rate;
  throw new UserError(`${text} is not a rate in bits per second: write 500K, 10M or 1G`);
}

/** A whole number from 1 on. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count > 0 && Number.isSafeInteger(count)) return count;
  throw new UserError(`${text} is not a number from 1 on`);
}

/** One of several parts, `3/16`: the third of sixteen. */
export function parseShard(text: string): { index: number; of: number } {
  const [, index = 0, of = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (index >= 1 && index <= of) return { index, of };
  throw new UserError(`${text} is not a shard: write 3/16 for the third of sixteen`);
}

/** Octets of data in an echo: what IPv4 can carry behind its own header and ICMP's. */
export function parseData(text: string): number {
  const octets = Number(text);
  if (/^\d+$/.test(text) && octets <= 65_507) return octets;
  throw new UserError(`${text} is not a number of octets from 0 to 65507`);
}

/** Hops that a packet may go. */
export function parseHops(text: string): number {
  const hops = Number(text);
  if (/^\d+$/.test(text) && hops >= 1 && hops <= 255) return hops;
  throw new UserError(`${text} is not a number of hops from 1 to 255`);
}

/** A TCP port. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new UserError(`${text} is not a port: write a number from 1 to 65535`);
}

/** One port, or a range as nc has it: `20-25`. */
export function parsePorts(text: string): number[] {
  const [first = '', last = first, ...rest] = text.split('-');
  const from = parsePort(first);
  const to = parsePort(last);
  if (rest.length > 0 || to < from) throw new UserError(`${text} is not a range of ports: write it as 20-25`);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** A time of which a plain number is in seconds, as nc has it: `3`, `500ms`. Above zero. */
export function parseSeconds(text: string): Micros {
  const span = /^\d+(?:\.\d+)?$/.test(text) ? Math.round(Number(text) * SECOND) : parseDuration(text);
  if (span > 0) return span;
  throw new UserError(`${text} is no time to wait: write 3, 500ms or 2m`);
}

/** The same, and 0, or below: null, which is for ever. */
export function parsePause(text: string): Micros | null {
  if (/^-\d+$/.test(text)) return null;
  return Number(text) === 0 ? 0 : parseSeconds(text);
}

/** Columns of a terminal. */
export function parseWidth(text: string): number {
  const width = Number(text);
  if (/^\d+$/.test(text) && width >= NARROWEST && width <= WIDEST) return width;
  throw new UserError(`${text} is not a number of columns from ${NARROWEST} to ${WIDEST}`);
}
