/** Ethernet and ARP (RFC 894, RFC 826, RFC 1122 §2.3.2): frames by hand go in, and exactly these frames come out. */
import { describe, expect, test } from 'vitest';
import { BROADCAST_MAC, groupMac, writeMac } from '../../src/base/mac.ts';
import { EtherType, writeEthernet } from '../../src/wire/ethernet.ts';
import { ALL, arp, intoEthernet, ip, macOf, ra, Station, udp } from './station.ts';

const octets = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (h) => Number.parseInt(h, 16));

const fresh = (): Station => new Station(['10.0.0.1/24']).settled();

describe('frames, octet for octet', () => {
  test('a question, to all', () => {
    const s = fresh();
    s.send('10.0.0.2');
    expect(s.heard[0]?.octets).toEqual(
      octets('ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002'),
    );
  });

  test('an answer, to who has asked', () => {
    const s = fresh();
    s.hear(arp({ from: 2, sender: '10.0.0.2', target: '10.0.0.1' }));
    expect(s.heard.map((one) => one.octets)).toEqual([
      octets('020000000002 020000000001 0806 0001 0800 06 04 0002 020000000001 0a000001 020000000002 0a000002'),
    ]);
  });

  test('a packet, once the answer has come', () => {
    const s = fresh();
    s.send('10.0.0.2');
    s.said();
    s.hear(arp({ from: 2, sender: '10.0.0.2', target: '10.0.0.1', reply: true }));
    expect(s.heard[0]?.octets.subarray(0, 34)).toEqual(
      octets('020000000002 020000000001 0800 45 00 001d 0000 4000 40 11 26ce 0a000001 0a000002'),
    );
  });

  test('to all, and to a group: nobody is asked', () => {
    const s = fresh();
    s.stack.udp.setBroadcast(0, true);
    s.send('10.0.0.255');
    s.send('255.255.255.255');
    s.send('224.0.0.251');
    expect(s.said()).toEqual([
      '1 > * 10.0.0.1 > 10.0.0.255 udp',
      '1 > * 10.0.0.1 > 255.255.255.255 udp',
      '1 > 01:00:5e:00:00:fb 10.0.0.1 > 224.0.0.251 udp',
    ]);
  });
});

