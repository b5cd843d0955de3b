/** Impairment: what becomes of each packet on one way of a link: delay, rate, loss and the like, by the time it is told. */
import { Frame } from '../base/frame.ts';
import type { Random } from '../base/random.ts';
import { MILLISECOND, type Micros, SECOND } from '../base/time.ts';
import { Arrival, type QueueManager, Verdict } from './aqm.ts';
import { Codel, type CodelOptions } from './codel.ts';
import { Red, type RedOptions } from './red.ts';

/** Losses that come in bursts: the model of Gilbert and Elliott, with one step for each packet. */
export interface BurstLoss {
  /** Probability of going over from the good state to the bad one, before a packet. */
  readonly enter: number;
  /** Probability of coming back, before a packet: a burst lasts 1 / `leave` packets on average. */
  readonly leave: number;
  /** Probability of a loss in the bad state; 1 by default. */
  readonly bad?: number;
  /** Probability of a loss in the good state; 0 by default. */
  readonly good?: number;
}

/**
 * What a script does to one packet: it is lost, comes twice, or with one bit wrong (which is counted from 0, the lowest of
 * the first octet; left out: any), comes so much later than the others, or not before a time.
 */
export type Fault =
  | 'drop'
  | 'duplicate'
  | 'corrupt'
  | { readonly corrupt: number }
  | { readonly delay: Micros }
  | { readonly until: Micros };

/** Looks at a packet (the frame is borrowed) that is handed over at `now`, and says what is to become of it; null: nothing. */
export type FaultScript = (frame: Frame, now: Micros) => Fault | null;

/** Nothing is to become of it. */
const UNTOUCHED: readonly Fault[] = [];

/** What one way of a link does to packets. All probabilities are 0 to 1; what is left out does nothing. */
export interface Impairments {
  /** How long a packet is on its way. */
  readonly delay?: Micros;
  /** Up to so much more, evenly spread. Packets keep their order all the same: none arrives before an earlier one. */
  readonly jitter?: Micros;
  /** Bits per second of the line: packets leave one after the other. 0: as many as there are. */
  readonly rate?: number;
  /**
   * Octets that may stand before the line, with what is left of the packet that is just leaving. A packet that would
   * make it more is dropped, unless the line is free. Only with `rate`; without it as many as there are.
   */
  readonly queue?: number;
  /**
   * Who keeps the queue short before it is full: nobody (`tail`, the default), RED or CoDel. Only with `rate`. A packet
   * that they drop takes no time on the line.
   */
  readonly aqm?: 'tail' | 'red' | 'codel';
  /** Settings of RED. Those left out are its own; a change makes it begin anew. */
  readonly red?: RedOptions;
  /** Settings of CoDel, likewise. */
  readonly codel?: CodelOptions;
  /** Whether RED and CoDel mark packets whose senders know ECN, instead of dropping them (RFC 3168 §5). */
  readonly ecn?: boolean;
  /** Probability that a packet is lost on its way. It has taken its time on the line then. */
  readonly loss?: number;
  /** Losses in bursts, beside `loss`; null: none. */
  readonly burst?: BurstLoss | null;
  /** Probability that a packet arrives twice. */
  readonly duplicate?: number;
  /** Probability that a packet is held up for `reorderBy`, so that later ones overtake it. */
  readonly reorder?: number;
  /** 1 ms by default. */
  readonly reorderBy?: Micros;
  /** Probability that one bit, anywhere in the packet, is flipped. */
  readonly corrupt?: number;
  /** Faults by script, beside those by chance; null: none. */
  readonly fault?: FaultScript | null;
}

/** Why a packet does not arrive: by chance, because the queue was full or was to be kept short, or because a script said so. */
export type LossReason = 'loss' | 'queue' | 'aqm' | 'fault';

/** Where packets go from an impairment. The frame is the outlet's from then on. Arrivals are whole microseconds, not before now. */
export interface Outlet {
  /**
   * The queue is congested: has the packet say so if its sender knows ECN, and answers whether it could. False: the packet
   * is dropped. Comes before what else becomes of the packet; `at` is when it arrives, null when it will be lost.
   */
  mark(frame: Frame, at: Micros | null): boolean;
  /** The packet arrives at `at`. */
  deliver(frame: Frame, at: Micros): void;
  /** It arrives at `at` with one bit wrong: the outlet is to call `flipBit`, when it has seen the packet as it was. */
  corrupt(frame: Frame, at: Micros, bit: number): void;
  /** After `deliver` or `corrupt`: a second one, in a frame of its own, arrives as well. */
  duplicate(frame: Frame, at: Micros): void;
  drop(frame: Frame, reason: LossReason): void;
  /**
   * Comes first: chance does that to the packet. As a fault by script it does the same again, whatever chance would do; so
   * of a packet that is lost nothing else is told.
   */
  chance?(fault: Fault): void;
}

type Settings = Required<Impairments>;

/** What becomes of one packet, by chance and by scripts; reused for all. */
class Fate {
  lost = false;
  lostByScript = false;
  twice = false;
  /** The bit that is wrong; -1: none. */
  bit = -1;
  late: Micros = 0;
  /** It arrives then at the earliest. */
  until: Micros = 0;

