/** RFC 9293 §3.3.1: the transmission control block, all that is remembered of one connection. */
import type { Ranges } from '../base/ranges.ts';
import { add, type Seq, seq } from '../base/seq.ts';
import type { Micros } from '../base/time.ts';
import { Drop } from '../wire/drop.ts';
import type { TcpConfig } from './config.ts';
import type { CongestionController } from './congestion/controller.ts';
import { Due, disarm } from './due.ts';
import { Failure } from './failure.ts';
import type { MtuSearch } from './mtu-search.ts';
import { ReceiveBuffer } from './receive/buffer.ts';
import { SendBuffer } from './send/buffer.ts';
import { Recovery } from './send/recovery-state.ts';
import { Rtt } from './send/rtt.ts';
import type { Sent } from './send/sent.ts';
import { State } from './state.ts';
import type { Store } from './store.ts';
import type { Watch } from './watch.ts';

/** RFC 9293 §3.7.1: what a peer is assumed to take that announces no MSS (MUST-15). */
export const DEFAULT_MSS_V4 = 536;
export const DEFAULT_MSS_V6 = 1220;

/** The send sequence variables. */
export class Snd {
  /** First octet that is not acknowledged. */
  una: Seq = seq(0);
  /** Next octet to be sent; it never goes back. */
  nxt: Seq = seq(0);
  /** The peer's window, in octets right of `una`. */
  wnd = 0;
  /** The octet after the urgent ones (MUST-62); `urgent` says whether there are any. */
  up: Seq = seq(0);
  urgent = false;
  /** SEG.SEQ and SEG.ACK of the last window update. */
  wl1: Seq = seq(0);
  wl2: Seq = seq(0);
  /** Our initial sequence number. */
  iss: Seq = seq(0);
  /** The largest window that the peer ever offered: MAX.SND.WND. */
  wndMax = 0;
  /** The largest segment that was acknowledged, in octets of sequence space. */
  largest = 0;
  /** The largest text that a segment may carry: Eff.snd.MSS (§3.7.1). */
  mss: number = DEFAULT_MSS_V4;
  /** The peer's window scale (RFC 7323 §2). */
  scale = 0;
  /** The sequence number of the first octet in `buffer`. */
  head: Seq = seq(0);
  /** The end of the last segment that was smaller than the MSS; of what was queued when text last found nothing in flight; of a burst under way. */
  small: Seq = seq(0);
  idleEnd: Seq = seq(0);
  burst: Seq = seq(0);
  /** CLOSE was called: a FIN follows the last octet of `buffer`. */
  closing = false;
  /** The segments in flight; null while there are none. */
  sent: Sent | null = null;
  readonly buffer: SendBuffer;

  constructor(capacity: number) {
    this.buffer = new SendBuffer(capacity);
  }
}

/** The receive sequence variables. */
export class Rcv {
  /** Next octet expected. */
  nxt: Seq = seq(0);
  /** Of windows as on Linux: the most that is offered as yet; memory in use; window of so much of it, of 256; a full segment. */
  most = 0;
  memory = 0;
  share = 0;
  full = 0;
  /** The right edge of the window offered: RCV.NXT + RCV.WND. It never moves left. */
  edge: Seq = seq(0);
  up: Seq = seq(0);
  urgent = false;
  /** The peer's initial sequence number. */
  irs: Seq = seq(0);
  /** The MSS that we announced. */
  mss: number = DEFAULT_MSS_V4;
  /** Our window scale; in force once both announced it. */
  scale = 0;
  /** The largest text seen: what counts as full-sized. */
  largest = 0;
  /** Where the peer's FIN stands, once one was seen; it is taken when RCV.NXT gets there. */
  fin: Seq = seq(0);
  finSeen = false;
  readonly buffer: ReceiveBuffer;

  constructor(capacity: number, holes: number) {
    this.buffer = new ReceiveBuffer(capacity, holes);
  }
}

/** RFC 7323 §3: timestamps. */
export class Timestamps {
  /** Both ends announced them. */
  on = false;
  /** TS.Recent: the value to echo. */
  recent: Seq = seq(0);
  /** When `recent` was set: after 24 days it is no longer trusted (§5.5). */
  recentAt: Micros = 0;
  /** Last.ACK.sent: RCV.NXT as it last went out. */
  lastAckSent: Seq = seq(0);
  /** What our clock adds, so that connections do not tell how long the host is up (§5.4). */
  offset = 0;
}

