/** Zones of link-local addresses, `fe80::1%eth0` (RFC 4007 §11), as the sockets of Node.js keep them and show them again. */
import { isMulticast, parseAddress, splitZone } from '../base/address-text.ts';
import { isScoped } from '../socket/scoped.ts';

/** An address without its zone. */
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

/** The address with its zone, where it is of a link: as Node.js shows it. One that has a zone keeps it. */
export function withZone(address: string, zone: string): string {
  if (address.includes('%')) return address;
  return zone !== '' && zoneOf(`${address}%${zone}`) !== '' ? `${address}%${zone}` : address;
}
