/** Slots: every connection of a host by number: a Tcb, or the small row of one that is half open or in TIME-WAIT. */
import type { Address } from '../base/address.ts';
import { TupleTable } from '../base/tuple-table.ts';
import type { Path } from '../ip/path.ts';
import type { TcpConfig } from '../tcp/config.ts';
import { pack, ROW_INTS, ROW_TIMES, unpack } from '../tcp/row.ts';
import type { Tcb } from '../tcp/tcb.ts';

export const Kind = {
  Free: 0,
  /** A Tcb of its own. */
  Full: 1,
  /** SYN-RECEIVED after a passive OPEN: a row. */
  HalfOpen: 2,
  /** TIME-WAIT that no user holds: a row. */
  TimeWait: 3,
} as const;

export type Kind = (typeof Kind)[keyof typeof Kind];

const START = 16;

/** Columns by slot. A slot is numbered anew when it is free and no user holds it. */
export class Slots {
  readonly tuples: TupleTable;
  /** How many slots there are of each kind. */
  readonly counts: number[] = [0, 0, 0, 0];
  private kinds: Uint8Array = new Uint8Array(START);
  /** Whether a user holds the number. */
  private held: Uint8Array = new Uint8Array(START);
  /** Whether the slot is on the list of those with something to send. */
  private ready: Uint8Array = new Uint8Array(START);
  /** Which listener the connection came from, or -1. */
  private listeners: Int32Array = new Int32Array(START);
  private ints: Int32Array = new Int32Array(START * ROW_INTS);
  private times: Float64Array = new Float64Array(START * ROW_TIMES);
  private readonly tcbs: (Tcb | null)[] = [];
  /** The way to each one's peer. */
  private readonly paths: Path[] = [];
  /** The settings of a row's connection; they are shared, so this costs a word. */
  private readonly configs: (TcpConfig | null)[] = [];
  private readonly free: number[] = [];
  private used = 0;

  constructor(seed: number) {
    this.tuples = new TupleTable(seed);
  }

  /** A number for a new connection, found by its four-tuple from now on. */
  take(
    kind: Kind,
    path: Path,
    listener: number,
    local: Address,
    localPort: number,
    remote: Address,
    remotePort: number,
  ): number {
    const slot = this.free.pop() ?? this.used++;
    if (slot >= this.kinds.length) this.widen();
    this.kinds[slot] = kind;
    this.counts[kind] = (this.counts[kind] as number) + 1;
    this.held[slot] = 0;
    this.ready[slot] = 0;
    this.paths[slot] = path;
    this.listeners[slot] = listener;
    this.tcbs[slot] = null;
    this.configs[slot] = null;
    this.tuples.insert(slot, local, localPort, remote, remotePort);
    return slot;
  }

  /** Whether segments still find the slot by its four-tuple. */
  isListed(slot: number): boolean {
    return this.tuples.has(slot);
  }

  /** The four-tuple is free for another connection; the number is not. */
  unlist(slot: number): void {
    this.tuples.remove(slot);
  }

  give(slot: number): void {
    this.become(slot, Kind.Free);
    this.tcbs[slot] = null;
    this.configs[slot] = null;
    this.free.push(slot);
  }

  kindOf(slot: number): Kind {
    return this.kinds[slot] as Kind;
  }

  become(slot: number, kind: Kind): void {
    const before = this.kinds[slot] as Kind;
    this.counts[before] = (this.counts[before] as number) - 1;
    this.counts[kind] = (this.counts[kind] as number) + 1;
    this.kinds[slot] = kind;
  }

  isHeld(slot: number): boolean {
    return this.held[slot] === 1;
  }

  hold(slot: number, on: boolean): void {
    this.held[slot] = on ? 1 : 0;
  }

  /** Answers whether the slot was not ready before. */
  markReady(slot: number): boolean {
    if (this.ready[slot] === 1) return false;
    this.ready[slot] = 1;
    return true;
  }

  unmarkReady(slot: number): void {
    this.ready[slot] = 0;
  }

  pathOf(slot: number): Path {
    return this.paths[slot] as Path;
  }

  listenerOf(slot: number): number {
    return this.listeners[slot] as number;
  }

  /** The connection belongs to no listener any more: it was accepted, or the listener is gone. */
  detach(slot: number): void {
    this.listeners[slot] = -1;
  }

  tcbOf(slot: number): Tcb | null {
    return this.tcbs[slot] ?? null;
  }

  setTcb(slot: number, tcb: Tcb | null): void {
    this.tcbs[slot] = tcb;
  }

  pack(slot: number, tcb: Tcb): void {
    pack(tcb, this.ints, this.times, slot);
    this.configs[slot] = tcb.config;
  }

  unpack(slot: number, tcb: Tcb): void {
    unpack(tcb, this.configs[slot] as TcpConfig, this.ints, this.times, slot);
  }

  /** Every slot that is not free. */
  *all(): Generator<number> {
    for (let slot = 0; slot < this.used; slot++) if (this.kinds[slot] !== Kind.Free) yield slot;
  }

  private widen(): void {
    const size = this.kinds.length * 2;
    const bytes = (old: Uint8Array): Uint8Array => {
      const wide = new Uint8Array(size);
      wide.set(old);
      return wide;
    };
    const words = (old: Int32Array, each: number): Int32Array => {
      const wide = new Int32Array(size * each);
      wide.set(old);
      return wide;
    };
    this.kinds = bytes(this.kinds);
    this.held = bytes(this.held);
    this.ready = bytes(this.ready);
    this.listeners = words(this.listeners, 1);
    this.ints = words(this.ints, ROW_INTS);
    const times = new Float64Array(size * ROW_TIMES);
    times.set(this.times);
    this.times = times;
  }
}
