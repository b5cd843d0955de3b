/** A lease in time: renewed at T1, rebound at T2, run out, refused, given back; across a crash of the client and of the server. */
import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../src/base/address-text.ts';
import { MINUTE, SECOND } from '../../src/base/time.ts';
import { type DhcpClient, type DhcpClientOptions, dhcp, type Lease } from '../../src/dhcp/index.ts';
import type { Cable, SimHost } from '../../src/sim/index.ts';
import { Hand } from './hand.ts';
import {
  addressesOf,
  blank,
  ETH0,
  type Net,
  net,
  noteOf,
  RANGE,
  routesOf,
  type Seen,
  serve,
  watchDhcp,
} from './helpers.ts';

const HOUR = 3600 * SECOND;

interface Bound extends Net {
  readonly host: SimHost;
  readonly cable: Cable;
  readonly client: DhcpClient;
  readonly lease: Lease;
  readonly seen: Seen[];
  readonly notes: string[];
}

/** A client that is BOUND for an hour, from nothing on; what is seen and noted begins there. */
async function bound(n: Net, options: DhcpClientOptions = {}, name = 'h1'): Promise<Bound> {
  const [host, cable] = blank(n, name);
  const client = dhcp(host, ETH0, { delay: 0, ...options });
  const lease = await n.w.run(() => client.bound);
  return { ...n, host, cable, client, lease, seen: watchDhcp(cable), notes: noteOf(client) };
}

const line = ({ type, src, dst, time }: Seen, from: number): string =>
  `${Math.round((time - from) / SECOND)} ${type} ${src} > ${dst}`;

