/** Run: a scenario that is played, as far as somebody wants to see it; the same interventions give the same run again. */
import type { Micros } from '../../base/time.ts';
import type { Fault, FaultScript, Impairments } from '../../link/impair.ts';
import type { TcpInfo } from '../../tcp/info.ts';
import { ACK, SYN } from '../../wire/segment.ts';
import type { Cable } from '../cable.ts';
import type { SimHost } from '../host.ts';
import { secondsText } from '../log.ts';
import { MatchCounter } from '../match.ts';
import { boundsOf, type Point } from '../point.ts';
import { DivergedError } from '../trail.ts';
import type { World } from '../world.ts';
import type { AppMaker } from './app.ts';
import { apps } from './apps.ts';
import { answerFor, flood } from './attack.ts';
import { Cast, NotThere } from './cast.ts';
import type { ConnectionRef, PacketRecord, RunEvent, SegmentRecord } from './event.ts';
import { Judge, type StepSeen } from './judge.ts';
import { PacketReader } from './packet-reader.ts';
import { type Moment, Recorder } from './recorder.ts';
import { type Action, type Deed, type FaultPlan, type Plot, plotOf, type Scenario } from './scenario.ts';
import { Stage } from './stage.ts';

/** What a viewer has done to a run: something to a packet, or something on a host at a point of the run. */
export type Intervention =
  | { readonly type: 'packet'; readonly packet: number; readonly fault: Fault }
  | {
      readonly type: 'deed';
      /** When as many events of the world had happened, and at this time. */
      readonly events: number;
      readonly time: Micros;
      readonly who: string;
      readonly deed: Deed;
    };

export interface PlayOptions {
  /** Left out: the scenario as it is. */
  readonly variant?: string | null;
  /** Left out: the scenario's own. */
  readonly seed?: number | string;
  readonly interventions?: readonly Intervention[];
  /** Apps beside those that every scenario knows. */
  readonly apps?: Readonly<Record<string, AppMaker>>;
  /** Whether each moment keeps the variables of the connections of every host. */
  readonly snapshots?: boolean;
}

/** A connection as it was at the end of a moment. */
export interface ConnectionView {
  readonly connection: ConnectionRef;
  readonly info: TcpInfo;
}

/** A listener as it was at the end of a moment. */
export interface ListenerView {
  readonly port: number;
  readonly waiting: number;
  readonly backlog: number;
  readonly halfOpen: number;
}

/** A host as it was at the end of a moment. */
export interface HostView {
  readonly name: string;
  readonly down: boolean;
  readonly paused: boolean;
  readonly listeners: readonly ListenerView[];
  /** At most `MOST_SHOWN` of them. */
  readonly connections: readonly ConnectionView[];
  /** How many there are. */
  readonly count: number;
  /** SYN cookies sent so far. */
  readonly cookies: number;
}

/** How a run went. */
export interface Verdict {
  readonly passed: boolean;
  /** What is wrong, in one sentence; null: nothing. */
  readonly problem: string | null;
}

/** Connections of one host that a snapshot holds. */
const MOST_SHOWN = 16;

/** A run that is still busy then is not going to end by itself. */
const MOST_EVENTS = 2_000_000;

export class Run {
  readonly scenario: Scenario;
  readonly variant: string | null;
  readonly seed: number | string;
  readonly plot: Plot;
  readonly world: World;
  readonly stage: Stage;
  private readonly recorder: Recorder = new Recorder();
  private readonly casts: Map<string, Cast> = new Map<string, Cast>();
  private readonly judge: Judge;
  private readonly views: (readonly HostView[])[] = [];
  private readonly packetFaults: Map<number, Fault> = new Map<number, Fault>();
  private readonly pending: Extract<Intervention, { type: 'deed' }>[] = [];
  private readonly done: Intervention[] = [];
  private readonly options: PlayOptions;
  private readonly snapshots: boolean;
  private readonly waiting: Set<Action> = new Set<Action>();
  /** Hosts whose SYN,ACKs are answered in another's name. */
  private readonly shims: { readonly who: string; readonly victim: string }[] = [];
  private heard = 0;

