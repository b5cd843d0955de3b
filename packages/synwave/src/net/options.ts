/** The many ways in which `connect` and `listen` are called, brought to one: options and a callback. */

/** Options as they come: nothing in them is checked yet. */
export type Loose = Readonly<Record<string, unknown>>;

export type Callback = (...args: unknown[]) => void;

/** Marks what has been normalized, so that it is not done twice. */
const normalized: unique symbol = Symbol('normalizedArgs');

export type Normalized = [options: Loose, callback: Callback | null] & { [normalized]?: true };

/** A number from 0 on, or false. */
export function toNumber(value: unknown): number | false {
  const number = Number(value);
  return number >= 0 ? number : false;
}

/** Text that is not a number names a pipe. */
export function isPipeName(value: unknown): value is string {
  return typeof value === 'string' && toNumber(value) === false;
}

/** `(options)`, `(port[, host])` or `(path)`, each with a callback at the end or without. */
export function normalize(args: readonly unknown[]): Normalized {
  const [first] = args;
  if (args.length === 1 && Array.isArray(first) && (first as Normalized)[normalized] === true) {
    return first as unknown as Normalized;
  }
  const last = args.at(-1);
  const answer: Normalized = [optionsOf(args), typeof last === 'function' ? (last as Callback) : null];
  answer[normalized] = true;
  return answer;
}

function optionsOf(args: readonly unknown[]): Loose {
  if (args.length === 0) return {};
  const [first, second] = args;
  if (typeof first === 'object' && first !== null) return first as Loose;
  if (isPipeName(first)) return { path: first };
  return args.length > 1 && typeof second === 'string' ? { port: first, host: second } : { port: first };
}
