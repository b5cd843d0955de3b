/** Runner: lets a script happen to a host, step by step, and says where it went another way. */
import { Address } from '../base/address.ts';
import { formatAddress, parseAddress } from '../base/address-text.ts';
import { type Micros, NEVER, SECOND } from '../base/time.ts';
import { SYN } from '../wire/segment.ts';
import { buildIcmp, buildTcp, buildUdp } from './build.ts';
import type { TcpEnd } from './calls/descriptors.ts';
import { attemptAt, isShut } from './calls/dispatch.ts';
import { type Attempt, type Follower, Kernel, type Outcome } from './calls/kernel.ts';
import { discard } from './calls/tcp-calls.ts';
import { runCode } from './code.ts';
import { compareIp, compareTcp } from './compare.ts';
import { DrillError, Mismatch, Unsupported } from './errors.ts';
import { type End, Flow } from './flow.ts';
import { icmpNumbers } from './icmp-names.ts';
import type { Live, LiveTcp } from './live.ts';
import type {
  CallSpec,
  CommandSpec,
  IcmpSpec,
  Moment,
  PacketSpec,
  Place,
  Script,
  Step,
  TcpOption,
  TcpSpec,
  UdpSpec,
} from './script.ts';
import type { Settings } from './settings.ts';
import { runCommand } from './shell.ts';
import { showLive, showSegment, showSpec } from './show.ts';
import { Subject, type Witness } from './subject.ts';
import { errnoName, errnoOf } from './symbols.ts';
import { tcpInfo } from './tcp-info.ts';

/** The first port of the script's own end; each connection that it opens has the next. */
const REMOTE_PORT = 32_768;
/** As long as that a packet is waited for that may come at any time. */
const PATIENCE: Micros = 3_600 * SECOND;

/** A packet that passed, or a step that began, as it is told to who looks on. */
export interface Trace {
  readonly time: Micros;
  readonly what: 'in' | 'out' | 'step';
  /** The line of the script; 0 for a packet of the host's, which no line has asked for yet. */
  readonly line: number;
  readonly text: string;
}

/** A call that waits for its end in the background, as another thread would. */
interface Waiting {
  readonly step: Step;
  readonly call: CallSpec;
  readonly attempt: Attempt;
  /** When it is to end. */
  readonly end: Micros;
  readonly tolerance: Micros;
}

export interface RunParts {
  readonly script: Script;
  readonly settings: Settings;
  readonly seed: number | string;
  readonly witness: Witness;
}

export class Runner implements Follower {
  private readonly script: Script;
  private readonly settings: Settings;
  private readonly subject: Subject;
  private readonly kernel: Kernel;
  private readonly remote: Address;
  /** Every connection that the script has had, the newest last. */
  private readonly flows: Flow[] = [];
  /** Packets without ports are of that one. */
  private current: Flow | null = null;
  /** The socket under test: whose TCP_INFO `%{ }%` sees. */
  private tested: TcpEnd | null = null;
  /** The listener that an injected packet opens a connection to. */
  private listening: End | null = null;
  private remotePort = REMOTE_PORT;
  /** When the last step was over; the next one is reckoned from there. */
  private last: Micros = 0;
  private waiting: Waiting | null = null;
  private readonly variables: Map<string, unknown> = new Map();

  constructor({ script, settings, seed, witness }: RunParts) {
    this.script = script;
    this.settings = settings;
    const { local, remote } = addressesOf(settings);
    this.remote = remote;
    const prefix = local.family === 4 ? 32 : 128;
    this.subject = new Subject({
      mtu: settings.mtu,
      addresses: [`${formatAddress(local)}/${prefix}`],
      config: settings.tcp,
      seed,
      witness,
      leaves: (live) => this.see(live),
    });
    this.kernel = new Kernel(this.subject, settings, local, remote, this);
  }

  /** Runs the whole script. Throws DrillError where the host did otherwise, Unsupported for what cannot be run. */
  run(): void {
    const { init, steps, cleanup } = this.script;
    if (init !== null) this.guard(init.place, '', () => this.command(init));
    for (const step of steps) this.guard(step.place, step.text, () => this.step(step));
    const { waiting } = this;
    if (waiting !== null) this.guard(waiting.step.place, waiting.step.text, () => this.finishWaiting(NEVER));
    if (cleanup !== null) this.guard(cleanup.place, '', () => this.command(cleanup));
    this.resetAll();
  }

