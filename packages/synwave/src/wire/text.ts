/** One line of text for a packet, as `tcpdump -n` prints it; sequence numbers relative by a memory of each flow. */
import { Address } from '../base/address.ts';
import { formatAddress } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import { EtherType } from './ethernet.ts';
import { readAddress } from './ipv6.ts';
import { NO_NEXT_HEADER, Protocol } from './packet.ts';
import { ACK, FIN, RST, SYN, URG } from './segment.ts';
import { ipv6Text } from './text-address.ts';
import { arpText } from './text-arp.ts';
import { dhcpText, isDhcp } from './text-dhcp.ts';
import { unwrapEthernet } from './text-ethernet.ts';
import { extensionsText } from './text-extensions.ts';
import { flagsText } from './text-flags.ts';
import { icmp6Text, icmpText } from './text-icmp.ts';
import { linesText } from './text-lines.ts';
import { type Octets, optionsText } from './text-options.ts';

/** Flows remembered for relative numbers; the oldest is forgotten first. */
const MOST_FLOWS = 65_536;

/** Of IPv4's fragment field. */
const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;

/** The first numbers seen in a flow: `seq` of the end with the lower port, `ack` of the other. */
interface Flow {
  seq: number;
  ack: number;
}

/** What a line needs to know of the headers around the upper protocol. */
interface Above {
  readonly src: Address;
  readonly dst: Address;
  /** The addresses as text. */
  readonly from: string;
  readonly to: string;
  /** Whether these stand on the line already. */
  readonly told: boolean;
  /** Whether only the first piece of the datagram is here. */
  readonly cut: boolean;
}

/**
 * Prints packets, one line each. It never throws, whatever the octets: what is cut or malformed is printed as tcpdump
 * complains of it. It remembers flows, so that numbers are relative to the first ones seen: one printer for each
 * capture. Without `-v`, tcpdump shows no checksums, and neither does this.
 *
 * Differences from tcpdump: of what runs on well-known ports, DHCP alone is looked into, and with `services` the first
 * lines of HTTP, SSH, FTP, SMTP and WHOIS; ICMP other than echoes, errors and neighbor discovery is shown by its type; AH and other protocols above IP by their
 * number; what tcpdump shows by its octets, line after line, ends where these would begin.
 */
export class PacketPrinter {
  /** Whether sequence numbers stand as in the header (`tcpdump -S`). */
  readonly absolute: boolean;
  /** Whether the first lines of what runs on well-known ports are told behind the length, as tcpdump does. */
  readonly services: boolean;
  private readonly flows = new Map<string, Flow>();

  constructor(options: { readonly absolute?: boolean; readonly services?: boolean } = {}) {
    this.absolute = options.absolute ?? false;
    this.services = options.services ?? false;
  }

  /**
   * The line for the IP packet in `frame`, without line end. `original`: its length on the wire, in octets, where the
   * capture holds less of it than that.
   */
  line(frame: Frame, original: number = frame.length): string {
    if (frame.length === 0) return 'truncated-ip 0';
    const version = frame.view.getUint8(frame.at) >> 4;
    if (version === 4) return this.ipv4(frame, frame.at, original);
    if (version === 6) return this.ipv6(frame, frame.at, original);
    return `unknown ip ${version}`;
  }

  /**
   * The line for the Ethernet frame in `frame`: as `line` for what it carries, IPv4, IPv6 or ARP, in VLANs or not; else
   * its addresses and its type. `original`: its length on the wire, in octets, where the capture holds less of it than
   * that.
   */
  ethernetLine(frame: Frame, original: number = frame.length): string {
    const carried = unwrapEthernet(frame, frame.at, original);
    if (typeof carried === 'string') return carried;
    return this.carriedLine(carried.type, frame, carried.at, carried.length);
  }

  /**
   * The line for what a carrier's frame holds from `at` on, `length` octets of it on the wire: IPv4, IPv6 or ARP, by its
   * EtherType.
   */
  carriedLine(type: number, frame: Frame, at: number, length: number): string {
    const inside = within(frame, at + length);
    if (type === EtherType.Arp) return arpText(inside, at, length);
    return type === EtherType.Ipv4 ? this.ipv4(inside, at, length) : this.ipv6(inside, at, length);
  }

