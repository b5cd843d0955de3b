/** WebLoop in real time: hosts on a pipe, calls for later, and a platform that is not starved. */
import { describe, expect, test } from 'vitest';
import { MILLISECOND } from '../../src/base/time.ts';
import { createWeb, WebLoop } from '../../src/web/index.ts';
import { octets, same } from '../sim/helpers.ts';
import { octetsOf, readAll } from './helpers.ts';
import { pair, pingPong } from './page/pair.ts';

describe('WebLoop', () => {
  test('1 MiB between two hosts, echoed', async () => {
    const [a, b] = pair();
    const listener = createWeb(b).listen({ port: 80 });
    const serving = (async (): Promise<void> => {
      for await (const socket of listener) await socket.readable.pipeTo(socket.writable);
    })();
    const whole = octets(1 << 20, 5);
    const socket = createWeb(a).connect('10.0.0.2:80', { allowHalfOpen: true });
    const writer = socket.writable.getWriter();
    const [got] = await Promise.all([readAll(socket.readable), writer.write(whole).then(() => writer.close())]);
    expect(same(got, whole)).toBe(true);
    await socket.closed;
    await listener.close();
    await serving;
  });

  test('two hosts that answer each other without end leave the platform its turns', async () => {
    const { before, all } = await pingPong(200);
    expect(before).toBeGreaterThan(0);
    expect(all).toBeGreaterThan(before);
  });

  test('calls for soon come in order, promises first in between', async () => {
    const loop = new WebLoop();
    const order: string[] = [];
    loop.soon(() => {
      order.push('first');
      void Promise.resolve().then(() => order.push('what it caused'));
    });
    const done = new Promise<void>((resolve) => {
      loop.soon(() => {
        order.push('second');
        resolve();
      });
    });
    order.push('now');
    await done;
    expect(order).toEqual(['now', 'first', 'what it caused', 'second']);
  });

  test('calls for later come then, unless they are cancelled; time does not go back', async () => {
    const loop = new WebLoop();
    const from = loop.now();
    let cancelled = true;
    loop
      .after(5 * MILLISECOND, () => {
        cancelled = false;
      })
      .cancel();
    await new Promise<void>((resolve) => {
      loop.after(20 * MILLISECOND, resolve);
      setTimeout(() => undefined, 100); // what keeps this process alive meanwhile: `after` does not
    });
    expect(cancelled).toBe(true);
    // Timers may be early by the millisecond that they are rounded to.
    expect(loop.now() - from).toBeGreaterThanOrEqual(19 * MILLISECOND);
  });

  test('a process goes on while a host is in use, and for no call for later', () => {
    const loop = new WebLoop();
    const hosts = ['a', 'b'].map((name) => ({ name, turn: (): number => Number.POSITIVE_INFINITY }));
    const timers = (): number => process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
    const before = timers();
    const alarm = loop.after(MILLISECOND, () => undefined);
    expect(timers()).toBe(before);
    alarm.cancel();
    for (const host of hosts) loop.keep(host, true);
    expect(timers()).toBe(before + 1);
    const [a, b] = hosts;
    if (a !== undefined) loop.keep(a, false);
    expect(timers()).toBe(before + 1);
    if (b !== undefined) loop.keep(b, false);
    expect(timers()).toBe(before);
  });

  test('deadlines are kept: a delayed acknowledgment comes by its timer', async () => {
    const [a, b] = pair();
    const listener = b.listen({ port: 80 });
    const mine = a.connect({ address: '10.0.0.2', port: 80 });
    await mine.opened;
    const from = a.driver.now();
    await mine.write(octetsOf('x'));
    while (mine.info().snd.flight + mine.info().snd.unsent > 0) await new Promise((resolve) => setTimeout(resolve, 2));
    const took = a.driver.now() - from;
    expect(took).toBeGreaterThan(20 * MILLISECOND);
    expect(took).toBeLessThan(2000 * MILLISECOND);
    mine.abort();
    listener.close();
  });
});