  /** What has happened, in order. */
  readonly trace: Trace[] = [];

  /** Script time: how long the run has taken. */
  get now(): Micros {
    return this.subject.now;
  }

  private guard(place: Place, _text: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      const { name } = this.script;
      if (error instanceof Mismatch) throw new DrillError(name, place.line, error.message);
      if (error instanceof Unsupported) throw new Unsupported(`${name}:${place.line}: ${error.message}`);
      throw error;
    }
  }

  private step(step: Step): void {
    const { action, time } = step;
    const base = this.last;
    if ('out' in action && action.out) {
      this.note('step', step.place.line, step.text);
      this.expect(action, time, base);
    } else {
      const at = startOf(time, base);
      if (action.kind === 'call') this.awaitThread(at);
      this.advance(at);
      this.checkTime(this.now, { kind: 'at', at, relative: false }, 0, base);
      if (!('out' in action)) this.note('step', step.place.line, step.text);
      if (action.kind === 'call') this.call(step, action, base);
      else if (action.kind === 'command') this.command(action);
      else if (action.kind === 'code') this.code(action.code);
      else this.inject(action, step.place.line);
    }
    this.last = this.now;
  }

  // Time.

  /** Lets time go on to `to`, and the host do what falls due on the way. A call in the background ends when it can. */
  private advance(to: Micros): void {
    const { subject } = this;
    this.poll();
    while (subject.now < to) {
      subject.step(this.soonest(to));
      this.poll();
    }
  }

  /** `to`, or earlier, where a call in the background would look again. */
  private soonest(to: Micros): Micros {
    const { waiting, now } = this;
    if (waiting === null) return to;
    const { alarm } = this.kernel;
    return Math.min(to, waiting.end > now ? waiting.end : to, alarm > now ? alarm : to);
  }

  /** Looks after what happens beside the steps. */
  private poll(): void {
    for (const [, descriptor] of this.kernel.all())
      if (isShut(this.kernel, descriptor)) discard(this.kernel, descriptor);
    const { waiting } = this;
    if (waiting === null) return;
    const outcome = this.guarded(waiting);
    if (outcome === null) return;
    this.waiting = null;
    this.guard(waiting.step.place, '', () => {
      this.checkEnd(waiting);
      checkOutcome(waiting.call, outcome);
    });
  }

  private guarded(waiting: Waiting): Outcome | null {
    let outcome: Outcome | null = null;
    this.guard(waiting.step.place, '', () => {
      outcome = waiting.attempt();
    });
    return outcome;
  }

  private checkEnd({ end, tolerance }: Waiting): void {
    const { now } = this;
    if (now < end - tolerance || now > end + tolerance) {
      throw new Mismatch(`the call was to end at ${seconds(end)} and ended at ${seconds(now)}`);
    }
  }

  /** The next call waits until the one before has ended. */
  private awaitThread(at: Micros): void {
    if (this.waiting === null) return;
    this.advance(at);
    this.finishWaiting(at);
  }

  private finishWaiting(_at: Micros): void {
    const { waiting } = this;
    if (waiting === null) return;
    this.advance(waiting.end + waiting.tolerance);
    if (this.waiting === null) return;
    this.waiting = null;
    const { step, call, end } = waiting;
    throw new DrillError(
      this.script.name,
      step.place.line,
      `${call.name} was to end at ${seconds(end)} and still blocks`,
    );
  }

  /** Whether `live` lies where the script has it. */
  private checkTime(live: Micros, time: Moment, offset: Micros, base: Micros): void {
    if (time.kind === 'any') return;
    const from = (time.kind === 'at' ? time.at : time.from) + offset;
    const to = (time.kind === 'at' ? time.at : time.to) + offset;
    const tolerance = this.toleranceFor(from, base);
    if (live >= from - tolerance && live <= to + tolerance) return;
    const range = from === to ? seconds(from) : `${seconds(from)} to ${seconds(to)}`;
    throw new Mismatch(`it was to happen at ${range} and happened at ${seconds(live)}`);
  }

  private toleranceFor(at: Micros, base: Micros): Micros {
    const { tolerance, tolerancePercent } = this.settings;
    return Math.max(tolerance, Math.round((Math.max(0, at - base) * tolerancePercent) / 100));
  }

  // Calls, commands, code.

  private call(step: Step, call: CallSpec, base: Micros): void {
    const tried = attemptAt(this.kernel, call);
    const began = this.now;
    const outcome = tried();
    if (call.end !== null) {
      const relative = step.time.kind === 'at' && step.time.relative;
      const end = call.end + (relative ? base : 0);
      const waiting = { step, call, attempt: tried, end, tolerance: this.toleranceFor(end, began) };
      if (outcome === null) {
        this.waiting = waiting;
        return;
      }
      this.checkEnd(waiting);
    }
    if (outcome === null) throw new Mismatch(`${call.name} blocks, and was to answer at once`);
    checkOutcome(call, outcome);
  }

  private command({ command }: CommandSpec): void {
    runCommand(command, {
      kernel: this.kernel,
      settings: this.settings,
      wait: (time) => this.advance(this.now + time),
    });
  }

  private code(code: string): void {
    const { tested } = this;
    const values = tested === null ? {} : tcpInfo(this.kernel, tested);
    runCode(code, values, this.variables);
  }

  // Packets that the script sends.

  private inject(spec: PacketSpec, line: number): void {
    const flow = this.flowForInjected(spec);
    this.note('in', line, showSpec(spec).slice(2));
    if (spec.kind === 'tcp') this.subject.inject(buildTcp(flow, spec));
    else if (spec.kind === 'udp') this.subject.inject(buildUdp(flow, spec));
    else this.subject.inject(buildIcmp(flow, spec));
    this.poll();
  }

  private flowForInjected(spec: PacketSpec): Flow {
    const ports = spec.kind === 'icmp' ? null : spec.ports;
    if (ports !== null) return this.flowByPorts(ports.dst, ports.src, spec.kind === 'udp' ? 'udp' : 'tcp');
    const { current, listening } = this;
    if (spec.kind !== 'icmp' && listening !== null && (current === null || current.protocol === spec.kind)) {
      this.listening = null;
      return this.begin(spec.kind === 'udp' ? 'udp' : 'tcp', listening);
    }
    const flow =
      spec.kind === 'icmp' || current?.protocol === spec.kind
        ? current
        : (this.flows.findLast(({ protocol }) => protocol === spec.kind) ?? null);
    if (flow !== null) return flow;
    if (spec.kind === 'icmp') throw new Mismatch('there is no connection that this packet could belong to');
    return this.begin(spec.kind, { address: this.kernel.local, port: this.settings.bindPort });
  }

  /** A connection that the script opens from the next port of its own. */
  private begin(protocol: 'tcp' | 'udp', to: End): Flow {
    const { local } = this.kernel;
    const address = this.kernel.boundAddress(to) === null ? local : to.address;
    return this.add(new Flow(protocol, { address, port: to.port }, { address: this.remote, port: this.remotePort++ }));
  }

  private add(flow: Flow): Flow {
    this.flows.push(flow);
    this.current = flow;
    return flow;
  }

  /** Packets that name their ports: `local` and `remote` as the script writes them, and as they are on the wire. */
  private flowByPorts(local: number, remote: number, protocol: 'tcp' | 'udp'): Flow {
    const found = this.flows.findLast(
      (flow) => flow.protocol === protocol && flow.local.port === local && flow.remote.port === remote,
    );
    if (found !== undefined) return found;
    const ends = [
      { address: this.kernel.local, port: local },
      { address: this.remote, port: remote },
    ] as const;
    const flow = new Flow(protocol, ends[0], ends[1]);
    this.flows.push(flow);
    return flow;
  }

  // Packets that the host sends.

  private see(live: Live): void {
    const { body } = live;
    const flow = body.kind === 'tcp' ? this.flows.findLast((each) => each.owns(live)) : undefined;
    if (flow !== undefined && body.kind === 'tcp') flow.see(body);
    const shown = flow === undefined || body.kind !== 'tcp' ? live : { body: flow.translate(body) };
    this.note('out', 0, showLive(shown).slice(2));
  }

  private note(what: Trace['what'], line: number, text: string): void {
    this.trace.push({ time: this.now, what, line, text });
  }

  private expect(spec: PacketSpec, time: Moment, base: Micros): void {
    const offset = time.kind !== 'any' && time.relative ? base : 0;
    if (spec.kind === 'tcp') this.expectTcp(spec, time, offset, base);
    else this.expectOther(spec, time, offset, base);
  }

  private expectTcp(spec: TcpSpec, time: Moment, offset: Micros, base: Micros): void {
    let at = 0;
    for (;;) {
      const { live, flow } = this.take(spec, time, offset, base, at);
      const body = live.body as LiveTcp;
      if ((body.flags & spec.flags & SYN) !== 0) flow.begin(body.seq, spec.seq);
      const found = flow.translate(body);
      const isLast = this.settings.strictSegments || body.length + at >= spec.length;
      const difference =
        compareTcp(spec, found, { at, isLast }) ?? compareIp(spec.ip, live) ?? this.compareClock(flow, spec, found);
      if (difference !== null)
        throw new Mismatch(`expected ${showSpec(spec)}, and > ${showSegment(found)} came: ${difference}`);
      this.checkTime(live.time, time, offset, base);
      noteStamps(flow, spec, found);
      at += body.length;
      if (isLast) return;
    }
  }

  private expectOther(spec: UdpSpec | IcmpSpec, time: Moment, offset: Micros, base: Micros): void {
    const { live } = this.take(spec, time, offset, base);
    const difference = differenceOf(spec, live) ?? compareIp(spec.ip, live);
    if (difference !== null)
      throw new Mismatch(`expected ${showSpec(spec)}, and ${showLive(live)} came: ${difference}`);
    this.checkTime(live.time, time, offset, base);
  }

  /** The next packet of the flow that is asked for; others are passed over. Time goes on until one comes, or is late. */
  private take(spec: PacketSpec, time: Moment, offset: Micros, base: Micros, octets = 0): { live: Live; flow: Flow } {
    const { subject } = this;
    const to = time.kind === 'any' ? this.now + PATIENCE : (time.kind === 'at' ? time.at : time.to) + offset;
    const latest = time.kind === 'any' ? to : to + this.toleranceFor(to, base);
    const flow = this.flowForExpected(spec);
    for (;;) {
      for (let live = subject.sent.shift(); live !== undefined; live = subject.sent.shift()) {
        if (live.body.kind === 'icmp' ? spec.kind === 'icmp' : flow !== null && flow.owns(live)) {
          return { live, flow: flow as Flow };
        }
      }
      if (this.now >= latest) break;
      subject.step(this.soonest(latest));
      this.poll();
    }
    const until = time.kind === 'any' ? `within ${PATIENCE / SECOND} s` : `until ${seconds(latest)}`;
    const what = octets === 0 ? 'nothing' : `no more than ${octets} of its octets`;
    throw new Mismatch(`expected ${showSpec(spec)}, and ${what} came ${until}`);
  }

  private flowForExpected(spec: PacketSpec): Flow | null {
    if (spec.kind === 'icmp') return this.current;
    if (spec.ports !== null) return this.flowByPorts(spec.ports.src, spec.ports.dst, spec.kind);
    const { current } = this;
    if (current?.protocol === spec.kind) return current;
    return this.flows.findLast(({ protocol }) => protocol === spec.kind) ?? null;
  }

  /** `--tcp_ts_tick_usecs`: the host's clock has gone on as the script's timestamps have. */
  private compareClock(flow: Flow, spec: TcpSpec, live: LiveTcp): string | null {
    const { tsTick, tolerance } = this.settings;
    const stamps = stampsOf(spec, live);
    if (tsTick === 0 || stamps === null) return null;
    const drift = flow.stampDrift(stamps.script, stamps.live) * tsTick;
    return Math.abs(drift) <= tolerance ? null : `TSval is ${drift / tsTick} ticks away from where it should be`;
  }

  // What happens to sockets.

  connects(socket: TcpEnd, local: End, remote: End): void {
    this.tested = socket;
    this.listening = null;
    this.add(new Flow('tcp', local, remote));
  }

  listens(socket: TcpEnd, local: End): void {
    this.tested = socket;
    this.listening = local;
  }

  accepts(socket: TcpEnd, local: End, remote: End): void {
    this.tested = socket;
    const flow = this.flows.findLast(
      (each) => each.protocol === 'tcp' && each.local.port === local.port && each.remote.port === remote.port,
    );
    if (flow !== undefined) this.current = flow;
  }

  speaks(local: End, remote: End): void {
    const known = this.flows.find(
      (flow) => flow.protocol === 'udp' && flow.local.port === local.port && flow.remote.port === remote.port,
    );
    if (known === undefined) this.add(new Flow('udp', local, remote));
    else this.current = known;
  }

  /** The script's end lets go of every connection, so that a capture ends as one of a real host would. */
  private resetAll(): void {
    for (const flow of this.flows) {
      if (flow.protocol !== 'tcp' || !flow.heard) continue;
      this.subject.inject(buildTcp(flow, resetOf(flow)));
    }
  }
}

