/** Messages over TCP (RFC 1035 §4.2.2, RFC 7766 §8): two octets of length in front of each. */
import type { TcpSocket } from '../socket/tcp-socket.ts';

const PREFIX = 2;

/** Puts messages together from what a socket has received. */
export class FrameReader {
  private readonly socket: TcpSocket;
  private part: Uint8Array = new Uint8Array(PREFIX);
  private filled = 0;
  private inMessage = false;

  constructor(socket: TcpSocket) {
    this.socket = socket;
  }

  /** The next message; null: it has not come, or not all of it. */
  next(): Uint8Array | null {
    for (;;) {
      const { part } = this;
      while (this.filled < part.length) {
        const n = this.socket.tryRead(part, this.filled);
        if (n <= 0) return null;
        this.filled += n;
      }
      this.filled = 0;
      this.inMessage = !this.inMessage;
      this.part = new Uint8Array(this.inMessage ? ((part[0] as number) << 8) | (part[1] as number) : PREFIX);
      if (!this.inMessage) return part;
    }
  }
}

/** Hands messages to a socket, each with its length in one piece (RFC 7766 §8), and keeps what does not fit. */
export class FrameWriter {
  /** Octets that the socket has taken. */
  taken = 0;
  private readonly socket: TcpSocket;
  private readonly waiting: Uint8Array[] = [];
  /** Octets of the first one that are gone. */
  private sent = 0;

  constructor(socket: TcpSocket) {
    this.socket = socket;
  }

  /** Whether the socket holds all there was to send. */
  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  /** Answers false when the socket will take nothing any more. */
  send(message: Uint8Array): boolean {
    const frame = new Uint8Array(PREFIX + message.length);
    frame[0] = message.length >> 8;
    frame[1] = message.length;
    frame.set(message, PREFIX);
    this.waiting.push(frame);
    return this.waiting.length > 1 || this.flush();
  }

  /** The socket has room again. What it will never take is forgotten; the answer is as that of `send`. */
  flush(): boolean {
    for (let frame = this.waiting[0]; frame !== undefined; frame = this.waiting[0]) {
      const n = this.socket.tryWrite(frame, this.sent);
      if (n < 0) {
        this.waiting.length = 0;
        return false;
      }
      this.taken += n;
      this.sent += n;
      if (this.sent < frame.length) return true;
      this.sent = 0;
      this.waiting.shift();
    }
    return true;
  }
}
