/**
 * Scripts for the bare engine: one connection, virtual milliseconds, relative numbers, segments as lines of text. Each
 * segment passes through a packet of IPv4 or IPv6 on its way; beyond that the engine knows no addresses.
 */
import { beforeEach, describe, onTestFinished } from 'vitest';
import type { Family } from '../../src/base/address.ts';
import { Frame } from '../../src/base/frame.ts';
import { add, diff, type Seq, seq } from '../../src/base/seq.ts';
import { MILLISECOND, type Micros, NEVER } from '../../src/base/time.ts';
import { arriveSynchronized } from '../../src/tcp/arrive.ts';
import { arriveClosed, arriveListen, arriveSynSent, openPassive } from '../../src/tcp/arrive-early.ts';
import * as calls from '../../src/tcp/calls.ts';
import { rfcProfile, type TcpConfig } from '../../src/tcp/config.ts';
import { type DueName, earliest } from '../../src/tcp/due.ts';
import { expire } from '../../src/tcp/expire.ts';
import { Failure } from '../../src/tcp/failure.ts';
import { info, type TcpInfo } from '../../src/tcp/info.ts';
import { nextSegment } from '../../src/tcp/next-segment.ts';
import { pathMssChanges, tooBigArrives } from '../../src/tcp/path-mtu.ts';
import { replyReset, resetOf } from '../../src/tcp/reply.ts';
import { neighbourFails, reportArrives } from '../../src/tcp/report.ts';
import { pack, ROW_INTS, ROW_TIMES, unpack } from '../../src/tcp/row.ts';
import { isLegalMove, State, stateNames } from '../../src/tcp/state.ts';
import { Stop } from '../../src/tcp/stop.ts';
import { Store } from '../../src/tcp/store.ts';
import { DEFAULT_MSS_V4, DEFAULT_MSS_V6, move, Tcb } from '../../src/tcp/tcb.ts';
import { tsClock } from '../../src/tcp/timestamps.ts';
import { ACK, clearOptions, Ecn, measure, RST, Segment, SYN, URG } from '../../src/wire/segment.ts';
import { parseShort, type Short, shortText } from '../../src/wire/short.ts';
import { carry } from './carrier.ts';
import { noteMove } from './coverage.ts';

/** The settings of a script: those of the engine, and what the peer and the world around are like. */
export interface Options extends Partial<TcpConfig> {
  /** What the peer's SYN announces, as `<...>`; by default the same as we do. */
  readonly peer?: string;
  /** The round-trip time of the handshake in milliseconds. */
  readonly rtt?: number;
  /** The peer's window, until a line names another. */
  readonly win?: number;
  /** What the path takes, where it is not `mss`. */
  readonly pathMss?: number;
  /** What a peer is assumed to take that announces nothing: 536, or 1220 as over IPv6. */
  readonly assumed?: number;
  /** Segments that the link cuts out of one, at most; 1 by default. */
  readonly together?: number;
  /** As the stack does with connections that nobody holds: half-open ones and TIME-WAIT live as packed rows. */
  readonly rows?: boolean;
  /** Octets that the host lends to connections. */
  readonly memory?: number;
}

/** Short scripts: no options on the wire but the MSS, Reno for its plain arithmetic, the rest as the RFCs say. */
const plain: TcpConfig = {
  ...rfcProfile,
  mss: 1000,
  windowScale: false,
  timestamps: false,
  sack: false,
  congestion: 'reno',
};

/** Where both ends begin to count, and over which family they speak; `wrapping` changes it. */
const origin: { iss: number; irs: number; family: Family } = { iss: -500, irs: -500, family: 4 };

/**
 * A describe that runs twice: numbers pass 2^32, and then 2^31, within the first octets of both directions; the first time
 * in packets of IPv4, the second of IPv6.
 */
export function wrapping(name: string, body: (family: Family) => void): void {
  describe.each<[string, Family, number]>([
    ['2^32', 4, -500],
    ['2^31', 6, 0x7fff_ffff - 499],
  ])(`${name} [across %s, over IPv%i]`, (_where, family, first) => {
    beforeEach(() => {
      origin.iss = first;
      origin.irs = first;
      origin.family = family;
    });
    body(family);
  });
}

