/** Host: a stack with a name, a driver that calls it, and the sockets of its programs. Promises and events begin here. */
import type { Address, Family } from '../base/address.ts';
import { isUnspecified, parseAddress } from '../base/address-text.ts';
import type { Random } from '../base/random.ts';
import { type Micros, NEVER } from '../base/time.ts';
import type { Link, Receiver } from '../link/link.ts';
import { Loopback } from '../link/loopback.ts';
import type { Observer } from '../stack/events.ts';
import type {
  AdvertiseOptions,
  InterfaceInfo,
  InterfaceOptions,
  Internet,
  NeighbourInfo,
  RouteInfo,
} from '../stack/internet.ts';
import { Stack, type StackCounters } from '../stack/stack.ts';
import type { TcpConfig } from '../tcp/config.ts';
import type { Driven, Driver } from './driver.ts';
import type { Owner, Told, ToldUdp } from './owner.ts';
import { type PingAnswer, type PingOptions, Pings } from './pings.ts';
import type { Service } from './service.ts';
import { type ListenOptions, TcpListener } from './tcp-listener.ts';
import { type ConnectOptions, TcpSocket } from './tcp-socket.ts';
import { type Hop, type TracerouteOptions, traceroute } from './traceroute.ts';
import { type UdpOptions, UdpSocket } from './udp-socket.ts';

export interface HostOptions {
  readonly name?: string;
  readonly driver: Driver;
  readonly random: Random;
  readonly config?: TcpConfig;
  /** Octets that all connections together may take for buffers. */
  readonly memory?: number;
}

export class Host implements Owner, Driven {
  readonly name: string;
  readonly stack: Stack;
  readonly driver: Driver;
  /** News told to sockets and listeners so far: a driver in virtual time lets programs act on them before it goes on. */
  told = 0;
  /** Addresses of a host by its name, for programs that ask for one; null: this host knows no names. */
  names: ((name: string) => readonly string[]) | null = null;
  /**
   * Who is asked, over the network, for the addresses of a name that is not among those; the best comes first. Family 0:
   * both. Rejects with an error whose code is ENOTFOUND or ENODATA when there are none. Null: nobody.
   */
  resolve: ((name: string, family: Family | 0) => Promise<readonly string[]>) | null = null;
  private readonly sockets: Map<number, Told> = new Map<number, Told>();
  private readonly listeners: Map<number, TcpListener> = new Map<number, TcpListener>();
  /** Connections, and listeners as ~id, that the program need not go on for. */
  private readonly unreferenced: Set<number> = new Set<number>();
  private readonly udpSockets: Map<number, ToldUdp> = new Map<number, ToldUdp>();
  private readonly unreferencedUdp: Set<number> = new Set<number>();
  private readonly pings: Pings;
  private readonly random: Random;
  private forks = 0;
  private readonly services: Set<Service> = new Set<Service>();
  private up = true;
  private turning = false;
  private turnedAt: Micros = 0;
  private alive = false;

  /** A host with a loopback (127.0.0.1/8, ::1) and no other link. */
  constructor(options: HostOptions) {
    const { name = 'host', driver, random, config, memory } = options;
    this.name = name;
    this.driver = driver;
    this.random = random;
    this.stack = new Stack({
      random,
      now: driver.now(),
      ...(config === undefined ? {} : { config }),
      ...(memory === undefined ? {} : { memory }),
    });
    this.pings = new Pings(this, driver);
    this.attach(new Loopback(), ['127.0.0.1/8', '::1/128']);
  }

  /**
   * Gives the host a link, with addresses written as `10.0.0.1/24` or `fd00::1/64`. Answers the interface's number.
   * Throws SynwaveError EINVAL when an address cannot be read, EADDRINUSE when the host has it already.
   */
  attach(link: Link, addresses: readonly string[], options: InterfaceOptions = {}): number {
    const index = this.internet.addInterface(link, addresses, options);
    const receiver: Receiver = {
      frameArrives: (frame) => {
        if (!this.up) return;
        this.stack.frameArrives(index, frame, this.now());
        this.wake();
      },
      framesWait: () => this.wake(),
    };
    link.attach(receiver);
    if (link.mac !== undefined) this.wake(); // it has something to announce
    return index;
  }

  /**
   * Packets to a network, `0.0.0.0/0` or `::/0` for all, go by a router, named by its address, or leave by the interface
   * of that number. Of two ways to one network the smaller `metric` is taken, while its router answers. Throws
   * SynwaveError EINVAL, ENETUNREACH (no interface leads to the router).
   */
  route(network: string, by: string | number, metric = 0): void {
    const way = typeof by === 'string' ? { gateway: by } : { interface: by };
    this.internet.addRoute(network, { ...way, metric });
    this.wake();
  }

