/** A router advertises itself (RFC 4861 §6.2, RFC 8106): when, what it says, when it stops. */
import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../src/base/address-text.ts';
import { Frame } from '../../src/base/frame.ts';
import type { AdvertiseOptions } from '../../src/stack/internet.ts';
import { Ethernet, readEthernet } from '../../src/wire/ethernet.ts';
import { Icmp } from '../../src/wire/icmp.ts';
import { readIcmpv6 } from '../../src/wire/icmpv6.ts';
import { Packet, readIp } from '../../src/wire/ip.ts';
import { NdMessage, readNd } from '../../src/wire/nd.ts';
import { rs, type Said, Station } from './station.ts';

/** A router; at second 100 nothing of it is on its way. */
function router(addresses: readonly string[] = ['fd00::1/64'], seed = 1): Station {
  const s = new Station(addresses, { seed });
  s.net.setForwarding(true);
  s.settled();
  s.now = 100_000_000;
  return s;
}
const adverts = (s: Station): Said[] => s.heard.splice(0).filter(({ line }) => / ra \d/.test(line));
const times = (s: Station): number[] => adverts(s).map(({ at }) => at - 100);
const gaps = (at: readonly number[]): number[] => at.slice(1).map((when, i) => when - (at[i] as number));

function read({ octets }: Said): NdMessage {
  const frame = Frame.from(octets, 2);
  const [ethernet, packet, icmp, message] = [new Ethernet(), new Packet(), new Icmp(), new NdMessage()];
  readEthernet(ethernet, frame);
  frame.at = ethernet.textAt;
  readIp(packet, frame, true);
  readIcmpv6(icmp, frame, packet.textAt, packet.textEnd, -1);
  expect(readNd(message, icmp, frame, packet)).toBe(0);
  return message;
}

describe('when (§6.2.4)', () => {
  test.each<[number, number, number]>([
    [600, 200, 600],
    [1800, 600, 1800],
    [9, 3, 9],
    [8, 8, 8], // §6.2.1: below nine seconds the least interval is the largest
    [4, 4, 4],
  ])('every %i seconds at most, %i at least; the first three within 16', (interval, least, most) => {
    const all: number[] = [];
    for (let seed = 1; seed <= 30; seed++) {
      const s = router(undefined, seed);
      s.net.advertise(0, { interval });
      s.pass(interval * 12);
      const at = times(s);
      expect(at[0]).toBe(0);
      const [first, second, ...others] = gaps(at) as [number, number, ...number[]];
      for (const gap of [first, second]) {
        expect(gap).toBeGreaterThanOrEqual(Math.min(least, 16) - 0.000001);
        expect(gap).toBeLessThanOrEqual(16);
      }
      all.push(...others);
    }
    expect(Math.min(...all)).toBeGreaterThanOrEqual(least - 0.000001);
    expect(Math.max(...all)).toBeLessThanOrEqual(most + 0.000001);
    if (least < most) expect(Math.max(...all) - Math.min(...all)).toBeGreaterThan((most - least) * 0.8);
  });

  test('a host that asks is answered within half a second, all are, and not twice in three seconds (§6.2.6)', () => {
    const delays: number[] = [];
    for (let seed = 1; seed <= 60; seed++) {
      const s = router(undefined, seed);
      s.net.advertise(0, {});
      s.pass(100);
      adverts(s);
      const from = s.now / 1e6;
      for (let i = 0; i < 100; i++) {
        s.hear(rs({ from: 2, src: i % 2 === 0 ? '::' : 'fe80::2' }));
        s.pass(0.1);
      }
      const said = adverts(s);
      expect(said.every(({ line }) => line.startsWith('1 > 33:33:00:00:00:01'))).toBe(true);
      const at = said.map((one) => one.at - from);
      delays.push(at[0] as number, ...gaps(at).map((gap) => gap - 3));
    }
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(-0.000001);
    expect(Math.max(...delays)).toBeGreaterThan(0.3);
    expect(Math.max(...delays)).toBeLessThanOrEqual(0.600001); // the question of every tenth of a second comes on top
  });

  test('one whose own is due soon is not put off', () => {
    const s = router();
    s.net.advertise(0, { interval: 4 });
    s.pass(99.9);
    adverts(s);
    s.hear(rs({ from: 2, src: '::' }));
    s.pass(0.11);
    expect(times(s)).toEqual([100]);
  });

  test('not before it has a link-local address; then at once', () => {
    const s = new Station([], { autoconf: true });
    s.net.setForwarding(true);
    s.net.advertise(0, {});
    s.pass(4);
    const at = adverts(s).map((one) => one.at);
    expect(at).toHaveLength(1);
    expect(at[0]).toBeLessThanOrEqual(3);
    s.pass(16);
    expect(adverts(s)).toHaveLength(1);
  });

  test('not while the cable is out', () => {
    const s = router();
    s.net.advertise(0, { interval: 4 });
    s.pass(1);
    s.net.setUp(0, false);
    adverts(s);
    s.pass(100);
    expect(adverts(s)).toEqual([]);
    s.net.setUp(0, true);
    s.pass(0);
    expect(adverts(s)).toHaveLength(1);
    s.net.setUp(0, false);
    s.net.advertise(0, null);
    expect(adverts(s)).toEqual([]);
    s.net.setUp(0, true);
    s.net.advertise(0, { interval: 4 });
    s.pass(3);
    adverts(s);
    // A cable that is loose makes no more of them than one in three seconds.
    for (let i = 0; i < 100; i++) {
      s.net.setUp(0, false);
      s.net.setUp(0, true);
      s.pass(0.1);
    }
    expect(adverts(s).length).toBeLessThanOrEqual(4);
  });
});

