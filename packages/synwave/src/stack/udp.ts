/** Udp: the calls of UDP's users (RFC 768, user interface; RFC 1122 §4.1.4), as `Stack.udp` offers them. */
import { Address, type Family } from '../base/address.ts';
import { formatAddress, isLoopback, isUnspecified } from '../base/address-text.ts';
import { type ErrorCode, fail } from '../base/errors.ts';
import type { Micros } from '../base/time.ts';
import type { IpInterface } from '../ip/interface.ts';
import { Endpoint } from '../udp/endpoint.ts';
import { costOf, type Message } from '../udp/queue.ts';
import type { Core } from './core.ts';
import { routeTo, sourceTo, unicastFault } from './paths.ts';
import { udpOutput } from './udp-output.ts';

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

/** Where datagrams go: an address of this host, and the interface to it. */
interface Way {
  readonly via: IpInterface;
  readonly from: Address;
  readonly to: Address;
}

export class Udp {
  private readonly core: Core;
  private newsAt = 0;

  constructor(core: Core) {
    this.core = core;
  }

  /**
   * Binds a socket. Answers its number, which the caller holds until `close`. Throws SynwaveError: EADDRINUSE,
   * EADDRNOTAVAIL (no address of this host, or no port is free), EAFNOSUPPORT (multicast and broadcast: not offered).
   */
  bind(binding: UdpBinding): number {
    const { core } = this;
    const { udpPorts, config } = core;
    const { family, shared, receiveBuffer } = binding;
    const given = binding.address;
    const what = `bind ${given === null ? '*' : formatAddress(given)} port ${binding.port}`;
    const any = given === null || isUnspecified(given);
    if (!any && unicastFault(given) !== null) fail('EAFNOSUPPORT', what);
    if (!any && !core.isLocal(given)) fail('EADDRNOTAVAIL', what);
    const address = any ? (family === 4 ? ANY_V4 : ANY) : given;
    const takes = any ? family : address.family;
    const port = binding.port > 0 ? binding.port : udpPorts.choose(address, takes);
    if (port < 0) fail('EADDRNOTAVAIL', what);
    if (udpPorts.taken(address, takes, port, shared)) fail('EADDRINUSE', what);
    const { hopLimit, trafficClass } = config;
    const id = udpPorts.nextId();
    udpPorts.add(new Endpoint(id, takes, address, port, shared, receiveBuffer, hopLimit, trafficClass));
    return id;
  }

  /** From now on only that peer is heard, its errors as well. Answers null, or why not, as `send` does. */
  connect(id: number, to: Address, port: number): ErrorCode | null {
    const { udpPorts } = this.core;
    const endpoint = this.endpoint(id);
    const way = this.way(endpoint, endpoint.bound, to);
    if (typeof way === 'string') return way;
    udpPorts.move(endpoint, () => {
      endpoint.local.copy(way.from);
      endpoint.remote.copy(way.to);
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
   * why not: what ICMP reported earlier (ECONNREFUSED, ENOPROTOOPT), ENOTCONN, ENETUNREACH (no route; multicast),
   * EACCES (broadcast), EAFNOSUPPORT, EINVAL (a loopback address does not leave the host), EMSGSIZE.
   */
  send(
    id: number,
    to: Address | null,
    port: number,
    bytes: Uint8Array,
    at: number,
    count: number,
    now: Micros,
  ): ErrorCode | null {
    const { core } = this;
    core.clock.now = now;
    const endpoint = this.endpoint(id);
    const { error } = endpoint;
    endpoint.error = null;
    if (error !== null) return error;
    if (to === null && !endpoint.connected) return 'ENOTCONN';
    const way = this.way(endpoint, endpoint.local, to ?? endpoint.remote);
    if (typeof way === 'string') return way;
    return udpOutput(core, endpoint, way.via, way.from, way.to, to === null ? endpoint.remotePort : port, {
      bytes,
      at,
      count,
    });
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
    store.free(endpoint.queue.held);
    udpPorts.remove(endpoint);
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
  private way(endpoint: Endpoint, own: Address, wanted: Address): Way | ErrorCode {
    const { core } = this;
    const { family } = wanted;
    if (endpoint.family !== 0 && endpoint.family !== family) return 'EAFNOSUPPORT';
    const to = !isUnspecified(wanted) ? wanted : family === 4 ? LOOPBACK_V4 : LOOPBACK_V6;
    const fault = unicastFault(to);
    if (fault !== null) return fault;
    const index = routeTo(core, to);
    if (index < 0) return 'ENETUNREACH';
    const via = core.interfaces[index] as IpInterface;
    const from = isUnspecified(own) ? sourceTo(core, via, to) : own;
    if (from === null) return 'ENETUNREACH';
    if (isLoopback(from) && via.link.name !== 'lo') return 'EINVAL';
    return { via, from, to };
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
