/** What users write for times, shares, seeds and widths, read into numbers; a UserError says what is wrong with it. */
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

/** Columns of a terminal. */
export function parseWidth(text: string): number {
  const width = Number(text);
  if (/^\d+$/.test(text) && width >= NARROWEST && width <= WIDEST) return width;
  throw new UserError(`${text} is not a number of columns from ${NARROWEST} to ${WIDEST}`);
}
