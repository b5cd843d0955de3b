/** RFC 826: ARP for IPv4 on Ethernet. Reads into an Arp the caller owns; writes into a frame the caller owns. */
import { Address } from '../base/address.ts';
import type { Frame } from '../base/frame.ts';
import { type Mac, readMac, writeMac } from '../base/mac.ts';
import { Drop } from './drop.ts';
import { EtherType } from './ethernet.ts';

const PROTOCOL = 2;
const LENGTHS = 4;
const OPERATION = 6;
const SENDER_MAC = 8;
const SENDER = 14;
const TARGET_MAC = 18;
const TARGET = 24;

/** Octets of a packet about IPv4 on Ethernet. */
export const ARP_LENGTH = 28;

/** Hardware type 1 is Ethernet; its addresses have 6 octets, those of IPv4 have 4. */
const ETHERNET = 1;
const SIX_AND_FOUR = 0x0604;

/** An IPv4 address as Address holds it: ::ffff:a.b.c.d. */
const MAPPED = 0xffff;

export const ArpOperation = { Request: 1, Reply: 2 } as const;

/**
 * One ARP packet. A probe (RFC 5227 §1.1) is a request with a `sender` of 0.0.0.0; an announcement is one whose `sender`
 * is its `target`. In a request `targetMac` says nothing.
 */
export class Arp {
  /** An ArpOperation. */
  operation: number = ArpOperation.Request;
  senderMac: Mac = 0;
  /** Overwritten by the next packet: keep a `clone`. */
  readonly sender: Address = new Address();
  targetMac: Mac = 0;
  readonly target: Address = new Address();
}

/** Reads the packet in `frame.bytes[at, end)`; what lies behind it is padding. Answers a reason to drop, or `None`. */
export function readArp(into: Arp, frame: Frame, at: number, end: number): Drop {
  const { view } = frame;
  if (end - at < ARP_LENGTH) return Drop.ArpShort;
  if (view.getUint16(at) !== ETHERNET || view.getUint16(at + PROTOCOL) !== EtherType.Ipv4) return Drop.ArpMalformed;
  if (view.getUint16(at + LENGTHS) !== SIX_AND_FOUR) return Drop.ArpMalformed;
  const operation = view.getUint16(at + OPERATION);
  if (operation !== ArpOperation.Request && operation !== ArpOperation.Reply) return Drop.ArpMalformed;
  into.operation = operation;
  into.senderMac = readMac(view, at + SENDER_MAC);
  into.sender.set(0, 0, MAPPED, view.getInt32(at + SENDER));
  into.targetMac = readMac(view, at + TARGET_MAC);
  into.target.set(0, 0, MAPPED, view.getInt32(at + TARGET));
  return Drop.None;
}

/** Writes the packet into the `ARP_LENGTH` octets in front of `frame.at`, and moves `frame.at` back over it. */
export function writeArp(frame: Frame, arp: Arp): void {
  const at = frame.at - ARP_LENGTH;
  const { view } = frame;
  frame.at = at;
  view.setUint16(at, ETHERNET);
  view.setUint16(at + PROTOCOL, EtherType.Ipv4);
  view.setUint16(at + LENGTHS, SIX_AND_FOUR);
  view.setUint16(at + OPERATION, arp.operation);
  writeMac(view, at + SENDER_MAC, arp.senderMac);
  view.setInt32(at + SENDER, arp.sender.d);
  writeMac(view, at + TARGET_MAC, arp.targetMac);
  view.setInt32(at + TARGET, arp.target.d);
}
