/** Duplicate address detection (RFC 4862 §5.4, RFC 5227 §2): before an address is used, while it is, and when two want it at once. */
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { Random } from '../../src/base/random.ts';
import { NEVER, SECOND } from '../../src/base/time.ts';
import type { Driver } from '../../src/socket/driver.ts';
import { Host } from '../../src/socket/host.ts';
import { ALL, arp, ip, lineOf, macOf, na, ns, ra, Station, udp, Wire } from './station.ts';

const V4 = '10.0.0.5';
const V6 = 'fd00::5';
const PROBE4 = `1 > * arp who-has ${V4} tell 0.0.0.0 1`;
const ANNOUNCE4 = `1 > * arp who-has ${V4} tell ${V4} 1`;
const PROBE6 = `1 > 33:33:ff:00:00:05 :: > ff02::1:ff00:5 ns ${V6}`;
const ANNOUNCE6 = `1 > 33:33:00:00:00:01 ${V6} > ff02::1 na ${V6} O at 1`;

/** A station that has one more address, which it probes for; at time 0 of what it says from here on. */
function probing(address: string, seed = 1, origin: 'static' | 'leased' = 'static'): Station {
  const s = new Station(['10.0.0.1/24', 'fd00::1/64'], { seed }).settled();
  s.now = 100_000_000;
  s.net.addAddress(0, address, { detect: true, origin });
  return s;
}

const stateOf = (s: Station, address: string): string =>
  s.addresses().find((one) => one.address === address)?.state ?? '-';

describe('an address is probed for', () => {
  test('over IPv4: three times, a second or two apart; then it is announced, twice (RFC 5227 §2.1.1, §2.3)', () => {
    const firsts: number[] = [];
    const gaps: number[] = [];
    for (let seed = 1; seed <= 200; seed++) {
      const s = probing(`${V4}/24`, seed);
      expect(stateOf(s, V4)).toBe('tentative');
      s.pass(20);
      const said = s.timed();
      expect(said.map(([, line]) => line)).toEqual([PROBE4, PROBE4, PROBE4, ANNOUNCE4, ANNOUNCE4]);
      const [a = 0, b = 0, c = 0, d = 0, e = 0] = said.map(([at]) => at - 100);
      firsts.push(a);
      gaps.push(b - a, c - b);
      expect([d - c, e - d].map((gap) => Number(gap.toFixed(6)))).toEqual([2, 2]);
      expect(stateOf(s, V4)).toBe('preferred');
      expect(s.told()).toEqual([`tentative ${V4}`, `added ${V4}`]);
    }
    for (const [least, most, values] of [
      [0, 1, firsts],
      [1, 2, gaps],
    ] as const) {
      expect(Math.min(...values)).toBeGreaterThanOrEqual(least);
      expect(Math.min(...values)).toBeLessThan(least + 0.05);
      expect(Math.max(...values)).toBeLessThanOrEqual(most);
      expect(Math.max(...values)).toBeGreaterThan(most - 0.05);
    }
  });

  test('over IPv6: once, within a second; it is ours when RetransTimer is over (RFC 4862 §5.4.2)', () => {
    const firsts: number[] = [];
    for (let seed = 1; seed <= 200; seed++) {
      const s = probing(`${V6}/64`, seed);
      while (s.heard.length === 0) s.pass(0.001);
      const [[at, line]] = s.timed() as [[number, string]];
      expect(line).toBe(PROBE6);
      firsts.push(at - 100);
      s.now = Math.round(at * 1e6);
      s.pass(0.999999);
      expect(stateOf(s, V6)).toBe('tentative');
      s.pass(0.000001);
      expect(stateOf(s, V6)).toBe('preferred');
      s.pass(10);
      expect(s.said()).toEqual([]);
    }
    expect(Math.min(...firsts)).toBeLessThan(0.05);
    expect(Math.max(...firsts)).toBeGreaterThan(0.95);
    expect(Math.max(...firsts)).toBeLessThanOrEqual(1.001);
  });

  test('the time between probes is the router’s RetransTimer', () => {
    const s = new Station([], { autoconf: true }).settled();
    s.hear(ra({ from: 9, src: 'fe80::9', retransTimer: 5000, lifetime: 0 }));
    s.now = 100_000_000;
    s.net.addAddress(0, `${V6}/64`, { detect: true });
    s.pass(5);
    expect(stateOf(s, V6)).toBe('tentative');
    s.pass(1.1);
    expect(stateOf(s, V6)).toBe('preferred');
  });

  test('until then nobody speaks from it, hears it or is told of it (RFC 4862 §5.4)', () => {
    const s = new Station(['10.9.9.9/32'], { detect: true }).settled();
    s.net.addAddress(0, `${V4}/24`, { detect: true });
    s.net.addAddress(0, `${V6}/64`, { detect: true });
    s.send('fd00::2');
    expect(s.said()).toEqual([`1 > 33:33:ff:00:00:02 ${s.linkLocal} > ff02::1:ff00:2 ns fd00::2 from 1`]);
    expect(() => s.stack.listen({ address: ip(V6), family: 6, port: 80, backlog: 1, synBacklog: 1 })).toThrow(
      'EADDRNOTAVAIL',
    );
    s.hear(arp({ from: 2, sender: '10.0.0.2', target: V4 }));
    s.hear(ns({ from: 2, src: 'fd00::2', target: V6 }));
    s.hear(udp({ from: 2, src: '10.0.0.2', dst: V4 }));
    s.hear(udp({ from: 2, src: 'fd00::2', dst: V6 }));
    s.hear(ns({ from: 2, src: 'fd00::2', target: V6, dst: V6 }));
    expect(s.said()).toEqual([]);
    expect(s.dropped('IP destination address is not ours')).toBe(3);
    expect(s.net.neighbours().map(({ address }) => address)).toEqual(['fd00::2']);
    // To others of its own network as well, it speaks from what it has.
    s.send('10.0.0.7');
    expect(s.said()).toEqual(['1 > * arp who-has 10.0.0.7 tell 10.9.9.9 1']);
    expect(s.told()).toEqual([`tentative ${V4}`, `tentative ${V6}`]);
  });
});

