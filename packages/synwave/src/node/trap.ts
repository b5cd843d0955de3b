/** Trap: errors of a program that no promise of it brings: thrown in a callback, or a rejection that nobody has handled. */
import type { Trap } from '../sim/explore/attempt.ts';

/** Whoever runs. Late errors of those who ran before are nobody's. */
let current: ((error: unknown) => void) | null = null;
let set = false;

/** From now on such errors end the run that is under way, and no longer the process. */
export const trap: Trap = (fail) => {
  if (!set) {
    const caught = (error: unknown): void => current?.(error);
    process.on('uncaughtException', caught);
    process.on('unhandledRejection', caught);
    set = true;
  }
  current = fail;
  return () => {
    if (current === fail) current = null;
  };
};
