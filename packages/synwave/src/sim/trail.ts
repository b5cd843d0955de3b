/** Trail: what was handed to the cables of a run, one after the other, so that two runs can be compared as far as they are the same. */
import { Frame } from '../base/frame.ts';
import type { Micros } from '../base/time.ts';
import { PacketPrinter } from '../wire/text.ts';
import { EventHash } from './hash.ts';
import { secondsText } from './log.ts';
import type { Handed, PacketFault } from './meddling.ts';

/** Enough of a packet to print its headers: 22 octets of Ethernet, 60 of IP, 60 of TCP. */
const HEADERS = 142;

interface Step {
  readonly events: number;
  readonly time: Micros;
  /** `client-server` and `client`. */
  readonly cable: string;
  readonly from: string;
  /** Over all packets up to here. */
  readonly hash: string;
  readonly head: Uint8Array;
  readonly length: number;
  readonly ethernet: boolean;
}

/** A run that was to be the same again is another: the program does not depend on its world's seed alone. */
export class DivergedError extends Error {
  constructor(difference: string) {
    super(`the run is not the same again: ${difference}; is there chance or real time in the program?`);
    this.name = 'DivergedError';
  }
}

export class Trail {
  private readonly steps: Step[] = [];
  private readonly hash: EventHash = new EventHash();
  private readonly ways: Map<string, number> = new Map<string, number>();
  private readonly counts: Map<string, number> = new Map<string, number>();

  /** A packet is handed over, when so many events have happened. */
  note({ cable, from, time, frame }: Handed, events: number): void {
    const way = `${cable.name}\n${from}`;
    const number = this.ways.get(way) ?? this.ways.size;
    this.ways.set(way, number);
    this.counts.set(way, this.handed(cable.name, from) + 1);
    this.hash.packet(time, number, frame);
    const { bytes, at, length } = frame;
    this.steps.push({
      events,
      time,
      cable: cable.name,
      from,
      hash: this.hash.text,
      head: bytes.slice(at, at + Math.min(length, HEADERS)),
      length,
      ethernet: cable.ethernet,
    });
  }

  /** Throws RangeError for a packet that was handed over already. */
  refuse({ cable, from, n }: PacketFault): void {
    const handed = this.handed(cable, from);
    if (n <= handed) throw new RangeError(`packet ${n} from ${from} on ${cable} is past: ${handed} were handed over`);
  }

  private handed(cable: string, from: string): number {
    return this.counts.get(`${cable}\n${from}`) ?? 0;
  }

  /**
   * What differs first between this and `again`, which stands at that number of events and that time; null: nothing. This one
   * may have gone on, or not have come so far.
   */
  difference(again: Trail, events: number, time: Micros): string | null {
    const mine = this.steps.filter((step) => step.events <= events && step.time <= time);
    const theirs = mine.length === this.steps.length ? again.steps.slice(0, mine.length) : again.steps;
    const count = Math.max(mine.length, theirs.length);
    const last = count - 1;
    if (count === 0 || mine[last]?.hash === theirs[last]?.hash) return null;
    const first = Array.from({ length: count }, (_, i) => i).find((i) => mine[i]?.hash !== theirs[i]?.hash) ?? last;
    return `packet ${first + 1} was ${line(mine, first)}, and is ${line(theirs, first)}`;
  }
}

function line(steps: readonly Step[], i: number): string {
  const step = steps[i];
  if (step === undefined) return 'not sent';
  const { time, cable, from, head, length, ethernet } = step;
  const frame = Frame.from(head);
  const printer = new PacketPrinter();
  const text = ethernet ? printer.ethernetLine(frame, length) : printer.line(frame, length);
  return `"${text}" by ${from} on ${cable} at ${secondsText(time)}`;
}
