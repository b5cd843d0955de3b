/** ICMP as `wire/text-icmp.ts` prints it, back into a packet: what stands behind `ICMP` or `ICMP6,`. */
import { parseAddress } from '../base/address-text.ts';
import { Frame } from '../base/frame.ts';
import { ICMP_HEADER } from './icmp.ts';
import { Icmpv4Type, Unreachable, writeIcmpv4 } from './icmpv4.ts';
import { Icmpv6Type, Unreachable6, writeIcmpv6 } from './icmpv6.ts';
import { addressSum, Packet, Protocol } from './ip.ts';
import { IPV4_HEADER, writeIpv4 } from './ipv4.ts';
import { IPV6_HEADER, writeIpv6 } from './ipv6.ts';
import type { Scanner } from './scanner.ts';
import { portNames, problemWords6, unreachableWords, unreachableWords6 } from './text-icmp.ts';
import { ndNames } from './text-nd.ts';
import { parseNd } from './text-nd-parse.ts';

/** What a message says, and of the packet that it quotes, whom that went to. */
interface Message {
  readonly type: number;
  readonly code: number;
  readonly word: number;
  /** '' for the sender of the error; null: nothing is quoted. */
  readonly to: string | null;
  readonly protocol: number;
  readonly port: number;
}

/** A packet's whole length is told in 16 bits. */
const MOST_TEXT = 0xffff;

/** Octets of a quote's upper header that are needed to tell a port. */
const PORTS = 4;

/**
 * Takes all from behind `ICMP` or `ICMP6` to the end of the length. Answers a frame with the message, from its header on;
 * `packet` says its addresses and gets its protocol. What a quote holds that the line does not tell is chosen: it comes
 * from the packet's destination, UDP where no protocol is named, from port 0, its text zeros.
 */
export function parseIcmp(scanner: Scanner, packet: Packet): Frame {
  const v4 = packet.family === 4;
  scanner.expect(v4 ? ' ' : ', ');
  const from = scanner.at;
  const comma = scanner.line.lastIndexOf(', length ');
  const text = comma < from ? '' : scanner.line.slice(from, comma);
  if (comma >= from) scanner.at = comma + ', length '.length;
  const lengthAt = scanner.at;
  const length = comma < from ? 0 : scanner.number('a length', MOST_TEXT - IPV4_HEADER);
  const nd = v4 ? null : parseNd(text, scanner, length, lengthAt);
  if (nd !== null) return writeMessage(packet, nd.type, 0, 0, nd.data);
  const message = v4 ? messageOf(text) : messageOf6(text);
  if (message === null) return scanner.fail('expected an echo, or an error that tells what it quotes', from);
  const header = v4 ? IPV4_HEADER : IPV6_HEADER;
  const least = message.to === null ? ICMP_HEADER : ICMP_HEADER + header + (message.port >= 0 ? PORTS : 0);
  if (length < least) {
    const what = message.to === null ? 'an echo' : 'such an error';
    scanner.fail(`${what} has ${least} octets at least`, lengthAt);
  }
  const data =
    message.to === null ? new Uint8Array(length - ICMP_HEADER) : quote(scanner, packet, message, length, from);
  return writeMessage(packet, message.type, message.code, message.word, data);
}

/** The message with its header; `packet` gets its protocol, and for neighbor discovery the hop limit of RFC 4861 §4. */
function writeMessage(packet: Packet, type: number, code: number, word: number, data: Uint8Array): Frame {
  const frame = Frame.from(data, IPV6_HEADER + ICMP_HEADER);
  const v4 = packet.family === 4;
  packet.protocol = v4 ? Protocol.Icmp : Protocol.Icmpv6;
  if (!v4 && ndNames[type] !== undefined) packet.hopLimit = 255;
  if (v4) writeIcmpv4(frame, type, code, word);
  else writeIcmpv6(frame, type, code, word, addressSum(packet.src, packet.dst, Protocol.Icmpv6));
  return frame;
}

/** The packet that came to grief. */
function quote(scanner: Scanner, packet: Packet, message: Message, length: number, at: number): Uint8Array {
  const v4 = packet.family === 4;
  const text = new Uint8Array(length - ICMP_HEADER - (v4 ? IPV4_HEADER : IPV6_HEADER));
  if (message.port >= 0) {
    text[2] = message.port >> 8;
    text[3] = message.port;
  }
  const quoted = new Packet();
  quoted.family = packet.family;
  quoted.src.copy(packet.dst);
  const to = message.to === '' ? packet.src : parseAddress(message.to ?? '');
  if (to === null || to.family !== packet.family)
    return scanner.fail(`"${message.to}" is no address of that family`, at);
  quoted.dst.copy(to);
  quoted.protocol = message.protocol;
  const frame = Frame.from(text, IPV6_HEADER);
  if (v4) writeIpv4(frame, quoted);
  else writeIpv6(frame, quoted);
  return frame.copy();
}

const plain = (type: number, code: number, word = 0, to: string | null = ''): Message => ({
  type,
  code,
  word,
  to,
  protocol: Protocol.Udp,
  port: -1,
});

