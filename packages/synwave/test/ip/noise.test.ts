/** Frames that no honest station sends, and honest ones in any order, thrown at hosts and routers: nothing throws, all ends, tables are bounded, what is said stays right. */
import { describe, expect, test } from 'vitest';
import { fold, sum } from '../../src/base/checksum.ts';
import type { Frame } from '../../src/base/frame.ts';
import type { Mac } from '../../src/base/mac.ts';
import { Random } from '../../src/base/random.ts';
import { NEVER, SECOND } from '../../src/base/time.ts';
import { Ethernet, EtherType, readEthernet } from '../../src/wire/ethernet.ts';
import { addressSum, isFragment, Packet, Protocol, readIp } from '../../src/wire/ip.ts';
import { ALL, arp, ip, macOf, na, ns, ra, redirect4, redirect6, rs, Station, udp } from './station.ts';

/** Addresses that matter to the station, and some that do not. */
const V4 = [
  '10.0.0.1',
  '10.0.0.2',
  '10.0.0.254',
  '10.0.0.255',
  '0.0.0.0',
  '255.255.255.255',
  '127.0.0.1',
  '224.0.0.1',
  '8.8.8.8',
  '10.1.0.7',
];
const V6 = [
  'fd00::1',
  'fd00::2',
  'fe80::2',
  'fe80::9',
  '::',
  '::1',
  'ff02::1',
  'ff02::2',
  '2001:db8:f::1',
  'fd01::7',
  'ff02::1:ff00:1',
];

/** Fills in every checksum of the frame that there is a place for, as if its sender had meant what it says. */
function repair(frame: Frame): void {
  const ethernet = new Ethernet();
  if (readEthernet(ethernet, frame) !== 0) return;
  if (ethernet.type !== EtherType.Ipv4 && ethernet.type !== EtherType.Ipv6) return;
  const { view, at } = frame;
  frame.at = ethernet.textAt;
  const header = ((view.getUint8(frame.at) & 15) << 2) + frame.at;
  if (view.getUint8(frame.at) >> 4 === 4 && header <= frame.end) {
    view.setUint16(frame.at + 10, 0);
    view.setUint16(frame.at + 10, ~sum(frame, frame.at, header, 0) & 0xffff);
  }
  const packet = new Packet();
  const fault = readIp(packet, frame, true);
  frame.at = at;
  if (fault !== 0 || isFragment(packet)) return;
  const { protocol, textAt, textEnd, family } = packet;
  const place = protocol === Protocol.Udp ? 6 : protocol === Protocol.Icmp || protocol === Protocol.Icmpv6 ? 2 : -1;
  if (place < 0 || textAt + place + 2 > textEnd) return;
  const pseudo =
    protocol === Protocol.Icmp && family === 4
      ? 0
      : fold(addressSum(packet.src, packet.dst, protocol) + textEnd - textAt);
  view.setUint16(textAt + place, 0);
  view.setUint16(textAt + place, ~sum(frame, textAt, textEnd, pseudo) & 0xffff);
}

class Noise {
  readonly s: Station;
  readonly random: Random;
  private readonly isRouter: boolean;
  private readonly indices: readonly number[];

  constructor(seed: number, isRouter: boolean) {
    this.random = new Random(seed);
    this.isRouter = isRouter;
    this.s = new Station(['10.0.0.1/24', 'fd00::1/64'], { seed, autoconf: !isRouter, detect: this.random.chance(0.3) });
    this.indices = [0, this.s.plug(['10.1.0.1/24', 'fd01::1/64'], { autoconf: !isRouter })];
    this.s.net.addRoute('0.0.0.0/0', { gateway: '10.0.0.254' });
    if (!isRouter) this.s.watch = (line) => this.check(line);
    if (isRouter) {
      this.s.net.setForwarding(true);
      this.s.net.advertise(0, { interval: 4 });
    }
  }

  step(): void {
    const { random, s } = this;
    const act = random.below(100);
    if (act < 80) this.say();
    else if (act < 90) s.send(this.pick(random.chance(0.5) ? V4 : V6), random.chance(0.5) ? 0 : undefined);
    else if (act < 98) s.pass(random.chance(0.1) ? random.below(100) : random.fraction());
    else this.user();
    s.heard.length = 0;
    s.events.length = 0;
    s.stack.udp.receive(0);
  }

