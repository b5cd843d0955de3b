/** Socket: the surface of dgram.Socket over a UDP socket of the host. */
import type { ErrorCode } from '../base/errors.ts';
import { addressError, notOffered, rangeError, systemError } from '../net/errors.ts';
import type { EndPoint } from '../net/handle.ts';
import type { Callback, Loose } from '../net/options.ts';
import type { Emitter } from '../net/platform.ts';
import { publish } from '../net/realm.ts';
import { alreadyBound, alreadyConnected, badBufferSize, badType, missing, notConnected, notRunning } from './errors.ts';
import { Handle } from './handle.ts';
import { gather, join, slice } from './octets.ts';
import type { Realm } from './realm.ts';

/** As dns.lookup is called by node:dgram. */
type Find = (hostname: string, family: number, callback: (error: Error | null, address?: string) => void) => void;

/** What a socket shows to those who make one. */
export interface DgramSocket extends Emitter {
  readonly type: 'udp4' | 'udp6';
  bind(...args: unknown[]): this;
  connect(port: unknown, address?: unknown, callback?: unknown): void;
  disconnect(): void;
  send(...args: unknown[]): void;
  close(callback?: unknown): this;
  address(): EndPoint;
  remoteAddress(): EndPoint;
  ref(): this;
  unref(): this;
}

export interface SocketConstructor {
  new (type: unknown, listener?: unknown): DgramSocket;
  readonly prototype: DgramSocket;
}

/** What only this file looks at. */
interface State {
  handle: Handle | null;
  binding: 'unbound' | 'binding' | 'bound';
  connection: 'none' | 'connecting' | 'connected';
  /** Calls that wait for the socket to be bound; null: there are none. */
  queue: (() => void)[] | null;
  readonly find: Find;
  readonly reuseAddress: boolean;
  readonly ipv6Only: boolean;
  readonly recvBufferSize: number;
  readonly sendBufferSize: number;
}

const STATE: unique symbol = Symbol('state');

const UINT32 = 0xffff_ffff;

