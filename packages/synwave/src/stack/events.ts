/** What a stack tells those who look on: a typed stream, made only while someone listens. */
import type { Family } from '../base/address.ts';
import { type Micros, NEVER } from '../base/time.ts';
import type { DueName } from '../tcp/due.ts';
import { State } from '../tcp/state.ts';
import type { Watch } from '../tcp/watch.ts';

/** Which connection an event is about: its number on this host, and its two sockets as text. */
export interface ConnectionName {
  readonly id: number;
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
}

/** A TCB came to be, or was deleted. */
export interface TcbEvent {
  readonly type: 'tcb';
  readonly time: Micros;
  readonly connection: ConnectionName;
  readonly what: 'created' | 'deleted';
}

/** A connection moved from one state to another. */
export interface StateEvent {
  readonly type: 'state';
  readonly time: Micros;
  readonly connection: ConnectionName;
  readonly from: State;
  readonly to: State;
}

/** A segment left or arrived. Sequence numbers as on the wire, 0 to 2^32 - 1; the window in octets. */
export interface SegmentEvent {
  readonly type: 'segment';
  readonly time: Micros;
  /** Null for a segment that belongs to no connection: a RST, or what it answers. */
  readonly connection: ConnectionName | null;
  readonly direction: 'out' | 'in';
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly length: number;
  readonly window: number;
  /** Sent before. */
  readonly again: boolean;
}

/** A timer was set (`at`), turned off (`at` is null) or went off (`fired`). */
export interface TimerEvent {
  readonly type: 'timer';
  readonly time: Micros;
  readonly connection: ConnectionName;
  readonly timer: DueName;
  readonly at: Micros | null;
  readonly fired: boolean;
}

/** A packet was dropped, with the reason in words. */
export interface DropEvent {
  readonly type: 'drop';
  readonly time: Micros;
  readonly connection: ConnectionName | null;
  readonly reason: string;
}

/** A UDP datagram left or arrived. `length`: octets of its text. */
export interface DatagramEvent {
  readonly type: 'datagram';
  readonly time: Micros;
  readonly direction: 'out' | 'in';
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  readonly length: number;
}

/** An ICMP message left or arrived. Type and code as on the wire, so they mean what they mean in that family. */
export interface IcmpEvent {
  readonly type: 'icmp';
  readonly time: Micros;
  readonly direction: 'out' | 'in';
  readonly family: Family;
  readonly local: string;
  readonly remote: string;
  readonly icmpType: number;
  readonly code: number;
  /** Octets with the header. */
  readonly length: number;
}

/** A neighbour's entry moved from one state of RFC 4861 §7.3.2 to another. */
export interface NeighbourEvent {
  readonly type: 'neighbour';
  readonly time: Micros;
  readonly interface: string;
  readonly address: string;
  /** Null while it is not known. */
  readonly mac: string | null;
  readonly from: string;
  readonly to: string;
}

/** An address of this host came or went; another station turned out to have it; or it is yet to be probed for. */
export interface AddressEvent {
  readonly type: 'address';
  readonly time: Micros;
  readonly interface: string;
  readonly address: string;
  readonly what: 'added' | 'removed' | 'duplicate' | 'tentative';
}

/** What has befallen an address of this host, for services that have to act on it. */
export interface AddressMove {
  /** The interface's number. */
  readonly interface: number;
  readonly address: string;
  readonly what: AddressEvent['what'];
}

export type StackEvent =
  | TcbEvent
  | StateEvent
  | SegmentEvent
  | TimerEvent
  | DropEvent
  | DatagramEvent
  | IcmpEvent
  | NeighbourEvent
  | AddressEvent;

export type Observer = (event: StackEvent) => void;

/** Looks on at one connection and tells the observer. */
export class ConnectionWatch implements Watch {
  readonly name: ConnectionName;
  private readonly observer: Observer;
  private readonly clock: { now: Micros };
  private readonly seen: Partial<Record<DueName, Micros>> = {};

  /** `clock.now` is the time of the event that is being served. */
  constructor(name: ConnectionName, observer: Observer, clock: { now: Micros }) {
    this.name = name;
    this.observer = observer;
    this.clock = clock;
  }

  stateMoves(from: State, to: State): void {
    const { name, observer, clock } = this;
    // A passive OPEN makes its TCB with the SYN that it answers, an active one with the call.
    if (from === State.Closed || from === State.Listen) this.tcb('created');
    observer({ type: 'state', time: clock.now, connection: name, from, to });
    if (to === State.Closed || to === State.Listen) this.tcb('deleted');
  }

  timerMoves(timer: DueName, at: Micros): void {
    if ((this.seen[timer] ?? NEVER) === at) return;
    this.seen[timer] = at;
    this.observer({
      type: 'timer',
      time: this.clock.now,
      connection: this.name,
      timer,
      at: at === NEVER ? null : at,
      fired: false,
    });
  }

  timerFires(timer: DueName): void {
    this.seen[timer] = NEVER;
    this.observer({ type: 'timer', time: this.clock.now, connection: this.name, timer, at: null, fired: true });
  }

  private tcb(what: 'created' | 'deleted'): void {
    this.observer({ type: 'tcb', time: this.clock.now, connection: this.name, what });
  }
}
