/** World: hosts, switches and cables in virtual time: what takes hours passes in a moment, and the same seed gives the same run. */
import { formatAddress, isLinkLocal, isLoopback } from '../base/address-text.ts';
import { fail } from '../base/errors.ts';
import { isGroupMac, type Mac, parseMac } from '../base/mac.ts';
import { Random } from '../base/random.ts';
import { MINUTE, type Micros } from '../base/time.ts';
import type { Impairments } from '../link/impair.ts';
import type { InterfaceOptions } from '../stack/internet.ts';
import { profiles, type TcpConfig } from '../tcp/config.ts';
import { type Breath, ChannelBreath } from './breath.ts';
import { Cable, type CablePlan, type CableSettings, type EthernetEnd, type Station } from './cable.ts';
import { Call } from './call.ts';
import { begin, type Calamity, type ChaosOptions, end, planChaos } from './chaos.ts';
import type { MatchFault } from './fault-group.ts';
import { EventHash } from './hash.ts';
import { SimHost, type SimHostOptions } from './host.ts';
import { Lan } from './lan.ts';
import { meddlerFor } from './matching.ts';
import type { Meddler, PacketFault } from './meddling.ts';
import { note } from './outcome.ts';
import { type Member, Partition } from './partition.ts';
import { ProgramTimer } from './program-timer.ts';
import { WorldStuckError } from './stuck.ts';
import type { Inside, Stay, Surroundings } from './surroundings.ts';
import { Switch, type SwitchOptions } from './switch.ts';
import { Timeline } from './timeline.ts';

/** How far one run may go before it is taken for one that never ends. */
export interface WorldLimit {
  /** Virtual time that one call of `run` may take; 30 days by default. */
  readonly time?: Micros;
  /** Events that one call of `run` may take; 100 million by default. */
  readonly events?: number;
}

/** How far `World.runTo` goes; what is left out is no bound. */
export interface RunGoal {
  readonly events?: number;
  readonly time?: Micros;
  readonly done?: () => boolean;
}

export interface WorldOptions {
  /** The same seed, the same run; 1 by default. */
  readonly seed?: number | string;
  /** The time at which it begins; 0 by default. */
  readonly start?: Micros;
  /** Settings of all connections, unless a host or a socket has others; `rfc` by default. */
  readonly profile?: keyof typeof profiles;
  /** Changes to the profile. */
  readonly config?: Partial<TcpConfig>;
  readonly limit?: WorldLimit;
  /** Whether `World.hash` is kept: it costs a look at every octet. */
  readonly hash?: boolean;
  /** What is to become of single packets, beside what cables do to all. Match texts are counted over all cables. */
  readonly faults?: readonly (PacketFault | MatchFault)[];
  /** Asked of each packet besides: what is to become of it. */
  readonly meddler?: Meddler;
  /** False: no packet is lost, doubled, held up or corrupted by chance. Jitter and RED go on as they were. */
  readonly chance?: boolean;
  /** Whether `World.chances` is kept. */
  readonly keepChances?: boolean;
  /** Told of each cable as soon as it is there, before any packet. */
  readonly laid?: (cable: Cable) => void;
}

/** Impairments hold for both directions. */
export interface CableOptions extends CableSettings, Impairments {
  /** Addresses of the two hosts, as `10.0.0.1/24`. By default 10.0.N.1/24 and fd00:0:0:N::1/64, and .2, for cable N. */
  readonly addresses?: readonly [readonly string[], readonly string[]];
  /** What is different for packets from the second host to the first. */
  readonly back?: Impairments;
  /** Whether it carries Ethernet frames, as a cable to a switch does; if not, IP packets as they are. */
  readonly ethernet?: boolean;
  /** MAC addresses of the two hosts on an Ethernet cable; by default as `PlugOptions` says. */
  readonly macs?: readonly [string, string];
}

/** Impairments hold for both directions. */
export interface PlugOptions extends CableSettings, Impairments, InterfaceOptions {
  /**
   * Addresses of the host, as `10.0.0.1/24`; `[]`: none. By default 10.200.N.K/24 and fd00:0:c8:N::K/64 (in hexadecimal):
   * N is the number of the switch, counted from 1, of those that are joined the least; K is the host's number there.
   */
  readonly addresses?: readonly string[];
  /** The host's MAC address there. By default 02:00:00:00:HH:HH, the number of the interface in the world, from 1. */
  readonly mac?: string;
  /** What is different for frames from the switch to the host. */
  readonly back?: Impairments;
}