describe('a frame arrives', () => {
  const NOT_FOR_US = 'Ethernet frame to another station';
  const TYPE = 'Ethernet type';
  const SHORT = 'Ethernet frame cut short';
  const TO_MANY = 'IP packet for one host in an Ethernet frame to many';
  const SOURCE = 'IP source address';

  /** Whether a datagram for us is taken, in a frame that `change` has changed; or why not. */
  function fate(change: (frame: ReturnType<typeof udp>) => void, dst = '10.0.0.1', src = '10.0.0.2'): string {
    const s = fresh();
    const frame = udp({ from: 2, src, dst });
    change(frame);
    s.hear(frame);
    if (s.stack.udp.receive(0) !== null) return 'taken';
    return Object.keys(s.stack.counters().drops).join();
  }

  const to = (mac: number) => (frame: ReturnType<typeof udp>) => writeMac(frame.view, frame.at, mac);
  /** With tags in front of the type, or another type. */
  const typed =
    (...words: number[]) =>
    (frame: ReturnType<typeof udp>): void => {
      const at = frame.at - 4 * (words.length - 1);
      frame.bytes.copyWithin(at, frame.at, frame.at + 12);
      frame.at = at;
      for (const [i, word] of words.entries()) {
        if (i < words.length - 1) frame.view.setUint32(at + 12 + 4 * i, word);
        else frame.view.setUint16(at + 12 + 4 * i, word);
      }
    };

  test.each<[string, (frame: ReturnType<typeof udp>) => void, string]>([
    ['to this station', () => undefined, 'taken'],
    ['to another', to(macOf(3)), NOT_FOR_US],
    ['with padding behind it', (frame) => (frame.end += 17), 'taken'],
    ['with a tag that tells a priority', typed(0x8100_e000, 0x0800), 'taken'],
    ['with a tag of a VLAN', typed(0x8100_0007, 0x0800), 'taken'],
    ['with two tags', typed(0x88a8_0005, 0x8100_0007, 0x0800), 'taken'],
    ['of another type', typed(0x88b5), TYPE],
    ['that says IPv6 and is IPv4', typed(0x86dd), 'IP version'],
    ['of five octets', (frame) => (frame.end = frame.at + 5), SHORT],
    ['with nothing behind the header', (frame) => (frame.end = frame.at + 14), 'IP version'],
  ])('%s', (_name, change, expected) => {
    expect(fate(change)).toContain(expected);
  });

  test.each<[string, string, number, string]>([
    ['a packet for us, in a frame to all (RFC 1122 §3.3.6)', '10.0.0.1', BROADCAST_MAC, TO_MANY],
    ['a packet for us, in a frame to a group', '10.0.0.1', groupMac(ip('224.0.0.1')), TO_MANY],
    ['a packet for us over IPv6, in a frame to a group', 'fd00::1', groupMac(ip('ff02::1')), TO_MANY],
    ['a packet to all, in a frame to all', '10.0.0.255', BROADCAST_MAC, 'taken'],
    ['a packet to all, in a frame to us', '10.0.0.255', macOf(1), 'taken'],
    ['a packet to a group of ours, in a frame to us (RFC 6085)', 'ff02::1', macOf(1), 'taken'],
    ['a packet to a group, in its frame', 'ff02::1', groupMac(ip('ff02::1')), 'taken'],
    ['a packet to a group that nobody has joined', 'ff02::77', groupMac(ip('ff02::77')), 'multicast group'],
  ])('%s', (_name, dst, mac, expected) => {
    const s = new Station().settled();
    s.stack.udp.bind({ address: ip(dst), family: 0, port: 70, shared: false, receiveBuffer: 1000 });
    const frame = udp({ from: 2, src: dst.includes(':') ? 'fd00::2' : '10.0.0.2', dst });
    to(mac)(frame);
    s.hear(frame);
    const taken = s.stack.udp.receive(0) !== null;
    expect(taken ? 'taken' : Object.keys(s.stack.counters().drops).join()).toContain(expected);
  });

  test('a router does not pass on what came in a frame to many (RFC 1812 §5.3.4)', () => {
    const s = new Station(['10.0.0.1/24']);
    s.plug(['10.1.0.1/24']);
    s.settled();
    s.net.setForwarding(true);
    s.hear(udp({ from: 2, to: ALL, src: '10.0.0.2', dst: '10.1.0.2' }));
    expect(s.said()).toEqual([]);
    expect(s.dropped(TO_MANY)).toBe(1);
    s.hear(udp({ from: 2, src: '10.0.0.2', dst: '10.1.0.2' }));
    expect(s.said()).toEqual(['101 > * arp who-has 10.1.0.2 tell 10.1.0.1 101']);
  });

  test.each<[string, string, string]>([
    ['from an address of ours', '10.0.0.1', '10.0.0.1'],
    ['from an address of ours, to all', '10.0.0.1', '10.0.0.255'],
    ['from an address of ours, to a group', '10.0.0.1', '224.0.0.1'],
    ['from all', '10.0.0.255', '10.0.0.1'],
    ['from a group', '224.0.0.1', '10.0.0.1'],
    ['from nobody, to one', '0.0.0.0', '10.0.0.1'],
    ['from inside of a host', '127.0.0.1', '10.0.0.1'],
  ])('that is %s is dropped', (_name, src, dst) => {
    expect(fate(() => undefined, dst, src)).toContain(SOURCE);
  });
});

