/** Addresses that stand in a packet as text. */
import { Address } from '../base/address.ts';
import { formatAddress } from '../base/address-text.ts';
import { readAddress } from './ipv6.ts';

/** The IPv4 address at `at`. */
export function ipv4Text(view: DataView, at: number): string {
  return formatAddress(new Address().set(0, 0, 0xffff, view.getInt32(at)));
}

/** The IPv6 address at `at`; an IPv4 address in disguise is shown for what it is. */
export function ipv6Text(view: DataView, at: number): string {
  const address = new Address();
  readAddress(address, view, at);
  return address.family === 4 ? `::ffff:${formatAddress(address)}` : formatAddress(address);
}

/** Octets of a hardware address of any length, with colons between them. */
export function macText(bytes: Uint8Array, at: number, length = 6): string {
  return Array.from(bytes.subarray(at, at + length), (octet) => octet.toString(16).padStart(2, '0')).join(':');
}
