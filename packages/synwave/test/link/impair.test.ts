import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { Random } from '../../src/base/random.ts';
import { MILLISECOND, type Micros, SECOND } from '../../src/base/time.ts';
import {
  type Fault,
  flipBit,
  Impairment,
  type Impairments,
  type LossReason,
  type Outlet,
} from '../../src/link/impair.ts';

interface Fate {
  readonly packet: number;
  readonly at: Micros | null;
  readonly what: 'whole' | 'corrupt' | 'copy' | LossReason;
}

/** Packets of `size` octets that bear their number, and what became of each, in the order in which it was decided. */
class Line implements Outlet {
  readonly fates: Fate[] = [];
  /** What chance did to packets, each with the packet's number. */
  readonly chances: [number, Fault][] = [];
  readonly impairment: Impairment;
  private count = 0;

  constructor(settings: Impairments, seed = 1, chancy = true) {
    this.impairment = new Impairment(new Random(seed), settings, chancy);
  }

  send(now: Micros, size = 100, also?: readonly Fault[]): this {
    const frame = Frame.from(new Uint8Array(size), 8);
    frame.view.setUint32(frame.at, this.count++);
    this.impairment.pass(frame, now, this, also);
    return this;
  }

  chance(fault: Fault): void {
    this.chances.push([this.count - 1, fault]);
  }

  /** Nothing here looks after its queue. */
  mark(): boolean {
    return expect.unreachable();
  }

  deliver(frame: Frame, at: Micros): void {
    this.note(frame, at, 'whole');
  }

  corrupt(frame: Frame, at: Micros, bit: number): void {
    this.note(frame, at, 'corrupt');
    expect(bit).toBeLessThan(frame.length * 8);
  }

  duplicate(frame: Frame, at: Micros): void {
    this.note(frame, at, 'copy');
  }

  drop(frame: Frame, reason: LossReason): void {
    this.note(frame, null, reason);
  }

  /** Which packets met with that, by their numbers. */
  whoMet(what: Fate['what']): number[] {
    return this.fates.filter((fate) => fate.what === what).map(({ packet }) => packet);
  }

  get arrivals(): (Micros | null)[] {
    return this.fates.map(({ at }) => at);
  }

  private note(frame: Frame, at: Micros | null, what: Fate['what']): void {
    this.fates.push({ packet: frame.view.getUint32(frame.at), at, what });
  }
}

/** What became of 10,000 packets, one each millisecond. */
function many(settings: Impairments, seed = 1): Line {
  const line = new Line(settings, seed);
  for (let i = 0; i < 10_000; i++) line.send(i * MILLISECOND);
  return line;
}

describe('time on the way', () => {
  test('without settings a packet arrives at once', () => {
    expect(new Line({}).send(5).fates).toEqual([{ packet: 0, at: 5, what: 'whole' }]);
  });

  test('rate: packets leave one after the other, 8 microseconds an octet at 1 Mbit/s, and travel for the delay', () => {
    const line = new Line({ rate: 1_000_000, delay: 1000 });
    line.send(0, 100).send(0, 50).send(1300, 100);
    expect(line.arrivals).toEqual([1800, 2200, 3100]);
  });

  test('arrivals are whole microseconds, though the line knows fractions', () => {
    const line = new Line({ rate: 1_000_000_000 }); // 100 octets take 0.8 microseconds
    for (let i = 0; i < 5; i++) line.send(0, 100);
    expect(line.arrivals).toEqual([1, 2, 3, 4, 4]);
  });

  test('queue: what would make it too long is dropped, and there is room again as the line sends', () => {
    const line = new Line({ rate: 1_000_000, queue: 250 });
    line.send(0).send(0).send(0); // 100 and 100 wait: a third would make it 300
    expect(line.impairment.queued(0)).toBe(200);
    expect(line.whoMet('queue')).toEqual([2]);
    line.send(399); // 400 microseconds are 50 octets: not yet
    line.send(400);
    expect(line.whoMet('queue')).toEqual([2, 3]);
    expect(line.arrivals.at(-1)).toBe(2400);
    expect(line.impairment.queued(10_000)).toBe(0);
  });

  test('queue: a line that is free takes a packet of any size', () => {
    expect(new Line({ rate: 1_000_000, queue: 0 }).send(0, 1500).arrivals).toEqual([12_000]);
  });

  test('a packet that is lost has taken its time on the line', () => {
    const line = new Line({ rate: 1_000_000, loss: 1 }).send(0);
    line.impairment.set({ loss: 0 });
    expect(line.send(0).arrivals).toEqual([null, 1600]);
  });

  test('jitter spreads evenly and keeps the order', () => {
    const line = many({ delay: 1000, jitter: 5000 });
    const arrivals = line.arrivals as Micros[];
    expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
    const late = arrivals.map((at, i) => at - i * MILLISECOND - 1000);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThanOrEqual(5000);
    // Far apart, nobody waits for the one before: the mean is half of the jitter.
    const alone = new Line({ jitter: 5000 });
    for (let i = 0; i < 10_000; i++) alone.send(i * 10_000);
    const sum = (alone.arrivals as Micros[]).reduce((all, at, i) => all + at - i * 10_000, 0);
    expect(sum / 10_000).toBeGreaterThan(2450);
    expect(sum / 10_000).toBeLessThan(2550);
  });

  test('reorder: the one that is held up is overtaken, by nobody else', () => {
    const line = many({ delay: 1000, reorder: 0.1, reorderBy: 2500 });
    const held = line.fates.filter(({ packet, at }) => at !== packet * MILLISECOND + 1000);
    expect(held.length).toBeGreaterThan(900);
    expect(held.length).toBeLessThan(1100);
    for (const { packet, at } of held) expect(at).toBe(packet * MILLISECOND + 3500);
  });

  test('a shorter delay lets nobody overtake those on their way', () => {
    const line = new Line({ delay: 1000 }).send(0);
    line.impairment.set({ delay: 10 });
    expect(line.send(100).send(2000).arrivals).toEqual([1000, 1000, 2010]);
  });
});

