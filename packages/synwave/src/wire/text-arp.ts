/** The text of ARP as tcpdump prints it. */
import { EtherType } from './ethernet.ts';
import { ipv4Text, macText } from './text-address.ts';
import type { Octets } from './text-options.ts';

/** Octets in front of the addresses, which tell how long these are. */
const FIXED = 8;

/** What tcpdump calls the operations; behind 10, as behind those without a name, it shows octets. */
const operations: Readonly<Record<number, string>> = {
  1: 'Request',
  2: 'Reply',
  3: 'Reverse Request',
  4: 'Reverse Reply',
  8: 'Inverse Request',
  9: 'Inverse Reply',
  10: 'NACK Reply',
};

const hardware: Readonly<Record<number, string>> = {
  1: 'Ethernet',
  6: 'TokenRing',
  7: 'ArcNet',
  15: 'FrameRelay',
  23: 'Strip',
  24: 'IEEE 1394',
  32: 'InfiniBand',
};

/** Trailers of 4.2BSD (RFC 893) ask for IPv4 addresses under a number of their own. */
const TRAILER = 0x1000;

const protocols: Readonly<Record<number, string>> = {
  [EtherType.Ipv4]: 'IPv4',
  [TRAILER]: 'Trail',
  [EtherType.Arp]: 'ARP',
  [EtherType.Vlan]: '802.1Q',
  [EtherType.ProviderVlan]: '802.1Q-QinQ',
  [EtherType.Ipv6]: 'IPv6',
};

/**
 * The packet of `length` octets at `at`, padding of the frame among them.
 *
 * Differences from tcpdump: ATM and Frame Relay are shown as any hardware; of a protocol that is not known here, only
 * the number is told.
 */
export function arpText(frame: Octets, at: number, length: number): string {
  const { view } = frame;
  if (at + FIXED > frame.end) return ' [|arp]';
  const protocol = view.getUint16(at + 2);
  const macs = view.getUint8(at + 4);
  const addresses = view.getUint8(at + 5);
  if (at + FIXED + 2 * macs + 2 * addresses > frame.end) return ' [|arp]';
  const isIpv4 = protocol === EtherType.Ipv4 || protocol === TRAILER;
  if (!isIpv4 || addresses !== 4 || macs === 0) {
    const kind = view.getUint16(at);
    const below = hardware[kind] ?? `Unknown Hardware (${kind})`;
    const above = protocols[protocol] ?? `Unknown Protocol (0x${protocol.toString(16).padStart(4, '0')})`;
    return `ARP, ${below} (len ${macs}), ${above} (len ${addresses}), length ${length}`;
  }
  const senderMac = at + FIXED;
  const sender = senderMac + macs;
  const targetMac = sender + addresses;
  const target = targetMac + macs;
  const mac = (where: number): string => macText(frame.bytes, where, macs);
  const address = (where: number): string => ipv4Text(view, where);
  const operation = view.getUint16(at + 6);
  const start = `ARP, ${operations[operation] ?? `Unknown (${operation})`} `;
  switch (operation) {
    case 1: {
      const told = isZero(frame, targetMac, macs) ? '' : ` (${mac(targetMac)})`;
      return `${start}who-has ${address(target)}${told} tell ${address(sender)}, length ${length}`;
    }
    case 2:
      return `${start}${address(sender)} is-at ${mac(senderMac)}, length ${length}`;
    case 3:
    case 8:
      return `${start}who-is ${mac(targetMac)} tell ${mac(senderMac)}, length ${length}`;
    case 4:
      return `${start}${mac(targetMac)} at ${address(target)}, length ${length}`;
    case 9:
      return `${start}${mac(senderMac)} at ${address(sender)}, length ${length}`;
    default:
      return start; // tcpdump goes on with the octets themselves
  }
}

function isZero({ bytes }: Octets, at: number, length: number): boolean {
  return bytes.subarray(at, at + length).every((octet) => octet === 0);
}
