/** Ip: what the functions of this room share: interfaces, routes, neighbours, paths, fragments, groups, deadlines. */
import { Address } from '../base/address.ts';
import { AddressTable } from '../base/address-table.ts';
import { isLinkLocal, isLoopback } from '../base/address-text.ts';
import { Queue } from '../base/due.ts';
import type { Frame } from '../base/frame.ts';
import type { Random } from '../base/random.ts';
import { SipHash } from '../base/siphash.ts';
import { type Micros, NEVER } from '../base/time.ts';
import { Arp } from '../wire/arp.ts';
import type { Drop } from '../wire/drop.ts';
import { Ethernet } from '../wire/ethernet.ts';
import { Packet } from '../wire/ip.ts';
import { NdMessage } from '../wire/nd.ts';
import type { InterfaceAddress, IpInterface } from './interface.ts';
import { type Neighbour, NeighbourState, Neighbours } from './neighbours.ts';
import { Path, PathTable } from './path.ts';
import { Reassembly } from './reassembly.ts';
import { type Route, Routes, Standing } from './routes.ts';

/** What this room tells whoever is above it. */
export interface Above {
  drop(reason: Drop): void;
  /** A packet of this host, or one that it forwards, cannot be delivered: nobody answers for its next hop. Borrowed. */
  undeliverable(frame: Frame, via: IpInterface): void;
  /** Fragments of the packet in `frame` are missing for too long. Borrowed. */
  incomplete(frame: Frame): void;
  neighbourMoves(neighbour: Neighbour, from: NeighbourState): void;
  addressMoves(via: IpInterface, entry: InterfaceAddress, what: 'added' | 'removed' | 'duplicate' | 'tentative'): void;
}

/** A multicast group that programs of this host have joined on an interface. */
interface Membership {
  count: number;
}

/** What the room has counted. */
export interface IpCounters {
  packetsIn: number;
  packetsOut: number;
  forwarded: number;
  fragmentsIn: number;
  fragmentsOut: number;
  reassembled: number;
}

export class Ip {
  readonly random: Random;
  /** The time of the event that is being served. */
  readonly clock: { now: Micros };
  readonly above: Above;
  readonly timers: Queue = new Queue();
  readonly interfaces: IpInterface[] = [];
  /** The interface that leads back to this host. */
  loopback: IpInterface | null = null;
  readonly routes: Routes;
  readonly neighbours: Neighbours;
  readonly paths: PathTable;
  /** The path of an answer to a stranger (`passingPath`). */
  readonly passing: Path = new Path(new Address(), 0);
  readonly reassembly: Reassembly;
  /** Packets for others go on to where routes say (RFC 1812 §5): this host is a router. */
  forwarding = false;
  /** The packet that is being served went to a group, or to all (RFC 1122 §3.2.2); it came in fragments. */
  toMany = false;
  wasCut = false;
  /** An address has been taken back, or is probed for once more: somebody may still be speaking from it. */
  checksSources = false;
  readonly counters: IpCounters = {
    packetsIn: 0,
    packetsOut: 0,
    forwarded: 0,
    fragmentsIn: 0,
    fragmentsOut: 0,
    reassembled: 0,
  };
  /** For interface identifiers (RFC 7217 §5). */
  readonly secret: SipHash;
  /** Records that are used again: what arrives, what leaves. */
  readonly ethernet: Ethernet = new Ethernet();
  readonly arp: Arp = new Arp();
  readonly nd: NdMessage = new NdMessage();
  readonly ndOut: NdMessage = new NdMessage();
  readonly out: Packet = new Packet();
  /** Own addresses; IPv6 link-local ones by interface. */
  private readonly locals: AddressTable<InterfaceAddress>;
  private readonly groups: AddressTable<Membership>;
  private fragmentId: number;

