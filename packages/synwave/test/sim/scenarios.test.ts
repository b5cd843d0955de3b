/** Every scenario file is played, with each of its variants: its steps are assertions, and its texts keep to their measure. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../src/sim/scenario/parse.ts';
import { play } from '../../src/sim/scenario/run.ts';
import type { Scenario } from '../../src/sim/scenario/scenario.ts';
import type { Words } from '../../src/sim/scenario/words.ts';

const folder = new URL('../../scenarios/', import.meta.url);

const scenarios = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => [name, parseScenario(JSON.parse(readFileSync(new URL(name, folder), 'utf8')))] as const)
  .sort(([, a], [, b]) => (a.number ?? 99) - (b.number ?? 99));

/** A fullwidth character takes the room of two. */
const LONGEST = { zh: 90, en: 200 } as const;

/** Every text of a scenario that stands below one of the three headings. */
function tellings({ plot, variants }: Scenario): Words[] {
  const steps = [plot, ...variants.map((each) => each.plot)].flatMap((each) => each.steps);
  return steps.flatMap(({ what, why, notice }) => [what, why, ...(notice === null ? [] : [notice])]);
}

describe.each(scenarios)('%s', (name, scenario) => {
  const variants = [null, ...scenario.variants.map(({ id }) => id)];

  test('is named as its file', () => {
    expect(`${scenario.id}.json`).toBe(name);
  });

  test.each(variants)('variant %s: every step comes, in order, and nothing that must not', (variant) => {
    expect(play(scenario, { variant }).finish().problem).toBeNull();
  });

  test.each(variants)('variant %s: the same run again', (variant) => {
    const events = [1, 2].map(() => {
      const run = play(scenario, { variant });
      run.finish();
      return JSON.stringify(run.events, (_key, value) =>
        value instanceof Uint8Array ? [...value] : (value as unknown),
      );
    });
    expect(events[0]).toBe(events[1]);
  });

  test('texts are short, and in their language', () => {
    for (const { zh, en } of tellings(scenario)) {
      expect(zh.length, zh).toBeLessThanOrEqual(LONGEST.zh);
      expect(en.length, en).toBeLessThanOrEqual(LONGEST.en);
      expect(zh, zh).toMatch(/\p{Script=Han}/u);
      expect(en, en).not.toMatch(/\p{Script=Han}/u);
    }
  });
});
