/** Neighbor discovery on the wire (RFC 4861 §7.1, §7.2, RFC 6980): frames by hand go in, and exactly these frames come out. */
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { groupMac } from '../../src/base/mac.ts';
import { EtherType, writeEthernet } from '../../src/wire/ethernet.ts';
import { addressSum, FRAGMENT_NEXT_HEADER, Packet, Protocol } from '../../src/wire/ip.ts';
import { writeFragmentHeader, writeIpv6 } from '../../src/wire/ipv6.ts';
import { clearNd, NdMessage, NdType, writeNd } from '../../src/wire/nd.ts';
import { ip, macOf, na, nd, ns, ra, redirect6, rs, Station, solicited } from './station.ts';

const octets = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (h) => Number.parseInt(h, 16));

const US = 'fd00::1';
const PEER = 'fd00::2';
const fresh = (): Station => new Station(['fd00::1/64']).settled();
const INVALID = 'neighbor discovery message that RFC 4861';

describe('frames, octet for octet', () => {
  test('a solicitation, to the group of the target', () => {
    const s = fresh();
    s.send(PEER);
    expect(s.heard[0]?.octets).toEqual(
      octets(`3333ff000002 020000000001 86dd 60000000 0020 3a ff
        fd000000000000000000000000000001 ff0200000000000000000001ff000002
        87 00 7d97 00000000 fd000000000000000000000000000002 0101 020000000001`),
    );
  });

  test('an advertisement, to who has asked', () => {
    const s = fresh();
    s.hear(ns({ from: 2, src: PEER, target: US }));
    expect(s.heard.map((one) => one.octets)).toEqual([
      octets(`020000000002 020000000001 86dd 60000000 0020 3a ff
        fd000000000000000000000000000001 fd000000000000000000000000000002
        88 00 1c9c 60000000 fd000000000000000000000000000001 0201 020000000001`),
    ]);
  });
});

describe('a solicitation arrives (§7.2.3, §7.2.4)', () => {
  const TO_PEER = '1 > 2 fd00::1 > fd00::2';

  test.each<[string, Parameters<typeof ns>[0], string, ...string[]]>([
    ['for us', { from: 2, src: PEER, target: US }, 'DELAY 2', `${TO_PEER} na ${US} SO at 1`],
    ['for us, to ourselves', { from: 2, src: PEER, target: US, dst: US }, 'DELAY 2', `${TO_PEER} na ${US} SO at 1`],
    ['from nobody', { from: 2, src: '::', target: US }, '-', `1 > 33:33:00:00:00:01 ${US} > ff02::1 na ${US} O at 1`],
    ['for another', { from: 2, src: PEER, target: 'fd00::9' }, '-'],
    ['for another, to us', { from: 2, src: PEER, target: 'fd00::9', dst: US }, '-'],
    ['for another, to our group', { from: 2, src: PEER, target: 'fd01::1' }, '-'],
    // §7.2.4: the MAC address has to be found first, though the frame had one.
    [
      'without a MAC address',
      { from: 2, src: PEER, target: US, option: null },
      'INCOMPLETE',
      `1 > 33:33:ff:00:00:02 ${US} > ff02::1:ff00:2 ns ${PEER} from 1`,
    ],
    [
      'with another than the frame',
      { from: 2, src: PEER, target: US, option: macOf(3) },
      'DELAY 3',
      `1 > 3 ${US} > ${PEER} na ${US} SO at 1`,
    ],
  ])('%s: %2$s', (_name, question, after, ...said) => {
    const s = fresh();
    s.hear(ns(question));
    expect(s.state(PEER)).toBe(after);
    expect(s.said()).toEqual(said);
  });

  test('a router says that it is one, and a host that it is none', () => {
    const s = fresh();
    s.net.setForwarding(true);
    s.hear(ns({ from: 2, src: PEER, target: US }));
    s.net.setForwarding(false);
    s.hear(ns({ from: 2, src: PEER, target: US }));
    expect(s.said()).toEqual([`1 > 2 ${US} > ${PEER} na ${US} RSO at 1`, `1 > 2 ${US} > ${PEER} na ${US} SO at 1`]);
  });

  test('for an address of another interface it is nobody’s here', () => {
    const s = new Station(['fd00::1/64']);
    s.plug(['fd01::1/64']);
    s.settled();
    s.hear(ns({ from: 2, src: PEER, target: 'fd01::1', dst: US }));
    expect(s.said()).toEqual([]);
  });

  test('whether an entry is of a router, a solicitation does not say', () => {
    const s = fresh();
    s.send(PEER);
    s.hear(na({ from: 2, target: PEER, flags: 'RSO', dst: US }));
    s.hear(ns({ from: 2, src: PEER, target: US }));
    expect(s.neighbour(PEER)?.isRouter).toBe(true);
    s.hear(ns({ from: 3, src: 'fd00::3', target: US }));
    expect(s.neighbour('fd00::3')?.isRouter).toBe(false);
  });
});

