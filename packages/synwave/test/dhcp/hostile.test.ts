/** What no honest station says: any octets, forged offers, floods of clients; nothing throws, memory is bounded, honest hosts go on. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Address } from '../../src/base/address.ts';
import { parseAddress } from '../../src/base/address-text.ts';
import { Random } from '../../src/base/random.ts';
import { NEVER, SECOND } from '../../src/base/time.ts';
import { dhcp, type Lease } from '../../src/dhcp/index.ts';
import { isOfHost, wordOf } from '../../src/dhcp/ipv4.ts';
import { leaseOf } from '../../src/dhcp/lease.ts';
import { type DhcpMessage, DhcpType, writeDhcp } from '../../src/wire/dhcp.ts';
import * as arbitrary from '../wire/arbitrary.ts';
import { Hand, messageOf, type Words } from './hand.ts';
import { addressesOf, blank, ETH0, net } from './helpers.ts';

const HOUR = 3600 * SECOND;

const parse = (text: string): Address => parseAddress(text) as Address;

describe('an offer', () => {
  const good: Words = { type: 'Offer', yiaddr: '10.0.0.5', server: '10.0.0.1', leaseTime: 1000, mask: 24 };
  const take = (words: Partial<Words>): Lease | null => leaseOf(messageOf({ ...good, ...words }), 0, new Random(1));

  test.each<[string, Partial<Words>]>([
    ['without an address', { yiaddr: '0.0.0.0' }],
    ['of a loopback address', { yiaddr: '127.0.0.5' }],
    ['of a group', { yiaddr: '224.0.0.5' }],
    ['of what is no address', { yiaddr: '250.0.0.5' }],
    ['of all', { yiaddr: '255.255.255.255' }],
    ['of the network itself', { yiaddr: '10.0.0.0' }],
    ['of the broadcast address', { yiaddr: '10.0.0.255' }],
    ['without a time', { leaseTime: -1 }],
    ['for no time', { leaseTime: 0 }],
    ['of a server that is a group', { server: '224.0.0.1' }],
    ['of a server that is nobody', { server: '0.0.0.0' }],
    ['of a server that is all', { server: '255.255.255.255' }],
  ])('%s is not taken', (_name, words) => expect(take(words)).toBeNull());

  test('without a server is not taken', () => {
    const message = messageOf(good);
    message.serverId = null;
    expect(leaseOf(message, 0, new Random(1))).toBeNull();
  });

  test.each<[string, Partial<Words>, Partial<Lease>]>([
    ['as it is', {}, { address: '10.0.0.5', prefixLength: 24, mtu: 0, expiresAt: 1000 * SECOND }],
    ['for ever', { leaseTime: 0xffff_ffff }, { renewsAt: NEVER, rebindsAt: NEVER, expiresAt: NEVER }],
    ['with its times', { t1: 10, t2: 20 }, { renewsAt: 10 * SECOND, rebindsAt: 20 * SECOND }],
    ['of two addresses only', { mask: 31, yiaddr: '10.0.0.4' }, { address: '10.0.0.4', prefixLength: 31 }],
    ['of one address only', { mask: 32 }, { address: '10.0.0.5', prefixLength: 32 }],
    ['without a mask: by the class, A', { mask: -1 }, { prefixLength: 8 }],
    ['B', { mask: -1, yiaddr: '172.16.0.1' }, { prefixLength: 16 }],
    ['C', { mask: -1, yiaddr: '192.0.2.1' }, { prefixLength: 24 }],
    ['with a mask for everything', { mask: 0 }, { prefixLength: 8 }],
    ['with an MTU that would slow us', { mtu: 575 }, { mtu: 0 }],
    ['with the least MTU', { mtu: 576 }, { mtu: 576 }],
    [
      'with routers that are none',
      { routers: ['0.0.0.0', '224.0.0.1', '10.0.0.5', '10.0.0.1'] },
      { routers: ['10.0.0.1'] },
    ],
    ['with one router often', { routers: ['10.0.0.1', '10.0.0.1'] }, { routers: ['10.0.0.1'] }],
    ['with a domain', { domain: 'a-b.example.' }, { domain: 'a-b.example.' }],
    ['with a domain that is none', { domain: 'x; reboot' }, { domain: '' }],
    ['with a domain that is too long', { domain: `${'a.'.repeat(127)}a` }, { domain: '' }],
  ])('%s is taken', (_name, words, lease) => expect(take(words)).toMatchObject(lease));

  test('with thousands of routers is taken with eight', () => {
    const routers = Array.from({ length: 2000 }, (_, i) => `10.1.${i >> 8}.${i & 0xff || 1}`);
    expect(take({ routers })?.routers.length).toBe(8);
  });

  test.each([
    { t1: 20, t2: 10 },
    { t1: 10, t2: 10 },
    { t1: 0, t2: 500 },
    { t1: 500, t2: 1000 },
    { t1: 500, t2: 2000 },
    { t1: 500 },
    { t2: 500 },
  ])('whose times make no sense is taken with others: %o', (words) => {
    const lease = take(words);
    expect((lease?.renewsAt ?? 0) / SECOND).toBeCloseTo(500, -2);
    expect((lease?.rebindsAt ?? 0) / SECOND).toBeCloseTo(875, -2);
    expect(lease?.renewsAt).toBeLessThan(lease?.rebindsAt ?? 0);
    expect(lease?.rebindsAt).toBeLessThan(lease?.expiresAt ?? 0);
  });
});

/** A message of which most is as it should be, or none; in `truths` each bit says what is. */
interface Lie {
  readonly message: DhcpMessage;
  readonly truths: number;
  readonly cut: number;
}

