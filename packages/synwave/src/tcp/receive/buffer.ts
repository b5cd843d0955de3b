/** ReceiveBuffer: octets in order that wait for the user, and behind them out-of-order text at its own place. */
import { Ranges } from '../../base/ranges.ts';
import type { Ring } from '../../base/ring.ts';
import { diff, ge, gt, type Seq } from '../../base/seq.ts';
import type { Store } from '../store.ts';

export class ReceiveBuffer {
  /** Octets in order that the user has not taken. */
  readable = 0;
  /** The most that may be held, in order or not. */
  capacity: number;
  private ring: Ring | null = null;
  /** Spans held right of RCV.NXT; made when the first hole appears. */
  private ahead: Ranges | null = null;
  private readonly holes: number;

  constructor(capacity: number, holes: number) {
    this.capacity = capacity;
    this.holes = holes;
  }

  /** Octets that may still come in order. */
  get room(): number {
    return Math.max(0, this.capacity - this.readable);
  }

  /** Spans held out of order. */
  get spans(): number {
    return this.ahead === null ? 0 : this.ahead.count;
  }

  /** Octets held out of order. */
  get aheadOctets(): number {
    return this.ahead === null ? 0 : this.ahead.octets;
  }

  spanLeft(i: number): Seq {
    return (this.ahead as Ranges).left(i);
  }

  spanRight(i: number): Seq {
    return (this.ahead as Ranges).right(i);
  }

  /** The first span that ends right of `at`: the one that holds it, or the next; `spans` when there is none. */
  spanFrom(at: Seq): number {
    return this.ahead === null ? 0 : this.ahead.find(at);
  }

  /** The span that holds `at`, or -1. */
  spanOf(at: Seq): number {
    const { ahead } = this;
    if (ahead === null || ahead.count === 0) return -1;
    const i = ahead.find(at);
    return i < ahead.count && ge(at, ahead.left(i)) ? i : -1;
  }

  /** Whether every octet of [left, right) is held out of order. */
  holds(left: Seq, right: Seq): boolean {
    return this.ahead?.covers(left, right) ?? false;
  }

  /**
   * Text at `offset` from `nxt`, RCV.NXT, which the window has been seen to admit. Answers false when memory is used up.
   * Octets held already are written again: the latest copy wins, and both are the peer's.
   */
  place(store: Store, nxt: Seq, offset: number, from: Uint8Array, at: number, count: number): boolean {
    const end = this.readable + offset + count;
    const { spans } = this;
    const held = this.readable + (spans === 0 ? 0 : diff(this.spanRight(spans - 1), nxt));
    const ring = store.widen(this.ring, held, end, end);
    if (ring === null || ring.capacity < end) return false;
    this.ring = ring;
    ring.put(this.readable + offset, from, at, count);
    return true;
  }

  /** Notes that [left, right) is held out of order; false when there are too many holes. */
  keep(left: Seq, right: Seq): boolean {
    this.ahead ??= new Ranges(this.holes);
    return this.ahead.add(left, right);
  }

  /** `to`: RCV.NXT after text in order came up to there. Answers RCV.NXT after what lay behind it joined. */
  join(from: Seq, to: Seq): Seq {
    let nxt = to;
    const { ahead } = this;
    if (ahead !== null && ahead.count > 0) {
      while (ahead.count > 0 && ge(nxt, ahead.left(0))) {
        if (gt(ahead.right(0), nxt)) nxt = ahead.right(0);
        ahead.trimBefore(nxt);
      }
    }
    this.readable += diff(nxt, from);
    return nxt;
  }

  /** Copies octets in order out, up to `most`; answers how many. An empty buffer gives its ring back. */
  read(store: Store, into: Uint8Array, at: number, most: number): number {
    const n = Math.min(most, this.readable);
    if (n === 0) return 0;
    const ring = this.ring as Ring;
    ring.copy(0, into, at, n);
    ring.advance(n);
    this.readable -= n;
    this.giveBack(store);
    return n;
  }

  /** Forgets everything. */
  release(store: Store): void {
    this.readable = 0;
    this.ahead = null;
    this.giveBack(store);
  }

  private giveBack(store: Store): void {
    if (this.readable > 0 || this.spans > 0) return;
    if (this.ring !== null) store.giveRing(this.ring);
    this.ring = null;
  }
}
