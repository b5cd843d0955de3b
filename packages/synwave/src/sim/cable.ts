/** Cable: two ends, packets on their way between them in virtual time, and whoever watches them. */
import { Due } from '../base/due.ts';
import { Frame } from '../base/frame.ts';
import type { Mac } from '../base/mac.ts';
import type { Random } from '../base/random.ts';
import type { Micros } from '../base/time.ts';
import { type Fault, flipBit, Impairment, type Impairments, type LossReason, type Outlet } from '../link/impair.ts';
import { type Link, type Offloads, onTheWire, type Receiver } from '../link/link.ts';
import { isEcnCapable, markCongestion } from '../wire/ecn.ts';
import { ETHERNET_HEADER, Ethernet, ipBehindEthernet, readEthernet } from '../wire/ethernet.ts';
import type { LogEntry } from './log.ts';
import type { Partition } from './partition.ts';
import type { Timeline } from './timeline.ts';

/** What a cable ends at. */
export interface Station {
  readonly name: string;
  /** Without power: what arrives is lost. */
  readonly down: boolean;
  /** Asked of what arrives: a station that stands still keeps it until it goes on, and answers true. */
  hold(due: Due): boolean;
}

/** Why a packet did not arrive: see `LossReason`; larger than the MTU; nothing plugged in; parted hosts; nobody there. */
export type CableDrop = LossReason | 'mtu' | 'unplugged' | 'partition' | 'down';

/** Something that befalls a packet on a cable. */
export interface CableEvent {
  /**
   * `sent` comes first. At the same time follow `marked` (by the queue: congestion experienced) and `corrupted`, each
   * with the packet as it is now, `duplicated`, or `dropped`; later `delivered`, once for each copy, or `dropped`.
   */
  readonly type: 'sent' | 'delivered' | 'dropped' | 'duplicated' | 'marked' | 'corrupted';
  readonly time: Micros;
  readonly cable: Cable;
  /** Names of the hosts, or switches. */
  readonly from: string;
  readonly to: string;
  /** One number for each packet that was sent, in the whole world; its copies have the same. */
  readonly id: number;
  /** Which of the packets that were handed to this direction of the cable, from 1. */
  readonly n: number;
  /** The packet; on a cable that is `ethernet`, the frame around it. Borrowed: copy what is to stay. */
  readonly frame: Frame;
  /** When it arrives, or has arrived, unless something happens before; null for one that is dropped. */
  readonly arrivesAt: Micros | null;
  /** Why it was dropped. */
  readonly reason: CableDrop | null;
}

/** What one direction of a cable has counted. */
export interface CableCounters {
  /** Packets handed over, and octets in them. */
  readonly sent: number;
  readonly octets: number;
  /** Packets that arrived, copies included. */
  readonly delivered: number;
  readonly duplicated: number;
  /** Packets that were marked by the queue: congestion experienced. */
  readonly marked: number;
  readonly corrupted: number;
  readonly drops: Readonly<Record<CableDrop, number>>;
}

export interface CableSettings {
  /** The largest packet, in octets; 1500 by default. An Ethernet header, with its VLAN tags, comes on top. */
  readonly mtu?: number;
  /** Checksums filled in and verified by default. */
  readonly offloads?: Offloads;
}

/** An end of an Ethernet cable. */
export interface EthernetEnd {
  /** What the station calls it. */
  readonly name: string;
  /** A switch has none. */
  readonly mac?: Mac;
}

/** What a world knows of a cable besides. */
export interface CablePlan extends CableSettings {
  readonly name: string;
  /** Left out: it carries IP packets as they are. */
  readonly ethernet?: readonly [EthernetEnd, EthernetEnd];
}

/** The MTU of Ethernet. */
const MTU = 1500;

/** What a record holds that is not in use. */
const NO_FRAME: Frame = new Frame(0);

/** A packet on its way. */
class Transit extends Due {
  frame: Frame = NO_FRAME;
  id = 0;
  n = 0;
  /** Where it is written down. */
  entry: LogEntry | null = null;
  serial = 0;
  /** How often its way had been cut when it was sent. */
  cuts = 0;
  private readonly way: Way;

  constructor(way: Way) {
    super();
    this.way = way;
  }

  happen(): void {
    this.way.arrive(this);
  }
}

