/** Driver: who calls a host: the simulator, Node.js, a page. */
import type { Micros } from '../base/time.ts';

/** A host, as its driver sees it. */
export interface Driven {
  readonly name: string;
  /** Serves what is due at the driver's present time. Answers when to call again, NEVER: only after the next `wake`. */
  turn(): Micros;
}

/** Something that was asked of a driver for later. */
export interface Alarm {
  /** It does not happen. Nothing is done when it has happened already. */
  cancel(): void;
}

export interface Driver {
  /** The time, in microseconds; it never goes back. */
  now(): Micros;
  /** The host has something to do: call its `turn` soon, once. */
  wake(host: Driven): void;
  /** The host has sockets or listeners now (`alive`), or none any more: whether a program is to go on for its sake. */
  keep?(host: Driven, alive: boolean): void;
  /**
   * Calls `act` from the platform's loop, when all that runs now has come to rest, promises included. Calls come in the
   * order in which they were asked for, and what one of them causes comes to rest before the next.
   */
  soon(act: () => void): void;
  /**
   * For drivers in virtual time: programs wait for whole turns of a loop that `turn` knows, and time is not to overtake
   * them. It calls `done` after one turn.
   */
  loopTurns?(turn: (done: () => void) => void): void;
  /** Calls `act` when `span` has passed, in microseconds of the driver's time. It keeps no program alive. */
  after(span: Micros, act: () => void): Alarm;
}
