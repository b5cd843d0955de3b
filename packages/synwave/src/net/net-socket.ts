/** NetSocket: what a socket shows to its server, and to those who dial for it. */
import type { Handle } from './handle.ts';
import type { Callback } from './options.ts';
import type { Stream } from './platform.ts';

export interface NetSocket extends Stream {
  connecting: boolean;
  autoSelectFamilyAttemptedAddresses: string[] | undefined;
  server: object | null;
  _handle: Handle | null;
  _host: string | null;
  _parent: NetSocket | null;
  _server: Counting | null;
  connect(...args: unknown[]): this;
  ['setTimeout'](span: number, callback?: Callback): this;
  setNoDelay(on?: boolean): this;
  setKeepAlive(on?: boolean, delay?: number): this;
  /** Something has happened: it is not idle. */
  _unrefTimer(): void;
  _connected(): void;
  _renewHandle(handle: Handle): void;
}

/** A server that counts its connections. */
export interface Counting {
  _connections: number;
  _emitCloseIfDrained?(): void;
}

export interface SocketConstructor {
  (options?: unknown): NetSocket;
  new (options?: unknown): NetSocket;
  readonly prototype: NetSocket;
}
