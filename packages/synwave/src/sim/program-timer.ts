/** ProgramTimer: a timer of a program's in the timeline, which may be told not to keep a run going. */
import { Due } from '../base/due.ts';
import type { Micros } from '../base/time.ts';
import type { Holder, Timer } from './surroundings.ts';
import type { Timeline } from './timeline.ts';

export class ProgramTimer extends Due implements Timer {
  private readonly timeline: Timeline;
  private readonly act: () => void;
  private readonly host: Holder | null;
  private counts = true;
  /** Its time came while its host was paused. */
  private held = false;

  constructor(timeline: Timeline, act: () => void, host: Holder | null = null) {
    super();
    this.timeline = timeline;
    this.act = act;
    this.host = host;
  }

  get armed(): boolean {
    return this.awaited || this.held;
  }

  start(at: Micros): void {
    this.stop();
    this.timeline.add(this, at);
    if (!this.counts) this.timeline.idlers++;
  }

  stop(): void {
    if (this.held) this.host?.letGo(this);
    if (this.awaited) {
      this.timeline.cancel(this);
      if (!this.counts && !this.held) this.timeline.idlers--;
    }
    this.held = false;
  }

  ref(on: boolean): void {
    if (this.awaited && !this.held && on !== this.counts) this.timeline.idlers += on ? -1 : 1;
    this.counts = on;
  }

  happen(): void {
    if (!this.counts && !this.held) this.timeline.idlers--;
    this.held = this.host?.hold(this) ?? false;
    if (this.held) return;
    this.timeline.restless = true;
    this.act();
  }
}
