/**
 * Handle: what stands between a Socket of `dgram` and a UDP socket of the host. Each datagram is handed over in a turn of
 * the platform's loop of its own, as Node's are, so that ticks and promises run between any two of them.
 */

import { splitZone } from '../base/address-text.ts';
import { type ErrorCode, SynwaveError } from '../base/errors.ts';
import { type EndPoint, endPoint, isAny, isIpv4 } from '../net/handle.ts';
import type { Scope } from '../net/platform.ts';
import { lacksZone, unzoned, zoneOf } from '../net/zone.ts';
import { RECEIVE_BUFFER, type UdpSocket } from '../socket/udp-socket.ts';
import { bufferSizeError } from './errors.ts';
import type { Realm } from './realm.ts';

/** Linux gives twice what is asked for, half of it for its own use, and not less than these. */
const LEAST_RECEIVE = 2304;
const LEAST_SEND = 4608;
const INT32 = 0x7fff_ffff;

export class Handle {
  onmessage: (octets: Uint8Array, from: EndPoint) => void = () => undefined;
  onerror: (code: ErrorCode) => void = () => undefined;
  private readonly realm: Realm;
  private readonly scope: Scope;
  private readonly v6: boolean;
  private socket: UdpSocket | null = null;
  /** What "any address" is called where it was bound, or could not be; null: nobody has tried, and there is no socket yet. */
  private asked: string | null = null;
  /** The zones of the addresses of a link that it is bound and connected to: what comes of the same link is shown with it. */
  private zone = '';
  private referenced = true;
  private closed = false;
  private pumping = false;
  private sizes = { recv: RECEIVE_BUFFER, send: RECEIVE_BUFFER };

  constructor(realm: Realm, v6: boolean) {
    this.realm = realm;
    this.v6 = v6;
    this.scope = realm.platform.scope('SYNWAVE_UDP');
  }

  /** Answers why it cannot be bound there, or null. */
  bind(address: string, port: number, reuseAddress: boolean, ipv6Only: boolean): ErrorCode | null {
    if (!this.isOurs(address) || this.socket !== null) return 'EINVAL';
    const own = unzoned(address);
    this.asked = this.v6 ? '::' : '0.0.0.0';
    if (lacksZone(address) || (this.v6 && ipv6Only && isIpv4(own))) return 'EINVAL';
    try {
      const socket = this.realm.host.udp({ address: own, port, reuseAddress, ipv6Only });
      socket.handler = { readable: () => this.pump() };
      if (!this.referenced) socket.unref();
      this.socket = socket;
      if (isIpv4(own)) this.asked = '0.0.0.0';
      this.zone = zoneOf(address);
      return null;
    } catch (error) {
      if (!(error instanceof SynwaveError)) throw error;
      // What Linux answers for addresses that are no host's.
      return error.code === 'EAFNOSUPPORT' ? 'EADDRNOTAVAIL' : error.code;
    }
  }

  connect(address: string, port: number): ErrorCode | null {
    if (!this.isOurs(address) || lacksZone(address)) return 'EINVAL';
    try {
      this.socket?.connect(address, port);
      this.zone = zoneOf(address) || this.zone;
      return null;
    } catch (error) {
      if (!(error instanceof SynwaveError)) throw error;
      return told(error.code, address);
    }
  }

  disconnect(): void {
    this.socket?.disconnect();
  }

  /** `address` null: to the peer that it is connected to. Answers why it cannot be sent, or null. */
  send(octets: Uint8Array, address: string | null, port: number): ErrorCode | null {
    const { socket } = this;
    if (socket === null) return 'EBADF';
    if (address === null) return socket.trySend(octets);
    return this.isOurs(address) ? told(socket.trySend(octets, address, port), address) : 'EINVAL';
  }

  close(done: () => void): void {
    this.closed = true;
    this.socket?.close();
    this.realm.platform.nextTick(() => this.scope.runInAsyncScope(done));
  }

  /** Answers why not, or null. */
  setTtl(ttl: number): ErrorCode | null {
    if (this.socket === null) return 'EBADF';
    if (!Number.isInteger(ttl) || ttl < 1 || ttl > 255) return 'EINVAL';
    this.socket.setTtl(ttl);
    return null;
  }

  setBroadcast(on: boolean): ErrorCode | null {
    if (this.socket === null) return 'EBADF';
    this.socket.setBroadcast(on);
    return null;
  }

  setMulticastTtl(ttl: number): ErrorCode | null {
    if (this.socket === null) return 'EBADF';
    if (!Number.isInteger(ttl) || ttl < 0 || ttl > 255) return 'EINVAL';
    this.socket.setGroups({ hopLimit: ttl });
    return null;
  }

  setMulticastLoopback(on: boolean): ErrorCode | null {
    if (this.socket === null) return 'EBADF';
    this.socket.setGroups({ loop: on });
    return null;
  }

