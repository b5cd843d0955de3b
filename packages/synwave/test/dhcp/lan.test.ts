/** DHCP on a LAN: a host without an address gets one; two servers, too few addresses, many clients, what each message says. */
import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../src/base/address-text.ts';
import { NEVER, SECOND } from '../../src/base/time.ts';
import { DhcpClient, DhcpServer, type DhcpServerCounters, dhcp, inform, type Lease } from '../../src/dhcp/index.ts';
import { type SimHost, world } from '../../src/sim/index.ts';
import { DhcpType } from '../../src/wire/dhcp.ts';
import { Hand } from './hand.ts';
import { addressesOf, blank, ETH0, net, noteOf, RANGE, routesOf, type Seen, serve, watchDhcp } from './helpers.ts';

const HOUR = 3600 * SECOND;

const line = ({ type, from, src, dst, toMac }: Seen): string => `${type} of ${from}: ${src} > ${dst} ${toMac}`;

describe('a host without an address', () => {
  test('gets one, by the messages and the states of RFC 2131 §3.1 and figure 5', async () => {
    const n = net();
    const [host, cable] = blank(n, 'h1');
    const seen = watchDhcp(cable);
    const client = dhcp(host);
    const notes = noteOf(client);
    expect([client.state, client.lease]).toEqual(['INIT', null]);
    const lease = await n.w.run(() => client.bound);
    expect(notes).toEqual(['SELECTING', 'REQUESTING', 'CHECKING', 'BOUND', 'bound 10.0.0.100']);
    expect(seen.map(line)).toEqual([
      'DISCOVER of h1: 0.0.0.0 > 255.255.255.255 ffffffffffff',
      'OFFER of s1: 10.0.0.1 > 255.255.255.255 ffffffffffff',
      'REQUEST of h1: 0.0.0.0 > 255.255.255.255 ffffffffffff',
      'ACK of s1: 10.0.0.1 > 255.255.255.255 ffffffffffff',
    ]);
    const [discover, offer, request, ack] = seen as [Seen, Seen, Seen, Seen];
    // §4.4.1: the first question waits 1 to 10 seconds.
    expect(discover.time).toBeGreaterThanOrEqual(SECOND);
    expect(discover.time).toBeLessThan(10 * SECOND);
    expect(new Set(seen.map(({ message }) => message.xid)).size).toBe(1);
    // Table 5.
    expect(discover.message).toMatchObject({ broadcast: true, secs: 0, serverId: null, requestedAddress: null });
    expect(discover.message).toMatchObject({ hostName: 'h1', parameters: [1, 3, 6, 15, 26, 58, 59] });
    expect(request.message).toMatchObject({ broadcast: true, secs: 0, parameters: [1, 3, 6, 15, 26, 58, 59] });
    expect(formatAddress(request.message.ciaddr)).toBe('0.0.0.0');
    expect(formatAddress(request.message.requestedAddress as never)).toBe('10.0.0.100');
    expect(formatAddress(request.message.serverId as never)).toBe('10.0.0.1');
    // Table 3.
    for (const { message } of [offer, ack]) {
      expect(message).toMatchObject({ leaseTime: 3600, t1: 1800, t2: 3150, subnetMask: 24, domainName: 'lan.example' });
      expect(message).toMatchObject({ requestedAddress: null, parameters: [], broadcast: true });
      expect([formatAddress(message.yiaddr), formatAddress(message.serverId as never)]).toEqual([
        '10.0.0.100',
        '10.0.0.1',
      ]);
    }
    // The lease is counted from the request (§4.4.1).
    const askedAt = request.time;
    expect(lease).toEqual({
      server: '10.0.0.1',
      address: '10.0.0.100',
      prefixLength: 24,
      routers: ['10.0.0.1'],
      nameServers: ['10.0.0.1', '192.0.2.53'],
      domain: 'lan.example',
      mtu: 0,
      askedAt,
      renewsAt: askedAt + HOUR / 2,
      rebindsAt: askedAt + (HOUR * 7) / 8,
      expiresAt: askedAt + HOUR,
    });
    expect(client.lease).toBe(lease);
    expect(addressesOf(host)).toEqual(['10.0.0.100/24 preferred']);
    expect(routesOf(host)).toEqual(['0.0.0.0/0 10.0.0.1 0']);
    expect(n.dhcpd.leases()).toEqual([
      { address: '10.0.0.100', mac: '02:00:00:00:00:02', hostName: 'h1', state: 'leased', until: ack.time + HOUR },
    ]);
    expect((await n.w.run(() => host.ping('10.0.0.1'))).type).toBe('reply');
    expect(client.counters()).toEqual({ sent: 2, received: 2, naks: 0, declines: 0, dropped: 0 });
  });

  test('has it at once without delay, probes and detection; not before the ACK', async () => {
    const n = net({ probe: 0 });
    const [host] = blank(n, 'h1', { delay: 1000 });
    const client = dhcp(host, ETH0, { delay: 0, detect: false });
    await n.w.run(() => client.bound);
    expect(n.w.now).toBe(4000);
  });

  test('has its address only when nobody answered for it for 4 to 7 seconds (RFC 5227 §2.1.1)', async () => {
    const n = net({ probe: 0 });
    const [host] = blank(n, 'h1');
    const client = dhcp(host, ETH0, { delay: 0 });
    await n.w.runFor(SECOND);
    expect([client.state, client.lease, addressesOf(host)]).toEqual(['CHECKING', null, ['10.0.0.100/24 tentative']]);
    expect(routesOf(host)).toEqual([]);
    await n.w.run(() => client.bound);
    expect(n.w.now).toBeGreaterThanOrEqual(4 * SECOND);
    expect(n.w.now).toBeLessThanOrEqual(7 * SECOND);
  });

  test('takes routers in their order, the MTU, and speaks to other networks by the first that answers', async () => {
    const n = net({ routers: ['10.0.0.2', '10.0.0.1'], mtu: 1000, leaseTime: NEVER });
    const far = n.w.host('far');
    n.w.cable(n.server, far, { addresses: [['192.0.2.1/24'], ['192.0.2.2/24']] });
    n.server.forward();
    far.route('0.0.0.0/0', '192.0.2.1');
    const [host, cable] = blank(n, 'h1');
    const client = dhcp(host);
    const lease = await n.w.run(() => client.bound);
    expect(lease).toMatchObject({ mtu: 1000, renewsAt: NEVER, rebindsAt: NEVER, expiresAt: NEVER });
    expect(routesOf(host)).toEqual(['0.0.0.0/0 10.0.0.2 0', '0.0.0.0/0 10.0.0.1 1']);
    // Nobody is at 10.0.0.2; once that is known, the second router is the way.
    const answers = await n.w.run(async () => {
      const first = await host.ping('192.0.2.2', { timeout: 5 * SECOND });
      return [first.type, (await host.ping('192.0.2.2', { size: 3000 })).type];
    });
    expect(answers).toEqual(['unreachable', 'reply']);
    let largest = 0;
    cable.watch(({ frame, from }) => {
      if (from === 'h1') largest = Math.max(largest, frame.length - 14);
    });
    await n.w.run(() => host.ping('192.0.2.2', { size: 3000 }));
    expect([largest <= 1000, largest > 950]).toEqual([true, true]);
    client.release();
    await n.w.runFor(SECOND);
    expect([addressesOf(host), routesOf(host)]).toEqual([[], []]);
    expect(host.stack.internet.interface(ETH0).mtuFor(4)).toBe(1500);
  });

  test('is refused where there is no Ethernet, or a client already', () => {
    const n = net();
    const [host] = blank(n, 'h1');
    dhcp(host);
    expect(() => dhcp(host, ETH0)).toThrow('EADDRINUSE');
    expect(() => dhcp(host, 0)).toThrow('EINVAL');
    expect(() => dhcp(host, 7)).toThrow('EINVAL');
    expect(() => dhcp(n.w.host('bare'))).toThrow('ENODEV');
    const [other] = blank(n, 'h2');
    for (const options of [{ delay: -1 }, { leaseTime: 0 }, { clientId: Uint8Array.of(1) }]) {
      expect(() => new DhcpClient(other, ETH0, options)).toThrow('EINVAL');
    }
    expect(() => new DhcpClient(other, ETH0, { previous: { address: 'x' } as Lease })).toThrow('EINVAL');
    dhcp(other).close(); // nothing of what failed is left
  });
});