  /** Throws RangeError for what makes no sense: a host or an app that there is not, a variant that the scenario lacks. */
  constructor(scenario: Scenario, options: PlayOptions = {}) {
    const { variant = null, interventions = [], snapshots = false } = options;
    this.scenario = scenario;
    this.options = options;
    this.variant = variant;
    this.plot = plotOf(scenario, variant);
    this.seed = options.seed ?? this.plot.seed;
    this.snapshots = snapshots;
    this.stage = new Stage(this.plot, this.seed);
    this.world = this.stage.world;
    this.judge = new Judge(this.plot);
    for (const each of interventions) {
      if (each.type === 'packet') this.packetFaults.set(each.packet, each.fault);
      else this.pending.push(each);
      if (each.type === 'packet') this.done.push(each);
    }
    this.pending.sort((a, b) => a.events - b.events || a.time - b.time);
    this.prepare({ ...apps, ...options.apps });
  }

  get now(): Micros {
    return this.world.now;
  }

  /** All that has happened so far. */
  get events(): readonly RunEvent[] {
    return this.recorder.events;
  }

  get moments(): readonly Moment[] {
    return this.recorder.moments;
  }

  get packets(): readonly PacketRecord[] {
    return this.recorder.packets;
  }

  /** Steps of the scenario that have been seen, in their order. */
  get steps(): readonly StepSeen[] {
    return this.judge.seen;
  }

  /** What has been done to it so far: with these, `play` gives the same run. */
  get interventions(): readonly Intervention[] {
    return this.done;
  }

  /** Whether nothing more will happen by itself. */
  get ended(): boolean {
    const { next } = this.world;
    const { until } = this.plot;
    return this.pending.length === 0 && (next === undefined || (until !== null && next > until));
  }

  /** The hosts at the end of a moment, if snapshots are kept; empty otherwise. */
  viewAt(moment: number): readonly HostView[] {
    return this.views[moment] ?? [];
  }

  /** The hosts as they are now. */
  view(): readonly HostView[] {
    return [...this.stage.hosts.values()].map((host) => viewOf(host, this.now));
  }

  /** The sockets and listeners of a host, by the names that the scenario gives them. */
  namesOn(host: string): { readonly sockets: readonly string[]; readonly listeners: readonly string[] } {
    return this.castOf(host).names;
  }

  /**
   * Lets events happen up to `until`, `most` of them. Answers whether there is more to come before `until`. Throws
   * RangeError when the script names a socket that is not there, unless interventions may have cost it.
   */
  advance(until: Micros = Number.POSITIVE_INFINITY, most: number = MOST_EVENTS): boolean {
    const { world, plot } = this;
    const end = Math.min(until, plot.until ?? Number.POSITIVE_INFINITY);
    for (let i = 0; i < most; i++) {
      const planned = this.pending[0];
      if (planned !== undefined && planned.events <= world.events && planned.time <= end) {
        this.pending.shift();
        world.idleUntil(planned.time);
        this.act(planned.who, planned.deed);
        continue;
      }
      const { next } = world;
      if (next === undefined || next > end) {
        if (Number.isFinite(end)) world.idleUntil(end);
        return false;
      }
      world.stepNow();
      this.look();
    }
    return true;
  }

  /** Lets things happen until a new moment begins. Answers whether one did. */
  step(): boolean {
    const before = this.moments.length;
    while (this.moments.length === before) if (!this.advance(Number.POSITIVE_INFINITY, 1)) break;
    return this.moments.length > before;
  }

  /** Somebody does something now: it is one of the interventions from now on. Throws RangeError for what is not there. */
  act(who: string, deed: Deed): void {
    const { events, now } = this.world;
    this.perform(who, deed);
    this.done.push({ type: 'deed', events, time: now, who, deed });
    this.look();
  }

  /**
   * Another run, which is the same up to a point, and is there; it goes on with what is different. What was done behind the
   * point to this one is not done to that. Throws DivergedError when an app of the caller's does not do the same again,
   * RangeError for interventions in what is past.
   */
  fork(at: Point, interventions: readonly Intervention[] = []): Run {
    const fork = new Run(this.scenario, { ...this.options, seed: this.seed, interventions: this.done });
    fork.advanceTo(at);
    fork.pending.length = 0;
    const past = fork.world.packets;
    for (const packet of fork.packetFaults.keys()) if (packet >= past) fork.packetFaults.delete(packet);
    fork.done.splice(0, fork.done.length, ...fork.done.filter((each) => each.type === 'deed' || each.packet < past));
    fork.compareWith(this);
    for (const each of interventions) fork.intervene(each);
    return fork;
  }

