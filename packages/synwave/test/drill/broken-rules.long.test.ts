/** Where the stack breaks a rule, the scripts that are about it say so. */
import { expect, test } from 'vitest';
import { runBroken } from './break.ts';
import { brokenRules } from './broken-rules.ts';

test('at least 25 of the MUSTs are broken', () => {
  const musts = new Set(brokenRules.map(({ rule }) => rule).filter((rule) => rule.startsWith('MUST')));
  expect(musts.size).toBeGreaterThanOrEqual(25);
});

test.each(brokenRules.map((broken) => [broken.rule, broken.fault, broken] as const))(
  '%s: it %s',
  async (_, __, rule) => {
    const results = await runBroken(rule);
    expect(results.length).toBeGreaterThan(0);
    expect(results.filter(({ status }) => status !== 'failed').map(({ name, status }) => `${name} ${status}`)).toEqual(
      [],
    );
  },
);
