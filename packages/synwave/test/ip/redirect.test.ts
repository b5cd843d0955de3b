/** Redirects (RFC 1122 §3.2.2.2, RFC 4861 §8): believed from the router that is in use, about what this host has sent, and from nobody else. */
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/base/frame.ts';
import { ACK, Segment, SYN } from '../../src/wire/segment.ts';
import { arp, ip, macOf, na, ra, redirect4, redirect6, type Said, Station, tcp, udp } from './station.ts';

const FAR = '198.51.100.1';
const FAR6 = '2001:db8:f::1';
const NOBODY = 'ICMP message about nothing';

/** Who takes a datagram to there: the station's number, or the question that is asked first. */
function goesBy(s: Station, to: string): string {
  s.said();
  s.send(to);
  const last = s.said().at(-1) ?? 'nowhere';
  return /^1 > (\d+) .* udp$/.exec(last)?.[1] ?? last.replace(/^1 > \S+ /, '');
}

describe('over IPv4', () => {
  /** A host whose routers are 254, in use, and 253; it has sent a datagram to `FAR`. */
  function fresh(): { s: Station; quote: Uint8Array } {
    const s = new Station(['10.0.0.1/24']);
    s.net.addRoute('0.0.0.0/0', { gateway: '10.0.0.254' });
    s.settled();
    s.send(FAR);
    for (const n of [254, 253, 66, 9])
      s.hear(arp({ from: n, sender: `10.0.0.${n}`, target: '10.0.0.1', reply: n === 254 }));
    s.send('10.0.0.9');
    s.said();
    expect(goesBy(s, FAR)).toBe('254');
    s.send(FAR);
    return { s, quote: quoteOf(s) };
  }

  /** The packet that left last. */
  function quoteOf(s: Station): Uint8Array {
    return (s.heard.splice(0).at(-1) as Said).octets.slice(14);
  }

  const base = { from: 254, src: '10.0.0.254', dst: '10.0.0.1', target: '10.0.0.253' };

  test('from the router in use, about a datagram of ours, to a station of the link', () => {
    const { s, quote } = fresh();
    s.hear(redirect4({ ...base, quote }));
    expect(goesBy(s, FAR)).toBe('253');
    expect(goesBy(s, '198.51.100.2')).toBe('254'); // nobody else is concerned
    expect(s.dropped(NOBODY)).toBe(0);
  });

  test('once more, by the router that it led to; and both are forgotten when the last does not answer', () => {
    const { s, quote } = fresh();
    s.hear(redirect4({ ...base, quote }));
    goesBy(s, FAR);
    s.hear(redirect4({ ...base, quote, target: '10.0.0.66' })); // the first router is not in use any more
    expect(goesBy(s, FAR)).toBe('253');
    s.hear(redirect4({ ...base, from: 253, src: '10.0.0.253', quote, target: '10.0.0.66' }));
    expect(goesBy(s, FAR)).toBe('66');
    s.pass(9);
    expect(s.state('10.0.0.66')).toBe('FAILED 66');
    expect(goesBy(s, FAR)).toBe('254');
  });

  test('it goes with the route that it was about', () => {
    const { s, quote } = fresh();
    s.hear(redirect4({ ...base, quote }));
    expect(goesBy(s, FAR)).toBe('253');
    s.net.addRoute('198.51.100.0/24', { gateway: '10.0.0.66' });
    expect(goesBy(s, FAR)).toBe('66');
    s.net.removeRoute('198.51.100.0/24');
    expect(goesBy(s, FAR)).toBe('254');
  });

  test.each<[string, Partial<Parameters<typeof redirect4>[0]>, ((quote: DataView) => void)?]>([
    ['from another station', { from: 66, src: '10.0.0.66' }],
    ['from a router that is not in use', { from: 253, src: '10.0.0.253', target: '10.0.0.66' }],
    ['from afar', { src: '203.0.113.1' }],
    ['to a station beyond the link', { target: '203.0.113.9' }],
    ['to this host itself', { target: '10.0.0.1' }],
    ['to all stations', { target: '10.0.0.255' }],
    ['to nobody', { target: '0.0.0.0' }],
    ['to a group', { target: '224.0.0.1' }],
    ['to loopback', { target: '127.0.0.1' }],
    ['about a packet of somebody else', {}, (view) => view.setUint8(15, 77)],
    ['about a port that nobody has', {}, (view) => view.setUint16(20, 777)],
    ['about a place where nobody went', {}, (view) => view.setUint8(19, 77)],
    ['about a station of the link', {}, (view) => view.setUint32(16, 0x0a00_0009)],
    [
      'from a station of the link, about itself',
      { from: 9, src: '10.0.0.9' },
      (view) => view.setUint32(16, 0x0a00_0009),
    ],
    ['about a protocol that we do not speak', {}, (view) => view.setUint8(9, 47)],
    ['about a later fragment', {}, (view) => view.setUint16(6, 8)],
    [
      'about an echo that nobody asked',
      {},
      (view) => {
        view.setUint8(9, 1);
        view.setUint32(20, 0x0800_0000);
        view.setUint32(24, 0x1234_0001);
      },
    ],
  ])('not %s', (_name, said, change) => {
    const { s, quote } = fresh();
    change?.(new DataView(quote.buffer));
    s.hear(redirect4({ ...base, ...said, quote }));
    expect(goesBy(s, FAR)).toBe('254');
    expect(goesBy(s, '198.51.100.77')).toBe('254');
    expect(goesBy(s, '10.0.0.9')).toBe('9');
    expect(s.dropped(NOBODY)).toBe(1);
  });

  test.each<[string, number, string]>([
    ['what is in flight', 0, '253'],
    ['an acknowledgment alone', 10, '253'],
    ['what is acknowledged', -1, '254'],
    ['what is still to be sent', 11, '254'],
    ['anything', 0x4000_0000, '254'],
  ])('about a connection: %s', (_name, offset, then) => {
    const { s } = fresh();
    const id = s.stack.connect({ address: ip(FAR), port: 80 }, { address: null, port: 1024 }, s.now);
    s.turn();
    const view = (octets: Uint8Array): DataView => new DataView(octets.buffer, octets.byteOffset);
    const iss = view(quoteOf(s)).getInt32(24);
    const peer = {
      srcPort: 80,
      dstPort: 1024,
      wnd: 65_535,
      flags: SYN | ACK,
      seq: 5 as never,
      ack: (iss + 1) as never,
    };
    s.hear(tcp({ from: 254, src: FAR, dst: '10.0.0.1' }, Object.assign(new Segment(), peer)));
    s.stack.send(id, new Uint8Array(10), 0, 10);
    s.turn();
    const quote = quoteOf(s);
    expect(view(quote).getInt32(24)).toBe((iss + 1) | 0);
    view(quote).setInt32(24, iss + 1 + offset);
    s.hear(redirect4({ ...base, quote }));
    expect(goesBy(s, FAR)).toBe(then);
  });

  test('about an echo of ours', () => {
    const { s } = fresh();
    s.stack.askEcho(ip(FAR), undefined, { size: 8, hopLimit: 64, dontFragment: false }, s.now);
    s.hear(redirect4({ ...base, quote: quoteOf(s) }));
    expect(goesBy(s, FAR)).toBe('253');
  });

  test('not by a router (RFC 1812 §5.2.7.2), which has other ways to know', () => {
    const { s, quote } = fresh();
    s.net.setForwarding(true);
    s.hear(redirect4({ ...base, quote }));
    expect(goesBy(s, FAR)).toBe('254');
  });
});

