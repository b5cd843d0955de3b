/** Labels: what stands on a segment's arrow: in a textbook's letters, or in numbers from 0, or in those of the header. */
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from 'synwave';

export const labelModes = ['textbook', 'jk', 'relative', 'raw'] as const;

export type LabelMode = (typeof labelModes)[number];

/** What a label tells of. Numbers as in the header; `length` in octets of text. */
export interface LabelledSegment {
  /** The host that sends it. */
  readonly from: string;
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly length: number;
}

/** The same label, as long as it should be and as short as it can be. */
export interface Label {
  readonly long: string;
  readonly short: string;
}

/** A letter for a sequence number, counted from its side's initial one. */
interface Letter {
  readonly name: string;
  readonly at: number;
  /** First used when the connection is being closed. */
  readonly closing: boolean;
}

/** What a letter stands for: `u = x+5`. Of an initial number, `base` is null and `value` as in the header. */
export interface Meaning {
  readonly name: string;
  readonly base: string | null;
  readonly value: number;
}

/** The letters of two habits: of who opens (its SYN), of the other; and of who closes first (its FIN), of the other (its ACK, its FIN). */
const habits = {
  textbook: { opener: 'x', other: 'y', fin: 'u', answer: 'v', lastFin: 'w' },
  jk: { opener: 'J', other: 'K', fin: 'M', answer: null, lastFin: 'N' },
} as const;

/** The control bits, and how they are called. */
const names: readonly (readonly [number, string])[] = [
  [FIN, 'FIN'],
  [SYN, 'SYN'],
  [RST, 'RST'],
  [PSH, 'PSH'],
  [ACK, 'ACK'],
  [URG, 'URG'],
  [ECE, 'ECE'],
  [CWR, 'CWR'],
];

/** The bits that drawings show; PSH stands in none. */
const DRAWN: readonly (readonly [number, string])[] = [
  [SYN, 'SYN'],
  [FIN, 'FIN'],
  [RST, 'RST'],
  [ACK, 'ACK'],
  [URG, 'URG'],
];

/** The names of the control bits that are set: `['SYN', 'ACK']`. */
export function flagNames(flags: number): string[] {
  return names.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
}

/** The labels of one connection. */
export class Labels {
  private readonly mode: LabelMode;
  private readonly octets: (count: number) => string;
  /** The hosts: who opened, the other. */
  private readonly sides: readonly string[];
  private readonly initial: Map<string, number> = new Map<string, number>();
  private readonly letters: Map<string, Letter[]> = new Map<string, Letter[]>();
  /** Who sends the first FIN, and where that lies; null: nobody. */
  private readonly closing: { readonly by: string; readonly at: number } | null;

  /**
   * `segments`: all of one connection, in the order in which they are sent, one of each side at least for its numbers to be
   * known. `octets` says how so many octets are written.
   */
  constructor(
    mode: LabelMode,
    segments: readonly LabelledSegment[],
    octets: (count: number) => string = (count) => `${count} octets`,
  ) {
    this.mode = mode;
    this.octets = octets;
    for (const { from, seq } of segments) if (!this.initial.has(from)) this.initial.set(from, seq);
    const opener = segments[0]?.from ?? '';
    const other = segments.find(({ from }) => from !== opener)?.from ?? '';
    this.sides = [opener, other];
    const fin = segments.find(({ flags }) => (flags & FIN) !== 0);
    this.closing = fin === undefined ? null : { by: fin.from, at: this.offsetOf(fin.from, fin.seq) + fin.length };
    if (mode === 'textbook' || mode === 'jk') this.lay(habits[mode], segments);
  }

  of(segment: LabelledSegment): Label {
    const { from, flags, seq, ack, length } = segment;
    const closing = this.isClosing(segment);
    const said = this.name(from, seq, closing);
    const acknowledged = (flags & ACK) === 0 ? null : this.name(this.peerOf(from), ack, closing);
    if (this.mode === 'relative' || this.mode === 'raw') return inNumbers(segment, said, acknowledged);
    const parts = this.mode === 'jk' ? inWords(segment, said, acknowledged) : inBits(segment, said, acknowledged);
    const spell = (text: string): string => [...parts, ...(length > 0 ? [text] : [])].join(', ');
    return { long: spell(this.octets(length)), short: spell(`${length} B`) };
  }

  /** The initial sequence number of a host; null for one that has sent nothing. */
  initialOf(host: string): number | null {
    return this.initial.get(host) ?? null;
  }

