/** Subject: what is explored: a program that builds a network and lives in it, and what must hold when it has ended. */
import type { World, WorldOptions } from '../world.ts';

/** Makes hosts and cables in an empty world, and does there what is to be tried. It does not call `run` of the world. */
export type Program<T = unknown> = (w: World) => Promise<T>;

/**
 * What must hold when the program has ended: false, or an error, is a failure. It is part of the run, so it may wait for what
 * happens in the world.
 */
export type Property<T = unknown> = (result: T, w: World) => unknown;

export interface Subject<T = unknown> {
  readonly program: Program<T>;
  /** Left out: it is enough that the program ends. */
  readonly property?: Property<T>;
  /** Options of its worlds; the seed is the search's. */
  readonly world?: WorldOptions;
}

/** Makes the world of one run. */
export type WorldMaker = (options: WorldOptions) => World;

/** A program alone is a subject, too. */
export function subjectOf<T>(given: Program<T> | Subject<T>): Subject<T> {
  return typeof given === 'function' ? { program: given } : given;
}
