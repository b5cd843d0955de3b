/** `synwave serve`: a server for others to talk to: it echoes, or runs the commands that it is sent. */
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { Argument, Command, Option } from 'commander';
import { MILLISECOND, MINUTE, type Micros, SECOND } from 'synwave';
import type { PolicyOptions, Refusal } from 'synwave/net';
import { UserError } from '../errors.ts';
import { failed } from '../failures.ts';
import { onInterrupt } from '../interrupt.ts';
import { type Language, textIn } from '../language.ts';
import { isLocal, linkText } from '../link.ts';
import { type LinkOptions, linkOptions, valued } from '../options.ts';
import { type Encoding, encodings } from '../remote/characters.ts';
import { Session } from '../remote/session.ts';
import { serverStation } from '../station.ts';
import type { Text } from '../text/text.ts';
import { parseCount, parseDuration, parsePort, parseSize } from '../values.ts';

/** RFC 862, and the port that rexec had. */
export const EXEC_PORT = 512;
const PORTS = { echo: 7, exec: EXEC_PORT } as const;

type Service = keyof typeof PORTS;

interface ServeOptions extends LinkOptions {
  readonly port?: number;
  readonly allowExec: boolean;
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
    .addOption(valued('-p, --port', '<port>', parsePort))
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
    .action((service: Service, options: ServeOptions) => serve(service, options, text));
  for (const option of linkOptions()) command.addOption(option);
  return command;
}

async function serve(service: Service, options: ServeOptions, text: Text): Promise<void> {
  const { port = PORTS[service], verbose, quiet } = options;
  if (verbose && quiet) throw new UserError('--verbose and --quiet do not go together');
  if (service === 'exec') checkExec(options);
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
    if (service === 'echo') socket.pipe(socket);
    else runCommands(socket, options, (command) => detail(text.runs(peer, command)));
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
      for (const socket of sockets) socket.end();
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
