/** What `send` may be given to send, brought to one row of octets. */
import type { Platform } from '../net/platform.ts';
import { notOctets, outOfBounds } from './errors.ts';

/** Text as UTF-8, or a view as the octets behind it; null: neither. */
function octetsOf(platform: Platform, value: unknown): Uint8Array | null {
  if (typeof value === 'string') return platform.buffers.from(value);
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : null;
}

/** A part of a message: `offset` and `length` are taken modulo 2^32, as Node.js does. */
export function slice(platform: Platform, value: unknown, offset: unknown, length: unknown): Uint8Array {
  const octets = octetsOf(platform, value);
  if (octets === null) throw notOctets(platform, 'buffer', value);
  const from = (offset as number) >>> 0;
  const count = (length as number) >>> 0;
  if (from > octets.length) throw outOfBounds('offset');
  if (from + count > octets.length) throw outOfBounds('length');
  return octets.subarray(from, from + count);
}

/** One message of one value or a list of them. It is not copied, so a program that changes it before it leaves is heeded. */
export function gather(platform: Platform, value: unknown): readonly Uint8Array[] {
  if (!Array.isArray(value)) {
    const octets = octetsOf(platform, value);
    if (octets === null) throw notOctets(platform, 'buffer', value);
    return [octets];
  }
  return value.map((each: unknown) => {
    const octets = octetsOf(platform, each);
    if (octets === null) throw notOctets(platform, 'buffer list arguments', value);
    return octets;
  });
}

/** The parts in a row. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
