/** Which way leads to an address: own addresses, links, routes, groups (RFC 1122 §3.3.1, RFC 4861 §5.2). */
import type { Address } from '../base/address.ts';
import { isLinkLocal, isLoopback, isMulticast } from '../base/address-text.ts';
import { BROADCAST_MAC, groupMac } from '../base/mac.ts';
import { NEVER } from '../base/time.ts';
import type { IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';
import { NeighbourState } from './neighbours.ts';
import { Path } from './path.ts';
import type { Route } from './routes.ts';

/** The path to `to`, as things are now. `only`: by that interface, for scoped addresses and sockets bound to one; null: any. */
export function pathTo(ip: Ip, to: Address, only: IpInterface | null): Path {
  const scope = only === null ? 0 : only.scope;
  const known = ip.paths.find(to, scope);
  if (known !== null) return refresh(ip, known);
  const path = new Path(to, scope);
  ip.paths.add(path);
  return refresh(ip, path);
}

/**
 * The path for one packet to a stranger. It is not remembered, so that many strangers push out nobody of whom something is
 * known; good until the next call.
 */
export function passingPath(ip: Ip, to: Address, only: IpInterface | null): Path {
  const scope = only === null ? 0 : only.scope;
  const known = ip.paths.find(to, scope);
  if (known !== null) return refresh(ip, known);
  ip.passing.leadTo(to, scope);
  return refresh(ip, ip.passing);
}

/** The path itself, looked up anew if routes have changed since. */
export function refresh(ip: Ip, path: Path): Path {
  if (path.version !== ip.routes.version || ip.clock.now >= path.validUntil) lookUp(ip, path);
  return path;
}

function lookUp(ip: Ip, path: Path): void {
  const { to, scope } = path;
  path.version = ip.routes.version;
  path.validUntil = NEVER;
  path.via = null;
  path.neighbour = null;
  path.isGroup = false;
  path.mac = -1;
  path.nextHop.copy(to);
  const only = scope === 0 ? null : (ip.interfaces[scope - 1] ?? null);
  if (isMulticast(to)) toGroup(ip, path, only);
  else if (ip.loopback?.isBroadcast(to) === true && to.d !== -1) toAll(path, ip.loopback);
  else if (isLoopback(to) || ip.isLocal(to, only)) path.via = ip.loopback;
  else if (to.family === 4 && to.d === -1) toAll(path, only ?? firstLink(ip));
  else if (to.family === 6 && isLinkLocal(to)) onLink(ip, path, only ?? onlyLink(ip));
  else byRoute(ip, path, only);
}

function byRoute(ip: Ip, path: Path, only: IpInterface | null): void {
  const route = ip.routes.find(path.to, ip.clock.now, only);
  if (route === null) return;
  path.validUntil = route.validUntil;
  if (route.via.isBroadcast(path.to)) {
    toAll(path, route.via);
    return;
  }
  const hop = redirectOf(ip, path, route) ?? route.gateway;
  if (hop !== null) path.nextHop.copy(hop);
  onLink(ip, path, route.via);
}

/** A better first hop that a router has named; forgotten with that router, and once it does not answer or is a router no longer. */
function redirectOf({ neighbours }: Ip, path: Path, route: Route): Address | null {
  const { redirect, to } = path;
  if (redirect === null) return null;
  const holds = redirect.via === route.via && route.gateway?.equals(redirect.instead) === true;
  const hop = neighbours.find(route.via, redirect.to);
  // RFC 4861 §7.3.3; ARP says nothing of who is a router.
  const forwards = hop === null || hop.isRouter || to.family === 4 || redirect.to.equals(to);
  if (!holds || !forwards || hop?.state === NeighbourState.Failed) path.redirect = null;
  return path.redirect?.to ?? null;
}

function onLink(ip: Ip, path: Path, via: IpInterface | null): void {
  if (via === null) return;
  path.via = via;
  if (via.mac >= 0) path.neighbour = ip.neighbours.get(via, path.nextHop);
}

function toGroup(ip: Ip, path: Path, only: IpInterface | null): void {
  path.isGroup = true;
  path.via = only ?? ip.routes.find(path.to, ip.clock.now)?.via ?? firstLink(ip);
  path.mac = groupMac(path.to);
}

function toAll(path: Path, via: IpInterface | null): void {
  path.isGroup = true;
  path.via = via;
  path.mac = BROADCAST_MAC;
}

/** The interface for what no route is about; loopback when there is no other. */
function firstLink(ip: Ip): IpInterface | null {
  return ip.interfaces.find(({ isLoopback: inside, up }) => !inside && up) ?? ip.loopback;
}

/** RFC 4007 §6: an address without its zone is clear where there is only one. */
function onlyLink(ip: Ip): IpInterface | null {
  const links = ip.interfaces.filter(({ isLoopback: inside, up }) => !inside && up);
  return links.length === 1 ? (links[0] as IpInterface) : null;
}
