/**
 * Handle: what stands between a Socket of `net` and a connection of the stack. Each of its callbacks comes in a turn of
 * the platform's loop of its own, as Node's do, so that ticks and promises run between any two of them.
 */
import { formatAddress, isLoopback, isUnspecified, parseAddress } from '../base/address-text.ts';
import { type ErrorCode, SynwaveError } from '../base/errors.ts';
import { SECOND } from '../base/time.ts';
import type { TcpSocket } from '../socket/tcp-socket.ts';
import type { Scope } from './platform.ts';
import type { Realm } from './realm.ts';
import { isGroup, lacksZone, unzoned, withZone, zoneOf } from './zone.ts';

/** One end of a connection, as `address()` shows it. */
export interface EndPoint {
  address: string;
  family: 'IPv4' | 'IPv6';
  port: number;
}

/** What was called for: null when it went well. */
type Done = (code: ErrorCode | null) => void;

/** The most that one read takes, as libuv has it: octets. */
const CHUNK = 65_536;

/** Between probes, and how many of them: Node sets both when keepalives are turned on, whatever the system's are. */
const KEEP_ALIVE_INTERVAL = SECOND;
const KEEP_ALIVE_PROBES = 10;

/** An address as a socket of the IPv6 kind shows it: IPv4 ones mapped (RFC 4291 §2.5.5.2). */
function shown(address: string, v6: boolean): string {
  return v6 && !address.includes(':') ? `::ffff:${address}` : address;
}

/** `zone`: that of the link that an address of a link is on; '' where nobody has named it. */
export function endPoint(address: string, port: number, v6: boolean, zone = ''): EndPoint {
  return { address: withZone(shown(address, v6), zone), family: v6 ? 'IPv6' : 'IPv4', port };
}

/** What to write that has not been taken yet. */
interface Writing {
  readonly chunks: readonly Uint8Array[];
  index: number;
  at: number;
  readonly done: Done;
}

export class Handle {
  /** Whether what arrives is handed on. */
  reading = false;
  /** A chunk; or null: the end, in order or with why it came. */
  handOn: (chunk: Uint8Array | null, code: ErrorCode | null) => void = () => undefined;
  /**
   * For Node's http agent alone, which from Node 22 on puts a guard here while a connection lies idle in its pool, and
   * then what a handle of the system would call. Neither can be called: they ask the system what was read.
   */
  onread: unknown = null;
  bytesRead = 0;
  bytesWritten = 0;
  private readonly realm: Realm;
  private readonly scope: Scope;
  /** Whether it is of the IPv6 kind: IPv4 addresses are shown mapped then. */
  private v6: boolean;
  /** The zone of both its ends, where they are addresses of a link. */
  private zone: string;
  private socket: TcpSocket | null;
  /** Where it is bound to before it has a connection. */
  private bound: EndPoint | null = null;
  /** Reads go here instead of into memory of their own. */
  private into: Uint8Array | null = null;
  private writing: Writing | null = null;
  private failure: ErrorCode | null = null;
  private opened = false;
  /** The peer has sent its last octet; we have. */
  private ended = false;
  private shut = false;
  private over = false;
  private closed = false;
  private pumping = false;
  private referenced = true;

  /** `socket`: a connection that was accepted, `v6` by a listener of the IPv6 kind, in `zone`; null: `connect` follows. */
  constructor(realm: Realm, socket: TcpSocket | null = null, v6 = false, zone = '') {
    this.realm = realm;
    this.scope = realm.platform.scope('SYNWAVE_TCP');
    this.v6 = v6;
    this.zone = zone;
    this.socket = socket;
    if (socket !== null) this.adopt(socket);
  }

  /** Chooses the local end of a connection of that family to come. Answers why it cannot be that. */
  bind(family: number, address: string, port: number): ErrorCode | null {
    if (!Number.isInteger(port) || port > 65_535) return 'EADDRINUSE'; // libuv asks for one port and finds another
    const own = parseAddress(unzoned(address));
    this.v6 = family === 6;
    if (own === null || this.v6 !== address.includes(':') || lacksZone(address)) return 'EINVAL';
    const local = isUnspecified(own) || isLoopback(own);
    if (!local && !this.realm.host.stack.internet.addresses().some((each) => each.equals(own))) return 'EADDRNOTAVAIL';
    if (port > 0 && this.realm.host.listensOn(own, port)) return 'EADDRINUSE';
    this.zone = zoneOf(address);
    this.bound = endPoint(formatAddress(own), port, this.v6, this.zone);
    return null;
  }

