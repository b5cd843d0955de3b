/** A handful of the broken rules; `broken-rules.long.test.ts` breaks all of them. */
import { expect, test, vi } from 'vitest';
import { runBroken } from './break.ts';
import { brokenRules } from './broken-rules.ts';

// Each is a build.
vi.setConfig({ testTimeout: 60_000 });

const HANDFUL = ['MUST-1', 'MUST-13', 'MUST-37', 'MUST-65', 'SHLD-3'];

test.each(
  brokenRules.filter(({ rule }) => HANDFUL.includes(rule)).map((each) => [each.rule, each.fault, each] as const),
)('%s: it %s', async (_rule, _fault, broken) => {
  const results = await runBroken(broken);
  expect(results.length).toBeGreaterThan(0);
  expect(results.filter(({ status }) => status !== 'failed').map(({ name, status }) => `${name} ${status}`)).toEqual(
    [],
  );
});
