/** RFC 4861 §7.3, RFC 1122 §2.3.2: the neighbour cache of both families: who is there, and whether still. */
import { Address } from '../base/address.ts';
import { AddressTable } from '../base/address-table.ts';
import { Due, type Queue } from '../base/due.ts';
import type { Frame } from '../base/frame.ts';
import type { Mac } from '../base/mac.ts';
import { type Micros, NEVER, SECOND } from '../base/time.ts';
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
/** Entries that are looked at for the one that was used least lately. */
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
  /** When it was last known to be there; -NEVER: it never was. */
  confirmedAt: Micros = -NEVER;
  /** When the last packet for it came. */
  usedAt: Micros = -NEVER;
  /** Questions asked since the last answer, and when the last one was. */
  asked = 0;
  askedAt: Micros = -NEVER;
  readonly waiting: Frame[] = [];
  private readonly cache: Neighbours;

  constructor(cache: Neighbours, via: IpInterface, address: Address) {
    super();
    this.cache = cache;
    this.via = via;
    this.address.copy(address);
  }

  /** A state of REACHABLE holds for a while only (§7.3.3); it is not until it is used that STALE is written down. */
  stateAt(now: Micros): NeighbourState {
    const { state, confirmedAt, via, address } = this;
    const over = state === NeighbourState.Reachable && now - confirmedAt > via.reachableFor(address.family);
    return over ? NeighbourState.Stale : state;
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
  /**
   * Those that are being asked for, those that have never answered, and those that have: whoever is only said to be there
   * must not push out who is. Within each line the first came first.
   */
  private readonly unanswered: Set<Neighbour> = new Set<Neighbour>();
  private readonly strangers: Set<Neighbour> = new Set<Neighbour>();
  private readonly proven: Set<Neighbour> = new Set<Neighbour>();
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
    this.strangers.add(neighbour);
    return neighbour;
  }

  /**
   * Sends a packet to that station, or keeps it until its address is known (§7.2.2, §7.3.3). The frame is the cache's.
   * Answers false for an entry that gave way: look it up again.
   */
  send(neighbour: Neighbour, frame: Frame): boolean {
    const { now } = this.clock;
    neighbour.usedAt = now;
    switch (neighbour.stateAt(now)) {
      case NeighbourState.Stale:
        this.doubt(neighbour);
        break;
      case NeighbourState.Reachable:
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

  /** RFC 4861 §7.3.1: an upper protocol makes progress with it, so it is there; nothing is known of who was not found (§7.3.3). */
  confirm(neighbour: Neighbour): void {
    const { state } = neighbour;
    if (state < NeighbourState.Reachable || state > NeighbourState.Probe) return;
    neighbour.confirmedAt = this.clock.now;
    this.move(neighbour, NeighbourState.Reachable);
  }

  /**
   * §7.3.1, RFC 9293 MUST-20: an upper protocol gets no answer by way of it, so it is asked at once whether it is there;
   * not if it was a moment ago (§7.3.3: one question in each RetransTimer).
   */
  suspect(neighbour: Neighbour): void {
    const { state, askedAt, via, address } = neighbour;
    if (state < NeighbourState.Reachable || state > NeighbourState.Delay) return;
    if (this.clock.now - askedAt >= via.retransFor(address.family)) this.probe(neighbour);
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

  /** Forgets everybody on an interface; without one, everybody. What waits is lost. */
  forget(via?: IpInterface): void {
    for (const neighbour of [...this.table]) {
      if (via === undefined || neighbour.via === via) this.remove(neighbour, Drop.InterfaceDown);
    }
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
    if (neighbour.waiting.length >= WAITING) this.lose(neighbour, Drop.NeighbourQueueFull);
    else if (this.waiting >= WAITING_ALL) this.loseOne();
    neighbour.waiting.push(frame);
    this.waiting++;
    if (neighbour.state === NeighbourState.Incomplete) return;
    if (this.unanswered.size >= MOST_UNANSWERED) this.evict(this.unanswered);
    neighbour.asked = 0;
    this.move(neighbour, NeighbourState.Incomplete);
    this.ask(neighbour);
  }

  /** Of one for whom several wait, for each keeps one at least (§7.2.2): there are fewer of them than may wait in all. */
  private loseOne(): void {
    for (const neighbour of this.unanswered) {
      if (neighbour.waiting.length < 2) continue;
      this.lose(neighbour, Drop.NeighbourQueueFull);
      return;
    }
  }

  /** The oldest packet that waits for it. */
  private lose(neighbour: Neighbour, reason: Drop): void {
    const frame = neighbour.waiting.shift();
    if (frame === undefined) return;
    this.waiting--;
    this.asking.drop(reason);
    frame.release();
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
    const { via, address } = neighbour;
    neighbour.asked++;
    neighbour.askedAt = this.clock.now;
    this.timers.add(neighbour, this.clock.now + via.retransFor(address.family));
    this.asking.solicit(neighbour, neighbour.state === NeighbourState.Probe);
  }

  /** §7.2.2: nobody answered. Whoever sent what waits is told. */
  private fail(neighbour: Neighbour): void {
    neighbour.confirmedAt = -NEVER;
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
    for (const line of [this.unanswered, this.strangers, this.proven]) line.delete(neighbour);
    if (to !== NeighbourState.Gone) this.lineOf(neighbour).add(neighbour);
    this.asking.moved(neighbour, from);
  }

  private lineOf({ state, confirmedAt }: Neighbour): Set<Neighbour> {
    if (state === NeighbourState.Incomplete) return this.unanswered;
    return confirmedAt === -NEVER ? this.strangers : this.proven;
  }

  private makeRoom(): void {
    if (this.table.size < MOST) return;
    if (this.strangers.size > 0) this.evict(this.strangers);
    else if (this.unanswered.size > 0) this.evict(this.unanswered);
    else this.evictIdle();
  }

  private evict(line: Set<Neighbour>): void {
    const [first] = line;
    if (first !== undefined) this.remove(first, Drop.NeighbourTableFull);
  }

  /** Of the first few that have answered, the one that was used least lately; the others go to the end of the line. */
  private evictIdle(): void {
    const { proven } = this;
    let idle: Neighbour | null = null;
    let tries = 0;
    for (const neighbour of proven) {
      if (idle === null || neighbour.usedAt < idle.usedAt) idle = neighbour;
      proven.delete(neighbour);
      proven.add(neighbour);
      if (++tries === TRIES) break;
    }
    if (idle !== null) this.remove(idle, Drop.NeighbourTableFull);
  }

  private takeWaiting(neighbour: Neighbour): Frame[] {
    this.waiting -= neighbour.waiting.length;
    return neighbour.waiting.splice(0);
  }

  /** `reason`: of each packet that is lost with it; and of the entry itself where the table is full. */
  private remove(neighbour: Neighbour, reason: Drop): void {
    if (reason === Drop.NeighbourTableFull) this.asking.drop(reason);
    while (neighbour.waiting.length > 0) this.lose(neighbour, reason);
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
