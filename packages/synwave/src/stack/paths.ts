/** Paths: which way packets go and from where, and what fits in them: the largest text of a segment (RFC 9293 §3.7.1, RFC 6691). */
import type { Address, Family } from '../base/address.ts';
import { isBroadcast, isLoopback, isMulticast } from '../base/address-text.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { IpInterface } from '../ip/interface.ts';
import type { TcpConfig } from '../tcp/config.ts';
import { DEFAULT_MSS_V4, DEFAULT_MSS_V6 } from '../tcp/tcb.ts';
import { IPV4_HEADER } from '../wire/ipv4.ts';
import { IPV6_HEADER } from '../wire/ipv6.ts';
import { TCP_HEADER } from '../wire/tcp.ts';
import type { Core } from './core.ts';

/** MMS_R - 20 (MUST-67): what fits into one packet of the interface, unless the settings say less. */
export function pathMss(via: IpInterface, family: Family, config: TcpConfig): number {
  const fits = via.link.mtu - (family === 4 ? IPV4_HEADER : IPV6_HEADER) - TCP_HEADER;
  return config.mss > 0 ? Math.min(config.mss, fits) : fits;
}

/** What a peer takes that announces nothing (MUST-15). */
export function defaultMss(family: Family): number {
  return family === 4 ? DEFAULT_MSS_V4 : DEFAULT_MSS_V6;
}

/** Which interface leads to an address, by number; what is this host's own stays inside. -1: none. */
export function routeTo(core: Core, to: Address): number {
  if (isLoopback(to) || core.isLocal(to)) {
    const lo = core.interfaces.findIndex(({ link }) => link.name === 'lo');
    if (lo >= 0) return lo;
  }
  return core.routes.find(to);
}

/** The address that packets to `to` leave with, unless their sender has one; null: the interface has none of that family. */
export function sourceTo(core: Core, via: IpInterface, to: Address): Address | null {
  return core.isLocal(to) && !isLoopback(to) ? to : via.sourceFor(to.family);
}

/** Why datagrams and echoes cannot go to an address, whatever the route: it is not one host's. Null: they can. */
export function unicastFault(to: Address): ErrorCode | null {
  if (isBroadcast(to)) return 'EACCES';
  return isMulticast(to) ? 'ENETUNREACH' : null;
}
