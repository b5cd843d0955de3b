/** Switches, with stations that put frames on their cables by hand: nothing here has a stack. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/base/address-text.ts';
import { Frame } from '../../src/base/frame.ts';
import { BROADCAST_MAC, formatMac, groupMac, type Mac, writeMac } from '../../src/base/mac.ts';
import { Random } from '../../src/base/random.ts';
import { MILLISECOND, type Micros, SECOND } from '../../src/base/time.ts';
import type { Impairments } from '../../src/link/impair.ts';
import { Cable, type Station } from '../../src/sim/cable.ts';
import { Switch, type SwitchOptions } from '../../src/sim/switch.ts';
import { Timeline } from '../../src/sim/timeline.ts';

/** Somebody at the end of a cable: has heard what arrived, by the numbers of the frames. */
class Stub implements Station {
  readonly name: string;
  readonly down = false;
  readonly heard: number[] = [];
  /** The last frame that arrived, and when each did. */
  last: Uint8Array = new Uint8Array();
  readonly times: Micros[] = [];

  constructor(name: string) {
    this.name = name;
  }

  hold(): boolean {
    return false;
  }
}

/** Local experimental ethertype, a number, and nothing else. */
function frameOf(to: Mac, from: Mac, number: number, size = 60): Frame {
  const frame = new Frame(size);
  frame.end = size;
  writeMac(frame.view, 0, to);
  writeMac(frame.view, 6, from);
  frame.view.setUint16(12, 0x88b5);
  frame.view.setUint32(14, number);
  return frame;
}

/** -1: it is too short to bear one. */
const numberIn = (frame: Frame): number => (frame.length < 18 ? -1 : frame.view.getUint32(frame.at + 14));

/** Switches and stubs, each stub on a cable of its own, in a timeline that the test lets go on. */
class Bench {
  readonly timeline: Timeline = new Timeline(0, null);
  readonly switches: Switch[] = [];
  readonly stubs: Stub[] = [];
  readonly cables: Cable[] = [];
  /** The cable of each stub. */
  readonly leads: Cable[] = [];
  private readonly random: Random = new Random(1);

  constructor(switches = 1, options: SwitchOptions = {}) {
    for (let i = 0; i < switches; i++) this.switches.push(new Switch(this.timeline, `s${i}`, options));
  }

  /** One more stub; answers its number. */
  plug(into: number, impairments: Impairments = {}, mtu = 1500): number {
    const stub = new Stub(`h${this.stubs.length}`);
    const { timeline } = this;
    const cable = this.join(stub, this.switches[into] as Switch, mtu);
    cable.set(impairments);
    cable.ends[0].attach({
      frameArrives: (frame) => {
        stub.heard.push(numberIn(frame));
        stub.times.push(timeline.now);
        stub.last = frame.copy();
      },
      framesWait: () => undefined,
    });
    this.leads.push(cable);
    return this.stubs.push(stub) - 1;
  }

  trunk(a: number, b: number): Cable {
    const cable = this.join(this.switches[a] as Switch, this.switches[b] as Switch, 1500);
    this.switches[a]?.plugIn(cable, cable.ends[0]);
    return cable;
  }

  send(by: number, frame: Frame): this {
    this.leads[by]?.ends[0].send(frame);
    return this;
  }

  /** Lets all happen that is on its way. Answers how many events that took. */
  settle(): number {
    let events = 0;
    while (this.timeline.step()) if (++events > 10_000) expect.unreachable('frames go round');
    return events;
  }

  /** What has arrived since the last call, by stub. */
  heard(): number[][] {
    this.settle();
    return this.stubs.map(({ heard }) => heard.splice(0));
  }

  private join(a: Station, b: Switch, mtu: number): Cable {
    const id = this.cables.length;
    const ethernet = [{ name: 'a' }, { name: 'b' }] as const;
    const cable = new Cable(this.timeline, this.random.fork(`${id}`), id, a, b, { name: `${id}`, ethernet, mtu });
    b.plugIn(cable, cable.ends[1]);
    this.cables.push(cable);
    return cable;
  }
}

/** A switch with so many stubs. */
function star(stubs: number, options: SwitchOptions = {}): Bench & { switch: Switch } {
  const bench = new Bench(1, options);
  for (let i = 0; i < stubs; i++) bench.plug(0);
  return Object.assign(bench, { switch: bench.switches[0] as Switch });
}

