/** Autoconfiguration (RFC 4861 §6.3, RFC 4862 §5, RFC 7217, RFC 8106): what a host asks routers for, and what it makes of their answers. */
import { describe, expect, test } from 'vitest';
import { Address } from '../../src/base/address.ts';
import { formatAddress, inPrefix } from '../../src/base/address-text.ts';
import { SipHash } from '../../src/base/siphash.ts';
import { SECOND } from '../../src/base/time.ts';
import { Autoconf, routerAdvertisementArrives } from '../../src/ip/autoconf.ts';
import { addressIn } from '../../src/ip/identifier.ts';
import { clearNd, NdType } from '../../src/wire/nd.ts';
import { Bench } from './bench.ts';
import { ip, macOf, na, ns, type PrefixSaid, type RouterAdvertisement, ra, type Said, Station } from './station.ts';

const R1 = 'fe80::9';
const R2 = 'fe80::8';
const PREFIX = '2001:db8::';
const FAR = '2001:db8:f::1';
const HOURS = 3600;

const advert = (said: Partial<RouterAdvertisement> = {}): ReturnType<typeof ra> => ra({ from: 9, src: R1, ...said });
const prefix = (said: Partial<PrefixSaid> = {}): ReturnType<typeof ra> =>
  advert({ prefixes: [{ prefix: PREFIX, ...said }] });

/** A host that has asked in vain, and goes on to listen. */
const fresh = (options: ConstructorParameters<typeof Station>[1] = {}): Station =>
  new Station([], { autoconf: true, ...options }).settled();

const made = (s: Station, by = PREFIX): string[] =>
  s
    .addresses()
    .flatMap(({ address, origin }) => (origin === 'advertised' && inPrefix(ip(address), ip(by), 64) ? [address] : []));
const routes = (s: Station): string[] =>
  s.net
    .routes()
    .flatMap(({ network, gateway, origin }) => (origin === 'advertised' ? [`${network} ${gateway ?? 'on link'}`] : []));
/** Where a datagram to somebody far away went: the station's number. */
function goesBy(s: Station, to = FAR): string {
  s.said();
  s.send(to);
  const last = s.said().at(-1) ?? 'nowhere';
  return /^1 > (\d+) .* udp$/.exec(last)?.[1] ?? last;
}
/** The field of a packet that has left, from the IP header on. */
const at = ({ octets }: Said, where: number): number => octets[14 + where] as number;

describe('a host asks for routers (RFC 4861 §6.3.7)', () => {
  const asks = (s: Station): [number, string][] => s.timed().filter(([, line]) => line.includes(' rs'));

  test('within a second, and twice more, four seconds apart; as nobody, until it has an address', () => {
    const firsts: number[] = [];
    for (let seed = 1; seed <= 100; seed++) {
      const s = new Station([], { seed, autoconf: true });
      s.pass(30);
      const said = asks(s);
      expect(said.map(([, line]) => line)).toEqual([
        '1 > 33:33:00:00:00:02 :: > ff02::2 rs',
        `1 > 33:33:00:00:00:02 ${s.linkLocal} > ff02::2 rs from 1`,
        `1 > 33:33:00:00:00:02 ${s.linkLocal} > ff02::2 rs from 1`,
      ]);
      const [a = 0, b = 0, c = 0] = said.map(([when]) => when);
      expect([b - a, c - b].map((gap) => Number(gap.toFixed(6)))).toEqual([4, 4]);
      firsts.push(a);
    }
    expect(Math.max(...firsts)).toBeLessThanOrEqual(1);
    expect(Math.max(...firsts)).toBeGreaterThan(0.9);
    expect(Math.min(...firsts)).toBeLessThan(0.1);
  });

  test.each<[string, number, number, number]>([
    ['no more once a router has answered', 3, 1800, 1],
    ['on, when one answers that is no default router', 3, 0, 3],
    ['once, when one has spoken before it was asked', 0, 1800, 3],
    ['no more, when that one answers', 6, 1800, 2],
  ])('%s', (_name, when, lifetime, times) => {
    const s = new Station([], { autoconf: true });
    if (when > 0) s.pass(when);
    s.hear(advert({ lifetime }));
    s.pass(30);
    expect(asks(s)).toHaveLength(times);
  });

  test('again when its cable is back, and when it is a router no longer', () => {
    const s = fresh();
    s.net.setUp(0, false);
    s.net.setUp(0, true);
    s.pass(30);
    expect(asks(s)).toHaveLength(3);
    s.net.setForwarding(true);
    s.pass(30);
    expect(asks(s)).toEqual([]);
    s.net.setForwarding(false);
    s.pass(30);
    expect(asks(s)).toHaveLength(3);
  });

  test('not at all, unless its user wants that; then it hears none either', () => {
    const s = new Station(['fd00::1/64']);
    s.pass(30);
    expect(asks(s)).toEqual([]);
    s.hear(prefix());
    expect([made(s), routes(s)]).toEqual([[], []]);
  });
});

