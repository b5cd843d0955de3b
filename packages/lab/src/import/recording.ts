/** Recording: a captured connection as a run, so that the page shows it as it shows those that the stack plays. */
import { ACK, SYN, type TcpInfo } from 'synwave';
import type { ConnectionRef, HostView, PacketRecord, RunEvent, StepSeen, Words } from 'synwave/sim';
import type { MomentRecord, Recording, StepText } from '../worker/protocol.ts';
import { countText, type Finding, marks, wordsOf } from './findings.ts';
import { addressText, type Captured, readOptions, recordOf } from './segment.ts';
import type { Stream } from './streams.ts';
import { type End, Trace } from './trace.ts';

/** Longer connections are cut: nobody steps through them, and each segment takes memory of the page. */
const MOST_SEGMENTS = 30_000;

/** What is known of an end when a moment is over. */
interface Snapshot {
  readonly state: string;
  readonly initial: number;
  readonly nxt: number;
  readonly una: number;
  readonly expected: number;
  readonly window: number;
  readonly scale: number;
  readonly mss: number;
}

/** A connection that can be shown. */
export interface Shown {
  readonly recording: Recording;
  /** The hosts at the end of some moments. */
  views(from: number, to: number): (readonly HostView[])[];
}

interface Source {
  /** The file's name. */
  readonly file: string;
  readonly connection: number;
  readonly connections: number;
  /** The interface; empty where there is only one. */
  readonly place: string;
}

/** The run of a stream's segments. All their octets lie in one buffer of their own, which may be handed over. */
export function recordingOf(stream: Stream, source: Source): Shown {
  const count = Math.min(stream.length, MOST_SEGMENTS);
  const segments = Array.from({ length: count }, (_, i) => stream.segment(i));
  const names = endsOf(stream.ends, segments);
  const refs = names.map((_, i) => refOf(names, i));
  const opens = (bits: number): boolean =>
    segments.some((segment) => (segment.flags & (SYN | ACK)) === bits && endOf(segment, names) === 1);
  const listens = opens(SYN | ACK) && !opens(SYN);
  const trace = new Trace(names, stream.flags, listens);
  const initial = viewOf(names, refs, [null, null], trace);
  const buffer = new Uint8Array(segments.reduce((sum, { octets }) => sum + octets.length, 0));
  const packets: PacketRecord[] = [];
  const moments: MomentRecord[] = [];
  const snapshots: (readonly [Snapshot | null, Snapshot | null])[] = [];
  const found: { readonly moment: number; readonly finding: Finding }[] = [];
  const begin = stream.time(0);
  const counts = [0, 0];
  let filled = 0;
  for (const [id, segment] of segments.entries()) {
    const time = stream.time(id) - begin;
    const from = endOf(segment, names);
    const options = readOptions(segment);
    const { moves, findings, again } = trace.take(from, segment, options, time);
    buffer.set(segment.octets, filled);
    const octets = buffer.subarray(filled, filled + segment.octets.length);
    filled += octets.length;
    const isLate = findings.some(({ kind }) => kind === 'late');
    counts[from] = (counts[from] ?? 0) + 1;
    const packet: PacketRecord = {
      id,
      cable: source.place,
      n: counts[from] ?? 1,
      from: names[from],
      to: names[1 - from] ?? '',
      sentAt: time,
      arrivesAt: time,
      octets,
      protocol: 'TCP',
      segment: recordOf(segment, options, again),
      srcPort: segment.srcPort,
      dstPort: segment.dstPort,
      length: segment.length,
      fates: isLate ? ['late'] : [],
    };
    packets.push(packet);
    const events: RunEvent[] = [{ type: 'sent', time, packet }];
    for (const { end, from: old, to } of moves) {
      const host = end.name;
      const connection = refs[names.indexOf(host)];
      if (connection !== undefined) events.push({ type: 'state', time, host, connection, from: old, to });
    }
    events.push({ type: 'arrived', time, packet });
    moments.push({ time, host: packet.from, events, worldEvents: 0 });
    snapshots.push([snapshotOf(trace.ends[0]), snapshotOf(trace.ends[1])]);
    for (const finding of findings) found.push({ moment: id, finding });
  }
  for (const finding of trace.over()) found.push({ moment: Math.max(0, moments.length - 1), finding });
  const steps: StepText[] = found.map(({ finding }) => wordsOf(finding));
  const recording: Recording = {
    id: '',
    variant: null,
    seed: 0,
    interventions: [],
    hosts: names.map((name, i) => ({ name, title: titleOf(i, stream), addresses: [name] })),
    links: [{ between: [names[0], names[1]], name: source.place, impairments: {} }],
    moments,
    initial,
    packets,
    names: {},
    tale: {
      title: { zh: source.file, en: source.file },
      summary: summaryOf(
        stream,
        names,
        found.map(({ finding }) => finding),
      ),
      steps,
      predict: [],
      misconceptions: [],
      questions: [],
      challenge: null,
    },
    script: [],
    windows: [],
    steps: found.map(({ moment }, step): StepSeen => ({ step, event: 0, moment })),
    problem: null,
    goalAt: null,
    hasGoal: false,
    end: moments.at(-1)?.time ?? 0,
    cut: stream.length > MOST_SEGMENTS,
    capture: {
      file: source.file,
      connection: source.connection,
      connections: source.connections,
      marks: marksOf(found),
    },
  };
  return {
    recording,
    views: (from, to) => snapshots.slice(from, to).map((pair) => viewOf(names, refs, pair, trace)),
  };
}