describe('at T1', () => {
  test('the server is asked for more time by unicast, and the lease is counted from there (§4.4.5)', async () => {
    const { w, client, lease, seen, notes, host } = await bound(net());
    await w.runUntil(lease.renewsAt - 1);
    expect([seen, client.state]).toEqual([[], 'BOUND']);
    await w.runUntil(lease.renewsAt + SECOND);
    expect(notes).toEqual(['RENEWING', 'BOUND', 'renewed 10.0.0.100']);
    expect(seen.map((each) => line(each, lease.renewsAt))).toEqual([
      '0 REQUEST 10.0.0.100 > 10.0.0.1',
      '0 ACK 10.0.0.1 > 10.0.0.100',
    ]);
    // Table 5: the address is in `ciaddr` and nowhere else.
    const [{ message }] = seen as [Seen];
    expect(formatAddress(message.ciaddr)).toBe('10.0.0.100');
    expect(message).toMatchObject({ requestedAddress: null, serverId: null, broadcast: false, secs: 0 });
    expect(client.lease).toMatchObject({ askedAt: lease.renewsAt, expiresAt: lease.renewsAt + HOUR });
    expect(addressesOf(host)).toEqual(['10.0.0.100/24 preferred']);
    // And so on.
    await w.runFor(100 * HOUR);
    expect(client.state).toBe('BOUND');
    expect(addressesOf(host)).toEqual(['10.0.0.100/24 preferred']);
    expect(new Set(notes)).toEqual(new Set(['RENEWING', 'BOUND', 'renewed 10.0.0.100']));
  });

  test('what the server tells anew is done, and what it tells no longer is undone', async () => {
    const n = net();
    const { w, client, lease, host, server } = await bound(n);
    host.route('0.0.0.0/0', '10.0.0.1', 7); // the user's own, by the same router, stays
    n.dhcpd.close();
    serve(server, { ...RANGE, routers: ['10.0.0.9'], mtu: 1400, nameServers: [], domain: 'new' });
    await w.runUntil(lease.renewsAt + SECOND);
    expect(client.lease).toMatchObject({ routers: ['10.0.0.9'], nameServers: [], domain: 'new', mtu: 1400 });
    expect(routesOf(host)).toEqual(['0.0.0.0/0 10.0.0.9 0', '0.0.0.0/0 10.0.0.1 7']);
    expect(host.stack.internet.interface(ETH0).mtuFor(4)).toBe(1400);
  });

  test('a connection survives it, and another mask too', async () => {
    const n = net({ leaseTime: 10 * MINUTE });
    const { w, lease, host, server, client } = await bound(n);
    const listener = server.listen({ port: 80 });
    const total = await w.run(async () => {
      const mine = host.connect({ address: '10.0.0.1', port: 80 });
      await mine.opened;
      const theirs = await listener.accept();
      let count = 0;
      const reading = (async () => {
        for await (const chunk of theirs ?? []) count += chunk.length;
      })();
      for (let i = 0; i < 100; i++) {
        await mine.write(new Uint8Array(1000));
        await w.sleep(30 * SECOND);
        if (i === 50) {
          n.dhcpd.close();
          serve(server, { ...RANGE, prefixLength: 16, leaseTime: 10 * MINUTE });
        }
      }
      mine.end();
      await reading;
      return count;
    });
    expect(total).toBe(100_000);
    expect(w.now).toBeGreaterThan(lease.expiresAt + 30 * MINUTE);
    expect(client.lease?.address).toBe(lease.address);
    expect(addressesOf(host)).toEqual(['10.0.0.100/16 preferred']);
  });

  test('the user may ask for more time before', async () => {
    const { w, client, lease, notes } = await bound(net());
    await w.runFor(MINUTE);
    const from = w.now;
    client.renew();
    expect(client.state).toBe('RENEWING');
    client.renew(); // once is enough
    await w.runFor(SECOND);
    expect(notes).toEqual(['RENEWING', 'BOUND', 'renewed 10.0.0.100']);
    expect(client.lease).toMatchObject({ askedAt: from, expiresAt: from + HOUR });
    expect(from).toBeLessThan(lease.renewsAt);
  });

  test('with no times told, clients spread theirs around 1/2 and 7/8 of the lease', async () => {
    const n = net();
    n.dhcpd.close();
    const hand = new Hand(n.server, 67);
    hand.onMessage = (asked) => {
      const type = asked.type === 1 ? 'Offer' : 'Ack';
      const yiaddr = `10.0.0.${100 + (asked.chaddr % 256)}`;
      const words = { type, xid: asked.xid, mac: asked.chaddr, yiaddr, server: '10.0.0.1', leaseTime: 3600 } as const;
      hand.say(
        { ...words, mask: 24, ...(asked.chaddr % 2 === 0 ? {} : { t1: 3000, t2: 2000 }) },
        '255.255.255.255',
        68,
      );
    };
    const leases: Lease[] = [];
    for (let i = 0; i < 6; i++) leases.push((await bound(n, {}, `h${i}`)).lease);
    const t1 = leases.map((lease) => (lease.renewsAt - lease.askedAt) / HOUR);
    const t2 = leases.map((lease) => (lease.rebindsAt - lease.askedAt) / HOUR);
    expect(new Set(t1).size).toBe(6);
    expect(t1.every((part) => part > 0.489 && part < 0.511)).toBe(true);
    expect(t2.every((part) => part > 0.857 && part < 0.893)).toBe(true);
    expect(leases.every(({ askedAt, expiresAt }) => expiresAt === askedAt + HOUR)).toBe(true);
  });
});

