/** What a test shows while it runs and at its end: iperf3's table, or its document of JSON. */
import { hostname, machine, release, type as systemName } from 'node:os';
import type { Parameters, Results } from './protocol.ts';
import type { Span, Stream } from './stream.ts';
import { connectedLine, headLine, RULE, roleText, spanLine, sumOf } from './table.ts';

export interface ReportOptions {
  readonly side: 'C' | 'S';
  readonly json: boolean;
  readonly print: (line: string) => void;
}

/** Shares of one processor, in per cent. */
export interface Load {
  readonly total: number;
  readonly user: number;
  readonly system: number;
}

export class Report {
  readonly start: Record<string, unknown> = {};
  private readonly options: ReportOptions;
  private readonly intervals: unknown[] = [];
  private streams: readonly Stream[] = [];
  private both = false;

  constructor(options: ReportOptions) {
    this.options = options;
    const system = `${systemName()} ${hostname()} ${release()} ${machine()}`;
    Object.assign(this.start, { connected: [], version: 'synwave bench', system_info: system });
  }

  line(text: string): void {
    if (!this.options.json) this.options.print(text);
  }

  begin(streams: readonly Stream[], parameters: Parameters): void {
    this.streams = streams;
    this.both = parameters.bidirectional === true;
    const { time = 0, num = 0, blockcount = 0, len = 0, omit = 0, bandwidth = 0, reverse = false } = parameters;
    this.start['connected'] = streams.map(({ number, socket }) => ({
      socket: number,
      local_host: socket.localAddress,
      local_port: socket.localPort,
      remote_host: socket.remoteAddress,
      remote_port: socket.remotePort,
    }));
    this.start['test_start'] = {
      protocol: 'TCP',
      num_streams: parameters.parallel ?? 1,
      blksize: len,
      omit,
      duration: time,
      bytes: num,
      blocks: blockcount,
      reverse: reverse ? 1 : 0,
      bidir: this.both ? 1 : 0,
      target_bitrate: bandwidth,
    };
    for (const stream of streams) this.line(connectedLine(stream));
    const client = this.options.side === 'C' || streams.some(({ sends }) => sends);
    this.line(headLine(this.both, client ? 'cwnd' : 'none'));
  }

  interval(now: number, omitted: boolean): void {
    const { streams } = this;
    const spans = streams.map((stream) => stream.mark(now));
    if (this.intervals.length > 0 && streams.length > 1) this.line(RULE);
    for (const [i, span] of spans.entries()) this.row(streams[i] as Stream, span, omitted);
    for (const sends of [true, false]) {
      const these = spans.filter((_span, i) => streams[i]?.sends === sends);
      if (these.length > 1)
        this.line(spanLine('SUM', this.role(sends), sumOf(these), false, omitted ? '(omitted)' : ''));
    }
    this.intervals.push({
      streams: spans.map((span, i) => {
        const stream = streams[i] as Stream;
        const { cwnd, rtt, rttvar } = span;
        const about = stream.sends ? { snd_cwnd: cwnd, rtt: Math.round(rtt), rttvar: Math.round(rttvar) } : {};
        return { socket: stream.number, ...spanJson(span), ...about, omitted, sender: stream.sends };
      }),
      ...this.sums(spans, streams, omitted),
    });
  }

  private row(stream: Stream, span: Span, omitted: boolean): void {
    this.line(spanLine(String(stream.number), this.role(stream.sends), span, true, '') + (omitted ? '(omitted)' : ''));
  }

  private role(sends: boolean): string {
    return this.both ? roleText(sends, this.options.side) : '';
  }

  private sums(spans: readonly Span[], streams: readonly Stream[], omitted: boolean): Record<string, unknown> {
    const named: Record<string, unknown> = {};
    for (const sends of [true, false]) {
      const these = spans.filter((_span, i) => streams[i]?.sends === sends);
      if (these.length === 0) continue;
      const name = this.both && streams[0]?.sends !== sends ? 'sum_bidir_reverse' : 'sum';
      named[name] = { ...spanJson(sumOf(these)), omitted, sender: sends };
    }
    return named;
  }