function resetOf(flow: Flow): TcpSpec {
  const ip = { ecn: null, tos: null, flowLabel: null, hopLimit: null };
  return {
    kind: 'tcp',
    out: false,
    ip,
    ports: null,
    flags: 0x04,
    seq: flow.acked,
    length: 0,
    ack: 0,
    win: 0,
    urg: 0,
    options: [],
  };
}

/** The default addresses: of networks that are kept for documentation and for private use. */
function addressesOf({ ipVersion, localIp, remoteIp }: Settings): { local: Address; remote: Address } {
  const family = ipVersion === 6 ? 6 : 4;
  const local = parseAddress(localIp ?? (family === 4 ? '192.168.0.1' : 'fd3d:a0b:17d6::1'));
  const remote = parseAddress(remoteIp ?? (family === 4 ? '192.0.2.1' : 'fd3d:fa7b:d17d::1'));
  return { local: local ?? new Address(), remote: remote ?? new Address() };
}

function startOf(time: Moment, base: Micros): Micros {
  if (time.kind === 'any') return base;
  const at = time.kind === 'at' ? time.at : time.from;
  return time.relative ? base + at : at;
}

/** Whether a call has come out as the script has it. */
function checkOutcome(call: CallSpec, outcome: Outcome): void {
  const { name, result, errno } = call;
  const found = outcome.errno === '' ? `${outcome.value}` : `-1 ${outcome.errno}`;
  if (result.kind === 'default') return;
  if (result.kind !== 'number') throw new Mismatch(`what ${name} answers is a number`);
  const wanted = errno === null ? result.text : `${result.text} ${errno}`;
  if (result.number !== outcome.value) throw new Mismatch(`${name} answered ${found}, not ${wanted}`);
  if (errno === null || outcome.errno === '') {
    if (errno !== null) throw new Mismatch(`${name} answered ${found}, not ${wanted}`);
    return;
  }
  if (errnoOf(errno) === 0) throw new Mismatch(`no error is called ${errno}`);
  if (errnoOf(errno) !== errnoOf(outcome.errno)) {
    throw new Mismatch(`${name} ended in ${errnoName(errnoOf(outcome.errno))}, not in ${errno}`);
  }
}