/** Impairments hold for both directions. */
export interface TrunkOptions extends CableSettings, Impairments {
  /** What is different for frames from the second switch to the first. */
  readonly back?: Impairments;
}

/** MAC addresses begin here: of one station, locally administered (IEEE 802: the two lowest bits of the first octet). */
const LOCAL_MAC: Mac = 0x0200_0000_0000;

/** Something that was planned with `at` or `after`. */
export interface Planned {
  readonly time: Micros;
  /** It does not happen. Nothing is done when it has happened already. */
  cancel(): void;
}

const LIMIT: Required<WorldLimit> = { time: 30 * 24 * 60 * MINUTE, events: 100_000_000 };

/** Turns of the platform's loop that a program may wait for in a row, doing nothing else. */
const LOOP_TURNS = 3;

/** Events after which the platform's event loop gets a turn, though nobody was told anything: a page wants to stay alive. */
const STRETCH = 4096;

export class World {
  /** What it was made with. */
  readonly seed: number | string;
  private readonly timeline: Timeline;
  private readonly random: Random;
  private readonly config: TcpConfig;
  private readonly limit: Required<WorldLimit>;
  private readonly byName: Map<string, SimHost> = new Map<string, SimHost>();
  private readonly lans: Map<Switch, Lan> = new Map<Switch, Lan>();
  private readonly cableList: Cable[] = [];
  private readonly laid: ((cable: Cable) => void) | undefined;
  private readonly cableNames: Set<string> = new Set<string>();
  /** Interfaces of hosts on Ethernet cables. */
  private ethernets = 0;
  private chaoses = 0;
  private readonly cableWatchers: Set<(cable: Cable) => void> = new Set<(cable: Cable) => void>();
  private readonly sleeping: Set<Planned> = new Set<Planned>();
  private readonly surroundings: Surroundings | null;
  /** Held while the world runs. */
  private breath: Breath | null = null;
  private stay: Stay | null = null;

  /** `surroundings`: what it takes over of its platform while it runs; nothing unless given. */
  constructor(options: WorldOptions = {}, surroundings: Surroundings | null = null) {
    const { seed = 1, start = 0, profile = 'rfc', config = {}, limit = {}, hash = false } = options;
    this.seed = seed;
    this.random = new Random(seed);
    this.timeline = new Timeline(start, hash ? new EventHash() : null);
    const { faults = [], meddler, chance = true, keepChances = false } = options;
    this.timeline.chancy = chance;
    this.timeline.meddler = meddlerFor(faults, meddler);
    if (keepChances) this.timeline.chances = [];
    this.laid = options.laid;
    this.config = { ...profiles[profile], ...config };
    this.limit = { ...LIMIT, ...limit };
    this.surroundings = surroundings;
  }

  /** The virtual time. */
  get now(): Micros {
    return this.timeline.now;
  }

  /** Events that have happened so far. */
  get events(): number {
    return this.timeline.happened;
  }

  /** Packets that were handed to cables so far. */
  get packets(): number {
    return this.timeline.packets;
  }

  /** 16 hexadecimal digits over every packet that was put on a cable, with its time; null unless asked for. */
  get hash(): string | null {
    return this.timeline.hash?.text ?? null;
  }

  /**
   * 16 hexadecimal digits over the time, the cable, the length and the TCP flags of every packet: the same for two runs
   * that differ in nothing but the octets that programs send.
   */
  get shape(): string {
    return this.timeline.shape.text;
  }

  /**
   * What chance has done to packets so far: handed to another world as `faults`, with `chance` false, the run is the same.
   * Empty unless asked for.
   */
  get chances(): readonly PacketFault[] {
    return this.timeline.chances ?? [];
  }

  /** The hosts, in the order in which they were made. */
  get hosts(): readonly SimHost[] {
    return [...this.byName.values()];
  }

  /** The switches, in the order in which they were made. */
  get switches(): readonly Switch[] {
    return [...this.lans.keys()];
  }

  /** The cables, in the order in which they were made. */
  get cables(): readonly Cable[] {
    return this.cableList;
  }

  /** Calls `act` with each cable that there is, and with each to come. Answers how to stop. */
  eachCable(act: (cable: Cable) => void): () => void {
    for (const cable of this.cableList) act(cable);
    this.cableWatchers.add(act);
    return () => {
      this.cableWatchers.delete(act);
    };
  }

