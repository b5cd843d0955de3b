/** UdpSocket: a program's end of UDP: datagrams sent at once, and those that have come, by call or by promise. */
import type { Family } from '../base/address.ts';
import { formatAddress, parseAddress } from '../base/address-text.ts';
import { type ErrorCode, fail, SynwaveError } from '../base/errors.ts';
import type { UdpInfo } from '../stack/udp.ts';
import type { Owner } from './owner.ts';
import { readScoped, writeScoped } from './scoped.ts';

export interface UdpOptions {
  /** Left out: every address of the host, of both families. `0.0.0.0`: of IPv4; `::`: of both, unless `ipv6Only`. */
  readonly address?: string;
  /** 0 or left out: one that is free. */
  readonly port?: number;
  readonly ipv6Only?: boolean;
  /** Others that say so as well may be bound to the same address and port; the latest gets what arrives. */
  readonly reuseAddress?: boolean;
  /** What may wait to be received, in octets, with 64 more for each datagram; 212,992 by default. */
  readonly receiveBuffer?: number;
  /** The number of the only interface that it sends and hears by; left out: any. */
  readonly interface?: number;
  /** Whether it may send to all stations of a network; not by default. */
  readonly broadcast?: boolean;
}

/** What holds for datagrams to multicast groups; what is left out stays as it is. */
export interface GroupSettings {
  /** How many routers they may pass, 0 to 255; 1 at first: they stay on their link. */
  readonly hopLimit?: number;
  /** Whether this host hears what it sends itself, if it is in the group; it does at first. */
  readonly loop?: boolean;
  /** The number of the interface that they leave by; -1, at first: as routes say. */
  readonly interface?: number;
}

/** A datagram that has come. */
export interface UdpMessage {
  /** The program's own: nobody else holds them. */
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly address: string;
  readonly port: number;
}

/** What a socket tells, for those who want no promises. It is called from the host's turn, never from inside a call. */
export interface UdpHandler {
  /** Something waits: datagrams, or an error. Told again only for what comes afterwards. */
  readable(): void;
}

/** What Linux gives a socket. */
export const RECEIVE_BUFFER = 212_992;

interface Reader {
  readonly resolve: (message: UdpMessage | null) => void;
  readonly reject: (error: SynwaveError) => void;
}

/** Made by `Host.udp`, bound. */
export class UdpSocket {
  readonly id: number;
  /** The port that it is bound to. */
  readonly port: number;
  handler: UdpHandler | null = null;
  private readonly host: Owner;
  private readonly readers: Reader[] = [];
  private open = true;

