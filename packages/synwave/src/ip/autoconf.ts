/** RFC 4861 §6.3, RFC 4862 §5: a host asks for routers, and takes from their advertisements what it needs: addresses, routes, limits. */
import { Address } from '../base/address.ts';
import { inPrefix, isLinkLocal, isLoopback, isMulticast, isUnspecified } from '../base/address-text.ts';
import { Due } from '../base/due.ts';
import { MILLISECOND, type Micros, NEVER, SECOND } from '../base/time.ts';
import { clearNd, type NdPrefix, NdType } from '../wire/nd.ts';
import { dropAddress } from './address-gone.ts';
import { addAddress, awaitExpiry } from './addresses.ts';
import { addressIn, type Identifier } from './identifier.ts';
import { InterfaceAddress, type IpInterface, type Origin, REACHABLE_TIME, RETRANS_TIMER } from './interface.ts';
import type { Ip } from './ip.ts';
import { ALL_ROUTERS, sendNd } from './nd-output.ts';
import type { Route } from './routes.ts';
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

/** Routers, prefixes, addresses and name servers of one interface that are remembered: more come only from an attacker (RFC 6104). */
const MOST_ROUTERS = 16;
const MOST_PREFIXES = 16;
const MOST_ADDRESSES = 16;
const MOST_NAME_SERVERS = 16;

/** RFC 4861 §6.3.4: the reachable time is spread from half of it on, lest stations fall into step. */
const SPREAD_LEAST = 0.5;
/** §6.2.1: no router says more than an hour. */
const MOST_REACHABLE_TIME = 3_600_000;
/** Questions that come faster are a flood; slower ones would have no address ever probed for, no neighbour ever given up. */
const LEAST_RETRANS_TIMER = 10;
const MOST_RETRANS_TIMER = 10_000;

/** RFC 7217 §7, IDGEN_RETRIES: addresses that are tried. The time before each (IDGEN_DELAY) is that before its probe. */
const TRIES = 3;

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
  nameServers: NameServer[] = [];
  /** Whether routers are heard. */
  isOn = true;
  /** Prefixes in which every address that could be made turned out to be another station's. */
  private readonly lost: Address[] = [];
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
    this.isOn = true;
    this.lost.length = 0;
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

  /** RFC 4861 §6.3.7: a router has answered; who has not asked yet does so once all the same. */
  routerAnswers(): void {
    if (this.asked > 0) this.end();
  }

  /** RFC 4862 §5.4.5: another station has this one's MAC address: no addresses, until the interface comes up again. */
  giveUp(): void {
    const { ip, via } = this;
    this.end();
    this.isOn = false;
    for (const entry of [...via.addresses]) if (entry.origin === 'advertised') dropAddress(ip, via, entry);
    ip.routes.remove(({ origin, via: by }) => origin === 'advertised' && by === via);
  }

  /** Nobody but others can have addresses in that prefix. */
  lose(prefix: Address): void {
    if (this.lost.length >= MOST_PREFIXES) this.lost.shift();
    this.lost.push(prefix.clone());
  }

  hasLost(prefix: Address): boolean {
    return this.lost.some((other) => inPrefix(prefix, other, PREFIX));
  }
}

/** What holds until a router says something else, with the reachable time spread (RFC 4861 §6.3.2). */
export function forgetAdvertised(ip: Ip, via: IpInterface): void {
  via.hopLimit = 0;
  via.advertisedMtu = 0;
  via.retransTimer = RETRANS_TIMER;
  via.reachableTime = spread(ip, REACHABLE_TIME);
}

/**
 * RFC 4862 §5.3: the interface's own link-local address, unless it has one. `lost`: called when it can have none, for
 * every one that it could make is another station's.
 */
export function addLinkLocal(
  ip: Ip,
  via: IpInterface,
  identifier: Identifier,
  detect: boolean,
  lost: () => void,
): void {
  if (via.addresses.some(({ address }) => address.family === 6 && isLinkLocal(address))) return;
  make(ip, via, { prefix: LINK_LOCAL, identifier, origin: 'link-local', detect, lost }, NEVER, NEVER);
}

/** How an address of one's own is made. */
interface Recipe {
  readonly prefix: Address;
  readonly identifier: Identifier;
  readonly origin: Origin;
  readonly detect: boolean;
  /** Called when every address that could be made so is another station's. */
  readonly lost: () => void;
}

/** If it is taken, another one is made (RFC 7217 §6); not so from the MAC address, of which there is one (RFC 4862 §5.4.5). */
function make(ip: Ip, via: IpInterface, recipe: Recipe, validUntil: Micros, preferredUntil: Micros, tries = 0): void {
  const { prefix, identifier, origin, detect, lost } = recipe;
  const address = addressIn(prefix, identifier, via.mac, ip.secret, tries);
  if (ip.entryOf(address, via) !== null) return; // §5.5.3 (d): its user has given it already
  const entry = new InterfaceAddress(address, PREFIX, origin);
  entry.validUntil = validUntil;
  entry.preferredUntil = preferredUntil;
  entry.lost = () => {
    if (identifier === 'eui64' || tries + 1 === TRIES) lost();
    else make(ip, via, recipe, entry.validUntil, entry.preferredUntil, tries + 1);
  };
  addAddress(ip, via, entry, detect, false);
}

