/** RFC 4861 §7.3, RFC 1122 §2.3.2: the neighbour cache of both families: who is there, and whether still. */
import { Address } from '../base/address.ts';
import { AddressTable } from '../base/address-table.ts';
import { Due, type Queue } from '../base/due.ts';
import type { Frame } from '../base/frame.ts';
import type { Mac } from '../base/mac.ts';
import { type Micros, SECOND } from '../base/time.ts';
import { Drop } from '../wire/drop.ts';
import { EtherType, writeEthernet } from '../wire/ethernet.ts';
import type { IpInterface } from './interface.ts';

/** §7.3.2. `None`: nobody has asked yet; `Failed`: nobody answered; `Gone`: the entry gave way to others. */
export const NeighbourState = {
  None: 0,
  Incomplete: 1,
  Reachable: 2,
  Stale: 3,
  Delay: 4,
  Probe: 5,
  Failed: 6,
  Gone: 7,
} as const;

export type NeighbourState = (typeof NeighbourState)[keyof typeof NeighbourState];

export const neighbourStateNames: readonly string[] = [
  'NONE',
  'INCOMPLETE',
  'REACHABLE',
  'STALE',
  'DELAY',
  'PROBE',
  'FAILED',
  'GONE',
];

/** §10: MAX_MULTICAST_SOLICIT, MAX_UNICAST_SOLICIT, DELAY_FIRST_PROBE_TIME. */
const SOLICITS = 3;
const DELAY: Micros = 5 * SECOND;

/** Packets that wait for one neighbour, the oldest gives way (§7.2.2); and for all together. */
const WAITING = 32;
const WAITING_ALL = 1024;
/** Entries of one host, and how many of them may be without an answer (RFC 6583 §6.2). */
const MOST = 1024;
const MOST_UNANSWERED = 256;
/** Entries that are looked at for one to give way. */
const TRIES = 8;

/** What the cache asks of the rest of the room. */
export interface Asking {
  /** Sends an ARP request, or a neighbor solicitation: to that very station (`known`), or to all. */
  solicit(neighbour: Neighbour, known: boolean): void;
  /** Nobody answered: `frame` holds an IP packet that cannot be delivered. It is the cache's again afterwards. */
  undeliverable(frame: Frame, via: IpInterface): void;
  drop(reason: Drop): void;
  /** Told of each change of state. */
  moved(neighbour: Neighbour, from: NeighbourState): void;
}

/** One station on a link, by its IP address. */
export class Neighbour extends Due {
  readonly address: Address = new Address();
  readonly via: IpInterface;
  mac: Mac = -1;
  state: NeighbourState = NeighbourState.None;
  /** It forwards packets (the R flag of its advertisements). */
  isRouter = false;
  /** When it was last known to be there. */
  confirmedAt: Micros = 0;
  /** Questions asked since the last answer. */
  asked = 0;
  readonly waiting: Frame[] = [];
  private readonly cache: Neighbours;

  constructor(cache: Neighbours, via: IpInterface, address: Address) {
    super();
    this.cache = cache;
    this.via = via;
    this.address.copy(address);
  }

  happen(): void {
    this.cache.expire(this);
  }
}

export class Neighbours implements Iterable<Neighbour> {
  private readonly table: AddressTable<Neighbour>;
  private readonly timers: Queue;
  private readonly clock: { readonly now: Micros };
  private readonly asking: Asking;
  /** Those without an answer, and those that are idle: the first of each gives way when there are too many. */
  private readonly unanswered: Set<Neighbour> = new Set<Neighbour>();
  private readonly idle: Set<Neighbour> = new Set<Neighbour>();
  private waiting = 0;

  constructor(seed: number, timers: Queue, clock: { readonly now: Micros }, asking: Asking) {
    this.table = new AddressTable(seed);
    this.timers = timers;
    this.clock = clock;
    this.asking = asking;
  }

  get size(): number {
    return this.table.size;
  }

  [Symbol.iterator](): Iterator<Neighbour> {
    return this.table[Symbol.iterator]();
  }