describe('a router advertises itself (RFC 4861 §6.3.4)', () => {
  test('as a default router, for so many seconds', () => {
    const s = fresh();
    expect(s.send(FAR)).toBe('ENETUNREACH');
    s.hear(advert({ lifetime: 30 }));
    expect(routes(s)).toEqual([`::/0 ${R1}`]);
    expect([s.state(R1), s.neighbour(R1)?.isRouter]).toEqual(['STALE 9', true]);
    expect(goesBy(s)).toBe('9');
    s.pass(29.9);
    expect(routes(s)).toHaveLength(1);
    s.pass(0.1);
    expect(routes(s)).toEqual([]);
    expect(s.send(FAR)).toBe('ENETUNREACH'); // the path that was remembered is none any more
  });

  test('again: its time begins anew', () => {
    const s = fresh();
    for (let i = 0; i < 5; i++) {
      s.hear(advert({ lifetime: 30 }));
      expect(goesBy(s)).toMatch(/^9|ns fe80::9/);
      s.hear(na({ from: 9, target: R1, flags: 'RSO', dst: s.linkLocal }));
      s.pass(20);
    }
    expect(goesBy(s)).toBe('9');
    expect(routes(s)).toEqual([`::/0 ${R1}`]);
  });

  test('with a lifetime of 0 it is one no longer, at once; its prefixes stay', () => {
    const s = fresh();
    s.hear(prefix());
    s.hear(ra({ from: 8, src: R2 }));
    s.settled(3);
    expect(goesBy(s)).toBe('9');
    s.hear(advert({ lifetime: 0 }));
    expect(routes(s)).toEqual([`${PREFIX}/64 on link`, `::/0 ${R2}`]);
    expect(goesBy(s)).toBe('8');
    expect(made(s)).toHaveLength(1);
    // Of one that is none, nobody takes notice.
    s.hear(ra({ from: 7, src: 'fe80::7', lifetime: 0 }));
    expect(routes(s)).toHaveLength(2);
  });

  test('without its MAC address it is a router all the same', () => {
    const s = fresh();
    s.hear(advert({ bare: true }));
    expect(routes(s)).toEqual([`::/0 ${R1}`]);
    expect(s.state(R1)).toBe('-');
    s.send(FAR);
    expect(s.said().at(-1)).toContain(`ns ${R1}`);
    s.hear(na({ from: 9, target: R1, flags: 'SO', dst: s.linkLocal })); // it says that it is a host
    expect(s.neighbour(R1)?.isRouter).toBe(false);
    s.hear(advert({ bare: true }));
    expect(s.neighbour(R1)?.isRouter).toBe(true);
  });

  test('a value of 0 is unspecified: what was said before holds (§6.3.4)', () => {
    const s = fresh();
    s.hear(prefix());
    s.pass(3);
    const hopLimit = (): number => {
      goesBy(s);
      s.send(FAR);
      return at(s.heard.findLast(({ line }) => line.endsWith('udp')) as Said, 7);
    };
    expect(hopLimit()).toBe(64);
    s.hear(advert({ hopLimit: 37 }));
    expect(hopLimit()).toBe(37);
    s.hear(advert());
    expect(hopLimit()).toBe(37);
    s.hear(advert({ hopLimit: 255 }));
    expect(hopLimit()).toBe(255);
    s.stack.udp.setHopLimit(0, 5); // a program that says so itself
    expect(hopLimit()).toBe(5);
    // It is not about IPv4.
    s.net.addAddress(0, '10.0.0.1/24');
    s.stack.udp.setHopLimit(0, 64);
    s.send('10.0.0.2');
    s.hear(ns({ from: 2, src: 'fe80::2', target: s.linkLocal }));
    s.stack.udp.setBroadcast(0, true);
    s.send('10.0.0.255');
    expect(at(s.heard.at(-1) as Said, 8)).toBe(64);
  });

  test.each<[string, Partial<RouterAdvertisement>, number, number]>([
    // said                              seconds between questions, seconds that a neighbour is REACHABLE at least
    ['nothing', {}, 1, 15],
    ['RetransTimer', { retransTimer: 2500 }, 2.5, 15],
    ['RetransTimer of 10 ms', { retransTimer: 10 }, 0.01, 15],
    ['RetransTimer of 9 ms, ignored', { retransTimer: 9 }, 1, 15],
    ['RetransTimer of 49 days, ignored', { retransTimer: 0xffff_ffff }, 1, 15],
    ['Reachable Time', { reachableTime: 600_000 }, 1, 300],
    ['Reachable Time of more than an hour, ignored (§6.2.1)', { reachableTime: 3_600_001 }, 1, 15],
  ])('%s: a question each %2$s s', (_name, said, between, reachable) => {
    const s = fresh();
    s.hear(prefix());
    s.pass(3);
    s.hear(advert(said));
    s.hear(advert());
    s.said();
    s.send(`${PREFIX}2`);
    s.pass(2 * between);
    const times = s.timed().map(([when]) => when);
    expect(times.slice(1).map((when, i) => Number((when - (times[i] as number)).toFixed(6)))).toEqual([
      between,
      between,
    ]);
    s.hear(na({ from: 2, target: `${PREFIX}2`, flags: 'SO', dst: made(s)[0] as string }));
    s.pass(reachable);
    expect(s.state(`${PREFIX}2`)).toBe('REACHABLE 2');
    s.pass(2 * reachable + 1);
    expect(s.state(`${PREFIX}2`)).toBe('STALE 2');
  });

  test('the reachable time is spread over half of it to one and a half (§6.3.2), from the beginning', () => {
    const times: number[] = [];
    for (let seed = 1; seed <= 60; seed++) {
      const s = fresh({ seed });
      s.send('fe80::2');
      s.hear(na({ from: 2, target: 'fe80::2', flags: 'SO', dst: s.linkLocal }));
      let seconds = 0;
      while (s.state('fe80::2') === 'REACHABLE 2') {
        s.pass(0.25);
        seconds += 0.25;
      }
      times.push(seconds);
    }
    expect(Math.min(...times)).toBeGreaterThanOrEqual(15);
    expect(Math.min(...times)).toBeLessThan(18);
    expect(Math.max(...times)).toBeGreaterThan(42);
    expect(Math.max(...times)).toBeLessThanOrEqual(45.25);
  });

  test.each<[string, number, number]>([
    ['an MTU', 1400, 1400],
    ['the least', 1280, 1280],
    ['less than every link takes: ignored', 1279, 1500],
    ['more than the link takes: ignored', 1501, 1500],
    ['none', 0, 1500],
  ])('%s: %i makes packets of %i octets', (_name, mtu, largest) => {
    const s = fresh();
    s.hear(prefix());
    s.settled(3);
    s.hear(advert({ mtu }));
    goesBy(s);
    const send = (size: number): number[] => {
      s.said();
      s.stack.udp.send(0, ip(FAR), 9, new Uint8Array(size), 0, size, s.now);
      return s.heard.map(({ octets }) => octets.length - 14);
    };
    expect(send(largest - 48)).toEqual([largest]);
    expect(send(largest - 47)).toHaveLength(2);
    expect(s.net.interfaces()[0]?.mtu).toBe(1500);
  });
});

