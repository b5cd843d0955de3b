/** The units of time. */
import { expect, test } from 'vitest';
import { MILLISECOND, MINUTE, NEVER, SECOND } from '../../src/base/time.ts';

test('spans are microseconds, and NEVER is later than any', () => {
  expect([MILLISECOND, SECOND, MINUTE]).toEqual([1e3, 1e6, 6e7]);
  expect(Number.MAX_VALUE < NEVER).toBe(true);
  expect(Math.min(NEVER, MINUTE)).toBe(MINUTE);
});