  find(via: IpInterface, address: Address): Neighbour | null {
    return this.table.find(address, via.scope);
  }

  /** The entry of that address, made when there is none. */
  get(via: IpInterface, address: Address): Neighbour {
    const known = this.table.find(address, via.scope);
    if (known !== null) return known;
    this.makeRoom();
    const neighbour = new Neighbour(this, via, address);
    this.table.set(address, via.scope, neighbour);
    this.idle.add(neighbour);
    return neighbour;
  }

  /**
   * Sends a packet to that station, or keeps it until its address is known (§7.2.2, §7.3.3). The frame is the cache's.
   * Answers false for an entry that gave way: look it up again.
   */
  send(neighbour: Neighbour, frame: Frame): boolean {
    switch (neighbour.state) {
      case NeighbourState.Reachable:
        if (this.clock.now - neighbour.confirmedAt > neighbour.via.reachableTime) this.doubt(neighbour);
        break;
      case NeighbourState.Stale:
        this.doubt(neighbour);
        break;
      case NeighbourState.Delay:
      case NeighbourState.Probe:
        break;
      case NeighbourState.Gone:
        return false;
      default:
        this.wait(neighbour, frame);
        return true;
    }
    carry(neighbour, frame);
    return true;
  }

  /** RFC 4861 §7.3.1: an upper protocol makes progress with it, so it is there. */
  confirm(neighbour: Neighbour): void {
    neighbour.confirmedAt = this.clock.now;
    const { state } = neighbour;
    if (state === NeighbourState.Stale || state === NeighbourState.Delay || state === NeighbourState.Probe) {
      this.move(neighbour, NeighbourState.Reachable);
    }
  }

  /** §7.3.1, RFC 9293 MUST-20: an upper protocol gets no answer by way of it, so it is asked at once whether it is there. */
  suspect(neighbour: Neighbour): void {
    if (neighbour.state !== NeighbourState.Reachable && neighbour.state !== NeighbourState.Stale) return;
    this.probe(neighbour);
  }

  /** It has told its address unasked (§7.2.3): a packet of its own proves that we hear it, not that it hears us. */
  heard(neighbour: Neighbour, mac: Mac): void {
    const { state } = neighbour;
    const unknown = state === NeighbourState.None || state === NeighbourState.Incomplete;
    if (!unknown && state !== NeighbourState.Failed && neighbour.mac === mac) return;
    neighbour.mac = mac;
    this.move(neighbour, NeighbourState.Stale);
    this.flush(neighbour);
  }

  /** It has answered a question of ours (§7.2.5). */
  answered(neighbour: Neighbour, mac: Mac): void {
    neighbour.mac = mac;
    neighbour.confirmedAt = this.clock.now;
    this.move(neighbour, NeighbourState.Reachable);
    this.flush(neighbour);
  }

  /** What it says differs from what is known, and it is not to be overridden (§7.2.5, I a): ask when it is next used. */
  disagrees(neighbour: Neighbour): void {
    if (neighbour.state === NeighbourState.Reachable) this.move(neighbour, NeighbourState.Stale);
  }

  /** Whether its time has run out with no answer. */
  isFailed(via: IpInterface, address: Address): boolean {
    return this.table.find(address, via.scope)?.state === NeighbourState.Failed;
  }

  /** Forgets everybody on an interface; without one, everybody. What waits is lost. */
  forget(via?: IpInterface): void {
    for (const neighbour of [...this.table]) if (via === undefined || neighbour.via === via) this.remove(neighbour);
  }

  /** For neighbours: the deadline has come. */
  expire(neighbour: Neighbour): void {
    switch (neighbour.state) {
      case NeighbourState.Delay:
        this.probe(neighbour);
        return;
      case NeighbourState.Incomplete:
      case NeighbourState.Probe:
        if (neighbour.asked < SOLICITS) this.ask(neighbour);
        else this.fail(neighbour);
    }
  }

