/** Sent: one packed row for each segment in flight, in sequence order, with the lists that loss recovery walks. */
import { add, diff, gt, type Seq } from '../../base/seq.ts';
import type { Micros } from '../../base/time.ts';

/** What a row is besides its span. */
export const Row = {
  Syn: 1,
  Fin: 2,
  /** The peer holds it (RFC 2018). */
  Sacked: 4,
  /** Deemed lost and not sent again yet. */
  Lost: 8,
  /** Sent more than once. */
  Again: 16,
  /** It was sent with PSH. */
  Push: 32,
} as const;

const NONE = -1;
const START = 16;

/**
 * A ring of rows: slot `at(i)` holds the i-th segment from SND.UNA, and stays the row's name until it is acknowledged
 * or the table grows, or rows are cut. A row in flight is on the list `flying`, ordered by the time it was sent last
 * (RFC 8985 §6.2); a lost one waits on the list `lost`; a SACKed one is on neither. So `flyingOctets` is the pipe of
 * RFC 6675, kept, not counted.
 */
export class Sent {
  count = 0;
  flyingOctets = 0;
  sackedOctets = 0;
  sackedRows = 0;
  lostOctets = 0;
  private head = 0;
  private mask = START - 1;
  private seqs: Int32Array = new Int32Array(START);
  private ends: Int32Array = new Int32Array(START);
  private times: Float64Array = new Float64Array(START);
  private flags: Uint8Array = new Uint8Array(START);
  private nexts: Int32Array = new Int32Array(START);
  private prevs: Int32Array = new Int32Array(START);
  private flyingHead = NONE;
  private flyingTail = NONE;
  private lostHead = NONE;
  private lostTail = NONE;

  /** The slot of the i-th row. */
  at(i: number): number {
    return (this.head + i) & this.mask;
  }

  seqOf(slot: number): Seq {
    return this.seqs[slot] as Seq;
  }

  endOf(slot: number): Seq {
    return this.ends[slot] as Seq;
  }

  /** When it was sent last. */
  timeOf(slot: number): Micros {
    return this.times[slot] as number;
  }

  is(slot: number, flag: number): boolean {
    return ((this.flags[slot] as number) & flag) !== 0;
  }

  octetsOf(slot: number): number {
    return ((this.ends[slot] as number) - (this.seqs[slot] as number)) | 0;
  }

  /** Octets of its text. */
  textOf(slot: number): number {
    return this.is(slot, Row.Syn | Row.Fin) ? this.octetsOf(slot) - 1 : this.octetsOf(slot);
  }

  /** The row sent longest ago among those in flight, or -1. */
  oldestFlying(): number {
    return this.flyingHead;
  }

  /** The one sent after `slot`, or -1. */
  flyingAfter(slot: number): number {
    return this.nexts[slot] as number;
  }

  /** The lost row to send again next, or -1. */
  firstLost(): number {
    return this.lostHead;
  }

  /** A segment sent for the first time. */
  push(from: Seq, end: Seq, flag: number, now: Micros): void {
    if (this.count > this.mask) this.grow();
    const slot = (this.head + this.count++) & this.mask;
    this.seqs[slot] = from;
    this.ends[slot] = end;
    this.times[slot] = now;
    this.flags[slot] = flag;
    this.linkFlying(slot);
  }

  /** A row goes out again, lost or in flight. */
  again(slot: number, now: Micros): void {
    if (this.is(slot, Row.Lost)) this.unlinkLost(slot);
    else this.unlinkFlying(slot);
    this.flags[slot] = ((this.flags[slot] as number) & ~Row.Lost) | Row.Again;
    this.times[slot] = now;
    this.linkFlying(slot);
  }

  /** A row in flight is deemed lost; `first`: it goes out before the other lost ones. */
  lose(slot: number, first = false): void {
    this.unlinkFlying(slot);
    this.flags[slot] = (this.flags[slot] as number) | Row.Lost;
    this.linkLost(slot, first);
  }

  /** A lost row takes the first place among the lost. */
  hurry(slot: number): void {
    this.unlinkLost(slot);
    this.linkLost(slot, true);
  }