describe('another station has it, or wants it', () => {
  const from2 = { from: 2, sender: V4, target: '10.0.0.9' };

  test.each<[string, string, Frame, boolean]>([
    ['an answer from it', V4, arp({ from: 2, sender: V4, target: V4, reply: true, to: 1 }), true],
    ['an answer from it to another', V4, arp({ ...from2, reply: true, to: ALL }), true],
    ['a question from it', V4, arp(from2), true],
    ['an announcement', V4, arp({ ...from2, target: V4 }), true],
    ['somebody else’s probe', V4, arp({ from: 2, sender: '0.0.0.0', target: V4 }), true],
    ['a question for it', V4, arp({ from: 2, sender: '10.0.0.2', target: V4 }), false],
    ['our own probe, come back', V4, arp({ from: 1, sender: '0.0.0.0', target: V4 }), false],
    ['an announcement of another address', V4, arp({ from: 2, sender: '10.0.0.6', target: '10.0.0.6' }), false],
    ['an advertisement', V6, na({ from: 2, target: V6 }), true],
    ['an advertisement that overrides', V6, na({ from: 2, target: V6, flags: 'O' }), true],
    ['an advertisement without a MAC address', V6, na({ from: 2, target: V6, option: null }), true],
    ['somebody else’s probe', V6, ns({ from: 2, src: '::', target: V6 }), true],
    ['a question for it', V6, ns({ from: 2, src: 'fd00::2', target: V6 }), false],
    ['our own probe, come back', V6, ns({ from: 1, src: '::', target: V6 }), false],
    ['our own advertisement, come back', V6, na({ from: 1, target: V6, flags: 'O' }), false],
    ['an advertisement of another address', V6, na({ from: 2, target: 'fd00::6' }), false],
  ])('before it is ours: %s (%s): %4$s', (_name, address, frame, taken) => {
    for (const wait of [0, 1.5]) {
      const s = probing(`${address}/${address === V4 ? 24 : 64}`);
      s.pass(address === V4 ? 3 * wait : wait / 1.5);
      if (stateOf(s, address) !== 'tentative') continue;
      s.said();
      s.told();
      s.hear(Frame.from(frame.copy(), 7));
      expect(stateOf(s, address)).toBe(taken ? '-' : 'tentative');
      expect(s.told()).toEqual(taken ? [`duplicate ${address}`, `removed ${address}`] : []);
      expect(s.said()).toEqual([]);
      s.pass(20);
      expect(stateOf(s, address)).toBe(taken ? '-' : 'preferred');
      if (taken) expect(s.said()).toEqual([]);
    }
  });

  test('it goes with its group and its route', () => {
    const s = probing('fd55::5/64');
    const routes = (): string[] => s.net.routes().map(({ network }) => network);
    expect(routes()).toContain('fd55::/64');
    s.hear(na({ from: 2, target: 'fd55::5' }));
    expect(routes()).not.toContain('fd55::/64');
    s.hear(ns({ from: 2, src: 'fd55::2', target: 'fd55::5' }));
    expect(s.dropped('multicast group that nobody')).toBe(1);
  });

  test('two that probe at once find each other, over either family: neither has it', () => {
    for (const [address, seeds] of [
      [`${V4}/24`, [1, 2, 3, 4, 5]],
      [`${V6}/64`, [1, 2, 3, 4, 5]],
    ] as const) {
      for (const seed of seeds) {
        const a = new Station([], { seed, autoconf: false });
        const b = new Station([], { seed: seed + 100, autoconf: false });
        a.settled();
        b.settled();
        for (const s of [a, b]) s.net.addAddress(0, address, { detect: true });
        for (let step = 0; step < 12_000; step++) {
          for (const [s, other] of [
            [a, b],
            [b, a],
          ] as const) {
            s.pass(0.001);
            for (const { octets } of s.heard.splice(0)) {
              const frame = Frame.from(octets, 3);
              if (s === b) frame.view.setUint8(frame.at + 11, 2); // b's MAC is that of station 2
              if (s === b && octets[12] === 8) frame.view.setUint8(frame.at + 27, 2);
              other.hear(frame);
            }
          }
        }
        const name = address.split('/')[0] as string;
        expect([stateOf(a, name), stateOf(b, name)]).toContain('-');
        // Whoever heard of the other before it had said a word has given up first, and the other is alone.
        expect([a, b].filter((s) => stateOf(s, name) === 'preferred').length).toBeLessThanOrEqual(1);
      }
    }
  });
});