  /** Makes a host. Throws SynwaveError EADDRINUSE when the name is taken. */
  host(name: string, options: SimHostOptions = {}): SimHost {
    this.checkName('host', name);
    const config = { ...this.config, ...options.config };
    const host = this.makeHost([this.timeline, name, this.random.fork(`host ${name}`), config, options.memory]);
    host.names = (wanted) => this.addressesOf(wanted);
    this.byName.set(name, host);
    return host;
  }

  /**
   * Makes a learning switch. Throws SynwaveError EADDRINUSE when the name is taken, RangeError for options that make no
   * sense.
   */
  switch(name: string, options: SwitchOptions = {}): Switch {
    this.checkName('switch', name);
    const made = new Switch(this.timeline, name, options);
    this.lans.set(made, new Lan(this.lans.size + 1, made));
    return made;
  }

  /**
   * Joins two hosts. Without options: no delay, no loss, MTU 1500, addresses of both families. Throws SynwaveError EINVAL
   * for an address that cannot be read or a host that is joined with itself, RangeError for impairments that make no sense.
   */
  cable(a: SimHost, b: SimHost, options: CableOptions = {}): Cable {
    const { addresses, ethernet = false, macs, ...rest } = options;
    const id = this.cableList.length;
    const ends = ethernet ? ([this.endOf(a, macs?.[0], 1), this.endOf(b, macs?.[1], 2)] as const) : undefined;
    const cable = this.lay(a, b, rest, ends);
    const [forA, forB] = addresses ?? [addressesOf(id, 1), addressesOf(id, 2)];
    a.attach(cable.ends[0], forA, { identifier: 'eui64' });
    b.attach(cable.ends[1], forB, { identifier: 'eui64' });
    this.keep(cable, ethernet ? [a, b] : []);
    return cable;
  }

  /**
   * Plugs a host into a switch, by an Ethernet cable of its own. The interface is called `eth0`, the next one of that host
   * `eth1`, and so on. Throws SynwaveError EINVAL for an address that cannot be read, EADDRNOTAVAIL where default
   * addresses are used up, RangeError for impairments that make no sense.
   */
  plug(host: SimHost, into: Switch, options: PlugOptions = {}): Cable {
    const { addresses, mac, autoconf, identifier = 'eui64', detect, ...rest } = options;
    const lan = this.lanOf(into);
    const cable = this.lay(host, into, rest, [this.endOf(host, mac, 1), portEnd(into)]);
    host.attach(cable.ends[0], addresses ?? lan.nextAddresses(), {
      identifier,
      ...(autoconf === undefined ? {} : { autoconf }),
      ...(detect === undefined ? {} : { detect }),
    });
    into.plugIn(cable, cable.ends[1]);
    this.keep(cable, [host]);
    return cable;
  }

  /**
   * Joins two switches by an Ethernet cable. Hosts on both are on one network then: those that are plugged in afterwards
   * get their default addresses from it, so trunks come first. Throws SynwaveError EINVAL for a loop, for switches know no
   * spanning tree and a frame for many would go round for ever; RangeError for impairments that make no sense.
   */
  trunk(a: Switch, b: Switch, options: TrunkOptions = {}): Cable {
    const [lanA, lanB] = [this.lanOf(a), this.lanOf(b)];
    if (lanA === lanB) fail('EINVAL', `a loop of switches: ${a.name} and ${b.name} are joined already`);
    const cable = this.lay(a, b, options, [portEnd(a), portEnd(b)]);
    a.plugIn(cable, cable.ends[0]);
    b.plugIn(cable, cable.ends[1]);
    const [first, second] = lanA.number < lanB.number ? [lanA, lanB] : [lanB, lanA];
    first.switches.push(...second.switches);
    for (const each of second.switches) this.lans.set(each, first);
    this.keep(cable, []);
    return cable;
  }

