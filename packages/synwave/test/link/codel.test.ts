/** CoDel, decided ahead of time, against the routine of RFC 8289 §5 run packet by packet at the head of a real queue. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { Random } from '../../src/base/random.ts';
import { MILLISECOND, type Micros, SECOND } from '../../src/base/time.ts';
import { Arrival, Verdict } from '../../src/link/aqm.ts';
import { Codel } from '../../src/link/codel.ts';
import { Impairment, type Impairments, type Outlet } from '../../src/link/impair.ts';

/** A packet that comes to the queue. */
interface Coming {
  readonly at: Micros;
  readonly length: number;
  /** Whether it can be marked. */
  readonly ect: boolean;
}

/** What became of a packet: when it arrives, and whether with a mark; or why it was dropped. */
type Fate = readonly [at: Micros, marked: boolean] | 'aqm' | 'queue';

interface Line {
  readonly rate: number;
  readonly queue: number;
  readonly target: Micros;
  readonly interval: Micros;
  readonly ecn: boolean;
}

/** The fates by the impairment. */
function decided(packets: readonly Coming[], line: Line): Fate[] {
  const fates: Fate[] = [];
  let marked = false;
  const out: Outlet = {
    mark: (frame) => (marked = frame.bytes[0] === 1),
    deliver: (_frame, at) => void fates.push([at, marked]),
    corrupt: () => expect.unreachable(),
    duplicate: () => expect.unreachable(),
    drop: (_frame, reason) => void fates.push(reason as Fate & string),
  };
  const { rate, queue, target, interval, ecn } = line;
  const settings: Impairments = { rate, queue, aqm: 'codel', codel: { target, interval }, ecn };
  const impairment = new Impairment(new Random(1), settings);
  for (const { at, length, ect } of packets) {
    const frame = new Frame(length);
    frame.end = length;
    frame.bytes[0] = ect ? 1 : 0;
    marked = false;
    impairment.pass(frame, at, out);
  }
  return fates;
}

/**
 * The fates by the RFC: a queue, a line that takes packets from its head, and the pseudocode. `behind`: the RFC's bytes(),
 * the octets that are in the queue behind the packet at its turn; else those that were in front of it when it came.
 */
class Reference {
  readonly fates: Fate[] = [];
  private readonly line: Line;
  private readonly behind: boolean;
  private readonly waiting: (Coming & { readonly number: number })[] = [];
  private count = 0;
  private bytes = 0;
  private lineFree: Micros = 0;
  private largest = 0;
  private firstAboveTime = 0;
  private dropNext = 0;
  private drops = 0;
  private lastDrops = 0;
  private dropping = false;

  constructor(line: Line, behind: boolean) {
    this.line = line;
    this.behind = behind;
  }

  run(packets: readonly Coming[]): Fate[] {
    for (const packet of packets) {
      while (this.waiting.length > 0 && this.lineFree < packet.at) this.send(this.lineFree);
      // The line was asked of an empty queue when it had sent the last packet.
      if (this.waiting.length === 0 && this.lineFree < packet.at) this.dequeue(this.lineFree);
      this.enqueue(packet);
      if (this.lineFree < packet.at) this.send(packet.at);
    }
    while (this.waiting.length > 0) this.send(this.lineFree);
    return this.fates;
  }

  private enqueue(packet: Coming): void {
    const number = this.count++;
    this.waiting.push({ ...packet, number });
    this.bytes += packet.length;
  }

  /** The line is free at `now`: the routine's packet is sent. */
  private send(now: Micros): void {
    const packet = this.dequeue(now);
    if (packet === null) return;
    this.lineFree = now + (packet.length * 8 * SECOND) / this.line.rate;
    this.fates[packet.number] = [Math.ceil(packet.at + (this.lineFree - packet.at)), packet.marked];
  }

  /** RFC 8289 §5.5, with marks instead of drops where that can be. */
  private dequeue(now: Micros): (Coming & { number: number; marked: boolean }) | null {
    let { packet, okToDrop } = this.dodequeue(now);
    let marked = false;
    if (this.dropping) {
      if (!okToDrop) this.dropping = false;
      while (now >= this.dropNext && this.dropping) {
        this.drops++;
        if (this.line.ecn && packet?.ect === true) {
          marked = true;
          this.dropNext = this.controlLaw(this.dropNext);
          break;
        }
        this.drop(packet);
        ({ packet, okToDrop } = this.dodequeue(now));
        if (okToDrop) this.dropNext = this.controlLaw(this.dropNext);
        else this.dropping = false;
      }
    } else if (okToDrop) {
      if (this.line.ecn && packet?.ect === true) marked = true;
      else {
        this.drop(packet);
        ({ packet } = this.dodequeue(now));
      }
      this.dropping = true;
      const delta = this.drops - this.lastDrops;
      this.drops = delta > 1 && now - this.dropNext < 16 * this.line.interval ? delta : 1;
      this.dropNext = this.controlLaw(now);
      this.lastDrops = this.drops;
    }
    return packet === null ? null : { ...packet, marked };
  }

