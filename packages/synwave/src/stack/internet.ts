/** Internet: the calls of the internet layer, as `Stack.internet` offers them: interfaces, addresses, routes, neighbours, groups. */
import type { Address } from '../base/address.ts';
import { formatAddress, isBroadcast, isMulticast, isUnspecified, parseAddress } from '../base/address-text.ts';
import { fail } from '../base/errors.ts';
import { formatMac, type Mac } from '../base/mac.ts';
import { type Micros, NEVER } from '../base/time.ts';
import { dropAddress } from '../ip/address-gone.ts';
import { addAddress, awaitExpiry } from '../ip/addresses.ts';
import { type Advertisement, Advertiser } from '../ip/advertiser.ts';
import { Autoconf, addLinkLocal, forgetAdvertised, nameServersOf } from '../ip/autoconf.ts';
import { beginDetection, endDetection } from '../ip/detection.ts';
import type { Identifier } from '../ip/identifier.ts';
import { InterfaceAddress, IpInterface, type Origin, parseInterfaceAddress } from '../ip/interface.ts';
import { ALL_NODES, ALL_ROUTERS } from '../ip/nd-output.ts';
import { neighbourStateNames } from '../ip/neighbours.ts';
import { pathTo } from '../ip/paths.ts';
import type { RouteOrigin } from '../ip/routes.ts';
import type { Link } from '../link/link.ts';
import { ND_DNS, ND_PREFIXES } from '../wire/nd-options.ts';
import type { Core } from './core.ts';
import type { AddressMove } from './events.ts';

const ALL_HOSTS: Address = parseAddress('224.0.0.1') as Address;
/** The longest lifetime: for ever. */
const FOREVER = 0xffff_ffff;

export interface InterfaceOptions {
  /** What it goes by, as in `fe80::1%eth0`: letters, digits, `_`, `.` and `-`. The link's own name by default. */
  readonly name?: string;
  /**
   * Whether IPv6 addresses and routes come from what routers advertise (RFC 4862); only on Ethernet, where it is the
   * default for an interface without addresses.
   */
  readonly autoconf?: boolean;
  /** How addresses that the host makes for itself end; `stable` by default (RFC 7217). */
  readonly identifier?: Identifier;
  /**
   * Whether the addresses that are given are probed for before they are used (RFC 5227 §2.1, RFC 4862 §5.4); not by
   * default: they are used at once, announced, and defended, and so is the link-local one beside them. Those that are made
   * by autoconfiguration, or leased, are always probed for.
   */
  readonly detect?: boolean;
}

export interface AddressOptions {
  readonly origin?: Origin;
  readonly detect?: boolean;
  /** Until when it may be used for what is new, and for anything; for ever by default. */
  readonly preferredUntil?: Micros;
  readonly validUntil?: Micros;
}

/** A way to a network. */
export interface RouteOptions {
  /** The router that forwards, as text; left out: the network's stations are on the link itself. */
  readonly gateway?: string;
  /** The interface's number; left out: the one that leads to the gateway. */
  readonly interface?: number;
  /** Of two routes to one network the smaller is taken; 0 by default. */
  readonly metric?: number;
  readonly origin?: RouteOrigin;
  readonly validUntil?: Micros;
}

/** What a router says of itself (RFC 4861 §6.2.1), with addresses as text. */
export interface AdvertiseOptions extends Omit<Advertisement, 'prefixes' | 'nameServers'> {
  /** Prefixes of 64 bits that hosts make addresses in, as `fd00:1::`: those of the interface's own addresses by default. */
  readonly prefixes?: readonly string[];
  /** Name servers (RFC 8106); none by default. */
  readonly nameServers?: readonly string[];
}

export interface InterfaceInfo {
  readonly index: number;
  readonly name: string;
  /** Null on carriers that have none. */
  readonly mac: string | null;
  readonly mtu: number;
  readonly up: boolean;
  readonly addresses: readonly AddressInfo[];
}

export interface AddressInfo {
  readonly address: string;
  readonly prefixLength: number;
  readonly origin: Origin;
  readonly state: 'tentative' | 'preferred' | 'deprecated' | 'expired';
}