/** What each end writes: octet `at` of its stream, which starts at 1. */
function octetAt(at: number): number {
  return (at * 31 + (at >> 8) * 17 + 7) & 0xff;
}

/** What went out, and when. */
interface Sent {
  readonly at: Micros;
  readonly line: string;
  /** The ECN field of the packet's IP header. */
  readonly ecn: number;
}

/** What happened, and when. */
interface Note {
  readonly at: Micros;
  readonly line: string;
}

/** The virtual time at which every script begins: clocks that start at 0 hide mistakes. */
const BEGIN: Micros = 1_000_000 * MILLISECOND;

/** More segments than any script sends at once: the engine has gone mad. */
const TOO_MANY = 20_000;

/** One connection between the engine and the lines of a test. Every step lets the engine send what it may. */
export class Script {
  private readonly config: TcpConfig;
  private readonly options: Options;
  private readonly store: Store;
  private readonly family: Family = origin.family;
  private readonly arriving: Segment = new Segment();
  private readonly out: Segment = new Segment();
  /** What the peer writes before it is on its way, and what it reads of ours. */
  private readonly peers: Segment = new Segment();
  private iss: Seq = seq(origin.iss);
  private readonly irs: Seq = seq(origin.irs);
  private tcb: Tcb | null = null;
  private listens = false;
  private now: Micros = BEGIN;
  private zero: Micros = BEGIN;
  private win: number;
  private queue: Sent[] = [];
  private octetsWritten = 0;
  private octetsRead = 0;
  /** The right edge of the window that went out last, from IRS. */
  private edge = 0;
  /** The TSval that the engine sent last. */
  private lastTsVal = 0;
  /** The arrows of the state diagram that this connection took: move by move, and from before to after one event. */
  private readonly arrows: Set<string> = new Set<string>();
  /** What the engine did, for messages. */
  private readonly journal: Note[] = [];
  /** The ECN fields of the segments that the last `expect` was about. */
  private fields: readonly number[] = [];

  constructor(options: Options) {
    const { peer: _1, rtt: _2, rows: _3, pathMss: _4, assumed: _5, together: _6, win, memory, ...config } = options;
    this.options = options;
    this.config = { ...plain, ...config };
    this.win = win ?? 65535;
    this.store = new Store(memory ?? 1 << 24);
    onTestFinished(() => this.nothingLeft('the end of the test'));
  }

  // What the user does.

  /** Passive OPEN. */
  listen(): this {
    this.nothingLeft('listen()');
    this.listens = true;
    this.moved(State.Closed, State.Listen);
    return this;
  }

  /** Active OPEN; in LISTEN it turns the passive one into an active one (RFC 9293 §3.10.1). */
  connect(): this {
    this.nothingLeft('connect()');
    if (this.tcb === null || this.tcb.state !== State.Listen) this.tcb = this.fresh();
    this.listens = false;
    calls.openActive(this.tcb, this.iss, this.now);
    return this.turn();
  }

  /** SEND of the next `n` octets; all of them must be taken. */
  write(n: number, urgent = false): this {
    return this.offer(n, n, urgent);
  }

  /** SEND of the next `n` octets, of which `taken` find room; `taken` may be a Refusal. */
  offer(n: number, taken: number, urgent = false): this {
    this.nothingLeft('write()');
    const octets = Uint8Array.from({ length: n }, (_, i) => octetAt(this.octetsWritten + 1 + i));
    const got = calls.send(this.connection, octets, 0, n, urgent);
    if (got !== taken) throw fault(`SEND of ${n} octets answers`, [`${taken}`], [`${got}`]);
    this.octetsWritten += Math.max(0, got);
    return this.turn();
  }

  /** SEND of `n` octets, unless CLOSE was called before. */
  writeUnlessClosing(n: number): this {
    return this.connection.snd.closing ? this.offer(n, calls.Refusal.Closing) : this.write(n);
  }

  /** RECEIVE of exactly `n` octets: those that the peer sent, in order. */
  read(n: number): this {
    this.nothingLeft('read()');
    const into = new Uint8Array(n + 1);
    const got = calls.receive(this.connection, into, 0, n);
    if (got !== n) throw fault(`RECEIVE of ${n} octets answers`, [`${n}`], [`${got}`]);
    for (let i = 0; i < n; i++) {
      const at = this.octetsRead + 1 + i;
      if (into[i] !== octetAt(at)) throw fault(`octet ${at} of the peer's`, [`${octetAt(at)}`], [`${into[i]}`]);
    }
    this.octetsRead += n;
    return this.turn();
  }