/** What is known of station 2 (or 3, which says that it is), once such a packet has come; and what is said to it. */
describe('an ARP packet arrives (RFC 826, packet reception)', () => {
  const US = '10.0.0.1';
  const PEER = '10.0.0.2';
  const question = { from: 2, sender: PEER, target: US };
  const ANSWER = '1 > 2 arp 10.0.0.1 is-at 1 to 10.0.0.2 2';
  const SENT = '1 > 2 10.0.0.1 > 10.0.0.2 udp';

  type Before = '-' | 'asked' | 'known' | 'in doubt' | 'silent';
  function before(what: Before): Station {
    const s = fresh();
    if (what !== '-') s.send(PEER);
    if (what === 'silent') s.pass(3);
    if (what === 'known' || what === 'in doubt') s.hear(arp({ ...question, reply: true }));
    if (what === 'in doubt') {
      s.pass(40);
      s.send(PEER);
      s.pass(5);
    }
    s.said();
    return s;
  }

  test.each<[Before, string, Parameters<typeof arp>[0], string, ...string[]]>([
    // before        what comes                     the packet                                     after          said
    ['-', 'a question for us', question, 'STALE 2', ANSWER],
    ['-', 'a question for another', { ...question, target: '10.0.0.9' }, '-'],
    ['-', 'an answer', { ...question, reply: true }, '-'],
    ['-', 'an announcement', { ...question, target: PEER }, '-'],
    ['-', 'an announcement by an answer', { ...question, target: PEER, reply: true, to: ALL }, '-'],
    ['asked', 'an answer', { ...question, reply: true }, 'REACHABLE 2', SENT],
    ['asked', 'an answer for another', { ...question, target: '10.0.0.9', reply: true }, 'DELAY 2', SENT],
    ['asked', 'a question for us', question, 'DELAY 2', SENT, ANSWER],
    ['asked', 'an announcement', { ...question, target: PEER }, 'DELAY 2', SENT],
    ['asked', 'an answer of somebody else', { ...question, sender: '10.0.0.3', reply: true }, 'INCOMPLETE'],
    ['known', 'the same again', { ...question, reply: true }, 'REACHABLE 2'],
    ['known', 'a question for another', { ...question, target: '10.0.0.9' }, 'REACHABLE 2'],
    // RFC 826: a new MAC address supersedes; it proves nothing.
    ['known', 'an answer with another MAC', { ...question, from: 3, reply: true }, 'STALE 3'],
    ['known', 'an announcement with another MAC', { ...question, from: 3, target: PEER }, 'STALE 3'],
    ['known', 'a question with another MAC', { ...question, from: 3, target: '10.0.0.9' }, 'STALE 3'],
    ['in doubt', 'an answer', { ...question, reply: true }, 'REACHABLE 2'],
    ['in doubt', 'an answer with another MAC', { ...question, from: 3, reply: true }, 'REACHABLE 3'],
    ['in doubt', 'an announcement', { ...question, target: PEER }, 'PROBE 2'],
    ['silent', 'an answer, late', { ...question, reply: true }, 'STALE 2'],
    ['silent', 'a question for another', { ...question, target: '10.0.0.9' }, 'STALE 2'],
  ])('%s, %s: %3$s', (from, _what, packet, after, ...said) => {
    const s = before(from);
    s.hear(arp(packet));
    expect(s.state(PEER)).toBe(after);
    expect(s.said()).toEqual(said);
  });

  test.each<[string, Parameters<typeof arp>[0]]>([
    ['a MAC address of many', { ...question, senderMac: groupMac(ip('224.0.0.1')) }],
    ['the MAC address of all', { ...question, senderMac: BROADCAST_MAC }],
    ['an IP address of many', { ...question, sender: '224.0.0.1' }],
    ['the IP address of all', { ...question, sender: '10.0.0.255' }],
    ['an IP address of loopback', { ...question, sender: '127.0.0.1' }],
  ])('a sender with %s is nobody', (_name, packet) => {
    const s = fresh();
    s.hear(arp(packet));
    expect(s.said()).toEqual([]);
    expect(s.net.neighbours()).toEqual([]);
    expect(s.dropped('ARP packet that is not about')).toBe(1);
  });

  test('our own words, come back by a loop, are no news', () => {
    const s = fresh();
    s.hear(arp({ from: 1, sender: US, target: PEER }));
    s.hear(arp({ from: 1, sender: US, target: US }));
    s.hear(arp({ from: 66, senderMac: macOf(1), sender: PEER, target: US })); // nor is it ours that somebody else has
    expect([s.said(), s.told(), s.net.neighbours()]).toEqual([[], [], []]);
  });

  test('who probes for an address of ours is answered (RFC 5227 §2.5), and not noted', () => {
    const s = fresh();
    s.hear(arp({ ...question, sender: '0.0.0.0' }));
    expect(s.said()).toEqual(['1 > 2 arp 10.0.0.1 is-at 1 to 0.0.0.0 2']);
    expect([s.net.neighbours(), s.told()]).toEqual([[], []]);
  });

  test('an address of another interface is none of this one', () => {
    const s = new Station(['10.0.0.1/24']);
    s.plug(['10.1.0.1/24']);
    s.settled();
    s.hear(arp({ ...question, target: '10.1.0.1' }));
    expect(s.said()).toEqual([]);
  });

  test('a packet cut short is dropped, and so is one of another kind', () => {
    const s = fresh();
    const short = arp(question);
    short.end -= 1;
    s.hear(short);
    const other = arp(question);
    other.view.setUint16(other.at + 14, 6);
    s.hear(other);
    expect([s.dropped('ARP packet cut short'), s.dropped('ARP packet that is not')]).toEqual([1, 1]);
  });
});

