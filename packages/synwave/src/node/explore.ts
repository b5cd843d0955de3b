/** synwave/explore: a program of a file is explored on all cores; what was found is repeated. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { type Attempt, attempt } from '../sim/explore/attempt.ts';
import { numbersOf, RUNS, type Shard } from '../sim/explore/explore.ts';
import type { MischiefOptions } from '../sim/explore/mischief.ts';
import type { Cable, WorldLimit } from '../sim/index.ts';
import { hasProgram, type ProgramScenario, parseProgramScenario, ScenarioError } from '../sim/index.ts';
import { type FoundInFile, Pool } from './explore-pool.ts';
import { ExploreError, loadSubject, moduleText, moduleUrl } from './load-subject.ts';
import { exactWorld } from './node-world.ts';
import { now } from './real-time.ts';
import { trap } from './trap.ts';

export type { FoundInFile } from './explore-pool.ts';
export { ExploreError } from './load-subject.ts';

export interface FileExploreOptions extends MischiefOptions {
  /** The name of the export: a program, or `{ program, property, world }`. The default export unless given. */
  readonly export?: string;
  /** 1,000 by default; of all shards together. */
  readonly runs?: number;
  /** What all runs are drawn from; 1 by default. */
  readonly seed?: number | string;
  readonly shard?: Shard;
  /** Whether it goes on after the first failure. */
  readonly all?: boolean;
  /** Threads; as many as there are cores by default. What is found does not depend on it. */
  readonly workers?: number;
  /** Seconds of real time after which no further run is begun. */
  readonly seconds?: number;
  /** Seconds of real time that one run may take; 60 by default. A run that takes longer is a failure. */
  readonly runSeconds?: number;
  /** How far each run may go in virtual time and in events. */
  readonly limit?: WorldLimit;
  /** Runs that the shrinking of one failure may take; 1,000 by default. */
  readonly shrinkRuns?: number;
  /** Told after each run, how many were made, and of how many. */
  readonly progress?: (runs: number, of: number) => void;
  /** No further run is begun once it aborts. */
  readonly signal?: AbortSignal;
}

/** What an exploration came to. */
export interface FileExplored {
  /** The URL of the module, and the name of its export. */
  readonly module: string;
  readonly export: string;
  readonly seed: number | string;
  readonly runs: number;
  readonly of: number;
  readonly failed: number;
  /** One for each kind of failure, by the number of the run. */
  readonly failures: readonly FoundInFile[];
}

/**
 * Runs a program of a module again and again, each time with another mischief, in threads. The same seed finds the same,
 * whatever the number of threads. Rejects with ExploreError when the module or its export is not there, with RangeError for
 * options that make no sense.
 */
export async function explore(module: string | URL, options: FileExploreOptions = {}): Promise<FileExplored> {
  const { export: name = 'default', runs = RUNS, seed = 1, shard, all = false, signal } = options;
  const { workers = availableParallelism(), seconds = Number.POSITIVE_INFINITY, runSeconds = 60, progress } = options;
  const { mix, schedules, limit, shrinkRuns } = options;
  if (!Number.isSafeInteger(workers) || workers < 1) throw new RangeError(`workers ${workers} is not 1 or more`);
  const url = moduleUrl(module);
  const numbers = numbersOf(runs, shard);
  const search = given({ seed, mix, schedules, limit, shrinkRuns });
  const until = now() + seconds * 1000;
  const pool = new Pool(
    { url, name, options: search },
    {
      workers,
      numbers,
      all,
      runTime: runSeconds * 1000,
      progress: (made) => progress?.(made, numbers.length),
      stop: () => signal?.aborted === true || now() >= until,
    },
  );
  return { module: url, export: name, seed, of: numbers.length, ...(await pool.search()) };
}

/** Without what is undefined. */
function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

export interface ReplayOptions {
  /** Another seed than the file's. */
  readonly seed?: number | string;
  /** Told of each cable as soon as it is there. */
  readonly laid?: (cable: Cable) => void;
  /** Whether errors that the program throws in callbacks end the run instead of the process. */
  readonly trap?: boolean;
}

/** A scenario of a program, and how it went. */
export interface Replayed extends Attempt {
  readonly scenario: ProgramScenario;
}

/** Runs a scenario file that names a program. Rejects with ExploreError for a file that is not one. */
export async function replay(file: string | URL, options: ReplayOptions = {}): Promise<Replayed> {
  const url = moduleUrl(file);
  const scenario = parse(await text(url), moduleText(url));
  const { module, name } = scenario.program;
  const subject = await loadSubject(new URL(module, url).href, name);
  const { seed = scenario.seed, laid } = options;
  const setup = { seed, faults: scenario.faults, chance: false, ...(laid === undefined ? {} : { laid }) };
  const ground = { make: exactWorld, ...(options.trap === true ? { trap } : {}) };
  return { scenario, ...(await attempt(subject, setup, ground)) };
}

/** The same for a test: rejects as the program fails. */
export async function repeat(file: string | URL): Promise<void> {
  const { failure, error } = await replay(file);
  if (failure !== null) throw error;
}

async function text(url: string): Promise<string> {
  try {
    return await readFile(new URL(url), 'utf8');
  } catch (error) {
    throw new ExploreError(`cannot read ${moduleText(url)}: ${(error as Error).message}`);
  }
}

function parse(json: string, path: string): ProgramScenario {
  try {
    const value: unknown = JSON.parse(json);
    if (!hasProgram(value)) throw new ScenarioError('program', 'is missing: this scenario has a network of its own');
    return parseProgramScenario(value);
  } catch (error) {
    throw new ExploreError(`${path}: ${(error as Error).message}`);
  }
}
