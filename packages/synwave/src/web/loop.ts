/** WebLoop: drives hosts in real time from the event loop of a page or a worker; also where there are no pages. */
import { NEVER } from '../base/time.ts';
import type { Alarm, Driven, Driver } from '../socket/driver.ts';
import { Tasks } from './tasks.ts';

/** Rounds in microtasks before the event loop gets its turn: two hosts that answer each other must not freeze the page. */
const ROUNDS = 32;
/** The longest time that setTimeout takes; a later deadline is looked at again then. */
const LONGEST = 0x7fff_ffff;

type Timer = ReturnType<typeof setTimeout>;

/**
 * Calls `turn` soon after a host was woken: in a microtask, so that an answer takes microseconds, and by a message once
 * that has gone on for a while. One timer serves the deadlines of all hosts. A page in the background has its timers, not
 * its messages, held to one in a second or fewer: deadlines are late there, and what arrives is answered all the same.
 *
 * In Node.js the process goes on while any host has sockets or listeners, and for nothing else.
 */
export class WebLoop implements Driver {
  private readonly tasks: Tasks = new Tasks();
  private woken: Driven[] = [];
  private serving: Driven[] = [];
  private readonly isWoken: Set<Driven> = new Set<Driven>();
  private readonly deadlines: Map<Driven, number> = new Map<Driven, number>();
  private readonly kept: Set<Driven> = new Set<Driven>();
  private scheduled = false;
  private rounds = 0;
  private timer: Timer | null = null;
  private timerAt: number = NEVER;
  private handle: ReturnType<typeof setInterval> | null = null;

  /** Microseconds since the page, the worker or the process began, as finely as the platform tells. */
  now(): number {
    return Math.floor(performance.now() * 1000);
  }

  wake(host: Driven): void {
    if (this.isWoken.has(host)) return;
    this.isWoken.add(host);
    this.woken.push(host);
    this.schedule();
  }

  keep(host: Driven, alive: boolean): void {
    if (alive) this.kept.add(host);
    else this.kept.delete(host);
    if (this.kept.size > 0) {
      this.handle ??= setInterval(() => undefined, LONGEST);
    } else if (this.handle !== null) {
      clearInterval(this.handle);
      this.handle = null;
    }
  }

  soon(act: () => void): void {
    this.tasks.add(act);
  }

  after(span: number, act: () => void): Alarm {
    const timer = quietTimer(act, Math.ceil(span / 1000));
    return { cancel: () => clearTimeout(timer) };
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    if (this.rounds < ROUNDS) queueMicrotask(this.round);
    else this.tasks.add(this.afresh);
  }

  private readonly afresh = (): void => {
    this.rounds = 0;
    this.round();
  };

  private readonly round = (): void => {
    this.scheduled = false;
    // The count of rounds starts anew with each pass of the event loop.
    if (this.rounds === 0) this.tasks.add(this.reset);
    this.rounds++;
    const { woken } = this;
    this.woken = this.serving;
    this.serving = woken;
    let served = 0;
    try {
      while (served < woken.length) {
        const host = woken[served++] as Driven;
        this.isWoken.delete(host);
        const next = host.turn();
        if (next === NEVER) this.deadlines.delete(host);
        else this.deadlines.set(host, next);
      }
    } finally {
      // What a program throws goes to the platform; the other hosts have their turn all the same.
      for (const host of woken.splice(0).slice(served)) {
        this.isWoken.delete(host);
        this.wake(host);
      }
      this.arm();
    }
  };

  private readonly reset = (): void => {
    this.rounds = 0;
  };

  private arm(): void {
    let next = NEVER;
    for (const at of this.deadlines.values()) if (at < next) next = at;
    // A timer that goes off early looks again and costs little; one that is set anew with each segment would cost more.
    if (next >= this.timerAt || next === NEVER) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timerAt = next;
    this.timer = quietTimer(this.expire, Math.ceil((next - this.now()) / 1000));
  }

  private readonly expire = (): void => {
    this.timer = null;
    this.timerAt = NEVER;
    const now = this.now();
    for (const [host, at] of this.deadlines) {
      if (at <= now) this.wake(host);
    }
    this.arm();
  };
}

/** A timer, in milliseconds, that keeps no process alive; Node.js's are objects that can be told so, others are numbers. */
function quietTimer(act: () => void, wait: number): Timer {
  const timer = setTimeout(act, Math.min(Math.max(wait, 0), LONGEST));
  (timer as { unref?: () => void }).unref?.();
  return timer;
}
