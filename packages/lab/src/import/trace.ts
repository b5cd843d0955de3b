/**
 * Trace: follows one connection through its captured segments: which state each end is in, as far as its segments prove
 * it, and what goes wrong. Sequence numbers become positions: octets from the side's first number on, without wrapping.
 */
import { ACK, FIN, RST, SYN } from 'synwave';
import type { Finding } from './findings.ts';
import type { Captured, Options } from './segment.ts';

/** A span of positions that was not seen at the capture point. */
interface Hole {
  readonly from: number;
  readonly to: number;
  /** When it was noticed. */
  readonly time: number;
}

/** One end of the connection. */
export class End {
  readonly name: string;
  state = 'CLOSED';
  /** The first number seen; null: it has sent nothing yet. */
  initial: number | null = null;
  /** Position behind all that it has sent. */
  nxt = 0;
  /** What the other end has acknowledged of it. */
  una = 0;
  /** Position of what it expects from the other end, as its ACKs say. */
  expected = 0;
  /** Of its own window: in octets, and its scale (null: its SYN was not seen). */
  window = 0;
  scale: number | null = null;
  mss = 0;
  /** Position behind its FIN; null: none was seen. */
  fin: number | null = null;
  syns = 0;
  lastSent = 0;
  /** When the octets from a position on were sent last, the youngest at the end. */
  readonly sent: { from: number; to: number; time: number }[] = [];
  holes: Hole[] = [];
  /** ACKs that said the same thing, and the positions for which a hole was told. */
  duplicates = 0;
  reported = -1;
  /** Since when its window is closed; null: it is open. */
  closedSince: number | null = null;

  constructor(name: string) {
    this.name = name;
  }

  /** The position of a number: the nearest one to what was seen last. */
  at(seq: number): number {
    const initial = this.initial ?? seq;
    return this.nxt + ((seq - ((initial + this.nxt) >>> 0)) | 0);
  }
}

/** A move of one end from one state to another. */
export interface Move {
  readonly end: End;
  readonly from: string;
  readonly to: string;
}

/** What a segment shows. */
export interface Seen {
  readonly moves: readonly Move[];
  readonly findings: readonly Finding[];
  /** Whether its octets, or its SYN or FIN, were sent before. */
  readonly again: boolean;
}

/** Shorter than that, what comes late was overtaken: nobody retransmits so soon (RFC 6298 and RFC 8985 need a round trip). */
const OVERTAKEN = 3_000;

/** Segments that are remembered of each end, for when each was sent. */
const MOST_ROWS = 4_096;

export class Trace {
  readonly ends: readonly [End, End];
  private moves: Move[] = [];
  private findings: Finding[] = [];
  private readonly hasOpening: boolean;
  private isFirst = true;
  /** The round trip seen at the opening; 0: it is not known. */
  private roundTrip = 0;
  private synAt: number | null = null;

  /** `flags`: those of all segments of the connection together; `listens`: whether the second end answers with SYN,ACK. */
  constructor(names: readonly [string, string], flags: number, listens: boolean) {
    this.ends = [new End(names[0]), new End(names[1])];
    this.hasOpening = (flags & SYN) !== 0;
    if (listens) this.ends[1].state = 'LISTEN';
    if (!this.hasOpening) for (const end of this.ends) end.state = 'ESTABLISHED';
  }

