/** Where a connection goes: addresses as programs write them, and the names of hosts. */
import { parseAddress } from '../base/address-text.ts';
import { SynwaveError } from '../base/errors.ts';
import type { Host } from '../socket/host.ts';

/** A host, by name or by address (IPv6 without brackets), and a port. */
export interface SocketAddress {
  readonly hostname: string;
  readonly port: number;
}

/** Answers the addresses of a host, the best first; none when there is no such host. */
export type Lookup = (hostname: string) => readonly string[] | Promise<readonly string[]>;

/** `name:port`, `1.2.3.4:port`, `[::1]:port`. */
const WRITTEN = /^(?:\[([\da-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/;

/** Throws TypeError for what is no address: a port is 1 to 65535. */
export function socketAddress(address: string | SocketAddress): SocketAddress {
  if (typeof address !== 'string') return checked(address.hostname, address.port, JSON.stringify(address));
  const [, bracketed, plain, port] = WRITTEN.exec(address) ?? [];
  return checked(bracketed ?? plain, Number(port), address);
}

function checked(hostname: unknown, port: unknown, what: string): SocketAddress {
  if (typeof hostname !== 'string' || hostname === '' || typeof port !== 'number' || !isPort(port)) {
    throw new TypeError(`${what} is no address of a socket: "host:port" or { hostname, port }, port 1 to 65535`);
  }
  return { hostname, port };
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** An address and its port in one, as the Sockets API shows them. */
export function formatSocketAddress(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * The addresses of a host: at once what `host` knows by itself (an address as it is; the names that it was told of;
 * `localhost`), or later what whoever it asks for names answers.
 */
export function findAddresses(host: Host, hostname: string): readonly string[] | Promise<readonly string[]> {
  const known = knownAddresses(host, hostname);
  return known.length > 0 || host.resolve === null ? known : host.resolve(hostname, 0);
}

/** What `host` knows by itself. */
export function knownAddresses(host: Host, hostname: string): readonly string[] {
  if (parseAddress(hostname) !== null) return [hostname];
  const name = hostname.toLowerCase().replace(/\.$/, '');
  const known = host.names?.(name) ?? [];
  // RFC 6761 §6.3: `localhost` and all below it are this host.
  if (known.length === 0 && /(^|\.)localhost$/.test(name)) return ['127.0.0.1', '::1'];
  return known;
}

/** A SynwaveError for a name that nobody knows. */
export function unknownName(hostname: string): SynwaveError {
  return new SynwaveError('EHOSTUNREACH', `lookup of ${hostname}`);
}