/** The MAC address of stub number `i`. */
const mac = (i: number): Mac => 0x0200_0000_0001 + i;

describe('a switch', () => {
  test('floods what is for a station that it does not know, and learns from what the station sends', () => {
    const bench = star(4);
    bench.send(0, frameOf(mac(2), mac(0), 1));
    expect(bench.heard()).toEqual([[], [1], [1], [1]]);
    bench.send(2, frameOf(mac(0), mac(2), 2));
    expect(bench.heard()).toEqual([[2], [], [], []]);
    bench.send(0, frameOf(mac(2), mac(0), 3)).send(1, frameOf(mac(2), mac(1), 4));
    expect(bench.heard()).toEqual([[], [], [3, 4], []]);
    expect(bench.switch.stations.map(({ mac: text, port }) => [text, port])).toEqual([
      [formatMac(mac(2)), 3],
      [formatMac(mac(0)), 1],
      [formatMac(mac(1)), 2],
    ]);
    expect(bench.switch.portOf('02:00:00:00:00:03')).toBe(3);
    expect(bench.switch.portOf('02:00:00:00:00:04')).toBeNull();
    expect(bench.switch.portOf('nobody')).toBeNull();
  });

  test('floods broadcasts and multicasts, also when every station is known', () => {
    const bench = star(3);
    const groups = ['224.0.0.1', 'ff02::1'].map((text) => groupMac(parseAddress(text) as never));
    for (let i = 0; i < 3; i++) bench.send(i, frameOf(mac(i), mac(i), 0));
    bench.heard();
    for (const [i, to] of [BROADCAST_MAC, ...groups].entries()) {
      bench.send(1, frameOf(to, mac(1), i));
      expect(bench.heard()).toEqual([[i], [], [i]]);
    }
  });

  test('sends nothing back where it came from: a station on the same port has heard it already', () => {
    const bench = star(3);
    bench.send(0, frameOf(mac(1), mac(10), 1)).send(0, frameOf(mac(1), mac(11), 2));
    bench.heard();
    bench.send(0, frameOf(mac(10), mac(11), 3));
    expect(bench.heard()).toEqual([[], [], []]);
    expect(bench.switch.ports.map(({ filtered }) => filtered)).toEqual([1, 0, 0]);
  });

  test('the octets of a frame pass as they are, VLAN tags and padding included', () => {
    const bench = star(2);
    for (const size of [18, 60, 511, 512, 513, 1514, 1522]) {
      const frame = frameOf(mac(1), mac(0), size, size);
      if (size === 1522) frame.view.setUint16(12, 0x8100);
      if (size === 1522) frame.view.setUint16(16, 0x88a8); // a tag within the tag
      new Random(size).fill(frame.bytes.subarray(22, size));
      const octets = frame.copy();
      bench.send(0, frame);
      expect(bench.heard()).toHaveLength(2);
      expect(bench.stubs[1]?.last).toEqual(octets);
    }
  });

  test('a station that moves is found at its new place, by the first frame that it sends there', () => {
    const bench = star(3);
    bench.send(0, frameOf(BROADCAST_MAC, mac(7), 1)).heard();
    bench.send(1, frameOf(mac(7), mac(1), 2));
    expect(bench.heard()).toEqual([[2], [], []]);
    bench.send(2, frameOf(BROADCAST_MAC, mac(7), 3)).heard();
    bench.send(1, frameOf(mac(7), mac(1), 4));
    expect(bench.heard()).toEqual([[], [], [4]]);
    expect(bench.switch.counters()).toEqual({ learned: 2, moved: 1, replaced: 0 });
  });

  test('a station that was silent for 300 s is forgotten; each frame that it sends counts anew (IEEE 802.1D §7.9.2)', () => {
    const bench = star(3);
    const say = (at: Micros, number: number): number[][] => {
      bench.timeline.now = at;
      bench.send(1, frameOf(mac(0), mac(1), number));
      return bench.heard();
    };
    bench.send(0, frameOf(BROADCAST_MAC, mac(0), 1)).heard();
    expect(say(299 * SECOND, 2)).toEqual([[2], [], []]);
    expect(bench.switch.stations.map(({ age }) => age)).toEqual([299 * SECOND, 0]);
    bench.send(0, frameOf(BROADCAST_MAC, mac(0), 3)).heard();
    expect(say(598 * SECOND, 4)).toEqual([[4], [], []]);
    expect(say(599 * SECOND, 5)).toEqual([[5], [], [5]]);
    expect(bench.switch.stations.map(({ mac: text }) => text)).toEqual([formatMac(mac(1))]);
    const hub = star(3, { aging: 0 });
    hub.send(0, frameOf(BROADCAST_MAC, mac(0), 1)).heard();
    hub.send(1, frameOf(mac(0), mac(1), 2));
    expect(hub.heard()).toEqual([[2], [], [2]]);
  });

  test('a full table: the station that was silent longest makes room, and is counted', () => {
    const bench = star(2, { stations: 3 });
    for (const i of [0, 1, 2, 0, 3]) bench.send(0, frameOf(BROADCAST_MAC, mac(i), i)).heard();
    const known = bench.switch.stations.map(({ mac: text }) => text);
    expect(known).toEqual([mac(2), mac(0), mac(3)].map(formatMac));
    expect(bench.switch.counters()).toEqual({ learned: 4, moved: 0, replaced: 1 });
    // Thousands of made-up addresses leave room for the latest alone.
    for (let i = 0; i < 5000; i++) bench.send(1, frameOf(mac(0), mac(100 + i), i)).settle();
    expect(bench.switch.stations).toHaveLength(3);
    expect(star(1).switch.counters()).toEqual({ learned: 0, moved: 0, replaced: 0 });
  });

  test('1024 stations by default', () => {
    const bench = star(2);
    for (let i = 0; i < 1025; i++) bench.send(0, frameOf(BROADCAST_MAC, mac(i), i)).settle();
    expect(bench.switch.stations).toHaveLength(1024);
    expect(bench.switch.counters().replaced).toBe(1);
    expect(bench.switch.portOf(formatMac(mac(0)))).toBeNull();
    expect(bench.switch.portOf(formatMac(mac(1)))).toBe(1);
  });

  test('a frame without a whole header is dropped and counted; a group is never learned as a sender', () => {
    const bench = star(2);
    for (let size = 0; size < 14; size++) bench.send(0, Frame.from(new Uint8Array(size).fill(0xff)));
    bench.settle();
    expect(bench.switch.ports[0]).toMatchObject({ received: 14, malformed: 14, sent: 0 });
    expect(bench.switch.ports[1]).toMatchObject({ sent: 0 });
    const header = Frame.from(Uint8Array.of(4, 4, 4, 4, 4, 4, 2, 2, 2, 2, 2, 2, 0x88, 0xb5));
    bench.send(0, header);
    expect(bench.heard()[1]).toEqual([-1]);
    expect(bench.switch.ports[0]).toMatchObject({ received: 15, malformed: 14 });
    expect(bench.switch.ports[1]).toMatchObject({ sent: 1 });
    const multicast = 0x0100_5e00_0001;
    bench
      .send(0, frameOf(mac(1), multicast, 1))
      .send(0, frameOf(mac(1), BROADCAST_MAC, 2))
      .heard();
    expect(bench.switch.stations.map(({ mac: text }) => text)).toEqual(['02:02:02:02:02:02']);
    bench.send(1, frameOf(multicast, mac(1), 3));
    expect(bench.heard()[0]).toEqual([3]);
  });

  test('frames to the sixteen reserved addresses stay on their cable (IEEE 802.1D §7.12.6)', () => {
    const bench = star(2);
    const reserved = 0x0180_c200_0000;
    for (let i = -1; i <= 16; i++) bench.send(0, frameOf(reserved + i, mac(0), 100 + i));
    expect(bench.heard()[1]).toEqual([99, 116]);
    expect(bench.switch.ports[0]).toMatchObject({ filtered: 16 });
  });

  test('counts by port', () => {
    const bench = star(3);
    bench.send(0, frameOf(mac(1), mac(0), 1)).heard();
    bench.send(1, frameOf(mac(0), mac(1), 2)).heard();
    bench.send(1, frameOf(BROADCAST_MAC, mac(1), 3)).heard();
    const zero = { filtered: 0, malformed: 0 };
    expect(bench.switch.ports).toEqual([
      { number: 1, cable: bench.leads[0], received: 1, sent: 2, flooded: 1, ...zero },
      { number: 2, cable: bench.leads[1], received: 2, sent: 1, flooded: 1, ...zero },
      { number: 3, cable: bench.leads[2], received: 0, sent: 2, flooded: 2, ...zero },
    ]);
  });

  test('stores and forwards: each cable takes its own time, and a slow one has its own queue', () => {
    const bench = new Bench();
    bench.plug(0, { rate: 8_000_000, delay: 100 });
    bench.plug(0, { rate: 80_000, delay: 1000, queue: 2500 });
    // 1000 octets: 1 ms in, 0.1 ms on the way; then 100 ms out, and 1 ms on the way.
    for (let i = 0; i < 5; i++) bench.send(0, frameOf(mac(1), mac(0), i, 1000));
    bench.settle();
    expect(bench.stubs[1]?.times).toEqual([102_100, 202_100]);
    const { sent, drops } = (bench.leads[1] as Cable).counters(bench.switches[0] as Switch);
    expect([sent, drops.queue]).toEqual([5, 3]);
    expect(bench.stubs[1]?.heard).toEqual([0, 1]);
  });

  test('a frame that is too large for the cable which it is to leave by is lost there', () => {
    const bench = new Bench();
    bench.plug(0, {}, 9000);
    bench.plug(0, {}, 1500);
    bench.plug(0, {}, 9000);
    bench.send(0, frameOf(BROADCAST_MAC, mac(0), 1, 9014));
    expect(bench.heard()).toEqual([[], [], [1]]);
    expect((bench.leads[1] as Cable).counters(bench.switches[0] as Switch).drops.mtu).toBe(1);
  });

  test('without power what arrives is lost, and who was known is forgotten', () => {
    const bench = star(3);
    const { switch: sw } = bench;
    for (let i = 0; i < 3; i++) bench.send(i, frameOf(BROADCAST_MAC, mac(i), 0));
    bench.heard();
    bench.leads[2]?.set({ delay: MILLISECOND });
    bench.send(0, frameOf(mac(2), mac(0), 1)).send(2, frameOf(mac(0), mac(2), 2));
    bench.timeline.step(); // 1 is at the switch; 2 is still on its way there
    sw.crash();
    expect([sw.down, sw.stations]).toEqual([true, []]);
    expect(bench.heard()).toEqual([[], [], [1]]);
    bench.send(0, frameOf(mac(2), mac(0), 3));
    expect(bench.heard()).toEqual([[], [], []]);
    expect(bench.leads.map((cable, i) => cable.counters(bench.stubs[i] as Stub).drops.down)).toEqual([1, 0, 1]);
    sw.boot();
    expect(sw.stations).toEqual([]);
    bench.send(0, frameOf(mac(2), mac(0), 4));
    expect(bench.heard()).toEqual([[], [4], [4]]);
    expect(bench.timeline.log.lines().filter(({ text }) => /s0 (crashes|boots)/.test(text))).toHaveLength(2);
  });

  test('a cable that is unplugged carries nothing, and who was behind it is looked for elsewhere', () => {
    const bench = star(3);
    const [first] = bench.leads as [Cable];
    for (let i = 0; i < 3; i++) bench.send(i, frameOf(BROADCAST_MAC, mac(i), 0));
    bench.heard();
    first.unplug();
    bench.send(1, frameOf(mac(0), mac(1), 1));
    expect(bench.heard()).toEqual([[], [], [1]]);
    expect(bench.switch.ports[0]).toMatchObject({ sent: 2 });
    bench.send(0, frameOf(mac(1), mac(0), 2));
    expect(bench.heard()).toEqual([[], [], []]);
    first.plug();
    // It is still not known where the station is, until it says something.
    bench.send(1, frameOf(mac(0), mac(1), 3));
    expect(bench.heard()).toEqual([[3], [], [3]]);
    bench.send(0, frameOf(mac(1), mac(0), 4));
    expect(bench.heard()).toEqual([[], [4], []]);
    bench.send(1, frameOf(mac(0), mac(1), 5));
    expect(bench.heard()).toEqual([[5], [], []]);
  });

  test.each<[SwitchOptions]>([[{ aging: -1 }], [{ aging: Number.NaN }], [{ stations: 0 }], [{ stations: 1.5 }]])(
    'options that make no sense are refused: %j',
    (options) => {
      expect(() => star(0, options)).toThrow(RangeError);
    },
  );
});

