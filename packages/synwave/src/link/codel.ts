/**
 * CoDel: controlled delay (RFC 8289): packets that waited too long, for too long a time, are signalled, ever more often.
 *
 * The RFC decides when a packet has its turn at the line. Here the decision is taken when it comes to the queue, for all
 * that the RFC looks at is known by then. Packets have their turns in the order in which they come, and the line has a
 * rate: so the turn of a packet is when those before it, whose fates are decided, are sent, and its sojourn time is the
 * time until then. The state of the RFC's routine only changes at turns, so it can be led through them one by one ahead
 * of time. Three cases need thought:
 *
 * - A packet is dropped at its turn, and the RFC's routine takes up the next one in the same moment. So it is here: a
 *   dropped packet takes no time on the line, and the next one has its turn when that one had. If it comes later, the
 *   RFC's routine found the queue empty; the line is free then, and a sojourn time of 0 does the same.
 * - The queue runs empty, and the RFC's routine hears of it. The next packet finds the line free: 0 again.
 * - The RFC spares a packet when no more than one packet's worth of octets stands behind it. That alone is not known
 *   ahead. The octets in front of it when it comes are taken instead: as many as the line sends in its sojourn time, and
 *   as many as come in that time while the queue neither grows nor shrinks. Where they differ, at the end of a burst, a
 *   packet may be signalled that the RFC would spare (§5.7: the number need not be exact).
 */
import { MILLISECOND, type Micros, NEVER } from '../base/time.ts';
import { type Arrival, type QueueManager, Verdict } from './aqm.ts';

export interface CodelOptions {
  /** Sojourn time that is no harm; 5 ms by default (RFC 8289 §4.3). */
  readonly target?: Micros;
  /** How long it may be more than that, without a pause: about the longest round trip; 100 ms by default (§4.2). */
  readonly interval?: Micros;
}

/** Intervals after which the rate of signals begins anew, instead of where it left off (§5.5). */
const MEMORY = 16;

export class Codel implements QueueManager {
  private readonly target: Micros;
  private readonly interval: Micros;
  /** When it will have been too long if it stays above the target; NEVER: it was below last. */
  private firstAbove: Micros = NEVER;
  private dropNext: Micros = 0;
  private count = 0;
  private lastCount = 0;
  private dropping = false;
  /** The largest packet so far, for the RFC's maxpacket. */
  private largest = 0;
  /** Whether the last signal was the first of a row. */
  private first = false;
  /** Whether the one after the last drop is still to be planned: by the next packet, which has its turn in the same moment. */
  private unplanned = false;

  /** Throws RangeError for settings that make no sense. */
  constructor({ target = 5 * MILLISECOND, interval = 100 * MILLISECOND }: CodelOptions) {
    if (!(target >= 0)) throw new RangeError(`codel: target ${target} is below 0`);
    if (!(interval > 0)) throw new RangeError(`codel: interval ${interval} is not above 0`);
    this.target = target;
    this.interval = interval;
  }

  /** §5.5, dequeue, for one packet. */
  judge(arrival: Arrival): Verdict {
    if (!arrival.fits) return Verdict.Pass; // dropped by the full queue, which is not counted (§5.4)
    const { turn } = arrival;
    const { unplanned } = this;
    this.unplanned = false;
    if (!this.isTooLong(arrival)) {
      this.dropping = false;
      return Verdict.Pass;
    }
    if (!this.dropping) return this.begin(turn);
    if (unplanned) this.dropNext = this.controlLaw(this.dropNext);
    if (turn < this.dropNext) return Verdict.Pass;
    this.first = false;
    this.count++;
    return Verdict.Signal;
  }

  /** A marked packet is sent, so there is no second one in the same moment. The first signal has planned the next already. */
  signalled(marked: boolean): void {
    if (this.first) return;
    if (marked) this.dropNext = this.controlLaw(this.dropNext);
    else this.unplanned = true;
  }

  /** §5.5: enters the drop state, with the rate of signals of the last one if that was not long ago. */
  private begin(turn: Micros): Verdict {
    const delta = this.count - this.lastCount;
    this.count = delta > 1 && turn - this.dropNext < MEMORY * this.interval ? delta : 1;
    this.lastCount = this.count;
    this.dropNext = this.controlLaw(turn);
    this.dropping = true;
    this.first = true;
    return Verdict.Signal;
  }

  /** §5.6, dodequeue: whether the sojourn time has been above the target for an interval. */
  private isTooLong({ length, waiting, now, turn }: Arrival): boolean {
    if (length > this.largest) this.largest = length;
    if (turn - now < this.target || waiting <= this.largest) {
      this.firstAbove = NEVER;
      return false;
    }
    if (this.firstAbove !== NEVER) return turn >= this.firstAbove;
    this.firstAbove = turn + this.interval;
    return false;
  }

  /** §5.6: signals come closer with the square root of their number. */
  private controlLaw(from: Micros): Micros {
    return from + this.interval / Math.sqrt(this.count);
  }
}
