/** Builds the packets that a script injects: exactly as written, also where they make no sense. */
import type { Address } from '../base/address.ts';
import { Frame } from '../base/frame.ts';
import { writeIcmpv4 } from '../wire/icmpv4.ts';
import { writeIcmpv6 } from '../wire/icmpv6.ts';
import { addressSum, Packet, Protocol } from '../wire/ip.ts';
import { writeIpv4 } from '../wire/ipv4.ts';
import { writeIpv6 } from '../wire/ipv6.ts';
import { ACK } from '../wire/segment.ts';
import { fillTcpSum } from '../wire/tcp.ts';
import { writeUdp } from '../wire/udp.ts';
import { Mismatch } from './errors.ts';
import type { Flow } from './flow.ts';
import { icmpNumbers } from './icmp-names.ts';
import type { IcmpSpec, IpSpec, TcpOption, TcpSpec, UdpSpec } from './script.ts';

const HEADER = 20;
const ROOM = 40;
const HEAD = 128;
/** The window of an injected segment that names none. */
const WIDE = 65_535;
const TTL = 255;

/** An injected segment. */
export function buildTcp(flow: Flow, spec: TcpSpec): Frame {
  const hasAck = (spec.flags & ACK) !== 0;
  const options = encode((spec.options ?? []).map((option) => flow.optionToLive(option, hasAck)));
  const frame = emptyFrame(options.length + HEADER + spec.length);
  writeSegment(frame, frame.at, {
    srcPort: flow.remote.port,
    dstPort: flow.local.port,
    seq: spec.seq,
    ack: hasAck ? flow.toLive(spec.ack) : spec.ack,
    flags: spec.flags,
    win: spec.win ?? WIDE,
    urg: spec.urg,
    options,
  });
  const { address: from } = flow.remote;
  const { address: to } = flow.local;
  fillTcpSum(frame, frame.at, frame.end, addressSum(from, to, Protocol.Tcp));
  return inIp(frame, from, to, Protocol.Tcp, spec.ip);
}

/** An injected datagram, of zeros. */
export function buildUdp(flow: Flow, spec: UdpSpec): Frame {
  const frame = emptyFrame(spec.length);
  const { remote, local } = flow;
  writeUdp(frame, remote.port, local.port, addressSum(remote.address, local.address, Protocol.Udp));
  return inIp(frame, remote.address, local.address, Protocol.Udp, spec.ip);
}

/** An injected ICMP message; an error quotes a packet of the host's. */
export function buildIcmp(flow: Flow, spec: IcmpSpec): Frame {
  const { family } = flow.local.address;
  const numbers = icmpNumbers(family, spec.type, spec.code);
  if (numbers === null) throw new Mismatch(`ICMP for IPv${family} has no ${spec.type} ${spec.code ?? ''}`.trim());
  const quoted = quote(flow, spec);
  const frame = emptyFrame(quoted.length);
  frame.bytes.set(quoted, frame.at);
  const { address: to } = flow.local;
  const { address: from } = flow.remote;
  if (family === 4) writeIcmpv4(frame, numbers.type, numbers.code, spec.mtu);
  else writeIcmpv6(frame, numbers.type, numbers.code, spec.mtu, addressSum(from, to, Protocol.Icmpv6));
  return inIp(frame, from, to, family === 4 ? Protocol.Icmp : Protocol.Icmpv6, spec.ip);
}

/** What a router would quote: the IP header, and the first octets behind it. */
function quote(flow: Flow, { quote: quoted }: IcmpSpec): Uint8Array {
  const { local, remote, protocol } = flow;
  const number = protocol === 'tcp' ? Protocol.Tcp : Protocol.Udp;
  const length = quoted?.length ?? 0;
  const frame = emptyFrame((protocol === 'tcp' ? HEADER : 8) + length);
  if (protocol === 'tcp') {
    const seq = quoted?.kind === 'tcp' ? flow.toLive(quoted.seq) : flow.toLive(0);
    const ack = flow.acked;
    writeSegment(frame, frame.at, {
      srcPort: local.port,
      dstPort: remote.port,
      seq,
      ack,
      flags: ACK,
      win: WIDE,
      urg: 0,
      options: [],
    });
    fillTcpSum(frame, frame.at, frame.end, addressSum(local.address, remote.address, number));
  } else {
    frame.at += 8;
    writeUdp(frame, local.port, remote.port, addressSum(local.address, remote.address, number));
  }
  const whole = inIp(frame, local.address, remote.address, number, plainIp);
  const header = local.address.family === 4 ? 20 : 40;
  return whole.bytes.slice(whole.at, Math.min(whole.end, whole.at + header + (protocol === 'tcp' ? HEADER : 8)));
}

const plainIp: IpSpec = { ecn: null, tos: null, flowLabel: null, hopLimit: null };

interface Fields {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly win: number;
  readonly urg: number;
  readonly options: readonly number[];
}

function writeSegment({ view, bytes }: Frame, at: number, fields: Fields): void {
  const { options, flags } = fields;
  view.setUint16(at, fields.srcPort);
  view.setUint16(at + 2, fields.dstPort);
  view.setUint32(at + 4, fields.seq);
  view.setUint32(at + 8, fields.ack);
  view.setUint16(at + 12, (((HEADER + options.length) >> 2) << 12) | flags);
  view.setUint16(at + 14, fields.win);
  view.setUint16(at + 18, fields.urg);
  bytes.set(options, at + HEADER);
}

/** Octets of the options, which must fill whole words. */
function encode(options: readonly TcpOption[]): number[] {
  const octets = options.flatMap(encodeOne);
  while (octets.length % 4 !== 0) octets.push(0);
  if (octets.length > ROOM)
    throw new Mismatch(`the options take ${octets.length} octets, and a header has room for ${ROOM}`);
  return octets;
}

function encodeOne(option: TcpOption): number[] {
  switch (option.kind) {
    case 'nop':
      return [1];
    case 'eol':
      return [0];
    case 'mss':
      return [2, 4, option.mss >> 8, option.mss & 0xff];
    case 'wscale':
      return [3, 3, option.shift];
    case 'sackOK':
      return [4, 2];
    case 'sack':
      return [
        5,
        2 + 8 * option.blocks.length,
        ...option.blocks.flatMap(([left, right]) => [...word(left), ...word(right)]),
      ];
    case 'TS':
      return [8, 10, ...word(option.val), ...word(option.ecr)];
    case 'other':
      return [option.number, 2 + option.data.length, ...option.data];
    default:
      return [];
  }
}

function word(n: number): number[] {
  return [n >>> 24, (n >>> 16) & 0xff, (n >>> 8) & 0xff, n & 0xff];
}

/** Zeros, with head room in front. */
function emptyFrame(length: number): Frame {
  const frame = new Frame(HEAD + length);
  frame.at = HEAD;
  frame.end = HEAD + length;
  return frame;
}

function inIp(frame: Frame, from: Address, to: Address, protocol: number, ip: IpSpec): Frame {
  const packet = new Packet();
  packet.family = to.family;
  packet.src.copy(from);
  packet.dst.copy(to);
  packet.protocol = protocol;
  packet.trafficClass = ip.tos ?? (ip.ecn === 'ect' ? 2 : (ip.ecn ?? 0));
  packet.flowLabel = ip.flowLabel ?? 0;
  packet.hopLimit = ip.hopLimit ?? TTL;
  if (to.family === 4) writeIpv4(frame, packet);
  else writeIpv6(frame, packet);
  return frame;
}
