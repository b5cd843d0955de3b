/** Progress: one line on a terminal that rewrites itself, for transfers that take more than a second. */
import type { TcpSocket } from 'synwave';
import { MILLISECOND } from 'synwave';
import { cut } from '../ladder/columns.ts';
import type { Text } from '../text/text.ts';

/** Real milliseconds: silence at first, then at most ten lines a second. */
const SILENT = 1000;
const EVERY = 100;

/** Of a terminal that does not say. */
const COLUMNS = 80;

const MIB = 1 << 20;
const CELLS = 20;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

export class Progress {
  private readonly out: NodeJS.WriteStream;
  private readonly text: Text;
  private readonly total: number;
  private readonly started: number = performance.now();
  private readonly timer: NodeJS.Timeout;
  private socket: TcpSocket | null = null;
  /** cwnd and the like, as last seen; empty before the first line. */
  private tcp = '';

  /** `total`: octets to be acknowledged. */
  constructor(out: NodeJS.WriteStream, text: Text, total: number) {
    this.out = out;
    this.text = text;
    this.total = total;
    this.timer = setInterval(() => this.look(), EVERY);
  }

  watch(socket: TcpSocket): void {
    this.socket = socket;
  }

  /** The last line stays, with the octets that arrived, if there was any line. */
  end(done: number): void {
    clearInterval(this.timer);
    if (this.tcp === '') return;
    this.show(done);
    this.out.write('\n');
  }

  private look(): void {
    const { socket } = this;
    if (performance.now() - this.started < SILENT || socket === null || socket.state === 'CLOSED') return;
    const { snd, congestion, rtt, counters } = socket.info();
    const srtt = (rtt.srtt / MILLISECOND).toFixed(1);
    this.tcp = `cwnd ${Math.round(congestion.cwnd / snd.mss)}  rtt ${srtt}ms  retrans ${counters.retransmits}`;
    this.show(Math.max(0, socket.bytesWritten - snd.flight - snd.unsent));
  }

  private show(done: number): void {
    const line = progressLine(done, this.total, performance.now() - this.started, this.text);
    // A line that wraps could not be rewritten.
    this.out.write(`\r${cut(`${line}  ${this.tcp}`, (this.out.columns || COLUMNS) - 1, '')}\x1b[K`);
  }
}

/** ` 42% ▕████████▌           ▏ 12.6/30.0 MiB  11.9 MiB/s  ETA 00:01`; `elapsed` in milliseconds. */
export function progressLine(done: number, total: number, elapsed: number, text: Text): string {
  const share = total === 0 ? 1 : done / total;
  const rate = done / elapsed; // octets in a millisecond
  const left = rate === 0 ? '--:--' : clockText((total - done) / rate / 1000);
  const mib = (octets: number): string => (octets / MIB).toFixed(1);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `${percent} ▕${barText(share)}▏ ${mib(done)}/${mib(total)} MiB  ${mib(rate * 1000)} MiB/s  ${text.left(left)}`;
}

/** A share from 0 to 1, 20 columns wide. */
export function barText(share: number): string {
  const eighths = Math.floor(share * CELLS * 8);
  return ('█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] as string)).padEnd(CELLS);
}

/** Minutes and seconds: `00:07`. */
export function clockText(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}