  setMulticastInterface(address: string): ErrorCode | null {
    if (this.socket === null) return 'EBADF';
    const device = this.deviceOf(address, 'EADDRNOTAVAIL');
    if (typeof device === 'string') return device;
    this.socket.setGroups({ interface: device });
    return null;
  }

  /** `source` null: everybody who sends to the group. A socket that is not bound yet is bound, as libuv does it. */
  membership(what: 'join' | 'leave', group: string, address: string | null, source: string | null): ErrorCode | null {
    if (this.socket === null) {
      const refusal = this.bind(this.v6 ? '::' : '0.0.0.0', 0, false, false);
      if (refusal !== null) return refusal;
    }
    const { isIP } = this.realm.platform.tools;
    if (isIP(group) === 0 || (source !== null && isIP(source) === 0)) return 'EINVAL';
    if (!this.v6 && isIP(group) === 6) return 'ENOPROTOOPT';
    const device = address === null ? -1 : this.deviceOf(address, 'ENODEV');
    if (typeof device === 'string') return device;
    return this.socket?.tryJoin(what, group, device, source ?? undefined) ?? null;
  }

  /** The size that a buffer has now. Throws ERR_SOCKET_BUFFER_SIZE. Nothing is ever held back to be sent. */
  bufferSize(which: 'recv' | 'send'): number {
    if (this.socket === null) throw bufferSizeError(which, 'EBADF');
    return this.sizes[which];
  }

  setBufferSize(which: 'recv' | 'send', size: number): void {
    if (this.socket === null) throw bufferSizeError(which, 'EBADF');
    if (size > INT32) throw bufferSizeError(which, 'EINVAL');
    if (size === 0) return; // to libuv this is a question
    this.sizes[which] = Math.max(2 * size, which === 'recv' ? LEAST_RECEIVE : LEAST_SEND);
    if (which === 'recv') this.socket.setReceiveBuffer(this.sizes.recv);
  }

  /** The program goes on while this is open. */
  ref(): void {
    this.referenced = true;
    this.socket?.ref();
  }

  unref(): void {
    this.referenced = false;
    this.socket?.unref();
  }

  /** Our end; null while it is not bound. */
  get local(): EndPoint | null {
    const { socket, asked, v6 } = this;
    if (asked === null) return null;
    if (socket === null) return endPoint(asked, 0, v6);
    const { local, localPort } = socket.info();
    return endPoint(isAny(local) ? asked : local, localPort, v6, this.zone);
  }

  /** The peer's end; null while it is not connected. */
  get remote(): EndPoint | null {
    const { remote, remotePort } = this.socket?.info() ?? { remote: null, remotePort: 0 };
    return remote === null ? null : endPoint(remote, remotePort, this.v6, this.zone);
  }

  /**
   * The number of the interface that is named by an address of its own, for IPv4, or by a zone for IPv6, where what names
   * nothing is whichever routes say (-1), as Linux has it. `unknown`: what an address of nobody is answered by.
   */
  private deviceOf(address: string, unknown: ErrorCode): number | ErrorCode {
    const { internet } = this.realm.host.stack;
    const { isIP } = this.realm.platform.tools;
    const { address: ip, zone } = splitZone(address);
    if (isIP(ip) === 0) return 'EINVAL';
    if (this.v6) return zone === '' ? -1 : internet.zoneOf(zone);
    if (isIP(ip) === 6) return 'ENOPROTOOPT';
    if (ip === '0.0.0.0') return -1;
    const named = internet.interfaces().find(({ addresses }) => addresses.some((each) => each.address === ip));
    return named?.index ?? unknown;
  }

  /** Whether an address is written as those of this kind of socket are. */
  private isOurs(address: string): boolean {
    return this.realm.platform.tools.isIP(address) === (this.v6 ? 6 : 4);
  }

  /** Hands over what waits, one by one, later. */
  private pump(next = false): void {
    if (this.pumping) return;
    this.pumping = true;
    const { turns } = this.realm;
    const take = (): void => {
      this.pumping = false;
      if (!this.closed) this.scope.runInAsyncScope(() => this.take());
    };
    if (next) turns.arriveNext(take);
    else turns.arrive(take);
  }

  private take(): void {
    const { socket, realm } = this;
    const error = socket?.takeError() ?? null;
    if (error !== null) {
      this.pump(true);
      this.onerror(error);
      return;
    }
    const message = socket?.tryReceive() ?? null;
    if (message === null) return;
    this.pump(true); // before the program, which may throw
    const octets = realm.platform.buffers.allocUnsafeSlow(message.octets.length);
    octets.set(message.octets);
    this.onmessage(octets, endPoint(message.address, message.port, this.v6, this.zone));
  }
}

/** As Linux tells it: from an IPv6 address there is no way to an IPv4 one. */
function told<T extends ErrorCode | null>(code: T, address: string): T | 'ENETUNREACH' {
  return code === 'EAFNOSUPPORT' && isIpv4(unzoned(address)) ? 'ENETUNREACH' : code;
}