describe('at T2', () => {
  test('every server is asked, by broadcast; requests follow each other by half of what is left (§4.4.5)', async () => {
    const { w, client, lease, seen, notes, dhcpd } = await bound(net());
    dhcpd.close();
    const other = w.host('other');
    await w.runUntil(lease.rebindsAt - SECOND);
    expect(notes).toEqual(['RENEWING']);
    // From T1 at 1800 s to T2 at 3150: halves, and none that would be nearer than a minute.
    expect(seen.map((each) => line(each, lease.askedAt))).toEqual(
      [1800, 2475, 2813, 2981, 3066, 3126].map((at) => `${at} REQUEST 10.0.0.100 > 10.0.0.1`),
    );
    seen.length = 0;
    await w.runUntil(lease.rebindsAt + SECOND);
    expect(seen.map((each) => line(each, lease.askedAt))).toEqual(['3150 REQUEST 10.0.0.100 > 255.255.255.255']);
    const [{ message }] = seen as [Seen];
    expect(formatAddress(message.ciaddr)).toBe('10.0.0.100');
    expect(message).toMatchObject({ requestedAddress: null, serverId: null, secs: 1350 });
    // Somebody else has taken over the range, and answers the next one.
    w.plug(other, w.switches[0] as never, { addresses: ['10.0.0.2/24'] });
    serve(other);
    await w.runUntil(lease.expiresAt);
    expect(notes).toEqual(['RENEWING', 'REBINDING', 'BOUND', 'renewed 10.0.0.100']);
    expect(client.lease).toMatchObject({ server: '10.0.0.2', address: '10.0.0.100' });
    expect(client.lease?.askedAt).toBe(lease.askedAt + 3375 * SECOND);
  });

  test('a server of another range keeps silent', async () => {
    const { w, client, lease, server, sw } = await bound(net());
    server.crash();
    const other = w.host('other');
    w.plug(other, sw, { addresses: ['10.0.0.2/24'] });
    const dhcpd = serve(other, { from: '10.0.0.200', to: '10.0.0.210' });
    await w.runUntil(lease.expiresAt - SECOND);
    expect(client.state).toBe('REBINDING');
    expect(dhcpd.counters()).toMatchObject({ naks: 0, acks: 0 });
    expect(dhcpd.counters().requests).toBeGreaterThan(0);
    const next = await w.run(
      () =>
        new Promise<Lease>((resolve) => {
          client.handler = (event) => event.type === 'bound' && resolve(event.lease);
        }),
    );
    expect(next.address).toBe('10.0.0.200');
  });
});

describe('at its end', () => {
  test('the address goes at once, connections hear nothing; with the same address again they go on', async () => {
    const { w, client, lease, seen, notes, server, host, dhcpd } = await bound(net());
    const listener = server.listen({ port: 80 });
    const [mine, theirs] = await w.run(async () => {
      const opened = host.connect({ address: '10.0.0.1', port: 80 });
      await opened.opened;
      return [opened, await listener.accept()] as const;
    });
    dhcpd.close();
    await w.runUntil(lease.expiresAt - 1);
    expect([client.state, client.lease, addressesOf(host)]).toEqual(['REBINDING', lease, ['10.0.0.100/24 preferred']]);
    seen.length = 0;
    await w.runUntil(lease.expiresAt + 1);
    expect([client.state, client.lease, addressesOf(host), routesOf(host)]).toEqual(['SELECTING', null, [], []]);
    expect(notes).toEqual(['RENEWING', 'REBINDING', 'INIT', 'lost expired', 'SELECTING']);
    expect(formatAddress(seen[0]?.message.requestedAddress as never)).toBe('10.0.0.100'); // it would like that one again
    expect(seen.map(({ type, src }) => `${type} ${src}`)).toEqual(['DISCOVER 0.0.0.0']);
    await w.run(() => theirs?.write(new Uint8Array(10)) ?? Promise.resolve());
    await w.runFor(20 * SECOND);
    expect([mine.readable, theirs?.info().snd.flight]).toEqual([0, 10]);
    serve(server);
    expect((await w.run(() => client.bound)).address).toBe('10.0.0.100');
    await w.runFor(2 * MINUTE);
    expect([mine.readable, theirs?.info().snd.flight]).toEqual([10, 0]);
  });

  test('while a host that was plugged in again waits for an answer, it is kept no longer either', async () => {
    const { w, client, lease, host, dhcpd, notes } = await bound(net());
    dhcpd.close();
    await w.runUntil(lease.expiresAt - 10 * SECOND);
    host.setUp(ETH0, false);
    host.setUp(ETH0, true);
    await w.runUntil(lease.expiresAt + 1);
    expect([client.lease, addressesOf(host)]).toEqual([null, []]);
    expect(notes.slice(2)).toEqual(['INIT-REBOOT', 'REBOOTING', 'INIT', 'lost expired', 'SELECTING']);
  });
});