  /** A lost row is in flight after all, where its time puts it: the timer or the ordering was wrong. */
  recall(slot: number): void {
    this.unlinkLost(slot);
    this.flags[slot] = (this.flags[slot] as number) & ~Row.Lost;
    let prev = this.flyingTail;
    while (prev !== NONE && this.timeOf(prev) > this.timeOf(slot)) prev = this.prevs[prev] as number;
    this.linkFlyingAfter(slot, prev);
  }

  /** The peer holds this row. */
  sack(slot: number): void {
    if (this.is(slot, Row.Lost)) this.unlinkLost(slot);
    else this.unlinkFlying(slot);
    this.flags[slot] = ((this.flags[slot] as number) & ~Row.Lost) | Row.Sacked;
    this.sackedOctets += this.octetsOf(slot);
    this.sackedRows++;
  }

  /** The peer has forgotten what it SACKed (RFC 2018 §8): the row counts as lost. */
  renege(slot: number): void {
    this.sackedOctets -= this.octetsOf(slot);
    this.sackedRows--;
    this.flags[slot] = ((this.flags[slot] as number) & ~Row.Sacked) | Row.Lost;
    this.linkLost(slot, false);
  }

  /** Takes the first row off: it is acknowledged. */
  shift(): void {
    const slot = this.head;
    if (this.is(slot, Row.Sacked)) {
      this.sackedOctets -= this.octetsOf(slot);
      this.sackedRows--;
    } else if (this.is(slot, Row.Lost)) {
      this.unlinkLost(slot);
    } else {
      this.unlinkFlying(slot);
    }
    this.head = (slot + 1) & this.mask;
    this.count--;
  }

  /** The first row is acknowledged up to `ack` only. */
  trim(ack: Seq): void {
    const slot = this.head;
    const n = diff(ack, this.seqs[slot] as Seq);
    if (this.is(slot, Row.Sacked)) this.sackedOctets -= n;
    else if (this.is(slot, Row.Lost)) this.lostOctets -= n;
    else this.flyingOctets -= n;
    this.flags[slot] = (this.flags[slot] as number) & ~Row.Syn;
    this.seqs[slot] = ack;
  }