describe('another station speaks from an address that is in use', () => {
  const conflict = arp({ from: 2, sender: V4, target: '10.0.0.9' });
  const conflict6 = na({ from: 2, target: V6, flags: 'O' });

  test.each<[string, string, string, Frame, string]>([
    ['over IPv4, given by the user (RFC 5227 §2.4 (c))', `${V4}/24`, V4, conflict, ANNOUNCE4],
    ['over IPv6', `${V6}/64`, V6, conflict6, ANNOUNCE6],
  ])('%s: it is defended, once in ten seconds, and kept', (_name, text, address, frame, announcement) => {
    const s = new Station([text]).settled();
    s.now = 100_000_000;
    for (let i = 0; i < 1000; i++) {
      s.hear(Frame.from(frame.copy(), 1));
      s.pass(0.035);
    }
    expect(s.timed().map(([at, line]) => [Math.floor(at), line])).toEqual([
      [100, announcement],
      [110, announcement],
      [120, announcement],
      [130, announcement],
    ]);
    expect(s.told()).toEqual(new Array(4).fill(`duplicate ${address}`));
    expect(stateOf(s, address)).toBe('preferred');
    expect(s.net.neighbours()).toEqual([]);
  });

  test('leased: it is defended once, and given up at the second time within ten seconds (b)', () => {
    for (const [after, kept] of [
      [9.9, false],
      [10, true],
    ] as const) {
      const s = probing(`${V4}/24`, 1, 'leased').settled();
      s.hear(Frame.from(conflict.copy(), 1));
      expect(s.said()).toEqual([ANNOUNCE4]);
      s.pass(after);
      s.hear(Frame.from(conflict.copy(), 1));
      expect(s.said()).toEqual(kept ? [ANNOUNCE4] : []);
      expect(stateOf(s, V4)).toBe(kept ? 'preferred' : '-');
      expect(s.told().at(-1)).toBe(`${kept ? 'duplicate' : 'removed'} ${V4}`);
    }
  });

  test('a probe for it is answered, and is no conflict', () => {
    const s = new Station([`${V4}/24`, `${V6}/64`]).settled();
    s.hear(arp({ from: 2, sender: '0.0.0.0', target: V4 }));
    s.hear(ns({ from: 2, src: '::', target: V6 }));
    expect(s.said()).toEqual([
      `1 > 2 arp ${V4} is-at 1 to 0.0.0.0 2`,
      `1 > 33:33:00:00:00:01 ${V6} > ff02::1 na ${V6} O at 1`,
    ]);
    expect(s.told()).toEqual([]);
  });

  test('an address whose time is over is not defended: it is nobody’s', () => {
    const s = new Station(['10.0.0.1/24']).settled();
    s.net.addAddress(0, `${V4}/24`, { validUntil: s.now + 60_000_000 });
    s.settled(59.9);
    expect(stateOf(s, V4)).toBe('preferred');
    s.pass(0.1);
    expect(s.told()).toEqual([`removed ${V4}`]);
    s.hear(Frame.from(conflict.copy(), 1));
    s.hear(arp({ from: 2, sender: '10.0.0.2', target: V4 }));
    expect(s.said()).toEqual([]);
    // And may be had again.
    s.net.addAddress(0, `${V4}/24`);
    expect(stateOf(s, V4)).toBe('preferred');
  });
});