describe('two interfaces', () => {
  test('of a server and of a client each have their own (§3.6)', async () => {
    const w = world();
    const [s1, s2] = [w.switch('s1'), w.switch('s2')];
    const [server, host] = [w.host('server'), w.host('host')];
    w.plug(server, s1, { addresses: ['10.0.1.1/24'] });
    w.plug(server, s2, { addresses: ['10.0.2.1/24'] });
    for (const sw of [s1, s2]) w.plug(host, sw, { addresses: [], autoconf: false });
    const servers = [1, 2].map(
      (k) => new DhcpServer(server, k, { from: `10.0.${k}.10`, to: `10.0.${k}.20`, routers: [`10.0.${k}.1`] }),
    );
    const clients = [1, 2].map((k) => dhcp(host, k, { metric: 10 * k }));
    await w.run(() => Promise.all(clients.map((client) => client.bound)));
    expect(addressesOf(host)).toEqual(['10.0.1.10/24 preferred', '10.0.2.10/24 preferred']);
    expect(routesOf(host)).toEqual(['0.0.0.0/0 10.0.1.1 10', '0.0.0.0/0 10.0.2.1 20']);
    // By unicast as well, though both listen on one port: each renews at T1, without a broadcast.
    await w.runFor(HOUR * 0.6);
    expect(servers.map((each) => [each.counters().requests, each.counters().acks])).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect(clients.map(({ state }) => state)).toEqual(['BOUND', 'BOUND']);
    clients[0]?.release();
    await w.runFor(SECOND);
    expect(routesOf(host)).toEqual(['0.0.0.0/0 10.0.2.1 20']);
  });

  test('on one LAN have a way by its router each, and keep it when the other goes', async () => {
    const n = net();
    const [host] = blank(n, 'h1');
    n.w.plug(host, n.sw, { addresses: [], autoconf: false });
    const clients = [1, 2].map((k) => dhcp(host, k, { metric: k }));
    await n.w.run(() => Promise.all(clients.map((client) => client.bound)));
    expect(routesOf(host)).toEqual(['0.0.0.0/0 10.0.0.1 1', '0.0.0.0/0 10.0.0.1 2']);
    clients[0]?.release();
    expect(routesOf(host)).toEqual(['0.0.0.0/0 10.0.0.1 2']);
    expect((await n.w.run(() => host.ping('10.0.0.1'))).type).toBe('reply');
  });
});