describe('chance, over 10,000 packets', () => {
  // The spread of a count with p = 0.05 is 22: the bounds are more than four of those away.
  test.each<[string, Impairments, Fate['what']]>([
    ['loss', { loss: 0.05 }, 'loss'],
    ['duplicate', { duplicate: 0.05 }, 'copy'],
    ['corrupt', { corrupt: 0.05 }, 'corrupt'],
  ])('%s of 5%%', (_name, settings, what) => {
    const { length } = many(settings).whoMet(what);
    expect(length).toBeGreaterThan(400);
    expect(length).toBeLessThan(600);
  });

  test('burst: the share of losses and the length of bursts are those of the model', () => {
    const lost = many({ burst: { enter: 0.01, leave: 0.25 } }).whoMet('loss');
    const bursts = lost.filter((packet, i) => lost[i - 1] !== packet - 1).length;
    // In the bad state for 0.01 / (0.01 + 0.25) = 3.8% of the packets, 4 at a time.
    expect(lost.length / 10_000).toBeGreaterThan(0.028);
    expect(lost.length / 10_000).toBeLessThan(0.05);
    expect(lost.length / bursts).toBeGreaterThan(3.2);
    expect(lost.length / bursts).toBeLessThan(4.8);
  });

  test('burst: either state has its own loss, and null ends it', () => {
    expect(many({ burst: { enter: 0, leave: 1, good: 1 } }).whoMet('loss')).toHaveLength(10_000);
    expect(many({ burst: { enter: 1, leave: 0, bad: 0 } }).whoMet('loss')).toHaveLength(0);
    const line = new Line({ burst: { enter: 1, leave: 0 } }).send(0);
    line.impairment.set({ burst: null });
    expect(line.send(1).arrivals).toEqual([null, 1]);
  });

  test('the same seed meets the same packets, another seed others', () => {
    const settings = { loss: 0.05, duplicate: 0.05, corrupt: 0.05, jitter: 100, reorder: 0.05 };
    expect(many(settings).fates).toEqual(many(settings).fates);
    expect(many(settings, 2).fates).not.toEqual(many(settings).fates);
  });

  test('one kind does not change whom the others meet', () => {
    const few = many({ corrupt: 0.05, duplicate: 0.05 });
    const more = many({ corrupt: 0.05, duplicate: 0.05, loss: 0.2, reorder: 0.1, jitter: 10 });
    const lost = new Set(more.whoMet('loss'));
    for (const what of ['corrupt', 'copy'] as const) {
      expect(more.whoMet(what)).toEqual(few.whoMet(what).filter((packet) => !lost.has(packet)));
    }
  });
});

describe('faults by script', () => {
  test('each kind', () => {
    const line = new Line({
      delay: 10,
      fault: (frame) =>
        ([null, 'drop', 'duplicate', 'corrupt', { delay: 100 }] as const)[frame.view.getUint32(8)] ?? null,
    });
    for (let i = 0; i < 6; i++) line.send(i);
    expect(line.fates).toEqual([
      { packet: 0, at: 10, what: 'whole' },
      { packet: 1, at: null, what: 'fault' },
      { packet: 2, at: 12, what: 'whole' },
      { packet: 2, at: 12, what: 'copy' },
      { packet: 3, at: 13, what: 'corrupt' },
      { packet: 4, at: 114, what: 'whole' },
      { packet: 5, at: 15, what: 'whole' },
    ]);
  });

  test('is told the time, and null ends it', () => {
    const line = new Line({ fault: (_frame, now) => (now < 5 ? 'drop' : null) }).send(4).send(5);
    line.impairment.set({ fault: null });
    expect(line.send(6).arrivals).toEqual([null, 5, 6]);
  });
});