describe('what (§6.2.3)', () => {
  const said = (
    options: AdvertiseOptions,
    addresses = ['fd00::1/64', 'fd01::1/64', '10.0.0.1/24', 'fd02::1/56'],
  ): NdMessage => {
    const s = router(addresses);
    s.net.advertise(0, options);
    s.pass(0);
    return read(adverts(s)[0] as Said);
  };

  test('by default: three intervals, hop limit 64, the prefixes of its addresses', () => {
    const message = said({});
    expect(message).toMatchObject({
      lifetime: 1800,
      hopLimit: 64,
      mtu: 0,
      reachableTime: 0,
      retransTimer: 0,
      managed: false,
      other: false,
      dnsCount: 0,
    });
    expect(message.sourceMac).toBe(0x0200_0000_0001);
    const prefixes = message.prefixes.slice(0, message.prefixCount);
    expect(prefixes.map(({ prefix, length }) => `${formatAddress(prefix)}/${length}`)).toEqual([
      'fd00::/64',
      'fd01::/64',
    ]);
    expect(prefixes[0]).toMatchObject({
      onLink: true,
      autonomous: true,
      validLifetime: 2_592_000,
      preferredLifetime: 604_800,
    });
  });

  test('as told', () => {
    const message = said({
      interval: 30,
      lifetime: 77,
      prefixes: ['2001:db8::77'],
      validLifetime: 1000,
      mtu: 1400,
      hopLimit: 7,
      nameServers: ['2001:db8::53', '2001:db8::54'],
    });
    expect(message).toMatchObject({
      lifetime: 77,
      hopLimit: 7,
      mtu: 1400,
      prefixCount: 1,
      dnsCount: 2,
      dnsLifetime: 90,
    });
    expect(message.prefixes[0]).toMatchObject({ validLifetime: 1000, preferredLifetime: 1000 });
    expect(formatAddress(message.prefixes[0]?.prefix as never)).toBe('2001:db8::');
    // No default router, and name servers all the same.
    expect(said({ lifetime: 0, nameServers: ['2001:db8::53'] })).toMatchObject({ lifetime: 0, dnsLifetime: 1800 });
  });

  test('who does not forward is no router (§6.2.5), and says so when that changes', () => {
    const s = router();
    s.net.advertise(0, {});
    s.pass(1);
    s.net.setForwarding(false);
    s.pass(3);
    s.net.setForwarding(true);
    s.pass(3);
    expect(adverts(s).map(({ line }) => / ra (\d+)/.exec(line)?.[1])).toEqual(['1800', '0', '1800']);
  });

  test('another thing than before: soon, and no word of an end', () => {
    const s = router();
    s.net.advertise(0, {});
    s.pass(1);
    s.net.advertise(0, { lifetime: 1000 });
    s.pass(3);
    expect(adverts(s).map(({ at, line }) => [at - 100, / ra (\d+)/.exec(line)?.[1]])).toEqual([
      [0, '1800'],
      [3, '1000'],
    ]);
  });

  test('the end: that it is a router no more, and its name servers none (§6.2.5)', () => {
    const s = router();
    s.net.advertise(0, { nameServers: ['2001:db8::53'] });
    s.pass(1);
    adverts(s);
    s.net.advertise(0, null);
    const [last, ...more] = adverts(s);
    expect(more).toEqual([]);
    expect(read(last as Said)).toMatchObject({ lifetime: 0, dnsLifetime: 0, dnsCount: 1 });
    s.pass(3600);
    expect(adverts(s)).toEqual([]);
    s.hear(rs({ from: 2, src: 'fe80::2' }));
    s.pass(10);
    expect(adverts(s)).toEqual([]);
    s.net.advertise(0, null);
    expect(adverts(s)).toEqual([]);
  });

  test.each<[string, AdvertiseOptions]>([
    ['an interval below 4 s', { interval: 3.9 }],
    ['an interval of 0', { interval: 0 }],
    ['an interval above half an hour', { interval: 1801 }],
    ['no number', { interval: Number.NaN }],
    ['a lifetime below the interval', { interval: 100, lifetime: 99 }],
    ['a lifetime above 9000 s', { lifetime: 9001 }],
    ['a hop limit of 256', { hopLimit: 256 }],
    ['an MTU that no link may have', { mtu: 1279 }],
    ['preferred for longer than valid', { validLifetime: 10, preferredLifetime: 11 }],
    ['a lifetime that no field holds', { validLifetime: 0x1_0000_0000 }],
    ['more prefixes than one message has', { prefixes: Array.from({ length: 9 }, (_, i) => `fd00:${i}::`) }],
    ['more name servers than one message has', { nameServers: Array.from({ length: 5 }, (_, i) => `fd00::${i}`) }],
    ['a prefix that is none', { prefixes: ['x'] }],
  ])('refused: %s', (_name, options) => {
    const s = router();
    expect(() => s.net.advertise(0, options)).toThrow('EINVAL');
    s.pass(100);
    expect(adverts(s)).toEqual([]);
    expect(() => s.net.advertise(1, {})).toThrow('EINVAL'); // loopback
  });
});

test('who asks is heard from the beginning, whether the host forwards or not (§6.2.2)', () => {
  const s = new Station();
  s.settled();
  s.net.advertise(0, {});
  s.pass(10);
  adverts(s);
  s.hear(rs({ from: 2, src: 'fe80::2' }));
  s.pass(1);
  expect(adverts(s).map(({ line }) => / ra (\d+)/.exec(line)?.[1])).toEqual(['0']);
  s.net.setForwarding(true);
  s.net.setForwarding(false);
  s.pass(10);
  adverts(s);
  s.hear(rs({ from: 2, src: 'fe80::2' }));
  s.pass(4);
  expect(adverts(s)).toHaveLength(1);
});