describe('over IPv6', () => {
  const ROUTER = 'fe80::9';
  /** A host whose routers are 9, in use, and 8; it has sent a datagram to `FAR6`. */
  function fresh(): Station {
    const s = new Station([], { autoconf: true }).settled();
    s.hear(ra({ from: 9, src: ROUTER, lifetime: 9000, prefixes: [{ prefix: '2001:db8::' }] }));
    s.hear(ra({ from: 8, src: 'fe80::8', lifetime: 9000 }));
    s.settled(3);
    expect(goesBy(s, FAR6)).toBe('9');
    s.hear(na({ from: 9, target: ROUTER, flags: 'RSO', dst: s.linkLocal }));
    return s;
  }
  const to = (s: Station, said: Partial<Parameters<typeof redirect6>[0]> = {}): Frame =>
    redirect6({ from: 9, src: ROUTER, dst: s.linkLocal, destination: FAR6, target: 'fe80::8', ...said });

  test('to a router, which is one from then on', () => {
    const s = fresh();
    s.hear(to(s));
    expect(goesBy(s, FAR6)).toBe('8');
    expect(goesBy(s, '2001:db8:f::2')).toBe('9');
    s.hear(to(s, { src: 'fe80::8', from: 8, target: 'fe80::7', option: macOf(7) }));
    expect([s.state('fe80::7'), s.neighbour('fe80::7')?.isRouter]).toEqual(['STALE 7', true]);
    expect(goesBy(s, FAR6)).toBe('7');
  });

  test('to a router that nobody has heard of: it is asked for', () => {
    const s = fresh();
    s.hear(to(s, { target: 'fe80::7' }));
    expect(s.state('fe80::7')).toBe('NONE');
    expect(goesBy(s, FAR6)).toMatch(/ns fe80::7/);
    s.hear(na({ from: 7, target: 'fe80::7', flags: 'RSO', dst: s.linkLocal }));
    expect(goesBy(s, FAR6)).toBe('7');
  });

  test('to the station itself: it is on the link (§8.3), and no router for that', () => {
    const s = fresh();
    s.hear(to(s, { target: FAR6, option: macOf(5) }));
    expect(goesBy(s, FAR6)).toBe('5');
    expect(s.neighbour(FAR6)?.isRouter).toBe(false);
    s.hear(na({ from: 5, target: FAR6, flags: 'SO', dst: s.linkLocal }));
    expect(goesBy(s, FAR6)).toBe('5');
    // Nobody is its router now, and so nobody can lead elsewhere: not it either.
    s.hear(to(s));
    s.hear(to(s, { src: FAR6.replace(FAR6, 'fe80::5'), from: 5 }));
    expect(goesBy(s, FAR6)).toBe('5');
  });

  test('is forgotten when that router says that it is none (§7.3.3)', () => {
    const s = fresh();
    s.hear(to(s, { target: 'fe80::7', option: macOf(7) }));
    expect(goesBy(s, FAR6)).toBe('7');
    s.hear(na({ from: 7, target: 'fe80::7', flags: 'O' }));
    expect(goesBy(s, FAR6)).toBe('9');
    s.hear(na({ from: 7, target: 'fe80::7', flags: 'RO' }));
    expect(goesBy(s, FAR6)).toBe('9');
  });

  test('is forgotten when that router does not answer', () => {
    const s = fresh();
    s.hear(to(s, { target: 'fe80::7', option: macOf(7) }));
    s.send(FAR6);
    s.pass(8);
    expect(s.state('fe80::7')).toBe('FAILED 7');
    expect(goesBy(s, FAR6)).toBe('9');
  });

  test('is forgotten with the router that gave it', () => {
    const s = fresh();
    s.hear(to(s, { target: 'fe80::7', option: macOf(7) }));
    expect(goesBy(s, FAR6)).toBe('7');
    s.hear(ra({ from: 9, src: ROUTER, lifetime: 0 }));
    expect(goesBy(s, FAR6)).toBe('8');
  });

  test.each<[string, (s: Station) => Frame]>([
    ['from a router that is not in use', (s) => to(s, { src: 'fe80::8', from: 8, target: 'fe80::7' })],
    ['from another station', (s) => to(s, { src: 'fe80::66', from: 66 })],
    ['to this host itself', (s) => to(s, { target: s.linkLocal })],
    ['about a place where nobody went', (s) => to(s, { destination: '2001:db8:f::9' })],
    ['that has passed a router', (s) => to(s, { hopLimit: 254 })],
    ['from afar', (s) => to(s, { src: '2001:db8:9::9' })],
    ['to a station that is neither on the link nor the destination', (s) => to(s, { target: '2001:db8::7' })],
  ])('not %s', (_name, frame) => {
    const s = fresh();
    s.hear(frame(s));
    expect(goesBy(s, FAR6)).toBe('9');
    expect(goesBy(s, '2001:db8:f::9')).toBe('9');
    expect(['-', 'STALE 8']).toContain(s.state('fe80::8'));
    expect(s.dropped(NOBODY) + s.dropped('neighbor discovery message')).toBe(1);
  });

  test('not on another link, though its router has the same address', () => {
    const s = fresh();
    const other = s.plug([], { autoconf: true });
    s.settled();
    s.hear(ra({ from: 5, src: ROUTER, lifetime: 9000 }), other);
    const me = s.addresses(other)[0]?.address as string;
    s.hear(to(s, { dst: me, to: 101 }), other);
    expect(goesBy(s, FAR6)).toBe('9');
  });

  test('holds for whoever is bound to that interface as well', () => {
    const s = fresh();
    const id = s.stack.udp.bind({ address: null, family: 6, port: 0, shared: false, receiveBuffer: 1000, device: 0 });
    const send = (): string => {
      s.said();
      s.stack.udp.send(id, ip(FAR6), 9, new Uint8Array(1), 0, 1, s.now);
      return s.said().at(-1) ?? '';
    };
    expect(send()).toMatch(/^1 > 9 /);
    s.hear(to(s));
    expect(send()).toMatch(/^1 > 8 /);
    expect(goesBy(s, FAR6)).toBe('8');
  });

  test('not by a router', () => {
    const s = fresh();
    s.net.setForwarding(true);
    s.hear(to(s));
    expect(goesBy(s, FAR6)).toBe('9');
  });
});