describe('a cable that is out, a host without power', () => {
  test('nothing is asked and nothing found out while the interface is down; then all is asked anew', () => {
    const s = probing(`${V4}/24`);
    s.net.addAddress(0, `${V6}/64`, { detect: true });
    s.pass(0.2);
    s.net.setUp(0, false);
    s.said();
    s.pass(100);
    expect([s.said(), stateOf(s, V4), stateOf(s, V6)]).toEqual([[], 'tentative', 'tentative']);
    s.net.setUp(0, true);
    s.pass(20);
    const said = s.said();
    expect(said.filter((line) => line === PROBE4)).toHaveLength(3);
    expect(said.filter((line) => line === PROBE6)).toHaveLength(1);
    expect([stateOf(s, V4), stateOf(s, V6)]).toEqual(['preferred', 'preferred']);
    // What is given without detection is told anew.
    expect(said.filter((line) => line === '1 > * arp who-has 10.0.0.1 tell 10.0.0.1 1')).toHaveLength(2);
    expect(said.filter((line) => line.includes('na fd00::1 O at 1'))).toHaveLength(1);
  });

  test('what was probed for once is probed for again when the cable is back, and meanwhile not spoken from', () => {
    const s = new Station([`${V4}/24`, `${V6}/64`], { detect: true }).settled();
    s.send('10.0.0.2');
    s.hear(arp({ from: 2, sender: '10.0.0.2', target: V4, reply: true }));
    const id = s.stack.connect({ address: ip('10.0.0.2'), port: 80 }, { address: null, port: 0 }, s.now);
    s.settled(0);
    s.net.setUp(0, false);
    s.net.setUp(0, true);
    expect([stateOf(s, V4), stateOf(s, V6)]).toEqual(['tentative', 'tentative']);
    expect(s.told()).toEqual([`tentative ${V4}`, `tentative ${V6}`, `tentative ${s.linkLocal}`]);
    s.pass(3);
    expect(s.dropped('IP source address')).toBeGreaterThan(0); // the connection's SYN
    expect(s.said().filter((line) => line.startsWith('1 > 2') || line.includes(`tell ${V4}`))).toEqual([]);
    s.pass(20);
    expect(stateOf(s, V4)).toBe('preferred');
    expect(s.said()).toContain(`1 > * arp who-has 10.0.0.2 tell ${V4} 1`); // the SYN once more
    s.stack.release(id, s.now);
  });

  test('an address that is taken away is not spoken from by the connections that had it', () => {
    const s = new Station(['10.0.0.1/24', `${V4}/24`]).settled();
    s.send('10.0.0.2');
    s.hear(arp({ from: 2, sender: '10.0.0.2', target: '10.0.0.1', reply: true }));
    s.stack.connect({ address: ip('10.0.0.2'), port: 80 }, { address: ip(V4), port: 0 }, s.now);
    s.turn();
    expect(s.said().at(-1)).toBe(`1 > 2 ${V4} > 10.0.0.2 tcp`);
    s.net.removeAddress(0, V4);
    s.pass(4);
    expect(s.said()).toEqual([]);
    expect(s.send('10.0.0.2')).toBeNull();
    expect(s.said()).toEqual(['1 > 2 10.0.0.1 > 10.0.0.2 udp']);
  });

  test('after a crash no timer is left; after the boot all is probed for and announced anew', () => {
    const s = new Station([`${V4}/24`], { detect: true, autoconf: true });
    s.net.advertise(0, {});
    s.net.addAddress(0, '10.0.0.6/24', { validUntil: 500_000_000 });
    s.settled();
    s.hear(
      ra({
        from: 9,
        src: 'fe80::9',
        prefixes: [{ prefix: '2001:db8::' }],
        dns: ['2001:db8::53'],
        mtu: 1400,
        hopLimit: 9,
        retransTimer: 5000,
      }),
    );
    s.pass(1);
    s.send('10.0.0.2');
    s.send('2001:db8::2');
    s.pass(0.1);
    s.stack.crash();
    expect(s.turn()).toBe(NEVER);
    expect([s.net.neighbours(), s.net.nameServers(), s.stack.counters().held.paths]).toEqual([[], [], 0]);
    expect(s.addresses().map(({ address }) => address)).toEqual([V4, s.linkLocal, '10.0.0.6']);
    expect(
      s.net
        .routes()
        .filter(({ interface: by }) => by === 'eth0')
        .map(({ origin }) => origin),
    ).toEqual(['connected']);
    s.said();
    s.pass(200);
    expect(s.said()).toEqual([]);
    s.stack.timeIs(s.now);
    s.net.boot();
    expect(s.addresses().map(({ state }) => state)).toEqual(['tentative', 'tentative', 'preferred']);
    s.pass(20);
    const said = s.said();
    expect(said.filter((line) => line === PROBE4)).toHaveLength(3);
    expect(said.filter((line) => line.includes('arp who-has 10.0.0.6 tell 10.0.0.6'))).toHaveLength(2);
    expect(said.filter((line) => line.includes(` ns ${s.linkLocal}`))).toHaveLength(1);
    expect(said.filter((line) => / rs/.test(line))).toHaveLength(3);
    expect(s.addresses().map(({ state }) => state)).toEqual(['preferred', 'preferred', 'preferred']);
    s.pass(400);
    expect(s.addresses().map(({ address }) => address)).not.toContain('10.0.0.6');
  });

  test('a host on Ethernet crashes and boots: it wakes its driver for what is to be said, in its time', () => {
    let now = 0;
    let woken = 0;
    const alarm = { cancel: () => undefined };
    const driver: Driver = { now: () => now, wake: () => woken++, soon: () => undefined, after: () => alarm };
    const host = new Host({ driver, random: new Random(3) });
    let heard: string[] = [];
    host.attach(new Wire('eth0', macOf(1), 1500, (frame) => heard.push(lineOf(frame.copy()))), []);
    const run = (seconds: number): string[] => {
      const until = now + seconds * SECOND;
      for (let next = host.turn(); next <= until; next = host.turn()) now = Math.max(now, next);
      now = until;
      return heard.splice(0);
    };
    const words = ['ns', 'rs', 'rs', 'rs'];
    expect(
      run(20)
        .map((line) => / (ns|rs)/.exec(line)?.[1])
        .toSorted((a = '', b = '') => a.localeCompare(b)),
    ).toEqual(words);
    host.crash();
    expect(host.turn()).toBe(NEVER);
    woken = 0;
    now += 3600 * SECOND;
    host.boot();
    expect(woken).toBe(1);
    // That an hour has passed makes nothing overdue.
    expect(run(0)).toEqual([]);
    expect(
      run(20)
        .map((line) => / (ns|rs)/.exec(line)?.[1])
        .toSorted((a = '', b = '') => a.localeCompare(b)),
    ).toEqual(words);
    heard = [];
  });
});
