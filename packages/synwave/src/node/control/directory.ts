/** Where control sockets stand: one directory for each user of the machine, which nobody else may look into. */
import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/** What control sockets are called there: the process, and a number where it has several. */
export const SOCKET_NAME: RegExp = /^(\d+)(?:-\d+)?\.sock$/;

/** `$XDG_RUNTIME_DIR/synwave`, or `/tmp/synwave-UID` where there is no such directory. */
export function controlDirectory(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const runtime = env['XDG_RUNTIME_DIR'];
  if (runtime !== undefined && runtime.startsWith('/') && existsSync(runtime)) return join(runtime, 'synwave');
  return `/tmp/synwave-${userInfo().uid}`;
}

/** Makes it unless it is there. Throws an Error of one line when it is not ours alone: whoever owns it could pose as us. */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const fault = faultOf(path);
  if (fault !== '') throw new Error(`${path} ${fault}`);
}

/** What keeps the directory from being trusted; '' when nothing does. */
export function faultOf(path: string): string {
  const { uid } = userInfo();
  const found = lstatSync(path);
  if (!found.isDirectory()) return 'is no directory: remove it';
  if (found.uid !== uid)
    return `belongs to user ${found.uid}, not to ${uid}: set XDG_RUNTIME_DIR to a directory of yours`;
  if ((found.mode & 0o077) !== 0) return `is open to others: chmod 700 ${path}`;
  return '';
}
