/** Errors in the shapes that node:net gives them: those that name an argument, and those that a system call answers. */
import { type ErrorCode, errors } from '../base/errors.ts';
import type { Platform } from './platform.ts';

/** What a call of the stack failed with: a code of the system, or of the resolver. */
export type SystemCode = ErrorCode | 'ENOTFOUND';

export interface NodeError extends Error {
  code: string;
  errno?: number;
  syscall?: string;
  address?: string | null;
  port?: number;
}

/** What a look-up fails with: nobody has the name; or nobody could be asked for it now. */
export type LookupCode = 'ENOTFOUND' | 'EAI_AGAIN';

/** Node's numbers for them; they are no errno of Linux. */
const NOT_FOUND = -3008;
const TRY_AGAIN = -3001;

/** libuv's words, where `listen` says them. */
const sentences: Readonly<Partial<Record<SystemCode, string>>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'address not available',
  EAFNOSUPPORT: 'address family not supported',
  EINVAL: 'invalid argument',
  ENOBUFS: 'no buffer space available',
};

/** Linux's number of a code, negative as libuv has it. */
function errnoOf(code: SystemCode): number {
  return code === 'ENOTFOUND' ? NOT_FOUND : -errors[code].errno;
}

/** A system call that failed: `read ECONNRESET`. */
export function systemError(code: SystemCode, syscall: string): NodeError {
  return Object.assign(new Error(`${syscall} ${code}`), { errno: errnoOf(code), code, syscall });
}

/** The same with whom it was about: `connect ECONNREFUSED 127.0.0.1:1`; `local`: from where. */
export function addressError(
  code: SystemCode,
  syscall: string,
  address: string,
  port: number,
  local?: string,
): NodeError {
  const where = port > 0 ? `${address}:${port}` : address;
  const from = local === undefined ? '' : ` - Local (${local})`;
  const error = Object.assign(new Error(`${syscall} ${code} ${where}${from}`), {
    errno: errnoOf(code),
    code,
    syscall,
    address,
  });
  return port > 0 ? Object.assign(error, { port }) : error;
}

/** `listen EADDRINUSE: address already in use 127.0.0.1:80`. */
export function listenError(code: SystemCode, address: string, port: number): NodeError {
  const where = port > 0 ? `${address}:${port}` : address;
  const error = Object.assign(new Error(`listen ${code}: ${sentences[code] ?? code} ${where}`), {
    code,
    errno: errnoOf(code),
    syscall: 'listen',
    address,
  });
  return port > 0 ? Object.assign(error, { port }) : error;
}

/** `getaddrinfo ENOTFOUND name`. */
export function lookupError(hostname: string, code: LookupCode = 'ENOTFOUND'): NodeError {
  return Object.assign(new Error(`getaddrinfo ${code} ${hostname}`), {
    errno: code === 'ENOTFOUND' ? NOT_FOUND : TRY_AGAIN,
    code,
    syscall: 'getaddrinfo',
    hostname,
  });
}

/** All of several addresses failed. */
export function attemptsError(failed: readonly NodeError[]): NodeError {
  const code = failed[0]?.code ?? 'ECONNREFUSED';
  return headed(Object.assign(new AggregateError([...failed]), { code }), `AggregateError [${code}]`);
}

class AbortError extends Error {
  readonly code: string = 'ABORT_ERR';
  override readonly name: string = 'AbortError';
}

/** Someone's signal gave it up; `cause`: the signal's reason. */
export function abortError(cause: unknown): NodeError {
  const error = new AbortError('The operation was aborted', cause === undefined ? {} : { cause });
  return headed(error, 'AbortError');
}

type Kind = 'Error' | 'TypeError' | 'RangeError';

/** Errors whose text has the code in it, though the name has not. */
const kinds: Readonly<Record<Kind, new (message: string) => Error>> = {
  Error: withCode(Error),
  TypeError: withCode(TypeError),
  RangeError: withCode(RangeError),
};

function withCode(base: ErrorConstructor): new (message: string) => Error {
  class Coded extends base {
    declare readonly code: string;

    override toString(): string {
      return `${this.name} [${this.code}]: ${this.message}`;
    }
  }
  Object.defineProperty(Coded.prototype, 'constructor', { value: base });
  return Coded;
}

/** An error with a code of Node's own: the code stands in the stack and in the text, not in the name. */
export function coded(kind: Kind, code: string, message: string): NodeError {
  return headed(Object.assign(new kinds[kind](message), { code }), `${kind} [${code}]`);
}

/** Writes the stack's first line anew. */
function headed<T extends Error>(error: T, title: string): T {
  const { stack } = error;
  if (stack === undefined) return error;
  const trace = stack.indexOf('\n    at ');
  const value = `${title}: ${error.message}${trace < 0 ? '' : stack.slice(trace)}`;
  Object.defineProperty(error, 'stack', { value, enumerable: false, writable: true, configurable: true });
  return error;
}

/** "argument" or "property", and the name in quotes. */
function named(name: string): string {
  return `"${name}" ${name.includes('.') ? 'property' : 'argument'}`;
}

/** ERR_INVALID_ARG_TYPE. `expected` as `of type string`, `one of type number or string`. */
export function typeError(platform: Platform, name: string, expected: string, value: unknown): NodeError {
  const message = `The ${named(name)} must be ${expected}. Received ${received(platform, value)}`;
  return coded('TypeError', 'ERR_INVALID_ARG_TYPE', message);
}

/** ERR_INVALID_ARG_VALUE. */
export function valueError(platform: Platform, name: string, value: unknown, reason = 'is invalid'): NodeError {
  const text = platform.inspect(value);
  const shown = text.length > 128 ? `${text.slice(0, 128)}...` : text;
  const what = name.includes('.') ? 'property' : 'argument';
  return coded('TypeError', 'ERR_INVALID_ARG_VALUE', `The ${what} '${name}' ${reason}. Received ${shown}`);
}

/** ERR_OUT_OF_RANGE. */
export function rangeError(platform: Platform, name: string, range: string, value: unknown): NodeError {
  const whole = typeof value === 'number' && Number.isInteger(value) && Math.abs(value) > 2 ** 32;
  const shown = whole ? grouped(value) : platform.inspect(value);
  const message = `The value of "${name}" is out of range. It must be ${range}. Received ${shown}`;
  return coded('RangeError', 'ERR_OUT_OF_RANGE', message);
}

/** Something that node:net has and a stack inside a program cannot have; `instead`: where to turn. */
export function notOffered(what: string, instead: string): NodeError {
  const message = `${what} is not offered by synwave: ${instead}`;
  return coded('TypeError', 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', message);
}

/** 1_000_000: large numbers are easier read so. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, '_');
}

/** What a value is, as messages of ERR_INVALID_ARG_TYPE end. */
export function received(platform: Platform, value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'object') {
    const { name } = (value as { constructor?: { name?: string } }).constructor ?? {};
    return name ? `an instance of ${name}` : platform.inspect(value, { depth: -1 });
  }
  const text = platform.inspect(value, { colors: false });
  return `type ${typeof value} (${text.length > 28 ? `${text.slice(0, 25)}...` : text})`;
}
