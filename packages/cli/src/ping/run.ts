/** A ping as it runs: an echo each interval, whatever becomes of those before, and what they come to together. */
import { MILLISECOND, type Micros, type PingAnswer } from 'synwave';
import type { Place } from '../place.ts';

export interface PingPlan {
  readonly address: string;
  /** Infinity: until it is stopped. */
  readonly count: number;
  readonly interval: Micros;
  readonly size: number;
  /** Left out: the host's. */
  readonly ttl?: number;
  readonly timeout: Micros;
}

/** Milliseconds. */
interface RoundTrips {
  readonly min: number;
  readonly avg: number;
  readonly max: number;
  /** The standard deviation, as ping has it. */
  readonly mdev: number;
}

export interface Statistics {
  readonly transmitted: number;
  readonly received: number;
  readonly errors: number;
  /** Milliseconds from the first request to the last. */
  readonly time: number;
  /** Null without any reply. */
  readonly rtt: RoundTrips | null;
}

export class PingRun {
  private readonly place: Place;
  private readonly plan: PingPlan;
  private readonly tell: (seq: number, answer: PingAnswer) => void;
  private readonly times: number[] = [];
  private transmitted = 0;
  private errors = 0;
  private waiting = 0;
  private began: Micros = 0;
  private sentAt: Micros = 0;
  private failure: unknown = null;
  private stopped = false;
  private wake: () => void = () => undefined;

  /** `tell` is told of each answer as it comes, and of each silence; sequence numbers begin at 1. */
  constructor(place: Place, plan: PingPlan, tell: (seq: number, answer: PingAnswer) => void) {
    this.place = place;
    this.plan = plan;
    this.tell = tell;
  }

  /** No more echoes, and no more waiting. */
  stop(): void {
    this.stopped = true;
    this.wake();
  }

  /** Resolves when all are answered, or waited for. Rejects when an echo cannot be sent. */
  async run(): Promise<void> {
    const { place, plan } = this;
    this.began = place.now();
    while (!this.stopped && this.transmitted < plan.count) {
      if (this.transmitted > 0) await this.rest(plan.interval);
      if (!this.stopped) this.send();
      // What cannot be sent is known in a moment.
      await Promise.resolve();
    }
    const until = this.sentAt + this.patience();
    while (!this.stopped && this.waiting > 0 && place.now() < until) await this.rest(until - place.now(), true);
    if (this.failure !== null) throw this.failure;
  }

  get statistics(): Statistics {
    const { transmitted, times, errors, began, sentAt } = this;
    return {
      transmitted,
      received: times.length,
      errors,
      time: Math.round((sentAt - began) / MILLISECOND),
      rtt: times.length === 0 ? null : roundTrips(times),
    };
  }

  private send(): void {
    const { place, plan } = this;
    const { address, size, ttl, timeout } = plan;
    const seq = ++this.transmitted;
    this.waiting++;
    this.sentAt = place.now();
    place.host.ping(address, { size, timeout, ...(ttl === undefined ? {} : { ttl }) }).then(
      (answer) => this.settle(seq, answer),
      (error: unknown) => {
        this.failure ??= error;
        this.stop();
      },
    );
  }

  private settle(seq: number, answer: PingAnswer): void {
    this.waiting--;
    if (this.stopped) return;
    if (answer.type === 'reply') this.times.push(answer.time / MILLISECOND);
    else if (answer.type !== 'timeout') this.errors++;
    this.tell(seq, answer);
    if (this.waiting === 0 && this.transmitted === this.plan.count) this.wake();
  }

  /** After the last: as long as the timeout says, or twice the longest round trip when somebody is there. */
  private patience(): Micros {
    const { interval, timeout } = this.plan;
    const longest = Math.max(0, ...this.times.slice(-1000)) * MILLISECOND;
    return this.times.length === 0 ? timeout : Math.max(interval, 2 * longest);
  }

  /** `last`: it ends early when nothing is waited for any more. */
  private rest(span: Micros, last = false): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    if (last && this.waiting === 0) return Promise.resolve();
    return Promise.race([this.place.sleep(span), woken]);
  }
}

function roundTrips(times: readonly number[]): RoundTrips {
  let [min, max, sum, squares] = [Number.POSITIVE_INFINITY, 0, 0, 0];
  for (const time of times) {
    min = Math.min(min, time);
    max = Math.max(max, time);
    sum += time;
    squares += time * time;
  }
  const avg = sum / times.length;
  const mdev = Math.sqrt(Math.max(0, squares / times.length - avg * avg));
  return { min, avg, max, mdev };
}