export interface RouteInfo {
  /** `10.1.0.0/16`, `::/0`. */
  readonly network: string;
  readonly gateway: string | null;
  readonly interface: string;
  readonly metric: number;
  readonly origin: RouteOrigin;
}

export interface NeighbourInfo {
  readonly address: string;
  /** Null while it is not known. */
  readonly mac: string | null;
  readonly interface: string;
  /** As RFC 4861 §7.3.2 names it: `REACHABLE`, `STALE` ... */
  readonly state: string;
  readonly isRouter: boolean;
}

export class Internet {
  private readonly core: Core;
  /** By interface: the options that it was given, for when it comes up again. */
  private readonly options: InterfaceOptions[] = [];

  constructor(core: Core) {
    this.core = core;
  }

  /**
   * Gives the host a link with addresses of its own, as `10.0.0.1/24`; routes to their networks follow. Answers the
   * interface's number. Throws SynwaveError EINVAL when an address cannot be read, EADDRINUSE when the host has it already.
   */
  addInterface(link: Link, addresses: readonly string[], options: InterfaceOptions = {}): number {
    const { ip, links, autoconfs } = this.core;
    const index = ip.interfaces.length;
    const via = new IpInterface(index, link, options.name);
    const entries = addresses.map(parseInterfaceAddress);
    for (const [i, { address }] of entries.entries()) {
      this.checkMayBeOurs(address, via);
      if (entries.findIndex((other) => other.address.equals(address)) < i)
        fail('EADDRINUSE', `address ${addresses[i]}`);
    }
    ip.interfaces.push(via);
    ip.routes.version++;
    this.options.push({ autoconf: entries.length === 0, ...options });
    if (via.isLoopback) ip.loopback ??= via;
    if (link.deliver !== undefined) links.push(link);
    this.joinOwnGroups(via);
    for (const entry of entries) addAddress(ip, via, entry, options.detect === true, true);
    if (via.mac < 0) return index;
    forgetAdvertised(ip, via);
    if (this.options[index]?.autoconf === true) autoconfs.set(index, this.autoconfOf(via));
    this.begin(via);
    return index;
  }

  /** One more address for an interface. Throws SynwaveError EINVAL, EADDRINUSE. */
  addAddress(index: number, text: string, options: AddressOptions = {}): void {
    const { ip } = this.core;
    const via = this.interface(index);
    const { address, prefixLength } = parseInterfaceAddress(text);
    const { origin = 'static', detect = false, preferredUntil = NEVER, validUntil = NEVER } = options;
    this.checkMayBeOurs(address, via);
    const entry = new InterfaceAddress(address, prefixLength, origin);
    entry.preferredUntil = preferredUntil;
    entry.validUntil = validUntil;
    addAddress(ip, via, entry, detect, true);
  }

  /** The address is no longer one of this host's; connections with it hear nothing any more. Answers whether it was one. */
  removeAddress(index: number, text: string): boolean {
    const via = this.interface(index);
    const entry = via.entryOf(this.read(text.split('/')[0] as string));
    if (entry !== null) dropAddress(this.core.ip, via, entry);
    return entry !== null;
  }

  /** Whether an address may be used: it is one of this host's, and nobody else has it. */
  isUsable(text: string): boolean {
    const { ip, clock } = this.core;
    return ip.entryOf(this.read(text), null)?.isUsable(clock.now) === true;
  }

  /** Packets go out by that interface and come in, or do not: its cable is out. */
  setUp(index: number, up: boolean): void {
    const { ip, autoconfs, advertisers } = this.core;
    const via = this.interface(index);
    if (via.up === up) return;
    via.up = up;
    ip.routes.version++;
    if (up) {
      if (via.mac >= 0) this.begin(via);
      return;
    }
    ip.neighbours.forget(via);
    for (const entry of via.addresses) endDetection(ip, entry);
    autoconfs.get(index)?.end();
    advertisers.get(index)?.pause();
  }

