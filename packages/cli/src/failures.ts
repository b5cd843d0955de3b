/** What failed, in both worlds: what a program calls it, and what was seen of it on the wire. */
import { Exit, UserError } from './errors.ts';

/** Words for a person, and what happened to segments. */
const meanings: Readonly<Record<string, readonly [string, string]>> = {
  EACCES: ['Permission denied', 'broadcast and multicast addresses take no connections'],
  EADDRINUSE: ['Address already in use', 'another socket has the port'],
  EADDRNOTAVAIL: ['Cannot assign requested address', 'it is not one of this host'],
  ECONNREFUSED: ['Connection refused', 'RST received'],
  ECONNRESET: ['Connection reset by peer', 'RST received'],
  EHOSTUNREACH: ['No route to host', 'nobody there answers'],
  ENETUNREACH: ['Network is unreachable', 'no route leads there'],
  ENOTFOUND: ['Name or service not known', 'not in the table of hosts'],
  EPIPE: ['Broken pipe', 'the connection was closed before'],
  ETIMEDOUT: ['Connection timed out', 'no answer'],
};

/** The error for a user: `connect to 10.0.0.2 port 81 failed: Connection refused (ECONNREFUSED, RST received)`. */
export function failed(what: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const meaning = meanings[code];
  if (meaning === undefined) return new UserError(`${what} failed: ${message}`, Exit.Failed);
  const [words, wire] = meaning;
  return new UserError(`${what} failed: ${words} (${code}, ${wire})`, Exit.Failed);
}
