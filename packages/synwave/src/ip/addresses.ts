/** A host's addresses come and go (RFC 4291 §2.8, RFC 4862 §5.4): with each its group and the route to its network. */
import { Address } from '../base/address.ts';
import { isLinkLocal } from '../base/address-text.ts';
import { Due } from '../base/due.ts';
import { NEVER } from '../base/time.ts';
import { dropAddress } from './address-gone.ts';
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
  entry.probed = detect && via.mac >= 0;
  entry.tentative = entry.probed;
  awaitExpiry(ip, via, entry);
  ip.list(via, entry, true);
  if (address.family === 6) ip.join(solicitedNode(address, new Address()), via);
  if (onLink && !(address.family === 6 && isLinkLocal(address))) {
    ip.routes.add(address, prefixLength, via, null, 'connected');
  }
  ip.above.addressMoves(via, entry, entry.tentative ? 'tentative' : 'added');
  if (via.mac >= 0 && via.up) beginDetection(ip, via, entry);
}

/** RFC 4862 §5.5.4: an address whose time is over is ours no longer. */
class Expiry extends Due {
  private readonly ip: Ip;
  private readonly via: IpInterface;
  private readonly entry: InterfaceAddress;

  constructor(ip: Ip, via: IpInterface, entry: InterfaceAddress) {
    super();
    this.ip = ip;
    this.via = via;
    this.entry = entry;
  }

  happen(): void {
    dropAddress(this.ip, this.via, this.entry);
  }
}

/** To be called whenever `validUntil` has changed. */
export function awaitExpiry(ip: Ip, via: IpInterface, entry: InterfaceAddress): void {
  if (entry.validUntil !== NEVER) {
    entry.expiry ??= new Expiry(ip, via, entry);
    ip.timers.add(entry.expiry, entry.validUntil);
  } else if (entry.expiry !== null) {
    ip.timers.remove(entry.expiry);
  }
}
