/** ReadSide: the stream that a socket is read by. It asks the connection only when it is asked itself. */
import { CHUNK, type Line } from './line.ts';

/**
 * A stream of octets that holds none: who does not read leaves them with the connection, whose window closes when its
 * buffer is full. A read into a buffer of the reader's own (BYOB) is filled without another copy.
 */
export class ReadSide {
  readonly stream: ReadableStream<Uint8Array>;
  private readonly line: Line;
  /** Called once, when a reader was told the end, or would have been. */
  private readonly onEnd: () => void;
  private controller: ReadableByteStreamController | null = null;
  private resume: (() => void) | null = null;
  private done = false;
  private cancelled = false;

  constructor(line: Line, onEnd: () => void) {
    this.line = line;
    this.onEnd = onEnd;
    this.stream = new ReadableStream(
      {
        type: 'bytes',
        start: (controller) => {
          this.controller = controller;
        },
        pull: () => this.pull(),
        cancel: () => this.cancel(),
      },
      // Nothing ahead of a reader: so an end that was handed on is one that somebody asked for.
      { highWaterMark: 0 },
    );
    this.changed();
  }

  /** For the socket: something has arrived, or the line is over. */
  changed(): void {
    const { line } = this;
    const { readFailure } = line;
    if (this.cancelled && line.drained) this.finish();
    else if (!this.done && readFailure !== null && line.waiting === 0) this.fail(readFailure);
    this.wake();
  }

  /** For the socket: it was closed. What was not read is gone; a reader is told the end. */
  close(): void {
    if (this.done) return;
    this.done = true;
    this.end();
    this.wake();
  }

  private async pull(): Promise<void> {
    while (!this.done && !this.deliver()) {
      await new Promise<void>((resolve) => {
        this.resume = resolve;
      });
    }
  }

  /** Hands on what there is: octets, or the end. Answers whether there was anything. */
  private deliver(): boolean {
    const { line, controller } = this;
    const request = controller?.byobRequest ?? null;
    const view = request?.view ?? null;
    const own = view === null;
    const into = own
      ? new Uint8Array(Math.min(Math.max(line.waiting, 1), CHUNK))
      : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    const n = line.read(into);
    if (n === 0) return false;
    if (n > 0) {
      if (own) controller?.enqueue(n < into.length ? into.subarray(0, n) : into);
      else request?.respond(n);
      return true;
    }
    if (line.readFailure === null) this.finish();
    else this.fail(line.readFailure);
    return true;
  }

  private cancel(): void {
    this.done = true;
    this.cancelled = true;
    this.wake();
    this.line.stopReading();
  }

  private finish(): void {
    const { cancelled } = this;
    this.done = true;
    this.cancelled = false;
    if (!cancelled) this.end();
    this.onEnd();
  }

  private end(): void {
    this.controller?.close();
    // A read into a buffer of the reader's own gets it back, empty.
    this.controller?.byobRequest?.respond(0);
  }

  private fail(error: TypeError): void {
    this.done = true;
    this.controller?.error(error);
  }

  private wake(): void {
    const { resume } = this;
    this.resume = null;
    resume?.();
  }
}
