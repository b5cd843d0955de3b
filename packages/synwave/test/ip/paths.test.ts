/** Paths: which way leads to an address, how long that is remembered, and when it is looked up anew (RFC 1122 §3.3.1, RFC 4861 §5.2). */
import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../src/base/address-text.ts';
import { BROADCAST_MAC, groupMac } from '../../src/base/mac.ts';
import type { Path } from '../../src/ip/path.ts';
import { pathTo, refresh } from '../../src/ip/paths.ts';
import { Bench } from './bench.ts';
import { arp, ip, na, Station } from './station.ts';

/** Two Ethernet links, a tunnel, a loopback; routers on the first and on the tunnel. */
function house(): Bench {
  const bench = new Bench();
  const first = bench.plug(['10.0.0.1/24', 'fd00::1/64', 'fe80::1/64'], { name: 'a' });
  bench.plug(['10.1.0.1/24', 'fd01::1/64', 'fe80::1/64'], { name: 'b' });
  const tunnel = bench.plug(['10.2.0.1/30'], { name: 'tun', mac: -1 });
  bench.plug(['127.0.0.1/8', '::1/128'], { name: 'lo', mac: -1 });
  const { routes } = bench.ip;
  routes.add(ip('0.0.0.0'), 0, first, ip('10.0.0.254'), 'static');
  routes.add(ip('::'), 0, first, ip('fe80::9'), 'static');
  routes.add(ip('192.0.2.0'), 24, tunnel, ip('10.2.0.2'), 'static');
  return bench;
}

/** `a 10.0.0.254`: the interface, and who takes the packet next; `a many`; `nowhere`. */
function words({ via, nextHop, isGroup, neighbour }: Path): string {
  if (via === null) return 'nowhere';
  expect(neighbour === null).toBe(isGroup || via.mac < 0);
  if (neighbour !== null) expect([neighbour.address.equals(nextHop), neighbour.via]).toEqual([true, via]);
  return `${via.link.name} ${isGroup ? 'many' : formatAddress(nextHop)}`;
}

