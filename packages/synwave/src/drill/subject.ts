/** Subject: the host under test, on a link whose other end is the script, in virtual time. */
import type { Frame } from '../base/frame.ts';
import { Random } from '../base/random.ts';
import { type Micros, NEVER, SECOND } from '../base/time.ts';
import { type Link, type Offloads, onTheWire } from '../link/link.ts';
import type { StackEvent } from '../stack/events.ts';
import { Stack } from '../stack/stack.ts';
import type { TcpConfig } from '../tcp/config.ts';
import type { State } from '../tcp/state.ts';
import { type Live, readLive } from './live.ts';

/** The host's clock when a script begins: some time after it was made, as with any host. */
const BEGIN: Micros = 1_000 * SECOND;

/** Who hears of packets as they pass: the direction is the host's. */
export type Witness = (direction: 'in' | 'out', time: Micros, octets: Uint8Array) => void;

export class Subject implements Link {
  readonly name: string = 'tun0';
  readonly mtu: number;
  readonly offloads: Offloads = onTheWire;
  readonly stack: Stack;
  /** What the host has sent and nobody has looked at yet, oldest first. */
  readonly sent: Live[] = [];
  /** The state that each connection was in before it was closed, by its number. */
  readonly lastStates: Map<number, State> = new Map<number, State>();
  private readonly witness: Witness;
  private readonly leaves: (live: Live) => void;
  private readonly index: number;
  private clock: Micros = BEGIN;
  private next: Micros = NEVER;

  constructor(options: {
    mtu: number;
    addresses: readonly string[];
    config: TcpConfig;
    seed: number | string;
    witness: Witness;
    leaves: (live: Live) => void;
  }) {
    this.mtu = options.mtu;
    this.witness = options.witness;
    this.leaves = options.leaves;
    this.stack = new Stack({ random: new Random(options.seed), config: options.config, now: BEGIN });
    this.index = this.stack.internet.addInterface(this, options.addresses);
    this.stack.internet.addRoute('0.0.0.0/0', { interface: this.index });
    this.stack.internet.addRoute('::/0', { interface: this.index });
    this.stack.observer = (event) => this.observe(event);
  }

  /** Time since the script began. */
  get now(): Micros {
    return this.clock - BEGIN;
  }

  /** The same as the host's clock has it. */
  get hostTime(): Micros {
    return this.clock;
  }

  /** When the host wakes next; NEVER: not before somebody does something. */
  get wake(): Micros {
    return this.next - BEGIN;
  }

  send(frame: Frame): void {
    const octets = frame.copy();
    frame.release();
    this.witness('out', this.now, octets);
    const live = readLive(octets, this.now);
    if (live === null) return;
    this.leaves(live);
    this.sent.push(live);
  }

  attach(): void {
    // Frames are handed to the stack directly.
  }

  /** A packet arrives at the host, which answers at once. */
  inject(frame: Frame): void {
    this.witness('in', this.now, frame.copy());
    this.stack.frameArrives(this.index, frame, this.clock);
    this.turn();
  }

  /** Lets the host do what is due now. */
  turn(): void {
    const { stack } = this;
    this.next = stack.turn(this.clock);
    for (let id = stack.nextNews(); id !== null; id = stack.nextNews()) if (id >= 0) stack.newsOf(id);
    while (stack.udp.nextNews() !== null);
    while (stack.nextEcho() !== null);
  }

  /** Time goes on to `to`, or to the host's next deadline if that comes first. Answers whether there was one. */
  step(to: Micros): boolean {
    const goal = to + BEGIN;
    const wakes = this.next <= goal;
    this.clock = Math.max(this.clock, wakes ? this.next : goal);
    if (wakes) this.turn();
    return wakes;
  }

  private observe(event: StackEvent): void {
    if (event.type === 'state') this.lastStates.set(event.connection.id, event.from);
  }
}
