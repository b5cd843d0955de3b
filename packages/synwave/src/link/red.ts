/** RED: random early detection (Floyd and Jacobson, 1993): the longer the queue is on average, the more packets are signalled. */
import type { Random } from '../base/random.ts';
import { type Arrival, type QueueManager, Verdict } from './aqm.ts';

export interface RedOptions {
  /** Octets of the average queue below which nothing happens; 7,500 by default: five packets. */
  readonly min?: number;
  /** Octets of the average queue from which on every packet is dropped; 22,500 by default. */
  readonly max?: number;
  /** Probability of a signal where the average queue comes near to `max`, 0 to 1; 0.1 by default. */
  readonly probability?: number;
  /** How much a packet's own queue counts in the average, above 0, at most 1; 0.002 by default. */
  readonly weight?: number;
}

/** Outside of the range from `min` to `max`, signals are not counted. */
const UNCOUNTED = -1;

export class Red implements QueueManager {
  private readonly settings: Required<RedOptions>;
  private readonly random: Random;
  private average = 0;
  /** Packets since the last signal. */
  private count = UNCOUNTED;
  /** The largest packet so far. */
  private largest = 1;

  /** Throws RangeError for settings that make no sense. */
  constructor(random: Random, { min = 7500, max = 22_500, probability = 0.1, weight = 0.002 }: RedOptions) {
    if (!(min >= 0 && min < max)) throw new RangeError(`red: min ${min} is not within 0 to max ${max}`);
    if (!(probability >= 0 && probability <= 1)) throw new RangeError(`red: probability ${probability}`);
    if (!(weight > 0 && weight <= 1)) throw new RangeError(`red: weight ${weight}`);
    this.settings = { min, max, probability, weight };
    this.random = random;
  }

  judge(arrival: Arrival): Verdict {
    const { min, max, probability } = this.settings;
    const chance = this.random.fraction();
    this.measure(arrival);
    const { average } = this;
    if (average < min) this.count = UNCOUNTED;
    if (average < min || !arrival.fits) return Verdict.Pass;
    if (average >= max) {
      this.count = 0;
      return Verdict.Drop; // RFC 3168 §19.1: heavy congestion is no time for marks
    }
    this.count++;
    const p = (probability * (average - min)) / (max - min);
    // Grows with the packets that were let by: the gaps between signals are spread evenly up to 1 / p, not in clusters.
    // The packet's size does not matter: small ones would be spared for nothing (RFC 7141 §2.2).
    const left = 1 - this.count * p;
    if (left > 0 && chance >= p / left) return Verdict.Pass;
    this.count = 0;
    return Verdict.Signal;
  }

  /** The average moves a little towards this packet's queue; while the line was free, as if packets had found it empty. */
  private measure({ length, waiting, idle }: Arrival): void {
    const { weight } = this.settings;
    if (length > this.largest) this.largest = length;
    if (idle > 0) this.average *= (1 - weight) ** (idle / this.largest);
    else this.average += weight * (waiting - this.average);
  }
}
