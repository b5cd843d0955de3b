/** RFC 9438: CUBIC. The window is a cubic function of the time since the last reduction. */
import { type Micros, NEVER, SECOND } from '../../base/time.ts';
import type { CongestionController } from './controller.ts';

/** RFC 9438 §4.1 and §4.6: how steep the curve is, and what a reduction leaves. */
const C = 0.4;
const BETA = 0.7;
/** What a mark leaves (RFC 8511 §3.1). */
const BETA_ECN = 0.85;
/** RFC 9438 §4.3: the additive increase that gives a Reno-like flow with BETA the same average window. */
const ALPHA = (3 * (1 - BETA)) / (1 + BETA);

/** What a reduction changed, so that a mistaken one can be taken back (RFC 9438 §4.9). */
interface Memory {
  readonly cwnd: number;
  readonly ssthresh: number;
  readonly wMax: number;
  readonly wEst: number;
  readonly k: number;
  readonly epoch: Micros;
}

export class Cubic implements CongestionController {
  readonly name = 'cubic';
  cwnd: number;
  ssthresh: number = Number.POSITIVE_INFINITY;
  private mss: number;
  private initial: number;
  private readonly limit: number;
  /** Window before the last reduction, in segments. */
  private wMax = 0;
  /** What Reno would have by now, in segments (§4.3). */
  private wEst = 0;
  /** The cwnd before the last reduction, in segments: up to there Reno's own slope suffices (§4.3). */
  private cwndPrior = 0;
  /** Seconds from the epoch until the curve is back at wMax. */
  private k = 0;
  /** When congestion avoidance began; NEVER: at the next ACK. */
  private epoch: Micros = NEVER;
  private before: Memory | null = null;

  constructor(mss: number, initial: number, limit: number) {
    this.mss = mss;
    this.initial = initial;
    this.limit = limit;
    this.cwnd = initial;
  }

  onAck(acked: number, rtt: Micros, limited: boolean, now: Micros): void {
    if (!limited) {
      // §5.8: time in which the window was not used does not count: the curve starts anew when it is.
      this.epoch = NEVER;
      return;
    }
    if (this.cwnd < this.ssthresh) {
      this.cwnd += Math.min(acked, this.limit * this.mss);
      return;
    }
    const window = this.cwnd / this.mss;
    if (this.epoch === NEVER) this.begin(window, now);
    const t = (now - this.epoch) / SECOND;
    const alpha = this.wEst >= this.cwndPrior ? 1 : ALPHA;
    this.wEst += (alpha * acked) / this.cwnd;
    const curve = this.curve(t);
    if (curve < this.wEst) {
      this.cwnd = Math.max(this.cwnd, Math.floor(this.wEst * this.mss)); // the Reno-friendly region, §4.3
      return;
    }
    // §4.2: the curve one round trip ahead is the target, within 1 to 1.5 windows.
    const target = Math.min(Math.max(this.curve(t + rtt / SECOND), window), 1.5 * window);
    this.cwnd += ((target - window) / window) * acked;
  }

  onCongestion(inFlight: number, marked: boolean): void {
    if (!marked) {
      this.remember();
      this.reduce(inFlight, BETA);
      return;
    }
    this.before = null;
    const beta = this.cwnd >= this.ssthresh ? BETA_ECN : BETA; // RFC 8511 §4: not in slow start
    const cwnd = Math.floor(this.cwnd * beta);
    this.reduce(inFlight, beta);
    this.cwnd = Math.max(Math.min(this.ssthresh, cwnd), this.mss); // §4.6: down to one segment
  }

  onRecovered(): void {
    this.cwnd = Math.min(this.cwnd, this.ssthresh);
  }

  onTimeout(inFlight: number, again: boolean): void {
    // §4.8: as RFC 5681, with BETA for one half.
    if (!again) {
      this.remember();
      this.reduce(inFlight, BETA);
    }
    this.cwnd = this.mss;
  }

  onSpurious(): void {
    const { before } = this;
    if (before === null) return;
    this.cwnd = Math.max(this.cwnd, before.cwnd);
    this.ssthresh = before.ssthresh;
    this.wMax = before.wMax;
    this.wEst = before.wEst;
    this.k = before.k;
    this.epoch = before.epoch;
    this.before = null;
  }

  onIdle(): void {
    this.cwnd = Math.min(this.cwnd, this.initial);
    this.epoch = NEVER;
  }

  onMss(mss: number): void {
    const ratio = this.mss / mss;
    this.wMax *= ratio;
    this.wEst *= ratio;
    this.cwndPrior *= ratio;
    this.before = null; // it counts in segments that are no more
    this.epoch = NEVER;
    this.mss = mss;
    this.initial = Math.max(this.initial, mss);
    this.cwnd = Math.max(this.cwnd, mss);
  }

  private curve(t: number): number {
    return C * (t - this.k) ** 3 + this.wMax;
  }

  /** §4.2: the epoch begins with congestion avoidance. */
  private begin(window: number, now: Micros): void {
    this.epoch = now;
    this.wEst = window;
    if (this.wMax <= window) {
      // After slow start without a reduction, §4.10: the plateau is where the window stands.
      this.wMax = window;
      this.k = 0;
    } else {
      this.k = Math.cbrt((this.wMax - window) / C);
    }
  }

  private reduce(inFlight: number, beta: number): void {
    const window = this.cwnd / this.mss;
    this.cwndPrior = window;
    // §4.7, fast convergence: a flow that could not come back to its old window makes room for others.
    this.wMax = window < this.wMax ? (window * (1 + beta)) / 2 : window;
    this.ssthresh = Math.max(Math.floor(inFlight * beta), 2 * this.mss);
    this.epoch = NEVER;
  }

  private remember(): void {
    const { cwnd, ssthresh, wMax, wEst, k, epoch } = this;
    this.before = { cwnd, ssthresh, wMax, wEst, k, epoch };
  }
}
