/** RFC 6724 §5, RFC 1122 §3.3.4.3: which of its addresses a host speaks from. */
import type { Address } from '../base/address.ts';
import { isLinkLocal, isLoopback, isMulticast } from '../base/address-text.ts';
import type { Micros } from '../base/time.ts';
import type { InterfaceAddress, IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';
import type { Path } from './path.ts';

/** RFC 6724 §3.1, RFC 4291 §2.7: how far an address reaches. */
const Scope = { Link: 2, Global: 14 } as const;

/** The address for packets along a path; null when this host has none of that family that reaches so far. */
export function sourceFor(ip: Ip, path: Path): Address | null {
  const { via, to } = path;
  if (via === null) return null;
  // To an address of its own a host speaks from that address; to the rest of 127/8 from 127.0.0.1, as Linux does.
  if (via.isLoopback && !isLoopback(to) && ip.isLocal(to, null)) return ip.entryOf(to, null)?.address ?? null;
  return sourceOn(ip, via, to) ?? fromAnother(ip, via, to);
}

/** The best address of one interface for a destination; null when it has none that will do. */
export function sourceOn(ip: Ip, via: IpInterface, to: Address): Address | null {
  return best(via.addresses, to, ip.clock.now, null)?.address ?? null;
}

/** RFC 6724 §4: a router may speak from any of its addresses; one that is known beyond its link. */
function fromAnother(ip: Ip, via: IpInterface, to: Address): Address | null {
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
  return isLinkLocal(address) || isLoopback(address) ? Scope.Link : Scope.Global;
}

/** §2.1, the default policy table as far as it tells apart what is in use: unique local addresses, 6to4, all others. */
function labelOf(address: Address): number {
  if (address.family === 4) return 4;
  if (address.a >>> 25 === 0x7e) return 13; // fc00::/7
  return address.a >>> 16 === 0x2002 ? 2 : 1;
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