  /**
   * Packets to `network`, as `10.1.0.0/16` or `::/0`, go that way. Throws SynwaveError EINVAL for what cannot be read,
   * ENETUNREACH when no interface leads to the gateway, or only another gateway does.
   */
  addRoute(network: string, options: RouteOptions): void {
    const { ip } = this.core;
    const { address, prefixLength } = parseInterfaceAddress(network);
    const { metric = 0, origin = 'static', validUntil = NEVER } = options;
    const gateway = options.gateway === undefined ? null : this.read(options.gateway);
    if (gateway !== null && gateway.family !== address.family)
      fail('EINVAL', `route to ${network} by ${options.gateway}`);
    const by = options.interface === undefined ? null : this.interface(options.interface);
    const path = gateway === null ? null : pathTo(ip, gateway, by);
    if (path !== null && (path.isGroup || path.via?.isLoopback === true)) {
      fail('EINVAL', `route to ${network} by ${options.gateway}`); // one of this host's own, or of many
    }
    const via = by ?? (gateway !== null && path?.nextHop.equals(gateway) === true ? path.via : null);
    if (via === null) return fail(gateway === null ? 'EINVAL' : 'ENETUNREACH', `route to ${network}`);
    ip.routes.add(address, prefixLength, via, gateway, origin, metric, validUntil);
  }

  /**
   * Takes away what `addRoute` has added to that network, by that gateway if one is named; `only` of that origin, or by
   * that interface. Answers how many there were.
   */
  removeRoute(network: string, gateway?: string, only: Pick<RouteOptions, 'origin' | 'interface'> = {}): number {
    const { address, prefixLength } = parseInterfaceAddress(network);
    const by = gateway === undefined ? null : this.read(gateway);
    return this.core.ip.routes.remove(
      (route) =>
        route.origin !== 'connected' &&
        (only.origin === undefined || route.origin === only.origin) &&
        (only.interface === undefined || route.via.index === only.interface) &&
        route.prefixLength === prefixLength &&
        route.network.equals(address) &&
        (by === null || route.gateway?.equals(by) === true),
    );
  }

  /** The host is a router: packets for others go on (RFC 1812, RFC 8200 §3). It then takes no advice from other routers. */
  setForwarding(on: boolean): void {
    const { ip, autoconfs, advertisers } = this.core;
    if (ip.forwarding === on) return;
    ip.forwarding = on;
    for (const via of ip.interfaces) {
      if (on) ip.join(ALL_ROUTERS, via);
      else ip.leave(ALL_ROUTERS, via);
      if (!via.up) continue;
      // RFC 4861 §6.2.4: hosts hear of it soon. §6.3.7: who was a router asks for one.
      advertisers.get(via.index)?.begin();
      if (on) autoconfs.get(via.index)?.end();
      else autoconfs.get(via.index)?.begin();
    }
  }

  /**
   * Tells the hosts of a link of itself, as their router if it forwards (RFC 4861 §6.2); null: no longer. Throws
   * SynwaveError EINVAL for what a router must not say (§6.2.1), or cannot say in one message.
   */
  advertise(index: number, options: AdvertiseOptions | null): void {
    const { ip, advertisers } = this.core;
    const via = this.interface(index);
    if (via.mac < 0) fail('EINVAL', `advertise on ${via.name}, which has no MAC addresses`);
    const known = advertisers.get(index);
    if (options === null) {
      if (known === undefined) return;
      known.end();
      advertisers.delete(index);
      ip.leave(ALL_ROUTERS, via);
      return;
    }
    checkAdvertisement(options);
    const { prefixes, nameServers = [], ...others } = options;
    const said: Advertisement = {
      ...others,
      ...(prefixes === undefined ? {} : { prefixes: prefixes.map((text) => this.read(text)) }),
      nameServers: nameServers.map((text) => this.read(text)),
    };
    const advertiser = known ?? new Advertiser(ip, via, said);
    advertiser.change(said);
    advertisers.set(index, advertiser);
    if (known === undefined) ip.join(ALL_ROUTERS, via); // §6.2.2
    if (via.up) advertiser.begin();
  }

  /** The number of the interface of that name, or that is meant by its number as text: what follows `%` in an address. -1: none. */
  zoneOf(zone: string): number {
    const { interfaces } = this.core.ip;
    const named = interfaces.findIndex(({ name }) => name === zone);
    if (named >= 0 || !/^[0-9]{1,5}$/.test(zone)) return named;
    return Number(zone) < interfaces.length ? Number(zone) : -1;
  }

