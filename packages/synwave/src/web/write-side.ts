/** WriteSide: the stream that a socket is written by: a write is done when the connection has taken all of it. */
import { SynwaveError } from '../base/errors.ts';
import { socketError } from './errors.ts';
import type { Line } from './line.ts';

/** What a chunk may be: octets in any form. */
export type Octets = ArrayBuffer | ArrayBufferView;

export class WriteSide {
  readonly stream: WritableStream<Octets>;
  private readonly line: Line;
  private controller: WritableStreamDefaultController | null = null;
  private resume: (() => void) | null = null;
  /** Chunks that were written and that the connection has not taken yet; a stream does not tell. */
  private pending = 0;
  private finishing = false;
  /** Why no write that waits will be done. */
  private failure: unknown = null;

  /** `highWaterMark`: octets that may wait before a writer is asked to. */
  constructor(line: Line, highWaterMark: number) {
    this.line = line;
    this.stream = new WritableStream(
      {
        start: (controller) => {
          this.controller = controller;
          // Told at once: a sink's `abort` is called when the write under way has ended, which may never be. The stream
          // itself is in an error already.
          controller.signal.addEventListener('abort', () => {
            this.failure = controller.signal.reason;
            line.abort();
          });
        },
        write: (chunk) => this.write(chunk),
        close: () => line.end(),
      },
      {
        highWaterMark,
        // Called once for each chunk, when it is written.
        size: (chunk) => {
          this.pending++;
          return isOctets(chunk) ? chunk.byteLength : 1;
        },
      },
    );
    this.changed();
  }

  /** For the socket: the connection takes octets again, or the line is over. */
  changed(): void {
    const { failure } = this.line;
    if (failure !== null) this.fail(failure);
    this.wake();
  }

  /** For the socket: a FIN follows all that was written so far. Those who write later fail with EPIPE. */
  finish(): void {
    this.finishing = true;
    if (!this.stream.locked) this.stream.close().catch(ignore); // refused by one that is closed or has failed
    this.endWhenWritten();
  }

  /** Writes that wait fail, and so do those to come. A stream that was closed stays so. */
  fail(reason: unknown): void {
    if (this.failure !== null) return;
    this.failure = reason ?? socketError(new SynwaveError('ECONNABORTED', 'write'));
    this.controller?.error(this.failure);
    this.wake();
  }

  private async write(chunk: unknown): Promise<void> {
    const { line } = this;
    if (!isOctets(chunk)) {
      // What the peer has got is not all that it was to get: a FIN would say that it is.
      line.abort();
      throw new TypeError('a chunk for a socket is an ArrayBuffer or a view of one');
    }
    const octets = octetsOf(chunk);
    let at = 0;
    while (at < octets.length) {
      at += line.write(octets, at);
      if (at < octets.length) {
        await new Promise<void>((resolve) => {
          this.resume = resolve;
        });
        if (this.failure !== null) throw this.failure;
      }
    }
    this.pending--;
    this.endWhenWritten();
  }

  private endWhenWritten(): void {
    if (this.finishing && this.pending === 0) this.line.end();
  }

  private wake(): void {
    const { resume } = this;
    this.resume = null;
    resume?.();
  }
}

function isOctets(chunk: unknown): chunk is Octets {
  return ArrayBuffer.isView(chunk) || chunk instanceof ArrayBuffer;
}

function octetsOf(chunk: Octets): Uint8Array {
  return ArrayBuffer.isView(chunk)
    ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    : new Uint8Array(chunk);
}

function ignore(): void {}
