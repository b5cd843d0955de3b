/** Point: a place in a run, by what has happened or by the time; a run that is the same again comes to it again. */
import type { Micros } from '../base/time.ts';

/**
 * When so many events have happened in all, `World.events`, and the programs have answered; or when all has happened up to a
 * time, and that is the time. With both: after so many events, and at that time, before the next event.
 */
export type Point =
  | { readonly events: number; readonly time?: Micros }
  | { readonly events?: never; readonly time: Micros };

/** How far events go on the way there. */
export function boundsOf({ events, time }: Point): { readonly events: number; readonly time: Micros } {
  const never = Number.POSITIVE_INFINITY;
  return events === undefined ? { events: never, time } : { events, time: never };
}

/** Whether a world has come there, but for the time that still passes without any event. */
export function isReached(
  point: Point,
  { events, next }: { readonly events: number; readonly next: Micros | undefined },
): boolean {
  if (point.events !== undefined) return events >= point.events;
  return next === undefined || next > point.time;
}
