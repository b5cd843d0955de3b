/** The stage of one case: opens sockets and servers, writes down what each actor sees, and takes everything away again. */
import { EventEmitter, once } from 'node:events';
import type { AddressInfo, ListenOptions, NetConnectOpts, Server, ServerOpts, Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Family } from '../../../src/base/address.ts';
import type { Net } from './case.ts';
import type { Silence } from './silence.ts';
import { hide, snapshot } from './snapshot.ts';

/** One line of a trace: what happened, and with which values. */
export type Entry = readonly [what: string, ...values: unknown[]];

/** What each actor (client, peer, server ...) saw, in its own order: the order between actors is the scheduler's. */
export type Trace = Readonly<Record<string, readonly Entry[]>>;

/** Both ends of a connection, and the server between them. */
export interface Pair {
  readonly server: Server;
  readonly client: Socket;
  readonly peer: Socket;
}

export interface PairOptions {
  readonly server?: ServerOpts;
  readonly client?: Partial<NetConnectOpts>;
  /** Neither end is watched: the case writes down itself what it wants to see. */
  readonly quiet?: boolean;
}

const SOCKET_EVENTS = [
  'lookup',
  'connectionAttempt',
  'connectionAttemptFailed',
  'connectionAttemptTimeout',
  'connect',
  'ready',
  'drain',
  'finish',
  'end',
  'timeout',
  'error',
  'close',
] as const;

const SERVER_EVENTS = ['listening', 'drop', 'error', 'close'] as const;

/** A value that can be taken away at the end. */
interface Closable extends EventEmitter {
  destroy?: () => unknown;
  close?: () => unknown;
}

/** One of the two that are compared. */
export interface Side {
  readonly net: Net;
  /** What is put before `net.` in the names of its diagnostics channels. */
  readonly channels: string;
  /** `host`: the loopback address of the family to be silent in. */
  readonly silence: (host: string) => Promise<Silence>;
}

/** What the two families call the same things. */
const PLACES = {
  4: { host: '127.0.0.1', any: '0.0.0.0', foreign: '192.0.2.77', group: '224.0.0.1' },
  6: { host: '::1', any: '::', foreign: '2001:db8::77', group: 'ff02::1' },
} as const;

export class Stage {
  readonly net: Net;
  readonly channels: string;
  readonly #silence: Side['silence'];
  /** Null: the case is run once. */
  readonly #family: Family | null;
  #asked = false;
  readonly #ends: (() => void)[] = [];
  /** What stands for an address in the trace. */
  readonly #addresses = new Map<string, string>();
  readonly #actors = new Map<string, Entry[]>();
  readonly #owned = new Set<Closable>();
  /** Those that said 'close'; the property `closed` of a stream is true a moment earlier. */
  readonly #closed = new WeakSet<EventEmitter>();
  readonly #ports = new Map<number, string>();
  #over = false;

  constructor(side: Side, family: Family | null) {
    this.net = side.net;
    this.channels = side.channels;
    this.#silence = side.silence;
    this.#family = family;
  }

