/** `synwave nc`: standard input and output joined to a TCP connection, or to datagrams, with the habits of nc. */
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { MILLISECOND, type Micros, parseAddress } from 'synwave';
import { connected } from '../connected.ts';
import { Exit, UserError } from '../errors.ts';
import { failed } from '../failures.ts';
import { type Interrupt, onInterrupt } from '../interrupt.ts';
import { type Language, textIn } from '../language.ts';
import { Lines } from '../nc/lines.ts';
import { hearUdp, talkUdp } from '../nc/udp.ts';
import { type LinkOptions, linkOptions, valued } from '../options.ts';
import { familyOf } from '../place.ts';
import { clientStation, type Station, serverStation } from '../station.ts';
import type { Text } from '../text/text.ts';
import { parsePause, parsePort, parsePorts, parseSeconds } from '../values.ts';

interface NcOptions extends LinkOptions {
  readonly listen: boolean;
  readonly keepOpen: boolean;
  readonly zero: boolean;
  readonly wait?: Micros;
  readonly verbose: boolean;
  readonly shutdown: boolean;
  readonly udp: boolean;
  readonly sourcePort?: number;
  readonly source?: string;
  /** Null: for ever. */
  readonly quit?: Micros | null;
  readonly interval?: Micros;
  readonly crlf: boolean;
  readonly detach: boolean;
  readonly 4?: boolean;
  readonly 6?: boolean;
}

/** The command, for the program to take in. */
export function ncCommand(language: Language): Command {
  const text = textIn(language);
  const command = new Command('nc')
    .argument('[words...]')
    .option('-l, --listen', '', false)
    .option('-k, --keep-open', '', false)
    .option('-z, --zero', '', false)
    .addOption(valued('-w, --wait', '<time>', parseSeconds))
    .option('-v, --verbose', '', false)
    .option('-N') // as OpenBSD's nc has it; it is what happens anyway
    .option('--no-shutdown')
    .option('-u, --udp', '', false)
    .addOption(valued('-p, --source-port', '<port>', parsePort))
    .option('-s, --source <address>')
    .addOption(valued('-q, --quit', '<time>', parsePause))
    .addOption(valued('-i, --interval', '<time>', parseSeconds))
    .option('-C, --crlf', '', false)
    .option('-d, --detach', '', false)
    .option('-n') // names are those of the link anyway
    .option('-4')
    .option('-6')
    .configureHelp({ formatHelp: () => text.helpNc })
    .action((words: string[], options: NcOptions) => nc(words, options, text));
  for (const option of linkOptions()) command.addOption(option);
  return command;
}

async function nc(words: readonly string[], options: NcOptions, text: Text): Promise<void> {
  const { listen, keepOpen, zero } = options;
  if (keepOpen && !listen) throw new UserError('-k keeps listening: it goes with -l');
  if (zero && listen) throw new UserError('-z looks who listens: it does not go with -l');
  if (words.length > 2 || words.length < (listen ? 1 : 2))
    throw new UserError(listen ? 'what to listen on? nc -l [HOST] PORT' : 'where to? nc HOST PORT');
  if (zero && options.udp) throw new UserError('-z does not go with -u: silence tells nothing of a UDP port');
  if (listen && options.sourcePort !== undefined)
    throw new UserError('-p is where calls come from: nc -l PORT listens');
  const [port = '', name = ''] = words.toReversed();
  const host = checkedHost(name === '' && options.source !== undefined ? options.source : name, options);
  if (zero) await scan(host, parsePorts(port), options);
  else if (options.udp) await datagrams(host, parsePort(port), options, text);
  else if (listen) await wait(host, parsePort(port), options, text);
  else await talk(host, parsePort(port), options, text);
}

/** Throws UserError for an address of the other family. Who listens at no address hears all of the family. */
function checkedHost(host: string, options: NcOptions): string {
  const family = familyOf(options);
  if (family === 0) return host;
  if (host === '') return family === 4 ? '0.0.0.0' : '::';
  const literal = parseAddress(host);
  if (literal !== null && literal.family !== family) throw new UserError(`${host} is not an IPv${family} address`);
  return host;
}

