/** WebLoop in real time: hosts on a pipe, calls for later, and a platform that is not starved. */
import { describe, expect, test } from 'vitest';
import { MILLISECOND } from '../../src/base/time.ts';
import { pipe } from '../../src/link/pipe.ts';
import type { Host } from '../../src/socket/host.ts';
import { createHost, createWeb, WebLoop } from '../../src/web/index.ts';
import { octets, same } from '../sim/helpers.ts';
import { octetsOf, readAll, text } from './helpers.ts';

/** Two hosts on a pipe. */
function pair(loop: WebLoop): [Host, Host] {
  const hosts: [Host, Host] = [createHost({ name: 'a', loop }), createHost({ name: 'b', loop })];
  const ends = pipe();
  hosts.forEach((host, i) => host.attach(ends[i as 0 | 1], [`10.0.0.${i + 1}/24`]));
  return hosts;
}

describe('WebLoop', () => {
  test('1 MiB between two hosts, echoed', async () => {
    const [a, b] = pair(new WebLoop());
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
    const [a, b] = pair(new WebLoop());
    const listener = createWeb(b).listen({ port: 80 });
    void (async (): Promise<void> => {
      for await (const socket of listener) void socket.readable.pipeTo(socket.writable).catch(() => undefined);
    })();
    const socket = createWeb(a).connect('10.0.0.2:80');
    const until = performance.now() + 300;
    let rounds = 0;
    const playing = (async (): Promise<void> => {
      const writer = socket.writable.getWriter();
      const reader = socket.readable.getReader();
      for (; performance.now() < until; rounds++) {
        void writer.write(octetsOf('ball'));
        if (text((await reader.read()).value as Uint8Array) !== 'ball') throw new Error('the ball is lost');
      }
    })();
    // A timer of the platform has its turn in the middle of the game.
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(performance.now()).toBeLessThan(until);
    const soFar = rounds;
    await playing;
    expect(soFar).toBeGreaterThan(0);
    expect(rounds).toBeGreaterThan(soFar);
    await socket.close();
    await listener.close();
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

  test('deadlines are kept: a delayed acknowledgment comes by its timer', async () => {
    const [a, b] = pair(new WebLoop());
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
