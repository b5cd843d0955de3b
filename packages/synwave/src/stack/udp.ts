/** Udp: the calls of UDP's users (RFC 768, user interface; RFC 1122 §4.1.4), as `Stack.udp` offers them. */
import { Address, type Family } from '../base/address.ts';
import { formatAddress, isLoopback, isMulticast, isUnspecified } from '../base/address-text.ts';
import { type ErrorCode, fail } from '../base/errors.ts';
import type { Micros } from '../base/time.ts';
import type { IpInterface } from '../ip/interface.ts';
import type { Path } from '../ip/path.ts';
import { pathTo } from '../ip/paths.ts';
import { sourceFor, sourceOn } from '../ip/source.ts';
import { Endpoint } from '../udp/endpoint.ts';
import { costOf, type Message } from '../udp/queue.ts';
import type { Core } from './core.ts';
import { enqueue } from './udp-input.ts';
import { type Text, udpOutput } from './udp-output.ts';

export interface UdpBinding {
  /** Null, or unspecified: any address of `family`. */
  readonly address: Address | null;
  /** With no address: which family, 0 for both. */
  readonly family: Family | 0;
  /** 0: any that is free (RFC 6056). */
  readonly port: number;
  /** Whether others that say so as well may be bound to the same. The latest gets what arrives. */
  readonly shared: boolean;
  /** What the queue holds, in octets, with 64 more for each datagram. */
  readonly receiveBuffer: number;
  /** The number of the only interface that it sends and hears by; left out: any. */
  readonly device?: number;
}

/** What a UDP socket is like now. */
export interface UdpInfo {
  readonly local: string;
  readonly localPort: number;
  /** Null while it is not connected. */
  readonly remote: string | null;
  readonly remotePort: number;
  /** Datagrams that wait to be received, and the octets that they take of `receiveBuffer`. */
  readonly waiting: number;
  readonly held: number;
  readonly receiveBuffer: number;
  readonly datagramsIn: number;
  readonly datagramsOut: number;
  readonly dropped: number;
  /** The last error that ICMP reported and that may pass; '' when none. */
  readonly softError: string;
}

const ANY_V4: Address = new Address().set(0, 0, 0xffff, 0);
const ANY: Address = new Address();
const LOOPBACK_V4: Address = new Address().set(0, 0, 0xffff, 0x7f000001);
const LOOPBACK_V6: Address = new Address().set(0, 0, 0, 1);

/** Where datagrams go, and the address that they come from. */
interface Way {
  readonly path: Path;
  readonly from: Address;
}

const NOBODY: Address = ANY_V4;

export class Udp {
  private readonly core: Core;
  private newsAt = 0;

  constructor(core: Core) {
    this.core = core;
  }

  /**
   * Binds a socket. Answers its number, which the caller holds until `close`. Throws SynwaveError: EADDRINUSE,
   * EADDRNOTAVAIL (no address of this host nor one of many, or no port is free), EINVAL (no such interface).
   */
  bind(binding: UdpBinding): number {
    const { core } = this;
    const { udpPorts, config } = core;
    const { family, shared, receiveBuffer } = binding;
    const given = binding.address;
    const what = `bind ${given === null ? '*' : formatAddress(given)} port ${binding.port}`;
    const any = given === null || isUnspecified(given);
    // To a group, or to the broadcast address of a network of ours: it hears what goes there, and nothing else.
    if (!any && !isMulticast(given) && !core.ip.isLocal(given, null) && !this.isBroadcast(given)) {
      fail('EADDRNOTAVAIL', what);
    }
    const address = any ? (family === 4 ? ANY_V4 : ANY) : given;
    const takes = any ? family : address.family;
    const port = binding.port > 0 ? binding.port : udpPorts.choose(address, takes);
    if (port < 0) fail('EADDRNOTAVAIL', what);
    const device = binding.device ?? -1;
    if (udpPorts.taken(address, takes, port, shared, device)) fail('EADDRINUSE', what);
    const { hopLimit, trafficClass } = config;
    if (device >= 0 && core.ip.interfaces[device] === undefined) fail('EINVAL', `${what} on interface ${device}`);
    const id = udpPorts.nextId();
    const endpoint = new Endpoint(id, takes, address, port, shared, receiveBuffer, hopLimit, trafficClass);
    endpoint.device = device;
    udpPorts.add(endpoint);
    return id;
  }

  /** From now on only that peer is heard, its errors as well. Answers null, or why not, as `send` does. */
  connect(id: number, to: Address, port: number, zone?: number): ErrorCode | null {
    const { udpPorts } = this.core;
    const endpoint = this.endpoint(id);
    const way = this.way(endpoint, endpoint.bound, to, zone);
    if (typeof way === 'string') return way;
    udpPorts.move(endpoint, () => {
      endpoint.local.copy(way.from);
      endpoint.remote.copy(way.path.to);
      endpoint.remotePort = port;
    });
    endpoint.error = null;
    return null;
  }

