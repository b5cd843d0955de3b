/** The library `@sinonjs/fake-timers`, an optional peer: it puts a program's timers and dates aside, and back in their place. */
import { createRequire } from 'node:module';
import type { install } from '@sinonjs/fake-timers';

/** What is used of its clock. Installed functions call those of the clock, whichever it has at that time. */
export interface FakeClock {
  now: number;
  setTimeout: unknown;
  clearTimeout: unknown;
  setInterval: unknown;
  clearInterval: unknown;
  setImmediate: unknown;
  clearImmediate: unknown;
  uninstall(): void;
}

interface Library {
  readonly install: typeof install;
}

/** What the world has an answer for. */
const NAMES = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'Date',
  'Intl',
] as const;

/**
 * Puts the timers and dates of this process aside. Throws Error in one line when the library is not there, or when
 * another clock is in their place already.
 */
export function installFakeTimers(): FakeClock {
  const library = load();
  const date = Date as DateConstructor & { isFake?: boolean };
  if (date.isFake === true)
    throw new Error(
      'timers: a fake clock is in place already, of another world that runs or of the test runner: one at a time',
    );
  const names = 'Temporal' in globalThis ? [...NAMES, 'Temporal' as const] : [...NAMES];
  return library.install({ toFake: names, ignoreMissingTimers: true });
}

/** By `require`, so that its absence can be told of in one line. */
function load(): Library {
  const require = createRequire(import.meta.url);
  try {
    return require('@sinonjs/fake-timers') as Library;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND') throw error;
    throw new Error(
      'timers: this needs the package @sinonjs/fake-timers, which is not installed: npm install --save-dev @sinonjs/fake-timers',
      { cause: error },
    );
  }
}
