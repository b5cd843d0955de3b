/** A link in real time behind an impairment: the clock here is one that the test moves. */
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { Random } from '../../src/base/random.ts';
import { SECOND } from '../../src/base/time.ts';
import type { Impairments } from '../../src/link/impair.ts';
import { type ImpairedLink, type ImpairedOptions, impaired, type LinkClock } from '../../src/link/impaired.ts';
import { inProcess, type Link, type Receiver } from '../../src/link/link.ts';
import { pipe } from '../../src/link/pipe.ts';
import { markCongestion } from '../../src/wire/ecn.ts';

class Clock implements LinkClock {
  private time = 0;
  private planned: { at: number; act: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(span: number, act: () => void): { cancel(): void } {
    const plan = { at: this.time + span, act };
    this.planned.push(plan);
    return { cancel: () => void (this.planned = this.planned.filter((each) => each !== plan)) };
  }

  /** Alarms may be late, as those of real loops are. */
  advance(to: number, late = 0): void {
    for (;;) {
      const next = this.planned.filter(({ at }) => at + late <= to).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.planned = this.planned.filter((each) => each !== next);
      this.time = Math.max(this.time, next.at + late);
      next.act();
    }
    this.time = to;
  }

  get alarms(): number {
    return this.planned.length;
  }
}

/** A link that keeps what it is to carry, and brings what it is told. */
class Wire implements Link {
  readonly name = 'wire';
  readonly mtu = 1500;
  readonly offloads = inProcess;
  readonly carried: (readonly [number, number])[] = [];
  receiver: Receiver | null = null;
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  send(frame: Frame): void {
    this.carried.push([frame.bytes[frame.at] as number, this.clock.now()]);
  }