describe('two servers', () => {
  test('one offer is taken, and the other server is free to give its address to others', async () => {
    const n = net({ probe: 0 });
    const second = n.w.host('second');
    n.w.plug(second, n.sw, { addresses: ['10.0.0.2/24'], delay: 1000 });
    const other = serve(second, { from: '10.0.0.200', to: '10.0.0.200', probe: 0 });
    const clients = ['h1', 'h2', 'h3'].map((name) => dhcp(blank(n, name)[0]));
    const leases = await n.w.run(() => Promise.all(clients.map((client) => client.bound)));
    expect(leases.map(({ address, server }) => `${address} of ${server}`).toSorted()).toEqual([
      '10.0.0.100 of 10.0.0.1',
      '10.0.0.101 of 10.0.0.1',
      '10.0.0.102 of 10.0.0.1',
    ]);
    // It had one address, and could offer it to all three.
    expect(other.counters()).toMatchObject({ discovers: 3, offers: 3, acks: 0, naks: 0, exhausted: 0 });
    expect(other.leases()).toEqual([]);
    expect(n.dhcpd.counters()).toMatchObject({ offers: 3, acks: 3, naks: 0 });
    // Both go on in peace: nobody is refused by the other for an address that is none of its own.
    await n.w.runFor(5 * HOUR);
    expect(other.counters().naks + n.dhcpd.counters().naks).toBe(0);
    expect(clients.map(({ lease }) => lease?.address)).toEqual(leases.map(({ address }) => address));
  });
});