describe('faults of one packet, handed over with it', () => {
  test('each kind, and several of one packet', () => {
    const line = new Line({ delay: 10 });
    line.send(0, 100, ['drop']);
    line.send(0, 100, ['duplicate', { corrupt: 801 }]); // of 800 bits: bit 1
    line.send(0, 100, [{ delay: 5 }, { delay: 7 }]);
    line.send(0, 100, [{ until: 40 }]);
    line.send(0, 100, [{ until: 3 }]);
    line.send(0);
    expect(line.fates).toEqual([
      { packet: 0, at: null, what: 'fault' },
      { packet: 1, at: 10, what: 'corrupt' },
      { packet: 1, at: 10, what: 'copy' },
      { packet: 2, at: 22, what: 'whole' },
      { packet: 3, at: 40, what: 'whole' },
      { packet: 4, at: 10, what: 'whole' },
      { packet: 5, at: 10, what: 'whole' },
    ]);
    expect(line.chances).toEqual([]);
  });

  test('they change nothing for other packets', () => {
    const settings = { loss: 0.1, duplicate: 0.1, corrupt: 0.1, reorder: 0.1, jitter: 1000 };
    const [plain, meddled] = [new Line(settings), new Line(settings)];
    for (let i = 0; i < 1000; i++) {
      plain.send(i * SECOND);
      meddled.send(i * SECOND, 100, i % 10 === 0 ? ['duplicate', 'drop', { delay: 7 }] : []);
    }
    const others = ({ fates }: Line): Fate[] => fates.filter(({ packet }) => packet % 10 !== 0);
    expect(others(meddled)).toEqual(others(plain));
  });
});

describe('what chance did, handed over again with chance switched off', () => {
  const all = { loss: 0.05, duplicate: 0.1, corrupt: 0.1, reorder: 0.1, reorderBy: 3000 };
  const burst = { enter: 0.1, leave: 0.3 };

  test.each<[string, Impairments]>([
    ['all kinds', { ...all, burst, jitter: 900, delay: 100 }],
    ['with a queue', { ...all, rate: 1_000_000, queue: 500 }],
    ['with RED', { ...all, rate: 1_000_000, queue: 5000, aqm: 'red' }],
  ])('%s: the same becomes of every packet', (_name, settings) => {
    const first = new Line(settings);
    for (let i = 0; i < 2000; i++) first.send(i * 500);
    expect(first.chances.length).toBeGreaterThan(200);
    const again = new Line(settings, 1, false);
    for (let i = 0; i < 2000; i++) {
      const also = first.chances.filter(([packet]) => packet === i).map(([, fault]) => fault);
      again.send(i * 500, 100, also);
    }
    const plain = ({ fates }: Line): Fate[] =>
      fates.map((fate) => (fate.what === 'loss' ? { ...fate, what: 'fault' } : fate));
    expect(plain(again)).toEqual(plain(first));
    expect(again.chances).toEqual([]);
  });

  test('of a packet that is lost, nothing else is told', () => {
    const line = new Line({ loss: 1, duplicate: 1, corrupt: 1, reorder: 1 });
    line.send(0);
    expect(line.chances).toEqual([[0, 'drop']]);
  });

  test('switched off, chance does nothing by itself', () => {
    const line = new Line({ loss: 1, burst: { enter: 1, leave: 0 }, duplicate: 1, corrupt: 1, reorder: 1 }, 1, false);
    expect(line.send(5).fates).toEqual([{ packet: 0, at: 5, what: 'whole' }]);
  });
});

test('flipBit flips that bit of the packet and no other', () => {
  const frame = Frame.from(Uint8Array.of(0, 0, 0), 5);
  flipBit(frame, 9);
  expect([...frame.copy()]).toEqual([0, 2, 0]);
});

test.each<[Impairments]>([
  [{ loss: -0.1 }],
  [{ duplicate: 1.1 }],
  [{ reorder: Number.NaN }],
  [{ delay: -1 }],
  [{ rate: Number.NaN }],
  [{ burst: { enter: 2, leave: 0 } }],
])('settings that make no sense are refused: %j', (settings) => {
  expect(() => new Line(settings)).toThrow(RangeError);
});