  constructor(
    random: Random,
    clock: { now: Micros },
    above: Above,
    solicit: (ip: Ip, neighbour: Neighbour, known: boolean) => void,
  ) {
    this.random = random;
    this.clock = clock;
    this.above = above;
    this.secret = new SipHash(Int32Array.from({ length: 4 }, () => random.next() | 0));
    const seed = random.next();
    this.locals = new AddressTable(seed);
    this.groups = new AddressTable(seed);
    this.paths = new PathTable(seed);
    this.neighbours = new Neighbours(seed, this.timers, clock, {
      solicit: (neighbour, known) => solicit(this, neighbour, known),
      undeliverable: (frame, via) => above.undeliverable(frame, via),
      drop: (reason) => above.drop(reason),
      moved: (neighbour, from) => {
        // A router that does not answer, or does again: other ways may be better now.
        if (from === NeighbourState.Failed || neighbour.state === NeighbourState.Failed) this.routes.version++;
        above.neighbourMoves(neighbour, from);
      },
    });
    this.routes = new Routes(seed, (route) => this.standingOf(route));
    this.reassembly = new Reassembly(random.next(), this.timers, clock, {
      drop: (reason) => above.drop(reason),
      incomplete: (frame) => above.incomplete(frame),
    });
    this.fragmentId = random.next();
  }

  /** Serves the deadlines that have come. Answers when the next one does. */
  expire(now: Micros): Micros {
    const { timers } = this;
    for (let due = timers.first; due !== undefined; due = timers.first) {
      if (due.time > now) return due.time;
      timers.take();
      due.happen();
    }
    return NEVER;
  }

  /** The entry of an own address as a destination; `arrivedOn`: where scoped ones are looked for, null: anywhere. */
  entryOf(to: Address, arrivedOn: IpInterface | null): InterfaceAddress | null {
    if (to.family === 4 || !isLinkLocal(to)) return this.locals.find(to, 0);
    if (arrivedOn !== null) return this.locals.find(to, arrivedOn.scope);
    for (const { scope } of this.interfaces) {
      const entry = this.locals.find(to, scope);
      if (entry !== null) return entry;
    }
    return null;
  }

  /** Whether packets to `to` are for this host. */
  isLocal(to: Address, arrivedOn: IpInterface | null): boolean {
    const entry = this.entryOf(to, arrivedOn);
    if (entry !== null) return entry.isUsable(this.clock.now);
    return this.loopback !== null && isLoopback(to);
  }

  /** For `addresses.ts`: an own address comes or goes. */
  list(via: IpInterface, entry: InterfaceAddress, on: boolean): void {
    const { address } = entry;
    const scope = address.family === 6 && isLinkLocal(address) ? via.scope : 0;
    if (on) this.locals.set(address, scope, entry);
    else if (this.locals.find(address, scope) === entry) this.locals.delete(address, scope);
    this.routes.version++;
  }

  /** Whether packets to a group are taken on that interface. */
  isMember(group: Address, via: IpInterface): boolean {
    return this.groups.find(group, via.scope) !== null;
  }

  /** One more who wants packets to that group, or one less. */
  join(group: Address, via: IpInterface): void {
    const membership = this.groups.find(group, via.scope);
    if (membership === null) this.groups.set(group, via.scope, { count: 1 });
    else membership.count++;
  }

  leave(group: Address, via: IpInterface): void {
    const membership = this.groups.find(group, via.scope);
    if (membership !== null && --membership.count === 0) this.groups.delete(group, via.scope);
  }

  /** RFC 4861 §6.3.6: a router that does not answer is asked again when its turn comes: who was asked last comes last. */
  private standingOf({ via, gateway }: Route): number {
    if (gateway === null || via.mac < 0) return Standing.Answers;
    const router = this.neighbours.find(via, gateway);
    if (router === null || router.state < NeighbourState.Reachable) return Standing.Unknown;
    return router.state === NeighbourState.Failed ? Standing.Dead + router.askedAt : Standing.Answers;
  }

  /** RFC 6864 §4, RFC 7739 §5.3: the identification of the next packet that may be cut: no two in a while, not to be guessed. */
  nextFragmentId(): number {
    this.fragmentId = (this.fragmentId + 1 + this.random.below(16)) >>> 0;
    return this.fragmentId;
  }
}
