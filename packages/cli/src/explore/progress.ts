/** Progress of an exploration: one line on a terminal that rewrites itself, or a plain line every few seconds. */
import { barText, clockText } from '../handshake/progress.ts';
import { cut } from '../ladder/columns.ts';
import type { Text } from '../text/text.ts';

/** Real milliseconds: silence at first, then at most ten lines a second; plain lines come more seldom. */
const SILENT = 1000;
const EVERY = 100;
const PLAIN_EVERY = 5000;

/** Of a terminal that does not say. */
const COLUMNS = 80;

export class RunsProgress {
  private readonly out: NodeJS.WriteStream;
  private readonly text: Text;
  private readonly plain: boolean;
  private readonly started: number = performance.now();
  private last: number = this.started;
  private shown = false;

  constructor(out: NodeJS.WriteStream, text: Text, plain: boolean) {
    this.out = out;
    this.text = text;
    this.plain = plain;
  }

  /** So many runs were made. */
  tell(runs: number, of: number): void {
    const now = performance.now();
    if (now - this.started < SILENT || now - this.last < (this.plain ? PLAIN_EVERY : EVERY)) return;
    this.last = now;
    this.show(runs, of);
  }

  /** The last line stays, if there was any. */
  end(runs: number, of: number): void {
    if (!this.shown || this.plain) return;
    this.show(runs, of);
    this.out.write('\n');
  }

  private show(runs: number, of: number): void {
    this.shown = true;
    const line = runsLine(runs, of, performance.now() - this.started, this.text);
    if (this.plain) this.out.write(`${line}\n`);
    else this.out.write(`\r${cut(line, (this.out.columns || COLUMNS) - 1, '')}\x1b[K`);
  }
}

/** ` 42% ▕████████▌           ▏ 420/1,000 runs  350 runs/s  ETA 00:02`; `elapsed` in milliseconds. */
export function runsLine(runs: number, of: number, elapsed: number, text: Text): string {
  const share = of === 0 ? 1 : runs / of;
  const rate = elapsed === 0 ? 0 : (runs / elapsed) * 1000;
  const left = rate === 0 ? '--:--' : clockText((of - runs) / rate);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `${percent} ▕${barText(share)}▏ ${text.runsMade(runs, of)}  ${text.runsRate(rate)}  ${text.left(left)}`;
}
