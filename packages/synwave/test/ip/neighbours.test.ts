/** The neighbour cache: every cell of RFC 4861, appendix C; what waits, what gives way, what floods do to it. */
import { describe, expect, test } from 'vitest';
import { Address } from '../../src/base/address.ts';
import { Queue } from '../../src/base/due.ts';
import { Frame } from '../../src/base/frame.ts';
import { Random } from '../../src/base/random.ts';
import { NEVER, SECOND } from '../../src/base/time.ts';
import { IpInterface } from '../../src/ip/interface.ts';
import { type Neighbour, NeighbourState, Neighbours } from '../../src/ip/neighbours.ts';
import { onTheWire } from '../../src/link/link.ts';
import { Drop } from '../../src/wire/drop.ts';
import { ACK, Segment, SYN } from '../../src/wire/segment.ts';
import { arp, ip, macOf, na, ns, ra, redirect6, rs, type Said, Station, solicited, tcp, udp } from './station.ts';

/** The neighbour that rows are about, station 2; another router, station 9, and somebody whom that one forwards to. */
const PEER = 'fe80::2';
const ROUTER = 'fe80::9';
const FAR = '2001:db8::1';
/** Where questions for it go that are not to itself. */
const GROUP = '33:33:ff:00:00:02';
const FULL = 'too many packets wait for one neighbour';
const TABLE_FULL = 'too many neighbours';
const SILENT = 'neighbour does not answer';

type State = '-' | 'INCOMPLETE' | 'REACHABLE' | 'STALE' | 'DELAY' | 'PROBE' | 'FAILED';

/** A station whose entry of the neighbour is in that state; what led to it is forgotten. */
function inState(state: State): Station {
  const s = new Station(['fd00::1/64'], { autoconf: true });
  s.net.advertise(0, { interval: 1800 });
  s.settled(40);
  s.hear(ra({ from: 9, src: ROUTER, lifetime: 9000 }));
  s.send(FAR);
  const me = s.linkLocal;
  switch (state) {
    case '-':
      break;
    case 'INCOMPLETE':
    case 'FAILED':
      s.send(PEER);
      if (state === 'FAILED') s.pass(3);
      break;
    case 'REACHABLE':
      s.send(PEER);
      s.hear(na({ from: 2, target: PEER, dst: me, flags: 'SO' }));
      break;
    default:
      s.hear(rs({ from: 2, src: PEER }));
      if (state !== 'STALE') s.send(PEER);
      if (state === 'PROBE') s.pass(5);
  }
  s.said();
  expect(s.state(PEER).split(' ')[0]).toBe(state);
  return s;
}

/** What happens, by what a test calls it. */
const happens = {
  'a packet to send': (s) => s.send(PEER),
  'the retransmit timer': (s) => s.pass(1),
  'the retransmit timer, three times': (s) => s.pass(3),
  DELAY_FIRST_PROBE_TIME: (s) => s.pass(5),
  ReachableTime: (s) => s.pass(46),
  NA: (s) => s.hear(na({ from: 2, target: PEER })),
  'NA S': (s) => s.hear(na({ from: 2, target: PEER, flags: 'S', dst: s.linkLocal })),
  'NA O': (s) => s.hear(na({ from: 2, target: PEER, flags: 'O' })),
  'NA SO': (s) => s.hear(na({ from: 2, target: PEER, flags: 'SO', dst: s.linkLocal })),
  'NA, another MAC': (s) => s.hear(na({ from: 3, target: PEER })),
  'NA S, another MAC': (s) => s.hear(na({ from: 3, target: PEER, flags: 'S', dst: s.linkLocal })),
  'NA O, another MAC': (s) => s.hear(na({ from: 3, target: PEER, flags: 'O' })),
  'NA SO, another MAC': (s) => s.hear(na({ from: 3, target: PEER, flags: 'SO', dst: s.linkLocal })),
  'NA, no MAC': (s) => s.hear(na({ from: 2, target: PEER, option: null })),
  'NA S, no MAC': (s) => s.hear(na({ from: 2, target: PEER, flags: 'S', dst: s.linkLocal, option: null })),
  'NA SO, no MAC': (s) => s.hear(na({ from: 2, target: PEER, flags: 'SO', dst: s.linkLocal, option: null })),
  NS: (s) => s.hear(ns({ from: 2, src: PEER, target: 'fd00::1' })),
  'NS, another MAC': (s) => s.hear(ns({ from: 3, src: PEER, target: 'fd00::1' })),
  'NS, no MAC': (s) => s.hear(ns({ from: 2, src: PEER, target: 'fd00::1', option: null })),
  RS: (s) => s.hear(rs({ from: 2, src: PEER })),
  'RS, another MAC': (s) => s.hear(rs({ from: 3, src: PEER })),
  'RS, no MAC': (s) => s.hear(rs({ from: 2, src: PEER, option: null })),
  RA: (s) => s.hear(ra({ from: 2, src: PEER, lifetime: 0 })),
  'RA, another MAC': (s) => s.hear(ra({ from: 3, src: PEER, lifetime: 0 })),
  'RA, no MAC': (s) => s.hear(ra({ from: 2, src: PEER, lifetime: 0, bare: true })),
  redirect: (s) =>
    s.hear(redirect6({ from: 9, src: ROUTER, dst: s.linkLocal, destination: FAR, target: PEER, option: macOf(2) })),
  'redirect, another MAC': (s) =>
    s.hear(redirect6({ from: 9, src: ROUTER, dst: s.linkLocal, destination: FAR, target: PEER, option: macOf(3) })),
} as const satisfies Record<string, (s: Station) => unknown>;

