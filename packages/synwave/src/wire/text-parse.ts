/** The way back from `wire/text.ts`: a line as `tcpdump -n` prints it becomes a packet. */
import type { Address } from '../base/address.ts';
import { parseAddress } from '../base/address-text.ts';
import { Frame } from '../base/frame.ts';
import { seq } from '../base/seq.ts';
import { addressSum, Packet, Protocol } from './ip.ts';
import { IPV4_HEADER, writeIpv4 } from './ipv4.ts';
import { IPV6_HEADER, writeIpv6 } from './ipv6.ts';
import { lineScanner, type Scanner } from './scanner.ts';
import { ACK, Segment, URG } from './segment.ts';
import { fillTcpSum, TCP_HEADER, writeTcp } from './tcp.ts';
import { parseFlags } from './text-flags.ts';
import { parseIcmp } from './text-icmp-parse.ts';
import { parseOptions } from './text-options-parse.ts';
import { UDP_HEADER, writeUdp } from './udp.ts';

export { TextError } from './scanner.ts';

/** A packet's whole length is told in 16 bits. */
const MOST_TEXT = 0xffff;

/**
 * The IP packet that `line` tells of: TCP, UDP, ICMP echoes and errors, neighbor discovery, with or without the time in
 * front. What a line does not say is chosen: the text is zeros, hop limit 64, don't fragment, identification 0, and SEG.SEQ is 0 where tcpdump leaves it
 * out; checksums are right. Numbers are taken as they stand: a line with relative ones gives a packet with these in its
 * header, and printing that packet with `absolute` gives the line again. Throws a TextError with the column, also for
 * lines that tell of a malformed packet, since these do not say all that it held.
 */
export function parseText(line: string): Uint8Array {
  const scanner = lineScanner(line);
  const packet = new Packet();
  scanner.expect('IP');
  packet.family = scanner.take('6') ? 6 : 4;
  scanner.expect(' ');
  const srcAt = scanner.at;
  const src = scanner.token('a source');
  scanner.expect(' > ');
  const dstAt = scanner.at;
  const dst = scanner.token('a destination');
  if (!dst.endsWith(':')) scanner.fail('expected ":" behind the destination');
  scanner.expect(' ');
  if (scanner.take('ICMP')) {
    packet.src.copy(address(scanner, packet, src, srcAt));
    packet.dst.copy(address(scanner, packet, dst.slice(0, -1), dstAt));
    if (packet.family === 6) scanner.expect('6');
    const frame = parseIcmp(scanner, packet);
    finish(scanner);
    return wrap(frame, packet);
  }
  const srcPort = endpoint(scanner, packet, packet.src, src, srcAt);
  const dstPort = endpoint(scanner, packet, packet.dst, dst.slice(0, -1), dstAt);
  if (scanner.take('UDP, length ')) return parseUdp(scanner, packet, srcPort, dstPort);
  return parseTcp(scanner, packet, srcPort, dstPort);
}

function parseTcp(scanner: Scanner, packet: Packet, srcPort: number, dstPort: number): Uint8Array {
  const seg = new Segment();
  seg.srcPort = srcPort;
  seg.dstPort = dstPort;
  scanner.expect('Flags [');
  seg.flags = parseFlags(scanner);
  let end = -1;
  if (scanner.take('], seq ')) {
    seg.seq = seq(scanner.word('a sequence number'));
    if (scanner.take(':')) end = scanner.word('a sequence number');
  } else {
    scanner.expect(']');
  }
  if ((seg.flags & ACK) !== 0) {
    scanner.expect(', ack ');
    seg.ack = seq(scanner.word('an acknowledgment number'));
  }
  scanner.expect(', win ');
  seg.wnd = scanner.number('a window', 0xffff);
  if ((seg.flags & URG) !== 0) {
    scanner.expect(', urg ');
    seg.up = scanner.number('an urgent pointer', 0xffff);
  }
  const options = scanner.take(', options [') ? parseOptions(scanner) : [];
  scanner.expect(', length ');
  const lengthAt = scanner.at;
  const length = scanner.number('a length', MOST_TEXT - TCP_HEADER - options.length - IPV4_HEADER);
  finish(scanner);
  const told = end < 0 ? 0 : (end - seg.seq) >>> 0;
  if (told !== length) scanner.fail(`the sequence numbers say ${told} octets`, lengthAt);

  const frame = new Frame(IPV6_HEADER + TCP_HEADER + options.length + length);
  frame.at = IPV6_HEADER + TCP_HEADER + options.length;
  frame.end = frame.at + length;
  // The header is written without options, in front of those of the line, and then told how many there are.
  frame.at -= options.length;
  frame.bytes.set(options, frame.at);
  writeTcp(frame, seg, -1);
  frame.view.setUint8(frame.at + 12, (TCP_HEADER + options.length) << 2);
  packet.protocol = Protocol.Tcp;
  fillTcpSum(frame, frame.at, frame.end, addressSum(packet.src, packet.dst, Protocol.Tcp));
  return wrap(frame, packet);
}

function parseUdp(scanner: Scanner, packet: Packet, srcPort: number, dstPort: number): Uint8Array {
  const length = scanner.number('a length', MOST_TEXT - UDP_HEADER - IPV4_HEADER);
  finish(scanner);
  const frame = new Frame(IPV6_HEADER + UDP_HEADER + length);
  frame.at = IPV6_HEADER + UDP_HEADER;
  frame.end = frame.at + length;
  packet.protocol = Protocol.Udp;
  writeUdp(frame, srcPort, dstPort, addressSum(packet.src, packet.dst, Protocol.Udp));
  return wrap(frame, packet);
}

function wrap(frame: Frame, packet: Packet): Uint8Array {
  if (packet.family === 4) writeIpv4(frame, packet);
  else writeIpv6(frame, packet);
  return frame.copy();
}

/** The end of the line, or what tcpdump says of the text above a well-known port, which is left aside. */
function finish(scanner: Scanner): void {
  if (!scanner.done && !scanner.take(': ')) scanner.fail('expected the end of the line');
}

/** `10.0.0.1.50000`, `2001:db8::1.80`: sets `into`, answers the port. */
function endpoint(scanner: Scanner, packet: Packet, into: Address, text: string, at: number): number {
  const dot = text.lastIndexOf('.');
  const port = text.slice(dot + 1);
  if (dot < 0 || !/^\d{1,5}$/.test(port) || Number(port) > 0xffff)
    scanner.fail('expected an address, a dot and a port', at);
  into.copy(address(scanner, packet, text.slice(0, dot), at));
  return Number(port);
}

function address(scanner: Scanner, packet: Packet, text: string, at: number): Address {
  const found = parseAddress(text);
  if (found === null || text.includes(':') !== (packet.family === 6)) {
    scanner.fail(`"${text}" is no IPv${packet.family} address`, at);
  }
  return found;
}
