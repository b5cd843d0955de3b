/** Cache: answers for as long as they may be kept (RFC 1035 §7.4, RFC 2308 §5), so many and no more. */
import type { Micros } from '../base/time.ts';

interface Entry<T> {
  readonly value: T;
  readonly expires: Micros;
}

export class Cache<T> {
  private readonly most: number;
  /** Those asked for longest ago come first. */
  private readonly entries: Map<string, Entry<T>> = new Map<string, Entry<T>>();

  constructor(most: number) {
    this.most = most;
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: string, now: Micros): T | null {
    const entry = this.entries.get(key);
    if (entry === undefined) return null;
    this.entries.delete(key);
    if (entry.expires <= now) return null;
    this.entries.set(key, entry);
    return entry.value;
  }

  /** What was asked for longest ago gives way. */
  put(key: string, value: T, expires: Micros): void {
    this.entries.delete(key);
    this.entries.set(key, { value, expires });
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.most) return;
      this.entries.delete(oldest);
    }
  }

  clear(): void {
    this.entries.clear();
  }
}