/** Who opens comes first: the sender of the SYN; of a SYN,ACK, its receiver; else who is here first, unless its port is the smaller one. */
function endsOf(ends: readonly [string, string], segments: readonly Captured[]): readonly [string, string] {
  const [a, b] = ends;
  for (const segment of segments) {
    if ((segment.flags & SYN) === 0) continue;
    const isFirst = endOf(segment, ends) === 0;
    return isFirst === ((segment.flags & ACK) === 0) ? [a, b] : [b, a];
  }
  return portOf(a) >= portOf(b) ? [a, b] : [b, a];
}

function endOf({ srcPort, source }: Captured, names: readonly [string, string]): 0 | 1 {
  const [a, b] = names;
  if (portOf(a) !== portOf(b)) return portOf(a) === srcPort ? 0 : 1;
  return addressOf(a) === addressText(source) ? 0 : 1;
}

function portOf(end: string): number {
  return Number(end.slice(end.lastIndexOf(':') + 1));
}

function addressOf(end: string): string {
  return end.slice(0, end.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}

function refOf(names: readonly [string, string], i: number): ConnectionRef {
  const [local, remote] = [names[i] ?? '', names[1 - i] ?? ''];
  return {
    id: 1,
    local: addressOf(local),
    localPort: portOf(local),
    remote: addressOf(remote),
    remotePort: portOf(remote),
  };
}

function titleOf(i: number, { flags }: Stream): Words {
  const isKnown = (flags & SYN) !== 0;
  if (i === 0) return isKnown ? { zh: '客户端 A', en: 'client A' } : { zh: '主机 A', en: 'host A' };
  return isKnown ? { zh: '服务器 B', en: 'server B' } : { zh: '主机 B', en: 'host B' };
}

function summaryOf({ length, octets }: Stream, names: readonly [string, string], findings: readonly Finding[]): Words {
  const counts = countText(findings);
  const [a, b] = names;
  const count = length.toLocaleString('en-US');
  const carried = octets.toLocaleString('en-US');
  return {
    zh: `${a} ↔ ${b}：${count} 个报文段，${carried} 字节数据。${counts.zh}`,
    en: `${a} ↔ ${b}: ${count} segments, ${carried} octets of data. ${counts.en}`,
  };
}

function marksOf(found: readonly { readonly moment: number; readonly finding: Finding }[]): Record<number, Words> {
  const all: Record<number, Words> = {};
  for (const { moment, finding } of found) {
    const mark = marks[finding.kind];
    if (mark !== undefined) all[moment] ??= mark;
  }
  return all;
}

function snapshotOf({ state, initial, nxt, una, expected, window, scale, mss }: End): Snapshot | null {
  return initial === null ? null : { state, initial, nxt, una, expected, window, scale: scale ?? 0, mss };
}

/** What an end has not shown of itself is not there yet. */
function viewOf(
  names: readonly [string, string],
  refs: readonly ConnectionRef[],
  pair: readonly [Snapshot | null, Snapshot | null],
  trace: Trace,
): HostView[] {
  return names.map((name, i) => {
    const [mine, peer] = [pair[i] ?? null, pair[1 - i] ?? null];
    const connection = refs[i];
    const state = mine?.state ?? trace.ends[i as 0 | 1].state;
    const isThere = mine !== null && state !== 'LISTEN' && connection !== undefined;
    const listener = { port: connection?.localPort ?? 0, waiting: 0, backlog: 0, halfOpen: 0 };
    return {
      name,
      down: false,
      paused: false,
      listeners: !isThere && (mine?.state ?? 'LISTEN') === 'LISTEN' && i === 1 ? [listener] : [],
      connections: isThere ? [{ connection, info: infoOf(mine, peer) }] : [],
      count: isThere ? 1 : 0,
      cookies: 0,
    };
  });
}

const UNKNOWN = Number.NaN;

/** What the segments tell of an end; all else is NaN, and the page leaves it out. */
function infoOf(mine: Snapshot, peer: Snapshot | null): TcpInfo {
  const number = (position: number, initial: number): number => (initial + position) >>> 0;
  return {
    state: mine.state,
    snd: {
      una: number(mine.una, mine.initial),
      nxt: number(mine.nxt, mine.initial),
      wnd: peer?.window ?? UNKNOWN,
      up: UNKNOWN,
      wl1: UNKNOWN,
      wl2: UNKNOWN,
      iss: mine.initial,
      mss: peer === null || peer.mss === 0 ? UNKNOWN : peer.mss,
      scale: peer?.scale ?? UNKNOWN,
      flight: Math.max(0, mine.nxt - mine.una),
      unsent: UNKNOWN,
      queued: UNKNOWN,
      buffer: UNKNOWN,
    },
    rcv: {
      nxt: peer === null ? UNKNOWN : number(mine.expected, peer.initial),
      wnd: mine.window,
      up: UNKNOWN,
      irs: peer?.initial ?? UNKNOWN,
      mss: mine.mss === 0 ? UNKNOWN : mine.mss,
      scale: mine.scale,
      readable: UNKNOWN,
      ahead: UNKNOWN,
      spans: UNKNOWN,
      urgent: UNKNOWN,
      buffer: UNKNOWN,
    },
    segments: { flight: UNKNOWN, sacked: UNKNOWN, lost: UNKNOWN, again: UNKNOWN },
    since: { sent: UNKNOWN, heard: UNKNOWN },
    options: { sack: false, timestamps: false, windowScale: false, ecn: false },
    path: { mss: UNKNOWN, search: 'disabled', low: UNKNOWN, high: UNKNOWN, probe: UNKNOWN },
    rtt: { srtt: UNKNOWN, rttvar: UNKNOWN, min: UNKNOWN, latest: UNKNOWN },
    rto: UNKNOWN,
    congestion: { controller: '', cwnd: UNKNOWN, ssthresh: UNKNOWN, pipe: UNKNOWN, phase: 'open' },
    timers: {},
    attempts: UNKNOWN,
    probes: UNKNOWN,
    softError: '',
    counters: {} as TcpInfo['counters'],
  };
}
