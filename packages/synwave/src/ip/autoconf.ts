/** RFC 4861 §6.3, RFC 4862 §5: a host asks for routers, and takes from their advertisements what it needs: addresses, routes, limits. */
import { Address } from '../base/address.ts';
import { inPrefix, isLinkLocal, isMulticast, isUnspecified } from '../base/address-text.ts';
import { Due } from '../base/due.ts';
import { MILLISECOND, type Micros, NEVER, SECOND } from '../base/time.ts';
import { clearNd, type NdPrefix, NdType } from '../wire/nd.ts';
import { dropAddress } from './address-gone.ts';
import { addAddress } from './addresses.ts';
import { addressIn, type Identifier } from './identifier.ts';
import { InterfaceAddress, type IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';
import { ALL_ROUTERS, sendNd } from './nd-output.ts';
import { sourceOn } from './source.ts';

/** RFC 4861 §10: RTR_SOLICITATION_INTERVAL, MAX_RTR_SOLICITATIONS, MAX_RTR_SOLICITATION_DELAY. */
const INTERVAL: Micros = 4 * SECOND;
const SOLICITATIONS = 3;
const DELAY: Micros = SECOND;

/** RFC 8200 §5: every link of IPv6 takes so much. */
const LEAST_MTU = 1280;
/** RFC 4862 §5.5.3 (e): nobody shortens the life of an address below this by an advertisement that nobody signed. */
const TWO_HOURS: Micros = 7200 * SECOND;
const FOREVER = 0xffff_ffff;

/** Routers, prefixes and name servers of one interface that are remembered: more come only from an attacker (RFC 6104). */
const MOST_ROUTERS = 16;
const MOST_ADDRESSES = 16;

/** RFC 4861 §6.3.4: the reachable time is spread, lest stations fall into step. */
const SPREAD_LEAST = 0.5;

const LINK_LOCAL: Address = new Address().set(0xfe800000, 0, 0, 0);
const DEFAULT: Address = new Address();
const NOBODY: Address = new Address();
const PREFIX = 64;

/** A name server that a router has told of (RFC 8106 §5.1). */
interface NameServer {
  readonly address: Address;
  validUntil: Micros;
}

/** Autoconfiguration of one interface: its questions, and what it has learned. */
export class Autoconf extends Due {
  readonly identifier: Identifier;
  readonly nameServers: NameServer[] = [];
  private readonly ip: Ip;
  private readonly via: IpInterface;
  private asked = 0;

  constructor(ip: Ip, via: IpInterface, identifier: Identifier) {
    super();
    this.ip = ip;
    this.via = via;
    this.identifier = identifier;
  }

  /** RFC 4861 §6.3.7: asks for routers, after a moment, for all stations may have been switched on together. */
  begin(): void {
    const { ip } = this;
    this.asked = 0;
    ip.timers.add(this, ip.clock.now + Math.floor(ip.random.fraction() * DELAY));
  }

  happen(): void {
    const { ip, via } = this;
    const from = sourceOn(ip, via, ALL_ROUTERS) ?? NOBODY;
    clearNd(ip.ndOut, NdType.RouterSolicitation);
    if (!isUnspecified(from)) ip.ndOut.sourceMac = via.mac;
    sendNd(ip, via, ip.ndOut, from, ALL_ROUTERS, -1);
    if (++this.asked < SOLICITATIONS) ip.timers.add(this, ip.clock.now + INTERVAL);
  }

  end(): void {
    this.ip.timers.remove(this);
  }
}

/** RFC 4862 §5.3: the interface's own link-local address, unless it has one. */
export function addLinkLocal(ip: Ip, via: IpInterface, identifier: Identifier, detect: boolean): void {
  if (via.addresses.some(({ address }) => address.family === 6 && isLinkLocal(address))) return;
  const address = addressIn(LINK_LOCAL, identifier, via.mac, ip.secret, 0);
  addAddress(ip, via, new InterfaceAddress(address, PREFIX, 'link-local'), detect, false);
}

/** RFC 4861 §6.3.4: a router advertises itself. `ip.nd` holds the message, which came from `router`. */
export function routerAdvertisementArrives(ip: Ip, via: IpInterface, autoconf: Autoconf, router: Address): void {
  const { nd, clock, neighbours } = ip;
  autoconf.end();
  if (nd.hopLimit > 0) via.hopLimit = nd.hopLimit;
  if (nd.reachableTime > 0) {
    via.reachableTime = Math.floor(nd.reachableTime * MILLISECOND * (SPREAD_LEAST + ip.random.fraction()));
  }
  if (nd.retransTimer > 0) via.retransTimer = nd.retransTimer * MILLISECOND;
  if (nd.mtu >= LEAST_MTU && nd.mtu <= via.link.mtu) via.advertisedMtu = nd.mtu;
  if (nd.sourceMac >= 0) neighbours.heard(neighbours.get(via, router), nd.sourceMac);
  const known = neighbours.find(via, router);
  if (known !== null) known.isRouter = true;
  takeRouter(ip, via, router, nd.lifetime);
  for (let i = 0; i < nd.prefixCount; i++) takePrefix(ip, via, autoconf, nd.prefixes[i] as NdPrefix);
  const until = nd.dnsLifetime === FOREVER ? NEVER : clock.now + nd.dnsLifetime * SECOND;
  for (let i = 0; i < nd.dnsCount; i++) takeNameServer(autoconf, nd.dns[i] as Address, until, clock.now);
}

/** Name servers that routers have told of and that are not out of date. */
export function nameServersOf(autoconf: Autoconf, now: Micros): Address[] {
  return autoconf.nameServers.filter(({ validUntil }) => validUntil > now).map(({ address }) => address);
}

/** A default router, for so many seconds; 0: it is none any more. */
function takeRouter(ip: Ip, via: IpInterface, router: Address, lifetime: number): void {
  const { routes, clock } = ip;
  let count = 0;
  for (const route of routes) {
    if (route.origin !== 'advertised' || route.via !== via || route.gateway === null) continue;
    count++;
    if (lifetime > 0 && route.gateway.equals(router)) {
      route.validUntil = clock.now + lifetime * SECOND;
      routes.version++; // paths remember how long a route holds
      return;
    }
  }
  if (lifetime === 0) {
    routes.remove(
      ({ origin, gateway, via: by }) => origin === 'advertised' && by === via && gateway?.equals(router) === true,
    );
  } else if (count < MOST_ROUTERS) {
    routes.add(DEFAULT, 0, via, router.clone(), 'advertised', 0, clock.now + lifetime * SECOND);
  }
}

/** RFC 4861 §6.3.4: a prefix is on the link; RFC 4862 §5.5.3: an address in it is made. */
function takePrefix(ip: Ip, via: IpInterface, autoconf: Autoconf, told: NdPrefix): void {
  const { routes, clock } = ip;
  const { prefix, length, onLink, autonomous, validLifetime, preferredLifetime } = told;
  if (prefix.family === 4 || isLinkLocal(prefix) || isMulticast(prefix)) return;
  if (onLink && validLifetime > 0) {
    routes.add(prefix, length, via, null, 'advertised', 0, after(clock.now, validLifetime));
  } else if (onLink) {
    routes.remove(
      ({ origin, gateway, via: by, network, prefixLength }) =>
        origin === 'advertised' &&
        gateway === null &&
        by === via &&
        prefixLength === length &&
        inPrefix(prefix, network, length),
    );
  }
  if (!autonomous || length !== PREFIX || preferredLifetime > validLifetime) return;
  const known = via.addresses.filter(
    ({ origin, address }) => origin === 'advertised' && inPrefix(address, prefix, PREFIX),
  );
  for (const entry of known)
    prolong(entry, after(clock.now, validLifetime), after(clock.now, preferredLifetime), clock.now);
  if (known.length > 0) {
    routes.version++;
    return;
  }
  forgetExpired(ip, via);
  if (validLifetime === 0 || via.addresses.length >= MOST_ADDRESSES) return;
  const address = addressIn(prefix, autoconf.identifier, via.mac, ip.secret, 0);
  const entry = new InterfaceAddress(address, PREFIX, 'advertised');
  entry.validUntil = after(clock.now, validLifetime);
  entry.preferredUntil = after(clock.now, preferredLifetime);
  addAddress(ip, via, entry, true, false);
}

/** RFC 4862 §5.5.3 (e): longer is believed, shorter only down to two hours. */
function prolong(entry: InterfaceAddress, valid: Micros, preferred: Micros, now: Micros): void {
  const left = entry.validUntil - now;
  if (valid - now > TWO_HOURS || valid > entry.validUntil) entry.validUntil = valid;
  else if (left > TWO_HOURS) entry.validUntil = now + TWO_HOURS;
  entry.preferredUntil = preferred;
}

function forgetExpired(ip: Ip, via: IpInterface): void {
  for (const entry of [...via.addresses]) if (entry.validUntil <= ip.clock.now) dropAddress(ip, via, entry);
}

function takeNameServer(autoconf: Autoconf, address: Address, validUntil: Micros, now: Micros): void {
  const { nameServers } = autoconf;
  const known = nameServers.find((server) => server.address.equals(address));
  if (known !== undefined) known.validUntil = validUntil;
  else if (nameServers.length < MOST_ROUTERS && validUntil > now)
    nameServers.push({ address: address.clone(), validUntil });
}

function after(now: Micros, seconds: number): Micros {
  return seconds === FOREVER ? NEVER : now + seconds * SECOND;
}
