/** Cast: the programs on one host of a scenario: their sockets by name, what they are asked to do, what they do themselves. */
import { SynwaveError } from '../../base/errors.ts';
import type { Micros } from '../../base/time.ts';
import type { TcpListener } from '../../socket/tcp-listener.ts';
import type { TcpSocket } from '../../socket/tcp-socket.ts';
import type { UdpSocket } from '../../socket/udp-socket.ts';
import type { TcpConfig } from '../../tcp/config.ts';
import type { SimHost } from '../host.ts';
import type { World } from '../world.ts';
import type { App, AppContext, AppMaker } from './app.ts';
import { makeApp } from './apps.ts';
import { octetsOf } from './content.ts';
import type { SocketCall } from './event.ts';
import type { Recorder } from './recorder.ts';
import type { AppPlan, Content, Deed, ProgramDeed } from './scenario.ts';
import { SocketActor, type Told } from './socket-actor.ts';

/** A listener and what becomes of its connections. */
interface Desk {
  readonly name: string;
  readonly listener: TcpListener;
  readonly app: App | null;
  readonly config: Partial<TcpConfig>;
  /** `accept` calls that wait, with the app for the connection that comes. */
  readonly waiting: { readonly as: string; readonly app: App | null; readonly told: Told }[];
  readonly open: Set<SocketActor>;
  accepted: number;
}

/** A deed names a socket or a listener that the host does not have. */
export class NotThere extends RangeError {}

/** The most that is kept of what a read answered. */
const KEPT = 4096;

export class Cast {
  private readonly host: SimHost;
  private readonly world: World;
  private readonly recorder: Recorder;
  private readonly known: Readonly<Record<string, AppMaker>>;
  private readonly addressFor: (to: string) => string;
  private readonly sockets: Map<string, SocketActor> = new Map<string, SocketActor>();
  private readonly desks: Map<string, Desk> = new Map<string, Desk>();
  private readonly mailboxes: Map<string, UdpSocket> = new Map<string, UdpSocket>();
  /** Sockets that read on and on. */
  private readonly reading: Set<SocketActor> = new Set<SocketActor>();
  private readonly numbers: { next: number };

  /** `numbers` is shared by the casts of a run; `addressFor` answers by which address a host is reached from this one. */
  constructor(
    host: SimHost,
    world: World,
    recorder: Recorder,
    known: Readonly<Record<string, AppMaker>>,
    numbers: { next: number },
    addressFor: (to: string) => string,
  ) {
    this.host = host;
    this.world = world;
    this.recorder = recorder;
    this.known = known;
    this.numbers = numbers;
    this.addressFor = addressFor;
  }

  /** Names of TCP sockets, and of listeners, as they are open or were. */
  get names(): { readonly sockets: readonly string[]; readonly listeners: readonly string[] } {
    return { sockets: [...this.sockets.keys()], listeners: [...this.desks.keys()] };
  }

  /** A socket by its name; null when there is none of that name. */
  socket(name: string): TcpSocket | null {
    return this.sockets.get(name)?.tcp ?? null;
  }

  /** The program does what it is asked. Throws NotThere for names that are not there. What the stack refuses is told. */
  act(deed: ProgramDeed): void {
    switch (deed.do) {
      case 'listen':
        return this.listen(deed);
      case 'accept':
        return this.accept(this.desk(deed.socket), deed.as, deed.app);
      case 'connect':
        return this.connect(deed);
      case 'write':
        return this.again(deed, () => this.actor(deed.socket).write(octetsOf(deed.content)));
      case 'read':
        return this.actor(deed.socket).read(() => undefined, deed.octets);
      case 'read-all':
        return this.readOn(this.actor(deed.socket));
      case 'stop-reading':
        this.reading.delete(this.actor(deed.socket));
        return undefined;
      case 'shutdown':
        return this.actor(deed.socket).shutdown();
      case 'abort':
        return this.actor(deed.socket).abort();
      case 'close':
        return this.close(deed.socket);
      case 'set': {
        const actor = this.actor(deed.socket);
        if (deed.noDelay !== null) actor.setNoDelay(deed.noDelay);
        if (deed.keepAlive !== null) actor.setKeepAlive(deed.keepAlive);
        return undefined;
      }
      case 'bind':
        return this.bind(deed.as, deed.port);
      default:
        return this.again(deed, () => this.send(deed.socket, deed.to, deed.port, deed.content));
    }
  }

