/** UdpPorts: which UDP socket a datagram is for, by address and port; found by number, whatever the count of sockets. */
import { Address, type Family } from '../base/address.ts';
import { isUnspecified } from '../base/address-text.ts';
import type { Random } from '../base/random.ts';
import { TupleTable } from '../base/tuple-table.ts';
import type { Endpoint } from '../udp/endpoint.ts';

/** Ephemeral ports: the upper half, as for TCP. */
const FIRST = 32_768;
const COUNT = 65_536 - FIRST;

/** Any address, as a key: of IPv4, and of IPv6 or of both. */
const ANY_V4: Address = new Address().set(0, 0, 0xffff, 0);
const ANY: Address = new Address();

/**
 * Each endpoint stands in the table by what it takes: a peer and an address, an address alone, or any address. Of several
 * that share all of that, the latest stands there.
 */
export class UdpPorts {
  private readonly random: Random;
  private readonly tuples: TupleTable;
  private readonly byId: (Endpoint | null)[] = [];
  private readonly free: number[] = [];
  /** Who is bound to a port, oldest first: looked through by `bind` and `close`, and for what is sent to many. */
  private readonly byPort: Map<number, Endpoint[]> = new Map<number, Endpoint[]>();

  constructor(random: Random) {
    this.random = random;
    this.tuples = new TupleTable(random.next());
  }

  get size(): number {
    return this.byId.length - this.free.length;
  }

  /** The endpoint for a datagram to `local` from `remote`: one that is connected to that very peer before one for all. */
  find(local: Address, localPort: number, remote: Address, remotePort: number): Endpoint | null {
    const exact = this.at(local, localPort, remote, remotePort) ?? this.at(local, localPort, ANY, 0);
    if (exact !== null) return exact;
    if (local.family === 6) return this.at(ANY, localPort, ANY, 0);
    const own = this.at(ANY_V4, localPort, ANY, 0);
    if (own !== null) return own;
    const both = this.at(ANY, localPort, ANY, 0);
    return both !== null && both.family === 0 ? both : null;
  }

  /** Everybody who is bound to a port, the oldest first: for what is sent to many. */
  boundTo(port: number): readonly Endpoint[] {
    return this.byPort.get(port) ?? [];
  }

  get(id: number): Endpoint | null {
    return this.byId[id] ?? null;
  }

  /** A number for a new endpoint, which `add` must be given. */
  nextId(): number {
    return this.free.pop() ?? this.byId.length;
  }

  add(endpoint: Endpoint): void {
    this.byId[endpoint.id] = endpoint;
    const here = this.byPort.get(endpoint.localPort);
    if (here === undefined) this.byPort.set(endpoint.localPort, [endpoint]);
    else here.push(endpoint);
    this.enter(endpoint);
  }

  remove(endpoint: Endpoint): void {
    const rest = (this.byPort.get(endpoint.localPort) ?? []).filter((other) => other !== endpoint);
    if (rest.length === 0) this.byPort.delete(endpoint.localPort);
    else this.byPort.set(endpoint.localPort, rest);
    this.leave(endpoint);
    this.byId[endpoint.id] = null;
    this.free.push(endpoint.id);
  }

  /** Has `change` give the endpoint another local address or peer. */
  move(endpoint: Endpoint, change: () => void): void {
    this.leave(endpoint);
    change();
    this.enter(endpoint);
  }

  /**
   * Whether an endpoint bound so would overlap with one that is there; those that both are `shared` may. Two that are
   * bound to one interface each, `device` by its number, do not if these are two.
   */
  taken(address: Address, family: Family | 0, port: number, shared: boolean, device = -1): boolean {
    const here = this.byPort.get(port);
    if (here === undefined) return false;
    return here.some((other) => {
      if (shared && other.shared) return false;
      if (device >= 0 && other.device >= 0 && device !== other.device) return false;
      if (family !== 0 && other.family !== 0 && family !== other.family) return false;
      return isUnspecified(address) || isUnspecified(other.bound) || address.equals(other.bound);
    });
  }

  /** RFC 6056 §3.3.1: a port that is free there, by chance; -1 when every one is in use. */
  choose(address: Address, family: Family | 0): number {
    const start = this.random.below(COUNT);
    for (let i = 0; i < COUNT; i++) {
      const port = FIRST + ((start + i) % COUNT);
      if (!this.taken(address, family, port, false)) return port;
    }
    return -1;
  }

  *[Symbol.iterator](): Generator<Endpoint> {
    for (const endpoint of this.byId) if (endpoint !== null) yield endpoint;
  }

  private at(local: Address, localPort: number, remote: Address, remotePort: number): Endpoint | null {
    const id = this.tuples.find(local, localPort, remote, remotePort);
    return id < 0 ? null : (this.byId[id] as Endpoint);
  }

  private enter(endpoint: Endpoint): void {
    const { id, local, localPort, remotePort } = endpoint;
    const remote = endpoint.connected ? endpoint.remote : ANY;
    const earlier = this.tuples.find(local, localPort, remote, remotePort);
    if (earlier >= 0) this.tuples.remove(earlier);
    this.tuples.insert(id, local, localPort, remote, remotePort);
  }

  /** What shares the endpoint's place takes it: the latest. */
  private leave(endpoint: Endpoint): void {
    if (!this.tuples.has(endpoint.id)) return;
    this.tuples.remove(endpoint.id);
    const { local, localPort, remote, remotePort } = endpoint;
    const heir = this.byPort
      .get(localPort)
      ?.findLast(
        (other) =>
          other !== endpoint &&
          other.local.equals(local) &&
          other.remotePort === remotePort &&
          (remotePort === 0 || other.remote.equals(remote)),
      );
    if (heir !== undefined) this.enter(heir);
  }
}