  /** The name of an interface: what follows `%` in an address. Throws SynwaveError EINVAL. */
  nameOf(index: number): string {
    return this.interface(index).name;
  }

  /** The addresses of this host that may be used, interface by interface. */
  addresses(): Address[] {
    const { ip, clock } = this.core;
    return ip.interfaces.flatMap(({ addresses }) =>
      addresses.filter((entry) => entry.isUsable(clock.now)).map(({ address }) => address),
    );
  }

  /** Name servers that routers have told of (RFC 8106). */
  nameServers(): string[] {
    const { autoconfs, clock } = this.core;
    return [...autoconfs.values()].flatMap((autoconf) => nameServersOf(autoconf, clock.now).map(formatAddress));
  }

  interfaces(): InterfaceInfo[] {
    const { ip, clock } = this.core;
    return ip.interfaces.map(({ index, name, link, mac, up, addresses }) => ({
      index,
      name,
      mac: mac < 0 ? null : formatMac(mac),
      mtu: link.mtu,
      up,
      addresses: addresses.map((entry) => ({
        address: formatAddress(entry.address),
        prefixLength: entry.prefixLength,
        origin: entry.origin,
        state: stateOf(entry, clock.now),
      })),
    }));
  }

  routes(): RouteInfo[] {
    const { ip, clock } = this.core;
    return [...ip.routes]
      .filter(({ validUntil }) => validUntil > clock.now)
      .map(({ network, prefixLength, gateway, via, metric, origin }) => ({
        network: `${formatAddress(network)}/${prefixLength}`,
        gateway: gateway === null ? null : formatAddress(gateway),
        interface: via.name,
        metric,
        origin,
      }));
  }

  neighbours(): NeighbourInfo[] {
    const { ip, clock } = this.core;
    return [...ip.neighbours].map((neighbour) => ({
      address: formatAddress(neighbour.address),
      mac: neighbour.mac < 0 ? null : formatMac(neighbour.mac),
      interface: neighbour.via.name,
      state: neighbourStateNames[neighbour.stateAt(clock.now)] as string,
      isRouter: neighbour.isRouter,
    }));
  }

  /**
   * The station with that MAC address is to have that address: it is told so, unasked, by who gives addresses to stations
   * (RFC 2131 §4.1). Throws SynwaveError EINVAL.
   */
  addNeighbour(index: number, text: string, mac: Mac): void {
    const { neighbours } = this.core.ip;
    const via = this.interface(index);
    if (via.mac < 0) fail('EINVAL', `neighbour on ${via.name}, which has no MAC addresses`);
    neighbours.heard(neighbours.get(via, this.read(text)), mac);
  }

  /** IPv4 packets on that interface are no larger, in octets; 0: as large as its link takes. */
  setMtu(index: number, mtu: number): void {
    this.interface(index).leasedMtu = mtu;
  }

  /** Whether `nextAddressMove` is to tell of what befalls addresses from now on. */
  watchAddresses(on: boolean): void {
    this.core.addressNews = on ? [] : null;
  }

  /** Takes off what befell an address first; null: nothing has. */
  nextAddressMove(): AddressMove | null {
    return this.core.addressNews?.shift() ?? null;
  }

  /** Power is cut: what was learned is gone; what the user has said stays. */
  crash(): void {
    const { ip, autoconfs, advertisers } = this.core;
    for (const autoconf of autoconfs.values()) autoconf.end();
    for (const advertiser of advertisers.values()) advertiser.pause();
    for (const via of ip.interfaces) {
      for (const entry of [...via.addresses]) {
        if (entry.origin === 'advertised' || entry.origin === 'leased') dropAddress(ip, via, entry);
        endDetection(ip, entry);
        if (entry.expiry !== null) ip.timers.remove(entry.expiry);
      }
      via.leasedMtu = 0;
      if (via.mac >= 0) forgetAdvertised(ip, via);
    }
    if (this.core.addressNews !== null) this.core.addressNews.length = 0;
    ip.routes.remove(({ origin }) => origin === 'advertised' || origin === 'leased');
    ip.neighbours.forget();
    ip.paths.clear();
    ip.reassembly.clear();
    for (const index of autoconfs.keys()) autoconfs.set(index, this.autoconfOf(this.interface(index)));
  }