const lies: fc.Arbitrary<Lie> = fc.record({
  message: arbitrary.dhcps,
  truths: fc.oneof(fc.constant(0xff), fc.nat(0xff)),
  cut: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(300) }),
});

/** The lie as an answer to what was asked. */
function answerTo(asked: DhcpMessage, { message, truths, cut }: Lie): Uint8Array {
  const isTrue = (bit: number): boolean => ((truths >> bit) & 1) === 1;
  message.op = 2;
  message.type = asked.type === DhcpType.Discover ? DhcpType.Offer : isTrue(7) ? DhcpType.Ack : DhcpType.Nak;
  if (isTrue(0)) message.xid = asked.xid;
  if (isTrue(1)) message.chaddr = asked.chaddr;
  if (isTrue(2)) message.yiaddr.copy(asked.requestedAddress ?? parse('10.0.0.50'));
  if (isTrue(3)) message.serverId = parse('10.0.0.66');
  if (isTrue(4)) message.leaseTime = 1 + (message.xid % 2000);
  if (isTrue(5)) message.subnetMask = 24;
  const bytes = writeDhcp(message);
  return bytes.subarray(0, bytes.length - Math.min(cut, bytes.length));
}

describe('any octets to both', () => {
  test('never throw; the client has one address at most, the server no more than its range; honest ones find each other', async () => {
    let deceived = 0;
    const noise = fc.tuple(fc.uint8Array({ maxLength: 600 }), fc.constantFrom(67, 68), fc.nat(20_000));
    const messages = fc.tuple(arbitrary.dhcps.map(writeDhcp), fc.constantFrom(67, 68), fc.nat(20_000));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(noise, messages), { minLength: 1, maxLength: 40, size: 'max' }),
        fc.array(lies, { maxLength: 20, size: 'max' }),
        async (script, answers) => {
          const n = net({ from: '10.0.0.100', to: '10.0.0.109', probe: 0 });
          n.w.cables[0]?.set({ delay: SECOND }); // the liar is quicker
          const [host] = blank(n, 'h1');
          const client = dhcp(host, ETH0, { delay: 0 });
          const [liar] = blank(n, 'liar');
          const hand = new Hand(liar, 67);
          hand.onMessage = (asked) => {
            const lie = answers.shift();
            if (asked.op === 1 && lie !== undefined) hand.octets(answerTo(asked, lie), '255.255.255.255', 68);
          };
          for (const [bytes, port, wait] of script) {
            await n.w.runFor(wait * 1000);
            hand.octets(bytes, '255.255.255.255', port);
            const held = addressesOf(host);
            expect(held.length).toBeLessThanOrEqual(1);
            if (client.lease !== null) expect(held[0]?.startsWith(`${client.lease.address}/`)).toBe(true);
            if (client.lease !== null) expect(isOfHost(wordOf(parse(client.lease.address)), 32)).toBe(true);
            expect(n.dhcpd.counters().bindings).toBeLessThanOrEqual(10);
            if (client.lease?.server === '10.0.0.66') deceived++;
          }
          liar.crash();
          // What the liar gave lasts 2,000 seconds at most, or for ever; then the client finds the honest server.
          await n.w.runFor(HOUR);
          expect(client.lease).not.toBeNull();
          expect(addressesOf(host).length).toBe(1);
          client.release();
          expect(addressesOf(host)).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
    expect(deceived).toBeGreaterThan(20); // the lies are good ones
  }, 120_000);
});

