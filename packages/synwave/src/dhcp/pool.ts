/** Pool: which client has which address of a server's, and until when; as large as the range, whatever clients ask for. */
import { Due, Queue } from '../base/due.ts';
import type { Mac } from '../base/mac.ts';
import { type Micros, NEVER, SECOND } from '../base/time.ts';

/**
 * `probed`: it is being found out whether somebody has the address; `offered`; `leased`; `idle`: nobody's, though it is
 * remembered whose it was (RFC 2131 §2.2); `taken`: somebody answered for it who did not get it here; `declined`: a
 * client found that somebody has it (§4.3.3).
 */
export type BindingState = 'probed' | 'offered' | 'leased' | 'idle' | 'taken' | 'declined';

/** Who a client is: what it says of itself, or its MAC (RFC 2131 §4.2). */
export interface ClientName {
  readonly key: string;
  readonly mac: Mac;
  readonly hostName: string;
}

/** How long an offer stands, and an address that is being probed is kept for who asked. */
const OFFER_TIME: Micros = 120 * SECOND;

/** How long an address is left alone that somebody else has. */
const SET_ASIDE: Micros = 3600 * SECOND;

/** Whose an address is that is nobody's. */
const NOBODY: ClientName = { key: '', mac: -1, hostName: '' };

/** An address that a client has, had or may have. It is due when the state that it is in ends. */
export class Binding extends Due {
  /** 0 to 2^32 - 1. */
  readonly address: number;
  client: ClientName;
  state: BindingState = 'idle';
  private readonly pool: Pool;

  constructor(pool: Pool, address: number, client: ClientName) {
    super();
    this.pool = pool;
    this.address = address;
    this.client = client;
  }

  happen(): void {
    this.pool.free(this);
  }
}

/** What a pool may give. */
export interface Range {
  /** The first and the last address. */
  readonly from: number;
  readonly to: number;
  /** Addresses within that are for nobody, or for one client alone. */
  readonly except: ReadonlySet<number>;
  /** Addresses that are for one client, by its MAC; within the range or not. */
  readonly reserved: ReadonlyMap<Mac, number>;
}

export class Pool {
  private readonly range: Range;
  private readonly reserved: ReadonlyMap<number, Mac>;
  private readonly byAddress: Map<number, Binding> = new Map<number, Binding>();
  private readonly byClient: Map<string, Binding> = new Map<string, Binding>();
  /** Those that are nobody's, the one that is longest so first. */
  private readonly idle: Set<Binding> = new Set<Binding>();
  private readonly ends: Queue = new Queue();
  /** No address from here on was ever given, unless a client asked for that very one. */
  private next: number;

  constructor(range: Range) {
    this.range = range;
    this.reserved = new Map([...range.reserved].map(([mac, address]) => [address, mac]));
    this.next = range.from;
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.byAddress.size;
  }

  [Symbol.iterator](): Iterator<Binding> {
    return this.byAddress.values();
  }

  /** Lets end what has come to its end by now. */
  expire(now: Micros): void {
    for (let due = this.ends.first; due !== undefined && due.time <= now; due = this.ends.first) {
      this.ends.take();
      due.happen();
    }
  }

  /** What that client has, or had last; null: nothing is known of it. */
  of({ key }: ClientName): Binding | null {
    return this.byClient.get(key) ?? null;
  }

  at(address: number): Binding | null {
    return this.byAddress.get(address) ?? null;
  }

  /** Whether this pool is who gives that address, to that client or to others. */
  owns(address: number): boolean {
    return this.isInRange(address) || this.reserved.has(address);
  }

