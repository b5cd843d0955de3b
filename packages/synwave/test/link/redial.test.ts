/** Redial: when the other end is called again. */
import { expect, test } from 'vitest';
import { Redial } from '../../src/link/redial.ts';

test('soon at first, then later each time up to 5 s; soon again once somebody has answered; never after stop', () => {
  const waits: number[] = [];
  const due: (() => void)[] = [];
  let calls = 0;
  const redial = new Redial(
    (act, wait) => {
      waits.push(wait);
      due.push(act);
      return () => {
        due.splice(due.indexOf(act), 1);
      };
    },
    () => calls++,
  );
  for (let i = 0; i < 8; i++) {
    redial.missed();
    due.shift()?.();
  }
  expect(waits.splice(0)).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  expect(calls).toBe(8);
  redial.answered();
  redial.missed();
  redial.missed(); // twice in a row: one call
  expect(waits).toEqual([100, 200]);
  redial.stop();
  expect(due).toEqual([]);
});
