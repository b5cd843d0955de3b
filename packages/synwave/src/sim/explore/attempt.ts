/** Attempt: one run of a subject, with mischief or without, and what it came to. */
import type { Micros } from '../../base/time.ts';
import type { Cable } from '../cable.ts';
import type { MatchFault } from '../fault-group.ts';
import type { Meddler, PacketFault } from '../meddling.ts';
import { type World, type WorldLimit, world } from '../world.ts';
import { type Failure, failureOf, PropertyError } from './failure.ts';
import type { Subject, WorldMaker } from './subject.ts';

/** How a run may be ended by errors that no promise of the program brings, as the platform knows them. Answers how to stop. */
export type Trap = (fail: (error: unknown) => void) => () => void;

/** Where runs are made, and with what. */
export interface Ground {
  readonly make?: WorldMaker;
  readonly trap?: Trap;
  /** How far each run may go; by default 24 h of virtual time and a million events. */
  readonly limit?: WorldLimit;
}

/** What differs from one attempt to the next. */
export interface Setup {
  readonly seed: number | string;
  readonly faults?: readonly (PacketFault | MatchFault)[];
  readonly meddler?: Meddler;
  /** Whether cables do anything by chance. */
  readonly chance?: boolean;
  readonly laid?: (cable: Cable) => void;
}

/** How a run went. */
export interface Attempt {
  /** Null: well. */
  readonly failure: Failure | null;
  /** What was thrown. */
  readonly error: unknown;
  /** `World.shape`: two runs with another one were not the same. */
  readonly shape: string;
  /** What chance did to packets. */
  readonly chances: readonly PacketFault[];
  readonly time: Micros;
}

const LIMIT: Required<WorldLimit> = { time: 24 * 3600 * 1_000_000, events: 1_000_000 };

/** Runs it to its end. What it throws is in the answer. */
export async function attempt<T>(subject: Subject<T>, setup: Setup, ground: Ground): Promise<Attempt> {
  const { make = world, limit, trap } = ground;
  const { world: about = {}, program, property } = subject;
  const { seed, faults = [], meddler, chance = true, laid } = setup;
  const w = make({
    ...about,
    seed,
    limit: { ...LIMIT, ...about.limit, ...limit },
    keepChances: true,
    chance,
    faults: [...(about.faults ?? []), ...faults],
    ...(meddler === undefined ? {} : { meddler }),
    ...(laid === undefined ? {} : { laid }),
  });
  const error = await thrown(
    w,
    async () => {
      const result = await program(w);
      if (property !== undefined && (await property(result, w)) === false) throw new PropertyError();
    },
    trap,
  );
  const failure = error === undefined ? null : failureOf(error.value, w.now);
  return { failure, error: error?.value, shape: w.shape, chances: w.chances, time: w.now };
}

/** What a run throws, of itself or elsewhere; undefined: nothing. */
async function thrown(
  w: World,
  program: () => Promise<void>,
  trap: Trap | undefined,
): Promise<{ readonly value: unknown } | undefined> {
  let stop = (): void => undefined;
  const trapped = new Promise<never>((_resolve, reject) => {
    if (trap !== undefined) stop = trap(reject);
  });
  trapped.catch(() => undefined); // it may come too late
  try {
    await w.run(() => Promise.race([program(), trapped]));
    return undefined;
  } catch (value) {
    return { value };
  } finally {
    stop();
  }
}
