/** Lease: what a client has from a server: an address for a while, and how to use the network around it. */
import type { Address } from '../base/address.ts';
import { formatAddress } from '../base/address-text.ts';
import type { Random } from '../base/random.ts';
import { type Micros, NEVER, SECOND } from '../base/time.ts';
import type { DhcpMessage } from '../wire/dhcp.ts';
import { classfulPrefix, isOfHost, wordOf } from './ipv4.ts';

/** How to use a network. Addresses are text. */
export interface Configuration {
  /** The server that has told so: its identifier. */
  readonly server: string;
  readonly prefixLength: number;
  /** The routers on the link, the preferred ones first (RFC 2132 §3.5). */
  readonly routers: readonly string[];
  /** The name servers, the preferred ones first (RFC 2132 §3.8). */
  readonly nameServers: readonly string[];
  /** What names of this network end in (RFC 2132 §3.17); '' when not told. */
  readonly domain: string;
  /** The largest IPv4 packet, in octets (RFC 2132 §5.1); 0 when not told. */
  readonly mtu: number;
}

/** Times are the host's, `NEVER` for a lease that is for ever. */
export interface Lease extends Configuration {
  readonly address: string;
  /** When it was asked for: it is counted from there (RFC 2131 §4.4.1). */
  readonly askedAt: Micros;
  /** T1: its server is asked for more time. */
  readonly renewsAt: Micros;
  /** T2: any server is. */
  readonly rebindsAt: Micros;
  readonly expiresAt: Micros;
}

/** The lease time that is for ever (RFC 2131 §3.3), in seconds. */
export const INFINITY = 0xffff_ffff;

/** RFC 2131 §4.4.5, where the server does not say; and how far they are spread, so that clients do not ask together. */
const T1 = 0.5;
const T2 = 0.875;
const FUZZ = 0.02;

/** What is taken of a list: more makes no sense to a host, and a message may hold thousands. */
const MOST_ROUTERS = 8;
const MOST_NAME_SERVERS = 16;

/** RFC 791 §3.1: every host takes packets of that size; a smaller MTU is the advice of somebody who wants to slow us. */
const LEAST_MTU = 576;

/** RFC 1123 §2.1. Anything else in it would only surprise whoever is handed the name. */
const DOMAIN = /^[\w-]{1,63}(?:\.[\w-]{1,63})*\.?$/;
const DOMAIN_LENGTH = 253;

/** What a message of a server says of the network, for a host that has `own` there; null when it makes no sense. */
export function configurationOf(message: DhcpMessage, own: Address): Configuration | null {
  const { serverId, subnetMask, mtu, domainName } = message;
  const word = wordOf(own);
  const prefixLength = subnetMask > 0 ? subnetMask : classfulPrefix(word);
  if (serverId === null || !isOfHost(wordOf(serverId), 32) || !isOfHost(word, prefixLength)) return null;
  const stations = (list: readonly Address[], most: number): string[] => {
    const others = list.filter((each) => isOfHost(wordOf(each), 32) && !each.equals(own)).map(formatAddress);
    return [...new Set(others)].slice(0, most);
  };
  return {
    server: formatAddress(serverId),
    prefixLength,
    routers: stations(message.routers, MOST_ROUTERS),
    nameServers: stations(message.dns, MOST_NAME_SERVERS),
    domain: domainName.length <= DOMAIN_LENGTH && DOMAIN.test(domainName) ? domainName : '',
    mtu: mtu < LEAST_MTU ? 0 : mtu,
  };
}

/** The lease that an offer, or an ACK, is about; null when it is none that a client could take. */
export function leaseOf(message: DhcpMessage, askedAt: Micros, random: Random): Lease | null {
  const { yiaddr, leaseTime } = message;
  const configuration = configurationOf(message, yiaddr);
  if (configuration === null || leaseTime <= 0) return null;
  const address = formatAddress(yiaddr);
  if (leaseTime === INFINITY) {
    return { ...configuration, address, askedAt, renewsAt: NEVER, rebindsAt: NEVER, expiresAt: NEVER };
  }
  const { t1, t2 } = timesOf(message, random);
  const after = (seconds: number): Micros => askedAt + Math.floor(seconds * SECOND);
  return {
    ...configuration,
    address,
    askedAt,
    renewsAt: after(t1),
    rebindsAt: after(t2),
    expiresAt: after(leaseTime),
  };
}

/** RFC 2131 §4.4.5: T1 is before T2, and that before the end; a server that says otherwise is not listened to. */
function timesOf({ leaseTime, t1, t2 }: DhcpMessage, random: Random): { t1: number; t2: number } {
  if (t1 > 0 && t1 < t2 && t2 < leaseTime) return { t1, t2 };
  const spread = 1 + FUZZ * (2 * random.fraction() - 1);
  return { t1: T1 * leaseTime * spread, t2: T2 * leaseTime * spread };
}
