/** Checks of arguments, with node:net's errors. Each answers the value that it was given. */
import { coded, rangeError, received, typeError, valueError } from './errors.ts';
import type { Callback } from './options.ts';
import type { Platform } from './platform.ts';

const INT32 = 0x7fff_ffff;

export class Validator {
  private readonly platform: Platform;

  constructor(platform: Platform) {
    this.platform = platform;
  }

  string(value: unknown, name: string): string {
    if (typeof value !== 'string') throw typeError(this.platform, name, 'of type string', value);
    return value;
  }

  number(value: unknown, name: string): number {
    if (typeof value !== 'number') throw typeError(this.platform, name, 'of type number', value);
    return value;
  }

  boolean(value: unknown, name: string): boolean {
    if (typeof value !== 'boolean') throw typeError(this.platform, name, 'of type boolean', value);
    return value;
  }

  callback(value: unknown, name: string): Callback {
    if (typeof value !== 'function') throw typeError(this.platform, name, 'of type function', value);
    return value as Callback;
  }

  /** An integer from `least` to 2^31 - 1. */
  int32(value: unknown, name: string, least: number): number {
    const number = this.number(value, name);
    if (!Number.isInteger(number)) throw rangeError(this.platform, name, 'an integer', value);
    if (number < least || number > INT32) {
      throw rangeError(this.platform, name, `>= ${least} && <= ${INT32}`, value);
    }
    return number;
  }

  /** A time in milliseconds. */
  span(value: unknown, name: string): number {
    const number = this.number(value, name);
    if (!(number >= 0 && Number.isFinite(number))) {
      throw rangeError(this.platform, name, 'a non-negative finite number', value);
    }
    return number;
  }

  /** `least` (0 or 1) to 65535, as a number or as text. */
  port(value: unknown, name: string, least: 0 | 1 = 0): number {
    const number = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : -1;
    if (!Number.isInteger(number) || number < least || number > 65_535) {
      const message = `${name} should be ${least === 0 ? '>=' : '>'} 0 and < 65536. Received ${received(this.platform, value)}.`;
      throw coded('RangeError', 'ERR_SOCKET_BAD_PORT', message);
    }
    return number;
  }

  signal(value: unknown, name: string): AbortSignal {
    if (typeof value !== 'object' || value === null || !('aborted' in value)) {
      throw typeError(this.platform, name, 'an instance of AbortSignal', value);
    }
    return value as AbortSignal;
  }

  oneOf<T>(value: T, name: string, allowed: readonly T[]): void {
    if (allowed.includes(value)) return;
    const list = allowed.map((each) => this.platform.inspect(each)).join(', ');
    throw valueError(this.platform, name, value, `must be one of: ${list}`);
  }
}