describe('an advertisement arrives (§7.2.5)', () => {
  test.each<[string, string, boolean]>([
    ['R', 'RS', true],
    ['no R', 'S', false],
    ['R, unasked', 'R', true],
    ['no R, unasked', '', false],
    ['R, of another MAC address that overrides', 'RO 3', true],
    ['no R, of another MAC address that overrides', 'O 3', false],
    ['no R, of another MAC address that does not: ignored', ' 3', true],
  ])('%s', (_name, said, isRouter) => {
    const s = fresh();
    s.send(PEER);
    const [flags, from = '2'] = said.split(' ') as [string, string?];
    // It was the other thing before, unless it is to be ignored.
    const before = said === ' 3' ? 'RSO' : isRouter ? 'SO' : 'RSO';
    s.hear(na({ from: 2, target: PEER, flags: before, dst: US }));
    s.hear(na({ from: Number(from), target: PEER, flags, dst: flags.includes('S') ? US : 'ff02::1' }));
    expect(s.neighbour(PEER)?.isRouter).toBe(isRouter);
  });

  test('a router that becomes a host is no default router any more (§7.3.3), on that link', () => {
    const s = new Station([], { autoconf: true });
    const other = s.plug([], { autoconf: true });
    s.settled();
    for (const index of [0, other]) {
      s.hear(ra({ from: 9, src: 'fe80::9', prefixes: [{ prefix: `2001:db8:${index}::` }] }), index);
    }
    s.settled(5);
    const routers = (): string[] =>
      s.net.routes().flatMap(({ gateway, interface: by }) => (gateway === null ? [] : [`${gateway} ${by}`]));
    expect(routers()).toEqual(['fe80::9 eth0', `fe80::9 eth${other}`]);
    s.hear(na({ from: 9, target: 'fe80::9', flags: 'R' }));
    expect(routers()).toHaveLength(2);
    s.hear(na({ from: 9, target: 'fe80::9' }));
    expect(routers()).toEqual([`fe80::9 eth${other}`]);
    // Who says again that it is a router has to advertise to be used.
    s.hear(na({ from: 9, target: 'fe80::9', flags: 'R' }));
    expect(routers()).toHaveLength(1);
  });
});

describe('what is not valid is discarded (§7.1, §6.1, §8.1)', () => {
  /** A valid message of each type, by a station that has us as its router and its host. */
  const valid: Record<string, (change: { hopLimit?: number; quote?: Uint8Array }) => Frame> = {
    'a solicitation': ({ hopLimit = 255 }) => ns({ from: 2, src: PEER, target: US, hopLimit }),
    'an advertisement': ({ hopLimit = 255 }) => na({ from: 2, target: PEER, flags: 'SO', dst: US, hopLimit }),
    'a router’s solicitation': ({ hopLimit = 255 }) =>
      nd(NdType.RouterSolicitation, { from: 2, src: 'fe80::2', dst: 'ff02::2', hopLimit }),
    'a router’s advertisement': ({ hopLimit = 255 }) => ra({ from: 2, src: 'fe80::2', packetHopLimit: hopLimit }),
    'a redirect': ({ hopLimit = 255 }) =>
      redirect6({ from: 2, src: 'fe80::2', dst: US, destination: '2001:db8::1', target: '2001:db8::1', hopLimit }),
  };

  test.each(Object.keys(valid))('%s with a hop limit of 254 has passed a router', (name) => {
    const s = fresh();
    s.net.setForwarding(true); // a member of the routers' group
    s.net.setForwarding(false);
    const build = valid[name] as (change: { hopLimit?: number }) => Frame;
    s.net.advertise(0, {});
    s.said();
    s.hear(build({ hopLimit: 254 }));
    expect(s.dropped(INVALID)).toBe(1);
    expect(s.net.neighbours()).toEqual([]);
    s.hear(build({}));
    expect(s.dropped(INVALID)).toBe(1);
  });

  test.each<[string, Frame]>([
    ['a router’s advertisement from a global address', ra({ from: 9, src: 'fd00::9' })],
    ['a router’s advertisement from nobody', ra({ from: 9, src: '::', bare: true })],
    ['a solicitation from nobody, to one', ns({ from: 2, src: '::', target: US, dst: 'ff02::1' })],
    ['an answer to all', na({ from: 2, target: PEER, flags: 'SO' })],
    ['a MAC address of many', ns({ from: 2, src: PEER, target: US, option: groupMac(ip('ff02::1')) })],
    [
      'an answer with a MAC address of many',
      na({ from: 2, target: PEER, flags: 'O', option: groupMac(ip('ff02::1')) }),
    ],
  ])('%s', (_name, frame) => {
    const s = new Station(['fd00::1/64'], { autoconf: true }).settled();
    s.send(PEER);
    s.said();
    s.hear(frame);
    expect(s.dropped(INVALID)).toBe(1);
    expect([s.said(), s.state(PEER), s.net.routes().length]).toEqual([[], 'INCOMPLETE', 3]);
  });

  test('with a wrong checksum, or cut short', () => {
    const s = fresh();
    const wrong = ns({ from: 2, src: PEER, target: US });
    wrong.bytes[wrong.end - 1] = 77;
    s.hear(wrong);
    const short = ns({ from: 2, src: PEER, target: US });
    short.end -= 4;
    s.hear(short);
    expect([s.dropped('ICMP checksum wrong'), s.dropped('IPv6 payload length')]).toEqual([1, 1]);
    expect([s.said(), s.net.neighbours()]).toEqual([[], []]);
  });

  test.each<[string, number]>([
    ['whole, with a fragment header', 1],
    ['in two fragments, which are put together first', 2],
  ])('%s (RFC 6980 §5)', (_name, pieces) => {
    const message = new NdMessage();
    clearNd(message, NdType.NeighborSolicitation);
    message.target.copy(ip(US));
    message.sourceMac = macOf(2);
    const packet = new Packet();
    packet.family = 6;
    packet.hopLimit = 255;
    packet.src.copy(ip(PEER));
    packet.dst.copy(ip(US));
    const whole = Frame.from(new Uint8Array(0), 256);
    writeNd(whole, message, addressSum(packet.src, packet.dst, Protocol.Icmpv6));
    const text = whole.copy();
    const s = fresh();
    const each = pieces === 1 ? text.length : 16;
    packet.protocol = FRAGMENT_NEXT_HEADER;
    for (let at = 0; at < text.length; at += each) {
      const frame = Frame.from(text.slice(at, at + each), 256);
      writeFragmentHeader(frame, Protocol.Icmpv6, at, at + each < text.length, 99);
      writeIpv6(frame, packet);
      writeEthernet(frame, macOf(1), macOf(2), EtherType.Ipv6);
      s.hear(frame);
    }
    expect(s.dropped(INVALID)).toBe(1);
    expect([s.said(), s.net.neighbours()]).toEqual([[], []]);
    // The next one that comes whole is as good as ever.
    s.hear(ns({ from: 2, src: PEER, target: US, dst: US }));
    expect(s.said()).toHaveLength(1);
  });
});

