/** EventLog: the last few things that happened in a world, kept cheaply and put into words only when somebody asks. */
import { Frame } from '../base/frame.ts';
import type { Micros } from '../base/time.ts';
import { PacketPrinter } from '../wire/text.ts';

/** How many are kept. */
const LAST = 20;

/** Enough of a frame to print its headers: 22 octets of Ethernet, 60 of IP, 60 of TCP. */
const HEADERS = 142;

interface Entry {
  time: Micros;
  what: string;
  /** Null: it was not about a packet. Its first octets and its length. */
  readonly frame: Frame;
  /** -1: it was not about a packet. */
  length: number;
  ethernet: boolean;
}

export class EventLog {
  private readonly entries: Entry[] = [];
  private at = 0;

  /** Something that is not about a packet. */
  note(time: Micros, what: string): void {
    const entry = this.entry();
    entry.time = time;
    entry.what = what;
    entry.length = -1;
  }

  /** Something that befell a packet; `what` should be a constant, for it is kept as it is. */
  packet(time: Micros, what: string, frame: Frame, ethernet: boolean): void {
    const entry = this.entry();
    entry.time = time;
    entry.what = what;
    entry.length = frame.length;
    entry.ethernet = ethernet;
    const { bytes, at } = frame;
    const kept = Math.min(frame.length, HEADERS);
    const into = entry.frame.bytes;
    for (let i = 0; i < kept; i++) into[i] = bytes[at + i] as number;
    entry.frame.at = 0;
    entry.frame.end = kept;
  }

  /** One line each, oldest first. */
  lines(): string[] {
    const printer = new PacketPrinter();
    const inOrder = [...this.entries.slice(this.at), ...this.entries.slice(0, this.at)];
    return inOrder.map(({ time, what, frame, length, ethernet }) => {
      const head = `${secondsText(time)} ${what}`;
      if (length < 0) return head;
      return `${head}: ${ethernet ? printer.ethernetLine(frame, length) : printer.line(frame, length)}`;
    });
  }

  /** The record to write on: a new one, or the oldest. */
  private entry(): Entry {
    const { entries } = this;
    if (entries.length < LAST) {
      const entry = { time: 0, what: '', frame: new Frame(HEADERS), length: -1, ethernet: false };
      entries.push(entry);
      return entry;
    }
    const entry = entries[this.at] as Entry;
    this.at = (this.at + 1) % LAST;
    return entry;
  }
}

/** A time or a span, in seconds with six digits: `12.345678 s`. */
export function secondsText(time: Micros): string {
  return `${(time / 1_000_000).toFixed(6)} s`;
}
