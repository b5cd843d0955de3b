/** Addresses that somebody has already: found by the server's echo before they are offered, by the client's ARP before they are used. */
import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress } from '../../src/base/address-text.ts';
import { Frame } from '../../src/base/frame.ts';
import { BROADCAST_MAC } from '../../src/base/mac.ts';
import { SECOND } from '../../src/base/time.ts';
import { dhcp } from '../../src/dhcp/index.ts';
import type { Cable } from '../../src/sim/index.ts';
import { Arp, writeArp } from '../../src/wire/arp.ts';
import { EtherType, writeEthernet } from '../../src/wire/ethernet.ts';
import { Hand } from './hand.ts';
import { addressesOf, blank, ETH0, net, noteOf, RANGE, type Seen, serve, watchDhcp } from './helpers.ts';

const HOUR = 3600 * SECOND;

describe('somebody has set an address of the range by hand', () => {
  test('the server finds out by an echo, and offers another (§2.2)', async () => {
    const n = net();
    n.w.plug(n.w.host('squatter'), n.sw, { addresses: ['10.0.0.100/24'] });
    const client = dhcp(blank(n, 'h1')[0], ETH0, { delay: 0 });
    const { address } = await n.w.run(() => client.bound);
    expect(address).toBe('10.0.0.101');
    expect(client.counters().declines).toBe(0);
    expect(n.dhcpd.counters()).toMatchObject({ conflicts: 1, offers: 1, declines: 0 });
    expect(n.dhcpd.leases().map((lease) => [lease.address, lease.mac, lease.state])).toEqual([
      ['10.0.0.100', '', 'set aside'],
      ['10.0.0.101', '02:00:00:00:00:03', 'leased'],
    ]);
  });

  test('without echoes the client finds out by ARP, declines, and gets another after ten seconds (§3.1.5)', async () => {
    const n = net({ probe: 0 });
    n.w.plug(n.w.host('squatter'), n.sw, { addresses: ['10.0.0.100/24'] });
    const [host, cable] = blank(n, 'h1');
    const client = dhcp(host, ETH0, { delay: 0 });
    const notes = noteOf(client);
    const seen = watchDhcp(cable);
    const { address } = await n.w.run(() => client.bound);
    expect(address).toBe('10.0.0.101');
    expect(notes).toEqual([
      ...['SELECTING', 'REQUESTING', 'CHECKING', 'INIT', 'declined 10.0.0.100'],
      ...['SELECTING', 'REQUESTING', 'CHECKING', 'BOUND', 'bound 10.0.0.101'],
    ]);
    expect(addressesOf(host)).toEqual(['10.0.0.101/24 preferred']);
    const decline = seen.find(({ type }) => type === 'DECLINE') as Seen;
    // Table 5, §4.4.4.
    expect([decline.src, decline.dst]).toEqual(['0.0.0.0', '255.255.255.255']);
    expect(
      [decline.message.requestedAddress, decline.message.serverId].map((each) => formatAddress(each as never)),
    ).toEqual(['10.0.0.100', '10.0.0.1']);
    expect(decline.message).toMatchObject({ secs: 0, parameters: [], leaseTime: -1, hostName: '' });
    expect(formatAddress(decline.message.ciaddr)).toBe('0.0.0.0');
    const next = seen.find(({ type, time }) => type === 'DISCOVER' && time > decline.time) as Seen;
    expect(next.time - decline.time).toBe(10 * SECOND);
    expect(next.message.requestedAddress).toBeNull();
    expect([client.counters().declines, n.dhcpd.counters().declines]).toEqual([1, 1]);
    expect(n.dhcpd.leases()[0]).toMatchObject({ address: '10.0.0.100', mac: '', state: 'set aside' });
  });

  test('an address that was declined is left alone for an hour, also when it is the last one', async () => {
    const n = net({ from: '10.0.0.100', to: '10.0.0.100', probe: 0 });
    const squatter = n.w.host('squatter');
    n.w.plug(squatter, n.sw, { addresses: ['10.0.0.100/24'] });
    const client = dhcp(blank(n, 'h1')[0], ETH0, { delay: 0 });
    await n.w.runFor(60 * SECOND);
    squatter.crash();
    const from = n.w.now;
    await n.w.run(() => client.bound);
    expect(n.w.now - from).toBeGreaterThan(HOUR - 60 * SECOND);
    expect(n.w.now - from).toBeLessThan(HOUR + 120 * SECOND);
    expect(n.dhcpd.counters()).toMatchObject({ declines: 1, offers: 2 });
  });

  test('an address that this host has by other means is declined as well', async () => {
    const n = net({ probe: 0 });
    const [host] = blank(n, 'h1');
    host.stack.internet.addAddress(ETH0, '10.0.0.100/24');
    const client = dhcp(host, ETH0, { delay: 0 });
    expect((await n.w.run(() => client.bound)).address).toBe('10.0.0.101');
    expect(addressesOf(host)).toEqual(['10.0.0.100/24 preferred', '10.0.0.101/24 preferred']);
    client.release();
    expect(addressesOf(host)).toEqual(['10.0.0.100/24 preferred']);
  });
});

