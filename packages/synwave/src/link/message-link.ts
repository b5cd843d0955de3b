/** MessageLink: a link over whatever carries messages, one packet in each: WebSockets, framed streams. Its other end may come and go. */
import { Frame } from '../base/frame.ts';
import type { Mac } from '../base/mac.ts';
import { type Link, type Offloads, onTheWire, type Receiver } from './link.ts';

/** What carries messages to one other end, in order and whole, while it lasts. */
export interface Channel {
  /** Sends one message; `packet` is the caller's again when this returns. */
  send(packet: Uint8Array): void;
  /** Octets that have been sent and have not left yet. */
  readonly buffered: number;
  /** Nobody is to send or to hear any more. */
  close(): void;
}

export interface MessageLinkOptions {
  readonly name: string;
  /** The largest IP packet; an Ethernet header comes on top. */
  readonly mtu: number;
  /** The link carries Ethernet frames, and this is the address of our end. */
  readonly mac?: Mac | undefined;
  /** Octets that may wait to leave; what is sent beyond that is dropped. 1 MiB unless given. */
  readonly bound?: number | undefined;
  readonly offloads?: Offloads | undefined;
}

/** What a link has counted. */
export interface MessageCounters {
  sent: number;
  received: number;
  /** Not sent, or not handed on: nobody at the other end, nobody at this one, or too long. */
  dropped: number;
  /** Not sent because too much was waiting to leave. */
  crowded: number;
  /** What came and was no packet: the other end is none of ours. */
  malformed: number;
  /** How often the other end was found. */
  connects: number;
}

/** The largest IP packet of links that have no MTU of their own. */
export const MESSAGE_MTU = 1500;
/** An Ethernet header with two VLAN tags. */
const ETHERNET = 22;
const BOUND = 1024 * 1024;

export class MessageLink implements Link {
  readonly name: string;
  readonly mtu: number;
  readonly mac?: Mac;
  readonly offloads: Offloads;
  readonly counters: MessageCounters = {
    sent: 0,
    received: 0,
    dropped: 0,
    crowded: 0,
    malformed: 0,
    connects: 0,
  };
  /** The longest message. */
  readonly most: number;
  private readonly bound: number;
  private readonly arrived: Frame;
  private channel: Channel | null = null;
  private receiver: Receiver | null = null;
  private closed = false;

  constructor({ name, mtu, mac, bound = BOUND, offloads = onTheWire }: MessageLinkOptions) {
    this.name = name;
    this.mtu = mtu;
    if (mac !== undefined) this.mac = mac;
    this.offloads = offloads;
    this.most = mac === undefined ? mtu : mtu + ETHERNET;
    this.bound = bound;
    this.arrived = new Frame(this.most);
  }

  /** Whether somebody is at the other end. */
  get connected(): boolean {
    return this.channel !== null;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  send(frame: Frame): void {
    const { channel, counters } = this;
    const { length } = frame;
    if (channel === null || length > this.most || length === 0) counters.dropped++;
    else if (channel.buffered + length > this.bound) counters.crowded++;
    else {
      counters.sent++;
      channel.send(frame.bytes.subarray(frame.at, frame.end));
    }
    frame.release();
  }

  attach(receiver: Receiver): void {
    this.receiver = receiver;
  }

  /** Lets go of the other end; packets are dropped from now on. */
  close(): void {
    this.closed = true;
    this.leave();
  }

  /** For who finds the other end: packets go there from now on. False: the link is closed, and so is the channel now. */
  join(channel: Channel): boolean {
    this.leave();
    if (this.closed) {
      channel.close();
      return false;
    }
    this.counters.connects++;
    this.channel = channel;
    return true;
  }

  /** For the same: whether that is how the other end is reached now. */
  holds(channel: Channel): boolean {
    return this.channel === channel;
  }

  /** For the same: the other end is gone, or is to go. */
  leave(): void {
    const { channel } = this;
    this.channel = null;
    channel?.close();
  }

  /** For the same: a message has come. */
  arrives(message: Uint8Array): void {
    const { arrived, counters, receiver } = this;
    if (message.length === 0) {
      counters.malformed++;
    } else if (receiver === null || message.length > this.most) {
      counters.dropped++;
    } else {
      counters.received++;
      arrived.bytes.set(message);
      arrived.at = 0;
      arrived.end = message.length;
      receiver.frameArrives(arrived);
    }
  }
}
