/** SimHost: a host that lives in virtual time, and what can happen to it there: it stops for a while, it loses power. */
import type { Family } from '../base/address.ts';
import { formatAddress, isLinkLocal, isLoopback } from '../base/address-text.ts';
import { Due } from '../base/due.ts';
import { fail } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { type Micros, NEVER } from '../base/time.ts';
import type { Alarm, Driven, Driver } from '../socket/driver.ts';
import { Host } from '../socket/host.ts';
import type { ListenOptions, TcpListener } from '../socket/tcp-listener.ts';
import type { TcpConfig } from '../tcp/config.ts';
import type { Station } from './cable.ts';
import { Call } from './call.ts';
import { HostClock } from './clock.ts';
import type { Timeline } from './timeline.ts';

export interface SimHostOptions {
  /** Settings of its connections; those left out are the world's. */
  readonly config?: Partial<TcpConfig>;
  /** Octets that all its connections together may take for buffers; 256 MiB by default. */
  readonly memory?: number;
}

/** The driver of one host: its next turn stands in the timeline, once. */
class Turn extends Due implements Driver {
  host: SimHost | null = null;
  held = false;
  readonly clock: HostClock = new HostClock();
  private readonly timeline: Timeline;

  constructor(timeline: Timeline) {
    super();
    this.timeline = timeline;
  }

  now(): Micros {
    return this.clock.at(this.timeline.now);
  }

  wake(): void {
    const { timeline } = this;
    if (!this.held && !(this.awaited && this.time <= timeline.now)) timeline.add(this, timeline.now);
  }

  keep(_host: Driven, alive: boolean): void {
    this.timeline.alive += alive ? 1 : -1;
  }

  soon(act: () => void): void {
    this.timeline.add(new Call(this.timeline, act), this.timeline.now);
  }

  after(span: Micros, act: () => void): Alarm {
    const call = new Call(this.timeline, act);
    this.timeline.add(call, this.clock.worldOf(this.now() + span));
    return call;
  }

  loopTurns(turn: (done: () => void) => void): void {
    this.timeline.loopTurn = turn;
  }

  happen(): void {
    const { host, timeline } = this;
    if (host === null) return;
    const { told } = host;
    const next = this.clock.worldOf(host.turn());
    if (host.told !== told) timeline.restless = true;
    // A wake during the turn may have asked for the next one already.
    if (next !== NEVER && !this.held && !(this.awaited && this.time <= next)) timeline.add(this, next);
  }
}

/** A host of a world: `World.host` makes it. */
export class SimHost extends Host implements Station {
  private readonly timeline: Timeline;
  private readonly hands: Turn;
  private readonly listening: Set<TcpListener> = new Set<TcpListener>();
  /** What came for the host while it was paused. */
  private readonly waiting: Due[] = [];
  private off = false;
  private rebooting: Call | null = null;
  private readonly programs: (() => unknown)[] = [];
  private crashes = 0;
  /** For worlds: its interfaces on Ethernet cables. */
  ethernets = 0;

  constructor(timeline: Timeline, name: string, random: Random, config: TcpConfig, memory?: number) {
    const hands = new Turn(timeline);
    super({ name, driver: hands, random, config, ...(memory === undefined ? {} : { memory }) });
    this.timeline = timeline;
    this.hands = hands;
    hands.host = this;
  }

  /** Its first IPv4 address on a cable, as text. Throws SynwaveError EADDRNOTAVAIL when it has none. */
  get address(): string {
    return this.first(4);
  }

  /** Its first IPv6 address on a cable, as text. Throws SynwaveError EADDRNOTAVAIL when it has none. */
  get address6(): string {
    return this.first(6);
  }

  /** Whether it has no power: what arrives is lost. */
  get down(): boolean {
    return this.off;
  }

  /** Whether it stands still: what arrives waits. */
  get paused(): boolean {
    return this.hands.held;
  }

  /** Its listeners that are open, in the order in which they were opened. */
  get openListeners(): readonly TcpListener[] {
    return [...this.listening];
  }

  override listen(options: ListenOptions): TcpListener {
    const listener = super.listen(options);
    this.listening.add(listener);
    return listener;
  }

  override unlisten(id: number): void {
    super.unlisten(id);
    for (const listener of this.listening) if (listener.id === id) this.listening.delete(listener);
  }