  begin(): this {
    this.lost = this.lostByScript = this.twice = false;
    this.bit = -1;
    this.late = this.until = 0;
    return this;
  }

  get isTouched(): boolean {
    return this.lost || this.twice || this.bit >= 0 || this.late > 0;
  }

  /** Whether later packets may overtake it. */
  get isHeldUp(): boolean {
    return this.late > 0 || this.until > 0;
  }
}

const NONE: Settings = {
  delay: 0,
  jitter: 0,
  rate: 0,
  queue: Number.POSITIVE_INFINITY,
  aqm: 'tail',
  red: {},
  codel: {},
  ecn: false,
  loss: 0,
  burst: null,
  duplicate: 0,
  reorder: 0,
  reorderBy: MILLISECOND,
  corrupt: 0,
  fault: null,
};

const PROBABILITIES = ['loss', 'duplicate', 'reorder', 'corrupt'] as const;
const AMOUNTS = ['delay', 'jitter', 'rate', 'queue', 'reorderBy'] as const;

/**
 * One way of a link. It has no clock: `pass` is told the time, which never goes back.
 *
 * Each kind of chance has a stream of numbers of its own and draws for every packet while it is on, whatever else
 * befalls the packet: with the same seed, turning one on does not change which packets meet the others.
 */
export class Impairment {
  private settings: Settings = NONE;
  private readonly chancy: boolean;
  /** Of the packet that passes. */
  private readonly fate: Fate = new Fate();
  private readonly losing: Random;
  private readonly bursting: Random;
  private readonly duplicating: Random;
  private readonly reordering: Random;
  private readonly corrupting: Random;
  private readonly jittering: Random;
  private readonly choosing: Random;
  private readonly scripting: Random;
  private readonly managing: Random;
  /** Who looks after the queue; null: nobody. */
  private manager: QueueManager | null = null;
  private readonly arrival: Arrival = new Arrival();
  private inBurst = false;
  /** When the line has sent all that was handed over. */
  private lineFree: Micros = 0;
  /** When the last packet in order arrives. */
  private lastArrival: Micros = 0;

  /**
   * `chancy`: whether packets are lost, doubled, held up and corrupted by chance; if not, only scripts do that, while
   * jitter and RED go on as they were. Throws RangeError for settings that make no sense.
   */
  constructor(random: Random, settings: Impairments = {}, chancy = true) {
    this.chancy = chancy;
    this.losing = random.fork('loss');
    this.bursting = random.fork('burst');
    this.duplicating = random.fork('duplicate');
    this.reordering = random.fork('reorder');
    this.corrupting = random.fork('corrupt');
    this.jittering = random.fork('jitter');
    this.choosing = random.fork('bit');
    this.scripting = random.fork('bit by script');
    this.managing = random.fork('red');
    this.set(settings);
  }

  /**
   * Changes the settings that are named; the others stay. It holds for packets from now on: those on their way arrive
   * as they would have, and a shorter delay lets nobody overtake them. Throws RangeError for what makes no sense.
   */
  set(settings: Impairments): void {
    const next = { ...this.settings, ...settings };
    for (const name of PROBABILITIES) checkProbability(name, next[name]);
    for (const name of AMOUNTS) if (!(next[name] >= 0)) throw new RangeError(`${name} ${next[name]} is below 0`);
    if (next.burst === null) this.inBurst = false;
    else {
      const { enter, leave, bad = 1, good = 0 } = next.burst;
      for (const p of [enter, leave, bad, good]) checkProbability('burst', p);
    }
    const { aqm, red, codel } = this.settings;
    if (next.aqm !== aqm || next.red !== red || next.codel !== codel) this.manager = managerOf(next, this.managing);
    this.settings = next;
  }

  /** Octets that wait for the line at `now`, with what is left of the packet that is just leaving. */
  queued(now: Micros): number {
    return this.lineFree > now ? ((this.lineFree - now) * this.settings.rate) / (8 * SECOND) : 0;
  }

  /**
   * Says what becomes of a packet that is handed over at `now`, by calling `out`. It owns the frame. `also`: faults of this
   * packet, in the place where chance has its own: those that `Outlet.chance` told have the same effect again.
   */
  pass(frame: Frame, now: Micros, out: Outlet, also: readonly Fault[] = UNTOUCHED): void {
    const { delay, jitter, fault } = this.settings;
    const fate = this.fate.begin();
    this.draw(fate, frame);
    if (out.chance !== undefined && fate.isTouched) tellChance(out, fate);
    const scripted = fault === null ? null : fault(frame, now);
    for (const each of also) this.suffer(fate, each, frame);
    if (scripted !== null) this.suffer(fate, scripted, frame);
    let travelled = now + delay;
    if (jitter > 0) travelled += this.jittering.fraction() * jitter;

    const at = this.queueUp(frame, now, travelled, fate, out);
    if (at === null) return;
    if (fate.lost) {
      out.drop(frame, fate.lostByScript ? 'fault' : 'loss');
      return;
    }
    if (!fate.isHeldUp) this.lastArrival = at;
    const copy = fate.twice ? Frame.from(frame.bytes.subarray(frame.at, frame.end)) : null;
    if (fate.bit >= 0 && frame.length > 0) out.corrupt(frame, at, fate.bit % (frame.length * 8));
    else out.deliver(frame, at);
    if (copy !== null) out.duplicate(copy, at);
  }