/** What `net.connect` is told, beyond where to. */
function callOf(host: string, port: number, options: NcOptions): { host: string; port: number } {
  const { source, sourcePort } = options;
  const family = familyOf(options);
  return {
    host,
    port,
    ...(family === 0 ? {} : { family }),
    ...(source === undefined ? {} : { localAddress: source }),
    ...(sourcePort === undefined ? {} : { localPort: sourcePort }),
  };
}

/** `-u`. */
async function datagrams(host: string, port: number, options: NcOptions, text: Text): Promise<void> {
  const { listen, keepOpen, wait: silence, source, sourcePort, quit } = options;
  const station = await (listen ? serverStation(options) : clientStation(options));
  const say = talkative(options);
  const stop = new AbortController();
  const interrupt = interruptible(
    () => null,
    () => stop.abort(),
    text,
  );
  station.onUnreachable = (error) => stop.abort(error);
  await ending(station, interrupt, async () => {
    const shared = { station, port, source: sourceOf(options), say, silence, quit, signal: stop.signal };
    if (listen) await hearUdp({ ...shared, address: host === '' ? undefined : host, keepOpen });
    else await talkUdp({ ...shared, name: host, localAddress: source, localPort: sourcePort });
  });
}

/** Standard input as it is to go out; null: nothing of it. */
function sourceOf({ detach, crlf, interval }: NcOptions): Readable | null {
  if (detach) return null;
  if (!crlf && interval === undefined) return process.stdin;
  return process.stdin.pipe(new Lines(crlf, (interval ?? 0) / MILLISECOND));
}

/** Tells what happens, where it is asked for. */
function talkative(options: NcOptions): (line: string) => void {
  return options.verbose ? (line) => void process.stderr.write(`${line}\n`) : () => undefined;
}

/** `-z`: which ports are open. Nothing is sent. Fails when none is. */
async function scan(host: string, ports: readonly number[], options: NcOptions): Promise<void> {
  const say = talkative(options);
  const station = await clientStation(options);
  let failure: UserError | null = null;
  let open = 0;
  for (const [i, port] of ports.entries()) {
    if (i > 0 && options.interval !== undefined) await sleep(options.interval / MILLISECOND);
    const socket = station.net.connect(callOf(host, port, options));
    station.onUnreachable = (error) => void socket.destroy(error);
    try {
      await connected(socket, `connect to ${host} port ${port}`, options.wait);
      open++;
      say(`Connection to ${host} ${port} port [tcp/*] succeeded!`);
    } catch (error) {
      failure = failed(`connect to ${host} port ${port}`, error);
      if (ports.length > 1) say(`synwave: ${failure.message}`);
    }
    socket.destroySoon();
  }
  await station.close();
  if (open > 0 || failure === null) return;
  throw ports.length === 1 ? failure : new UserError(`no port of ${host} is open there`, Exit.Failed);
}

async function talk(host: string, port: number, options: NcOptions, text: Text): Promise<void> {
  const say = talkative(options);
  const station = await clientStation(options);
  const socket: Socket = station.net.connect({ ...callOf(host, port, options), allowHalfOpen: true });
  station.onUnreachable = (error) => void socket.destroy(error);
  const interrupt = interruptible(
    () => socket,
    () => undefined,
    text,
  );
  await ending(station, interrupt, async () => {
    await connected(socket, `connect to ${host} port ${port}`, options.wait);
    say(`Connection to ${host} ${port} port [tcp/*] succeeded!`);
    await join(socket, `connection to ${host} port ${port}`, options, say);
  });
}

/** Connections that wait for their turn. */
class Queue {
  private readonly sockets: Socket[] = [];
  private closed = false;
  private wake: () => void = () => undefined;

  put(socket: Socket): void {
    this.sockets.push(socket);
    this.wake();
  }

  /** No more will come. */
  close(): void {
    this.closed = true;
    this.wake();
  }

  /** Those that still wait are reset. */
  clear(): void {
    for (const socket of this.sockets.splice(0)) socket.resetAndDestroy();
  }

  /** The oldest; null when none waits and none will come. */
  async next(): Promise<Socket | null> {
    while (this.sockets.length === 0 && !this.closed) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.sockets.shift() ?? null;
  }
}

