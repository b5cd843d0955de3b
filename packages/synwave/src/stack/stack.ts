/** Stack: a host's TCP/IP, without clock, timers or sockets. Two verbs drive it: `frameArrives` and `turn`. */
import { Address, type Family } from '../base/address.ts';
import { formatAddress, isMulticast, isUnspecified } from '../base/address-text.ts';
import { type ErrorCode, fail } from '../base/errors.ts';
import type { Frame } from '../base/frame.ts';
import type { Random } from '../base/random.ts';
import type { Micros } from '../base/time.ts';
import { type Forwarded, forward } from '../ip/forward.ts';
import type { Complaint } from '../ip/icmp.ts';
import { etherInput, ipInput, isExtensionFault } from '../ip/input.ts';
import type { IpInterface } from '../ip/interface.ts';
import type { IpCounters } from '../ip/ip.ts';
import { pathTo } from '../ip/paths.ts';
import { sourceFor } from '../ip/source.ts';
import * as calls from '../tcp/calls.ts';
import { rfcProfile, type TcpConfig } from '../tcp/config.ts';
import { expire } from '../tcp/expire.ts';
import { type Failure, News } from '../tcp/failure.ts';
import { info, type TcpInfo } from '../tcp/info.ts';
import { initialSequence } from '../tcp/isn.ts';
import { resetOf } from '../tcp/reply.ts';
import { State } from '../tcp/state.ts';
import { TCB_COST } from '../tcp/store.ts';
import { Tcb } from '../tcp/tcb.ts';
import { Drop } from '../wire/drop.ts';
import { IcmpKind } from '../wire/icmp.ts';
import { isFragment, NO_NEXT_HEADER, Protocol } from '../wire/ip.ts';
import { asksToBeTold } from '../wire/ipv6.ts';
import { Core } from './core.ts';
import type { EchoAnswer } from './echoes.ts';
import type { ConnectionName, Observer } from './events.ts';
import { dropPacket, tellAddress, tellNeighbour } from './events-out.ts';
import { icmpInput } from './icmp-input.ts';
import { askEcho, complain, type EchoRequest, redirect } from './icmp-output.ts';
import { Internet } from './internet.ts';
import type { Listener } from './listeners.ts';
import { defaultMss, linkMss } from './mss.ts';
import { choosePort } from './ports.ts';
import { incomplete, undeliverable } from './reports.ts';
import { discard, handOver, load, markReady, settle, takeNews, unhold } from './settle.ts';
import { Kind } from './slots.ts';
import { tcpInput } from './tcp-input.ts';
import { sendBare, tcpOutput } from './tcp-output.ts';
import { Udp } from './udp.ts';
import { udpInput } from './udp-input.ts';

export interface StackOptions {
  /** Where all randomness comes from: the same seed, the same sequence numbers and ports. */
  readonly random: Random;
  /** The RFC profile by default. */
  readonly config?: TcpConfig;
  /** Octets that all connections of this host may take for buffers; 256 MiB by default. */
  readonly memory?: number;
  /** The time at which it is made; 0 by default. */
  readonly now?: Micros;
}

/** A socket in the RFC's sense: an address and a port. */
export interface SocketName {
  readonly address: Address;
  readonly port: number;
  /** The interface's number, for an address that means something on one link only; left out: the only one there is. */
  readonly zone?: number;
}

export interface ListenOptions {
  /** Null, or unspecified: any address. */
  readonly address: Address | null;
  /** With no address: which family, 0 for both. */
  readonly family: Family | 0;
  /** 0: any that is free. */
  readonly port: number;
  readonly backlog: number;
  /** Half-open connections at most. */
  readonly synBacklog: number;
  readonly config?: TcpConfig;
}

/** A listener, as tools like `ss` show it. */
export interface ListenerInfo {
  /** `::` or `0.0.0.0`: any address. */
  readonly local: string;
  /** With any address: of which family, 0 for both. */
  readonly family: Family | 0;
  readonly port: number;
  /** Connections that wait to be accepted, how many may, and those that are half open. */
  readonly waiting: number;
  readonly backlog: number;
  readonly halfOpen: number;
  readonly congestion: string;
}