  /** The power is cut: nothing of the programs is left. */
  crash(): void {
    this.sockets.clear();
    this.desks.clear();
    this.mailboxes.clear();
    this.reading.clear();
  }

  private listen(deed: Extract<Deed, { do: 'listen' }>): void {
    const { as, port, backlog, synBacklog, config } = deed;
    this.tell('socket', as, '')('');
    this.tell('bind', as, `port ${port}`)('');
    const told = this.tell('listen', as, backlog === null ? '' : `backlog ${backlog}`);
    const listener = this.tried(told, () =>
      this.host.listen({
        port,
        ...(backlog === null ? {} : { backlog }),
        ...(synBacklog === null ? {} : { synBacklog }),
        config: this.configOf(config),
      }),
    );
    if (listener === null) return;
    told('');
    const app = this.appOf(deed.app);
    const desk: Desk = { name: as, listener, app, config, waiting: [], open: new Set<SocketActor>(), accepted: 0 };
    this.desks.set(as, desk);
    if (app !== null) this.acceptOn(desk);
  }

  /** A program that accepts one connection after the other. */
  private acceptOn(desk: Desk): void {
    this.wait(desk, `${desk.name}-${desk.accepted + 1}`, desk.app);
  }

  private accept(desk: Desk, as: string, app: AppPlan | null): void {
    this.wait(desk, as, this.appOf(app));
  }

  private wait(desk: Desk, as: string, app: App | null): void {
    const told = this.tell('accept', desk.name, '');
    desk.waiting.push({ as, app, told });
    desk.listener.onConnection = (tcp) => this.accepted(desk, tcp);
    desk.listener.arrived(); // one may wait already
  }

  private accepted(desk: Desk, tcp: TcpSocket): void {
    const next = desk.waiting.shift();
    if (desk.waiting.length === 0) desk.listener.onConnection = null;
    if (next === undefined) return;
    desk.accepted++;
    const actor = this.adopt(next.as, tcp);
    next.told(`${next.as}, from ${tcp.remoteAddress} port ${tcp.remotePort}`);
    desk.open.add(actor);
    next.app?.(actor, this.contextOf(desk, null));
    if (desk.app !== null) this.acceptOn(desk);
  }

  private connect(deed: Extract<Deed, { do: 'connect' }>): void {
    const app = this.appOf(deed.app);
    this.open(deed, deed.as, app);
  }

  private open(deed: Extract<Deed, { do: 'connect' }>, as: string, app: App | null): void {
    this.tell('socket', as, '')('');
    const address = this.addressFor(deed.to);
    const told = this.tell('connect', as, `${address} port ${deed.port}`);
    const tcp = this.tried(told, () =>
      this.host.connect({
        address,
        port: deed.port,
        config: this.configOf(deed.config),
        ...(deed.from === 0 ? {} : { localPort: deed.from }),
      }),
    );
    if (tcp === null) return;
    const actor = this.adopt(as, tcp);
    const again = (name: string, next: App): void => this.open({ ...deed, from: 0 }, name, next);
    actor.connecting(told, (error) => {
      if (error === null) app?.(actor, this.contextOf(null, again));
    });
  }

  private close(name: string): void {
    const desk = this.desks.get(name);
    if (desk === undefined) return this.actor(name).close();
    this.tell('close', name, '')('');
    desk.listener.close();
    for (const { told } of desk.waiting.splice(0)) told('EBADF', true);
    return undefined;
  }

