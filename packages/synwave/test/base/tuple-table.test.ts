/** The table of four-tuples against a Map of strings. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Address } from '../../src/base/address.ts';
import { TupleTable } from '../../src/base/tuple-table.ts';

type Tuple = { local: Address; localPort: number; remote: Address; remotePort: number };

function ipv4(n: number): Address {
  return new Address().set(0, 0, 0xffff, n);
}

function enter(table: TupleTable, slot: number, t: Tuple): void {
  table.insert(slot, t.local, t.localPort, t.remote, t.remotePort);
}

function look(table: TupleTable, t: Tuple): number {
  return table.find(t.local, t.localPort, t.remote, t.remotePort);
}

const base: Tuple = {
  local: new Address().set(1, 2, 3, 4),
  localPort: 80,
  remote: new Address().set(5, 6, 7, 8),
  remotePort: 9,
};

describe('TupleTable', () => {
  test('what is in is found under its slot, and read back', () => {
    const table = new TupleTable(1);
    const tuple: Tuple = {
      local: ipv4(-1),
      localPort: 65_535,
      remote: new Address().set(-1, 2, -3, 4),
      remotePort: 65_534,
    };
    expect(look(table, tuple)).toBe(-1);
    enter(table, 40, tuple);
    expect([look(table, tuple), table.size]).toEqual([40, 1]);
    const into = new Address();
    expect(table.localOf(40, into).equals(tuple.local)).toBe(true);
    expect(table.remoteOf(40, into).equals(tuple.remote)).toBe(true);
    expect([table.localPortOf(40), table.remotePortOf(40)]).toEqual([65_535, 65_534]);
    table.remove(40);
    expect([look(table, tuple), table.size]).toEqual([-1, 0]);
    // Whoever shows a closed connection still finds its ends.
    expect(table.remoteOf(40, into).equals(tuple.remote)).toBe(true);
  });

  test('the addresses are copied', () => {
    const table = new TupleTable(1);
    const local = ipv4(1);
    table.insert(0, local, 1, ipv4(2), 2);
    local.d = 9;
    expect(table.find(ipv4(1), 1, ipv4(2), 2)).toBe(0);
  });

  test.each<[string, Partial<Tuple>]>([
    ['local a', { local: new Address().set(9, 2, 3, 4) }],
    ['local b', { local: new Address().set(1, 9, 3, 4) }],
    ['local c', { local: new Address().set(1, 2, 9, 4) }],
    ['local d', { local: new Address().set(1, 2, 3, 9) }],
    ['local port', { localPort: 81 }],
    ['remote a', { remote: new Address().set(9, 6, 7, 8) }],
    ['remote b', { remote: new Address().set(5, 9, 7, 8) }],
    ['remote c', { remote: new Address().set(5, 6, 9, 8) }],
    ['remote d', { remote: new Address().set(5, 6, 7, 9) }],
    ['remote port', { remotePort: 8 }],
    ['the ports changed over', { localPort: 9, remotePort: 80 }],
    ['the addresses changed over', { local: base.remote, remote: base.local }],
  ])('another %s is another four-tuple', (_name, other) => {
    const table = new TupleTable(3);
    enter(table, 0, base);
    expect(look(table, { ...base, ...other })).toBe(-1);
    enter(table, 1, { ...base, ...other });
    expect([look(table, base), look(table, { ...base, ...other })]).toEqual([0, 1]);
  });

  test('taking out a slot that has none changes nothing', () => {
    const table = new TupleTable(3);
    enter(table, 0, base);
    table.remove(7);
    table.remove(0);
    table.remove(0);
    expect([table.size, table.has(0), table.has(7), table.has(1e6)]).toEqual([0, false, false, false]);
    enter(table, 0, base);
    expect(table.has(0)).toBe(true);
    expect(look(table, base)).toBe(0);
  });

  test('any inserts and removes, for any seed', () => {
    // Few enough four-tuples that they meet, are taken out of the middle of runs and come back under other slots.
    const step = fc.tuple(fc.nat({ max: 59 }), fc.nat({ max: 59 }));
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { minLength: 1, maxLength: 200 }), (seed, steps) => {
        const table = new TupleTable(seed);
        const slots = new Map<number, number>();
        const taken = new Set<number>();
        const tuple = (n: number): Tuple => ({
          local: ipv4(n & 1),
          localPort: 80,
          remote: ipv4(n & 6),
          remotePort: 1000 + (n >> 3),
        });
        for (const [n, slot] of steps) {
          const old = slots.get(n);
          if (old !== undefined) {
            table.remove(old);
            slots.delete(n);
            taken.delete(old);
          } else if (!taken.has(slot)) {
            enter(table, slot, tuple(n));
            slots.set(n, slot);
            taken.add(slot);
          }
          expect(table.size).toBe(slots.size);
          expect(table.has(slot)).toBe(taken.has(slot));
          for (let k = 0; k < 60; k++) expect(look(table, tuple(k))).toBe(slots.get(k) ?? -1);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a hundred thousand, half of them taken out again', () => {
    const table = new TupleTable(77);
    const count = 100_000;
    const remote = ipv4(0);
    const local = ipv4(0x0a00_0001);
    const at = (n: number): Address => remote.set(0, 0, 0xffff, 0x0b00_0000 + (n >> 10));
    for (let n = 0; n < count; n++) table.insert(n, local, 80, at(n), 1024 + (n & 1023));
    for (let n = 0; n < count; n += 2) table.remove(n);
    let wrong = 0;
    for (let n = 0; n < count; n++) {
      if (table.find(local, 80, at(n), 1024 + (n & 1023)) !== ((n & 1) === 0 ? -1 : n)) wrong++;
    }
    expect([wrong, table.size]).toEqual([0, count / 2]);
  });
});
