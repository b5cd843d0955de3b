/** Time as the engine knows it: an argument, in microseconds, counted from whatever the driver calls zero. */

/** Microseconds: an instant or a span. */
export type Micros = number;

/** A deadline that is not armed. */
export const NEVER: Micros = Number.POSITIVE_INFINITY;

export const MILLISECOND: Micros = 1_000;
export const SECOND: Micros = 1_000_000;
export const MINUTE: Micros = 60 * SECOND;
