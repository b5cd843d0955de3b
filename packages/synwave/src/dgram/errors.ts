/** Errors that node:dgram has and node:net has not. */
import { errors } from '../base/errors.ts';
import { coded, type NodeError, typeError } from '../net/errors.ts';
import type { Platform } from '../net/platform.ts';

export function badType(): NodeError {
  const message = 'Bad socket type specified. Valid types are: udp4, udp6';
  return coded('TypeError', 'ERR_SOCKET_BAD_TYPE', message);
}

export function alreadyBound(): NodeError {
  return coded('Error', 'ERR_SOCKET_ALREADY_BOUND', 'Socket is already bound');
}

export function alreadyConnected(): NodeError {
  return coded('Error', 'ERR_SOCKET_DGRAM_IS_CONNECTED', 'Already connected');
}

export function notConnected(): NodeError {
  return coded('Error', 'ERR_SOCKET_DGRAM_NOT_CONNECTED', 'Not connected');
}

export function notRunning(): NodeError {
  return coded('Error', 'ERR_SOCKET_DGRAM_NOT_RUNNING', 'Not running');
}

export function outOfBounds(name: string): NodeError {
  return coded('RangeError', 'ERR_BUFFER_OUT_OF_BOUNDS', `"${name}" is outside of buffer bounds`);
}

export function badBufferSize(): NodeError {
  return coded('TypeError', 'ERR_SOCKET_BAD_BUFFER_SIZE', 'Buffer size must be a positive integer');
}

export function missing(name: string): NodeError {
  return coded('TypeError', 'ERR_MISSING_ARGS', `The "${name}" argument must be specified`);
}

export function notOctets(platform: Platform, name: string, value: unknown): NodeError {
  return typeError(platform, name, 'of type string or an instance of Buffer, TypedArray, or DataView', value);
}

/** What the call of libuv answered; it has words of its own for these. */
const sentences = { EBADF: 'bad file descriptor', EINVAL: 'invalid argument' } as const;

/** `which`: `recv` or `send`. */
export function bufferSizeError(which: 'recv' | 'send', code: keyof typeof sentences): NodeError {
  const syscall = `uv_${which}_buffer_size`;
  const message = `Could not get or set buffer size: ${syscall} returned ${code} (${sentences[code]})`;
  const error = coded('Error', 'ERR_SOCKET_BUFFER_SIZE', message);
  const errno = -errors[code].errno;
  return Object.assign(error, {
    name: 'SystemError',
    errno,
    syscall,
    info: { errno, code, message: sentences[code], syscall },
  });
}
