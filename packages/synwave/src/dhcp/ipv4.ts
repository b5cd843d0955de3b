/** What DHCP asks of IPv4 addresses: as numbers that can be counted through, and whether a host can have one. */
import { Address } from '../base/address.ts';

const MAPPED = 0xffff;

/** 0.0.0.0/8 is below, 240.0.0.0/4 and all that is above is of no host (RFC 1122 §3.2.1.3, RFC 1112 §4). */
const FIRST_HOST = 0x0100_0000;
const MULTICAST = 0xe000_0000;
const LOOPBACK = 127;

/** The address of 32 bits, 0 to 2^32 - 1. */
export function addressOf(word: number): Address {
  return new Address().set(0, 0, MAPPED, word);
}

/** An IPv4 address as a number, 0 to 2^32 - 1. */
export function wordOf({ d }: Address): number {
  return d >>> 0;
}

/** The ones of a network's mask, as a number. */
function maskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (-1 << (32 - prefixLength)) >>> 0;
}

export function isInNetwork(word: number, network: number, prefixLength: number): boolean {
  return ((word ^ network) & maskOf(prefixLength)) === 0;
}

/** Whether one host can have it: neither many have it, nor none, nor the network itself (RFC 1122 §3.2.1.3, RFC 3021). */
export function isOfHost(word: number, prefixLength: number): boolean {
  if (word < FIRST_HOST || word >= MULTICAST || word >>> 24 === LOOPBACK) return false;
  if (prefixLength > 30) return true;
  const host = (word & ~maskOf(prefixLength)) >>> 0;
  return host !== 0 && host !== ~maskOf(prefixLength) >>> 0;
}

/** RFC 950 §2.1 by way of RFC 791 §3.2: the network of an address of which no mask is known. */
export function classfulPrefix(word: number): number {
  if (word < 0x8000_0000) return 8;
  return word < 0xc000_0000 ? 16 : 24;
}