describe('refused (DHCPNAK)', () => {
  test('in RENEWING by its server: the address goes, and another is asked for at once', async () => {
    const n = net({ from: '10.0.0.100', to: '10.0.0.101', probe: 0 });
    const { w, client, lease, notes, server, host, seen } = await bound(n);
    n.dhcpd.close();
    // The address has become another host's.
    serve(server, { ...RANGE, reserved: { '02:00:00:00:00:99': '10.0.0.100' } });
    await w.runUntil(lease.renewsAt + 10 * SECOND);
    expect(notes).toEqual([
      ...['RENEWING', 'INIT', 'lost refused', 'SELECTING', 'REQUESTING', 'CHECKING', 'BOUND'],
      'bound 10.0.0.101',
    ]);
    expect(addressesOf(host)).toEqual(['10.0.0.101/24 preferred']);
    expect(client.counters().naks).toBe(1);
    // §4.1: to all, for the client may have no address that is any good.
    expect(seen.filter(({ type }) => type === 'NAK').map(({ dst }) => dst)).toEqual(['255.255.255.255']);
  });

  test('by whom it was not asked of: nothing happens', async () => {
    const { w, client, lease, sw, dhcpd, cable } = await bound(net());
    dhcpd.close();
    const rogue = new Hand(blank({ w, sw }, 'rogue')[0], 67);
    cable.watch(({ type, frame }) => {
      // It hears every request of the client's, and answers each with the right `xid`.
      const bytes = frame.copy();
      if (type !== 'sent' || bytes[23] !== 17 || bytes[37] !== 67) return;
      const xid = Buffer.from(bytes).readUInt32BE(46);
      w.after(1000, () => {
        const words = { type: 'Nak', xid, mac: '02:00:00:00:00:02' } as const;
        rogue.say({ ...words, server: '10.0.0.66' }, '255.255.255.255', 68);
        rogue.say(words, '255.255.255.255', 68); // and who says no name is not heard either
        rogue.say({ ...words, xid: xid + 1, server: '10.0.0.1' }, '255.255.255.255', 68);
        rogue.say({ ...words, mac: '02:00:00:00:00:03', server: '10.0.0.1' }, '255.255.255.255', 68);
      });
    });
    await w.runUntil(lease.rebindsAt - SECOND);
    expect([client.state, client.lease]).toEqual(['RENEWING', lease]);
    expect(client.counters()).toMatchObject({ naks: 0 });
    expect(client.counters().dropped).toBeGreaterThanOrEqual(20);
  });

  test('of what was just offered: only after ten seconds it begins anew, lest it goes on for ever', async () => {
    const n = net();
    n.dhcpd.close();
    const hand = new Hand(n.server, 67);
    let asked = 0;
    hand.onMessage = ({ type, xid, chaddr }) => {
      asked++;
      const words = { xid, mac: chaddr, server: '10.0.0.1' } as const;
      if (type === 3) hand.say({ ...words, type: 'Nak' }, '255.255.255.255', 68);
      else hand.say({ ...words, type: 'Offer', yiaddr: '10.0.0.5', leaseTime: 60 }, '255.255.255.255', 68);
    };
    const client = dhcp(blank(n, 'h1')[0], ETH0, { delay: 0 });
    await n.w.runFor(95 * SECOND);
    expect(asked).toBe(20);
    expect(client.counters().naks).toBe(10);
  });

  test.each<[string, { authoritative?: boolean }, string, string[], string]>([
    // INIT-REBOOT: no record of the client
    ['an address of another network', {}, 'reboot', ['NAK'], '10.7.0.5'],
    ['the same, where the server is not sure', { authoritative: false }, 'reboot', [], '10.7.0.5'],
    ['a free address of the range', {}, 'reboot', ['ACK 10.0.0.150'], '10.0.0.150'],
    ['the same, where the server is not sure', { authoritative: false }, 'reboot', [], '10.0.0.150'],
    ['an address of the network, not of the range', {}, 'reboot', [], '10.0.0.50'],
    ['an address that another client has', {}, 'reboot', ['NAK'], '10.0.0.100'],
    ['the same, where the server is not sure', { authoritative: false }, 'reboot', [], '10.0.0.100'],
    // RENEWING and REBINDING
    ['an address of another network', {}, 'renew', ['NAK'], '10.7.0.5'],
    ['a free address of the range', {}, 'renew', ['ACK 10.0.0.150'], '10.0.0.150'],
    ['an address that another client has', {}, 'renew', ['NAK'], '10.0.0.100'],
    ['an address of the network, not of the range', {}, 'renew', [], '10.0.0.50'],
  ])('of a client without a record: %s %o, %s: %o', async (_name, options, how, answers, address) => {
    const n = net({ probe: 0, ...options });
    await bound(n, { detect: false });
    const host = n.w.host('hand');
    n.w.plug(host, n.sw, { addresses: how === 'renew' ? [`${address}/24`] : [], autoconf: false });
    const hand = new Hand(host);
    hand.say({ type: 'Request', ...(how === 'renew' ? { ciaddr: address } : { requested: address }) });
    await n.w.runFor(5 * SECOND);
    expect(hand.answers()).toEqual(answers);
  });

  test.each<[string, object, string[]]>([
    ['its own address', { requested: '10.0.0.100' }, ['ACK 10.0.0.100']],
    ['another one of the range', { requested: '10.0.0.150' }, ['NAK']],
    ['another one, from the very server', { requested: '10.0.0.150', server: '10.0.0.1' }, ['ACK 10.0.0.150']],
    ['one that is not to be given, from the very server', { requested: '10.0.0.50', server: '10.0.0.1' }, ['NAK']],
    ['something of another server', { requested: '10.0.0.100', server: '10.0.0.2' }, []],
    ['nothing at all', {}, []],
  ])('of a client with a lease that asks for %s', async (_name, words, answers) => {
    const n = net({ probe: 0 });
    const hand = new Hand(blank(n, 'hand')[0]);
    hand.say({ type: 'Discover' });
    hand.say({ type: 'Request', requested: '10.0.0.100', server: '10.0.0.1' });
    await n.w.runFor(SECOND);
    expect(hand.answers()).toEqual(['OFFER 10.0.0.100', 'ACK 10.0.0.100']);
    hand.say({ type: 'Request', ...words });
    await n.w.runFor(SECOND);
    expect(hand.answers()).toEqual(answers);
    // Whatever came of it, the client has at most one address.
    expect(n.dhcpd.leases().length).toBe(1);
  });
});

