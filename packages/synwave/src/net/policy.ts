/**
 * Policy: which connections a server takes, and for how long it keeps a silent one. The answer to a server that cannot
 * bear ever more long connections: cap them, in all and for each client; close those that have nothing to say; and let no
 * more come in at once than can be served. Short connections give their place back and are hardly touched by any of it.
 */
import { MILLISECOND, type Micros, SECOND } from '../base/time.ts';
import type { Alarm, Driver } from '../socket/driver.ts';

export interface PolicyOptions {
  /** Connections at one time; no cap unless given. */
  readonly total?: number;
  /** Connections at one time from one address; no cap unless given. An IPv4 address and its mapped form are one. */
  readonly perAddress?: number;
  /** New connections in a second, on average; no cap unless given. */
  readonly rate?: number;
  /** New connections that may come at once when few came before; as many as in a second unless given. */
  readonly burst?: number;
  /** Milliseconds of silence, both ways, after which a connection is closed: up to a quarter more; never unless given. */
  readonly idle?: number;
}

/** Why a connection was refused, or, for `idle`, closed. */
export type RefusalReason = 'total' | 'address' | 'rate' | 'idle';

/** What the event `refused` tells. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
}

/** What a policy needs of a socket: net.Socket has it, ours and Node's. */
export interface PolicedSocket {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
  resetAndDestroy?(): unknown;
}

/** What a policy needs of a server: net.Server has it, ours and Node's, and all that inherit from one. */
export interface PolicedServer {
  emit(event: string | symbol, ...args: unknown[]): boolean;
}

/** What is known of one connection. */
interface Entry {
  octets: number;
  /** When it was last seen to have said something. */
  heardAt: Micros;
}

/** Looks at silent connections in one idle time. */
const LOOKS = 4;

export class Policy {
  /** Connections refused and closed so far, by reason. */
  readonly refused: Record<RefusalReason, number> = { total: 0, address: 0, rate: 0, idle: 0 };
  private readonly options: PolicyOptions;
  private readonly server: PolicedServer;
  private readonly driver: Driver;
  private readonly open: Map<PolicedSocket, Entry> = new Map<PolicedSocket, Entry>();
  private readonly byAddress: Map<string, number> = new Map<string, number>();
  private readonly burst: number;
  private readonly emit: PolicedServer['emit'];
  /** An `emit` of the server's own, which may have had one before. */
  private readonly own: PropertyDescriptor | undefined;
  /** New connections that may come now, and since when so many. */
  private tokens: number;
  private countedAt: Micros;
  private alarm: Alarm | null = null;

  /** Stands between the server's connections and those who listen for them, until `lift`. Throws RangeError. */
  constructor(server: PolicedServer, options: PolicyOptions, driver: Driver) {
    const { total, perAddress, rate, idle, burst = Math.max(1, Math.ceil(rate ?? 0)) } = options;
    for (const [name, value] of Object.entries({ total, perAddress, rate, idle, burst })) {
      if (value !== undefined && !(value > 0)) throw new RangeError(`${name} is ${String(value)}, but must be above 0`);
    }
    this.options = options;
    this.server = server;
    this.driver = driver;
    this.burst = burst;
    this.tokens = burst;
    this.countedAt = driver.now();
    this.own = Object.getOwnPropertyDescriptor(server, 'emit');
    const tell = server.emit.bind(server);
    this.emit = tell;
    server.emit = (event, ...args) => {
      if (event === 'connection' && !this.admit(args[0] as PolicedSocket)) return true;
      return tell(event, ...args);
    };
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.open.size;
  }

  /** From now on the server takes whatever comes. Those that are open are left alone. */
  lift(): void {
    if (this.own === undefined) delete (this.server as Partial<PolicedServer>).emit;
    else Object.defineProperty(this.server, 'emit', this.own);
    this.alarm?.cancel();
    this.alarm = null;
    this.open.clear();
    this.byAddress.clear();
  }

  private admit(socket: PolicedSocket): boolean {
    const address = addressOf(socket);
    const reason = this.objection(address);
    if (reason !== null) {
      this.tell(reason, socket);
      // A RST leaves nothing behind on this side: no TIME-WAIT for a connection that never was.
      if (socket.resetAndDestroy === undefined) socket.destroy();
      else socket.resetAndDestroy();
      return false;
    }
    this.open.set(socket, { octets: octetsOf(socket), heardAt: this.driver.now() });
    this.byAddress.set(address, (this.byAddress.get(address) ?? 0) + 1);
    socket.once('close', () => this.forget(socket, address));
    this.watch();
    return true;
  }

  private objection(address: string): RefusalReason | null {
    const { total, perAddress, rate } = this.options;
    if (total !== undefined && this.open.size >= total) return 'total';
    if (perAddress !== undefined && (this.byAddress.get(address) ?? 0) >= perAddress) return 'address';
    return rate !== undefined && !this.spend(rate) ? 'rate' : null;
  }

  /** A bucket of tokens: one for each new connection, `rate` more in each second, never more than `burst`. */
  private spend(rate: number): boolean {
    const now = this.driver.now();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.countedAt) * rate) / SECOND);
    this.countedAt = now;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  private forget(socket: PolicedSocket, address: string): void {
    if (!this.open.delete(socket)) return;
    const left = (this.byAddress.get(address) ?? 1) - 1;
    if (left === 0) this.byAddress.delete(address);
    else this.byAddress.set(address, left);
  }

  /** One alarm for all connections, as long as there are any. */
  private watch(): void {
    const { idle } = this.options;
    if (idle === undefined || this.alarm !== null || this.open.size === 0) return;
    const span = idle * MILLISECOND;
    this.alarm = this.driver.after(Math.ceil(span / LOOKS), () => {
      this.alarm = null;
      this.look(span);
      this.watch();
    });
  }

  private look(span: Micros): void {
    const now = this.driver.now();
    for (const [socket, entry] of this.open) {
      const octets = octetsOf(socket);
      if (octets !== entry.octets) {
        entry.octets = octets;
        entry.heardAt = now;
      } else if (now - entry.heardAt >= span && !socket.destroyed) {
        this.tell('idle', socket);
        socket.destroy();
      }
    }
  }

  private tell(reason: RefusalReason, { remoteAddress, remotePort }: PolicedSocket): void {
    this.refused[reason]++;
    const refusal: Refusal = { reason, remoteAddress, remotePort };
    this.emit('refused', refusal);
  }
}

function octetsOf({ bytesRead, bytesWritten }: PolicedSocket): number {
  return bytesRead + bytesWritten;
}

function addressOf({ remoteAddress = '' }: PolicedSocket): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '');
}
