/** Ranges: spans of sequence space, sorted and disjoint: what a receiver holds out of order, what a SACK covers. */
import { diff, ge, gt, later, le, type Seq } from './seq.ts';

const START = 4;

/**
 * Half-open spans [left, right) with a gap between each and the next. All of them, and whatever is asked about, lie within
 * 2^31 octets of each other, as everything in a window does: so wrapping does no harm.
 */
export class Ranges {
  /** How many spans there are. */
  count = 0;
  /** Octets covered in all. */
  octets = 0;
  private readonly most: number;
  /** Where in the arrays the first span stands: forgetting spans on the left moves this alone. */
  private head = 0;
  private lefts: Int32Array;
  private rights: Int32Array;

  /** `most`: how many spans it may come to hold, at least 1. */
  constructor(most: number) {
    this.most = most;
    this.lefts = new Int32Array(START);
    this.rights = new Int32Array(START);
  }

  /** The left edge of span `i`, 0 =< i < `count`. */
  left(i: number): Seq {
    return this.lefts[this.head + i] as Seq;
  }

  /** The right edge of span `i`: the first octet that is not in it. */
  right(i: number): Seq {
    return this.rights[this.head + i] as Seq;
  }

  /**
   * Covers [left, right), joined with what it overlaps or touches. False, and nothing changes, when that would need more
   * spans than the most. An empty span changes nothing and is true.
   */
  add(left: Seq, right: Seq): boolean {
    if (le(right, left)) return true;
    // The spans from `first` up to, not including, `end` overlap the new one or touch it.
    let first = this.find(left);
    if (first > 0 && this.right(first - 1) === left) first--;
    let end = first;
    while (end < this.count && le(this.left(end), right)) end++;
    if (first === end) return this.insert(first, left, right);
    const from = gt(left, this.left(first)) ? this.left(first) : left;
    const to = later(right, this.right(end - 1));
    for (let i = first; i < end; i++) this.octets -= diff(this.right(i), this.left(i));
    this.octets += diff(to, from);
    this.lefts[this.head + first] = from;
    this.rights[this.head + first] = to;
    this.close(first + 1, end);
    return true;
  }

  /** Whether every octet of [left, right) is covered. An empty span is. */
  covers(left: Seq, right: Seq): boolean {
    if (le(right, left)) return true;
    const i = this.find(left);
    return i < this.count && ge(left, this.left(i)) && ge(this.right(i), right);
  }

  /** The first span whose right edge is > `at`, or `count`: the one that holds `at`, or the next one right of it. */
  find(at: Seq): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (gt(this.right(middle), at)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Forgets everything left of `at`; a span that it stands in is cut. */
  trimBefore(at: Seq): void {
    const gone = this.find(at);
    for (let i = 0; i < gone; i++) this.octets -= diff(this.right(i), this.left(i));
    this.head += gone;
    this.count -= gone;
    if (this.count === 0) {
      this.head = 0;
    } else if (gt(at, this.left(0))) {
      this.octets -= diff(at, this.left(0));
      this.lefts[this.head] = at;
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.count = 0;
    this.octets = 0;
    this.head = 0;
  }

  /** Puts a new span at place `i`. The shorter side of the array makes room, when there is room on that side. */
  private insert(i: number, left: Seq, right: Seq): boolean {
    if (this.count === this.most) return false;
    if (this.head > 0 && i < this.count - i) {
      this.shift(0, i, this.head - 1);
      this.head--;
    } else {
      if (this.head + this.count === this.lefts.length) this.makeRoom();
      this.shift(i, this.count, this.head + i + 1);
    }
    this.lefts[this.head + i] = left;
    this.rights[this.head + i] = right;
    this.count++;
    this.octets += diff(right, left);
    return true;
  }

  /** Takes out the places [from, to). */
  private close(from: number, to: number): void {
    if (from === to) return;
    this.shift(to, this.count, this.head + from);
    this.count -= to - from;
  }

  /** Moves the spans [from, to) to where `target` points in the arrays. */
  private shift(from: number, to: number, target: number): void {
    if (from === to) return;
    this.lefts.copyWithin(target, this.head + from, this.head + to);
    this.rights.copyWithin(target, this.head + from, this.head + to);
  }

  /** Room on the right: by moving to the front when that frees half of the arrays, by doubling them otherwise. */
  private makeRoom(): void {
    const { lefts, rights, head, count } = this;
    if (head < count) {
      this.lefts = new Int32Array(2 * lefts.length);
      this.rights = new Int32Array(2 * rights.length);
    }
    for (let i = 0; i < count; i++) {
      this.lefts[i] = lefts[head + i] as number;
      this.rights[i] = rights[head + i] as number;
    }
    this.head = 0;
  }
}
