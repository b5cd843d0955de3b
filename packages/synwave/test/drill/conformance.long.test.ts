/** No mutant of a conformance script passes: each expectation of each counts. */
import { expect, test } from 'vitest';
import { survivorsOf } from './mutate.ts';
import { scripts } from './scripts.ts';

test.each(scripts.map(({ name, text }) => [name, text] as const))('%s', (name, text) => {
  const { count, survivors } = survivorsOf(text, name);
  expect(count).toBeGreaterThan(5);
  expect(survivors).toEqual([]);
});
