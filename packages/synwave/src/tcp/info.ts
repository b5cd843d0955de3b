/** RFC 9293 §3.10.6, STATUS: everything there is to know of a connection, in plain numbers and names. */
import { diff, unsigned } from '../base/seq.ts';
import { type Micros, NEVER } from '../base/time.ts';
import { rcvWnd } from './acceptable.ts';
import { urgentLeft } from './calls.ts';
import { type DueName, dueNames } from './due.ts';
import { ProbeState } from './mtu-search.ts';
import { topMss } from './path-mtu.ts';
import { unsent } from './send/limits.ts';
import { firstWindow, pipe } from './send/recover.ts';
import { Row } from './send/sent.ts';
import { stateNames } from './state.ts';
import { Tally, type Tcb } from './tcb.ts';

/** The names of `Recovery.phase`. */
const phaseNames = ['open', 'fast recovery', 'timeout'] as const;
/** The names of `MtuSearch.phase` (RFC 8899 §5.2). */
const searchNames = ['base', 'searching', 'search complete'] as const;

/** Octets and microseconds throughout; sequence numbers as they stand on the wire, 0 to 2^32 - 1. */
export interface TcpInfo {
  readonly state: string;
  readonly snd: {
    readonly una: number;
    readonly nxt: number;
    readonly wnd: number;
    readonly up: number;
    readonly wl1: number;
    readonly wl2: number;
    readonly iss: number;
    readonly mss: number;
    readonly scale: number;
    /** In flight, and queued behind it. */
    readonly flight: number;
    readonly unsent: number;
    /** Octets of the user's that are not acknowledged: in flight and unsent, without a FIN. */
    readonly queued: number;
    readonly buffer: number;
  };
  readonly rcv: {
    readonly nxt: number;
    readonly wnd: number;
    readonly up: number;
    readonly irs: number;
    readonly mss: number;
    readonly scale: number;
    /** In order, waiting for the user; out of order, and in how many spans. */
    readonly readable: number;
    readonly ahead: number;
    readonly spans: number;
    readonly urgent: number;
    readonly buffer: number;
  };
  /** The segments in flight: all of them, those that the peer has SACKed, that are deemed lost, that went out again. */
  readonly segments: {
    readonly flight: number;
    readonly sacked: number;
    readonly lost: number;
    readonly again: number;
  };
  /** Time since text was last sent, and since a segment last arrived. */
  readonly since: { readonly sent: Micros; readonly heard: Micros };
  /** What both ends agreed on. */
  readonly options: {
    readonly sack: boolean;
    readonly timestamps: boolean;
    readonly windowScale: boolean;
    readonly ecn: boolean;
  };
  /**
   * The path's MTU, as segments that it takes, in octets of text and options: what is known of the path, and what a
   * search by segments has confirmed and not ruled out (`low`, `high`). `probe`: the size that is being tried, or 0.
   */
  readonly path: {
    readonly mss: number;
    readonly search: (typeof searchNames)[number] | 'disabled';
    readonly low: number;
    readonly high: number;
    readonly probe: number;
  };
  readonly rtt: { readonly srtt: Micros; readonly rttvar: Micros; readonly min: Micros; readonly latest: Micros };
  readonly rto: Micros;
  readonly congestion: {
    readonly controller: string;
    readonly cwnd: number;
    /** Infinity until the first loss. */
    readonly ssthresh: number;
    readonly pipe: number;
    readonly phase: (typeof phaseNames)[number];
  };
  /** The timers that run, with the time that they have left. */
  readonly timers: Readonly<Partial<Record<DueName, Micros>>>;
  /** Retransmissions of the first segment in flight without progress; probes that nobody answered. */
  readonly attempts: number;
  readonly probes: number;
  readonly softError: string;
  readonly counters: Readonly<Tally>;
}

/** A snapshot; it does not change with the connection. */
export function info(tcb: Tcb, now: Micros): TcpInfo {
  const { snd, rcv, rtt, congestion, due } = tcb;
  const timers: Partial<Record<DueName, Micros>> = {};
  for (const name of dueNames) if (due[name] !== NEVER) timers[name] = Math.max(0, due[name] - now);
  return {
    state: stateNames[tcb.state] as string,
    snd: {
      una: unsigned(snd.una),
      nxt: unsigned(snd.nxt),
      wnd: snd.wnd,
      up: unsigned(snd.up),
      wl1: unsigned(snd.wl1),
      wl2: unsigned(snd.wl2),
      iss: unsigned(snd.iss),
      mss: snd.mss,
      scale: snd.scale,
      flight: diff(snd.nxt, snd.una),
      unsent: unsent(tcb),
      queued: snd.buffer.length,
      buffer: snd.buffer.capacity,
    },
    rcv: {
      nxt: unsigned(rcv.nxt),
      wnd: rcvWnd(rcv),
      up: unsigned(rcv.up),
      irs: unsigned(rcv.irs),
      mss: rcv.mss,
      scale: rcv.scale,
      readable: rcv.buffer.readable,
      ahead: rcv.buffer.aheadOctets,
      spans: rcv.buffer.spans,
      urgent: urgentLeft(tcb),
      buffer: rcv.buffer.capacity,
    },
    segments: segmentsInfo(tcb),
    since: { sent: now - tcb.sentAt, heard: now - tcb.heardAt },
    options: { sack: tcb.sack, timestamps: tcb.ts.on, windowScale: tcb.scaled, ecn: tcb.ecn.on },
    path: pathInfo(tcb),
    rtt: { srtt: rtt.srtt, rttvar: rtt.rttvar, min: rtt.samples === 0 ? 0 : rtt.min, latest: rtt.latest },
    rto: rtt.rto,
    congestion: {
      controller: congestion?.name ?? tcb.config.congestion,
      cwnd: Math.floor(congestion?.cwnd ?? firstWindow(tcb)),
      ssthresh: congestion?.ssthresh ?? Number.POSITIVE_INFINITY,
      pipe: pipe(tcb),
      phase: phaseNames[tcb.recovery.phase],
    },
    timers,
    attempts: tcb.attempts,
    probes: tcb.probes,
    softError: tcb.softError,
    counters: Object.assign(new Tally(), tcb.tally),
  };
}

function segmentsInfo({ snd: { sent } }: Tcb): TcpInfo['segments'] {
  if (sent === null) return { flight: 0, sacked: 0, lost: 0, again: 0 };
  let lost = 0;
  let again = 0;
  for (let i = 0; i < sent.count; i++) {
    const slot = sent.at(i);
    if (sent.is(slot, Row.Lost)) lost++;
    if (sent.is(slot, Row.Again)) again++;
  }
  return { flight: sent.count, sacked: sent.sackedRows, lost, again };
}

function pathInfo(tcb: Tcb): TcpInfo['path'] {
  const { search, pathMss: mss } = tcb;
  if (search === null) return { mss, search: 'disabled', low: topMss(tcb), high: topMss(tcb), probe: 0 };
  const { phase, low, high, size } = search;
  return { mss, search: searchNames[phase], low, high, probe: search.probe === ProbeState.None ? 0 : size };
}
