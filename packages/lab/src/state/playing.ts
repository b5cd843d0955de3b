/** Playing: virtual time goes on by itself, so much slower or faster; what nobody would wait for is skipped. */
import { type Signal, signal } from '@preact/signals';
import { goTo, now, position, recording } from './run.ts';

/** Virtual seconds for one second of the reader's. */
export const speeds = [1 / 1000, 1 / 200, 1 / 100, 1 / 50, 1 / 20, 1 / 10, 1 / 4, 1, 10, 100] as const;

export const speed: Signal<number> = signal(3);
export const playing: Signal<boolean> = signal(false);

/** The longest wait for the next moment, in milliseconds of the reader's time. */
const PATIENCE = 1_100;

let frame = 0;
let before = 0;

export function play(): void {
  const run = recording.value;
  if (run === null || playing.value) return;
  if (position.value >= run.moments.length - 1) goTo(-1);
  playing.value = true;
  before = performance.now();
  frame = requestAnimationFrame(turn);
}

export function pause(): void {
  cancelAnimationFrame(frame);
  playing.value = false;
}

export function slower(): void {
  speed.value = Math.max(0, speed.value - 1);
}

export function faster(): void {
  speed.value = Math.min(speeds.length - 1, speed.value + 1);
}

function turn(at: number): void {
  const run = recording.value;
  if (run === null) return pause();
  const passed = Math.min(Math.max(at - before, 0), 100);
  before = at;
  const { moments } = run;
  const here = position.value;
  const next = moments[here + 1];
  if (next === undefined) return pause();
  const last = moments[here]?.time ?? 0;
  const rate = Math.max((speeds[speed.value] ?? 1) * 1000, (next.time - last) / PATIENCE);
  const time = now.value + passed * rate;
  let there = here;
  while ((moments[there + 1]?.time ?? Number.POSITIVE_INFINITY) <= time) there++;
  // What lies behind the next gap is not run into: the gap has its own pace.
  const arrived = moments[there]?.time ?? 0;
  goTo(there, Math.max(arrived, Math.min(time, moments[there + 1]?.time ?? arrived)));
  frame = requestAnimationFrame(turn);
}
