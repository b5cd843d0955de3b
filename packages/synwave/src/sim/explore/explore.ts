/** Explore: many runs of a program, each with a mischief of its own, until one fails; and the least that it takes to fail. */

import type { WorldOptions } from '../world.ts';
import { type Found, Search, type SearchOptions } from './search.ts';
import { type Program, type Property, type Subject, subjectOf } from './subject.ts';

/** One part of the runs, for several machines: those whose number, divided by `of`, leaves `index` - 1. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

export interface ExploreOptions<T = unknown> extends SearchOptions {
  /** 1,000 by default; of all shards together. */
  readonly runs?: number;
  readonly property?: Property<T>;
  /** Options of the worlds, where the program has none of its own. */
  readonly world?: WorldOptions;
  /** Left out: all runs. */
  readonly shard?: Shard;
  /** Whether it goes on after the first failure. Of several failures of one kind, the first is shrunk and told. */
  readonly all?: boolean;
  /** Asked before each run: whether it is time to end. */
  readonly stop?: () => boolean;
  /** Told after each run, how many were made. */
  readonly progress?: (runs: number) => void;
}

/** What an exploration came to. */
export interface Explored {
  readonly seed: number | string;
  /** Runs that were made, and of how many. */
  readonly runs: number;
  readonly of: number;
  /** Runs that failed; without `all`, at most one. */
  readonly failed: number;
  /** One for each kind of failure, by the number of the run. */
  readonly failures: readonly Found[];
}

export const RUNS = 1000;

/**
 * Runs the program again and again, in this thread. The same seed finds the same failures. Throws RangeError for options
 * that make no sense.
 */
export async function explore<T>(program: Program<T> | Subject<T>, options: ExploreOptions<T> = {}): Promise<Explored> {
  const { runs = RUNS, seed = 1, property, world, shard, all = false, stop, progress } = options;
  const subject: Subject<T> = {
    ...(property === undefined ? {} : { property }),
    ...(world === undefined ? {} : { world }),
    ...subjectOf(program),
  };
  const search = new Search(subject, options);
  const tally = new Tally();
  const numbers = numbersOf(runs, shard);
  let made = 0;
  for (const run of numbers) {
    if (stop?.() === true) break;
    const failed = await search.run(run);
    made++;
    progress?.(made);
    if (failed === null || !tally.isNew(failed.failure.kind)) continue;
    tally.found.push(await search.shrink(failed));
    if (!all) break;
  }
  return { seed, runs: made, of: numbers.length, failed: tally.failed, failures: tally.found };
}

/** The numbers of the runs of a shard, in their order. Throws RangeError. */
export function numbersOf(runs: number, { index, of }: Shard = { index: 1, of: 1 }): number[] {
  if (!Number.isSafeInteger(runs) || runs < 1) throw new RangeError(`runs ${runs} is not a whole number from 1 on`);
  if (!Number.isSafeInteger(of) || of < 1 || !Number.isSafeInteger(index) || index < 1 || index > of)
    throw new RangeError(`shard ${index}/${of}: the first number goes from 1 to the second`);
  const count = Math.max(Math.ceil((runs - (index - 1)) / of), 0);
  return Array.from({ length: count }, (_, i) => index - 1 + i * of);
}

/** Failures, one of each kind. */
export class Tally {
  readonly found: Found[] = [];
  failed = 0;
  private readonly kinds: Set<string> = new Set<string>();

  /** Counts one. Answers whether it is the first of its kind. */
  isNew(kind: string): boolean {
    this.failed++;
    const isNew = !this.kinds.has(kind);
    this.kinds.add(kind);
    return isNew;
  }
}
