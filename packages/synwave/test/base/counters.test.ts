/** Counters by place and by name. */
import { expect, test } from 'vitest';
import { Counters } from '../../src/base/counters.ts';

test('each place counts for its name', () => {
  const counters = new Counters(['in', 'out', 'dropped']);
  counters.count(0);
  counters.count(2);
  counters.count(2, 40);
  counters.count(3);
  expect([counters.get(0), counters.get(1), counters.get(2)]).toEqual([1, 0, 41]);
  const all = counters.toObject();
  expect(all).toEqual({ in: 1, out: 0, dropped: 41 });
  counters.count(0);
  expect(all.in).toBe(1);
});

test('beyond 2^32 it goes on counting', () => {
  const counters = new Counters(['octets']);
  counters.count(0, 2 ** 40);
  counters.count(0);
  expect(counters.get(0)).toBe(2 ** 40 + 1);
});
