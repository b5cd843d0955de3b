/** DhcpServer: gives the hosts of a network addresses out of a range, and tells them how to use it (RFC 2131 §4.3). */
import type { Address } from '../base/address.ts';
import { formatAddress, isUnspecified } from '../base/address-text.ts';
import { formatMac, isGroupMac } from '../base/mac.ts';
import { type Micros, SECOND } from '../base/time.ts';
import type { Host } from '../socket/host.ts';
import type { Service } from '../socket/service.ts';
import type { UdpSocket } from '../socket/udp-socket.ts';
import { DHCP_SERVER_PORT, DhcpFault, DhcpMessage, DhcpOp, DhcpType, readDhcp, writeDhcp } from '../wire/dhcp.ts';
import { addressOf, isInNetwork, wordOf } from './ipv4.ts';
import { INFINITY } from './lease.ts';
import { ownAddresses } from './own.ts';
import { type Binding, type BindingState, type ClientName, Pool } from './pool.ts';
import { destinationOf, informedMessage, leaseMessage, nakMessage } from './replies.ts';
import { type DhcpServerOptions, type Plan, planOf } from './server-options.ts';

/** An address that somebody has, or is about to have. */
export interface LeaseInfo {
  readonly address: string;
  /** '' where the client is not known: somebody has the address who did not get it here. */
  readonly mac: string;
  /** What the client says that it is called. */
  readonly hostName: string;
  readonly state: 'offered' | 'leased' | 'set aside';
  /** The host's time; `NEVER` for a lease that is for ever. */
  readonly until: Micros;
}

/** What a server has counted. */
export interface DhcpServerCounters {
  readonly discovers: number;
  readonly requests: number;
  readonly declines: number;
  readonly releases: number;
  readonly informs: number;
  readonly offers: number;
  readonly acks: number;
  readonly naks: number;
  /** What arrived and was none of these, or not for this server. */
  readonly dropped: number;
  /** Clients that were not answered, for no address was left; for too many addresses were being probed. */
  readonly exhausted: number;
  readonly busy: number;
  /** Addresses that somebody was found to have before they were offered. */
  readonly conflicts: number;
  /** Addresses that are remembered now, with whose they are or were. */
  readonly bindings: number;
}

/** Addresses that are probed at the same time: a flood of clients is not to become one of ARP. */
const MOST_PROBES = 128;

/** Of a client's identifier, which stands in a table, and of its name. */
const MOST_CLIENT_ID = 255;
const MOST_NAME = 255;

/** No lease is shorter, unless the server's own leases are: a client that wants less would ask all the time. */
const LEAST_LEASE: Micros = 60 * SECOND;

export class DhcpServer implements Service {
  readonly host: Host;
  /** The number of the interface. */
  readonly interfaceIndex: number;
  private readonly plan: Plan;
  private readonly pool: Pool;
  private readonly unserve: () => void;
  private readonly counts = {
    discovers: 0,
    requests: 0,
    declines: 0,
    releases: 0,
    informs: 0,
    offers: 0,
    acks: 0,
    naks: 0,
    dropped: 0,
    exhausted: 0,
    busy: 0,
    conflicts: 0,
  };
  /** What clients have asked last whose addresses are being probed. */
  private readonly probed: Map<Binding, DhcpMessage> = new Map<Binding, DhcpMessage>();
  private socket: UdpSocket | null = null;

  /**
   * Begins at once. Throws SynwaveError: EINVAL for options that make no sense, EADDRNOTAVAIL when the interface has no
   * IPv4 address, EADDRINUSE when it has a server already.
   */
  constructor(host: Host, interfaceIndex: number, options: DhcpServerOptions) {
    this.plan = planOf(host, interfaceIndex, options);
    this.host = host;
    this.interfaceIndex = interfaceIndex;
    this.pool = new Pool(this.plan.range);
    this.open();
    this.unserve = host.serve(this);
  }

  /** Who has which address, in the order of the addresses; those that are nobody's now are not told. */
  leases(): LeaseInfo[] {
    this.pool.expire(this.host.now());
    const held = [...this.pool].filter(({ state }) => state !== 'idle');
    return held.toSorted((a, b) => a.address - b.address).map(leaseInfoOf);
  }

  counters(): DhcpServerCounters {
    return { ...this.counts, bindings: this.pool.size };
  }

  /** Nobody is answered any more. The leases that were given hold until they end. */
  close(): void {
    this.socket?.close();
    this.socket = null;
    this.probed.clear();
    this.unserve();
  }

  /** For the host: what was given is written down somewhere (RFC 2131 §2.1), unless the server is forgetful. */
  crash(): void {
    this.socket = null;
    this.probed.clear();
    if (this.plan.isForgetful) this.pool.clear();
  }

  boot(): void {
    this.open();
  }

  private open(): void {
    const { host, interfaceIndex } = this;
    const socket = host.udp({ address: '0.0.0.0', port: DHCP_SERVER_PORT, interface: interfaceIndex, broadcast: true });
    socket.handler = { readable: () => this.receive(socket) };
    this.socket = socket;
  }

