/** PacketReader: what an IP packet on a cable says, as a record of its own that may be kept. */
import { formatAddress } from '../../base/address-text.ts';
import type { Frame } from '../../base/frame.ts';
import { Drop } from '../../wire/drop.ts';
import { isFragment, Packet, Protocol, readIp } from '../../wire/ip.ts';
import { Segment, SYN } from '../../wire/segment.ts';
import { readTcp, TCP_HEADER } from '../../wire/tcp.ts';
import { optionsText } from '../../wire/text-options.ts';
import type { PacketRecord, SegmentRecord } from './event.ts';

const UDP_HEADER = 8;

/** What is read off a packet. */
export type PacketText = Pick<PacketRecord, 'protocol' | 'segment' | 'srcPort' | 'dstPort' | 'length'>;

const OTHER: PacketText = { protocol: 'other', segment: null, srcPort: 0, dstPort: 0, length: 0 };

/** Reads the packets of one run in the order in which they are sent: SACK blocks are told from the first numbers seen. */
export class PacketReader {
  private readonly packet: Packet = new Packet();
  private readonly seg: Segment = new Segment();
  /** The initial sequence number of each way, by its addresses and ports. */
  private readonly initial: Map<string, number> = new Map<string, number>();

  /** `again`: whether the sender has sent its octets before. */
  read(frame: Frame, again: boolean): PacketText {
    const { packet } = this;
    if (readIp(packet, frame, false) !== Drop.None || isFragment(packet)) return OTHER;
    const { textAt, textEnd, protocol } = packet;
    const length = textEnd - textAt;
    if (protocol === Protocol.Tcp) return this.tcp(frame, again);
    if (protocol === Protocol.Icmp || protocol === Protocol.Icmpv6) return { ...OTHER, protocol: 'ICMP', length };
    if (protocol !== Protocol.Udp || length < UDP_HEADER) return OTHER;
    const srcPort = frame.view.getUint16(textAt);
    const dstPort = frame.view.getUint16(textAt + 2);
    return { protocol: 'UDP', segment: null, srcPort, dstPort, length: length - UDP_HEADER };
  }

  private tcp(frame: Frame, again: boolean): PacketText {
    const { packet, seg } = this;
    if (readTcp(seg, frame, packet.textAt, packet.textEnd, -1) !== Drop.None) return OTHER;
    const { srcPort, dstPort, flags, wnd, textAt, textLen } = seg;
    const segment: SegmentRecord = {
      srcPort,
      dstPort,
      flags,
      seq: seg.seq >>> 0,
      ack: seg.ack >>> 0,
      window: wnd,
      length: textLen,
      options: optionsText(frame, packet.textAt + TCP_HEADER, textAt, this.sackBase(flags)).text,
      again,
    };
    return { protocol: 'TCP', segment, srcPort, dstPort, length: textLen };
  }

  /** What SACK blocks are counted from: the first number that the other side has sent. */
  private sackBase(flags: number): number {
    const { packet, seg, initial } = this;
    const ends = [`${formatAddress(packet.src)} ${seg.srcPort}`, `${formatAddress(packet.dst)} ${seg.dstPort}`];
    if ((flags & SYN) !== 0 || !initial.has(ends.join(' '))) initial.set(ends.join(' '), seg.seq);
    return initial.get(ends.reverse().join(' ')) ?? 0;
  }
}