describe('too few addresses', () => {
  test('3 for 5 clients: two wait, and get theirs when one is given back or runs out', async () => {
    const n = net({ from: '10.0.0.100', to: '10.0.0.102' });
    const clients = ['h1', 'h2', 'h3', 'h4', 'h5'].map((name) => dhcp(blank(n, name)[0]));
    await n.w.runFor(60 * SECOND);
    const happy = clients.filter(({ state }) => state === 'BOUND');
    const waiting = clients.filter(({ state }) => state === 'SELECTING');
    expect([happy.length, waiting.length]).toEqual([3, 2]);
    expect(n.dhcpd.counters().exhausted).toBeGreaterThan(0);
    expect(n.dhcpd.leases().map(({ address }) => address)).toEqual(['10.0.0.100', '10.0.0.101', '10.0.0.102']);
    const [first, second] = happy as [DhcpClient, DhcpClient, DhcpClient];
    const given = first.lease?.address;
    first.release();
    const third = await n.w.run(() => Promise.race(waiting.map((client) => client.bound)));
    expect(third.address).toBe(given);
    second.close(); // goes without a word: its lease has to run out first
    const until = second.host.now();
    const last = await n.w.run(() => Promise.all(waiting.map((client) => client.bound)));
    expect(new Set(last.map(({ address }) => address)).size).toBe(2);
    expect(n.w.now - until).toBeGreaterThan(HOUR / 2);
  });
});

describe('which address (§4.3.1)', () => {
  test('the same client gets the same one again, for as long as nobody else needs it', async () => {
    const n = net({ from: '10.0.0.100', to: '10.0.0.101', probe: 0 });
    const [hosts] = [['h1', 'h2', 'h3'].map((name) => blank(n, name)[0])] as [[SimHost, SimHost, SimHost]];
    const get = async (host: SimHost): Promise<string> => {
      const client = dhcp(host, ETH0, { delay: 0, detect: false });
      const { address } = await n.w.run(() => client.bound);
      client.release();
      await n.w.runFor(SECOND);
      return address;
    };
    expect([await get(hosts[0]), await get(hosts[1]), await get(hosts[0])]).toEqual([
      '10.0.0.100',
      '10.0.0.101',
      '10.0.0.100',
    ]);
    await n.w.runFor(10 * HOUR);
    // The third gets what was longest nobody's, and whose that was gets another.
    expect([await get(hosts[1]), await get(hosts[2]), await get(hosts[1])]).toEqual([
      '10.0.0.101',
      '10.0.0.100',
      '10.0.0.101',
    ]);
    expect(await get(hosts[0])).toBe('10.0.0.100');
  });

  test('the one that is reserved for its MAC, within the range or not, and for nobody else', async () => {
    const n = net({
      from: '10.0.0.100',
      to: '10.0.0.101',
      probe: 0,
      reserved: { '02:00:00:00:00:03': '10.0.0.50', '02-00-00-00-00-04': '10.0.0.100' },
    });
    const clients = ['h1', 'h2', 'h3', 'h4'].map((name) => dhcp(blank(n, name)[0], ETH0, { delay: 0, detect: false }));
    await n.w.runFor(5 * SECOND);
    expect(clients.map(({ lease }) => lease?.address)).toEqual(['10.0.0.101', '10.0.0.50', '10.0.0.100', undefined]);
  });

  test("the one that it would like, if that is free; never the server's own, or a router's", async () => {
    const n = net({ from: '10.0.0.1', to: '10.0.0.10', routers: ['10.0.0.3'], probe: 0 });
    const hand = new Hand(blank(n, 'h1')[0]);
    const ask = async (mac: string, requested: string): Promise<string[]> => {
      hand.say({ type: 'Discover', mac, requested });
      await n.w.runFor(SECOND);
      return hand.answers();
    };
    expect(await ask('02:00:00:00:bb:01', '10.0.0.7')).toEqual(['OFFER 10.0.0.7']);
    expect(await ask('02:00:00:00:bb:02', '10.0.0.7')).toEqual(['OFFER 10.0.0.2']);
    expect(await ask('02:00:00:00:bb:03', '10.0.0.1')).toEqual(['OFFER 10.0.0.4']);
    expect(await ask('02:00:00:00:bb:04', '10.0.0.3')).toEqual(['OFFER 10.0.0.5']);
    expect(await ask('02:00:00:00:bb:05', '10.0.0.200')).toEqual(['OFFER 10.0.0.6']);
    // One that has an offer keeps it, whatever it would like now.
    expect(await ask('02:00:00:00:bb:01', '10.0.0.9')).toEqual(['OFFER 10.0.0.7']);
  });

  test('a client is who it says it is, not its MAC (§4.2), and is told so (RFC 6842)', async () => {
    const n = net({ probe: 0 });
    const clientId = Uint8Array.of(0, 1, 2, 3);
    const [first, second] = ['h1', 'h2'].map((name) => blank(n, name)) as [
      ReturnType<typeof blank>,
      ReturnType<typeof blank>,
    ];
    const one = dhcp(first[0], ETH0, { clientId, delay: 0, detect: false });
    const { address } = await n.w.run(() => one.bound);
    one.release();
    await n.w.runFor(SECOND);
    const seen = watchDhcp(second[1]);
    const two = dhcp(second[0], ETH0, { clientId, delay: 0, detect: false });
    expect((await n.w.run(() => two.bound)).address).toBe(address);
    expect(seen.map(({ message }) => message.clientId)).toEqual([clientId, clientId, clientId, clientId]);
    two.release();
    await n.w.runFor(SECOND);
    const named = dhcp(second[0], ETH0, { delay: 0, detect: false });
    expect((await n.w.run(() => named.bound)).address).not.toBe(address);
  });
});

