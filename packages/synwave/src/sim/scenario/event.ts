/** RunEvent: what happens in the run of a scenario, on hosts, on cables and in programs, in one order. */
import type { Micros } from '../../base/time.ts';
import type { Impairments } from '../../link/impair.ts';
import type { DueName } from '../../tcp/due.ts';
import type { CableDrop } from '../cable.ts';

/** One TCP segment, as in its header. Lengths in octets. */
export interface SegmentRecord {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  /** Of the header, not scaled. */
  readonly window: number;
  /** Octets of text. */
  readonly length: number;
  /** As tcpdump prints them; empty without any. */
  readonly options: string;
  /** Whether it was sent before. */
  readonly again: boolean;
}

/** One packet on a cable. */
export interface PacketRecord {
  /** In the whole run, from 0. */
  readonly id: number;
  /** The cable's name, and the number of the packet in its direction there, from 1. */
  readonly cable: string;
  readonly n: number;
  readonly from: string;
  readonly to: string;
  readonly sentAt: Micros;
  /** When it arrives, or would; null: never. */
  readonly arrivesAt: Micros | null;
  /** As it was handed to the cable. */
  readonly octets: Uint8Array;
  readonly protocol: 'TCP' | 'UDP' | 'ICMP' | 'other';
  /** Null for what is not TCP. */
  readonly segment: SegmentRecord | null;
  /** Of UDP: the ports. */
  readonly srcPort: number;
  readonly dstPort: number;
  /** Octets above the transport header. */
  readonly length: number;
  /** What befell it, in the order in which it did. */
  readonly fates: readonly PacketFate[];
}

/** What befalls a packet on a cable: it is lost and why, comes twice, has a bit wrong, is overtaken. */
export type PacketFate = CableDrop | 'corrupted' | 'duplicated' | 'marked' | 'late';

/** A connection, as a host names it: `10.0.0.1:50000 > 10.0.0.2:80`, and its number there. */
export interface ConnectionRef {
  readonly id: number;
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
}

export type SocketCall =
  | 'socket'
  | 'bind'
  | 'listen'
  | 'accept'
  | 'connect'
  | 'write'
  | 'read'
  | 'shutdown'
  | 'close'
  | 'abort'
  | 'setsockopt'
  | 'sendto'
  | 'recvfrom';

interface Happened {
  readonly time: Micros;
}

interface OnHost extends Happened {
  readonly host: string;
}

/** A program calls, with what it hands over in words. */
export interface CallEvent extends OnHost {
  readonly type: 'call';
  /** One number for the call and its return. */
  readonly number: number;
  readonly call: SocketCall;
  /** How the scenario names the socket. */
  readonly socket: string;
  readonly detail: string;
}

/** The call is over. */
export interface ReturnEvent extends OnHost {
  readonly type: 'return';
  readonly number: number;
  readonly call: SocketCall;
  readonly socket: string;
  /** `17 octets`, `end`, `ECONNREFUSED`; empty where there is nothing to say. */
  readonly result: string;
  /** Whether it failed. */
  readonly failed: boolean;
  /** What was read or written, at most the first 4,096 octets of it; null for other calls. */
  readonly octets: Uint8Array | null;
}

export interface SentEvent extends Happened {
  readonly type: 'sent' | 'arrived';
  readonly packet: PacketRecord;
}

export interface LostEvent extends Happened {
  readonly type: 'lost';
  readonly packet: PacketRecord;
  readonly reason: CableDrop;
}

export interface StateMoveEvent extends OnHost {
  readonly type: 'state';
  readonly connection: ConnectionRef;
  /** The RFC's names. */
  readonly from: string;
  readonly to: string;
}

export interface TcbMoveEvent extends OnHost {
  readonly type: 'tcb';
  readonly connection: ConnectionRef;
  readonly what: 'created' | 'deleted';
}

export interface TimerMoveEvent extends OnHost {
  readonly type: 'timer';
  readonly connection: ConnectionRef;
  readonly timer: DueName;
  readonly what: 'set' | 'stopped' | 'fired';
  /** When it goes off; null unless it was set. */
  readonly at: Micros | null;
}

/** The stack drops a packet that has arrived. */
export interface HostDropEvent extends OnHost {
  readonly type: 'drop';
  readonly reason: string;
}

export interface HostMoveEvent extends OnHost {
  readonly type: 'host';
  readonly what: 'crashes' | 'boots' | 'pauses' | 'resumes';
}

export interface CableMoveEvent extends Happened {
  readonly type: 'cable';
  readonly cable: string;
  readonly what: 'unplugged' | 'plugged' | 'changed';
  /** What is different from now on; null unless it is `changed`. */
  readonly impairments: Impairments | null;
}

export type RunEvent =
  | CallEvent
  | ReturnEvent
  | SentEvent
  | LostEvent
  | StateMoveEvent
  | TcbMoveEvent
  | TimerMoveEvent
  | HostDropEvent
  | HostMoveEvent
  | CableMoveEvent;

/** The host at which an event is seen: for a packet, who sends it or gets it; null for what is between them. */
export function placeOf(event: RunEvent): string | null {
  switch (event.type) {
    case 'sent':
      return event.packet.from;
    case 'arrived':
      return event.packet.to;
    case 'lost':
    case 'cable':
      return null;
    default:
      return event.host;
  }
}