  /** Opens a connection over that family. Answers why that is refused at once, or null: `done` is called later. */
  connect(family: number, address: string, port: number, done: Done): ErrorCode | null {
    const { host, turns } = this.realm;
    if (this.socket !== null) return this.opened ? 'EISCONN' : 'EALREADY';
    // libuv cannot read the address then, and there is no socket yet.
    if ((family === 6) !== address.includes(':')) return 'EINVAL';
    this.v6 = family === 6;
    this.zone = zoneOf(address) || this.zone;
    if (lacksZone(address) && !isGroup(address)) return this.refuse('EINVAL');
    // Nobody can listen on port 0: what Linux sends there is answered by a RST.
    if (port === 0) {
      this.arrive(() => done('ECONNREFUSED'));
      return null;
    }
    const { bound } = this;
    const to = unzoned(address);
    const zone = zoneOf(address);
    try {
      const socket = host.connect({
        address: withZone(destination(to), zone),
        port,
        ...(bound === null ? {} : { localPort: bound.port }),
        ...(bound === null || bound.address === '::' ? {} : { localAddress: unzoned(bound.address) }),
      });
      this.socket = socket;
      if (!this.referenced) socket.unref();
      socket.handler = {
        // After the others, so that a listener of the same program has its 'connection' first, as over a kernel.
        connected: () => {
          this.adopt(socket);
          this.arrive(() => turns.arriveLast(this.later(() => done(null))));
        },
        closed: (error) => {
          this.over = true;
          this.arrive(() => done(error?.code ?? 'ECONNABORTED'));
        },
      };
      return null;
    } catch (error) {
      if (!(error instanceof SynwaveError)) throw error;
      // What Linux answers for addresses that no connection can have, and for an IPv4 one from an IPv6 one.
      const nowhere = error.code === 'EACCES' || (error.code === 'EAFNOSUPPORT' && isIpv4(to));
      return this.refuse(nowhere ? 'ENETUNREACH' : error.code);
    }
  }

  /** What arrives goes to `handOn` from now on. */
  readStart(): void {
    this.reading = true;
    this.pump();
  }

  /** What arrives stays where it is: the window closes when that is full. */
  readStop(): void {
    this.reading = false;
  }

  /** Reads go into `buffer`, over and over. */
  useUserBuffer(buffer: Uint8Array): void {
    this.into = buffer;
  }

  /**
   * Hands octets over. Answers null when all were taken; 'later' when some must wait: `done` is called then; or why none
   * ever will be.
   */
  write(chunks: readonly Uint8Array[], done: Done): ErrorCode | 'later' | null {
    const writing: Writing = { chunks, index: 0, at: 0, done };
    for (const chunk of chunks) this.bytesWritten += chunk.length;
    const answer = this.take(writing);
    if (answer === 'later') this.writing = writing;
    return answer;
  }

  /** Octets that the connection has not taken yet. */
  get writeQueueSize(): number {
    const { writing } = this;
    if (writing === null) return 0;
    let size = -writing.at;
    for (let i = writing.index; i < writing.chunks.length; i++) size += writing.chunks[i]?.length ?? 0;
    return size;
  }

  /** No more to send. Answers why not; or null: `done` is called when it is so. */
  shutdown(done: Done): ErrorCode | null {
    if (this.socket === null || this.over) return 'ENOTCONN';
    this.shut = true;
    this.socket.end();
    this.complete(() => done(null));
    return null;
  }

  /** Done with the connection: what was written still goes out. `done` is called later. */
  close(done?: () => void): void {
    this.leave((socket) => socket.close(), done);
  }

  /** Ends the connection with a RST. `done` is called later. */
  reset(done?: () => void): void {
    this.leave((socket) => socket.abort(), done);
  }

  setNoDelay(on: boolean): void {
    this.socket?.setNoDelay(on);
  }