const ECHO = /^echo (request|reply), id (\d{1,5}), seq (\d{1,5})$/;

/** Identifier and sequence number in one word; -1: one of them does not fit. */
function echoWord(id: string, seq: string): number {
  return Number(id) > 0xffff || Number(seq) > 0xffff ? -1 : ((Number(id) << 16) | Number(seq)) >>> 0;
}

function messageOf(text: string): Message | null {
  const echo = ECHO.exec(text);
  if (echo !== null) {
    const [, which, id = '', seq = ''] = echo;
    const word = echoWord(id, seq);
    return word < 0 ? null : plain(which === 'request' ? Icmpv4Type.Echo : Icmpv4Type.EchoReply, 0, word, null);
  }
  if (text === 'time exceeded in-transit') return plain(Icmpv4Type.TimeExceeded, 0);
  if (text === 'ip reassembly time exceeded') return plain(Icmpv4Type.TimeExceeded, 1);
  const [, octet] = /^parameter problem - octet (\d{1,3})$/.exec(text) ?? [];
  if (octet !== undefined && Number(octet) < 256)
    return plain(Icmpv4Type.ParameterProblem, 0, Number(octet) * 0x1_000000);
  const [, frag, mtu] = /^([\d.]+) unreachable - need to frag(?: \(mtu (\d{1,5})\))?$/.exec(text) ?? [];
  if (frag !== undefined && Number(mtu ?? 0) < 0x10000)
    return plain(Icmpv4Type.Unreachable, Unreachable.FragmentationNeeded, Number(mtu ?? 0), frag);
  const [, host, known, number, port] =
    /^([\d.]+) (?:(tcp|udp)|protocol (\d{1,3}))(?: port (\d{1,5}))? unreachable$/.exec(text) ?? [];
  if (host !== undefined) return aboutUpper(host, known, number, port);
  for (const [code, [before, behind]] of Object.entries(unreachableWords)) {
    const end = ` unreachable${behind}`;
    if (!text.startsWith(before) || !text.endsWith(end)) continue;
    const to = text.slice(before.length, text.length - end.length);
    if (/^[\d.]+$/.test(to)) return plain(Icmpv4Type.Unreachable, Number(code), 0, to);
  }
  return null;
}

/** Port or protocol unreachable. */
function aboutUpper(to: string, known?: string, number?: string, port?: string): Message | null {
  const protocol = known === undefined ? Number(number) : protocolOf(known);
  if (protocol > 255 || Number(port ?? 0) > 0xffff || (known !== undefined && port === undefined)) return null;
  const code = port === undefined ? Unreachable.Protocol : Unreachable.Port;
  return { ...plain(Icmpv4Type.Unreachable, code, 0, to), protocol, port: Number(port ?? -1) };
}

function messageOf6(text: string): Message | null {
  const echo = ECHO.exec(text);
  if (echo !== null) {
    const [, which, id = '', seq = ''] = echo;
    const word = echoWord(id, seq);
    return word < 0 ? null : plain(which === 'request' ? Icmpv6Type.EchoRequest : Icmpv6Type.EchoReply, 0, word, null);
  }
  const [, mtu] = /^packet too big, mtu (\d{1,10})$/.exec(text) ?? [];
  if (mtu !== undefined && Number(mtu) <= 0xffff_ffff) return plain(Icmpv6Type.PacketTooBig, 0, Number(mtu));
  const [, late] = /^time exceeded in-transit for (\S+)$/.exec(text) ?? [];
  if (late !== undefined) return plain(Icmpv6Type.TimeExceeded, 0, 0, late);
  if (text === 'time exceeded in-transit (reassembly)') return plain(Icmpv6Type.TimeExceeded, 1);
  const [, words = '', octet] = /^parameter problem, ([a-z ]+) - octet (\d{1,10})$/.exec(text) ?? [];
  const problem = problemWords6.indexOf(words);
  if (problem >= 0 && Number(octet) <= 0xffff_ffff) return plain(Icmpv6Type.ParameterProblem, problem, Number(octet));
  const start = 'destination unreachable, ';
  if (!text.startsWith(start)) return null;
  const rest = text.slice(start.length);
  const [, to, name, port] = /^unreachable port, (\S+) (tcp|udp) port (\d{1,5})$/.exec(rest) ?? [];
  if (to !== undefined && name !== undefined && Number(port) <= 0xffff) {
    const code = Unreachable6.Port;
    return { ...plain(Icmpv6Type.Unreachable, code, 0, to), protocol: protocolOf(name), port: Number(port) };
  }
  for (const [code, before] of Object.entries(unreachableWords6)) {
    const address = rest.slice(before.length + 1);
    if (rest.startsWith(`${before} `) && !address.includes(' '))
      return plain(Icmpv6Type.Unreachable, Number(code), 0, address);
  }
  return null;
}

function protocolOf(name: string): number {
  for (const [protocol, each] of Object.entries(portNames)) if (each === name) return Number(protocol);
  return 0;
}