  /** RECEIVE of one octet answers `refusal`, or 0 for "nothing yet". */
  readRefused(refusal: number): this {
    const got = calls.receive(this.connection, new Uint8Array(1), 0, 1);
    if (got !== refusal) throw fault('RECEIVE answers', [`${refusal}`], [`${got}`]);
    return this;
  }

  /** CLOSE, which answers 0 or a Refusal. */
  close(answer = 0): this {
    this.nothingLeft('close()');
    if (this.tcb === null && this.listens) {
      this.listens = false;
      this.moved(State.Listen, State.Closed);
      return this;
    }
    const got = calls.close(this.connection);
    if (got !== answer) throw fault('CLOSE answers', [`${answer}`], [`${got}`]);
    return this.turn();
  }

  /** ABORT. */
  abort(): this {
    this.nothingLeft('abort()');
    const { connection } = this;
    if (calls.abort(connection)) this.sendReset(connection);
    return this.turn();
  }

  /** The user lets go of the connection: CLOSE, and nobody receives any more. */
  letGo(): this {
    this.nothingLeft('letGo()');
    const { connection } = this;
    if (calls.letGo(connection, this.now)) this.sendReset(connection);
    return this.turn();
  }

  /** Nagle's algorithm off, or on. */
  noDelay(on: boolean): this {
    this.connection.noDelay = on;
    return this.turn();
  }

  /** Settings change in mid-connection. */
  configure(change: Partial<TcpConfig>): this {
    calls.configure(this.connection, change, this.now);
    return this.turn();
  }

  /** Keepalives, with the times of the settings. */
  keepAlive(on: boolean): this {
    calls.setKeepAlive(this.connection, on, this.now);
    return this.turn();
  }

  // What the world does.

  /**
   * A segment arrives, in the short form; `win` stays as it was named last, timestamps fill in by themselves. `ecn`: the
   * field of its IP header.
   */
  inject(line: string, ecn: number = Ecn.NotEct): this {
    this.nothingLeft(`inject('${line}')`);
    return this.arrive(line, ecn).turn();
  }

  /** ICMP quotes the segment at `from`, and says that the path takes segments of `pathMss`. `answer` null: any. */
  tooBig(from: number, pathMss: number, answer: Stop | null = Stop.Done): this {
    this.nothingLeft('tooBig()');
    this.note(`< ICMP: ${from} is too big, ${pathMss} fits`);
    return this.answers(tooBigArrives(this.connection, add(this.iss, from), pathMss, this.now), answer);
  }

  /** The route changes, and takes segments of `pathMss`. */
  pathChanges(pathMss: number): this {
    this.nothingLeft('pathChanges()');
    pathMssChanges(this.connection, pathMss, this.now);
    return this.turn();
  }

  /** ICMP reports trouble with the segment that begins at `from`. */
  report(from: number, failure: Failure, code: string, answer: Stop = Stop.Done): this {
    this.nothingLeft('report()');
    return this.answers(reportArrives(this.connection, add(this.iss, from), failure, code), answer);
  }

  /** Nobody answers at the next hop. */
  neighbourFails(answer: Stop = Stop.Done): this {
    this.nothingLeft('neighbourFails()');
    return this.answers(neighbourFails(this.connection), answer);
  }

  /** Several segments arrive before the engine has a turn to send (MUST-58, MUST-59). */
  burst(...lines: string[]): this {
    this.nothingLeft('burst()');
    for (const line of lines) this.arrive(line);
    return this.turn();
  }

  /** Milliseconds pass; whatever goes out meanwhile waits for `expect`. */
  after(ms: number): this {
    this.nothingLeft('after()');
    return this.pass(this.now + ms * MILLISECOND);
  }

  // What the test holds against it.

  /** Exactly these lines have gone out since the last step, in this order. */
  expect(...lines: string[]): this {
    const got = this.queue.map(({ line }) => line);
    this.fields = this.queue.map(({ ecn }) => ecn);
    this.queue = [];
    if (lines.length !== got.length || lines.some((line, i) => !matches(line, got[i] as string)))
      throw fault(
        'went out',
        lines,
        got.map((line, i) => brief(line, lines[i])),
        this.story,
      );
    return this;
  }

