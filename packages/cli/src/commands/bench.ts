/** `synwave bench`: how fast a connection is; with the tables, the options and the protocol of iperf3. */
import { Command, Option } from 'commander';
import { type Micros, parseAddress, SECOND } from 'synwave';
import { runClient } from '../bench/client.ts';
import type { Parameters } from '../bench/protocol.ts';
import { Report } from '../bench/report.ts';
import { BenchServer } from '../bench/server.ts';
import { BLOCK, LARGEST_BLOCK, MOST_STREAMS } from '../bench/test.ts';
import { UserError } from '../errors.ts';
import { failed } from '../failures.ts';
import { onInterrupt } from '../interrupt.ts';
import { type Language, textIn } from '../language.ts';
import { type LinkOptions, linkOptions, valued } from '../options.ts';
import { clientStation, type Station, serverStation } from '../station.ts';
import type { Text } from '../text/text.ts';
import { parseBits, parseCount, parsePort, parseSeconds, parseSize } from '../values.ts';

interface BenchOptions extends LinkOptions {
  readonly server: boolean;
  readonly client?: string;
  readonly port: number;
  readonly time?: Micros;
  readonly bytes?: number;
  readonly parallel: number;
  readonly reverse: boolean;
  readonly bidir: boolean;
  readonly interval: Micros;
  readonly length: number;
  readonly setMss?: number;
  readonly nodelay: boolean;
  readonly window?: number;
  readonly congestion?: string;
  readonly bitrate?: number;
  readonly omit?: Micros;
  readonly json: boolean;
  readonly oneOff: boolean;
}

type Print = (line: string) => void;

/** iperf3's. */
const PORT = 5201;
/** Seconds of a test, unless told otherwise. */
const TIME = 10;

/** The command, for the program to take in. */
export function benchCommand(language: Language): Command {
  const text = textIn(language);
  const command = new Command('bench')
    .option('-s, --server', '', false)
    .option('-c, --client <host>')
    .addOption(valued('-p, --port', '<port>', parsePort).default(PORT))
    .addOption(valued('-t, --time', '<time>', parseSeconds))
    .addOption(valued('-n, --bytes', '<size>', parseSize))
    .addOption(valued('-P, --parallel', '<count>', parseCount).default(1))
    .option('-R, --reverse', '', false)
    .option('--bidir', '', false)
    .addOption(valued('-i, --interval', '<time>', parseInterval).default(SECOND))
    .addOption(valued('-l, --length', '<size>', parseSize).default(BLOCK))
    .addOption(valued('-M, --set-mss', '<octets>', parseCount))
    .option('-N, --nodelay', '', false) // not --no-delay, which would deny the link's --delay
    .addOption(valued('-w, --window', '<size>', parseSize))
    .addOption(new Option('-C, --congestion <name>').choices(['reno', 'cubic']))
    .addOption(valued('-b, --bitrate', '<rate>', parseBits))
    .addOption(valued('-O, --omit', '<time>', parseSeconds))
    .option('-J, --json', '', false)
    .option('-1, --one-off', '', false)
    .configureHelp({ formatHelp: () => text.helpBench })
    .action((options: BenchOptions) => bench(options, text));
  for (const option of linkOptions()) command.addOption(option);
  return command;
}

/** 0: none are shown. */
function parseInterval(text: string): Micros {
  return text === '0' ? 0 : parseSeconds(text);
}

async function bench(options: BenchOptions, text: Text): Promise<void> {
  const { server, client } = options;
  if (server === (client !== undefined))
    throw new UserError('bench -s waits for tests, bench -c HOST asks for one: which?');
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  await (client === undefined ? serve(options, print, text) : measure(client, options, print));
}

async function serve(options: BenchOptions, print: Print, text: Text): Promise<void> {
  const { port, interval, json, oneOff } = options;
  const station = await serverStation(options);
  const { host, listensOn, address } = station;
  await interruptible(station, async (interrupted) => {
    const say = (line: string): void => void process.stderr.write(`synwave: ${line}\n`);
    let server: BenchServer;
    try {
      const seconds = interval / SECOND;
      const on = { host, address: listensOn, port, interval: seconds, json, once: oneOff };
      server = new BenchServer({ ...on, print, say, interrupted });
    } catch (error) {
      throw failed(`listen on ${address} port ${port}`, error);
    }
    // The table tells it otherwise.
    if (json) say(text.serving('bench', `${address}:${port}`, station.link));
    await server.serve();
  });
}

async function measure(name: string, options: BenchOptions, print: Print): Promise<void> {
  const parameters = parametersOf(options);
  const { port, interval, json } = options;
  const station = await clientStation(options);
  const { host, hosts } = station;
  const address = parseAddress(name) === null ? hosts[name] : name;
  await interruptible(station, async (interrupted) => {
    if (address === undefined) {
      const unknown = Object.assign(new Error('unknown name'), { code: 'ENOTFOUND' });
      throw failed(`connect to ${name} port ${port}`, unknown);
    }
    const report = new Report({ side: 'C', json, print });
    report.line(`Connecting to host ${name}, port ${port}`);
    if (parameters.reverse === true) report.line(`Reverse mode, remote host ${name} is sending`);
    const seconds = interval / SECOND;
    await runClient({ host, name, address, port, parameters, interval: seconds, report, interrupted });
  });
}

/** Throws UserError for what does not go together. */
function parametersOf(options: BenchOptions): Parameters {
  const { time, bytes, parallel, reverse, bidir, length, setMss, nodelay, window, congestion, bitrate, omit } = options;
  if (time !== undefined && bytes !== undefined)
    throw new UserError('-t and -n do not go together: one of them ends it');
  if (reverse && bidir) throw new UserError('-R and --bidir do not go together');
  if (parallel > MOST_STREAMS) throw new UserError(`-P: ${MOST_STREAMS} streams are the most`);
  if (length > LARGEST_BLOCK) throw new UserError('-l: 1M is the most');
  const seconds = (span: Micros): number => Math.max(1, Math.round(span / SECOND));
  return {
    tcp: true,
    omit: omit === undefined ? 0 : seconds(omit),
    time: bytes === undefined ? (time === undefined ? TIME : seconds(time)) : 0,
    num: bytes ?? 0,
    blockcount: 0,
    ...(setMss === undefined ? {} : { MSS: setMss }),
    ...(nodelay ? { nodelay } : {}),
    parallel,
    ...(reverse ? { reverse } : {}),
    ...(bidir ? { bidirectional: bidir } : {}),
    ...(window === undefined ? {} : { window }),
    len: length,
    ...(bitrate === undefined ? {} : { bandwidth: bitrate }),
    pacing_timer: 1000,
    ...(congestion === undefined ? {} : { congestion }),
    // What it is able to do, as iperf3 counts.
    client_version: '3.12',
  };
}

/** Runs `act` until it is done, nobody is at the other end of the link, or Ctrl-C comes for the second time. */
async function interruptible(station: Station, act: (interrupted: Promise<void>) => Promise<void>): Promise<void> {
  let first: () => void = () => undefined;
  const interrupted = new Promise<void>((resolve) => {
    first = resolve;
  });
  const interrupt = onInterrupt(
    () => first(),
    () => station.host.crash(),
  );
  const gone = new Promise<never>((_resolve, reject) => {
    station.onUnreachable = reject;
  });
  gone.catch(() => station.host.crash()); // nobody will answer a FIN
  try {
    await Promise.race([act(interrupted), gone]);
  } catch (error) {
    if (!interrupt.happened) throw error;
  } finally {
    await station.close();
    interrupt.stop();
  }
}
