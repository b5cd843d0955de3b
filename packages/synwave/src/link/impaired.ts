/** Impaired: a link whose packets are delayed, lost and so on, both ways, by the clock of whoever drives it. */
import { Frame } from '../base/frame.ts';
import type { Random } from '../base/random.ts';
import type { Micros } from '../base/time.ts';
import { flipBit, Impairment, type Impairments, type Outlet } from './impair.ts';
import type { Link, Offloads, Receiver } from './link.ts';

/** Time, as drivers have it. */
export interface LinkClock {
  now(): Micros;
  /** Calls `act` when `span` has passed. */
  after(span: Micros, act: () => void): { cancel(): void };
}

export interface ImpairedOptions {
  readonly clock: LinkClock;
  /** The same seed and the same packets: the same losses. */
  readonly random: Random;
  /** For both directions. */
  readonly impairments: Impairments;
}

/** A packet on its way. */
interface Transit {
  readonly frame: Frame;
  readonly at: Micros;
}

/** One direction: what the impairment lets through waits here until its time has come. */
class Way implements Outlet {
  dropped = 0;
  private readonly impairment: Impairment;
  private readonly clock: LinkClock;
  private readonly arrive: (frame: Frame) => void;
  /** By time, those of one time in the order in which they came. */
  private readonly waiting: Transit[] = [];
  private alarm: { cancel(): void } | null = null;
  private alarmAt: Micros = 0;

  constructor(clock: LinkClock, impairment: Impairment, arrive: (frame: Frame) => void) {
    this.clock = clock;
    this.impairment = impairment;
    this.arrive = arrive;
  }

  send(frame: Frame): void {
    this.impairment.pass(frame, this.clock.now(), this);
  }

  deliver(frame: Frame, at: Micros): void {
    // Most packets arrive after all that are on their way: look from behind.
    const before = this.waiting.findLastIndex((transit) => transit.at <= at);
    this.waiting.splice(before + 1, 0, { frame, at });
    this.arm();
  }

  corrupt(frame: Frame, at: Micros, bit: number): void {
    flipBit(frame, bit);
    this.deliver(frame, at);
  }

  duplicate(frame: Frame, at: Micros): void {
    this.deliver(frame, at);
  }

  drop(frame: Frame): void {
    this.dropped++;
    frame.release();
  }

  /** One alarm, for the packet that comes first. */
  private arm(): void {
    const [first] = this.waiting;
    if (first === undefined || (this.alarm !== null && this.alarmAt <= first.at)) return;
    this.alarm?.cancel();
    this.alarmAt = first.at;
    this.alarm = this.clock.after(Math.max(first.at - this.clock.now(), 0), () => this.expire());
  }

  private expire(): void {
    this.alarm = null;
    const now = this.clock.now();
    while (this.waiting[0] !== undefined && this.waiting[0].at <= now) {
      const { frame } = this.waiting.shift() as Transit;
      this.arrive(frame);
    }
    this.arm();
  }
}

/** What `impaired` answers: a link, and what it has lost. */
export interface ImpairedLink extends Link {
  /** Packets lost so far, in both directions. */
  readonly dropped: number;
}

class Impaired implements ImpairedLink {
  readonly deliver?: () => number;
  private readonly link: Link;
  private readonly out: Way;
  private readonly back: Way;
  private receiver: Receiver | null = null;

  constructor(link: Link, { clock, random, impairments }: ImpairedOptions) {
    this.link = link;
    this.out = new Way(clock, new Impairment(random.fork('forward'), impairments), (frame) => link.send(frame));
    this.back = new Way(clock, new Impairment(random.fork('backward'), impairments), (frame) => {
      this.receiver?.frameArrives(frame);
    });
    if (link.deliver !== undefined) this.deliver = () => link.deliver?.() ?? 0;
  }

  get name(): string {
    return this.link.name;
  }

  get mtu(): number {
    return this.link.mtu;
  }

  get offloads(): Offloads {
    return this.link.offloads;
  }

  get dropped(): number {
    return this.out.dropped + this.back.dropped;
  }

  send(frame: Frame): void {
    this.out.send(frame);
  }

  attach(receiver: Receiver): void {
    this.receiver = receiver;
    this.link.attach({
      // The frame is the link's again afterwards: a copy goes on its way.
      frameArrives: (frame) => this.back.send(Frame.from(frame.bytes.subarray(frame.at, frame.end))),
      framesWait: () => receiver.framesWait(),
    });
  }
}

/**
 * Puts an impairment before a link of real time: what is sent and what arrives passes through it. Throws RangeError for
 * impairments that make no sense.
 */
export function impaired(link: Link, options: ImpairedOptions): ImpairedLink {
  return new Impaired(link, options);
}