  /** The packet of `original` octets on the wire at `at`, of which the frame may hold fewer. */
  private ipv4(frame: Octets, at: number, original: number): string {
    const { view, end } = frame;
    if (at >= end) return ' [|ip]';
    const version = view.getUint8(at) >> 4;
    if (version === 6) return 'IP6, wrong link-layer encapsulation (invalid)';
    if (version !== 4) return `IP${version} (invalid)`;
    if (at + 20 > end) return 'IP  [|ip]';
    const header = (view.getUint8(at) & 0x0f) << 2;
    if (header < 20) return `IP bad-hlen ${header}`;
    const total = view.getUint16(at + 2);
    const missing = total > original ? `truncated-ip - ${total - original} bytes missing! ` : '';
    if (total < header) return `IP ${missing}bad-len ${total}`;
    const src = new Address().set(0, 0, 0xffff, view.getInt32(at + 12));
    const dst = new Address().set(0, 0, 0xffff, view.getInt32(at + 16));
    const fragment = view.getUint16(at + 6);
    const [from, to] = [formatAddress(src), formatAddress(dst)];
    const above = { src, dst, from, to, told: false, cut: (fragment & MORE_FRAGMENTS) !== 0 };
    const protocol = view.getUint8(at + 9);
    if ((fragment & OFFSET_MASK) !== 0) return `IP ${missing}${from} > ${to}: ip-proto-${protocol}`;
    if (protocol === Protocol.Icmpv6) return `IP ${missing}${from} > ${to}: [ICMPv6 requires IPv6] (invalid)`;
    return `IP ${missing}${this.upper(within(frame, at + total), protocol, at + header, total - header, above)}`;
  }

  private ipv6(frame: Octets, at: number, original: number): string {
    const { view } = frame;
    if (at + 40 > frame.end) return ' [|ip6]';
    const version = view.getUint8(at) >> 4;
    if (version !== 6) return `IP6 version error: ${version} != 6`;
    const payload = view.getUint16(at + 4);
    const total = 40 + payload;
    const missing = total > original ? `truncated-ip6 - ${total - original} bytes missing!` : '';
    const src = new Address();
    const dst = new Address();
    readAddress(src, view, at + 8);
    readAddress(dst, view, at + 24);
    const from = ipv6Text(view, at + 8);
    const to = ipv6Text(view, at + 24);
    const inside = within(frame, at + total);
    // The addresses stand in front of the first extension header, with the upper protocol's ports where there is none.
    const chain = extensionsText(inside, at + 40, view.getUint8(at + 6), at + total);
    const start = `IP6 ${missing}${from} > ${to}: ${chain.text}`;
    if (chain.protocol < 0) return start;
    if (chain.protocol === NO_NEXT_HEADER) return `${start}no next header`;
    if (chain.protocol === Protocol.Icmp) return `${start}[ICMP requires IPv4] (invalid)`;
    const told = chain.text !== '';
    const above = { src, dst, from, to, told, cut: chain.cut };
    return (
      (told ? start : `IP6 ${missing}`) + this.upper(inside, chain.protocol, chain.at, at + total - chain.at, above)
    );
  }

  /** What stands above IP: `length` octets by the IP header, of which the frame may hold fewer. */
  private upper(frame: Octets, protocol: number, at: number, length: number, above: Above): string {
    switch (protocol) {
      case Protocol.Tcp:
        return this.tcp(frame, at, length, above);
      case Protocol.Udp:
        return udpText(frame, at, length, above);
      case Protocol.Icmp:
        return `${ends(above)}${icmpText(frame, at, length)}`;
      case Protocol.Icmpv6:
        return `${ends(above)}${icmp6Text(frame, at, length)}`;
      default:
        return `${ends(above)} ip-proto-${protocol} ${length}`;
    }
  }

