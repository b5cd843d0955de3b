/** Line: the connection under a socket, from before it is dialled until it is over, as the socket and its streams see it. */
import { SynwaveError } from '../base/errors.ts';
import type { Host } from '../socket/host.ts';
import type { TcpSocket } from '../socket/tcp-socket.ts';
import { socketError } from './errors.ts';

/** Octets that one read takes at most. */
export const CHUNK = 65_536;

/** What a line tells those who stand on it. All are called when `over` and the rest say so already. */
export interface LineHandler {
  opened(): void;
  /** There is something to read, or nothing will be any more. */
  readable(): void;
  writable(): void;
  /** Over: `line.failure` says why, null: in order. */
  closed(): void;
}

export class Line {
  readonly host: Host;
  /** The connection, or the attempt to open one. */
  tcp: TcpSocket | null = null;
  handler: LineHandler | null = null;
  isOpen = false;
  over = false;
  failure: TypeError | null = null;
  /** The peer's last octet has been read, or is among those that wait. */
  private ended = false;
  /** There is no more to send. */
  private shut = false;
  /** Nobody reads any more. */
  private deaf = false;

  constructor(host: Host) {
    this.host = host;
  }

  /** `tcp` is open. */
  open(tcp: TcpSocket): void {
    this.tcp = tcp;
    this.isOpen = true;
    tcp.handler = {
      readable: () => this.arrived(),
      ended: () => {
        this.ended = true;
        this.arrived();
      },
      writable: () => this.handler?.writable(),
    };
    // By a promise, which also tells what happened before there was a handler.
    void tcp.closed.then(
      () => this.settle(null),
      (error: unknown) => this.settle(error),
    );
    this.handler?.opened();
    this.handler?.writable();
    if (this.shut) tcp.end();
    this.arrived();
    this.letGo();
  }

  /** Octets that can be read at once. */
  get waiting(): number {
    return this.isOpen && this.tcp !== null ? this.tcp.readable : 0;
  }

  /** Copies what is there. Answers octets; 0: none yet, `readable` follows; -1: none will come, and `readFailure` says why. */
  read(into: Uint8Array): number {
    const { tcp } = this;
    if (tcp === null || !this.isOpen) return this.over ? -1 : 0;
    const n = tcp.tryRead(into);
    if (n >= 0 || this.over) return n;
    // A connection that has just failed also answers -1: the news of why are on their way.
    if (tcp.state === 'CLOSED') return 0;
    this.ended = true;
    return -1;
  }

  /** Whether the peer has sent its last octet, and it has been read. */
  get drained(): boolean {
    return this.ended && this.waiting === 0;
  }

  /** Why reading came to its end: null when all that the peer sent has arrived, whatever came then. */
  get readFailure(): TypeError | null {
    return this.ended ? null : this.failure;
  }

  /** Hands octets over from `at` on. Answers how many were taken; short: `writable` follows. Throws when none ever will be. */
  write(from: Uint8Array, at: number): number {
    const { tcp } = this;
    if (tcp !== null && this.isOpen) {
      const n = tcp.tryWrite(from, at);
      if (n >= 0) return n;
    } else if (!this.over) return 0;
    throw this.failure ?? socketError(new SynwaveError('EPIPE', 'write'));
  }

  /** No more to send: a FIN follows what was written. */
  end(): void {
    if (this.shut) return;
    this.shut = true;
    if (this.isOpen) this.tcp?.end();
    this.letGo();
  }

  /** Nobody reads any more: what arrives from now on is thrown away, so that the peer is not held up. */
  stopReading(): void {
    this.deaf = true;
    this.arrived();
    this.letGo();
  }

  /** Done with both directions: what the connection has taken still goes out. */
  close(): void {
    if (this.over) return;
    this.tcp?.close();
    this.settle(null);
  }

  /** Ends the connection with a RST. */
  abort(): void {
    if (this.over) return;
    this.tcp?.abort();
    this.settle(new SynwaveError('ECONNABORTED', 'connection'));
  }

  /** It is over: in order (null), or why not. */
  settle(cause: unknown): void {
    if (this.over) return;
    this.over = true;
    if (cause !== null) this.failure = socketError(cause);
    this.handler?.closed();
  }

  private arrived(): void {
    if (this.deaf && this.isOpen) this.throwAway();
    this.handler?.readable();
  }

  private throwAway(): void {
    let n: number;
    do n = this.read(new Uint8Array(Math.min(Math.max(this.waiting, 1), CHUNK)));
    while (n > 0);
  }

  /** With no one to read and nothing to send the stack brings the connection to its end alone. */
  private letGo(): void {
    if (this.deaf && this.shut && this.isOpen) this.close();
  }
}