  /** `delay`: seconds before the first probe; 0: as it is. */
  setKeepAlive(on: boolean, delay: number): void {
    const idle = delay > 0 ? delay * SECOND : undefined;
    if (on) this.socket?.setKeepAlive(true, idle, KEEP_ALIVE_INTERVAL, KEEP_ALIVE_PROBES);
    else this.socket?.setKeepAlive(false);
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

  hasRef(): boolean {
    return this.referenced && !this.closed;
  }

  /** Fills in our end; leaves `out` empty when there is none. */
  getsockname(out: Partial<EndPoint>): void {
    const { socket, bound } = this;
    if (socket !== null) Object.assign(out, endPoint(socket.localAddress, socket.localPort, this.v6, this.zone));
    else if (bound !== null) Object.assign(out, bound);
  }

  /** Fills in the peer's end; leaves `out` empty when there is none. */
  getpeername(out: Partial<EndPoint>): void {
    const { socket } = this;
    if (socket !== null) Object.assign(out, endPoint(socket.remoteAddress, socket.remotePort, this.v6, this.zone));
  }

  /** The number of its context. */
  getAsyncId(): number {
    return this.scope.asyncId();
  }

  /** There is a socket by now, of its family, though it goes nowhere. */
  private refuse(code: ErrorCode): ErrorCode {
    this.bound ??= endPoint(this.v6 ? '::' : '0.0.0.0', 0, this.v6);
    return code;
  }

  private adopt(socket: TcpSocket): void {
    this.opened = true;
    socket.handler = {
      readable: () => this.pump(),
      ended: () => {
        this.ended = true;
        this.pump();
      },
      writable: () => this.goOn(),
      closed: (error) => {
        this.over = true;
        // As Linux has it: a reset after the peer's FIN is heard by those who write.
        this.failure = error?.code === 'ECONNRESET' && this.ended ? 'EPIPE' : (error?.code ?? null);
        this.goOn();
        this.pump();
      },
    };
  }

  /** Reads once, later. `next`: before anything else that has arrived. */
  private pump(next = false): void {
    if (!this.reading || this.pumping || this.socket === null) return;
    this.pumping = true;
    const { turns } = this.realm;
    const read = this.later(() => {
      this.pumping = false;
      if (this.reading) this.readOnce();
    });
    if (next) turns.arriveNext(read);
    else turns.arrive(read);
  }

  private readOnce(): void {
    const { socket, into } = this;
    if (socket === null) return;
    const waiting = socket.readable;
    const size = Math.min(waiting, into === null ? CHUNK : into.length);
    if (waiting > 0 && size === 0) return;
    const target = into ?? this.realm.platform.buffers.allocUnsafeSlow(size);
    const n = socket.tryRead(target, 0, size);
    if (n === 0) return;
    if (n < 0) {
      this.reading = false;
      const { failure } = this;
      this.failure = null; // told once: who writes afterwards hears EPIPE
      this.handOn(null, failure);
      return;
    }
    this.bytesRead += n;
    const hungUp = this.ended && this.shut; // not what the reader does about it now: that is of the next round
    this.handOn(n === target.length ? target : target.subarray(0, n), null);
    // As libuv: a read that was filled goes on at once, and one that both ends have shut down comes to its end.
    this.pump(n === CHUNK || hungUp);
  }

  /** A write that fell short goes on. */
  private goOn(): void {
    const { writing } = this;
    if (writing === null) return;
    const answer = this.take(writing);
    if (answer === 'later') return;
    this.writing = null;
    this.complete(() => writing.done(answer));
  }

  private take(writing: Writing): ErrorCode | 'later' | null {
    const { socket } = this;
    if (socket === null) return 'ENOTCONN';
    const { chunks } = writing;
    while (writing.index < chunks.length) {
      const chunk = chunks[writing.index] as Uint8Array;
      const n = socket.tryWrite(chunk, writing.at);
      if (n < 0) {
        const { failure } = this;
        this.failure = null;
        return failure ?? 'EPIPE';
      }
      writing.at += n;
      if (writing.at < chunk.length) return 'later';
      writing.index++;
      writing.at = 0;
    }
    return null;
  }

  private leave(how: (socket: TcpSocket) => void, done?: () => void): void {
    const { socket, writing } = this;
    this.closed = true;
    this.reading = false;
    if (socket !== null) {
      socket.handler = null;
      how(socket);
    }
    if (writing !== null) {
      this.writing = null;
      this.realm.turns.complete(() => this.scope.runInAsyncScope(() => writing.done('ECONNABORTED')));
    }
    if (done !== undefined) this.realm.turns.close(() => this.scope.runInAsyncScope(done));
  }

  private arrive(act: () => void): void {
    this.realm.turns.arrive(this.later(act));
  }

  private complete(act: () => void): void {
    this.realm.turns.complete(this.later(act));
  }

  /** In the program's context, unless it is closed by then. */
  private later(act: () => void): () => void {
    return () => {
      if (!this.closed) this.scope.runInAsyncScope(act);
    };
  }
}

/** Connecting to "any address" means this host, as Linux has it. */
function destination(address: string): string {
  if (!isAny(address)) return address;
  return isIpv4(address) ? '127.0.0.1' : '::1';
}

/** An address of IPv4, mapped or not. */
export function isIpv4(address: string): boolean {
  return parseAddress(address)?.family === 4;
}

/** 0.0.0.0 or ::, however it is written. */
export function isAny(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== null && isUnspecified(parsed);
}
