/** A host's addresses come and go (RFC 4291 §2.8, RFC 4862 §5.4): with each its group and the route to its network. */
import { Address } from '../base/address.ts';
import { isLinkLocal } from '../base/address-text.ts';
import { beginDetection } from './detection.ts';
import type { InterfaceAddress, IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';
import { solicitedNode } from './nd-output.ts';

/**
 * Gives the interface an address. `detect`: it is tentative until nobody else turns out to have it; only on Ethernet.
 * `onLink`: its network's stations are on the link.
 */
export function addAddress(ip: Ip, via: IpInterface, entry: InterfaceAddress, detect: boolean, onLink: boolean): void {
  const { address, prefixLength } = entry;
  via.addresses.push(entry);
  entry.tentative = detect && via.mac >= 0;
  ip.list(via, entry, true);
  if (address.family === 6) ip.join(solicitedNode(address, new Address()), via);
  if (onLink && !(address.family === 6 && isLinkLocal(address))) {
    ip.routes.add(address, prefixLength, via, null, 'connected');
  }
  ip.above.addressMoves(via, entry, entry.tentative ? 'tentative' : 'added');
  if (via.mac >= 0 && via.up) beginDetection(ip, via, entry);
}
