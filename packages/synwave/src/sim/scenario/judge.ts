/** Judge: the steps of a scenario as assertions: each is waited for, in their order, and what must not happen is watched for. */
import { secondsText } from '../log.ts';
import type { RunEvent } from './event.ts';
import type { Plot, StepPlan } from './scenario.ts';

/** A step that has been seen. */
export interface StepSeen {
  /** Its number, from 0. */
  readonly step: number;
  /** The event that it waited for, and the moment that this is part of, by their numbers. */
  readonly event: number;
  readonly moment: number;
}

export class Judge {
  readonly seen: StepSeen[] = [];
  private readonly plot: Plot;
  /** Events since the last step that are such as the next one waits for. */
  private matched = 0;
  private broken: string | null = null;

  constructor(plot: Plot) {
    this.plot = plot;
  }

  /** Something has happened. An event is one step at most. */
  hear(event: RunEvent, number: number, moment: number): void {
    const { steps, never } = this.plot;
    const next = steps[this.seen.length];
    if (next?.on.matches(event) === true && ++this.matched >= next.nth) {
      this.matched = 0;
      this.seen.push({ step: this.seen.length, event: number, moment });
    }
    const wrong = never.find((pattern) => pattern.matches(event));
    if (wrong !== undefined) this.broken ??= `"${wrong.text}" must not happen, and did at ${secondsText(event.time)}`;
  }

  /** What is wrong; null: nothing. */
  problem(): string | null {
    const { steps } = this.plot;
    const missing: StepPlan | undefined = steps[this.seen.length];
    if (this.broken !== null || missing === undefined) return this.broken;
    const before = this.seen.length === 0 ? '' : `, after "${steps[this.seen.length - 1]?.on.text}"`;
    return `step ${this.seen.length + 1} of ${steps.length}, "${missing.on.text}", did not come${before}`;
  }
}