  /**
   * RFC 2131 §4.3.1: an address for the client, in this order: the one that is kept for it, that it has, that it had, that
   * it would like (`hint`; -1: none), one that nobody ever had, the one that is longest nobody's. Null: none is left.
   */
  choose(client: ClientName, hint: number): Binding | null {
    const kept = this.range.reserved.get(client.mac);
    if (kept !== undefined && this.isFree(kept, client)) return this.bind(kept, client);
    const known = this.of(client);
    if (known !== null) return this.bind(known.address, client);
    if (this.mayGive(hint, client)) return this.bind(hint, client);
    const fresh = this.nextFresh();
    if (fresh >= 0) return this.bind(fresh, client);
    for (const { address } of this.idle) if (this.mayGive(address, client)) return this.bind(address, client);
    return null;
  }

  /**
   * The client's binding of that very address; null when it cannot have it. `isUser`: the client has the address already,
   * so if somebody answered for it, it was this one.
   */
  claim(client: ClientName, address: number, isUser: boolean): Binding | null {
    const binding = this.at(address);
    const answered = isUser && binding?.state === 'taken' && this.isFor(address, client);
    const has = binding !== null && this.of(client) === binding;
    return has || answered || this.mayGive(address, client) ? this.bind(address, client) : null;
  }

  probe(binding: Binding, now: Micros): void {
    this.move(binding, 'probed', now + OFFER_TIME);
  }

  /** It is the client's to take, unless it is the client's already. */
  offer(binding: Binding, now: Micros): void {
    if (binding.state !== 'leased') this.move(binding, 'offered', now + OFFER_TIME);
  }

  lease(binding: Binding, until: Micros): void {
    this.move(binding, 'leased', until);
  }

  /** Nobody has it; whose it was is remembered. */
  free(binding: Binding): void {
    this.move(binding, 'idle', NEVER);
  }

  /** Somebody has it who did not get it here: nobody gets it for a while. */
  setAside(binding: Binding, why: 'taken' | 'declined', now: Micros): void {
    this.forget(binding);
    binding.client = NOBODY;
    this.move(binding, why, now + SET_ASIDE);
  }

  /** Nothing is known of anybody. */
  clear(): void {
    for (const binding of this.byAddress.values()) this.ends.remove(binding);
    this.byAddress.clear();
    this.byClient.clear();
    this.idle.clear();
    this.next = this.range.from;
  }

  private isInRange(address: number): boolean {
    const { from, to, except } = this.range;
    return address >= from && address <= to && !except.has(address);
  }

  private mayGive(address: number, client: ClientName): boolean {
    return this.isFor(address, client) && this.isFree(address, client);
  }

  /** Whether it is for that client, among others or alone. */
  private isFor(address: number, { mac }: ClientName): boolean {
    const owner = this.reserved.get(address);
    return owner === undefined ? this.isInRange(address) : owner === mac;
  }

  private isFree(address: number, { key }: ClientName): boolean {
    const binding = this.at(address);
    return binding === null || binding.state === 'idle' || binding.client.key === key;
  }

  /** The address is that client's, and what it had before is nobody's. */
  private bind(address: number, client: ClientName): Binding {
    const earlier = this.of(client);
    if (earlier !== null && earlier.address !== address) {
      this.forget(earlier);
      earlier.client = NOBODY;
      this.free(earlier);
    }
    const binding = this.at(address) ?? new Binding(this, address, client);
    this.forget(binding);
    binding.client = client;
    this.byAddress.set(address, binding);
    this.byClient.set(client.key, binding);
    return binding;
  }

  /** Its client's name leads to it no longer. */
  private forget(binding: Binding): void {
    if (this.byClient.get(binding.client.key) === binding) this.byClient.delete(binding.client.key);
  }

  private nextFresh(): number {
    while (this.next <= this.range.to) {
      const address = this.next++;
      if (!this.range.except.has(address) && !this.reserved.has(address) && !this.byAddress.has(address))
        return address;
    }
    return -1;
  }

  private move(binding: Binding, state: BindingState, until: Micros): void {
    binding.state = state;
    this.idle.delete(binding);
    if (state === 'idle') this.idle.add(binding);
    if (until === NEVER) this.ends.remove(binding);
    else this.ends.add(binding, until);
    binding.time = until;
  }
}