  private dodequeue(now: Micros): { packet: (Coming & { number: number }) | null; okToDrop: boolean } {
    const packet = this.waiting.shift() ?? null;
    if (packet === null) {
      this.firstAboveTime = 0;
      return { packet, okToDrop: false };
    }
    this.bytes -= packet.length;
    this.largest = Math.max(this.largest, packet.length);
    const sojourn = now - packet.at;
    const backlog = this.behind ? this.bytes : (sojourn * this.line.rate) / (8 * SECOND);
    if (sojourn < this.line.target || backlog <= this.largest) this.firstAboveTime = 0;
    else if (this.firstAboveTime === 0) this.firstAboveTime = now + this.line.interval;
    else if (now >= this.firstAboveTime) return { packet, okToDrop: true };
    return { packet, okToDrop: false };
  }

  private drop(packet: { number: number } | null): void {
    if (packet !== null) this.fates[packet.number] = 'aqm';
  }

  private controlLaw(from: Micros): Micros {
    return from + this.line.interval / Math.sqrt(this.drops);
  }
}

const line = { rate: 8_000_000, queue: Number.POSITIVE_INFINITY, target: 5000, interval: 100_000, ecn: false };

/** Packets of 1000 octets, which take 1 ms each on the line. */
function every(gap: Micros, count: number, from: Micros = 0): Coming[] {
  return Array.from({ length: count }, (_, i) => ({ at: from + i * gap, length: 1000, ect: false }));
}

const numbersOf = (fates: readonly Fate[], fate: Fate): number[] =>
  fates.flatMap((each, i) => (each === fate ? [i] : []));

/** Traffic that comes and goes: bursts, rests, and lengths and gaps of all kinds, about as much as the line takes. */
const traffic = fc
  .array(
    fc.record({ gap: fc.integer({ min: 0, max: 2400 }), burst: fc.integer({ min: 1, max: 30 }), rest: fc.nat(60) }),
    {
      minLength: 1,
      maxLength: 60,
    },
  )
  .chain((spells) => fc.record({ spells: fc.constant(spells), seed: fc.integer(), ect: fc.constantFrom(0, 0.5, 1) }))
  .map(({ spells, seed, ect }) => {
    const random = new Random(seed);
    const packets: Coming[] = [];
    let at = 0;
    for (const { gap, burst, rest } of spells) {
      for (let i = 0; i < burst; i++) {
        packets.push({ at, length: 40 + random.below(1461), ect: random.chance(ect) });
        at += random.below(gap + 1);
      }
      if (rest > 50) at += rest * MILLISECOND;
    }
    return packets;
  });

const lines = fc.record({
  rate: fc.constantFrom(1_000_000, 8_000_000, 10_000_000, 12_345_678),
  queue: fc.constant(Number.POSITIVE_INFINITY),
  target: fc.constantFrom(0, 1000, 5000),
  interval: fc.constantFrom(3000, 20_000, 100_000),
  ecn: fc.boolean(),
});

