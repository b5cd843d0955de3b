/** What is told of a stack beside its connections: drops, datagrams, ICMP, neighbours, addresses. Counting a drop costs an addition. */
import type { Address } from '../base/address.ts';
import { formatAddress } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import { formatMac } from '../base/mac.ts';
import type { InterfaceAddress, IpInterface } from '../ip/interface.ts';
import { type Neighbour, type NeighbourState, neighbourStateNames } from '../ip/neighbours.ts';
import { type Drop, dropReasons } from '../wire/drop.ts';
import type { Core } from './core.ts';
import type { AddressEvent } from './events.ts';

/** Counts a drop, and tells who looks on; `slot` is the connection's number, or -1. */
export function dropPacket(core: Core, reason: Drop, slot: number): void {
  core.drops.count(reason);
  core.observer?.({
    type: 'drop',
    time: core.clock.now,
    connection: slot < 0 ? null : (core.watchOf(slot)?.name ?? null),
    reason: dropReasons[reason] as string,
  });
}

export function tellDatagram(
  core: Core,
  direction: 'in' | 'out',
  local: Address,
  localPort: number,
  remote: Address,
  remotePort: number,
  length: number,
): void {
  core.observer?.({
    type: 'datagram',
    time: core.clock.now,
    direction,
    local: formatAddress(local),
    localPort,
    remote: formatAddress(remote),
    remotePort,
    length,
  });
}

/** The message stands in `frame.bytes[at, end)`. */
export function tellIcmp(
  core: Core,
  direction: 'in' | 'out',
  frame: Frame,
  at: number,
  end: number,
  local: Address,
  remote: Address,
): void {
  core.observer?.({
    type: 'icmp',
    time: core.clock.now,
    direction,
    family: local.family,
    local: formatAddress(local),
    remote: formatAddress(remote),
    icmpType: frame.bytes[at] as number,
    code: frame.bytes[at + 1] as number,
    length: end - at,
  });
}

export function tellNeighbour(core: Core, { via, address, mac, state }: Neighbour, from: NeighbourState): void {
  core.observer?.({
    type: 'neighbour',
    time: core.clock.now,
    interface: via.name,
    address: formatAddress(address),
    mac: mac < 0 ? null : formatMac(mac),
    from: neighbourStateNames[from] as string,
    to: neighbourStateNames[state] as string,
  });
}

export function tellAddress(
  core: Core,
  via: IpInterface,
  { address }: InterfaceAddress,
  what: AddressEvent['what'],
): void {
  core.addressNews?.push({ interface: via.index, address: formatAddress(address), what });
  core.observer?.({
    type: 'address',
    time: core.clock.now,
    interface: via.name,
    address: formatAddress(address),
    what,
  });
}
