/** TcpSocket: one connection for a program: calls that answer at once, and promises over them. */
import { type ErrorCode, fail, SynwaveError } from '../base/errors.ts';
import type { Micros } from '../base/time.ts';
import type { TcpConfig } from '../tcp/config.ts';
import { Failure, News } from '../tcp/failure.ts';
import type { TcpInfo } from '../tcp/info.ts';
import { State, stateNames } from '../tcp/state.ts';
import type { Owner, Told } from './owner.ts';
import { isScoped, nameScoped, readScoped } from './scoped.ts';

export interface ConnectOptions {
  readonly address: string;
  readonly port: number;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly config?: TcpConfig;
}

/** What a socket tells, for those who want no promises. All are called from the host's turn, never from inside a call. */
export interface SocketHandler {
  connected?(): void;
  /** There is something to read; told again only after a read. */
  readable?(): void;
  /** A write that fell short may go on. */
  writable?(): void;
  /** The peer has sent its last octet; there may still be some to read. */
  ended?(): void;
  /** The peer has urgent data (RFC 9293 §3.8.5). */
  urgent?(): void;
  /** R1 was reached: the peer has not answered for a while (RFC 9293 §3.8.3). */
  doubtful?(): void;
  /** Over: in order (null), or why not. */
  closed?(error: SynwaveError | null): void;
}

/** Octets that `read` takes at once, unless told otherwise. */
const CHUNK = 65_536;

const codes: Readonly<Record<Failure, ErrorCode | null>> = {
  [Failure.None]: null,
  [Failure.Refused]: 'ECONNREFUSED',
  [Failure.Reset]: 'ECONNRESET',
  [Failure.TimedOut]: 'ETIMEDOUT',
  [Failure.UserTimeout]: 'ETIMEDOUT',
  [Failure.Aborted]: 'ECONNABORTED',
  [Failure.NoProtocol]: 'ENOPROTOOPT',
  [Failure.HostUnreachable]: 'EHOSTUNREACH',
  [Failure.NetUnreachable]: 'ENETUNREACH',
};

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

export class TcpSocket implements Told {
  readonly id: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  handler: SocketHandler | null = null;
  bytesRead = 0;
  bytesWritten = 0;
  private readonly host: Owner;
  private connected: boolean;
  /** `end` was called before the connection was established. */
  private ending = false;
  private over = false;
  private released = false;
  private failure: SynwaveError | null = null;
  private openers: Waiter<void>[] = [];
  private closers: Waiter<void>[] = [];
  private reader: (() => void) | null = null;
  private writer: (() => void) | null = null;

  private constructor(host: Owner, id: number, connected: boolean) {
    this.host = host;
    this.id = id;
    this.connected = connected;
    const name = host.stack.nameOf(id);
    this.localAddress = name.local;
    this.localPort = name.localPort;
    this.remoteAddress = nameScoped(host.stack, name.remote, host.stack.deviceOf(id));
    this.remotePort = name.remotePort;
    host.adopt(id, this);
  }