  /** What chance does to a packet. */
  private draw(fate: Fate, frame: Frame): void {
    if (!this.chancy) return;
    const { loss, burst, duplicate, reorder, reorderBy, corrupt } = this.settings;
    if (loss > 0 && this.losing.chance(loss)) fate.lost = true;
    if (burst !== null && this.burstTakes(burst)) fate.lost = true;
    if (duplicate > 0 && this.duplicating.chance(duplicate)) fate.twice = true;
    if (corrupt > 0 && this.corrupting.chance(corrupt)) fate.bit = anyBit(frame, this.choosing);
    if (reorder > 0 && this.reordering.chance(reorder)) fate.late += reorderBy;
  }

  /** What a script does to a packet. */
  private suffer(fate: Fate, fault: Fault, frame: Frame): void {
    if (fault === 'drop') fate.lost = fate.lostByScript = true;
    else if (fault === 'duplicate') fate.twice = true;
    else if (fault === 'corrupt') fate.bit = anyBit(frame, this.scripting);
    else if ('corrupt' in fault) fate.bit = fault.corrupt;
    else if ('delay' in fault) fate.late += fault.delay;
    else fate.until = Math.max(fate.until, fault.until);
  }

  /**
   * A packet that would arrive at `travelled`, but for its fate, passes the queue and takes its time on the line. Answers
   * when it arrives then; null: it was dropped here.
   */
  private queueUp(frame: Frame, now: Micros, travelled: Micros, fate: Fate, out: Outlet): Micros | null {
    const { rate, ecn } = this.settings;
    if (rate === 0) return this.inOrder(travelled, fate);
    const verdict = this.approach(frame.length, now);
    const { fits, turn } = this.arrival;
    if (!fits || verdict === Verdict.Drop) {
      out.drop(frame, fits ? 'aqm' : 'queue');
      return null;
    }
    const sent = turn + (frame.length * 8 * SECOND) / rate;
    const arrives = this.inOrder(travelled + (sent - now), fate);
    if (verdict === Verdict.Signal) {
      const marked = ecn && out.mark(frame, fate.lost ? null : arrives);
      this.manager?.signalled?.(marked);
      if (!marked) {
        out.drop(frame, 'aqm');
        return null;
      }
    }
    this.lineFree = sent;
    return arrives;
  }

  /** Not before an earlier packet; then who is held up is held up, and those behind are not. */
  private inOrder(at: Micros, { isHeldUp, late, until }: Fate): Micros {
    const arrives = Math.max(Math.ceil(at), this.lastArrival);
    return isHeldUp ? Math.ceil(Math.max(arrives + late, until)) : arrives;
  }

  /** A packet of `length` octets comes to the queue: how it finds it is in `arrival`, what is to become of it the answer. */
  private approach(length: number, now: Micros): Verdict {
    const { arrival, lineFree, manager } = this;
    const { rate, queue } = this.settings;
    arrival.now = now;
    arrival.length = length;
    arrival.waiting = this.queued(now);
    arrival.idle = lineFree < now ? ((now - lineFree) * rate) / (8 * SECOND) : 0;
    arrival.turn = Math.max(lineFree, now);
    arrival.fits = arrival.waiting === 0 || arrival.waiting + length <= queue;
    return manager === null ? Verdict.Pass : manager.judge(arrival);
  }

  private burstTakes({ enter, leave, bad = 1, good = 0 }: BurstLoss): boolean {
    if (this.bursting.chance(this.inBurst ? leave : enter)) this.inBurst = !this.inBurst;
    return this.bursting.chance(this.inBurst ? bad : good);
  }
}

/** Which bit is wrong; an empty frame has none. */
function anyBit(frame: Frame, random: Random): number {
  return frame.length === 0 ? -1 : random.below(frame.length * 8);
}

function tellChance(out: Outlet, { lost, twice, bit, late }: Fate): void {
  if (lost) out.chance?.('drop');
  else {
    if (twice) out.chance?.('duplicate');
    if (bit >= 0) out.chance?.({ corrupt: bit });
    if (late > 0) out.chance?.({ delay: late });
  }
}

/** Flips one bit of a packet: bit 0 is the lowest of the first octet. */
export function flipBit(frame: Frame, bit: number): void {
  (frame.bytes[frame.at + (bit >> 3)] as number) ^= 1 << (bit & 7);
}

/** Who looks after a queue of such settings; null: nobody. Throws RangeError for what makes no sense. */
function managerOf({ aqm, red, codel }: Settings, random: Random): QueueManager | null {
  const managers = { tail: null, red: new Red(random, red), codel: new Codel(codel) };
  if (!Object.hasOwn(managers, aqm)) throw new RangeError(`aqm ${aqm} is not tail, red or codel`);
  return managers[aqm];
}

function checkProbability(name: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`${name} ${p} is not within 0 to 1`);
}
