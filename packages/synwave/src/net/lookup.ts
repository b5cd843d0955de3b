/** Names of hosts: a table, what the host knows, `localhost`, whom the host asks; with the call and the answers of dns.lookup. */
import type { Family } from '../base/address.ts';
import type { Host } from '../socket/host.ts';
import { type LookupCode, lookupError, valueError } from './errors.ts';
import type { Platform } from './platform.ts';
import type { Validator } from './validate.ts';

export interface LookupAddress {
  readonly address: string;
  readonly family: number;
}

/** As dns.lookup calls back: one address and its family, or with `all` a list. */
export type LookupCallback = (
  error: Error | null,
  address?: string | readonly LookupAddress[],
  family?: number,
) => void;

export type Lookup = (hostname: string, options: LookupOptions, callback: LookupCallback) => void;

export interface LookupOptions {
  readonly family?: number | 'IPv4' | 'IPv6' | undefined;
  readonly hints?: number | undefined;
  readonly all?: boolean | undefined;
}

/** Addresses by name. */
export type HostTable = Readonly<Record<string, string | readonly string[]>>;

/**
 * The hints that a resolver knows, or-ed (RFC 3493 §6.1). V4MAPPED: who asks for IPv6 alone and finds none gets the IPv4
 * addresses, mapped; with ALL beside those that were found. ADDRCONFIG changes nothing of what a table answers.
 */
export const ADDRCONFIG = 0x20;
const V4MAPPED = 0x08;
const ALL = 0x10;
const HINTS: number = ADDRCONFIG | V4MAPPED | ALL;

/** Names are looked up in `table` first, then with the host; then whoever the host has for it is asked, over the network. */
export function tableLookup(host: Host, platform: Platform, check: Validator, table: HostTable): Lookup {
  const { isIP } = platform.tools;
  const byName = new Map(Object.entries(table).map(([name, found]) => [name.toLowerCase(), [found].flat()]));

  const addressesOf = (hostname: string): readonly string[] => {
    const name = hostname.toLowerCase().replace(/\.$/, '');
    const known = byName.get(name) ?? host.names?.(name) ?? [];
    // RFC 6761 §6.3: `localhost` and all below it are this host.
    if (known.length === 0 && /(^|\.)localhost$/.test(name)) return ['127.0.0.1', '::1'];
    return known;
  };

  return (hostname, options, callback) => {
    if (hostname) check.string(hostname, 'hostname');
    const family = familyOf(options.family, check);
    const { hints = 0, all = false } = options;
    check.number(hints, 'options.hints');
    if ((hints & ~HINTS) !== 0) throw valueError(platform, 'hints', hints);
    const literal = isIP(hostname) > 0;
    const answer = (given: readonly string[], code?: LookupCode): void => {
      const addresses = given.map((address) => ({ address, family: isIP(address) })).filter((each) => each.family > 0);
      const found = family === 0 || literal ? addresses : ofFamily(addresses, family, hints);
      const [first] = found;
      if (first === undefined) callback(lookupError(hostname, code));
      else if (all) callback(null, found);
      else callback(null, first.address, first.family);
    };
    // As dns.lookup: what needs no resolver is answered in the next tick, everything else from the loop.
    if (literal) {
      platform.nextTick(() => answer([hostname]));
      return;
    }
    const known = addressesOf(hostname);
    if (known.length > 0 || host.resolve === null) {
      host.driver.soon(() => answer(known));
      return;
    }
    // Who wants IPv4 addresses as well, mapped, has to be told both.
    const wanted = family === 6 && (hints & V4MAPPED) !== 0 ? 0 : family;
    void host.resolve(hostname, wanted).then(
      (addresses) => host.driver.soon(() => answer(addresses)),
      (error: unknown) => host.driver.soon(() => answer([], codeOf(error))),
    );
  };
}

function ofFamily(addresses: readonly LookupAddress[], family: number, hints: number): readonly LookupAddress[] {
  const found = addresses.filter((each) => each.family === family);
  if (family !== 6 || (hints & V4MAPPED) === 0 || (found.length > 0 && (hints & ALL) === 0)) return found;
  const others = addresses.filter((each) => each.family === 4);
  return [...found, ...others.map(({ address }) => ({ address: `::ffff:${address}`, family: 6 }))];
}

/** As getaddrinfo has it: no such name and no address are one; for what else went wrong, one may try again. */
function codeOf(error: unknown): LookupCode {
  const { code } = Object(error) as { readonly code?: unknown };
  return code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EBADNAME' ? 'ENOTFOUND' : 'EAI_AGAIN';
}

function familyOf(family: LookupOptions['family'], check: Validator): Family | 0 {
  if (family === 'IPv4') return 4;
  if (family === 'IPv6') return 6;
  const number = family ?? 0;
  check.oneOf(number, 'options.family', [0, 4, 6]);
  return number as Family | 0;
}
