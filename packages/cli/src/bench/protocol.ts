/**
 * The protocol of iperf3, as it is seen on the wire: a connection for control, on which a cookie names the test, each step
 * is an octet, and documents of JSON have their length in front; and one connection for each stream, begun by the cookie.
 */
import { randomInt } from 'node:crypto';
import type { TcpSocket } from 'synwave';
import { Exit, UserError } from '../errors.ts';

/** The steps of a test, as octets on the control connection. */
export const Step = {
  TestStart: 1,
  TestRunning: 2,
  TestEnd: 4,
  Parameters: 9,
  CreateStreams: 10,
  ServerTerminates: 11,
  ClientTerminates: 12,
  Results: 13,
  Display: 14,
  Done: 16,
  /** A test is running already. */
  Busy: 255,
} as const;

/** 36 characters and an octet of zero. */
const COOKIE = 37;

/** Documents beyond this are none. */
const LARGEST = 1 << 20;

export function newCookie(): string {
  return Array.from({ length: COOKIE - 1 }, () => 'abcdefghijklmnopqrstuvwxyz234567'[randomInt(32)]).join('');
}

/** What a client asks for. Names are the wire's; those that are left out are off, or 0. */
export interface Parameters {
  readonly tcp?: boolean;
  readonly udp?: boolean;
  readonly omit?: number;
  /** Seconds, or 0: until `num` octets, or `blockcount` blocks, have gone. */
  readonly time?: number;
  readonly num?: number;
  readonly blockcount?: number;
  readonly parallel?: number;
  readonly reverse?: boolean;
  readonly bidirectional?: boolean;
  readonly MSS?: number;
  readonly nodelay?: boolean;
  readonly window?: number;
  readonly len?: number;
  /** Bits in a second for each stream. */
  readonly bandwidth?: number;
  readonly congestion?: string;
  readonly pacing_timer?: number;
  readonly client_version?: string;
}

interface StreamResult {
  readonly id: number;
  readonly bytes: number;
  readonly retransmits: number;
  readonly jitter: number;
  readonly errors: number;
  readonly packets: number;
  readonly start_time: number;
  readonly end_time: number;
}

/** What each side tells the other at the end. */
export interface Results {
  readonly cpu_util_total: number;
  readonly cpu_util_user: number;
  readonly cpu_util_system: number;
  readonly sender_has_retransmits: number;
  readonly congestion_used?: string;
  readonly streams: readonly StreamResult[];
}

/** One connection, read by counts of octets. */
export class Control {
  readonly socket: TcpSocket;
  private buffered: Buffer = Buffer.alloc(0);
  private awaited: Promise<number | null> | null = null;

  constructor(socket: TcpSocket) {
    this.socket = socket;
  }

  /** So many octets; null when the connection ends before. */
  async take(count: number): Promise<Buffer | null> {
    while (this.buffered.length < count) {
      const chunk = await this.socket.read();
      if (chunk === null) return null;
      this.buffered = Buffer.concat([this.buffered, chunk]);
    }
    const taken = this.buffered.subarray(0, count);
    this.buffered = this.buffered.subarray(count);
    return taken;
  }

  /** The next step; null when the connection ends. Whoever asks again before it has come gets the same one. */
  step(): Promise<number | null> {
    if (this.awaited === null) {
      const next = this.take(1).then((octet) => octet?.[0] ?? null);
      const settled = (): void => {
        this.awaited = null;
      };
      next.then(settled, settled);
      this.awaited = next;
    }
    return this.awaited;
  }

  async say(step: number): Promise<void> {
    await this.socket.write(Uint8Array.of(step));
  }

  async cookie(): Promise<string | null> {
    const octets = await this.take(COOKIE);
    return octets === null ? null : octets.toString('latin1', 0, COOKIE - 1);
  }

  async tell(document: unknown): Promise<void> {
    const text = Buffer.from(JSON.stringify(document));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    await this.socket.write(Buffer.concat([length, text]));
  }

  /** Throws UserError for what is no document. */
  async hear(): Promise<unknown> {
    const length = (await this.take(4))?.readUInt32BE(0) ?? 0;
    const text = length > 0 && length <= LARGEST ? await this.take(length) : null;
    try {
      const document: unknown = JSON.parse(text?.toString() ?? '');
      if (typeof document === 'object' && document !== null) return document;
    } catch {
      // Told below.
    }
    throw new UserError('what came is not the protocol of iperf3', Exit.Failed);
  }
}

/** A cookie as it travels. */
export function cookieOctets(cookie: string): Buffer {
  return Buffer.from(`${cookie}\0`, 'latin1');
}