/** What ACKs are owed. */
export class AckDebt {
  /** To go out now: one for each out-of-order segment (RFC 5681 §4.2), one for all else together. */
  now = 0;
  /** Octets since the last ACK: with the second full-sized segment an ACK is due (SHLD-19). */
  octets = 0;
  /** ACKs that still go out at once, before text that arrives waits for company; -1 before the first text. */
  quick = -1;
  /** When text arrived last. */
  textAt: Micros = Number.NEGATIVE_INFINITY;
  /** D-SACK (RFC 2883): a span that came twice, to be reported in the next ACK. */
  twice = false;
  twiceLeft: Seq = seq(0);
  twiceRight: Seq = seq(0);
  /**
   * A number in each of the spans that changed last, the latest first: so they are reported (RFC 2018 §4). Null before
   * the first hole.
   */
  latest: Int32Array | null = null;
}

/** RFC 3168: explicit congestion notification. */
export class EcnState {
  /** Our SYN has asked for it; a later one has not. */
  asked = false;
  withdrawn = false;
  /** Both ends agreed: what we send may be marked. */
  on = false;
  /** Marks that arrive are to be echoed; the peer may believe in an agreement where a plain SYN of ours came second. */
  echoes = false;
  /** ECE goes on every ACK (§6.1.3). */
  echo = false;
  /** CWR goes on the next new text (§6.1.2). */
  cwr = false;
  /** SND.NXT when the congestion window was narrowed last, while `inWindow`: until that is acknowledged, once is enough. */
  point: Seq = seq(0);
  inWindow = false;
  /** A mark at a window of one segment: no new text before the retransmission timer goes off (§6.1.2). */
  held = false;

  reset(): void {
    this.asked = false;
    this.withdrawn = false;
    this.on = false;
    this.echoes = false;
    this.echo = false;
    this.cwr = false;
    this.inWindow = false;
    this.held = false;
  }
}

/** Counts over the life of a connection; octets and segments. */
export class Tally {
  segmentsIn = 0;
  segmentsOut = 0;
  octetsIn = 0;
  octetsOut = 0;
  /** Segments sent again. */
  retransmits = 0;
  octetsAgain = 0;
  timeouts = 0;
  fastRecoveries = 0;
  spurious = 0;
  lossProbes = 0;
  duplicatesIn = 0;
  outOfOrderIn = 0;
  dropped = 0;
  challengeAcks = 0;
  zeroWindowProbes = 0;
  keepAliveProbes = 0;
  /** ECN: segments that arrived marked, ACKs that told of marks on ours, and how often those narrowed the window. */
  marksIn = 0;
  marksOut = 0;
  ecnReductions = 0;
  /** Segments larger than the MSS that searched for the path's MTU. */
  mtuProbes = 0;
}

