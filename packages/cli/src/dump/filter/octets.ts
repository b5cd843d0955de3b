/** What a filter reads of a packet; where the packet ends, or the capture of it, the whole filter says no. */
import { Address, parseAddress } from 'synwave';

/** A packet as filters see it. */
export interface Seen {
  readonly data: Uint8Array;
  /** Its length on the wire. */
  readonly original: number;
  /** Which way it went, where that is known. */
  readonly direction: 'in' | 'out' | null;
}

/** Answers whether a packet is wanted. Throws `OUTSIDE` when it would have to read past the end. */
export type Test = (packet: Seen) => boolean;

/** A number read from a packet, or worked out: 32 bits without a sign. */
export type Value = (packet: Seen) => number;

/** Thrown where there is no octet to read: then the packet is not wanted, whatever stands around, `not` included. */
export const OUTSIDE: Error = new Error('past the end of the packet');

/** 1, 2 or 4 octets, the highest first. */
export function load({ data }: Seen, at: number, size: number): number {
  if (at < 0 || at + size > data.length) throw OUTSIDE;
  return word(data, at, size);
}

function word(data: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + (data[at + i] as number);
  return value;
}

export const both =
  (a: Test, b: Test): Test =>
  (packet) =>
    a(packet) && b(packet);

export const either =
  (a: Test, b: Test): Test =>
  (packet) =>
    a(packet) || b(packet);

export const never: Test = () => false;

/** One of them, in their order; none: no. */
export const any =
  (tests: readonly Test[]): Test =>
  (packet) =>
    tests.some((test) => test(packet));

/** A network, or one host: octets of an address, and how many bits of it count. */
export interface Network {
  readonly octets: Uint8Array;
  readonly bits: number;
}

/** The octets of an address that is known to be one: 4 or 16. */
export function octetsOf(text: string): Uint8Array {
  const address = parseAddress(text) ?? new Address();
  const words = [address.a, address.b, address.c, address.d];
  const octets = new Uint8Array(16);
  for (const [i, each] of words.entries()) new DataView(octets.buffer).setInt32(4 * i, each);
  return text.includes(':') ? octets : octets.slice(12);
}

/**
 * Whether the address at `at` is in the network. It is read in words, as filters do, as far as bits of it count: so it
 * shows where a packet that is cut ends.
 */
export function within(packet: Seen, at: number, { octets, bits }: Network): boolean {
  for (let i = 0; i < octets.length && i * 8 < bits; i += 4) {
    const size = Math.min(4, octets.length - i);
    const counted = Math.min(8 * size, bits - i * 8);
    const mask = counted === 8 * size ? 2 ** counted - 1 : 2 ** (8 * size) - 2 ** (8 * size - counted);
    const own = word(octets, i, size);
    if ((load(packet, at + i, size) & mask) !== (own & mask)) return false;
  }
  return true;
}