  /** Power is cut: no FIN, no RST, nothing is remembered. What arrives until `boot` is lost; its sockets hear nothing. */
  override crash(): void {
    super.crash();
    this.crashes++;
    this.off = true;
    this.listening.clear();
    this.timeline.cancel(this.hands);
    this.timeline.log.note(this.timeline.now, `${this.name} crashes`);
  }

  /** Power is back: the same addresses and cables, no connection, no listener. What was given to `start` begins anew. */
  override boot(): void {
    this.off = false;
    super.boot();
    this.timeline.log.note(this.timeline.now, `${this.name} boots`);
    for (const program of this.programs) this.begin(program);
  }

  /**
   * A program of this host: it begins now, and anew each time that power is back. What it throws, or its promise rejects
   * with, ends the run; not what becomes of it after a crash, which it does not notice.
   */
  start(program: () => unknown): void {
    this.programs.push(program);
    if (!this.off) this.begin(program);
  }

  /** Power is cut, as by `crash`, and is back after `off`. What was planned by an earlier call does not happen any more. */
  reboot(off: Micros = 0): void {
    this.rebooting?.cancel();
    this.crash();
    const call = new Call(this.timeline, () => this.boot());
    this.timeline.add(call, this.timeline.now + off);
    this.rebooting = call;
  }

  /**
   * From now on the host's clock is fast by so many millionths, or slow if they are below 0: its timers and timestamps
   * follow. A cheap quartz is off by 50. Throws RangeError beyond 500,000 either way.
   */
  drift(ppm: number): void {
    const { timeline, hands } = this;
    hands.clock.drift(ppm, timeline.now);
    timeline.log.note(timeline.now, `the clock of ${this.name} is fast by ${ppm} ppm`);
    this.wake(); // what it waits for comes at another time
  }

  /** Takes every interface of its cables down, or up again: nothing leaves, nothing is heard. The loopback stays. */
  setLinksUp(up: boolean): void {
    const { timeline, name } = this;
    for (const { index, name: device } of this.interfaces()) if (device !== 'lo') this.setUp(index, up);
    timeline.log.note(timeline.now, `the interfaces of ${name} go ${up ? 'up' : 'down'}`);
  }

  /** The host stands still, like a machine that is suspended: no timer goes off, what arrives waits. Programs are not held. */
  pause(): void {
    if (this.paused) return;
    this.hands.held = true;
    this.timeline.cancel(this.hands);
    this.timeline.log.note(this.timeline.now, `${this.name} pauses`);
  }

  /** The host goes on, with all that has come and all that is overdue. */
  resume(): void {
    if (!this.paused) return;
    this.hands.held = false;
    this.timeline.log.note(this.timeline.now, `${this.name} resumes`);
    for (const due of this.waiting.splice(0)) this.timeline.add(due, this.timeline.now);
    this.wake();
  }

  /** For timers of programs: when it is `span` later by the clock of this host, in the world's time. */
  later(span: Micros): Micros {
    return this.hands.clock.worldOf(this.now() + span);
  }

  /** For timers of programs: `due` is not to happen, if it waits for the host to go on. */
  letGo(due: Due): void {
    const at = this.waiting.indexOf(due);
    if (at >= 0) this.waiting.splice(at, 1);
  }

  /** For hosts of a platform: runs a program as one of this host's. */
  protected inside(program: () => unknown): unknown {
    return program();
  }

  private begin(program: () => unknown): void {
    const { timeline, crashes } = this;
    const giveUp = (error: unknown): void => {
      if (crashes !== this.crashes) return;
      const throwIt = (): never => {
        throw error;
      };
      timeline.add(new Call(timeline, throwIt), timeline.now);
    };
    Promise.resolve(this.inside(program)).catch(giveUp);
  }

  /** For cables: while the host is paused, `due` is to happen when it goes on. */
  hold(due: Due): boolean {
    if (this.paused) this.waiting.push(due);
    return this.paused;
  }

  /** One that is understood everywhere, if there is any: a link-local address means something on its own link alone. */
  private first(family: Family): string {
    const addresses = this.stack.internet.addresses().filter((each) => each.family === family && !isLoopback(each));
    const first = addresses.find((each) => !isLinkLocal(each)) ?? addresses[0];
    return first === undefined ? fail('EADDRNOTAVAIL', `IPv${family} address of ${this.name}`) : formatAddress(first);
  }
}
