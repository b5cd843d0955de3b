/** Errors that users of the stack are told: the code that Node.js programs look for, Linux's number, a plain sentence. */

/** Every code that the stack uses. */
export type ErrorCode =
  | 'EACCES'
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'EAFNOSUPPORT'
  | 'EALREADY'
  | 'EBADF'
  | 'ECONNABORTED'
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EHOSTUNREACH'
  | 'EINVAL'
  | 'EISCONN'
  | 'EMSGSIZE'
  | 'ENETUNREACH'
  | 'ENODEV'
  | 'ENOBUFS'
  | 'ENOPROTOOPT'
  | 'ENOTCONN'
  | 'EPIPE'
  | 'ETIMEDOUT';

interface Entry {
  readonly errno: number;
  readonly sentence: string;
}

/** What each code means. `errno` is Linux's, positive (node:net shows it negated). */
export const errors: Readonly<Record<ErrorCode, Entry>> = {
  EACCES: { errno: 13, sentence: 'permission denied' },
  EADDRINUSE: { errno: 98, sentence: 'address and port are in use already' },
  EADDRNOTAVAIL: { errno: 99, sentence: 'the address is not one of this host, or no port is free' },
  EAFNOSUPPORT: { errno: 97, sentence: 'the address is of a family that cannot be used here' },
  EALREADY: { errno: 114, sentence: 'the same is under way already' },
  EBADF: { errno: 9, sentence: 'the socket is not open' },
  ECONNABORTED: { errno: 103, sentence: 'the connection was aborted on this side' },
  ECONNREFUSED: { errno: 111, sentence: 'nobody listens there: the peer refused the connection' },
  ECONNRESET: { errno: 104, sentence: 'the peer reset the connection' },
  EHOSTUNREACH: { errno: 113, sentence: 'no way leads to that host' },
  EINVAL: { errno: 22, sentence: 'the argument makes no sense' },
  EISCONN: { errno: 106, sentence: 'the socket is connected already' },
  EMSGSIZE: { errno: 90, sentence: 'the message is too long' },
  ENETUNREACH: { errno: 101, sentence: 'no way leads to that network' },
  ENODEV: { errno: 19, sentence: 'there is no such interface' },
  ENOBUFS: { errno: 105, sentence: 'no memory is left for this' },
  ENOPROTOOPT: { errno: 92, sentence: 'the peer does not know the protocol' },
  ENOTCONN: { errno: 107, sentence: 'the socket is not connected' },
  EPIPE: { errno: 32, sentence: 'the sending side is closed' },
  ETIMEDOUT: { errno: 110, sentence: 'the peer did not answer in time' },
};

/** What a call of the stack's user ends in when it fails. The message reads "what: sentence (CODE)". */
export class SynwaveError extends Error {
  readonly code: ErrorCode;
  /** Linux's number, positive. */
  readonly errno: number;

  /** `what`: the call that failed, with what it was about ("connect 10.0.0.2:80"). */
  constructor(code: ErrorCode, what: string) {
    super(`${what}: ${errors[code].sentence} (${code})`);
    this.name = 'SynwaveError';
    this.code = code;
    this.errno = errors[code].errno;
  }
}

/** Throws the SynwaveError of that code. */
export function fail(code: ErrorCode, what: string): never {
  throw new SynwaveError(code, what);
}
