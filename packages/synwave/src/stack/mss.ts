/** The largest text of a segment: what fits through a path (RFC 9293 §3.7.1, RFC 6691), and what a silent peer takes. */
import type { Family } from '../base/address.ts';
import type { Micros } from '../base/time.ts';
import type { Path } from '../ip/path.ts';
import type { TcpConfig } from '../tcp/config.ts';
import { DEFAULT_MSS_V4, DEFAULT_MSS_V6 } from '../tcp/tcb.ts';
import { IPV4_HEADER } from '../wire/ipv4.ts';
import { IPV6_HEADER } from '../wire/ipv6.ts';
import { TCP_HEADER } from '../wire/tcp.ts';

/** MMS_S - 20: what fits into one packet of the path, unless the settings say less. */
export function pathMss(path: Path, config: TcpConfig, now: Micros): number {
  return mssWithin(path.mtuAt(now), path.to.family, config);
}

/** The same by our own link alone: what we announce does not depend on how little gets through to the peer (SHLD-6, RFC 1191 §6.4). */
export function linkMss(path: Path, config: TcpConfig, now: Micros): number {
  const { via, to } = path;
  return via === null ? pathMss(path, config, now) : mssWithin(via.mtuFor(to.family), to.family, config);
}

/** The same for packets of `mtu` octets. */
export function mssWithin(mtu: number, family: Family, config: TcpConfig): number {
  const fits = mtu - (family === 4 ? IPV4_HEADER : IPV6_HEADER) - TCP_HEADER;
  return config.mss > 0 ? Math.min(config.mss, fits) : fits;
}

/** What a peer takes that announces nothing (MUST-15). */
export function defaultMss(family: Family): number {
  return family === 4 ? DEFAULT_MSS_V4 : DEFAULT_MSS_V6;
}
