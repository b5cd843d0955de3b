/** RFC 826, RFC 5227: ARP packets leave: questions, answers, probes, announcements. */
import { Address } from '../base/address.ts';
import { BROADCAST_MAC, type Mac } from '../base/mac.ts';
import { ArpOperation, writeArp } from '../wire/arp.ts';
import { EtherType } from '../wire/ethernet.ts';
import type { IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';
import type { Neighbour } from './neighbours.ts';
import { toStation } from './output.ts';
import { sourceAsking } from './source.ts';

const NOBODY: Address = new Address().set(0, 0, 0xffff, 0);

/** Answers the question in `ip.arp`, which is for an address of ours. */
export function replyByArp(ip: Ip, via: IpInterface): void {
  const { senderMac, sender, target } = ip.arp;
  send(ip, via, senderMac, ArpOperation.Reply, target.clone(), senderMac, sender.clone());
}

/** Asks who has the neighbour's address: that very station (RFC 1122 §2.3.2.1, unicast poll), or all. */
export function askByArp(ip: Ip, neighbour: Neighbour, known: boolean): void {
  const { via, address, mac } = neighbour;
  const from = sourceAsking(ip, neighbour) ?? NOBODY;
  send(ip, via, known ? mac : BROADCAST_MAC, ArpOperation.Request, from, 0, address);
}

/** RFC 5227 §2.1.1: asks whether anybody has an address, without saying that we want it. */
export function probeByArp(ip: Ip, via: IpInterface, address: Address): void {
  send(ip, via, BROADCAST_MAC, ArpOperation.Request, NOBODY, 0, address);
}

/** RFC 5227 §2.3: tells everybody that an address is ours. */
export function announceByArp(ip: Ip, via: IpInterface, address: Address): void {
  send(ip, via, BROADCAST_MAC, ArpOperation.Request, address, 0, address);
}

function send(
  ip: Ip,
  via: IpInterface,
  to: Mac,
  operation: number,
  sender: Address,
  targetMac: Mac,
  target: Address,
): void {
  const { arp } = ip;
  const frame = via.frameFor(0);
  arp.operation = operation;
  arp.senderMac = via.mac;
  arp.sender.copy(sender);
  arp.targetMac = targetMac;
  arp.target.copy(target);
  writeArp(frame, arp);
  toStation(via, to, EtherType.Arp, frame);
}
