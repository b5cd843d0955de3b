/** An address is no longer one of this host's: its group, its route and its probes go with it. */
import { Address } from '../base/address.ts';
import { inPrefix } from '../base/address-text.ts';
import type { InterfaceAddress, IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';
import { solicitedNode } from './nd-output.ts';

/** Nothing happens when it is not there. */
export function dropAddress(ip: Ip, via: IpInterface, entry: InterfaceAddress): void {
  const at = via.addresses.indexOf(entry);
  if (at < 0) return;
  via.addresses.splice(at, 1);
  if (entry.detection !== null) ip.timers.remove(entry.detection);
  entry.detection = null;
  ip.list(via, entry, false);
  ip.routes.remove(
    ({ origin, via: by, network, prefixLength }) =>
      origin === 'connected' &&
      by === via &&
      prefixLength === entry.prefixLength &&
      inPrefix(entry.address, network, prefixLength) &&
      !via.addresses.some(
        (other) => other.prefixLength === prefixLength && inPrefix(other.address, network, prefixLength),
      ),
  );
  if (entry.address.family === 6) ip.leave(solicitedNode(entry.address, new Address()), via);
  ip.above.addressMoves(via, entry, 'removed');
}
