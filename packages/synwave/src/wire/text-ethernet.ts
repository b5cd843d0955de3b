/** The text of an Ethernet header, or how far it reaches: tcpdump passes over those that carry what it knows. */
import { ETHERNET_HEADER, EtherType } from './ethernet.ts';
import { macText } from './text-address.ts';
import type { Octets } from './text-options.ts';

/** The largest number in the place of a type that is a length (IEEE 802.3). */
const MOST_LENGTH = 1500;

/** Types of VLAN tags: two of the standards, and two from before them. */
const tags: readonly number[] = [EtherType.Vlan, EtherType.ProviderVlan, 0x9100, 0x9200];

const known: readonly number[] = [EtherType.Ipv4, EtherType.Arp, EtherType.Ipv6];

/** LLC/SNAP of Ethernet types (RFC 1042): three octets of LLC, three of zeros, the type. */
const LLC = 3;
const SNAP = 8;
const SNAP_POINTS = 0xaaaa;
const UNNUMBERED = 3;

/** What a frame carries: IPv4, IPv6 or ARP by its EtherType, `length` octets of it on the wire, from `at` on. */
export interface Carried {
  readonly type: number;
  readonly at: number;
  readonly length: number;
}

/**
 * What the frame of `original` octets on the wire carries, tags and SNAP stepped over; or the whole line for a frame that
 * is cut short or carries something else.
 *
 * Differences from tcpdump: of types and LLC that are not known here only the header is shown, also where tcpdump knows
 * more, and never the octets.
 */
export function unwrapEthernet(frame: Octets, at: number, original: number): Carried | string {
  const { view } = frame;
  if (at + ETHERNET_HEADER > frame.end) return ' [|ether]';
  const macs = `${macText(frame.bytes, at + 6)} > ${macText(frame.bytes, at)}`;
  let typeAt = at + 12;
  while (tags.includes(view.getUint16(typeAt))) {
    if (typeAt + 6 > frame.end) return ' [|vlan]';
    typeAt += 4;
  }
  const type = view.getUint16(typeAt);
  const textAt = typeAt + 2;
  const length = original - (textAt - at);
  if (type > MOST_LENGTH) {
    if (known.includes(type)) return { type, at: textAt, length };
    return `${macs}, ethertype ${typeText(type)}, length ${original}: `;
  }
  const told = Math.min(type, length);
  const end = Math.min(textAt + told, frame.end);
  if (textAt + LLC > end) return ' [|llc]';
  const isSnap = view.getUint16(textAt) === SNAP_POINTS && view.getUint8(textAt + 2) === UNNUMBERED;
  if (isSnap && textAt + SNAP > end) return ' [|snap]';
  if (!isSnap || view.getUint16(textAt + 3) !== 0 || view.getUint8(textAt + 5) !== 0)
    return `${macs}, 802.3, length ${told}`;
  const inner = view.getUint16(textAt + 6);
  if (known.includes(inner)) return { type: inner, at: textAt + SNAP, length: told - SNAP };
  return `${macs} SNAP, ethertype ${typeText(inner)}, length ${told - SNAP}: `;
}

function typeText(type: number): string {
  return `Unknown (0x${type.toString(16).padStart(4, '0')})`;
}
