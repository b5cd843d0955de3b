/** NodeLoop: drives hosts in real time from Node's event loop. */
import { NEVER } from '../base/time.ts';
import type { Alarm, Driven, Driver } from '../socket/driver.ts';

/** Rounds in microtasks before the event loop gets its turn: two hosts that answer each other must not starve it. */
const ROUNDS = 32;
/** The longest time that setTimeout takes; a later deadline is looked at again then. */
const LONGEST = 0x7fff_ffff;

/**
 * Calls `turn` soon after a host was woken: in a microtask, so that an answer takes microseconds, and through
 * setImmediate once that has gone on for a while. One timer serves the deadlines of all hosts and keeps nothing alive;
 * one handle keeps the process alive while any host has sockets or listeners.
 */
export class NodeLoop implements Driver {
  private woken: Driven[] = [];
  private serving: Driven[] = [];
  private readonly isWoken: Set<Driven> = new Set<Driven>();
  private readonly deadlines: Map<Driven, number> = new Map<Driven, number>();
  private readonly kept: Set<Driven> = new Set<Driven>();
  private scheduled = false;
  private rounds = 0;
  private timer: NodeJS.Timeout | null = null;
  private timerAt: number = NEVER;
  private handle: NodeJS.Timeout | null = null;

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
    setImmediate(act);
  }

  after(span: number, act: () => void): Alarm {
    const timer = setTimeout(act, Math.min(Math.ceil(span / 1000), LONGEST));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    if (this.rounds < ROUNDS) queueMicrotask(this.round);
    else setImmediate(this.afresh);
  }

  private readonly afresh = (): void => {
    this.rounds = 0;
    this.round();
  };

  private readonly round = (): void => {
    this.scheduled = false;
    // The count of rounds starts anew with each pass of the event loop.
    if (this.rounds === 0) setImmediate(this.reset);
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
      // What a program throws goes to the process; the other hosts have their turn all the same.
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
    const wait = Math.min(Math.max(Math.ceil((next - this.now()) / 1000), 0), LONGEST);
    this.timer = setTimeout(this.expire, wait);
    this.timer.unref();
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