describe('given back (§4.4.6)', () => {
  test('by unicast to the server; the address is gone here and free there, and nobody asks any more', async () => {
    const { w, client, seen, notes, host, dhcpd } = await bound(net());
    expect(dhcpd.leases().length).toBe(1);
    client.release();
    expect([client.state, client.lease, addressesOf(host), routesOf(host)]).toEqual(['CLOSED', null, [], []]);
    await w.run();
    expect(seen.length).toBe(1);
    const [{ message, src, dst, type }] = seen as [Seen];
    expect([type, src, dst]).toEqual(['RELEASE', '10.0.0.100', '10.0.0.1']);
    expect([formatAddress(message.ciaddr), formatAddress(message.serverId as never)]).toEqual([
      '10.0.0.100',
      '10.0.0.1',
    ]);
    expect(message).toMatchObject({ requestedAddress: null, parameters: [], hostName: '', leaseTime: -1 });
    expect(dhcpd.leases()).toEqual([]);
    expect(dhcpd.counters()).toMatchObject({ releases: 1, bindings: 1 });
    expect(notes).toEqual(['CLOSED', 'lost released']);
    client.release();
    client.close();
    client.renew();
    await expect(client.bound).rejects.toThrow('ECONNABORTED');
    expect(host.udp({ port: 68 }).port).toBe(68);
    expect(notes).toEqual(['CLOSED', 'lost released']);
  });

  test.each(['INIT', 'SELECTING', 'CHECKING'] as const)(
    'closed in %s it says nothing and leaves nothing',
    async (state) => {
      const n = net();
      if (state === 'SELECTING') n.dhcpd.close();
      const [host, cable] = blank(n, 'h1');
      const client = dhcp(host);
      while (client.state !== state) await n.w.step();
      const seen = watchDhcp(cable);
      client.release();
      await expect(client.bound).rejects.toThrow('ECONNABORTED');
      await n.w.run();
      expect([seen, addressesOf(host), routesOf(host)]).toEqual([[], [], []]);
    },
  );

  test('only who has the address can give it back', async () => {
    const { w, dhcpd, sw } = await bound(net());
    const host = w.host('other');
    w.plug(host, sw, { addresses: ['10.0.0.9/24'] });
    const hand = new Hand(host);
    const mine = { type: 'Release', mac: '02:00:00:00:00:02', ciaddr: '10.0.0.100', server: '10.0.0.1' } as const;
    hand.say({ ...mine, mac: '02:00:00:00:00:09' }, '10.0.0.1');
    hand.say({ ...mine, ciaddr: '10.0.0.101' }, '10.0.0.1');
    hand.say({ ...mine, server: '10.0.0.2' }, '10.0.0.1');
    await w.runFor(SECOND);
    expect([dhcpd.leases().length, dhcpd.counters().dropped]).toEqual([1, 3]);
    hand.say(mine, '10.0.0.1');
    await w.runFor(SECOND);
    expect([dhcpd.leases().length, dhcpd.counters().dropped]).toEqual([0, 3]);
  });
});

