/** The client of a test: asks a server, iperf3's or ours, for it, and tells how it went. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host, TcpSocket } from 'synwave';
import { Exit, UserError } from '../errors.ts';
import { failed } from '../failures.ts';
import { Control, cookieOctets, newCookie, type Parameters, type Results, Step } from './protocol.ts';
import type { Report } from './report.ts';
import { Stream } from './stream.ts';
import { configOf, Test } from './test.ts';

export interface ClientOptions {
  readonly host: Host;
  /** As the user names it, and its address. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly parameters: Parameters;
  readonly interval: number;
  readonly report: Report;
  /** Resolves at Ctrl-C. */
  readonly interrupted: Promise<void>;
}

/** Rejects with UserError. */
export async function runClient(options: ClientOptions): Promise<void> {
  const { host, name, address, port, parameters, report } = options;
  const what = `connect to ${name} port ${port}`;
  const config = configOf(parameters, host);
  const open = async (): Promise<TcpSocket> => {
    try {
      const socket = host.connect({ address, port, config });
      await socket.opened;
      await socket.write(cookieOctets(cookie));
      return socket;
    } catch (error) {
      throw failed(what, error);
    }
  };
  const cookie = newCookie();
  const control = new Control(await open());
  report.start['cookie'] = cookie;
  report.start['connecting_to'] = { host: name, port };
  report.start['timestamp'] = { time: new Date().toUTCString(), timesecs: Math.floor(Date.now() / 1000) };
  const streams: Stream[] = [];
  try {
    await converse(options, control, streams, open);
  } catch (error) {
    throw failed(`test with ${name} port ${port}`, error);
  } finally {
    for (const { socket } of [control, ...streams]) socket.close();
  }
}

async function converse(
  options: ClientOptions,
  control: Control,
  streams: Stream[],
  open: () => Promise<TcpSocket>,
): Promise<void> {
  const { parameters, report } = options;
  let test: Test | null = null;
  let theirs: Results | null = null;
  let totals: ReturnType<Test['stop']> = [];
  const { congestion } = configOf(parameters, options.host);
  for (;;) {
    const step = await control.step();
    switch (step) {
      case Step.Parameters:
        await control.tell(parameters);
        break;
      case Step.CreateStreams: {
        const { parallel = 1, reverse = false, bidirectional = false } = parameters;
        for (let i = 0; i < parallel; i++) streams.push(new Stream(streams.length, await open(), !reverse));
        const back = bidirectional ? parallel : 0;
        for (let i = 0; i < back; i++) streams.push(new Stream(streams.length, await open(), reverse));
        break;
      }
      case Step.TestStart:
        test = new Test(streams, parameters, report);
        report.begin(streams, parameters);
        break;
      case Step.TestRunning: {
        if (test === null) throw unexpected(step);
        totals = await run(test, options, control);
        await control.say(Step.TestEnd);
        break;
      }
      case Step.Results: {
        if (test === null) throw unexpected(step);
        const load = test.load();
        await control.tell(test.results(totals, load, congestion));
        theirs = (await control.hear()) as Results;
        break;
      }
      case Step.Display:
        if (test === null) throw unexpected(step);
        report.end(totals, theirs, test.load(), congestion);
        await control.say(Step.Done);
        report.line('');
        report.line('synwave: done.');
        return;
      case Step.Busy:
        throw new UserError('the server is busy with another test: try again later', Exit.Failed);
      case Step.ServerTerminates:
        throw new UserError('the server was ended', Exit.Failed);
      case null:
        throw new UserError('the server has closed the connection in the middle of the test', Exit.Failed);
      default:
        throw unexpected(step);
    }
  }
}

/** Until the time is over, all has gone, or somebody ends it. */
async function run(test: Test, options: ClientOptions, control: Control): Promise<ReturnType<Test['stop']>> {
  const { parameters, interval, interrupted, report } = options;
  const { time = 0, omit = 0 } = parameters;
  test.start(interval);
  const over = new AbortController();
  const ends: Promise<'over' | 'interrupted' | 'server'>[] = [
    test.done.then(() => 'over' as const),
    interrupted.then(() => 'interrupted' as const),
    control.step().then(() => 'server' as const),
  ];
  if (time > 0) ends.push(sleep((time + omit) * 1000, 'over' as const, { signal: over.signal }));
  const end = await Promise.race(ends);
  over.abort();
  const totals = test.stop(interval);
  if (end === 'over') return totals;
  if (end === 'interrupted') await control.say(Step.ClientTerminates);
  report.end(totals, null, test.load(), '');
  throw new UserError(end === 'server' ? 'the server has ended the test' : 'the test was ended', Exit.Failed);
}

function unexpected(step: number): UserError {
  return new UserError(`what came (${step}) is not the protocol of iperf3`, Exit.Failed);
}
