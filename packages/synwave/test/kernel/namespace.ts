/** A network namespace with a TUN device in it whose other end is ours; made and removed by the tests. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Link } from '../../src/link/link.ts';
import { createHost } from '../../src/node/index.ts';
import { type TunLink, type TunOptions, tun } from '../../src/node/tun/index.ts';
import type { Host } from '../../src/socket/host.ts';
import type { TcpConfig } from '../../src/tcp/config.ts';

export const KERNEL = { 4: '10.79.0.1', 6: 'fd79::1' } as const;
export const OURS = { 4: '10.79.0.2', 6: 'fd79::2' } as const;

/** Runs a tool; throws what it complains of. Answers what it prints. */
export function run(program: string, ...words: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

/** Whether the kernel of this machine, here, has a device of that name. */
export function hasDevice(name: string): boolean {
  return spawnSync('ip', ['link', 'show', name]).status === 0;
}

/** A program of this folder's `peer`, and the lines that it prints. */
export class Peer {
  readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(program: string, words: readonly string[], wrapped: readonly string[] = []) {
    const file = fileURLToPath(new URL(`peer/${program}.mjs`, import.meta.url));
    const [first = '', ...rest] = [...wrapped, process.execPath, file, ...words];
    this.child = spawn(first, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    if (this.child.stdout === null) throw new Error('the peer has no output');
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** The next line; '' after the last. */
  async line(): Promise<string> {
    const { value } = await this.lines.next();
    return (value as string | undefined) ?? '';
  }

  /** Waits for its end: the exit code, or the signal that ended it. */
  async ended(): Promise<number | string | null> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode ?? child.signalCode;
  }
}

/** A socket of the kernel's in a namespace, driven by `peer/driven.py`. */
export class KernelSocket {
  readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(where: string) {
    const file = fileURLToPath(new URL('peer/driven.py', import.meta.url));
    this.child = spawn('ip', ['netns', 'exec', where, 'python3', file], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.child.stdout === null) throw new Error('the socket has no output');
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** What the call answers: a word of its own, or the name of an error. */
  async do(...words: (string | number)[]): Promise<string> {
    this.child.stdin?.write(`${words.join(' ')}\n`);
    const { value } = await this.lines.next();
    return (value as string | undefined) ?? '';
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}

/** A Python program of this folder's `peer` in a namespace. */
export class Python {
  readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(where: string, program: string, words: readonly string[]) {
    const file = fileURLToPath(new URL(`peer/${program}.py`, import.meta.url));
    const all = ['netns', 'exec', where, 'python3', file, ...words];
    this.child = spawn('ip', all, { stdio: ['ignore', 'pipe', 'inherit'] });
    if (this.child.stdout === null) throw new Error('the program has no output');
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const { value } = await this.lines.next();
    return (value as string | undefined) ?? '';
  }

  /** All that it prints until it ends. */
  async output(): Promise<string> {
    let text = '';
    for (let next = await this.lines.next(); next.done !== true; next = await this.lines.next())
      text += `${next.value}\n`;
    return text;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }
}

export interface Space {
  readonly name: string;
  readonly host: Host;
  readonly link: TunLink;
  /** A command of the tool `ip`, in the namespace. */
  ip(...words: string[]): string;
  /** A program there; what it prints. */
  run(program: string, ...words: string[]): Promise<Buffer>;
  peer(program: string, ...words: string[]): Peer;
  socket(): KernelSocket;
  /** The states of the kernel's TCP sockets there, by `ss`; those at that port of either side, if one is given. */
  states(port?: number): string[];
  close(): void;
}

let made = 0;

/** The device is made here and moved there: its descriptor stays ours. `around`: what stands between it and our host. */
export async function space(
  options: TunOptions,
  config?: TcpConfig,
  around: (link: TunLink, host: Host) => Link = (link) => link,
): Promise<Space> {
  const name = `synwave-${process.pid}-${made++}`;
  const link = await tun({ name: `sw${process.pid % 1_000_000}-${made}`, ...options });
  run('ip', 'netns', 'add', name);
  const within = (...words: string[]): string => run('ip', '-n', name, ...words);
  run('ip', 'link', 'set', link.name, 'netns', name);
  run('ip', 'netns', 'exec', name, 'sysctl', '-q', '-w', `net.ipv6.conf.${link.name}.disable_ipv6=0`);
  within('link', 'set', link.name, 'txqueuelen', '5000', 'mtu', String(link.mtu), 'up');
  within('link', 'set', 'lo', 'up');
  within('address', 'add', `${KERNEL[4]}/24`, 'dev', link.name);
  within('address', 'add', `${KERNEL[6]}/64`, 'dev', link.name, 'nodad');
  const host = createHost({ name: 'ours', seed: 1, ...(config === undefined ? {} : { config }) });
  const sockets: KernelSocket[] = [];
  host.attach(around(link, host), [`${OURS[4]}/24`, `${OURS[6]}/64`]);
  const inside = ['ip', 'netns', 'exec', name];
  return {
    name,
    host,
    link,
    ip: within,
    run: (program, ...words) =>
      new Promise((resolve) => {
        const all = ['netns', 'exec', name, program, ...words];
        execFile('ip', all, { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 }, (_error, stdout) => resolve(stdout));
      }),
    peer: (program, ...words) => new Peer(program, words, inside),
    socket() {
      const socket = new KernelSocket(name);
      sockets.push(socket);
      return socket;
    },
    states(port) {
      const lines = run('ip', 'netns', 'exec', name, 'ss', '-tanH').split('\n').filter(Boolean);
      const at = lines.map((line) => line.split(/\s+/)).filter((words) => words.length > 4);
      const has = (place = ''): boolean => port === undefined || place.endsWith(`:${port}`);
      return at.filter((words) => has(words[3]) || has(words[4])).map(([state = '']) => state);
    },
    close() {
      for (const socket of sockets) socket.child.kill('SIGKILL');
      host.crash();
      link.close();
      run('ip', 'netns', 'del', name);
    },
  };
}
