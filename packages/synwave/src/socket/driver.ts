/** Driver: who calls a host: the simulator, Node.js, a page. */
import type { Micros } from '../base/time.ts';

/** A host, as its driver sees it. */
export interface Driven {
  readonly name: string;
  /** Serves what is due at the driver's present time. Answers when to call again, NEVER: only after the next `wake`. */
  turn(): Micros;
}

export interface Driver {
  /** The time, in microseconds; it never goes back. */
  now(): Micros;
  /** The host has something to do: call its `turn` soon, once. */
  wake(host: Driven): void;
  /** The host has sockets or listeners now (`alive`), or none any more: whether a program is to go on for its sake. */
  keep?(host: Driven, alive: boolean): void;
}
