/** Every MUST of RFC 9293 is named by a packet script or a test, or is answered for in docs/requirements.md. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface Requirement {
  readonly number: string;
  readonly places: readonly string[];
  readonly waived: boolean;
}

const command = fileURLToPath(new URL('../../../scripts/requirements.mjs', import.meta.url));
const rows = JSON.parse(execFileSync(process.execPath, [command, '--json'], { encoding: 'utf8' })) as Requirement[];

test('every MUST is covered', () => {
  const musts = rows.filter(({ number }) => number.startsWith('MUST'));
  const uncovered = musts.filter(({ places, waived }) => places.length === 0 && !waived);
  expect(uncovered.map(({ number }) => number)).toEqual([]);
});

test('the page of requirements has all of them, in order', () => {
  const kinds = [
    ['MUST', 69],
    ['SHLD', 31],
    ['MAY', 18],
    ['REC', 1],
  ] as const;
  const wanted = kinds.flatMap(([kind, count]) => Array.from({ length: count }, (_, i) => `${kind}-${i + 1}`));
  expect(rows.map(({ number }) => number)).toEqual(wanted);
});
