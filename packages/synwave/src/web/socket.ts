/** Socket: a TCP connection as the Sockets API of WinterTC shows it: two streams, two promises. */
import { SynwaveError } from '../base/errors.ts';
import type { Host } from '../socket/host.ts';
import { socketError } from './errors.ts';
import { Line } from './line.ts';
import { formatSocketAddress } from './names.ts';
import { ReadSide } from './read-side.ts';
import { type Octets, WriteSide } from './write-side.ts';

/** The two ends of a connection, as `address:port`, IPv6 addresses in brackets. */
export interface SocketInfo {
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** There is no TLS, so nothing was negotiated. */
  readonly alpn: undefined;
}

export interface StreamOptions {
  /**
   * Whether writing goes on after the peer's end has been read. False, the default: the writable side is then closed, once
   * what was written by that time has gone, and what a program writes in direct answer to the end.
   */
  readonly allowHalfOpen?: boolean;
  /** Octets that may wait to be sent before a writer's `ready` does, beside the connection's own buffer; 65,536 by default. */
  readonly highWaterMark?: number;
}

/** Octets that wait to be sent, unless told otherwise. */
const HIGH_WATER_MARK = 65_536;

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Everything that fails does so with a TypeError whose message begins with "SocketError: ", and whose `cause` is a
 * SynwaveError with the code: ECONNREFUSED, ECONNRESET, ETIMEDOUT, ECONNABORTED (this side gave up), EPIPE (a write after
 * the end) and so on. A failure shows at `opened`, `closed` and both streams; nobody has to look at all of them.
 */
export class Socket {
  /** Resolves when the connection is established; rejects when it cannot be. */
  readonly opened: Promise<SocketInfo>;
  /**
   * Resolves when the connection has ended in order (a side that closes first need not wait for 2MSL), or `close` was
   * called; rejects when it failed, and after `writable.abort()`.
   */
  readonly closed: Promise<void>;
  /** There is no TLS here: run it over the two streams. */
  readonly secureTransport = 'off';
  readonly upgraded = false;
  private readonly line: Line;
  private readonly options: StreamOptions;
  private reads: ReadSide | null = null;
  private writes: WriteSide | null = null;

  /** For `connect` and listeners. */
  constructor(line: Line, options: StreamOptions) {
    this.line = line;
    this.options = options;
    const opened = deferred<SocketInfo>();
    const closed = deferred<void>();
    this.opened = opened.promise;
    this.closed = closed.promise;
    line.handler = {
      opened: () => {
        const { tcp } = line;
        if (tcp === null) return;
        opened.resolve({
          remoteAddress: formatSocketAddress(tcp.remoteAddress, tcp.remotePort),
          localAddress: formatSocketAddress(tcp.localAddress, tcp.localPort),
          alpn: undefined,
        });
      },
      readable: () => this.reads?.changed(),
      writable: () => this.writes?.changed(),
      closed: () => {
        const { failure } = line;
        // Without effect on a connection that was established.
        opened.reject(failure ?? socketError(new SynwaveError('ECONNABORTED', 'connect')));
        if (failure === null) closed.resolve();
        else closed.reject(failure);
        this.reads?.changed();
        this.writes?.changed();
      },
    };
  }

  /**
   * What the peer sends: a byte stream, which takes readers with buffers of their own (`mode: 'byob'`). What nobody reads
   * stays with the connection, and holds the peer up when its buffer is full. `cancel()`: what arrives from then on is
   * thrown away; with the writable side closed as well, the connection is left to the stack to end.
   */
  get readable(): ReadableStream<Uint8Array> {
    this.reads ??= new ReadSide(this.line, () => this.readEnded());
    return this.reads.stream;
  }

  /**
   * What is sent to the peer, as ArrayBuffers or views of them. A write is done when the connection has taken it; who waits
   * for `ready` goes no faster than the peer. `close()`: a FIN, and reading goes on (half-close). `abort()`: a RST.
   */
  get writable(): WritableStream<Octets> {
    this.writes ??= new WriteSide(this.line, this.options.highWaterMark ?? HIGH_WATER_MARK);
    return this.writes.stream;
  }

  /**
   * Ends both directions, from whoever holds the streams: a reader is told the end, writes that the connection has not
   * taken fail with `reason`. What it has taken still goes out, followed by a FIN; by a RST if something that arrived was
   * not read (RFC 9293 §3.6.1). To have everything sent first, close the writable side. Answers `closed`.
   */
  close(reason?: unknown): Promise<void> {
    if (!this.line.over) {
      this.line.close();
      this.writes?.fail(reason);
      this.reads?.close();
    }
    return this.closed;
  }

  /** Always refused, with a TypeError. */
  startTls(): never {
    throw new TypeError('synwave/web has no TLS: run it over `readable` and `writable`');
  }

  private readEnded(): void {
    if (this.options.allowHalfOpen === true) return;
    // When those who have just been told the end have done what they do then.
    this.line.host.driver.soon(() => {
      if (this.writes === null) this.line.end();
      else this.writes.finish();
    });
  }
}

/** A socket on `host`, and the line that somebody is to open for it. Throws TypeError for options that make no sense. */
export function makeSocket(host: Host, options: StreamOptions): { readonly socket: Socket; readonly line: Line } {
  const { highWaterMark = HIGH_WATER_MARK } = options;
  if (!(highWaterMark >= 1)) throw new TypeError(`highWaterMark ${highWaterMark}: at least 1 octet`);
  const line = new Line(host);
  return { socket: new Socket(line, options), line };
}

/** A promise that need not be looked at: what it rejects with shows elsewhere as well. */
function deferred<T>(): Deferred<T> {
  let resolve: Deferred<T>['resolve'] = ignore;
  let reject: Deferred<T>['reject'] = ignore;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(ignore);
  return { promise, resolve, reject };
}

function ignore(): void {}
