/** Listeners: who waits for connections on which address and port (RFC 9293 §3.10.1, passive OPEN), and their queues. */
import type { Address, Family } from '../base/address.ts';
import { isUnspecified } from '../base/address-text.ts';
import type { Micros } from '../base/time.ts';
import type { TcpConfig } from '../tcp/config.ts';

export class Listener {
  readonly id: number;
  /** Null: any address. */
  readonly address: Address | null;
  /** Which families it takes: 0 is both. */
  readonly family: Family | 0;
  readonly port: number;
  config: TcpConfig;
  /** The accept queue is full when more than this many wait (so backlog + 1 may, as on Linux). */
  backlog: number;
  /** Half-open connections at most. */
  readonly synBacklog: number;
  /** Half-open connections now. */
  halfOpen = 0;
  /** When the last SYN cookie was given. */
  cookieAt: Micros = Number.NEGATIVE_INFINITY;
  /** Established and not accepted yet: slots, oldest first. */
  readonly waiting: number[] = [];

  constructor(
    id: number,
    address: Address | null,
    family: Family | 0,
    port: number,
    backlog: number,
    synBacklog: number,
    config: TcpConfig,
  ) {
    this.id = id;
    this.address = address;
    this.family = family;
    this.port = port;
    this.backlog = backlog;
    this.synBacklog = synBacklog;
    this.config = config;
  }

  /** Whether one more connection would have nowhere to wait. */
  get full(): boolean {
    return this.waiting.length > this.backlog;
  }

  takes(to: Address): boolean {
    if (this.address !== null) return this.address.equals(to);
    return this.family === 0 || this.family === to.family;
  }
}

export class Listeners {
  private readonly byPort: Map<number, Listener[]> = new Map<number, Listener[]>();
  private readonly byId: Map<number, Listener> = new Map<number, Listener>();
  private nextId = 0;

  /** The listener for a segment to `to`: one bound to that very address before one for any (§3.10.1). Null: none. */
  find(to: Address, port: number): Listener | null {
    const here = this.byPort.get(port);
    if (here === undefined) return null;
    let any: Listener | null = null;
    for (const listener of here) {
      if (!listener.takes(to)) continue;
      if (listener.address !== null) return listener;
      any = listener;
    }
    return any;
  }

  get(id: number): Listener | null {
    return this.byId.get(id) ?? null;
  }

  /** Whether a listener on this address and port would overlap with one that is there. */
  taken(address: Address | null, family: Family | 0, port: number): boolean {
    const here = this.byPort.get(port) ?? [];
    return here.some((other) => {
      if (address !== null && other.address !== null) return address.equals(other.address);
      const mine = address?.family ?? family;
      const theirs = other.address?.family ?? other.family;
      return mine === 0 || theirs === 0 || mine === theirs;
    });
  }

  /** `address` unspecified or null: any address of `family` (0: of both). */
  add(
    address: Address | null,
    family: Family | 0,
    port: number,
    backlog: number,
    synBacklog: number,
    config: TcpConfig,
  ): Listener {
    const bound = address === null || isUnspecified(address) ? null : address.clone();
    const listener = new Listener(this.nextId++, bound, family, port, backlog, synBacklog, config);
    this.byId.set(listener.id, listener);
    const here = this.byPort.get(port);
    if (here === undefined) this.byPort.set(port, [listener]);
    else here.push(listener);
    return listener;
  }

  remove(listener: Listener): void {
    this.byId.delete(listener.id);
    const rest = (this.byPort.get(listener.port) ?? []).filter((other) => other !== listener);
    if (rest.length === 0) this.byPort.delete(listener.port);
    else this.byPort.set(listener.port, rest);
  }

  [Symbol.iterator](): Iterator<Listener> {
    return this.byId.values();
  }
}