describe('a path', () => {
  test.each<[string, string, number, string]>([
    ['a station of a link', '10.0.0.7', -1, 'a 10.0.0.7'],
    ['one of another', '10.1.0.7', -1, 'b 10.1.0.7'],
    ['one of IPv6', 'fd01::7', -1, 'b fd01::7'],
    ['one beyond', '8.8.8.8', -1, 'a 10.0.0.254'],
    ['one beyond, of IPv6', '2001:db8::1', -1, 'a fe80::9'],
    ['one beyond, on a link that has no way to it', '8.8.8.8', 1, 'nowhere'],
    ['one through a tunnel', '192.0.2.9', -1, 'tun 10.2.0.2'],
    ['itself', '10.1.0.1', -1, 'lo 10.1.0.1'],
    ['itself, of IPv6', 'fd00::1', -1, 'lo fd00::1'],
    ['itself, by a link-local address', 'fe80::1', 1, 'lo fe80::1'],
    ['127/8', '127.8.8.8', -1, 'lo 127.8.8.8'],
    ['::1', '::1', -1, 'lo ::1'],
    ['all', '255.255.255.255', -1, 'a many'],
    ['all, on a link', '255.255.255.255', 1, 'b many'],
    ['all of a network', '10.1.0.255', -1, 'b many'],
    ['all of a network beyond', '10.9.0.255', -1, 'a 10.0.0.254'],
    ['all of a network of two', '10.2.0.3', -1, 'tun many'],
    ['a group, as routes say', '224.1.2.3', -1, 'a many'],
    ['a group, on a link', 'ff02::fb', 1, 'b many'],
    ['link-local, on a link', 'fe80::7', 1, 'b fe80::7'],
    ['link-local, with two links', 'fe80::7', -1, 'nowhere'],
    ['link-local of IPv4, as routes say', '169.254.1.1', -1, 'a 10.0.0.254'],
  ])('to %s: %s', (_name, to, only, expected) => {
    const bench = house();
    const path = pathTo(bench.ip, ip(to), bench.ip.interfaces[only] ?? null);
    expect(words(path)).toBe(expected);
    if (path.isGroup)
      expect(path.mac).toBe(ip(to).family === 4 && ip(to).d >>> 28 !== 0xe ? BROADCAST_MAC : groupMac(ip(to)));
    expect(pathTo(bench.ip, ip(to), bench.ip.interfaces[only] ?? null)).toBe(path);
  });

  test('link-local, with one link that is up, is clear (RFC 4007 §6)', () => {
    const bench = house();
    const path = pathTo(bench.ip, ip('fe80::7'), null);
    expect(words(path)).toBe('nowhere');
    (bench.ip.interfaces[0] as { up: boolean }).up = false;
    (bench.ip.interfaces[2] as { up: boolean }).up = false;
    bench.ip.routes.version++;
    expect(words(refresh(bench.ip, path))).toBe('b fe80::7');
  });

  test('without a loopback, an address of one’s own leads nowhere', () => {
    const bench = new Bench();
    bench.plug(['10.0.0.1/24']);
    expect(words(pathTo(bench.ip, ip('10.0.0.1'), null))).toBe('nowhere');
  });

  test('is looked up anew when routes change, and when the time of its route is over', () => {
    const bench = house();
    const { routes, interfaces } = bench.ip;
    const path = pathTo(bench.ip, ip('198.51.100.1'), null);
    const now = (): string => words(refresh(bench.ip, path));
    expect(now()).toBe('a 10.0.0.254');
    routes.add(ip('198.51.100.0'), 24, interfaces[1] as never, ip('10.1.0.254'), 'advertised', 0, 1000);
    expect(now()).toBe('b 10.1.0.254');
    bench.clock.now = 999;
    expect(now()).toBe('b 10.1.0.254');
    bench.clock.now = 1000;
    expect(now()).toBe('a 10.0.0.254');
    routes.remove(({ prefixLength, gateway }) => prefixLength === 0 && gateway?.family === 4);
    expect(now()).toBe('nowhere');
  });

  test('4096 of them are remembered: the oldest give way, and who holds one goes on with it', () => {
    const bench = house();
    const held = pathTo(bench.ip, ip('198.51.100.1'), null);
    for (let i = 0; i < 10_000; i++) pathTo(bench.ip, ip('10.3.0.0').set(0, 0, 0xffff, 0x0a03_0000 + i), null);
    expect(bench.ip.paths.size).toBe(4096);
    expect(bench.ip.paths.find(held.to, 0)).toBeNull();
    expect(words(refresh(bench.ip, held))).toBe('a 10.0.0.254');
    expect(pathTo(bench.ip, ip('198.51.100.1'), null)).not.toBe(held);
    bench.ip.paths.clear();
    expect(bench.ip.paths.size).toBe(0);
  });

  test('keeps to an interface that it is bound to: each its own', () => {
    const bench = house();
    const { interfaces } = bench.ip;
    const [any, a, b] = [null, interfaces[0], interfaces[1]].map((only) =>
      pathTo(bench.ip, ip('fe80::7'), only ?? null),
    ) as [Path, Path, Path];
    expect([words(any), words(a), words(b)]).toEqual(['nowhere', 'a fe80::7', 'b fe80::7']);
    expect(a.neighbour).not.toBe(b.neighbour);
  });
});

