/** RFC 4861 §7.2, §8.3: solicitations, advertisements and redirects of neighbours arrive. `ip.nd` holds each. */
import type { Address } from '../base/address.ts';
import { isUnspecified } from '../base/address-text.ts';
import type { Packet } from '../wire/ip.ts';
import { addressIsClaimed } from './detection.ts';
import type { IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';
import { ALL_NODES, advertiseByNd } from './nd-output.ts';
import { NeighbourState } from './neighbours.ts';

/** §7.2.3: somebody asks for an address. */
export function solicitationArrives(ip: Ip, via: IpInterface, packet: Packet): void {
  const { nd, neighbours } = ip;
  const { src } = packet;
  const entry = via.entryOf(nd.target);
  if (entry === null) return;
  const probe = isUnspecified(src);
  if (entry.tentative) {
    // RFC 4862 §5.4.3: another station is about to take it as well. To others a tentative address does not exist.
    if (probe) addressIsClaimed(ip, via, entry, nd.sourceMac);
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
    addressIsClaimed(ip, via, entry, nd.targetMac); // RFC 4862 §5.4.4
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
  // §7.2.5, the last of II: who was a router and is none any more is no way out.
  if (wasRouter && !router) {
    ip.routes.remove(({ origin, gateway }) => origin === 'advertised' && gateway?.equals(known.address) === true);
  }
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
  const path = ip.paths.find(destination, 0);
  if (path === null || path.via !== via || !path.nextHop.equals(from) || via.entryOf(target) !== null) return false;
  const { nd } = ip;
  if (target.family === 6 && nd.targetMac >= 0) ip.neighbours.heard(ip.neighbours.get(via, target), nd.targetMac);
  path.redirected = target.clone();
  path.version = -1;
  return true;
}