  /**
   * Time passes up to `ms` after the script began (or after `mark`): exactly these lines go out, all of them then and
   * none before.
   */
  expectAt(ms: number, ...lines: string[]): this {
    this.nothingLeft('expectAt()');
    this.pass(this.zero + ms * MILLISECOND);
    const got = this.queue;
    this.fields = got.map(({ ecn }) => ecn);
    this.queue = [];
    const told = ({ at, line }: Sent, i: number): string =>
      `${(at - this.zero) / MILLISECOND} ms  ${brief(line, lines[i])}`;
    const on = (sent: Sent | undefined): boolean => sent?.at === this.zero + ms * MILLISECOND;
    if (lines.length !== got.length || lines.some((line, i) => !on(got[i]) || !matches(line, (got[i] as Sent).line)))
      throw fault(
        'went out',
        lines.map((line) => `${ms} ms  ${line}`),
        got.map(told),
        this.story,
      );
    return this;
  }

  /** The ECN fields of the segments that the step before was about. */
  ecn(...fields: number[]): this {
    if (fields.join() !== this.fields.join())
      throw fault('ECN fields', [fields.join()], [this.fields.join()], this.story);
    return this;
  }

  /** Within so many milliseconds exactly these lines go out, in this order. */
  within(ms: number, ...lines: string[]): this {
    return this.pass(this.now + ms * MILLISECOND).expect(...lines);
  }

  /** From here on, `expectAt` counts from now. */
  mark(): this {
    this.zero = this.now;
    return this;
  }

  /** Nothing has gone out. */
  quiet(): this {
    this.nothingLeft('quiet()');
    return this;
  }

  /** Takes what has gone out, for tests with a rule of their own. */
  sent(): string[] {
    const lines = this.queue.map(({ line }) => line);
    this.fields = this.queue.map(({ ecn }) => ecn);
    this.queue = [];
    return lines;
  }

  /** The state is this one. */
  state(state: State): this {
    if (this.current !== state)
      throw fault('the state', [stateNames[state] as string], [stateNames[this.current] as string], this.story);
    return this;
  }

  /** The connection has ended for this reason. */
  failed(failure: Failure): this {
    const got = this.connection.failure;
    if (got !== failure) throw fault('the failure', [nameOf(Failure, failure)], [nameOf(Failure, got)], this.story);
    return this;
  }

  /** Of these News bits the user is told just now; the others are forgotten. `not`: of these he is not. */
  hears(news: number, not = 0): this {
    const got = this.connection.news;
    this.connection.news = 0;
    if ((got & news) !== news || (got & not) !== 0)
      throw fault('news', [`${news.toString(2)} without ${not.toString(2)}`], [got.toString(2)], this.story);
    return this;
  }

  /** RCV.NXT, counted from IRS, and RCV.WND; null while the peer's SYN has not come. */
  get receives(): { nxt: number; wnd: number } | null {
    const { current } = this;
    if (current <= State.SynSent) return null;
    const { rcv } = this.connection;
    return { nxt: diff(rcv.nxt, this.irs), wnd: this.info().rcv.wnd };
  }

  /** The connection has taken this arrow of the diagram. */
  took(from: State, to: State): this {
    if (!this.arrows.has(`${from}>${to}`))
      throw fault('the move', [`${stateNames[from]} -> ${stateNames[to]}`], ['not taken'], this.story);
    return this;
  }

  /** STATUS. */
  info(): TcpInfo {
    return info(this.connection, this.now);
  }

  /** A timer runs for so many more milliseconds; null: it does not run. */
  timer(name: DueName, ms: number | null): this {
    const left = this.info().timers[name];
    const got = left === undefined ? null : left / MILLISECOND;
    if (got !== ms) throw fault(`the timer ${name}, ms`, [`${ms}`], [`${got}`], this.story);
    return this;
  }

  /** A number of STATUS is this. */
  value(what: string, read: (info: TcpInfo) => unknown, value: unknown): this {
    const got = read(this.info());
    if (got !== value) throw fault(what, [String(value)], [String(got)], this.story);
    return this;
  }

