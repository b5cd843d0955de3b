/** Match text: which packet is meant, in words: `third ACK from client`, `every data of 1000 octets`, `first FIN again to server`. */
import { ACK, FIN, RST, SYN } from '../wire/segment.ts';

/** What is looked at of a packet. */
export interface PacketView {
  /** The stations at the two ends of the cable. */
  readonly from: string;
  readonly to: string;
  readonly protocol: 'TCP' | 'UDP' | 'ICMP' | 'ARP' | 'other';
  /** Null for what is not TCP. `again`: whether its sequence numbers were sent on that way before. */
  readonly segment: { readonly flags: number; readonly again: boolean } | null;
  /** Of TCP and UDP; 0 otherwise. */
  readonly srcPort: number;
  readonly dstPort: number;
  /** Octets above the transport header. */
  readonly length: number;
}

/** A text that is not a match text; the message names the column, counted from 1, and what could stand there. */
export class MatchError extends RangeError {
  override readonly name: string = 'MatchError';
  readonly column: number;

  constructor(column: number, wanted: string, found: string) {
    super(`column ${column}: expected ${wanted}, found ${found}`);
    this.column = column;
  }
}

/** Which packet, or packets, are meant. */
export interface Matcher {
  readonly text: string;
  /** Which of those that match, from 1; null: every one. */
  readonly which: number | null;
  /** Whether a packet is of that kind and way; whether it is the third, say, only a `MatchCounter` knows. */
  matches(packet: PacketView): boolean;
}

type Test = (packet: PacketView) => boolean;

/** Kinds of packets, the most particular first: what `describe` prefers. */
const kinds: Readonly<Record<string, Test>> = {
  'SYN,ACK': (packet) => hasFlags(packet, SYN | ACK, 0),
  SYN: (packet) => hasFlags(packet, SYN, ACK),
  RST: (packet) => hasFlags(packet, RST, 0),
  FIN: (packet) => hasFlags(packet, FIN, 0),
  /** With text; a FIN may come with it. */
  data: ({ segment, length }) => segment !== null && length > 0,
  /** Bare: no text, and nothing else that takes a number. */
  ACK: (packet) => hasFlags(packet, ACK, SYN | FIN | RST) && packet.length === 0,
  segment: ({ segment }) => segment !== null,
  UDP: ({ protocol }) => protocol === 'UDP',
  ICMP: ({ protocol }) => protocol === 'ICMP',
  ARP: ({ protocol }) => protocol === 'ARP',
  packet: () => true,
};

export type MatchKind =
  | 'SYN,ACK'
  | 'SYN'
  | 'RST'
  | 'FIN'
  | 'data'
  | 'ACK'
  | 'segment'
  | 'UDP'
  | 'ICMP'
  | 'ARP'
  | 'packet';

/** All kinds, the most particular first. */
export const matchKinds: readonly MatchKind[] = Object.keys(kinds) as MatchKind[];

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];

const TESTS = 'again, from HOST, to HOST, port N or of N octets';

/** One word of a text, and where it stands. */
interface Word {
  readonly text: string;
  /** From 1. */
  readonly column: number;
}

/** The words of a text, one after the other. */
export class Words {
  private readonly words: readonly Word[];
  private readonly length: number;
  private at = 0;

  /**
   * A name with blanks in it stands in quotation marks. `before`: characters in front of the text, which columns count.
   * Throws MatchError for a quotation mark that is not closed.
   */
  constructor(text: string, before = 0) {
    const found = [...text.matchAll(/"[^"]*"?|[^\s"]+/g)];
    this.words = found.map(({ 0: word, index }) => ({ text: word, column: before + index + 1 }));
    this.length = before + text.length;
    const open = this.words.find((word) => word.text.startsWith('"') && !/^".*"$/.test(word.text));
    if (open !== undefined) throw new MatchError(open.column, 'a quotation mark at the end', open.text);
  }

  get done(): boolean {
    return this.at === this.words.length;
  }

  /** The next word; empty at the end. */
  get next(): string {
    return this.words[this.at]?.text ?? '';
  }

  /** Takes the next word, of which `make` makes something; undefined: it is not what was wanted. Throws MatchError. */
  take<T>(wanted: string, make: (word: string) => T | undefined): T {
    const made = this.done ? undefined : make(this.next);
    if (made === undefined) return this.fail(wanted);
    this.at++;
    return made;
  }

  /** Takes the next word if it is this one. */
  takes(word: string): boolean {
    const takes = this.next === word;
    if (takes) this.at++;
    return takes;
  }

  fail(wanted: string): never {
    const word = this.words[this.at];
    throw new MatchError(word?.column ?? this.length + 1, wanted, word === undefined ? 'the end' : `"${word.text}"`);
  }
}

