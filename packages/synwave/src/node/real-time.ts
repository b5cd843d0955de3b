/** Real time, as it was before any world or test runner put a clock of its own in its place: for what never lives in a world. */
import timers from 'node:timers';

/** Milliseconds that never go back. */
export const now: () => number = performance.now.bind(performance);

export const setTimeout: typeof timers.setTimeout = timers.setTimeout;
export const clearTimeout: typeof timers.clearTimeout = timers.clearTimeout;
export const setInterval: typeof timers.setInterval = timers.setInterval;
export const clearInterval: typeof timers.clearInterval = timers.clearInterval;
export const setImmediate: typeof timers.setImmediate = timers.setImmediate;
