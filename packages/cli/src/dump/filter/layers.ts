/** Layers: where a filter finds Ethernet types, IP headers and ports in packets of a link type; VLAN tags move them. */
import { LinkType } from 'synwave/pcapng';
import { etherTypes } from './names.ts';
import { both, either, load, type Network, never, type Seen, type Test, within } from './octets.ts';

/** Types of VLAN tags that filters know. */
const TAGS: readonly number[] = [0x8100, 0x88a8, 0x9100];
const TAG = 4;

/** Protocols that have ports. */
const PORTED = { tcp: 6, udp: 17, sctp: 132 } as const;

/** How the family is written in front of packets of a BSD loopback, in whichever byte order. */
const NULL_FAMILIES: Readonly<Record<number, readonly number[]>> = { 0x0800: [2], 0x86dd: [24, 28, 30] };

/** Largest number in the place of a type that is a length. */
const MOST_LENGTH = 1500;

export type Side = 'src' | 'dst' | 'src or dst' | 'src and dst';

/** Where the type and the header behind it stand, for each link type. */
const places: Readonly<Record<number, readonly [type: number, header: number]>> = {
  [LinkType.Ethernet]: [12, 14],
  [LinkType.LinuxSll]: [14, 16],
  [LinkType.LinuxSll2]: [0, 20],
  [LinkType.Null]: [0, 4],
};

export class Layers {
  readonly linkType: number;
  /** Octets of VLAN tags that have been stepped over so far. */
  private tags = 0;

  constructor(linkType: number) {
    this.linkType = linkType;
  }

  /** Whether packets have MAC addresses at their very beginning. */
  get isEthernet(): boolean {
    return this.linkType === LinkType.Ethernet;
  }

  /** Whether packets have a type in front, as Ethernet's do. */
  get isTyped(): boolean {
    return this.isEthernet || this.linkType === LinkType.LinuxSll || this.linkType === LinkType.LinuxSll2;
  }

  /** Where the network layer's header begins, as tags are now. */
  get header(): number {
    return (places[this.linkType]?.[1] ?? 0) + this.tags;
  }

  private get typeAt(): number {
    const at = places[this.linkType]?.[0] ?? 0;
    return at + this.tags;
  }

  /** Packets that carry an Ethernet type. */
  carries(type: number): Test {
    const { typeAt, header } = this;
    if (this.isTyped) {
      if (type > MOST_LENGTH) return (packet) => load(packet, typeAt, 2) === type;
      // Numbers this small are lengths: what is asked for is an LLC service access point.
      return (packet) => load(packet, typeAt, 2) <= MOST_LENGTH && load(packet, header, 1) === type;
    }
    if (this.linkType === LinkType.Null) {
      const families = NULL_FAMILIES[type] ?? [];
      return (packet) => families.some((family) => isFamily(packet, family));
    }
    const version = type === etherTypes['ip'] ? 4 : type === etherTypes['ip6'] ? 6 : 0;
    return version === 0 ? never : (packet) => load(packet, header, 1) >> 4 === version;
  }

  /** Tagged packets, of that VLAN if one is named. What is asked for from here on stands behind the tag. */
  vlan(id: number | null): Test {
    const { typeAt } = this;
    this.tags += TAG;
    const tagged: Test = (packet) => TAGS.includes(load(packet, typeAt, 2));
    return id === null ? tagged : both(tagged, (packet) => (load(packet, typeAt + 2, 2) & 0xfff) === id);
  }

  /** IPv4 packets with that protocol, or IPv6 packets, behind at most a fragment header. */
  protocol(number: number, families: readonly (4 | 6)[]): Test {
    const { header } = this;
    const four = both(this.carries(0x0800), (packet) => load(packet, header + 9, 1) === number);
    const six = both(this.carries(0x86dd), (packet) => {
      const next = load(packet, header + 6, 1);
      return next === number || (next === 44 && load(packet, header + 40, 1) === number);
    });
    if (families.length === 2) return either(six, four);
    return families[0] === 4 ? four : six;
  }

  /** IPv4 packets that are no later fragments. */
  firstFragment(): Test {
    const { header } = this;
    return (packet) => (load(packet, header + 6, 2) & 0x1fff) === 0;
  }

  /** Where the header behind IPv4's begins. */
  behindIpv4(packet: Seen): number {
    return this.header + ((load(packet, this.header, 1) & 0x0f) << 2);
  }

  /** An address of IP, ARP or RARP, by the types that are asked for. */
  address(types: readonly ('ip' | 'ip6' | 'arp' | 'rarp')[], side: Side, network: Network): Test {
    const { header } = this;
    const tests = types.map((type): Test => {
      const [src, dst] = type === 'ip' ? [12, 16] : type === 'ip6' ? [8, 24] : [14, 24];
      const from: Test = (packet) => within(packet, header + src, network);
      const to: Test = (packet) => within(packet, header + dst, network);
      return both(this.carries(etherTypes[type] as number), bySide(side, from, to));
    });
    return (packet) => tests.some((test) => test(packet));
  }

  /** Ports from `low` to `high`. */
  port(protocol: keyof typeof PORTED | null, side: Side, low: number, high: number): Test {
    const { header } = this;
    const numbers: readonly number[] = protocol === null ? Object.values(PORTED) : [PORTED[protocol]];
    const inRange = (packet: Seen, at: number): boolean => {
      const port = load(packet, at, 2);
      return port >= low && port <= high;
    };
    const ports = (at: (packet: Seen) => number): Test =>
      bySide(
        side,
        (packet) => inRange(packet, at(packet)),
        (packet) => inRange(packet, at(packet) + 2),
      );
    const start = this.snapshot();
    const four: Test = both(
      both(this.carries(0x0800), (packet) => numbers.includes(load(packet, header + 9, 1))),
      both(
        this.firstFragment(),
        ports((packet) => start.behindIpv4(packet)),
      ),
    );
    const six: Test = both(
      both(this.carries(0x86dd), (packet) => numbers.includes(load(packet, header + 6, 1))),
      ports(() => header + 40),
    );
    return either(six, four);
  }

  /** As they were when `other` was taken. */
  restore(other: Layers): void {
    this.tags = other.tags;
  }

  /** These layers as they are now: tags that come later do not move them. */
  snapshot(): Layers {
    const copy = new Layers(this.linkType);
    copy.tags = this.tags;
    return copy;
  }
}

function isFamily(packet: Seen, family: number): boolean {
  const word = load(packet, 0, 4);
  return word === family || word === family * 0x100_0000;
}

export function bySide(side: Side, from: Test, to: Test): Test {
  switch (side) {
    case 'src':
      return from;
    case 'dst':
      return to;
    case 'src and dst':
      return both(from, to);
    default:
      return either(from, to);
  }
}
