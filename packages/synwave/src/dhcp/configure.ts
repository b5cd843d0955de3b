/** What a lease makes of a host: its address on the interface, the routes by its routers, the MTU; and how that is undone. */
import type { Host } from '../socket/host.ts';
import type { Lease } from './lease.ts';

const EVERYWHERE = '0.0.0.0/0';

/** An interface of a host; `metric`: of the first router's route, the others follow. */
export interface Place {
  readonly host: Host;
  readonly index: number;
  readonly metric: number;
}

/**
 * The interface gets the address: it is said to be there (`AddressMove`: added) once nobody else turned out to have it.
 * `detect`: whether that is looked for (RFC 5227 §2.1). False: this host has the address already, by other means.
 */
export function assignAddress({ host, index }: Place, { address, prefixLength }: Lease, detect: boolean): boolean {
  if (host.interfaces().some(({ addresses }) => addresses.some((each) => each.address === address))) return false;
  host.stack.internet.addAddress(index, `${address}/${prefixLength}`, { origin: 'leased', detect });
  host.wake();
  return true;
}

/** Whether the interface has the address, be it only on probation. */
export function hasAddress({ host, index }: Place, { address }: Lease): boolean {
  return host.interfaces()[index]?.addresses.some((each) => each.address === address) === true;
}

/** The lease is in force; `before` was until now, with the same address. What stays the same is not touched. */
export function configure(place: Place, lease: Lease, before: Lease | null): void {
  const { host, index, metric } = place;
  const { internet } = host.stack;
  if (before !== null && before.prefixLength !== lease.prefixLength) {
    // At one stroke: connections do not notice.
    internet.removeAddress(index, lease.address);
    assignAddress(place, lease, false);
  }
  if (before?.routers.join() !== lease.routers.join()) {
    if (before !== null) removeRoutes(place, before);
    for (const [i, gateway] of lease.routers.entries()) {
      internet.addRoute(EVERYWHERE, { gateway, interface: index, metric: metric + i, origin: 'leased' });
    }
  }
  internet.setMtu(index, lease.mtu);
  host.wake();
}

/** Nothing of the lease is left: connections with its address hear nothing any more. */
export function takeAway(place: Place, lease: Lease): void {
  const { host, index } = place;
  host.stack.internet.removeAddress(index, lease.address);
  removeRoutes(place, lease);
  host.stack.internet.setMtu(index, 0);
  host.wake();
}

function removeRoutes({ host, index }: Place, { routers }: Lease): void {
  for (const gateway of routers) {
    host.stack.internet.removeRoute(EVERYWHERE, gateway, { origin: 'leased', interface: index });
  }
}
