/** A test that runs: both ends have streams, a pace, and intervals; how it ends differs. */
import type { Host, TcpConfig } from 'synwave';
import type { Parameters, Results } from './protocol.ts';
import type { Load, Report } from './report.ts';
import type { Pace, Span, Stream } from './stream.ts';

/** Streams of one test at most, as iperf3 has it. */
export const MOST_STREAMS = 128;
/** Octets that are written at once, unless told otherwise; and at most. */
export const BLOCK = 131_072;
export const LARGEST_BLOCK = 1 << 20;

/** Octets that end a test; infinite where time does. */
export function octetsOf({ num = 0, blockcount = 0, len = BLOCK }: Parameters): number {
  return num > 0 ? num : blockcount > 0 ? blockcount * len : Number.POSITIVE_INFINITY;
}

/** The settings of TCP that a test asks for, beside those of the host. */
export function configOf(parameters: Parameters, host: Host): TcpConfig {
  const { MSS = 0, nodelay = false, window = 0, congestion } = parameters;
  return {
    ...host.stack.config,
    ...(MSS > 0 ? { mss: MSS } : {}),
    ...(nodelay ? { noDelay: true } : {}),
    ...(window > 0 ? { sendBuffer: window, receiveBuffer: window } : {}),
    ...(congestion === 'reno' || congestion === 'cubic' ? { congestion } : {}),
  };
}

export class Test {
  readonly streams: readonly Stream[];
  private readonly report: Report;
  private readonly pace: Pace;
  private readonly omit: number;
  private cpu: NodeJS.CpuUsage = process.cpuUsage();
  private began = 0;
  private omitting: boolean;
  private readonly timers: NodeJS.Timeout[] = [];
  private finish: () => void = () => undefined;
  /** Resolves when the octets that were asked for have gone. */
  readonly done: Promise<void>;

  constructor(streams: readonly Stream[], parameters: Parameters, report: Report) {
    this.streams = streams;
    this.report = report;
    this.omit = parameters.omit ?? 0;
    this.omitting = this.omit > 0;
    this.done = new Promise((resolve) => {
      this.finish = resolve;
    });
    const octets = octetsOf(parameters);
    const block = new Uint8Array(Math.min(parameters.len ?? BLOCK, LARGEST_BLOCK));
    for (let i = 0; i < block.length; i++) block[i] = (i * 7 + (i >> 8) * 13) & 0xff;
    this.pace = {
      running: true,
      left: octets,
      block,
      bandwidth: parameters.bandwidth ?? 0,
      spent: () => this.finish(),
      received: () => {
        if (octets !== Number.POSITIVE_INFINITY && this.got() >= octets) this.finish();
      },
    };
  }

  /** `interval` in seconds; 0: none are shown. */
  start(interval: number): void {
    const now = performance.now();
    this.began = now;
    this.cpu = process.cpuUsage();
    for (const stream of this.streams) void stream.run(this.pace);
    if (this.omit > 0) this.timers.push(setTimeout(() => this.warm(interval), this.omit * 1000));
    this.tellEach(interval);
  }

  private tellEach(interval: number): void {
    if (interval <= 0) return;
    const tell = (): void => this.report.interval(performance.now(), this.omitting);
    this.timers.push(setInterval(tell, interval * 1000));
  }

  /** What was sent or received up to now counts no more. */
  private warm(interval: number): void {
    const now = performance.now();
    this.rest(interval, now);
    for (const timer of this.timers.splice(0)) clearTimeout(timer);
    this.tellEach(interval);
    this.omitting = false;
    this.began = now;
    this.cpu = process.cpuUsage();
    for (const stream of this.streams) stream.restart(now);
  }

  /** Nothing counts from now on. Answers what each stream did in all. */
  stop(interval: number): readonly Span[] {
    this.pace.running = false;
    for (const timer of this.timers) clearTimeout(timer);
    const now = performance.now();
    this.rest(interval, now);
    return this.streams.map((stream) => stream.total(now));
  }

  /** The rest since the last interval, if it is worth a line. */
  private rest(interval: number, now: number): void {
    const since = Math.max(...this.streams.map((stream) => now - stream.marked)) / 1000;
    if (interval > 0 && since / interval > 0.02) this.report.interval(now, this.omitting);
  }

  load(): Load {
    const { user, system } = process.cpuUsage(this.cpu);
    const span = Math.max(1, (performance.now() - this.began) * 1000);
    return { total: (100 * (user + system)) / span, user: (100 * user) / span, system: (100 * system) / span };
  }

  results(totals: readonly Span[], load: Load, congestion: string): Results {
    return {
      cpu_util_total: load.total,
      cpu_util_user: load.user,
      cpu_util_system: load.system,
      sender_has_retransmits: this.streams.some(({ sends }) => sends) ? 1 : -1,
      congestion_used: congestion,
      streams: totals.map(({ bytes, retransmits, to }, i) => ({
        id: (this.streams[i] as Stream).id,
        bytes,
        retransmits,
        jitter: 0,
        errors: 0,
        packets: 0,
        start_time: 0,
        end_time: to,
      })),
    };
  }

  private got(): number {
    return this.streams.reduce((sum, { sends, bytes }) => sum + (sends ? 0 : bytes), 0);
  }
}