/** What leaves then for the neighbour: `packet 2` for a datagram to station 2, `ns 2` for a question to that one, or `ns all`. */
function words({ line }: Said): string[] {
  const [, to = '', what = ''] = /^1 > (\S+) \S+ > \S+ (udp|ns fe80::2) ?/.exec(line) ?? [];
  return what === '' || to === '9' ? [] : [`${what === 'udp' ? 'packet' : 'ns'} ${to === GROUP ? 'all' : to}`];
}

describe('the state of a neighbour (RFC 4861, appendix C)', () => {
  test.each<[State, keyof typeof happens, string, ...string[]]>([
    // before      what happens                         after          what leaves
    ['-', 'a packet to send', 'INCOMPLETE', 'ns all'],
    ['INCOMPLETE', 'a packet to send', 'INCOMPLETE'],
    ['INCOMPLETE', 'the retransmit timer', 'INCOMPLETE', 'ns all'],
    ['INCOMPLETE', 'the retransmit timer, three times', 'FAILED', 'ns all', 'ns all'],
    ['INCOMPLETE', 'NA', 'DELAY 2', 'packet 2'], // STALE until what waits is sent
    ['INCOMPLETE', 'NA O', 'DELAY 2', 'packet 2'],
    ['INCOMPLETE', 'NA S', 'REACHABLE 2', 'packet 2'],
    ['INCOMPLETE', 'NA SO', 'REACHABLE 2', 'packet 2'],
    ['INCOMPLETE', 'NA, no MAC', 'INCOMPLETE'],
    ['INCOMPLETE', 'NA SO, no MAC', 'INCOMPLETE'],
    ['-', 'NA SO', '-'],
    ['-', 'NS, no MAC', 'INCOMPLETE', 'ns all'], // it is to be answered (§7.2.4)
    ['-', 'RS, no MAC', '-'],
    ['-', 'RA, no MAC', '-'],
    ['REACHABLE', 'NA S', 'REACHABLE 2'],
    ['STALE', 'NA S', 'REACHABLE 2'],
    ['DELAY', 'NA S', 'REACHABLE 2'],
    ['PROBE', 'NA S', 'REACHABLE 2'],
    ['REACHABLE', 'NA, no MAC', 'REACHABLE 2'],
    ['STALE', 'NA, no MAC', 'STALE 2'],
    ['DELAY', 'NA, no MAC', 'DELAY 2'],
    ['PROBE', 'NA, no MAC', 'PROBE 2'],
    ['STALE', 'NA S, no MAC', 'REACHABLE 2'], // §7.2.5, II: a MUST where the appendix has "unchanged"
    ['PROBE', 'NA SO, no MAC', 'REACHABLE 2'],
    ['REACHABLE', 'NA S, another MAC', 'STALE 2'],
    ['STALE', 'NA S, another MAC', 'STALE 2'],
    ['DELAY', 'NA S, another MAC', 'DELAY 2'],
    ['PROBE', 'NA S, another MAC', 'PROBE 2'],
    ['REACHABLE', 'NA SO', 'REACHABLE 2'],
    ['STALE', 'NA SO', 'REACHABLE 2'],
    ['DELAY', 'NA SO', 'REACHABLE 2'],
    ['PROBE', 'NA SO', 'REACHABLE 2'],
    ['REACHABLE', 'NA SO, another MAC', 'REACHABLE 3'],
    ['STALE', 'NA SO, another MAC', 'REACHABLE 3'],
    ['DELAY', 'NA SO, another MAC', 'REACHABLE 3'],
    ['PROBE', 'NA SO, another MAC', 'REACHABLE 3'],
    ['REACHABLE', 'NA', 'REACHABLE 2'],
    ['STALE', 'NA', 'STALE 2'],
    ['DELAY', 'NA', 'DELAY 2'],
    ['PROBE', 'NA', 'PROBE 2'],
    ['REACHABLE', 'NA, another MAC', 'STALE 2'], // §7.2.5, I (a), §7.2.6: to be verified
    ['STALE', 'NA, another MAC', 'STALE 2'],
    ['DELAY', 'NA, another MAC', 'DELAY 2'],
    ['PROBE', 'NA, another MAC', 'PROBE 2'],
    ['REACHABLE', 'NA O', 'REACHABLE 2'],
    ['STALE', 'NA O', 'STALE 2'],
    ['DELAY', 'NA O', 'DELAY 2'],
    ['PROBE', 'NA O', 'PROBE 2'],
    ['REACHABLE', 'NA O, another MAC', 'STALE 3'],
    ['STALE', 'NA O, another MAC', 'STALE 3'],
    ['DELAY', 'NA O, another MAC', 'STALE 3'],
    ['PROBE', 'NA O, another MAC', 'STALE 3'],
    ['REACHABLE', 'ReachableTime', 'STALE 2'],
    ['REACHABLE', 'a packet to send', 'REACHABLE 2', 'packet 2'],
    ['STALE', 'a packet to send', 'DELAY 2', 'packet 2'],
    ['DELAY', 'a packet to send', 'DELAY 2', 'packet 2'],
    ['DELAY', 'DELAY_FIRST_PROBE_TIME', 'PROBE 2', 'ns 2'],
    ['PROBE', 'a packet to send', 'PROBE 2', 'packet 2'],
    ['PROBE', 'the retransmit timer', 'PROBE 2', 'ns 2'],
    ['PROBE', 'the retransmit timer, three times', 'FAILED 2', 'ns 2', 'ns 2'],
    ['FAILED', 'a packet to send', 'INCOMPLETE', 'ns all'],
    ['FAILED', 'NA SO', 'REACHABLE 2'], // the answer was late
    ['FAILED', 'NS', 'DELAY 2'], // which it was answered by
    ['-', 'NS', 'DELAY 2'],
    ['-', 'RS', 'STALE 2'],
    ['-', 'RA', 'STALE 2'],
    ['-', 'redirect', 'STALE 2'],
    ['INCOMPLETE', 'NS', 'DELAY 2', 'packet 2'],
    ['INCOMPLETE', 'RS', 'DELAY 2', 'packet 2'],
    ['INCOMPLETE', 'RA', 'DELAY 2', 'packet 2'],
    ['INCOMPLETE', 'redirect', 'DELAY 2', 'packet 2'],
    ['INCOMPLETE', 'NS, no MAC', 'INCOMPLETE'],
    ['INCOMPLETE', 'RS, no MAC', 'INCOMPLETE'],
    ['REACHABLE', 'NS', 'REACHABLE 2'],
    ['REACHABLE', 'RS', 'REACHABLE 2'],
    ['REACHABLE', 'RA', 'REACHABLE 2'],
    ['REACHABLE', 'redirect', 'REACHABLE 2'],
    ['REACHABLE', 'NS, another MAC', 'DELAY 3'],
    ['REACHABLE', 'RS, another MAC', 'STALE 3'],
    ['REACHABLE', 'RA, another MAC', 'STALE 3'],
    ['REACHABLE', 'redirect, another MAC', 'STALE 3'],
    ['STALE', 'RS', 'STALE 2'],
    ['STALE', 'RS, another MAC', 'STALE 3'],
    ['DELAY', 'NS', 'DELAY 2'],
    ['DELAY', 'RS, another MAC', 'STALE 3'],
    ['DELAY', 'RA, another MAC', 'STALE 3'],
    ['PROBE', 'RS', 'PROBE 2'],
    ['PROBE', 'RS, another MAC', 'STALE 3'],
    ['PROBE', 'RA, another MAC', 'STALE 3'],
    ['PROBE', 'redirect, another MAC', 'STALE 3'],
  ])('%s, %s: %s', (before, event, after, ...leaves) => {
    const s = inState(before);
    happens[event](s);
    expect(s.state(PEER)).toBe(after);
    expect(s.heard.flatMap(words)).toEqual(leaves);
    // What has nothing to wait for wakes nobody: routers' own deadlines are far off.
    if (/STALE|REACHABLE|FAILED|^-/.test(after)) {
      s.said();
      s.pass(20);
      expect(s.heard.flatMap(words).filter((word) => word.startsWith('ns'))).toEqual([]);
    }
  });
});

