/** ProgramTimer: a timer of a program's in the timeline, which may be told not to keep a run going. */
import { Due } from '../base/due.ts';
import type { Micros } from '../base/time.ts';
import type { Timer } from './surroundings.ts';
import type { Timeline } from './timeline.ts';

export class ProgramTimer extends Due implements Timer {
  private readonly timeline: Timeline;
  private readonly act: () => void;
  private counts = true;

  constructor(timeline: Timeline, act: () => void) {
    super();
    this.timeline = timeline;
    this.act = act;
  }

  get armed(): boolean {
    return this.awaited;
  }

  start(at: Micros): void {
    this.stop();
    this.timeline.add(this, at);
    if (!this.counts) this.timeline.idlers++;
  }

  stop(): void {
    if (!this.awaited) return;
    this.timeline.cancel(this);
    if (!this.counts) this.timeline.idlers--;
  }

  ref(on: boolean): void {
    if (this.awaited && on !== this.counts) this.timeline.idlers += on ? -1 : 1;
    this.counts = on;
  }

  happen(): void {
    if (!this.counts) this.timeline.idlers--;
    this.timeline.restless = true;
    this.act();
  }
}