  /** The place (not the slot) of the first row whose end lies right of `from`: `count` when there is none. */
  find(from: Seq): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (gt(this.ends[this.at(middle)] as Seq, from)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Cuts rows that have more than `most` octets of text: the path has become narrower. The pieces keep their row's places. */
  split(most: number): void {
    const { count } = this;
    let more = 0;
    for (let i = 0; i < count; i++) more += this.pieces(this.at(i), most) - 1;
    if (more === 0) return;
    while (count + more > this.mask + 1) this.grow();
    const flying = this.places(this.flyingHead);
    const lost = this.places(this.lostHead);
    // From the last row on, each moves to the right of where it was: none is written over before it is read.
    const starts = new Int32Array(count + 1);
    starts[count] = count + more;
    for (let i = count - 1; i >= 0; i--) starts[i] = this.cut(i, starts[i + 1] as number, most);
    this.count = count + more;
    this.flyingHead = NONE;
    this.flyingTail = NONE;
    this.flyingOctets = 0;
    this.lostHead = NONE;
    this.lostTail = NONE;
    this.lostOctets = 0;
    for (const i of flying) {
      for (let k = starts[i] as number; k < (starts[i + 1] as number); k++) this.linkFlying(this.at(k));
    }
    for (const i of lost) {
      for (let k = starts[i] as number; k < (starts[i + 1] as number); k++) this.linkLost(this.at(k), false);
    }
  }

  /** How many rows a row becomes. The FIN goes with the last of the text. */
  private pieces(slot: number, most: number): number {
    return Math.max(Math.ceil(this.textOf(slot) / most), 1);
  }

  /** Writes the pieces of the i-th row left of place `to`; answers the place of the first. */
  private cut(i: number, to: number, most: number): number {
    const from = this.at(i);
    const n = this.pieces(from, most);
    const seqNo = this.seqOf(from);
    const end = this.endOf(from);
    const time = this.timeOf(from);
    const flag = this.flags[from] as number;
    if ((flag & Row.Sacked) !== 0) this.sackedRows += n - 1;
    for (let k = 0; k < n; k++) {
      const slot = this.at(to - n + k);
      const last = k === n - 1;
      this.seqs[slot] = add(seqNo, k * most);
      this.ends[slot] = last ? end : add(seqNo, (k + 1) * most);
      this.times[slot] = time;
      this.flags[slot] = last ? flag : flag & ~(Row.Fin | Row.Push);
    }
    return to - n;
  }

  /** The places of the rows on a list, in its order. */
  private places(head: number): number[] {
    const list: number[] = [];
    for (let slot = head; slot !== NONE; slot = this.nexts[slot] as number) list.push((slot - this.head) & this.mask);
    return list;
  }

  clear(): void {
    this.count = 0;
    this.flyingOctets = 0;
    this.sackedOctets = 0;
    this.sackedRows = 0;
    this.lostOctets = 0;
    this.flyingHead = NONE;
    this.flyingTail = NONE;
    this.lostHead = NONE;
    this.lostTail = NONE;
  }

  private linkFlying(slot: number): void {
    this.linkFlyingAfter(slot, this.flyingTail);
  }

  private linkFlyingAfter(slot: number, prev: number): void {
    const next = prev === NONE ? this.flyingHead : (this.nexts[prev] as number);
    this.prevs[slot] = prev;
    this.nexts[slot] = next;
    if (prev === NONE) this.flyingHead = slot;
    else this.nexts[prev] = slot;
    if (next === NONE) this.flyingTail = slot;
    else this.prevs[next] = slot;
    this.flyingOctets += this.octetsOf(slot);
  }

  private unlinkFlying(slot: number): void {
    const next = this.nexts[slot] as number;
    const prev = this.prevs[slot] as number;
    if (prev === NONE) this.flyingHead = next;
    else this.nexts[prev] = next;
    if (next === NONE) this.flyingTail = prev;
    else this.prevs[next] = prev;
    this.flyingOctets -= this.octetsOf(slot);
  }

  private linkLost(slot: number, first: boolean): void {
    const prev = first ? NONE : this.lostTail;
    const next = first ? this.lostHead : NONE;
    this.prevs[slot] = prev;
    this.nexts[slot] = next;
    if (prev === NONE) this.lostHead = slot;
    else this.nexts[prev] = slot;
    if (next === NONE) this.lostTail = slot;
    else this.prevs[next] = slot;
    this.lostOctets += this.octetsOf(slot);
  }

  private unlinkLost(slot: number): void {
    const next = this.nexts[slot] as number;
    const prev = this.prevs[slot] as number;
    if (prev === NONE) this.lostHead = next;
    else this.nexts[prev] = next;
    if (next === NONE) this.lostTail = prev;
    else this.prevs[next] = prev;
    this.lostOctets -= this.octetsOf(slot);
  }

  /** Doubles the ring. Rows move to the front, so every slot is renamed, links included. */
  private grow(): void {
    const size = (this.mask + 1) * 2;
    const { head, mask } = this;
    const rename = (slot: number): number => (slot === NONE ? NONE : (slot - head) & mask);
    const seqs = new Int32Array(size);
    const ends = new Int32Array(size);
    const times = new Float64Array(size);
    const flags = new Uint8Array(size);
    const nexts = new Int32Array(size);
    const prevs = new Int32Array(size);
    for (let i = 0; i < this.count; i++) {
      const slot = this.at(i);
      seqs[i] = this.seqs[slot] as number;
      ends[i] = this.ends[slot] as number;
      times[i] = this.times[slot] as number;
      flags[i] = this.flags[slot] as number;
      nexts[i] = rename(this.nexts[slot] as number);
      prevs[i] = rename(this.prevs[slot] as number);
    }
    this.flyingHead = rename(this.flyingHead);
    this.flyingTail = rename(this.flyingTail);
    this.lostHead = rename(this.lostHead);
    this.lostTail = rename(this.lostTail);
    this.head = 0;
    this.mask = size - 1;
    this.seqs = seqs;
    this.ends = ends;
    this.times = times;
    this.flags = flags;
    this.nexts = nexts;
    this.prevs = prevs;
  }
}
