/** Surroundings of worlds in Node.js: they take over the timers and the randomness of their programs, and wait for Node's threads. */
import type { Random } from '../base/random.ts';
import type { Inside, Stay, Surroundings } from '../sim/surroundings.ts';
import type { WorldOptions } from '../sim/world.ts';
import { ArmedTimers, EPOCH, ProgramTimers } from './program-timers.ts';
import { setImmediate } from './real-time.ts';
import { Seeded } from './seeded.ts';
import { Strict } from './strict.ts';
import { Threads } from './threads.ts';

export interface NodeWorldOptions extends WorldOptions {
  /**
   * For as long as the world runs, the program's timers and clocks are in its time: `setTimeout`, `setInterval`,
   * `setImmediate`, `node:timers`, `node:timers/promises`, `Date`, `performance.now`, `process.hrtime`,
   * `AbortSignal.timeout`. Of two things at one instant the one that was asked for first comes first. Needs the package
   * `@sinonjs/fake-timers`. Off by default.
   */
  readonly timers?: boolean;
  /** The date at the world's time 0, where `timers` are on; by default 2000-01-01T00:00:00.000Z. */
  readonly epoch?: Date;
  /**
   * Milliseconds of real time for which the world stands still while Node's threads work for the program: files, names,
   * compression, cryptography. The run is taken for stuck then. 10,000 by default; 0: it does not wait for them.
   */
  readonly threads?: number;
  /**
   * For as long as the world runs, the program's randomness comes from the seed: `Math.random`, `crypto.getRandomValues`,
   * `crypto.randomUUID`, and `randomBytes`, `randomFill`, `randomInt` and the like of `node:crypto`. Not what a library
   * has taken out of a module before (see `synwave/early`), nor keys that are made. Off by default.
   */
  readonly randomness?: boolean;
  /**
   * What would make one run differ from the next throws a RefusedError, and fails the run: real time unless `timers` are
   * on, chance unless `randomness` is, keys that are made, sockets and processes of the system. Off by default.
   */
  readonly strict?: boolean;
}

const THREADS = 10_000;
const CHANCE = 'randomness differs from run to run; turn on `randomness`';

export class NodeSurroundings implements Surroundings {
  private readonly options: NodeWorldOptions;
  private readonly armed: ArmedTimers = new ArmedTimers();
  private random: Random | null = null;

  constructor(options: NodeWorldOptions) {
    this.options = options;
  }

  /** Cheaper than a message by far, and held against fake clocks. */
  turn(done: () => void): void {
    setImmediate(done);
  }

  enter(inside: Inside): Stay {
    const { timers = false, epoch, threads = THREADS, randomness = false, strict = false } = this.options;
    // One stream for all runs of a world: the second does not draw what the first has drawn.
    this.random ??= inside.chance('program');
    const random = randomness ? this.random : null;
    const taken: { leave(): void }[] = [];
    const leave = (): void => {
      for (let each = taken.pop(); each !== undefined; each = taken.pop()) each.leave();
    };
    const take = <T extends { leave(): void }>(part: T): T => {
      taken.push(part);
      return part;
    };
    try {
      if (timers) take(new ProgramTimers(inside, epoch?.getTime() ?? EPOCH, this.armed));
      const keeper = strict ? take(new Strict(timers)) : null;
      if (strict || randomness) take(new Seeded((what) => random ?? keeper?.no(what, CHANCE) ?? null));
      const pool = threads > 0 ? take(new Threads(threads)) : null;
      return {
        work: () => pool?.work() ?? null,
        timers: () => this.armed.lines(inside.now),
        check: () => {
          if (keeper !== null && keeper.refused !== null) throw keeper.refused;
        },
        leave,
      };
    } catch (error) {
      leave();
      throw error;
    }
  }
}
