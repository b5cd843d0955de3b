/** AddressTable: finds what belongs to an address by number, without allocating: own addresses, paths, neighbours, routes. */
import { Address } from './address.ts';
import { TupleTable } from './tuple-table.ts';

const NOWHERE: Address = new Address();

/** Values by address and scope: a number from 0 to 65,535 that keeps apart what the same address means in two places. */
export class AddressTable<T> implements Iterable<T> {
  private readonly tuples: TupleTable;
  private readonly values: (T | null)[] = [];
  private readonly free: number[] = [];

  /** `seed`: what no peer knows. */
  constructor(seed: number) {
    this.tuples = new TupleTable(seed);
  }

  get size(): number {
    return this.tuples.size;
  }

  find(address: Address, scope: number): T | null {
    const slot = this.tuples.find(address, scope, NOWHERE, 0);
    return slot < 0 ? null : (this.values[slot] as T);
  }

  /** Puts a value in, in place of the one that is there. The address is copied. */
  set(address: Address, scope: number, value: T): void {
    const there = this.tuples.find(address, scope, NOWHERE, 0);
    const slot = there >= 0 ? there : (this.free.pop() ?? this.values.length);
    if (there < 0) this.tuples.insert(slot, address, scope, NOWHERE, 0);
    this.values[slot] = value;
  }

  /** Takes a value out; nothing happens when none is there. */
  delete(address: Address, scope: number): void {
    const slot = this.tuples.find(address, scope, NOWHERE, 0);
    if (slot < 0) return;
    this.tuples.remove(slot);
    this.values[slot] = null;
    this.free.push(slot);
  }

  clear(): void {
    for (const slot of this.values.keys()) this.tuples.remove(slot);
    this.values.length = 0;
    this.free.length = 0;
  }

  *[Symbol.iterator](): Generator<T> {
    for (const value of this.values) if (value !== null) yield value;
  }
}