  private readOn(actor: SocketActor): void {
    this.reading.add(actor);
    const turn = (): void => {
      if (!this.reading.has(actor)) return;
      actor.read((got) => {
        if (got instanceof Uint8Array) turn();
        else this.reading.delete(actor);
      });
    };
    turn();
  }

  private bind(as: string, port: number): void {
    this.tell('socket', as, 'SOCK_DGRAM')('');
    const told = this.tell('bind', as, `port ${port}`);
    const udp = this.tried(told, () => this.host.udp({ port }));
    if (udp === null) return;
    told('');
    this.mailboxes.set(as, udp);
    udp.handler = {
      readable: () => {
        for (let message = udp.tryReceive(); message !== null; message = udp.tryReceive()) {
          const { octets, address, port: from } = message;
          this.tell('recvfrom', as, '')(`${octets.length} octets, from ${address} port ${from}`, false, octets);
        }
      },
    };
  }

  private send(name: string, to: string, port: number, content: Content): void {
    const udp = this.mailboxes.get(name) ?? this.missing('UDP socket', name, this.mailboxes.keys());
    const octets = octetsOf(content);
    const address = this.addressFor(to);
    const told = this.tell('sendto', name, `${octets.length} octets to ${address} port ${port}`);
    const refusal = udp.trySend(octets, address, port);
    told(refusal ?? `${octets.length} octets`, refusal !== null);
  }

  /** Does it so many times, at once and then every so often. */
  private again({ times, every }: { readonly times: number; readonly every: Micros }, act: () => void): void {
    act();
    for (let i = 1; i < times; i++) {
      if (every === 0) act();
      else this.world.after(i * every, () => unlessGone(act));
    }
  }

  private adopt(name: string, tcp: TcpSocket): SocketActor {
    const actor = new SocketActor(name, tcp, (call, socket, detail) => this.tell(call, socket, detail));
    this.sockets.set(name, actor);
    return actor;
  }

  private contextOf(desk: Desk | null, again: AppContext['again']): AppContext {
    return {
      after: (span, act) => {
        const planned = this.world.after(span, () => {
          if (!this.host.down) act();
        });
        return () => planned.cancel();
      },
      get siblings() {
        return desk === null ? [] : [...desk.open].filter(({ tcp }) => tcp.state !== 'CLOSED');
      },
      again,
    };
  }

  private configOf(changes: Partial<TcpConfig>): TcpConfig {
    return { ...this.host.stack.config, ...changes };
  }

  private appOf(plan: AppPlan | null): App | null {
    return plan === null ? null : makeApp(plan.name, plan.settings, this.known);
  }

  /** Tells of a call; what is answered tells of its return. */
  private tell(call: SocketCall, socket: string, detail: string): Told {
    const { recorder, world } = this;
    const host = this.host.name;
    const number = this.numbers.next++;
    recorder.add({ type: 'call', time: world.now, host, number, call, socket, detail });
    return (result, failed = false, octets) => {
      const kept = octets === undefined ? null : octets.slice(0, KEPT);
      recorder.add({ type: 'return', time: world.now, host, number, call, socket, result, failed, octets: kept });
    };
  }

  /** What the stack refuses at once is how the call returns; null then. */
  private tried<T>(told: Told, act: () => T): T | null {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof SynwaveError)) throw error;
      told(error.code, true);
      return null;
    }
  }

  private actor(name: string): SocketActor {
    return this.sockets.get(name) ?? this.missing('socket', name, this.sockets.keys());
  }

  private desk(name: string): Desk {
    return this.desks.get(name) ?? this.missing('listener', name, this.desks.keys());
  }

  private missing(what: string, name: string, known: Iterable<string>): never {
    const there = [...known].join(', ');
    throw new NotThere(`${this.host.name} has no ${what} ${name}${there === '' ? '' : `; it has ${there}`}`);
  }
}

/** The rest of what was begun, unless the host has lost the socket meanwhile. */
function unlessGone(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof NotThere)) throw error;
  }
}
