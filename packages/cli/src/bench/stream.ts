/** One stream of a test: who sends, how much has gone, and in which intervals. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TcpInfo, TcpSocket } from 'synwave';

/** What a stream did from one time to another, in seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  /** Of a sender; else -1. */
  readonly retransmits: number;
  readonly cwnd: number;
  readonly rtt: number;
  readonly rttvar: number;
}

/** What streams of one test share. */
export interface Pace {
  running: boolean;
  /** Octets that all senders of this side may still send; infinite where time ends the test. */
  left: number;
  readonly block: Uint8Array;
  /** Bits in a second, for each stream; 0: as fast as it goes. */
  readonly bandwidth: number;
  /** Called when there is nothing left to send. */
  spent(): void;
  /** Called for octets that were received. */
  received(): void;
}

const BURST = 0.001;

export class Stream {
  /** As iperf3 counts them: 1, 3, 4, 5 ... */
  readonly id: number;
  /** The number that it has in tables. */
  readonly number: number;
  readonly socket: TcpSocket;
  readonly sends: boolean;
  bytes = 0;
  private began = 0;
  private markAt = 0;
  private markBytes = 0;
  private markAgain = 0;
  private againBefore = 0;
  private lastInfo: TcpInfo | null = null;

  constructor(place: number, socket: TcpSocket, sends: boolean) {
    this.id = place === 0 ? 1 : place + 2;
    this.number = 5 + 2 * place;
    this.socket = socket;
    this.sends = sends;
  }

  /** When the last interval ended. */
  get marked(): number {
    return this.markAt;
  }

  /** Moves octets until the test is over. Never rejects: a stream that fails moves no more. */
  async run(pace: Pace): Promise<void> {
    this.restart(performance.now());
    try {
      if (this.sends) await this.send(pace);
      else await this.receive(pace);
    } catch {
      // The control connection tells what became of it.
    }
  }

  /** Counts begin again: what went before was to warm up. */
  restart(now: number): void {
    this.began = now;
    this.markAt = now;
    this.bytes = 0;
    this.markBytes = 0;
    this.againBefore = this.again();
    this.markAgain = this.againBefore;
  }

  /** What has gone since the last mark. */
  mark(now: number): Span {
    const again = this.again();
    const span = this.span(this.markAt, now, this.bytes - this.markBytes, again - this.markAgain);
    [this.markAt, this.markBytes, this.markAgain] = [now, this.bytes, again];
    return span;
  }

  /** All of it. */
  total(now: number): Span {
    return this.span(this.began, now, this.bytes, this.again() - this.againBefore);
  }

  private span(from: number, to: number, bytes: number, retransmits: number): Span {
    const info = this.lastInfo;
    return {
      from: (from - this.began) / 1000,
      to: (to - this.began) / 1000,
      bytes,
      retransmits: this.sends ? retransmits : -1,
      cwnd: info?.congestion.cwnd ?? 0,
      rtt: info?.rtt.srtt ?? 0,
      rttvar: info?.rtt.rttvar ?? 0,
    };
  }

  private again(): number {
    try {
      this.lastInfo = this.socket.info();
    } catch {
      // The connection is over: as it was last.
    }
    return this.lastInfo?.counters.retransmits ?? 0;
  }

  private async send(pace: Pace): Promise<void> {
    const { block, bandwidth } = pace;
    const began = performance.now();
    let sent = 0;
    while (pace.running) {
      const count = Math.min(block.length, pace.left);
      if (count === 0) return pace.spent();
      pace.left -= count;
      await this.socket.write(count === block.length ? block : block.subarray(0, count));
      this.bytes += count;
      sent += count;
      const ahead = bandwidth === 0 ? 0 : (sent * 8) / bandwidth - (performance.now() - began) / 1000;
      if (ahead > BURST) await sleep(ahead * 1000);
    }
  }

  private async receive(pace: Pace): Promise<void> {
    for (let chunk = await this.socket.read(); chunk !== null; chunk = await this.socket.read()) {
      if (!pace.running) continue;
      this.bytes += chunk.length;
      pace.received();
    }
  }
}
