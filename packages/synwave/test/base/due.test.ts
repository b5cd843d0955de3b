import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Due, Queue } from '../../src/base/due.ts';

class Named extends Due {
  readonly name: number;

  constructor(name: number) {
    super();
    this.name = name;
  }

  happen(): void {
    throw new Error('the queue lets nothing happen');
  }
}

/** All that is in, in order. */
function drain(queue: Queue): number[] {
  const names: number[] = [];
  for (let due = queue.take(); due !== undefined; due = queue.take()) names.push((due as Named).name);
  return names;
}

describe('the queue of events', () => {
  test('events come by their time, those of one time as they were put in', () => {
    const queue = new Queue();
    for (const [name, time] of [5, 3, 5, 1, 3, 3].entries()) queue.add(new Named(name), time);
    expect(drain(queue)).toEqual([3, 1, 4, 5, 0, 2]);
  });

  test('an event that is put in again moves, behind those of its time', () => {
    const queue = new Queue();
    const dues = [0, 1, 2].map((name) => new Named(name));
    for (const due of dues) queue.add(due, 7);
    queue.add(dues[0] as Named, 7);
    queue.add(dues[2] as Named, 6);
    expect(queue.length).toBe(3);
    expect(drain(queue)).toEqual([2, 1, 0]);
  });

  test('what is in says so; taking out twice is once', () => {
    const queue = new Queue();
    const due = new Named(0);
    expect(due.awaited).toBe(false);
    queue.add(due, 1);
    expect(due.awaited).toBe(true);
    queue.remove(due);
    queue.remove(due);
    expect(due.awaited).toBe(false);
    expect(queue.first).toBeUndefined();
  });

  test('a line of events at once, that never empties, stays short and in order', () => {
    const queue = new Queue();
    queue.add(new Named(0), 5);
    queue.take();
    const dues = Array.from({ length: 4 }, (_, name) => new Named(name));
    for (const due of dues) queue.add(due, 5);
    for (let i = 0; i < 10_000; i++) {
      const due = queue.take() as Named;
      expect(due.name).toBe(i % 4);
      queue.add(due, 5);
    }
    expect(drain(queue)).toEqual([0, 1, 2, 3]);
  });

  test('as a list that is sorted each time', () => {
    const step = fc.record({
      name: fc.nat(30),
      time: fc.nat(10),
      what: fc.constantFrom('add', 'add', 'remove', 'take'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const queue = new Queue();
        const dues = new Map<number, Named>();
        let model: { name: number; time: number }[] = [];
        for (const { name, time, what } of steps) {
          const due = dues.get(name) ?? new Named(name);
          dues.set(name, due);
          if (what === 'take') expect((queue.take() as Named | undefined)?.name).toBe(model.shift()?.name);
          else {
            model = model.filter((each) => each.name !== name);
            if (what === 'add') {
              queue.add(due, time);
              model = [...model, { name, time }].toSorted((a, b) => a.time - b.time);
            } else queue.remove(due);
          }
          expect(queue.length).toBe(model.length);
        }
        expect(drain(queue)).toEqual(model.map(({ name }) => name));
      }),
    );
  });
});