/** `-l`: one connection, or with `-k` one after the other. */
async function wait(name: string, port: number, options: NcOptions, text: Text): Promise<void> {
  const { keepOpen } = options;
  const say = talkative(options);
  const station = await serverStation(options);
  const host = name === '' ? station.listensOn : name;
  const server: Server = station.net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  const queue = new Queue();
  let taken = 0;
  let current: Socket | null = null;
  server.on('connection', (socket) => {
    socket.on('error', () => undefined); // one that is reset while it waits is none that fails
    if (taken++ > 0 && !keepOpen) socket.resetAndDestroy();
    else queue.put(socket);
    if (!keepOpen) server.close();
  });
  server.on('close', () => queue.close());
  const close = (): void => {
    server.close();
    queue.clear();
  };
  let gone: UserError | null = null;
  station.onUnreachable = (error) => {
    gone = error;
    current?.destroy(error);
    close();
  };
  const interrupt = interruptible(() => current, close, text);
  await ending(station, interrupt, async () => {
    server.listen({ host, port });
    await once(server, 'listening').catch((error: unknown) => {
      throw failed(`listen on ${host} port ${port}`, error);
    });
    say(`Listening on ${host} ${port} (${station.link})`);
    for (current = await queue.next(); current !== null; current = await queue.next()) {
      const peer = `${current.remoteAddress} ${current.remotePort}`;
      say(`Connection received on ${peer}`);
      await join(current, `connection from ${peer}`, options, say).catch((error: unknown) => {
        if (!keepOpen) throw error;
        process.stderr.write(`synwave: ${(error as Error).message}\n`);
      });
      if (!keepOpen || interrupt.happened) return;
    }
    if (gone !== null) throw gone;
  });
}

/** The first Ctrl-C: nothing more is sent, what the peer still has to say is printed. The second: RST. */
function interruptible(socketNow: () => Socket | null, close: () => void, text: Text): Interrupt {
  return onInterrupt(
    () => {
      close();
      const socket = socketNow();
      process.stdin.pause();
      if (socket === null) return;
      if (socket.connecting) socket.destroy();
      else if (!socket.destroyed) {
        socket.end();
        process.stderr.write(`synwave: ${text.draining}\n`);
      }
    },
    () => void socketNow()?.resetAndDestroy(),
  );
}

/** Runs `act`, then lets go of everything that keeps the process alive. */
async function ending(station: Station, interrupt: Interrupt, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!interrupt.happened) throw error;
  } finally {
    process.stdin.destroy();
    await station.close();
    interrupt.stop();
  }
}

/**
 * Joins a connection to standard input and output until both sides have ended. The end of standard input is a FIN, unless
 * that is not wanted; when the peer has ended, whatever is piped in still goes out, but nobody waits for a keyboard.
 * Rejects with a UserError that begins with `what`.
 */
async function join(socket: Socket, what: string, options: NcOptions, say: (line: string) => void): Promise<void> {
  const { stdin, stdout } = process;
  const source = sourceOf(options);
  const { quit } = options;
  const began = performance.now();
  let error: Error | null = null;
  const end = (): void => void socket.end();
  socket.on('error', (reason) => {
    error = reason;
  });
  socket.on('end', () => {
    if (source === null || source.readableEnded || stdin.isTTY) end();
    else source.once('end', end);
  });
  if (options.wait !== undefined) socket.setTimeout(options.wait / MILLISECOND, () => socket.destroy());
  let timer: NodeJS.Timeout | undefined;
  const leave = (): void => {
    if (typeof quit === 'number') timer = setTimeout(() => socket.destroySoon(), quit / MILLISECOND);
  };
  source?.once('end', leave);
  source?.pipe(socket, { end: options.shutdown });
  socket.pipe(stdout, { end: false });
  if (!socket.closed) await new Promise((resolve) => socket.on('close', resolve));
  clearTimeout(timer);
  source?.unpipe(socket).off('end', end).off('end', leave);
  const seconds = ((performance.now() - began) / 1000).toFixed(2);
  say(`synwave: ${socket.bytesWritten} bytes sent, ${socket.bytesRead} bytes received in ${seconds} seconds`);
  if (error !== null) throw failed(what, error);
}
