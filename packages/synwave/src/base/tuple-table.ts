/** TupleTable: finds a connection's slot by its four-tuple (RFC 9293 §3.3: the pair of sockets), without allocating. */
import type { Address } from './address.ts';
import { Random } from './random.ts';

/** Words of a key: the local address, the remote one, and both ports in one word. */
const KEY = 9;
const START = 16;
const START_SLOTS = 16;

/**
 * Open addressing with linear probing. The slots are named by the caller; the table keeps each one's four-tuple.
 * A peer chooses its port and, within its prefix, its address: so the hash is keyed, lest it choose ones that collide.
 */
export class TupleTable {
  /** How many four-tuples are in. */
  size = 0;
  /** Pairs: the hash, and the slot plus 1; 0 is an empty cell. */
  private cells: Int32Array = new Int32Array(2 * START);
  private mask = START - 1;
  /** The four-tuple of slot i, from `KEY * i` on. */
  private keys: Int32Array = new Int32Array(KEY * START_SLOTS);
  /** Whether slot i has a four-tuple. */
  private entered: Uint8Array = new Uint8Array(START_SLOTS);
  /** A secret multiplier for each 16 bits of a key. */
  private readonly secrets: Int32Array = new Int32Array(2 * KEY);

  /** `seed`: what no peer knows. */
  constructor(seed: number) {
    const random = new Random(seed);
    for (let i = 0; i < this.secrets.length; i++) this.secrets[i] = random.next();
  }

  /** The slot of that four-tuple, or -1. */
  find(local: Address, localPort: number, remote: Address, remotePort: number): number {
    const { cells, keys, mask } = this;
    const ports = (localPort << 16) | remotePort;
    const hash = this.hash(local, remote, ports);
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const slot = (cells[2 * i + 1] as number) - 1;
      if (slot < 0) return -1;
      if (cells[2 * i] !== hash) continue;
      // What differs most often is compared first.
      const k = KEY * slot;
      if (
        keys[k + 8] === ports &&
        keys[k + 7] === remote.d &&
        keys[k + 6] === remote.c &&
        keys[k + 5] === remote.b &&
        keys[k + 4] === remote.a &&
        keys[k + 3] === local.d &&
        keys[k + 2] === local.c &&
        keys[k + 1] === local.b &&
        keys[k] === local.a
      ) {
        return slot;
      }
    }
  }

  /** Enters a four-tuple that is not in yet, for a slot that has none. Addresses are copied. */
  insert(slot: number, local: Address, localPort: number, remote: Address, remotePort: number): void {
    if (4 * (this.size + 1) > 3 * (this.mask + 1)) this.grow();
    if (KEY * (slot + 1) > this.keys.length) {
      const larger = new Int32Array(Math.max(2 * this.keys.length, KEY * (slot + 1)));
      larger.set(this.keys);
      this.keys = larger;
      const entered = new Uint8Array(larger.length / KEY);
      entered.set(this.entered);
      this.entered = entered;
    }
    const { keys } = this;
    const ports = (localPort << 16) | remotePort;
    const k = KEY * slot;
    keys[k] = local.a;
    keys[k + 1] = local.b;
    keys[k + 2] = local.c;
    keys[k + 3] = local.d;
    keys[k + 4] = remote.a;
    keys[k + 5] = remote.b;
    keys[k + 6] = remote.c;
    keys[k + 7] = remote.d;
    keys[k + 8] = ports;
    this.place(this.hash(local, remote, ports), slot);
    this.entered[slot] = 1;
    this.size++;
  }

  /** Takes the slot's four-tuple out; nothing happens if it has none. */
  remove(slot: number): void {
    if (!this.has(slot)) return;
    const { cells, mask } = this;
    let hole = this.hashOf(slot) & mask;
    while (cells[2 * hole + 1] !== slot + 1) hole = (hole + 1) & mask;
    // Those behind the hole close up, unless that would put one in front of where its search begins: so no tombstones.
    for (let i = (hole + 1) & mask; cells[2 * i + 1] !== 0; i = (i + 1) & mask) {
      const home = (cells[2 * i] as number) & mask;
      if (((i - home) & mask) < ((i - hole) & mask)) continue;
      cells[2 * hole] = cells[2 * i] as number;
      cells[2 * hole + 1] = cells[2 * i + 1] as number;
      hole = i;
    }
    cells[2 * hole + 1] = 0;
    this.entered[slot] = 0;
    this.size--;
  }

  /** Whether the slot has a four-tuple. */
  has(slot: number): boolean {
    return this.entered[slot] === 1;
  }

  // What these four answer stays readable after `remove`, until the slot is entered anew.

  /** The slot's local address, written into `into`. */
  localOf(slot: number, into: Address): Address {
    return this.read(KEY * slot, into);
  }

  /** The slot's remote address, written into `into`. */
  remoteOf(slot: number, into: Address): Address {
    return this.read(KEY * slot + 4, into);
  }

  localPortOf(slot: number): number {
    return (this.keys[KEY * slot + 8] as number) >>> 16;
  }

  remotePortOf(slot: number): number {
    return (this.keys[KEY * slot + 8] as number) & 0xffff;
  }

  private read(k: number, into: Address): Address {
    const { keys } = this;
    return into.set(keys[k] as number, keys[k + 1] as number, keys[k + 2] as number, keys[k + 3] as number);
  }

  private grow(): void {
    const old = this.cells;
    this.cells = new Int32Array(2 * old.length);
    this.mask = old.length - 1;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] !== 0) this.place(old[i] as number, (old[i + 1] as number) - 1);
    }
  }

  private place(hash: number, slot: number): void {
    const { cells, mask } = this;
    let i = hash & mask;
    while (cells[2 * i + 1] !== 0) i = (i + 1) & mask;
    cells[2 * i] = hash;
    cells[2 * i + 1] = slot + 1;
  }

  private hash(local: Address, remote: Address, ports: number): number {
    return scatter(
      (this.term(0, local.a) +
        this.term(1, local.b) +
        this.term(2, local.c) +
        this.term(3, local.d) +
        this.term(4, remote.a) +
        this.term(5, remote.b) +
        this.term(6, remote.c) +
        this.term(7, remote.d) +
        this.term(8, ports)) |
        0,
    );
  }

  private hashOf(slot: number): number {
    const { keys } = this;
    let total = 0;
    for (let i = 0; i < KEY; i++) total = (total + this.term(i, keys[KEY * slot + i] as number)) | 0;
    return scatter(total);
  }

  /**
   * Multilinear hashing by halves of 16 bits: for any two keys, however chosen, the sums agree for at most one in 2^17 of
   * the secrets. Longer halves would let differences in high bits cancel whatever the secrets are.
   */
  private term(i: number, word: number): number {
    const { secrets } = this;
    return (
      (Math.imul(word & 0xffff, secrets[2 * i] as number) + Math.imul(word >>> 16, secrets[2 * i + 1] as number)) | 0
    );
  }
}

/** Spreads a sum over all bits, for the low ones choose the cell: ports in a row would otherwise stand in a row. */
function scatter(sum: number): number {
  let h = sum;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}
