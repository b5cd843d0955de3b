/** The IPv4 addresses that a host may use on one of its interfaces. */
import type { Address } from '../base/address.ts';
import { parseAddress } from '../base/address-text.ts';
import type { Host } from '../socket/host.ts';

/** In the order in which they were given; none where there is no such interface. */
export function ownAddresses(host: Host, index: number): Address[] {
  const found: Address[] = [];
  for (const { address, state } of host.interfaces()[index]?.addresses ?? []) {
    const read = state === 'preferred' || state === 'deprecated' ? parseAddress(address) : null;
    if (read?.family === 4) found.push(read);
  }
  return found;
}