/** ARP of another station that says that an address is its own. */
function claim(cable: Cable, text: string): void {
  const [end] = cable.ends;
  const frame = new Frame(64);
  frame.at = 64;
  frame.end = 64;
  const arp = new Arp();
  arp.senderMac = end.mac ?? 0;
  for (const address of [arp.sender, arp.target]) address.copy(parseAddress(text) ?? address);
  writeArp(frame, arp);
  writeEthernet(frame, BROADCAST_MAC, arp.senderMac, EtherType.Arp);
  end.send(frame);
}

describe('somebody takes an address that a client has', () => {
  test('once it is defended; twice within ten seconds it is given up, declined, and another is asked for (RFC 5227 §2.4)', async () => {
    const n = net();
    const [host] = blank(n, 'h1');
    const client = dhcp(host, ETH0, { delay: 0 });
    await n.w.run(() => client.bound);
    const notes = noteOf(client);
    const [, cable] = blank(n, 'thief');
    for (let i = 0; i < 3; i++) {
      claim(cable, '10.0.0.100');
      await n.w.runFor(11 * SECOND);
    }
    expect([client.state, addressesOf(host), notes]).toEqual(['BOUND', ['10.0.0.100/24 preferred'], []]);
    claim(cable, '10.0.0.100');
    await n.w.runFor(9 * SECOND);
    claim(cable, '10.0.0.100');
    await n.w.runFor(SECOND);
    expect([client.state, client.lease, addressesOf(host)]).toEqual(['INIT', null, []]);
    expect(notes).toEqual(['INIT', 'lost conflict', 'declined 10.0.0.100']);
    expect((await n.w.run(() => client.bound)).address).toBe('10.0.0.101');
    expect(n.dhcpd.counters().declines).toBe(1);
  });

  test('one that has it by hand does not let go of it: the client gets another', async () => {
    const n = net();
    const [host] = blank(n, 'h1');
    const client = dhcp(host, ETH0, { delay: 0 });
    await n.w.run(() => client.bound);
    n.w.plug(n.w.host('squatter'), n.sw, { addresses: ['10.0.0.100/24'] });
    await n.w.runFor(60 * SECOND);
    expect([client.state, addressesOf(host)]).toEqual(['BOUND', ['10.0.0.101/24 preferred']]);
    expect(client.counters().declines).toBe(1);
  });
});

