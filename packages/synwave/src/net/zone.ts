/**
 * Zones of link-local addresses: `fe80::1%eth0` (RFC 4007 §11). The sockets of this room keep them and show them again.
 * The stack has no argument for a zone yet, its routes say which link an address is on: what goes down there goes through
 * `unzoned`, and that is the seam at which a zone is to be handed on once the stack takes one.
 */
import type { Address } from '../base/address.ts';
import { isLinkLocal, isMulticast, parseAddress, splitZone } from '../base/address-text.ts';

/** An address as the stack takes it, without the zone. */
export function unzoned(text: string): string {
  return splitZone(text).address;
}

/** The zone that an address as text names, as far as it means something: '' for one that is the same in every zone. */
export function zoneOf(text: string): string {
  const { address, zone } = splitZone(text);
  const parsed = parseAddress(address);
  return parsed !== null && isScoped(parsed) ? zone : '';
}

/** Whether nobody can tell which link the address is on: it is one of a link, and no zone is named. Linux answers EINVAL. */
export function lacksZone(text: string): boolean {
  const { address, zone } = splitZone(text);
  const parsed = parseAddress(address);
  return zone === '' && parsed !== null && isScoped(parsed);
}

/** Whether an address is a group's: of those Linux finds no route for a connection before it asks for a zone. */
export function isGroup(text: string): boolean {
  const parsed = parseAddress(unzoned(text));
  return parsed !== null && isMulticast(parsed);
}

/** The address with its zone, where it is of a link: as Node.js shows it. */
export function withZone(address: string, zone: string): string {
  return zone !== '' && zoneOf(`${address}%${zone}`) !== '' ? `${address}%${zone}` : address;
}

/** Of IPv6, and of one link or one interface (RFC 4291 §2.5.6, §2.7: scopes 1 and 2 of groups). */
function isScoped(address: Address): boolean {
  if (address.family === 4) return false;
  return isLinkLocal(address) || (isMulticast(address) && [1, 2].includes((address.a >>> 16) & 0xf));
}