/** What one switch should do, said as simply as can be: which port leads where, found by looking through all that was heard. */
class Model {
  private heard: { mac: Mac; port: string; at: Micros }[] = [];

  /** The ports by which the frame leaves. */
  ports(
    to: Mac,
    from: Mac,
    cameBy: string,
    all: readonly string[],
    now: Micros,
    aging: Micros,
    most: number,
  ): string[] {
    if (Math.floor(from / 2 ** 40) % 2 === 0) {
      this.heard = [...this.heard.filter((each) => each.mac !== from), { mac: from, port: cameBy, at: now }];
    }
    // The latest are known, as many as the table holds, unless they have been silent for too long.
    const known = this.heard.slice(-most).filter(({ at }) => now - at < aging);
    const place = known.find((each) => each.mac === to)?.port;
    if (to >= 0x0180_c200_0000 && to <= 0x0180_c200_000f) return [];
    if (place !== undefined) return place === cameBy ? [] : [place];
    return all.filter((port) => port !== cameBy);
  }
}

/** Who hears a frame, in a tree of switches with a model each; stubs are `h0`, `h1`, switches `s0`, `s1`. */
function modelled(
  models: readonly Model[],
  ways: readonly string[][],
  about: Omit<Say, 'by'>,
  at: string,
  by: string,
  now: Micros,
  options: Required<SwitchOptions>,
): string[] {
  if (at.startsWith('h')) return [at];
  const number = Number(at.slice(1));
  const next = (models[number] as Model).ports(
    about.to,
    about.from,
    by,
    ways[number] as string[],
    now,
    options.aging,
    options.stations,
  );
  return next.flatMap((port) => modelled(models, ways, about, port, at, now, options));
}

