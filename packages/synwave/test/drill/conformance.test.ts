/** The conformance scripts pass, and a sample of their mutants does not; `conformance.long.test.ts` runs every mutant. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runScript } from '../../src/drill/index.ts';
import { survivorsOf } from './mutate.ts';
import { scripts } from './scripts.ts';

/** Of each script so many mutants run here, others of each. */
const SAMPLE = 8;

test('there are scripts, each with a word on what it shows', () => {
  expect(scripts.length).toBeGreaterThan(100);
  expect(scripts.filter(({ text }) => !text.startsWith('// ')).map(({ name }) => name)).toEqual([]);
});

test('those that are tables are as their script writes them', () => {
  const writer = fileURLToPath(new URL('../../../../scripts/conformance.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [writer, '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
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
