/** RFC 826, RFC 5227: an ARP packet arrives: who asks is noted and answered, who claims an address of ours is noticed. */
import { isLoopback, isMulticast, isUnspecified } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import { isGroupMac } from '../base/mac.ts';
import { ArpOperation, readArp } from '../wire/arp.ts';
import { Drop } from '../wire/drop.ts';
import { replyByArp } from './arp-output.ts';
import { addressIsClaimed } from './detection.ts';
import type { IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';
import { type Neighbour, NeighbourState } from './neighbours.ts';

/** An ARP packet has arrived, in `frame.bytes[at, end)` (RFC 826, packet reception). */
export function arpInput(ip: Ip, via: IpInterface, frame: Frame, at: number, end: number): void {
  const { arp } = ip;
  const fault = readArp(arp, frame, at, end);
  if (fault !== Drop.None) {
    ip.above.drop(fault);
    return;
  }
  const { operation, senderMac, sender, target } = arp;
  if (senderMac === via.mac) return; // our own, come back
  // RFC 1812 §3.3.2: no station's address is one of many; no station is one of these.
  if (isGroupMac(senderMac) || isMulticast(sender) || isLoopback(sender) || via.isBroadcast(sender)) {
    ip.above.drop(Drop.ArpMalformed);
    return;
  }
  const asks = operation === ArpOperation.Request;
  const probe = isUnspecified(sender);
  const claimed = via.entryOf(probe ? target : sender);
  // RFC 5227 §2.1.1, §2.4: another station has, or wants, what is ours or is to be.
  if (claimed !== null && (probe ? asks && claimed.tentative : claimed.tentative || claimed.isUsable(ip.clock.now))) {
    addressIsClaimed(ip, via, claimed, senderMac);
    return;
  }
  const forUs = via.entryOf(target)?.isUsable(ip.clock.now) === true;
  if (!probe) note(ip, via, forUs, asks);
  if (forUs && asks) replyByArp(ip, via);
}

/** RFC 826: whom we know is brought up to date; whom we do not is noted if the question is for us. */
function note({ arp, neighbours }: Ip, via: IpInterface, forUs: boolean, asks: boolean): void {
  const { sender, senderMac } = arp;
  const known = neighbours.find(via, sender);
  if (known === null || known.state === NeighbourState.None) {
    if (forUs && asks) neighbours.heard(known ?? neighbours.get(via, sender), senderMac);
  } else if (forUs && !asks && isAsked(known)) {
    neighbours.answered(known, senderMac);
  } else {
    neighbours.heard(known, senderMac);
  }
}

/** What answers no question proves nothing. */
function isAsked({ state }: Neighbour): boolean {
  return state === NeighbourState.Incomplete || state === NeighbourState.Probe;
}