function differenceOf(spec: UdpSpec | IcmpSpec, { body, family }: Live): string | null {
  if (spec.kind === 'udp') {
    if (body.kind !== 'udp') return 'it is no datagram';
    if (body.length !== spec.length) return `the text is ${body.length} octets long, not ${spec.length}`;
    return body.isZero ? null : 'the text is not all zeros';
  }
  if (body.kind !== 'icmp') return 'it is no ICMP message';
  const numbers = icmpNumbers(family, spec.type, spec.code);
  if (numbers === null) return `ICMP for IPv${family} has no such message`;
  if (body.type !== numbers.type) return `the type is ${body.type}, not ${numbers.type}`;
  if (spec.code !== null && body.code !== numbers.code) return `the code is ${body.code}, not ${numbers.code}`;
  return spec.mtu > 0 && body.word !== spec.mtu ? `the MTU is ${body.word}, not ${spec.mtu}` : null;
}

function isStamp(option: TcpOption): option is TcpOption & { kind: 'TS' } {
  return option.kind === 'TS';
}

function stampsOf(spec: TcpSpec, live: LiveTcp): { script: number; live: number } | null {
  const script = spec.options?.find(isStamp);
  const found = live.options.find(isStamp);
  return script === undefined || found === undefined ? null : { script: script.val, live: found.val };
}

function noteStamps(flow: Flow, spec: TcpSpec, live: LiveTcp): void {
  const stamps = stampsOf(spec, live);
  if (stamps !== null) flow.noteStamp(stamps.script, stamps.live);
}

function seconds(time: Micros): string {
  return time === NEVER ? 'never' : `${(time / SECOND).toFixed(6)} s`;
}
