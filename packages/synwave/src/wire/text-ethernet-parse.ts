/** The way back from `PacketPrinter.ethernetLine`: a line as `tcpdump -n` prints it becomes an Ethernet frame. */
import { Address } from '../base/address.ts';
import { parseAddress } from '../base/address-text.ts';
import { Frame } from '../base/frame.ts';
import { BROADCAST_MAC, type Mac, parseMac } from '../base/mac.ts';
import { ARP_LENGTH, Arp, ArpOperation, writeArp } from './arp.ts';
import { ETHERNET_HEADER, EtherType, writeEthernet } from './ethernet.ts';
import { lineScanner, type Scanner } from './scanner.ts';
import { parseText } from './text-parse.ts';

/** A frame carries no more (RFC 894), padding and all. */
const MOST = 1500;

/** A MAC that the line does not tell. */
const UNTOLD: Mac = 0;

/**
 * The frame that `line` tells of: an ARP request or reply, or what `parseText` reads. MACs that the line does not tell
 * are zeros, but an ARP request goes to all stations; in a reply, the target's address is 0.0.0.0. A length of more than
 * an ARP packet's 28 octets is padding. Throws a TextError with the column.
 */
export function parseEthernetText(line: string): Uint8Array {
  const scanner = lineScanner(line);
  const arp = scanner.take('ARP, ') ? parseArp(scanner) : null;
  if (arp !== null) return arp;
  const packet = parseText(line);
  const frame = Frame.from(packet, ETHERNET_HEADER);
  const type = (packet[0] as number) >> 4 === 4 ? EtherType.Ipv4 : EtherType.Ipv6;
  writeEthernet(frame, UNTOLD, UNTOLD, type);
  return frame.copy();
}

function parseArp(scanner: Scanner): Uint8Array {
  const arp = new Arp();
  arp.sender.copy(UNSPECIFIED);
  arp.target.copy(UNSPECIFIED);
  if (scanner.take('Request who-has ')) {
    arp.operation = ArpOperation.Request;
    takeAddress(scanner, arp.target);
    if (scanner.take(' (')) {
      arp.targetMac = takeMac(scanner);
      scanner.expect(')');
    }
    scanner.expect(' tell ');
    takeAddress(scanner, arp.sender);
  } else if (scanner.take('Reply ')) {
    arp.operation = ArpOperation.Reply;
    takeAddress(scanner, arp.sender);
    scanner.expect(' is-at ');
    arp.senderMac = takeMac(scanner);
  } else {
    scanner.fail('expected a Request or a Reply');
  }
  scanner.expect(', length ');
  const lengthAt = scanner.at;
  const length = scanner.number('a length', MOST);
  if (length < ARP_LENGTH) scanner.fail(`an ARP packet has ${ARP_LENGTH} octets at least`, lengthAt);
  if (!scanner.done) scanner.fail('expected the end of the line');
  const frame = new Frame(ETHERNET_HEADER + length);
  frame.end = ETHERNET_HEADER + length;
  frame.at = ETHERNET_HEADER + ARP_LENGTH;
  writeArp(frame, arp);
  writeEthernet(frame, arp.operation === ArpOperation.Request ? BROADCAST_MAC : UNTOLD, arp.senderMac, EtherType.Arp);
  return frame.copy();
}

/** 0.0.0.0. */
const UNSPECIFIED: Address = new Address().set(0, 0, 0xffff, 0);

function takeAddress(scanner: Scanner, into: Address): void {
  const at = scanner.at;
  const text = scanner.run((c) => c !== ' ' && c !== ',');
  const address = parseAddress(text);
  if (address?.family !== 4) scanner.fail(`"${text}" is no IPv4 address`, at);
  else into.copy(address);
}

function takeMac(scanner: Scanner): Mac {
  const at = scanner.at;
  const text = scanner.run((c) => c !== ')' && c !== ',');
  return parseMac(text) ?? scanner.fail(`"${text}" is no MAC`, at);
}
