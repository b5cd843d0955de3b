/** What is to become of a packet, in words: `drop`, `duplicate`, `corrupt bit 77`, `delay 40 ms`, `hold until 3 s`. */
import type { Fault } from '../link/impair.ts';
import { MatchError } from './match.ts';
import { parseSpan, spanText } from './scenario/units.ts';

const WANTED = 'drop, duplicate, corrupt, corrupt bit N, delay TIME or hold until TIME';

/** Throws MatchError, which says what could stand there. */
export function parseFault(text: string): Fault {
  if (text === 'drop' || text === 'duplicate' || text === 'corrupt') return text;
  const [, verb = '', rest = ''] = /^(delay|hold until|corrupt bit) +(.*)$/.exec(text) ?? [];
  const column = text.length - rest.length + 1;
  const found = rest === '' ? 'the end' : `"${rest}"`;
  switch (verb) {
    case 'delay':
      return { delay: parseSpan(rest) ?? fail(column, 'a time, as 40 ms', found) };
    case 'hold until':
      return { until: parseSpan(rest) ?? fail(column, 'a time, as 3 s', found) };
    case 'corrupt bit':
      return { corrupt: /^\d{1,9}$/.test(rest) ? Number(rest) : fail(column, 'the number of a bit', found) };
    default:
      return fail(1, WANTED, text === '' ? 'the end' : `"${text}"`);
  }
}

/** The text of which `parseFault` makes the same again. */
export function faultText(fault: Fault): string {
  if (typeof fault === 'string') return fault;
  if ('delay' in fault) return `delay ${spanText(fault.delay)}`;
  if ('until' in fault) return `hold until ${spanText(fault.until)}`;
  return `corrupt bit ${fault.corrupt}`;
}

function fail(column: number, wanted: string, found: string): never {
  throw new MatchError(column, wanted, found);
}
