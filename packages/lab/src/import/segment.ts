/** Segment: what a captured packet says of TCP, read where it lies; also where the capture holds only its beginning. */
import type { SegmentRecord } from 'synwave/sim';

/** One TCP segment in a captured IP packet. Numbers are unsigned; lengths are those on the wire. */
export interface Captured {
  /** The packet from its IP header on, as far as it was taken down. */
  readonly octets: Uint8Array;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly window: number;
  /** Octets of text on the wire. */
  readonly length: number;
  /** Where the options lie in `octets`. */
  readonly optionsAt: number;
  readonly optionsEnd: number;
}

/** The options that matter here; null: it is not there. */
export interface Options {
  readonly mss: number | null;
  readonly scale: number | null;
  readonly sackPermitted: boolean;
  readonly sacks: readonly (readonly [number, number])[];
  readonly timestamps: readonly [number, number] | null;
}

const TCP = 6;
const TCP_HEADER = 20;

/** Extension headers that are stepped over: hop-by-hop, routing, destination options (RFC 8200 §4.1). */
const extensions: ReadonlySet<number> = new Set([0, 43, 60]);

interface Ip {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly protocol: number;
  readonly textAt: number;
  /** Where the packet ends on the wire. */
  readonly end: number;
}

/** `data` from the IP header on, `original` octets long on the wire. Null: not TCP, a fragment, or cut before its header ends. */
export function readSegment(data: Uint8Array, original: number): Captured | null {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const version = (data[0] ?? 0) >> 4;
  const ip = version === 4 ? readFour(data, view, original) : version === 6 ? readSix(data, view, original) : null;
  if (ip === null || ip.protocol !== TCP || ip.textAt + TCP_HEADER > data.length) return null;
  const at = ip.textAt;
  const header = ((data[at + 12] ?? 0) >> 4) * 4;
  if (header < TCP_HEADER || at + header > ip.end) return null;
  return {
    octets: data.subarray(0, Math.min(ip.end, data.length)),
    source: ip.source,
    destination: ip.destination,
    srcPort: view.getUint16(at),
    dstPort: view.getUint16(at + 2),
    seq: view.getUint32(at + 4),
    ack: view.getUint32(at + 8),
    flags: data[at + 13] ?? 0,
    window: view.getUint16(at + 14),
    length: ip.end - at - header,
    optionsAt: at + TCP_HEADER,
    optionsEnd: Math.min(at + header, data.length),
  };
}

/** RFC 791 §3.1. A total length of 0 is what a host writes whose card cuts segments (TSO): the capture knows better. */
function readFour(data: Uint8Array, view: DataView, original: number): Ip | null {
  if (data.length < 20) return null;
  const header = ((data[0] ?? 0) & 15) * 4;
  const isFragment = (view.getUint16(6) & 0x3fff) !== 0;
  if (header < 20 || isFragment) return null;
  const total = view.getUint16(2);
  return {
    source: data.subarray(12, 16),
    destination: data.subarray(16, 20),
    protocol: data[9] ?? 0,
    textAt: header,
    end: total === 0 ? original : Math.min(total, original),
  };
}

/** RFC 8200 §3, §4. */
function readSix(data: Uint8Array, view: DataView, original: number): Ip | null {
  if (data.length < 40) return null;
  let protocol = data[6] ?? 0;
  let textAt = 40;
  while (extensions.has(protocol) && textAt + 2 <= data.length) {
    protocol = data[textAt] ?? 0;
    textAt += ((data[textAt + 1] ?? 0) + 1) * 8;
  }
  const length = view.getUint16(4);
  return {
    source: data.subarray(8, 24),
    destination: data.subarray(24, 40),
    protocol,
    textAt,
    end: length === 0 ? original : Math.min(40 + length, original),
  };
}

/** Reads as far as the options make sense. */
export function readOptions({ octets, optionsAt, optionsEnd }: Captured): Options {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  let [mss, scale]: (number | null)[] = [null, null];
  let sackPermitted = false;
  let timestamps: readonly [number, number] | null = null;
  const sacks: (readonly [number, number])[] = [];
  for (let at = optionsAt; at < optionsEnd; ) {
    const kind = octets[at] ?? 0;
    if (kind === 0) break;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = octets[at + 1] ?? 0;
    if (length < 2 || at + length > optionsEnd) break;
    if (kind === 2 && length === 4) mss = view.getUint16(at + 2);
    else if (kind === 3 && length === 3) scale = Math.min(octets[at + 2] ?? 0, 14);
    else if (kind === 4) sackPermitted = true;
    else if (kind === 8 && length === 10) timestamps = [view.getUint32(at + 2), view.getUint32(at + 6)];
    else if (kind === 5) {
      for (let i = at + 2; i + 8 <= at + length; i += 8) sacks.push([view.getUint32(i), view.getUint32(i + 4)]);
    }
    at += length;
  }
  return { mss: mss ?? null, scale: scale ?? null, sackPermitted, sacks, timestamps };
}

/** As the page's records of segments are. */
export function recordOf(segment: Captured, options: Options, again: boolean): SegmentRecord {
  const { srcPort, dstPort, flags, seq, ack, window, length } = segment;
  return { srcPort, dstPort, flags, seq, ack, window, length, options: optionsText(options), again };
}

function optionsText({ mss, scale, sackPermitted, sacks, timestamps }: Options): string {
  const said: string[] = [];
  if (mss !== null) said.push(`mss ${mss}`);
  if (sackPermitted) said.push('sackOK');
  if (timestamps !== null) said.push(`TS val ${timestamps[0]} ecr ${timestamps[1]}`);
  if (scale !== null) said.push(`wscale ${scale}`);
  if (sacks.length > 0) said.push(`sack ${sacks.map(([from, to]) => `{${from}:${to}}`).join('')}`);
  return said.join(',');
}

/** `10.0.0.1`, `2001:db8::1`. */
export function addressText(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  const words = Array.from({ length: 8 }, (_, i) =>
    (((octets[2 * i] ?? 0) << 8) | (octets[2 * i + 1] ?? 0)).toString(16),
  );
  const zeros = /(?:^|:)0(?::0)+(?=:|$)/g;
  const text = words.join(':');
  const longest = [...text.matchAll(zeros)].map(([found]) => found).toSorted((a, b) => b.length - a.length)[0];
  if (longest === undefined) return text;
  const at = text.indexOf(longest);
  return `${text.slice(0, at)}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}