/** A cache by itself, with a link that loses everything. */
class Bare {
  readonly clock: { now: number } = { now: 100 * SECOND };
  readonly drops: Drop[] = [];
  /** Frames that were given back, and those that could not be delivered. */
  released = 0;
  undelivered = 0;
  asked = 0;
  readonly via: IpInterface;
  readonly cache: Neighbours;

  constructor() {
    this.cache = new Neighbours(1, new Queue(), this.clock, {
      solicit: () => this.asked++,
      undeliverable: () => this.undelivered++,
      drop: (reason) => this.drops.push(reason),
      moved: () => undefined,
    });
    const send = (one: Frame): void => one.release();
    const link = { name: 'eth', mtu: 1500, mac: macOf(1), offloads: onTheWire, send, attach: () => undefined };
    this.via = new IpInterface(0, link);
  }

  get(n: number): Neighbour {
    return this.cache.get(this.via, new Address().set(0xfd00_0000, 0, 0, n));
  }

  frame(): Frame {
    const one = Frame.from(new Uint8Array(60), 128);
    one.release = () => this.released++;
    return one;
  }

  /** A neighbour in that state, never known to be there. */
  enter(state: NeighbourState): Neighbour {
    const { cache } = this;
    const one = this.get(2);
    if (state === NeighbourState.Incomplete || state === NeighbourState.Failed) cache.send(one, this.frame());
    else if (state !== NeighbourState.None) cache.heard(one, macOf(2));
    if (state === NeighbourState.Reachable) cache.answered(one, macOf(2));
    if (state === NeighbourState.Delay || state === NeighbourState.Probe) cache.send(one, this.frame());
    if (state === NeighbourState.Probe) cache.expire(one);
    if (state === NeighbourState.Failed) for (let i = 0; i < 3; i++) cache.expire(one);
    expect(one.state).toBe(state);
    this.asked = 0;
    return one;
  }
}

