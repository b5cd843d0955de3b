/** An address is no longer one of this host's: its group, its route, its probes and its end go with it. */
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
  for (const due of [entry.detection, entry.expiry]) if (due !== null) ip.timers.remove(due);
  entry.detection = null;
  entry.expiry = null;
  if (!entry.tentative) ip.checksSources = true;
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
