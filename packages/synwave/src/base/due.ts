/** The events to come, in the order of their times: a binary heap, beside a plain line of those that are to come at once. */
import type { Micros } from '../base/time.ts';

/** Where an event stands that is in no queue, and one that stands in the line. */
const OUT = -1;
const IN_LINE = -2;

/** Gaps at the head of the line that are worth closing. */
const GAPS = 1024;

/** Something that happens at its time. The record belongs to whoever makes it, and can be put in again and again. */
export abstract class Due {
  /** When it happens. */
  time: Micros = 0;
  /** Events of one time happen in the order in which they were put in. */
  order = 0;
  /** Its place in the heap; or `IN_LINE`, and then `order` is its place there. */
  place: number = OUT;

  /** Whether it is still to come. */
  get awaited(): boolean {
    return this.place !== OUT;
  }

  /** Its time has come. It is out of the queue already, and may be put in again. */
  abstract happen(): void;
}

export class Queue {
  private readonly heap: Due[] = [];
  private count = 0;
  /**
   * Events of the time of the one that was taken last, put in since: the heap has only older ones of that time, so these
   * come behind them, in their order. Most of what happens asks for something that is to happen at once.
   */
  private readonly line: (Due | null)[] = [];
  private head = 0;
  private tail = 0;
  private inLine = 0;
  private lineTime: Micros = Number.NEGATIVE_INFINITY;

  /** How many are to come. */
  get length(): number {
    return this.heap.length + this.inLine;
  }

  /** The next one; undefined when there is none. It stays in. */
  get first(): Due | undefined {
    const top = this.heap[0];
    if (this.inLine === 0 || (top !== undefined && top.time <= this.lineTime)) return top;
    this.skipGaps();
    return this.line[this.head] as Due;
  }

  /** Puts an event in, or moves it when it is in: behind all that are there for the same time. */
  add(due: Due, time: Micros): void {
    if (due.place !== OUT) this.remove(due);
    due.time = time;
    if (time === this.lineTime) {
      due.place = IN_LINE;
      due.order = this.tail;
      this.line[this.tail++] = due;
      this.inLine++;
      return;
    }
    due.order = this.count++;
    this.rise(due, this.heap.length);
  }

  /** Takes an event out; nothing happens when it is not in. */
  remove(due: Due): void {
    const { heap } = this;
    const { place } = due;
    if (place === OUT) return;
    due.place = OUT;
    if (place === IN_LINE) {
      this.line[due.order] = null;
      if (--this.inLine === 0) {
        this.head = 0;
        this.tail = 0;
      }
      return;
    }
    const last = heap.pop() as Due;
    if (last === due) return;
    if (place > 0 && before(last, heap[(place - 1) >> 1] as Due)) this.rise(last, place);
    else this.sink(last, place);
  }

  /** Takes the next one out; undefined when there is none. */
  take(): Due | undefined {
    const { first } = this;
    if (first === undefined) return undefined;
    this.remove(first);
    // While somebody stands in the line, its time is theirs.
    if (this.inLine === 0) this.lineTime = first.time;
    else if (this.head > GAPS) this.closeGaps();
    return first;
  }

  private skipGaps(): void {
    while (this.line[this.head] === null) this.head++;
  }

  /** A line that never empties does not grow for ever. */
  private closeGaps(): void {
    const { line } = this;
    let to = 0;
    for (let i = this.head; i < this.tail; i++) {
      const due = line[i] as Due | null;
      if (due === null) continue;
      due.order = to;
      line[to++] = due;
    }
    line.length = to;
    this.head = 0;
    this.tail = to;
  }

  /** Puts `due` at `place`, or nearer to the top. */
  private rise(due: Due, from: number): void {
    const { heap } = this;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Due;
      if (!before(due, parent)) break;
      heap[place] = parent;
      parent.place = place;
      place = above;
    }
    heap[place] = due;
    due.place = place;
  }

  /** Puts `due` at `place`, or farther from the top. */
  private sink(due: Due, from: number): void {
    const { heap } = this;
    const { length } = heap;
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= length) break;
      if (below + 1 < length && before(heap[below + 1] as Due, heap[below] as Due)) below++;
      const child = heap[below] as Due;
      if (!before(child, due)) break;
      heap[place] = child;
      child.place = place;
      place = below;
    }
    heap[place] = due;
    due.place = place;
  }
}

function before(a: Due, b: Due): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
