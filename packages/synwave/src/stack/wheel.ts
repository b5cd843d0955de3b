/** Wheel: which of very many slots to wake next: a lazy hierarchical timing wheel (Varghese and Lauck, 1987). */
import { type Micros, NEVER } from '../base/time.ts';

/** The first level's tick. A power of two, so that dividing is exact. */
const TICK: Micros = 1024;
const LEVELS = 4;
/** Bits of the tick number that each level stands for; 256 buckets. */
const BITS = 8;
const BUCKETS = 1 << BITS;
/** A round of the top level: 2^32 ticks, about 50 days. What lies beyond waits in one more list. */
const ROUND = 2 ** (LEVELS * BITS);
const BEYOND = LEVELS * BUCKETS;
/** Words of 32 bits that say which buckets of a level are occupied. */
const MAP = BUCKETS >> 5;

const NONE = -1;
const START_SLOTS = 16;

/**
 * Buckets are named by digits: the tick number in base 256. A slot waits at the level of the highest digit in which its
 * tick differs from the present one, in the bucket of that digit. When the present digit gets there, it moves down.
 * What is due in the present tick or earlier stands in a heap ordered by (time, slot): so a jump of any length costs a
 * walk over occupied buckets, and what comes out comes out in order.
 *
 * It is lazy: `schedule` moves a wake-up earlier, never later. The owner of a slot that is woken early looks at its own
 * deadlines and schedules again; so a deadline that is pushed back with every segment costs nothing here.
 */
export class Wheel {
  /** How many slots are scheduled. */
  size = 0;
  /** The present tick; the wheel has caught up to its end. */
  private tick: number;
  /** The first tick of the top level's next round. */
  private roundEnd: number;
  /** When each slot is to be woken, exactly; NEVER for one that is not scheduled. */
  private times: Float64Array = new Float64Array(START_SLOTS).fill(NEVER);
  /**
   * Two words for each slot. In a bucket: the next slot or NONE, and the one before, or the ones' complement of the bucket
   * for the first. In the heap: unused, and its place there. Which of both it is, its time says.
   */
  private links: Int32Array = new Int32Array(2 * START_SLOTS);
  private readonly heads: Int32Array = new Int32Array(BEYOND + 1).fill(NONE);
  private readonly occupied: Int32Array = new Int32Array(LEVELS * MAP);
  private heap: Int32Array = new Int32Array(START_SLOTS);
  private heaped = 0;
  /** What `next` answered last, as long as it holds; NaN when it has to look again. */
  private soonest: Micros = NEVER;

  /** `now`: the earliest time that `expired` will be told. */
  constructor(now: Micros) {
    this.tick = Math.floor(now / TICK);
    this.roundEnd = (Math.floor(this.tick / ROUND) + 1) * ROUND;
  }

  /**
   * Wakes `slot` (a small whole number) at `at`. One that is scheduled for then or earlier already stays as it is. A time in
   * the past comes out of the next `expired`; NEVER schedules nothing.
   */
  schedule(slot: number, at: Micros): void {
    if (slot >= this.times.length) this.widen(slot);
    const before = this.times[slot] as Micros;
    if (!(at < before)) return;
    if (before === NEVER) this.size++;
    else this.unlink(slot);
    this.times[slot] = at;
    this.link(slot);
    if (at < this.soonest) this.soonest = at;
  }

  /** Forgets the slot's wake-up, if there is one. */
  cancel(slot: number): void {
    const at = this.scheduledAt(slot);
    if (at === NEVER) return;
    this.unlink(slot);
    this.forget(slot, at);
  }

  /** When the slot will be woken, or NEVER. */
  scheduledAt(slot: number): Micros {
    return slot < this.times.length ? (this.times[slot] as Micros) : NEVER;
  }

  /**
   * Takes off a slot whose time is =< `now`, the earliest first and among equals the lowest number, or answers -1. To be
   * called until it does. `now` never goes back.
   */
  expired(now: Micros): number {
    const tick = Math.floor(now / TICK);
    if (tick > this.tick) this.turn(tick);
    if (this.heaped === 0) return NONE;
    const slot = this.heap[0] as number;
    const at = this.times[slot] as Micros;
    if (at > now) return NONE;
    this.takeFromHeap(0);
    this.forget(slot, at);
    return slot;
  }

  /**
   * When to call `expired` next: never later than the earliest wake-up, and exactly then if it is in the wheel's first
   * level (the present 256 ticks); NEVER when nothing is scheduled. Every call of `expired` at that time gets nearer.
   */
  next(): Micros {
    if (Number.isNaN(this.soonest)) this.soonest = this.look();
    return this.soonest;
  }

  private look(): Micros {
    if (this.heaped > 0) return this.times[this.heap[0] as number] as Micros;
    for (let level = 0; level < LEVELS; level++) {
      const digit = this.firstOccupied(level);
      if (digit === NONE) continue;
      if (level === 0) return this.earliestIn(digit);
      const span = BUCKETS ** level;
      const round = span * BUCKETS;
      return (Math.floor(this.tick / round) * round + digit * span) * TICK;
    }
    return this.size > 0 ? this.roundEnd * TICK : NEVER;
  }

  private firstOccupied(level: number): number {
    for (let i = 0; i < MAP; i++) {
      const word = this.occupied[level * MAP + i] as number;
      if (word !== 0) return i * 32 + lowestBit(word);
    }
    return NONE;
  }

