/** What captures are made of, whatever their format: interfaces, packets, and who takes them down. */

/** What stands at the beginning of each packet: the LINKTYPE numbers of pcap that are known here. */
export const LinkType = {
  /** A host's loopback on BSD: 4 octets of address family, then IP. */
  Null: 0,
  Ethernet: 1,
  /** IPv4 or IPv6 without anything in front. */
  Raw: 101,
  /** Linux "cooked", version 1 and 2: what `tcpdump -i any` writes. */
  LinuxSll: 113,
  Ipv4: 228,
  Ipv6: 229,
  LinuxSll2: 276,
} as const;

/** An interface that packets were seen at. */
export interface CaptureInterface {
  readonly name: string;
  /** A LinkType, or a number of the same register that is not known here. */
  readonly linkType: number;
  readonly description: string;
}

/** Which way a packet went, as seen from the interface. */
export type Direction = 'in' | 'out';

/** What may be said of a packet beside its octets. */
export interface About {
  readonly comment?: string;
  readonly direction?: Direction;
  /** Packets that were lost between the one before, on the same interface, and this one. */
  readonly lost?: number;
  /** Length on the wire, where only a part was taken down. */
  readonly original?: number;
}

/** One packet of a capture. */
export interface CapturePacket {
  /** The place of its interface in the capture's list. */
  readonly interfaceId: number;
  /** Nanoseconds since 1970 (or since a virtual zero), 0 where the file holds no time. */
  readonly time: bigint;
  /** A view into the file, not a copy. */
  readonly data: Uint8Array;
  /** Length on the wire: more than `data.length` when the packet was cut. */
  readonly original: number;
  readonly comment: string | null;
  readonly direction: Direction | null;
  /** Packets lost before this one, 0 when nothing is said. */
  readonly lost: number;
}

/** Whoever takes packets down: a writer of files, or a page that shows them. */
export interface Recorder {
  /** False: nobody wants packets now, so that none need be taken down. */
  readonly wanted?: boolean;
  /** Announces an interface; answers its id for `packet`. */
  addInterface(description: {
    readonly name: string;
    readonly linkType: number;
    readonly description?: string;
  }): number;
  /**
   * Takes down one packet, seen at `time` (nanoseconds). The octets are the caller's again afterwards.
   */
  packet(interfaceId: number, time: bigint, data: Uint8Array, about?: About): void;
}

/**
 * Where the IP packet begins in a packet of that link type, in octets, or -1 where there is none: another protocol, a
 * link type that is not known here, or too few octets. Ethernet's VLAN tags are stepped over.
 */
export function ipAt(linkType: number, data: Uint8Array): number {
  switch (linkType) {
    case LinkType.Raw:
    case LinkType.Ipv4:
    case LinkType.Ipv6:
      return data.length > 0 ? 0 : -1;
    case LinkType.Null:
      return data.length > 4 && isIp((data[4] as number) >> 4) ? 4 : -1;
    case LinkType.Ethernet:
      return behindEthertype(data, 12);
    case LinkType.LinuxSll:
      return behindEthertype(data, 14);
    case LinkType.LinuxSll2:
      return data.length > 20 && isIpType(word(data, 0)) ? 20 : -1;
    default:
      return -1;
  }
}

function behindEthertype(data: Uint8Array, typeAt: number): number {
  let at = typeAt;
  while (at + 6 <= data.length && isVlan(word(data, at))) at += 4;
  return at + 2 < data.length && isIpType(word(data, at)) ? at + 2 : -1;
}

function word(data: Uint8Array, at: number): number {
  return ((data[at] as number) << 8) | (data[at + 1] as number);
}

function isVlan(type: number): boolean {
  return type === 0x8100 || type === 0x88a8;
}

function isIpType(type: number): boolean {
  return type === 0x0800 || type === 0x86dd;
}

function isIp(version: number): boolean {
  return version === 4 || version === 6;
}
