/** Labels: what stands on an arrow: in a textbook's letters, or in numbers from 0, or in those of the header. */
import { offset, type SegmentStep, type Side } from '../handshake/recording.ts';
import type { Text } from '../text/text.ts';

export const labelModes = ['textbook', 'jk', 'relative', 'raw'] as const;

export type LabelMode = (typeof labelModes)[number];

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

/** The letters of two habits: of the client (its SYN, its FIN), of the server (its SYN, its ACK of the FIN, its FIN). */
const habits = {
  textbook: { client: ['x', 'u'], server: ['y', 'v', 'w'] },
  jk: { client: ['J', 'M'], server: ['K', null, 'N'] },
} as const;

/** The bits that drawings show; PSH stands in none. */
const DRAWN = ['SYN', 'FIN', 'RST', 'ACK', 'URG'] as const;

export class Labels {
  private readonly mode: LabelMode;
  private readonly text: Text;
  private readonly initial: Readonly<Record<Side, number | null>>;
  private readonly letters: Readonly<Record<Side, readonly Letter[]>>;
  /** Where the client's FIN lies; infinite when it sends none. */
  private readonly clientFin: number;

  /** The letters are found in `segments`: all of one connection, which the client closes first. */
  constructor(
    mode: LabelMode,
    text: Text,
    segments: readonly SegmentStep[],
    initial: Readonly<Record<Side, number | null>>,
  ) {
    this.mode = mode;
    this.text = text;
    this.initial = initial;
    const finOf = (side: Side): number | null => {
      const fin = segments.find(({ from, flags }) => from === side && flags.includes('FIN'));
      return fin === undefined ? null : this.offsetOf(side, fin.seq) + fin.len;
    };
    const u = finOf('client');
    this.clientFin = u ?? Number.POSITIVE_INFINITY;
    const answer = segments.find((step) => step.from === 'server' && this.isClosing(step));
    const v = answer === undefined ? null : this.offsetOf('server', answer.seq);
    const [x, toU] = habits[mode === 'jk' ? 'jk' : 'textbook'].client;
    const [y, toV, toW] = habits[mode === 'jk' ? 'jk' : 'textbook'].server;
    this.letters = {
      client: [letter(x, 0, false), letter(toU, u, true)].flat(),
      server: [letter(y, 0, false), letter(toV, v, true), letter(toW, finOf('server'), true)].flat(),
    };
  }

  of(step: SegmentStep): Label {
    const { from, flags, seq, ack, len } = step;
    const closing = this.isClosing(step);
    const said = this.name(from, seq, closing);
    const acknowledged = flags.includes('ACK')
      ? this.name(from === 'client' ? 'server' : 'client', ack, closing)
      : null;
    if (this.mode === 'relative' || this.mode === 'raw') return inNumbers(step, said, acknowledged);
    const parts = this.mode === 'jk' ? inWords(step, said, acknowledged) : inBits(step, said, acknowledged);
    const spell = (octets: string): string => [...parts, ...(len > 0 ? [octets] : [])].join(', ');
    return { long: spell(this.text.octets(len)), short: spell(`${len} B`) };
  }

  /** What the letters stand for: `x = 3799, y = 17, u = x+5`; empty where there are none. */
  legend(): string {
    if (this.mode === 'raw') return '';
    const { client, server } = this.initial;
    const known = (number: number | null): string => (number === null ? '?' : String(number));
    if (this.mode === 'relative') return this.text.initialNumbers(known(client), known(server));
    const lines: string[] = [];
    for (const side of ['client', 'server'] as const) {
      const initial = this.initial[side];
      const [first, ...others] = this.letters[side];
      if (initial === null || first === undefined) continue;
      lines.push(`${first.name} = ${initial}`);
      let before = first;
      for (const each of others) {
        lines.push(`${each.name} = ${before.name}+${each.at - before.at}`);
        before = each;
      }
    }
    return lines.join(', ');
  }

  /** Whether the segment is the client's FIN or comes behind it. */
  private isClosing({ from, flags, seq, ack, len }: SegmentStep): boolean {
    if (from === 'client') {
      const at = this.offsetOf('client', seq);
      return at > this.clientFin || (at + len >= this.clientFin && (flags.includes('FIN') || len === 0));
    }
    return flags.includes('ACK') && this.offsetOf('client', ack) > this.clientFin;
  }

  private offsetOf(side: Side, number: number): number {
    return offset(number, this.initial[side] ?? number);
  }

  private name(side: Side, number: number, closing: boolean): string {
    if (this.mode === 'raw') return String(number);
    const at = this.offsetOf(side, number);
    if (this.mode === 'relative') return String(at);
    const near = this.letters[side].filter((each) => each.at <= at && (closing || !each.closing)).at(-1);
    if (near === undefined) return String(number);
    return at === near.at ? near.name : `${near.name}+${at - near.at}`;
  }
}

function letter(name: string | null, at: number | null, closing: boolean): Letter[] {
  return name === null || at === null ? [] : [{ name, at, closing }];
}

/** `SYN=1, ACK=1, seq=y, ack=x+1`: the bits that are set, and both numbers. */
function inBits({ flags }: SegmentStep, seq: string, ack: string | null): string[] {
  const bits = DRAWN.filter((flag) => flags.includes(flag)).map((flag) => `${flag}=1`);
  return [...bits, `seq=${seq}`, ...(ack === null ? [] : [`ack=${ack}`])];
}

/** `PSH,ACK seq=1 ack=1 len=1448`; for want of room `ACK 1(1448) ack=1`, with the bits that drawings show. */
function inNumbers({ flags, len }: SegmentStep, seq: string, ack: string | null): Label {
  const tail = ack === null ? '' : ` ack=${ack}`;
  const bits = DRAWN.filter((flag) => flags.includes(flag));
  return {
    long: `${flags.join(',')} seq=${seq}${tail}${len > 0 ? ` len=${len}` : ''}`,
    short: `${bits.join(',')} ${seq}${len > 0 ? `(${len})` : ''}${tail}`,
  };
}

/** `SYN K, ACK J+1`: what takes a sequence number stands with it; an ACK alone has none worth telling. */
function inWords({ flags, len }: SegmentStep, seq: string, ack: string | null): string[] {
  const word = (['SYN', 'FIN', 'RST'] as const).find((flag) => flags.includes(flag));
  const said = word === undefined ? (len > 0 ? [`seq ${seq}`] : []) : [`${word} ${seq}`];
  return [...said, ...(ack === null ? [] : [`ACK ${ack}`])];
}
