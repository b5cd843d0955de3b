/** RFC 1071: the Internet checksum. The one file that sums; a faster kernel would be put in here. */
import type { Frame } from './frame.ts';

/** Whether the machine's words are little-endian: the sum is taken in its own order and turned once at the end. */
const LITTLE: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * The ones' complement sum of `frame.bytes[at, end)`, folded to 16 bits, with `initial` (such a sum as well) added in.
 * A span that holds its own right checksum sums to 0xffff. An odd last octet counts as the high half of a word (§4.1).
 */
export function sum(frame: Frame, at: number, end: number, initial = 0): number {
  const { bytes, words } = frame;
  // Words of 32 bits added as doubles are exact to 2^53: no carry to look after until the end.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  // An odd start shifts every octet into the other half of its word: §2 (B), byte order independence, turns it back.
  const odd = at & 1;
  let i = at;
  let edge = 0;
  while (i < end && (i & 3) !== 0) {
    edge += (i & 1) === 0 ? (bytes[i] as number) << 8 : (bytes[i] as number);
    i++;
  }
  let w = i >> 2;
  const last = end >> 2;
  for (; w + 8 <= last; w += 8) {
    a += (words[w] as number) + (words[w + 4] as number);
    b += (words[w + 1] as number) + (words[w + 5] as number);
    c += (words[w + 2] as number) + (words[w + 6] as number);
    d += (words[w + 3] as number) + (words[w + 7] as number);
  }
  for (; w < last; w++) a += words[w] as number;
  for (i = Math.max(i, last << 2); i < end; i++) {
    edge += (i & 1) === 0 ? (bytes[i] as number) << 8 : (bytes[i] as number);
  }
  let total = foldWide(a + b + c + d);
  if (LITTLE) total = swap(total);
  total = fold(total + edge);
  if (odd === 1) total = swap(total);
  return fold(total + initial);
}

/** Folds any sum below 2^32 into 16 bits, carries added round the end. */
export function fold(total: number): number {
  let n = (total >>> 16) + (total & 0xffff);
  n = (n >>> 16) + (n & 0xffff);
  return n;
}

function foldWide(total: number): number {
  const high = Math.floor(total / 0x1_0000_0000);
  return fold(fold(high) + fold(total >>> 0));
}

function swap(n: number): number {
  return ((n & 0xff) << 8) | (n >>> 8);
}
