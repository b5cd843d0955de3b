/** RFC 4861 §6.2.6, §7.2, §8.3: solicitations, advertisements and redirects of neighbours arrive. `ip.nd` holds each. */
import type { Address } from '../base/address.ts';
import { inPrefix, isUnspecified } from '../base/address-text.ts';
import type { Packet } from '../wire/ip.ts';
import { addressIsClaimed } from './detection.ts';
import type { IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';
import { ALL_NODES, advertiseByNd } from './nd-output.ts';
import { type Neighbour, NeighbourState } from './neighbours.ts';
import type { Path } from './path.ts';
import { refresh } from './paths.ts';

/** §7.2.3: somebody asks for an address. */
export function solicitationArrives(ip: Ip, via: IpInterface, packet: Packet): void {
  const { nd, neighbours } = ip;
  const { src } = packet;
  const entry = via.entryOf(nd.target);
  if (entry === null) return;
  const probe = isUnspecified(src);
  if (entry.tentative) {
    // RFC 4862 §5.4.3: another station is about to take it as well. To others a tentative address does not exist.
    if (probe) addressIsClaimed(ip, via, entry, ip.ethernet.src);
    return;
  }
  if (!entry.isUsable(ip.clock.now)) return;
  if (!probe && nd.sourceMac >= 0) neighbours.heard(neighbours.get(via, src), nd.sourceMac);
  advertiseByNd(ip, via, entry.address, probe ? ALL_NODES : src, !probe);
}

/** §7.2.5: somebody tells its address. */
export function advertisementArrives(ip: Ip, via: IpInterface): void {
  const { nd, neighbours } = ip;
  const entry = via.entryOf(nd.target);
  if (entry !== null) {
    // RFC 4862 §5.4.4
    const mac = nd.targetMac >= 0 ? nd.targetMac : ip.ethernet.src;
    if (entry.tentative || entry.isUsable(ip.clock.now)) addressIsClaimed(ip, via, entry, mac);
    return;
  }
  const known = neighbours.find(via, nd.target);
  if (known === null || known.state === NeighbourState.None) return;
  const { targetMac, solicited, override, router } = nd;
  const wasRouter = known.isRouter;
  if (known.state === NeighbourState.Incomplete || known.state === NeighbourState.Failed) {
    if (targetMac < 0) return;
    if (solicited) neighbours.answered(known, targetMac);
    else neighbours.heard(known, targetMac);
  } else {
    const differs = targetMac >= 0 && targetMac !== known.mac;
    if (differs && !override) {
      neighbours.disagrees(known); // I
      return;
    }
    if (solicited)
      neighbours.answered(known, targetMac >= 0 ? targetMac : known.mac); // II
    else if (differs) neighbours.heard(known, targetMac);
  }
  known.isRouter = router;
  if (wasRouter && !router) ceases(ip, known);
}

/** §7.2.5, the last of II; §7.3.3: who was a router and is none any more is no way out, whoever has named it. */
function ceases({ routes }: Ip, { via, address }: Neighbour): void {
  routes.remove(
    ({ origin, gateway, via: by }) => origin === 'advertised' && by === via && gateway?.equals(address) === true,
  );
  routes.version++; // paths that a redirect has led to it look again
}

/** §6.2.6: a host asks for routers. `ip.nd` holds the question, which came from `src`. */
export function routerSolicitationArrives({ nd, neighbours }: Ip, via: IpInterface, src: Address): void {
  if (isUnspecified(src)) return;
  if (nd.sourceMac >= 0) neighbours.heard(neighbours.get(via, src), nd.sourceMac);
  const known = neighbours.find(via, src);
  if (known !== null) known.isRouter = false;
}

/**
 * §8.3, RFC 1122 §3.2.2.2: router `from` says that packets to `destination` had better go to `target` first; believed
 * only if it is the router that is in use for them, and for those alone.
 */
export function redirectArrives(
  ip: Ip,
  via: IpInterface,
  from: Address,
  destination: Address,
  target: Address,
): boolean {
  if (!mayBeHop(ip, via, target)) return false;
  const { nd, neighbours } = ip;
  let believed = false;
  for (const scope of [0, via.scope]) {
    const path = ip.paths.find(destination, scope);
    if (path === null || !isRouterOf(refresh(ip, path), via, from)) continue;
    believed = true;
    path.redirect = { to: target.clone(), instead: path.redirect?.instead ?? from.clone(), via };
    path.version = -1;
  }
  if (!believed || target.family === 4) return believed;
  const hop = neighbours.get(via, target);
  if (nd.targetMac >= 0) neighbours.heard(hop, nd.targetMac);
  if (!target.equals(destination)) hop.isRouter = true;
  return true;
}

/** A station of the link, and not this one: IPv4 knows only what is on its networks (RFC 1122 §3.2.2.2), IPv6 is told (RFC 4861 §8.1). */
function mayBeHop(ip: Ip, via: IpInterface, target: Address): boolean {
  if (ip.entryOf(target, via) !== null) return false;
  if (target.family === 6) return true;
  if (isUnspecified(target) || via.isBroadcast(target)) return false;
  return via.addresses.some(({ address, prefixLength }) => inPrefix(target, address, prefixLength));
}

/** Whether packets along the path go by that router now. */
function isRouterOf({ via, nextHop, to }: Path, by: IpInterface, router: Address): boolean {
  return via === by && nextHop.equals(router) && !nextHop.equals(to);
}
