/** The link that a command's host hangs on, as users write it: `udp://127.0.0.1:7700`, `tun`, `ws://127.0.0.1:7800`, `stream:PATH` ... */
import { isIP, isIPv6 } from 'node:net';
import { UserError } from './errors.ts';

/** A UDP socket: servers listen there, clients send there. */
export interface UdpName {
  readonly kind: 'udp';
  readonly address: string;
  readonly port: number;
}

/** A TUN device of the kernel's; `bySocat`: with no native package. */
export interface TunName {
  readonly kind: 'tun';
  /** Null: one that is made, and called as the kernel likes. */
  readonly name: string | null;
  readonly bySocat: boolean;
}

/** A relay of packets that is called over a WebSocket. */
export interface WsName {
  readonly kind: 'ws';
  /** Without the token. */
  readonly url: string;
  readonly token: string | null;
}

/** Ethernet frames with their lengths in front, as QEMU has them. */
export interface StreamName {
  readonly kind: 'stream';
  /** A Unix socket, or a port of TCP. */
  readonly at: { readonly path: string } | { readonly host: string; readonly port: number };
  /** Who calls; null: servers listen, and clients call. */
  readonly listen: boolean | null;
}

export type LinkName = UdpName | TunName | WsName | StreamName;

export const DEFAULT_LINK: LinkName = { kind: 'udp', address: '127.0.0.1', port: 7700 };

const EXAMPLES =
  'write udp://127.0.0.1:7700, with an IP address and a port, or tun, tun=NAME, socat, ws://HOST:PORT or stream:PATH';

/** Reads a link; throws UserError for what is none. */
export function parseLink(text: string): LinkName {
  const device = /^(tun|socat)(?:=([^\s/:,!%]{1,15}))?$/.exec(text);
  if (device !== null) return { kind: 'tun', name: device[2] ?? null, bySocat: device[1] === 'socat' };
  const found = parseUdp(text) ?? parseStream(text) ?? parseWs(text);
  if (found !== null) return found;
  throw new UserError(`${text} is not a link: ${EXAMPLES}`);
}

/** `udp://ADDRESS:PORT`, with brackets around an IPv6 address. */
function parseUdp(text: string): UdpName | null {
  const match = /^udp:\/\/(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  return isIP(address) > 0 && port <= 65_535 ? { kind: 'udp', address, port } : null;
}

/** `ws://HOST:PORT`, with `?token=TOKEN` behind it. */
function parseWs(text: string): WsName | null {
  if (!/^wss?:\/\/[^\s/]/.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  const token = url.searchParams.get('token');
  url.search = '';
  url.hash = '';
  return { kind: 'ws', url: url.href.replace(/\/$/, ''), token };
}

/** `stream:PATH` or `stream://ADDRESS:PORT`, with `,listen` or `,connect` behind it. */
function parseStream(text: string): StreamName | null {
  const match = /^stream:(.+?)(?:,(listen|connect))?$/.exec(text);
  if (match === null) return null;
  const [, place = '', who] = match;
  const listen = who === undefined ? null : who === 'listen';
  if (!place.startsWith('//')) return { kind: 'stream', at: { path: place }, listen };
  const udp = parseUdp(`udp:${place}`);
  return udp === null ? null : { kind: 'stream', at: { host: udp.address, port: udp.port }, listen };
}

/** As `parseLink` reads it, without a token. */
export function linkText(link: LinkName): string {
  if (link.kind === 'ws') return link.url;
  if (link.kind === 'stream') return streamText(link);
  if (link.kind === 'tun') return `${link.bySocat ? 'socat' : 'tun'}${link.name === null ? '' : `=${link.name}`}`;
  return `udp://${placeText(link.address, link.port)}`;
}

function streamText({ at, listen }: StreamName): string {
  const who = listen === null ? '' : listen ? ',listen' : ',connect';
  return `stream:${'path' in at ? at.path : `//${placeText(at.host, at.port)}`}${who}`;
}

function placeText(address: string, port: number): string {
  return `${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/** Whether nobody outside of this machine can send there. Of a TUN device the kernel knows who may, not we. */
export function isLocal(link: LinkName): boolean {
  if (link.kind === 'stream') return 'path' in link.at;
  return link.kind === 'udp' && (link.address === '::1' || link.address.startsWith('127.'));
}