/** Makes the constructor of a realm's sockets. */
export function socketConstructor(realm: Realm): SocketConstructor {
  const { platform, check } = realm;
  const { EventEmitter } = platform;
  const nextTick = (act: () => void): void => platform.nextTick(act);

  /** The prototype; objects are made by `Socket`, which may be called on an object of someone else's making. */
  class Model extends EventEmitter {
    declare type: 'udp4' | 'udp6';
    declare [STATE]: State;

    /** `bind([port[, address]])` or `bind(options)`, each with a listener for 'listening' at the end or without. */
    bind(...args: unknown[]): this {
      const state = this[STATE];
      const handle = running(state);
      if (state.binding !== 'unbound') throw alreadyBound();
      state.binding = 'binding';
      const last = args.at(-1);
      if (typeof last === 'function') this.onceBound(last as Callback);
      const [first, second] = args;
      const options = (typeof first === 'object' && first !== null ? first : null) as Loose | null;
      if (options !== null && ('fd' in options || typeof options['recvStart'] === 'function')) {
        state.binding = 'unbound';
        throw notOffered('Binding to a handle', 'a handle belongs to the system; use node:dgram, or bind to a port');
      }
      const port = options === null ? first : options['port'];
      const wanted = options === null ? (typeof second === 'function' ? '' : second) : options['address'];
      const address = (wanted as string | null | undefined) || (this.type === 'udp4' ? '0.0.0.0' : '::');
      state.find(address, this.type === 'udp4' ? 4 : 6, (error, found) => {
        if (state.handle === null) return; // closed meanwhile
        if (error !== null) {
          this.failToBind(error);
          return;
        }
        const ip = found as string;
        const number = typeof port === 'function' ? 0 : Number(port) || 0;
        const code = handle.bind(ip, number, state.reuseAddress, state.ipv6Only);
        if (code !== null) this.failToBind(addressError(code, 'bind', ip, number));
        else this.bound(handle);
      });
      return this;
    }

    /** From now on only that peer is heard and sent to; `callback` when it is so, or why not. */
    connect(port: unknown, address?: unknown, callback?: unknown): void {
      const state = this[STATE];
      const number = check.port(port, 'Port', 1);
      const given = typeof address === 'function' || address === undefined ? '' : address;
      const host = check.string(given, 'address');
      const done = typeof address === 'function' ? (address as Callback) : (callback as Callback | undefined);
      if (state.connection !== 'none') throw alreadyConnected();
      running(state);
      state.connection = 'connecting';
      this.whenBound(() => this.connectNow(number, host, done));
    }

    /** Everybody is heard again. */
    disconnect(): void {
      const state = this[STATE];
      if (state.connection !== 'connected') throw notConnected();
      running(state).disconnect();
      state.connection = 'none';
    }

    /** `send(msg[, offset, length][, port][, address][, callback])`: without port and address when connected. */
    send(...args: unknown[]): void {
      const state = this[STATE];
      const connected = state.connection === 'connected';
      const { message, port, address, callback } = connected ? connectedSend(args) : plainSend(args);
      const parts = gather(platform, message);
      const number = connected ? 0 : check.port(port, 'Port', 1);
      if (!connected && address !== undefined && address !== null) check.string(address, 'address');
      running(state);
      this.whenBound(() => {
        // It may have been connected, or closed, meanwhile.
        if (connected) this.sendNow(parts, null, address, number, callback);
        else {
          state.find((address as string | undefined) || this.anywhere, this.type === 'udp4' ? 4 : 6, (error, found) => {
            if (error !== null) this.tell(error, callback);
            else this.sendNow(parts, found as string, address, number, callback);
          });
        }
      });
    }

    sendto(
      message: unknown,
      offset: unknown,
      length: unknown,
      port: unknown,
      address: unknown,
      callback: unknown,
    ): void {
      check.number(offset, 'offset');
      check.number(length, 'length');
      check.number(port, 'port');
      check.string(address, 'address');
      this.send(message, offset, length, port, address, callback);
    }

    /** 'close' in the next tick. What waits for the socket to be bound goes first. */
    close(callback?: unknown): this {
      const state = this[STATE];
      if (typeof callback === 'function') this.on('close', callback as Callback);
      if (state.queue !== null) {
        state.queue.push(() => this.close());
        return this;
      }
      const handle = running(state);
      state.handle = null;
      handle.close(() => this.emit('close'));
      return this;
    }

    address(): EndPoint {
      return running(this[STATE]).local ?? fails('EBADF', 'getsockname');
    }

    remoteAddress(): EndPoint {
      const state = this[STATE];
      const handle = running(state);
      if (state.connection !== 'connected') throw notConnected();
      return handle.remote ?? fails('EBADF', 'getpeername');
    }

    setTTL(ttl: unknown): number {
      const number = check.number(ttl, 'ttl');
      const code = running(this[STATE]).setTtl(number);
      return code === null ? number : fails(code, 'setTTL');
    }

    /** Whether it may send to all stations of a network. */
    setBroadcast(on?: unknown): void {
      insist(running(this[STATE]).setBroadcast(Boolean(on)), 'setBroadcast');
    }

    /** How many routers datagrams to groups may pass, 0 to 255; 1 at first. Answers the number. */
    setMulticastTTL(ttl: unknown): number {
      const number = check.number(ttl, 'ttl');
      insist(running(this[STATE]).setMulticastTtl(number), 'setMulticastTTL');
      return number;
    }

    /** Whether this host hears what it sends to groups that it is in. Answers what it was told. */
    setMulticastLoopback<T>(on: T): T {
      insist(running(this[STATE]).setMulticastLoopback(Boolean(on)), 'setMulticastLoopback');
      return on;
    }

    /** By which interface datagrams to groups leave: an IPv4 address of it, `::%eth0` for IPv6. */
    setMulticastInterface(address: unknown): void {
      const handle = running(this[STATE]);
      insist(handle.setMulticastInterface(check.string(address, 'interfaceAddress')), 'setMulticastInterface');
    }

    /** Hears a group, on the interface that is named or the one that routes to it lead by. */
    addMembership(group?: unknown, address?: unknown): void {
      this.group('join', 'addMembership', group, address);
    }

    dropMembership(group?: unknown, address?: unknown): void {
      this.group('leave', 'dropMembership', group, address);
    }

    /** Hears of a group only what `source` sends to it. */
    addSourceSpecificMembership(source?: unknown, group?: unknown, address?: unknown): void {
      this.groupOf('join', 'addSourceSpecificMembership', source, group, address);
    }

    dropSourceSpecificMembership(source?: unknown, group?: unknown, address?: unknown): void {
      this.groupOf('leave', 'dropSourceSpecificMembership', source, group, address);
    }

    ref(): this {
      this[STATE].handle?.ref();
      return this;
    }

    unref(): this {
      this[STATE].handle?.unref();
      return this;
    }

    setRecvBufferSize(size: unknown): void {
      running(this[STATE]).setBufferSize('recv', bufferSizeOf(size));
    }

    setSendBufferSize(size: unknown): void {
      running(this[STATE]).setBufferSize('send', bufferSizeOf(size));
    }

    getRecvBufferSize(): number {
      return running(this[STATE]).bufferSize('recv');
    }

    getSendBufferSize(): number {
      return running(this[STATE]).bufferSize('send');
    }

    /** Octets that wait to be sent: none ever do. */
    getSendQueueSize(): number {
      running(this[STATE]);
      return 0;
    }

    /** Datagrams that wait to be sent. */
    getSendQueueCount(): number {
      running(this[STATE]);
      return 0;
    }

    /** Where `send` and `connect` go that name no address. */
    private get anywhere(): string {
      return this.type === 'udp4' ? '127.0.0.1' : '::1';
    }

    private onceBound(listener: Callback): void {
      const forget = (): void => {
        this.removeListener('error', forget);
        this.removeListener('listening', told);
      };
      const told = (): void => {
        forget();
        listener.call(this);
      };
      this.on('error', forget);
      this.on('listening', told);
    }

    private bound(handle: Handle): void {
      const state = this[STATE];
      state.binding = 'bound';
      handle.onmessage = (octets, from) => this.emit('message', octets, { ...from, size: octets.length });
      handle.onerror = (code) => this.emit('error', systemError(code, 'recvmsg'));
      if (state.recvBufferSize > 0) handle.setBufferSize('recv', state.recvBufferSize);
      if (state.sendBufferSize > 0) handle.setBufferSize('send', state.sendBufferSize);
      this.emit('listening');
      const { queue } = state;
      state.queue = null;
      for (const act of queue ?? []) act();
    }

    /** What waited for the socket to be bound is forgotten. */
    private failToBind(error: Error): void {
      const state = this[STATE];
      state.binding = 'unbound';
      state.queue = null;
      this.emit('error', error);
    }

    /** Calls `act` now or when the socket is bound; it is bound to any port if nobody has asked for one. */
    private whenBound(act: () => void): void {
      const state = this[STATE];
      if (state.binding === 'unbound') this.bind({ port: 0 }, null);
      if (state.binding === 'bound') {
        act();
        return;
      }
      state.queue ??= [];
      state.queue.push(act);
    }

    private connectNow(port: number, address: string, callback: Callback | undefined): void {
      const state = this[STATE];
      if (callback !== undefined) this.once('connect', callback);
      state.find(address || this.anywhere, this.type === 'udp4' ? 4 : 6, (error, found) => {
        const { handle } = state;
        if (handle === null) return;
        const code = error === null ? handle.connect(found as string, port) : null;
        const failure = code === null ? error : addressError(code, 'connect', address, port);
        if (failure === null) {
          state.connection = 'connected';
          nextTick(() => this.emit('connect'));
          return;
        }
        state.connection = 'none';
        nextTick(() => {
          if (callback === undefined) this.emit('error', failure);
          else {
            this.removeListener('connect', callback);
            callback(failure);
          }
        });
      });
    }

    /** `ip` null: to the peer that it is connected to. */
    private sendNow(
      parts: readonly Uint8Array[],
      ip: string | null,
      address: unknown,
      port: number,
      callback: Callback | undefined,
    ): void {
      const { handle } = this[STATE];
      if (handle === null) return;
      const octets = join(parts);
      const code = handle.send(octets, ip, port);
      if (callback === undefined) return; // as Node.js: who does not ask is not told
      if (code === null) nextTick(() => callback(null, octets.length));
      else {
        const error = addressError(code, 'send', address as string, ip === null ? 0 : port);
        nextTick(() => callback(error));
      }
    }

    private tell(error: Error, callback: Callback | undefined): void {
      nextTick(() => {
        if (callback === undefined) this.emit('error', error);
        else callback(error);
      });
    }

    private group(what: 'join' | 'leave', call: string, group: unknown, address: unknown): void {
      const handle = running(this[STATE]);
      if (!group) throw missing('multicastAddress');
      insist(handle.membership(what, textOf(group), addressOrNull(address), null), call);
    }

    private groupOf(what: 'join' | 'leave', call: string, source: unknown, group: unknown, address: unknown): void {
      const handle = running(this[STATE]);
      const [from, to] = [check.string(source, 'sourceAddress'), check.string(group, 'groupAddress')];
      insist(handle.membership(what, to, addressOrNull(address), from), call);
    }
  }

  // `await using socket = ...`
  Object.defineProperty(Model.prototype, platform.asyncDispose, {
    value(this: Model): Promise<void> {
      if (this[STATE].handle === null) return Promise.resolve();
      return new Promise((resolve) => this.close(() => resolve()));
    },
    writable: true,
    configurable: true,
  });

  function uint32(value: unknown, name: string): number {
    const number = check.number(value, name);
    if (!Number.isInteger(number)) throw rangeError(platform, name, 'an integer', value);
    if (number < 0 || number > UINT32) throw rangeError(platform, name, `>= 0 && <= ${UINT32}`, value);
    return number;
  }

  function Socket(this: Model, given: unknown, listener?: unknown): void {
    (EventEmitter as unknown as { call(self: unknown): void }).call(this);
    const options = (typeof given === 'object' && given !== null ? given : {}) as Loose;
    const sizeOf = (name: string): number => (options[name] ? uint32(options[name], `options.${name}`) : 0);
    const recvBufferSize = sizeOf('recvBufferSize');
    const sendBufferSize = sizeOf('sendBufferSize');
    const type = typeof given === 'object' && given !== null ? options['type'] : given;
    const { lookup } = options;
    if (lookup !== undefined) check.callback(lookup, 'lookup');
    if (type !== 'udp4' && type !== 'udp6') throw badType();
    this.type = type;
    this[STATE] = {
      handle: new Handle(realm, type === 'udp6'),
      binding: 'unbound',
      connection: 'none',
      queue: null,
      find: (lookup as Find | undefined) ?? find(realm),
      reuseAddress: Boolean(options['reuseAddr']),
      ipv6Only: Boolean(options['ipv6Only']),
      recvBufferSize,
      sendBufferSize,
    };
    if (typeof listener === 'function') this.on('message', listener as Callback);
    const { signal } = options;
    if (signal !== undefined) closeBy(this, check.signal(signal, 'options.signal'));
    publish(platform, 'udp.socket', { socket: this });
  }

  function closeBy(socket: Model, signal: AbortSignal): void {
    const close = (): void => {
      if (socket[STATE].handle !== null) socket.close();
    };
    if (signal.aborted) close();
    else {
      signal.addEventListener('abort', close, { once: true });
      socket.once('close', () => signal.removeEventListener('abort', close));
    }
  }

  /** The arguments of `send` where they name a port. */
  function plainSend([message, offset, length, port, address, callback]: unknown[]): Sending {
    if (address || (port && typeof port !== 'function')) {
      return sending(slice(platform, message, offset, length), port, address, callback);
    }
    return sending(message, offset, length, port);
  }

  function connectedSend([message, offset, length, port, address, callback]: unknown[]): Sending {
    if (typeof length === 'number') {
      const cut = slice(platform, message, offset, length);
      if (typeof port === 'function') return sending(cut, undefined, undefined, port);
      if (port || address) throw alreadyConnected();
      return sending(cut, undefined, undefined, callback);
    }
    if (port || address) throw alreadyConnected();
    return sending(message, undefined, undefined, offset);
  }

  const constructor = Socket as unknown as SocketConstructor;
  Object.defineProperty(Model.prototype, 'constructor', { value: Socket, writable: true, configurable: true });
  Object.defineProperty(Socket, 'prototype', { value: Model.prototype });
  Object.setPrototypeOf(Socket, EventEmitter);
  return constructor;

  function bufferSizeOf(size: unknown): number {
    if ((size as number) >>> 0 !== size) throw badBufferSize();
    return size;
  }
}

interface Sending {
  readonly message: unknown;
  readonly port: unknown;
  readonly address: unknown;
  readonly callback: Callback | undefined;
}

function sending(message: unknown, port: unknown, address: unknown, callback: unknown): Sending {
  if (typeof address === 'function') return { message, port, address: undefined, callback: address as Callback };
  return { message, port, address, callback: typeof callback === 'function' ? (callback as Callback) : undefined };
}

/** The handle of a socket that is not closed. */
function running(state: State): Handle {
  if (state.handle === null) throw notRunning();
  return state.handle;
}

/** Throws what node:dgram throws where a call of the system was refused. */
function insist(code: ErrorCode | null, syscall: string): void {
  if (code !== null) fails(code, syscall);
}

/** What is no text is no address: libuv is given it as text all the same. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function addressOrNull(address: unknown): string | null {
  return address === undefined || address === null ? null : textOf(address);
}

function fails(code: ErrorCode, syscall: string): never {
  throw systemError(code, syscall);
}

/** Names by the realm's own means, called as node:dgram calls. */
function find(realm: Realm): Find {
  return (hostname, family, callback) =>
    realm.lookup(hostname, { family }, (error, address) => callback(error, address as string | undefined));
}