/** What a host counts. */
export interface StackCounters {
  readonly segmentsIn: number;
  readonly segmentsOut: number;
  readonly resetsOut: number;
  /** SYN cookies given; ACKs that brought one back; ACKs looked at for one that brought none. */
  readonly cookiesSent: number;
  readonly cookiesReceived: number;
  readonly cookiesFailed: number;
  readonly datagramsIn: number;
  readonly datagramsOut: number;
  /** ICMP messages; `held`: errors not sent because there were too many. */
  readonly icmp: { readonly in: number; readonly out: number; readonly held: number };
  readonly udpSockets: number;
  /** IP packets; those for others that went on; fragments; packets put together from them. */
  readonly ip: Readonly<IpCounters>;
  /** Neighbours and destinations that are remembered, and octets of fragments that are held. */
  readonly held: { readonly neighbours: number; readonly paths: number; readonly fragments: number };
  /** Octets lent to connections now, the cap, and requests that it refused. */
  readonly memory: { readonly used: number; readonly limit: number; readonly refused: number };
  readonly connections: { readonly full: number; readonly halfOpen: number; readonly timeWait: number };
  /** Packets dropped, by reason in words. */
  readonly drops: Readonly<Record<string, number>>;
}

/** The most memory that a host lends to its connections, unless told otherwise. */
const MEMORY = 256 * 1024 * 1024;

/** Ports that a listener may be given: the upper half. */
const LISTEN_PORTS = 0x8000;

export class Stack {
  /** The calls of UDP's users. */
  readonly udp: Udp;
  /** The calls of the internet layer: interfaces, addresses, routes. */
  readonly internet: Internet;
  private readonly core: Core;
  private readonly forwarded: Forwarded = { fault: Drop.None, mtu: 0, shortcut: null };

  constructor(options: StackOptions) {
    const { random, config = rfcProfile, memory = MEMORY, now = 0 } = options;
    const core = new Core(random, config, memory, now, {
      drop: (reason) => dropPacket(core, reason, -1),
      undeliverable: (frame, via) => undeliverable(core, frame, via),
      incomplete: (frame) => incomplete(core, frame),
      neighbourMoves: (neighbour, from) => tellNeighbour(core, neighbour, from),
      addressMoves: (via, entry, what) => tellAddress(core, via, entry, what),
    });
    this.core = core;
    this.udp = new Udp(core);
    this.internet = new Internet(core);
  }

  get config(): TcpConfig {
    return this.core.config;
  }

  /** Who looks on; null: nobody, and nothing is spent on it. */
  set observer(observer: Observer | null) {
    this.core.observer = observer;
    if (observer === null) this.core.watches.clear();
  }

  /** What time it is, for the calls of `internet`, which do not say it themselves. */
  timeIs(now: Micros): void {
    this.core.clock.now = now;
  }

  /** A frame has arrived on an interface. It is read, answered by state, and never kept. `turn` sends what follows. */
  frameArrives(interfaceIndex: number, frame: Frame, now: Micros): void {
    const { core } = this;
    const { ip } = core;
    core.clock.now = now;
    const arrivedOn = ip.interfaces[interfaceIndex] as IpInterface;
    if (!arrivedOn.up) {
      dropPacket(core, Drop.InterfaceDown, -1);
      return;
    }
    const begin = frame.at;
    ip.wasCut = false;
    if (arrivedOn.mac < 0 || etherInput(ip, frame, arrivedOn)) this.packetArrives(arrivedOn, frame, now);
    frame.at = begin;
  }

  private packetArrives(arrivedOn: IpInterface, frame: Frame, now: Micros): void {
    const { core } = this;
    const { ip, packet } = core;
    const fault = ipInput(ip, packet, frame, arrivedOn);
    if (fault === Drop.IpNotForUs && ip.forwarding) this.forward(arrivedOn, frame, now);
    else if (fault !== Drop.None) this.refuse(fault, arrivedOn, frame, now);
    else if (isFragment(packet)) this.reassemble(arrivedOn, frame, now);
    else this.deliver(arrivedOn, frame, now);
  }

