/** Hub: links of many hosts joined to one another and to an uplink, by the source addresses that each has shown. */
import { Frame } from '../base/frame.ts';
import { HEAD_ROOM, type Link } from './link.ts';

/** What a hub has counted. */
export interface HubCounters {
  forwarded: number;
  /** From an address that another host has, or that is not for hosts of this hub. */
  spoofed: number;
  /** For an address that no host has shown, and that is not beyond; or no IP packet at all. */
  nowhere: number;
}

export interface HubOptions {
  /** Whether a host may speak from that address, given as its four or sixteen octets; all may unless given. */
  readonly mayHave?: (octets: Uint8Array) => boolean;
}

/** Addresses that one host may have. */
const ADDRESSES = 16;

/**
 * Carries IP packets. A host has the addresses that it was the first to speak from, until its link is taken away. Packets
 * for an address that none has shown go to the uplink, or, if it may be a host's, to those that have not spoken yet;
 * those for many go to all.
 */
export class Hub {
  readonly counters: HubCounters = { forwarded: 0, spoofed: 0, nowhere: 0 };
  private readonly mayHave: ((octets: Uint8Array) => boolean) | null;
  private readonly uplink: Link | null;
  private readonly owners: Map<string, Link> = new Map<string, Link>();
  private readonly links: Map<Link, Set<string>> = new Map<Link, Set<string>>();

  /** `uplink` null: there is nothing beyond the hosts. */
  constructor(uplink: Link | null, { mayHave }: HubOptions = {}) {
    this.uplink = uplink;
    this.mayHave = mayHave ?? null;
    uplink?.attach({ frameArrives: (frame) => this.fromUplink(frame), framesWait: () => undefined });
  }

  /** A host is there. */
  add(link: Link): void {
    this.links.set(link, new Set());
    link.attach({ frameArrives: (frame) => this.fromHost(link, frame), framesWait: () => undefined });
  }

  /** A host is gone: its addresses are free. */
  remove(link: Link): void {
    for (const address of this.links.get(link) ?? []) this.owners.delete(address);
    this.links.delete(link);
  }

  /** The addresses that a host has shown, as octets. */
  addressesOf(link: Link): Uint8Array[] {
    return [...(this.links.get(link) ?? [])].map((key) => Uint8Array.from(key, (c) => c.charCodeAt(0)));
  }

  private fromHost(from: Link, frame: Frame): void {
    const source = addressAt(frame, SOURCE);
    const target = addressAt(frame, TARGET);
    if (source === null || target === null) {
      this.counters.nowhere++;
      return;
    }
    if (!this.owns(from, source)) {
      this.counters.spoofed++;
      return;
    }
    const owner = this.owners.get(keyOf(target));
    if (isGroup(target)) {
      for (const link of this.links.keys()) if (link !== from) this.pass(frame, link);
      if (this.uplink !== null) this.pass(frame, this.uplink);
      return;
    }
    if (owner === undefined) this.seek(frame, target, from);
    else if (owner !== from) this.pass(frame, owner);
  }

  private fromUplink(frame: Frame): void {
    const target = addressAt(frame, TARGET);
    const owner = target === null ? undefined : this.owners.get(keyOf(target));
    if (owner !== undefined) this.pass(frame, owner);
    else if (target !== null && isGroup(target)) for (const link of this.links.keys()) this.pass(frame, link);
    else if (target !== null) this.seek(frame, target, this.uplink);
    else this.counters.nowhere++;
  }

  /** Nobody has shown that address: it is beyond, or of a host that has been silent so far. */
  private seek(frame: Frame, target: Uint8Array, from: Link | null): void {
    const { uplink } = this;
    let found = false;
    const ours = this.mayHave?.(target) ?? true;
    if (uplink !== null && uplink !== from && !(ours && this.mayHave !== null)) {
      this.pass(frame, uplink);
      found = true;
    }
    for (const [link, shown] of this.links) {
      if (!ours || shown.size > 0 || link === from) continue;
      this.pass(frame, link);
      found = true;
    }
    if (!found) this.counters.nowhere++;
  }

  /** Whether the address is that host's; one that nobody has is so from now on. */
  private owns(from: Link, source: Uint8Array): boolean {
    const key = keyOf(source);
    const owner = this.owners.get(key);
    if (owner !== undefined) return owner === from;
    const own = this.links.get(from);
    if (own === undefined || own.size >= ADDRESSES || isGroup(source) || this.mayHave?.(source) === false) return false;
    own.add(key);
    this.owners.set(key, from);
    return true;
  }

  private pass(frame: Frame, to: Link): void {
    this.counters.forwarded++;
    to.send(Frame.from(frame.bytes.subarray(frame.at, frame.end), HEAD_ROOM));
  }
}

/** Where addresses stand in headers: RFC 791 §3.1, RFC 8200 §3. */
const SOURCE = { v4: 12, v6: 8 } as const;
const TARGET = { v4: 16, v6: 24 } as const;

/** The octets of an address; null for what is no IP packet. */
function addressAt({ bytes, at, end }: Frame, place: { readonly v4: number; readonly v6: number }): Uint8Array | null {
  const version = (bytes[at] ?? 0) >> 4;
  if (version === 4 && end - at >= 20) return bytes.subarray(at + place.v4, at + place.v4 + 4);
  if (version === 6 && end - at >= 40) return bytes.subarray(at + place.v6, at + place.v6 + 16);
  return null;
}

function keyOf(octets: Uint8Array): string {
  return String.fromCharCode(...octets);
}

/** RFC 5771, RFC 919, RFC 4291 §2.7: what is for many. */
function isGroup(octets: Uint8Array): boolean {
  const first = octets[0] ?? 0;
  return octets.length === 4 ? first >= 224 : first === 0xff;
}