  /** Power is back. */
  boot(): void {
    const { ip } = this.core;
    for (const via of ip.interfaces) {
      for (const entry of via.addresses) awaitExpiry(ip, via, entry);
      if (via.mac >= 0 && via.up) this.begin(via);
    }
  }

  /** Throws SynwaveError EINVAL when there is none of that number. */
  interface(index: number): IpInterface {
    return this.core.ip.interfaces[index] ?? fail('EINVAL', `interface ${index}`);
  }

  /**
   * An Ethernet interface comes up: it has a link-local address of its own (RFC 4862 §5.3), its addresses are probed for or
   * announced, and routers are asked for, or are told of, if its user wants that.
   */
  private begin(via: IpInterface): void {
    const { ip, autoconfs, advertisers } = this.core;
    const { identifier = 'stable', detect = false } = this.options[via.index] as InterfaceOptions;
    const autoconf = autoconfs.get(via.index);
    for (const entry of via.addresses) if (entry.detection === null) beginDetection(ip, via, entry);
    if (!ip.forwarding) autoconf?.begin();
    addLinkLocal(ip, via, identifier, detect || autoconf !== undefined, () => autoconfs.get(via.index)?.giveUp());
    advertisers.get(via.index)?.begin();
  }

  private autoconfOf(via: IpInterface): Autoconf {
    return new Autoconf(this.core.ip, via, this.options[via.index]?.identifier ?? 'stable');
  }

  /** RFC 4291 §2.8, RFC 1112 §4: the groups of all hosts, and of all routers. */
  private joinOwnGroups(via: IpInterface): void {
    const { ip } = this.core;
    ip.join(ALL_HOSTS, via);
    ip.join(ALL_NODES, via);
    if (ip.forwarding) ip.join(ALL_ROUTERS, via);
  }

  /** RFC 1122 §3.2.1.3, RFC 4291 §2.5.2, §2.7: one of a single station, that no interface has; link-local ones by link. */
  private checkMayBeOurs(address: Address, via: IpInterface): void {
    const what = `address ${formatAddress(address)}`;
    if (isUnspecified(address) || isMulticast(address) || isBroadcast(address)) fail('EINVAL', what);
    if (this.core.ip.entryOf(address, via) !== null) fail('EADDRINUSE', what);
  }

  private read(text: string): Address {
    return parseAddress(text) ?? fail('EINVAL', `address ${text}`);
  }
}

/** RFC 4861 §6.2.1, and the fields of §4.2, §4.6.2 and §4.6.4. */
function checkAdvertisement(options: AdvertiseOptions): void {
  const { interval = 600, lifetime = 0, hopLimit = 64, mtu = 0, prefixes = [], nameServers = [] } = options;
  const { validLifetime = FOREVER, preferredLifetime = 0 } = options;
  const within = (value: number, least: number, most: number, what: string): void => {
    if (!(value >= least && value <= most)) fail('EINVAL', `${what} ${value}: not within ${least} to ${most}`);
  };
  within(interval, 4, 1800, 'interval');
  if (lifetime !== 0) within(lifetime, interval, 9000, 'lifetime');
  within(hopLimit, 0, 255, 'hopLimit');
  if (mtu !== 0) within(mtu, 1280, 0xffff_ffff, 'mtu');
  within(validLifetime, 0, FOREVER, 'validLifetime');
  within(preferredLifetime, 0, validLifetime, 'preferredLifetime');
  within(prefixes.length, 0, ND_PREFIXES, 'prefixes');
  within(nameServers.length, 0, ND_DNS, 'nameServers');
}

function stateOf(entry: InterfaceAddress, now: Micros): AddressInfo['state'] {
  if (entry.tentative) return 'tentative';
  if (now >= entry.validUntil) return 'expired';
  return now >= entry.preferredUntil ? 'deprecated' : 'preferred';
}