  private reassemble(arrivedOn: IpInterface, frame: Frame, now: Micros): void {
    const { ip, packet } = this.core;
    ip.counters.fragmentsIn++;
    const whole = ip.reassembly.take(packet, frame);
    if (whole === null) return;
    ip.counters.reassembled++;
    ip.wasCut = true;
    this.packetArrives(arrivedOn, whole, now);
    ip.wasCut = false;
  }

  /** A packet is dropped; the sender of one with an extension header that makes no sense is told where (RFC 8200 §4). */
  private refuse(fault: Drop, arrivedOn: IpInterface, frame: Frame, now: Micros): void {
    const { core } = this;
    const { faultAt, headerAt } = core.packet;
    dropPacket(core, fault, -1);
    if (!isExtensionFault(fault)) return;
    const option = fault === Drop.Ipv6Option;
    if (option && !asksToBeTold(frame.view, faultAt)) return;
    const complaint = option ? IcmpKind.UnknownOption : IcmpKind.ParameterProblem;
    complain(core, arrivedOn, frame, complaint, now, faultAt - headerAt);
  }

  /** RFC 1812 §5.2: a packet for another host, and what its sender is told if it cannot go on. */
  private forward(arrivedOn: IpInterface, frame: Frame, now: Micros): void {
    const { core, forwarded } = this;
    forward(core.ip, core.packet, frame, arrivedOn, forwarded);
    const { fault, mtu, shortcut } = forwarded;
    if (fault !== Drop.None) {
      dropPacket(core, fault, -1);
      const complaint = complaints[fault];
      if (complaint !== undefined) complain(core, arrivedOn, frame, complaint, now, mtu);
    } else if (shortcut !== null) {
      redirect(core, shortcut, frame, now);
    }
  }

  /** RFC 1122 §3.3.1: each packet for this host goes to its upper protocol. */
  private deliver(arrivedOn: IpInterface, frame: Frame, now: Micros): void {
    const { core } = this;
    const { protocol, family } = core.packet;
    if (protocol === Protocol.Tcp) tcpInput(core, arrivedOn, frame, now);
    else if (protocol === Protocol.Udp) udpInput(core, arrivedOn, frame, now);
    else if (protocol === (family === 4 ? Protocol.Icmp : Protocol.Icmpv6)) icmpInput(core, arrivedOn, frame);
    else {
      dropPacket(core, Drop.IpProtocol, -1);
      // RFC 8200 §4.7: "no next header" is no protocol.
      if (protocol !== NO_NEXT_HEADER) complain(core, arrivedOn, frame, IcmpKind.ProtocolUnreachable, now);
    }
  }

  /**
   * Serves the deadlines that have come and sends what is due, until nothing is left to do at `now`.
   * Answers when to call again unless something happens before: NEVER if nothing is awaited.
   */
  turn(now: Micros): Micros {
    const { core } = this;
    core.clock.now = now;
    for (;;) {
      let moved = 0;
      for (const link of core.links) moved += link.deliver?.() ?? 0;
      core.ip.expire(now);
      for (let slot = core.wheel.expired(now); slot >= 0; slot = core.wheel.expired(now)) this.wake(slot, now);
      if (moved === 0 && core.readyAt === core.ready.length) break;
      while (core.readyAt < core.ready.length) {
        const slot = core.ready[core.readyAt++] as number;
        core.slots.unmarkReady(slot);
        tcpOutput(core, slot, now);
      }
      core.ready.length = 0;
      core.readyAt = 0;
    }
    if (core.starved.length > 0 && core.store.hasRoom) this.feed();
    return Math.min(core.wheel.next(), core.ip.expire(now));
  }

  /** Memory has become free: who was refused some may try again. */
  private feed(): void {
    const { core } = this;
    for (const slot of core.starved.splice(0)) {
      const tcb = core.slots.tcbOf(slot);
      if (tcb === null || !tcb.writerWaits) continue;
      tcb.writerWaits = false;
      tcb.news |= News.Writable;
      settle(core, slot, tcb);
    }
  }