  /** What a host says comes from an address that it may use now, or from nobody. */
  private check(line: string): void {
    expect(line).not.toMatch(/(^| )bad /);
    const from = /^\d+ > \S+ (?:arp who-has \S+ tell (\S+)|arp (\S+) is-at|(\S+) >)/
      .exec(line)
      ?.slice(1)
      .find((one) => one !== undefined);
    if (from === '::' || from === '0.0.0.0') return;
    const own = this.indices.flatMap((index) => this.s.addresses(index)).find(({ address }) => address === from);
    expect([line, own?.state]).toEqual([line, expect.stringMatching(/preferred|deprecated/)]);
  }

  private say(): void {
    const { random, s } = this;
    const frame = this.frame();
    // One in two is bent somewhere, and made to look right again.
    for (let n = random.chance(0.5) ? 1 + random.below(3) : 0; n > 0; n--) {
      const at = frame.at + random.below(frame.length);
      frame.bytes[at] = random.chance(0.5) ? random.below(256) : (frame.bytes[at] as number) ^ (1 << random.below(8));
      if (random.chance(0.05)) frame.end = frame.at + random.below(frame.length) + 1;
    }
    if (random.chance(0.95)) repair(frame);
    s.hear(frame, this.pick(this.indices));
  }

  /** A frame that is well formed, if not in its right place. */
  private frame(): Frame {
    const { random, s } = this;
    const from = this.pick([1, 2, 9, 66, 254]);
    const to = random.chance(0.7) ? 1 : ALL;
    const mac: Mac = random.chance(0.9) ? macOf(from) : random.below(0x1_0000_0000);
    const own = s.addresses(this.pick(this.indices)).map(({ address }) => address);
    const v4 = (): string => (random.chance(0.7) ? this.pick(V4) : `10.0.${random.below(256)}.${random.below(256)}`);
    const v6 = (): string => {
      if (random.chance(0.3)) return this.pick(own.filter((address) => address.includes(':')).concat('fd00::1'));
      return random.chance(0.7) ? this.pick(V6) : `fd00::${random.below(0x10000).toString(16)}`;
    };
    const target = (): string => {
      for (;;) {
        const one = v6();
        if (!one.startsWith('ff')) return one;
      }
    };
    const link = (): string => `fe80::${random.below(random.chance(0.8) ? 16 : 0x10000).toString(16)}`;
    const bit = (): boolean => random.chance(0.5);
    switch (random.below(9)) {
      case 0:
        return arp({ from, to, sender: v4(), target: v4(), senderMac: mac, reply: bit() });
      case 1:
        return ns({ from, src: v6(), target: target(), option: bit() ? mac : null });
      case 2: {
        const flags = `${bit() ? 'R' : ''}${bit() ? 'S' : ''}${bit() ? 'O' : ''}`;
        return na({
          from,
          target: target(),
          src: v6(),
          dst: bit() ? v6() : 'ff02::1',
          flags,
          option: bit() ? mac : null,
        });
      }
      case 3:
        return ra({
          from,
          src: random.chance(0.9) ? link() : v6(),
          lifetime: bit() ? 0 : random.below(9001),
          hopLimit: random.below(256),
          reachableTime: bit() ? 0 : random.next(),
          retransTimer: bit() ? 0 : random.next(),
          mtu: bit() ? 0 : random.below(3000),
          prefixes: Array.from({ length: random.below(9) }, () => ({
            prefix: `2001:db8:${random.below(40).toString(16)}::`,
            length: bit() ? 64 : random.below(129),
            flags: `${bit() ? 'L' : ''}${bit() ? 'A' : ''}`,
            valid: bit() ? random.below(100) : random.next(),
            preferred: bit() ? random.below(100) : random.next(),
          })),
          dns: Array.from({ length: random.below(5) }, () => v6()),
          dnsLifetime: bit() ? random.below(100) : random.next(),
        });
      case 4:
        return rs({ from, src: v6(), option: bit() ? mac : null });
      case 5:
        return redirect6({
          from,
          src: link(),
          dst: v6(),
          destination: v6(),
          target: bit() ? link() : v6(),
          option: bit() ? mac : null,
        });
      case 6: {
        const quote = udp({ from: 1, src: v4(), dst: v4() });
        return redirect4({ from, src: v4(), dst: v4(), target: v4(), quote: quote.copy().subarray(14) });
      }
      default: {
        const isV4 = bit();
        return udp({
          from,
          to,
          src: isV4 ? v4() : v6(),
          dst: isV4 ? v4() : v6(),
          text: random.below(100),
          hopLimit: random.below(256),
          port: bit() ? 7 : 9,
        });
      }
    }
  }