describe('a prefix is advertised (RFC 4861 §6.3.4, RFC 4862 §5.5.3)', () => {
  test.each<[string, PrefixSaid, string[], number]>([
    ['on the link, and for addresses', { prefix: PREFIX }, [`${PREFIX}/64 on link`], 1],
    ['on the link alone', { prefix: PREFIX, flags: 'L' }, [`${PREFIX}/64 on link`], 0],
    ['for addresses alone', { prefix: PREFIX, flags: 'A' }, [], 1],
    ['for neither', { prefix: PREFIX, flags: '' }, [], 0],
    ['of 48 bits: no addresses', { prefix: PREFIX, length: 48 }, [`${PREFIX}/48 on link`], 0],
    ['of 65 bits: no addresses', { prefix: PREFIX, length: 65 }, [`${PREFIX}/65 on link`], 0],
    ['with bits behind it', { prefix: '2001:db8::77' }, [`${PREFIX}/64 on link`], 1],
    [
      'preferred for longer than it is valid: no addresses',
      { prefix: PREFIX, valid: 100, preferred: 101 },
      [`${PREFIX}/64 on link`],
      0,
    ],
    ['valid for 0 seconds', { prefix: PREFIX, valid: 0 }, [], 0],
    ['link-local', { prefix: 'fe80::' }, [], 0],
    ['of groups', { prefix: 'ff05::' }, [], 0],
    ['for ever', { prefix: PREFIX, valid: 0xffff_ffff, preferred: 0xffff_ffff }, [`${PREFIX}/64 on link`], 1],
  ])('%s', (_name, said, onLink, count) => {
    const s = fresh();
    s.hear(advert({ lifetime: 0, prefixes: [said] }));
    expect(routes(s)).toEqual(onLink);
    expect(made(s)).toHaveLength(count);
  });

  test('its address is probed for, then used, and is the same each time', () => {
    const s = fresh();
    s.hear(prefix());
    const [address] = made(s) as [string];
    expect(s.addresses().find((one) => one.address === address)?.state).toBe('tentative');
    s.hear(prefix());
    s.pass(2);
    expect(s.said()).toEqual([`1 > 33:33:ff:${formatMacTail(address)} :: > ${groupOf(address)} ns ${address}`]);
    expect(s.addresses().find((one) => one.address === address)?.state).toBe('preferred');
    for (let i = 0; i < 5; i++) s.hear(prefix());
    expect(made(s)).toEqual([address]);
    // RFC 7217: so it is after the power was off, and otherwise in another network, and for another station.
    s.stack.crash();
    s.net.boot();
    s.settled();
    s.hear(advert({ prefixes: [{ prefix: PREFIX }, { prefix: '2001:db8:1::' }] }));
    expect(made(s)).toEqual([address]);
    const tails = s.addresses().map((one) => one.address.split(':').slice(-4).join(':'));
    expect(new Set(tails).size).toBe(3);
    const other = fresh({ seed: 2 });
    other.hear(prefix());
    expect(made(other)).not.toEqual([address]);
  });

  test.each<[string, number, number, number]>([
    // RFC 4862 §5.5.3 (e), hours: left, advertised, then valid
    ['longer than what is left', 1, 1.5, 1.5],
    ['longer than two hours, though shorter than what is left', 10, 3, 3],
    ['two hours, of more', 10, 2, 2],
    ['shorter than two hours: down to two', 10, 0.5, 2],
    ['0: down to two', 10, 0, 2],
    ['shorter, with less than two hours left: ignored', 1.5, 1, 1.5],
    ['0, with less than two hours left: ignored', 1, 0, 1],
    ['0, with two hours left', 2, 0, 2],
    ['for ever', 1, Number.POSITIVE_INFINITY, 100_000],
  ])('valid lifetimes: %s', (_name, left, told, then) => {
    const s = fresh();
    const seconds = (hours: number): number => (hours === Number.POSITIVE_INFINITY ? 0xffff_ffff : hours * HOURS);
    s.hear(prefix({ valid: seconds(left) + 60 }));
    s.pass(60);
    s.hear(prefix({ valid: seconds(told), preferred: 0 }));
    expect(made(s)).toHaveLength(1);
    // The preferred lifetime is believed whatever it is.
    expect(s.addresses().find(({ origin }) => origin === 'advertised')?.state).toBe('deprecated');
    s.now += then * HOURS * SECOND - 1;
    s.turn();
    expect(made(s)).toHaveLength(1);
    if (told === Number.POSITIVE_INFINITY) return;
    s.now += 1;
    s.turn();
    expect(made(s)).toEqual([]);
  });

  test('the lifetime of what is on the link is believed as it is', () => {
    const s = fresh();
    s.hear(prefix({ valid: 10 * HOURS }));
    s.hear(prefix({ valid: 60 }));
    s.pass(59);
    expect(routes(s)).toContain(`${PREFIX}/64 on link`);
    s.hear(ra({ from: 8, src: R2, prefixes: [{ prefix: PREFIX, valid: 0 }] })); // whichever router says so
    expect(routes(s)).toEqual([`::/0 ${R1}`, `::/0 ${R2}`]);
    s.hear(prefix({ valid: 60 }));
    s.pass(60);
    expect(routes(s)).toEqual([`::/0 ${R1}`, `::/0 ${R2}`]);
    // Without the flag nothing is said of that.
    s.hear(prefix({ valid: 60 }));
    s.hear(prefix({ valid: 0, flags: 'A' }));
    expect(routes(s)).toContain(`${PREFIX}/64 on link`);
  });

  test('preferred, then deprecated, then gone (RFC 4862 §5.5.4)', () => {
    const s = fresh();
    s.hear(advert({ lifetime: 9000, prefixes: [{ prefix: PREFIX, valid: 200, preferred: 100 }] }));
    s.hear(advert({ lifetime: 9000, prefixes: [{ prefix: '2001:db8:1::', valid: 1000, preferred: 1000 }] }));
    s.pass(5);
    const [first] = made(s) as [string];
    const from = (): string => {
      s.said();
      s.send(`${PREFIX}9`);
      s.hear(na({ from: 2, target: `${PREFIX}9`, flags: 'SO', dst: s.linkLocal }));
      return /^1 > 2 (\S+) > \S+ udp/.exec(s.said().at(-1) as string)?.[1] as string;
    };
    expect(from()).toBe(first);
    s.pass(94.9);
    expect(from()).toBe(first);
    s.pass(0.1);
    expect(s.addresses().find(({ address }) => address === first)?.state).toBe('deprecated');
    expect(from()).toMatch(/^2001:db8:1:/); // not for what is new, while there is another
    s.said();
    s.hear(ns({ from: 2, src: 'fe80::2', target: first }));
    expect(s.said().at(-1)).toContain(`na ${first} SO`); // others may speak to it as ever
    s.pass(100);
    expect(made(s)).toEqual([]);
    s.told();
    s.hear(ns({ from: 2, src: 'fe80::2', target: first }));
    expect(s.said().filter((line) => line.includes(`na ${first}`))).toEqual([]);
  });

  test('an address that its user has given already is not made once more', () => {
    const s = fresh();
    s.hear(prefix());
    const [address] = made(s) as [string];
    const t = new Station([`${address}/64`], { autoconf: true }).settled();
    t.hear(prefix());
    expect(t.addresses().map((one) => [one.address, one.origin])).toEqual([
      [address, 'static'],
      [t.linkLocal, 'link-local'],
    ]);
  });
});