  private wake(slot: number, now: Micros): void {
    const { core } = this;
    const tcb = load(core, slot);
    const known = tcb.news & News.Doubtful;
    tcb.news &= ~News.Doubtful;
    expire(tcb, now);
    if ((tcb.news & News.Doubtful) !== 0) this.doubt(slot);
    tcb.news |= known;
    if (tcb.state !== State.Closed) markReady(core, slot);
    settle(core, slot, tcb);
  }

  /** R1 was reached (MUST-20): the next hop may be dead, and so is asked for. */
  private doubt(slot: number): void {
    const { slots, ip } = this.core;
    const { neighbour } = slots.pathOf(slot);
    if (neighbour !== null) ip.neighbours.suspect(neighbour);
  }

  /** Takes off one whose news are to be told: a connection, or ~id of a listener with one to accept. Null: none. */
  nextNews(): number | null {
    const { core } = this;
    const id = core.news[core.newsAt++];
    if (id !== undefined) return id;
    core.news.length = 0;
    core.newsAt = 0;
    return null;
  }

  /** Whether `nextNews`, `nextEcho` or `udp.nextNews` has any. */
  get hasNews(): boolean {
    const { newsAt, news, echoes, addressNews } = this.core;
    return newsAt < news.length || echoes.hasNews || this.udp.hasNews || (addressNews?.length ?? 0) > 0;
  }

  /** The `News` bits of a connection since the last call. */
  newsOf(id: number): number {
    return takeNews(this.core, id);
  }

  /**
   * §3.10.1, active OPEN. `local` null: the interface's own address; port 0: one that is free (RFC 6056).
   * Answers the connection's number, which the caller holds until `release`. Throws SynwaveError: EADDRNOTAVAIL,
   * EADDRINUSE, ENETUNREACH, ENOBUFS, EACCES (broadcast and multicast, MUST-46), EAFNOSUPPORT.
   */
  connect(
    remote: SocketName,
    local: { address: Address | null; port: number },
    now: Micros,
    config?: TcpConfig,
  ): number {
    const { core } = this;
    core.clock.now = now;
    const { ip } = core;
    const what = `connect ${textOf(remote.address, remote.port)}`;
    const to = remote.address;
    const path = pathTo(ip, to, remote.zone === undefined ? null : this.internet.interface(remote.zone));
    if (isMulticast(to) || (path.isGroup && to.family === 4)) fail('EACCES', what);
    if (path.via === null || isUnspecified(to)) fail('ENETUNREACH', what);
    const { address } = local;
    if (address !== null && address.family !== to.family) fail('EAFNOSUPPORT', what);
    if (address !== null && !isUnspecified(address) && !ip.isLocal(address, null)) {
      fail('EADDRNOTAVAIL', `bind ${textOf(address, local.port)}`);
    }
    const own = address === null || isUnspecified(address) ? null : address;
    const from = own ?? sourceFor(ip, path);
    if (from === null) return fail('ENETUNREACH', what);
    const port = local.port > 0 ? local.port : choosePort(core, from, to, remote.port);
    if (port < 0) fail('EADDRNOTAVAIL', what);
    if (core.slots.tuples.find(from, port, to, remote.port) >= 0) fail('EADDRINUSE', what);
    if (!core.store.reserve(TCB_COST)) fail('ENOBUFS', what);
    const settings = config ?? core.config;
    const tcb = new Tcb(settings, core.store);
    const slot = core.slots.take(Kind.Full, path, -1, from, port, to, remote.port);
    core.slots.setTcb(slot, tcb);
    core.slots.hold(slot, true);
    tcb.watch = core.watchOf(slot);
    tcb.pathMss = linkMss(path, settings, now); // the path's own follows when it sends
    tcb.peerMss = defaultMss(to.family);
    tcb.ts.offset = core.secrets.timestamp(from, to);
    calls.openActive(tcb, initialSequence(core.secrets.sequence(from, port, to, remote.port), now), now);
    markReady(core, slot);
    settle(core, slot, tcb);
    return slot;
  }