describe('how a server answers (§4.1)', () => {
  test('by unicast to the address that it gives, unless the client says that it could not hear that', async () => {
    const n = net({ probe: 0 });
    const [host, cable] = blank(n, 'h1', { mac: '02:00:00:00:aa:01' });
    const seen = watchDhcp(cable);
    const hand = new Hand(host);
    hand.say({ type: 'Discover', broadcast: false });
    await n.w.runFor(SECOND);
    expect(seen.map(line)[1]).toBe('OFFER of s1: 10.0.0.1 > 10.0.0.100 02000000aa01');
    hand.say({ type: 'Request', broadcast: false, requested: '10.0.0.100', server: '10.0.0.1' });
    await n.w.runFor(SECOND);
    expect(seen.map(line)[3]).toBe('ACK of s1: 10.0.0.1 > 10.0.0.100 02000000aa01');
    hand.say({ type: 'Discover', broadcast: true });
    await n.w.runFor(SECOND);
    expect(seen.map(line)[5]).toBe('OFFER of s1: 10.0.0.1 > 255.255.255.255 ffffffffffff');
  });

  test('with what the client asks for, or with all when it does not say', async () => {
    const n = net({ probe: 0, mtu: 1400 });
    const hand = new Hand(blank(n, 'h1')[0]);
    hand.say({ type: 'Discover', parameters: [1, 26] });
    hand.say({ type: 'Discover' });
    await n.w.runFor(SECOND);
    const [some, all] = hand.heard as [(typeof hand.heard)[0], (typeof hand.heard)[0]];
    expect(some).toMatchObject({ subnetMask: 24, mtu: 1400, routers: [], dns: [], domainName: '', leaseTime: 3600 });
    expect(all).toMatchObject({ subnetMask: 24, mtu: 1400, domainName: 'lan.example', leaseTime: 3600 });
    expect([all.routers, all.dns].map((list) => list.map(formatAddress))).toEqual([
      ['10.0.0.1'],
      ['10.0.0.1', '192.0.2.53'],
    ]);
  });

  test('with the time that the client would like, up to its own and down to a minute', async () => {
    const n = net({ probe: 0 });
    const hand = new Hand(blank(n, 'h1')[0]);
    for (const leaseTime of [600, 7200, 1, 0xffff_ffff, 0]) hand.say({ type: 'Discover', leaseTime });
    await n.w.runFor(SECOND);
    expect(hand.heard.map((message) => [message.leaseTime, message.t1, message.t2])).toEqual([
      [600, 300, 525],
      [3600, 1800, 3150],
      [60, 30, 52],
      [3600, 1800, 3150],
      [60, 30, 52],
    ]);
  });

  test('to DHCPINFORM with all but an address and a time (§4.3.5), and a host that asks so is told', async () => {
    const n = net();
    const host = n.w.host('fixed');
    const seen = watchDhcp(n.w.plug(host, n.sw, { addresses: ['10.0.0.77/24'] }));
    const told = await n.w.run(() => inform(host, ETH0));
    expect(told).toEqual({
      server: '10.0.0.1',
      prefixLength: 24,
      routers: ['10.0.0.1'],
      nameServers: ['10.0.0.1', '192.0.2.53'],
      domain: 'lan.example',
      mtu: 0,
    });
    expect(seen.map(({ type, src, dst }) => `${type} ${src} > ${dst}`)).toEqual([
      'INFORM 10.0.0.77 > 255.255.255.255',
      'ACK 10.0.0.1 > 10.0.0.77',
    ]);
    const [asked, answer] = seen as [Seen, Seen];
    expect(formatAddress(asked.message.ciaddr)).toBe('10.0.0.77');
    expect(asked.message).toMatchObject({ requestedAddress: null, serverId: null, leaseTime: -1 });
    expect(answer.message).toMatchObject({ leaseTime: -1, t1: -1, t2: -1 });
    expect(formatAddress(answer.message.yiaddr)).toBe('0.0.0.0');
    expect(n.dhcpd.leases()).toEqual([]);
    expect(addressesOf(host)).toEqual(['10.0.0.77/24 preferred']);
  });

  test('DHCPINFORM gives up after four questions and a minute; it needs an address', async () => {
    const n = net();
    n.dhcpd.close();
    const host = n.w.host('fixed');
    const seen = watchDhcp(n.w.plug(host, n.sw, { addresses: ['10.0.0.77/24'] }));
    await expect(n.w.run(() => inform(host, ETH0))).rejects.toThrow('ETIMEDOUT');
    expect(seen.length).toBe(4);
    expect(n.w.now / SECOND).toBeGreaterThan(55);
    expect(n.w.now / SECOND).toBeLessThan(65);
    const [bare] = blank(n, 'bare');
    await expect(n.w.run(() => inform(bare, ETH0))).rejects.toThrow('EADDRNOTAVAIL');
    await expect(n.w.run(() => inform(host, 0))).rejects.toThrow('EINVAL');
    host.udp({ port: 68 });
    await expect(n.w.run(() => inform(host, ETH0))).rejects.toThrow('EADDRINUSE');
  });
});