describe('advice from above (RFC 4861 §7.3.1, RFC 9293 MUST-20)', () => {
  test.each<[keyof typeof NeighbourState, boolean, boolean]>([
    ['None', false, false],
    ['Incomplete', false, false],
    ['Reachable', true, true],
    ['Stale', true, true],
    ['Delay', true, true],
    ['Probe', true, false],
    ['Failed', false, false],
  ])('in state %s: progress makes it reachable: %s; doubt has it asked at once: %s', (name, helps, asks) => {
    const state = NeighbourState[name];
    const good = new Bare();
    const one = good.enter(state);
    good.clock.now += 1000 * SECOND;
    good.cache.confirm(one);
    expect(one.state).toBe(helps ? NeighbourState.Reachable : state);
    if (helps) expect(one.stateAt(good.clock.now)).toBe(NeighbourState.Reachable);
    else expect(one.confirmedAt).toBe(-NEVER);
    const bad = new Bare();
    const other = bad.enter(state);
    bad.cache.suspect(other);
    expect([bad.asked, other.state]).toEqual(asks ? [1, NeighbourState.Probe] : [0, state]);
  });

  test('however many are in doubt, it is asked once in each RetransTimer (§7.3.3)', () => {
    const bare = new Bare();
    const { cache, clock, via } = bare;
    const one = bare.enter(NeighbourState.Reachable);
    via.retransTimer = 2 * SECOND;
    for (let i = 0; i < 10_000; i++) {
      cache.suspect(one);
      cache.answered(one, macOf(2));
      clock.now += 1000;
    }
    expect(bare.asked).toBe(5);
  });
});