  /** `from`: which end sends it. */
  take(from: 0 | 1, segment: Captured, options: Options, time: number): Seen {
    this.moves = [];
    this.findings = [];
    const me = this.ends[from];
    const peer = this.ends[1 - from] as End;
    const { flags, seq, length } = segment;
    if (this.isFirst && !this.hasOpening) this.findings.push({ kind: 'begins-late' });
    this.isFirst = false;
    if (me.initial === null) {
      me.initial = seq;
      // Without its SYN, what it acknowledges first is where the other end's known numbers begin.
      me.una = 0;
    }
    if ((flags & SYN) !== 0) this.opening(me, options);
    const at = me.at(seq);
    const to = at + length + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);
    let again = false;
    if ((flags & RST) !== 0) this.reset(me, peer);
    else {
      again = this.text(me, peer, segment, at, to, time);
      if ((flags & ACK) !== 0) this.acknowledgment(me, peer, segment, options, time);
      this.window(me, segment, time);
      this.states(me, peer, flags, to, time);
    }
    me.lastSent = time;
    return { moves: this.moves, findings: this.findings, again };
  }

  /** What the end of the capture shows. */
  over(): readonly Finding[] {
    const [a, b] = this.ends;
    if (a.syns > 0 && b.initial === null) return [{ kind: 'no-answer', times: a.syns }];
    if (b.state === 'SYN-RECEIVED') return [{ kind: 'never-established' }];
    const isOver = ({ state }: End): boolean => state === 'CLOSED' || state === 'TIME-WAIT';
    if (isOver(a) || isOver(b)) return [];
    if ((a.fin === null) !== (b.fin === null)) return [{ kind: 'half-closed', by: a.fin === null ? b.name : a.name }];
    return a.fin === null ? [{ kind: 'still-open' }] : [];
  }

  private opening(me: End, { mss, scale }: Options): void {
    me.syns++;
    me.mss = mss ?? 536;
    me.scale = scale ?? 0;
  }

  /** RFC 9293 §3.10.7: whoever resets has no connection (any more), and the other has none from then on. */
  private reset(me: End, peer: End): void {
    if (peer.state === 'SYN-SENT' && me.initial !== null && me.syns === 0) {
      this.findings.push({ kind: 'refused' });
    } else if (me.state !== 'CLOSED' || peer.state !== 'CLOSED') {
      this.findings.push({ kind: 'reset', by: me.name, unread: me.fin !== null || peer.fin !== null });
    }
    if (me.state !== 'LISTEN') this.move(me, 'CLOSED');
    if (peer.state !== 'LISTEN') this.move(peer, 'CLOSED');
  }

  /** New octets, or some that were here before, or that are late. Answers whether they were sent before. */
  private text(me: End, peer: End, segment: Captured, at: number, to: number, time: number): boolean {
    const { flags, length } = segment;
    if (to === at) return this.empty(me, peer, at, time);
    if ((flags & SYN) !== 0 && me.syns > 1) {
      // A SYN that becomes SYN,ACK is the answer of a simultaneous open (RFC 9293 figure 7).
      if (me.state === 'SYN-SENT' && (flags & ACK) !== 0) return false;
      const answers = (flags & ACK) !== 0;
      this.findings.push({ kind: 'syn-again', answers, times: me.syns - 1, after: time - me.lastSent });
      return true;
    }
    const isFirst = me.nxt === 0 && me.sent.length === 0;
    if (at > me.nxt && !isFirst) {
      me.holes.push({ from: me.nxt, to: at, time });
      this.findings.push({ kind: 'gap', from: me.nxt, to: at });
    }
    let again = false;
    if (at < me.nxt && !isFirst) again = this.before(me, peer, at, to, length, time);
    me.sent.push({ from: at, to, time });
    if (me.sent.length > MOST_ROWS) me.sent.splice(0, MOST_ROWS / 2);
    me.nxt = Math.max(me.nxt, to);
    return again;
  }

  /** Nothing but an acknowledgment; one number left of what is next, it is a keep-alive (RFC 9293 §3.8.4). */
  private empty(me: End, peer: End, at: number, time: number): boolean {
    if (at !== me.nxt - 1 || me.sent.length === 0 || me.una < me.nxt) {
      if (me.sent.length === 0) me.nxt = Math.max(me.nxt, at);
      return false;
    }
    if (me.state === 'ESTABLISHED' || me.state === 'CLOSE-WAIT') this.probe(me, peer, time);
    return false;
  }

  private probe(me: End, peer: End, time: number): void {
    if (peer.closedSince === null)
      this.findings.push({ kind: 'keep-alive', after: time - Math.max(me.lastSent, peer.lastSent) });
    else this.findings.push({ kind: 'window-probe' });
  }

  /** Octets left of what is next: retransmitted, or overtaken. */
  private before(me: End, peer: End, at: number, to: number, length: number, time: number): boolean {
    if (length === 1 && at === me.nxt - 1 && me.una >= me.nxt) {
      this.probe(me, peer, time);
      return false;
    }
    const hole = me.holes.find((each) => at < each.to && to > each.from);
    if (hole !== undefined) {
      me.holes = me.holes.flatMap((each) => without(each, at, to));
      const isLate = time - hole.time < Math.max(OVERTAKEN, this.roundTrip / 2);
      this.findings.push(isLate ? { kind: 'late', from: at } : { kind: 'filled', from: at });
      return !isLate;
    }
    if (peer.closedSince !== null && length <= 1) {
      this.findings.push({ kind: 'window-probe' });
      return true;
    }
    const last = me.sent.findLast((each) => each.from < to && each.to > at)?.time ?? me.lastSent;
    const needless = me.una >= to;
    const fast = peer.duplicates >= 3 || peer.reported >= at;
    this.findings.push({
      kind: 'again',
      why: needless ? 'needless' : fast ? 'fast' : 'timeout',
      after: time - last,
      from: at,
    });
    return true;
  }

  /** What is acknowledged, and what is said to be missing. */
  private acknowledgment(me: End, peer: End, segment: Captured, { sacks }: Options, time: number): void {
    const { flags, ack, length } = segment;
    if (peer.initial === null) {
      peer.initial = ack;
      peer.nxt = 0;
      peer.una = 0;
    }
    const to = peer.at(ack);
    if (this.synAt !== null && this.roundTrip === 0 && me === this.ends[1]) this.roundTrip = time - this.synAt;
    if (to > peer.nxt) {
      this.findings.push({ kind: 'not-captured', to });
      peer.nxt = to;
    } else if (peer.holes.some((hole) => hole.to <= to)) {
      this.findings.push({ kind: 'not-captured', to });
    }
    peer.holes = peer.holes.filter((hole) => hole.to > to);
    if (to > peer.una || me.expected === 0) {
      me.duplicates = 0;
      me.expected = Math.max(to, me.expected);
      while ((peer.sent[0]?.to ?? Number.POSITIVE_INFINITY) <= to - 1_000_000) peer.sent.shift();
      peer.una = Math.max(to, peer.una);
    } else if (to === peer.una && length === 0 && (flags & (SYN | FIN)) === 0 && peer.nxt > to) {
      const isUpdate = me.closedSince !== null || segment.window * 2 ** (me.scale ?? 0) !== me.window;
      if (!isUpdate || sacks.length > 0) me.duplicates++;
    }
    this.missing(me, peer, to, sacks);
  }

  /** RFC 2018 §3, RFC 2883 §4, RFC 5681 §3.2: each hole is told of once. */
  private missing(me: End, peer: End, to: number, sacks: Options['sacks']): void {
    const [first] = sacks;
    if (first !== undefined) {
      if (peer.at(first[1]) <= to) this.findings.push({ kind: 'twice' });
    }
    if (me.reported >= to) return;
    const ahead = sacks.map(([left]) => peer.at(left)).filter((left) => left > to);
    if (ahead.length > 0) {
      me.reported = to;
      this.findings.push({ kind: 'hole', by: 'sack', from: to, to: Math.min(...ahead) });
    } else if (me.duplicates === 3) {
      me.reported = to;
      this.findings.push({ kind: 'hole', by: 'duplicates', from: to, to: null });
    }
  }

  private window(me: End, { flags, window }: Captured, time: number): void {
    if ((flags & SYN) !== 0) {
      me.window = window;
      return;
    }
    const bothScale = this.ends.every(({ scale }) => scale !== null && scale > 0);
    const isScaled = bothScale || this.ends.every(({ scale }) => scale !== null);
    me.window = window * 2 ** (isScaled ? (me.scale ?? 0) : 0);
    if (me.window === 0 && me.closedSince === null) {
      me.closedSince = time;
      this.findings.push({ kind: 'zero-window', host: me.name });
    } else if (me.window > 0 && me.closedSince !== null) {
      this.findings.push({ kind: 'window-opens', host: me.name, after: time - me.closedSince });
      me.closedSince = null;
    }
  }

  /** RFC 9293 §3.3.2: an end's state is what its own segments prove; what it was sent is taken to have arrived. */
  private states(me: End, peer: End, flags: number, to: number, time: number): void {
    if ((flags & SYN) !== 0) {
      if ((flags & ACK) === 0) {
        this.synAt ??= time;
        if (me.state === 'CLOSED') this.move(me, 'SYN-SENT');
      } else if (me.state === 'CLOSED' || me.state === 'LISTEN' || me.state === 'SYN-SENT') {
        // The other's SYN,ACK has passed by already where both open at once.
        const isAnswered = me.state === 'SYN-SENT' && me.una >= 1;
        this.move(me, 'SYN-RECEIVED');
        if (isAnswered) this.move(me, 'ESTABLISHED');
      }
    }
    if ((flags & ACK) !== 0) {
      if (me.state === 'SYN-SENT' && (flags & SYN) === 0 && peer.syns > 0 && me.una >= 1) this.move(me, 'ESTABLISHED');
      if (peer.state === 'SYN-RECEIVED' && peer.una >= 1) this.move(peer, 'ESTABLISHED');
      if (peer.fin !== null && me.expected >= peer.fin) this.finAcknowledged(me, peer);
    }
    if ((flags & FIN) !== 0) {
      me.fin = to;
      if (me.state === 'ESTABLISHED' || me.state === 'SYN-RECEIVED') this.move(me, 'FIN-WAIT-1');
      else if (me.state === 'CLOSE-WAIT') this.move(me, 'LAST-ACK');
    }
  }

  private finAcknowledged(me: End, peer: End): void {
    if (me.state === 'ESTABLISHED') this.move(me, 'CLOSE-WAIT');
    else if (me.state === 'FIN-WAIT-1') this.move(me, 'CLOSING');
    else if (me.state === 'FIN-WAIT-2') this.move(me, 'TIME-WAIT');
    if (peer.state === 'FIN-WAIT-1') this.move(peer, 'FIN-WAIT-2');
    else if (peer.state === 'CLOSING') this.move(peer, 'TIME-WAIT');
    else if (peer.state === 'LAST-ACK') this.move(peer, 'CLOSED');
  }

  private move(end: End, to: string): void {
    if (end.state === to) return;
    this.moves.push({ end, from: end.state, to });
    end.state = to;
  }
}

/** What is left of a hole when a part of it was filled. */
function without(hole: Hole, from: number, to: number): Hole[] {
  if (from >= hole.to || to <= hole.from) return [hole];
  const left = { ...hole, to: from };
  const right = { ...hole, from: to };
  return [left, right].filter((each) => each.to > each.from);
}