  /** Plays to the end. */
  finish(): Verdict {
    this.advance();
    return this.verdict();
  }

  /** What the steps of the scenario, as assertions, say of the run so far. */
  verdict(): Verdict {
    const problem = this.judge.problem();
    return { passed: problem === null, problem };
  }

  private advanceTo(point: Point): void {
    const { world: w } = this;
    const { events, time } = boundsOf(point);
    while (w.events < events && this.advance(time, 1));
    const until = point.time ?? w.now;
    const isDue = (): boolean => {
      const [next] = this.pending;
      return next !== undefined && next.events <= w.events && next.time <= until;
    };
    while (isDue()) this.advance(until, 1);
    if (until > w.now) w.idleUntil(until);
  }

  /** Somebody does something from now on to a run that has begun. */
  private intervene(each: Intervention): void {
    if (each.type === 'packet') {
      const { packets } = this.world;
      if (each.packet < packets) throw new RangeError(`packet ${each.packet} is past: ${packets} were sent`);
      this.packetFaults.set(each.packet, each.fault);
      this.done.push(each);
    } else if (each.events < this.world.events || each.time < this.now) {
      throw new RangeError(
        `${each.who} ${each.deed.do} at ${secondsText(each.time)} is past: it is ${secondsText(this.now)}`,
      );
    } else {
      this.pending.push(each);
      this.pending.sort((a, b) => a.events - b.events || a.time - b.time);
    }
  }

  /** Throws DivergedError unless all packets that were sent so far were sent by the other run as well. */
  private compareWith({ packets }: Run): void {
    const at = this.packets.findIndex((packet, i) => i < packets.length && !isSame(packet, packets[i] as PacketRecord));
    if (at < 0) return;
    const told = ({ from, sentAt, length }: PacketRecord): string =>
      `sent by ${from} at ${secondsText(sentAt)} with ${length} octets`;
    const [was, is] = [packets[at] as PacketRecord, this.packets[at] as PacketRecord];
    throw new DivergedError(`packet ${at} was ${told(was)}, and is ${told(is)}`);
  }

  private prepare(known: Readonly<Record<string, AppMaker>>): void {
    const { plot, stage, world, recorder } = this;
    const numbers = { next: 0 };
    for (const [name, host] of stage.hosts) {
      recorder.watchHost(host);
      const addressFor = (to: string): string => stage.addressFor(name, to);
      this.casts.set(name, new Cast(host, world, recorder, known, numbers, addressFor));
    }
    const counters = plot.faults.map((plan) => ({ plan, counter: new MatchCounter(plan.match) }));
    for (const cable of stage.cables) {
      recorder.watchCable(cable);
      this.script(cable, counters);
    }
    for (const action of plot.script) {
      const { when, who, deed } = action;
      this.castOf(who); // a host that is not there is told at once
      if (when.type === 'on') this.waiting.add(action);
      else world.at(when.time, () => this.follow(who, deed));
    }
  }

  /** What becomes of packets on a cable, by the scenario and by interventions. */
  private script(
    cable: Cable,
    counters: readonly { readonly plan: FaultPlan; readonly counter: MatchCounter }[],
  ): void {
    const reader = new PacketReader();
    for (const [from, to] of this.endsOf(cable)) {
      const fault: FaultScript = (frame) => {
        const id = this.world.packets - 1;
        const text = reader.read(frame, this.recorder.isAgain(from.name));
        let fate: Fault | null = null;
        for (const { plan, counter } of counters) {
          if (counter.takes({ from: from.name, to: to.name, ...text })) fate ??= plan.fault;
        }
        if (this.isShammed(from.name, to.name, text.segment)) {
          answerFor(this.stage, cable, to.name, frame);
          fate = 'drop';
        }
        return this.packetFaults.get(id) ?? fate;
      };
      cable.set({ fault }, from);
    }
  }

