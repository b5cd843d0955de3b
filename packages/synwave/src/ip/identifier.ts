/** The second half of an IPv6 address that a host makes for itself (RFC 4862 §5.3, §5.5.3): opaque, or the MAC for all to see. */
import { Address } from '../base/address.ts';
import type { Mac } from '../base/mac.ts';
import type { SipHash } from '../base/siphash.ts';

/**
 * `stable`: the same for a network, another in the next, and nobody can tell whose (RFC 7217, which RFC 8064 recommends).
 * `eui64`: the MAC address with ff:fe in its middle (RFC 4291, appendix A).
 */
export type Identifier = 'stable' | 'eui64';

/** The address with the first 64 bits of `prefix`. `tries`: how many opaque ones were found to be in use by others. */
export function addressIn(prefix: Address, kind: Identifier, mac: Mac, secret: SipHash, tries: number): Address {
  const address = new Address();
  const high = Math.floor(mac / 0x100_0000);
  const low = mac % 0x100_0000;
  if (kind === 'eui64') {
    // The bit that says "unique in the world" is 0 in such a MAC, and 1 in the identifier.
    return address.set(prefix.a, prefix.b, ((high ^ 0x02_0000) << 8) | 0xff, (0xfe << 24) | low);
  }
  for (let again = 0; ; again++) {
    const low32 = secret.hash(Int32Array.of(prefix.a, prefix.b, high, low, tries, again), 6);
    if (!isReserved(secret.high, low32)) return address.set(prefix.a, prefix.b, secret.high, low32);
  }
}

/** RFC 5453 §3, RFC 4291 §2.6.1: identifiers that are no station's: of all routers, of IANA's Ethernet addresses, of anycast. */
function isReserved(high: number, low: number): boolean {
  if ((high | low) === 0) return true;
  if (high === 0x0200_5eff) return low >>> 24 === 0xfe;
  return high >>> 0 === 0xfdff_ffff && low >>> 0 >= 0xffff_ff80;
}
