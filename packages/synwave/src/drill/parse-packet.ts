/** Reads a packet of a packet script: `> [ect0] P. 1:1001(1000) ack 1 win 257 <nop,nop,TS val 1 ecr 2>`. */
import { ACK, CWR, ECE, Ecn, FIN, PSH, RST, SYN, URG } from '../wire/segment.ts';
import { isIcmpName } from './icmp-names.ts';
import { parseOptions } from './parse-options.ts';
import type { Reader } from './reader.ts';
import {
  AE,
  type IcmpSpec,
  type IpSpec,
  type PacketSpec,
  type Ports,
  type Quote,
  type Span,
  type TcpSpec,
} from './script.ts';

const PORTS = /\d+\s*>\s*\d+/y;
const FLAGS = /(?:-|[FSRP.UEWCA0-7]+)(?=\s)/y;
const SEQUENCE = /\d+\s*:\s*\d+\s*\(/y;
const IP_WORD = /[a-z][a-z0-9_]*/y;
const OCTETS = 65_535;

/** What each letter of the flags says. `W` and `C` are both CWR, `A` is Accurate ECN's AE. */
const letters: Readonly<Record<string, number>> = {
  F: FIN,
  S: SYN,
  R: RST,
  P: PSH,
  '.': ACK,
  U: URG,
  E: ECE,
  W: CWR,
  C: CWR,
  A: AE,
};

/** Carriers around a packet that other runners can wrap it into, and protocols that they know. */
const WRAPPER = /(?:ipv4|ipv6|gre|mpls|vxlan|eth)(?![A-Za-z0-9_])/y;
const OTHER_PROTOCOL = /(?:sctp|udplite|dccp|igmp|raw)(?![A-Za-z0-9_])/y;
const IP_PREFIX = /[[(]\s*(?!(?:udp|icmp|ip)\b)[a-z]/y;

export function parsePacket(reader: Reader): PacketSpec {
  const out = reader.sees('>');
  reader.take(out ? '>' : '<');
  refuseWrappers(reader);
  const ip = parseIp(reader);
  let quote = parseQuote(reader);
  if (reader.takeWord('icmp')) return parseIcmp(reader, out, ip, quote);
  if (quote !== null) reader.expected('icmp: only an ICMP error quotes a packet');
  const ports = parsePorts(reader);
  if (reader.takeWord('udp'))
    return { kind: 'udp', out, ip, ports, length: parenthesised(reader, 'the length of the datagram') };
  if (reader.takeWord('icmp')) {
    quote = null;
    return parseIcmp(reader, out, ip, quote);
  }
  return parseTcp(reader, out, ip, ports);
}

function refuseWrappers(reader: Reader): void {
  if (reader.ahead(WRAPPER)) reader.fail('packets inside of others are not supported');
  if (reader.ahead(OTHER_PROTOCOL)) reader.fail('this protocol is not supported: TCP, UDP and ICMP are');
}

/** `[ect0]`, `(tos 0x20)`, `[flowlabel 0x12, ttl 64]`: any number of them. */
function parseIp(reader: Reader): IpSpec {
  const ip: { -readonly [K in keyof IpSpec]: IpSpec[K] } = { ecn: null, tos: null, flowLabel: null, hopLimit: null };
  while (reader.ahead(IP_PREFIX)) {
    const close = reader.sees('[') ? ']' : ')';
    reader.take(close === ']' ? '[' : '(');
    do parseIpField(reader, ip);
    while (reader.take(','));
    reader.expect(close);
  }
  return ip;
}

const ecnWords: Readonly<Record<string, IpSpec['ecn']>> = {
  noecn: Ecn.NotEct,
  ect0: Ecn.Ect0,
  ect1: Ecn.Ect1,
  ce: Ecn.Ce,
  ecn: 'ect',
};

function parseIpField(reader: Reader, ip: { -readonly [K in keyof IpSpec]: IpSpec[K] }): void {
  const from = reader.at;
  const word = reader.match(IP_WORD) ?? '';
  const ecn = ecnWords[word];
  if (ecn !== undefined) ip.ecn = ecn;
  else if (word === 'tos' || word === 'tclass') ip.tos = reader.unsigned('the type of service', 0xff);
  else if (word === 'flowlabel') ip.flowLabel = reader.unsigned('the flow label', 0xf_ffff);
  else if (word === 'ttl' || word === 'hlim') ip.hopLimit = reader.unsigned('the time to live', 0xff);
  else reader.failAt(from, 'expected noecn, ect0, ect1, ce, ecn, tos, ttl or flowlabel');
}

function parsePorts(reader: Reader): Ports | null {
  if (!reader.ahead(PORTS)) return null;
  const src = reader.unsigned('a port', 0xffff);
  reader.expect('>');
  return { src, dst: reader.unsigned('a port', 0xffff) };
}

function parseTcp(reader: Reader, out: boolean, ip: IpSpec, ports: Ports | null): TcpSpec {
  const flags = parseFlags(reader);
  const { seq, length } = parseSpan(reader);
  const hasAck = reader.takeWord('ack');
  const ack = hasAck ? reader.unsigned('the acknowledged sequence number') : 0;
  const win = reader.takeWord('win') ? reader.unsigned('the window', OCTETS) : null;
  const urg = reader.takeWord('urg') ? reader.unsigned('the urgent pointer', OCTETS) : 0;
  const at = reader.at;
  const options = reader.sees('<') ? parseOptions(reader) : [];
  if (options === null && !out) reader.failAt(at, 'options can be left open (<...>) only in a packet that is expected');
  return { kind: 'tcp', out, ip, ports, flags, seq, length, ack, win, urg, options };
}

function parseFlags(reader: Reader): number {
  const text = reader.match(FLAGS);
  if (text === null) return reader.expected('flags out of F S R P . U E W C A, or -');
  let flags = 0;
  for (const letter of text) {
    if (letter === '-') continue;
    const digit = Number(letter);
    // The three bits of the ACE counter: AE, CWR, ECE.
    if (letter >= '0' && letter <= '7') flags |= (digit & 4 ? AE : 0) | (digit & 2 ? CWR : 0) | (digit & 1 ? ECE : 0);
    else flags |= letters[letter] ?? 0;
  }
  return flags;
}

/** `1:1001(1000)`. */
function parseSpan(reader: Reader): Span {
  const from = reader.at;
  const seq = reader.unsigned('the sequence number, as in 1:1001(1000)');
  reader.expect(':', ': and where the text ends');
  const end = reader.unsigned('the sequence number behind the text');
  const length = parenthesised(reader, 'the length of the text');
  if ((seq + length) >>> 0 !== end) reader.failAt(from, `${seq}:${end} is not ${length} octets long`);
  return { seq, length };
}

function parenthesised(reader: Reader, what: string): number {
  reader.expect('(', `(${what})`);
  const length = reader.unsigned(what, OCTETS);
  reader.expect(')');
  return length;
}

/** `[1:1461(1460)]`, `[udp (1000)]`. */
function parseQuote(reader: Reader): Quote | null {
  if (!reader.ahead(/\[\s*(?:\d|udp\b)/y)) return null;
  reader.take('[');
  const quote: Quote = reader.takeWord('udp')
    ? { kind: 'udp', length: parenthesised(reader, 'the length of the datagram') }
    : { kind: 'tcp', ...parseSpan(reader) };
  reader.expect(']');
  return quote;
}

/** `icmp unreachable frag_needed mtu 1400 [1:1461(1460)]`; the quote may also stand in front. */
function parseIcmp(reader: Reader, out: boolean, ip: IpSpec, before: Quote | null): IcmpSpec {
  const type = icmpWord(reader, 'the type of the ICMP message');
  const code =
    reader.ahead(/(?!mtu\b)[a-z0-9]/y) && !reader.ahead(SEQUENCE) && !startsStep(reader)
      ? icmpWord(reader, 'its code')
      : null;
  const mtu = reader.takeWord('mtu') ? reader.unsigned('the MTU') : 0;
  const quote = before ?? parseQuote(reader);
  return { kind: 'icmp', out, ip, type, code, mtu, quote };
}

/** A number here may be the time of the next step: it stands on a line of its own then. */
function startsStep(reader: Reader): boolean {
  return (
    reader.ahead(/\d/y) && /^\s*$/.test(reader.text.slice(reader.text.lastIndexOf('\n', reader.at - 1) + 1, reader.at))
  );
}

function icmpWord(reader: Reader, what: string): string {
  const from = reader.at;
  const word = reader.word();
  if (word === null) return String(reader.unsigned(what, 0xff));
  if (!isIcmpName(word)) reader.failAt(from, `expected ${what}, and ${word} is none`);
  return word;
}