describe('a host and a router', () => {
  test('a host does not hear who asks for routers (§6.2.6)', () => {
    const s = fresh();
    s.hear(rs({ from: 2, src: 'fe80::2' }));
    expect(s.dropped('multicast group that nobody')).toBe(1);
    s.hear(nd(NdType.RouterSolicitation, { from: 2, src: PEER, dst: US, fill: (m) => (m.sourceMac = macOf(2)) }));
    expect([s.said(), s.net.neighbours()]).toEqual([[], []]);
  });

  test('one that asks is no router, whatever it was (§6.2.6)', () => {
    const s = fresh();
    s.net.advertise(0, {});
    s.settled();
    s.send('fe80::2');
    s.hear(na({ from: 2, target: 'fe80::2', flags: 'RSO', dst: s.linkLocal }));
    expect(s.neighbour('fe80::2')?.isRouter).toBe(true);
    s.hear(rs({ from: 2, src: 'fe80::2', option: null }));
    expect(s.neighbour('fe80::2')?.isRouter).toBe(false);
    expect(s.state('fe80::2')).toBe('REACHABLE 2');
  });

  test('a router takes no advice of another', () => {
    const s = new Station([], { autoconf: true }).settled();
    s.net.setForwarding(true);
    s.hear(ra({ from: 9, src: 'fe80::9', prefixes: [{ prefix: '2001:db8::' }], mtu: 1300, hopLimit: 3 }));
    expect([s.net.routes().length, s.addresses().length]).toEqual([2, 1]);
    expect(s.net.neighbours()).toEqual([]);
  });
});

test('groups of its addresses are joined from the beginning and left with the last of them', () => {
  const s = fresh();
  const asks = (target: string): boolean => {
    const before = s.dropped('multicast group that nobody');
    s.hear(ns({ from: 2, src: PEER, target }));
    return s.dropped('multicast group that nobody') === before;
  };
  expect(asks('fd00::abcd')).toBe(false);
  s.net.addAddress(0, 'fd00::abcd/64', { detect: true });
  s.net.addAddress(0, 'fd00:0:0:0:1::abcd/64');
  expect(solicited('fd00::abcd')).toBe(solicited('fd00:0:0:0:1::abcd'));
  expect(asks('fd00::abcd')).toBe(true);
  s.net.removeAddress(0, 'fd00::abcd');
  expect(asks('fd00::abcd')).toBe(true);
  s.net.removeAddress(0, 'fd00:0:0:0:1::abcd');
  expect(asks('fd00::abcd')).toBe(false);
});
