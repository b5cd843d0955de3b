import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Address } from '../../src/base/address.ts';
import { AddressTable } from '../../src/base/address-table.ts';

// Few keys, so that sets, overwrites and deletes meet.
const key = fc.record({ word: fc.integer({ min: 0, max: 7 }), scope: fc.integer({ min: 0, max: 2 }) });
const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), key, value: fc.nat() }),
  fc.record({ do: fc.constant('delete' as const), key, value: fc.constant(0) }),
  fc.record({ do: fc.constant('clear' as const), key, value: fc.constant(0) }),
);

const byNumber = (a: number, b: number): number => a - b;

describe('the table of addresses', () => {
  test('does what a Map of text keys does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const table = new AddressTable<number>(5);
        const model = new Map<string, number>();
        for (const { do: what, key: k, value } of steps) {
          const address = new Address().set(k.word & 1, 0, 0xffff, k.word);
          const name = `${k.word} ${k.scope}`;
          if (what === 'set') {
            table.set(address, k.scope, value);
            model.set(name, value);
          } else if (what === 'delete') {
            table.delete(address, k.scope);
            model.delete(name);
          } else {
            table.clear();
            model.clear();
          }
          expect(table.size).toBe(model.size);
          expect(table.find(address, k.scope)).toBe(model.get(name) ?? null);
          expect([...table].sort(byNumber)).toEqual([...model.values()].sort(byNumber));
        }
      }),
    );
  });
});
