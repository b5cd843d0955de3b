/** RFC 6298: the round-trip time and the retransmission timeout that follows from it; RFC 8985's windowed minimum. */
import { type Micros, NEVER, SECOND } from '../../base/time.ts';
import type { TcpConfig } from '../config.ts';

/** The clock ticks in microseconds: G of RFC 6298 hardly matters, but stays above nothing. */
const G: Micros = 1_000;
/** How long a minimum lives (RFC 8985 §6.2 step 1 asks for a windowed one). */
const MIN_WINDOW: Micros = 150 * SECOND;

export class Rtt {
  srtt: Micros = 0;
  rttvar: Micros = 0;
  /** The timeout in force, backed off where the timer has expired. */
  rto: Micros;
  /** The newest sample; 0 before the first. */
  latest: Micros = 0;
  samples = 0;
  private minNow: Micros = NEVER;
  private minBefore: Micros = NEVER;
  private turned: Micros = 0;

  constructor(config: TcpConfig) {
    this.rto = config.rtoInitial;
  }

  /** The least round-trip time of the last minutes; NEVER before the first sample. */
  get min(): Micros {
    return Math.min(this.minNow, this.minBefore);
  }

  /** A sample from a segment that was sent once (Karn, MUST-18) or that its timestamp tells apart (RFC 7323 §4). */
  sample(rtt: Micros, config: TcpConfig, now: Micros): void {
    const r = Math.max(rtt, 1);
    if (this.samples === 0) {
      this.srtt = r; // §2.2
      this.rttvar = r / 2;
    } else {
      this.rttvar += (Math.abs(this.srtt - r) - this.rttvar) / 4; // §2.3
      this.srtt += (r - this.srtt) / 8;
    }
    this.samples++;
    this.latest = r;
    if (now - this.turned > MIN_WINDOW) {
      this.minBefore = this.minNow;
      this.minNow = NEVER;
      this.turned = now;
    }
    if (r < this.minNow) this.minNow = r;
    this.settle(config);
  }

  /** The timeout that the samples ask for, without backoff (§5.7: new text was acknowledged). */
  settle(config: TcpConfig): void {
    if (this.samples === 0) return;
    const rto = this.srtt + Math.max(G, 4 * this.rttvar, config.rtoVarianceMin) + config.rtoSlop;
    this.rto = Math.min(Math.max(Math.round(rto), config.rtoMin), config.rtoMax);
  }

  /** The timer expired: twice as long the next time (§5.5). */
  backOff(config: TcpConfig): void {
    this.rto = Math.min(this.rto * 2, config.rtoMax);
  }
}
