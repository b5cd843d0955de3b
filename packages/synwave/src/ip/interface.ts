/** IpInterface: a link with the addresses that this host has on it. */
import type { Address, Family } from '../base/address.ts';
import { parseAddress } from '../base/address-text.ts';
import { fail } from '../base/errors.ts';
import { Frame, FramePool } from '../base/frame.ts';
import { HEAD_ROOM, type Link } from '../link/link.ts';

/** An address and the length of its network's prefix, in bits of its own family. */
export interface InterfaceAddress {
  readonly address: Address;
  readonly prefixLength: number;
}

/** Reads `10.0.0.1/24` or `fd00::1/64`; without a prefix length it is the address alone. Throws SynwaveError EINVAL. */
export function parseInterfaceAddress(text: string): InterfaceAddress {
  const [name = '', length] = text.split('/');
  const address = parseAddress(name);
  if (address === null) return fail('EINVAL', `address ${text}`);
  const most = address.family === 4 ? 32 : 128;
  const prefixLength = length === undefined ? most : Number(length);
  if (!Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > most) fail('EINVAL', `prefix of ${text}`);
  return { address, prefixLength };
}

/** Text that a frame of the small pool holds. */
export const SMALL_TEXT = 512;
/** Octets of frames that wait to be used again, for each pool of an interface. */
const IDLE_OCTETS = 4 * 1024 * 1024;

export class IpInterface {
  readonly index: number;
  readonly link: Link;
  readonly addresses: readonly InterfaceAddress[];
  /** Frames that hold the largest packet this link takes, with head room; and such for little text or none. */
  readonly pool: FramePool;
  readonly small: FramePool;

  constructor(index: number, link: Link, addresses: readonly InterfaceAddress[]) {
    this.index = index;
    this.link = link;
    this.addresses = addresses;
    const size = HEAD_ROOM + Math.max(link.mtu, link.offloads.superSegment + HEAD_ROOM);
    this.pool = new FramePool(size, Math.floor(IDLE_OCTETS / size));
    this.small = new FramePool(HEAD_ROOM + SMALL_TEXT, Math.floor(IDLE_OCTETS / (HEAD_ROOM + SMALL_TEXT)));
  }

  /** An empty frame, with head room, for `text` octets: one of the pools, or one of its own where theirs are far too large. */
  frameFor(text: number): Frame {
    if (text <= SMALL_TEXT) return this.small.take(HEAD_ROOM);
    if (4 * text > this.pool.size) return this.pool.take(HEAD_ROOM);
    const frame = new Frame(HEAD_ROOM + text);
    frame.at = HEAD_ROOM;
    frame.end = HEAD_ROOM;
    return frame;
  }

  /** The first address of a family: what packets leave with, unless told otherwise; null when there is none. */
  sourceFor(family: Family): Address | null {
    for (const { address } of this.addresses) if (address.family === family) return address;
    return null;
  }
}