  /** The family that the case is run over. Throws in a case that is run once. */
  get family(): Family {
    this.#asked = true;
    if (this.#family === null) throw new Error('a case that is run once names its addresses');
    return this.#family;
  }

  /** Whether the case has asked for the family that it is run over, or for an address of it. */
  get asked(): boolean {
    return this.#asked;
  }

  /** The loopback address: 127.0.0.1 or ::1. */
  get host(): string {
    return PLACES[this.family].host;
  }

  /** Every address of the host: 0.0.0.0 or ::. */
  get any(): string {
    return PLACES[this.family].any;
  }

  /** An address that is somebody else's. */
  get foreign(): string {
    return PLACES[this.family].foreign;
  }

  /** An address that is a group's. */
  get group(): string {
    return PLACES[this.family].group;
  }

  /** What a look-up answers that found the loopback address. */
  get found(): { address: string; family: Family } {
    return { address: this.host, family: this.family };
  }

  /** Writes a line into the trace of `actor`. Text that arrives in several pieces is one line. */
  note(actor: string, what: string, ...values: readonly unknown[]): void {
    if (this.#over) return;
    let lines = this.#actors.get(actor);
    if (lines === undefined) this.#actors.set(actor, (lines = []));
    const last = lines.at(-1);
    const value = values[0];
    if (what === 'data' && last !== undefined && last[0] === 'data') {
      const before = last[1];
      if (before instanceof Uint8Array && value instanceof Uint8Array) {
        lines[lines.length - 1] = ['data', Buffer.concat([before, value])];
        return;
      }
      if (typeof before === 'string' && typeof value === 'string') {
        lines[lines.length - 1] = ['data', before + value];
        return;
      }
    }
    // Text is kept as it is until the end, so that pieces can be joined; all else is read now, before it changes.
    const keep = what === 'data' && (typeof value === 'string' || value instanceof Uint8Array);
    lines.push([what, ...(keep ? values : values.map((one) => snapshot(one)))]);
  }

  /** A callback that writes down its arguments. */
  called(actor: string, what: string): (...values: unknown[]) => void {
    return (...values) => this.note(actor, what, ...values);
  }

  /** Calls `fn` and writes down what it answers or throws; a socket or server that it makes is watched and owned. */
  call<T>(actor: string, what: string, fn: () => T): T | undefined {
    try {
      const answer = fn();
      if (answer instanceof EventEmitter) this.own(answer as Closable, actor);
      this.note(actor, what, 'answers', answer);
      return answer;
    } catch (error) {
      this.note(actor, what, 'throws', error);
      return undefined;
    }
  }

  /** Calls a method that is documented to answer its own object, and writes down whether it does. */
  chains<T extends EventEmitter>(actor: string, what: string, self: T, fn: (self: T) => unknown): void {
    try {
      this.note(actor, what, fn(self) === self ? 'chains' : 'answers something else');
    } catch (error) {
      this.note(actor, what, 'throws', error);
    }
  }

  /** Takes `it` away at the end; with an actor, also writes down an error that nobody else hears. */
  own<T extends Closable>(it: T, actor?: string): T {
    if (!this.#owned.has(it)) {
      this.#owned.add(it);
      it.on('close', () => this.#closed.add(it));
      const heard = actor !== undefined && it.listenerCount('error') === 0;
      it.on('error', heard ? (error) => this.note(actor, 'error', error) : () => {});
    }
    return it;
  }

  /** Writes down every event of a socket, under `actor`. `data` makes it flow and writes down the text as well. */
  watch<T extends Socket>(actor: string, socket: T, data = false): T {
    for (const event of SOCKET_EVENTS) socket.on(event, (...values: unknown[]) => this.note(actor, event, ...values));
    if (data) socket.on('data', (text) => this.note(actor, 'data', text));
    return this.own(socket);
  }

  /** Writes down every event of a server but 'connection', under `actor`. */
  watchServer<T extends Server>(actor: string, server: T): T {
    for (const event of SERVER_EVENTS) server.on(event, (...values: unknown[]) => this.note(actor, event, ...values));
    return this.own(server);
  }

  /** Writes down the values of some properties of a socket now. */
  state(actor: string, socket: Socket, what = 'state', ...names: readonly (keyof Socket)[]): void {
    const all = names.length > 0 ? names : (['readyState', 'pending', 'connecting', 'destroyed'] as const);
    this.note(actor, what, Object.fromEntries(all.map((name) => [name, socket[name]])));
  }

  /** Hides `port` under `name` in the whole trace. */
  name(port: number | undefined, name: string): void {
    if (port !== undefined) this.#ports.set(port, `<${name}>`);
  }

  /** A server of this stage, not yet listening. */
  server(options: ServerOpts = {}, connection?: (peer: Socket) => void): Server {
    const server = this.net.createServer(options);
    server.on('connection', (peer) => {
      this.own(peer);
      connection?.(peer);
    });
    return this.own(server);
  }

  /** Starts listening, on loopback unless told otherwise; answers the port. */
  async listen(server: Server, options: ListenOptions = {}, name = 'server'): Promise<number> {
    server.listen({ port: 0, ...options, host: options.host ?? this.host });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    this.name(port, name);
    return port;
  }

  /** A server on loopback that does `connection` to each peer; answers the port. */
  async serve(connection?: (peer: Socket) => void, host = this.host, options: ServerOpts = {}): Promise<number> {
    return this.listen(this.server(options, connection), { host });
  }

  /** A connected pair, both ends watched as `client` and `peer` from their first moment. */
  async pair(options: PairOptions = {}): Promise<Pair> {
    const { quiet = false } = options;
    const { host } = this;
    const server = this.server(options.server);
    const accepted = once(server, 'connection').then(([peer]: Socket[]) => {
      if (peer === undefined) throw new Error('a connection without a socket');
      return quiet ? peer : this.watch('peer', peer);
    });
    const port = await this.listen(server, { host });
    const client = this.net.connect({ port, host, ...options.client } as NetConnectOpts);
    if (quiet) this.own(client);
    else this.watch('client', client);
    const [peer] = await Promise.all([accepted, once(client, 'connect')]);
    return { server, client, peer };
  }

  /** A port on which nobody listens: it was open a moment ago. */
  async closedPort(host = this.host, name = 'closed'): Promise<number> {
    const server = this.net.createServer();
    const port = await this.listen(server, { host }, name);
    server.close();
    await once(server, 'close');
    return port;
  }

  /** A place that never answers; in the trace it is called so, wherever it is. */
  async silence(): Promise<Silence> {
    const silence = await this.#silence(this.host);
    this.#ends.push(silence.end);
    this.#addresses.set(silence.address, '<silent>');
    this.name(silence.port, 'silent');
    return silence;
  }

  /** The next time that `emitter` emits `event`; an 'error' meanwhile does not end the wait. Answers the arguments. */
  until(emitter: EventEmitter, event: string): Promise<unknown[]> {
    return new Promise((resolve) => emitter.once(event, (...values: unknown[]) => resolve(values)));
  }

  /** 'close' of each, or at once where it has come already. */
  async closed(...sockets: readonly Socket[]): Promise<void> {
    await Promise.all(
      sockets.filter((socket) => !this.#closed.has(socket)).map((socket) => this.until(socket, 'close')),
    );
  }

  /** Waits in real time, in milliseconds. */
  async wait(milliseconds: number): Promise<void> {
    await sleep(milliseconds);
  }

  /** Waits for the next turn of the event loop. */
  async turn(): Promise<void> {
    await nextTurn();
  }

  /** The end of the case: what comes now is not written down any more. Answers the trace. */
  finish(): Trace {
    this.#over = true;
    for (const it of this.#owned) {
      it.destroy?.();
      it.close?.();
    }
    for (const end of this.#ends) end();
    const names = { ports: this.#ports, addresses: this.#addresses };
    const trace: Record<string, Entry[]> = {};
    for (const [actor, lines] of [...this.#actors].sort(([a], [b]) => (a < b ? -1 : 1))) {
      trace[actor] = lines.map((line) => hide(snapshot(line), names) as Entry);
    }
    return trace;
  }
}
