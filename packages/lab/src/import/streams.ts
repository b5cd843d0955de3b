/** Streams: which packets of a capture belong to one connection, seen at one interface. */
import { ACK, FIN, RST, SYN } from 'synwave';
import { type Capture, type CapturePacket, ipAt, LinkType } from 'synwave/pcapng';
import { addressText, type Captured, readSegment } from './segment.ts';

/** One connection at one interface of the capture. Its segments stay in the file, and are read when they are asked for. */
export class Stream {
  /** Its two ends, `10.0.0.1:50000`: who sent the first of its packets that are here comes first. */
  readonly ends: readonly [string, string];
  readonly interfaceId: number;
  /** The control bits of all its segments together. */
  flags = 0;
  /** Octets of text, repetitions counted. */
  octets = 0;
  /** Who sent its first SYN, and the number of that; empty and null: there was none. */
  opener = '';
  initial: number | null = null;
  private readonly file: Uint8Array;
  private readonly times: number[] = [];
  private readonly places: number[] = [];
  private readonly lengths: number[] = [];
  private readonly originals: number[] = [];

  constructor(file: Uint8Array, ends: readonly [string, string], interfaceId: number) {
    this.file = file;
    this.ends = ends;
    this.interfaceId = interfaceId;
  }

  get length(): number {
    return this.times.length;
  }

  /** When the capture saw a segment, in microseconds from the capture's first one. */
  time(i: number): number {
    return this.times[i] ?? 0;
  }

  /** One of its segments. Throws RangeError where there is none. */
  segment(i: number): Captured {
    const at = this.places[i] ?? 0;
    const found = readSegment(this.file.subarray(at, at + (this.lengths[i] ?? 0)), this.originals[i] ?? 0);
    if (found === null) throw new RangeError(`no segment ${i}`);
    return found;
  }

  /** The packet from its IP header on. */
  packet(i: number): Uint8Array {
    const at = this.places[i] ?? 0;
    return this.file.subarray(at, at + (this.lengths[i] ?? 0));
  }

  /** `ip`: the packet from its IP header on, within the file; `original` octets long on the wire. */
  take(segment: Captured, ip: Uint8Array, original: number, time: number): void {
    this.flags |= segment.flags;
    this.octets += segment.length;
    this.times.push(time);
    this.places.push(ip.byteOffset - this.file.byteOffset);
    this.lengths.push(ip.length);
    this.originals.push(original);
  }
}

/** What a capture holds. */
export interface Streams {
  readonly streams: readonly Stream[];
  readonly packets: number;
  /** Packets that are not TCP, or could not be read as such. */
  readonly others: number;
  /** What is wrong with the file, where reading ended; null: it was read to its end. */
  readonly problem: string | null;
}

/** `file`: the octets that the capture was opened from. A file that makes no sense from some place on is read up to there. */
export function streamsOf(file: Uint8Array, capture: Capture): Streams {
  const sorter = new Sorter(file);
  let packets = 0;
  let others = 0;
  let problem: string | null = null;
  try {
    for (const packet of capture.packets) {
      packets++;
      const linkType = capture.interfaces[packet.interfaceId]?.linkType ?? LinkType.Raw;
      if (!sorter.take(packet, linkType)) others++;
    }
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  return { streams: sorter.streams, packets, others, problem };
}

class Sorter {
  readonly streams: Stream[] = [];
  private readonly file: Uint8Array;
  private readonly known: Map<string, Stream[]> = new Map<string, Stream[]>();
  private first: bigint | null = null;

  constructor(file: Uint8Array) {
    this.file = file;
  }

  /** Whether it is a segment. */
  take({ data, original, time: at, interfaceId }: CapturePacket, linkType: number): boolean {
    const ipAtOctet = ipAt(linkType, data);
    if (ipAtOctet < 0) return false;
    const ip = data.subarray(ipAtOctet);
    const segment = readSegment(ip, original - ipAtOctet);
    if (segment === null) return false;
    this.first ??= at;
    const time = Number((at - this.first) / 1000n);
    const stream = this.streamOf(segment, interfaceId);
    if (isTwin(stream, ip, time, linkType)) return true;
    stream.take(segment, ip, original - ipAtOctet, time);
    return true;
  }

  private streamOf({ source, srcPort, destination, dstPort, flags, seq, ack }: Captured, interfaceId: number): Stream {
    const src = endText(source, srcPort);
    const dst = endText(destination, dstPort);
    const key = `${interfaceId} ${src < dst ? `${src} ${dst}` : `${dst} ${src}`}`;
    const mine = this.known.get(key) ?? [];
    if (mine.length === 0) this.known.set(key, mine);
    const opens = (flags & (SYN | ACK)) === SYN;
    const [first] = mine;
    // The same four-tuple again: a SYN of the same side with another number, or of any side when all before is over.
    const isOther =
      opens && mine.every((each) => each.initial !== seq && (each.opener === src || (each.flags & (FIN | RST)) !== 0));
    if (first === undefined || isOther) {
      const made = new Stream(this.file, [src, dst], interfaceId);
      if (opens) {
        made.opener = src;
        made.initial = seq;
      }
      mine.push(made);
      this.streams.push(made);
      return made;
    }
    if (mine.length === 1) {
      if (opens && first.initial === null) {
        first.opener = src;
        first.initial = seq;
      }
      return first;
    }
    // An answer to a stale SYN belongs to that one, not to the youngest: its numbers tell.
    const distance = ({ opener, initial }: Stream): number => {
      if (opener !== src && (flags & ACK) === 0) return 0;
      return ((opener === src ? seq : ack) - (initial ?? 0)) >>> 0;
    };
    return mine.reduce((a, b) => (distance(b) <= distance(a) ? b : a));
  }
}

/** `10.0.0.1:50000`, `[2001:db8::1]:50000`. */
function endText(address: Uint8Array, port: number): string {
  const text = addressText(address);
  return address.length === 4 ? `${text}:${port}` : `[${text}]:${port}`;
}

/** Within so many microseconds the copies of one packet are taken down. */
const TWINS_WITHIN = 2_000;

/** On "any" interface (Linux cooked) the loopback shows each packet twice, on its way out and in: octet for octet the same. */
function isTwin(stream: Stream, ip: Uint8Array, time: number, linkType: number): boolean {
  if (linkType !== LinkType.LinuxSll && linkType !== LinkType.LinuxSll2) return false;
  for (let i = stream.length - 1; i >= 0 && i >= stream.length - 4; i--) {
    if (time - stream.time(i) > TWINS_WITHIN) return false;
    if (isSame(stream.packet(i), ip)) return true;
  }
  return false;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}
