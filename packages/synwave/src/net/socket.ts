/** Socket: the surface of net.Socket over a connection of the stack: a real Duplex, callable without `new`. */
/* oxlint-disable no-underscore-dangle -- names with an underscore are Node's own, and some libraries look at them */
import { dial } from './dial.ts';
import { abortError, coded, notOffered, systemError, typeError, valueError } from './errors.ts';
import { type EndPoint, Handle } from './handle.ts';
import { IdleTimer } from './idle-timer.ts';
import type { Counting, NetSocket, SocketConstructor } from './net-socket.ts';
import { type Callback, type Loose, normalize } from './options.ts';
import { publish, type Realm } from './realm.ts';

type WriteCallback = (error?: Error | null) => void;

/** A chunk of `_writev`. */
interface Piece {
  readonly chunk: Uint8Array | string;
  readonly encoding: string;
}

/** What a socket keeps for itself. */
interface Own {
  noDelay: boolean;
  keepAlive: boolean;
  keepAliveDelay: number;
  readonly idle: IdleTimer;
  /** Octets that waited for the connection when idleness was last looked at. */
  queued: number;
  /** What `onread` asked for. */
  buffer: Uint8Array | null;
  readonly nextBuffer: (() => unknown) | null;
  readonly take: ((size: number, buffer: Uint8Array) => unknown) | null;
  resetting: boolean;
  bytesRead: number;
  bytesWritten: number;
  local: Partial<EndPoint> | null;
  remote: Partial<EndPoint> | null;
}

const own: unique symbol = Symbol('own');

/** The longest that a timer waits: milliseconds. */
const LONGEST = 0x7fff_ffff;

