/** ControlSocket: a Unix socket by which tools like `synwave ss` ask a running process for its connections and packets. */
import { chmodSync, readdirSync, unlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Host } from '../../socket/host.ts';
import { controlDirectory, makeDirectory, SOCKET_NAME } from './directory.ts';
import type { FeedPacket, PacketFeed } from './feed.ts';
import { type ProcessReport, reportOf } from './report.ts';

export interface ControlSocketOptions {
  /** What the process calls itself; its title unless given. */
  readonly command?: string;
  /** Where the packets of its links can be had. */
  readonly feed?: PacketFeed;
  /** `$XDG_RUNTIME_DIR/synwave` or `/tmp/synwave-UID` unless given. */
  readonly directory?: string;
}

export interface ControlSocket {
  readonly path: string;
  close(): void;
}

/** A question is one line, of at most so many octets, within so many milliseconds. */
const LONGEST = 4096;
const PATIENCE = 10_000;
/** Octets that may wait for a viewer who reads slowly; packets beyond are counted, not sent. */
const WAITING = 8 << 20;

/**
 * Opens a control socket for hosts of this process: for this user alone (mode 0600), gone when it is closed or the
 * process ends, and no reason for the process to go on. Rejects with an Error of one line where it cannot be had.
 */
export async function controlSocket(
  hosts: Host | readonly Host[],
  options: ControlSocketOptions = {},
): Promise<ControlSocket> {
  const { command = process.title, feed, directory = controlDirectory() } = options;
  makeDirectory(directory);
  removeStale(directory);
  const all = 'stack' in hosts ? [hosts] : hosts;
  const server = createServer((socket) => answer(socket, all, command, feed ?? null));
  const path = await listen(server, directory);
  chmodSync(path, 0o600);
  server.unref();
  const remove = (): void => unlink(path);
  process.once('exit', remove);
  return {
    path,
    close() {
      process.off('exit', remove);
      server.close();
      unlink(path);
    },
  };
}

/** A process may have several: the first number that is free. */
async function listen(server: Server, directory: string): Promise<string> {
  for (let n = 0; ; n++) {
    const path = join(directory, `${process.pid}${n === 0 ? '' : `-${n}`}.sock`);
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(path, () => {
          server.off('error', reject);
          resolve();
        });
      });
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

/** Sockets of processes that are no more, because they had no time to remove them. */
function removeStale(directory: string): void {
  for (const name of readdirSync(directory)) {
    const pid = Number(SOCKET_NAME.exec(name)?.[1] ?? 0);
    if (pid > 0 && !isAlive(pid)) unlink(join(directory, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function unlink(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody else has removed it.
  }
}

function answer(socket: Socket, hosts: readonly Host[], command: string, feed: PacketFeed | null): void {
  let asked = '';
  socket.unref();
  socket.setEncoding('utf8');
  socket.on('error', () => undefined); // whoever asked is gone
  socket.setTimeout(PATIENCE, () => socket.destroy());
  socket.on('data', (text: string) => {
    asked += text;
    const end = asked.indexOf('\n');
    if (end < 0 && asked.length < LONGEST) return;
    socket.removeAllListeners('data').resume();
    const question = asked.slice(0, Math.max(0, end));
    if (question === 'sockets') {
      const report: ProcessReport = { pid: process.pid, command, hosts: hosts.map(reportOf) };
      socket.end(`${JSON.stringify(report)}\n`);
    } else if (question === 'packets' && feed !== null) show(socket, feed);
    else socket.end(`${JSON.stringify({ error: question === 'packets' ? 'no packets here' : 'not understood' })}\n`);
  });
}

/** Packets, one on a line, until the viewer goes. */
function show(socket: Socket, feed: PacketFeed): void {
  let lost = 0;
  socket.setTimeout(0);
  socket.write(`${JSON.stringify({ interfaces: feed.interfaces })}\n`);
  const unwatch = feed.watch(({ interfaceId, time, data, direction }: FeedPacket) => {
    if (socket.writableLength > WAITING) {
      lost++;
      return;
    }
    const octets = Buffer.from(data.buffer, data.byteOffset, data.length).toString('base64');
    socket.write(`${JSON.stringify({ interfaceId, time: String(time), direction, lost, data: octets })}\n`);
    lost = 0;
  });
  socket.on('close', unwatch);
}