  /**
   * Hosts of one group hear only one another from now on, and those that are in none, whatever lies between them; what is
   * on its way to another group does not arrive. It takes the place of the partition before. Answers how to heal it.
   * Throws SynwaveError EINVAL for a host in two groups.
   */
  partition(...groups: readonly (readonly SimHost[])[]): () => void {
    const all = groups.flat();
    const twice = all.find((host, i) => all.indexOf(host) !== i);
    if (twice !== undefined) fail('EINVAL', `${twice.name} on two sides of a partition`);
    const { timeline } = this;
    const made = new Partition(groups.map((group) => group.map((host) => this.memberOf(host))));
    timeline.partition = made;
    timeline.log.note(timeline.now, `partition: ${made.text}`);
    return () => {
      if (timeline.partition === made) this.heal();
    };
  }

  /** Everybody hears everybody again. */
  heal(): void {
    const { timeline } = this;
    if (timeline.partition === null) return;
    timeline.partition = null;
    timeline.log.note(timeline.now, 'the partition is healed');
  }

  /**
   * Plans faults by the seed, and answers them in the order of their times: what a host or a cable suffers begins and ends
   * by `until`. Throws RangeError for options that make no sense.
   */
  chaos(options: ChaosOptions): readonly Calamity[] {
    const { hosts = this.hosts, cables = this.cables } = options;
    const random = this.random.fork(`chaos ${this.chaoses++}`);
    const planned = planChaos(random, this.now, { ...options, hosts, cables });
    for (const each of planned) {
      this.at(each.time, () => begin(this, each));
      this.at(each.ends, () => end(this, each));
    }
    return planned;
  }

  /** Calls `act` at that time. Throws RangeError when it is past. What `act` throws ends the run. */
  at(time: Micros, act: () => void): Planned {
    if (!(time >= this.now)) throw new RangeError(`time ${time} is before now, ${this.now}`);
    const call = new Call(this.timeline, act);
    this.timeline.add(call, time);
    return call;
  }

  /** Calls `act` when `span` has passed. Throws RangeError when it is below 0. */
  after(span: Micros, act: () => void): Planned {
    return this.at(this.now + span, act);
  }

  /** Resolves when `span` has passed in virtual time. */
  sleep(span: Micros): Promise<void> {
    const { sleeping } = this;
    return new Promise((resolve) => {
      const sleep = this.after(span, () => {
        sleeping.delete(sleep);
        resolve();
      });
      sleeping.add(sleep);
    });
  }

  /**
   * Lets time pass until `program` has ended, and answers what it answers or rejects as it rejects. Without a program:
   * until nothing is left to happen. What still is to happen afterwards waits for the next run. An error that leaves it
   * has `world`, an `Outcome`: the seed, the time and the hashes.
   *
   * The program's promises may wait for sockets and for `sleep`, in any order; for nothing in real time. Rejects with
   * WorldStuckError when it waits for something that never happens, or past a limit. One run at a time: SynwaveError
   * EALREADY.
   */
  run(): Promise<void>;
  run<T>(program: () => Promise<T>): Promise<T>;
  async run<T>(program?: () => Promise<T>): Promise<T | undefined> {
    const breath = this.begin();
    try {
      if (program === undefined) {
        await this.go(breath, Number.POSITIVE_INFINITY, () => false);
        return undefined;
      }
      const outcome = follow(program());
      await this.go(breath, Number.POSITIVE_INFINITY, () => outcome.settled, true);
      if (!outcome.settled) throw this.stuck('the program waits, and nothing is left to happen');
      const result = await outcome.promise;
      this.stay?.check();
      return result;
    } catch (error) {
      const { seed, now, shape, hash } = this;
      note(error, { seed, time: now, shape, hash });
      throw error;
    } finally {
      this.end(breath);
    }
  }

  /** Lets time pass until `time`, which it is afterwards, also when nothing is left to happen. */
  async runUntil(time: Micros): Promise<void> {
    const breath = this.begin();
    try {
      await this.go(breath, time, () => false);
      this.timeline.now = Math.max(this.now, time);
    } finally {
      this.end(breath);
    }
  }

  /** Lets `span` pass. */
  runFor(span: Micros): Promise<void> {
    return this.runUntil(this.now + span);
  }

  /** Lets one event happen, and the programs answer it. Resolves to false when nothing is left to happen. */
  async step(): Promise<boolean> {
    const breath = this.begin();
    try {
      await breath.take(); // what was asked since the last event
      if (this.stay !== null) await this.letOthersWork(this.stay, breath);
      const stepped = this.timeline.step();
      await breath.take();
      if (this.stay !== null) await this.letOthersWork(this.stay, breath);
      return stepped;
    } finally {
      this.end(breath);
    }
  }