describe('a router redirects (RFC 1812 §5.2.7.2, RFC 4861 §8.2)', () => {
  /** A router of two networks on one link, with a better one beside it. */
  function router(): Station {
    const s = new Station(['10.0.0.1/24', '10.0.1.1/24', 'fd00::1/64']);
    s.net.addRoute('0.0.0.0/0', { gateway: '10.0.1.254' });
    s.net.addRoute('::/0', { gateway: 'fe80::9' });
    s.net.setForwarding(true);
    s.settled();
    for (const [from, sender] of [
      [2, '10.0.1.2'],
      [3, '10.0.0.3'],
      [254, '10.0.1.254'],
    ] as const) {
      s.hear(arp({ from, sender, target: sender.startsWith('10.0.1') ? '10.0.1.1' : '10.0.0.1' }));
    }
    s.send('fe80::9', 0);
    s.hear(na({ from: 9, target: 'fe80::9', flags: 'RSO', dst: s.linkLocal }));
    s.said();
    return s;
  }
  const redirects = (s: Station): string[] => s.said().filter((line) => /redirect|icmp 5/.test(line));

  test('a host of the other router’s network, as the router that it knows', () => {
    const s = router();
    s.hear(udp({ from: 2, src: '10.0.1.2', dst: '8.8.8.8' }));
    expect(s.said()).toEqual(['1 > 254 10.0.1.2 > 8.8.8.8 udp', '1 > 2 10.0.1.1 > 10.0.1.2 icmp 5 1']);
  });

  test('none that comes from afar, or from another link, or to its very neighbour’s own network', () => {
    const s = router();
    s.plug(['10.7.0.1/24']);
    s.hear(udp({ from: 254, src: '203.0.113.9', dst: '8.8.8.8' }));
    s.hear(udp({ from: 2, src: '10.7.0.9', dst: '8.8.8.8' })); // as if from the other link
    expect(redirects(s)).toEqual([]);
  });

  test('over IPv6 from its link-local address, to the other router’s, with the MAC address if it is known', () => {
    const s = router();
    s.hear(udp({ from: 2, src: 'fd00::2', dst: FAR6 }));
    s.hear(na({ from: 2, target: 'fd00::2', flags: 'SO', dst: s.linkLocal }));
    expect(redirects(s)).toEqual([`1 > 2 ${s.linkLocal} > fd00::2 redirect ${FAR6} to fe80::9 at 9`]);
  });
});
