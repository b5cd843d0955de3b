/** Take: one run of a program, as of a film: it can be had again up to any point, and go on in another way from there. */
import type { Micros } from '../base/time.ts';
import type { Fault } from '../link/impair.ts';
import { type AnyFault, FaultGroup } from './fault-group.ts';
import type { Handed } from './meddling.ts';
import { boundsOf, isReached, type Point } from './point.ts';
import { Sight } from './sight.ts';
import { DivergedError, Trail } from './trail.ts';
import { type World, type WorldOptions, world } from './world.ts';

/** What somebody does to a run at a point of it: at once, without waiting for anything. */
export interface Act {
  readonly at: Point;
  readonly act: (w: World) => void;
}

export interface TakeOptions {
  /** 1 by default. */
  readonly seed?: number | string;
  /** What is to become of single packets. */
  readonly faults?: readonly AnyFault[];
  readonly acts?: readonly Act[];
  /** Options of its world. */
  readonly world?: WorldOptions;
  /** Who makes the world; `world` by default. */
  readonly make?: (options: WorldOptions) => World;
}

/** What is different from a point on. */
export interface Change {
  readonly at: Point;
  /** Of packets that are handed over behind the point: match texts count from there. */
  readonly faults?: readonly AnyFault[];
  /** Done at the point. */
  readonly act?: (w: World) => void;
}

/** What a take needs to be had again. */
interface Script<T> {
  readonly program: (w: World) => Promise<T>;
  readonly world: WorldOptions;
  readonly make: (options: WorldOptions) => World;
}

/** What is to happen at a point. */
type Cue =
  | { readonly at: Point; readonly act: (w: World) => void }
  | { readonly at: Point; readonly begins: FaultGroup };

/** A promise, and whether it has settled. */
interface Running<T> {
  readonly promise: Promise<T>;
  settled: boolean;
}

export class Take<T> {
  readonly world: World;
  private readonly script: Script<T>;
  private readonly groups: FaultGroup[];
  private readonly done: Act[] = [];
  private cues: Cue[];
  private readonly sight: Sight = new Sight();
  private readonly trail: Trail = new Trail();
  private running: Running<T> | null = null;

  /** `take` makes the first one, `fork` and `rewind` the others. */
  constructor(script: Script<T>, groups: readonly FaultGroup[], acts: readonly Act[]) {
    this.script = script;
    this.groups = groups.map(({ at, faults }) => new FaultGroup(at, faults));
    const begins = this.groups.flatMap((group): Cue[] => (group.at === null ? [] : [{ at: group.at, begins: group }]));
    this.cues = [...begins, ...acts];
    const { meddler } = script.world;
    this.world = script.make({
      ...script.world,
      meddler: (packet) => [...this.meddle(packet), ...(meddler?.(packet) ?? [])],
    });
  }

  /** The virtual time. */
  get now(): Micros {
    return this.world.now;
  }

  /** Events that have happened so far. */
  get events(): number {
    return this.world.events;
  }

  /** Where it is: no other take of the same program is there unless it was the same up to here. */
  get point(): Point {
    return { events: this.events, time: this.now };
  }

  /** Whether the program has ended, well or not. */
  get ended(): boolean {
    return this.running?.settled === true;
  }

  /** What was done to it so far, and where. */
  get acts(): readonly Act[] {
    return this.done;
  }

  /** Lets one event happen, and the program answer it. Resolves to false when nothing is left to happen. */
  async step(): Promise<boolean> {
    const { events } = this;
    await this.goTo({ events: events + 1 });
    return this.events > events;
  }

  /** Lets time pass until `time`. */
  runUntil(time: Micros): Promise<void> {
    return this.goTo({ time });
  }

  /**
   * Lets events happen until it is at the point, or until nothing is left to happen. Throws RangeError for a time of the point
   * before which something else would have happened.
   */
  async goTo(point: Point): Promise<void> {
    await this.begin();
    while (await this.goOn(point, () => false));
    if (isReached(point, this.world)) this.passTime(point);
  }

  /** Lets time pass until the program has ended, and answers what it answers or rejects as it rejects, as `World.run` does. */
  async finish(): Promise<T> {
    const running = await this.begin();
    while (await this.goOn(null, () => running.settled));
    return this.world.run(() => running.promise);
  }

