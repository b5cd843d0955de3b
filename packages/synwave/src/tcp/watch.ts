/** Watch: who looks on at one connection. The engine calls it only when there is one. */
import type { Micros } from '../base/time.ts';
import type { DueName } from './due.ts';
import type { State } from './state.ts';

export interface Watch {
  /** The connection moved from one state to another. */
  stateMoves(from: State, to: State): void;
  /** A timer was set to `at`, or turned off (NEVER). */
  timerMoves(name: DueName, at: Micros): void;
  /** A timer went off. */
  timerFires(name: DueName): void;
}
