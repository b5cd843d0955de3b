/** The lines for one packet after the other, as tcpdump prints them. */
import { Frame, PacketPrinter } from 'synwave';
import { unwrap } from './link-header.ts';
import { type OctetsLook, octetLines } from './octets.ts';
import { type StampStyle, Stamps } from './stamps.ts';

export interface LinesOptions {
  readonly stamps: StampStyle;
  readonly nano: boolean;
  /** `-S`. */
  readonly absolute: boolean;
  /** `-e`. */
  readonly link: boolean;
  readonly octets: OctetsLook | null;
  /** Whether the octets of the link's header are shown as well. */
  readonly octetsOfLink: boolean;
}

/** A packet as it was taken down. */
export interface TakenPacket {
  readonly time: bigint;
  readonly data: Uint8Array;
  readonly original: number;
}

/** Words in front of a packet that say which protocol it is: with `-e` the header has said so. */
const NAMES = /^(?:IP6? |ARP, )/;

const ARP = 0x0806;

export class PacketLines {
  private readonly options: LinesOptions;
  private readonly printer: PacketPrinter;
  private readonly stamps: Stamps;

  constructor(options: LinesOptions) {
    this.options = options;
    this.printer = new PacketPrinter({ absolute: options.absolute, services: true });
    this.stamps = new Stamps(options.stamps, options.nano);
  }

  /** The packet's line, and those of its octets, without the last line end. Never throws, whatever the octets. */
  lines(linkType: number, { time, data, original }: TakenPacket): string {
    const { link, octets, octetsOfLink } = this.options;
    const stamp = this.stamps.next(time);
    const found = unwrap(linkType, data, original, link);
    if ('line' in found) return `${stamp}${found.line}${this.unknown(data, found.octetsAt)}`;
    const { type, at, length, before, told } = found;
    const frame = Frame.from(data);
    frame.at = at;
    const own = type === 0 ? this.printer.line(frame, length) : this.printer.carriedLine(type, frame, at, length);
    const line = `${stamp}${before}${told ? own.replace(NAMES, '') : own}`;
    // What nobody knows to read is shown by its octets at any rate: an operation of ARP that has no name.
    const unread = type === ARP && own.endsWith(' ') ? octetLines(data.subarray(at), 'both') : '';
    if (octets === null) return line + unread;
    return line + unread + octetLines(octetsOfLink ? data : data.subarray(at), octets);
  }

  /** The octets of a packet that is not known, from `at` on; -1: only if they are asked for. */
  private unknown(data: Uint8Array, at: number): string {
    const { octets, octetsOfLink } = this.options;
    const body = data.subarray(Math.max(0, at));
    const asked = octets === null ? '' : octetLines(octetsOfLink ? data : body, octets);
    // Unless they are shown in hexadecimal anyway.
    const anyway = at >= 0 && (octets === null || octets === 'text') ? octetLines(body, 'both') : '';
    return anyway + asked;
  }
}
