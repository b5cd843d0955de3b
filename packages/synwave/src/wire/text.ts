/** One line of text for a packet, as `tcpdump -n` prints it; sequence numbers relative by a memory of each flow. */
import { Address } from '../base/address.ts';
import { formatAddress } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import { Protocol } from './packet.ts';
import { ACK, FIN, RST, SYN, URG } from './segment.ts';
import { flagsText } from './text-flags.ts';
import { icmp6Text, icmpText } from './text-icmp.ts';
import { type Octets, optionsText } from './text-options.ts';

/** Flows remembered for relative numbers; the oldest is forgotten first. */
const MOST_FLOWS = 65_536;

/** The first numbers seen in a flow: `seq` of the end with the lower port, `ack` of the other. */
interface Flow {
  seq: number;
  ack: number;
}

/** What a line needs to know of the headers around the upper protocol. */
interface Above {
  readonly src: Address;
  readonly dst: Address;
  /** The addresses as text, or none where they stand on the line already. */
  readonly from: string;
  readonly to: string;
}

/**
 * Prints packets, one line each. It never throws, whatever the octets: what is cut or malformed is printed as tcpdump
 * complains of it. It remembers flows, so that numbers are relative to the first ones seen: one printer for each
 * capture. Without `-v`, tcpdump shows no checksums, and neither does this.
 *
 * Differences from tcpdump: what runs on well-known ports is not looked into (no `: HTTP` behind the length); ICMP other
 * than echoes and errors is shown by its type; AH and other protocols above IP by their number.
 */
export class PacketPrinter {
  /** Whether sequence numbers stand as in the header (`tcpdump -S`). */
  readonly absolute: boolean;
  private readonly flows = new Map<string, Flow>();

  constructor(options: { readonly absolute?: boolean } = {}) {
    this.absolute = options.absolute ?? false;
  }

  /**
   * The line for the IP packet in `frame`, without line end. `original`: its length on the wire, in octets, where the
   * capture holds less of it than that.
   */
  line(frame: Frame, original: number = frame.length): string {
    if (frame.length === 0) return 'truncated-ip 0';
    const version = frame.view.getUint8(frame.at) >> 4;
    if (version === 4) return this.ipv4(frame, original);
    if (version === 6) return this.ipv6(frame, original);
    return `unknown ip ${version}`;
  }

  private ipv4(frame: Frame, original: number): string {
    const { at, view } = frame;
    if (frame.length < 20) return 'IP  [|ip]';
    const header = (view.getUint8(at) & 0x0f) << 2;
    if (header < 20) return `IP bad-hlen ${header}`;
    const total = view.getUint16(at + 2);
    const missing = total > original ? `truncated-ip - ${total - original} bytes missing! ` : '';
    if (total < header) return `IP ${missing}bad-len ${total}`;
    const src = new Address().set(0, 0, 0xffff, view.getInt32(at + 12));
    const dst = new Address().set(0, 0, 0xffff, view.getInt32(at + 16));
    const above = { src, dst, from: formatAddress(src), to: formatAddress(dst) };
    const protocol = view.getUint8(at + 9);
    if ((view.getUint16(at + 6) & 0x1fff) !== 0)
      return `IP ${missing}${above.from} > ${above.to}: ip-proto-${protocol}`;
    return `IP ${missing}${this.upper(within(frame, at + total), protocol, at + header, total - header, above)}`;
  }

  private ipv6(frame: Frame, original: number): string {
    const { at, view } = frame;
    if (frame.length < 40) return ' [|ip6]';
    const payload = view.getUint16(at + 4);
    const total = 40 + payload;
    const missing = total > original ? `truncated-ip6 - ${total - original} bytes missing!` : '';
    const src = readAddress(view, at + 8);
    const dst = readAddress(view, at + 24);
    const from = formatIpv6(src);
    const to = formatIpv6(dst);
    const inside = within(frame, at + total);
    let protocol = view.getUint8(at + 6);
    let textAt = at + 40;
    // The addresses stand in front of the first extension header, with the upper protocol's ports where there is none.
    let extensions = '';
    for (;;) {
      const name = protocol === 0 ? 'HBH' : protocol === 60 ? 'DSTOPT' : protocol === 44 ? 'frag' : '';
      if (name === '') break;
      if (textAt + 8 > inside.end)
        return `IP6 ${missing}${from} > ${to}: ${extensions}${name === 'frag' ? '' : `${name} `} [|${name.toLowerCase()}]`;
      const next = view.getUint8(textAt);
      if (name === 'frag') {
        const offset = view.getUint16(textAt + 2) & 0xfff8;
        const piece = at + total - textAt - 8;
        extensions += `frag (${offset}|${piece}) `;
        if (offset !== 0) return `IP6 ${missing}${from} > ${to}: ${extensions.trimEnd()}`;
        textAt += 8;
      } else {
        extensions += `${name} `;
        textAt += (view.getUint8(textAt + 1) + 1) << 3;
      }
      protocol = next;
    }
    if (protocol === 59) return `IP6 ${missing}${from} > ${to}: ${extensions}no next header`;
    const length = at + total - textAt;
    if (extensions === '')
      return `IP6 ${missing}${this.upper(inside, protocol, textAt, length, { src, dst, from, to })}`;
    return `IP6 ${missing}${from} > ${to}: ${extensions}${this.upper(inside, protocol, textAt, length, { src, dst, from: '', to: '' })}`;
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
    if (at + 4 > frame.end) return `${ends(above)}[|tcp]`;
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
      const options = optionsText(frame, at + 20, at + header, sackBase);
      line += `, options [${options.text}`;
      if (!options.whole) return line;
      line += ']';
    }
    return `${line}, length ${text}`;
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
  return above.from === '' ? '' : `${above.from} > ${above.to}: `;
}

function portEnds(above: Above, srcPort: number, dstPort: number): string {
  return above.from === '' ? `${srcPort} > ${dstPort}: ` : `${above.from}.${srcPort} > ${above.to}.${dstPort}: `;
}

function udpText(frame: Octets, at: number, length: number, above: Above): string {
  const { view } = frame;
  if (at + 4 > frame.end) return `${ends(above)}[|udp]`;
  const head = portEnds(above, view.getUint16(at), view.getUint16(at + 2));
  if (length < 8) return `${head}truncated-udp ${length}`;
  if (at + 6 > frame.end) return `${head} [|udp]`;
  const said = view.getUint16(at + 4);
  if (said < 8) return `${head}truncated-udplength ${said}`;
  if (said > length) return `${head}UDP, bad length ${said - 8} > ${length - 8}`;
  return `${head}UDP, length ${said - 8}`;
}

/** The frame cut off at the end of the IP packet: what lies behind is the carrier's padding. */
function within(frame: Frame, end: number): Octets {
  return { bytes: frame.bytes, view: frame.view, end: Math.min(end, frame.end) };
}

function readAddress(view: DataView, at: number): Address {
  return new Address().set(view.getInt32(at), view.getInt32(at + 4), view.getInt32(at + 8), view.getInt32(at + 12));
}

/** A mapped address inside an IPv6 packet is shown for what it is. */
function formatIpv6(address: Address): string {
  return address.family === 4 ? `::ffff:${formatAddress(address)}` : formatAddress(address);
}

/** Orders addresses as their octets stand on the wire. */
function compare(x: Address, y: Address): number {
  return (
    (x.a >>> 0) - (y.a >>> 0) || (x.b >>> 0) - (y.b >>> 0) || (x.c >>> 0) - (y.c >>> 0) || (x.d >>> 0) - (y.d >>> 0)
  );
}