  private isShammed(from: string, to: string, segment: SegmentRecord | null): boolean {
    const isSynAck = segment !== null && (segment.flags & (SYN | ACK)) === (SYN | ACK);
    return isSynAck && this.shims.some(({ who, victim }) => who === from && victim === to);
  }

  private endsOf(cable: Cable): readonly (readonly [SimHost, SimHost])[] {
    const [a, b] = this.plot.links[cable.id]?.between ?? [];
    if (a === undefined || b === undefined) return [];
    const [first, second] = [this.stage.hostOf(a), this.stage.hostOf(b)];
    return [
      [first, second],
      [second, first],
    ];
  }

  /** Hears what has happened since it last did: actions that waited for it, steps that are seen. */
  private look(): void {
    const { events } = this.recorder;
    for (; this.heard < events.length; this.heard++) {
      const event = events[this.heard] as RunEvent;
      this.judge.hear(event, this.heard, this.moments.length - 1);
      for (const action of this.waiting) {
        const { when, who, deed } = action;
        if (when.type !== 'on' || !when.pattern.matches(event)) continue;
        this.waiting.delete(action);
        this.world.after(when.after, () => this.follow(who, deed));
      }
    }
    const last = this.moments.length - 1;
    if (this.snapshots && last >= 0) this.views[last] = this.view();
  }

  /** The script goes on. Where somebody has stepped in, it may have lost the sockets that it names: that part is left out then. */
  private follow(who: string, deed: Deed): void {
    try {
      this.perform(who, deed);
    } catch (error) {
      if (!(error instanceof NotThere) || this.done.length === 0) throw error;
    }
  }

  private perform(who: string, deed: Deed): void {
    const host = this.stage.hostOf(who);
    const { world, stage, recorder } = this;
    const time = world.now;
    const tell = (what: 'crashes' | 'boots' | 'pauses' | 'resumes'): void =>
      recorder.add({ type: 'host', time, host: who, what });
    switch (deed.do) {
      case 'crash':
        tell('crashes');
        this.castOf(who).crash();
        return host.crash();
      case 'boot':
        tell('boots');
        return host.boot();
      case 'pause':
        tell('pauses');
        return host.pause();
      case 'resume':
        tell('resumes');
        return host.resume();
      case 'unplug':
      case 'plug': {
        const cable = stage.cableOf(who, deed.peer);
        const what = deed.do === 'plug' ? 'plugged' : 'unplugged';
        recorder.add({ type: 'cable', time, cable: cable.name, what, impairments: null });
        return deed.do === 'plug' ? cable.plug() : cable.unplug();
      }
      case 'link':
        return this.change(stage.cableOf(who, deed.peer), deed.impairments);
      case 'flood':
        return flood(stage, who, deed);
      case 'answer-for':
        this.shims.push({ who, victim: deed.host });
        return undefined;
      default:
        return this.castOf(who).act(deed);
    }
  }

  private change(cable: Cable, impairments: Impairments): void {
    cable.set(impairments);
    this.recorder.add({ type: 'cable', time: this.now, cable: cable.name, what: 'changed', impairments });
  }

  private castOf(host: string): Cast {
    this.stage.hostOf(host);
    return this.casts.get(host) as Cast;
  }
}

/** Plays a scenario: nothing has happened yet. Throws RangeError for what makes no sense. */
export function play(scenario: Scenario, options: PlayOptions = {}): Run {
  return new Run(scenario, options);
}

function isSame(a: PacketRecord, b: PacketRecord): boolean {
  const { octets } = b;
  const same = a.cable === b.cable && a.from === b.from && a.sentAt === b.sentAt && a.octets.length === octets.length;
  return same && a.octets.every((octet, i) => octet === octets[i]);
}

function viewOf(host: SimHost, now: Micros): HostView {
  const connections: ConnectionView[] = [];
  let count = 0;
  for (const { name, info } of host.stack.connections(now)) {
    if (count++ < MOST_SHOWN) connections.push({ connection: name, info });
  }
  const listeners = host.openListeners.map(({ port, queues }) => ({ port, ...queues }));
  const { name, down, paused } = host;
  return { name, down, paused, listeners, connections, count, cookies: host.counters().cookiesSent };
}
