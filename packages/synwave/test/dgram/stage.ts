/** The stage of one case: opens sockets of either side, writes down what each sees, and takes everything away again. */
import type nodeDgram from 'node:dgram';
import type { BindOptions, Socket, SocketOptions, SocketType } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Family } from '../../src/base/address.ts';
import { hide, snapshot } from '../net/diff/snapshot.ts';

/** The module that a case is given: the real one, or ours. */
export type Dgram = Pick<typeof nodeDgram, 'createSocket' | 'Socket'>;

type Entry = readonly [what: string, ...values: unknown[]];

/** What each actor saw, in its own order. */
export type Trace = Readonly<Record<string, readonly unknown[]>>;

export interface Case {
  readonly name: string;
  /** Set where the case is about families itself, or about no address: it is run once. All others are run over each family. */
  readonly once?: boolean;
  /** Set where a case that is run once needs ::1. */
  readonly six?: boolean;
  readonly run: (dgram: Dgram, on: Stage) => void | Promise<void>;
}

/** What the two families call the same things. */
const PLACES = {
  4: { type: 'udp4', host: '127.0.0.1', any: '0.0.0.0', foreign: '192.0.2.1' },
  6: { type: 'udp6', host: '::1', any: '::', foreign: '2001:db8::1' },
} as const;

const EVENTS = ['listening', 'connect', 'message', 'error', 'close'] as const;

export class Stage {
  private readonly dgram: Dgram;
  private readonly actors: Map<string, Entry[]> = new Map<string, Entry[]>();
  private readonly ports: Map<number, string> = new Map<number, string>();
  private readonly sockets: Socket[] = [];
  /** Null: the case is run once. */
  private readonly ran: Family | null;
  private over = false;
  /** Whether the case has asked for the family that it is run over, or for what follows from it. */
  asked = false;

  constructor(dgram: Dgram, family: Family | null) {
    this.dgram = dgram;
    this.ran = family;
  }

  /** The family that the case is run over. Throws in a case that is run once. */
  get family(): Family {
    this.asked = true;
    if (this.ran === null) throw new Error('a case that is run once names its types and addresses');
    return this.ran;
  }

  /** The type of socket of the family. */
  get type(): SocketType {
    return PLACES[this.family].type;
  }

  /** The loopback address: 127.0.0.1 or ::1. */
  get host(): string {
    return PLACES[this.family].host;
  }

  /** The loopback address of the other family. */
  get stranger(): string {
    return PLACES[this.family === 4 ? 6 : 4].host;
  }

  /** Every address of the host: 0.0.0.0 or ::. */
  get any(): string {
    return PLACES[this.family].any;
  }

  /** An address that is somebody else's. */
  get foreign(): string {
    return PLACES[this.family].foreign;
  }

  note(actor: string, what: string, ...values: readonly unknown[]): void {
    if (this.over) return;
    const lines = this.actors.get(actor) ?? [];
    this.actors.set(actor, lines);
    lines.push([what, ...values.map((one) => snapshot(one))]);
  }

  /** A callback that writes down its arguments. */
  called(actor: string, what: string): (...values: unknown[]) => void {
    return (...values) => this.note(actor, what, ...values);
  }

  /** Calls `act` and writes down what it answers or throws. */
  call<T>(actor: string, what: string, act: () => T): T | undefined {
    try {
      const answer = act();
      this.note(actor, what, 'answers', answer);
      return answer;
    } catch (error) {
      this.note(actor, what, 'throws', error);
      return undefined;
    }
  }

  /** A socket whose events are written down under `actor`; of the case's family unless told otherwise. */
  socket(actor: string, options: SocketType | Partial<SocketOptions> = {}): Socket {
    const socket = this.dgram.createSocket(this.typed(options));
    for (const event of EVENTS) socket.on(event, (...values: unknown[]) => this.note(actor, event, ...values));
    this.sockets.push(socket);
    return socket;
  }

  /** The same, bound: to loopback of its family unless told otherwise. Its port is hidden under its actor's name. */
  async bound(
    actor: string,
    options: SocketType | Partial<SocketOptions> = {},
    where: BindOptions = {},
  ): Promise<[Socket, number]> {
    const typed = this.typed(options);
    const socket = this.socket(actor, typed);
    socket.bind({ port: 0, address: PLACES[typed.type === 'udp6' ? 6 : 4].host, ...where });
    await once(socket, 'listening');
    const { port } = socket.address();
    this.ports.set(port, `<${actor}>`);
    return [socket, port];
  }

  /** A port on which nobody receives: it was bound a moment ago. */
  async closedPort(): Promise<number> {
    const [socket, port] = await this.bound('closed');
    socket.close();
    await once(socket, 'close');
    return port;
  }

  private typed(options: SocketType | Partial<SocketOptions>): SocketOptions {
    if (typeof options === 'string') return { type: options };
    return { ...options, type: options.type ?? this.type };
  }

  wait(milliseconds: number): Promise<void> {
    return sleep(milliseconds);
  }

  /** The end of the case. Answers the trace. */
  finish(): Trace {
    this.over = true;
    for (const socket of this.sockets) {
      try {
        socket.close();
      } catch {
        // closed by the case
      }
    }
    const names = { ports: this.ports, addresses: new Map<string, string>() };
    return Object.fromEntries(
      [...this.actors].map(([actor, lines]) => [actor, lines.map((line) => hide(line, names))]),
    );
  }
}
