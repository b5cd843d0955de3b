/** Surroundings: what a world may take over of the platform for as long as it runs; it does not know which platform that is. */
import type { Due } from '../base/due.ts';
import type { Random } from '../base/random.ts';
import type { Micros } from '../base/time.ts';

/** Something of a program's that stands in the world's time. */
export interface Timer {
  /** Goes off at that time, and no longer when it would have before. */
  start(at: Micros): void;
  stop(): void;
  /** Whether it goes off some time. */
  readonly armed: boolean;
  /** Whether a run goes on for its sake alone; true at first. */
  ref(on: boolean): void;
}

/** A host, as a timer of its programs sees it. */
export interface Holder {
  /** Whether it keeps `due` until it goes on. */
  hold(due: Due): boolean;
  letGo(due: Due): void;
}

/** A world, as its surroundings see it. */
export interface Inside {
  /** The virtual time. */
  readonly now: Micros;
  /** A timer that calls `act`; what that throws ends the run. `host`: while that is paused, it does not go off. */
  timer(act: () => void, host?: Holder): Timer;
  /** A stream of chance that follows from the world's seed and from `name`. */
  chance(name: string): Random;
}

/** One run's stay in its surroundings. */
export interface Stay {
  /**
   * What the program has others do, threads of the platform for instance: time stands still until the promise resolves.
   * Null: nothing is under way. Rejects with an error that says what takes so long.
   */
  work(): Promise<void> | null;
  /** One line for each timer of the program's that is armed, the next one first. */
  timers(): readonly string[];
  /** Throws when the program has done what this world does not allow, though it came to its end. */
  check(): void;
  /** All is given back. Called once, whatever the run came to. */
  leave(): void;
}

export interface Surroundings {
  /** Calls `done` when the platform's event loop has turned once and all microtasks are done. */
  turn(done: () => void): void;
  /** A run begins. Throws when what it needs cannot be had, and has taken nothing then. */
  enter(inside: Inside): Stay;
}
