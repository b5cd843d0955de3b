/** Progress: one line on a terminal that rewrites itself, for transfers that take more than a second. */
import type { TcpSocket } from 'synwave';
import { MILLISECOND } from 'synwave';
import type { Text } from '../text/text.ts';

/** Real milliseconds: silence at first, then at most ten lines a second. */
const SILENT = 1000;
const EVERY = 100;

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
  private last = '';

  /** `total`: octets to be acknowledged. */
  constructor(out: NodeJS.WriteStream, text: Text, total: number) {
    this.out = out;
    this.text = text;
    this.total = total;
    this.timer = setInterval(() => this.show(), EVERY);
  }

  watch(socket: TcpSocket): void {
    this.socket = socket;
  }

  /** The last line stays, if there was any. */
  end(): void {
    clearInterval(this.timer);
    if (this.last !== '') this.out.write('\n');
  }

  private show(): void {
    const elapsed = performance.now() - this.started;
    const { socket } = this;
    if (elapsed < SILENT || socket === null || socket.state === 'CLOSED') return;
    const { snd, congestion, rtt, counters } = socket.info();
    const done = Math.max(0, socket.bytesWritten - snd.flight - snd.unsent);
    const line = progressLine(done, this.total, elapsed, this.text);
    const tcp = `cwnd ${Math.round(congestion.cwnd / snd.mss)}  rtt ${(rtt.srtt / MILLISECOND).toFixed(1)}ms  retrans ${counters.retransmits}`;
    this.last = `${line}  ${tcp}`;
    this.out.write(`\r${this.last}\x1b[K`);
  }
}

/** ` 42% ▕████████▌           ▏ 12.6/30.0 MiB  11.9 MiB/s  ETA 00:01`; `elapsed` in milliseconds. */
export function progressLine(done: number, total: number, elapsed: number, text: Text): string {
  const share = total === 0 ? 1 : done / total;
  const eighths = Math.floor(share * CELLS * 8);
  const bar = ('█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] as string)).padEnd(CELLS);
  const rate = done / elapsed; // octets in a millisecond
  const left = rate === 0 ? '--:--' : clock((total - done) / rate / 1000);
  const mib = (octets: number): string => (octets / MIB).toFixed(1);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `${percent} ▕${bar}▏ ${mib(done)}/${mib(total)} MiB  ${mib(rate * 1000)} MiB/s  ${text.left(left)}`;
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}
