/** DatagramLink: IP packets between processes without a TUN device or root: one packet in each UDP datagram of the kernel. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { Frame } from '../base/frame.ts';
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
  /** The largest packet, in octets; 1500 by default, at most 65,507. */
  readonly mtu?: number;
  /** Told of each error of the kernel's socket, which is counted in any case: ECONNREFUSED says that nobody is at the peer. */
  readonly onError?: (error: NodeJS.ErrnoException) => void;
}

/** What a link has counted. */
export interface DatagramCounters {
  sent: number;
  received: number;
  /** Packets that did not go out or in: too long, no IP packet, or nobody known at their destination. */
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

/**
 * A carrier that listens learns its peers: a packet's source address says behind which UDP socket that host lives. With a
 * `peer`, it hears from nobody else, and is told when nobody is there. It keeps no process alive.
 */
class DatagramLink implements Link {
  readonly name: string;
  readonly mtu: number;
  readonly offloads: Offloads = onTheWire;
  readonly counters: DatagramCounters = { sent: 0, received: 0, dropped: 0, errors: 0 };
  private readonly socket: Socket;
  private readonly connected: boolean;
  private readonly peers: Map<string, RemoteInfo> = new Map<string, RemoteInfo>();
  private readonly arrived: Frame;
  private receiver: Receiver | null = null;
  private closed = false;

  constructor(socket: Socket, connected: boolean, mtu: number, onError: DatagramLinkOptions['onError']) {
    const { address, port } = socket.address();
    this.name = `udp ${isIPv6(address) ? `[${address}]` : address}:${port}`;
    this.mtu = mtu;
    this.socket = socket;
    this.connected = connected;
    this.arrived = new Frame(mtu);
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
    const to = this.connected ? null : this.peers.get(addressIn(packet, DESTINATION));
    if (this.closed || length > this.mtu || to === undefined) {
      this.counters.dropped++;
      frame.release();
      return;
    }
    const done = (error: Error | null): void => {
      if (error === null) this.counters.sent++;
      else this.counters.errors++;
      frame.release();
    };
    if (to === null) this.socket.send(packet, done);
    else this.socket.send(packet, to.port, to.address, done);
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
    const source = addressIn(packet, SOURCE);
    if (this.receiver === null || source === '' || packet.length > this.mtu) {
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
 * there. Give `listen`, `peer` or both. Rejects with the kernel's error (EADDRINUSE ...), or RangeError for an MTU that
 * no datagram can hold.
 */
export async function datagramLink(options: DatagramLinkOptions): Promise<DatagramLink> {
  const { listen, peer, mtu = MTU, onError } = options;
  if (!(mtu >= 68 && mtu <= MOST)) throw new RangeError(`mtu ${mtu} is not within 68 to ${MOST}`);
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
  return new DatagramLink(socket, peer !== undefined, mtu, onError);
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

/** The octets of an address, as a key; nothing for what is no IP packet. */
function addressIn(packet: Buffer, place: { readonly v4: number; readonly v6: number }): string {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4 && packet.length >= 20) return packet.toString('latin1', place.v4, place.v4 + 4);
  if (version === 6 && packet.length >= 40) return packet.toString('latin1', place.v6, place.v6 + 16);
  return '';
}
