/** SendBuffer: the user's octets from the first that is not acknowledged to the last that is not sent. */
import type { Ring } from '../../base/ring.ts';
import type { Store } from '../store.ts';

export class SendBuffer {
  /** Octets held, from the head of the ring. */
  length = 0;
  /** The most it may hold. */
  capacity: number;
  private ring: Ring | null = null;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Octets that `write` would take. */
  get room(): number {
    return Math.max(0, this.capacity - this.length);
  }

  /** Copies octets in; answers how many fitted: fewer when full, or when the host's memory is used up. */
  write(store: Store, from: Uint8Array, at: number, count: number): number {
    let n = Math.min(count, this.room);
    if (n === 0) return 0;
    const ring = store.widen(this.ring, this.length, this.length + n, 1);
    if (ring === null) return 0;
    this.ring = ring;
    n = Math.min(n, ring.capacity - this.length);
    if (n > 0) ring.put(this.length, from, at, n);
    this.length += n;
    return n;
  }

  /** Copies `count` octets that begin `offset` after the head. */
  copy(offset: number, into: Uint8Array, at: number, count: number): void {
    this.ring?.copy(offset, into, at, count);
  }

  /** Forgets the first `count` octets: they are acknowledged. An empty buffer gives its ring back. */
  drop(store: Store, count: number): void {
    this.ring?.advance(count);
    this.length -= count;
    if (this.length === 0) this.release(store);
  }

  /** Forgets everything. */
  release(store: Store): void {
    if (this.ring !== null) store.giveRing(this.ring);
    this.ring = null;
    this.length = 0;
  }
}
