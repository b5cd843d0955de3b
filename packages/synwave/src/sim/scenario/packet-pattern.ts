/** Packet patterns: which packet is meant, in words: `third ACK from client`, `every data of 1000 octets`, `SYN,ACK again`. */
import { ACK, FIN, RST, SYN } from '../../wire/segment.ts';
import type { PacketText } from './packet-reader.ts';

/** What a pattern looks at. */
export interface PacketView extends PacketText {
  readonly from: string;
  readonly to: string;
}

const kinds: Readonly<Record<string, (packet: PacketText) => boolean>> = {
  packet: () => true,
  segment: ({ segment }) => segment !== null,
  SYN: (packet) => hasFlags(packet, SYN, ACK),
  'SYN,ACK': (packet) => hasFlags(packet, SYN | ACK, 0),
  /** Bare: no text, and nothing else that takes a number. */
  ACK: (packet) => hasFlags(packet, ACK, SYN | FIN | RST) && packet.length === 0,
  /** With text; a FIN may come with it. */
  data: ({ segment, length }) => segment !== null && length > 0,
  FIN: (packet) => hasFlags(packet, FIN, 0),
  RST: (packet) => hasFlags(packet, RST, 0),
  UDP: ({ protocol }) => protocol === 'UDP',
  ICMP: ({ protocol }) => protocol === 'ICMP',
};

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];

export interface PacketPattern {
  readonly text: string;
  /** Which of those that match, from 1; null: every one. */
  readonly which: number | null;
  matches(packet: PacketView): boolean;
}

/**
 * `[first | 2nd | every] KIND [again] [from HOST] [to HOST] [on port N] [of N octets]`; without an ordinal, the first.
 * Throws RangeError, which says what could stand there.
 */
export function parsePacketPattern(text: string): PacketPattern {
  const words = text.split(' ');
  const which = parseOrdinal(words);
  return { text, which, matches: parseKind(words) };
}

/** `KIND [again] [from HOST] ...`: all of `words`. Throws RangeError. */
export function parseKind(words: string[]): (packet: PacketView) => boolean {
  const name = words.shift() ?? '';
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind === undefined) throw new RangeError(`expected ${Object.keys(kinds).join(', ')}, found "${name}"`);
  const tests: ((packet: PacketView) => boolean)[] = [kind];
  while (words.length > 0) tests.push(parseTest(words));
  return (packet) => tests.every((test) => test(packet));
}

function parseTest(words: string[]): (packet: PacketView) => boolean {
  const word = words.shift() as string;
  switch (word) {
    case 'again':
      return ({ segment }) => segment?.again === true;
    case 'from': {
      const host = take(words, 'a host');
      return ({ from }) => from === host;
    }
    case 'to': {
      const host = take(words, 'a host');
      return ({ to }) => to === host;
    }
    case 'on': {
      take(words, 'port', 'port');
      const port = Number(take(words, 'a number'));
      return ({ srcPort, dstPort }) => srcPort === port || dstPort === port;
    }
    case 'of': {
      const octets = Number(take(words, 'a number'));
      take(words, 'octets', 'octets');
      return ({ length }) => length === octets;
    }
    default:
      throw new RangeError(`expected again, from, to, on port or of … octets, found "${word}"`);
  }
}

function parseOrdinal(words: string[]): number | null {
  const word = words[0] ?? '';
  const named = ordinals.indexOf(word) + 1;
  const numbered = /^(\d+)(?:st|nd|rd|th)$/.exec(word);
  if (named === 0 && numbered === null && word !== 'every') return 1;
  words.shift();
  return word === 'every' ? null : named || Number(numbered?.[1]);
}

function take(words: string[], wanted: string, exactly?: string): string {
  const word = words.shift();
  if (word !== undefined && (exactly === undefined || word === exactly)) return word;
  throw new RangeError(`expected ${wanted}, found ${word === undefined ? 'the end' : `"${word}"`}`);
}

function hasFlags({ segment }: PacketText, on: number, off: number): boolean {
  return segment !== null && (segment.flags & on) === on && (segment.flags & off) === 0;
}

/** Counts those that match, for one run. */
export class PacketCounter {
  private readonly pattern: PacketPattern;
  private count = 0;

  constructor(pattern: PacketPattern) {
    this.pattern = pattern;
  }

  /** Whether this one is meant. Each packet is to be shown once, in the order in which they are sent. */
  takes(packet: PacketView): boolean {
    const { pattern } = this;
    if (!pattern.matches(packet)) return false;
    this.count++;
    return pattern.which === null || pattern.which === this.count;
  }
}
