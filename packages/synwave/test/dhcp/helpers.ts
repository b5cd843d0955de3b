/** What the tests of DHCP share: a LAN with a server on a switch, what crosses a cable, hand-made messages. */
import { type DhcpClient, type DhcpEvent, DhcpServer, type DhcpServerOptions } from '../../src/dhcp/index.ts';
import {
  type Cable,
  type PlugOptions,
  type SimHost,
  type Switch,
  type World,
  type WorldOptions,
  world,
} from '../../src/sim/index.ts';
import type { Host } from '../../src/socket/host.ts';
import { DhcpFault, DhcpMessage, DhcpType, readDhcp } from '../../src/wire/dhcp.ts';

/** The interface of a host with one cable: the loopback is number 0. */
export const ETH0 = 1;

export interface Net {
  readonly w: World;
  readonly sw: Switch;
  readonly server: SimHost;
  readonly dhcpd: DhcpServer;
}

export const RANGE: DhcpServerOptions = {
  from: '10.0.0.100',
  to: '10.0.0.199',
  routers: ['10.0.0.1'],
  nameServers: ['10.0.0.1', '192.0.2.53'],
  domain: 'lan.example',
};

/** A server at the only interface of a host. */
export function serve(host: Host, options: DhcpServerOptions = RANGE): DhcpServer {
  return new DhcpServer(host, ETH0, options);
}

/** A switch, and a host 10.0.0.1 with a DHCP server. */
export function net(options: Partial<DhcpServerOptions> = {}, about: WorldOptions = {}): Net {
  const w = world(about);
  const sw = w.switch('s1');
  const server = w.host('server');
  w.plug(server, sw, { addresses: ['10.0.0.1/24'] });
  return { w, sw, server, dhcpd: serve(server, { ...RANGE, ...options }) };
}

/** A host on the switch that has no address. */
export function blank({ w, sw }: Pick<Net, 'w' | 'sw'>, name: string, options: PlugOptions = {}): [SimHost, Cable] {
  const host = w.host(name);
  return [host, w.plug(host, sw, { addresses: [], autoconf: false, ...options })];
}

/** The IPv4 addresses of a host beside 127.0.0.1, with their states. */
export function addressesOf(host: Host): string[] {
  return host
    .interfaces()
    .slice(1)
    .flatMap(({ addresses }) => addresses)
    .filter(({ address }) => !address.includes(':'))
    .map(({ address, prefixLength, state }) => `${address}/${prefixLength} ${state}`);
}

/** IPv4 routes of a host that are not of its own networks. */
export function routesOf(host: Host): string[] {
  return host
    .routes()
    .filter(({ origin, network }) => origin !== 'connected' && !network.includes(':'))
    .map(({ network, gateway, metric }) => `${network} ${gateway} ${metric}`);
}

const names: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(DhcpType).map(([name, type]) => [type, name.toUpperCase()]),
);

/** A DHCP message that crossed a cable. */
export interface Seen {
  readonly time: number;
  readonly type: string;
  readonly from: string;
  readonly message: DhcpMessage;
  /** As text: addresses of IP, and the MAC that the frame goes to, in hexadecimal. */
  readonly src: string;
  readonly dst: string;
  readonly toMac: string;
}

/** The DHCP messages that are put on a cable from now on. */
export function watchDhcp(cable: Cable): Seen[] {
  const seen: Seen[] = [];
  cable.watch(({ type, time, from, frame }) => {
    const bytes = frame.copy();
    if (type !== 'sent' || bytes[12] !== 8 || bytes[13] !== 0 || bytes[23] !== 17) return;
    const port = (at: number): number => (bytes[at] as number) * 256 + (bytes[at + 1] as number);
    if (![67, 68].includes(port(36))) return;
    const message = new DhcpMessage();
    if (readDhcp(message, bytes, 42, bytes.length) !== DhcpFault.None) return;
    const [src, dst] = [bytes.subarray(26, 30).join('.'), bytes.subarray(30, 34).join('.')];
    const toMac = Buffer.from(bytes.subarray(0, 6)).toString('hex');
    seen.push({ time, type: names[message.type] as string, from, message, src, dst, toMac });
  });
  return seen;
}

/** Notes what a client tells, as short lines. */
export function noteOf(client: DhcpClient): string[] {
  const lines: string[] = [];
  client.handler = (event) => lines.push(textOf(event));
  return lines;
}

function textOf(event: DhcpEvent): string {
  if (event.type === 'state') return event.to;
  if (event.type === 'declined') return `declined ${event.address}`;
  return event.type === 'lost' ? `lost ${event.why}` : `${event.type} ${event.lease.address}`;
}