  /**
   * Asks `to` for an ICMP echo. Answers the sequence number that `nextEcho` answers with, or why it cannot be asked:
   * ENETUNREACH, EACCES (broadcast), EMSGSIZE, ENOBUFS (too many wait). Throws SynwaveError EINVAL for a zone that is none.
   */
  askEcho(to: Address, zone: number | undefined, request: EchoRequest, now: Micros): number | ErrorCode {
    const { core } = this;
    core.clock.now = now;
    return askEcho(core, to, zone === undefined ? null : this.internet.interface(zone), request, now);
  }

  /** Nobody waits for the answer to that echo any more. */
  forgetEcho(sequence: number): void {
    this.core.echoes.forget(sequence);
  }

  /** Takes off the oldest answer to an echo that has come; null: none. */
  nextEcho(): EchoAnswer | null {
    return this.core.echoes.next();
  }

  /** §3.10.1, passive OPEN. Answers the listener's number. Throws SynwaveError: EADDRINUSE, EADDRNOTAVAIL. */
  listen(options: ListenOptions): number {
    const { core } = this;
    const { address, family, backlog, synBacklog, config = core.config } = options;
    const what = `listen ${address === null ? '*' : formatAddress(address)}:${options.port}`;
    if (address !== null && !isUnspecified(address) && !core.ip.isLocal(address, null)) fail('EADDRNOTAVAIL', what);
    const any = address === null || isUnspecified(address);
    const port = options.port > 0 ? options.port : this.freeListenPort(any ? null : address, family);
    if (port < 0) fail('EADDRNOTAVAIL', what);
    if (core.listeners.taken(any ? null : address, family, port)) fail('EADDRINUSE', what);
    return core.listeners.add(any ? null : address, family, port, backlog, synBacklog, config).id;
  }

  /** The port that a listener has got. */
  portOf(listener: number): number {
    return this.core.listeners.get(listener)?.port ?? 0;
  }

  /** Takes the oldest connection that a listener has established, -1 when none waits. The caller holds it until `release`. */
  accept(listener: number): number {
    const slot = this.core.listeners.get(listener)?.waiting.shift() ?? -1;
    if (slot >= 0) handOver(this.core, slot);
    return slot;
  }

  /** How many connections wait to be accepted, and how many are half open. */
  queuesOf(listener: number): { waiting: number; backlog: number; halfOpen: number } {
    const found = this.core.listeners.get(listener);
    return { waiting: found?.waiting.length ?? 0, backlog: found?.backlog ?? 0, halfOpen: found?.halfOpen ?? 0 };
  }

  /** §3.10.4 in LISTEN: half-open connections are forgotten, those that nobody accepted are reset. */
  unlisten(id: number, now: Micros): void {
    const { core } = this;
    core.clock.now = now;
    const listener = core.listeners.get(id);
    if (listener === null) return;
    for (const slot of core.slots.all()) {
      if (core.slots.listenerOf(slot) === id && core.slots.kindOf(slot) === Kind.HalfOpen) this.forget(slot, listener);
    }
    core.listeners.remove(listener);
    for (const slot of listener.waiting) {
      core.slots.detach(slot);
      this.abort(slot, now);
      this.release(slot, now);
    }
  }

  /** §3.10.2, SEND. Answers octets taken, or a `Refusal`. */
  send(id: number, from: Uint8Array, at: number, count: number, urgent = false): number {
    const tcb = this.tcb(id);
    const n = calls.send(tcb, from, at, count, urgent);
    if (n > 0) markReady(this.core, id);
    // Refused with nothing in flight: no ACK will make room, only memory that others give back.
    if (n === 0 && count > 0 && tcb.snd.buffer.length === 0) this.core.starved.push(id);
    return n;
  }

  /** §3.10.3, RECEIVE. Answers octets copied, 0 when there are none yet, or a `Refusal`. */
  receive(id: number, into: Uint8Array, at: number, most: number): number {
    const tcb = this.tcb(id);
    const n = calls.receive(tcb, into, at, most);
    if (tcb.ack.now > 0) markReady(this.core, id);
    return n;
  }

  /** Octets that can be received at once. */
  readable(id: number): number {
    return this.tcb(id).rcv.buffer.readable;
  }