  /** Octets of urgent data that the user has still to take. */
  urgentLeft(octets: number): this {
    const got = calls.urgentLeft(this.connection);
    if (got !== octets) throw fault('urgent octets left', [`${octets}`], [`${got}`]);
    return this;
  }

  /** Octets that the host has lent to this connection, and requests refused. */
  memory(): { used: number; refused: number } {
    const { used, refused } = this.store;
    return { used, refused };
  }

  /** The connection is deleted: every buffer goes back. */
  delete(): this {
    calls.release(this.connection);
    return this;
  }

  /** The options of the peer's SYN: what the script says, or what we announce. */
  get peerOptions(): string {
    const { peer } = this.options;
    if (peer !== undefined) return peer;
    const { mss, sack, windowScale, timestamps } = this.config;
    const list = [`mss ${mss}`];
    if (sack) list.push('sackOK');
    if (timestamps) list.push(`TS val ${this.peerClock} ecr ${this.lastTsVal}`);
    if (windowScale) list.push('wscale 7');
    return `<${list.join(',')}>`;
  }

  /** The round trip of the handshake. */
  get rtt(): number {
    return this.options.rtt ?? 100;
  }

  /** The state, LISTEN included, which has no Tcb. */
  get current(): State {
    return this.tcb?.state ?? (this.listens ? State.Listen : State.Closed);
  }

  private get connection(): Tcb {
    if (this.tcb === null) throw new Error(`there is no connection in ${stateNames[this.current]}`);
    return this.tcb;
  }

  /** The peer's timestamp clock: milliseconds since the script began, and 5000. */
  private get peerClock(): number {
    return 5000 + (this.now - BEGIN) / MILLISECOND;
  }

  private fresh(): Tcb {
    const { options, config } = this;
    const tcb = new Tcb(config, this.store);
    tcb.pathMss = options.pathMss ?? config.mss;
    tcb.peerMss = options.assumed ?? (this.family === 4 ? DEFAULT_MSS_V4 : DEFAULT_MSS_V6);
    // Our timestamps count the milliseconds of the script.
    tcb.ts.offset = -(BEGIN / MILLISECOND) | 0;
    tcb.watch = {
      stateMoves: (from, to) => this.moved(from, to),
      timerMoves: () => undefined,
      timerFires: (name) => this.note(`timer ${name}`),
    };
    return tcb;
  }

  private moved(from: State, to: State): void {
    this.note(`${stateNames[from]} -> ${stateNames[to]}`);
    if (!isLegalMove(from, to))
      throw fault('a move', ['one of the diagram'], [`${stateNames[from]} -> ${stateNames[to]}`], this.story);
    this.take(from, to);
  }

  private take(from: State, to: State): void {
    this.arrows.add(`${from}>${to}`);
    noteMove(from, to);
  }

  private note(line: string): void {
    this.journal.push({ at: this.now, line });
  }

  /** The last things that happened, with the times of `expectAt`. */
  private get story(): string[] {
    const ms = (at: Micros): string => ((at - this.zero) / MILLISECOND).toFixed(1).padStart(9);
    return this.journal.slice(-16).map(({ at, line }) => `${ms(at)} ms  ${line}`);
  }

  private nothingLeft(step: string): void {
    if (this.queue.length === 0) return;
    const got = this.queue.map(({ line }) => brief(line, undefined));
    this.queue = [];
    throw fault(`went out before ${step}`, ['nothing more'], got, this.story);
  }

  /** Time passes, deadline by deadline. */
  private pass(until: Micros): this {
    for (;;) {
      const { tcb } = this;
      const next = tcb === null || tcb.state === State.Closed ? NEVER : earliest(tcb.due);
      if (tcb === null || next > until) break;
      this.now = Math.max(this.now, next);
      expire(tcb, this.now);
      this.turn();
    }
    this.now = until;
    return this;
  }

  /** Everything that may go out goes out. */
  private turn(): this {
    const { tcb, out } = this;
    if (tcb === null) return this;
    const frame = new Frame(70_000);
    const { together = 1 } = this.options;
    for (let n = 0; nextSegment(tcb, out, frame, together * tcb.snd.mss, this.now); n++) {
      if (n > TOO_MANY) throw new Error('the engine does not stop sending');
      this.checkText(frame);
      this.checkWindow(tcb);
      if (out.hasTs) this.lastTsVal = out.tsVal >>> 0;
      this.leave(frame, this.iss);
    }
    this.repack();
    return this;
  }

