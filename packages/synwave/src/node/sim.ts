/** synwave/sim in Node.js: worlds that take over the timers of their programs, and wait for Node's threads. */
import type { Inside, Stay, Surroundings } from '../sim/surroundings.ts';
import { World, type WorldOptions } from '../sim/world.ts';
import { ArmedTimers, EPOCH, ProgramTimers } from './program-timers.ts';
import { Threads } from './threads.ts';

export * from '../sim/index.ts';

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
}

const THREADS = 10_000;

class NodeSurroundings implements Surroundings {
  private readonly options: NodeWorldOptions;
  private readonly armed: ArmedTimers = new ArmedTimers();

  constructor(options: NodeWorldOptions) {
    this.options = options;
  }

  enter(inside: Inside): Stay {
    const { timers = false, epoch, threads = THREADS } = this.options;
    const clocks = timers ? new ProgramTimers(inside, epoch?.getTime() ?? EPOCH, this.armed) : null;
    const pool = threads > 0 ? new Threads(threads) : null;
    return {
      work: () => pool?.work() ?? null,
      timers: () => this.armed.lines(inside.now),
      leave: () => {
        pool?.leave();
        clocks?.leave();
      },
    };
  }
}

/** Makes a world: empty, at its beginning. */
export function world(options: NodeWorldOptions = {}): World {
  return new World(options, new NodeSurroundings(options));
}
