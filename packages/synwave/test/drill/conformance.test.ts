/** The conformance scripts pass, and a sample of their mutants does not; `conformance.long.test.ts` runs every mutant. */
import { describe, expect, test } from 'vitest';
import { runScript } from '../../src/drill/index.ts';
import { survivorsOf } from './mutate.ts';
import { scripts } from './scripts.ts';

/** Of each script one mutant in so many runs here, beginning with another one for each. */
const SAMPLE = 12;

test('there are scripts, each with a word on what it shows', () => {
  expect(scripts.length).toBeGreaterThan(100);
  expect(scripts.filter(({ text }) => !text.startsWith('// ')).map(({ name }) => name)).toEqual([]);
});

describe.each(scripts.map(({ name, text }, i) => [name, text, i] as const))('%s', (name, text, i) => {
  test('passes', () => {
    const { status, message } = runScript(text, { name });
    expect(message).toBe('');
    expect(status).toBe('passed');
  });

  test('no mutant of the sample passes', () => {
    const { count, survivors } = survivorsOf(text, name, SAMPLE, i);
    expect(count).toBeGreaterThan(0);
    expect(survivors).toEqual([]);
  });
});