  /** Everybody is heard again, at the address that it was bound to. */
  disconnect(id: number): void {
    const endpoint = this.endpoint(id);
    this.core.udpPorts.move(endpoint, () => {
      endpoint.local.copy(endpoint.bound);
      endpoint.remotePort = 0;
    });
    endpoint.error = null;
  }

  /**
   * Sends `bytes[at, at + count)` to `to` and `port`; null: to the peer that the socket is connected to. Answers null, or
   * why not: what was reported earlier (ECONNREFUSED, ENOPROTOOPT, EHOSTUNREACH, EMSGSIZE), ENOTCONN, ENETUNREACH (no
   * route), EACCES (broadcast, not allowed), EAFNOSUPPORT, EINVAL (a loopback address does not leave the host), EMSGSIZE.
   * `zone`: the interface's number, for an address that means something on one link only.
   */
  send(
    id: number,
    to: Address | null,
    port: number,
    bytes: Uint8Array,
    at: number,
    count: number,
    now: Micros,
    zone?: number,
  ): ErrorCode | null {
    const { core } = this;
    core.clock.now = now;
    const endpoint = this.endpoint(id);
    const { error } = endpoint;
    endpoint.error = null;
    if (error !== null) return error;
    if (to === null && !endpoint.connected) return 'ENOTCONN';
    const way = this.way(endpoint, endpoint.local, to ?? endpoint.remote, zone);
    if (typeof way === 'string') return way;
    const { path, from } = way;
    const text = { bytes, at, count };
    const toPort = to === null ? endpoint.remotePort : port;
    const refused = udpOutput(core, endpoint, path, from, toPort, text);
    if (refused === null && isMulticast(path.to)) this.hearOneself(endpoint, path, from, toPort, text);
    return refused;
  }

  /** The oldest datagram that waits, taken out; null when none does. */
  receive(id: number): Message | null {
    const message = this.endpoint(id).queue.shift();
    if (message !== null) this.core.store.free(costOf(message.octets.length));
    return message;
  }

  /** What ICMP reported, once; null: nothing. */
  takeError(id: number): ErrorCode | null {
    const endpoint = this.endpoint(id);
    const { error } = endpoint;
    endpoint.error = null;
    return error;
  }

  /** The number must not be used afterwards; what waits is gone. */
  close(id: number): void {
    const { udpPorts, store } = this.core;
    const endpoint = this.endpoint(id);
    for (const { group, device } of [...endpoint.groups]) this.leave(id, group, device);
    store.free(endpoint.queue.held);
    udpPorts.remove(endpoint);
  }

  /** Whether it may send to all (SO_BROADCAST). */
  setBroadcast(id: number, on: boolean): void {
    this.endpoint(id).broadcast = on;
  }

  /** What holds for groups: the hop limit; whether this host hears what it sends itself; by which interface, -1: as routes say. */
  setGroups(id: number, { hopLimit, loop, device }: { hopLimit?: number; loop?: boolean; device?: number }): void {
    const endpoint = this.endpoint(id);
    if (hopLimit !== undefined) endpoint.groupHopLimit = hopLimit;
    if (loop !== undefined) endpoint.groupLoop = loop;
    if (device !== undefined) endpoint.groupDevice = device;
  }

  /**
   * Hears a multicast group on an interface; `device` -1: the one that routes to the group lead by. `source`: only what
   * that host sends to it, and others named so before; null: everybody. Answers null, or why not: EINVAL (no group, or
   * joined the other way), EADDRINUSE and EADDRNOTAVAIL (joined already, for everybody or for that source), ENODEV.
   */
  join(id: number, group: Address, device: number, source: Address | null = null): ErrorCode | null {
    const { ip } = this.core;
    const endpoint = this.endpoint(id);
    if (!isMulticast(group) || (endpoint.family !== 0 && endpoint.family !== group.family)) return 'EINVAL';
    const via = this.deviceFor(group, device);
    if (via === null) return 'ENODEV';
    const known = endpoint.groups.find((each) => each.group.equals(group) && each.device === via.index);
    if (known !== undefined && source === null) return 'EADDRINUSE';
    if (known === undefined) {
      endpoint.groups.push({
        group: group.clone(),
        device: via.index,
        sources: source === null ? null : [source.clone()],
      });
      ip.join(group, via);
      return null;
    }
    if (known.sources === null || source === null) return 'EINVAL';
    if (known.sources.some((each) => each.equals(source))) return 'EADDRNOTAVAIL';
    known.sources.push(source.clone());
    return null;
  }

  /** Hears it no longer, or no longer that source. Answers null, EADDRNOTAVAIL (not joined there), EINVAL (not that source). */
  leave(id: number, group: Address, device: number, source: Address | null = null): ErrorCode | null {
    const { groups } = this.endpoint(id);
    const at = groups.findIndex((known) => known.group.equals(group) && (device < 0 || known.device === device));
    const known = groups[at];
    if (known === undefined) return source === null ? 'EADDRNOTAVAIL' : 'EINVAL';
    if (source !== null) {
      const place = known.sources?.findIndex((each) => each.equals(source)) ?? -1;
      if (place < 0) return 'EADDRNOTAVAIL';
      known.sources?.splice(place, 1);
      if (known.sources?.length !== 0) return null;
    }
    groups.splice(at, 1);
    this.core.ip.leave(group, this.core.ip.interfaces[known.device] as IpInterface);
    return null;
  }