describe('default routers (RFC 4861 §6.3.6, RFC 1122 §3.3.1.5)', () => {
  /** Two routers; both have said who they are. */
  function two(): Station {
    const s = fresh();
    s.hear(advert({ lifetime: 9000, prefixes: [{ prefix: PREFIX }] }));
    s.hear(ra({ from: 8, src: R2, lifetime: 9000 }));
    return s.settled(3);
  }
  const answers = (s: Station, from: number, router: string): void => {
    s.hear(na({ from, target: router, flags: 'RSO', dst: s.linkLocal }));
  };

  test('one that dies is left for the other, within its reachable time and eight seconds; it is taken back when it speaks', () => {
    const s = two();
    expect(goesBy(s)).toBe('9');
    answers(s, 9, R1);
    for (let i = 0; i < 45 + 8; i++) {
      s.pass(1);
      s.send(FAR);
      if (s.state(R2) !== 'STALE 8') answers(s, 8, R2);
    }
    expect(s.state(R1)).toBe('FAILED 9');
    expect(goesBy(s)).toBe('8');
    for (let i = 0; i < 10; i++) expect(goesBy(s)).toBe('8');
    s.hear(advert({ lifetime: 9000 }));
    expect(goesBy(s)).toBe('9');
  });

  test('one that nobody knows is not preferred to one that answers (1)', () => {
    const s = fresh();
    s.hear(advert({ lifetime: 9000, bare: true, prefixes: [{ prefix: PREFIX }] }));
    s.hear(ra({ from: 8, src: R2, lifetime: 9000 }));
    s.settled(3);
    expect(goesBy(s)).toBe('8');
  });

  test('when none answers each is asked in turn (2), and whichever is back first is used', () => {
    const s = two();
    s.send(FAR);
    s.pass(10);
    const asked: string[] = [];
    for (let i = 0; i < 60; i++) {
      s.said();
      s.send(FAR);
      s.pass(1);
      const who = s.said().flatMap((line) => /33:33\S+ .* ns (fe80::[89]) /.exec(line)?.[1] ?? []);
      if (who.length > 0 && asked.at(-1) !== who.at(-1)) asked.push(who.at(-1) as string);
    }
    expect(asked.length).toBeGreaterThan(6);
    expect(asked.every((who, i) => i === 0 || who !== asked[i - 1])).toBe(true);
    s.send(FAR);
    const who = asked.at(-1) === R1 ? ([8, R2] as const) : ([9, R1] as const);
    for (let i = 0; i < 10 && s.state(who[1]) !== `REACHABLE ${who[0]}`; i++) {
      s.pass(1);
      s.send(FAR);
      if (s.state(who[1]).startsWith('INCOMPLETE')) answers(s, who[0], who[1]);
    }
    expect(goesBy(s)).toBe(`${who[0]}`);
  });
});

