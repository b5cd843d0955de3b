/** UdpSocket: a program's end of UDP: datagrams sent at once, and those that have come, by call or by promise. */
import type { Family } from '../base/address.ts';
import { formatAddress, parseAddress } from '../base/address-text.ts';
import { type ErrorCode, fail, SynwaveError } from '../base/errors.ts';
import type { UdpInfo } from '../stack/udp.ts';
import type { Owner } from './owner.ts';

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
  /** Whether it may send to all (RFC 1122 §3.3.6); not by default. */
  readonly broadcast?: boolean;
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
    const device = options.interface ?? -1;
    const bound = address === undefined ? null : parseAddress(address);
    if (address !== undefined && bound === null) fail('EINVAL', `bind address ${address}`);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) fail('EINVAL', `bind port ${port}`);
    const family: Family | 0 = bound?.family === 4 ? 4 : ipv6Only ? 6 : 0;
    this.host = host;
    this.id = host.stack.udp.bind({ address: bound, family, port, shared: reuseAddress, receiveBuffer, device });
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
    const to = parseAddress(address);
    if (to === null || !isPort(port)) return fail('EINVAL', `connect ${address} port ${port}`);
    const refusal = this.host.stack.udp.connect(id, to, port);
    if (refusal !== null) fail(refusal, `connect ${formatAddress(to)} port ${port}`);
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
   * EAFNOSUPPORT, EMSGSIZE: it needs a packet larger than the MTU, and this host cuts none into fragments; ECONNREFUSED
   * and ENOPROTOOPT: what the peer's host said to an earlier one.
   */
  trySend(octets: Uint8Array, address?: string, port = 0): ErrorCode | null {
    const { host } = this;
    if (!this.open) return 'EBADF';
    const to = address === undefined ? null : parseAddress(address);
    if (address !== undefined && (to === null || !isPort(port))) return 'EINVAL';
    const refusal = host.stack.udp.send(this.id, to, port, octets, 0, octets.length, host.now());
    host.wake();
    return refusal;
  }

  /** The oldest datagram that waits; null when none does. */
  tryReceive(): UdpMessage | null {
    if (!this.open) return null;
    const message = this.host.stack.udp.receive(this.id);
    if (message === null) return null;
    return { octets: message.octets, address: formatAddress(message.from), port: message.fromPort };
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