  /** Packs the connection into a row, and makes a new Tcb of it. */
  private repack(): void {
    const { tcb } = this;
    if (tcb === null || this.options.rows !== true) return;
    if (!(tcb.state === State.SynReceived && tcb.passive) && tcb.state !== State.TimeWait) return;
    const ints = new Int32Array(ROW_INTS);
    const times = new Float64Array(ROW_TIMES);
    pack(tcb, ints, times, 0);
    calls.release(tcb);
    this.tcb = this.fresh();
    unpack(this.tcb, this.config, ints, times, 0);
  }

  /** What goes out is what the user wrote, at its place. */
  private checkText(frame: Frame): void {
    const { out } = this;
    for (let i = 0; i < out.textLen; i++) {
      const at = diff(out.seq, this.iss) + i;
      if (frame.bytes[frame.at + i] !== octetAt(at))
        throw fault(`octet ${at} of ours`, [`${octetAt(at)}`], [`${frame.bytes[frame.at + i]}`], this.story);
    }
  }

  /** The right edge that was offered never moves left (RFC 9293 §3.8.6: a receiver should not shrink its window). */
  private checkWindow(tcb: Tcb): void {
    const { out } = this;
    if ((out.flags & (SYN | ACK)) !== ACK) return;
    const edge = diff(out.ack, this.irs) + (out.wnd << (tcb.scaled ? tcb.rcv.scale : 0));
    if (edge < this.edge) throw fault('the right edge offered', [`${this.edge} or more`], [`${edge}`], this.story);
    this.edge = edge;
  }

  private emit(line: string): void {
    const { ecn } = this.out;
    this.note(`> ${line}${ecn === Ecn.NotEct ? '' : ` [ECN ${ecn}]`}`);
    this.queue.push({ at: this.now, line, ecn });
  }

  /** The engine's answer to something that was no segment is this; then it sends what it may. */
  private answers(got: Stop, answer: Stop | null): this {
    if (answer !== null && got !== answer)
      throw fault('the answer', [nameOf(Stop, answer)], [nameOf(Stop, got)], this.story);
    return this.turn();
  }

  /** What goes out is what the peer reads of it; numbers count from `iss`. */
  private leave(frame: Frame, iss: Seq): void {
    const { out, peers } = this;
    carry(this.family, true, out, frame.bytes, frame.at, peers);
    this.emit(shortText(peers, iss, this.irs));
  }

  private sendReset(tcb: Tcb): void {
    resetOf(this.out, tcb);
    this.leave(new Frame(0), this.iss);
  }

  private arrive(line: string, ecn: number = Ecn.NotEct): this {
    this.note(`< ${line}${ecn === Ecn.NotEct ? '' : ` [ECN ${ecn}]`}`);
    this.fill(parseShort(line));
    const { peers } = this;
    carry(this.family, false, peers, (peers.frame as Frame).bytes, peers.textAt, this.arriving);
    this.arriving.ecn = ecn;
    const before = this.current;
    this.walk();
    this.repack();
    // One segment may lead over two arrows; the diagram may have one for both (FIN-WAIT-1 to TIME-WAIT).
    if (isLegalMove(before, this.current)) this.take(before, this.current);
    return this;
  }

  /** As the stack does: the segment goes to the connection or to the listener, and what is left to do is done. */
  private walk(): void {
    const { tcb, arriving, now } = this;
    if (tcb === null || tcb.state === State.Closed || tcb.state === State.Listen) {
      this.toListener();
      return;
    }
    const stop =
      tcb.state === State.SynSent ? arriveSynSent(tcb, arriving, now) : arriveSynchronized(tcb, arriving, now);
    if (stop === Stop.Reply) this.replyReset();
    else if (stop === Stop.Reopen) this.reopen(tcb);
  }

  /** A segment without a connection is the listener's, or nobody's. */
  private toListener(): void {
    const { arriving } = this;
    const listens = this.listens || this.tcb?.state === State.Listen;
    const stop = listens ? arriveListen(arriving, this.config) : arriveClosed(arriving);
    if (stop === Stop.Reply) this.replyReset();
    else if (stop === Stop.Go) this.openPassive(State.Listen);
  }