describe('a DHCPDECLINE', () => {
  test('of who was not given the address is dropped: nobody declines addresses away from others', async () => {
    const n = net({ probe: 0 });
    const client = dhcp(blank(n, 'h1')[0], ETH0, { delay: 0, detect: false });
    await n.w.run(() => client.bound);
    const hand = new Hand(blank(n, 'h2')[0]);
    const mine = { type: 'Decline', requested: '10.0.0.100', server: '10.0.0.1', mac: '02:00:00:00:00:02' } as const;
    hand.say({ ...mine, mac: '02:00:00:00:00:03' });
    hand.say({ ...mine, requested: '10.0.0.150' });
    hand.say({ ...mine, server: '10.0.0.2' });
    hand.say({ type: 'Decline', mac: '02:00:00:00:00:02' });
    await n.w.runFor(SECOND);
    expect(n.dhcpd.counters()).toMatchObject({ declines: 0, dropped: 4 });
    expect(n.dhcpd.leases()).toMatchObject([{ address: '10.0.0.100', state: 'leased' }]);
    hand.say(mine);
    await n.w.runFor(SECOND);
    expect(n.dhcpd.leases()).toMatchObject([{ address: '10.0.0.100', state: 'set aside', mac: '' }]);
  });
});

describe('probes by echo', () => {
  test('are made once for a client that asks again meanwhile, and answered to what it asked last', async () => {
    const n = net({ probe: 3 * SECOND });
    const hand = new Hand(blank(n, 'h1')[0]);
    hand.say({ type: 'Discover', xid: 1 });
    await n.w.runFor(SECOND);
    hand.say({ type: 'Discover', xid: 2 });
    await n.w.runFor(SECOND);
    expect(n.dhcpd.leases()).toMatchObject([{ address: '10.0.0.100', state: 'offered' }]);
    expect(hand.heard).toEqual([]);
    await n.w.runFor(5 * SECOND);
    expect(hand.heard.map(({ xid }) => xid)).toEqual([2]);
    expect(n.server.counters().icmp.out).toBe(1);
    // What was offered is not probed again.
    hand.say({ type: 'Discover', xid: 3 });
    await n.w.runFor(SECOND);
    expect(hand.heard.map(({ xid }) => xid)).toEqual([2, 3]);
    expect(n.server.counters().icmp.out).toBe(1);
  });

  test('are 128 at most: who asks beyond that has to ask again', async () => {
    const n = net({ from: '10.0.0.10', to: '10.0.0.250' });
    const hand = new Hand(blank(n, 'h1')[0]);
    for (let i = 0; i < 200; i++) hand.say({ type: 'Discover', mac: 0x0200_0000_bb00 + i });
    await n.w.runFor(5 * SECOND);
    expect(hand.answers().length).toBe(128);
    expect(n.dhcpd.counters()).toMatchObject({ discovers: 200, busy: 72, exhausted: 0 });
    for (let i = 128; i < 200; i++) hand.say({ type: 'Discover', mac: 0x0200_0000_bb00 + i });
    await n.w.runFor(5 * SECOND);
    expect(hand.answers().length).toBe(72);
  });

  test('an offer stands for two minutes, then the address is free for others', async () => {
    const n = net({ from: '10.0.0.100', to: '10.0.0.100', probe: 0 });
    const hand = new Hand(blank(n, 'h1')[0]);
    hand.say({ type: 'Discover', mac: '02:00:00:00:bb:01' });
    await n.w.runFor(119 * SECOND);
    hand.say({ type: 'Discover', mac: '02:00:00:00:bb:02' });
    await n.w.runFor(SECOND / 2);
    expect(hand.answers()).toEqual(['OFFER 10.0.0.100']);
    await n.w.runFor(SECOND);
    hand.say({ type: 'Discover', mac: '02:00:00:00:bb:02' });
    await n.w.runFor(SECOND);
    expect(hand.answers()).toEqual(['OFFER 10.0.0.100']);
    // The first one is late: it is refused.
    hand.say({ type: 'Request', mac: '02:00:00:00:bb:01', requested: '10.0.0.100', server: '10.0.0.1' });
    await n.w.runFor(SECOND);
    expect(hand.answers()).toEqual(['NAK']);
  });

  test('nothing is probed when it is not wanted', async () => {
    const n = net();
    n.dhcpd.close();
    serve(n.server, { ...RANGE, probe: 0 });
    const client = dhcp(blank(n, 'h1')[0], ETH0, { delay: 0, detect: false });
    await n.w.run(() => client.bound);
    expect(n.server.counters().icmp.out).toBe(0);
  });
});
