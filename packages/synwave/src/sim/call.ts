/** Call: something of a program's that is to happen at a time of the virtual clock. */
import { Due } from '../base/due.ts';
import type { Timeline } from './timeline.ts';

export class Call extends Due {
  private readonly timeline: Timeline;
  private readonly act: () => void;

  constructor(timeline: Timeline, act: () => void) {
    super();
    this.timeline = timeline;
    this.act = act;
  }

  happen(): void {
    this.timeline.restless = true;
    this.act();
  }

  cancel(): void {
    this.timeline.cancel(this);
  }
}
