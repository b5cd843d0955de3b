/** Internet: a small one to look at, ready to run: two LANs, four routers, two ways between them that differ in all they can. */
import { parseAddress } from '../base/address-text.ts';
import { MILLISECOND, type Micros, SECOND } from '../base/time.ts';
import type { Impairments } from '../link/impair.ts';
import type { Cable } from './cable.ts';
import type { SimHost } from './host.ts';
import type { Switch } from './switch.ts';
import { type World, type WorldOptions, world } from './world.ts';

export interface InternetOptions extends WorldOptions {
  /** What the long cable, between r2 and r4, does to packets both ways; a delay of 10 ms by default. */
  readonly long?: Impairments;
}

/**
 *     client 10.1.0.10 ──┐                       ┌── r2 ═════ MTU 1280 ═════ r4 ──┐
 *                       lan1 ── r1 ── exchange ──┤                           │   lan2 ── server 10.2.0.10
 *     laptop 10.1.0.11 ──┘                       └── r3 ─── the backup ──────┘
 *
 * Router N is .N in the networks between routers, and ::N: 10.12.0.0/24 and fd00:12::/64 at the exchange, 10.24 and
 * fd00:24 on the long cable. The backup takes twice as long, and is two cables, for IPv6 needs an MTU of 1280 (RFC 8200
 * §5): 10.34.0.0/24 on a serial line with an MTU of 576, fd00:34::/64 on Ethernet. Towards the LANs r1 and r4 are 10.1.0.1
 * and 10.2.0.1, fd00:1::1 and fd00:2::1, and tell the hosts there of it: client, laptop and server make their own IPv6
 * addresses. r1, r2 and r4 each know both ways to the other LAN, and take the second while the next router of the first does
 * not answer.
 */
export interface Internet<W extends World = World, H extends SimHost = SimHost> {
  readonly world: W;
  readonly client: H;
  readonly laptop: H;
  readonly server: H;
  /** r1, r2, r3, r4. */
  readonly routers: readonly [H, H, H, H];
  /** lan1, exchange, lan2. */
  readonly switches: readonly [Switch, Switch, Switch];
  /** What befalls the packets of the client can be seen here. */
  readonly clientCable: Cable;
  readonly longCable: Cable;
  /** The serial line, then the one for IPv6. */
  readonly backupCables: readonly [Cable, Cable];
  /**
   * Lets time pass until every host has found its router and made its addresses; 6 s. Names, and addresses of IPv6, are good
   * afterwards.
   */
  readonly settle: () => Promise<void>;
  /** The name of the host that has the address; null: nobody has. */
  readonly nameOf: (address: string) => string | null;
}

/** Within a LAN; over the long cable; over the backup. */
const SHORT: Micros = MILLISECOND / 10;
const LONG: Micros = 10 * MILLISECOND;
const BACKUP: Micros = 20 * MILLISECOND;

/** The least that IPv6 allows (RFC 8200 §5), and what serial lines had (RFC 791 §3.1: every host takes so much). */
const TUNNEL_MTU = 1280;
const SERIAL_MTU = 576;

/** Metrics of the better way and the other. */
const FIRST = 10;
const SECOND_BEST = 20;

/** RFC 4861 §10, RFC 4862 §5.1: a second until a host asks, half a second until it is told, a second to probe; and again. */
const SETTLED: Micros = 6 * SECOND;

/** What routers lead to, by both families. */
const LAN1 = ['10.1.0.0/24', 'fd00:1::/64'] as const;
const EXCHANGE = ['10.12.0.0/24', 'fd00:12::/64'] as const;
const LONG_WAY = ['10.24.0.0/24', 'fd00:24::/64'] as const;
const BACKUP_WAY = ['10.34.0.0/24', 'fd00:34::/64'] as const;
const LAN2 = ['10.2.0.0/24', 'fd00:2::/64'] as const;

/** Builds it, at its beginning: nothing has been sent. Throws RangeError for impairments that make no sense. */
export function internet(options: InternetOptions = {}): Internet {
  const { long, ...about } = options;
  return internetIn(world(about), (w, name) => w.host(name), long);
}

