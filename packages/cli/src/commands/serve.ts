/** `synwave serve`: a server for others to talk to: echo, discard, chargen, the files of a folder, or remote commands. */
import { once } from 'node:events';
import { realpathSync, statSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { Argument, Command, Option } from 'commander';
import { MILLISECOND, MINUTE, type Micros, SECOND } from 'synwave';
import type { PolicyOptions, Refusal } from 'synwave/net';
import { systemReason, UserError } from '../errors.ts';
import { failed } from '../failures.ts';
import { onInterrupt } from '../interrupt.ts';
import { type Language, textIn } from '../language.ts';
import { isLocal, linkText } from '../link.ts';
import { type LinkOptions, linkOptions, valued } from '../options.ts';
import { type Encoding, encodings } from '../remote/characters.ts';
import { Session } from '../remote/session.ts';
import { discard, generate } from '../serve-simple.ts';
import { serverStation } from '../station.ts';
import type { Text } from '../text/text.ts';
import { parseCount, parseDuration, parsePort, parseSize } from '../values.ts';
import { type WebServer, webServer } from '../web/serve.ts';

/** RFC 862 to 864, the port that rexec had, and RFC 9110. */
export const EXEC_PORT = 512;
const PORTS = { echo: 7, discard: 9, chargen: 19, exec: EXEC_PORT, http: 80 } as const;

type Service = keyof typeof PORTS;

interface ServeOptions extends LinkOptions {
  readonly port?: number;
  readonly allowExec: boolean;
  readonly upload?: string;
  readonly encoding: Encoding;
  readonly timeLimit: Micros;
  readonly outputLimit: number;
  readonly idleTimeout?: Micros;
  readonly maxPerClient?: number;
  readonly maxTotal?: number;
  readonly rate?: number;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

/** The command, for the program to take in. */
export function serveCommand(language: Language): Command {
  const text = textIn(language);
  const command = new Command('serve')
    .addArgument(new Argument('<service>').choices(Object.keys(PORTS)))
    .argument('[folder]')
    .addOption(valued('-p, --port', '<port>', parsePort))
    .option('--upload <folder>')
    .option('--allow-exec', '', false)
    .addOption(new Option('--encoding <name>').choices(encodings).default('utf8'))
    .addOption(valued('--time-limit', '<time>', parseDuration).default(MINUTE))
    .addOption(valued('--output-limit', '<size>', parseSize).default(64 * 1024 * 1024))
    .addOption(valued('--idle-timeout', '<time>', parseDuration))
    .addOption(valued('--max-per-client', '<count>', parseCount))
    .addOption(valued('--max-total', '<count>', parseCount))
    .addOption(valued('--rate', '<count>', parseCount))
    .option('-v, --verbose', '', false)
    .option('-q, --quiet', '', false)
    .configureHelp({ formatHelp: () => text.helpServe })
    .action((service: Service, folder: string | undefined, options: ServeOptions) =>
      serve(service, folder, options, text),
    );
  for (const option of linkOptions()) command.addOption(option);
  return command;
}

async function serve(service: Service, folder: string | undefined, options: ServeOptions, text: Text): Promise<void> {
  const { port = PORTS[service], verbose, quiet } = options;
  if (verbose && quiet) throw new UserError('--verbose and --quiet do not go together');
  if (service === 'exec') checkExec(options);
  const web = webOf(service, folder, options);
  const station = await serverStation(options);
  const { address, listensOn } = station;
  const say = (line: string): void => void process.stderr.write(`synwave: ${line}\n`);
  const detail = verbose ? say : () => undefined;

  // Half-open connections: who has sent everything still gets everything.
  const server: Server = station.net.createServer({ allowHalfOpen: true });
  const sockets = new Set<Socket>();
  station.net.policy(server, policyOf(options));
  server.on('refused', ({ reason, remoteAddress, remotePort }: Refusal) => {
    if (!quiet) say(text.refused(`${remoteAddress}:${remotePort}`, reason));
  });
  server.on('connection', (socket) => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    if (service === 'exec' && station.locals?.includes(socket.remoteAddress ?? '') === false) {
      if (!quiet) say(text.stranger(peer));
      socket.resetAndDestroy();
      return;
    }
    sockets.add(socket);
    detail(text.connected(peer));
    socket.on('error', (error: NodeJS.ErrnoException) => detail(`${peer}: ${error.code ?? error.message}`));
    socket.on('close', () => {
      sockets.delete(socket);
      detail(text.disconnected(peer, socket.bytesRead, socket.bytesWritten));
    });
    if (web !== null) web.take(socket);
    else if (service === 'exec') runCommands(socket, options, (command) => detail(text.runs(peer, command)));
    else if (service === 'discard') discard(socket);
    else if (service === 'chargen') generate(socket);
    else socket.pipe(socket);
  });
  try {
    server.listen({ host: listensOn, port });
    await once(server, 'listening');
  } catch (error) {
    await station.close();
    throw failed(`listen on ${address} port ${port}`, error);
  }
  if (!quiet) say(text.serving(service, `${address}:${port}`, station.link));

  const interrupt = onInterrupt(
    () => {
      server.close();
      if (web === null) for (const socket of sockets) socket.end();
      else web.close();
      if (!quiet && sockets.size > 0) say(text.draining);
    },
    () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
  );
  const gone = new Promise<never>((_resolve, reject) => {
    station.onUnreachable = reject;
  });
  try {
    await Promise.race([once(server, 'close'), gone]);
  } catch (error) {
    station.host.crash(); // nobody will answer a FIN
    throw error;
  } finally {
    await station.close();
    interrupt.stop();
  }
}

/** Throws UserError for folders that are none, and for options of another service. */
function webOf(service: Service, folder: string | undefined, { upload, verbose }: ServeOptions): WebServer | null {
  if (service !== 'http') {
    if (folder !== undefined) throw new UserError(`serve ${service} has no folder: ${folder} is one word too many`);
    if (upload !== undefined) throw new UserError('--upload goes with serve http');
    return null;
  }
  const site = { folder: folderOf(folder ?? '.'), upload: upload === undefined ? null : folderOf(upload) };
  return webServer(site, verbose ? (line) => void process.stderr.write(`synwave: ${line}\n`) : () => undefined);
}

function folderOf(path: string): string {
  try {
    const real = realpathSync(path);
    if (statSync(real).isDirectory()) return real;
  } catch (error) {
    throw new UserError(`cannot serve ${path}: ${systemReason(error)}`);
  }
  throw new UserError(`cannot serve ${path}: it is not a folder`);
}

/** There is no password: whoever reaches the port may do as the user who runs this. By a device only this machine may. */
function checkExec(options: ServeOptions): void {
  if (!options.allowExec)
    throw new UserError('serve exec lets clients run any command as you; say --allow-exec to let them');
  if (!isLocal(options.link) && options.link.kind !== 'tun')
    throw new UserError(
      `serve exec asks for no password: ${linkText(options.link)} must be an address of 127.0.0.0/8 or ::1, or a TUN device`,
    );
}

function runCommands(socket: Socket, options: ServeOptions, told: (command: string) => void): void {
  const { timeLimit, outputLimit, encoding } = options;
  new Session(socket, { timeLimit: timeLimit / MILLISECOND, outputLimit, encoding }, told).start();
}

function policyOf({ idleTimeout, maxPerClient, maxTotal, rate }: ServeOptions): PolicyOptions {
  if (idleTimeout !== undefined && idleTimeout < SECOND / 10) throw new UserError('--idle-timeout: 100ms is the least');
  return {
    ...(idleTimeout === undefined ? {} : { idle: idleTimeout / MILLISECOND }),
    ...(maxPerClient === undefined ? {} : { perAddress: maxPerClient }),
    ...(maxTotal === undefined ? {} : { total: maxTotal }),
    ...(rate === undefined ? {} : { rate }),
  };
}
