/** How a packet script ends badly: it cannot be read, or the host under test did not do as it says. */
import type { Place } from './script.ts';

/** The script itself is wrong: what was expected, and where. */
export class ScriptError extends Error {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What stands wrong, without the place. */
  readonly reason: string;

  constructor(file: string, place: Place, reason: string) {
    super(`${file}:${place.line}:${place.column}: ${reason}`);
    this.name = 'ScriptError';
    this.file = file;
    this.line = place.line;
    this.column = place.column;
    this.reason = reason;
  }
}

/** A step did not come out as the script has it. `message` is what a reader is told, with file and line. */
export class DrillError extends Error {
  readonly file: string;
  readonly line: number;
  readonly reason: string;

  constructor(file: string, line: number, reason: string) {
    super(`${file}:${line}: ${reason}`);
    this.name = 'DrillError';
    this.file = file;
    this.line = line;
    this.reason = reason;
  }
}

/** Thrown inside a step; the runner adds the place. */
export class Mismatch extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'Mismatch';
  }
}

/** Thrown where a script asks for what this runner cannot do: neither passed nor failed as the script means it. */
export class Unsupported extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'Unsupported';
  }
}
