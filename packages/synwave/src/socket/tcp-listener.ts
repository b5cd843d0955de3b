/** TcpListener: connections that come in, one by one. */
import type { Family } from '../base/address.ts';
import { formatAddress } from '../base/address-text.ts';
import { fail } from '../base/errors.ts';
import type { TcpConfig } from '../tcp/config.ts';
import type { Owner } from './owner.ts';
import { readScoped } from './scoped.ts';
import { TcpSocket } from './tcp-socket.ts';

/** Connections that may wait to be accepted, as Node.js has it; half-open ones, as Linux has it. */
const BACKLOG = 511;
const SYN_BACKLOG = 1024;

export interface ListenOptions {
  /** 0 or left out: one that is free. */
  readonly port?: number;
  /** Left out: every address of the host, of both families. `0.0.0.0`: of IPv4; `::`: of both, unless `ipv6Only`. */
  readonly address?: string;
  readonly ipv6Only?: boolean;
  /** Connections that may wait to be accepted (one more may, as on Linux); 511 by default. */
  readonly backlog?: number;
  /** Half-open connections at most; 1024 by default. */
  readonly synBacklog?: number;
  readonly config?: TcpConfig;
}

export class TcpListener {
  readonly id: number;
  readonly port: number;
  readonly address: string;
  /** The family that it takes where its address says nothing of that; 0: both. */
  readonly family: Family | 0;
  /** Called when a connection can be accepted; instead of `accept`, for those who want no promises. */
  onConnection: ((socket: TcpSocket) => void) | null = null;
  private readonly host: Owner;
  private readonly waiters: ((socket: TcpSocket | null) => void)[] = [];
  private open = true;

  constructor(host: Owner, options: ListenOptions) {
    const { port = 0, address, ipv6Only = false, backlog = BACKLOG, synBacklog = SYN_BACKLOG, config } = options;
    this.host = host;
    const bound = address === undefined ? null : (readScoped(host.stack, address)?.address ?? null);
    if (address !== undefined && bound === null) fail('EINVAL', `listen address ${address}`);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) fail('EINVAL', `listen port ${port}`);
    const family: Family | 0 = bound === null ? 0 : bound.family === 4 ? 4 : ipv6Only ? 6 : 0;
    this.family = family;
    const settings = config === undefined ? {} : { config };
    this.id = host.stack.listen({ address: bound, family, port, backlog, synBacklog, ...settings });
    this.port = host.stack.portOf(this.id);
    this.address = bound === null ? '::' : formatAddress(bound);
  }

  /** How many connections wait to be accepted now, and how many may; how many are half open. */
  get queues(): { waiting: number; backlog: number; halfOpen: number } {
    return this.host.stack.queuesOf(this.id);
  }

  /** The next connection; null once the listener is closed. */
  accept(): Promise<TcpSocket | null> {
    if (!this.open) return Promise.resolve(null);
    const socket = this.take();
    if (socket !== null) return Promise.resolve(socket);
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TcpSocket> {
    for (let socket = await this.accept(); socket !== null; socket = await this.accept()) yield socket;
  }

  /** No more connections. Those that nobody accepted are reset; those that were go on. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    this.host.stack.unlisten(this.id, this.host.now());
    this.host.unlisten(this.id);
    for (const waiter of this.waiters.splice(0)) waiter(null);
    this.host.wake();
  }

  /** The program goes on while this listens; so it is unless `unref` is called. */
  ref(): this {
    if (this.open) this.host.refer(~this.id, true);
    return this;
  }

  /** The program need not go on for this. */
  unref(): this {
    if (this.open) this.host.refer(~this.id, false);
    return this;
  }

  /** For the host: it has lost power. Nobody is told. */
  die(): void {
    this.open = false;
  }

  /** For reports: what the program waits for. */
  waits(): string[] {
    return this.waiters.map(() => `accept on port ${this.port}`);
  }

  /** For the host: a connection waits. */
  arrived(): void {
    while (this.onConnection !== null || this.waiters.length > 0) {
      const socket = this.take();
      if (socket === null) return;
      if (this.onConnection !== null) this.onConnection(socket);
      else this.waiters.shift()?.(socket);
    }
  }

  private take(): TcpSocket | null {
    const { host } = this;
    const id = host.stack.accept(this.id);
    if (id < 0) return null;
    return TcpSocket.accepted(host, id);
  }
}
