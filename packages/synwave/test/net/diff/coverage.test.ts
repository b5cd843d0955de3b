/** The suite itself: the checklist is whole, every item has a case, and what differs on purpose says why. */
import { describe, expect, test } from 'vitest';
import { all } from './all.ts';
import { runs } from './case.ts';
import { groups, type Item, items } from './items.ts';
import { type Difference, onPurpose, type Unseen, unseen } from './on-purpose.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** For the command that prints the table: the checklist, and the two lists beside it. */
    checklist?: {
      readonly groups: readonly (readonly [string, readonly Item[]])[];
      readonly onPurpose: readonly Difference[];
      readonly unseen: readonly Unseen[];
    };
  }
}

describe('the differential suite', () => {
  test('the checklist has 156 items, none of them twice', ({ task }) => {
    task.meta.checklist = { groups: [...groups], onPurpose, unseen };
    expect(items).toHaveLength(156);
    expect(new Set(items).size).toBe(156);
  });

  test('every item is covered by a case', () => {
    const covered = new Set([...all.values()].flat().flatMap((one) => one.covers));
    expect(items.filter((item) => !covered.has(item) && !unseen.some((each) => each.item === item))).toStrictEqual([]);
  });

  test('at least 350 cases over each family, no name twice in a group', () => {
    const list = [...all].flatMap(([group, cases]) => runs(cases).map((run) => ({ ...run, group })));
    const names = list.map(({ group, name }) => `${group}: ${name}`);
    for (const family of [4, 6]) {
      expect(list.filter((run) => run.family === family).length).toBeGreaterThanOrEqual(350);
    }
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toStrictEqual([]);
  });
});
