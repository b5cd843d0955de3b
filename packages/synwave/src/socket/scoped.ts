/** Addresses as programs write them: with a zone, `fe80::1%eth0`, where they mean something on one link only (RFC 4007 §11). */
import type { Address } from '../base/address.ts';
import { formatAddress, isLinkLocal, isMulticast, parseAddress, splitZone } from '../base/address-text.ts';
import type { Stack } from '../stack/stack.ts';

/** An address, and the number of the interface that its zone names; -1: none is named. */
export interface Scoped {
  readonly address: Address;
  readonly zone: number;
}

/** The address that `text` says; null: it cannot be read, or its zone is no interface of this host. */
export function readScoped(stack: Stack, text: string): Scoped | null {
  const { address: name, zone: named } = splitZone(text);
  const address = parseAddress(name);
  if (address === null) return null;
  // A zone that changes nothing is not asked after.
  if (named === '' || !isScoped(address)) return { address, zone: -1 };
  const zone = stack.internet.zoneOf(named);
  return zone < 0 ? null : { address, zone };
}

/** An address that was met on interface `device`, with its zone where it needs one. */
export function writeScoped(stack: Stack, address: Address, device: number): string {
  const text = formatAddress(address);
  return isScoped(address) && device >= 0 ? `${text}%${stack.internet.nameOf(device)}` : text;
}

/** The same for an address that is text already. */
export function nameScoped(stack: Stack, text: string, device: number): string {
  const address = text.startsWith('f') ? parseAddress(text) : null; // fe80::/10, ff00::/8
  return address === null ? text : writeScoped(stack, address, device);
}

/** Of IPv6, and of one link or one interface (RFC 4291 §2.5.6, §2.7: scopes 1 and 2 of groups). */
export function isScoped(address: Address): boolean {
  if (address.family === 4) return false;
  return isLinkLocal(address) || (isMulticast(address) && [1, 2].includes((address.a >>> 16) & 0xf));
}
