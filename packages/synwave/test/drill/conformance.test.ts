/** The conformance scripts pass, and none of their mutants does: each expectation counts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runScript } from '../../src/drill/index.ts';
import { mutantsOf } from './mutate.ts';

const FOLDER = fileURLToPath(new URL('../../conformance', import.meta.url));

const scripts = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.pkt'))
  .map((path) => join(FOLDER, path))
  .sort();

test('there are scripts', () => {
  expect(scripts.length).toBeGreaterThan(15);
});

describe.each(scripts.map((path) => [relative(FOLDER, path), path]))('%s', (name, path) => {
  const text = readFileSync(path, 'utf8');

  test('passes', () => {
    const { status, message } = runScript(text, { name });
    expect(message).toBe('');
    expect(status).toBe('passed');
  });

  test('no mutant passes', () => {
    const mutants = mutantsOf(text);
    expect(mutants.length).toBeGreaterThan(5);
    const survivors = mutants.filter((mutant) => runScript(mutant.text, { name }).status === 'passed');
    expect(
      survivors.map(({ line, what, text: changed }) => `${line}: ${what}: ${changed.split('\n')[line - 1]}`),
    ).toEqual([]);
  });
});
