/** RFC 5681 §3.1: slow start and congestion avoidance, counting octets (RFC 3465). */
import type { Micros } from '../../base/time.ts';
import type { CongestionController } from './controller.ts';

export class Reno implements CongestionController {
  readonly name = 'reno';
  cwnd: number;
  ssthresh: number = Number.POSITIVE_INFINITY;
  private readonly mss: number;
  private readonly initial: number;
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

  onCongestion(inFlight: number): void {
    this.remember();
    this.ssthresh = Math.max(inFlight >> 1, 2 * this.mss); // RFC 5681 §3.1, equation (4)
    this.counted = 0;
  }

  onRecovered(): void {
    this.cwnd = Math.min(this.cwnd, this.ssthresh);
  }

  onTimeout(inFlight: number, again: boolean): void {
    // RFC 5681 §3.1: a segment that timed out before keeps the ssthresh it was given then.
    if (!again) {
      this.remember();
      this.ssthresh = Math.max(inFlight >> 1, 2 * this.mss);
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

  private remember(): void {
    this.before = { cwnd: this.cwnd, ssthresh: this.ssthresh };
  }
}
