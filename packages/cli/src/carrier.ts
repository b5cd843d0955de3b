/** Carrier: the link of a command's host, opened, with the addresses of both of its ends. */
import { randomBytes, randomInt } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import type { Link } from 'synwave';
import { datagramLink } from 'synwave/node';
import { streamLink } from 'synwave/stream';
import { type LinkError, socatTun, tun } from 'synwave/tun';
import { wsLink } from 'synwave/ws';
import { neighbourOf, type Placed, parsePlaced, placedText } from './addresses.ts';
import { Exit, systemReason, UserError } from './errors.ts';
import { type LinkName, linkText, type StreamName, type TunName, type UdpName, type WsName } from './link.ts';
import type { LinkOptions } from './options.ts';

/** Who listens there, or who calls. */
export type Role = 'server' | 'client';

export interface Carrier {
  readonly link: Link;
  /** As users write it, with what it has got: a port, a device's name. */
  readonly name: string;
  /** Of our host. */
  readonly addresses: readonly Placed[];
  /** Hosts that are known by name there. */
  readonly hosts: Readonly<Record<string, string>>;
  /** By whom everything beyond the link's own networks goes; none: there is nothing beyond. */
  readonly routers: readonly string[];
  /** Who alone is on this machine, where others may reach us as well; null: whoever reaches us is. */
  readonly locals: readonly string[] | null;
  close(): void;
}

/** The network between processes that meet at a UDP socket, and the one host of it that everyone knows. */
const SERVER = '10.7.0.1';
const PREFIX = 16;
/** Ours on a device of the kernel's; it has the first address of that network. */
const SECOND = '10.9.0.2';
const ON_DEVICE: readonly Placed[] = [parsePlaced(`${SECOND}/24`)];

/** `clean`: packets are not tampered with. `lost` is told when the other end is no more, or was never there. */
export async function openCarrier(
  options: LinkOptions,
  role: Role,
  clean: boolean,
  lost: (error: UserError) => void,
): Promise<Carrier> {
  const { link } = options;
  switch (link.kind) {
    case 'udp':
      return openUdp(link, options, role, lost);
    case 'tun':
      return openTun(link, options, clean, lost);
    case 'ws':
      return openWs(link, options, role);
    default:
      return openStream(link, options, role);
  }
}

async function openUdp(
  link: UdpName,
  options: LinkOptions,
  role: Role,
  lost: (error: UserError) => void,
): Promise<Carrier> {
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'ECONNREFUSED') lost(nobodyAt(options));
  };
  try {
    const opened = await datagramLink(role === 'server' ? { listen: link } : { peer: link, onError });
    // The kernel gives each process a UDP port of its own: so two hosts never have one address.
    const { port } = opened.local;
    const address = role === 'server' ? SERVER : `10.7.${port >> 8}.${port & 0xff}`;
    return {
      link: opened,
      name: linkText({ kind: 'udp', ...opened.local }),
      addresses: options.address ?? [{ address, prefix: PREFIX }],
      hosts: { server: SERVER },
      routers: [],
      locals: null,
      close: () => opened.close(),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cannotOpen(link, error);
    throw new UserError(`${linkText(link)} is taken: another process listens there; --link names another`, Exit.Failed);
  }
}

async function openTun(
  link: TunName,
  options: LinkOptions,
  clean: boolean,
  lost: (error: UserError) => void,
): Promise<Carrier> {
  const addresses = options.address ?? ON_DEVICE;
  const kernels = addresses.map(neighbourOf);
  // Whoever tampers with packets is to see those that travel, with their checksums in them.
  const device = await openDevice(link, kernels, clean, lost);
  const routers = kernels.map(({ address }) => address);
  return { ...device, addresses, hosts: { kernel: routers[0] ?? '' }, routers, locals: routers };
}