  private openPassive(from: State): void {
    const tcb = this.fresh();
    const { watch } = tcb;
    tcb.watch = null;
    openPassive(tcb, this.arriving, this.iss, this.now);
    tcb.watch = watch;
    this.moved(from, tcb.state);
    this.tcb = tcb;
  }

  /** RFC 6191: the old connection is gone; the SYN is a new one's, or nobody's. Our new ISS is the new zero. */
  private reopen(old: Tcb): void {
    if (!this.listens) {
      move(old, State.Closed);
      this.toListener();
      return;
    }
    this.iss = add(this.iss, 1_000_000);
    this.octetsWritten = 0;
    this.edge = -0x8000_0000;
    this.openPassive(State.TimeWait);
  }

  private replyReset(): void {
    const { out, arriving } = this;
    replyReset(out, arriving);
    // <SEQ=0> is told as it is; every other number counts from ISS.
    this.leave(new Frame(0), (out.flags & ACK) !== 0 ? seq(0) : this.iss);
  }

  /** Makes the segment that a line tells, with the peer's text at its place. */
  private fill(short: Short): void {
    const { peers: seg, tcb } = this;
    clearOptions(seg);
    seg.flags = short.flags;
    seg.seq = add(this.irs, short.seq);
    seg.ack = short.ack === null ? seq(0) : add(this.iss, short.ack);
    if (short.ack !== null) seg.flags |= ACK;
    else seg.flags &= ~ACK;
    if (short.win !== null) this.win = short.win;
    seg.wnd = (seg.flags & RST) !== 0 ? 0 : this.win;
    seg.up = short.urg ?? 0;
    if (short.urg !== null) seg.flags |= URG;
    seg.textLen = short.end - short.seq;
    seg.textAt = 0;
    const frame = new Frame(seg.textLen);
    // A SYN takes the number before its text.
    const from = short.seq + ((seg.flags & SYN) !== 0 ? 1 : 0);
    for (let i = 0; i < seg.textLen; i++) frame.bytes[i] = octetAt(from + i);
    seg.frame = frame;
    measure(seg);
    const { options } = short;
    if (options === null) {
      if (tcb === null || !tcb.ts.on) return;
      seg.hasTs = true;
      seg.tsVal = seq(this.peerClock);
      seg.tsEcr = seq(this.lastTsVal);
      return;
    }
    seg.mss = options.mss ?? -1;
    seg.wscale = options.wscale ?? -1;
    seg.sackOk = options.sackOk;
    seg.sackCount = options.sack.length;
    for (const [i, [left, right]] of options.sack.entries()) {
      seg.sackLeft[i] = add(this.iss, left);
      seg.sackRight[i] = add(this.iss, right);
    }
    // SACK blocks come beside timestamps that go without saying.
    if (options.ts === null && !(options.sack.length > 0 && tcb?.ts.on === true)) return;
    seg.hasTs = true;
    seg.tsVal = seq(options.ts?.val ?? this.peerClock);
    seg.tsEcr = seq(options.ts?.ecr ?? this.lastTsVal);
  }

  /** Our timestamp clock, as a TSval reads. */
  get clock(): number {
    return tsClock(this.connection, this.now) >>> 0;
  }
}

/** What a number is called in a table of them. */
function nameOf(table: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(table).find(([, number]) => number === value)?.[0] ?? `${value}`;
}

/** How `<>` reads. */
const NO_OPTIONS: NonNullable<Short['options']> = { mss: null, wscale: null, sackOk: false, ts: null, sack: [] };

/** Whether a line that went out is what was expected: window, urgent pointer and options only where those are named. */
function matches(expected: string, got: string): boolean {
  const want = parseShort(expected);
  const have = parseShort(got);
  if (want.flags !== have.flags || want.seq !== have.seq || want.end !== have.end || want.ack !== have.ack)
    return false;
  if (want.win !== null && want.win !== have.win) return false;
  if (want.urg !== null && want.urg !== have.urg) return false;
  return want.options === null || JSON.stringify(want.options) === JSON.stringify(have.options ?? NO_OPTIONS);
}

