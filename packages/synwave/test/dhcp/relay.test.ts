/** Clients behind a relay (RFC 2131 §4.1, RFC 1542): a server answers by the relay, and gives addresses of the network behind it. */
import { describe, expect, test } from 'vitest';
import { formatAddress, isUnspecified, parseAddress } from '../../src/base/address-text.ts';
import { SECOND } from '../../src/base/time.ts';
import { type DhcpServer, dhcp } from '../../src/dhcp/index.ts';
import { type SimHost, type Switch, type World, world } from '../../src/sim/index.ts';
import { DhcpFault, DhcpMessage, readDhcp, writeDhcp } from '../../src/wire/dhcp.ts';
import { Hand } from './hand.ts';
import { addressesOf, blank, routesOf, serve } from './helpers.ts';

const HOUR = 3600 * SECOND;

/** Passes messages on: what clients say to the server, with its own address in `giaddr`; what comes back to all clients. */
function relay(host: SimHost, toClients: number, own: string, server: string): void {
  const sender = host.udp({ address: own });
  const clients = host.udp({ interface: toClients, broadcast: true });
  for (const { index } of host.interfaces().filter(({ mac }) => mac !== null)) {
    const socket = host.udp({ address: '0.0.0.0', port: 67, interface: index, broadcast: true });
    socket.handler = {
      readable: () => {
        for (let got = socket.tryReceive(); got !== null; got = socket.tryReceive()) {
          const message = new DhcpMessage();
          if (readDhcp(message, got.octets, 0, got.octets.length) !== DhcpFault.None) continue;
          if (message.op === 1 && index === toClients && isUnspecified(message.giaddr)) {
            message.giaddr.copy(parseAddress(own) ?? message.giaddr);
            sender.send(writeDhcp(message), server, 67);
          } else if (message.op === 2) clients.send(writeDhcp(message), '255.255.255.255', 68);
        }
      },
    };
  }
}

/** The server on 10.0.0.0/24; behind the router at 10.0.0.2 there is 10.9.0.0/24, where clients are. */
function campus(): { w: World; near: Switch; far: Switch; dhcpd: DhcpServer; server: SimHost } {
  const w = world();
  const [near, far] = [w.switch('near'), w.switch('far')];
  const [server, router] = [w.host('server'), w.host('router')];
  w.plug(server, near, { addresses: ['10.0.0.1/24'] });
  w.plug(router, far, { addresses: ['10.9.0.1/24'] });
  w.plug(router, near, { addresses: ['10.0.0.2/24'] });
  router.forward();
  server.route('10.9.0.0/24', '10.0.0.2');
  relay(router, 1, '10.9.0.1', '10.0.0.1');
  const range = { from: '10.9.0.10', to: '10.9.0.20', prefixLength: 24, routers: ['10.9.0.1'] };
  return { w, near, far, server, dhcpd: serve(server, range) };
}

describe('a server for a network behind a relay', () => {
  test('gives clients there addresses by the relay, renews by unicast, and gives none on its own link', async () => {
    const { w, near, far, dhcpd } = campus();
    const clients = ['h1', 'h2'].map((name) => dhcp(blank({ w, sw: far }, name)[0]));
    const local = dhcp(blank({ w, sw: near }, 'local')[0]);
    const leases = await w.run(() => Promise.all(clients.map((client) => client.bound)));
    expect(leases.map(({ address }) => address).toSorted()).toEqual(['10.9.0.10', '10.9.0.11']);
    expect(leases[0]).toMatchObject({ server: '10.0.0.1', prefixLength: 24, routers: ['10.9.0.1'] });
    expect(clients.map(({ host }) => routesOf(host))).toEqual([['0.0.0.0/0 10.9.0.1 0'], ['0.0.0.0/0 10.9.0.1 0']]);
    await w.runFor(3 * HOUR);
    expect(clients.map(({ state, lease }) => [state, lease?.address])).toEqual(
      leases.map(({ address }) => ['BOUND', address]),
    );
    expect(dhcpd.counters().naks).toBe(0);
    expect([local.state, addressesOf(local.host)]).toEqual(['SELECTING', []]);
    const [first] = clients as [(typeof clients)[0]];
    first.release();
    await w.runFor(SECOND);
    expect(dhcpd.leases().length).toBe(1);
  });

  test('refuses by the relay, which is told to pass it on to all (§4.3.2)', async () => {
    const { w, far } = campus();
    const hand = new Hand(blank({ w, sw: far }, 'h1')[0]);
    hand.say({ type: 'Request', requested: '10.0.0.5', broadcast: false });
    await w.runFor(SECOND);
    expect(hand.heard.map(({ broadcast, giaddr, type }) => [broadcast, formatAddress(giaddr), type])).toEqual([
      [true, '10.9.0.1', 6],
    ]);
  });

  test('drops what claims to come from a relay elsewhere: nobody is answered outside of the network', async () => {
    const { w, near, dhcpd } = campus();
    const hand = new Hand(blank({ w, sw: near }, 'h1')[0]);
    hand.say({ type: 'Discover', giaddr: '192.0.2.1' });
    hand.say({ type: 'Discover', giaddr: '10.0.0.9' });
    hand.say({ type: 'Discover' });
    await w.runFor(5 * SECOND);
    expect(dhcpd.counters()).toMatchObject({ dropped: 3, offers: 0 });
  });
});
