/** Ring: octets in a circle, written at any offset from the head, read and forgotten from the head. */

/**
 * Up to here a loop of single octets is faster (about 1 ns each); above, `set` on a `subarray`, whose cost hardly grows
 * (about 30 ns) but which leaves a small view to the garbage collector.
 */
const SHORT = 24;

/** A circle of octets. It does not know how many of them mean something: that is its owner's. */
export class Ring {
  private readonly buffer: Uint8Array;
  private readonly mask: number;
  private head = 0;

  /** `capacity`: octets, rounded up to a power of two. */
  constructor(capacity: number) {
    this.buffer = new Uint8Array(powerOfTwo(capacity));
    this.mask = this.buffer.length - 1;
  }

  /** Octets it has room for: a power of two. */
  get capacity(): number {
    return this.mask + 1;
  }

  /** What the octets stand in; `index` and `contiguous` say where. */
  get bytes(): Uint8Array {
    return this.buffer;
  }

  /** Writes `from[at, at + len)` at `offset` from the head. The caller sees to `offset + len` =< `capacity`. */
  put(offset: number, from: Uint8Array, at: number, len: number): void {
    const { buffer, mask } = this;
    const start = (this.head + offset) & mask;
    const first = Math.min(len, mask + 1 - start);
    move(from, at, buffer, start, first);
    if (first < len) move(from, at + first, buffer, 0, len - first);
  }

  /** Copies the `len` octets at `offset` from the head to `into[at, at + len)`. */
  copy(offset: number, into: Uint8Array, at: number, len: number): void {
    const { buffer, mask } = this;
    const start = (this.head + offset) & mask;
    const first = Math.min(len, mask + 1 - start);
    move(buffer, start, into, at, first);
    if (first < len) move(buffer, 0, into, at + first, len - first);
  }

  /** The head moves right by `n`: what stood at offset `n` stands at 0 now. */
  advance(n: number): void {
    this.head = (this.head + n) & this.mask;
  }

  /** Where in `bytes` the octet at `offset` from the head stands. */
  index(offset: number): number {
    return (this.head + offset) & this.mask;
  }

  /** How many of the `len` octets at `offset` stand in one piece from `index(offset)` on. */
  contiguous(offset: number, len: number): number {
    return Math.min(len, this.mask + 1 - this.index(offset));
  }
}

function powerOfTwo(n: number): number {
  let size = 1;
  while (size < n) size *= 2;
  return size;
}

function move(from: Uint8Array, at: number, to: Uint8Array, start: number, len: number): void {
  if (len <= SHORT) {
    for (let i = 0; i < len; i++) to[start + i] = from[at + i] as number;
  } else {
    to.set(len === from.length ? from : from.subarray(at, at + len), start);
  }
}