  private receive(socket: UdpSocket): void {
    this.pool.expire(this.host.now());
    for (let datagram = socket.tryReceive(); datagram !== null; datagram = socket.tryReceive()) {
      const { octets } = datagram;
      const message = new DhcpMessage();
      const fault = readDhcp(message, octets, 0, octets.length);
      const server = this.identifier();
      const isForUs = fault === DhcpFault.None && server !== null && this.isFromClient(message);
      if (!isForUs || !this.take(message, server)) this.counts.dropped++;
    }
  }

  /** Whether it comes from a client that can be told apart from others, on the network that addresses are given for. */
  private isFromClient({ op, chaddr, clientId, giaddr }: DhcpMessage): boolean {
    if (op !== DhcpOp.Request || chaddr === 0 || isGroupMac(chaddr)) return false;
    if (clientId !== null && clientId.length > MOST_CLIENT_ID) return false;
    return isUnspecified(giaddr) || this.isOnNetwork(giaddr);
  }

  private isOnNetwork(address: Address): boolean {
    return isInNetwork(wordOf(address), this.plan.range.from, this.plan.network.prefixLength);
  }

  /** §4.1: the server's own address that its clients reach it by; null: it has none now. */
  private identifier(): Address | null {
    const own = ownAddresses(this.host, this.interfaceIndex);
    return own.find((address) => this.isOnNetwork(address)) ?? own[0] ?? null;
  }

  /** Answers whether there was anything to be done about the message. */
  private take(message: DhcpMessage, server: Address): boolean {
    switch (message.type) {
      case DhcpType.Discover:
        return this.takeDiscover(message, server);
      case DhcpType.Request:
        return this.takeRequest(message, server);
      case DhcpType.Decline:
        return this.takeDecline(message);
      case DhcpType.Release:
        return this.takeRelease(message);
      case DhcpType.Inform:
        return this.takeInform(message, server);
      default:
        return false;
    }
  }

  /** §4.3.1: an address is chosen, probed if somebody might have it, and offered. */
  private takeDiscover(message: DhcpMessage, server: Address): boolean {
    if (!isUnspecified(message.ciaddr) || !this.servesLinkOf(message)) return false;
    this.counts.discovers++;
    this.discover(message, server);
    return true;
  }

  private discover(message: DhcpMessage, server: Address): void {
    const { pool, plan, probed, host } = this;
    const hint = message.requestedAddress === null ? -1 : wordOf(message.requestedAddress);
    const binding = pool.choose(nameOf(message), hint);
    if (binding === null) this.counts.exhausted++;
    else if (binding.state === 'probed' && probed.has(binding)) probed.set(binding, message);
    else if (plan.probe === 0 || binding.state === 'offered' || binding.state === 'leased') {
      this.offer(message, server, binding);
    } else if (probed.size >= MOST_PROBES) {
      this.counts.busy++;
      pool.free(binding);
    } else {
      pool.probe(binding, host.now());
      probed.set(binding, message);
      void this.probe(binding);
    }
  }

  /** §2.2: whether somebody has the address, by ICMP echo. What cannot be asked counts as not answered. */
  private async probe(binding: Binding): Promise<void> {
    const { host, pool, plan, probed } = this;
    const { socket } = this;
    const address = formatAddress(addressOf(binding.address));
    const answer = await host.ping(address, { timeout: plan.probe }).catch(() => null);
    const message = probed.get(binding);
    // Closed meanwhile, or crashed and booted: then nobody waits for this.
    if (message === undefined || this.socket !== socket) return;
    probed.delete(binding);
    pool.expire(host.now());
    const server = this.identifier();
    if (server === null || binding.state !== 'probed') return;
    if (answer?.type !== 'reply') {
      this.offer(message, server, binding);
      return;
    }
    this.counts.conflicts++;
    pool.setAside(binding, 'taken', host.now());
    this.discover(message, server);
  }

  private offer(message: DhcpMessage, server: Address, binding: Binding): void {
    this.pool.offer(binding, this.host.now());
    this.counts.offers++;
    this.send(leaseMessage(message, server, this.plan.network, addressOf(binding.address), this.spanFor(message)));
  }

  /** §4.3.2: an offer is taken, or another server's is (SELECTING); or a lease is to be confirmed, or to last longer. */
  private takeRequest(message: DhcpMessage, server: Address): boolean {
    const { serverId, requestedAddress, ciaddr } = message;
    const isRenewal = !isUnspecified(ciaddr);
    const address = isRenewal ? ciaddr : requestedAddress;
    if (address === null || !(isRenewal || this.servesLinkOf(message))) return false;
    this.counts.requests++;
    if (serverId === null) this.confirm(message, server, address);
    else if (this.isOurs(serverId)) this.select(message, server, address);
    else this.withdraw(message);
    return true;
  }

  private select(message: DhcpMessage, server: Address, address: Address): void {
    const binding = this.pool.claim(nameOf(message), wordOf(address), false);
    if (binding === null) this.refuse(message, server, 'the address is not available');
    else this.grant(message, server, binding);
  }

