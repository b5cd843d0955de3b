/** Recording: what happens on both hosts and on the cable between them, put together in the order of time. */
import type { Micros, StackEvent, State } from 'synwave';
import { stateNames } from 'synwave';
import type { CableEvent, LabelledSegment } from 'synwave/sim';
import { OptionReader } from './packet.ts';

export type Side = 'client' | 'server';

/** RFC 9293 §3.1 and RFC 3168: the control bits, from the lowest. */
const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'] as const;

type Flag = (typeof FLAGS)[number];

/** Why a segment is sent a second time: RTO ran out, the tail of the flight is probed (RFC 8985 §7), or the peer's ACKs tell of a loss. */
export type Again = 'timeout' | 'probe' | 'again';

/** One segment on the cable. Numbers as in the header; octets; the window after scaling. */
export interface SegmentStep {
  readonly kind: 'segment';
  /** Its place in the order of sending. */
  readonly order: number;
  /** When it departs. */
  readonly time: Micros;
  readonly from: Side;
  readonly flags: readonly Flag[];
  readonly seq: number;
  /** 0 without ACK. */
  readonly ack: number;
  readonly len: number;
  readonly win: number;
  /** As tcpdump prints them; empty without any. */
  readonly options: string;
  /** Null: sent for the first time. */
  readonly again: Again | null;
  /** Never reaches the other TCP: lost on the cable, or thrown away there for its checksum. */
  dropped: 'lost' | 'corrupt' | null;
  twice: boolean;
  /** One that was sent later arrives earlier. */
  late: boolean;
}

/** A host's connection enters a state. */
interface StateStep {
  readonly kind: 'state';
  readonly time: Micros;
  readonly side: Side;
  readonly state: string;
}

/** A transmission control block comes to be, or is deleted. */
interface TcbStep {
  readonly kind: 'tcb';
  readonly time: Micros;
  readonly side: Side;
  readonly what: 'created' | 'deleted';
}

export type Step = SegmentStep | StateStep | TcbStep;

/** One side, while it is recorded. */
interface End {
  /** Its SND.UNA as the peer has told, counted from its first octet: what is acknowledged. */
  acknowledged: number;
  /** Its initial sequence number. */
  iss: number | null;
  /** The segment that it is just sending, before the cable has it. */
  leaving: Omit<SegmentStep, 'order' | 'options' | 'dropped' | 'twice' | 'late'> | null;
  /** The timer that went off last, and when. */
  fired: { readonly timer: string; readonly time: Micros } | null;
  /** Who waits for so many octets to be acknowledged. */
  readonly waiters: { readonly octets: number; readonly done: () => void }[];
  /** Of the segments it sent, the one that arrives last. */
  latest: { readonly step: SegmentStep; readonly arrivesAt: Micros } | null;
}

function newEnd(): End {
  return { acknowledged: 0, iss: null, leaving: null, fired: null, waiters: [], latest: null };
}

export class Recording {
  readonly steps: Step[] = [];
  /** States in the order in which they were entered; the first is where each side begins. */
  readonly states: Readonly<Record<Side, string[]>> = { client: ['CLOSED'], server: ['LISTEN'] };
  private readonly ends: Readonly<Record<Side, End>> = { client: newEnd(), server: newEnd() };
  private readonly options: OptionReader = new OptionReader();
  /** The segment that the cable told of last. */
  private current: SegmentStep | null = null;

  /** Initial sequence numbers; null for a side that has not sent a SYN. */
  get initial(): Readonly<Record<Side, number | null>> {
    return { client: this.ends.client.iss, server: this.ends.server.iss };
  }

  /** An observer for the host of that side. */
  hostTells(side: Side, event: StackEvent): void {
    const end = this.ends[side];
    switch (event.type) {
      case 'tcb':
        this.steps.push({ kind: 'tcb', time: event.time, side, what: event.what });
        break;
      case 'state':
        this.enter(side, event.time, event.to);
        break;
      case 'timer':
        if (event.fired) end.fired = { timer: event.timer, time: event.time };
        break;
      case 'segment': {
        const { time, seq, ack, length, window } = event;
        const flags = FLAGS.filter((_flag, bit) => (event.flags >> bit) & 1);
        if (event.direction === 'out') {
          if (flags.includes('SYN')) end.iss = seq;
          const again = event.again ? this.reason(end, time) : null;
          end.leaving = { kind: 'segment', time, from: side, flags, seq, ack, len: length, win: window, again };
        } else if (flags.includes('ACK')) this.acknowledge(end, ack);
        break;
      }
      default:
        break;
    }
  }

  /** A watcher for the cable. */
  cableTells(event: CableEvent): void {
    const from = event.from as Side;
    switch (event.type) {
      case 'sent': {
        const end = this.ends[from];
        const { leaving } = end;
        if (leaving === null) return;
        end.leaving = null;
        const options = this.options.read(event.frame);
        this.current = { ...leaving, order: event.id, options, dropped: null, twice: false, late: false };
        this.steps.push(this.current);
        if (event.arrivesAt !== null) overtake(end, this.current, event.arrivesAt);
        break;
      }
      case 'dropped':
        if (this.current !== null) this.current.dropped = 'lost';
        break;
      case 'corrupted':
        // A single wrong bit never passes the checksums (RFC 1071 §1), so it is thrown away when it arrives.
        if (this.current !== null) this.current.dropped = 'corrupt';
        break;
      case 'duplicated':
        if (this.current === null) break;
        this.current.twice = true;
        // The copy was taken before the bit was flipped.
        this.current.dropped = null;
        break;
      default:
        break;
    }
  }

  /** Resolves when the peer has acknowledged the first `octets` that this side sent. */
  acknowledged(side: Side, octets: number): Promise<void> {
    const end = this.ends[side];
    if (end.acknowledged >= octets) return Promise.resolve();
    return new Promise((done) => {
      end.waiters.push({ octets, done });
    });
  }

  private enter(side: Side, time: Micros, to: State): void {
    const state = stateNames[to] as string;
    this.states[side].push(state);
    this.steps.push({ kind: 'state', time, side, state });
  }

  private reason(end: End, time: Micros): Again {
    const timer = end.fired?.time === time ? end.fired.timer : '';
    return timer === 'retransmit' ? 'timeout' : timer === 'lossProbe' ? 'probe' : 'again';
  }

  private acknowledge(end: End, ack: number): void {
    if (end.iss === null) return;
    end.acknowledged = Math.max(end.acknowledged, offset(ack, end.iss) - 1);
    for (const waiter of end.waiters.splice(0)) {
      if (end.acknowledged >= waiter.octets) waiter.done();
      else end.waiters.push(waiter);
    }
  }
}

/** A segment as labels tell of it. */
export function labelled({ order, from, flags, seq, ack, len }: SegmentStep): LabelledSegment {
  const bits = flags.reduce((sum, flag) => sum | (1 << FLAGS.indexOf(flag)), 0);
  return { order, from, flags: bits, seq, ack, length: len };
}

/** How far a sequence number lies behind an initial one: the SYN is 0. */
export function offset(number: number, initial: number): number {
  return (number - initial) >>> 0;
}

function overtake(end: End, step: SegmentStep, arrivesAt: Micros): void {
  if (end.latest !== null && end.latest.arrivesAt > arrivesAt) end.latest.step.late = true;
  else end.latest = { step, arrivesAt };
}
