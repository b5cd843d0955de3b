/** SocketActor: a program's socket in a scenario: every call and its return are told, in the order in which they happen. */
import type { SynwaveError } from '../../base/errors.ts';
import type { TcpSocket } from '../../socket/tcp-socket.ts';
import type { SocketCall } from './event.ts';

/** Told of a call, with what is handed over in words. Answers how to tell of its return. */
export type Teller = (call: SocketCall, socket: string, detail: string) => Told;

export type Told = (result: string, failed?: boolean, octets?: Uint8Array) => void;

/** The most that one read takes, as the textbooks' `recv(1024)` would say: larger, so that a message is one read. */
const CHUNK = 65_536;

/** What a read answers: octets; null at the end of the stream; or why it failed. */
export type ReadResult = Uint8Array | null | SynwaveError;

export class SocketActor {
  /** How the scenario calls it. */
  readonly name: string;
  readonly tcp: TcpSocket;
  private readonly tell: Teller;
  private reader: { readonly most: number; readonly told: Told; readonly done: (got: ReadResult) => void } | null =
    null;
  private writer: { readonly octets: Uint8Array; at: number; readonly told: Told; readonly done: () => void } | null =
    null;
  private readonly queue: { readonly octets: Uint8Array; readonly done: () => void }[] = [];
  private connector: { readonly told: Told; readonly done: (error: SynwaveError | null) => void } | null = null;
  private failure: SynwaveError | null = null;
  private over = false;
  private ending = false;
  private givenUp = false;
  /** Called when octets have been read or handed over. */
  moved: () => void = () => undefined;

  constructor(name: string, tcp: TcpSocket, tell: Teller) {
    this.name = name;
    this.tcp = tcp;
    this.tell = tell;
    tcp.handler = {
      connected: () => this.opened(null),
      readable: () => this.goOnReading(),
      writable: () => this.goOnWriting(),
      ended: () => this.goOnReading(),
      closed: (error) => this.closed(error),
    };
  }

  /** Whether the program has closed it, or the connection has ended by itself. */
  get isClosed(): boolean {
    return this.givenUp || this.over;
  }

  /** `connect` has been called: `told` tells of its return. */
  connecting(told: Told, done: (error: SynwaveError | null) => void): void {
    this.connector = { told, done };
  }

  /** Reads what is there, at most so many octets, or waits for some. One read at a time: a second one is passed over. */
  read(done: (got: ReadResult) => void, most: number = CHUNK): void {
    if (this.reader !== null) return;
    const told = this.tell('read', this.name, `at most ${most} octets`);
    this.reader = { most, told, done };
    this.goOnReading();
  }

  /** Hands octets over; waits while the send buffer is full. Writes are done one after the other. */
  write(octets: Uint8Array, done: () => void = () => undefined): void {
    this.queue.push({ octets, done });
    if (this.writer === null) this.nextWrite();
  }

  /** No more to send, once what was written is handed over: a FIN. */
  shutdown(): void {
    this.tell('shutdown', this.name, 'SHUT_WR')('');
    this.ending = true;
    this.endIfDone();
  }

  /** Done with both directions. */
  close(): void {
    this.tell('close', this.name, '')('');
    this.giveUp();
    this.tcp.close();
  }

  /** Ends the connection by a RST. */
  abort(): void {
    this.tell('abort', this.name, '')('');
    this.giveUp();
    this.tcp.abort();
  }

  setNoDelay(on: boolean): void {
    this.tell('setsockopt', this.name, `TCP_NODELAY ${on ? 1 : 0}`)('');
    this.tcp.setNoDelay(on);
  }

  setKeepAlive(on: boolean): void {
    this.tell('setsockopt', this.name, `SO_KEEPALIVE ${on ? 1 : 0}`)('');
    this.tcp.setKeepAlive(on);
  }

  /** The socket is closed: what still waits on it returns, and the program does not go on with it. */
  private giveUp(): void {
    const { reader, connector } = this;
    this.givenUp = true;
    this.reader = null;
    this.connector = null;
    reader?.told('EBADF', true);
    connector?.told('EBADF', true);
  }

  private opened(error: SynwaveError | null): void {
    const { connector } = this;
    this.connector = null;
    connector?.told(error === null ? '' : error.code, error !== null);
    connector?.done(error);
  }

  private goOnReading(): void {
    const { reader, tcp } = this;
    if (reader === null) return;
    const into = new Uint8Array(Math.min(reader.most, Math.max(tcp.readable, 1)));
    const n = tcp.tryRead(into);
    if (n === 0 && !this.over) return;
    this.reader = null;
    if (n > 0) {
      const octets = into.subarray(0, n);
      this.moved();
      reader.told(`${n} octets`, false, octets);
      reader.done(octets);
    } else if (this.failure !== null) {
      reader.told(this.failure.code, true);
      reader.done(this.failure);
    } else {
      reader.told('0: the end');
      reader.done(null);
    }
  }

  private nextWrite(): void {
    const next = this.queue.shift();
    if (next === undefined) {
      this.endIfDone();
      return;
    }
    const { octets, done } = next;
    this.writer = { octets, at: 0, told: this.tell('write', this.name, `${octets.length} octets`), done };
    this.goOnWriting();
  }

  private goOnWriting(): void {
    const { writer, tcp } = this;
    if (writer === null) return;
    const n = tcp.tryWrite(writer.octets, writer.at);
    if (n < 0) {
      this.writer = null;
      this.queue.length = 0;
      writer.told(this.failure?.code ?? 'EPIPE', true);
      return;
    }
    writer.at += n;
    if (writer.at < writer.octets.length) return; // blocked: `writable` comes
    this.writer = null;
    this.moved();
    writer.told(`${writer.octets.length} octets`, false, writer.octets);
    writer.done();
    if (this.writer === null) this.nextWrite();
  }

  private endIfDone(): void {
    if (this.ending && this.writer === null && this.queue.length === 0) this.tcp.end();
  }

  private closed(error: SynwaveError | null): void {
    this.failure = error;
    this.over = true;
    if (error !== null) this.opened(error);
    this.goOnReading();
    this.goOnWriting();
  }
}
