/** Routes: which way leads to an address: the longest matching prefix (RFC 1122 §3.3.1, RFC 1812 §5.2.4.3, RFC 4861 §6.3.6). */
import { Address, type Family } from '../base/address.ts';
import { AddressTable } from '../base/address-table.ts';
import { type Micros, NEVER } from '../base/time.ts';
import type { IpInterface } from './interface.ts';

/** Where a route comes from: an address of the interface, the user, a router's advertisement, a DHCP server. */
export type RouteOrigin = 'connected' | 'static' | 'advertised' | 'leased';

export interface Route {
  readonly network: Address;
  readonly prefixLength: number;
  readonly via: IpInterface;
  /** The router that forwards; null: the network's stations are on the link itself. */
  readonly gateway: Address | null;
  /** Of two routes to one network the smaller is taken. */
  readonly metric: number;
  readonly origin: RouteOrigin;
  validUntil: Micros;
}

/** What is known of a route's router: it answers or may well do, nobody knows, it is dead; of the dead the smallest is best. */
export const Standing = { Answers: 0, Unknown: 1, Dead: 2 } as const;

/** One table for each length of prefix that is in use. */
interface Shelf {
  readonly family: Family;
  readonly prefixLength: number;
  readonly byNetwork: AddressTable<Route[]>;
}

export class Routes implements Iterable<Route> {
  /** Moves with every change: who remembers a way looks again. */
  version = 0;
  private readonly seed: number;
  /** Longest prefix first. */
  private readonly shelves: Shelf[] = [];
  private readonly masked: Address = new Address();
  private readonly standingOf: (route: Route) => number;

  /** `standingOf`: a `Standing`, or more for a router that is dead. */
  constructor(seed: number, standingOf: (route: Route) => number) {
    this.seed = seed;
    this.standingOf = standingOf;
  }

  *[Symbol.iterator](): Generator<Route> {
    for (const { byNetwork } of this.shelves) for (const routes of byNetwork) yield* routes;
  }

  /** Adds a route, in place of an equal one. Bits of `network` behind the prefix are cleared. */
  add(
    network: Address,
    prefixLength: number,
    via: IpInterface,
    gateway: Address | null,
    origin: RouteOrigin,
    metric = 0,
    validUntil: Micros = NEVER,
  ): void {
    const { family } = network;
    const route: Route = {
      network: mask(network, prefixLength, new Address()),
      prefixLength,
      via,
      gateway,
      metric,
      origin,
      validUntil,
    };
    const { byNetwork } = this.shelf(family, prefixLength);
    const others = (byNetwork.find(route.network, 0) ?? []).filter((other) => !isSame(other, route));
    const at = others.findIndex((other) => other.metric > metric);
    others.splice(at < 0 ? others.length : at, 0, route);
    byNetwork.set(route.network, 0, others);
    this.version++;
  }

  /** Removes every route that `which` names. Answers how many there were. */
  remove(which: (route: Route) => boolean): number {
    let removed = 0;
    for (const { byNetwork } of this.shelves) {
      for (const routes of [...byNetwork]) {
        const rest = routes.filter((route) => !which(route));
        const [first] = routes;
        if (rest.length === routes.length || first === undefined) continue;
        removed += routes.length - rest.length;
        if (rest.length === 0) byNetwork.delete(first.network, 0);
        else byNetwork.set(first.network, 0, rest);
      }
    }
    if (removed === 0) return 0;
    for (let i = this.shelves.length - 1; i >= 0; i--) {
      if (this.shelves[i]?.byNetwork.size === 0) this.shelves.splice(i, 1);
    }
    this.version++;
    return removed;
  }

  /**
   * The route to `to`, null when there is none. Of several to the longest prefix: the smallest metric whose router is not
   * dead, and of equal ones the router that is known to answer, or else the first (RFC 4861 §6.3.6). When all are dead,
   * each in turn, so that all are asked again. `only`: by that interface alone.
   */
  find(to: Address, now: Micros, only: IpInterface | null = null): Route | null {
    const { family } = to;
    for (const { family: of, prefixLength, byNetwork } of this.shelves) {
      if (of !== family) continue;
      const routes = byNetwork.find(mask(to, prefixLength, this.masked), 0);
      if (routes === null) continue;
      const best = this.best(routes, now, only);
      if (best !== null) return best;
    }
    return null;
  }

  /** Of routes to one network, which stand by their metrics. */
  private best(routes: readonly Route[], now: Micros, only: IpInterface | null): Route | null {
    let best: Route | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const route of routes) {
      const { via, validUntil, metric } = route;
      if (!via.up || validUntil <= now || (only !== null && via !== only)) continue;
      if (best !== null && least < Standing.Dead && metric > best.metric) break;
      const standing = this.standingOf(route);
      if (standing >= least) continue;
      best = route;
      least = standing;
    }
    return best;
  }

  private shelf(family: Family, prefixLength: number): Shelf {
    const known = this.shelves.find((shelf) => shelf.family === family && shelf.prefixLength === prefixLength);
    if (known !== undefined) return known;
    const shelf: Shelf = { family, prefixLength, byNetwork: new AddressTable(this.seed) };
    const at = this.shelves.findIndex((other) => other.prefixLength < prefixLength);
    this.shelves.splice(at < 0 ? this.shelves.length : at, 0, shelf);
    return shelf;
  }
}

/** Whether one takes the other's place: to the same network by the same router. */
function isSame(a: Route, b: Route): boolean {
  if (a.via !== b.via || a.origin !== b.origin) return false;
  return a.gateway === null || b.gateway === null ? a.gateway === b.gateway : a.gateway.equals(b.gateway);
}

/** The address with the bits behind the prefix cleared, written into `into`. */
function mask(address: Address, prefixLength: number, into: Address): Address {
  const bits = address.family === 4 ? prefixLength + 96 : prefixLength;
  return into.set(
    address.a & ones(bits),
    address.b & ones(bits - 32),
    address.c & ones(bits - 64),
    address.d & ones(bits - 96),
  );
}

/** A word whose first `bits` bits are set: none below 1, all from 32 on. */
function ones(bits: number): number {
  return bits <= 0 ? 0 : bits >= 32 ? -1 : -1 << (32 - bits);
}
