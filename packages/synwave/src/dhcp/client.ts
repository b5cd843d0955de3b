/** DhcpClient: gets an interface its address from a server, and keeps it for as long as the server lets it (RFC 2131 §4.4, figure 5). */
import type { Address } from '../base/address.ts';
import { parseAddress } from '../base/address-text.ts';
import { fail, SynwaveError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { type Micros, NEVER, SECOND } from '../base/time.ts';
import type { Host } from '../socket/host.ts';
import type { Service } from '../socket/service.ts';
import type { UdpSocket } from '../socket/udp-socket.ts';
import type { AddressMove } from '../stack/events.ts';
import {
  DHCP_CLIENT_PORT,
  DHCP_SERVER_PORT,
  DhcpFault,
  DhcpMessage,
  DhcpOp,
  DhcpType,
  readDhcp,
  writeDhcp,
} from '../wire/dhcp.ts';
import { MOST_TRIES, waitAfter } from './backoff.ts';
import { assignAddress, configure, hasAddress, type Place, takeAway } from './configure.ts';
import { Deadline } from './deadline.ts';
import type { DhcpEvent, DhcpState, LossReason } from './events.ts';
import { type Lease, leaseOf } from './lease.ts';
import { type Promised, promiseOfLease } from './promised.ts';
import {
  type Asker,
  type AskerOptions,
  askerOf,
  declineMessage,
  discoverMessage,
  type Exchange,
  releaseMessage,
  renewMessage,
  requestMessage,
  secondsSince,
} from './requests.ts';

export interface DhcpClientOptions extends AskerOptions {
  /** The client waits 1 second to this before it first asks (§4.4.1), by chance; 10 seconds by default, 0: not at all. */
  readonly delay?: Micros;
  /** Whether an address is probed for before it is used (RFC 5227 §2.1), which takes 4 to 7 seconds; it is by default. */
  readonly detect?: boolean;
  /** A lease of an earlier client, which is asked for again (INIT-REBOOT). */
  readonly previous?: Lease;
  /** Of the route by the first router (`RouteOptions`); 0 by default. Those by the others come after it. */
  readonly metric?: number;
  readonly handler?: (event: DhcpEvent) => void;
}

/** What a client has counted. */
export interface DhcpClientCounters {
  /** Messages sent, and those taken from servers. */
  readonly sent: number;
  readonly received: number;
  readonly naks: number;
  readonly declines: number;
  /** What arrived and was none, not for this client, or made no sense at that time. */
  readonly dropped: number;
}

const START_DELAY: Micros = 10 * SECOND;
const LEAST_DELAY: Micros = SECOND;

/** §3.1.5: before a client begins anew that was given an address for nothing: it might go on like that for ever. */
const AFTER_DECLINE: Micros = 10 * SECOND;

/** §4.4.5: no request for more time follows another sooner. */
const LEAST_RENEW: Micros = 60 * SECOND;

const TO_ALL = '255.255.255.255';

/** Which address is asked for, and of which server; null: of any. */
interface Wanted {
  readonly address: Address;
  readonly server: Address | null;
}

export class DhcpClient implements Service {
  /** Told of each event, from the host's turn or its alarms, or from `release` and `close`; null: nobody is. */
  handler: ((event: DhcpEvent) => void) | null;
  readonly host: Host;
  /** The number of the interface. */
  readonly interfaceIndex: number;
  private readonly place: Place;
  private readonly asker: Asker;
  private readonly delay: Micros;
  private readonly detect: boolean;
  private readonly random: Random;
  private readonly deadline: Deadline;
  private readonly unserve: () => void;
  private readonly counts = { sent: 0, received: 0, naks: 0, declines: 0, dropped: 0 };
  private socket: UdpSocket | null = null;
  private present: DhcpState = 'INIT';
  private xid = 0;
  /** Times that the present message went out. */
  private tries = 0;
  /** When the client began to ask (`secs`), and when it sent the request that is to be answered. */
  private beganAt: Micros = 0;
  private askedAt: Micros = 0;
  private secs = 0;
  private wanted: Wanted | null = null;
  /** What is being checked, or in force; and what is in force. */
  private given: Lease | null = null;
  private inForce: Lease | null = null;
  /** A lease to ask for again; an address that would be liked. */
  private remembered: Lease | null;
  private hint: Address | null = null;
  private promised: Promised = promiseOfLease();

  /**
   * Begins at once. Throws SynwaveError EINVAL for an interface that is none or has no MAC address, and for options that
   * make no sense; EADDRINUSE when it has a client already.
   */
  constructor(host: Host, interfaceIndex: number, options: DhcpClientOptions = {}) {
    const { delay = START_DELAY, detect = true, previous = null, metric = 0, handler = null } = options;
    if (!(delay >= 0)) fail('EINVAL', `delay ${delay}`);
    if (previous !== null) read(previous.address);
    this.asker = askerOf(host, interfaceIndex, options);
    this.host = host;
    this.interfaceIndex = interfaceIndex;
    this.place = { host, index: interfaceIndex, metric };
    this.delay = delay;
    this.detect = detect;
    this.handler = handler;
    this.remembered = previous;
    this.random = host.chance('dhcp client');
    this.deadline = new Deadline(host.driver, () => this.expire());
    this.open();
    this.unserve = host.serve(this);
    this.start();
  }

  get state(): DhcpState {
    return this.present;
  }

  /** What the interface has now; null while it has no address. */
  get lease(): Lease | null {
    return this.inForce;
  }

  /** Resolves when there is a lease, at once while there is one. Rejects with SynwaveError ECONNABORTED when it is closed. */
  get bound(): Promise<Lease> {
    return this.promised.promise;
  }

  counters(): DhcpClientCounters {
    return { ...this.counts };
  }

  /** Asks for more time now, not only at T1. Does nothing unless BOUND. */
  renew(): void {
    if (this.present !== 'BOUND') return;
    this.beganAt = this.host.now();
    this.askForMore('RENEWING');
  }

  /** Gives the address back (§4.4.6): the host has it no longer, and the client is closed. */
  release(): void {
    const { inForce } = this;
    if (inForce !== null) {
      this.xid = this.random.next();
      const message = releaseMessage(this.asker, this.xid, read(inForce.address), read(inForce.server));
      this.send(message, inForce.server);
    }
    this.end();
  }

  /** The host has the address no longer, and the server is not told. Does nothing when it is closed. */
  close(): void {
    this.end();
  }

  /** For the host: of addresses. */
  addressMoves({ interface: index, address, what }: AddressMove): void {
    const { given } = this;
    if (index !== this.interfaceIndex || given === null || given.address !== address) return;
    if (what === 'added' && this.present === 'CHECKING') this.hold(given, 'bound');
    // Defended once (RFC 5227 §2.4), the address is still there.
    else if (what === 'duplicate' && !hasAddress(this.place, given)) this.decline(given);
  }

  /** For the host: RFC 2131 §3.7, the cable may lead to another network now. */
  interfaceMoves(index: number, up: boolean): void {
    if (index !== this.interfaceIndex || !up) return;
    if (this.inForce !== null) {
      this.remembered = this.inForce;
      this.start();
    } else if (this.present === 'SELECTING') this.init(0);
  }

  /** For the host: the address went with the power; the lease is written down somewhere (§3.2). */
  crash(): void {
    this.deadline.clear();
    this.socket = null;
    if (this.inForce !== null) {
      this.remembered = this.inForce;
      this.promised = promiseOfLease();
    }
    this.given = null;
    this.inForce = null;
    this.present = 'INIT';
  }

  boot(): void {
    this.open();
    this.start();
  }

  private open(): void {
    const socket = this.host.udp({
      address: '0.0.0.0',
      port: DHCP_CLIENT_PORT,
      interface: this.interfaceIndex,
      broadcast: true,
    });
    socket.handler = { readable: () => this.receive(socket) };
    this.socket = socket.unref();
  }

  /** INIT-REBOOT, if there is a lease to go on with, else INIT. */
  private start(): void {
    const now = this.host.now();
    if (this.remembered === null || this.remembered.expiresAt <= now) {
      this.remembered = null;
      if (this.inForce === null) this.init(this.startDelay());
      else this.lose('expired', 0);
      return;
    }
    this.wanted = { address: read(this.remembered.address), server: null };
    this.beganAt = now;
    this.deadline.set(now);
    this.move('INIT-REBOOT');
  }

  /** §4.4.1: hosts that are switched on together do not ask together. */
  private startDelay(): Micros {
    const { delay } = this;
    if (delay === 0) return 0;
    return Math.floor(LEAST_DELAY + this.random.fraction() * Math.max(delay - LEAST_DELAY, 0));
  }

  /** Nothing is known; `wait` until a server is asked. */
  private init(wait: Micros): void {
    this.beganAt = this.host.now() + wait;
    this.given = null;
    this.wanted = null;
    this.deadline.set(this.beganAt);
    this.move('INIT');
  }

  /** The deadline of the present state has come. */
  private expire(): void {
    const { given } = this;
    // §4.4.5: at the end all use of the address stops, whatever else was about to be tried.
    if (given !== null && given.expiresAt <= this.host.now()) {
      this.lose('expired', 0);
      return;
    }
    switch (this.present) {
      case 'INIT':
        return this.discover();
      case 'SELECTING':
        return this.sendDiscover();
      case 'INIT-REBOOT':
        return this.request('REBOOTING');
      case 'REQUESTING':
        return this.tries < MOST_TRIES ? this.sendRequest() : this.init(0);
      case 'REBOOTING':
        return this.tries < MOST_TRIES ? this.sendRequest() : this.goOnWithout();
      case 'BOUND':
        return this.renew();
      case 'RENEWING':
        return this.askForMore(this.isPastT2() ? 'REBINDING' : 'RENEWING');
      case 'REBINDING':
        return this.askForMore('REBINDING');
    }
  }

  private discover(): void {
    this.xid = this.random.next();
    this.tries = 0;
    this.sendDiscover();
    this.move('SELECTING');
  }

  private sendDiscover(): void {
    this.sendAsked(discoverMessage(this.asker, this.exchange(), this.hint));
  }

  /** §4.4.1, §4.4.2: asks for `wanted`: of the one server whose offer is taken, or of any that knows of it. */
  private request(state: 'REQUESTING' | 'REBOOTING'): void {
    // The same `xid` and `secs` as in DISCOVER (table 5, §3.1.3), so that relays pass it on to the same servers.
    if (state === 'REBOOTING') this.xid = this.random.next();
    this.askedAt = this.host.now();
    this.tries = 0;
    this.sendRequest();
    this.move(state);
  }

  private sendRequest(): void {
    const { wanted, xid, secs } = this;
    if (wanted === null) return;
    const exchange = wanted.server === null ? this.exchange() : { xid, secs };
    this.sendAsked(requestMessage(this.asker, exchange, wanted.address, wanted.server));
  }

  /** To all servers, and again after a while that grows. */
  private sendAsked(message: DhcpMessage): void {
    this.tries++;
    this.send(message, TO_ALL);
    const again = this.host.now() + waitAfter(this.tries, this.random);
    this.deadline.set(Math.min(again, this.inForce?.expiresAt ?? NEVER));
  }

  /** §4.4.5: at T1 the server that gave the lease is asked for more time, at T2 every server. */
  private askForMore(state: 'RENEWING' | 'REBINDING'): void {
    const lease = this.inForce;
    if (lease === null) return;
    // A new one each time: the answer tells which request it is to, and so from when the lease is counted.
    this.xid = this.random.next();
    this.askedAt = this.host.now();
    this.send(
      renewMessage(this.asker, this.exchange(), read(lease.address)),
      state === 'RENEWING' ? lease.server : TO_ALL,
    );
    const end = state === 'RENEWING' ? lease.rebindsAt : lease.expiresAt;
    const wait = Math.max((end - this.askedAt) / 2, LEAST_RENEW);
    this.deadline.set(Math.min(Math.floor(this.askedAt + wait), end));
    this.move(state);
  }

  private isPastT2(): boolean {
    return this.inForce !== null && this.inForce.rebindsAt <= this.host.now();
  }

  /** §3.2.3: no server answers; the lease is good for what is left of it all the same. */
  private goOnWithout(): void {
    const lease = this.remembered;
    this.remembered = null;
    if (this.inForce !== null) this.hold(this.inForce, 'renewed');
    else if (lease !== null && lease.expiresAt > this.host.now()) this.check(lease);
    else this.init(0);
  }

  /** Datagrams wait. What is no message for this client, or none that it waits for, is counted and dropped. */
  private receive(socket: UdpSocket): void {
    for (let datagram = socket.tryReceive(); datagram !== null; datagram = socket.tryReceive()) {
      const { octets } = datagram;
      const message = new DhcpMessage();
      const fault = readDhcp(message, octets, 0, octets.length);
      const isMine =
        fault === DhcpFault.None &&
        message.op === DhcpOp.Reply &&
        message.xid === this.xid &&
        message.chaddr === this.asker.mac;
      if (isMine && this.take(message)) this.counts.received++;
      else this.counts.dropped++;
    }
  }

  /** Answers whether the message was waited for. */
  private take(message: DhcpMessage): boolean {
    switch (message.type) {
      case DhcpType.Offer:
        return this.present === 'SELECTING' && this.takeOffer(message);
      case DhcpType.Ack:
        return this.takeAck(message);
      case DhcpType.Nak:
        return this.takeNak(message);
      default:
        return false;
    }
  }

  /** The first offer that makes sense is taken. */
  private takeOffer(message: DhcpMessage): boolean {
    if (leaseOf(message, this.host.now(), this.random) === null) return false;
    this.wanted = { address: message.yiaddr.clone(), server: message.serverId };
    this.request('REQUESTING');
    return true;
  }

  private takeAck(message: DhcpMessage): boolean {
    if (!this.isFromWanted(message)) return false;
    const lease = leaseOf(message, this.askedAt, this.random);
    const { wanted, inForce } = this;
    if (lease === null || lease.expiresAt <= this.host.now()) return false;
    if (inForce !== null) {
      if (lease.address !== inForce.address) return false;
      this.hold(lease, 'renewed');
    } else if (wanted?.address.equals(message.yiaddr) === true) {
      this.check(lease);
    } else return false;
    return true;
  }

  private takeNak(message: DhcpMessage): boolean {
    if (!this.isFromWanted(message)) return false;
    this.counts.naks++;
    // Who is refused what was just offered is in for more of the same; else it begins anew at once (figure 5).
    const wait = this.present === 'REQUESTING' ? AFTER_DECLINE : 0;
    this.remembered = null;
    this.hint = null;
    if (this.inForce === null) this.init(wait);
    else this.lose('refused', wait);
    return true;
  }

  /** Whether a request is to be answered, and by whom it is: the one server that was asked, or any that speaks for itself. */
  private isFromWanted({ serverId }: DhcpMessage): boolean {
    if (serverId === null) return false;
    switch (this.present) {
      case 'REQUESTING':
        return this.wanted?.server?.equals(serverId) === true;
      case 'RENEWING':
        return this.inForce !== null && read(this.inForce.server).equals(serverId);
      case 'REBOOTING':
      case 'REBINDING':
        return true;
      default:
        return false;
    }
  }

  /** §4.4.1: the address is the client's if nobody else has it. */
  private check(lease: Lease): void {
    this.given = lease;
    this.remembered = null;
    if (!assignAddress(this.place, lease, this.detect)) {
      this.decline(lease);
      return;
    }
    this.deadline.set(lease.expiresAt);
    this.move('CHECKING');
  }

  /** The lease is in force, from now on or for longer. */
  private hold(lease: Lease, type: 'bound' | 'renewed'): void {
    configure(this.place, lease, this.inForce);
    this.given = lease;
    this.inForce = lease;
    this.remembered = null;
    this.hint = read(lease.address);
    this.promised.resolve(lease);
    this.deadline.set(lease.renewsAt);
    this.move('BOUND');
    this.tell({ type, time: this.host.now(), lease });
  }

  /** §3.1.5: another station has the address. The server is told, and after a while all begins anew. */
  private decline(lease: Lease): void {
    this.counts.declines++;
    this.xid = this.random.next();
    this.send(declineMessage(this.asker, this.xid, read(lease.address), read(lease.server)), TO_ALL);
    this.hint = null;
    if (this.inForce === null) this.init(AFTER_DECLINE);
    else this.lose('conflict', AFTER_DECLINE);
    this.tell({ type: 'declined', time: this.host.now(), address: lease.address });
  }

  /** The address is no longer this host's; `wait` until another is asked for. */
  private lose(why: LossReason, wait: Micros): void {
    const lease = this.undo();
    this.init(wait);
    if (lease !== null) this.tell({ type: 'lost', time: this.host.now(), lease, why });
  }

  /** Takes away what was given, and answers what was in force. */
  private undo(): Lease | null {
    const { given, inForce } = this;
    if (given !== null) takeAway(this.place, given);
    if (inForce !== null) this.promised = promiseOfLease();
    this.given = null;
    this.inForce = null;
    return inForce;
  }

  private end(): void {
    if (this.present === 'CLOSED') return;
    this.deadline.clear();
    this.socket?.close();
    this.socket = null;
    this.unserve();
    const lease = this.undo();
    this.promised.reject(new SynwaveError('ECONNABORTED', `DHCP on interface ${this.interfaceIndex}`));
    this.move('CLOSED');
    if (lease !== null) this.tell({ type: 'lost', time: this.host.now(), lease, why: 'released' });
  }

  private exchange(): Exchange {
    this.secs = secondsSince(this.beganAt, this.host.now());
    return { xid: this.xid, secs: this.secs };
  }

  /** What cannot leave now goes the way of what is lost: it is sent again. */
  private send(message: DhcpMessage, to: string): void {
    if (this.socket?.trySend(writeDhcp(message), to, DHCP_SERVER_PORT) === null) this.counts.sent++;
  }

  private move(to: DhcpState): void {
    const from = this.present;
    this.present = to;
    if (from !== to) this.tell({ type: 'state', time: this.host.now(), from, to });
  }

  private tell(event: DhcpEvent): void {
    this.handler?.(event);
  }
}

/**
 * A DHCP client for an interface of a host; left out: the first that is on Ethernet. Throws SynwaveError as `DhcpClient`
 * does; ENODEV when the host has none.
 */
export function dhcp(host: Host, interfaceIndex?: number, options: DhcpClientOptions = {}): DhcpClient {
  const index = interfaceIndex ?? host.interfaces().find(({ mac }) => mac !== null)?.index;
  return new DhcpClient(host, index ?? fail('ENODEV', `DHCP on ${host.name}`), options);
}

/** An address that was read and checked before. */
function read(text: string): Address {
  return parseAddress(text) ?? fail('EINVAL', `address ${text}`);
}