describe('name servers (RFC 8106)', () => {
  test('are known for as long as is said', () => {
    const s = fresh();
    s.hear(advert({ dns: ['2001:db8::53', '2001:db8::54'], dnsLifetime: 60 }));
    s.hear(advert({ dns: ['2001:db8::55'], dnsLifetime: 0xffff_ffff }));
    expect(s.net.nameServers()).toEqual(['2001:db8::53', '2001:db8::54', '2001:db8::55']);
    s.pass(30);
    s.hear(advert({ dns: ['2001:db8::53'], dnsLifetime: 60 }));
    s.pass(30);
    expect(s.net.nameServers()).toEqual(['2001:db8::53', '2001:db8::55']);
    s.hear(advert({ dns: ['2001:db8::55'], dnsLifetime: 0 }));
    expect(s.net.nameServers()).toEqual(['2001:db8::53']);
    s.pass(30);
    expect(s.net.nameServers()).toEqual([]);
  });
});

describe('floods of advertisements (RFC 6104) stay bounded, and leave what was there', { timeout: 60_000 }, () => {
  const hex = (i: number): string => i.toString(16);

  test('10,000 routers', () => {
    const s = fresh();
    s.hear(prefix());
    s.settled(3);
    s.deafen();
    for (let i = 0; i < 10_000; i++) s.hear(ra({ from: 66, src: `fe80::66:${hex(i)}`, lifetime: 10 }));
    expect(routes(s)).toHaveLength(17);
    expect(routes(s)).toContain(`::/0 ${R1}`);
    expect(s.stack.counters().held.neighbours).toBeLessThanOrEqual(1024);
    // When they are over, there is room for others.
    s.pass(11);
    s.hear(ra({ from: 8, src: R2 }));
    expect(routes(s)).toEqual([`${PREFIX}/64 on link`, `::/0 ${R1}`, `::/0 ${R2}`]);
  });

  test('10,000 prefixes', () => {
    const s = fresh();
    s.hear(prefix());
    s.settled(3);
    s.deafen();
    for (let i = 0; i < 10_000; i += 8) {
      const prefixes = Array.from({ length: 8 }, (_, k) => ({ prefix: `2001:db9:${hex(i + k)}::`, valid: 10 }));
      s.hear(ra({ from: 66, src: 'fe80::66', lifetime: 0, prefixes }));
    }
    expect(routes(s)).toHaveLength(17);
    expect(s.addresses()).toHaveLength(17);
    expect(made(s)).toHaveLength(1);
    s.pass(11);
    expect([routes(s).length, s.addresses().length]).toEqual([2, 2]);
    s.hear(prefix({ prefix: '2001:db8:7::' }));
    expect([routes(s).length, s.addresses().length]).toEqual([3, 3]);
  });

  test('prefixes of every length that come and go leave nothing to be searched', () => {
    const s = fresh();
    s.deafen();
    for (let round = 0; round < 20; round++) {
      for (let length = 1; length <= 128; length++) {
        s.hear(
          ra({
            from: 66,
            src: 'fe80::66',
            lifetime: 0,
            prefixes: [{ prefix: '2001:db8:5:5:5:5:5:5', length, flags: 'L', valid: 1 }],
          }),
        );
        s.hear(
          ra({
            from: 66,
            src: 'fe80::66',
            lifetime: 0,
            prefixes: [{ prefix: '2001:db8:5:5:5:5:5:5', length, flags: 'L', valid: 0 }],
          }),
        );
      }
    }
    expect(routes(s)).toEqual([]);
    expect(s.send('2001:db8:5:5:5:5:5:5')).toBe('ENETUNREACH');
  });

  test('10,000 name servers', () => {
    const s = fresh();
    s.hear(advert({ dns: ['2001:db8::53'] }));
    s.deafen();
    for (let i = 0; i < 10_000; i++) s.hear(advert({ dns: [`2001:db8::66:${hex(i)}`], dnsLifetime: 10 }));
    expect(s.net.nameServers()).toHaveLength(16);
    expect(s.net.nameServers()).toContain('2001:db8::53');
    s.pass(10);
    s.hear(advert({ dns: ['2001:db8::54'] }));
    expect(s.net.nameServers()).toEqual(['2001:db8::53', '2001:db8::54']);
  });

  test('what is over is not kept, however long they go on', () => {
    const bench = new Bench();
    const via = bench.plug(['fe80::1/64']);
    const autoconf = new Autoconf(bench.ip, via, 'stable');
    const { nd } = bench.ip;
    for (let i = 0; i < 1000; i++) {
      clearNd(nd, NdType.RouterAdvertisement);
      nd.lifetime = 1;
      nd.prefixCount = 1;
      const [told] = nd.prefixes;
      told?.prefix.set(0x2001_0db8, i, 0, 0);
      Object.assign(told as object, { length: 64, onLink: true, autonomous: false, validLifetime: 1 });
      routerAdvertisementArrives(bench.ip, via, autoconf, new Address().set(0xfe80_0000, 0, 0, i + 2));
      expect([...bench.ip.routes].length).toBeLessThanOrEqual(2);
      bench.clock.now += SECOND;
    }
  });

  test('addresses that its user has given take no room of those that are made', () => {
    const s = new Station(
      Array.from({ length: 20 }, (_, i) => `10.0.${i}.1/24`),
      { autoconf: true },
    ).settled();
    s.hear(prefix());
    expect(made(s)).toHaveLength(1);
  });
});