  /** §3.1.4: the client has taken another server's offer. */
  private withdraw(message: DhcpMessage): void {
    const binding = this.pool.of(nameOf(message));
    if (binding?.state === 'offered' || binding?.state === 'probed') this.pool.free(binding);
  }

  /** INIT-REBOOT, RENEWING, REBINDING. */
  private confirm(message: DhcpMessage, server: Address, address: Address): void {
    const { pool, plan } = this;
    const client = nameOf(message);
    const word = wordOf(address);
    if (!this.isOnNetwork(address)) {
      if (plan.isAuthoritative) this.refuse(message, server, 'the address is of another network');
      return;
    }
    if (!pool.owns(word)) return; // another server's, for all that is known here
    const known = pool.of(client);
    const isKnown = known?.address === word;
    // Of a client without a record only a server that is alone with its range can say anything.
    if (!isKnown && !plan.isAuthoritative && known?.state !== 'leased') return;
    const isUser = !isUnspecified(message.ciaddr);
    const binding = isKnown || known?.state !== 'leased' ? pool.claim(client, word, isUser) : null;
    if (binding === null)
      this.refuse(message, server, 'the client has another address, or another client has this one');
    else this.grant(message, server, binding);
  }

  private grant(message: DhcpMessage, server: Address, binding: Binding): void {
    const { pool, plan, host } = this;
    const span = this.spanFor(message);
    this.probed.delete(binding);
    pool.lease(binding, host.now() + span);
    this.counts.acks++;
    this.send(leaseMessage(message, server, plan.network, addressOf(binding.address), span));
  }

  private refuse(message: DhcpMessage, server: Address, why: string): void {
    this.counts.naks++;
    this.send(nakMessage(message, server, why));
  }

  /** §4.3.3: somebody else has the address. Only who was given it can know. */
  private takeDecline(message: DhcpMessage): boolean {
    const binding = this.bindingOf(message, message.requestedAddress);
    if (binding === null) return false;
    this.counts.declines++;
    this.pool.setAside(binding, 'declined', this.host.now());
    return true;
  }

  /** §4.3.4 */
  private takeRelease(message: DhcpMessage): boolean {
    const binding = this.bindingOf(message, message.ciaddr);
    if (binding === null) return false;
    this.counts.releases++;
    this.pool.free(binding);
    return true;
  }

  /** §4.3.5 */
  private takeInform(message: DhcpMessage, server: Address): boolean {
    if (!this.isOnNetwork(message.ciaddr)) return false;
    this.counts.informs++;
    this.counts.acks++;
    this.send(informedMessage(message, server, this.plan.network));
    return true;
  }

  /** The client's lease of that address, given by this server; null when there is none. */
  private bindingOf(message: DhcpMessage, address: Address | null): Binding | null {
    const { serverId } = message;
    const binding = this.pool.of(nameOf(message));
    if (serverId === null || !this.isOurs(serverId) || address === null) return null;
    return binding?.state === 'leased' && binding.address === wordOf(address) ? binding : null;
  }

  /** §4.1: a server is meant by any of its addresses. */
  private isOurs(serverId: Address): boolean {
    return this.host.stack.internet.isUsable(formatAddress(serverId));
  }

  /** Whether addresses are given on the link that the message comes from: ours, or a relay's. */
  private servesLinkOf({ giaddr }: DhcpMessage): boolean {
    if (!isUnspecified(giaddr)) return true; // of the network, as was looked at before
    return ownAddresses(this.host, this.interfaceIndex).some((address) => this.isOnNetwork(address));
  }

  /** For how long a client gets an address: as it would like (§4.3.1), within what the server allows. */
  private spanFor({ leaseTime }: DhcpMessage): Micros {
    const most = this.plan.leaseTime;
    if (leaseTime < 0 || leaseTime === INFINITY) return most;
    return Math.min(Math.max(leaseTime * SECOND, LEAST_LEASE), most);
  }

  private send(message: DhcpMessage): void {
    const { host, interfaceIndex } = this;
    const { address, port, isNew } = destinationOf(message);
    if (isNew) host.stack.internet.addNeighbour(interfaceIndex, address, message.chaddr);
    this.socket?.trySend(writeDhcp(message), address, port);
  }
}

const states: Readonly<Record<BindingState, LeaseInfo['state']>> = {
  probed: 'offered',
  offered: 'offered',
  leased: 'leased',
  idle: 'offered',
  taken: 'set aside',
  declined: 'set aside',
};

function leaseInfoOf({ address, client: { mac, hostName }, state, time }: Binding): LeaseInfo {
  return {
    address: formatAddress(addressOf(address)),
    mac: mac < 0 ? '' : formatMac(mac),
    hostName,
    state: states[state],
    until: time,
  };
}

/** §4.2: a client is known by its identifier, or else by its MAC. */
function nameOf({ clientId, chaddr, hostName }: DhcpMessage): ClientName {
  const key = clientId === null ? formatMac(chaddr) : `id ${clientId.join('.')}`;
  return { key, mac: chaddr, hostName: hostName.slice(0, MOST_NAME) };
}
