/** EventLog: the last things that happened in a world, kept cheaply and put into words only when somebody asks. */
import { Frame } from '../base/frame.ts';
import type { Micros } from '../base/time.ts';
import { Protocol } from '../wire/ip.ts';
import { PacketPrinter } from '../wire/text.ts';
import { upperAt, upperProtocol } from './upper.ts';

/** How many packets are kept, and other things. */
const PACKETS = 1024;
const NOTES = 64;

/** Enough of a frame to print its headers: 22 octets of Ethernet, 60 of IP, 60 of TCP; in words. */
const WORDS = 36;
const HEADERS = 4 * WORDS;

/** Packets whose octets stand in one buffer. */
const SLAB = 64;

/** RFC 9293 §3.1. */
const TCP_OFFSET = 12;

/** A packet that was handed to a cable, and what became of it. */
export interface LogEntry {
  /** Which of all that were ever written down: a record is used again. */
  serial: number;
  time: Micros;
  order: number;
  what: string;
  length: number;
  ethernet: boolean;
  /** What became of it, and when; empty: nothing yet. */
  fate: string;
  fateTime: Micros;
  fateOrder: number;
  /** The slab where its first octets are, and where in it. */
  readonly view: DataView;
  readonly at: number;
  kept: number;
}

interface Note {
  readonly time: Micros;
  readonly order: number;
  readonly what: string;
}

/** One event, in words. */
export interface LogLine {
  readonly text: string;
  /** The packet as it is printed; empty: it was not about a packet. */
  readonly packet: string;
}

export class EventLog {
  private readonly entries: LogEntry[] = [];
  private readonly notes: Note[] = [];
  private slab: DataView | null = null;
  private at = 0;
  private orders = 0;

  /** Something that is not about a packet. */
  note(time: Micros, what: string): void {
    this.notes.push({ time, order: this.orders++, what });
    if (this.notes.length > NOTES) this.notes.shift();
  }

  /** A packet is handed to a cable; `what` should be a constant, for it is kept as it is. `ip`: its IP header, or -1. */
  packet(time: Micros, what: string, frame: Frame, ethernet: boolean, ip: number): LogEntry {
    const entry = this.entry();
    entry.serial = this.orders;
    entry.time = time;
    entry.order = this.orders++;
    entry.what = what;
    entry.length = frame.length;
    entry.ethernet = ethernet;
    entry.fate = '';
    this.keep(entry, frame, ip);
    return entry;
  }

  /** What became of a packet. `entry`, with the serial number that it had then; it may be another's by now. */
  fate(time: Micros, what: string, frame: Frame, entry: LogEntry, serial: number, ethernet: boolean): void {
    if (entry.serial === serial && entry.fate === '') {
      entry.fate = what;
      entry.fateTime = time;
      entry.fateOrder = this.orders++;
    } else this.packet(time, what, frame, ethernet, -1); // a copy, or one that has been on its way for long
  }

  /** The events that are known, oldest first. */
  lines(): LogLine[] {
    const printer = new PacketPrinter();
    const events: { order: number; line: LogLine }[] = [];
    const add = (order: number, time: Micros, what: string, packet: string): void => {
      const text = `${secondsText(time)} ${what}${packet === '' ? '' : `: ${packet}`}`;
      events.push({ order, line: { text, packet } });
    };
    for (const { order, time, what } of this.notes) add(order, time, what, '');
    const inOrder = [...this.entries.slice(this.at), ...this.entries.slice(0, this.at)];
    for (const entry of inOrder) {
      const { view, at, kept, length } = entry;
      const frame = Frame.from(new Uint8Array(view.buffer, at, kept));
      const packet = entry.ethernet ? printer.ethernetLine(frame, length) : printer.line(frame, length);
      add(entry.order, entry.time, entry.what, packet);
      if (entry.fate !== '') add(entry.fateOrder, entry.fateTime, entry.fate, packet);
    }
    return events.sort((a, b) => a.order - b.order).map(({ line }) => line);
  }

  /** Its headers, word by word; all that there is room for of what is not TCP. */
  private keep(entry: LogEntry, { view: from, at: begin, length }: Frame, ip: number): void {
    const kept = Math.min(length, HEADERS, ip < 0 ? HEADERS : headersOf(from, begin, ip, begin + length));
    const { view, at } = entry;
    let i = 0;
    for (; i + 4 <= kept; i += 4) view.setInt32(at + i, from.getInt32(begin + i));
    for (; i < kept; i++) view.setInt8(at + i, from.getInt8(begin + i));
    entry.kept = kept;
  }

  /** The record to write on: a new one, or the oldest. */
  private entry(): LogEntry {
    const { entries } = this;
    const count = entries.length;
    if (count < PACKETS) {
      if (this.slab === null || count % SLAB === 0) this.slab = new DataView(new ArrayBuffer(SLAB * HEADERS));
      const entry = { ...EMPTY, view: this.slab, at: (count % SLAB) * HEADERS };
      entries.push(entry);
      return entry;
    }
    const entry = entries[this.at] as LogEntry;
    this.at = (this.at + 1) % PACKETS;
    return entry;
  }
}

const EMPTY: Omit<LogEntry, 'view' | 'at'> = {
  serial: 0,
  time: 0,
  order: 0,
  what: '',
  length: 0,
  ethernet: false,
  fate: '',
  fateTime: 0,
  fateOrder: 0,
  kept: 0,
};

/** Octets up to the text of a TCP segment that follows the IP header at once; of anything else, whatever there is. */
function headersOf(view: DataView, begin: number, ip: number, end: number): number {
  if (upperProtocol(view, ip, end) !== Protocol.Tcp) return HEADERS;
  const tcp = upperAt(view, ip);
  return tcp + TCP_OFFSET >= end ? HEADERS : tcp + ((view.getUint8(tcp + TCP_OFFSET) >> 4) << 2) - begin;
}

/** A time or a span, in seconds with six digits: `12.345678 s`. */
export function secondsText(time: Micros): string {
  return `${(time / 1_000_000).toFixed(6)} s`;
}
