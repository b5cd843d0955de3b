/** Sight: what match texts look at of the packets on a world's cables, whatever the cable carries. */
import { formatAddress } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import { diff, type Seq } from '../base/seq.ts';
import { Drop } from '../wire/drop.ts';
import { Ethernet, EtherType, readEthernet } from '../wire/ethernet.ts';
import { isFragment, Packet, Protocol, readIp } from '../wire/ip.ts';
import { Segment, SYN } from '../wire/segment.ts';
import { readTcp } from '../wire/tcp.ts';
import type { PacketView } from './match.ts';
import type { Handed } from './meddling.ts';

const UDP_HEADER = 8;

/** What is behind all headers. */
type Inside = Omit<PacketView, 'from' | 'to'>;

const OTHER: Inside = { protocol: 'other', segment: null, srcPort: 0, dstPort: 0, length: 0 };

/** For the packets of one world, in the order in which they are handed to cables: it remembers what was sent before. */
export class Sight {
  private readonly ethernet: Ethernet = new Ethernet();
  private readonly packet: Packet = new Packet();
  private readonly seg: Segment = new Segment();
  /** Of each way of a connection on a cable: the first number, and the end of what was sent. */
  private readonly ends: Map<string, { first: Seq; end: Seq }> = new Map<string, { first: Seq; end: Seq }>();

  see({ cable, from, to, frame }: Pick<Handed, 'cable' | 'from' | 'to' | 'frame'>): PacketView {
    return {
      from,
      to,
      ...(cable.ethernet ? this.behindEthernet(cable.name, from, frame) : this.ip(cable.name, from, frame)),
    };
  }

  private behindEthernet(cable: string, from: string, frame: Frame): Inside {
    const { ethernet } = this;
    if (readEthernet(ethernet, frame) !== Drop.None) return OTHER;
    if (ethernet.type === EtherType.Arp) return { ...OTHER, protocol: 'ARP' };
    if (ethernet.type !== EtherType.Ipv4 && ethernet.type !== EtherType.Ipv6) return OTHER;
    const { at } = frame;
    frame.at = ethernet.textAt;
    const inside = this.ip(cable, from, frame);
    frame.at = at;
    return inside;
  }

  private ip(cable: string, from: string, frame: Frame): Inside {
    const { packet } = this;
    if (readIp(packet, frame, false) !== Drop.None || isFragment(packet)) return OTHER;
    const { textAt, textEnd, protocol } = packet;
    const length = textEnd - textAt;
    if (protocol === Protocol.Tcp) return this.tcp(cable, from, frame);
    if (protocol === Protocol.Icmp || protocol === Protocol.Icmpv6) return { ...OTHER, protocol: 'ICMP', length };
    if (protocol !== Protocol.Udp || length < UDP_HEADER) return OTHER;
    const { view } = frame;
    const [srcPort, dstPort] = [view.getUint16(textAt), view.getUint16(textAt + 2)];
    return { protocol: 'UDP', segment: null, srcPort, dstPort, length: length - UDP_HEADER };
  }

  private tcp(cable: string, from: string, frame: Frame): Inside {
    const { packet, seg } = this;
    if (readTcp(seg, frame, packet.textAt, packet.textEnd, -1) !== Drop.None) return OTHER;
    const { srcPort, dstPort, flags, textLen } = seg;
    const way = `${cable}\n${from}\n${formatAddress(packet.src)} ${srcPort} ${formatAddress(packet.dst)} ${dstPort}`;
    const segment = { flags, again: this.isAgain(way) };
    return { protocol: 'TCP', segment, srcPort, dstPort, length: textLen };
  }

  /** Whether all that the segment brings was sent before; a bare ACK brings nothing. */
  private isAgain(way: string): boolean {
    const { seg, ends } = this;
    const { seq, flags, len } = seg;
    const end = ((seq + len) | 0) as Seq;
    const known = ends.get(way);
    if (known === undefined || ((flags & SYN) !== 0 && known.first !== seq)) {
      ends.set(way, { first: seq, end });
      return false;
    }
    if (diff(end, known.end) <= 0) return len > 0;
    known.end = end;
    return false;
  }
}
