/** Octets to send in tests: they follow from a number, so that what arrives can be compared without keeping it. */

/** `size` octets, different for each `key`. */
export function octets(size: number, key: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let x = (key * 2654435761 + 1) | 0;
  for (let i = 0; i < size; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) | 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}

/** Where `got` differs from `wanted`: an index, or -1 when both are the same. */
export function difference(got: Uint8Array, wanted: Uint8Array): number {
  const n = Math.min(got.length, wanted.length);
  for (let i = 0; i < n; i++) if (got[i] !== wanted[i]) return i;
  return got.length === wanted.length ? -1 : n;
}

/** All chunks as one. */
export async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.length;
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
