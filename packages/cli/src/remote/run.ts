/** Runs one command of a client, within its limits. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { charactersOf, type Encoding } from './characters.ts';
import { exitFrame, FrameType, frame } from './frames.ts';

export interface CommandSettings {
  /** Milliseconds after which a command is killed, with all that it has started. */
  readonly timeLimit: number;
  /** Octets of output, both streams together, after which the rest is not sent. */
  readonly outputLimit: number;
  /** What commands write. */
  readonly encoding: Encoding;
}

/** Where frames go. */
export interface FrameSink {
  /** False: no more for now; `drained` tells when to go on. */
  write(octets: Uint8Array): boolean;
  drained(act: () => void): void;
}

/** As `timeout` of coreutils has it, and as shells do for signals and for commands that are not found. */
const TIMED_OUT = 124;
const SIGNALLED = 128;
const NOT_RUN = 127;

/** A command that runs. Its output goes to the sink as it comes; an Exit frame is the last of it, then `done` is called. */
export class RunningCommand {
  /** Null: it could not be started. */
  private readonly child: ChildProcess | null;
  private readonly settings: CommandSettings;
  private readonly sink: FrameSink;
  private readonly done: () => void;
  private readonly timer: NodeJS.Timeout;
  private left: number;
  private truncated = false;
  private expired = false;
  private over = false;

  /** `command` is for the shell. */
  constructor(command: string, settings: CommandSettings, sink: FrameSink, done: () => void) {
    this.settings = settings;
    this.sink = sink;
    this.done = done;
    this.left = settings.outputLimit;
    this.timer = setTimeout(() => this.expire(), settings.timeLimit);
    this.child = this.start(command);
  }

  /** Ends it, and all that it has started. Nothing more is sent. */
  kill(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.killGroup();
  }

  private start(command: string): ChildProcess | null {
    // A group of its own, so that what the shell starts is killed with it.
    const detached = process.platform !== 'win32';
    try {
      // No shell is asked to run nothing; a blank is nothing to a shell.
      const child = spawn(command || ' ', { shell: true, detached, stdio: ['ignore', 'pipe', 'pipe'] });
      this.forward(child.stdout, FrameType.Stdout);
      this.forward(child.stderr, FrameType.Stderr);
      child.on('error', (error) => this.fail(error));
      child.on('close', (code, signal) => {
        const signalled = signal === null ? 0 : SIGNALLED + constants.signals[signal];
        this.finish(this.expired ? TIMED_OUT : (code ?? signalled));
      });
      return child;
    } catch (error) {
      // Longer than the system takes, or with a NUL inside.
      process.nextTick(() => this.fail(error as Error));
      return null;
    }
  }

  private fail({ message }: Error): void {
    this.say(`the command cannot be run: ${message}`);
    this.finish(NOT_RUN);
  }

  private expire(): void {
    this.expired = true;
    this.say(`killed after ${this.settings.timeLimit / 1000} s, the time limit`);
    this.killGroup();
  }

  private killGroup(): void {
    const { child } = this;
    if (child?.pid === undefined) return;
    try {
      if (process.platform === 'win32') child.kill('SIGKILL');
      else process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      // ESRCH: all of the group have ended by themselves.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    } finally {
      // Whoever left the group may still hold the other ends.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }
  }

  private forward(stream: Readable, type: FrameType): void {
    const characters = charactersOf(this.settings.encoding);
    const send = (octets: Uint8Array): void => {
      if (octets.length === 0 || this.over || this.sink.write(frame(type, octets))) return;
      stream.pause();
      this.sink.drained(() => stream.resume());
    };
    stream.on('data', (chunk: Buffer) => {
      if (this.truncated) return;
      const part = chunk.subarray(0, this.left);
      this.left -= part.length;
      send(characters.push(part));
      if (part.length < chunk.length) this.truncate();
    });
    stream.on('end', () => {
      if (!this.truncated) send(characters.end());
    });
  }

  /** From here on output is read and thrown away, so that the command ends as it would have. */
  private truncate(): void {
    this.truncated = true;
    this.say(`output above ${this.settings.outputLimit} octets, the limit, is left out`);
  }

  private say(text: string): void {
    if (!this.over) this.sink.write(frame(FrameType.Error, text));
  }

  private finish(code: number): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    this.sink.write(exitFrame(code));
    this.done();
  }
}
