/** Rate: a bucket of tokens for each client, so that nobody's questions, or questions in somebody's name, are too many. */
import { type Micros, SECOND } from '../base/time.ts';

/** Clients that are remembered; the one that was silent for longest gives way. */
const CLIENTS = 4096;

interface Bucket {
  tokens: number;
  at: Micros;
}

export class Rate {
  private readonly perSecond: number;
  private readonly buckets: Map<string, Bucket> = new Map<string, Bucket>();

  constructor(perSecond: number) {
    this.perSecond = perSecond;
  }

  /** Whether `client` may have one more answered at `now`: a second's worth at once, and as many in each second. */
  allows(client: string, now: Micros): boolean {
    const { perSecond, buckets } = this;
    const bucket = buckets.get(client) ?? { tokens: perSecond, at: now };
    buckets.delete(client);
    buckets.set(client, bucket);
    for (const oldest of buckets.keys()) {
      if (buckets.size <= CLIENTS) break;
      buckets.delete(oldest);
    }
    bucket.tokens = Math.min(perSecond, bucket.tokens + ((now - bucket.at) * perSecond) / SECOND);
    bucket.at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }
}