/** A device of the kernel's, which has those addresses there. `vnet`: it may leave checksums and cutting to the kernel. */
export async function openDevice(
  link: TunName,
  kernels: readonly Placed[],
  vnet: boolean,
  lost: (error: UserError) => void,
): Promise<Pick<Carrier, 'link' | 'name' | 'close'>> {
  const { name, bySocat } = link;
  for (const { address } of kernels) refuseTaken(address, name);
  const onEnd = (error: LinkError): void => lost(new UserError(error.message, Exit.Failed));
  const shared = { ...(name === null ? {} : { name }), addresses: missing(kernels, name), onEnd };
  try {
    const opened = bySocat ? await socatTun(shared) : await tun({ ...shared, name: name ?? 'synwave%d', vnet });
    return {
      link: opened,
      name: `${bySocat ? 'socat' : 'tun'}=${opened.name}`,
      close: () => opened.close(),
    };
  } catch (error) {
    throw cannotOpen(link, error);
  }
}

/** Behind a relay that joins us to a device of the kernel's: who serves has the second address, others one by chance. */
async function openWs(link: WsName, options: LinkOptions, role: Role): Promise<Carrier> {
  const own = role === 'server' ? ON_DEVICE : [parsePlaced(`10.9.0.${randomInt(16, 255)}/24`)];
  const addresses = options.address ?? own;
  const routers = addresses.map(neighbourOf).map(({ address }) => address);
  const token = link.token ?? process.env['SYNWAVE_TOKEN'];
  try {
    const opened = await wsLink({ url: link.url, ...(token === undefined ? {} : { token }) });
    const hosts = { kernel: routers[0] ?? '', ...(options.address === undefined ? { server: SECOND } : {}) };
    return { link: opened, name: link.url, addresses, hosts, routers, locals: null, close: () => opened.close() };
  } catch (error) {
    throw cannotOpen(link, error);
  }
}

/** Ethernet with one other station: a virtual machine, or another of our processes. */
async function openStream(link: StreamName, options: LinkOptions, role: Role): Promise<Carrier> {
  const listen = link.listen ?? role === 'server';
  const addresses = options.address ?? (role === 'server' ? ON_DEVICE : [parsePlaced('10.9.0.3/24')]);
  try {
    const opened = await streamLink({ ...link.at, listen, mac: ownMac() });
    return {
      link: opened,
      name: linkText('path' in link.at || !listen ? link : { ...link, at: { ...link.at, port: opened.port } }),
      addresses,
      hosts: options.address === undefined ? { server: SECOND } : {},
      routers: [],
      locals: null,
      close: () => opened.close(),
    };
  } catch (error) {
    throw cannotOpen(link, error);
  }
}

/** Of our own making, and of one station. */
function ownMac(): string {
  return `02:${randomBytes(5).toString('hex').replace(/..\B/g, '$&:')}`;
}

/** Two devices with one address would leave it to chance by which of them the kernel answers. */
function refuseTaken(address: string, name: string | null): void {
  for (const [device, entries = []] of Object.entries(networkInterfaces())) {
    if (device === name || !entries.some((entry) => entry.address === address)) continue;
    throw new UserError(
      `the kernel has ${address} on ${device} already: --address 10.9.1.2/24 makes it another network`,
      Exit.Failed,
    );
  }
}

/** The kernel's addresses that a device which was made beforehand lacks: only root may give it more. */
function missing(kernels: readonly Placed[], name: string | null): string[] {
  const there = name === null ? [] : (networkInterfaces()[name] ?? []);
  return kernels.filter(({ address }) => !there.some((entry) => entry.address === address)).map(placedText);
}

/** What a client is told when no process is at the other end. */
function nobodyAt(options: LinkOptions): UserError {
  const link = linkText(options.link);
  return new UserError(`nobody is at ${link} (UDP port unreachable): start synwave serve or nc -l there`, Exit.Failed);
}

function cannotOpen(link: LinkName, error: unknown): UserError {
  return new UserError(`cannot open ${linkText(link)}: ${systemReason(error)}`, Exit.Failed);
}