/** RFC 4861 §6.3.4: a router advertises itself. `ip.nd` holds the message, which came from `router`. */
export function routerAdvertisementArrives(ip: Ip, via: IpInterface, autoconf: Autoconf, router: Address): void {
  const { nd, clock, neighbours } = ip;
  if (!autoconf.isOn) return;
  if (nd.lifetime > 0) autoconf.routerAnswers();
  if (nd.hopLimit > 0) via.hopLimit = nd.hopLimit;
  if (nd.reachableTime > 0 && nd.reachableTime <= MOST_REACHABLE_TIME) {
    via.reachableTime = spread(ip, nd.reachableTime * MILLISECOND);
  }
  if (nd.retransTimer >= LEAST_RETRANS_TIMER && nd.retransTimer <= MOST_RETRANS_TIMER) {
    via.retransTimer = nd.retransTimer * MILLISECOND;
  }
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
  const known = advertisedOn(ip, via).filter(({ gateway }) => gateway !== null);
  const same = known.find(({ gateway }) => gateway?.equals(router) === true);
  if (lifetime === 0) {
    if (same !== undefined) routes.remove((route) => route === same);
  } else if (same !== undefined) {
    same.validUntil = clock.now + lifetime * SECOND;
    routes.version++; // paths remember how long a route holds
  } else if (known.length < MOST_ROUTERS) {
    routes.add(DEFAULT, 0, via, router.clone(), 'advertised', 0, clock.now + lifetime * SECOND);
  }
}

/** What routers have told of the ways of an interface. Whose time is over is forgotten first. */
function advertisedOn({ routes, clock }: Ip, via: IpInterface): Route[] {
  const known = [...routes].filter(({ origin, via: by }) => origin === 'advertised' && by === via);
  const valid = known.filter(({ validUntil }) => validUntil > clock.now);
  if (valid.length < known.length) {
    routes.remove(
      ({ origin, via: by, validUntil }) => origin === 'advertised' && by === via && validUntil <= clock.now,
    );
  }
  return valid;
}

/** RFC 4861 §6.3.4: a prefix is on the link; RFC 4862 §5.5.3: an address in it is made. */
function takePrefix(ip: Ip, via: IpInterface, autoconf: Autoconf, told: NdPrefix): void {
  const { prefix, onLink, autonomous } = told;
  if (prefix.family === 4 || isLinkLocal(prefix) || isMulticast(prefix)) return;
  if (onLink) takeOnLink(ip, via, told);
  if (autonomous) takeAddress(ip, via, autoconf, told);
}

function takeOnLink(ip: Ip, via: IpInterface, { prefix, length, validLifetime }: NdPrefix): void {
  const { routes, clock } = ip;
  const known = advertisedOn(ip, via).filter(({ gateway }) => gateway === null);
  const same = known.find(({ network, prefixLength }) => prefixLength === length && inPrefix(prefix, network, length));
  if (validLifetime === 0) {
    if (same !== undefined) routes.remove((route) => route === same);
  } else if (same !== undefined) {
    same.validUntil = after(clock.now, validLifetime);
    routes.version++;
  } else if (known.length < MOST_PREFIXES) {
    routes.add(prefix, length, via, null, 'advertised', 0, after(clock.now, validLifetime));
  }
}

function takeAddress(ip: Ip, via: IpInterface, autoconf: Autoconf, told: NdPrefix): void {
  const { clock } = ip;
  const { prefix, length, validLifetime, preferredLifetime } = told;
  if (length !== PREFIX || preferredLifetime > validLifetime) return;
  const valid = after(clock.now, validLifetime);
  const preferred = after(clock.now, preferredLifetime);
  const made = via.addresses.filter(({ origin }) => origin === 'advertised');
  const known = made.filter(({ address }) => inPrefix(address, prefix, PREFIX));
  for (const entry of known) {
    prolong(entry, valid, preferred, clock.now);
    awaitExpiry(ip, via, entry);
  }
  if (known.length > 0 || validLifetime === 0 || made.length >= MOST_ADDRESSES || autoconf.hasLost(prefix)) return;
  const network = prefix.clone();
  const lost = (): void => autoconf.lose(network);
  const recipe: Recipe = {
    prefix: network,
    identifier: autoconf.identifier,
    origin: 'advertised',
    detect: true,
    lost,
  };
  make(ip, via, recipe, valid, preferred);
}

/** RFC 4862 §5.5.3 (e): longer is believed, shorter only down to two hours. */
function prolong(entry: InterfaceAddress, valid: Micros, preferred: Micros, now: Micros): void {
  const left = entry.validUntil - now;
  if (valid - now > TWO_HOURS || valid > entry.validUntil) entry.validUntil = valid;
  else if (left > TWO_HOURS) entry.validUntil = now + TWO_HOURS;
  entry.preferredUntil = preferred;
}

function takeNameServer(autoconf: Autoconf, address: Address, validUntil: Micros, now: Micros): void {
  if (isUnspecified(address) || isLoopback(address) || isMulticast(address)) return; // no station of the network
  const known = autoconf.nameServers.find((server) => server.address.equals(address));
  if (known !== undefined) known.validUntil = validUntil;
  const valid = autoconf.nameServers.filter((server) => server.validUntil > now);
  if (known === undefined && validUntil > now && valid.length < MOST_NAME_SERVERS) {
    valid.push({ address: address.clone(), validUntil });
  }
  autoconf.nameServers = valid;
}

function spread({ random }: Ip, time: Micros): Micros {
  return Math.floor(time * (SPREAD_LEAST + random.fraction()));
}

function after(now: Micros, seconds: number): Micros {
  return seconds === FOREVER ? NEVER : now + seconds * SECOND;
}