describe('packets that wait', () => {
  test('for one neighbour 32, the oldest gives way; they go out in their order', () => {
    const s = new Station();
    s.settled();
    for (let size = 1; size <= 40; size++) {
      s.stack.udp.send(0, ip('fd00::2'), 9, new Uint8Array(size), 0, size, s.now);
    }
    expect(s.dropped(FULL)).toBe(8);
    s.said();
    s.hear(na({ from: 2, target: 'fd00::2', flags: 'SO', dst: 'fd00::1' }));
    expect(s.heard.map(({ octets }) => octets.length - 62)).toEqual(Array.from({ length: 32 }, (_, i) => i + 9));
  });

  test('for all together 1024; a new neighbour takes the place of others, and each keeps its last', () => {
    const bare = new Bare();
    const { cache } = bare;
    for (let n = 2; n < 40; n++) for (let i = 0; i < 32; i++) cache.send(bare.get(n), bare.frame());
    const waits = (): number[] => [...cache].map(({ waiting }) => waiting.length);
    expect(waits().reduce((sum, n) => sum + n)).toBe(1024);
    expect(bare.drops).toEqual(new Array(38 * 32 - 1024).fill(Drop.NeighbourQueueFull));
    for (let n = 40; n < 200; n++) cache.send(bare.get(n), bare.frame());
    expect(waits().reduce((sum, n) => sum + n)).toBe(1024);
    expect(Math.min(...waits())).toBe(1);
    expect(bare.released).toBe(38 * 32 + 160 - 1024);
    // All of them are given back in the end, whichever way.
    for (const one of [...cache].slice(0, 100)) cache.answered(one, macOf(2));
    for (const one of [...cache].slice(100, 150)) for (let i = 0; i < 3; i++) cache.expire(one);
    cache.forget(bare.via);
    expect(bare.released).toBe(38 * 32 + 160);
    expect(bare.undelivered).toBeGreaterThan(0);
    expect(cache.size).toBe(0);
  });

  test('whoever sent them is told when nobody answers', () => {
    const s = new Station();
    s.settled();
    s.stack.udp.connect(0, ip('10.0.0.7'), 9);
    expect(s.send('10.0.0.7')).toBeNull();
    s.pass(2.9);
    expect(s.stack.udp.takeError(0)).toBeNull();
    s.pass(0.1);
    expect(s.stack.udp.takeError(0)).toBe('EHOSTUNREACH');
    expect(s.dropped(SILENT)).toBe(1);
  });

  test('are lost with their interface, and counted; the entry that a path remembers is looked up anew', () => {
    const s = new Station();
    s.settled();
    for (let i = 0; i < 3; i++) s.send('10.0.0.2');
    expect(s.state('10.0.0.2')).toBe('INCOMPLETE');
    s.net.setUp(0, false);
    expect(s.state('10.0.0.2')).toBe('-');
    expect(s.dropped('interface is down')).toBe(3);
    expect(s.send('10.0.0.2')).toBe('ENETUNREACH');
    s.hear(arp({ from: 2, sender: '10.0.0.2', target: '10.0.0.1' }));
    expect(s.dropped('interface is down')).toBe(4);
    s.said();
    s.pass(60);
    expect(s.said()).toEqual([]);
    s.net.setUp(0, true);
    s.settled();
    s.send('10.0.0.2');
    expect(s.said()).toEqual(['1 > * arp who-has 10.0.0.2 tell 10.0.0.1 1']);
    s.hear(arp({ from: 2, sender: '10.0.0.2', target: '10.0.0.1', reply: true }));
    expect(s.said()).toEqual(['1 > 2 10.0.0.1 > 10.0.0.2 udp']);
  });

  test('a question comes from the address that what waits first comes from (§7.2.2)', () => {
    const s = new Station(['10.0.0.1/24', '10.0.0.5/24', 'fd00::1/64', 'fd00::5/64']);
    s.settled();
    const bind = (address: string): number =>
      s.stack.udp.bind({ address: ip(address), family: 0, port: 0, shared: false, receiveBuffer: 1000 });
    const send = (id: number, to: string): void => {
      s.stack.udp.send(id, ip(to), 9, new Uint8Array(1), 0, 1, s.now);
    };
    send(bind('10.0.0.5'), '10.0.0.2');
    send(bind('10.0.0.1'), '10.0.0.3');
    send(bind('fd00::5'), 'fd00::2');
    send(bind('fd00::1'), 'fd00::3');
    expect(s.said()).toEqual([
      '1 > * arp who-has 10.0.0.2 tell 10.0.0.5 1',
      '1 > * arp who-has 10.0.0.3 tell 10.0.0.1 1',
      '1 > 33:33:ff:00:00:02 fd00::5 > ff02::1:ff00:2 ns fd00::2 from 1',
      '1 > 33:33:ff:00:00:03 fd00::1 > ff02::1:ff00:3 ns fd00::3 from 1',
    ]);
  });
});