describe('what the user says', () => {
  test('a gateway has to be on a link, of the same family, and somebody else', () => {
    const s = new Station(['10.0.0.1/24', 'fd00::1/64']);
    s.net.addRoute('0.0.0.0/0', { gateway: '10.0.0.254' });
    expect(() => s.net.addRoute('192.0.2.0/24', { gateway: '10.9.9.9' })).toThrow('ENETUNREACH');
    expect(() => s.net.addRoute('192.0.2.0/24', { gateway: 'fd00::2' })).toThrow('EINVAL');
    expect(() => s.net.addRoute('192.0.2.0/24', { gateway: '10.0.0.1' })).toThrow('EINVAL');
    expect(() => s.net.addRoute('192.0.2.0/24', { gateway: '10.0.0.255' })).toThrow('EINVAL');
    expect(() => s.net.addRoute('192.0.2.0/24', {})).toThrow('EINVAL');
    s.net.addRoute('192.0.2.0/24', { gateway: '10.9.9.9', interface: 0 }); // if it is said where
    s.net.addRoute('::/0', { gateway: 'fe80::9' }); // there is one link
    expect(
      s.net
        .routes()
        .map(({ network, gateway }) => [network, gateway])
        .filter(([, gateway]) => gateway !== null),
    ).toEqual([
      ['192.0.2.0/24', '10.9.9.9'],
      ['0.0.0.0/0', '10.0.0.254'],
      ['::/0', 'fe80::9'],
    ]);
    s.plug(['10.1.0.1/24']);
    expect(() => s.net.addRoute('2001:db8::/32', { gateway: 'fe80::9' })).toThrow('ENETUNREACH');
    expect([s.net.removeRoute('0.0.0.0/0', '10.0.0.9'), s.net.removeRoute('0.0.0.0/0')]).toEqual([0, 1]);
    expect(s.net.removeRoute('10.0.0.0/24')).toBe(0); // its own
  });

  test('an address is of one station, and given once; link-local ones once on each link', () => {
    const s = new Station(['10.0.0.1/24', 'fe80::1/64']);
    for (const text of ['224.0.0.1/24', 'ff02::1/64', '0.0.0.0/8', '::/64', '255.255.255.255/32']) {
      expect(() => s.net.addAddress(0, text)).toThrow('EINVAL');
    }
    expect(() => s.net.addAddress(0, '10.0.0.1/16')).toThrow('EADDRINUSE');
    expect(() => s.net.addAddress(0, 'fe80::1/64')).toThrow('EADDRINUSE');
    expect(() => s.plug(['10.0.0.1/24'])).toThrow('EADDRINUSE');
    expect(() => s.plug(['10.5.0.1/24', 'fd05::1/64', '10.5.0.1/16'])).toThrow('EADDRINUSE');
    expect(s.net.interfaces()).toHaveLength(2);
    const other = s.plug(['fe80::1/64']);
    expect(s.addresses(other).map(({ address }) => address)).toEqual(['fe80::1']);
    // Each is heard on its own link, and answered there.
    s.settled();
    s.send('fe80::7', other);
    expect(s.heard.map(({ interface: by }) => by)).toEqual([other]);
    s.said();
    s.hear(na({ from: 7, target: 'fe80::7', flags: 'SO', dst: 'fe80::1', to: 101 }), other);
    expect(s.said()).toEqual(['101 > 7 fe80::1 > fe80::7 udp']);
    expect(s.net.removeAddress(0, 'fe80::1')).toBe(true);
    s.send('fe80::7', other);
    expect(s.said()).toEqual(['101 > 7 fe80::1 > fe80::7 udp']);
  });
});

test('a gateway of IPv4 that dies is left for the next one, by metric, and what waited is lost; it is used again when it speaks', () => {
  const s = new Station(['10.0.0.1/24']);
  s.net.addRoute('0.0.0.0/0', { gateway: '10.0.0.254' });
  s.net.addRoute('0.0.0.0/0', { gateway: '10.0.0.253', metric: 10 });
  s.settled();
  const reply = (n: number): void => {
    s.hear(arp({ from: n, sender: `10.0.0.${n}`, target: '10.0.0.1', reply: true }));
  };
  const goes = (): string => {
    s.said();
    s.send('8.8.8.8');
    return s.said().at(-1) ?? '';
  };
  expect(goes()).toBe('1 > * arp who-has 10.0.0.254 tell 10.0.0.1 1');
  reply(254);
  expect(goes()).toBe('1 > 254 10.0.0.1 > 8.8.8.8 udp');
  s.pass(31);
  expect(goes()).toBe('1 > 254 10.0.0.1 > 8.8.8.8 udp');
  s.pass(8);
  expect(s.state('10.0.0.254')).toBe('FAILED 254');
  expect(goes()).toBe('1 > * arp who-has 10.0.0.253 tell 10.0.0.1 1');
  reply(253);
  expect(goes()).toBe('1 > 253 10.0.0.1 > 8.8.8.8 udp');
  s.hear(arp({ from: 254, sender: '10.0.0.254', target: '10.0.0.254' })); // it was switched on, and says so
  expect(goes()).toBe('1 > 254 10.0.0.1 > 8.8.8.8 udp');
});
