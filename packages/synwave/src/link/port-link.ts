/** PortLink: packets between pages, workers and threads by a MessagePort, in batches that change owners; or by a BroadcastChannel, to all. */
import { Frame } from '../base/frame.ts';
import type { Mac } from '../base/mac.ts';
import { inProcess, type Link, type Offloads, type Receiver } from './link.ts';

/** What is used of a MessagePort, or a BroadcastChannel, whichever platform has it. */
export interface PortLike {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  /** A port has it. */
  start?(): void;
  /** In Node.js: it keeps no process alive. */
  unref?(): unknown;
  close(): void;
}

export interface PortLinkOptions {
  readonly name?: string;
  /** The largest IP packet; 65,535 octets unless given. */
  readonly mtu?: number;
  /** The link carries Ethernet frames, and this is the address of our end. */
  readonly mac?: Mac;
  /** No checksums unless given: memory is not a wire. */
  readonly offloads?: Offloads;
  /** Octets that may be on their way; what is sent beyond that is dropped and counted. 4 MiB unless given. */
  readonly bound?: number;
}

/** What a link has counted. */
export interface PortCounters {
  sent: number;
  received: number;
  /** Not sent, or not handed on: nobody at this end, too long, or the link is closed. */
  dropped: number;
  /** Not sent because too much was on its way: the other end does not keep up. */
  crowded: number;
  /** What came and was no batch of packets. */
  malformed: number;
}

const MTU = 65_535;
const BOUND = 4 * 1024 * 1024;
/** An Ethernet header with two VLAN tags. */
const ETHERNET = 22;
/** A length stands before each packet of a batch. */
const LENGTH = 4;
/** A batch leaves at the end of the turn, or when it has so many octets. */
const BATCH = 256 * 1024;

class PortLink implements Link {
  readonly name: string;
  readonly mtu: number;
  readonly mac?: Mac;
  readonly offloads: Offloads;
  readonly counters: PortCounters = { sent: 0, received: 0, dropped: 0, crowded: 0, malformed: 0 };
  private readonly port: PortLike;
  private readonly most: number;
  private readonly bound: number;
  /** Whether the other end says what it has taken. To many nobody can. */
  private readonly answers: boolean;
  private readonly arrived: Frame;
  private receiver: Receiver | null = null;
  private batch: Uint8Array[] = [];
  private batchOctets = 0;
  /** Octets that have left and that nobody has said he took. */
  private underWay = 0;
  private closed = false;

  constructor(port: PortLike, options: PortLinkOptions, answers: boolean) {
    const { name = answers ? 'port' : 'broadcast', mtu = MTU, mac, offloads = inProcess, bound = BOUND } = options;
    this.name = name;
    this.mtu = mtu;
    if (mac !== undefined) this.mac = mac;
    this.offloads = offloads;
    this.most = mac === undefined ? mtu : mtu + ETHERNET;
    this.bound = bound;
    this.answers = answers;
    this.arrived = new Frame(this.most);
    this.port = port;
    port.addEventListener('message', ({ data }) => this.take(data));
    port.start?.();
    port.unref?.();
  }

  send(frame: Frame): void {
    const { length } = frame;
    const { counters } = this;
    if (this.closed || length > this.most || length === 0) counters.dropped++;
    else if (this.underWay + this.batchOctets + length > this.bound) counters.crowded++;
    else {
      counters.sent++;
      if (this.batch.length === 0) queueMicrotask(this.flush);
      this.batch.push(frame.copy());
      this.batchOctets += LENGTH + length;
      if (this.batchOctets >= BATCH) this.flush();
    }
    frame.release();
  }

  attach(receiver: Receiver): void {
    this.receiver = receiver;
  }

  /** Closes the port; packets are dropped from now on. */
  close(): void {
    if (this.closed) return;
    this.flush();
    this.closed = true;
    this.port.close();
  }

  private readonly flush = (): void => {
    const { batch, batchOctets } = this;
    if (batch.length === 0 || this.closed) return;
    this.batch = [];
    this.batchOctets = 0;
    const octets = new Uint8Array(batchOctets);
    const view = new DataView(octets.buffer);
    let at = 0;
    for (const packet of batch) {
      view.setUint32(at, packet.length);
      octets.set(packet, at + LENGTH);
      at += LENGTH + packet.length;
    }
    if (!this.answers) {
      this.port.postMessage(octets.buffer);
      return;
    }
    this.underWay += batchOctets;
    this.port.postMessage(octets.buffer, [octets.buffer]);
  };

  /** A batch, or a number: so many octets have been taken at the other end. */
  private take(data: unknown): void {
    if (this.closed) return;
    if (data instanceof ArrayBuffer) {
      this.unpack(new Uint8Array(data), new DataView(data));
      if (this.answers) this.port.postMessage(data.byteLength);
    } else if (typeof data === 'number' && this.answers && data > 0) {
      this.underWay = Math.max(this.underWay - data, 0);
    } else this.counters.malformed++;
  }

  private unpack(octets: Uint8Array, view: DataView): void {
    const { arrived, counters } = this;
    for (let at = 0; at < octets.length; ) {
      const length = at + LENGTH <= octets.length ? view.getUint32(at) : 0;
      at += LENGTH;
      if (length === 0 || at + length > octets.length) {
        counters.malformed++;
        return;
      }
      if (this.receiver === null || length > this.most) counters.dropped++;
      else {
        counters.received++;
        arrived.bytes.set(octets.subarray(at, at + length));
        arrived.at = 0;
        arrived.end = length;
        this.receiver.frameArrives(arrived);
      }
      at += length;
    }
  }
}

export type { PortLink };

/**
 * A link to whoever has the other port of the channel, in a worker, another page or another thread. Packets of one turn
 * go in one buffer, which is transferred, not copied; the other end says what it has taken, so that no more waits than
 * `bound`. The port is the link's from then on.
 */
export function portLink(port: PortLike, options: PortLinkOptions = {}): PortLink {
  return new PortLink(port, options, true);
}

/**
 * A link to all pages and workers that have a BroadcastChannel of that name, as one Ethernet segment or one network of IP
 * packets. Nobody says what he has taken: only one turn's packets are bounded. The channel is the link's from then on.
 */
export function broadcastLink(channel: PortLike, options: PortLinkOptions = {}): PortLink {
  return new PortLink(channel, options, false);
}
