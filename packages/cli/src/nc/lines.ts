/** Lines on their way out: with CR LF at their ends (`-C`), with a pause between them (`-i`). */
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const LF = 10;
const CR = 13;

export class Lines extends Transform {
  private readonly crlf: boolean;
  private readonly gap: number;
  private last = 0;
  private begun = false;

  /** `gap` in milliseconds, 0 for none. */
  constructor(crlf: boolean, gap: number) {
    super();
    this.crlf = crlf;
    this.gap = gap;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    void this.pass(chunk).finally(done);
  }

  private async pass(chunk: Buffer): Promise<void> {
    let from = 0;
    while (from < chunk.length) {
      const end = chunk.indexOf(LF, from);
      const to = end < 0 ? chunk.length : end + 1;
      if (this.begun && this.last === LF && this.gap > 0) await sleep(this.gap);
      this.push(this.ended(chunk.subarray(from, to)));
      this.begun = true;
      this.last = chunk[to - 1] as number;
      from = to;
    }
  }

  /** A line that ends with CR LF already stays as it is. */
  private ended(line: Buffer): Buffer {
    if (!this.crlf || line.at(-1) !== LF) return line;
    const before = line.length > 1 ? line.at(-2) : this.last;
    return before === CR ? line : Buffer.concat([line.subarray(0, -1), Buffer.of(CR, LF)]);
  }
}
