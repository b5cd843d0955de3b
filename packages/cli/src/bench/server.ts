/** The server of tests: one at a time, for clients of iperf3 and of ours. */
import type { Host, TcpListener, TcpSocket } from 'synwave';
import { Exit, UserError } from '../errors.ts';
import { failed } from '../failures.ts';
import { Control, type Parameters, type Results, Step } from './protocol.ts';
import { Report } from './report.ts';
import { type Span, Stream } from './stream.ts';
import { BLOCK, configOf, MOST_STREAMS, octetsOf, Test } from './test.ts';

export interface ServerOptions {
  readonly host: Host;
  /** Undefined: every address. */
  readonly address?: string;
  readonly port: number;
  readonly interval: number;
  readonly json: boolean;
  /** One test, then it ends. */
  readonly once: boolean;
  readonly print: (line: string) => void;
  readonly say: (line: string) => void;
  /** Resolves at Ctrl-C. */
  readonly interrupted: Promise<void>;
}

const LINE = '-'.repeat(59);
/** Milliseconds that a client has for a step of the opening. */
const PATIENCE = 10_000;

/** A test that a client has asked for. */
interface Running {
  readonly cookie: string;
  readonly streams: TcpSocket[];
  wake: () => void;
}

export class BenchServer {
  private readonly options: ServerOptions;
  private readonly listener: TcpListener;
  private running: Running | null = null;
  private control: Control | null = null;
  private ended = false;
  private count = 0;

  /** Throws SynwaveError where it cannot listen. */
  constructor(options: ServerOptions) {
    const { host, address, port } = options;
    this.options = options;
    this.listener = host.listen(address === undefined ? { port } : { port, address });
    void options.interrupted.then(() => this.close());
  }

  /** Resolves when it has been ended, or with `once` after a test. Rejects with UserError when that one failed. */
  async serve(): Promise<void> {
    this.announce();
    let failure: UserError | null = null;
    let over: () => void = () => undefined;
    const one = new Promise<void>((resolve) => {
      over = resolve;
    });
    const handle = async (socket: TcpSocket): Promise<void> => {
      const error = await this.greet(socket);
      if (error === 'stream') return;
      if (error !== null && !this.options.once) this.options.say(error.message);
      failure = error;
      if (this.options.once) over();
      else if (!this.ended) this.announce();
    };
    const accept = async (): Promise<void> => {
      for await (const socket of this.listener) void handle(socket);
    };
    await Promise.race([accept(), one]);
    this.listener.close();
    if (this.options.once && failure !== null && !this.ended) throw failure;
  }

  private announce(): void {
    const { json, print, port } = this.options;
    if (json) return;
    print(LINE);
    print(`Server listening on ${port} (test #${++this.count})`);
    print(LINE);
  }

  private close(): void {
    this.ended = true;
    this.listener.close();
    void this.control?.say(Step.ServerTerminates).catch(() => undefined);
    this.control?.socket.close();
  }

  /** What a connection begins with says what it is for. Null: a test that went well. Never rejects. */
  private async greet(socket: TcpSocket): Promise<UserError | null | 'stream'> {
    const control = new Control(socket);
    const timer = setTimeout(() => socket.abort(), PATIENCE);
    const cookie = await control.cookie().catch(() => null);
    clearTimeout(timer);
    if (cookie === null) {
      socket.close();
      return 'stream'; // somebody who only looked in
    }
    const { running } = this;
    if (running !== null) {
      if (cookie === running.cookie) {
        running.streams.push(socket);
        running.wake();
      } else {
        await control.say(Step.Busy).catch(() => undefined);
        socket.close();
      }
      return 'stream';
    }
    this.running = { cookie, streams: [], wake: () => undefined };
    this.control = control;
    try {
      await this.test(control, this.running);
      return null;
    } catch (error) {
      return failed(`test with ${socket.remoteAddress} port ${socket.remotePort}`, error);
    } finally {
      for (const each of [socket, ...this.running.streams]) each.close();
      this.running = null;
      this.control = null;
    }
  }

  private async test(control: Control, running: Running): Promise<void> {
    const { host, interval, json, print } = this.options;
    const { socket } = control;
    const report = new Report({ side: 'S', json, print });
    report.line(`Accepted connection from ${socket.remoteAddress}, port ${socket.remotePort}`);
    Object.assign(report.start, {
      timestamp: { time: new Date().toUTCString(), timesecs: Math.floor(Date.now() / 1000) },
      accepted_connection: { host: socket.remoteAddress, port: socket.remotePort },
      cookie: running.cookie,
    });
    await control.say(Step.Parameters);
    const parameters = checked(await control.hear());
    const config = configOf(parameters, host);
    host.stack.configureListener(this.listener.id, config);
    await control.say(Step.CreateStreams);
    const { parallel = 1, reverse = false, bidirectional = false } = parameters;
    await gathered(running, bidirectional ? 2 * parallel : parallel);
    // Those that the client sends on come first; the other way about in reverse.
    const streams = running.streams.map((each, i) => new Stream(i, each, i < parallel ? reverse : !reverse));
    const test = new Test(streams, parameters, report);
    await control.say(Step.TestStart);
    report.begin(streams, parameters);
    test.start(interval);
    await control.say(Step.TestRunning);
    const step = await control.step();
    const totals = test.stop(interval);
    const load = test.load();
    if (step !== Step.TestEnd) {
      report.end(totals, null, load, config.congestion);
      throw ended(step, this.ended);
    }
    await this.settle(control, test, totals, report, config.congestion);
  }

  private async settle(
    control: Control,
    test: Test,
    totals: readonly Span[],
    report: Report,
    congestion: string,
  ): Promise<void> {
    const load = test.load();
    await control.say(Step.Results);
    const theirs = (await control.hear()) as Results;
    await control.tell(test.results(totals, load, congestion));
    await control.say(Step.Display);
    report.end(totals, Array.isArray(theirs.streams) ? theirs : null, load, congestion);
    await control.step();
  }
}

function ended(step: number | null, byUs: boolean): UserError {
  if (byUs) return new UserError('the test was ended', Exit.Failed);
  if (step === Step.ClientTerminates) return new UserError('the client has ended the test', Exit.Failed);
  if (step === null)
    return new UserError('the client has closed the connection in the middle of the test', Exit.Failed);
  return new UserError(`what came (${step}) is not the protocol of iperf3`, Exit.Failed);
}

/** As many streams as were asked for. Rejects with UserError when they do not come. */
async function gathered(running: Running, count: number): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (running.streams.length < count) {
    const left = deadline - performance.now();
    if (left <= 0) throw new UserError(`${count} streams were asked for, ${running.streams.length} came`, Exit.Failed);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, left);
      running.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Throws UserError for what cannot be measured here. */
function checked(document: unknown): Parameters {
  const parameters = document as Parameters;
  const { parallel = 1, len = BLOCK, time = 0 } = parameters;
  if (parameters.udp === true) throw new UserError('the client asks for UDP: TCP alone is measured here', Exit.Failed);
  const numbers = [parallel, len, time, parameters.num ?? 0, parameters.MSS ?? 0, parameters.window ?? 0];
  const sound = numbers.every((value) => Number.isSafeInteger(value) && value >= 0);
  if (!sound || parallel < 1 || parallel > MOST_STREAMS || len < 1)
    throw new UserError('what the client asks for makes no sense', Exit.Failed);
  if (time === 0 && octetsOf(parameters) === Number.POSITIVE_INFINITY)
    throw new UserError('the client says neither for how long nor how many octets', Exit.Failed);
  return parameters;
}