  /** Whether the peer's FIN was taken. */
  ended(id: number): boolean {
    return calls.isEnded(this.tcb(id));
  }

  /** Why a connection ended. */
  failureOf(id: number): Failure {
    return this.tcb(id).failure;
  }

  stateOf(id: number): State {
    return this.tcb(id).state;
  }

  /** §3.10.4, CLOSE: no more to send; what the peer sends is still received. Answers 0 or a `Refusal`. */
  close(id: number, now: Micros): number {
    const { core } = this;
    core.clock.now = now;
    const tcb = this.touch(id);
    const answer = calls.close(tcb);
    this.after(id, tcb);
    return answer;
  }

  /** §3.10.5, ABORT: the peer is told by a RST. */
  abort(id: number, now: Micros): void {
    const { core } = this;
    core.clock.now = now;
    const tcb = this.touch(id);
    if (calls.abort(tcb)) this.sendReset(id, tcb);
    this.after(id, tcb);
  }

  /**
   * The user has no more use for the connection: nothing is received any more, what was sent still goes out, then a FIN.
   * With text unread the peer gets a RST instead (RFC 2525 §2.17). The number must not be used afterwards.
   */
  release(id: number, now: Micros): void {
    const { core } = this;
    core.clock.now = now;
    const tcb = this.touch(id);
    if (tcb.state !== State.Closed) {
      if (calls.letGo(tcb, now)) this.sendReset(id, tcb);
      markReady(core, id);
    }
    unhold(core, id, now);
  }

  /** §3.10.6, STATUS. */
  info(id: number, now: Micros): TcpInfo {
    return info(this.tcb(id), now);
  }

  /** The two sockets of a connection. */
  nameOf(id: number): ConnectionName {
    return this.core.nameOf(id);
  }

  /** The number of the interface that leads to a connection's peer now; -1: none does. */
  deviceOf(id: number): number {
    return this.core.slots.pathOf(id).via?.index ?? -1;
  }

  /** Nagle's algorithm off (MUST-17), or on. */
  setNoDelay(id: number, on: boolean): void {
    this.tcb(id).noDelay = on;
    markReady(this.core, id);
  }

  /** Settings of one connection, for what is still to come of it. */
  configure(id: number, change: Partial<TcpConfig>, now: Micros): void {
    const { core } = this;
    core.clock.now = now;
    const tcb = this.touch(id);
    calls.configure(tcb, change, now);
    this.after(id, tcb);
  }

  /** Settings of a listener, for connections that are opened from now on. */
  configureListener(id: number, change: Partial<TcpConfig>): void {
    const listener = this.core.listeners.get(id);
    if (listener !== null) listener.config = { ...listener.config, ...change };
  }

  /** Keepalives on or off (MUST-24), with their times; a time left out keeps its value. */
  setKeepAlive(id: number, on: boolean, now: Micros, idle?: Micros, interval?: Micros, probes?: number): void {
    const { core } = this;
    core.clock.now = now;
    const tcb = this.touch(id);
    calls.setKeepAlive(tcb, on, now, idle, interval, probes);
    settle(core, id, tcb);
  }

  /** Every connection of the host, for tools like `ss`; `held`: a program has it. */
  *connections(now: Micros): Generator<{ name: ConnectionName; info: TcpInfo; held: boolean }> {
    const { core } = this;
    for (const slot of core.slots.all()) {
      if (!core.slots.isListed(slot)) continue;
      const tcb = load(core, slot);
      yield { name: core.nameOf(slot), info: info(tcb, now), held: core.slots.isHeld(slot) };
    }
  }

  /** Every listener of the host, with its queues, for tools like `ss`. */
  *listeners(): Generator<ListenerInfo> {
    for (const { address, family, port, waiting, backlog, halfOpen, config } of this.core.listeners) {
      const any = family === 4 ? '0.0.0.0' : '::';
      const local = address === null ? any : formatAddress(address);
      yield { local, family, port, waiting: waiting.length, backlog, halfOpen, congestion: config.congestion };
    }
  }

