/** Pool: the threads of an exploration. Whichever makes a run, and in whatever order they end, what comes of it is the same. */

import { Worker } from 'node:worker_threads';
import { Tally } from '../sim/explore/explore.ts';
import type { Failed, Found } from '../sim/explore/search.ts';
import type { Answer, Order, WorkerData } from './explore-worker.ts';
import { ExploreError } from './load-subject.ts';
import { clearTimeout, setTimeout } from './real-time.ts';

/** A failure with its capture; null where the failure could not be repeated. */
export interface FoundInFile extends Found {
  readonly capture: Uint8Array | null;
}

export interface PoolPlan {
  readonly workers: number;
  /** Numbers of the runs, in their order. */
  readonly numbers: readonly number[];
  readonly all: boolean;
  /** Milliseconds of real time that a run may take. */
  readonly runTime: number;
  readonly progress: (runs: number) => void;
  /** Whether it is time to end: no further run is begun. */
  readonly stop: () => boolean;
}

/** What the runs came to. */
export interface PoolResult {
  readonly runs: number;
  readonly failed: number;
  readonly failures: readonly FoundInFile[];
}

const WORKER = new URL('./explore-worker.js', import.meta.url);

/** One thread. It is made anew when it had to be ended. */
class Hand {
  private readonly data: WorkerData;
  private readonly runTime: number;
  private worker: Worker | null = null;
  private ready: Promise<void> | null = null;
  private heard: (answer: Answer) => void = () => undefined;
  private lost: (why: string) => void = () => undefined;
  private watchdog: NodeJS.Timeout | undefined;

  constructor(data: WorkerData, runTime: number) {
    this.data = data;
    this.runTime = runTime;
  }

  /** Answers what the thread says, or why it cannot: it took too long, or the program has ended it. */
  async ask(order: Order): Promise<Answer | string> {
    this.ready ??= this.begin();
    await this.ready;
    return new Promise((resolve) => {
      const done = (answer: Answer | string): void => {
        clearTimeout(this.watchdog);
        resolve(answer);
      };
      this.heard = (answer) => {
        if (answer.type === 'alive') this.watch();
        else done(answer);
      };
      this.lost = (why) => {
        this.end();
        done(why);
      };
      this.watch();
      this.worker?.postMessage(order);
    });
  }

  end(): void {
    clearTimeout(this.watchdog);
    void this.worker?.terminate();
    this.worker = this.ready = null;
  }

  private watch(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(
      () => this.lost(`the run took more than ${this.runTime / 1000} s of real time, and was ended`),
      this.runTime,
    );
  }

  /** Throws ExploreError when the program cannot be used. */
  private begin(): Promise<void> {
    const worker = new Worker(WORKER, { workerData: this.data, stdout: true, stderr: true });
    this.worker = worker;
    // What the program prints, a thousand times, is not shown.
    worker.stdout.resume();
    worker.stderr.resume();
    return new Promise((resolve, reject) => {
      const seconds = this.runTime / 1000;
      this.watchdog = setTimeout(
        () => reject(new ExploreError(`the program's module takes more than ${seconds} s to load`)),
        this.runTime,
      );
      const gone = (why: string): void => {
        if (this.worker !== worker) return;
        reject(new ExploreError(why));
        this.lost(why);
      };
      worker.on('error', (error: unknown) => gone(`its thread failed: ${String(error)}`));
      worker.on('exit', (code) => gone(`the program ended its process, with exit code ${code}`));
      worker.on('message', (answer: Answer) => {
        clearTimeout(this.watchdog);
        if (answer.type === 'ready') resolve();
        else if (answer.type === 'unusable') reject(new ExploreError(answer.message));
        else this.heard(answer);
      });
    });
  }
}

export class Pool {
  private readonly plan: PoolPlan;
  private readonly hands: readonly Hand[];
  private readonly failed: Failed[] = [];
  private next = 0;
  private made = 0;
  /** The place of the first failure among the runs so far. */
  private first: number = Number.POSITIVE_INFINITY;

  constructor(data: WorkerData, plan: PoolPlan) {
    this.plan = plan;
    const count = Math.min(plan.workers, plan.numbers.length);
    this.hands = Array.from({ length: count }, () => new Hand(data, plan.runTime));
  }

  /** Makes the runs, then shrinks what has failed. Throws ExploreError when the program cannot be used. */
  async search(): Promise<PoolResult> {
    const { hands, plan } = this;
    try {
      await Promise.all(hands.map((hand) => this.work(hand)));
      const inOrder = this.failed.toSorted((a, b) => a.run - b.run);
      const counted = plan.all ? inOrder : inOrder.slice(0, 1);
      const tally = new Tally();
      const firsts = counted.filter(({ failure }) => tally.isNew(failure.kind));
      const failures = await this.shrinkAll(firsts);
      const runs = plan.all || this.first === Number.POSITIVE_INFINITY ? this.made : this.first + 1;
      return { runs, failed: tally.failed, failures };
    } finally {
      for (const hand of hands) hand.end();
    }
  }

  /** One thread makes one run after the other; without `all` none behind the first that failed. */
  private async work(hand: Hand): Promise<void> {
    for (let place = this.takeOne(); place >= 0; place = this.takeOne()) {
      const run = this.plan.numbers[place] as number;
      const answer = await hand.ask({ type: 'run', run });
      const failed = typeof answer === 'string' ? ended(run, answer) : answer.type === 'ran' ? answer.failed : null;
      this.plan.progress(++this.made);
      if (failed === null) continue;
      this.failed.push(failed);
      this.first = Math.min(this.first, place);
    }
  }

  /** The place of the run that is to be made next; -1: none is. */
  private takeOne(): number {
    const { numbers, all, stop } = this.plan;
    return this.next < numbers.length && (all || this.next < this.first) && !stop() ? this.next++ : -1;
  }

  private async shrinkAll(failed: readonly Failed[]): Promise<FoundInFile[]> {
    const found: FoundInFile[] = [];
    let next = 0;
    const work = async (hand: Hand): Promise<void> => {
      while (next < failed.length) {
        const place = next++;
        found[place] = await shrinkBy(hand, failed[place] as Failed);
      }
    };
    await Promise.all(this.hands.map(work));
    return found;
  }
}

async function shrinkBy(hand: Hand, failed: Failed): Promise<FoundInFile> {
  // A run that had to be ended would have to be ended again and again.
  const answer = failed.shape === '' ? '' : await hand.ask({ type: 'shrink', failed });
  if (typeof answer === 'string' || answer.type !== 'shrunk') return { ...failed, smallest: null, capture: null };
  return { ...answer.found, capture: answer.capture };
}

/** A run that came to no end of its own. */
function ended(run: number, message: string): Failed {
  return { run, seed: 0, failure: { kind: message, message, report: message, time: 0 }, faults: [], shape: '' };
}
