/** DatagramLink: packets between processes without a TUN device or root, or Ethernet frames: one in each UDP datagram of the kernel. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { fail } from '../base/errors.ts';
import { Frame } from '../base/frame.ts';
import { isGroupMac, type Mac, parseMac } from '../base/mac.ts';
import { type Link, type Offloads, onTheWire, type Receiver } from '../link/link.ts';

/** A UDP socket of the kernel. */
export interface DatagramAddress {
  /** An IP address, never a name; 127.0.0.1 unless given, so that nobody outside the machine has a say. */
  readonly address?: string;
  readonly port: number;
}

export interface DatagramLinkOptions {
  /** Where datagrams are awaited; port 0: any that is free. Without it: any port, for a peer's answers. */
  readonly listen?: DatagramAddress;
  /** Where packets go. Without it they go to whoever last sent from their destination's address. */
  readonly peer?: DatagramAddress;
  /** The largest packet, in octets; 1500 by default, at most 65,507; an Ethernet header comes on top. */
  readonly mtu?: number;
  /** The link carries Ethernet frames, as a TAP device does, and this is the address of our end: `02:00:00:00:00:01`. */
  readonly mac?: string;
  /** Told of each error of the kernel's socket, which is counted in any case: ECONNREFUSED says that nobody is at the peer. */
  readonly onError?: (error: NodeJS.ErrnoException) => void;
}

/** What a link has counted. */
export interface DatagramCounters {
  sent: number;
  received: number;
  /** Packets that did not go out or in: too long, no packet at all, or nobody known at their destination. */
  dropped: number;
  /** What the kernel complained of. */
  errors: number;
}

const LOOPBACK = '127.0.0.1';
const MTU = 1500;
/** What a UDP datagram over IPv4 can hold: 65,535 less both headers. */
const MOST = 65_507;
/** Peers that are remembered; the one that was learned first gives way. */
const PEERS = 4096;
/** An Ethernet header with two VLAN tags. */
const ETHERNET = 22;

/**
 * A carrier that listens learns its peers: a packet's source address, of IP or of Ethernet, says behind which UDP socket
 * that host lives; what is for many stations goes to all of them. With a
 * `peer`, it hears from nobody else, and is told when nobody is there. It keeps no process alive.
 */
class DatagramLink implements Link {
  readonly name: string;
  readonly mtu: number;
  readonly mac?: Mac;
  readonly offloads: Offloads = onTheWire;
  readonly counters: DatagramCounters = { sent: 0, received: 0, dropped: 0, errors: 0 };
  private readonly socket: Socket;
  private readonly connected: boolean;
  private readonly peers: Map<string, RemoteInfo> = new Map<string, RemoteInfo>();
  /** The longest packet, or frame. */
  private readonly most: number;
  private readonly arrived: Frame;
  private receiver: Receiver | null = null;
  private closed = false;

  constructor(
    socket: Socket,
    connected: boolean,
    mtu: number,
    mac: Mac | null,
    onError: DatagramLinkOptions['onError'],
  ) {
    const { address, port } = socket.address();
    this.name = `udp ${isIPv6(address) ? `[${address}]` : address}:${port}`;
    this.mtu = mtu;
    this.socket = socket;
    this.connected = connected;
    if (mac !== null) this.mac = mac;
    this.most = mac === null ? mtu : mtu + ETHERNET;
    this.arrived = new Frame(this.most);
    socket.unref();
    socket.on('message', (packet, from) => this.take(packet, from));
    socket.on('error', (error) => {
      this.counters.errors++;
      onError?.(error);
    });
  }

  /** The kernel's socket at this end. */
  get local(): Required<DatagramAddress> {
    const { address, port } = this.socket.address();
    return { address, port };
  }

  send(frame: Frame): void {
    const { length } = frame;
    const packet = Buffer.from(frame.bytes.buffer as ArrayBuffer, frame.at, length);
    const to = this.connected ? [null] : this.peersFor(packet);
    let waiting = to.length;
    if (this.closed || length > this.most || waiting === 0) {
      this.counters.dropped++;
      frame.release();
      return;
    }
    const done = (error: Error | null): void => {
      if (error === null) this.counters.sent++;
      else this.counters.errors++;
      if (--waiting === 0) frame.release();
    };
    for (const peer of to) {
      if (peer === null) this.socket.send(packet, done);
      else this.socket.send(packet, peer.port, peer.address, done);
    }
  }

