/** The stage of one case: opens sockets of either side, writes down what each sees, and takes everything away again. */
import type nodeDgram from 'node:dgram';
import type { BindOptions, Socket, SocketOptions, SocketType } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { hide, snapshot } from '../net/diff/snapshot.ts';

/** The module that a case is given: the real one, or ours. */
export type Dgram = Pick<typeof nodeDgram, 'createSocket' | 'Socket'>;

type Entry = readonly [what: string, ...values: unknown[]];

/** What each actor saw, in its own order. */
export type Trace = Readonly<Record<string, readonly unknown[]>>;

export interface Case {
  readonly name: string;
  readonly run: (dgram: Dgram, on: Stage) => void | Promise<void>;
}

const EVENTS = ['listening', 'connect', 'message', 'error', 'close'] as const;

export class Stage {
  private readonly dgram: Dgram;
  private readonly actors: Map<string, Entry[]> = new Map<string, Entry[]>();
  private readonly ports: Map<number, string> = new Map<number, string>();
  private readonly sockets: Socket[] = [];
  private over = false;

  constructor(dgram: Dgram) {
    this.dgram = dgram;
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

  /** A socket whose events are written down under `actor`. */
  socket(actor: string, options: SocketType | SocketOptions = 'udp4'): Socket {
    const socket = this.dgram.createSocket(options as SocketOptions);
    for (const event of EVENTS) socket.on(event, (...values: unknown[]) => this.note(actor, event, ...values));
    this.sockets.push(socket);
    return socket;
  }

  /** The same, bound: to loopback of its family unless told otherwise. Its port is hidden under its actor's name. */
  async bound(
    actor: string,
    options: SocketType | SocketOptions = 'udp4',
    where: BindOptions = {},
  ): Promise<[Socket, number]> {
    const socket = this.socket(actor, options);
    const v6 = (typeof options === 'string' ? options : options.type) === 'udp6';
    socket.bind({ port: 0, address: v6 ? '::1' : '127.0.0.1', ...where });
    await once(socket, 'listening');
    const { port } = socket.address();
    this.ports.set(port, `<${actor}>`);
    return [socket, port];
  }

  /** A port on which nobody receives: it was bound a moment ago. */
  async closedPort(type: SocketType = 'udp4'): Promise<number> {
    const [socket, port] = await this.bound('closed', type);
    socket.close();
    await once(socket, 'close');
    return port;
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