  /** For the host: an active OPEN. */
  static connect(host: Owner, options: ConnectOptions): TcpSocket {
    const { address, port, localAddress, localPort = 0, config } = options;
    const to = readScoped(host.stack, address);
    if (to === null) return fail('EINVAL', `connect address ${address}`);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) fail('EINVAL', `connect port ${port}`);
    const from = localAddress === undefined ? null : readScoped(host.stack, localAddress);
    if (localAddress !== undefined && from === null) fail('EINVAL', `local address ${localAddress}`);
    const local = { address: from?.address ?? null, port: localPort };
    // To an address without a zone of its own: by the interface of the one that we speak from.
    const zone = to.zone >= 0 ? to.zone : isScoped(to.address) ? (from?.zone ?? -1) : -1;
    const remote = { address: to.address, port, ...(zone < 0 ? {} : { zone }) };
    return new TcpSocket(host, host.stack.connect(remote, local, host.now(), config), false);
  }

  /** For the listener: a connection that it has established. */
  static accepted(host: Owner, id: number): TcpSocket {
    return new TcpSocket(host, id, true);
  }

  /** The RFC's name of the state it is in. */
  get state(): string {
    return stateNames[this.released ? State.Closed : this.host.stack.stateOf(this.id)] as string;
  }

  /** Resolves when the connection is established; rejects with SynwaveError when it cannot be. */
  get opened(): Promise<void> {
    if (this.connected) return Promise.resolve();
    if (this.over) return Promise.reject(this.error('connect'));
    return new Promise((resolve, reject) => this.openers.push({ resolve, reject }));
  }

  /** Resolves when the connection has ended in order (on the side that closes first: with TIME-WAIT); rejects otherwise. */
  get closed(): Promise<void> {
    if (this.over) return this.failure === null ? Promise.resolve() : Promise.reject(this.failure);
    return new Promise((resolve, reject) => this.closers.push({ resolve, reject }));
  }

  /** Octets that can be read at once. */
  get readable(): number {
    return this.released ? 0 : this.host.stack.readable(this.id);
  }

  /** Copies what is there into `into[at, at + most)`. Answers octets, 0 when there are none yet, -1 when none will come. */
  tryRead(into: Uint8Array, at = 0, most: number = into.length - at): number {
    if (this.released) return -1;
    const n = this.host.stack.receive(this.id, into, at, most);
    if (n <= 0) return n === 0 ? 0 : -1;
    this.bytesRead += n;
    if (this.over && this.readable === 0) this.finish(this.failure);
    this.host.wake();
    return n;
  }

  /** Hands octets over; answers how many were taken: fewer when the buffer is full (`writable` follows), -1 when none ever will. */
  tryWrite(from: Uint8Array, at = 0, count: number = from.length - at, urgent = false): number {
    if (this.released || this.ending) return -1;
    const n = this.host.stack.send(this.id, from, at, count, urgent);
    if (n < 0) return -1;
    this.bytesWritten += n;
    if (n > 0) this.host.wake();
    return n;
  }

  /** The next octets, `most` at a time; null at the end. Rejects with SynwaveError when the connection fails. One read at a time. */
  async read(most: number = CHUNK): Promise<Uint8Array | null> {
    for (;;) {
      const room = Math.min(most, Math.max(this.readable, 1));
      const chunk = new Uint8Array(room);
      const n = this.tryRead(chunk);
      if (n > 0) return n === room ? chunk : chunk.subarray(0, n);
      if (n < 0) {
        const { cause } = this;
        if (cause !== null) throw cause;
        return null;
      }
      if (this.reader !== null) fail('EALREADY', 'read');
      await new Promise<void>((resolve) => {
        this.reader = resolve;
      });
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let chunk = await this.read(); chunk !== null; chunk = await this.read()) yield chunk;
  }

  /** Resolves when all octets are in the send buffer: a slow peer slows the writer. Rejects with EPIPE, or why it failed. */
  async write(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      const n = this.tryWrite(bytes, at);
      if (n < 0) throw this.cause ?? new SynwaveError('EPIPE', `write to ${this.remote}`);
      at += n;
      if (at === bytes.length) return;
      if (this.writer !== null) fail('EALREADY', 'write');
      await new Promise<void>((resolve) => {
        this.writer = resolve;
      });
    }
  }

  /**
   * No more to send: a FIN follows what was written. What the peer sends is still read (half-close). Before the connection
   * is established it waits for that, where CLOSE of RFC 9293 §3.10.4 would delete it with what was written.
   */
  end(): void {
    if (this.released) return;
    if (!this.connected) {
      this.ending = true;
      return;
    }
    this.host.stack.close(this.id, this.host.now());
    this.host.wake();
  }

  /** Done with both directions. What was written still goes out; text that nobody has read is answered by a RST. */
  close(): void {
    if (this.released) return;
    this.finish(null);
    this.host.wake();
  }

  /** Ends the connection at once, with a RST (RFC 9293 §3.10.5). */
  abort(): void {
    if (this.released) return;
    this.host.stack.abort(this.id, this.host.now());
    this.finish(new SynwaveError('ECONNABORTED', `connection to ${this.remote}`));
    this.host.wake();
  }

  /** Small segments go out at once. */
  setNoDelay(on = true): this {
    if (!this.released) this.host.stack.setNoDelay(this.id, on);
    this.host.wake();
    return this;
  }

  /** The traffic class of what is sent from now on (SHLD-21): DSCP in its upper six bits; the lower two are ECN's. */
  setTrafficClass(trafficClass: number): this {
    if (!Number.isInteger(trafficClass) || trafficClass < 0 || trafficClass > 0xff)
      throw new SynwaveError('EINVAL', `traffic class ${trafficClass}: it is an octet, 0 to 255`);
    if (!this.released) this.host.stack.configure(this.id, { trafficClass }, this.host.now());
    return this;
  }

  /** Keepalives on or off; times in microseconds, those left out stay as they are. */
  setKeepAlive(on: boolean, idle?: Micros, interval?: Micros, probes?: number): this {
    if (!this.released) this.host.stack.setKeepAlive(this.id, on, this.host.now(), idle, interval, probes);
    this.host.wake();
    return this;
  }

  /** The program goes on while this is open; so it is unless `unref` is called. */
  ref(): this {
    if (!this.released) this.host.refer(this.id, true);
    return this;
  }

  /** The program need not go on for this. */
  unref(): this {
    if (!this.released) this.host.refer(this.id, false);
    return this;
  }

  /** Everything there is to know of the connection. Throws SynwaveError ENOTCONN when it is over and let go. */
  info(): TcpInfo {
    if (this.released) return fail('ENOTCONN', `info of the connection to ${this.remote}`);
    return this.host.stack.info(this.id, this.host.now());
  }

  /** For the host: what has changed, as `News` bits. */
  tell(news: number): void {
    const { handler } = this;
    if ((news & News.Connected) !== 0) {
      this.connected = true;
      if (this.ending) this.end();
      for (const { resolve } of this.openers.splice(0)) resolve();
      handler?.connected?.();
    }
    if ((news & News.Urgent) !== 0) handler?.urgent?.();
    if ((news & News.Doubtful) !== 0) handler?.doubtful?.();
    if ((news & News.Readable) !== 0) this.handler?.readable?.();
    if ((news & News.Ended) !== 0) this.handler?.ended?.();
    if ((news & News.Writable) !== 0) {
      this.resume('writer');
      this.handler?.writable?.();
    }
    if ((news & (News.Readable | News.Ended)) !== 0) this.resume('reader');
    if ((news & News.Closed) !== 0 && !this.released) this.conclude();
  }

  /** For the host: it has lost power. Nobody is told, and calls fail from now on. */
  die(): void {
    this.released = true;
    this.over = true;
    this.failure = new SynwaveError('ECONNABORTED', `connection to ${this.remote}`);
  }

  private conclude(): void {
    const failure = this.cause;
    // What has arrived can still be read; the number is let go when it has been.
    if (this.readable > 0) this.settleClosed(failure);
    else this.finish(failure);
  }

  /** Lets go of the connection's number: the stack goes on with it alone. */
  private finish(failure: SynwaveError | null): void {
    this.released = true;
    this.host.stack.release(this.id, this.host.now());
    this.host.disown(this.id);
    this.settleClosed(failure);
  }

  private settleClosed(failure: SynwaveError | null): void {
    if (this.over) return;
    this.over = true;
    this.failure = failure;
    for (const { reject } of this.openers.splice(0)) reject(failure ?? this.error('connect', 'ECONNABORTED'));
    for (const { resolve, reject } of this.closers.splice(0)) {
      if (failure === null) resolve();
      else reject(failure);
    }
    this.resume('reader');
    this.resume('writer');
    this.handler?.closed?.(failure);
  }

  /** Why the connection failed, as far as is known: the stack may know before the news are told. */
  private get cause(): SynwaveError | null {
    if (this.failure !== null || this.released) return this.failure;
    const code = codes[this.host.stack.failureOf(this.id)];
    return code === null ? null : this.error(this.connected ? 'connection to' : 'connect', code);
  }

  /** For reports: what the program waits for. */
  waits(): string[] {
    const { localAddress, localPort, remoteAddress, remotePort } = this;
    const ends = `${endText(localAddress, localPort)} > ${endText(remoteAddress, remotePort)}`;
    const lines = this.openers.length > 0 ? [`connect ${ends}`] : [];
    if (this.reader !== null) lines.push(`read ${ends}`);
    if (this.writer !== null) lines.push(`write ${ends}`);
    if (this.closers.length > 0) lines.push(`end of ${ends}`);
    return lines;
  }

  private resume(who: 'reader' | 'writer'): void {
    const resume = this[who];
    this[who] = null;
    resume?.();
  }

  private get remote(): string {
    return `${this.remoteAddress} port ${this.remotePort}`;
  }

  private error(what: string, code?: ErrorCode): SynwaveError {
    return this.failure ?? new SynwaveError(code ?? 'ENOTCONN', `${what} ${this.remote}`);
  }
}

function endText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