  /**
   * Lets events happen until so many have happened in all, `events`, or none up to `time` is left, or `done` says so after
   * programs were told something. Time does not go on behind the last event.
   */
  async runTo({ events, time, done = () => false }: RunGoal): Promise<void> {
    const breath = this.begin();
    try {
      await this.go(breath, time ?? Number.POSITIVE_INFINITY, done, true, events);
    } finally {
      this.end(breath);
    }
  }

  /** The time of the next event; undefined when nothing is left to happen. */
  get next(): Micros | undefined {
    return this.timeline.next;
  }

  /**
   * Lets one event happen, at once: promises get no turn, so this is for programs that use handlers alone. Answers false
   * when nothing is left to happen. Throws SynwaveError EALREADY within a run.
   */
  stepNow(): boolean {
    if (this.breath !== null) fail('EALREADY', 'run of the world');
    return this.timeline.step();
  }

  /** It is `time` now, and nothing has happened until then. Throws RangeError when something would have. */
  idleUntil(time: Micros): void {
    const { next } = this.timeline;
    if (next !== undefined && next < time) throw new RangeError(`something happens at ${next}, before ${time}`);
    this.timeline.now = Math.max(this.now, time);
  }

  /** For worlds of a platform: a host that has more to it. */
  protected makeHost(about: ConstructorParameters<typeof SimHost>): SimHost {
    return new SimHost(...about);
  }

  /** A cable with its impairments, that nobody holds yet. `ends`: of an Ethernet cable. */
  private lay(a: Station, b: Station, options: TrunkOptions, ends?: readonly [EthernetEnd, EthernetEnd]): Cable {
    if (a === b) fail('EINVAL', `cable from ${a.name} to itself`);
    const { back, mtu, offloads, ...impairments } = options;
    const plan: CablePlan = {
      name: this.cableName(a, b),
      ...(mtu === undefined ? {} : { mtu }),
      ...(offloads === undefined ? {} : { offloads }),
      ...(ends === undefined ? {} : { ethernet: ends }),
    };
    const id = this.cableList.length;
    const cable = new Cable(this.timeline, this.random.fork(`cable ${id}`), id, a, b, plan);
    cable.set(impairments);
    if (back !== undefined) cable.set(back, b);
    this.laid?.(cable);
    return cable;
  }

  private cableName(a: Station, b: Station): string {
    const plain = `${a.name}-${b.name}`;
    let name = plain;
    for (let i = 2; this.cableNames.has(name); i++) name = `${plain}#${i}`;
    return name;
  }

  /** The cable is there, and so are the Ethernet interfaces that it gives to hosts. */
  private keep(cable: Cable, hosts: readonly SimHost[]): void {
    this.cableList.push(cable);
    this.cableNames.add(cable.name);
    for (const act of this.cableWatchers) act(cable);
    for (const host of hosts) host.ethernets++;
    this.ethernets += hosts.length;
  }

  /** A host's end of an Ethernet cable, which is its first or second of that cable. Throws SynwaveError EINVAL. */
  private endOf(host: SimHost, text: string | undefined, which: 1 | 2): EthernetEnd {
    const mac = text === undefined ? LOCAL_MAC + this.ethernets + which : parseMac(text);
    if (mac === null || isGroupMac(mac)) return fail('EINVAL', `MAC address ${text}`);
    return { name: `eth${host.ethernets}`, mac };
  }

  private memberOf(host: SimHost): Member {
    const ends = this.cableList.flatMap((cable) =>
      (cable.stationAt(0) === host ? [cable.ends[0]] : []).concat(cable.stationAt(1) === host ? [cable.ends[1]] : []),
    );
    const macs = ends.flatMap(({ mac }) => (mac === undefined ? [] : [mac]));
    const { internet } = host.stack;
    return {
      name: host.name,
      macs,
      hasAddress: (address) => internet.addresses().some((each) => each.equals(address)),
    };
  }

  private lanOf(into: Switch): Lan {
    return this.lans.get(into) ?? fail('EINVAL', `switch ${into.name} of another world`);
  }

  private checkName(kind: string, name: string): void {
    if (this.byName.has(name) || this.switches.some((each) => each.name === name))
      fail('EADDRINUSE', `${kind} ${name}`);
  }