  /** `theirs` null: the other end has told nothing. */
  end(totals: readonly Span[], theirs: Results | null, load: Load, congestion: string): void {
    const { streams } = this;
    const pairs = totals.map((mine, i) => {
      const stream = streams[i] as Stream;
      const told = theirs?.streams.find(({ id }) => id === stream.id);
      const their: Span = {
        ...mine,
        from: 0,
        to: told?.end_time ?? mine.to,
        bytes: told?.bytes ?? 0,
        retransmits: !stream.sends && told !== undefined && told.retransmits < 2 ** 53 ? told.retransmits : -1,
      };
      return { stream, sent: stream.sends ? mine : their, got: stream.sends ? their : mine };
    });
    this.line(RULE);
    const server = this.options.side === 'S';
    this.line(headLine(this.both, server && pairs.every(({ stream }) => !stream.sends) ? 'none' : 'retr'));
    for (const { stream, sent, got } of pairs) {
      const name = String(stream.number);
      const role = this.role(stream.sends);
      // iperf3's server tells of its own side alone.
      if (!server || stream.sends) this.line(spanLine(name, role, sent, false, 'sender'));
      if (!server || !stream.sends) this.line(spanLine(name, role, { ...got, retransmits: -1 }, false, 'receiver'));
    }
    for (const sends of [true, false]) {
      const these = pairs.filter(({ stream }) => stream.sends === sends);
      if (these.length < 2) continue;
      const sent = sumOf(these.map((pair) => pair.sent));
      const got = { ...sumOf(these.map((pair) => pair.got)), retransmits: -1 };
      if (!server || sends) this.line(spanLine('SUM', this.role(sends), sent, false, 'sender'));
      if (!server || !sends) this.line(spanLine('SUM', this.role(sends), got, false, 'receiver'));
    }
    if (this.options.json) this.options.print(JSON.stringify(this.document(pairs, theirs, load, congestion), null, 2));
  }

  private document(
    pairs: readonly { stream: Stream; sent: Span; got: Span }[],
    theirs: Results | null,
    load: Load,
    congestion: string,
  ): unknown {
    const sums: Record<string, unknown> = {};
    const first = pairs[0]?.stream.sends;
    for (const sends of [true, false]) {
      const these = pairs.filter(({ stream }) => stream.sends === sends);
      if (these.length === 0) continue;
      const suffix = sends === first ? '' : '_bidir_reverse';
      sums[`sum_sent${suffix}`] = { ...spanJson(sumOf(these.map(({ sent }) => sent))), sender: sends };
      const got = sumOf(these.map((pair) => pair.got));
      sums[`sum_received${suffix}`] = { ...spanJson({ ...got, retransmits: -1 }), sender: sends };
    }
    return {
      start: this.start,
      intervals: this.intervals,
      end: {
        streams: pairs.map(({ stream, sent, got }) => ({
          sender: { socket: stream.number, ...spanJson(sent), sender: stream.sends },
          receiver: { socket: stream.number, ...spanJson({ ...got, retransmits: -1 }), sender: stream.sends },
        })),
        ...sums,
        cpu_utilization_percent: {
          host_total: load.total,
          host_user: load.user,
          host_system: load.system,
          remote_total: theirs?.cpu_util_total ?? 0,
          remote_user: theirs?.cpu_util_user ?? 0,
          remote_system: theirs?.cpu_util_system ?? 0,
        },
        sender_tcp_congestion: first === true ? congestion : theirs?.congestion_used,
        receiver_tcp_congestion: first === true ? theirs?.congestion_used : congestion,
      },
    };
  }
}

function spanJson({ from, to, bytes, retransmits }: Span): Record<string, unknown> {
  const seconds = Math.max(to - from, 1e-6);
  const again = retransmits < 0 ? {} : { retransmits };
  return { start: from, end: to, seconds, bytes, bits_per_second: (bytes * 8) / seconds, ...again };
}
