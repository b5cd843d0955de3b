/** What a path carries: the largest text of a segment (RFC 9293 §3.7.1, RFC 6691), as plain numbers for `tcp`. */
import type { Family } from '../base/address.ts';
import type { IpInterface } from '../ip/interface.ts';
import type { TcpConfig } from '../tcp/config.ts';
import { DEFAULT_MSS_V4, DEFAULT_MSS_V6 } from '../tcp/tcb.ts';
import { IPV4_HEADER } from '../wire/ipv4.ts';
import { IPV6_HEADER } from '../wire/ipv6.ts';
import { TCP_HEADER } from '../wire/tcp.ts';

/** MMS_R - 20 (MUST-67): what fits into one packet of the interface, unless the settings say less. */
export function pathMss(via: IpInterface, family: Family, config: TcpConfig): number {
  const fits = via.link.mtu - (family === 4 ? IPV4_HEADER : IPV6_HEADER) - TCP_HEADER;
  return config.mss > 0 ? Math.min(config.mss, fits) : fits;
}

/** What a peer takes that announces nothing (MUST-15). */
export function defaultMss(family: Family): number {
  return family === 4 ? DEFAULT_MSS_V4 : DEFAULT_MSS_V6;
}
