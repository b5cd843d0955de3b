/** IEEE 802.3 and RFC 894: the Ethernet header. VLAN tags (IEEE 802.1Q) are stepped over; LLC/SNAP is read as RFC 1042 has it. */
import type { Frame } from '../base/frame.ts';
import { type Mac, readMac, writeMac } from '../base/mac.ts';
import { Drop } from './drop.ts';

const SOURCE = 6;
const TYPE = 12;

/** Octets of the header without tags: the only one that we write. */
export const ETHERNET_HEADER = 14;

/** What stands behind the header, as IEEE numbers it. */
export const EtherType = { Ipv4: 0x0800, Arp: 0x0806, Vlan: 0x8100, ProviderVlan: 0x88a8, Ipv6: 0x86dd } as const;

/** Below it the field is no type but the length of what follows. */
const LEAST_TYPE = 0x600;

/** Octets of a tag: its own type stands where the frame's would, then come priority and VLAN, then the next type. */
const TAG = 4;
const VLAN_MASK = 0xfff;

/** Two are what IEEE 802.1ad knows; a long stack is only work for who reads it. */
const MOST_TAGS = 4;

/** RFC 1042: DSAP and SSAP 170, unnumbered information, and an Organization Code of three zeros in front of the type. */
const SNAP = 8;
const SNAP_START = 0xaaaa_0300;

/** One Ethernet header. What it carries is `frame.bytes[textAt, frame.end)`, perhaps with padding at the end. */
export class Ethernet {
  dst: Mac = 0;
  src: Mac = 0;
  /** The EtherType behind all tags. */
  type = 0;
  /** The VLAN identifier of the innermost tag, 0 for one that tells a priority alone; -1 without a tag. */
  vlan = -1;
  textAt = 0;
}

/** Reads the header at `frame.at`. Answers a reason to drop, or `None`; `into` is whole only with `None`. */
export function readEthernet(into: Ethernet, frame: Frame): Drop {
  const { at, end, view } = frame;
  if (end - at < ETHERNET_HEADER) return Drop.EtherShort;
  into.dst = readMac(view, at);
  into.src = readMac(view, at + SOURCE);
  into.vlan = -1;
  let typeAt = at + TYPE;
  let type = view.getUint16(typeAt);
  for (let tags = 0; type === EtherType.Vlan || type === EtherType.ProviderVlan; tags++) {
    if (tags === MOST_TAGS) return Drop.EtherType;
    if (end - typeAt < TAG + 2) return Drop.EtherShort;
    into.vlan = view.getUint16(typeAt + 2) & VLAN_MASK;
    typeAt += TAG;
    type = view.getUint16(typeAt);
  }
  into.textAt = typeAt + 2;
  into.type = type;
  return type < LEAST_TYPE ? readSnap(into, frame, type) : Drop.None;
}

/** Where the IP packet in the Ethernet frame begins, in `frame.bytes`; -1 where there is none. `into` is overwritten. */
export function ipBehindEthernet(into: Ethernet, frame: Frame): number {
  if (readEthernet(into, frame) !== Drop.None) return -1;
  return into.type === EtherType.Ipv4 || into.type === EtherType.Ipv6 ? into.textAt : -1;
}

/** `length` octets by IEEE 802.3 from `into.textAt` on, which only LLC/SNAP of Ethernet types makes into something for us. */
function readSnap(into: Ethernet, frame: Frame, length: number): Drop {
  const { view } = frame;
  const at = into.textAt;
  if (frame.end - at < length) return Drop.EtherShort;
  if (length < SNAP || view.getUint32(at) !== SNAP_START || view.getUint16(at + 4) !== 0) return Drop.EtherType;
  into.type = view.getUint16(at + 6);
  into.textAt = at + SNAP;
  return into.type < LEAST_TYPE ? Drop.EtherType : Drop.None;
}

/**
 * Writes the header in front of the text, which stands in `frame.bytes[frame.at, frame.end)`, and moves `frame.at` back
 * over it. A frame below the least of 60 octets is left so: padding is the carrier's.
 */
export function writeEthernet(frame: Frame, dst: Mac, src: Mac, type: number): void {
  const at = frame.at - ETHERNET_HEADER;
  const { view } = frame;
  frame.at = at;
  writeMac(view, at, dst);
  writeMac(view, at + SOURCE, src);
  view.setUint16(at + TYPE, type);
}