/**
 * `[first | 2nd | #12 | every] KIND [again] [from HOST] [to HOST] [port N] [of N octets]`, the tests behind KIND in any
 * order; without an ordinal, the first. `packet 17` is `17th packet`. KIND is SYN; SYN,ACK; ACK (bare: without text);
 * data (a segment with text); FIN, RST (whatever comes with them); segment (any of TCP); UDP, ICMP, ARP; packet (any).
 * Throws MatchError.
 */
export function parseMatch(text: string): Matcher {
  const words = new Words(text);
  const which = takeOrdinal(words);
  const kind = takeKind(words);
  const number = which === undefined && /^\d+$/.test(words.next) ? takeNumber(words, 1) : 1;
  const matches = takeTests(words, kind);
  return { text, which: which === undefined ? number : which, matches };
}

/** `KIND [again] [from HOST] ...`, which is all that is left. Throws MatchError. */
export function parseKind(words: Words): Test {
  return takeTests(words, takeKind(words));
}

/** Counts the packets that match, for one run. */
export class MatchCounter {
  private readonly matcher: Matcher;
  private count = 0;

  constructor(matcher: Matcher) {
    this.matcher = matcher;
  }

  /** Whether this one is meant. Each packet is to be shown once, in the order in which they are handed to cables. */
  takes(packet: PacketView): boolean {
    const { matcher } = this;
    if (!matcher.matches(packet)) return false;
    this.count++;
    return matcher.which === null || matcher.which === this.count;
  }
}

/** Whether a packet is of a kind. */
export function isOfKind(kind: MatchKind, packet: PacketView): boolean {
  return (kinds[kind] as Test)(packet);
}

/** `third`, `12th`. */
export function ordinalText(which: number): string {
  const named = ordinals[which - 1];
  if (named !== undefined) return named;
  const teens = Math.floor((which % 100) / 10) === 1;
  return `${which}${(teens ? undefined : ['th', 'st', 'nd', 'rd'][which % 10]) ?? 'th'}`;
}

/** A host's name as it stands in a match text. */
export function hostText(name: string): string {
  return /^[^\s"]+$/.test(name) ? name : `"${name}"`;
}

/** A number; null for `every`; undefined when there is none. */
function takeOrdinal(words: Words): number | null | undefined {
  const word = words.next;
  if (words.takes('every')) return null;
  const named = ordinals.indexOf(word) + 1;
  const number = named || Number(/^(?:#([1-9]\d*)|([1-9]\d*)(?:st|nd|rd|th))$/.exec(word)?.slice(1).join(''));
  if (Number.isNaN(number)) return undefined;
  words.takes(word);
  return number;
}

function takeKind(words: Words): Test {
  return words.take(matchKinds.join(', '), (word) => {
    const name = matchKinds.find((kind) => kind.toLowerCase() === word.toLowerCase());
    return name === undefined ? undefined : kinds[name];
  });
}

function takeTests(words: Words, kind: Test): Test {
  const tests = [kind];
  while (!words.done) tests.push(takeTest(words));
  return (packet) => tests.every((test) => test(packet));
}

function takeTest(words: Words): Test {
  if (words.takes('again')) return ({ segment }) => segment?.again === true;
  if (words.takes('from')) {
    const host = takeHost(words);
    return ({ from }) => from === host;
  }
  if (words.takes('to')) {
    const host = takeHost(words);
    return ({ to }) => to === host;
  }
  const on = words.takes('on');
  if (words.takes('port')) {
    const port = takeNumber(words, 0);
    return ({ srcPort, dstPort }) => srcPort === port || dstPort === port;
  }
  if (on) return words.fail('port');
  if (words.takes('of')) {
    const octets = takeNumber(words, 0);
    words.take('octets', (word) => (word === 'octets' || word === 'octet' ? word : undefined));
    return ({ length }) => length === octets;
  }
  return words.fail(TESTS);
}

function takeHost(words: Words): string {
  return words.take('the name of a host', (word) => word.replaceAll('"', '') || undefined);
}

function takeNumber(words: Words, least: number): number {
  return words.take('a number', (word) => (/^\d{1,9}$/.test(word) && Number(word) >= least ? Number(word) : undefined));
}

function hasFlags({ segment }: PacketView, on: number, off: number): boolean {
  return segment !== null && (segment.flags & on) === on && (segment.flags & off) === 0;
}
