/** IpInterface: a link with the addresses that this host has on it. */
import type { Address, Family } from '../base/address.ts';
import { FramePool } from '../base/frame.ts';
import { HEAD_ROOM, type Link } from '../link/link.ts';

/** An address and the length of its network's prefix, in bits of its own family. */
export interface InterfaceAddress {
  readonly address: Address;
  readonly prefixLength: number;
}

export class IpInterface {
  readonly index: number;
  readonly link: Link;
  readonly addresses: readonly InterfaceAddress[];
  /** Frames that hold the largest packet this link takes, with head room. */
  readonly pool: FramePool;

  constructor(index: number, link: Link, addresses: readonly InterfaceAddress[]) {
    this.index = index;
    this.link = link;
    this.addresses = addresses;
    this.pool = new FramePool(HEAD_ROOM + Math.max(link.mtu, link.offloads.superSegment + HEAD_ROOM));
  }

  /** The first address of a family: what packets leave with, unless told otherwise; null when there is none. */
  sourceFor(family: Family): Address | null {
    for (const { address } of this.addresses) if (address.family === family) return address;
    return null;
  }
}
