/** A packet as the host under test has sent it: read from its octets, options in the order in which they stand. */
import type { Address, Family } from '../base/address.ts';
import { sum } from '../base/checksum.ts';
import { Frame } from '../base/frame.ts';
import type { Micros } from '../base/time.ts';
import { Drop } from '../wire/drop.ts';
import { Packet, Protocol, pseudoSum, readIp } from '../wire/ip.ts';
import { Datagram, readUdp } from '../wire/udp.ts';
import { AE, type TcpOption } from './script.ts';

/** A segment; sequence numbers from 0 to 2^32 - 1, as on the wire. */
export interface LiveTcp {
  readonly kind: 'tcp';
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly win: number;
  readonly urg: number;
  readonly options: readonly TcpOption[];
  readonly length: number;
  /** Every octet of the text is 0, as all that scripts send. */
  readonly isZero: boolean;
}

interface LiveUdp {
  readonly kind: 'udp';
  readonly length: number;
  readonly isZero: boolean;
}

interface LiveIcmp {
  readonly kind: 'icmp';
  readonly type: number;
  readonly code: number;
  readonly word: number;
}

export interface Live {
  readonly time: Micros;
  readonly octets: Uint8Array;
  readonly family: Family;
  readonly src: Address;
  readonly dst: Address;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly tos: number;
  readonly flowLabel: number;
  readonly hopLimit: number;
  readonly body: LiveTcp | LiveUdp | LiveIcmp;
}

/** Reads a packet with its IP header; null: it is none that scripts speak of. A wrong checksum is a mistake of ours, and told. */
export function readLive(octets: Uint8Array, time: Micros): Live | null {
  const frame = Frame.from(octets);
  const packet = new Packet();
  if (readIp(packet, frame, true) !== Drop.None || packet.fragmentOffset > 0) return null;
  const body = readBody(frame, packet);
  if (body === null) return null;
  const hasPorts = body.kind !== 'icmp';
  const { textAt, family, trafficClass: tos, flowLabel, hopLimit } = packet;
  return {
    time,
    octets,
    family,
    src: packet.src.clone(),
    dst: packet.dst.clone(),
    srcPort: hasPorts ? frame.view.getUint16(textAt) : 0,
    dstPort: hasPorts ? frame.view.getUint16(textAt + 2) : 0,
    tos,
    flowLabel,
    hopLimit,
    body,
  };
}

function readBody(frame: Frame, packet: Packet): Live['body'] | null {
  const { protocol, textAt, textEnd } = packet;
  const { view, bytes } = frame;
  if (protocol === Protocol.Tcp) return readSegment(frame, packet);
  if (protocol === Protocol.Udp) {
    const datagram = new Datagram();
    if (readUdp(datagram, frame, textAt, textEnd, pseudoSum(packet, 0), false) !== Drop.None) return null;
    return {
      kind: 'udp',
      length: datagram.textLen,
      isZero: isZero(bytes, datagram.textAt, datagram.textAt + datagram.textLen),
    };
  }
  if (protocol === Protocol.Icmp || protocol === Protocol.Icmpv6) {
    return {
      kind: 'icmp',
      type: view.getUint8(textAt),
      code: view.getUint8(textAt + 1),
      word: view.getUint32(textAt + 4),
    };
  }
  return null;
}

function readSegment(frame: Frame, packet: Packet): LiveTcp | null {
  const { view, bytes } = frame;
  const { textAt: at, textEnd: end } = packet;
  if (end - at < 20) return null;
  const offset = view.getUint16(at + 12);
  const text = at + ((offset >> 12) << 2);
  if (text > end || sum(frame, at, end, pseudoSum(packet, end - at)) !== 0xffff) return null;
  return {
    kind: 'tcp',
    flags: offset & (0xff | AE),
    seq: view.getUint32(at + 4),
    ack: view.getUint32(at + 8),
    win: view.getUint16(at + 14),
    urg: view.getUint16(at + 18),
    options: readOptions(view, at + 20, text),
    length: end - text,
    isZero: isZero(bytes, text, end),
  };
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Every option in its order, padding included. */
function readOptions(view: DataView, from: number, to: number): TcpOption[] {
  const options: TcpOption[] = [];
  for (let at = from; at < to; ) {
    const kind = view.getUint8(at);
    if (kind <= 1) {
      options.push({ kind: kind === 0 ? 'eol' : 'nop' });
      at++;
      continue;
    }
    const length = at + 1 < to ? view.getUint8(at + 1) : 0;
    if (length < 2 || at + length > to) break;
    options.push(readOption(view, at, kind, length));
    at += length;
  }
  return options;
}

function readOption(view: DataView, at: number, kind: number, length: number): TcpOption {
  if (kind === 2 && length === 4) return { kind: 'mss', mss: view.getUint16(at + 2) };
  if (kind === 3 && length === 3) return { kind: 'wscale', shift: view.getUint8(at + 2) };
  if (kind === 4 && length === 2) return { kind: 'sackOK' };
  if (kind === 8 && length === 10) return { kind: 'TS', val: view.getUint32(at + 2), ecr: view.getUint32(at + 6) };
  if (kind === 5 && length % 8 === 2) {
    const blocks: [number, number][] = [];
    for (let i = at + 2; i < at + length; i += 8) blocks.push([view.getUint32(i), view.getUint32(i + 4)]);
    return { kind: 'sack', blocks };
  }
  const data = Array.from({ length: length - 2 }, (_none, i) => view.getUint8(at + 2 + i));
  return { kind: 'other', number: kind, data };
}
