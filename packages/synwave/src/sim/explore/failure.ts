/** Failure: how a run failed, in words that can be compared: two runs that fail in the same way are one mistake. */
import type { Micros } from '../../base/time.ts';
import { WorldStuckError } from '../stuck.ts';

export interface Failure {
  /** What two failures of one kind have in common: the sort of error, and its words without numbers. */
  readonly kind: string;
  /** One line. */
  readonly message: string;
  /** All there is to say: a stack, or who waits for what in a world that is stuck. */
  readonly report: string;
  /** The virtual time. */
  readonly time: Micros;
}

/** The property does not hold: it answered false. */
export class PropertyError extends Error {
  constructor() {
    super('the property does not hold');
    this.name = 'PropertyError';
  }
}

/** What was thrown, as a failure. */
export function failureOf(error: unknown, time: Micros): Failure {
  if (!(error instanceof Error)) {
    const text = `${typeof error === 'string' ? error : `something of type ${typeof error}`} was thrown, which is no Error`;
    return { kind: withoutNumbers(text), message: text, report: text, time };
  }
  const [first = ''] = error.message.split('\n', 1);
  const stuck = error instanceof WorldStuckError;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const message = stuck ? first.replace(/, at [\d.]+ s$/, '') : `${error.name}: ${first}`;
  // Which error, and with which words; not where it was and what the numbers were.
  const kind = `${error.name} ${code} ${withoutNumbers(first)}`;
  return { kind, message, report: stuck ? error.message : (error.stack ?? message), time };
}

function withoutNumbers(text: string): string {
  return text.replaceAll(/\b(?:0x[0-9a-f]+|\d+(?:\.\d+)*)\b/gi, '#');
}