  /** A packet for one whose address is not known. */
  private wait(neighbour: Neighbour, frame: Frame): void {
    const { waiting } = neighbour;
    if (waiting.length >= WAITING) {
      this.asking.drop(Drop.NeighbourQueueFull);
      waiting.shift()?.release();
      this.waiting--;
    }
    if (this.waiting >= WAITING_ALL) {
      this.asking.drop(Drop.NeighbourQueueFull);
      frame.release();
    } else {
      waiting.push(frame);
      this.waiting++;
    }
    if (neighbour.state === NeighbourState.Incomplete) return;
    neighbour.asked = 0;
    this.move(neighbour, NeighbourState.Incomplete);
    this.ask(neighbour);
  }

  /** §7.3.3: it is used though it was not heard of lately: an upper protocol has a while to confirm it. */
  private doubt(neighbour: Neighbour): void {
    this.move(neighbour, NeighbourState.Delay);
    this.timers.add(neighbour, this.clock.now + DELAY);
  }

  private probe(neighbour: Neighbour): void {
    neighbour.asked = 0;
    this.move(neighbour, NeighbourState.Probe);
    this.ask(neighbour);
  }

  private ask(neighbour: Neighbour): void {
    neighbour.asked++;
    this.timers.add(neighbour, this.clock.now + neighbour.via.retransTimer);
    this.asking.solicit(neighbour, neighbour.state === NeighbourState.Probe);
  }

  /** §7.2.2: nobody answered. Whoever sent what waits is told. */
  private fail(neighbour: Neighbour): void {
    this.move(neighbour, NeighbourState.Failed);
    for (const frame of this.takeWaiting(neighbour)) {
      this.asking.drop(Drop.NeighbourUnreachable);
      this.asking.undeliverable(frame, neighbour.via);
      frame.release();
    }
  }

  /** What has waited goes out, in its order. */
  private flush(neighbour: Neighbour): void {
    for (const frame of this.takeWaiting(neighbour)) this.send(neighbour, frame);
  }

  private move(neighbour: Neighbour, to: NeighbourState): void {
    const from = neighbour.state;
    if (from === to) return;
    neighbour.state = to;
    this.timers.remove(neighbour);
    this.unanswered.delete(neighbour);
    this.idle.delete(neighbour);
    if (to === NeighbourState.Incomplete) this.unanswered.add(neighbour);
    else if (to !== NeighbourState.Gone) this.idle.add(neighbour);
    this.asking.moved(neighbour, from);
  }

  /** A flood of addresses must not push out those that are in use: first the unanswered give way, then who moved first. */
  private makeRoom(): void {
    if (this.unanswered.size >= MOST_UNANSWERED) this.evict(this.unanswered);
    if (this.table.size >= MOST) this.evict(this.idle.size > 0 ? this.idle : this.unanswered);
  }

  private evict(from: Set<Neighbour>): void {
    for (let tries = 1; ; tries++) {
      const [first] = from;
      if (first === undefined) return;
      const lately = this.clock.now - first.confirmedAt <= first.via.reachableTime;
      if (first.state !== NeighbourState.Reachable || !lately || tries === TRIES) {
        this.asking.drop(Drop.NeighbourTableFull);
        this.remove(first);
        return;
      }
      // One that answers is passed over.
      from.delete(first);
      from.add(first);
    }
  }

  private takeWaiting(neighbour: Neighbour): Frame[] {
    this.waiting -= neighbour.waiting.length;
    return neighbour.waiting.splice(0);
  }

  private remove(neighbour: Neighbour): void {
    for (const frame of this.takeWaiting(neighbour)) frame.release();
    this.move(neighbour, NeighbourState.Gone);
    this.table.delete(neighbour.address, neighbour.via.scope);
  }
}

/** The frame, with an IP packet in it, goes to the station's own address. */
function carry(neighbour: Neighbour, frame: Frame): void {
  const { via, mac, address } = neighbour;
  writeEthernet(frame, mac, via.mac, address.family === 4 ? EtherType.Ipv4 : EtherType.Ipv6);
  via.link.send(frame);
}
