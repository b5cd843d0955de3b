/** The text of ICMP as tcpdump prints it: echoes, errors with what they quote, and over IPv6 neighbor discovery. */
import { ICMP_HEADER } from './icmp.ts';
import { Icmpv4Type, Unreachable } from './icmpv4.ts';
import { Icmpv6Type, Unreachable6 } from './icmpv6.ts';
import { IPV4_HEADER } from './ipv4.ts';
import { IPV6_HEADER } from './ipv6.ts';
import { Protocol } from './packet.ts';
import { ipv4Text, ipv6Text } from './text-address.ts';
import { ndNames, ndText } from './text-nd.ts';
import type { Octets } from './text-options.ts';

/** "destination unreachable" by code, where it is about no port and no MTU: what stands before the address, and behind. */
export const unreachableWords: Readonly<Record<number, readonly [before: string, behind: string]>> = {
  0: ['net ', ''],
  1: ['host ', ''],
  5: ['', ' - source route failed'],
  6: ['net ', ' - unknown'],
  7: ['host ', ' - unknown'],
  8: ['', ' - source host isolated'],
  9: ['net ', ' - admin prohibited'],
  10: ['host ', ' - admin prohibited'],
  11: ['net ', ' - tos prohibited'],
  12: ['host ', ' - tos prohibited'],
  13: ['host ', ' - admin prohibited filter'],
  14: ['host ', ' - host precedence violation'],
  15: ['host ', ' - precedence cutoff'],
};

/** The same of ICMPv6, where the address follows. The second has two blanks in tcpdump as well. */
export const unreachableWords6: Readonly<Record<number, string>> = {
  0: 'unreachable route',
  1: ' unreachable prohibited',
  3: 'unreachable address',
};

/** "parameter problem" of ICMPv6 by code. */
export const problemWords6: readonly string[] = ['erroneous', 'next header', 'option', 'incomplete header chain'];

/** Names of upper protocols whose ports are told. */
export const portNames: Readonly<Record<number, string>> = { [Protocol.Tcp]: 'tcp', [Protocol.Udp]: 'udp' };

/** The message of `length` octets at `at`, of which the frame may hold fewer, with the family's name in front. */
export function icmpText(frame: Octets, at: number, length: number): string {
  const text = at + ICMP_HEADER > frame.end ? echoless(frame, at) : message(frame, at);
  return text === null ? ' [|icmp]' : `ICMP ${text}, length ${length}`;
}

/** A header that is cut off says nothing, unless its type alone tells that we know nothing of it. */
function echoless(frame: Octets, at: number): string | null {
  if (at >= frame.end) return null;
  const type = frame.view.getUint8(at);
  if (type === Icmpv4Type.ParameterProblem) return problem(frame, at);
  if (type === Icmpv4Type.SourceQuench && at + 2 <= frame.end) return 'source quench';
  const known = (Object.values(Icmpv4Type) as number[]).includes(type);
  return known ? null : `type-#${type}`;
}

function message(frame: Octets, at: number): string | null {
  const { view } = frame;
  const type = view.getUint8(at);
  const code = view.getUint8(at + 1);
  const word = view.getUint32(at + 4);
  switch (type) {
    case Icmpv4Type.Echo:
    case Icmpv4Type.EchoReply:
      return `echo ${type === Icmpv4Type.Echo ? 'request' : 'reply'}, id ${word >>> 16}, seq ${word & 0xffff}`;
    case Icmpv4Type.SourceQuench:
      return 'source quench';
    default:
      break;
  }
  if (type === Icmpv4Type.ParameterProblem) return problem(frame, at);
  const quote = at + ICMP_HEADER;
  const told: readonly number[] = [Icmpv4Type.Unreachable, Icmpv4Type.Redirect, Icmpv4Type.TimeExceeded];
  if (!told.includes(type)) return `type-#${type}`;
  if (quote + IPV4_HEADER > frame.end) return null;
  const to = ipv4Text(view, quote + 16);
  switch (type) {
    case Icmpv4Type.Unreachable:
      return unreachable(frame, code, word, quote, to);
    case Icmpv4Type.Redirect:
      return redirect(code, to, ipv4Text(view, at + 4));
    default:
      if (code === 0) return 'time exceeded in-transit';
      return code === 1 ? 'ip reassembly time exceeded' : `time exceeded-#${code}`;
  }
}

/** What is quoted is not told: it may be cut off. */
function problem({ view, end }: Octets, at: number): string | null {
  if (at + 2 > end) return null;
  const code = view.getUint8(at + 1);
  if (code !== 0) return `parameter problem - code ${code}`;
  return at + 5 > end ? null : `parameter problem - octet ${view.getUint8(at + 4)}`;
}

