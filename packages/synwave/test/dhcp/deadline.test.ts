/** A deadline on a driver whose timers do not reach far. */
import { expect, test } from 'vitest';
import { NEVER, SECOND } from '../../src/base/time.ts';
import { Deadline } from '../../src/dhcp/deadline.ts';
import type { Driver } from '../../src/socket/driver.ts';

/** As browsers and Node.js do it: whatever is asked for, a timer goes off after 100 seconds at most. */
class ShortSighted implements Driver {
  time = 0;
  private pending: { at: number; act: () => void } | null = null;

  now(): number {
    return this.time;
  }

  wake(): void {}

  soon(): void {}

  after(span: number, act: () => void): { cancel(): void } {
    const alarm = { at: this.time + Math.min(span, 100 * SECOND), act };
    this.pending = alarm;
    return {
      cancel: () => {
        if (this.pending === alarm) this.pending = null;
      },
    };
  }

  /** Lets the alarm ring, if there is one. */
  ring(): boolean {
    const { pending } = this;
    if (pending === null) return false;
    this.pending = null;
    this.time = pending.at;
    pending.act();
    return true;
  }
}

test('happens at its time, not when the timer ends; once; not when it is cleared or moved', () => {
  const driver = new ShortSighted();
  const happened: number[] = [];
  const deadline = new Deadline(driver, () => happened.push(driver.time / SECOND));
  deadline.set(250 * SECOND);
  expect([driver.ring(), driver.ring(), happened.length]).toEqual([true, true, 0]);
  expect([driver.ring(), driver.ring()]).toEqual([true, false]);
  expect(happened).toEqual([250]);
  deadline.set(300 * SECOND);
  deadline.set(280 * SECOND);
  driver.ring();
  deadline.set(NEVER);
  expect([driver.ring(), happened]).toEqual([false, [250, 280]]);
  deadline.set(290 * SECOND);
  deadline.clear();
  expect(driver.ring()).toBe(false);
  deadline.set(0); // past: at once, but not within the call
  expect(happened).toEqual([250, 280]);
  driver.ring();
  expect(happened).toEqual([250, 280, 280]);
});
