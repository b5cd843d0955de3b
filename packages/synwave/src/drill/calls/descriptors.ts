/** What a script's file descriptors stand for: TCP sockets, UDP sockets, epoll instances. */
import type { Family } from '../../base/address.ts';
import type { TcpConfig } from '../../tcp/config.ts';
import type { End } from '../flow.ts';

export type Domain = Family;

/** A TCP socket of the host under test. */
export class TcpEnd {
  readonly domain: Domain;
  /** `fresh` until connect or listen; `over` once a failure was told, or a listener has stopped. */
  phase: 'fresh' | 'connecting' | 'connected' | 'listening' | 'over' = 'fresh';
  /** The stack's number of the connection, or of the listener; -1: none. */
  id = -1;
  bound: End | null = null;
  nonblocking = false;
  /** What was set by setsockopt and is the socket's own. */
  settings: Partial<TcpConfig> = {};
  /** Options that have no setting of the stack's behind them, by name. */
  readonly options: Map<string, number> = new Map<string, number>();
  linger: { on: boolean; seconds: number } = { on: false, seconds: 0 };
  /** TCP_CORK is on; the connection is held back now, by that or by MSG_MORE. */
  cork = false;
  corked = false;
  /** The failure of the connection has been told to the program. */
  told = false;
  readShut = false;
  writeShut = false;
  /** An established connect() has been told: the next one finds it connected. */
  reported = false;

  constructor(domain: Domain) {
    this.domain = domain;
  }
}

export class UdpEnd {
  readonly domain: Domain;
  /** The stack's number; -1: not bound yet. */
  id = -1;
  bound: End | null = null;
  peer: End | null = null;
  nonblocking = false;
  readonly options: Map<string, number> = new Map<string, number>();
  /** A datagram that poll or MSG_PEEK has seen. */
  held: { length: number; from: End } | null = null;

  constructor(domain: Domain) {
    this.domain = domain;
  }
}

/** Events that are asked for, what they are told with, and those that were told last. */
export interface Watched {
  events: number;
  readonly data: number;
  seen: number;
}

/** An epoll instance, and whom it watches: by file descriptor. */
export class EpollEnd {
  readonly watched: Map<number, Watched> = new Map<number, Watched>();
}

export type Descriptor = TcpEnd | UdpEnd | EpollEnd;