describe('a host that loses power', () => {
  test('asks for its address again when it is back (INIT-REBOOT, §3.2), and is told nothing meanwhile', async () => {
    const { w, client, lease, seen, notes, host } = await bound(net());
    await w.runFor(MINUTE);
    host.crash();
    expect([client.lease, addressesOf(host), routesOf(host)]).toEqual([null, [], []]);
    await w.runFor(MINUTE);
    expect(seen).toEqual([]);
    const from = w.now;
    host.boot();
    const again = await w.run(() => client.bound);
    expect(notes).toEqual(['INIT-REBOOT', 'REBOOTING', 'CHECKING', 'BOUND', 'bound 10.0.0.100']);
    expect(seen.map((each) => line(each, from))).toEqual([
      '0 REQUEST 0.0.0.0 > 255.255.255.255',
      '0 ACK 10.0.0.1 > 255.255.255.255',
    ]);
    const [{ message }] = seen as [Seen];
    expect([formatAddress(message.ciaddr), formatAddress(message.requestedAddress as never)]).toEqual([
      '0.0.0.0',
      '10.0.0.100',
    ]);
    expect(message).toMatchObject({ serverId: null, broadcast: true });
    expect(again).toMatchObject({ address: lease.address, askedAt: from, expiresAt: from + HOUR });
    expect(addressesOf(host)).toEqual(['10.0.0.100/24 preferred']);
    expect(routesOf(host)).toEqual(['0.0.0.0/0 10.0.0.1 0']);
  });

  test('is refused where it is in another network now, and gets an address of that', async () => {
    const { w, client, host, cable, lease } = await bound(net());
    host.crash();
    const elsewhere = w.switch('elsewhere');
    const other = w.host('other');
    w.plug(other, elsewhere, { addresses: ['10.9.0.1/24'] });
    serve(other, { from: '10.9.0.10', to: '10.9.0.20' });
    cable.unplug();
    host.boot();
    // The same host with the same lease at another switch: by a second interface, for cables cannot be moved.
    client.close();
    w.plug(host, elsewhere, { addresses: [], autoconf: false });
    const moved = dhcp(host, 2, { previous: lease });
    const seen = noteOf(moved);
    expect((await w.run(() => moved.bound)).address).toBe('10.9.0.10');
    expect(seen).toEqual(['REBOOTING', 'INIT', 'SELECTING', 'REQUESTING', 'CHECKING', 'BOUND', 'bound 10.9.0.10']);
  });

  test('goes on with what is left of its lease when no server answers for a minute (§3.2.3)', async () => {
    const { w, client, lease, host, notes, dhcpd, seen } = await bound(net());
    dhcpd.close();
    host.crash();
    host.boot();
    const from = w.now;
    const again = await w.run(() => client.bound);
    expect(again).toEqual(lease);
    expect(seen.length).toBe(4);
    expect((w.now - from) / SECOND).toBeGreaterThan(60);
    expect((w.now - from) / SECOND).toBeLessThan(72);
    expect(notes).toEqual(['INIT-REBOOT', 'REBOOTING', 'CHECKING', 'BOUND', 'bound 10.0.0.100']);
    await w.runUntil(lease.expiresAt + 1);
    expect([client.state, addressesOf(host)]).toEqual(['SELECTING', []]);
  });

  test('begins from nothing when the lease has run out meanwhile, or when it had none', async () => {
    const { w, client, lease, host, notes } = await bound(net());
    host.crash();
    await w.runUntil(lease.expiresAt);
    host.boot();
    await w.run(() => client.bound);
    expect(notes).toEqual(['SELECTING', 'REQUESTING', 'CHECKING', 'BOUND', 'bound 10.0.0.100']);
    const [second] = blank({ w, sw: w.switches[0] as never }, 'h2');
    const other = dhcp(second);
    while (other.state !== 'CHECKING') await w.step();
    second.crash();
    expect(other.state).toBe('INIT');
    second.boot();
    expect((await w.run(() => other.bound)).address).toBe('10.0.0.101');
  });

  test('whose interface comes up again makes sure of its address, which it keeps meanwhile (§3.7)', async () => {
    const { w, client, host, notes, seen } = await bound(net());
    host.setUp(ETH0, false);
    await w.runFor(MINUTE);
    host.setUp(ETH0, true);
    // RFC 5227 §2.1: somebody may have taken it meanwhile.
    expect([client.state, addressesOf(host)]).toEqual(['INIT-REBOOT', ['10.0.0.100/24 tentative']]);
    await w.runFor(SECOND);
    expect(notes).toEqual(['INIT-REBOOT', 'REBOOTING', 'BOUND', 'renewed 10.0.0.100']);
    expect(seen.map(({ type }) => type)).toEqual(['REQUEST', 'ACK']);
    expect(client.lease?.askedAt).toBe(w.now - SECOND);
    // One that was still looking for a server asks at once.
    const [other] = blank({ w, sw: w.switches[0] as never }, 'h2');
    const second = dhcp(other, ETH0, { delay: 0, detect: false });
    other.setUp(ETH0, false);
    await w.runFor(5 * MINUTE);
    expect(second.state).toBe('SELECTING');
    other.setUp(ETH0, true);
    await w.runFor(2 * SECOND);
    expect(second.state).toBe('BOUND');
  });
});