/** A line that went out, told as fully as the one beside it. */
function brief(line: string, beside: string | undefined): string {
  let text = line;
  if (beside === undefined || !beside.includes(' win ')) text = text.replace(/ win \d+/, '');
  if (beside === undefined || !beside.includes(' <')) text = text.replace(/ <.*>/, '');
  if (beside === undefined || !beside.includes('(')) text = text.replace(/\(\d+\)/, '');
  return text;
}

/** A failure with both sides printed next to each other, that points at the line of the test. */
class ScriptError extends Error {
  readonly expected: string;
  readonly actual: string;

  constructor(what: string, expected: readonly string[], got: readonly string[], journal: readonly string[]) {
    const width = Math.max(10, ...expected.map((line) => line.length)) + 4;
    const rows = [['expected', 'got'] as const, ...expected.map((line, i) => [line, got[i] ?? '-'] as const)];
    for (const line of got.slice(expected.length)) rows.push(['-', line]);
    const table = rows.map(([left, right]) => `    ${left.padEnd(width)}${right}`);
    const story = journal.length === 0 ? [] : ['', '  what happened:', ...journal];
    super([`${what}:`, ...table, ...story].join('\n'));
    this.name = 'ScriptError';
    this.expected = expected.join('\n');
    this.actual = got.join('\n');
    const frames = (this.stack ?? '').split('\n');
    const first = frames.findIndex((line) => /^\s+at /.test(line));
    const kept = frames.slice(first).filter((line) => !line.includes('/test/tcp/harness.ts'));
    this.stack = [`${this.name}: ${this.message}`, ...kept].join('\n');
  }
}

function fault(
  what: string,
  expected: readonly string[],
  got: readonly string[],
  journal: readonly string[] = [],
): ScriptError {
  return new ScriptError(what, expected, got, journal);
}

// The eleven states, each reached by real segments and calls. Data begins at 1 in both directions.

/** No connection, and nobody listens. */
export function closed(options: Options = {}): Script {
  return new Script(options);
}

/** A passive OPEN waits. */
export function listening(options: Options = {}): Script {
  return new Script(options).listen();
}

/** Our SYN is out. */
export function synSent(options: Options = {}): Script {
  return new Script(options).connect().expect('S 0:0');
}

/** Passive OPEN; a SYN came and is answered. */
export function synReceived(options: Options = {}): Script {
  const script = listening(options);
  return script.inject(`S 0:0 ${script.peerOptions}`).expect('S. 0:0 ack 1');
}

/** Active OPEN on both sides at once: the SYNs have crossed. */
export function synReceivedActive(options: Options = {}): Script {
  const script = synSent(options);
  return script.inject(`S 0:0 ${script.peerOptions}`).expect('S. 0:0 ack 1');
}

/** Active OPEN, and the peer has answered after a round trip. */
export function established(options: Options = {}): Script {
  const script = synSent(options);
  return script.after(script.rtt).inject(`S. 0:0 ack 1 ${script.peerOptions}`).expect('. 1:1 ack 1').mark();
}

/** Passive OPEN, and the peer has completed it after a round trip. */
export function accepted(options: Options = {}): Script {
  const script = synReceived(options);
  return script.after(script.rtt).inject('. 1:1 ack 1').quiet().mark();
}

/** CLOSE: our FIN is out. */
export function finWait1(options: Options = {}): Script {
  return established(options).close().expect('F. 1:1 ack 1');
}

/** The peer has acknowledged our FIN. */
export function finWait2(options: Options = {}): Script {
  return finWait1(options).inject('. 1:1 ack 2').quiet();
}

/** The peer has closed. */
export function closeWait(options: Options = {}): Script {
  return established(options).inject('F. 1:1 ack 1').expect('. 1:1 ack 2');
}

/** The FINs have crossed. */
export function closing(options: Options = {}): Script {
  return finWait1(options).inject('F. 1:1 ack 1').expect('. 2:2 ack 2');
}

/** The peer has closed, and then we have. */
export function lastAck(options: Options = {}): Script {
  return closeWait(options).close().expect('F. 1:1 ack 2');
}

/** We have closed, and then the peer has. */
export function timeWait(options: Options = {}): Script {
  return finWait2(options).inject('F. 1:1 ack 2').expect('. 2:2 ack 2').mark();
}
