/** ProgramTimers: for a run, the timers and clocks of the program stand in the world's time. */
import { AsyncResource } from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Micros } from '../base/time.ts';
import type { Inside, Timer } from '../sim/surroundings.ts';
import { type FakeClock, installFakeTimers } from './fake-timers.ts';
import { type Life, lives } from './life.ts';
import { Patches } from './patches.ts';

type Callback = (...args: unknown[]) => void;

/** As Node.js has it: what is not within 1 to this becomes 1. */
const LONGEST = 0x7fff_ffff;
const MILLISECOND = 1000;

/** The date at a world's time 0, unless the world says otherwise: the first moment of the year 2000. */
export const EPOCH: number = Date.UTC(2000, 0, 1);

/** Frames of a stack that are kept of who armed a timer. */
const FRAMES = 8;

export class ProgramTimers {
  private readonly inside: Inside;
  private readonly epoch: number;
  private readonly armed: ArmedTimers;
  private readonly patches: Patches = new Patches();
  private readonly clock: FakeClock;
  /** What the clock's functions were: it looks at them when it gives all back. */
  private own: Partial<FakeClock> = {};

  /** Takes them over; `armed`: those of the world's earlier runs. Throws Error when that cannot be. */
  constructor(inside: Inside, epoch: number, armed: ArmedTimers) {
    this.inside = inside;
    this.epoch = epoch;
    this.armed = armed;
    this.clock = installFakeTimers();
    this.own = { ...this.clock };
    try {
      this.takeTimers();
      this.takeClocks();
      syncBuiltinESMExports();
      this.check();
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  /** All is as it was. Timers that are armed stand still until the world runs again. */
  leave(): void {
    const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = this.own;
    this.patches.undo();
    Object.assign(this.clock, { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate });
    this.clock.uninstall();
    syncBuiltinESMExports();
  }

  private takeTimers(): void {
    const { clock, armed } = this;
    clock.setTimeout = (act: unknown, wait: unknown, ...args: unknown[]) => this.arm('setTimeout', act, wait, args);
    clock.setInterval = (act: unknown, wait: unknown, ...args: unknown[]) => this.arm('setInterval', act, wait, args);
    clock.setImmediate = (act: unknown, ...args: unknown[]) => this.arm('setImmediate', act, 0, args);
    const clear =
      (real: (handle: never) => void) =>
      (handle: unknown): void => {
        const found = handle instanceof Armed ? handle : armed.get(handle);
        if (found !== undefined) found.close();
        else real(handle as never); // armed before the run
      };
    const { clearTimeout, clearInterval, clearImmediate } = realTimers;
    clock.clearTimeout = clear(clearTimeout);
    clock.clearInterval = clear(clearInterval);
    clock.clearImmediate = clear(clearImmediate);
    const later = (wait?: unknown, value?: unknown): Promise<unknown> => timersPromises.setTimeout(Number(wait), value);
    const soon = (value?: unknown): Promise<unknown> => timersPromises.setImmediate(value);
    Object.defineProperty(globalThis.setTimeout, promisify.custom, { configurable: true, value: later });
    Object.defineProperty(globalThis.setImmediate, promisify.custom, { configurable: true, value: soon });
  }

  /** Clocks of the platform, and what waits for them without a timer of the program's. */
  private takeClocks(): void {
    const { clock, inside, epoch, patches } = this;
    Object.defineProperty(clock, 'now', {
      configurable: true,
      get: () => epoch + Math.floor(inside.now / MILLISECOND),
      set() {}, // it is nobody's to set
    });
    patches.set(performance, 'now', () => inside.now / MILLISECOND);
    patches.set(performance, 'timeOrigin', epoch);
    const mark = performance.mark.bind(performance);
    patches.set(performance, 'mark', (name: string, options: object = {}) =>
      mark(name, { startTime: inside.now / MILLISECOND, ...options }),
    );
    patches.set(process, 'hrtime', hrtimeOf(inside));
    patches.set(process, 'uptime', () => inside.now / (1000 * MILLISECOND));
    patches.set(AbortSignal, 'timeout', abortAfter);
    const { scheduler } = timersPromises;
    patches.set(scheduler, 'wait', (wait: number, options?: object) =>
      timersPromises.setTimeout(wait, undefined, options),
    );
    patches.set(scheduler, 'yield', () => timersPromises.setImmediate());
  }

  /** Functions that were installed lead here: so it is in the releases that this was written for. */
  private check(): void {
    const probe = globalThis.setTimeout(() => undefined, 1) as unknown;
    const known = probe instanceof Armed;
    if (known) probe.close();
    if (!known || timers.setTimeout !== globalThis.setTimeout)
      throw new Error('timers: this release of @sinonjs/fake-timers works in another way: install 15.5');
  }

  private arm(what: string, act: unknown, wait: unknown, args: readonly unknown[]): Armed {
    if (typeof act !== 'function') {
      throw Object.assign(new TypeError('The "callback" argument must be of type function.'), {
        code: 'ERR_INVALID_ARG_TYPE',
      });
    }
    const span = what === 'setImmediate' ? 0 : spanOf(wait);
    return new Armed(this.inside, this.armed, { what, act: act as Callback, args, span });
  }
}

interface Wish {
  readonly what: string;
  readonly act: Callback;
  readonly args: readonly unknown[];
  /** Milliseconds. */
  readonly span: number;
}

/** The timers of a world's programs that are armed, by number. They stay so from one run to the next. */
export class ArmedTimers {
  private readonly byId: Map<number, Armed> = new Map<number, Armed>();
  private numbers = 1;

  /** A number that none has had. */
  nextId(): number {
    return this.numbers++;
  }

  /** By its number, or a text of that, which is all that some programs keep. */
  get(handle: unknown): Armed | undefined {
    return typeof handle === 'number' || typeof handle === 'string' ? this.byId.get(Number(handle)) : undefined;
  }

  add(id: number, timer: Armed): void {
    this.byId.set(id, timer);
  }

  delete(id: number): void {
    this.byId.delete(id);
  }

  /** One line for each, the next one first. */
  lines(now: Micros): string[] {
    const inOrder = [...this.byId.values()].toSorted((a, b) => a.at - b.at);
    return inOrder.map((each) => each.line(now));
  }
}

/** What the program holds of a timer: as of Node's Timeout and Immediate. */
class Armed extends AsyncResource {
  /** When it goes off. */
  at = 0;
  private readonly inside: Inside;
  private readonly all: ArmedTimers;
  private readonly id: number;
  private readonly wish: Wish;
  private readonly timer: Timer;
  private readonly from: Error;
  /** Of the host whose program armed it, if it is one's. */
  private readonly life: Life | undefined;
  private counts = true;

  constructor(inside: Inside, all: ArmedTimers, wish: Wish) {
    super(wish.what === 'setImmediate' ? 'Immediate' : 'Timeout');
    this.inside = inside;
    this.all = all;
    this.id = all.nextId();
    this.wish = wish;
    this.from = whoAsks();
    this.life = lives.getStore();
    this.timer = inside.timer(() => this.happen(), this.life?.host);
    this.refresh();
  }

  ref(): this {
    this.counts = true;
    this.timer.ref(true);
    return this;
  }

  unref(): this {
    this.counts = false;
    this.timer.ref(false);
    return this;
  }

  hasRef(): boolean {
    return this.counts;
  }

  /** Begins to wait anew, also when it has gone off. */
  refresh(): this {
    const { life, inside, wish } = this;
    if (life?.over === true) return this.close();
    const span = wish.span * MILLISECOND;
    this.at = life === undefined ? inside.now + span : life.host.later(span);
    this.timer.start(this.at);
    this.all.add(this.id, this);
    return this;
  }

  /** It does not go off. */
  close(): this {
    this.timer.stop();
    this.all.delete(this.id);
    return this;
  }

  line(now: Micros): string {
    const { what, span } = this.wish;
    const left = ((this.at - now) / 1_000_000).toFixed(6);
    const spanText = what === 'setImmediate' ? '' : ` of ${span} ms`;
    return `${what}${spanText} goes off in ${left} s${this.counts ? '' : ' (unref)'}${this.life === undefined ? '' : ` on ${this.life.host.name}`}${placeOf(this.from)}`;
  }

  [Symbol.toPrimitive](): number {
    return this.id;
  }

  private happen(): void {
    const { what, act, args } = this.wish;
    if (this.life?.over === true) {
      this.close();
      return;
    }
    if (what === 'setInterval') this.refresh();
    else this.all.delete(this.id);
    this.runInAsyncScope(act, this, ...args);
  }
}

/** The timers as they are when no world has taken them over. */
const realTimers = {
  clearTimeout: timers.clearTimeout,
  clearInterval: timers.clearInterval,
  clearImmediate: timers.clearImmediate,
};

function spanOf(wait: unknown): number {
  const span = Number(wait);
  return span >= 1 && span <= LONGEST ? Math.trunc(span) : 1;
}

/** Cheap: the stack is taken down, and put into words only if somebody asks. */
function whoAsks(): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  const error = new Error('armed');
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

/** The line of the program that armed a timer, as far as it can be told: the first that is not of this file, nor of the library. */
function placeOf(from: Error): string {
  const frames = (from.stack ?? '').split('\n').slice(1);
  const own = frames.find((each) => !/program-timers|fake-timers|node:(?:internal|timers)/.test(each));
  const place = own === undefined ? null : /\(?((?:file:|\/|[A-Za-z]:)[^()]*:\d+:\d+)\)?$/.exec(own.trim());
  return place === null ? '' : `, armed at ${place[1]}`;
}

function hrtimeOf(inside: Inside): NodeJS.HRTime {
  const bigint = (): bigint => BigInt(Math.round(inside.now * 1000));
  const hrtime = (since?: [number, number]): [number, number] => {
    const [seconds, rest] = [bigint() / 1_000_000_000n, bigint() % 1_000_000_000n];
    if (since === undefined) return [Number(seconds), Number(rest)];
    const span = bigint() - (BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]));
    return [Number(span / 1_000_000_000n), Number(span % 1_000_000_000n)];
  };
  return Object.assign(hrtime, { bigint });
}

function abortAfter(wait: number): AbortSignal {
  const control = new AbortController();
  const reason = (): DOMException => new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  globalThis.setTimeout(() => control.abort(reason()), wait).unref();
  return control.signal;
}