describe('a server that loses power', () => {
  test.each([true, false])(
    'and forgets (%s) what it gave: clients renew, and nobody gets what another has',
    async (forgetful) => {
      const n = net({ forgetful });
      const { w, client, lease, server, dhcpd, notes } = await bound(n);
      server.crash();
      server.boot();
      expect(dhcpd.leases().length).toBe(forgetful ? 0 : 1);
      // One that comes now is offered another address: the record tells, or else the echo does (§2.2).
      const second = dhcp(blank(n, 'h2')[0]);
      expect((await w.run(() => second.bound)).address).toBe('10.0.0.101');
      expect(dhcpd.counters().conflicts).toBe(forgetful ? 1 : 0);
      // Whom the echo found is who renews: it goes on as if nothing had been.
      await w.runUntil(lease.renewsAt + SECOND);
      expect(notes).toEqual(['RENEWING', 'BOUND', 'renewed 10.0.0.100']);
      expect(dhcpd.leases().map(({ mac, state }) => `${mac} ${state}`)).toEqual([
        '02:00:00:00:00:02 leased',
        '02:00:00:00:00:03 leased',
      ]);
      expect(client.state).toBe('BOUND');
    },
  );

  test('with nobody new meanwhile, a client renews as if nothing had been (authoritative)', async () => {
    const { w, lease, server, dhcpd, notes } = await bound(net({ forgetful: true }));
    server.crash();
    server.boot();
    await w.runUntil(lease.renewsAt + SECOND);
    expect(notes).toEqual(['RENEWING', 'BOUND', 'renewed 10.0.0.100']);
    expect(dhcpd.leases()).toMatchObject([{ address: '10.0.0.100', mac: '02:00:00:00:00:02' }]);
  });

  test('in the middle of a probe: the client asks again', async () => {
    const n = net();
    const client = dhcp(blank(n, 'h1')[0], ETH0, { delay: 0 });
    await n.w.runFor(SECOND / 2);
    n.server.crash();
    n.server.boot();
    expect((await n.w.run(() => client.bound)).address).toBe('10.0.0.100');
    expect(n.dhcpd.counters()).toMatchObject({ discovers: 2, offers: 1 });
  });

  test('that is closed answers nobody; its port is free', async () => {
    const n = net();
    n.dhcpd.close();
    n.dhcpd.close();
    const client = dhcp(blank(n, 'h1')[0], ETH0, { delay: 0 });
    await n.w.runFor(MINUTE);
    expect(client.state).toBe('SELECTING');
    serve(n.server);
    await n.w.run(() => client.bound);
  });
});
