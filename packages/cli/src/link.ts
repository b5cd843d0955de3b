/** The link that a command's host hangs on, as users write it: `udp://127.0.0.1:7700`. */
import { isIP, isIPv6 } from 'node:net';
import { UserError } from './errors.ts';

/** A UDP socket: servers listen there, clients send there. */
export interface LinkName {
  readonly address: string;
  readonly port: number;
}

export const DEFAULT_LINK: LinkName = { address: '127.0.0.1', port: 7700 };

/** `udp://ADDRESS:PORT`, with brackets around an IPv6 address. */
export function parseLink(text: string): LinkName {
  const match = /^udp:\/\/(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  if (isIP(address) > 0 && port <= 65_535) return { address, port };
  throw new UserError(`${text} is not a link: write udp://127.0.0.1:7700, with an IP address and a port`);
}

/** As `parseLink` reads it. */
export function linkText({ address, port }: LinkName): string {
  return `udp://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/** Whether nobody outside of this machine can send there. */
export function isLocal({ address }: LinkName): boolean {
  return address === '::1' || address.startsWith('127.');
}