  private tcp(frame: Octets, at: number, length: number, above: Above): string {
    const { view } = frame;
    if (at + 4 > frame.end) return `${above.from} > ${above.to}: [|tcp]`; // once more, if need be
    const srcPort = view.getUint16(at);
    const dstPort = view.getUint16(at + 2);
    const head = portEnds(above, srcPort, dstPort);
    if (at + 20 > frame.end) return `${head} [|tcp]`;
    const header = (view.getUint8(at + 12) >> 4) << 2;
    if (header < 20) return `${head} tcp ${length - header} [bad hdr length ${header} - too short, < 20]`;
    const flags = view.getUint8(at + 13);
    let seq = view.getUint32(at + 4);
    let ack = view.getUint32(at + 8);
    let sackBase = 0;
    if (!this.absolute && (flags & ACK) !== 0) {
      const reversed = srcPort > dstPort || (srcPort === dstPort && compare(above.src, above.dst) > 0);
      const { flow, fresh } = this.flow(above, srcPort, dstPort, reversed, flags);
      if (fresh) {
        flow.seq = reversed ? ack - 1 : seq;
        flow.ack = reversed ? seq : ack - 1;
      } else {
        seq = (seq - (reversed ? flow.ack : flow.seq)) >>> 0;
        ack = (ack - (reversed ? flow.seq : flow.ack)) >>> 0;
      }
      sackBase = reversed ? flow.seq : flow.ack;
    }
    const start = `${head}Flags [${flagsText(flags)}]`;
    if (header > length) return `${start} [bad hdr length ${header} - too long, > ${length}]`;
    const text = length - header;
    let line = start;
    if (text > 0 || (flags & (SYN | FIN | RST)) !== 0) line += `, seq ${seq}`;
    if (text > 0) line += `:${(seq + text) >>> 0}`;
    if ((flags & ACK) !== 0) line += `, ack ${ack}`;
    line += `, win ${view.getUint16(at + 14)}`;
    if ((flags & URG) !== 0) line += `, urg ${view.getUint16(at + 18)}`;
    if (header > 20) {
      const options = optionsText(frame, at + 20, at + header, sackBase, frame.end >= at + length);
      line += `, options [${options.text}`;
      if (!options.whole) return line;
      line += ']';
    }
    line += `, length ${text}`;
    if (text === 0 || !this.services) return line;
    const held = frame.end - at;
    if (held < header) return `${line} [remaining caplen(${held}) < header length(${header})] [|tcp]`;
    return line + linesText(frame, at + header, srcPort, dstPort);
  }

  /** The memory of a flow, whichever way its packet goes; `fresh` when it is new or a SYN begins it anew. */
  private flow(
    above: Above,
    srcPort: number,
    dstPort: number,
    reversed: boolean,
    flags: number,
  ): { flow: Flow; fresh: boolean } {
    const src = `${formatAddress(above.src)} ${srcPort}`;
    const dst = `${formatAddress(above.dst)} ${dstPort}`;
    const key = reversed ? `${dst} ${src}` : `${src} ${dst}`;
    const known = this.flows.get(key);
    if (known !== undefined) return { flow: known, fresh: (flags & SYN) !== 0 };
    if (this.flows.size >= MOST_FLOWS) {
      for (const oldest of this.flows.keys()) {
        this.flows.delete(oldest);
        break;
      }
    }
    const flow = { seq: 0, ack: 0 };
    this.flows.set(key, flow);
    return { flow, fresh: true };
  }
}

/** The time of day, UTC, to microseconds, as it stands in front of a line: `time` in nanoseconds since 1970. */
export function clockText(time: bigint): string {
  const micros = Number((((time / 1000n) % 86_400_000_000n) + 86_400_000_000n) % 86_400_000_000n);
  const seconds = Math.floor(micros / 1_000_000);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(micros % 1_000_000).padStart(6, '0')}`;
}

function ends(above: Above): string {
  return above.told ? '' : `${above.from} > ${above.to}: `;
}

function portEnds(above: Above, srcPort: number, dstPort: number): string {
  return above.told ? `${srcPort} > ${dstPort}: ` : `${above.from}.${srcPort} > ${above.to}.${dstPort}: `;
}

function udpText(frame: Octets, at: number, length: number, above: Above): string {
  const { view } = frame;
  if (at + 4 > frame.end) return `${ends(above)} [|udp]`;
  const srcPort = view.getUint16(at);
  const dstPort = view.getUint16(at + 2);
  const head = portEnds(above, srcPort, dstPort);
  if (length < 8) return `${head}truncated-udp ${length}`;
  if (at + 6 > frame.end) return `${head} [|udp]`;
  const said = view.getUint16(at + 4);
  if (said < 8) return `${head}truncated-udplength ${said}`;
  if (at + 8 > frame.end) return `${head} [|udp]`;
  if (isDhcp(srcPort, dstPort)) return `${head}${dhcpText(frame, at + 8, Math.min(said, length) - 8)}`;
  if (said > length && !above.cut) return `${head}UDP, bad length ${said - 8} > ${length - 8}`;
  return `${head}UDP, length ${said - 8}`;
}

/** The frame cut off at the end of the IP packet: what lies behind is the carrier's padding. */
function within(frame: Octets, end: number): Octets {
  return { bytes: frame.bytes, view: frame.view, end: Math.min(end, frame.end) };
}

/** Orders addresses as their octets stand on the wire. */
function compare(x: Address, y: Address): number {
  return (
    (x.a >>> 0) - (y.a >>> 0) || (x.b >>> 0) - (y.b >>> 0) || (x.c >>> 0) - (y.c >>> 0) || (x.d >>> 0) - (y.d >>> 0)
  );
}
