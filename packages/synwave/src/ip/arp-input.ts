/** RFC 826, RFC 5227: an ARP packet arrives: who asks is noted and answered, who claims an address of ours is noticed. */
import { isUnspecified } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import { isGroupMac } from '../base/mac.ts';
import { ArpOperation, readArp } from '../wire/arp.ts';
import { Drop } from '../wire/drop.ts';
import { replyByArp } from './arp-output.ts';
import { addressIsClaimed } from './detection.ts';
import type { IpInterface } from './interface.ts';
import type { Ip } from './ip.ts';

/** An ARP packet has arrived, in `frame.bytes[at, end)` (RFC 826, packet reception). */
export function arpInput(ip: Ip, via: IpInterface, frame: Frame, at: number, end: number): void {
  const { arp, neighbours } = ip;
  const fault = readArp(arp, frame, at, end);
  if (fault !== Drop.None) {
    ip.above.drop(fault);
    return;
  }
  const { operation, senderMac, sender, target } = arp;
  if (senderMac === via.mac) return; // our own, come back
  if (isGroupMac(senderMac)) {
    ip.above.drop(Drop.ArpMalformed);
    return;
  }
  const probe = isUnspecified(sender);
  const claimed = via.entryOf(probe ? target : sender);
  // RFC 5227 §2.1.1, §2.4: another station has, or wants, what is ours or is to be.
  if (claimed !== null && (!probe || claimed.tentative)) {
    if (operation === ArpOperation.Request || !probe) addressIsClaimed(ip, via, claimed, senderMac);
    return;
  }
  const own = via.entryOf(target);
  const forUs = own?.isUsable(ip.clock.now) === true;
  if (!probe) {
    const known = neighbours.find(via, sender);
    const answers = operation === ArpOperation.Reply && forUs;
    // RFC 826: whom we know is brought up to date; whom we do not is noted if the question is for us.
    if (known !== null && answers) neighbours.answered(known, senderMac);
    else if (known !== null) neighbours.heard(known, senderMac);
    else if (forUs && operation === ArpOperation.Request) neighbours.heard(neighbours.get(via, sender), senderMac);
  }
  if (forUs && operation === ArpOperation.Request) replyByArp(ip, via);
}
