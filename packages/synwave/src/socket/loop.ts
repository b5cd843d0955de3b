/** Loop: drives hosts in real time from a platform's event loop, whatever the platform. */
import { type Micros, NEVER } from '../base/time.ts';
import type { Alarm, Driven, Driver } from './driver.ts';

/** Rounds in microtasks before the event loop gets its turn: two hosts that answer each other must not starve it. */
const ROUNDS = 32;
/** The longest time that timers take, in milliseconds; a later deadline is looked at again then. */
const LONGEST = 0x7fff_ffff;

/** What a loop needs of its platform. */
export interface Clockwork {
  /** Milliseconds, with a fraction, from any beginning; they never go back. */
  now(): number;
  /** Calls `act` in a turn of the event loop of its own, when all microtasks are done; calls in the order of asking. */
  task(act: () => void): void;
  /** Calls `act` in `wait` milliseconds, and keeps no process alive. Answers how to call it off. */
  timer(act: () => void, wait: number): () => void;
  /** Keeps the process alive until what it answers is called. */
  hold(): () => void;
}

/**
 * Calls `turn` soon after a host was woken: in a microtask, so that an answer takes microseconds, and from the event loop
 * once that has gone on for a while. One timer serves the deadlines of all hosts and keeps nothing alive; the process is
 * kept alive while any host has sockets or listeners.
 */
export class Loop implements Driver {
  private woken: Driven[] = [];
  private serving: Driven[] = [];
  private readonly isWoken: Set<Driven> = new Set<Driven>();
  private readonly deadlines: Map<Driven, number> = new Map<Driven, number>();
  private readonly kept: Set<Driven> = new Set<Driven>();
  private scheduled = false;
  private rounds = 0;
  private timer: (() => void) | null = null;
  private timerAt: number = NEVER;
  private release: (() => void) | null = null;
  private readonly platform: Clockwork;

  constructor(platform: Clockwork) {
    this.platform = platform;
  }

  /** Microseconds since the page, the worker or the process began, as finely as the platform tells. */
  now(): Micros {
    return Math.floor(this.platform.now() * 1000);
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
      this.release ??= this.platform.hold();
    } else if (this.release !== null) {
      this.release();
      this.release = null;
    }
  }

  soon(act: () => void): void {
    this.platform.task(act);
  }

  after(span: Micros, act: () => void): Alarm {
    return { cancel: this.platform.timer(act, milliseconds(span)) };
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    if (this.rounds < ROUNDS) queueMicrotask(this.round);
    else this.platform.task(this.afresh);
  }

  private readonly afresh = (): void => {
    this.rounds = 0;
    this.round();
  };

  private readonly round = (): void => {
    this.scheduled = false;
    // The count of rounds starts anew with each pass of the event loop.
    if (this.rounds === 0) this.platform.task(this.reset);
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
    this.timer?.();
    this.timerAt = next;
    this.timer = this.platform.timer(this.expire, milliseconds(next - this.now()));
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

/** Whole milliseconds that are not less than a span, within what timers take. */
function milliseconds(span: Micros): number {
  return Math.min(Math.max(Math.ceil(span / 1000), 0), LONGEST);
}
