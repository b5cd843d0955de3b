/** RFC 6724 §5, RFC 1122 §3.3.4.3: which of its addresses a host speaks from. */
import { Address } from '../base/address.ts';
import { inPrefix, isLinkLocal, isLoopback, isMulticast } from '../base/address-text.ts';
import type { Micros } from '../base/time.ts';
import { readAddress } from '../wire/ipv6.ts';
import type { InterfaceAddress, IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';
import type { Neighbour } from './neighbours.ts';
import type { Path } from './path.ts';

/** RFC 6724 §3.1, RFC 4291 §2.7: how far an address reaches. */
const Scope = { Link: 2, Site: 5, Global: 14 } as const;

/** RFC 6724 §2.1, the default policy table, by longest prefix: which addresses are of one kind. Those of IPv4 are label 4. */
const labels: readonly (readonly [prefix: Address, length: number, label: number])[] = [
  [new Address().set(0, 0, 0, 1), 128, 0], // loopback
  [new Address(), 96, 3], // IPv4-compatible
  [new Address().set(0x2001_0000, 0, 0, 0), 32, 5], // Teredo
  [new Address().set(0x2002_0000, 0, 0, 0), 16, 2], // 6to4
  [new Address().set(0x3ffe_0000, 0, 0, 0), 16, 12], // 6bone
  [new Address().set(0xfec0_0000, 0, 0, 0), 10, 11], // site-local
  [new Address().set(0xfc00_0000, 0, 0, 0), 7, 13], // unique local
  [new Address(), 0, 1],
];

/** Where the source stands in the headers. */
const SOURCE_V4 = 12;
const SOURCE_V6 = 8;

/** The address for packets along a path; null when this host has none of that family that reaches so far. */
export function sourceFor(ip: Ip, path: Path): Address | null {
  const { via, to } = path;
  if (via === null) return null;
  // To an address of its own a host speaks from that address; to the rest of 127/8 from 127.0.0.1, as Linux does.
  if (via.isLoopback && !isLoopback(to) && ip.isLocal(to, null)) return ip.entryOf(to, null)?.address ?? null;
  // RFC 1122 §3.3.4.3 (b): on the network of the router that the packet goes by.
  const own = sourceOn(ip, via, to.family === 4 ? path.nextHop : to);
  if (own !== null && scopeOf(own) >= scopeOf(to)) return own;
  return fromAnother(ip, via, to) ?? own;
}

/** The best address of one interface for a destination; null when it has none that will do. */
export function sourceOn(ip: Ip, via: IpInterface, to: Address): Address | null {
  return best(via.addresses, to, ip.clock.now, null)?.address ?? null;
}

/**
 * RFC 4861 §7.2.2: whom we ask for a neighbour's address as: as the first packet that waits for it, for that is who will be
 * answered next; else as whoever would speak to it.
 */
export function sourceAsking(ip: Ip, { via, address, waiting }: Neighbour): Address | null {
  const [first] = waiting;
  if (first !== undefined) {
    const { view, at } = first;
    const from = new Address();
    if (address.family === 4) from.set(0, 0, 0xffff, view.getInt32(at + SOURCE_V4));
    else readAddress(from, view, at + SOURCE_V6);
    const entry = via.entryOf(from);
    if (entry?.isUsable(ip.clock.now) === true) return entry.address;
  }
  return sourceOn(ip, via, address);
}

/** RFC 6724 §4: a router may speak from any of its addresses; one that is known beyond its link, and to beyond the link. */
function fromAnother(ip: Ip, via: IpInterface, to: Address): Address | null {
  if (to.family === 6 && (isMulticast(to) || isLinkLocal(to))) return null;
  let found: InterfaceAddress | null = null;
  for (const other of ip.interfaces) {
    if (other === via || other.isLoopback) continue;
    const beyond = other.addresses.filter(({ address }) => !isLinkLocal(address));
    found = best(beyond, to, ip.clock.now, found);
  }
  return found?.address ?? null;
}

function best(
  candidates: readonly InterfaceAddress[],
  to: Address,
  now: Micros,
  first: InterfaceAddress | null,
): InterfaceAddress | null {
  let found = first;
  for (const entry of candidates) {
    if (entry.address.family !== to.family || !entry.isUsable(now)) continue;
    if (found === null || prefers(entry, found, to, now)) found = entry;
  }
  return found;
}

/** Whether `a` is better than `b`, which came first and wins a draw. The rules in their order; those left out are not ours. */
function prefers(a: InterfaceAddress, b: InterfaceAddress, to: Address, now: Micros): boolean {
  if (a.address.equals(to) || b.address.equals(to)) return a.address.equals(to); // rule 1
  const reach = scopeOf(to);
  const [forA, forB] = [scopeOf(a.address), scopeOf(b.address)];
  if (forA !== forB) return forA < forB ? forA >= reach : forB < reach; // rule 2
  const [oldA, oldB] = [now >= a.preferredUntil, now >= b.preferredUntil];
  if (oldA !== oldB) return oldB; // rule 3
  const label = labelOf(to);
  const [fitsA, fitsB] = [labelOf(a.address) === label, labelOf(b.address) === label];
  if (fitsA !== fitsB) return fitsA; // rule 6
  return common(a, to) > common(b, to); // rule 8
}

function scopeOf(address: Address): number {
  if (address.family === 6 && isMulticast(address)) return (address.a >>> 16) & 0xf;
  if (address.family === 4 && isMulticast(address)) return address.d >>> 8 === 0xe0_0000 ? Scope.Link : Scope.Global;
  if (isLinkLocal(address) || isLoopback(address)) return Scope.Link;
  return address.family === 6 && address.a >>> 22 === 0x3fb ? Scope.Site : Scope.Global; // fec0::/10
}

function labelOf(address: Address): number {
  return labels.find(([prefix, length]) => inPrefix(address, prefix, length))?.[2] ?? 4;
}

/** Leading bits that both have in common, up to the prefix (§2.2). */
function common({ address, prefixLength }: InterfaceAddress, to: Address): number {
  const words = address.family === 4 ? [address.d ^ to.d] : differences(address, to);
  let bits = 0;
  for (const word of words) {
    bits += Math.clz32(word);
    if (word !== 0) break;
  }
  return Math.min(bits, prefixLength);
}

function differences(x: Address, y: Address): number[] {
  return [x.a ^ y.a, x.b ^ y.b, x.c ^ y.c, x.d ^ y.d];
}
