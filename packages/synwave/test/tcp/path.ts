/** A path between the engine and its peer, for scripts: it takes segments of some size, and may say so or not. */
import type { Script } from './harness.ts';

/** Acknowledges every segment that gets through, after a round trip of 100 ms. */
export class Path {
  /** The largest text that gets through. */
  takes: number;
  /** Segments larger than the MSS, which got through or did not: their sizes, and for the latter when, in round trips. */
  readonly passed: number[] = [];
  readonly lost: number[] = [];
  readonly lostAt: number[] = [];
  /** The congestion window when a probe went out that was lost. */
  readonly windows: number[] = [];
  /** Whether ICMP tells of what was too large; otherwise nobody does. */
  tells = false;
  /** Loses what else is to be lost. */
  loses: (from: number) => boolean = () => false;
  private readonly script: Script;
  private readonly sack: boolean;
  private readonly tooBig: number[] = [];
  private readonly held: string[] = [];
  private next = 1;
  private round = 0;
  private ahead: [left: number, right: number][] = [];

  constructor(script: Script, takes: number, sack: boolean) {
    this.script = script;
    this.takes = takes;
    this.sack = sack;
  }

  /** Carries segments to and fro until all text up to `octets` has arrived. */
  carry(octets: number): this {
    for (const last = this.round + 5000; this.next <= octets && this.round < last; this.round++) {
      const acks = this.answers();
      this.script.after(100);
      acks.push(...this.answers()); // a timer may have gone off meanwhile
      this.script.burst(...acks);
      for (const from of this.tooBig.splice(0)) this.complain(from);
    }
    this.held.push(...this.script.sent());
    if (this.next <= octets) throw new Error(`only ${this.next - 1} octets have arrived`);
    return this;
  }

  /** The route changes, and takes segments of `most`, as far as is known. */
  route(most: number): void {
    this.script.pathChanges(most);
    this.held.push(...this.script.sent());
  }

  /** A router says so. What goes out at once is carried with the next round. */
  private complain(from: number): void {
    this.held.push(...this.script.sent());
    this.script.tooBig(from, this.takes, null);
  }

  private answers(): string[] {
    return [...this.held.splice(0), ...this.script.sent()]
      .map((line) => this.answer(line))
      .filter((ack) => ack !== null);
  }

  /** The ACK for a segment, or null. */
  private answer(line: string): string | null {
    const match = /^\S+ (\d+):(\d+)\(/.exec(line);
    if (match === null) return null;
    const from = Number(match[1]);
    const end = Number(match[2]);
    this.noteProbe(end - from);
    if (end - from > this.takes) {
      if (this.tells) this.tooBig.push(from);
      return null;
    }
    if (this.loses(from)) return null;
    this.take(from, end);
    const blocks = this.sack ? this.blocks(from) : [];
    return `. 1:1 ack ${this.next}${blocks.length > 0 ? ` <sack ${blocks.join(' ')}>` : ''}`;
  }

  /** RFC 2018 §4: the span that holds what has just arrived comes first. */
  private blocks(from: number): string[] {
    const latest = this.ahead.filter(([left, right]) => from >= left && from < right);
    const others = this.ahead.filter((span) => !latest.includes(span));
    return [...latest, ...others].slice(0, 4).map(([left, right]) => `${left}:${right}`);
  }

  private noteProbe(size: number): void {
    const { snd, congestion } = this.script.info();
    if (size <= snd.mss) return;
    if (size <= this.takes) {
      this.passed.push(size);
    } else if (size < 1460) {
      this.lost.push(size);
      this.lostAt.push(this.round);
      this.windows.push(congestion.cwnd / snd.mss);
    }
  }

  private take(from: number, end: number): void {
    this.ahead.push([from, end]);
    this.ahead.sort(([a], [b]) => a - b);
    const joined: [number, number][] = [];
    for (const [left, right] of this.ahead) {
      const last = joined.at(-1);
      if (last !== undefined && left <= last[1]) last[1] = Math.max(last[1], right);
      else joined.push([left, right]);
    }
    if (joined[0] !== undefined && joined[0][0] <= this.next) {
      this.next = Math.max(this.next, joined[0][1]);
      joined.shift();
    }
    this.ahead = joined;
  }
}