describe('CoDel (RFC 8289)', () => {
  test('decides ahead of time what the routine decides at the turn of each packet', () => {
    const met = { aqm: 0, marked: 0 };
    fc.assert(
      fc.property(traffic, lines, (packets, about) => {
        const fates = decided(packets, about);
        expect(fates).toEqual(new Reference(about, false).run(packets));
        met.aqm += numbersOf(fates, 'aqm').length;
        met.marked += fates.filter((fate) => typeof fate !== 'string' && fate[1]).length;
      }),
      { numRuns: 500 },
    );
    expect(Math.min(met.aqm, met.marked)).toBeGreaterThan(500);
  });

  test('takes the octets in front of a packet for those behind it: that differs for the last one of a burst alone', () => {
    const brief = { ...line, target: 3000, interval: 10_000 };
    const spared = { burst: 0, else: 0 };
    for (const count of [30, 50, 70, 90, 110, 130, 150, 170, 190, 210]) {
      const burst = every(500, count);
      const fates = decided(burst, brief);
      const reference = new Reference(brief, true).run(burst);
      const differ = fates.flatMap((fate, i) => (JSON.stringify(fate) === JSON.stringify(reference[i]) ? [] : [i]));
      for (const i of differ) spared[i >= count - 2 ? 'burst' : 'else']++;
      expect(numbersOf(reference, 'aqm').length).toBeGreaterThan(1);
    }
    expect(spared.else).toBe(0);
    expect(spared.burst).toBeGreaterThan(0);
  });

  test('signals come 100 ms after the sojourn time went above 5 ms, and closer with the square root of their number', () => {
    const fates = decided(every(950, 1200), line);
    // Every 950 microseconds one comes, every 1000 one goes: packet 100 waits 5 ms, and is sent from 100 ms on.
    const turns = [100 * MILLISECOND];
    let turn = 100 * MILLISECOND + 100 * MILLISECOND;
    for (let n = 1; turn < 800 * MILLISECOND; n++) {
      turns.push(turn);
      turn += (100 * MILLISECOND) / Math.sqrt(n);
    }
    // A dropped packet's turn is that of the one which is sent instead.
    const dropped = numbersOf(fates, 'aqm').map(
      (number) => (fates[number + 1] as readonly [number, boolean])[0] - 1000,
    );
    const planned = turns.slice(1).map((at) => Math.ceil(at / 1000) * 1000);
    expect(dropped.slice(0, planned.length)).toEqual(planned);
    expect(planned.length).toBeGreaterThan(10);
  });

  test('a queue whose packets wait 5 ms now and then, but not for 100 ms on end, is left alone', () => {
    const packets = Array.from({ length: 100 }, (_, i) => every(0, 60, i * 61 * MILLISECOND)).flat();
    expect(numbersOf(decided(packets, line), 'aqm')).toEqual([]);
    const closer = Array.from({ length: 100 }, (_, i) => every(0, 60, i * 55 * MILLISECOND)).flat();
    expect(numbersOf(decided(closer, line), 'aqm').length).toBeGreaterThan(10);
  });

  test('one packet behind another is no queue, on a line so slow that it waits longer than the target', () => {
    const slow = { ...line, rate: 400_000 }; // 20 ms for each packet
    const [two, three] = [2, 3].map((window) =>
      Array.from({ length: 200 }, (_, i) => ({ at: Math.max(0, i + 1 - window) * 20_000, length: 1000, ect: false })),
    );
    expect(numbersOf(decided(two as Coming[], slow), 'aqm')).toEqual([]);
    // Two are: one of them is dropped, and there is one less ever after.
    expect(numbersOf(decided(three as Coming[], slow), 'aqm')).toHaveLength(1);
  });

  test('a mark is sent, a drop is not: packets behind it are earlier', () => {
    const ecn = { ...line, ecn: true };
    const packets = every(500, 300);
    const marks = decided(
      packets.map((packet) => ({ ...packet, ect: true })),
      ecn,
    );
    const drops = decided(packets, ecn);
    expect(numbersOf(marks, 'aqm')).toEqual([]);
    const first = numbersOf(drops, 'aqm')[0] as number;
    expect(marks.findIndex((fate) => fate[1] === true)).toBe(first);
    expect(marks.slice(0, first)).toEqual(drops.slice(0, first));
    expect(
      (marks[first + 1] as readonly [number, boolean])[0] - (drops[first + 1] as readonly [number, boolean])[0],
    ).toBe(1000);
  });

  test('a full queue drops whatever can be marked, and CoDel does not count that (RFC 3168 §5, RFC 8289 §5.4)', () => {
    const packets = every(100, 300).map((packet) => ({ ...packet, ect: true }));
    const fates = decided(packets, { ...line, queue: 4000, ecn: true });
    expect(numbersOf(fates, 'queue').length).toBeGreaterThan(250);
    // 4000 octets wait 4 ms at most: below the target.
    expect(fates.some((fate) => fate[1] === true)).toBe(false);
    // Those that the queue has no room for begin no interval, and are not what ends one.
    const codel = new Codel({});
    const judge = (at: Micros, fits: boolean, wait = 10_000): Verdict =>
      codel.judge(Object.assign(new Arrival(), { now: at, length: 1000, waiting: wait, turn: at + wait, fits }));
    for (let at = 0; at < 200_000; at += 1000) expect(judge(at, false)).toBe(Verdict.Pass);
    expect(judge(200_000, true)).toBe(Verdict.Pass);
    expect(judge(299_000, false, 0)).toBe(Verdict.Pass);
    expect(judge(300_000, true)).toBe(Verdict.Signal);
  });

  test.each<[Impairments]>([
    [{ aqm: 'codel', codel: { target: -1 } }],
    [{ aqm: 'codel', codel: { interval: 0 } }],
    [{ codel: { interval: Number.NaN } }],
    [{ aqm: 'pie' as 'red' }],
  ])('settings that make no sense are refused: %j', (settings) => {
    expect(() => new Impairment(new Random(1), settings)).toThrow(RangeError);
  });
});
