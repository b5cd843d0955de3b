/** The server's side of the remote command: one connection, its commands one after the other. */
import type { Socket } from 'node:net';
import { FrameError, FrameReader, FrameType, frame } from './frames.ts';
import { type CommandSettings, RunningCommand } from './run.ts';

/** Commands that wait behind one that runs; with more, the connection is not read, and TCP makes the client wait. */
const MOST_WAITING = 16;

/** Milliseconds between looks whether a client that has closed its side is still there for the answers. */
const LOOK = 500;

/**
 * Serves a connection until the client has closed its side and all its commands have been answered. A client that resets,
 * or is gone when something is written to it, takes its command with it. The socket must allow half-open connections: a
 * client may say that it has no more commands while one runs.
 */
export class Session {
  private readonly socket: Socket;
  private readonly settings: CommandSettings;
  private readonly told: (command: string) => void;
  private readonly reader: FrameReader = new FrameReader();
  private readonly waiting: string[] = [];
  private running: RunningCommand | null = null;
  private ended = false;
  private looking: NodeJS.Timeout | undefined;

  /** `told` hears of each command that is run. */
  constructor(socket: Socket, settings: CommandSettings, told: (command: string) => void) {
    this.socket = socket;
    this.settings = settings;
    this.told = told;
  }

  start(): void {
    const { socket } = this;
    socket.on('data', (chunk) => this.take(chunk));
    // The end of the connection, and nothing else, is `end`: an empty command is a frame like every other.
    socket.on('end', () => {
      this.ended = true;
      // After its end nothing is read any more, and a reset goes unnoticed until something is written: a frame without text.
      this.looking = setInterval(() => socket.write(frame(FrameType.Stdout, '')), LOOK);
      if (this.reader.isInside) this.refuse('the connection ends inside a frame');
      else this.next();
    });
    socket.on('error', () => undefined); // `close` follows
    socket.on('close', () => {
      clearInterval(this.looking);
      this.running?.kill();
    });
  }

  private take(chunk: Buffer): void {
    if (this.ended) return;
    try {
      for (const { type, body } of this.reader.push(chunk)) {
        if (type !== FrameType.Command) throw new FrameError('a server takes commands alone');
        this.waiting.push(body.toString());
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.refuse(error.message);
      return;
    }
    if (this.waiting.length > MOST_WAITING) this.socket.pause();
    this.next();
  }

  private next(): void {
    if (this.running !== null) return;
    const command = this.waiting.shift();
    if (command === undefined) {
      if (this.ended) this.end();
      return;
    }
    if (this.waiting.length <= MOST_WAITING) this.socket.resume();
    this.told(command);
    const { socket } = this;
    const sink = {
      write: (octets: Uint8Array): boolean => socket.write(octets),
      drained: (act: () => void): void => void socket.once('drain', act),
    };
    this.running = new RunningCommand(command, this.settings, sink, () => {
      this.running = null;
      this.next();
    });
  }

  private end(): void {
    clearInterval(this.looking);
    this.socket.end();
  }

  /** What came makes no sense: the client is told why, and nothing more of it is taken. */
  private refuse(why: string): void {
    this.ended = true;
    this.waiting.length = 0;
    this.socket.write(frame(FrameType.Error, why));
    this.next();
  }
}