/** A neighbour that is in use, in a network of 16 million: the other end of a flood. */
function inUse(): { s: Station; use: () => void; used: () => number } {
  const s = new Station(['10.0.0.1/8', 'fd00::1/64']);
  s.settled();
  s.deafen();
  let sent = 0;
  const use = (): void => {
    for (const to of ['10.0.0.2', 'fd00::2']) if (s.send(to) === null) sent++;
    // It answers whatever it is asked.
    const state = s.stack.internet.neighbours().filter(({ address }) => /^(10.0.0.2|fd00::2)$/.test(address));
    for (const one of state) {
      if (one.state !== 'INCOMPLETE' && one.state !== 'PROBE') continue;
      if (one.address === 'fd00::2') s.hear(na({ from: 2, target: 'fd00::2', flags: 'SO', dst: 'fd00::1' }));
      else s.hear(arp({ from: 2, sender: '10.0.0.2', target: '10.0.0.1', reply: true }));
    }
  };
  use();
  const first = s.tally.get(2) ?? 0;
  expect([s.state('10.0.0.2'), s.state('fd00::2')]).toEqual(['REACHABLE 2', 'REACHABLE 2']);
  return { s, use, used: () => (s.tally.get(2) ?? 0) - first - (sent - 2) };
}

const octet = (i: number): string => `10.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
const group = (i: number): string => `fd00::1:${(i >> 16).toString(16)}:${(i & 0xffff).toString(16)}`;

describe('a flood of addresses leaves the neighbour that is in use where it is', { timeout: 60_000 }, () => {
  /** Runs `each` so often, with traffic to the neighbour going on; nothing of that is held up. */
  function flood(count: number, each: (s: Station, i: number) => void): Station {
    const { s, use, used } = inUse();
    let most = 0;
    for (let i = 0; i < count; i++) {
      each(s, i);
      if (i % 500 !== 0) continue;
      s.now += SECOND / 2;
      s.turn();
      use();
      most = Math.max(most, s.stack.counters().held.neighbours);
      expect(s.state('10.0.0.2')).toMatch(/^(REACHABLE|STALE|DELAY) 2$/);
      expect(s.state('fd00::2')).toMatch(/^(REACHABLE|STALE|DELAY) 2$/);
    }
    // Every datagram for it has gone out, and questions to it come on top.
    expect(used()).toBeGreaterThanOrEqual(0);
    expect(most).toBeLessThanOrEqual(1024);
    expect(s.stack.counters().held.paths).toBeLessThanOrEqual(4096);
    return s;
  }

  test('packets to stations that are not there', () => {
    const s = flood(100_000, (station, i) => station.send(i % 2 === 0 ? octet(i) : group(i)));
    const drops = s.dropped(TABLE_FULL) + s.dropped(SILENT);
    expect(drops).toBeGreaterThan(99_000);
    // Whoever waits for an answer is one of 256.
    expect(s.net.neighbours().filter(({ state }) => state === 'INCOMPLETE').length).toBeLessThanOrEqual(256);
  });

  test('forged ARP requests for us', () => {
    const s = flood(100_000, (station, i) => station.hear(arp({ from: 66, sender: octet(i), target: '10.0.0.1' })));
    expect(s.dropped(TABLE_FULL)).toBeGreaterThan(98_000);
    expect(s.tally.get(66)).toBe(100_000); // as RFC 826 has it, each was answered
  });

  test('forged ARP replies and announcements: nobody asked, nothing is noted', () => {
    const s = flood(20_000, (station, i) => {
      const sender = octet(i);
      const announces = i % 2 === 0;
      station.hear(arp({ from: 66, sender, target: announces ? sender : '10.0.0.1', reply: i % 4 > 0, to: -1 }));
    });
    expect(s.net.neighbours().filter(({ address }) => address.startsWith('10.'))).toHaveLength(1);
  });

  test('forged neighbor solicitations for us', () => {
    const s = flood(30_000, (station, i) => station.hear(ns({ from: 66, src: group(i), target: 'fd00::1' })));
    expect(s.dropped(TABLE_FULL)).toBeGreaterThan(28_000);
  });

  test('forged neighbor solicitations without a MAC address, each of which is to be answered', () => {
    flood(20_000, (station, i) => station.hear(ns({ from: 66, src: group(i), target: 'fd00::1', option: null })));
  });

  test('forged neighbor advertisements: nobody asked, nothing is noted', () => {
    const s = flood(20_000, (station, i) => {
      const flags = ['O', 'RO', '', 'SO'][i % 4] as string;
      station.hear(na({ from: 66, target: group(i), flags, dst: i % 4 === 3 ? 'fd00::1' : 'ff02::1' }));
    });
    expect(s.net.neighbours().filter(({ address }) => address.startsWith('fd00::1:'))).toEqual([]);
  });

  test('a station that answers for every address, as somebody on the link can', () => {
    const { s, use, used } = inUse();
    for (let i = 0; i < 20_000; i++) {
      s.send(group(i));
      s.hear(na({ from: 66, target: group(i), flags: 'SO', dst: 'fd00::1' }));
      s.now += 1000;
      if (i % 100 !== 0) continue;
      use();
      expect(s.stack.counters().held.neighbours).toBeLessThanOrEqual(1024);
    }
    expect(s.state('fd00::2')).toMatch(/^(REACHABLE|STALE|DELAY) 2$/);
    expect(s.state('10.0.0.2')).toMatch(/^(REACHABLE|STALE|DELAY) 2$/);
    expect(used()).toBeGreaterThanOrEqual(0);
  });
});

test('who is only said to be there gives way first, then who is asked for, then whoever was used least lately', () => {
  const bare = new Bare();
  const { cache, clock } = bare;
  for (let n = 1; n <= 1024; n++) {
    if (n % 3 === 1)
      cache.answered(bare.get(n), macOf(n)); //  341 have answered, and the last that was
    else if (n > 1022 || n % 3 === 2) cache.heard(bare.get(n), macOf(n));
    else if (n % 4 === 0) cache.send(bare.get(n), bare.frame());
    else cache.heard(bare.get(n), macOf(n));
  }
  const count = (...states: NeighbourState[]): number =>
    [...cache].filter(({ state }) => states.includes(state)).length;
  const [proven, asked, strangers] = [
    count(NeighbourState.Reachable),
    count(NeighbourState.Incomplete),
    count(NeighbourState.Stale),
  ];
  expect(proven + asked + strangers).toBe(1024);
  for (let n = 0; n < strangers; n++) cache.answered(bare.get(5000 + n), macOf(n));
  expect([count(NeighbourState.Reachable), count(NeighbourState.Incomplete)]).toEqual([proven + strangers, asked]);
  for (let n = 0; n < asked; n++) cache.answered(bare.get(9000 + n), macOf(n));
  expect(count(NeighbourState.Reachable)).toBe(1024);
  // One of each eight is in use.
  const used = [...cache].filter((_, i) => i % 8 === 0);
  for (let n = 0; n < 10_000; n++) {
    clock.now += 1000;
    for (const one of used) one.usedAt = clock.now;
    cache.answered(bare.get(20_000 + n), macOf(n));
  }
  expect(used.filter(({ state }) => state === NeighbourState.Gone)).toEqual([]);
  expect(cache.size).toBe(1024);
});

test('the same address on two links is two neighbours', () => {
  const s = new Station();
  const other = s.plug(['10.1.0.1/24', 'fd01::1/64']);
  s.settled();
  expect(s.send(PEER)).toBe('ENETUNREACH'); // RFC 4007 §6: by which?
  s.send(PEER, 0);
  s.send(PEER, other);
  const me = [0, other].map((index) => s.addresses(index).find(({ address }) => address.startsWith('fe80'))?.address);
  expect(s.heard.map(({ interface: by, line }) => [by, line])).toEqual([
    [0, `1 > ${GROUP} ${me[0]} > ${solicited(PEER)} ns ${PEER} from 1`],
    [other, `101 > ${GROUP} ${me[1]} > ${solicited(PEER)} ns ${PEER} from 101`],
  ]);
  s.said();
  s.hear(na({ from: 2, target: PEER, flags: 'SO', dst: me[0] as string }), 0);
  s.hear(na({ from: 3, target: PEER, flags: 'SO', dst: me[1] as string, to: 101 }), other);
  expect([s.state(PEER, 0), s.state(PEER, other)]).toEqual(['REACHABLE 2', 'REACHABLE 3']);
  expect(s.said()).toEqual([`1 > 2 ${me[0]} > ${PEER} udp`, `101 > 3 ${me[1]} > ${PEER} udp`]);
  // One link is down: there is no more doubt, and the other's neighbour is the other's still.
  s.net.setUp(0, false);
  expect([s.state(PEER, 0), s.state(PEER, other)]).toEqual(['-', 'REACHABLE 3']);
  s.send(PEER);
  expect(s.said()).toEqual([`101 > 3 ${me[1]} > ${PEER} udp`]);
});

describe('a connection (RFC 4861 §7.3.1)', () => {
  /** Its SYN has reached the neighbour, which was asked first. */
  function opening(): { s: Station; id: number; seq: () => number } {
    const s = new Station();
    s.settled();
    const id = s.stack.connect({ address: ip('10.0.0.2'), port: 80 }, { address: null, port: 1024 }, s.now);
    s.turn();
    s.hear(arp({ from: 2, sender: '10.0.0.2', target: '10.0.0.1', reply: true }));
    const seq = (): number => {
      const { octets } = s.heard.findLast(({ line }) => line.endsWith('tcp')) as Said;
      return new DataView(octets.buffer, octets.byteOffset).getInt32(14 + 20 + 4);
    };
    return { s, id, seq };
  }

  const answer = (s: Station, fields: Partial<Segment>): void => {
    const segment = Object.assign(new Segment(), { srcPort: 80, dstPort: 1024, wnd: 65_535 }, fields);
    s.hear(tcp({ from: 2, src: '10.0.0.2', dst: '10.0.0.1' }, segment));
  };

  test('that makes progress keeps its next hop REACHABLE: it is never asked', () => {
    const { s, id, seq } = opening();
    let una = (seq() + 1) | 0;
    answer(s, { flags: SYN | ACK, seq: 100 as never, ack: una as never });
    s.said();
    for (let i = 0; i < 100; i++) {
      s.stack.send(id, new Uint8Array(10), 0, 10);
      s.turn();
      una = (una + 10) | 0;
      answer(s, { flags: ACK, seq: 101 as never, ack: una as never });
      s.pass(2);
      expect(s.state('10.0.0.2')).toBe('REACHABLE 2');
    }
    expect(s.said().filter((line) => line.includes('arp'))).toEqual([]);
  });

  test('that takes up after a lull confirms before anybody has to be asked', () => {
    const { s, id, seq } = opening();
    const una = (seq() + 1) | 0;
    answer(s, { flags: SYN | ACK, seq: 100 as never, ack: una as never });
    s.pass(100);
    s.stack.send(id, new Uint8Array(10), 0, 10);
    s.turn();
    expect(s.state('10.0.0.2')).toBe('DELAY 2');
    answer(s, { flags: ACK, seq: 101 as never, ack: (una + 10) as never });
    expect(s.state('10.0.0.2')).toBe('REACHABLE 2');
    // What acknowledges nothing new proves nothing.
    s.pass(100);
    s.stack.send(id, new Uint8Array(10), 0, 10);
    s.turn();
    answer(s, { flags: ACK, seq: 101 as never, ack: (una + 10) as never });
    expect(s.state('10.0.0.2')).toBe('DELAY 2');
  });

  test('that gets no answer three times (R1) has its next hop asked at once', () => {
    const { s, id, seq } = opening();
    const una = (seq() + 1) | 0;
    answer(s, { flags: SYN | ACK, seq: 100 as never, ack: una as never });
    s.said();
    s.stack.send(id, new Uint8Array(10), 0, 10);
    s.turn();
    // It is REACHABLE for 30 seconds, and nobody would ask before: it is the third time-out that brings the question.
    const ASKS = '1 > 2 arp who-has 10.0.0.2 tell 10.0.0.1 1';
    const lines = (): string[] => s.heard.map(({ line }) => line);
    const begun = s.now;
    while (!lines().includes(ASKS) && s.now < begun + 29 * SECOND) s.pass(0.01);
    expect(s.state('10.0.0.2')).toBe('PROBE 2');
    expect(s.now - begun).toBeLessThan(20 * SECOND);
    expect(lines().indexOf(ASKS)).toBeGreaterThanOrEqual(3);
    // It is there, and takes what was sent; the next doubt is another one, though nobody has taken notice of the first.
    s.hear(arp({ from: 2, sender: '10.0.0.2', target: '10.0.0.1', reply: true }));
    for (const acked of [10, 20]) {
      answer(s, { flags: ACK, seq: 101 as never, ack: (una + acked) as never });
      s.stack.send(id, new Uint8Array(10), 0, 10);
      s.turn();
    }
    s.said();
    s.pass(25);
    expect(lines()).toContain(ASKS);
    expect(s.state('10.0.0.2')).toMatch(/^(FAILED|INCOMPLETE)/);
  });
});

test('floods and quarrels are the same again from the same seed', () => {
  const run = (seed: number): string[] => {
    const s = new Station([], { seed });
    const random = new Random(7);
    for (let i = 0; i < 300; i++) {
      s.hear(ra({ from: 9, src: ROUTER, prefixes: [{ prefix: `2001:db8:${random.below(20)}::` }] }));
      s.hear(udp({ from: 2, src: 'fe80::5', dst: 'ff02::1' }));
      s.pass(random.fraction());
    }
    return s.heard.map(({ at, line }) => `${at} ${line}`);
  };
  expect(run(1)).toEqual(run(1));
  expect(run(1)).not.toEqual(run(2));
});