  attach(receiver: Receiver): void {
    this.receiver = receiver;
  }

  /** The kernel's socket is closed; packets are dropped from now on. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.socket.close();
  }

  private take(packet: Buffer, from: RemoteInfo): void {
    const source = this.mac === undefined ? addressIn(packet, SOURCE) : stationIn(packet, 6);
    if (this.receiver === null || source === '' || packet.length > this.most) {
      this.counters.dropped++;
      return;
    }
    this.counters.received++;
    if (!this.connected) this.learn(source, from);
    const { arrived } = this;
    arrived.bytes.set(packet);
    arrived.at = 0;
    arrived.end = packet.length;
    this.receiver.frameArrives(arrived);
  }

  /** The sockets that a packet is for; none: nobody is known there. */
  private peersFor(packet: Buffer): RemoteInfo[] {
    const { peers, mac } = this;
    const one = peers.get(mac === undefined ? addressIn(packet, DESTINATION) : stationIn(packet, 0));
    if (mac === undefined || one !== undefined) return one === undefined ? [] : [one];
    // As a switch does: to all, for many stations and for one that has not been heard of.
    const byPlace = new Map([...peers.values()].map((peer) => [`${peer.address} ${peer.port}`, peer]));
    return [...byPlace.values()];
  }

  private learn(source: string, from: RemoteInfo): void {
    const known = this.peers.get(source);
    if (known !== undefined && known.port === from.port && known.address === from.address) return;
    const [oldest] = this.peers.keys();
    if (known === undefined && this.peers.size >= PEERS && oldest !== undefined) this.peers.delete(oldest);
    this.peers.set(source, from);
  }
}

export type { DatagramLink };

/**
 * Opens a link over UDP, for two processes on one machine, or for whoever the address lets in: it carries what anyone sends
 * there. Give `listen`, `peer` or both. Rejects with the kernel's error (EADDRINUSE ...), with RangeError for an MTU that
 * no datagram can hold, with SynwaveError EINVAL for a MAC address that cannot be read or is of many stations.
 */
export async function datagramLink(options: DatagramLinkOptions): Promise<DatagramLink> {
  const { listen, peer, mtu = MTU, onError } = options;
  if (!(mtu >= 68 && mtu <= MOST)) throw new RangeError(`mtu ${mtu} is not within 68 to ${MOST}`);
  const mac = options.mac === undefined ? null : parseMac(options.mac);
  if (options.mac !== undefined && (mac === null || isGroupMac(mac))) fail('EINVAL', `MAC address ${options.mac}`);
  const { address = LOOPBACK } = listen ?? peer ?? {};
  const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', lookup: literally });
  try {
    // Events may come before these calls return, since nothing is looked up.
    const bound = once(socket, 'listening');
    // With a peer elsewhere, the kernel knows from which address to reach it.
    socket.bind({ port: listen?.port ?? 0, exclusive: true, ...(listen === undefined ? {} : { address }) });
    await bound;
    if (peer !== undefined) {
      const joined = once(socket, 'connect');
      socket.connect(peer.port, peer.address ?? LOOPBACK);
      await joined;
    }
  } catch (error) {
    socket.close();
    throw error;
  }
  return new DatagramLink(socket, peer !== undefined, mtu, mac, onError);
}

/** Addresses are addresses: what would be looked up is answered at once, so that a packet leaves when it is sent. */
function literally(
  address: string,
  _options: object,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  callback(null, address, isIPv6(address) ? 6 : 4);
}

/** Where addresses stand in headers: RFC 791 §3.1, RFC 8200 §3. */
const SOURCE = { v4: 12, v6: 8 } as const;
const DESTINATION = { v4: 16, v6: 24 } as const;

/** The octets of a station's address at `at`, as a key; nothing for what is no Ethernet frame. */
function stationIn(frame: Buffer, at: number): string {
  return frame.length < 14 ? '' : frame.toString('latin1', at, at + 6);
}

/** The octets of an address, as a key; nothing for what is no IP packet. */
function addressIn(packet: Buffer, place: { readonly v4: number; readonly v6: number }): string {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4 && packet.length >= 20) return packet.toString('latin1', place.v4, place.v4 + 4);
  if (version === 6 && packet.length >= 40) return packet.toString('latin1', place.v6, place.v6 + 16);
  return '';
}