describe('a flood of 10,000 clients', () => {
  test.each([true, false])(
    'that ask for an address (by broadcast %s): what is kept is bounded, and those with a lease renew',
    async (broadcast) => {
      const n = net();
      const honest = [dhcp(blank(n, 'h1')[0]), dhcp(blank(n, 'h2')[0])];
      const leases = await n.w.run(() => Promise.all(honest.map((client) => client.bound)));
      const hand = new Hand(blank(n, 'attacker')[0]);
      await n.w.runUntil((leases[0] as Lease).renewsAt - 5 * SECOND);
      for (let i = 0; i < 10_000; i++) {
        const clientId = i % 2 === 0 ? { clientId: new Uint8Array(2 + (i % 254)).fill(i) } : {};
        hand.say({ type: 'Discover', mac: 0x0200_00ff_0000 + i, broadcast, hostName: 'x'.repeat(200), ...clientId });
        if (i % 10 === 0) await n.w.runFor(10_000);
      }
      await n.w.runFor(10_000);
      expect(n.dhcpd.counters().discovers).toBe(10_002);
      expect(n.dhcpd.counters().bindings).toBeLessThanOrEqual(100);
      expect(n.dhcpd.counters().exhausted + n.dhcpd.counters().busy).toBeGreaterThan(9000);
      expect(n.server.counters().held.neighbours).toBeLessThanOrEqual(1024);
      await n.w.runFor(60 * SECOND);
      expect(honest.map(({ state, lease }) => [state, lease?.address])).toEqual(
        leases.map(({ address }) => ['BOUND', address]),
      );
      expect(honest.map(({ lease }) => (lease?.askedAt ?? 0) > HOUR / 3)).toEqual([true, true]);
      // Offers that nobody took are void after two minutes: who comes then gets an address.
      await n.w.runFor(120 * SECOND);
      const late = dhcp(blank(n, 'late')[0]);
      await n.w.run(() => late.bound);
      expect(n.dhcpd.leases().map(({ state }) => state)).toEqual(['leased', 'leased', 'leased']);
    },
    60_000,
  );

  test('that claim to have a lease, or take the whole range: others are not harmed by it', async () => {
    const n = net();
    const honest = dhcp(blank(n, 'h1')[0]);
    const lease = await n.w.run(() => honest.bound);
    const hand = new Hand(blank(n, 'attacker')[0]);
    for (let i = 0; i < 10_000; i++) {
      const requested = `10.0.0.${i % 256}`;
      hand.say({
        type: 'Request',
        mac: 0x0200_00ff_0000 + i,
        ...(i % 2 === 0 ? { requested } : { ciaddr: requested }),
      });
      if (i % 3 === 0) hand.say({ type: 'Decline', mac: 0x0200_00ff_0000 + i, requested, server: '10.0.0.1' });
      if (i % 5 === 0) hand.say({ type: 'Release', mac: 0x0200_00ff_0000 + i, ciaddr: requested, server: '10.0.0.1' });
      if (i % 10 === 0) await n.w.runFor(10_000);
    }
    expect(n.dhcpd.counters().bindings).toBeLessThanOrEqual(100);
    await n.w.runFor(10 * HOUR);
    expect(honest.lease?.address).toBe(lease.address);
    expect(honest.counters()).toMatchObject({ naks: 0, declines: 0 });
  }, 60_000);

  test('a client whose identifier is too long to be kept in mind, or whose MAC is none, is not answered', async () => {
    const n = net();
    const hand = new Hand(blank(n, 'h1')[0]);
    hand.say({ type: 'Discover', clientId: new Uint8Array(256) });
    hand.say({ type: 'Discover', mac: 0 });
    hand.say({ type: 'Discover', mac: '01:00:5e:00:00:01' });
    hand.say({ type: 'Discover', mac: 'ff:ff:ff:ff:ff:ff' });
    hand.say({ type: 'Discover', ciaddr: '10.0.0.5' });
    hand.say({ type: 'Discover', giaddr: '192.0.2.1' });
    hand.say({ type: 'Inform', ciaddr: '192.0.2.1' });
    await n.w.runFor(5 * SECOND);
    expect(n.dhcpd.counters()).toMatchObject({ dropped: 7, bindings: 0, offers: 0, acks: 0 });
    hand.say({ type: 'Discover', clientId: new Uint8Array(255) });
    await n.w.runFor(5 * SECOND);
    expect(n.dhcpd.counters()).toMatchObject({ dropped: 7, bindings: 1, offers: 1 });
  });
});