/** A station says something, after a while. */
interface Say {
  readonly by: number;
  readonly to: Mac;
  readonly from: Mac;
  readonly after: Micros;
}

const someMac = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 5 }).map(mac) },
  { weight: 1, arbitrary: fc.constantFrom(BROADCAST_MAC, 0x3333_0000_0001, 0x0180_c200_0000, 0x0180_c200_0010) },
);

/** A tree of switches, each but the first trunked to an earlier one, and stubs at them. */
const trees = fc.record({
  parents: fc.array(fc.nat(), { minLength: 0, maxLength: 4 }),
  stubs: fc.array(fc.nat(), { minLength: 2, maxLength: 7 }),
  aging: fc.constantFrom(0, 3 * SECOND, 300 * SECOND),
  stations: fc.constantFrom(1, 3, 1024),
  says: fc.array(
    fc.record<Say>({ by: fc.nat(), to: someMac, from: someMac, after: fc.constantFrom(0, SECOND, 4 * SECOND) }),
    { minLength: 1, maxLength: 40 },
  ),
});

describe('trees of switches', () => {
  test('any frames, by any stations: each arrives exactly once at exactly those whom it should reach', () => {
    let [delivered, silent] = [0, 0];
    fc.assert(
      fc.property(trees, ({ parents, stubs, aging, stations, says }) => {
        const count = parents.length + 1;
        const bench = new Bench(count, { aging, stations });
        const ways: string[][] = Array.from({ length: count }, () => []);
        for (const [i, nat] of parents.entries()) {
          const parent = nat % (i + 1);
          bench.trunk(i + 1, parent);
          ways[i + 1]?.push(`s${parent}`);
          ways[parent]?.push(`s${i + 1}`);
        }
        const homes = stubs.map((nat) => nat % count);
        for (const [i, home] of homes.entries()) {
          bench.plug(home);
          ways[home]?.push(`h${i}`);
        }
        const models = Array.from({ length: count }, () => new Model());
        for (const [number, say] of says.entries()) {
          const by = say.by % stubs.length;
          bench.timeline.now += say.after;
          bench.send(by, frameOf(say.to, say.from, number));
          const heard = bench.heard();
          const { now } = bench.timeline;
          const expected = modelled(models, ways, say, `s${homes[by] as number}`, `h${by}`, now, { aging, stations });
          const lists: number[][] = stubs.map(() => []);
          for (const name of expected) lists[Number(name.slice(1))]?.push(number);
          expect(heard).toEqual(lists);
          delivered += expected.length;
          if (expected.length === 0) silent++;
        }
      }),
      { numRuns: 300 },
    );
    expect(delivered).toBeGreaterThan(2000);
    expect(silent).toBeGreaterThan(50);
  });
});