/** One direction of a cable. */
class Way implements Outlet {
  readonly from: Station;
  readonly to: Station;
  readonly impairment: Impairment;
  receiver: Receiver | null = null;
  /** Whether the cable lets nothing through this way, and how often that began. */
  cut = false;
  cuts = 0;
  sent = 0;
  octets = 0;
  delivered = 0;
  duplicated = 0;
  marked = 0;
  corrupted = 0;
  readonly drops: Record<CableDrop, number> = {
    loss: 0,
    queue: 0,
    aqm: 0,
    fault: 0,
    mtu: 0,
    unplugged: 0,
    partition: 0,
    down: 0,
  };
  private readonly header: Ethernet = new Ethernet();
  private readonly cable: Cable;
  private readonly timeline: Timeline;
  private readonly random: Random;
  /** The number of this direction in the world. */
  private readonly number: number;
  private readonly idle: Transit[] = [];
  /** The packet that the impairment is deciding on, where it is written down, and whether watchers know of it. */
  private id = 0;
  private entry: LogEntry | null = null;
  private serial = 0;
  private announced = false;
  private readonly sending: string;
  private readonly arriving: string;

  constructor(cable: Cable, number: number, from: Station, to: Station, timeline: Timeline, random: Random) {
    this.cable = cable;
    this.number = number;
    this.from = from;
    this.to = to;
    this.timeline = timeline;
    this.random = random;
    this.impairment = new Impairment(random, {}, timeline.chancy);
    this.sending = `${from.name} sends to ${to.name}`;
    this.arriving = `${to.name} gets from ${from.name}`;
  }

  send(frame: Frame): void {
    const { timeline, cable } = this;
    this.id = timeline.packets++;
    this.announced = false;
    this.sent++;
    this.octets += frame.length;
    timeline.hash?.packet(timeline.now, this.number, frame);
    const ip = cable.ethernet ? ipBehindEthernet(this.header, frame) : frame.at;
    timeline.shape.shape(timeline.now, this.number, frame, ip);
    this.entry = timeline.log.packet(timeline.now, this.sending, frame, cable.ethernet, ip);
    this.serial = this.entry.serial;
    if (this.payload(frame) > cable.mtu) this.drop(frame, 'mtu');
    else if (this.cut) this.drop(frame, 'unplugged');
    else if (timeline.meddler === null) this.impairment.pass(frame, timeline.now, this);
    else this.impairment.pass(frame, timeline.now, this, this.meddled(frame));
  }

  /** Comes before all else that befalls the packet. */
  chance(fault: Fault): void {
    const { cable, from, sent } = this;
    this.timeline.chances?.push({ cable: cable.name, from: from.name, n: sent, do: fault });
  }

  mark(frame: Frame, at: Micros | null): boolean {
    const ip = this.cable.ethernet ? ipBehindEthernet(this.header, frame) : frame.at;
    if (!isEcnCapable(frame, ip)) return false;
    this.announce(frame, at);
    markCongestion(frame, ip);
    this.marked++;
    if (this.cable.isWatched) this.tell('marked', this.id, this.sent, frame, at, null);
    return true;
  }

  deliver(frame: Frame, at: Micros): void {
    this.announce(frame, at);
    this.carry(frame, at);
  }

  corrupt(frame: Frame, at: Micros, bit: number): void {
    this.corrupted++;
    this.announce(frame, at);
    flipBit(frame, bit);
    if (this.cable.isWatched) this.tell('corrupted', this.id, this.sent, frame, at, null);
    this.carry(frame, at);
  }

  duplicate(frame: Frame, at: Micros): void {
    this.duplicated++;
    if (this.cable.isWatched) this.tell('duplicated', this.id, this.sent, frame, at, null);
    this.carry(frame, at);
  }

  drop(frame: Frame, reason: CableDrop): void {
    this.announce(frame, null);
    this.lose(frame, this.id, this.sent, reason, this.entry, this.serial);
  }

  arrive(transit: Transit): void {
    const { to, timeline } = this;
    if (to.hold(transit)) return;
    const { frame, id, n, entry, serial } = transit;
    transit.frame = NO_FRAME;
    this.idle.push(transit);
    if (transit.cuts !== this.cuts) this.lose(frame, id, n, 'unplugged', entry, serial);
    else if (timeline.partition !== null && this.isParted(timeline.partition, frame))
      this.lose(frame, id, n, 'partition', entry, serial);
    else if (to.down || this.receiver === null) this.lose(frame, id, n, 'down', entry, serial);
    else {
      this.delivered++;
      this.write(this.arriving, frame, entry, serial);
      if (this.cable.isWatched) this.tell('delivered', id, n, frame, timeline.now, null);
      this.receiver.frameArrives(frame);
      frame.release();
    }
  }

