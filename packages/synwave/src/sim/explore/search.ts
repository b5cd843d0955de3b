/** Search: the runs of an exploration, each by its number alone, so that whoever makes them, and in which order, they are the same. */
import { Random } from '../../base/random.ts';
import { PcapngWriter } from '../../capture/pcapng-write.ts';
import type { Cable } from '../cable.ts';
import type { PacketFault } from '../meddling.ts';
import { record } from '../record.ts';
import { attempt, type Ground } from './attempt.ts';
import type { Failure } from './failure.ts';
import { Mischief, type MischiefOptions } from './mischief.ts';
import { Retelling, sentence, type ToldFault } from './retell.ts';
import { shrink } from './shrink.ts';
import type { Subject } from './subject.ts';

export interface SearchOptions extends Ground, MischiefOptions {
  /** What all runs are drawn from; 1 by default. */
  readonly seed?: number | string;
  /** Runs that the shrinking of one failure may take; 1,000 by default. */
  readonly shrinkRuns?: number;
}

/** A run that failed. */
export interface Failed {
  /** Its number, from 0. */
  readonly run: number;
  /** The seed of its world. */
  readonly seed: number;
  readonly failure: Failure;
  /** All that befell packets, by mischief and by chance. */
  readonly faults: readonly PacketFault[];
  readonly shape: string;
}

/** The smallest set of packet events that was found to fail in the same way, without any chance. */
export interface Smallest {
  readonly faults: readonly PacketFault[];
  /** The same, told by what the packets say. */
  readonly told: readonly ToldFault[];
  /** `drop the third ACK from client`. */
  readonly sentences: readonly string[];
  readonly failure: Failure;
  readonly shape: string;
  /** Runs that it took. */
  readonly runs: number;
}

/** A failure, and what is left of it. */
export interface Found extends Failed {
  /** Null: the same seed and the same packet events did not fail in the same way again, so there is more to it than these. */
  readonly smallest: Smallest | null;
}

const SHRINK_RUNS = 1000;

export class Search<T> {
  private readonly subject: Subject<T>;
  private readonly options: SearchOptions;
  private readonly random: Random;

  constructor(subject: Subject<T>, options: SearchOptions = {}) {
    this.subject = subject;
    this.options = options;
    this.random = new Random(options.seed ?? 1);
  }

  /** Makes a run. The first, number 0, is left without mischief. Null: it went well. */
  async run(run: number): Promise<Failed | null> {
    const random = this.random.fork(`run ${run}`);
    const seed = random.next();
    const mischief = new Mischief(random.fork('mischief'), this.options);
    const meddler = run === 0 ? {} : { meddler: mischief.meddle.bind(mischief) };
    const { failure, chances, shape } = await attempt(this.subject, { seed, ...meddler }, this.options);
    return failure === null ? null : { run, seed, failure, shape, faults: [...chances, ...mischief.done] };
  }

  /** What it needs at least to fail so. */
  async shrink(failed: Failed): Promise<Found> {
    const { seed, failure, faults, shape } = failed;
    let runs = 0;
    const again = (some: readonly PacketFault[]): ReturnType<typeof attempt> => {
      runs++;
      return attempt(this.subject, { seed, chance: false, faults: some }, this.options);
    };
    const first = await again(faults);
    if (first.failure?.kind !== failure.kind || first.shape !== shape) return { ...failed, smallest: null };
    const fails = async (some: readonly PacketFault[]): Promise<boolean> =>
      (await again(some)).failure?.kind === failure.kind;
    const fewest = await shrink(faults, fails, this.options.shrinkRuns ?? SHRINK_RUNS);
    return { ...failed, smallest: await this.retell(seed, fewest, failure.kind, runs) };
  }

  /** A capture, pcapng, of the smallest failure: all cables, each packet where it ends. */
  async capture({ seed, smallest }: Found & { readonly smallest: Smallest }): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    const writer = new PcapngWriter({ sink: (part) => parts.push(part), application: 'synwave explore' });
    const laid = (cable: Cable): void => void record(writer, [cable]);
    await attempt(this.subject, { seed, chance: false, faults: smallest.told, laid }, this.options);
    return concat(parts);
  }

  /** By what the packets say; a run shows that it means the same. */
  private async retell(
    seed: number,
    faults: readonly PacketFault[],
    kind: string,
    runs: number,
  ): Promise<Smallest | null> {
    const retelling = new Retelling();
    const setup = { seed, chance: false };
    const seen = await attempt(this.subject, { ...setup, faults, meddler: retelling.look }, this.options);
    const told = retelling.told(faults);
    const { failure, shape } = await attempt(this.subject, { ...setup, faults: told }, this.options);
    if (failure?.kind !== kind || shape !== seen.shape) return null;
    return { faults, told, sentences: told.map(sentence), failure, shape, runs: runs + 2 };
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
