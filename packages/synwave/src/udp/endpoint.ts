/** Endpoint: all that is remembered of one UDP socket: where it is bound, whom it talks to, what waits in it. */
import { Address, type Family } from '../base/address.ts';
import type { ErrorCode } from '../base/errors.ts';
import { Queue } from './queue.ts';

/** A multicast group, on an interface by its number. */
export interface Membership {
  readonly group: Address;
  readonly device: number;
  /** Who is heard of those that send to the group (RFC 3376 §2); null: everybody. */
  readonly sources: Address[] | null;
}

export class Endpoint {
  readonly id: number;
  /** Which families it takes: 0 is both. */
  readonly family: Family | 0;
  /** Whether others may be bound to the same address and port that say so as well: the latest gets what arrives. */
  readonly shared: boolean;
  /** Where it was bound; unspecified: any address. */
  readonly bound: Address;
  /** The address that it receives at, and sends from: as bound, or one address of this host while it is connected. */
  readonly local: Address;
  readonly localPort: number;
  /** The only peer that it hears, while `remotePort` is above 0. */
  readonly remote: Address = new Address();
  remotePort = 0;
  readonly queue: Queue;
  hopLimit: number;
  trafficClass: number;
  /** The number of the only interface that it sends and hears by; -1: any. */
  device = -1;
  /** Whether it may send to all (RFC 1122 §3.3.6): a program has to say that it means it. */
  broadcast = false;
  /** For groups: the hop limit; whether this host hears what it sends itself; the interface, -1: as routes say. */
  groupHopLimit = 1;
  groupLoop = true;
  groupDevice = -1;
  /** The groups that it has joined. */
  readonly groups: Membership[] = [];
  /** An error that ICMP reported and that the program is to hear (RFC 1122 §4.1.3.3); null: none. */
  error: ErrorCode | null = null;
  /** The last report that need not last: somebody on the way, or the peer's network, was out of reach; '' when none. */
  softError: ErrorCode | '' = '';
  /** It stands on the list of those with news. */
  told = false;
  datagramsIn = 0;
  datagramsOut = 0;
  /** Datagrams that found the queue full, or no memory. */
  dropped = 0;

  constructor(
    id: number,
    family: Family | 0,
    bound: Address,
    localPort: number,
    shared: boolean,
    receiveBuffer: number,
    hopLimit: number,
    trafficClass: number,
  ) {
    this.id = id;
    this.family = family;
    this.shared = shared;
    this.bound = bound.clone();
    this.local = bound.clone();
    this.localPort = localPort;
    this.queue = new Queue(receiveBuffer);
    this.hopLimit = hopLimit;
    this.trafficClass = trafficClass;
  }

  get connected(): boolean {
    return this.remotePort > 0;
  }

  /**
   * Whether it hears what `from` sends to a group on interface `device`: one that has not joined hears all that its host
   * does, as on Linux.
   */
  hearsInGroup(group: Address, device: number, from: Address): boolean {
    const joined = this.groups.find((each) => each.device === device && each.group.equals(group));
    if (joined === undefined || joined.sources === null) return true;
    return joined.sources.some((source) => source.equals(from));
  }
}