  private isParted(partition: Partition, frame: Frame): boolean {
    const { ethernet } = this.cable;
    const ip = ethernet ? ipBehindEthernet(this.header, frame) : frame.at;
    return partition.parts(this.from.name, this.to.name, frame, ethernet, ip);
  }

  /** Octets that the MTU counts. A header that is cut short has none behind it. */
  private payload(frame: Frame): number {
    if (!this.cable.ethernet) return frame.length;
    const { header } = this;
    header.textAt = frame.at + ETHERNET_HEADER;
    readEthernet(header, frame); // what it does not know has its text behind the tags all the same
    return Math.max(frame.end - header.textAt, 0);
  }

  /** What somebody has become of the packet. A bit that is not named is the same whatever befalls other packets. */
  private meddled(frame: Frame): readonly Fault[] {
    const { timeline, cable, from, to, sent } = this;
    const packet = { cable, from: from.name, to: to.name, n: sent, time: timeline.now, frame };
    const faults = timeline.meddler?.(packet) ?? [];
    if (!faults.includes('corrupt')) return faults;
    const bit = this.random.fork(`bit of packet ${sent}`).next();
    return faults.map((fault) => (fault === 'corrupt' ? { corrupt: bit } : fault));
  }

  /** Watchers hear of a packet before anything befalls it. */
  private announce(frame: Frame, arrivesAt: Micros | null): void {
    if (this.cable.isWatched && !this.announced) this.tell('sent', this.id, this.sent, frame, arrivesAt, null);
    this.announced = true;
  }

  private carry(frame: Frame, at: Micros): void {
    const transit = this.idle.pop() ?? new Transit(this);
    transit.frame = frame;
    transit.id = this.id;
    transit.n = this.sent;
    transit.entry = this.entry;
    transit.serial = this.serial;
    transit.cuts = this.cuts;
    this.timeline.add(transit, at);
  }

  /** What became of a packet goes where it is written down. */
  private write(what: string, frame: Frame, entry: LogEntry | null, serial: number): void {
    const { timeline, cable } = this;
    if (entry !== null) timeline.log.fate(timeline.now, what, frame, entry, serial, cable.ethernet);
  }

  private lose(frame: Frame, id: number, n: number, reason: CableDrop, entry: LogEntry | null, serial: number): void {
    this.drops[reason]++;
    this.write(lossText[reason], frame, entry, serial);
    if (this.cable.isWatched) this.tell('dropped', id, n, frame, null, reason);
    frame.release();
  }

  private tell(
    type: CableEvent['type'],
    id: number,
    n: number,
    frame: Frame,
    arrivesAt: Micros | null,
    reason: CableDrop | null,
  ): void {
    const { cable, from, to, timeline } = this;
    cable.tell({ type, time: timeline.now, cable, from: from.name, to: to.name, id, n, frame, arrivesAt, reason });
  }
}

const lossText: Readonly<Record<CableDrop, string>> = {
  loss: 'lost by chance',
  queue: 'lost, the queue is full',
  aqm: 'lost, to keep the queue short',
  fault: 'lost by script',
  mtu: 'lost, larger than the MTU',
  unplugged: 'lost, the cable is unplugged',
  partition: 'lost, the hosts are parted',
  down: 'lost, nobody is there',
};

/** What a host holds of a cable. */
class CableEnd implements Link {
  readonly name: string;
  readonly mtu: number;
  readonly mac?: Mac;
  readonly offloads: Offloads;
  private readonly out: Way;
  private readonly back: Way;

  constructor(cable: Cable, ethernet: EthernetEnd | undefined, offloads: Offloads, out: Way, back: Way) {
    this.name = ethernet?.name ?? cable.name;
    this.mtu = cable.mtu;
    if (ethernet?.mac !== undefined) this.mac = ethernet.mac;
    this.offloads = offloads;
    this.out = out;
    this.back = back;
  }

  send(frame: Frame): void {
    this.out.send(frame);
  }

  attach(receiver: Receiver): void {
    this.back.receiver = receiver;
  }
}

/** A cable of a world: `World.cable`, `World.plug` and `World.trunk` make it. */
export class Cable {
  readonly id: number;
  /** `client-server`; a second one between them is `client-server#2`. */
  readonly name: string;
  readonly mtu: number;
  /** Whether it carries Ethernet frames; if not, IP packets as they are. */
  readonly ethernet: boolean;
  /** What each of the two stations is given, in their order. */
  readonly ends: readonly [Link, Link];
  /** How often it has been unplugged. */
  unplugs = 0;
  private readonly ways: readonly [Way, Way];
  private readonly timeline: Timeline;
  private readonly watchers: Set<(event: CableEvent) => void> = new Set<(event: CableEvent) => void>();
  /** Those for whose sake programs are given a turn. */
  private readonly loud: Set<(event: CableEvent) => void> = new Set<(event: CableEvent) => void>();