describe('what a server is to give', () => {
  test.each<[string, object, string]>([
    ['a range backwards', { from: '10.0.0.20', to: '10.0.0.10' }, 'EINVAL'],
    ['a range in two networks', { from: '10.0.0.20', to: '10.0.1.10' }, 'EINVAL'],
    ['no address', { from: '10.0.0', to: '10.0.0.10' }, 'EINVAL'],
    ['an address of IPv6', { nameServers: ['fd00::1'] }, 'EINVAL'],
    ['a range of another network', { from: '10.9.0.1', to: '10.9.0.9' }, 'EADDRNOTAVAIL'],
    ['more addresses than are kept in mind', { from: '11.0.0.1', to: '11.9.0.1', prefixLength: 8 }, 'EINVAL'],
    ['an MTU that is none', { mtu: 100 }, 'EINVAL'],
    ['no time', { leaseTime: 0 }, 'EINVAL'],
    ['a probe that never ends', { probe: NEVER }, 'EINVAL'],
    ['a network of everything', { prefixLength: 0 }, 'EINVAL'],
    ['a group MAC', { reserved: { '01:00:00:00:00:01': '10.0.0.50' } }, 'EINVAL'],
    [
      'one address for two',
      { reserved: { '02:00:00:00:00:01': '10.0.0.50', '02:00:00:00:00:02': '10.0.0.50' } },
      'EINVAL',
    ],
    ['an address of its own for another', { reserved: { '02:00:00:00:00:01': '10.0.0.1' } }, 'EINVAL'],
    ['an address of another network for one', { reserved: { '02:00:00:00:00:01': '10.0.1.50' } }, 'EINVAL'],
  ])('%s is refused', (_name, options, code) => {
    const n = net();
    n.dhcpd.close();
    expect(() => serve(n.server, { ...RANGE, ...options })).toThrow(code);
    serve(n.server); // the port is still free
  });

  test('one interface has one server, and a server needs an interface', () => {
    const n = net();
    expect(() => serve(n.server)).toThrow('EADDRINUSE');
    expect(() => new DhcpServer(n.server, 9, RANGE)).toThrow('EINVAL');
  });
});

