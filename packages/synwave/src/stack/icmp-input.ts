/** An ICMP message arrives: an echo is answered, neighbours and routers are heard, an error goes to whom it is about. */
import { Address } from '../base/address.ts';
import type { Frame } from '../base/frame.ts';
import { isGroupMac, type Mac } from '../base/mac.ts';
import { routerAdvertisementArrives } from '../ip/autoconf.ts';
import type { IpInterface } from '../ip/interface.ts';
import {
  advertisementArrives,
  redirectArrives,
  routerSolicitationArrives,
  solicitationArrives,
} from '../ip/nd-input.ts';
import { Drop } from '../wire/drop.ts';
import { IcmpKind } from '../wire/icmp.ts';
import { icmpv4Kind, readIcmpv4 } from '../wire/icmpv4.ts';
import { icmpv6Kind, readIcmpv6 } from '../wire/icmpv6.ts';
import { pseudoSum } from '../wire/ip.ts';
import { NdType, readNd } from '../wire/nd.ts';
import { readQuote } from '../wire/quote.ts';
import type { Core } from './core.ts';
import { dropPacket, tellIcmp } from './events-out.ts';
import { replyEcho } from './icmp-output.ts';
import { errorArrives, quotesOurs, toEcho, unclaimed } from './reports.ts';

/** `core.packet` holds the IP header that was read from `frame`, of the family that this ICMP belongs to. */
export function icmpInput(core: Core, arrivedOn: IpInterface, frame: Frame): void {
  const { packet, icmp } = core;
  const { family, src, dst, textAt, textEnd } = packet;
  const { verifySums } = arrivedOn.link.offloads;
  const fault =
    family === 4
      ? readIcmpv4(icmp, frame, textAt, textEnd, verifySums)
      : readIcmpv6(icmp, frame, textAt, textEnd, verifySums ? pseudoSum(packet, textEnd - textAt) : -1);
  if (fault !== Drop.None) {
    dropPacket(core, fault, -1);
    return;
  }
  core.icmpIn++;
  tellIcmp(core, 'in', frame, textAt, textEnd, dst, src);
  const kind = family === 4 ? icmpv4Kind(icmp.type, icmp.code) : icmpv6Kind(icmp.type, icmp.code);
  switch (kind) {
    case IcmpKind.EchoRequest:
      // RFC 1122 §3.2.2.6: what went to a broadcast address need not be answered, and is a way to flood others.
      if (core.ip.toMany && family === 4) dropPacket(core, Drop.Broadcast, -1);
      else replyEcho(core, arrivedOn, frame);
      break;
    case IcmpKind.NeighborDiscovery:
      neighborDiscovery(core, arrivedOn, frame);
      break;
    case IcmpKind.Redirect:
      redirected(core, arrivedOn, frame);
      break;
    case IcmpKind.EchoReply:
      toEcho(core, icmp.id, icmp.sequence, src, kind);
      break;
    case IcmpKind.SourceQuench:
      dropPacket(core, Drop.IcmpSourceQuench, -1); // MUST-55, RFC 6633
      break;
    case IcmpKind.Other:
      dropPacket(core, Drop.IcmpType, -1);
      break;
    default:
      errorArrives(core, arrivedOn, frame, kind);
  }
}

/** RFC 4861: which part of neighbour discovery a message belongs to. */
function neighborDiscovery(core: Core, arrivedOn: IpInterface, frame: Frame): void {
  const { ip, icmp, packet } = core;
  const { nd } = ip;
  let fault = readNd(nd, icmp, frame, packet);
  // RFC 6980 §5; and no station's address is one of many.
  if (fault === Drop.None && (ip.wasCut || isOfMany(nd.sourceMac) || isOfMany(nd.targetMac))) fault = Drop.NdInvalid;
  if (fault !== Drop.None) {
    dropPacket(core, fault, -1);
    return;
  }
  if (nd.type !== NdType.NeighborAdvertisement && ip.isLocal(packet.src, arrivedOn)) {
    dropPacket(core, Drop.IpSource, -1);
    return;
  }
  // Without MAC addresses there is nobody to be found: who asks there all the same is not answered.
  if (arrivedOn.mac < 0) return;
  switch (nd.type) {
    case NdType.NeighborSolicitation:
      solicitationArrives(ip, arrivedOn, packet);
      break;
    case NdType.NeighborAdvertisement:
      advertisementArrives(ip, arrivedOn);
      break;
    case NdType.RouterSolicitation: {
      const advertiser = core.advertisers.get(arrivedOn.index);
      if (advertiser === undefined) break; // §6.2.6: none of a host's business
      routerSolicitationArrives(ip, arrivedOn, packet.src);
      advertiser.solicited();
      break;
    }
    case NdType.RouterAdvertisement: {
      const autoconf = core.autoconfs.get(arrivedOn.index);
      if (autoconf !== undefined && !ip.forwarding) routerAdvertisementArrives(ip, arrivedOn, autoconf, packet.src);
      break;
    }
    default:
      if (ip.forwarding || !redirectArrives(ip, arrivedOn, packet.src, nd.destination, nd.target)) unclaimed(core);
  }
}

function isOfMany(mac: Mac): boolean {
  return mac >= 0 && isGroupMac(mac);
}

/** RFC 1122 §3.2.2.2: a router of IPv4 names a better one for the destination of the packet that it quotes. */
function redirected(core: Core, arrivedOn: IpInterface, frame: Frame): void {
  const { ip, icmp, packet, quoted } = core;
  const fault = readQuote(quoted, frame, icmp.textAt, icmp.textEnd);
  const target = new Address().set(0, 0, 0xffff, icmp.word);
  const believed =
    fault === Drop.None &&
    !ip.forwarding &&
    quotesOurs(core, frame) &&
    redirectArrives(ip, arrivedOn, packet.src, quoted.dst, target);
  if (!believed) unclaimed(core);
}
