/** RED: the average queue, the thresholds, and how signals are spread (Floyd and Jacobson, 1993). */
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { Random } from '../../src/base/random.ts';
import type { Micros } from '../../src/base/time.ts';
import { Arrival, Verdict } from '../../src/link/aqm.ts';
import { Impairment, type Impairments, type LossReason, type Outlet } from '../../src/link/impair.ts';
import { Red, type RedOptions } from '../../src/link/red.ts';

/** RED before a queue that the test makes up. */
class Queue {
  readonly red: Red;
  private readonly arrival = new Arrival();

  constructor(settings: RedOptions, seed = 1, length = 1000) {
    this.red = new Red(new Random(seed), settings);
    this.arrival.length = length;
  }

  set length(octets: number) {
    this.arrival.length = octets;
  }

  /** What is said of a packet that finds `waiting` octets, or a line that was idle for so many. */
  find(waiting: number, idle = 0, fits = true): Verdict {
    this.arrival.waiting = waiting;
    this.arrival.idle = idle;
    this.arrival.fits = fits;
    return this.red.judge(this.arrival);
  }

  /** The numbers of the packets that are signalled among so many, each of which finds `waiting` octets. */
  signals(count: number, waiting: number): number[] {
    const numbers: number[] = [];
    for (let i = 0; i < count; i++) if (this.find(waiting) !== Verdict.Pass) numbers.push(i);
    return numbers;
  }
}

/** The average is the queue itself. */
const at = { min: 1000, max: 2000, probability: 0.1, weight: 1 };

describe('RED', () => {
  test('nothing below min, everything from max on, and there with drops that no mark replaces (RFC 3168 §19.1)', () => {
    const queue = new Queue(at);
    expect(queue.signals(1000, 999)).toEqual([]);
    expect(queue.find(2000)).toBe(Verdict.Drop);
    expect(queue.signals(1000, 2000)).toHaveLength(1000);
    expect(new Queue(at).find(1999.9)).not.toBe(Verdict.Drop);
  });

  test('in between the more the nearer to max: signals come in gaps of 1 to 1/p packets, evenly spread', () => {
    for (const [waiting, p] of [
      [1250, 0.025],
      [1500, 0.05],
      [1900, 0.09],
    ] as const) {
      const numbers = new Queue(at).signals(40_000, waiting);
      const gaps = numbers.slice(1).map((number, i) => number - (numbers[i] as number));
      expect(Math.min(...gaps)).toBe(1);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(Math.ceil(1 / p));
      expect(Math.max(...gaps)).toBeGreaterThan(0.95 / p);
      // Evenly spread, the mean is half of the longest; by tosses of a coin it would be all of it.
      const mean = gaps.reduce((all, gap) => all + gap, 0) / gaps.length;
      expect(mean * p).toBeGreaterThan(0.48);
      expect(mean * p).toBeLessThan(0.56);
    }
  });

  test('probability 0: none; small packets are met as often as large ones', () => {
    expect(new Queue({ ...at, probability: 0 }).signals(1000, 1999)).toEqual([]);
    const small = new Queue(at, 1, 1500);
    small.find(0);
    const large = new Queue(at, 1, 1500);
    large.find(0);
    small.length = 40;
    expect(small.signals(1000, 1500)).toEqual(large.signals(1000, 1500));
  });

  test('the average moves by the weight: a burst passes, a queue that stays does not', () => {
    const queue = new Queue({ min: 5000, max: 15_000, weight: 0.002 });
    expect(queue.signals(300, 10_000)).toEqual([]); // 10,000 (1 - 0.998^300) = 4516
    expect(queue.signals(46, 10_000)).toEqual([]); // 346 packets: 4997
    expect(queue.signals(2000, 10_000).length).toBeGreaterThan(50);
    // 10 ms without a packet: forgotten as if so many had found the queue empty.
    expect(queue.find(0, 1_000_000)).toBe(Verdict.Pass); // 1000 packets' worth: the average is 1350
    expect(queue.signals(200, 10_000)).toEqual([]);
  });

  test('what a full queue drops moves the average too, and is no signal', () => {
    const queue = new Queue({ ...at, weight: 0.5 });
    for (let i = 0; i < 20; i++) expect(queue.find(4000, 0, false)).toBe(Verdict.Pass);
    expect(queue.find(4000)).toBe(Verdict.Drop);
  });

  test('the same seed signals the same packets, another seed others', () => {
    const signals = (seed: number): number[] => new Queue(at, seed).signals(1000, 1500);
    expect(signals(1)).toEqual(signals(1));
    expect(signals(1)).not.toEqual(signals(2));
  });

  test.each<[RedOptions]>([
    [{ min: -1 }],
    [{ min: 5000, max: 5000 }],
    [{ probability: 1.1 }],
    [{ weight: 0 }],
    [{ weight: Number.NaN }],
  ])('settings that make no sense are refused: %j', (red) => {
    expect(() => new Impairment(new Random(1), { red })).toThrow(RangeError);
  });
});