  counters(): StackCounters {
    const { core } = this;
    const { used, limit, refused } = core.store;
    const { counts } = core.slots;
    return {
      segmentsIn: core.segmentsIn,
      segmentsOut: core.segmentsOut,
      resetsOut: core.resetsOut,
      cookiesSent: core.cookies.sent,
      cookiesReceived: core.cookies.received,
      cookiesFailed: core.cookies.failed,
      datagramsIn: core.datagramsIn,
      datagramsOut: core.datagramsOut,
      icmp: { in: core.icmpIn, out: core.icmpOut, held: core.icmpHeld },
      udpSockets: core.udpPorts.size,
      ip: { ...core.ip.counters },
      held: {
        neighbours: core.ip.neighbours.size,
        paths: core.ip.paths.size,
        fragments: core.ip.reassembly.held,
      },
      memory: { used, limit, refused },
      connections: {
        full: counts[Kind.Full] as number,
        halfOpen: counts[Kind.HalfOpen] as number,
        timeWait: counts[Kind.TimeWait] as number,
      },
      drops: Object.fromEntries(Object.entries(core.drops.toObject()).filter(([, count]) => count > 0)),
    };
  }

  /** The host loses power: everything that it knew of its connections and listeners is gone, and nobody is told. */
  crash(): void {
    const { core } = this;
    for (const listener of [...core.listeners]) {
      listener.waiting.length = 0;
      core.listeners.remove(listener);
    }
    for (const slot of [...core.slots.all()]) {
      core.wheel.cancel(slot);
      core.slots.unlist(slot);
      discard(core, slot);
    }
    this.udp.clear();
    this.internet.crash();
    core.echoes.clear();
    core.watches.clear();
    core.news.length = 0;
    core.newsAt = 0;
    core.starved.length = 0;
  }

  private tcb(id: number): Tcb {
    const tcb = this.core.slots.tcbOf(id);
    if (tcb === null) fail('ENOTCONN', `connection ${id}`);
    return tcb;
  }

  /** The Tcb, with who looks on, before its state may change. */
  private touch(id: number): Tcb {
    const tcb = this.tcb(id);
    if (this.core.slots.isListed(id)) tcb.watch = this.core.watchOf(id);
    return tcb;
  }

  private after(id: number, tcb: Tcb): void {
    if (!this.core.slots.isListed(id)) return;
    if (tcb.state !== State.Closed) markReady(this.core, id);
    settle(this.core, id, tcb);
  }

  private sendReset(id: number, tcb: Tcb): void {
    const { core } = this;
    const { tuples } = core.slots;
    resetOf(core.out, tcb);
    core.out.srcPort = tuples.localPortOf(id);
    core.out.dstPort = tuples.remotePortOf(id);
    sendBare(core, core.slots.pathOf(id), tuples.localOf(id, core.local), tuples.remoteOf(id, core.remote));
  }

  /** A half-open connection whose listener is gone. */
  private forget(slot: number, listener: Listener): void {
    const { core } = this;
    core.wheel.cancel(slot);
    core.slots.unlist(slot);
    core.watches.delete(slot);
    listener.halfOpen--;
    discard(core, slot);
  }

  private freeListenPort(address: Address | null, family: Family | 0): number {
    const { core } = this;
    // As RFC 6056 has it for clients: a keyed hash says where to begin, and the search goes on from there.
    const nobody = new Address();
    const first = core.secrets.port(address ?? nobody, nobody, core.portCounter++ & 0xffff);
    for (let tries = 0; tries < LISTEN_PORTS; tries++) {
      const port = 0x1_0000 - LISTEN_PORTS + ((first + tries) % LISTEN_PORTS);
      if (!core.listeners.taken(address, family, port)) return port;
    }
    return -1;
  }
}

/** What the sender of a packet that cannot go on is told. */
const complaints: Readonly<Partial<Record<Drop, Complaint>>> = {
  [Drop.HopLimit]: IcmpKind.TimeExceeded,
  [Drop.NoRoute]: IcmpKind.NetUnreachable,
  [Drop.TooBig]: IcmpKind.PacketTooBig,
};

function textOf(address: Address, port: number): string {
  const text = formatAddress(address);
  return address.family === 4 ? `${text}:${port}` : `[${text}]:${port}`;
}
