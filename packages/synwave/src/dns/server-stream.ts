/** ServerStream: one TCP connection of a name server: questions in a row, answers as they come, never idle for long (RFC 7766). */
import type { Micros } from '../base/time.ts';
import type { Alarm, Driver } from '../socket/driver.ts';
import type { TcpSocket } from '../socket/tcp-socket.ts';
import { FrameReader, FrameWriter } from './frames.ts';

/** Answers to octets; null: nobody who sends that is answered. */
export type Answerer = (octets: Uint8Array) => Uint8Array | null | Promise<Uint8Array | null>;

/** Questions of one connection that may be under way: the next is read when one is answered. */
const PIPELINE = 64;

export class ServerStream {
  private readonly socket: TcpSocket;
  private readonly driver: Driver;
  private readonly answer: Answerer;
  private readonly idle: Micros;
  private readonly over: (stream: ServerStream) => void;
  private readonly reader: FrameReader;
  private readonly writer: FrameWriter;
  private alarm: Alarm | null = null;
  private unanswered = 0;
  private ended = false;
  private closed = false;

  /** `over` is called once, when nothing more comes of it. Nothing is read before `begin`. */
  constructor(socket: TcpSocket, driver: Driver, answer: Answerer, idle: Micros, over: (stream: ServerStream) => void) {
    this.socket = socket;
    this.driver = driver;
    this.answer = answer;
    this.idle = idle;
    this.over = over;
    this.reader = new FrameReader(socket);
    this.writer = new FrameWriter(socket);
    socket.handler = {
      readable: () => this.read(),
      writable: () => {
        this.writer.flush();
        this.read();
      },
      ended: () => {
        this.ended = true;
        this.read();
      },
      closed: () => this.close(),
    };
  }

  /** Reads what has come already, and from now on what comes. */
  begin(): void {
    this.heard();
    this.read();
  }

  /** What was answered still goes out. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.alarm?.cancel();
    this.socket.close();
    this.over(this);
  }

  /** Questions are read as long as their answers go out: who does not take them is not read from. */
  private read(): void {
    while (!this.closed && this.unanswered < PIPELINE && this.writer.isEmpty) {
      const octets = this.reader.next();
      if (octets === null) break;
      this.heard();
      const answer = this.answer(octets);
      if (answer instanceof Promise) void this.later(answer);
      else this.send(answer);
    }
    if (this.ended && this.unanswered === 0 && this.writer.isEmpty && !this.unread) this.close();
  }

  private get unread(): boolean {
    return !this.closed && this.socket.readable > 0;
  }

  /** §7: an answer that takes longer holds up no other. */
  private async later(answer: Promise<Uint8Array | null>): Promise<void> {
    this.unanswered++;
    const octets = await answer;
    this.unanswered--;
    if (this.closed) return; // §6.2.4: nothing more is sent
    this.send(octets);
    this.read();
  }

  private send(octets: Uint8Array | null): void {
    if (octets === null) this.drop();
    else this.writer.send(octets);
  }

  /** §6.2.3: a whole message begins the time anew, a piece of one does not. Who takes answers is given the time for it. */
  private heard(): void {
    const { taken } = this.writer;
    this.alarm?.cancel();
    this.alarm = this.driver.after(this.idle, () => {
      if (this.unanswered > 0 || (!this.writer.isEmpty && this.writer.taken > taken)) this.heard();
      else if (this.writer.isEmpty) this.close();
      else this.drop();
    });
  }

  private drop(): void {
    this.socket.abort();
    this.close();
  }
}
