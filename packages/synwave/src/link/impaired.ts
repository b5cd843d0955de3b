/** Impaired: a link whose packets are delayed, lost and so on, both ways, by the clock of whoever drives it. */
import { Frame } from '../base/frame.ts';
import type { Mac } from '../base/mac.ts';
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
  /**
   * How a packet is marked where the impairment `ecn` asks for it: answers whether it could be. For a link of IP packets
   * `(frame) => markCongestion(frame, frame.at)`. Left out: packets are dropped instead.
   */
  readonly mark?: (frame: Frame) => boolean;
}

/** A packet on its way. */
interface Transit {
  readonly frame: Frame;
  readonly at: Micros;
}

/** One direction: what the impairment lets through waits here until its time has come. */
class Way implements Outlet {
  dropped = 0;
  marked = 0;
  private readonly impairment: Impairment;
  private readonly clock: LinkClock;
  private readonly marker: (frame: Frame) => boolean;
  private readonly arrive: (frame: Frame) => void;
  /** By time, those of one time in the order in which they came. */
  private readonly waiting: Transit[] = [];
  private alarm: { cancel(): void } | null = null;
  private alarmAt: Micros = 0;

  constructor(options: ImpairedOptions, direction: string, arrive: (frame: Frame) => void) {
    const { clock, random, impairments, mark = () => false } = options;
    this.clock = clock;
    this.impairment = new Impairment(random.fork(direction), impairments);
    this.marker = mark;
    this.arrive = arrive;
  }

  send(frame: Frame): void {
    this.impairment.pass(frame, this.clock.now(), this);
  }

  mark(frame: Frame): boolean {
    const marked = this.marker(frame);
    if (marked) this.marked++;
    return marked;
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
  /** Packets marked so far, in both directions. */
  readonly marked: number;
}

class Impaired implements ImpairedLink {
  /** There as it is with the link itself. */
  readonly mac?: Mac;
  readonly deliver?: () => number;
  private readonly link: Link;
  private readonly out: Way;
  private readonly back: Way;
  private receiver: Receiver | null = null;

  constructor(link: Link, options: ImpairedOptions) {
    this.link = link;
    this.out = new Way(options, 'forward', (frame) => link.send(frame));
    this.back = new Way(options, 'backward', (frame) => this.receiver?.frameArrives(frame));
    if (link.mac !== undefined) this.mac = link.mac;
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

  get marked(): number {
    return this.out.marked + this.back.marked;
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
