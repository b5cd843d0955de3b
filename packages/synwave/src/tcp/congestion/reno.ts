/** RFC 5681 §3.1: slow start and congestion avoidance, counting octets (RFC 3465). */
import type { Micros } from '../../base/time.ts';
import type { CongestionController } from './controller.ts';

/** What a loss leaves of the flight (RFC 5681 §3.1, equation (4)), and what a mark does (RFC 8511 §3). */
const BETA = 0.5;
const BETA_ECN = 0.8;

export class Reno implements CongestionController {
  readonly name = 'reno';
  cwnd: number;
  ssthresh: number = Number.POSITIVE_INFINITY;
  private mss: number;
  private initial: number;
  private readonly limit: number;
  private counted = 0;
  private afterTimeout = false;
  /** What onSpurious restores. */
  private before: { cwnd: number; ssthresh: number } | null = null;

  constructor(mss: number, initial: number, limit: number) {
    this.mss = mss;
    this.initial = initial;
    this.limit = limit;
    this.cwnd = initial;
  }

  onAck(acked: number, _rtt: Micros, limited: boolean): void {
    if (!limited) return; // RFC 7661: a window that was not used proves nothing
    if (this.cwnd < this.ssthresh) {
      this.cwnd += Math.min(acked, this.afterTimeout ? this.mss : this.limit * this.mss);
    } else {
      this.afterTimeout = false;
      this.counted += acked;
      if (this.counted >= this.cwnd) {
        this.counted -= this.cwnd;
        this.cwnd += this.mss;
      }
    }
  }

  onCongestion(inFlight: number, marked: boolean): void {
    this.counted = 0;
    if (!marked) {
      this.remember();
      this.reduce(inFlight, BETA);
      return;
    }
    this.before = null;
    const beta = this.cwnd >= this.ssthresh ? BETA_ECN : BETA; // RFC 8511 §4: not in slow start
    this.reduce(inFlight, beta);
    // RFC 3168 §6.1.2: marks go on narrowing it, down to one segment.
    this.cwnd = Math.max(Math.min(this.ssthresh, Math.floor(this.cwnd * beta)), this.mss);
  }

  onRecovered(): void {
    this.cwnd = Math.min(this.cwnd, this.ssthresh);
  }

  onTimeout(inFlight: number, again: boolean): void {
    // RFC 5681 §3.1: a segment that timed out before keeps the ssthresh it was given then.
    if (!again) {
      this.remember();
      this.reduce(inFlight, BETA);
    }
    this.cwnd = this.mss;
    this.counted = 0;
    this.afterTimeout = true;
  }

  onSpurious(): void {
    if (this.before === null) return;
    this.cwnd = Math.max(this.cwnd, this.before.cwnd);
    this.ssthresh = this.before.ssthresh;
    this.before = null;
    this.afterTimeout = false;
  }

  onIdle(): void {
    this.cwnd = Math.min(this.cwnd, this.initial);
  }

  onMss(mss: number): void {
    this.mss = mss;
    this.initial = Math.max(this.initial, mss);
    this.cwnd = Math.max(this.cwnd, mss);
  }

  private reduce(inFlight: number, beta: number): void {
    this.ssthresh = Math.max(Math.floor(inFlight * beta), 2 * this.mss);
  }

  private remember(): void {
    this.before = { cwnd: this.cwnd, ssthresh: this.ssthresh };
  }
}