  /** What the letters stand for, in order; none where there are no letters. */
  meanings(): Meaning[] {
    const meanings: Meaning[] = [];
    for (const side of this.sides) {
      const initial = this.initial.get(side);
      const [first, ...others] = this.letters.get(side) ?? [];
      if (initial === undefined || first === undefined) continue;
      meanings.push({ name: first.name, base: null, value: initial });
      let before = first;
      for (const each of others) {
        meanings.push({ name: each.name, base: before.name, value: each.at - before.at });
        before = each;
      }
    }
    return meanings;
  }

  /** Which letters stand where. */
  private lay(habit: (typeof habits)['textbook' | 'jk'], segments: readonly LabelledSegment[]): void {
    const [opener = '', other = ''] = this.sides;
    this.letters.set(opener, [{ name: habit.opener, at: 0, closing: false }]);
    this.letters.set(other, [{ name: habit.other, at: 0, closing: false }]);
    const { closing } = this;
    if (closing === null) return;
    const peer = this.peerOf(closing.by);
    this.letters.get(closing.by)?.push({ name: habit.fin, at: closing.at, closing: true });
    const answer = segments.find((segment) => segment.from === peer && this.isClosing(segment));
    const fin = segments.find(({ from, flags }) => from === peer && (flags & FIN) !== 0);
    const finAt = fin === undefined ? null : this.offsetOf(peer, fin.seq) + fin.length;
    const answerAt = answer === undefined ? null : this.offsetOf(peer, answer.seq);
    // Where both FINs cross, the other's comes before its ACK, and takes the letter that stands for that.
    const crossed = finAt !== null && answerAt !== null && answerAt > finAt;
    const letters = this.letters.get(peer) ?? [];
    if (habit.answer !== null && answerAt !== null && !crossed) {
      letters.push({ name: habit.answer, at: answerAt, closing: true });
    }
    const lastFin = crossed && habit.answer !== null ? habit.answer : habit.lastFin;
    if (finAt !== null) letters.push({ name: lastFin, at: finAt, closing: true });
  }

  /** Whether the segment is the first FIN, or what comes behind it. */
  private isClosing({ from, flags, seq, ack, length }: LabelledSegment): boolean {
    const { closing } = this;
    if (closing === null) return false;
    if (from === closing.by) {
      const at = this.offsetOf(from, seq);
      return at > closing.at || (at + length >= closing.at && ((flags & FIN) !== 0 || length === 0));
    }
    return (flags & FIN) !== 0 || ((flags & ACK) !== 0 && this.offsetOf(closing.by, ack) > closing.at);
  }

  private peerOf(host: string): string {
    return (host === this.sides[0] ? this.sides[1] : this.sides[0]) ?? '';
  }

  private offsetOf(host: string, number: number): number {
    return (number - (this.initial.get(host) ?? number)) >>> 0;
  }

  private name(host: string, number: number, closing: boolean): string {
    if (this.mode === 'raw') return String(number);
    const at = this.offsetOf(host, number);
    if (this.mode === 'relative') return String(at | 0);
    const near = this.letters
      .get(host)
      ?.filter((each) => each.at <= at && (closing || !each.closing))
      .at(-1);
    if (near === undefined) return String(number);
    return at === near.at ? near.name : `${near.name}+${at - near.at}`;
  }
}

/** `SYN=1, ACK=1, seq=y, ack=x+1`: the bits that are set, and both numbers. */
function inBits({ flags }: LabelledSegment, seq: string, ack: string | null): string[] {
  const bits = DRAWN.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => `${name}=1`);
  return [...bits, `seq=${seq}`, ...(ack === null ? [] : [`ack=${ack}`])];
}

/** `PSH,ACK seq=1 ack=1 len=1448`; for want of room `ACK 1(1448) ack=1`, with the bits that drawings show. */
function inNumbers({ flags, length }: LabelledSegment, seq: string, ack: string | null): Label {
  const tail = ack === null ? '' : ` ack=${ack}`;
  const bits = DRAWN.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  return {
    long: `${flagNames(flags).join(',')} seq=${seq}${tail}${length > 0 ? ` len=${length}` : ''}`,
    short: `${bits.join(',')} ${seq}${length > 0 ? `(${length})` : ''}${tail}`,
  };
}

/** `SYN K, ACK J+1`: what takes a sequence number stands with it; an ACK alone has none worth telling. */
function inWords({ flags, length }: LabelledSegment, seq: string, ack: string | null): string[] {
  const word = (flags & SYN) !== 0 ? 'SYN' : (flags & FIN) !== 0 ? 'FIN' : (flags & RST) !== 0 ? 'RST' : null;
  const said = word === null ? (length > 0 ? [`seq ${seq}`] : []) : [`${word} ${seq}`];
  return [...said, ...(ack === null ? [] : [`ACK ${ack}`])];
}
