/** Server: the surface of net.Server over a listener of the stack, callable without `new`. */
/* oxlint-disable no-underscore-dangle -- names with an underscore are Node's own, and some libraries look at them */
import type { ErrorCode } from '../base/errors.ts';
import { coded, listenError, notOffered, typeError, valueError } from './errors.ts';
import type { EndPoint, Handle } from './handle.ts';
import type { NetSocket, SocketConstructor } from './net-socket.ts';
import { type Callback, isPipeName, type Loose, normalize, toNumber } from './options.ts';
import type { Emitter } from './platform.ts';
import { Policy, type PolicyOptions } from './policy.ts';
import { publish, type Realm } from './realm.ts';
import { ServerHandle } from './server-handle.ts';

/** What a server shows to those who make one. */
export interface NetServer extends Emitter {
  readonly listening: boolean;
  maxConnections: number | undefined;
  _connections: number;
  listen(...args: unknown[]): this;
  close(callback?: Callback): this;
  address(): Partial<EndPoint> | null;
}

export interface ServerConstructor {
  (options?: unknown, listener?: unknown): NetServer;
  new (options?: unknown, listener?: unknown): NetServer;
  readonly prototype: NetServer;
}

/** Makes the constructor of a realm's servers; what they accept is made by `Socket`. */
export function serverConstructor(realm: Realm, Socket: SocketConstructor): ServerConstructor {
  const { platform, check } = realm;
  const { EventEmitter } = platform;
  const nextTick = (act: () => void): void => platform.nextTick(act);

  /** The prototype; objects are made by `Server`, which may be called on an object of someone else's making. */
  class Model extends EventEmitter implements NetServer {
    declare maxConnections: number | undefined;
    /** Who decides which connections are taken; undefined: all are. */
    declare policy: Policy | undefined;
    declare allowHalfOpen: boolean;
    declare pauseOnConnect: boolean;
    declare noDelay: boolean;
    declare keepAlive: boolean;
    declare keepAliveInitialDelay: number;
    declare highWaterMark: number;
    declare _connections: number;
    declare _handle: ServerHandle | null;
    declare _unref: boolean;
    /** Counts calls of `listen`: a look-up that is overtaken by `close` opens nothing. */
    declare _listeningId: number;

    /** `listen(options)`, `listen([port[, host[, backlog]]])`, each with a listener for 'listening' at the end or without. */
    listen(...args: unknown[]): this {
      const [options, listener] = normalize(args);
      if (this._handle !== null) {
        const message = 'Listen method has been called more than once without closing.';
        throw coded('Error', 'ERR_SERVER_ALREADY_LISTEN', message);
      }
      if (listener !== null) this.once('listening', listener);
      const { signal, fd, backlog = toNumber(args[1]) || toNumber(args[2]) } = options;
      if (signal !== undefined) closeBy(this, check.signal(signal, 'options.signal'));
      if (typeof fd === 'number' && fd >= 0) {
        throw notOffered('Listening on a file descriptor', 'use net.Server of node:net, or listen on a port');
      }
      const port = portOf(args, options);
      if (port !== undefined) {
        const number = check.port(port, 'options.port');
        publish(platform, 'tracing:net.server.listen:asyncStart', { server: this, options });
        const { host } = options;
        if (host) listenByName(this, number, host as string, backlog, options['ipv6Only'] === true);
        else this._listen2(null, number, backlog, false);
        return this;
      }
      if (options['path'] && isPipeName(options['path'])) {
        throw notOffered('Listening on a path', 'a stack has no file system; use node:net, or listen on a port');
      }
      if (options['handle'] || options['_handle']) {
        throw notOffered('Listening on a handle', 'a handle belongs to the system; use node:net, or listen on a port');
      }
      const lacks = !('port' in options) && !('path' in options);
      throw valueError(platform, 'options', options, lacks ? 'must have the property "port" or "path"' : undefined);
    }

    get listening(): boolean {
      return this._handle !== null;
    }

    /** Where it listens; null when it does not. */
    address(): Partial<EndPoint> | null {
      if (this._handle === null) return null;
      const found: Partial<EndPoint> = {};
      this._handle.getsockname(found);
      return found;
    }

    getConnections(callback: Callback): this {
      const answer = check.callback(callback, 'callback');
      nextTick(() => answer(null, this._connections));
      return this;
    }

    /** No more connections; 'close' when the last that there are has ended. */
    close(callback?: Callback): this {
      if (typeof callback === 'function') {
        if (this._handle !== null) this.once('close', callback);
        else this.once('close', () => callback(coded('Error', 'ERR_SERVER_NOT_RUNNING', 'Server is not running.')));
      }
      this._listeningId++;
      this._handle?.close();
      this._handle = null;
      this._emitCloseIfDrained();
      return this;
    }

    ref(): this {
      this._unref = false;
      this._handle?.ref();
      return this;
    }

    unref(): this {
      this._unref = true;
      this._handle?.unref();
      return this;
    }

    _emitCloseIfDrained(): void {
      if (this._handle !== null || this._connections > 0) return;
      nextTick(() => this.emit('close'));
    }

    /** Listens on an address that is known; null: on every one of both families. */
    _listen2(address: string | null, port: number, backlog: unknown, ipv6Only: boolean): void {
      this._listeningId++;
      const made = ServerHandle.listen(realm, address, port, backlog, ipv6Only);
      if (typeof made === 'string') {
        failToListen(this, made, address ?? '::', port);
        return;
      }
      this._handle = made;
      made.onconnection = (handle) => accept(this, handle);
      if (this._unref) this.unref();
      publish(platform, 'tracing:net.server.listen:asyncEnd', { server: this });
      nextTick(() => {
        // It may have been closed meanwhile.
        if (this._handle === null) return;
        this.emit('listening');
      });
    }
  }

  function listenByName(server: Model, port: number, host: string, backlog: unknown, ipv6Only: boolean): void {
    const id = ++server._listeningId;
    realm.lookup(host, {}, (error, address) => {
      if (id !== server._listeningId) return;
      if (error === null) server._listen2(address as string, port, backlog, ipv6Only);
      else {
        publish(platform, 'tracing:net.server.listen:error', { server, error });
        server.emit('error', error);
      }
    });
  }

  function failToListen(server: Model, code: ErrorCode, address: string, port: number): void {
    const error = listenError(code, address, port);
    publish(platform, 'tracing:net.server.listen:error', { server, error });
    nextTick(() => server.emit('error', error));
  }

  function accept(server: Model, handle: Handle): void {
    if (server.maxConnections && server._connections >= server.maxConnections) {
      const ends = endsOf(handle);
      handle.close();
      server.emit('drop', ends);
      return;
    }
    const socket = new Socket({
      handle,
      allowHalfOpen: server.allowHalfOpen,
      pauseOnCreate: server.pauseOnConnect,
      readable: true,
      writable: true,
      readableHighWaterMark: server.highWaterMark,
      writableHighWaterMark: server.highWaterMark,
    });
    if (server.noDelay) socket.setNoDelay(true);
    if (server.keepAlive) socket.setKeepAlive(true, server.keepAliveInitialDelay);
    server._connections++;
    socket.server = server;
    socket._server = server;
    server.emit('connection', socket);
    publish(platform, 'net.server.socket', { socket });
  }

  function closeBy(server: Model, signal: AbortSignal): void {
    const close = (): void => {
      server.close();
    };
    if (signal.aborted) nextTick(close);
    else {
      signal.addEventListener('abort', close, { once: true });
      server.once('close', () => signal.removeEventListener('abort', close));
    }
  }

  // With captureRejections: an async listener has failed, and what it was called for is destroyed (or else: 'error').
  Object.defineProperty(Model.prototype, Symbol.for('nodejs.rejection'), {
    value(this: Model, error: Error, event: string, socket?: NetSocket): void {
      if (event === 'connection') socket?.destroy(error);
      else this.emit('error', error);
    },
    writable: true,
    configurable: true,
  });

  // `await using server = ...`
  Object.defineProperty(Model.prototype, platform.asyncDispose, {
    value(this: Model): Promise<void> {
      if (this._handle === null) return Promise.resolve();
      return new Promise((resolve, reject) => {
        this.close((error) => (error instanceof Error ? reject(error) : resolve()));
      });
    },
    writable: true,
    configurable: true,
  });

  function Server(this: unknown, given?: unknown, listener?: unknown): NetServer | undefined {
    if (!(this instanceof Model)) return new (Server as unknown as ServerConstructor)(given, listener);
    (EventEmitter as unknown as { call(self: unknown): void }).call(this);
    let options: Loose = {};
    if (typeof given === 'function') this.on('connection', given as Callback);
    else if (given === undefined || given === null || typeof given === 'object') {
      options = (given ?? {}) as Loose;
      if (typeof listener === 'function') this.on('connection', listener as Callback);
    } else throw typeError(platform, 'options', 'of type object', given);
    const numberOf = (name: string, otherwise: number): number =>
      options[name] === undefined ? otherwise : check.number(options[name], `options.${name}`);
    const keepAliveInitialDelay = numberOf('keepAliveInitialDelay', 0);
    const highWaterMark = numberOf('highWaterMark', -1);
    this._connections = 0;
    this._handle = null;
    this._unref = false;
    this._listeningId = 1;
    this.allowHalfOpen = (options['allowHalfOpen'] as boolean | undefined) || false;
    this.pauseOnConnect = Boolean(options['pauseOnConnect']);
    this.noDelay = Boolean(options['noDelay']);
    this.keepAlive = Boolean(options['keepAlive']);
    this.keepAliveInitialDelay = Math.max(keepAliveInitialDelay, 0);
    this.highWaterMark = highWaterMark >= 0 ? highWaterMark : platform.highWaterMark();
    const { policy } = options;
    if (policy !== undefined) this.policy = new Policy(this, policy as PolicyOptions, realm.host.driver);
    return undefined;
  }

  const constructor = Server as unknown as ServerConstructor;
  Object.defineProperty(Model.prototype, 'constructor', { value: Server, writable: true, configurable: true });
  Object.defineProperty(Server, 'prototype', { value: Model.prototype });
  Object.setPrototypeOf(Server, EventEmitter);
  return constructor;
}

/** The port that was asked for; 0 where it may be left out; undefined where something else was asked for. */
function portOf(args: readonly unknown[], options: Loose): unknown {
  const { port } = options;
  const left = args.length === 0 || typeof args[0] === 'function' || (port === undefined && 'port' in options);
  if (left || port === null) return 0;
  return typeof port === 'number' || typeof port === 'string' ? port : undefined;
}

/** Both ends of a connection, as 'drop' tells them. */
function endsOf(handle: Handle): object {
  const local: Partial<EndPoint> = {};
  const remote: Partial<EndPoint> = {};
  handle.getsockname(local);
  handle.getpeername(remote);
  return Object.assign(Object.create(null) as object, {
    localAddress: local.address,
    localPort: local.port,
    localFamily: local.family,
    remoteAddress: remote.address,
    remotePort: remote.port,
    remoteFamily: remote.family,
  });
}
