/** Waits for a connection, or tells why there is none. */
import type { Socket } from 'node:net';
import { MILLISECOND, type Micros } from 'synwave';
import { Exit, UserError } from './errors.ts';
import { failed } from './failures.ts';

/**
 * Resolves when the socket is connected. Rejects with a UserError that begins with `what`: also when `wait` has passed
 * before, and the socket is destroyed then.
 */
export async function connected(socket: Socket, what: string, wait?: Micros): Promise<void> {
  const { promise, resolve, reject } = settler();
  const closed = (): void => reject(new UserError(`${what} failed: closed before it was open`, Exit.Failed));
  const timer = wait === undefined ? undefined : setTimeout(expire, wait / MILLISECOND, socket, what, wait);
  socket.on('connect', resolve).on('error', reject).on('close', closed);
  try {
    await promise;
  } catch (error) {
    throw failed(what, error);
  } finally {
    clearTimeout(timer);
    socket.off('connect', resolve).off('error', reject).off('close', closed);
  }
}

function expire(socket: Socket, what: string, wait: Micros): void {
  const words = `Connection timed out (ETIMEDOUT, no answer to SYN within ${wait / MILLISECOND} ms)`;
  socket.destroy(new UserError(`${what} failed: ${words}`, Exit.Failed));
}

interface Settler {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function settler(): Settler {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = resolve;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