/** A line of 8 Mbit/s (1 ms for 1000 octets) with RED, and what becomes of the packets. */
class Line implements Outlet {
  readonly reasons: (LossReason | 'marked' | 'sent')[] = [];
  readonly impairment: Impairment;
  arrivals: Micros[] = [];
  ect = true;
  private marked = false;

  constructor(settings: Impairments) {
    this.impairment = new Impairment(new Random(1), { rate: 8_000_000, aqm: 'red', ...settings });
  }

  send(now: Micros): void {
    const frame = new Frame(1000);
    frame.end = 1000;
    this.marked = false;
    this.impairment.pass(frame, now, this);
  }

  mark(): boolean {
    this.marked = this.ect;
    return this.ect;
  }

  deliver(_frame: Frame, arrives: Micros): void {
    this.arrivals.push(arrives);
    this.reasons.push(this.marked ? 'marked' : 'sent');
  }

  corrupt(): void {
    expect.unreachable();
  }

  duplicate(): void {
    expect.unreachable();
  }

  drop(_frame: Frame, reason: LossReason): void {
    this.reasons.push(reason);
  }

  count(reason: LossReason | 'marked' | 'sent'): number {
    return this.reasons.filter((each) => each === reason).length;
  }
}

describe('a line with RED', () => {
  const red = { min: 3000, max: 9000, probability: 0.2, weight: 0.1 };

  test('drops, or marks where that is asked for and can be; a drop takes no time on the line', () => {
    const run = (ecn: boolean, ect: boolean): Line => {
      const line = new Line({ red, ecn });
      line.ect = ect;
      for (let i = 0; i < 10_000; i++) line.send(i * 990);
      return line;
    };
    const drops = run(false, true);
    expect(drops.count('aqm')).toBeGreaterThan(80);
    expect(drops.count('marked')).toBe(0);
    expect(run(true, false).reasons).toEqual(drops.reasons);
    // One in a hundred is dropped, so the rest is sent at the pace of the line, and the queue stays short of `max`.
    expect(drops.count('aqm')).toBeLessThan(130);
    expect(drops.arrivals.at(-1)).toBeLessThan(9_999 * 990 + 10_000);
    // Marks alone do not shorten the queue: it goes on to `max`, where there are drops.
    const marks = run(true, true);
    expect(marks.count('marked')).toBeGreaterThan(20);
    expect(marks.reasons.indexOf('aqm')).toBeGreaterThan(marks.reasons.indexOf('marked'));
    expect(marks.count('aqm')).toBeGreaterThan(20);
  });

  test('a packet that finds the queue full is dropped for that, not marked', () => {
    const line = new Line({
      red: { ...red, min: 0, max: 1_000_000, probability: 1, weight: 1 },
      queue: 5000,
      ecn: true,
    });
    for (let i = 0; i < 1000; i++) line.send(i * 100);
    expect(line.count('queue')).toBeGreaterThan(800);
    expect(line.count('aqm')).toBe(0);
  });

  test('and what chance does to packets, without RED and with it, meets the same ones', () => {
    const met = (aqm: 'tail' | 'red'): number[] => {
      const line = new Line({ aqm, red, loss: 0.05 });
      for (let i = 0; i < 1000; i++) line.send(i * 990);
      return line.reasons.flatMap((reason, i) => (reason === 'loss' ? [i] : []));
    };
    const [without, within] = [met('tail'), met('red')];
    expect(within.length).toBeGreaterThan(20);
    expect(within.every((number) => without.includes(number))).toBe(true);
  });

  test('settings can change on the way: tail again, and RED begins anew', () => {
    const line = new Line({ red: { ...at, max: 1500 } });
    for (let i = 0; i < 10; i++) line.send(0);
    expect(line.count('aqm')).toBe(8);
    line.impairment.set({ aqm: 'tail' });
    for (let i = 0; i < 10; i++) line.send(0);
    expect(line.count('aqm')).toBe(8);
    line.impairment.set({ aqm: 'red', delay: 5 });
    line.send(0);
    expect(line.count('aqm')).toBe(9);
  });
});
