/** IpInterface: a link with the addresses that this host has on it. */
import type { Address, Family } from '../base/address.ts';
import { parseAddress } from '../base/address-text.ts';
import type { Due } from '../base/due.ts';
import { fail } from '../base/errors.ts';
import { Frame, FramePool } from '../base/frame.ts';
import type { Mac } from '../base/mac.ts';
import { type Micros, NEVER, SECOND } from '../base/time.ts';
import { HEAD_ROOM, type Link } from '../link/link.ts';

/** Where an address comes from: the user, RFC 4862 §5.3, a router's advertisement (§5.5), a DHCP server. */
export type Origin = 'static' | 'link-local' | 'advertised' | 'leased';

/** An address of this host, and the length of its network's prefix, in bits of its own family. */
export class InterfaceAddress {
  readonly address: Address;
  readonly prefixLength: number;
  readonly origin: Origin;
  /** RFC 4862 §2: nobody uses it until duplicate address detection has found no other station that does. */
  tentative = false;
  /** Past this no new connection begins with it (RFC 4862 §5.5.4); past the other nobody uses it at all. */
  preferredUntil: Micros = NEVER;
  validUntil: Micros = NEVER;
  /** It is probed for before it is used, each time that its interface comes up. */
  probed = false;
  /** When it was last defended against another station that has it too (RFC 5227 §2.4). */
  defendedAt: Micros = -NEVER;
  /** Probes or announcements that are still to go out; null: none. */
  detection: Due | null = null;
  /** The end of its life; null: it has none. */
  expiry: Due | null = null;
  /** Called when another station turns out to have it, and it is dropped. */
  lost: (() => void) | null = null;

  constructor(address: Address, prefixLength: number, origin: Origin = 'static') {
    this.address = address;
    this.prefixLength = prefixLength;
    this.origin = origin;
  }

  isUsable(now: Micros): boolean {
    return !this.tentative && now < this.validUntil;
  }

  /** IPv4: the last address of the network, which all its stations hear (RFC 1122 §3.2.1.3 (c)); false for the others. */
  isBroadcast(to: Address): boolean {
    const { address, prefixLength } = this;
    if (address.family !== 4 || to.family !== 4 || prefixLength > 30) return false;
    const hosts = prefixLength === 0 ? -1 : (1 << (32 - prefixLength)) - 1;
    return to.d === (address.d | hosts);
  }
}

/** Reads `10.0.0.1/24` or `fd00::1/64`; without a prefix length it is the address alone. Throws SynwaveError EINVAL. */
export function parseInterfaceAddress(text: string): InterfaceAddress {
  const [name = '', length] = text.split('/');
  const address = parseAddress(name);
  if (address === null) return fail('EINVAL', `address ${text}`);
  const most = address.family === 4 ? 32 : 128;
  const prefixLength = length === undefined ? most : Number(length);
  if (!Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > most || length === '') {
    fail('EINVAL', `prefix of ${text}`);
  }
  return new InterfaceAddress(address, prefixLength);
}

/** RFC 4007 §11.2 leaves it to each host how zones are called; these are read back, and need no quotes anywhere. */
const ZONE = /^[\w.-]{1,32}$/;

/** Text that a frame of the small pool holds. */
export const SMALL_TEXT = 512;
/** Octets of frames that wait to be used again, for each pool of an interface. */
const IDLE_OCTETS = 4 * 1024 * 1024;

/** RFC 4861 §10: REACHABLE_TIME, RETRANS_TIMER. For ARP as well: RFC 1122 §2.3.2.1 has one question a second. */
export const REACHABLE_TIME: Micros = 30 * SECOND;
export const RETRANS_TIMER: Micros = SECOND;

export class IpInterface {
  readonly index: number;
  /** What it goes by in addresses and lists: the link's name, unless that could not stand in an address. */
  readonly name: string;
  readonly link: Link;
  /** Its address on a carrier of Ethernet frames; -1: the carrier takes IP packets. */
  readonly mac: Mac;
  /** Packets come back to this host. */
  readonly isLoopback: boolean;
  readonly addresses: InterfaceAddress[] = [];
  /** Whether packets go out and come in. */
  up = true;
  /** What a router has said: the hop limit for IPv6 (0: nothing), its MTU for IPv6 (0: nothing). */
  hopLimit = 0;
  advertisedMtu = 0;
  /** What a DHCP server has said: its MTU for IPv4 (0: nothing). */
  leasedMtu = 0;
  /** How long a neighbour counts as reachable after it was heard of (RFC 4861 §6.3.2), and between two questions; for IPv6. */
  reachableTime: Micros = REACHABLE_TIME;
  retransTimer: Micros = RETRANS_TIMER;
  /** Frames that hold the largest packet this link takes, with head room; and such for little text or none. */
  readonly pool: FramePool;
  readonly small: FramePool;

  constructor(index: number, link: Link, name: string = link.name) {
    this.index = index;
    this.name = ZONE.test(name) ? name : `if${index}`;
    this.link = link;
    this.mac = link.mac ?? -1;
    this.isLoopback = link.name === 'lo';
    const size = HEAD_ROOM + Math.max(link.mtu, link.offloads.superSegment + HEAD_ROOM);
    this.pool = new FramePool(size, Math.floor(IDLE_OCTETS / size));
    this.small = new FramePool(HEAD_ROOM + SMALL_TEXT, Math.floor(IDLE_OCTETS / (HEAD_ROOM + SMALL_TEXT)));
  }

  /** The number by which scoped addresses of this interface are kept apart from equal ones on another. */
  get scope(): number {
    return this.index + 1;
  }

  /** The largest packet of a family, in octets. */
  mtuFor(family: Family): number {
    const { link, advertisedMtu, leasedMtu } = this;
    const told = family === 6 ? advertisedMtu : leasedMtu;
    return told > 0 ? Math.min(link.mtu, told) : link.mtu;
  }

  /** How long a neighbour of that family counts as reachable. What routers of IPv6 say is not about ARP. */
  reachableFor(family: Family): Micros {
    return family === 6 ? this.reachableTime : REACHABLE_TIME;
  }

  /** The time between two questions for a neighbour of that family. */
  retransFor(family: Family): Micros {
    return family === 6 ? this.retransTimer : RETRANS_TIMER;
  }

  /** An empty frame, with head room, for `text` octets: one of the pools, or one of its own where theirs do not fit. */
  frameFor(text: number): Frame {
    if (text <= SMALL_TEXT) return this.small.take(HEAD_ROOM);
    if (HEAD_ROOM + text <= this.pool.size && 4 * text > this.pool.size) return this.pool.take(HEAD_ROOM);
    const frame = new Frame(HEAD_ROOM + text);
    frame.at = HEAD_ROOM;
    frame.end = HEAD_ROOM;
    return frame;
  }

  /** The entry of an address of this interface; null when it is not one. */
  entryOf(address: Address): InterfaceAddress | null {
    return this.addresses.find((entry) => entry.address.equals(address)) ?? null;
  }

  /** Whether all stations of one of its IPv4 networks hear `to`. */
  isBroadcast(to: Address): boolean {
    if (to.family !== 4) return false;
    return to.d === -1 || this.addresses.some((entry) => entry.isBroadcast(to));
  }
}
