/** Virtio: the header that a carrier puts before each packet so that its other side fills in checksums and cuts super segments (VIRTIO 1.2 §5.1.6). */
import { fold } from '../base/checksum.ts';
import type { Frame } from '../base/frame.ts';
import { Drop } from '../wire/drop.ts';
import { Ethernet, EtherType, readEthernet } from '../wire/ethernet.ts';
import { addressSum, isFragment, Packet, Protocol, readIp } from '../wire/ip.ts';
import { CWR } from '../wire/segment.ts';
import { TCP_HEADER } from '../wire/tcp.ts';
import { UDP_HEADER } from '../wire/udp.ts';

/** Octets of the header: that of devices whose receive buffers are not merged. Its numbers are little-endian. */
export const VIRTIO_HEADER = 10;

const GSO_TYPE = 1;
const HEADERS = 2;
const GSO_SIZE = 4;
const SUM_START = 6;
const SUM_OFFSET = 8;

/** Flags: the sum is to be filled in by whoever needs it; the sum has been looked at. */
const NEEDS_SUM = 1;
const SUM_VALID = 2;

const Gso = { Tcp4: 1, Tcp6: 4, Ecn: 0x80 } as const;

const TCP_SUM = 16;
const TCP_FLAGS = 13;
const TCP_OFFSET = 12;
const UDP_SUM = 6;

/** Writes and reads that header for the packets, or the Ethernet frames, of one carrier. */
export class Virtio {
  private readonly packet: Packet = new Packet();
  private readonly ethernet: Ethernet | null;

  /** `ethernet`: whether the carrier's packets begin with an Ethernet header. */
  constructor(ethernet: boolean) {
    this.ethernet = ethernet ? new Ethernet() : null;
  }

  /**
   * Puts the header in front, for which there must be head room, and moves `frame.at` back over it. A TCP or UDP packet
   * gets its pseudo-header's sum in place of its checksum: the other side adds the rest. A frame with `cutTo` is to be cut.
   */
  write(frame: Frame): void {
    const { view, at, cutTo } = frame;
    const to = at - VIRTIO_HEADER;
    frame.bytes.fill(0, to, at);
    if (this.readPacket(frame)) {
      const { packet } = this;
      const { textAt, textEnd, protocol } = packet;
      const isTcp = protocol === Protocol.Tcp;
      view.setUint16(
        textAt + (isTcp ? TCP_SUM : UDP_SUM),
        fold(addressSum(packet.src, packet.dst, protocol) + textEnd - textAt),
      );
      view.setUint8(to, NEEDS_SUM);
      view.setUint16(to + SUM_START, textAt - at, true);
      view.setUint16(to + SUM_OFFSET, isTcp ? TCP_SUM : UDP_SUM, true);
      if (isTcp && cutTo > 0) {
        const marked = (view.getUint8(textAt + TCP_FLAGS) & CWR) !== 0;
        view.setUint8(to + GSO_TYPE, (packet.family === 4 ? Gso.Tcp4 : Gso.Tcp6) | (marked ? Gso.Ecn : 0));
        view.setUint16(to + HEADERS, textAt - at + ((view.getUint8(textAt + TCP_OFFSET) >> 4) << 2), true);
        view.setUint16(to + GSO_SIZE, cutTo, true);
      }
    }
    frame.at = to;
  }

  /** Takes the header off: `frame.at` moves on to the packet, `vouched` and `cutTo` are as it says. False: there is none. */
  read(frame: Frame): boolean {
    const { view, at } = frame;
    if (frame.length < VIRTIO_HEADER) return false;
    const gso = view.getUint8(at + GSO_TYPE) & ~Gso.Ecn;
    frame.vouched = (view.getUint8(at) & (NEEDS_SUM | SUM_VALID)) !== 0;
    frame.cutTo = gso === Gso.Tcp4 || gso === Gso.Tcp6 ? view.getUint16(at + GSO_SIZE, true) : 0;
    frame.at = at + VIRTIO_HEADER;
    return true;
  }

  /** Whether it is a whole TCP or UDP packet, whose sum can be left to others: the sum of fragments is in the first. */
  private readPacket(frame: Frame): boolean {
    const { packet, ethernet } = this;
    const { at } = frame;
    if (ethernet !== null) {
      const isIp = readEthernet(ethernet, frame) === Drop.None;
      if (!isIp || (ethernet.type !== EtherType.Ipv4 && ethernet.type !== EtherType.Ipv6)) return false;
      frame.at = ethernet.textAt;
    }
    const fault = readIp(packet, frame, false);
    frame.at = at;
    if (fault !== Drop.None || isFragment(packet)) return false;
    const least = packet.protocol === Protocol.Tcp ? TCP_HEADER : UDP_HEADER;
    const known = packet.protocol === Protocol.Tcp || packet.protocol === Protocol.Udp;
    return known && packet.textEnd - packet.textAt >= least;
  }
}
