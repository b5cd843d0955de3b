/** Content: the octets that programs of scenarios send: a text, or so many letters of the alphabet, over and over. */
import type { Content } from './scenario.ts';

const A = 0x61;
const LETTERS = 26;

/** So many octets that a reader can tell apart: `abc…z`, again and again. */
export function filler(count: number): Uint8Array {
  const octets = new Uint8Array(count);
  for (let i = 0; i < count; i++) octets[i] = A + (i % LETTERS);
  return octets;
}

export function octetsOf(content: Content): Uint8Array {
  return 'text' in content ? new TextEncoder().encode(content.text) : filler(content.octets);
}
