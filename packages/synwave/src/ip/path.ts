/** Path: the way to one address, remembered (RFC 1122 §3.3.1.2, RFC 4861 §5.1, the destination cache), and what fits through it. */
import { Address } from '../base/address.ts';
import { AddressTable } from '../base/address-table.ts';
import type { Mac } from '../base/mac.ts';
import { type Micros, NEVER } from '../base/time.ts';
import type { IpInterface } from './interface.ts';
import type { Neighbour } from './neighbours.ts';

/** RFC 1191 §6.3, RFC 8201 §4: a larger packet is tried again after ten minutes, never within five. */
const REMEMBERED: Micros = 600_000_000;

/** Below these we go on with packets of that size: over IPv4 others may cut them then, over IPv6 every link takes them. */
const LEAST_V4 = 552;
const LEAST_V6 = 1280;

/** Whom a router has named as a better first hop on its link, and the router that the route names, for which it holds. */
export interface BetterHop {
  readonly to: Address;
  readonly instead: Address;
  readonly via: IpInterface;
}

export class Path {
  readonly to: Address = new Address();
  /** Bound to one interface: its index plus 1; 0: whichever routes say. */
  scope: number;
  /** The interface; null: no route. */
  via: IpInterface | null = null;
  /** Who takes the packet next: the destination itself, or a router. */
  readonly nextHop: Address = new Address();
  /** The entry of the next hop, on carriers of Ethernet frames. */
  neighbour: Neighbour | null = null;
  /** Many stations hear it: multicast or broadcast. On Ethernet frames go to `mac` then. */
  isGroup = false;
  mac: Mac = -1;
  /** A router has named a better first hop (RFC 1122 §3.2.2.2, RFC 4861 §8.3); null: none has. */
  redirect: BetterHop | null = null;
  /** The version of the routes by which it was found, and how long that holds. */
  version = -1;
  validUntil: Micros = NEVER;
  /** What ICMP has told of links on the way (0: nothing), and until when that is believed. */
  private learned = 0;
  private learnedUntil: Micros = NEVER;
  private isNarrow = false;

  constructor(to: Address, scope: number) {
    this.to.copy(to);
    this.scope = scope;
  }

  /** Makes this the path to another destination, of which nothing is known yet; not for one that is remembered. */
  leadTo(to: Address, scope: number): void {
    this.to.copy(to);
    this.scope = scope;
    this.version = -1;
    this.redirect = null;
    this.forgetMtu();
  }

  /** The largest packet that gets through, as far as is known, in octets; without a way the smallest that must. */
  mtuAt(now: Micros): number {
    const { via, to } = this;
    if (now >= this.learnedUntil) this.forgetMtu();
    const own = via === null ? (to.family === 4 ? LEAST_V4 : LEAST_V6) : via.mtuFor(to.family);
    return this.learned > 0 && this.learned < own ? this.learned : own;
  }

  /** Whether routers may cut packets: somewhere a link takes less than we go down to. */
  mayFragmentAt(now: Micros): boolean {
    if (now >= this.learnedUntil) this.forgetMtu();
    return this.isNarrow;
  }

  /** RFC 4861 §6.3.4: for what has no limit of its own (`usual`), what a router has said, if it is about this family. */
  hopLimit(wanted: number, usual: number): number {
    const { via, to } = this;
    return wanted === usual && to.family === 6 && via !== null && via.hopLimit > 0 ? via.hopLimit : wanted;
  }

  /** How much is made of the claim that no more than `mtu` gets through. */
  believable(mtu: number): number {
    return Math.max(mtu, this.to.family === 4 ? LEAST_V4 : LEAST_V6);
  }

  /** A router says that no more than `mtu` gets through. Answers whether that is less than what was known. */
  learnMtu(mtu: number, now: Micros): boolean {
    const believed = this.believable(mtu);
    const narrow = this.to.family === 4 && mtu < believed;
    if (believed >= this.mtuAt(now) && (!narrow || this.isNarrow)) return false;
    this.learned = believed;
    this.learnedUntil = now + REMEMBERED;
    this.isNarrow = narrow;
    return true;
  }

  forgetMtu(): void {
    this.learned = 0;
    this.learnedUntil = NEVER;
    this.isNarrow = false;
  }
}

/** Destinations that are remembered; connections keep theirs beyond that. */
const MOST = 4096;

/** The paths of a host, by destination and scope. */
export class PathTable {
  private readonly table: AddressTable<Path>;
  /** In the order of their making: the oldest gives way. */
  private readonly order: Set<Path> = new Set<Path>();

  constructor(seed: number) {
    this.table = new AddressTable(seed);
  }

  get size(): number {
    return this.table.size;
  }

  find(to: Address, scope: number): Path | null {
    return this.table.find(to, scope);
  }

  add(path: Path): void {
    if (this.order.size >= MOST) {
      const [oldest] = this.order;
      if (oldest !== undefined) {
        this.order.delete(oldest);
        this.table.delete(oldest.to, oldest.scope);
      }
    }
    this.table.set(path.to, path.scope, path);
    this.order.add(path);
  }

  clear(): void {
    this.table.clear();
    this.order.clear();
  }
}