  constructor(host: Owner, options: UdpOptions) {
    const { address, port = 0, ipv6Only = false, reuseAddress = false, receiveBuffer = RECEIVE_BUFFER } = options;
    const bound = address === undefined ? null : (readScoped(host.stack, address)?.address ?? null);
    if (address !== undefined && bound === null) fail('EINVAL', `bind address ${address}`);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) fail('EINVAL', `bind port ${port}`);
    const family: Family | 0 = bound?.family === 4 ? 4 : ipv6Only ? 6 : 0;
    this.host = host;
    const device = options.interface === undefined ? {} : { device: options.interface };
    this.id = host.stack.udp.bind({ address: bound, family, port, shared: reuseAddress, receiveBuffer, ...device });
    if (options.broadcast === true) host.stack.udp.setBroadcast(this.id, true);
    this.port = host.stack.udp.info(this.id).localPort;
    host.adoptUdp(this.id, this);
  }

  /** The address that it receives at: as bound, or one of the host's while it is connected. */
  get address(): string {
    return this.info().local;
  }

  /** Both ends, what waits, what was counted. Throws SynwaveError EBADF when it is closed. */
  info(): UdpInfo {
    return this.host.stack.udp.info(this.number('info'));
  }

  /**
   * From now on only that peer is heard, and what its host says by ICMP: ECONNREFUSED, when nobody is bound to the port.
   * Throws SynwaveError: EINVAL, ENETUNREACH, EACCES, EAFNOSUPPORT.
   */
  connect(address: string, port: number): void {
    const id = this.number('connect');
    const { stack } = this.host;
    const to = readScoped(stack, address);
    if (to === null || !isPort(port)) return fail('EINVAL', `connect ${address} port ${port}`);
    const refusal = stack.udp.connect(id, to.address, port, to.zone);
    if (refusal !== null) fail(refusal, `connect ${formatAddress(to.address)} port ${port}`);
  }

  /** Everybody is heard again. */
  disconnect(): void {
    this.host.stack.udp.disconnect(this.number('disconnect'));
  }

  /**
   * Sends one datagram, to the peer that it is connected to unless told otherwise. It leaves at once, and whether it
   * arrives is not known. Throws SynwaveError as `trySend` answers.
   */
  send(octets: Uint8Array, address?: string, port?: number): void {
    const refusal = this.trySend(octets, address, port);
    if (refusal !== null) fail(refusal, address === undefined ? 'send' : `send to ${address} port ${port}`);
  }

  /**
   * As `send`, without throwing. Answers null; or EBADF (closed), EINVAL, ENOTCONN (nobody named), ENETUNREACH, EACCES,
   * EAFNOSUPPORT, EMSGSIZE: no packet is that large, or an earlier one was found to be too large for the path;
   * ECONNREFUSED, ENOPROTOOPT, EHOSTUNREACH: what became of an earlier one.
   */
  trySend(octets: Uint8Array, address?: string, port = 0): ErrorCode | null {
    const { host } = this;
    if (!this.open) return 'EBADF';
    const to = address === undefined ? null : readScoped(host.stack, address);
    if (address !== undefined && (to === null || !isPort(port))) return 'EINVAL';
    const { udp } = host.stack;
    const refusal = udp.send(this.id, to?.address ?? null, port, octets, 0, octets.length, host.now(), to?.zone ?? -1);
    host.wake();
    return refusal;
  }

  /** The oldest datagram that waits; null when none does. */
  tryReceive(): UdpMessage | null {
    if (!this.open) return null;
    const message = this.host.stack.udp.receive(this.id);
    if (message === null) return null;
    const { octets, from, fromPort, device } = message;
    return { octets, address: writeScoped(this.host.stack, from, device), port: fromPort };
  }

  /** What ICMP reported of the peer that it is connected to, once; null: nothing. */
  takeError(): ErrorCode | null {
    return this.open ? this.host.stack.udp.takeError(this.id) : null;
  }

  /** The next datagram; null once the socket is closed. Rejects with SynwaveError ECONNREFUSED and the like, and goes on. */
  receive(): Promise<UdpMessage | null> {
    if (!this.open) return Promise.resolve(null);
    const promise = new Promise<UdpMessage | null>((resolve, reject) => this.readers.push({ resolve, reject }));
    this.serve();
    return promise;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<UdpMessage> {
    for (let message = await this.receive(); message !== null; message = await this.receive()) yield message;
  }

  /**
   * Hears a multicast group, on the interface of that number or the one that routes to the group lead by. Throws
   * SynwaveError: EINVAL (no group), EADDRINUSE (joined already), ENODEV (no such interface).
   */
  join(group: string, interfaceIndex = -1): void {
    const refusal = this.tryJoin('join', group, interfaceIndex);
    if (refusal !== null) fail(refusal, `join ${group}`);
  }

  /** Hears it no longer. Throws SynwaveError EADDRNOTAVAIL: it was not joined there. */
  leave(group: string, interfaceIndex = -1): void {
    const refusal = this.tryJoin('leave', group, interfaceIndex);
    if (refusal !== null) fail(refusal, `leave ${group}`);
  }

  /**
   * As `join` or `leave`, without throwing; `source`: only what that host sends to the group. Answers null, or why not:
   * as `Udp.join` and `Udp.leave` do.
   */
  tryJoin(what: 'join' | 'leave', group: string, interfaceIndex: number, source?: string): ErrorCode | null {
    if (!this.open) return 'EBADF';
    const { stack } = this.host;
    const read = readScoped(stack, group);
    const from = source === undefined ? null : parseAddress(source);
    if (read === null || (source !== undefined && from === null)) return 'EINVAL';
    return stack.udp[what](this.id, read.address, interfaceIndex >= 0 ? interfaceIndex : read.zone, from);
  }

  /** Whether it may send to all stations of a network. */
  setBroadcast(on: boolean): void {
    this.host.stack.udp.setBroadcast(this.number('broadcast'), on);
  }

  /** How it sends to multicast groups. Throws SynwaveError EINVAL. */
  setGroups(settings: GroupSettings): void {
    const { hopLimit, loop, interface: device } = settings;
    const id = this.number('groups');
    if (hopLimit !== undefined && !(Number.isInteger(hopLimit) && hopLimit >= 0 && hopLimit <= 255)) {
      fail('EINVAL', `hop limit ${hopLimit}`);
    }
    if (device !== undefined && device >= 0) this.host.stack.internet.nameOf(device);
    this.host.stack.udp.setGroups(id, {
      ...(hopLimit === undefined ? {} : { hopLimit }),
      ...(loop === undefined ? {} : { loop }),
      ...(device === undefined ? {} : { device }),
    });
  }

  /** The hop limit (IPv4: time to live) of what it sends. Throws SynwaveError EINVAL outside of 1 to 255. */
  setTtl(ttl: number): void {
    if (!isHopLimit(ttl)) fail('EINVAL', `ttl ${ttl}`);
    this.host.stack.udp.setHopLimit(this.number('ttl'), ttl);
  }

  /** What may wait to be received; what waits already stays. */
  setReceiveBuffer(octets: number): void {
    this.host.stack.udp.setReceiveBuffer(this.number('receive buffer'), octets);
  }

  /** The port is free again; what waits is gone. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    this.host.stack.udp.close(this.id);
    this.host.disownUdp(this.id);
    for (const { resolve } of this.readers.splice(0)) resolve(null);
  }

  /** The program goes on while this is open; so it is unless `unref` is called. */
  ref(): this {
    if (this.open) this.host.referUdp(this.id, true);
    return this;
  }

  /** The program need not go on for this. */
  unref(): this {
    if (this.open) this.host.referUdp(this.id, false);
    return this;
  }

  /** For the host: something waits. */
  tell(): void {
    this.serve();
    this.handler?.readable();
  }

  /** For reports: what the program waits for. */
  waits(): string[] {
    return this.readers.map(() => `receive on UDP port ${this.port}`);
  }

  /** For the host: power is cut. Who waits for a datagram waits for ever. */
  die(): void {
    this.open = false;
    this.readers.length = 0;
  }

  private serve(): void {
    for (let reader = this.readers[0]; reader !== undefined; reader = this.readers[0]) {
      const error = this.takeError();
      const message = error === null ? this.tryReceive() : null;
      if (error === null && message === null) return;
      this.readers.shift();
      if (error === null) reader.resolve(message);
      else reader.reject(new SynwaveError(error, 'receive'));
    }
  }

  private number(what: string): number {
    return this.open ? this.id : fail('EBADF', what);
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** What a packet's hop limit may be when it leaves. */
export function isHopLimit(ttl: number): boolean {
  return Number.isInteger(ttl) && ttl >= 1 && ttl <= 255;
}
