/** What addresses mean to people: how they are written (RFC 4291 §2.2, RFC 5952 §4), and which are of a special kind. */
import { Address } from './address.ts';

const IPV6_GROUPS = 8;

/**
 * The address that `text` says, or null. IPv4: four decimal numbers without leading zeros; it becomes ::ffff:a.b.c.d.
 * IPv6: any of the three forms of RFC 4291 §2.2, without a zone. Nothing else: no spaces, no brackets, no port.
 */
export function parseAddress(text: string): Address | null {
  if (text.includes(':')) return parseIpv6(text);
  const word = parseIpv4(text);
  return word < 0 ? null : new Address().set(0, 0, 0xffff, word);
}

/** The two halves of `fe80::1%eth0` (RFC 4007 §11.2): an address, and the zone that it is to be taken in; '' where none is named. */
export function splitZone(text: string): { address: string; zone: string } {
  const at = text.indexOf('%');
  return at < 0 ? { address: text, zone: '' } : { address: text.slice(0, at), zone: text.slice(at + 1) };
}

/** As `parseAddress` reads it back: dotted decimal for IPv4, and for IPv6 the one form of RFC 5952 §4. */
export function formatAddress(address: Address): string {
  if (address.family === 4) return formatIpv4(address.d);
  const groups = [address.a, address.b, address.c, address.d].flatMap((word) => [word >>> 16, word & 0xffff]);
  // §4.2: the longest run of zero groups is shortened, the first of those as long; a single group is not.
  let start = -1;
  let length = 1;
  for (let i = 0; i < IPV6_GROUPS; i++) {
    let n = 0;
    while (i + n < IPV6_GROUPS && groups[i + n] === 0) n++;
    if (n > length) {
      start = i;
      length = n;
    }
    i += n;
  }
  const hex = groups.map((group) => group.toString(16));
  if (start < 0) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/** 0.0.0.0 or :: (RFC 1122 §3.2.1.3, RFC 4291 §2.5.2). */
export function isUnspecified(address: Address): boolean {
  return address.a === 0 && address.b === 0 && address.d === 0 && (address.c === 0 || address.c === 0xffff);
}

/** 127.0.0.0/8 or ::1 (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
export function isLoopback(address: Address): boolean {
  if (address.family === 4) return address.d >>> 24 === 127;
  return address.a === 0 && address.b === 0 && address.c === 0 && address.d === 1;
}

/** 224.0.0.0/4 or ff00::/8 (RFC 1112 §4, RFC 4291 §2.7). */
export function isMulticast(address: Address): boolean {
  return address.family === 4 ? address.d >>> 28 === 0xe : address.a >>> 24 === 0xff;
}

/** 255.255.255.255 (RFC 919 §7). A subnet's own broadcast address is for its interface to know. */
export function isBroadcast(address: Address): boolean {
  return address.family === 4 && address.d === -1;
}

/** 169.254.0.0/16 or fe80::/10 (RFC 3927 §2.1, RFC 4291 §2.5.6). */
export function isLinkLocal(address: Address): boolean {
  return address.family === 4 ? address.d >>> 16 === 0xa9fe : address.a >>> 22 === 0x3fa;
}

/**
 * Whether the first `prefixLength` bits of both agree: 0 to 32 for an IPv4 network, which count its own 32 bits, 0 to 128
 * for an IPv6 one. An address of the other family is in none: not even ::/0 holds an IPv4 address.
 */
export function inPrefix(address: Address, network: Address, prefixLength: number): boolean {
  const { family } = network;
  if (address.family !== family) return false;
  const bits = family === 4 ? prefixLength + 96 : prefixLength;
  return (
    agree(address.a, network.a, bits) &&
    agree(address.b, network.b, bits - 32) &&
    agree(address.c, network.c, bits - 64) &&
    agree(address.d, network.d, bits - 96)
  );
}

/** The 32 bits as an unsigned number, or -1. A leading zero is refused: some readers take it for octal. */
function parseIpv4(text: string): number {
  const parts = text.split('.');
  if (parts.length !== 4) return -1;
  let word = 0;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part)) return -1;
    const octet = Number(part);
    if (octet > 255) return -1;
    word = word * 256 + octet;
  }
  return word;
}

function formatIpv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
}

function parseIpv6(text: string): Address | null {
  const gap = text.indexOf('::');
  const head = gap < 0 ? text : text.slice(0, gap);
  const groups: number[] = [];
  // Only the very end may be dotted: in front of '::' nothing is the end.
  if (!parseGroups(head, gap < 0, groups)) return null;
  if (gap >= 0) {
    const tail: number[] = [];
    if (!parseGroups(text.slice(gap + 2), true, tail)) return null;
    // "::" stands for one group of zeros at least (§2.2, form 2).
    const zeros = IPV6_GROUPS - groups.length - tail.length;
    if (zeros < 1) return null;
    for (let i = 0; i < zeros; i++) groups.push(0);
    groups.push(...tail);
  }
  if (groups.length !== IPV6_GROUPS) return null;
  const word = (i: number): number => ((groups[i] as number) << 16) | (groups[i + 1] as number);
  return new Address().set(word(0), word(2), word(4), word(6));
}

/** Reads groups parted by single colons into `into`; the last may be an IPv4 address if `dotted`. False if malformed. */
function parseGroups(text: string, dotted: boolean, into: number[]): boolean {
  if (text === '') return true;
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      into.push(Number.parseInt(part, 16));
    } else {
      const word = dotted && i === parts.length - 1 ? parseIpv4(part) : -1;
      if (word < 0) return false;
      into.push(Math.floor(word / 0x1_0000), word & 0xffff);
    }
  }
  return true;
}

/** Whether two words agree in their first `bits`; all of them from 32 on, none need to below 1. */
function agree(x: number, y: number, bits: number): boolean {
  return bits <= 0 || (bits >= 32 ? x === y : (x ^ y) >>> (32 - bits) === 0);
}
