/** SocketError: how the Sockets API tells that something went wrong. */

/**
 * A TypeError whose message begins with "SocketError: ", as the Sockets API has it; `cause` is what happened: a
 * SynwaveError with its code, or what a program's own `lookup` threw.
 */
export function socketError(cause: unknown): TypeError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TypeError(`SocketError: ${why}`, { cause });
}
