/** `synwave exec`: runs a command where `synwave serve exec` runs, and ends as it did. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Command } from 'commander';
import type { Micros } from 'synwave';
import { connected } from '../connected.ts';
import { Exit, UserError } from '../errors.ts';
import { failed } from '../failures.ts';
import { onInterrupt } from '../interrupt.ts';
import { type Language, textIn } from '../language.ts';
import { type LinkOptions, linkOptions, valued } from '../options.ts';
import { FrameError, FrameReader, FrameType, frame, LONGEST, type RemoteFrame } from '../remote/frames.ts';
import { clientStation } from '../station.ts';
import type { Text } from '../text/text.ts';
import { parsePort, parseSeconds } from '../values.ts';
import { EXEC_PORT } from './serve.ts';

interface ExecOptions extends LinkOptions {
  readonly port: number;
  readonly wait?: Micros;
}

/** The command, for the program to take in. What stands behind the host is the remote command's, options included. */
export function execCommand(language: Language): Command {
  const text = textIn(language);
  const command = new Command('exec')
    .argument('<host>')
    .argument('<command...>')
    .addOption(valued('-p, --port', '<port>', parsePort).default(EXEC_PORT))
    .addOption(valued('-w, --wait', '<time>', parseSeconds))
    .passThroughOptions()
    .configureHelp({ formatHelp: () => text.helpExec })
    .action((host: string, words: string[], options: ExecOptions) => exec(host, words.join(' '), options, text));
  for (const option of linkOptions()) command.addOption(option);
  return command;
}

async function exec(host: string, command: string, options: ExecOptions, text: Text): Promise<void> {
  const { port, wait } = options;
  if (Buffer.byteLength(command) > LONGEST) throw new UserError(`the command is longer than ${LONGEST} octets`);
  const station = await clientStation(options);
  const socket: Socket = station.net.connect({ host, port, allowHalfOpen: true });
  station.onUnreachable = (error) => void socket.destroy(error);
  const interrupt = onInterrupt(
    () => {
      if (socket.connecting) socket.destroy();
      else socket.end();
      process.stderr.write(`synwave: ${text.draining}\n`);
    },
    () => void socket.resetAndDestroy(),
  );
  try {
    await connected(socket, `connect to ${host} port ${port}`, wait);
    socket.write(frame(FrameType.Command, command));
    const code = await answer(socket);
    if (code === null) throw new UserError(`${host} closed the connection before the exit code came`, Exit.Failed);
    if (!interrupt.happened) process.exitCode = code;
  } catch (error) {
    // Whoever pressed Ctrl-C knows why.
    if (!interrupt.happened) throw failed(`connection to ${host} port ${port}`, error);
  } finally {
    socket.destroy();
    await station.close();
    interrupt.stop();
  }
}

/** Prints what comes, and answers the exit code; null when the connection ends without one. */
async function answer(socket: Socket): Promise<number | null> {
  const reader = new FrameReader();
  let code: number | null = null;
  for await (const chunk of socket) {
    for (const each of framesIn(reader, chunk as Buffer)) {
      if (each.type !== FrameType.Exit) await print(each);
      else {
        code = each.body.readUInt32BE(0);
        // The client closes first: the server keeps no TIME-WAIT for it.
        socket.end();
      }
    }
  }
  return code;
}

function framesIn(reader: FrameReader, chunk: Buffer): RemoteFrame[] {
  try {
    const frames = reader.push(chunk);
    for (const { type, body } of frames) {
      if (type === FrameType.Command) throw new FrameError('it sends commands');
      if (type === FrameType.Exit && body.length !== 4) throw new FrameError('an exit code has four octets');
    }
    return frames;
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    throw new UserError(`what answers is no synwave serve exec: ${error.message}`, Exit.Failed);
  }
}

async function print({ type, body }: RemoteFrame): Promise<void> {
  const out = type === FrameType.Stdout ? process.stdout : process.stderr;
  const octets = type === FrameType.Error ? `synwave: remote: ${body.toString()}\n` : body;
  // Who prints slowly reads slowly: TCP makes the server wait.
  if (!out.write(octets)) await once(out, 'drain');
}
