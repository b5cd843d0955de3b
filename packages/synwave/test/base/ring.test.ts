/** The ring against an array that is shifted. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Ring } from '../../src/base/ring.ts';

function octets(ring: Ring, offset: number, len: number): number[] {
  const into = new Uint8Array(len + 4).fill(0xee);
  ring.copy(offset, into, 2, len);
  expect([into[0], into[1], into[len + 2], into[len + 3]]).toEqual([0xee, 0xee, 0xee, 0xee]);
  return [...into.subarray(2, 2 + len)];
}

describe('Ring', () => {
  test.each<[number, number]>([
    [1, 1],
    [2, 2],
    [3, 4],
    [4096, 4096],
    [4097, 8192],
  ])('%i octets asked for: capacity %i', (asked, capacity) => {
    const ring = new Ring(asked);
    expect([ring.capacity, ring.bytes.length]).toEqual([capacity, capacity]);
  });

  test('an octet written ahead of the others stays at its place when the head moves up to it', () => {
    const ring = new Ring(8);
    ring.put(5, Uint8Array.of(7), 0, 1);
    ring.advance(5);
    expect(octets(ring, 0, 1)).toEqual([7]);
  });

  test('a stretch over the end comes in two pieces', () => {
    const ring = new Ring(8);
    ring.advance(6);
    ring.put(0, Uint8Array.of(0, 1, 2, 3, 4), 1, 4);
    expect([ring.index(0), ring.contiguous(0, 4)]).toEqual([6, 2]);
    expect([ring.index(2), ring.contiguous(2, 2)]).toEqual([0, 2]);
    expect([...ring.bytes.subarray(6)]).toEqual([1, 2]);
    expect([...ring.bytes.subarray(0, 2)]).toEqual([3, 4]);
  });

  test('puts, copies and advances in any order, short spans and long ones', () => {
    type Step = { kind: 'put' | 'advance'; x: number; y: number };
    const step: fc.Arbitrary<Step> = fc.record({
      kind: fc.constantFrom('put', 'advance'),
      x: fc.nat({ max: 300 }),
      y: fc.nat({ max: 300 }),
    });
    fc.assert(
      fc.property(fc.nat({ max: 256 }), fc.array(step, { maxLength: 40 }), (asked, steps) => {
        const ring = new Ring(asked);
        let model = new Array<number>(ring.capacity).fill(0);
        let value = 0;
        for (const { kind, x, y } of steps) {
          const { capacity } = ring;
          if (kind === 'put') {
            const offset = x % capacity;
            const len = y % (capacity - offset + 1);
            const from = Uint8Array.from({ length: len + 3 }, () => (value = (value + 1) & 0xff));
            ring.put(offset, from, 3, len);
            model.splice(offset, len, ...from.subarray(3));
            expect(octets(ring, offset, len)).toEqual(model.slice(offset, offset + len));
          } else {
            const n = x % (capacity + 1);
            ring.advance(n);
            model = [...model.slice(n), ...model.slice(0, n)];
          }
          expect(octets(ring, 0, ring.capacity)).toEqual(model);
        }
      }),
      { numRuns: 150 },
    );
  });
});