/** For worlds of a platform: builds it in `w`, which is empty. */
export function internetIn<W extends World, H extends SimHost>(
  w: W,
  hostIn: (w: W, name: string) => H,
  long: Impairments = {},
): Internet<W, H> {
  const host = (name: string): H => hostIn(w, name);
  const [client, laptop, server] = [host('client'), host('laptop'), host('server')];
  const routers = [host('r1'), host('r2'), host('r3'), host('r4')] as const;
  const [r1, r2, r3, r4] = routers;
  const switches = [w.switch('lan1'), w.switch('exchange'), w.switch('lan2')] as const;
  const [lan1, exchange, lan2] = switches;

  const plug = (who: SimHost, into: Switch, ...addresses: string[]): Cable =>
    w.plug(who, into, { addresses, delay: SHORT, autoconf: addresses.length === 1 });
  const clientCable = plug(client, lan1, '10.1.0.10/24');
  plug(laptop, lan1, '10.1.0.11/24');
  plug(server, lan2, '10.2.0.10/24');
  plug(r1, lan1, '10.1.0.1/24', 'fd00:1::1/64');
  plug(r1, exchange, '10.12.0.1/24', 'fd00:12::1/64');
  plug(r2, exchange, '10.12.0.2/24', 'fd00:12::2/64');
  plug(r3, exchange, '10.12.0.3/24', 'fd00:12::3/64');
  plug(r4, lan2, '10.2.0.1/24', 'fd00:2::1/64');
  const longCable = w.cable(r2, r4, {
    addresses: [
      ['10.24.0.2/24', 'fd00:24::2/64'],
      ['10.24.0.4/24', 'fd00:24::4/64'],
    ],
    ethernet: true,
    mtu: TUNNEL_MTU,
    delay: LONG,
    ...long,
  });
  const serial = w.cable(r3, r4, {
    addresses: [['10.34.0.3/24'], ['10.34.0.4/24']],
    mtu: SERIAL_MTU,
    delay: BACKUP,
  });
  const backup6 = w.cable(r3, r4, {
    addresses: [['fd00:34::3/64'], ['fd00:34::4/64']],
    ethernet: true,
    delay: BACKUP,
  });

  for (const router of routers) router.forward();
  for (const each of [client, laptop]) each.route('0.0.0.0/0', '10.1.0.1');
  server.route('0.0.0.0/0', '10.2.0.1');
  const [toR1, toR2, toR3] = [1, 2, 3].map((n) => [`10.12.0.${n}`, `fd00:12::${n}`] as const) as [By, By, By];
  lead(r1, LAN2, toR2, FIRST);
  lead(r1, LAN2, toR3, SECOND_BEST);
  lead(r1, LONG_WAY, toR2, FIRST);
  lead(r1, BACKUP_WAY, toR3, FIRST);
  lead(r2, LAN1, toR1, FIRST);
  lead(r2, LAN2, ['10.24.0.4', 'fd00:24::4'], FIRST);
  lead(r2, LAN2, toR3, SECOND_BEST);
  lead(r2, BACKUP_WAY, toR3, FIRST);
  lead(r3, LAN1, toR1, FIRST);
  lead(r3, LAN2, ['10.34.0.4', 'fd00:34::4'], FIRST);
  lead(r3, LONG_WAY, toR2, FIRST);
  for (const networks of [LAN1, EXCHANGE]) {
    lead(r4, networks, ['10.24.0.2', 'fd00:24::2'], FIRST);
    lead(r4, networks, ['10.34.0.3', 'fd00:34::3'], SECOND_BEST);
  }
  r1.advertise(1);
  r4.advertise(1);

  return {
    world: w,
    client,
    laptop,
    server,
    routers,
    switches,
    clientCable,
    longCable,
    backupCables: [serial, backup6],
    settle: () => w.runFor(SETTLED),
    nameOf: (address) => nameOf(w, address),
  };
}

/** A router's address of each family. */
type By = readonly [string, string];

/** A way of both families. */
function lead(from: SimHost, networks: readonly [string, string], by: By, metric: number): void {
  from.route(networks[0], by[0], metric);
  from.route(networks[1], by[1], metric);
}

function nameOf(w: World, text: string): string | null {
  const address = parseAddress(text);
  if (address === null) return null;
  const found = w.hosts.find(({ stack }) => stack.internet.addresses().some((each) => each.equals(address)));
  return found?.name ?? null;
}
