/** The other side of control sockets: who has one, and what they answer. */
import { existsSync, readdirSync, unlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { controlDirectory, faultOf, SOCKET_NAME } from './directory.ts';

export interface ControlPlace {
  readonly pid: number;
  readonly path: string;
}

/** The control sockets of this user's processes. Throws an Error of one line when their directory cannot be trusted. */
export function controlPlaces(directory: string = controlDirectory()): ControlPlace[] {
  if (!existsSync(directory)) return [];
  const fault = faultOf(directory);
  if (fault !== '') throw new Error(`${directory} ${fault}`);
  return readdirSync(directory).flatMap((name) => {
    const pid = Number(SOCKET_NAME.exec(name)?.[1] ?? 0);
    return pid > 0 ? [{ pid, path: join(directory, name) }] : [];
  });
}

/**
 * Asks a process for its `sockets` or its `packets`: resolves to the connection that the lines of the answer come by; null
 * when nobody listens there any more, and then the file is removed.
 */
export function askSocket({ path }: ControlPlace, question: 'sockets' | 'packets'): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.write(`${question}\n`);
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') unlinkSync(path);
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(null);
      else reject(error);
    });
  });
}