  /** Takes back what `route` has said of a network, by that router if one is named. Answers how many routes there were. */
  unroute(network: string, by?: string): number {
    const removed = this.internet.removeRoute(network, by);
    this.wake();
    return removed;
  }

  /** The host is a router from now on, or no longer: packets for others go on to where its routes say. */
  forward(on = true): void {
    this.internet.setForwarding(on);
    this.wake();
  }

  /**
   * Tells the hosts on an Ethernet link that this is their router (RFC 4861 §6.2), again and again; null: no longer.
   * Throws SynwaveError EINVAL.
   */
  advertise(interfaceIndex: number, options: AdvertiseOptions | null = {}): void {
    this.internet.advertise(interfaceIndex, options);
    this.wake();
  }

  /** Packets leave and arrive by that interface, or do not. */
  setUp(interfaceIndex: number, up: boolean): void {
    this.internet.setUp(interfaceIndex, up);
    for (const service of this.services) service.interfaceMoves?.(interfaceIndex, up);
    this.wake();
  }

  /** The interfaces with their addresses; the routes; the neighbour cache, as they are now. */
  interfaces(): InterfaceInfo[] {
    return this.internet.interfaces();
  }

  routes(): RouteInfo[] {
    return this.internet.routes();
  }

  neighbours(): NeighbourInfo[] {
    return this.internet.neighbours();
  }

  /** Who looks on at everything that happens here; null: nobody. */
  observe(observer: Observer | null): void {
    this.stack.observer = observer;
  }

  /** `service` hears from now on what befalls this host, until what is answered is called. */
  serve(service: Service): () => void {
    const { services, stack } = this;
    services.add(service);
    if (services.size === 1) stack.internet.watchAddresses(true);
    return () => {
      if (services.delete(service) && services.size === 0) stack.internet.watchAddresses(false);
    };
  }

  /** Opens a connection. The socket is connected when `opened` resolves. Throws SynwaveError for what is known at once. */
  connect(options: ConnectOptions): TcpSocket {
    return TcpSocket.connect(this, options);
  }

  /** Waits for connections. Throws SynwaveError EADDRINUSE or EADDRNOTAVAIL. */
  listen(options: ListenOptions): TcpListener {
    const listener = new TcpListener(this, options);
    this.listeners.set(listener.id, listener);
    this.count();
    this.wake();
    return listener;
  }

  /** A UDP socket, bound. Throws SynwaveError EADDRINUSE, EADDRNOTAVAIL, EINVAL, EAFNOSUPPORT (multicast and broadcast). */
  udp(options: UdpOptions = {}): UdpSocket {
    return new UdpSocket(this, options);
  }

  /**
   * Asks a host for an ICMP echo. Resolves to its reply, to what somebody on the way said of the request, or to the
   * silence after `timeout`. Rejects with SynwaveError when it cannot be asked: EINVAL, ENETUNREACH, EACCES (broadcast),
   * EMSGSIZE (larger than the MTU), ENOBUFS (too many wait).
   */
  async ping(address: string, options: PingOptions = {}): Promise<PingAnswer> {
    return this.pings.ask(address, options);
  }

  /**
   * Finds the routers on the way to a host: echoes with one hop more each time, until the host replies or somebody says that
   * there is no way. Throws SynwaveError as `ping` does, when the first hop is asked for.
   */
  traceroute(address: string, options: TracerouteOptions = {}): AsyncGenerator<Hop, void, void> {
    return traceroute(this.pings, address, options);
  }

  /** Whether a listener has `port`, on that very address or on any: `::` is any of both families, unless one is `ipv6Only`. */
  listensOn(address: Address, port: number): boolean {
    const any = isUnspecified(address);
    const mine = any && address.family === 6 ? 0 : address.family;
    for (const listener of this.listeners.values()) {
      const bound = parseAddress(listener.address);
      if (listener.port !== port || bound === null) continue;
      const theirs = isUnspecified(bound) ? listener.family : bound.family;
      if (mine !== 0 && theirs !== 0 && mine !== theirs) continue;
      if (any || isUnspecified(bound) || bound.equals(address)) return true;
    }
    return false;
  }