  private earliestIn(bucket: number): Micros {
    let earliest = NEVER;
    for (let slot = this.heads[bucket] as number; slot !== NONE; slot = this.links[2 * slot] as number) {
      earliest = Math.min(earliest, this.times[slot] as Micros);
    }
    return earliest;
  }

  /** The present tick becomes `tick`: what it passed, and what it reached, finds its place anew. */
  private turn(tick: number): void {
    // Of the highest digit that changed, the buckets up to the new digit; of those below it, all: they are in the past.
    const newRound = tick >= this.roundEnd;
    const top = newRound ? LEVELS : levelOf(tick ^ this.tick);
    this.tick = tick;
    this.soonest = Number.NaN;
    for (let level = 0; level < top; level++) this.empty(level, BUCKETS - 1);
    if (newRound) {
      this.roundEnd = (Math.floor(tick / ROUND) + 1) * ROUND;
      this.relink(BEYOND);
    } else {
      this.empty(top, digitOf(tick, top));
    }
  }

  /** Links anew what waits in a level's buckets up to `last`. */
  private empty(level: number, last: number): void {
    const { occupied } = this;
    for (let i = 0; i <= last >> 5; i++) {
      const w = level * MAP + i;
      const within = i === last >> 5 && (last & 31) !== 31 ? (2 << (last & 31)) - 1 : -1;
      for (let word = (occupied[w] as number) & within; word !== 0; word &= word - 1) {
        this.relink(level * BUCKETS + i * 32 + lowestBit(word));
      }
      occupied[w] = (occupied[w] as number) & ~within;
    }
  }

  private relink(bucket: number): void {
    let slot = this.heads[bucket] as number;
    this.heads[bucket] = NONE;
    while (slot !== NONE) {
      const next = this.links[2 * slot] as number;
      this.link(slot);
      slot = next;
    }
  }

  /** Puts a slot where its time belongs. */
  private link(slot: number): void {
    const { heads, links } = this;
    const tick = Math.floor((this.times[slot] as Micros) / TICK);
    if (tick <= this.tick) {
      this.putIntoHeap(slot);
      return;
    }
    let bucket = BEYOND;
    if (tick < this.roundEnd) {
      const level = levelOf(tick ^ this.tick);
      const digit = digitOf(tick, level);
      const w = level * MAP + (digit >> 5);
      this.occupied[w] = (this.occupied[w] as number) | (1 << (digit & 31));
      bucket = level * BUCKETS + digit;
    }
    const next = heads[bucket] as number;
    links[2 * slot] = next;
    links[2 * slot + 1] = ~bucket;
    if (next !== NONE) links[2 * next + 1] = slot;
    heads[bucket] = slot;
  }

  private unlink(slot: number): void {
    const { heads, links } = this;
    const next = links[2 * slot] as number;
    const previous = links[2 * slot + 1] as number;
    if (Math.floor((this.times[slot] as Micros) / TICK) <= this.tick) {
      this.takeFromHeap(previous);
      return;
    }
    if (next !== NONE) links[2 * next + 1] = previous;
    if (previous >= 0) {
      links[2 * previous] = next;
      return;
    }
    const bucket = ~previous;
    heads[bucket] = next;
    if (next === NONE && bucket !== BEYOND) {
      const w = bucket >> 5;
      this.occupied[w] = (this.occupied[w] as number) & ~(1 << (bucket & 31));
    }
  }

  private forget(slot: number, at: Micros): void {
    this.times[slot] = NEVER;
    this.size--;
    if (this.size === 0) this.soonest = NEVER;
    else if (at <= this.soonest) this.soonest = Number.NaN;
  }

  private putIntoHeap(slot: number): void {
    if (this.heaped === this.heap.length) {
      const larger = new Int32Array(2 * this.heap.length);
      larger.set(this.heap);
      this.heap = larger;
    }
    this.rise(this.heaped++, slot);
  }

  private takeFromHeap(place: number): void {
    const last = this.heap[--this.heaped] as number;
    if (place === this.heaped) return;
    // The last fills the hole, and finds its way down or, coming from another branch, up.
    const { heap } = this;
    let hole = place;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= this.heaped) break;
      if (child + 1 < this.heaped && this.before(heap[child + 1] as number, heap[child] as number)) child++;
      if (this.before(last, heap[child] as number)) break;
      this.setHeap(hole, heap[child] as number);
      hole = child;
    }
    this.rise(hole, last);
  }

  /** Puts a slot at `place` or, as long as it comes before its parent, further up. */
  private rise(place: number, slot: number): void {
    let hole = place;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = this.heap[parent] as number;
      if (this.before(above, slot)) break;
      this.setHeap(hole, above);
      hole = parent;
    }
    this.setHeap(hole, slot);
  }

  private setHeap(place: number, slot: number): void {
    this.heap[place] = slot;
    this.links[2 * slot + 1] = place;
  }

  /** The order in which slots come out. */
  private before(a: number, b: number): boolean {
    const difference = (this.times[a] as Micros) - (this.times[b] as Micros);
    return difference === 0 ? a < b : difference < 0;
  }

  private widen(slot: number): void {
    const slots = Math.max(2 * this.times.length, slot + 1);
    const times = new Float64Array(slots).fill(NEVER);
    times.set(this.times);
    this.times = times;
    const links = new Int32Array(2 * slots);
    links.set(this.links);
    this.links = links;
  }
}

/** The level of the highest digit that is not 0. */
function levelOf(difference: number): number {
  return (31 - Math.clz32(difference)) >> 3;
}

function digitOf(tick: number, level: number): number {
  return (tick >>> (level * BITS)) & (BUCKETS - 1);
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
