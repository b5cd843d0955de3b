/** Packets in the words of a packet script, for messages and ladders. */
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../wire/segment.ts';
import type { Live } from './live.ts';
import { AE, type PacketSpec, type TcpOption } from './script.ts';

const letters: readonly (readonly [number, string])[] = [
  [FIN, 'F'],
  [SYN, 'S'],
  [RST, 'R'],
  [PSH, 'P'],
  [URG, 'U'],
  [ECE, 'E'],
  [CWR, 'W'],
  [AE, 'A'],
  [ACK, '.'],
];

export function showFlags(flags: number): string {
  const text = letters.map(([bit, letter]) => ((flags & bit) !== 0 ? letter : '')).join('');
  return text === '' ? '-' : text;
}

export function showOption(option: TcpOption): string {
  switch (option.kind) {
    case 'mss':
      return `mss ${option.mss}`;
    case 'wscale':
      return `wscale ${option.shift}`;
    case 'sack':
      return `sack ${option.blocks.map(([left, right]) => `${left}:${right}`).join(' ')}`;
    case 'TS':
      return `TS val ${option.val} ecr ${option.ecr}`;
    case 'other':
      return `option ${option.number} ${option.data.map((octet) => octet.toString(16).padStart(2, '0')).join('')}`.trim();
    default:
      return option.kind;
  }
}

export function showOptions(options: readonly TcpOption[] | null): string {
  if (options === null) return ' <...>';
  return options.length === 0 ? '' : ` <${options.map(showOption).join(',')}>`;
}

interface Segment {
  readonly flags: number;
  readonly seq: number;
  readonly length: number;
  readonly ack: number;
  readonly win: number | null;
  readonly urg: number;
  readonly options: readonly TcpOption[] | null;
}

export function showSegment(segment: Segment): string {
  const { flags, seq, length, ack, win, urg, options } = segment;
  const parts = [showFlags(flags), `${seq}:${(seq + length) >>> 0}(${length})`];
  if ((flags & ACK) !== 0) parts.push(`ack ${ack}`);
  if (win !== null) parts.push(`win ${win}`);
  if (urg !== 0) parts.push(`urg ${urg}`);
  return parts.join(' ') + showOptions(options);
}

export function showSpec(spec: PacketSpec): string {
  const way = spec.out ? '>' : '<';
  if (spec.kind === 'tcp') return `${way} ${showSegment(spec)}`;
  if (spec.kind === 'udp') return `${way} udp (${spec.length})`;
  return `${way} icmp ${spec.type}${spec.code === null ? '' : ` ${spec.code}`}${spec.mtu > 0 ? ` mtu ${spec.mtu}` : ''}`;
}

/** What has left, numbers as they are handed in. */
export function showLive({ body }: Pick<Live, 'body'>): string {
  if (body.kind === 'tcp') return `> ${showSegment(body)}`;
  if (body.kind === 'udp') return `> udp (${body.length})`;
  return `> icmp type ${body.type} code ${body.code}`;
}