function unreachable({ view, end }: Octets, code: number, word: number, quote: number, to: string): string | null {
  const protocol = view.getUint8(quote + 9);
  switch (code) {
    case Unreachable.Protocol:
      return `${to} protocol ${protocol} unreachable`;
    case Unreachable.Port: {
      const upper = quote + ((view.getUint8(quote) & 0x0f) << 2);
      if (upper + 4 > end) return null;
      return `${to} ${portNames[protocol] ?? `protocol ${protocol}`} port ${view.getUint16(upper + 2)} unreachable`;
    }
    case Unreachable.FragmentationNeeded: {
      const mtu = word & 0xffff;
      return `${to} unreachable - need to frag${mtu === 0 ? '' : ` (mtu ${mtu})`}`;
    }
    default: {
      const [before, behind] = unreachableWords[code] ?? ['', ` - #${code}`];
      return `${before}${to} unreachable${behind}`;
    }
  }
}

function redirect(code: number, to: string, by: string): string {
  if (code > 3) return `redirect-#${code} ${to} to ${by}`;
  return `redirect${code > 1 ? '-tos' : ''} ${to} to ${(code & 1) === 0 ? 'net' : 'host'} ${by}`;
}

/** The same for ICMPv6: what can be told is told, and then that the rest is cut off. */
export function icmp6Text(frame: Octets, at: number, length: number): string {
  if (length === 0) return 'ICMP6, length 0 (invalid)';
  if (at >= frame.end) return ' [|icmp6]';
  const { view } = frame;
  const type = view.getUint8(at);
  const code = at + 1 < frame.end ? view.getUint8(at + 1) : -1;
  const cut = at + ICMP_HEADER > frame.end;
  const word = cut ? 0 : view.getUint32(at + 4);
  const quote = at + ICMP_HEADER;
  const toldTo = quote + IPV6_HEADER > frame.end ? null : ipv6Text(view, quote + 24);
  const ended = `, length ${length}`;
  switch (type) {
    case Icmpv6Type.EchoRequest:
    case Icmpv6Type.EchoReply: {
      const which = type === Icmpv6Type.EchoRequest ? 'request' : 'reply';
      if (cut) return `ICMP6, echo ${which} [|icmp6]`;
      return `ICMP6, echo ${which}, id ${word >>> 16}, seq ${word & 0xffff}${ended}`;
    }
    case Icmpv6Type.Unreachable: {
      const start = 'ICMP6, destination unreachable';
      if (code < 0) return `${start} [|icmp6]`;
      return `${start}, ${unreachable6(frame, code, quote, toldTo, ended)}`;
    }
    case Icmpv6Type.PacketTooBig:
      return cut ? 'ICMP6, packet too big [|icmp6]' : `ICMP6, packet too big, mtu ${word}${ended}`;
    case Icmpv6Type.TimeExceeded: {
      const start = 'ICMP6, time exceeded in-transit';
      if (code < 0 || (code === 0 && toldTo === null)) return `${start} [|icmp6]`;
      if (code === 0) return `${start} for ${toldTo}${ended}`;
      return code === 1 ? `${start} (reassembly)${ended}` : `${start}, unknown code (${code})${ended}`;
    }
    case Icmpv6Type.ParameterProblem: {
      const start = 'ICMP6, parameter problem';
      if (code < 0 || toldTo === null) return `${start} [|icmp6]`;
      const words = problemWords6[code];
      return `${start}, ${words === undefined ? `code-#${code}` : `${words} - octet ${word}`}${ended}`;
    }
    default: {
      const name = ndNames[type];
      if (name === undefined) return `ICMP6, type-#${type}${ended}`;
      const text = ndText(frame, at, type);
      return text === null ? `ICMP6, ${name} [|icmp6]` : `ICMP6, ${text}${ended}`;
    }
  }
}

function unreachable6(frame: Octets, code: number, quote: number, to: string | null, ended: string): string {
  const { view, end } = frame;
  switch (code) {
    case Unreachable6.BeyondScope:
      if (to === null) return 'beyond scope [|icmp6]';
      return `beyond scope ${to}, source address ${ipv6Text(view, quote + 8)}${ended}`;
    case Unreachable6.Port: {
      const name = to === null ? undefined : portNames[view.getUint8(quote + 6)];
      const upper = quote + IPV6_HEADER;
      if (name === undefined || upper + 4 > end) return 'unreachable port [|icmp6]';
      return `unreachable port, ${to} ${name} port ${view.getUint16(upper + 2)}${ended}`;
    }
    default: {
      const words = unreachableWords6[code];
      if (words === undefined) return `unknown unreach code (${code})${ended}`;
      return to === null ? `${words} [|icmp6]` : `${words} ${to}${ended}`;
    }
  }
}