  /** The hop limit (IPv4: time to live) of what it sends, 1 to 255. */
  setHopLimit(id: number, hopLimit: number): void {
    this.endpoint(id).hopLimit = hopLimit;
  }

  setReceiveBuffer(id: number, octets: number): void {
    this.endpoint(id).queue.capacity = octets;
  }

  info(id: number): UdpInfo {
    return infoOf(this.endpoint(id));
  }

  /** Every UDP socket of the host, for tools like `ss`. */
  *all(): Generator<UdpInfo> {
    for (const endpoint of this.core.udpPorts) yield infoOf(endpoint);
  }

  /** Takes off one in which something waits, a datagram or an error; null: none. */
  nextNews(): number | null {
    const { udpNews, udpPorts } = this.core;
    while (this.newsAt < udpNews.length) {
      const id = udpNews[this.newsAt++] as number;
      const endpoint = udpPorts.get(id);
      if (endpoint === null || !endpoint.told) continue; // closed meanwhile
      endpoint.told = false;
      return id;
    }
    udpNews.length = 0;
    this.newsAt = 0;
    return null;
  }

  get hasNews(): boolean {
    return this.newsAt < this.core.udpNews.length;
  }

  /** Power is cut: nobody is bound to anything. */
  clear(): void {
    for (const { id } of [...this.core.udpPorts]) this.close(id);
    this.core.udpNews.length = 0;
    this.newsAt = 0;
  }

  /** From an address that may be unspecified; to "any address" means to this host, as with Linux. */
  private way(endpoint: Endpoint, own: Address, wanted: Address, zone = -1): Way | ErrorCode {
    const { ip } = this.core;
    const { family } = wanted;
    if (endpoint.family !== 0 && endpoint.family !== family) return 'EAFNOSUPPORT';
    const to = !isUnspecified(wanted) ? wanted : family === 4 ? LOOPBACK_V4 : LOOPBACK_V6;
    const { device } = endpoint;
    const by = device >= 0 ? device : zone >= 0 ? zone : isMulticast(to) ? endpoint.groupDevice : -1;
    const path = pathTo(ip, to, ip.interfaces[by] ?? null);
    if (path.via === null) return 'ENETUNREACH';
    if (path.isGroup && !isMulticast(to) && !endpoint.broadcast) return 'EACCES';
    const isAny = isUnspecified(own) || isMulticast(own) || this.isBroadcast(own);
    const mayAsk = path.isGroup && device >= 0 && family === 4;
    // RFC 2131 §4.1: who asks all stations of a link for an address does not speak from one that is of another link.
    const ofLink = mayAsk && !isMulticast(to);
    const from = !isAny ? own : ofLink ? sourceOn(ip, path.via, to) : sourceFor(ip, path);
    // RFC 1122 §3.2.1.3 (a): who has no address yet may ask for one.
    if (from === null) return mayAsk ? { path, from: NOBODY } : 'ENETUNREACH';
    if (isLoopback(from) && !path.via.isLoopback && !isMulticast(to)) return 'EINVAL';
    return { path, from };
  }

  /** RFC 1112 §6.1, RFC 3493 §5.2: a copy of what goes to a group for this host itself, if it is in the group there. */
  private hearOneself(endpoint: Endpoint, path: Path, from: Address, port: number, text: Text): void {
    const { core } = this;
    const { via, to } = path;
    if (via === null || via.isLoopback || !endpoint.groupLoop || !core.ip.isMember(to, via)) return;
    const { bytes, at, count } = text;
    for (const other of core.udpPorts.boundTo(port)) {
      const { bound, family, connected } = other;
      if (connected || (family !== 0 && family !== to.family)) continue;
      if (!isUnspecified(bound) && !bound.equals(to)) continue;
      if (!other.hearsInGroup(to, via.index, from)) continue;
      enqueue(core, other, bytes, at, count, from, endpoint.localPort, via.index);
    }
  }

  private isBroadcast(address: Address): boolean {
    return this.core.ip.interfaces.some((via) => via.isBroadcast(address));
  }

  private deviceFor(group: Address, device: number): IpInterface | null {
    const { ip } = this.core;
    return device >= 0 ? (ip.interfaces[device] ?? null) : pathTo(ip, group, null).via;
  }

  private endpoint(id: number): Endpoint {
    return this.core.udpPorts.get(id) ?? fail('EBADF', `UDP socket ${id}`);
  }
}

function infoOf(endpoint: Endpoint): UdpInfo {
  const { local, localPort, remote, remotePort, connected, queue, softError } = endpoint;
  const { datagramsIn, datagramsOut, dropped } = endpoint;
  return {
    local: formatAddress(local),
    localPort,
    remote: connected ? formatAddress(remote) : null,
    remotePort,
    waiting: queue.length,
    held: queue.held,
    receiveBuffer: queue.capacity,
    datagramsIn,
    datagramsOut,
    dropped,
    softError,
  };
}