describe('identifiers', () => {
  test('eui64 (RFC 4291, appendix A)', () => {
    const s = fresh({ identifier: 'eui64' });
    s.hear(prefix());
    expect(s.addresses().map(({ address }) => address)).toEqual(['fe80::ff:fe00:1', '2001:db8::ff:fe00:1']);
    const secret = new SipHash(Int32Array.of(1, 2, 3, 4));
    expect(formatAddress(addressIn(ip('2001:db8::'), 'eui64', 0x3456_789a_bcde, secret, 0))).toBe(
      '2001:db8::3656:78ff:fe9a:bcde',
    );
  });

  test('stable: of the prefix, the interface, the tries and a secret (RFC 7217 §5)', () => {
    const of = (network: string, mac: number, tries: number, key: number): string =>
      formatAddress(addressIn(ip(network), 'stable', mac, new SipHash(Int32Array.of(key, 2, 3, 4)), tries));
    const all = new Set<string>();
    for (const network of [PREFIX, '2001:db8:1::', 'fe80::']) {
      for (const mac of [macOf(1), macOf(2)]) {
        for (const tries of [0, 1, 2])
          for (const key of [1, 2]) all.add(of(network, mac, tries, key).split(':').slice(-4).join(':'));
      }
    }
    expect(all.size).toBe(36);
    expect(of(PREFIX, macOf(1), 0, 1)).toBe(of('2001:db8::ffff', macOf(1), 0, 1));
  });

  test.each<[string, number, number]>([
    ['of all routers (RFC 4291 §2.6.1)', 0, 0],
    ['of Ethernet addresses of IANA', 0x0200_5eff, 0xfe00_5212],
    ['of anycast (RFC 2526)', 0xfdff_ffff, 0xffff_ff80],
    ['of anycast, the last', 0xfdff_ffff, 0xffff_ffff],
  ])('reserved ones are passed over (RFC 5453): %s', (_name, high, low) => {
    const answers: [number, number][] = [
      [high, low],
      [high, low],
      [0xfdff_ffff, 0xffff_ff7f],
    ];
    class Chosen extends SipHash {
      override hash(): number {
        const [first, second] = answers.shift() as [number, number];
        this.high = first | 0;
        return second | 0;
      }
    }
    const address = addressIn(ip(PREFIX), 'stable', macOf(1), new Chosen(new Int32Array(4)), 0);
    expect(address.equals(new Address().set(0x2001_0db8, 0, 0xfdff_ffff, 0xffff_ff7f))).toBe(true);
  });
});