  /**
   * The addresses on cables of the host of that name, those of cables first plugged in first. One that is link-local would
   * be of use only to who knows by which of its own interfaces.
   */
  private addressesOf(name: string): string[] {
    const addresses = this.byName.get(name)?.stack.internet.addresses() ?? [];
    return addresses.filter((address) => !isLoopback(address) && !isLinkLocal(address)).map(formatAddress);
  }

  private begin(): Breath {
    if (this.breath !== null) fail('EALREADY', 'run of the world');
    this.stay = this.surroundings?.enter(this.inside) ?? null;
    this.breath = this.surroundings === null ? new ChannelBreath() : breathOf(this.surroundings);
    return this.breath;
  }

  private end(breath: Breath): void {
    breath.end();
    this.breath = null;
    this.stay?.leave();
    this.stay = null;
  }

  /** This world, as its surroundings see it. */
  private get inside(): Inside {
    const { timeline, random } = this;
    return {
      get now() {
        return timeline.now;
      },
      timer: (act, host) => new ProgramTimer(timeline, act, host),
      chance: (name) => random.fork(name),
    };
  }

  /** Events, one by one, with a breath after each that told somebody something, until `done` or nothing up to `until` is left. */
  private async go(
    breath: Breath,
    until: Micros,
    done: () => boolean,
    program = false,
    most: number = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    const { timeline, limit } = this;
    const lastTime = timeline.now + limit.time;
    const lastEvent = timeline.happened + limit.events;
    let rested = -1;
    for (;;) {
      const { next, happened } = timeline;
      // A process of Node.js ends when nothing but timers that do not count is left: no socket, no listener.
      const idle = until === Number.POSITIVE_INFINITY && timeline.idle && !(program && timeline.alive > 0);
      const over = next === undefined || next > until || idle || happened >= most;
      if (timeline.restless || (rested !== happened && (over || rested < 0 || happened % STRETCH === 0))) {
        timeline.restless = false;
        rested = happened;
        await breath.take();
        await this.letProgramsGo(breath);
        if (done()) return;
        continue; // the programs may have planned something nearer
      }
      if (over) return;
      if (next > lastTime) throw this.stuck('the run takes more virtual time than its limit');
      if (happened >= lastEvent) throw this.stuck('the run takes more events than its limit');
      timeline.step();
    }
  }

  /** Before anything else happens, what programs have others do is done; before time goes on, those that wait for turns of the platform's loop have theirs. */
  private async letProgramsGo(breath: Breath): Promise<void> {
    const { timeline } = this;
    if (this.stay !== null) await this.letOthersWork(this.stay, breath);
    for (let i = 0; i < LOOP_TURNS && timeline.loopTurn !== null && timeline.next !== timeline.now; i++) {
      await new Promise<void>(timeline.loopTurn);
      if (this.stay !== null) await this.letOthersWork(this.stay, breath);
    }
  }

  private async letOthersWork(stay: Stay, breath: Breath): Promise<void> {
    for (let work = stay.work(); work !== null; work = stay.work()) {
      await work;
      await breath.take();
    }
  }

  private stuck(why: string): WorldStuckError {
    const { timeline, hosts, switches, cables, stay } = this;
    const sleeps = [...this.sleeping].map(({ time }) => time);
    return new WorldStuckError(why, { timeline, hosts, switches, cables, sleeps, timers: stay?.timers() ?? [] });
  }
}

function breathOf(surroundings: Surroundings): Breath {
  return { take: () => new Promise((resolve) => surroundings.turn(resolve)), end: () => undefined };
}

/** A promise, and whether it has settled. */
function follow<T>(promise: Promise<T>): { readonly promise: Promise<T>; settled: boolean } {
  const outcome = { promise, settled: false };
  const settle = (): void => {
    outcome.settled = true;
  };
  promise.then(settle, settle);
  return outcome;
}

/** Makes a world: empty, at its beginning. */
export function world(options: WorldOptions = {}): World {
  return new World(options);
}

/** A switch's end of a cable. */
function portEnd(of: Switch): EthernetEnd {
  return { name: `port${of.ports.length + 1}` };
}

/** The addresses of host 1 or 2 at a cable. */
function addressesOf(cable: number, host: 1 | 2): string[] {
  const network = cable === 0 ? 'fd00::' : `fd00:0:0:${cable.toString(16)}::`;
  return [`10.${cable >> 8}.${cable & 0xff}.${host}/24`, `${network}${host}/64`];
}
