/** Timers and clocks of programs in a world's time: one order with the world's own events, and all is given back. */
import { AsyncLocalStorage } from 'node:async_hooks';
import nodeTimers from 'node:timers';
import { setInterval as each, setImmediate as immediately, setTimeout as later, scheduler } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import { world } from '../../src/node/sim.ts';

const HOUR = 3600 * SECOND;

describe('with timers on', () => {
  test('two hours of setTimeout take a moment, and every clock of the program says so', async () => {
    const w = world({ timers: true });
    const began = performance.now();
    const seen = await w.run(async () => {
      const before = [Date.now(), performance.now(), process.hrtime.bigint(), process.uptime()] as const;
      await new Promise((resolve) => setTimeout(resolve, 7_200_000));
      return {
        date: Date.now() - before[0],
        performance: performance.now() - before[1],
        hrtime: process.hrtime.bigint() - before[2],
        pair: process.hrtime([0, 0]),
        uptime: process.uptime() - before[3],
        iso: new Date().toISOString(),
        text: new Intl.DateTimeFormat('en', { timeZone: 'UTC', timeStyle: 'medium' }).format(),
      };
    });
    expect(seen).toEqual({
      date: 7_200_000,
      performance: 7_200_000,
      hrtime: 7_200_000_000_000n,
      pair: [7200, 0],
      uptime: 7200,
      iso: '2000-01-01T02:00:00.000Z',
      text: '2:00:00 AM',
    });
    expect(w.now).toBe(2 * HOUR);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test('timers of the program and events of the world come in one order; at one instant, in the order of asking', async () => {
    const w = world({ timers: true });
    const order: string[] = [];
    const say = (what: string) => () => void order.push(`${what} ${w.now / MILLISECOND}`);
    await w.run(async () => {
      setTimeout(say('timeout'), 20);
      w.after(20 * MILLISECOND, say('world'));
      setTimeout(say('timeout again'), 20);
      w.after(19_999, say('world'));
      setTimeout(say('zero is one'));
      setImmediate(say('immediate'));
      queueMicrotask(say('microtask'));
      const interval = setInterval(say('interval'), 15);
      await w.sleep(50 * MILLISECOND);
      clearInterval(interval);
      setTimeout(say('cleared'), 1);
      clearTimeout(setTimeout(say('never'), 1));
      await w.sleep(50 * MILLISECOND);
    });
    expect(order).toEqual([
      'microtask 0',
      'immediate 0',
      'zero is one 1',
      'interval 15',
      'world 19.999',
      'timeout 20',
      'world 20',
      'timeout again 20',
      'interval 30',
      'interval 45',
      'cleared 51',
    ]);
  });

  test('timers/promises, node:timers, util.promisify and AbortSignal.timeout follow as well', async () => {
    const w = world({ timers: true });
    const at: [string, number][] = [];
    const note = (what: string): void => void at.push([what, w.now / MILLISECOND]);
    await w.run(async () => {
      expect(await later(1000, 'value')).toBe('value');
      note('later');
      await immediately();
      note('immediately');
      await scheduler.wait(500);
      note('scheduler');
      await promisify(setTimeout)(500);
      note('promisify');
      await new Promise((resolve) => nodeTimers.setTimeout(resolve, 1000));
      note('node:timers');
      let ticks = 0;
      for await (const _ of each(100)) if (++ticks === 3) break;
      note('interval');
      const signal = AbortSignal.timeout(700); // no program goes on for its sake
      await Promise.race([new Promise((resolve) => signal.addEventListener('abort', resolve)), later(1000)]);
      expect((signal.reason as Error).name).toBe('TimeoutError');
      note('signal');
      const aborted = later(9999, null, { signal: AbortSignal.timeout(100) });
      await expect(aborted).rejects.toMatchObject({ name: 'TimeoutError' });
      note('aborted');
    });
    expect(at).toEqual([
      ['later', 1000],
      ['immediately', 1000],
      ['scheduler', 1500],
      ['promisify', 2000],
      ['node:timers', 3000],
      ['interval', 3300],
      ['signal', 4000],
      ['aborted', 4100],
    ]);
  });

  test('a handle can be refreshed, closed, taken for a number; what is called has its context', async () => {
    const w = world({ timers: true });
    const store = new AsyncLocalStorage<string>();
    const got: unknown[] = [];
    await w.run(async () => {
      const timer = store.run('mine', () =>
        setTimeout((a: string, b: number) => got.push(store.getStore(), a, b), 10, 'x', 2),
      );
      await w.sleep(5 * MILLISECOND);
      timer.refresh();
      await w.sleep(9 * MILLISECOND);
      expect(got).toEqual([]);
      await w.sleep(2 * MILLISECOND);
      expect(got).toEqual(['mine', 'x', 2]);
      expect([timer.hasRef(), timer.unref().hasRef(), timer.ref().hasRef()]).toEqual([true, false, true]);
      clearTimeout(Number(setTimeout(() => got.push('never'), 5)));
      clearTimeout(String(Number(setTimeout(() => got.push('never'), 5))));
      const closed = setTimeout(() => got.push('never'), 5);
      (closed as unknown as { close(): void }).close();
      clearTimeout(undefined);
      const text = 'text' as unknown as () => void;
      expect(() => setTimeout(text, 5)).toThrow(TypeError);
      await w.sleep(10 * MILLISECOND);
    });
    expect(got).toEqual(['mine', 'x', 2]);
  });

  test('what is armed at the end of a run waits for the next; unref: no run goes on for it', async () => {
    const w = world({ timers: true });
    const order: string[] = [];
    await w.run(async () => {
      setTimeout(() => order.push('one'), 1000);
      setInterval(() => order.push('tick'), 400).unref();
    });
    expect(order).toEqual([]);
    await w.run();
    expect(order).toEqual(['tick', 'tick', 'one']);
    expect(w.now).toBe(SECOND);
    await w.run(); // nothing is left but what is not waited for
    expect(w.now).toBe(SECOND);
    await w.runFor(SECOND);
    expect(order.length).toBe(3 + 3);
    await expect(w.run(() => new Promise(() => undefined))).rejects.toThrow('nothing is left to happen');
  });

  test('a timer that throws ends the run with what it threw', async () => {
    const w = world({ timers: true });
    const run = w.run(async () => {
      setTimeout(() => {
        throw new Error('thrown in a timer');
      }, 10);
      await w.sleep(SECOND);
    });
    await expect(run).rejects.toThrow('thrown in a timer');
    expect(w.now).toBe(10 * MILLISECOND);
  });

  test('the date of its beginning can be chosen', async () => {
    const w = world({ timers: true, epoch: new Date('2038-01-19T03:14:07Z') });
    expect(await w.run(async () => new Date().toISOString())).toBe('2038-01-19T03:14:07.000Z');
  });
});

describe('real time is given back', () => {
  function real(): unknown[] {
    const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate, Date } = globalThis;
    const own = ['now', 'timeOrigin', 'mark'].map((name) => Object.getOwnPropertyDescriptor(performance, name));
    return [
      [setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate, Date, Intl],
      [nodeTimers.setTimeout, nodeTimers.setImmediate, later, each, immediately],
      [Object.values({ ...process }), Object.entries(Object.getOwnPropertyDescriptors(AbortSignal))],
      [own, Object.keys(scheduler)],
    ];
  }

  const untouched = real();

  test.each<[string, () => Promise<unknown>]>([
    ['after a run', async () => 1],
    ['after one that fails', async () => Promise.reject(new Error('no'))],
    ['after one that is stuck', () => new Promise(() => undefined)],
  ])('%s', async (_name, program) => {
    await world({ timers: true })
      .run(program)
      .catch(() => undefined);
    expect(real()).toEqual(untouched);
  });

  test('a second world with timers is refused while one runs, and does it no harm', async () => {
    const [first, second] = [world({ timers: true }), world({ timers: true })];
    await first.run(async () => {
      await expect(second.run(async () => 1)).rejects.toThrow('a fake clock is in place already');
      await new Promise((resolve) => setTimeout(resolve, 1000));
    });
    expect(first.now).toBe(SECOND);
    expect(real()).toEqual(untouched);
    await expect(second.run(async () => 1)).resolves.toBe(1);
  });

  test('and so it is while the test runner has its own', async () => {
    vi.useFakeTimers();
    try {
      await expect(world({ timers: true }).run(async () => 1)).rejects.toThrow('or of the test runner');
    } finally {
      vi.useRealTimers();
    }
  });

  test('a timer that was armed before the run is real, and can be cleared within', async () => {
    let gone = false;
    const before = setTimeout(() => {
      gone = true;
    }, 5);
    await world({ timers: true }).run(async () => clearTimeout(before));
    await later(20);
    expect(gone).toBe(false);
  });
});

test('a thousand timers that stand far away cost the near ones nothing', async () => {
  const w = world({ timers: true });
  await w.run(async () => {
    for (let i = 0; i < 20_000; i++) setTimeout(() => undefined, HOUR / MILLISECOND + i).unref();
    const began = nodeTimers.setTimeout === globalThis.setTimeout;
    expect(began).toBe(true);
    for (let i = 0; i < 2000; i++) await later(1);
  });
  expect(w.now).toBe(2 * SECOND);
});
