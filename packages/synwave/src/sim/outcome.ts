/** Outcome: what is to be known of a run that failed, on the error that leaves it: how to have the same again. */
import type { Micros } from '../base/time.ts';

/** Stands on errors that leave a run, as `world`. */
export interface Outcome {
  readonly seed: number | string;
  /** The virtual time. */
  readonly time: Micros;
  /** `World.shape`: two runs with another one were not the same. */
  readonly shape: string;
  /** `World.hash`, if it was asked for. */
  readonly hash: string | null;
}

/** Puts it on an error that has none yet; what is no object, or may not be changed, stays as it is. */
export function note(error: unknown, outcome: Outcome): void {
  if (!(error instanceof Error) || !Object.isExtensible(error) || 'world' in error) return;
  Object.defineProperty(error, 'world', { value: outcome, enumerable: true, configurable: true, writable: true });
}