describe('an address that was made is another station’s (RFC 4862 §5.4.5, RFC 7217 §6)', () => {
  const claim = (s: Station, address: string): void => {
    s.hear(na({ from: 2, target: address }));
  };

  test('another one is made, three in all; then none, though the router goes on', () => {
    const s = fresh();
    s.hear(prefix());
    const tried: string[] = [];
    for (let i = 0; i < 3; i++) {
      const [address] = made(s) as [string];
      expect(tried).not.toContain(address);
      tried.push(address);
      s.pass(0.5);
      s.hear(prefix()); // meanwhile: no second one
      expect(made(s)).toHaveLength(1);
      claim(s, address);
    }
    expect(made(s)).toEqual([]);
    expect(s.told().filter((line) => line.startsWith('duplicate'))).toEqual(
      tried.map((address) => `duplicate ${address}`),
    );
    for (let i = 0; i < 100; i++) s.hear(prefix());
    s.pass(10);
    expect(made(s)).toEqual([]);
    // The prefix is on the link as ever, and others are not concerned.
    expect(routes(s)).toContain(`${PREFIX}/64 on link`);
    s.hear(prefix({ prefix: '2001:db8:1::' }));
    expect(s.addresses()).toHaveLength(2);
    // With the cable out and in the link may be another.
    s.net.setUp(0, false);
    s.net.setUp(0, true);
    s.hear(prefix());
    expect(made(s)).toEqual([tried[0]]);
  });

  test('it keeps the lifetimes of the first', () => {
    const s = fresh();
    s.hear(prefix({ valid: 100, preferred: 50 }));
    s.pass(1);
    claim(s, made(s)[0] as string);
    s.pass(50);
    expect(s.addresses()[1]?.state).toBe('deprecated');
    s.pass(48.9);
    expect(made(s)).toHaveLength(1);
    s.pass(0.1);
    expect(made(s)).toEqual([]);
  });

  test('the link-local one as well', () => {
    const s = new Station([], { autoconf: true });
    const tried: string[] = [];
    for (let i = 0; i < 3; i++) {
      tried.push(s.linkLocal);
      claim(s, s.linkLocal);
    }
    expect(new Set(tried).size).toBe(3);
    expect(s.addresses()).toEqual([]);
    s.pass(20);
    expect(s.heard.filter(({ line }) => !/ :: > /.test(line))).toEqual([]); // it has no words but as nobody
  });

  test('one of the MAC address is given up, for there is no other (RFC 7217 §6: no falling back)', () => {
    const s = fresh({ identifier: 'eui64' });
    s.hear(prefix());
    claim(s, made(s)[0] as string);
    expect(made(s)).toEqual([]);
    s.hear(prefix());
    expect(made(s)).toEqual([]);
    s.hear(prefix({ prefix: '2001:db8:1::' }));
    expect(s.addresses()).toHaveLength(2);
  });

  test('a link-local one of the MAC address ends all of IPv6 that is not the user’s: the MAC address is there twice', () => {
    const s = new Station([], { autoconf: true, identifier: 'eui64' });
    s.hear(prefix());
    expect([made(s).length, routes(s).length]).toEqual([1, 2]);
    claim(s, 'fe80::ff:fe00:1');
    expect([s.addresses(), routes(s)]).toEqual([[], []]);
    s.said();
    s.hear(prefix());
    s.pass(30);
    expect([s.addresses(), routes(s), s.said()]).toEqual([[], [], []]);
    s.net.setUp(0, false);
    s.net.setUp(0, true);
    s.settled();
    expect(s.linkLocal).toBe('fe80::ff:fe00:1');
    s.hear(prefix());
    expect(made(s)).toHaveLength(1);
  });
});

/** `..:..:..` of the group's MAC address, and the group itself, for an address. */
function formatMacTail(address: string): string {
  const tail = (ip(address).d & 0xff_ffff).toString(16).padStart(6, '0');
  return `${tail.slice(0, 2)}:${tail.slice(2, 4)}:${tail.slice(4)}`;
}

function groupOf(address: string): string {
  return formatAddress(new Address().set(0xff02_0000, 0, 1, 0xff00_0000 | (ip(address).d & 0xff_ffff)));
}