  /**
   * For drivers: serves what is due, then tells the sockets, and sends what the programs did in answer. Answers when to
   * call again; NEVER: when something happens. What a program's handler throws comes out here; the rest is served then.
   */
  turn(): Micros {
    const { stack, driver } = this;
    if (!this.up) return NEVER;
    this.turning = true;
    let next: Micros = NEVER;
    let done = false;
    try {
      this.turnedAt = driver.now();
      next = stack.turn(this.turnedAt);
      for (let id = stack.nextNews(); id !== null; id = stack.nextNews()) {
        this.told++;
        if (id < 0) this.listeners.get(~id)?.arrived();
        else this.sockets.get(id)?.tell(stack.newsOf(id));
      }
      for (let id = stack.udp.nextNews(); id !== null; id = stack.udp.nextNews()) {
        this.told++;
        this.udpSockets.get(id)?.tell();
      }
      for (let answer = stack.nextEcho(); answer !== null; answer = stack.nextEcho()) {
        this.told++;
        this.pings.settle(answer);
      }
      for (let move = stack.internet.nextAddressMove(); move !== null; move = stack.internet.nextAddressMove()) {
        this.told++;
        for (const service of this.services) service.addressMoves?.(move);
      }
      this.turnedAt = driver.now();
      next = stack.turn(this.turnedAt);
      done = !stack.hasNews;
    } finally {
      this.turning = false;
      if (!done) this.wake();
    }
    return next;
  }

  /** Something was asked of the stack: the driver owes it a turn, unless it is having one. */
  wake(): void {
    if (this.up && !this.turning) this.driver.wake(this);
  }

  /**
   * A stream of chance for something that lives on this host: another one at each call. It follows from the host's seed,
   * and takes nothing of what the stack draws.
   */
  chance(name: string): Random {
    return this.random.fork(`${name} ${this.forks++}`);
  }

  /** What its programs wait for by promises: one line for each. */
  waits(): string[] {
    const all = [...this.listeners.values(), ...this.sockets.values(), ...this.udpSockets.values()];
    return [...all.flatMap((each) => each.waits()), ...this.pings.waits()];
  }

  counters(): StackCounters {
    return this.stack.counters();
  }

  /** Power is cut: no FIN, no RST, nothing is remembered. The programs' sockets are dead, and are told nothing. */
  crash(): void {
    this.up = false;
    for (const socket of this.sockets.values()) socket.die();
    this.sockets.clear();
    for (const listener of this.listeners.values()) listener.die();
    this.listeners.clear();
    this.unreferenced.clear();
    for (const socket of this.udpSockets.values()) socket.die();
    this.udpSockets.clear();
    this.unreferencedUdp.clear();
    this.pings.clear();
    this.count();
    this.stack.crash();
    for (const service of this.services) service.crash?.();
  }

  /** Power is back: the same addresses and links, no connection. */
  boot(): void {
    this.up = true;
    this.internet.boot();
    for (const service of this.services) service.boot?.();
    this.wake();
  }

  /** For the sockets of this host. */
  adopt(id: number, socket: Told): void {
    this.sockets.set(id, socket);
    this.count();
    this.wake();
  }

  disown(id: number): void {
    this.sockets.delete(id);
    this.unreferenced.delete(id);
    this.count();
  }

  unlisten(id: number): void {
    this.listeners.delete(id);
    this.unreferenced.delete(~id);
    this.count();
  }

  refer(key: number, on: boolean): void {
    if (on) this.unreferenced.delete(key);
    else if (key < 0 ? this.listeners.has(~key) : this.sockets.has(key)) this.unreferenced.add(key);
    this.count();
  }

  adoptUdp(id: number, socket: ToldUdp): void {
    this.udpSockets.set(id, socket);
    this.count();
  }

  disownUdp(id: number): void {
    this.udpSockets.delete(id);
    this.unreferencedUdp.delete(id);
    this.count();
  }

  referUdp(id: number, on: boolean): void {
    if (on) this.unreferencedUdp.delete(id);
    else this.unreferencedUdp.add(id);
    this.count();
  }

  pinged(): void {
    this.count();
    this.wake();
  }

  /** The driver's time; during a turn, the time of the turn. */
  now(): Micros {
    return this.turning ? this.turnedAt : this.driver.now();
  }

  /** As things are at this time. */
  private get internet(): Internet {
    this.stack.timeIs(this.now());
    return this.stack.internet;
  }

  /** Tells the driver when the last socket that counts goes, and when there is one again. */
  private count(): void {
    const { sockets, listeners, unreferenced, udpSockets, unreferencedUdp, pings } = this;
    const tcp = sockets.size + listeners.size - unreferenced.size;
    const alive = tcp + udpSockets.size - unreferencedUdp.size + pings.size > 0;
    if (alive === this.alive) return;
    this.alive = alive;
    this.driver.keep?.(this, alive);
  }
}