  private user(): void {
    const { random, s } = this;
    const index = this.pick(this.indices);
    switch (random.below(6)) {
      case 0:
      case 1:
        s.net.setUp(index, random.chance(0.7));
        break;
      case 2: {
        const n = index === 0 ? 0 : 1;
        const address = random.chance(0.5)
          ? `10.${n}.0.${2 + random.below(250)}/24`
          : `fd0${n}::${(1 + random.below(0xffff)).toString(16)}/64`;
        const origin = random.chance(0.5) ? 'leased' : 'static';
        if (
          !s.addresses(index).some((one) => address.startsWith(`${one.address}/`)) &&
          s.addresses(index).length < 30
        ) {
          try {
            s.net.addAddress(index, address, {
              origin,
              detect: random.chance(0.7),
              validUntil: s.now + random.below(100) * SECOND,
            });
          } catch (error) {
            expect(String(error)).toContain('EADDRINUSE'); // the other interface has it
          }
        }
        break;
      }
      case 3:
        if (this.isRouter) s.net.advertise(0, random.chance(0.5) ? null : { interval: 4 });
        else s.net.setForwarding(true);
        if (!this.isRouter) s.net.setForwarding(false);
        break;
      case 4:
        s.stack.udp.join(0, ip(this.pick(['ff02::77', '224.0.0.77'])), index);
        break;
      default:
        if (random.chance(0.2)) this.crash();
    }
  }

  /** After it no timer is left, and nothing that was learned. */
  crash(): void {
    const { s } = this;
    s.stack.crash();
    expect(s.turn()).toBe(NEVER);
    expect(s.net.neighbours()).toEqual([]);
    expect(s.net.routes().filter(({ origin }) => origin === 'advertised' || origin === 'leased')).toEqual([]);
    s.restart();
  }

  bounds(): void {
    const { s } = this;
    const { held } = s.stack.counters();
    expect(held.neighbours).toBeLessThanOrEqual(1024);
    expect(held.paths).toBeLessThanOrEqual(4096);
    expect(held.fragments).toBeLessThanOrEqual(4 << 20);
    for (const index of this.indices) {
      const made = s.addresses(index).filter(({ origin }) => origin === 'advertised');
      expect(made.length).toBeLessThanOrEqual(16);
      const told = s.net.routes().filter((route) => route.origin === 'advertised' && route.interface === `eth${index}`);
      expect(told.length).toBeLessThanOrEqual(32);
    }
    expect(s.net.nameServers().length).toBeLessThanOrEqual(32);
  }

  pick<T>(all: readonly T[]): T {
    return all[this.random.below(all.length)] as T;
  }
}

describe('a link on which anything is said', { timeout: 120_000 }, () => {
  test.each([
    ['a host', false],
    ['a router', true],
  ])('%s bears it, and its neighbour finds it as ever', (_name, isRouter) => {
    const drops = new Set<string>();
    for (let seed = 1; seed <= 5; seed++) {
      const noise = new Noise(seed, isRouter);
      for (let i = 0; i < 2500; i++) {
        noise.step();
        if (i % 500 === 0) noise.bounds();
      }
      noise.bounds();
      const { s } = noise;
      for (const reason of Object.keys(s.stack.counters().drops)) drops.add(reason);
      // The noise is over.
      s.net.setUp(0, false);
      s.net.setUp(0, true);
      s.pass(10);
      for (const [address, own] of [
        ['10.0.0.2', '10.0.0.1'],
        ['fd00::2', 'fd00::1'],
      ] as const) {
        if (s.addresses().every((one) => one.address !== own)) continue; // somebody else had it when it was probed for
        const isV4 = own.startsWith('10');
        const answer = (): Station =>
          s.hear(
            isV4
              ? arp({ from: 2, sender: address, target: own, reply: true })
              : na({ from: 2, target: address, flags: 'SO', dst: own }),
          );
        s.hear(isV4 ? arp({ from: 2, sender: address, target: own }) : ns({ from: 2, src: address, target: own }));
        expect(s.said().some((line) => line.startsWith('1 > 2 '))).toBe(true);
        if (s.addresses().some((one) => one.address === address)) continue; // it was taken for the station's own
        s.send(address);
        answer();
        expect(s.said().filter((line) => line.startsWith('1 > 2 ') && line.endsWith('udp'))).not.toEqual([]);
      }
      noise.crash();
    }
    // It was noise of all kinds.
    for (const reason of [
      'ARP packet that is not',
      'neighbor discovery message',
      'neighbor discovery option',
      'IP source address',
      'ICMP message about nothing',
      'IP version',
      'Ethernet frame to another',
      'multicast group',
      'IP packet for one host in an Ethernet frame to many',
      'neighbour does not answer',
      'interface is down',
    ]) {
      expect(
        [...drops].some((one) => one.startsWith(reason)),
        reason,
      ).toBe(true);
    }
  });
});