  /** Does something to it now; from here on that belongs to it. */
  async act(act: (w: World) => void): Promise<void> {
    await this.begin();
    await this.perform(act);
  }

  /**
   * Another take, which is the same up to a point, and is there; it goes on with what is different. What was done, or is still
   * to be done, behind the point to this one is not done to that. Rejects with DivergedError when the program does not do the
   * same again, with RangeError for faults of packets that were handed over before.
   */
  async fork({ at, faults = [], act }: Change): Promise<Take<T>> {
    const fork = await this.again(at);
    fork.cues = [];
    for (const fault of faults) if (!('match' in fault)) fork.trail.refuse(fault);
    if (faults.length > 0) {
      const group = new FaultGroup(fork.point, faults);
      group.begin();
      fork.groups.push(group);
    }
    if (act !== undefined) await fork.act(act);
    return fork;
  }

  /** The same take at a point, with all that was done to this one still to come behind it. Rejects with DivergedError. */
  rewind(at: Point): Promise<Take<T>> {
    return this.again(at);
  }

  private async again(at: Point): Promise<Take<T>> {
    const later = this.cues.filter((cue): cue is Act => 'act' in cue);
    const again = new Take(this.script, this.groups, [...this.done, ...later]);
    await again.goTo(at);
    const difference = this.trail.difference(again.trail, again.events, again.now);
    if (difference !== null) throw new DivergedError(difference);
    return again;
  }

  /** The program is started, once. */
  private async begin(): Promise<Running<T>> {
    if (this.running !== null) return this.running;
    const { world: w, script } = this;
    const started: Running<T>[] = [];
    await w.run(async () => void started.push(follow(script.program(w))));
    this.running = started[0] as Running<T>;
    return this.running;
  }

  /** Goes on to the next cue on the way to the point (null: to wherever), if there is one: then that happens. */
  private async goOn(point: Point | null, done: () => boolean): Promise<boolean> {
    const { world: w } = this;
    const bounds = [...(point === null ? [] : [point]), ...this.cues.map(({ at }) => at)].map(boundsOf);
    await w.runTo({
      events: Math.min(...bounds.map(({ events }) => events)),
      time: Math.min(...bounds.map(({ time }) => time)),
      done,
    });
    const cue = done() ? undefined : this.nextCue();
    if (cue === undefined) return false;
    const most = point === null || !isReached(point, w) ? Number.POSITIVE_INFINITY : (point.time ?? w.now);
    if ((cue.at.time ?? w.now) > most) return false;
    this.cues = this.cues.filter((each) => each !== cue);
    this.passTime(cue.at);
    if ('act' in cue) await this.perform(cue.act);
    else cue.begins.begin();
    return true;
  }

  /** Of those that have their point now, the one whose time comes first. */
  private nextCue(): Cue | undefined {
    const { world: w } = this;
    const reached = this.cues.filter(({ at }) => isReached(at, w));
    const time = ({ at }: Cue): Micros => at.time ?? w.now;
    return reached.reduce<Cue | undefined>(
      (best, each) => (best === undefined || time(each) < time(best) ? each : best),
      undefined,
    );
  }

  private passTime({ time }: Point): void {
    if (time !== undefined && time > this.now) this.world.idleUntil(time);
  }

  private async perform(act: (w: World) => void): Promise<void> {
    const { world: w, point: at } = this;
    this.done.push({ at, act });
    await w.run(async () => act(w));
  }

  private meddle(packet: Handed): readonly Fault[] {
    this.trail.note(packet, this.events);
    const view = this.sight.see(packet);
    return this.groups.flatMap((group) => group.faultsOf(packet, view));
  }
}

/**
 * Runs a program in a world of its own, step by step. Nothing has happened yet. The program does not call `run` of the world.
 * Throws RangeError for options that make no sense.
 */
export function take<T>(program: (w: World) => Promise<T>, options: TakeOptions = {}): Take<T> {
  const { seed = 1, faults = [], acts = [], world: about = {}, make = world } = options;
  const script = { program, make, world: { ...about, seed } };
  return new Take(script, faults.length === 0 ? [] : [new FaultGroup(null, faults)], acts);
}

function follow<T>(promise: Promise<T>): Running<T> {
  const running = { promise, settled: false };
  const settle = (): void => {
    running.settled = true;
  };
  promise.then(settle, settle);
  return running;
}
