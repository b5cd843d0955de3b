/** Channel: the one connection that a resolver has to a server (RFC 7766 §6.2): kept, pipelined, closed when it idles. */
import { SynwaveError } from '../base/errors.ts';
import type { Micros } from '../base/time.ts';
import type { Alarm } from '../socket/driver.ts';
import type { TcpSocket } from '../socket/tcp-socket.ts';
import type { Message } from './codec.ts';
import type { Desk, Failure, ServerAddress } from './desk.ts';
import { FrameReader, FrameWriter } from './frames.ts';
import { isAnswerTo } from './message.ts';

/** A question that waits for its answer. */
interface Waiter {
  readonly query: Message;
  /** Whether it may be asked again when the connection ends (RFC 7766 §6.2.4). */
  again: boolean;
  readonly finish: (answer: Message | Failure) => void;
}

/** An open connection, and what reads and writes it. */
interface Line {
  readonly socket: TcpSocket;
  readonly reader: FrameReader;
  readonly writer: FrameWriter;
  established: boolean;
}

export class Channel {
  private readonly desk: Desk;
  private readonly to: ServerAddress;
  private readonly idle: Micros;
  private readonly waiters: Map<number, Waiter> = new Map<number, Waiter>();
  private line: Line | null = null;
  private idling: Alarm | null = null;

  constructor(desk: Desk, to: ServerAddress, idle: Micros) {
    this.desk = desk;
    this.to = to;
    this.idle = idle;
  }

  /** Asks the question under a number that no other one of this connection has (RFC 7766 §6.2.1). */
  ask(query: Message, timeout: Micros): Promise<Message | Failure> {
    const { desk, waiters } = this;
    let { id } = query;
    while (waiters.has(id)) id = desk.chance.id();
    return new Promise((resolve) => {
      const finish = (answer: Message | Failure): void => {
        alarm.cancel();
        desk.open.delete(finish);
        waiters.delete(id);
        resolve(answer);
        this.rest(typeof answer === 'string');
      };
      const alarm = desk.host.driver.after(timeout, () => finish('ETIMEOUT'));
      desk.open.add(finish);
      const waiter: Waiter = { query: { ...query, id }, again: true, finish };
      waiters.set(id, waiter);
      this.send([waiter]);
    });
  }

  /** No more questions. */
  close(): void {
    this.idling?.cancel();
    this.idling = null;
    const { line } = this;
    this.line = null;
    line?.socket.close();
  }

  private send(asked: readonly Waiter[]): void {
    const { desk } = this;
    this.idling?.cancel();
    this.idling = null;
    const line = this.line ?? this.open();
    if (line === null) {
      for (const { finish } of asked) finish('ECONNREFUSED');
      return;
    }
    line.socket.ref();
    let alive = true;
    for (const { query } of asked) {
      desk.counters.sentOverTcp++;
      alive = line.writer.send(desk.codec.encode(query)) && alive;
    }
    // A power cut ends connections without a word.
    if (!alive) this.lose(line);
  }

  private open(): Line | null {
    const { desk, to } = this;
    try {
      const socket = desk.host.connect({ address: to.address, port: to.port });
      const line: Line = {
        socket,
        reader: new FrameReader(socket),
        writer: new FrameWriter(socket),
        established: false,
      };
      socket.handler = {
        connected: () => {
          line.established = true;
        },
        readable: () => this.read(line),
        writable: () => line.writer.flush(),
        ended: () => this.lose(line),
        closed: () => this.lose(line),
      };
      desk.counters.connections++;
      this.line = line;
      return line;
    } catch (error) {
      if (!(error instanceof SynwaveError)) throw error;
      return null;
    }
  }

  /** RFC 7766 §7: answers come in any order. */
  private read(line: Line): void {
    const { desk, waiters } = this;
    for (let octets = line.reader.next(); octets !== null; octets = line.reader.next()) {
      const message = desk.codec.decode(octets);
      if (message === null) {
        // Who sends this cannot be relied on for the rest.
        desk.counters.ignored++;
        this.lose(line);
        return;
      }
      const waiter = waiters.get(message.id);
      if (waiter !== undefined && isAnswerTo(message, waiter.query)) waiter.finish(message);
      else desk.counters.ignored++;
    }
  }

  /** The connection is over. What was not answered is asked once more, if there ever was a connection. */
  private lose(line: Line): void {
    if (this.line === line) this.line = null;
    else return;
    line.socket.close();
    const left = [...this.waiters.values()];
    const again = left.filter((waiter) => line.established && waiter.again);
    for (const waiter of again) waiter.again = false;
    for (const waiter of left) if (!again.includes(waiter)) waiter.finish('ECONNREFUSED');
    if (again.length > 0) this.send(again);
  }

  /** Nobody waits: after a while the connection is closed (§6.2.3); at once if it has shown to be of no use. */
  private rest(failed: boolean): void {
    const { line } = this;
    if (this.waiters.size > 0 || line === null) return;
    if (failed) {
      this.line = null;
      line.socket.abort();
      return;
    }
    line.socket.unref();
    this.idling ??= this.desk.host.driver.after(this.idle, () => this.close());
  }
}
