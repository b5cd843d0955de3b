/** RFC 4861 §6.2: a router tells the hosts of a link that it is there, which prefixes are theirs, and what to keep to. */
import { Address } from '../base/address.ts';
import { isLinkLocal } from '../base/address-text.ts';
import { Due } from '../base/due.ts';
import { MILLISECOND, type Micros, SECOND } from '../base/time.ts';
import { clearNd, type NdPrefix, NdType } from '../wire/nd.ts';
import type { IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';
import { ALL_NODES, sendNd } from './nd-output.ts';
import { sourceOn } from './source.ts';

/** §10: MAX_INITIAL_RTR_ADVERT_INTERVAL, MAX_INITIAL_RTR_ADVERTISEMENTS, MIN_DELAY_BETWEEN_RAS, MAX_RA_DELAY_TIME. */
const INITIAL_INTERVAL: Micros = 16 * SECOND;
const INITIAL = 3;
/** When nothing could be said for want of an address: it is probed for now. */
const AGAIN: Micros = SECOND;
const BETWEEN: Micros = 3 * SECOND;
const DELAY: Micros = 500 * MILLISECOND;

/** §6.2.1, in seconds. */
const VALID_LIFETIME = 2_592_000;
const PREFERRED_LIFETIME = 604_800;
const MAX_INTERVAL = 600;
/** Below that, in seconds, advertisements come as often as they must; from there on, between a third and all of it. */
const LEAST_SPREAD = 9;

/** What a router says of itself; RFC 4861 §6.2.1 has each setting, and the defaults. */
export interface Advertisement {
  /** Seconds between two advertisements at most, 4 to 1800; 600 by default. They come between a third of it and all of it. */
  readonly interval?: number;
  /** Seconds for which it is a default router, 0 to 9000; three times the interval by default. 0: it is none. */
  readonly lifetime?: number;
  /** Prefixes of 64 bits that hosts make addresses in: those of the interface's own addresses by default. */
  readonly prefixes?: readonly Address[];
  /** Seconds for which the prefixes are valid, and for which new connections may use them. */
  readonly validLifetime?: number;
  readonly preferredLifetime?: number;
  /** The MTU of the link, where it is less than the link's own kind has; 0 by default: nothing is said. */
  readonly mtu?: number;
  /** The hop limit that hosts are to use; 64 by default. */
  readonly hopLimit?: number;
  /** Name servers (RFC 8106); none by default. */
  readonly nameServers?: readonly Address[];
}

export class Advertiser extends Due {
  private readonly ip: Ip;
  private readonly via: IpInterface;
  private options: Advertisement;
  private sent = 0;
  private sentAt: Micros = -BETWEEN;

  constructor(ip: Ip, via: IpInterface, options: Advertisement) {
    super();
    this.ip = ip;
    this.via = via;
    this.options = options;
  }

  /** §6.2.4: what it says has changed. */
  change(options: Advertisement): void {
    this.options = options;
  }

  /** The first advertisement goes out at once, or as soon as it may; also after a change, or when the interface was down. */
  begin(): void {
    const { timers, clock } = this.ip;
    this.sent = 0;
    timers.add(this, Math.max(clock.now, this.sentAt + BETWEEN));
  }

  /** §6.2.6: a host has asked: everybody is told, soon, and not too often. */
  solicited(): void {
    const { timers, clock, random } = this.ip;
    const at = Math.max(clock.now, this.sentAt + BETWEEN) + Math.floor(random.fraction() * DELAY);
    if (!this.awaited || at < this.time) timers.add(this, at);
  }

  happen(): void {
    const { ip } = this;
    const { interval = MAX_INTERVAL } = this.options;
    if (!this.say(false)) {
      ip.timers.add(this, ip.clock.now + AGAIN);
      return;
    }
    this.sent++;
    this.sentAt = ip.clock.now;
    const least = interval < LEAST_SPREAD ? interval : interval / 3;
    const next = Math.floor((least + ip.random.fraction() * (interval - least)) * SECOND);
    ip.timers.add(this, ip.clock.now + (this.sent < INITIAL ? Math.min(next, INITIAL_INTERVAL) : next));
  }

  /** §6.2.5: it is a router no longer, and says so. */
  end(): void {
    this.ip.timers.remove(this);
    this.say(true);
  }

  /** For a link that is down: nothing is sent until `begin`. */
  pause(): void {
    this.ip.timers.remove(this);
  }

  /** `last`: it is a router no more. Answers false when it has no address to say so from. */
  private say(last: boolean): boolean {
    const { ip, via, options } = this;
    const { interval = MAX_INTERVAL, hopLimit = 64, mtu = 0, nameServers = [] } = options;
    const from = sourceOn(ip, via, ALL_NODES);
    if (from === null || !isLinkLocal(from)) return false; // §6.1.2: nobody would believe it
    const { ndOut } = ip;
    clearNd(ndOut, NdType.RouterAdvertisement);
    ndOut.hopLimit = hopLimit;
    // §6.2.5: who does not forward is no router.
    ndOut.lifetime = last || !ip.forwarding ? 0 : (options.lifetime ?? 3 * interval);
    ndOut.sourceMac = via.mac;
    ndOut.mtu = mtu;
    for (const prefix of options.prefixes ?? ownPrefixes(via)) {
      const told = ndOut.prefixes[ndOut.prefixCount];
      if (told === undefined) break;
      ndOut.prefixCount++;
      this.tell(told, prefix);
    }
    for (const address of nameServers) {
      const told = ndOut.dns[ndOut.dnsCount];
      if (told === undefined) break;
      ndOut.dnsCount++;
      told.copy(address);
      ndOut.dnsLifetime = last ? 0 : 3 * interval; // RFC 8106 §5.1
    }
    sendNd(ip, via, ndOut, from, ALL_NODES, -1);
    return true;
  }

  private tell(told: NdPrefix, prefix: Address): void {
    const { validLifetime = VALID_LIFETIME } = this.options;
    const { preferredLifetime = Math.min(PREFERRED_LIFETIME, validLifetime) } = this.options;
    told.prefix.set(prefix.a, prefix.b, 0, 0);
    told.length = 64;
    told.onLink = true;
    told.autonomous = true;
    told.validLifetime = validLifetime;
    told.preferredLifetime = preferredLifetime;
  }
}

function ownPrefixes(via: IpInterface): Address[] {
  const prefixes: Address[] = [];
  for (const { address, prefixLength } of via.addresses) {
    if (address.family !== 6 || isLinkLocal(address) || prefixLength !== 64) continue;
    const prefix = new Address().set(address.a, address.b, 0, 0);
    if (!prefixes.some((known) => known.equals(prefix))) prefixes.push(prefix);
  }
  return prefixes;
}
