/** Store: the buffers that connections of one host borrow while octets move, and the cap on all of them together. */
import { Ring } from '../base/ring.ts';
import { Sent } from './send/sent.ts';

/** The smallest ring lent; they grow by doubling. */
const SMALLEST = 4096;

/** Octets of idle rings kept for the next borrower, for each size; and idle tables. */
const KEEP_OCTETS = 4 * 1024 * 1024;
const KEEP_TABLES = 1024;

/** What a fresh connection is reckoned to cost, in octets: a Tcb and its row. */
export const TCB_COST = 1024;

/** Lends rings (send and receive buffers) and tables of segments in flight. */
export class Store {
  /** Octets lent, and the most that may be. */
  used = 0;
  readonly limit: number;
  /** Requests refused for want of room. */
  refused = 0;
  private readonly rings: Map<number, Ring[]> = new Map<number, Ring[]>();
  private readonly tables: Sent[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Reserves octets; false, and counted, when the cap is reached. */
  reserve(octets: number): boolean {
    if (this.used + octets > this.limit) {
      this.refused++;
      return false;
    }
    this.used += octets;
    return true;
  }

  free(octets: number): void {
    this.used -= octets;
  }

  /** Whether someone who was refused a ring could have one now. */
  get hasRoom(): boolean {
    return this.used + SMALLEST <= this.limit;
  }

  /**
   * A ring for `wanted` octets that holds the first `kept` octets of `ring` (null: none yet), which is given back when a
   * larger one takes its place. Near the cap it may be smaller, but not below `least`; at the cap: the ring as it was.
   */
  widen(ring: Ring | null, kept: number, wanted: number, least: number): Ring | null {
    const now = ring === null ? 0 : ring.capacity;
    if (now >= wanted) return ring;
    let size = Math.max(now * 2, SMALLEST);
    while (size < wanted) size *= 2;
    while (this.used + size > this.limit && size >> 1 >= Math.max(least, now * 2, SMALLEST)) size >>= 1;
    if (!this.reserve(size)) return ring;
    const larger = this.rings.get(size)?.pop() ?? new Ring(size);
    if (ring !== null) {
      for (let done = 0; done < kept; ) {
        const n = ring.contiguous(done, kept - done);
        larger.put(done, ring.bytes, ring.index(done), n);
        done += n;
      }
      this.giveRing(ring);
    }
    return larger;
  }

  giveRing(ring: Ring): void {
    this.free(ring.capacity);
    const idle = this.rings.get(ring.capacity);
    if (idle === undefined) this.rings.set(ring.capacity, [ring]);
    else if (idle.length * ring.capacity < KEEP_OCTETS) idle.push(ring);
  }

  /** An empty table of segments in flight. It is small, bounded by the window, and not reckoned. */
  takeSent(): Sent {
    return this.tables.pop() ?? new Sent();
  }

  giveSent(sent: Sent): void {
    sent.clear();
    if (this.tables.length < KEEP_TABLES) this.tables.push(sent);
  }
}