/** Makes the constructor of a realm's sockets. */
export function socketConstructor(realm: Realm): SocketConstructor {
  const { platform, check, host } = realm;
  const { Duplex, buffers } = platform;

  /** The prototype; objects are made by `Socket`, which may be called on an object of someone else's making. */
  class Model extends Duplex implements NetSocket {
    declare connecting: boolean;
    declare timeout: number | undefined;
    declare autoSelectFamilyAttemptedAddresses: string[] | undefined;
    declare server: object | null;
    declare _hadError: boolean;
    declare _parent: NetSocket | null;
    declare _host: string | null;
    declare _pendingData: Uint8Array | string | readonly Piece[] | null;
    declare _pendingEncoding: string;
    declare _server: Counting | null;
    declare _handle: Handle | null;
    declare [own]: Own;
    declare readonly writableBuffer: readonly Piece[] | undefined;

    /** `connect(options[, listener])`, `connect(port[, host][, listener])`. */
    connect(...args: unknown[]): this {
      const [options, listener] = normalize(args);
      // A stream over another, as TLS: that one is on its way already.
      if (this._parent?.connecting === true) return this;
      if (options['port'] === undefined && (options['path'] === undefined || options['path'] === null)) {
        const message = 'The "options" or "port" or "path" argument must be specified';
        throw coded('TypeError', 'ERR_MISSING_ARGS', message);
      }
      // A socket that was ended by its peer is as good as new.
      if (Object.hasOwn(this, 'write')) delete (this as Partial<this>).write;
      if (this.destroyed) {
        this._undestroy();
        this._handle = null;
        this[own].remote = null;
        this[own].local = null;
      }
      if (options['path']) {
        check.string(options['path'], 'options.path');
        throw notOffered('A connection to a path', 'a stack has no file system; use node:net, or connect to a port');
      }
      if (this._handle === null) this._renewHandle(new Handle(realm));
      if (listener !== null) this.once('connect', listener);
      this._unrefTimer();
      this.connecting = true;
      dial(realm, this, options);
      return this;
    }

    /** Tells 'timeout' when nothing has happened for `span` milliseconds; 0: no more. */
    ['setTimeout'](span: number, callback?: Callback): this {
      if (this.destroyed) return this;
      this.timeout = span;
      check.span(span, 'msecs');
      if (callback !== undefined) check.callback(callback, 'callback');
      if (span > LONGEST) {
        const text = `${span} does not fit into a 32-bit signed integer.\nTimer duration was truncated to ${LONGEST}.`;
        platform.warn(text, 'TimeoutOverflowWarning');
      }
      this[own].idle.start(Math.min(span, LONGEST));
      if (callback !== undefined) {
        if (span === 0) this.removeListener('timeout', callback);
        else this.once('timeout', callback);
      }
      return this;
    }

    setNoDelay(on: unknown = true): this {
      const wanted = Boolean(on);
      if (this._handle !== null && wanted !== this[own].noDelay) this._handle.setNoDelay(wanted);
      this[own].noDelay = wanted;
      return this;
    }

    /** Keepalives on or off; `delay`: milliseconds before the first probe, 0: as it is. */
    setKeepAlive(on?: unknown, delay?: number): this {
      const wanted = Boolean(on);
      const seconds = Math.trunc((delay ?? 0) / 1000) || 0;
      const state = this[own];
      const changes = wanted !== state.keepAlive || seconds !== state.keepAliveDelay;
      state.keepAlive = wanted;
      state.keepAliveDelay = seconds;
      if (changes) this._handle?.setKeepAlive(wanted, seconds);
      return this;
    }

    address(): Partial<EndPoint> {
      return this._getsockname();
    }

    get _connecting(): boolean {
      return this.connecting;
    }

    get pending(): boolean {
      return !this._handle || this.connecting;
    }

    get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
      if (this.connecting) return 'opening';
      if (this.readable) return this.writable ? 'open' : 'readOnly';
      return this.writable ? 'writeOnly' : 'closed';
    }

    get bufferSize(): number | undefined {
      return this._handle ? this.writableLength : undefined;
    }

    get bytesRead(): number {
      return this._handle ? this._handle.bytesRead : this[own].bytesRead;
    }

    get _bytesDispatched(): number {
      return this._handle ? this._handle.bytesWritten : this[own].bytesWritten;
    }

    /** Octets written, those that still wait included. */
    get bytesWritten(): number | undefined {
      const { writableBuffer, _pendingData: pending } = this;
      if (writableBuffer === undefined) return undefined;
      let bytes = this._bytesDispatched;
      for (const { chunk, encoding } of writableBuffer) bytes += lengthOf(chunk, encoding);
      if (pending === null) return bytes;
      if (typeof pending === 'string' || pending instanceof Uint8Array) {
        return bytes + lengthOf(pending, this._pendingEncoding);
      }
      for (const { chunk, encoding } of pending) bytes += lengthOf(chunk, encoding);
      return bytes;
    }

    get remoteAddress(): string | undefined {
      return this._getpeername().address;
    }

    get remoteFamily(): string | undefined {
      return this._getpeername().family;
    }

    get remotePort(): number | undefined {
      return this._getpeername().port;
    }

    get localAddress(): string | undefined {
      return this._getsockname().address;
    }

    get localPort(): number | undefined {
      return this._getsockname().port;
    }

    get localFamily(): string | undefined {
      return this._getsockname().family;
    }

    override end(...args: unknown[]): this {
      super.end(...args);
      return this;
    }

    override pause(): this {
      if (this[own].take !== null && !this.connecting && this._handle?.reading === true) this._handle.readStop();
      return super.pause();
    }

    override resume(): this {
      if (this[own].take !== null && !this.connecting) startReading(this);
      return super.resume();
    }

    override read(size?: number): unknown {
      if (this[own].take !== null && !this.connecting) startReading(this);
      return super.read(size);
    }

    /** Destroys it when all that was written is on its way. */
    destroySoon(): void {
      if (this.writable) this.end();
      if (this.writableFinished) this.destroy();
      else this.once('finish', () => this.destroy());
    }

    /** Ends the connection with a RST; one that is not open yet, as soon as it is. */
    resetAndDestroy(): this {
      if (!this._handle) this.destroy(socketClosed());
      else if (this.connecting) this.once('connect', () => this._reset());
      else this._reset();
      return this;
    }

    ref(): this {
      if (this._handle) this._handle.ref();
      else this.once('connect', () => this.ref());
      return this;
    }

    unref(): this {
      if (this._handle) this._handle.unref();
      else this.once('connect', () => this.unref());
      return this;
    }

    _reset(): void {
      this[own].resetting = true;
      this.destroy();
    }

    _unrefTimer(): void {
      this[own].idle.touch();
      this._parent?._unrefTimer();
    }

    _onTimeout(): void {
      // As long as the peer takes octets, the connection is not idle.
      const waiting = this._handle?.writeQueueSize ?? 0;
      if (this[own].queued > 0 && waiting !== this[own].queued) {
        this[own].queued = waiting;
        this._unrefTimer();
        return;
      }
      this.emit('timeout');
    }

    _getsockname(): Partial<EndPoint> {
      if (!this._handle) return {};
      const state = this[own];
      if (state.local === null) {
        const found: Partial<EndPoint> = {};
        this._handle.getsockname(found);
        if (this.connecting) return found;
        state.local = found;
      }
      return state.local;
    }

    _getpeername(): Partial<EndPoint> {
      const state = this[own];
      if (state.remote === null && this._handle && !this.connecting) {
        state.remote = {};
        this._handle.getpeername(state.remote);
      }
      return state.remote ?? {};
    }

    /** For those who dial: another attempt, with another handle. */
    _renewHandle(handle: Handle): void {
      const unreferenced = this._handle?.hasRef() === false;
      this._handle?.close();
      if (unreferenced) handle.unref();
      this._handle = handle;
      this[own].local = null;
      attend(this, handle);
    }

    /** For those who dial: the connection is open. */
    _connected(): void {
      if (this.destroyed || this._handle === null) return;
      const state = this[own];
      this.connecting = false;
      state.local = null;
      this._unrefTimer();
      if (state.noDelay) this._handle.setNoDelay(true);
      if (state.keepAlive) this._handle.setKeepAlive(true, state.keepAliveDelay);
      this.emit('connect');
      this.emit('ready');
      // The first read, which takes nothing: what comes is pushed from now on.
      if (this.readable && !this.isPaused()) this.read(0);
    }

    _read(size: number): void {
      if (this.connecting || !this._handle) this.once('connect', () => this._read(size));
      else if (!this._handle.reading) startReading(this);
    }

    _write(chunk: Uint8Array | string, encoding: string, done: WriteCallback): void {
      this._writeGeneric(chunk, encoding, done);
    }

    _writev(pieces: readonly Piece[], done: WriteCallback): void {
      this._writeGeneric(pieces, '', done);
    }

    _writeGeneric(data: Uint8Array | string | readonly Piece[], encoding: string, done: WriteCallback): void {
      if (this.connecting) {
        writeWhenOpen(this, data, encoding, done);
        return;
      }
      this._pendingData = null;
      this._pendingEncoding = '';
      const handle = this._handle;
      if (!handle) {
        done(socketClosed());
        return;
      }
      this._unrefTimer();
      const answer = handle.write(octetsOf(data, encoding), (code) => {
        if (this.destroyed) done(null);
        else if (code !== null) done(systemError(code, 'write'));
        else {
          this._unrefTimer();
          this[own].queued = 0;
          done();
        }
      });
      if (answer === 'later') this[own].queued = handle.writeQueueSize;
      else if (answer === null) done();
      else done(systemError(answer, 'write'));
    }

    _final(done: WriteCallback): void {
      if (this.pending) {
        this.once('connect', () => this._final(done));
        return;
      }
      // Where there is no connection any more, there is nothing to end.
      if (!this._handle || this._handle.shutdown(() => done()) !== null) done();
    }

    _destroy(error: Error | null, done: WriteCallback): void {
      const handle = this._handle;
      const state = this[own];
      this.connecting = false;
      state.idle.stop();
      if (handle) {
        const failed = Boolean(error);
        const closed = (): void => {
          this.emit('close', failed);
        };
        state.bytesRead = handle.bytesRead;
        state.bytesWritten = handle.bytesWritten;
        if (state.resetting) handle.reset(closed);
        else handle.close(closed);
        state.resetting = false;
        handle.handOn = () => undefined;
        this._handle = null;
        state.local = null;
        done(error);
      } else {
        done(error);
        platform.nextTick(() => {
          this.emit('close');
        });
      }
      const server = this._server;
      if (server !== null) {
        server._connections--;
        server._emitCloseIfDrained?.();
      }
    }
  }

  function startReading({ _handle: handle }: Model): void {
    if (handle && !handle.reading) handle.readStart();
  }

  /** What the handle hands on goes to the stream, or to whom `onread` named. */
  function attend(socket: Model, handle: Handle): void {
    const state = socket[own];
    if (state.buffer !== null) handle.useUserBuffer(state.buffer);
    handle.handOn = (chunk, code) => {
      if (isGuard(handle.onread)) {
        socket.destroy();
        return;
      }
      if (chunk === null) {
        if (code !== null) socket.destroy(systemError(code, 'read'));
        else {
          socket.push(null);
          socket.read(0);
        }
        return;
      }
      socket._unrefTimer();
      if (socket.destroyed) return;
      const goOn = state.take === null ? socket.push(chunk) : handOn(state, chunk.length, handle);
      if (!goOn) handle.readStop();
    };
  }

  function handOn(state: Own, size: number, handle: Handle): boolean {
    const { take, buffer, nextBuffer } = state;
    if (take === null || buffer === null) return true;
    const goOn = take(size, buffer) !== false;
    const next = nextBuffer?.();
    if (next instanceof Uint8Array) {
      state.buffer = next;
      handle.useUserBuffer(next);
    }
    return goOn;
  }

  function writeWhenOpen(
    socket: Model,
    data: Uint8Array | string | readonly Piece[],
    encoding: string,
    done: WriteCallback,
  ): void {
    const closed = (): void => {
      const message = 'Socket closed before the connection was established';
      done(coded('Error', 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION', message));
    };
    socket._pendingData = data;
    socket._pendingEncoding = encoding;
    socket.once('connect', () => {
      socket.off('close', closed);
      socket._writeGeneric(data, encoding, done);
    });
    socket.once('close', closed);
  }

  function Socket(this: unknown, given?: unknown): NetSocket | undefined {
    if (!(this instanceof Model)) return new (Socket as unknown as SocketConstructor)(given);
    const options = checked(given);
    const { onread, handle, signal } = options as { onread?: OnRead; handle?: Handle; signal?: unknown };
    const takes = isOnRead(onread) ? onread : null;
    this.connecting = false;
    this._hadError = false;
    this._parent = null;
    this._host = null;
    (Duplex as unknown as { call(self: unknown, options: object): void }).call(this, {
      ...options,
      allowHalfOpen: Boolean(options['allowHalfOpen']),
      emitClose: false,
      autoDestroy: true,
      decodeStrings: false,
      signal: undefined, // it is heard below, when everything is there
    });
    const state: Own = {
      noDelay: Boolean(options['noDelay']),
      keepAlive: Boolean(options['keepAlive']),
      keepAliveDelay: Math.trunc(((options['keepAliveInitialDelay'] as number | undefined) ?? 0) / 1000) || 0,
      idle: new IdleTimer(host.driver, () => this._onTimeout()),
      queued: 0,
      buffer: takes === null ? null : bufferOf(takes.buffer),
      nextBuffer: typeof takes?.buffer === 'function' ? takes.buffer : null,
      take: takes === null ? null : takes.callback,
      resetting: false,
      bytesRead: 0,
      bytesWritten: 0,
      local: null,
      remote: null,
    };
    // What is ours is not looked at by those who print or copy a socket.
    Object.defineProperty(this, own, { value: state });
    this._handle = handle ?? null;
    this._pendingData = null;
    this._pendingEncoding = '';
    this.on('end', endedByPeer);
    if (handle !== undefined) {
      attend(this, handle);
      if (options['pauseOnCreate'] === true) this.readableFlowing = false;
      else if (options['readable'] !== false && options['manualStart'] !== true) this.read(0);
    }
    if (signal) abortBy(this, signal as AbortSignal);
    this.server = null;
    this._server = null;
    return undefined;
  }

  function checked(given: unknown): Loose {
    const options = (typeof given === 'object' && given !== null ? given : {}) as Loose;
    const fd = typeof given === 'number' ? given : options['fd'];
    for (const name of ['objectMode', 'readableObjectMode', 'writableObjectMode']) {
      if (options[name]) throw valueError(platform, `options.${name}`, options[name], 'is not supported');
    }
    const { keepAliveInitialDelay, signal } = options;
    if (keepAliveInitialDelay !== undefined) check.number(keepAliveInitialDelay, 'options.keepAliveInitialDelay');
    if (signal) check.signal(signal, 'signal');
    if (fd !== undefined && fd !== null) {
      check.int32(fd, 'fd', 0);
      throw notOffered('A socket over a file descriptor', 'use new net.Socket({ fd }) of node:net');
    }
    return options;
  }

  function bufferOf(buffer: OnRead['buffer']): Uint8Array {
    const made = typeof buffer === 'function' ? buffer() : buffer;
    if (!(made instanceof Uint8Array)) throw typeError(platform, 'onread.buffer', 'an instance of Uint8Array', made);
    return made;
  }

  function abortBy(socket: NetSocket, signal: AbortSignal): void {
    const abort = (): void => {
      socket.destroy(abortError(signal.reason));
    };
    if (signal.aborted) platform.nextTick(abort);
    else {
      signal.addEventListener('abort', abort, { once: true });
      socket.once('close', () => signal.removeEventListener('abort', abort));
    }
  }

  /** Writing to someone who has closed, where half-open connections were not asked for, is a mistake of its own. */
  function endedByPeer(this: NetSocket): void {
    if (this.allowHalfOpen) return;
    this.write = (...args: unknown[]): boolean => {
      if (this.writable) return Duplex.prototype.write.apply(this, args);
      const error = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
      const done = args.find((arg) => typeof arg === 'function') as WriteCallback | undefined;
      if (done !== undefined) platform.nextTick(() => done(error));
      this.destroy(error);
      return false;
    };
  }

  function lengthOf(chunk: Uint8Array | string, encoding: string): number {
    return typeof chunk === 'string' ? buffers.byteLength(chunk, encoding) : chunk.length;
  }

  function octets(chunk: Uint8Array | string, encoding: string): Uint8Array {
    return typeof chunk === 'string' ? buffers.from(chunk, encoding) : chunk;
  }

  function octetsOf(data: Uint8Array | string | readonly Piece[], encoding: string): Uint8Array[] {
    if (typeof data === 'string' || data instanceof Uint8Array) return [octets(data, encoding)];
    return data.map((piece) => octets(piece.chunk, piece.encoding));
  }

  const constructor = Socket as unknown as SocketConstructor;
  Object.defineProperty(Model.prototype, 'constructor', { value: Socket, writable: true, configurable: true });
  Object.defineProperty(Socket, 'prototype', { value: Model.prototype });
  Object.setPrototypeOf(Socket, Duplex);
  return constructor;
}

interface OnRead {
  readonly buffer: Uint8Array | (() => unknown);
  readonly callback: (size: number, buffer: Uint8Array) => unknown;
}

function isOnRead(value: unknown): value is OnRead {
  if (typeof value !== 'object' || value === null) return false;
  const { buffer, callback } = value as Partial<OnRead>;
  return (buffer instanceof Uint8Array || typeof buffer === 'function') && typeof callback === 'function';
}

/** What the http agent leaves at an idle connection: whatever comes then, the end as well, nobody has asked for. */
function isGuard(onread: unknown): boolean {
  return typeof onread === 'function' && onread.name === 'freeSocketOnReadGuard';
}

function socketClosed(): Error {
  return coded('Error', 'ERR_SOCKET_CLOSED', 'Socket is closed');
}

/** Makes a socket and connects it: `net.connect`. */
export function connectSocket(realm: Realm, Socket: SocketConstructor, args: readonly unknown[]): NetSocket {
  const normalized = normalize(args);
  const [options] = normalized;
  const socket = new Socket(options);
  publish(realm.platform, 'net.client.socket', { socket });
  if (options['timeout']) socket.setTimeout(options['timeout'] as number);
  return socket.connect(normalized);
}