describe('questions in time', () => {
  test('one a second, three of them (RFC 1122 §2.3.2.1: no flood of questions for one address)', () => {
    const s = fresh();
    s.now = 0;
    for (let i = 0; i < 100; i++) {
      s.send('10.0.0.2');
      s.pass(0.1);
    }
    const times = s.timed().map(([at, line]) => [at, line.startsWith('1 > * arp who-has 10.0.0.2')]);
    expect(times.every(([, is]) => is)).toBe(true);
    const gaps = times.slice(1).map(([at], i) => (at as number) - (times[i]?.[0] as number));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1);
    expect(times.length).toBeGreaterThanOrEqual(9);
    expect(times.length).toBeLessThanOrEqual(11);
  });

  test('what routers of IPv6 say does not change that', () => {
    const s = new Station(['10.0.0.1/24'], { autoconf: true }).settled();
    s.hear(ra({ from: 9, src: 'fe80::9', retransTimer: 100, reachableTime: 3_600_000 }));
    s.said();
    s.now = 100_000_000;
    s.send('10.0.0.2');
    s.pass(2.5);
    expect(s.timed().map(([at]) => at)).toEqual([100, 101, 102]);
    s.hear(arp({ from: 2, sender: '10.0.0.2', target: '10.0.0.1', reply: true }));
    s.pass(31);
    expect(s.state('10.0.0.2')).toBe('STALE 2'); // not REACHABLE for half an hour or more
  });

  test('a station that is in use is asked again after a while, by itself (unicast poll), and then all are', () => {
    const s = fresh();
    s.send('10.0.0.2');
    s.hear(arp({ from: 2, sender: '10.0.0.2', target: '10.0.0.1', reply: true }));
    s.pass(30.5);
    s.said();
    s.now = 100_000_000;
    s.send('10.0.0.2');
    s.pass(8);
    s.send('10.0.0.2');
    expect(s.timed()).toEqual([
      [100, '1 > 2 10.0.0.1 > 10.0.0.2 udp'],
      [105, '1 > 2 arp who-has 10.0.0.2 tell 10.0.0.1 1'],
      [106, '1 > 2 arp who-has 10.0.0.2 tell 10.0.0.1 1'],
      [107, '1 > 2 arp who-has 10.0.0.2 tell 10.0.0.1 1'],
      [108, '1 > * arp who-has 10.0.0.2 tell 10.0.0.1 1'],
    ]);
  });

  test('a host without an address asks as nobody, and hears the answer', () => {
    const s = new Station([], { autoconf: false });
    s.net.addRoute('10.0.0.0/24', { interface: 0 });
    s.plug(['10.9.0.1/24']);
    s.settled();
    s.send('10.0.0.2');
    expect(s.said()).toEqual(['1 > * arp who-has 10.0.0.2 tell 0.0.0.0 1']);
    s.hear(arp({ from: 2, sender: '10.0.0.2', target: '0.0.0.0', reply: true }));
    expect(s.said()).toEqual(['1 > 2 10.9.0.1 > 10.0.0.2 udp']);
  });
});

test('frames of both kinds have room for their headers, whatever stood in them before', () => {
  const s = fresh();
  const frame = intoEthernet(udp({ from: 2, src: '10.0.0.2', dst: '10.0.0.1' }), { from: 2 });
  writeEthernet(frame, macOf(1), macOf(2), EtherType.Ipv4);
  s.hear(frame); // three headers in a row: the first is Ethernet's, the next is no IP
  expect(s.dropped('IP version')).toBe(1);
});