/** Hosts that are switched on together; their addresses, the server's counters and the hash of all packets. */
async function crowd(
  count: number,
  seed: number,
  detect: boolean,
): Promise<{ addresses: (string | undefined)[]; hash: string | null; counters: DhcpServerCounters }> {
  const w = world({ seed, hash: true });
  const sw = w.switch('s1');
  const server = w.host('server');
  w.plug(server, sw, { addresses: ['10.1.0.1/16'] });
  const dhcpd = serve(server, { from: '10.1.1.0', to: '10.1.2.255', routers: ['10.1.0.1'] });
  const clients = Array.from({ length: count }, (_, i) => dhcp(blank({ w, sw }, `h${i}`)[0], ETH0, { detect }));
  await w.run(() => Promise.all(clients.map((client) => client.bound)));
  await w.runUntil(HOUR);
  const addresses = clients.map(({ lease }) => lease?.address);
  return { addresses, hash: w.hash, counters: dhcpd.counters() };
}

test('200 clients at once get 200 addresses, each without a word too many, and have them an hour later', async () => {
  const { addresses, counters } = await crowd(200, 1, false);
  expect(addresses.every((address) => address !== undefined)).toBe(true);
  expect(new Set(addresses).size).toBe(200);
  expect(counters).toMatchObject({ offers: 200, acks: 400, naks: 0, declines: 0, bindings: 200 });
}, 120_000);

test('the same seed, the same packets; another seed, others', async () => {
  const first = await crowd(20, 1, true);
  expect(new Set(first.addresses).size).toBe(20);
  expect(await crowd(20, 1, true)).toEqual(first);
  expect((await crowd(20, 2, true)).hash).not.toBe(first.hash);
}, 60_000);

test('messages of servers are nothing to a server, nor those of clients to a client', async () => {
  const n = net();
  const [host] = blank(n, 'h1');
  const client = dhcp(host, ETH0, { delay: 0 });
  const hand = new Hand(blank(n, 'h2')[0]);
  await n.w.runFor(SECOND / 2);
  for (const type of ['Offer', 'Ack', 'Nak'] as const) hand.say({ type, server: '10.0.0.9', yiaddr: '10.0.0.5' });
  for (const type of ['Discover', 'Request', 'Inform'] as const) {
    hand.say({ type, mac: '02:00:00:00:00:02' }, '255.255.255.255', 68);
  }
  await n.w.runFor(SECOND / 4);
  expect(n.dhcpd.counters().dropped).toBe(3);
  expect([client.counters().dropped, client.state]).toEqual([3, 'SELECTING']);
  expect(Object.keys(DhcpType).length).toBe(8);
});