  attach(receiver: Receiver): void {
    this.receiver = receiver;
  }
}

function setUp(
  impairments: Impairments,
  more: Partial<ImpairedOptions> = {},
): { clock: Clock; wire: Wire; link: ImpairedLink } {
  const clock = new Clock();
  const wire = new Wire(clock);
  return { clock, wire, link: impaired(wire, { clock, random: new Random(7), impairments, ...more }) };
}

const numbered = (number: number): Frame => Frame.from(Uint8Array.of(number, 0, 0, 0));

describe('an impaired link', () => {
  test('holds packets up both ways, in order, with one alarm', () => {
    const { clock, wire, link } = setUp({ delay: 20_000 });
    const arrived: (readonly [number, number])[] = [];
    link.attach({
      frameArrives: (frame) => arrived.push([frame.bytes[frame.at] as number, clock.now()]),
      framesWait: () => undefined,
    });
    link.send(numbered(1));
    clock.advance(300);
    link.send(numbered(2));
    const borrowed = numbered(3);
    wire.receiver?.frameArrives(borrowed);
    borrowed.bytes[borrowed.at] = 99; // the wire's again
    expect(clock.alarms).toBe(2);
    clock.advance(20_000);
    expect(wire.carried).toEqual([[1, 20_000]]);
    clock.advance(30_000);
    expect(wire.carried).toEqual([
      [1, 20_000],
      [2, 20_300],
    ]);
    expect(arrived).toEqual([[3, 20_300]]);
    expect(clock.alarms).toBe(0);
  });

  test('an alarm that comes late brings all that is due, in its order', () => {
    const { clock, wire, link } = setUp({ delay: 1000 });
    for (let i = 0; i < 5; i++) {
      link.send(numbered(i));
      clock.advance(clock.now() + 100);
    }
    clock.advance(3000, 900);
    expect(wire.carried.map(([number]) => number)).toEqual([0, 1, 2, 3, 4]);
  });

  test('who is held up is overtaken, and the alarm moves nearer', () => {
    const { clock, wire, link } = setUp({
      delay: 1000,
      fault: (frame) => (frame.bytes[frame.at] === 0 ? { delay: 50_000 } : null),
    });
    link.send(numbered(0));
    link.send(numbered(1));
    clock.advance(100_000);
    expect(wire.carried).toEqual([
      [1, 1000],
      [0, 51_000],
    ]);
  });

  test('loses, doubles and corrupts, by the seed, and counts what is lost', () => {
    const run = (): readonly (readonly [number, number])[] => {
      const { clock, wire, link } = setUp({ loss: 0.3, duplicate: 0.3, corrupt: 0.3 });
      for (let i = 0; i < 100; i++) link.send(numbered(i));
      clock.advance(1);
      expect(link.dropped).toBeGreaterThan(10);
      expect(wire.carried.length).toBeGreaterThan(100 - link.dropped);
      return wire.carried;
    };
    expect(run()).toEqual(run());
  });

  test('is the link otherwise, and hands over for one inside of the process', () => {
    const [a, b] = pipe({ mtu: 1234 });
    const clock = new Clock();
    const link = impaired(b, { clock, random: new Random(1), impairments: { delay: 10 } });
    expect([link.name, link.mtu, link.offloads]).toEqual([b.name, 1234, b.offloads]);
    let waits = 0;
    let arrived = 0;
    link.attach({ frameArrives: () => void arrived++, framesWait: () => void waits++ });
    a.send(numbered(1));
    expect([waits, link.deliver?.(), arrived]).toEqual([1, 1, 0]);
    clock.advance(10);
    expect(arrived).toBe(1);
    expect(setUp({}).link.deliver?.()).toBeUndefined();
  });

  test('marks packets of senders that know ECN, both ways, if it is told how', () => {
    // 8 Mbit/s, and RED that signals every packet which finds another one.
    const red = { min: 0, max: 1_000_000, probability: 1, weight: 1 };
    const impairments: Impairments = { rate: 8_000_000, aqm: 'red', red, ecn: true };
    const packet = (ecn: number): Frame => {
      const octets = new Uint8Array(1000);
      octets.set([0x60, ecn << 4]);
      return Frame.from(octets);
    };
    const run = (more: Partial<ImpairedOptions>): { marked: number; dropped: number; ways: number[][] } => {
      const { clock, wire, link } = setUp(impairments, more);
      const arrived: number[] = [];
      link.attach({ frameArrives: (frame) => arrived.push(frame.bytes[1] as number), framesWait: () => undefined });
      const left: number[] = [];
      wire.send = (frame: Frame) => void left.push(frame.bytes[frame.at + 1] as number);
      // The first finds an empty queue; RED's chances grow until the next ones find a full one.
      for (let i = 0; i < 300; i++) {
        link.send(packet(i % 3));
        wire.receiver?.frameArrives(packet(i % 3));
      }
      clock.advance(SECOND);
      return { marked: link.marked, dropped: link.dropped, ways: [left, arrived] };
    };
    const told = run({ mark: (frame) => markCongestion(frame, frame.at) });
    expect(told.marked).toBeGreaterThan(100);
    expect(told.dropped).toBeGreaterThan(50);
    for (const way of told.ways) {
      expect(way.filter((ecn) => ecn === 0x30).length).toBeGreaterThan(50);
      expect(way.filter((ecn) => ecn === 0x00).length).toBeGreaterThan(0);
    }
    expect(told.ways.flat().filter((ecn) => ecn === 0x30)).toHaveLength(told.marked);
    const untold = run({});
    expect(untold.marked).toBe(0);
    expect(untold.dropped).toBeGreaterThan(150);
  });

  test('is an Ethernet link where the link is one', () => {
    const clock = new Clock();
    const wire: Link = Object.assign(new Wire(clock), { mac: 0x0200_0000_0001 });
    const about = { clock, random: new Random(7), impairments: {} };
    expect(impaired(wire, about).mac).toBe(0x0200_0000_0001);
    expect(impaired(new Wire(clock), about).mac).toBeUndefined();
  });

  test('refuses impairments that make no sense', () => {
    expect(() => setUp({ loss: 2 })).toThrow(RangeError);
  });
});