/** One connection. Functions of this room take it as their first argument. */
export class Tcb {
  state: State = State.Closed;
  /** OPEN was passive: this came from a LISTEN (MUST-11). */
  passive = false;
  config: TcpConfig;
  readonly store: Store;
  readonly snd: Snd;
  readonly rcv: Rcv;
  readonly ts: Timestamps = new Timestamps();
  readonly due: Due = new Due();
  readonly ack: AckDebt = new AckDebt();
  readonly rtt: Rtt;
  readonly recovery: Recovery = new Recovery();
  readonly ecn: EcnState = new EcnState();
  tally: Tally = new Tally();
  /** What the peer has SACKed right of SND.UNA; null while nothing is in flight. */
  scoreboard: Ranges | null = null;
  /** Made when the first octet moves. */
  congestion: CongestionController | null = null;
  /** Both ends announced SACK; window scaling. */
  sack = false;
  scaled = false;
  /** The largest text that the path takes, options not counted: MMS_S less the TCP header (§3.7.1). */
  pathMss: number = DEFAULT_MSS_V4;
  /** What the peer was assumed to take before its SYN, for every path of the family takes it. */
  floorMss: number = DEFAULT_MSS_V4;
  /** The search for the path's MTU by segments (RFC 4821); null: nothing calls for one. */
  search: MtuSearch | null = null;
  /** The MSS that the peer announced. */
  peerMss: number = DEFAULT_MSS_V4;
  /** Nobody holds the connection any more: what arrives cannot be delivered. */
  orphan = false;
  /** Keepalives are on, and how (MUST-24). */
  keepAlive = false;
  noDelay = false;
  /** Why it ended. */
  failure: Failure = Failure.None;
  /** A soft error that IP reported last (SHLD-25), as its code; '' when none. */
  softError = '';
  /** The peer was not heard since: if it never is again, that is why. */
  softErrorHolds = false;
  /** `News` bits that the user has not been told. */
  news = 0;
  /** The writer was refused octets: tell it when there is room. */
  writerWaits = false;
  /** Why the last segment was dropped. */
  drop: Drop = Drop.None;
  /** Retransmissions of the first segment in flight without progress. */
  attempts = 0;
  /** Probes of a closed window, or of an idle peer, that nobody answered. */
  probes = 0;
  /** A probe is to go out: see `Probe`. */
  probe = 0;
  /** When the connection was opened; when a segment last arrived; when text was last sent. */
  openedAt: Micros = 0;
  heardAt: Micros = 0;
  sentAt: Micros = 0;
  /** Challenge ACKs in the second that began at `challengedAt`, and when the last one was owed. */
  challengedAt: Micros = 0;
  lastChallenge: Micros = 0;
  challenges = 0;
  /** Someone looks on; null costs nothing. */
  watch: Watch | null = null;

  constructor(config: TcpConfig, store: Store) {
    this.config = config;
    this.store = store;
    this.snd = new Snd(config.sendBuffer);
    this.rcv = new Rcv(config.receiveBuffer, config.holes);
    this.rtt = new Rtt(config);
    this.noDelay = config.noDelay;
    this.keepAlive = config.keepAlive;
  }
}

/**
 * Makes a Tcb that has served half-open connections or TIME-WAIT, and nothing beyond, as good as new: what those change
 * is reset, what the next one sets anyway is left.
 */
export function renew(tcb: Tcb, config: TcpConfig): void {
  const { snd, rcv, ack } = tcb;
  tcb.config = config;
  tcb.state = State.Closed;
  tcb.noDelay = config.noDelay;
  tcb.keepAlive = config.keepAlive;
  snd.buffer.capacity = config.sendBuffer;
  rcv.buffer.capacity = config.receiveBuffer;
  snd.sent?.clear();
  snd.wnd = 0;
  snd.wndMax = 0;
  snd.closing = false;
  snd.urgent = false;
  rcv.urgent = false;
  rcv.finSeen = false;
  rcv.largest = 0;
  rcv.memory = 0;
  rcv.share = 0;
  rcv.full = 0;
  snd.largest = 0;
  ack.now = 0;
  ack.octets = 0;
  ack.quick = -1;
  ack.twice = false;
  disarm(tcb.due);
  tcb.search = null;
  tcb.rtt.rto = config.rtoInitial;
  tcb.tally = new Tally();
  tcb.attempts = 0;
  tcb.failure = Failure.None;
  tcb.softError = '';
  tcb.softErrorHolds = false;
  tcb.news = 0;
  tcb.probe = 0;
  tcb.probes = 0;
  tcb.challenges = 0;
  tcb.orphan = false;
  tcb.writerWaits = false;
}

/** What `nextSegment` is to send although neither window nor data call for it. */
export const Probe = {
  /** SEG.SEQ = SND.NXT - 1, no text (RFC 9293 §3.8.4). */
  KeepAlive: 1,
  /** At least one octet into a closed window (§3.8.6.1). */
  Window: 2,
  /** What a silly window has held back long enough (§3.8.6.2.1). */
  Override: 4,
  /** The tail of the flight, beyond the congestion window (RFC 8985 §7.3). */
  Tail: 8,
  /** The timer went off: the first lost segment goes out whatever the window says (RFC 6298 §5.4). */
  Retransmit: 16,
} as const;

/** The sequence number after the last octet that the user has sent: where the FIN stands, once closing. */
export function queuedEnd(snd: Snd): Seq {
  return add(snd.head, snd.buffer.length);
}

/** Changes the state; the diagram is in state.ts. */
export function move(tcb: Tcb, to: State): void {
  const from = tcb.state;
  tcb.state = to;
  tcb.watch?.stateMoves(from, to);
}