  constructor(timeline: Timeline, random: Random, id: number, a: Station, b: Station, plan: CablePlan) {
    const { name, mtu = MTU, offloads = onTheWire, ethernet } = plan;
    this.id = id;
    this.name = name;
    this.mtu = mtu;
    this.ethernet = ethernet !== undefined;
    this.timeline = timeline;
    const forward = new Way(this, 2 * id, a, b, timeline, random.fork('forward'));
    const backward = new Way(this, 2 * id + 1, b, a, timeline, random.fork('backward'));
    this.ways = [forward, backward];
    this.ends = [
      new CableEnd(this, ethernet?.[0], offloads, forward, backward),
      new CableEnd(this, ethernet?.[1], offloads, backward, forward),
    ];
  }

  /** Whether packets get through at all, one way or both. */
  get plugged(): boolean {
    return this.ways.some(({ cut }) => !cut);
  }

  /** The stations whose packets do not get through; one of them, where it was unplugged for that one alone. */
  get unplugged(): readonly string[] {
    return this.ways.filter(({ cut }) => cut).map(({ from }) => from.name);
  }

  /** Whether anyone looks on. */
  get isWatched(): boolean {
    return this.watchers.size > 0;
  }

  /**
   * Changes the impairments that are named, for packets from now on; the others stay as they are. `from`: only for what
   * that station sends, else for both directions. Throws RangeError for settings that make no sense.
   */
  set(impairments: Impairments, from?: Station): void {
    for (const way of this.waysFrom(from)) way.impairment.set(impairments);
  }

  /**
   * Pulls the plug: what is sent is lost, and so is what is on its way (told when it would have arrived). A switch sends
   * nothing by such a cable, and forgets who was behind it. `from`: only what that station sends is lost, and neither end
   * notices.
   */
  unplug(from?: Station): void {
    const ways = this.waysFrom(from).filter(({ cut }) => !cut);
    if (ways.length === 0) return;
    const { plugged } = this;
    for (const way of ways) {
      way.cut = true;
      way.cuts++;
    }
    if (plugged && !this.plugged) this.unplugs++;
    this.timeline.log.note(this.timeline.now, `${this.name} is unplugged${ways.length === 1 ? oneWay(ways) : ''}`);
  }

  /** Puts the plug back in, or has what `from` sends get through again. */
  plug(from?: Station): void {
    const ways = this.waysFrom(from).filter(({ cut }) => cut);
    if (ways.length === 0) return;
    for (const way of ways) way.cut = false;
    this.timeline.log.note(this.timeline.now, `${this.name} is plugged in${ways.length === 1 ? oneWay(ways) : ''}`);
  }

  /**
   * `watcher` is told what befalls each packet, in the middle of it: it may look, and settle promises, but calls neither
   * hosts nor sockets. `quiet`: no program waits for what it does, so that the run need not give them a turn. Answers how
   * to stop.
   */
  watch(watcher: (event: CableEvent) => void, { quiet = false }: { readonly quiet?: boolean } = {}): () => void {
    this.watchers.add(watcher);
    if (!quiet) this.loud.add(watcher);
    return () => {
      this.watchers.delete(watcher);
      this.loud.delete(watcher);
    };
  }

  /** What the direction away from `from` has counted so far. */
  counters(from: Station): CableCounters {
    const { sent, octets, delivered, duplicated, marked, corrupted, drops } = this.wayFrom(from);
    return { sent, octets, delivered, duplicated, marked, corrupted, drops: { ...drops } };
  }

  /** The station at one of its two ends. */
  stationAt(end: 0 | 1): Station {
    return this.ways[end].from;
  }

  /** For its directions. */
  tell(event: CableEvent): void {
    if (this.loud.size > 0) this.timeline.restless = true;
    for (const watcher of this.watchers) watcher(event);
  }

  private waysFrom(from: Station | undefined): readonly Way[] {
    return from === undefined ? this.ways : [this.wayFrom(from)];
  }

  private wayFrom(from: Station): Way {
    const way = this.ways.find((each) => each.from === from);
    if (way === undefined) throw new RangeError(`${from.name} is not at cable ${this.name}`);
    return way;
  }
}

function oneWay(ways: readonly Way[]): string {
  return ways.map(({ from }) => ` for what ${from.name} sends`).join('');
}
