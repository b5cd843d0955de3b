/** RFC 4861 §4: neighbor discovery. Reads into an NdMessage the caller owns, with all checks that need only the packet. */
import { Address } from '../base/address.ts';
import { isLinkLocal, isMulticast, isUnspecified } from '../base/address-text.ts';
import type { Frame } from '../base/frame.ts';
import { Drop } from './drop.ts';
import type { Icmp } from './icmp.ts';
import { writeIcmpv6 } from './icmpv6.ts';
import { hasFragmentHeader, readAddress, writeAddress } from './ipv6.ts';
import {
  clearNdOptions,
  NdOption,
  NdOptions,
  ndOptionsLength,
  readNdOptions,
  writeNdOptions,
  writeRedirectedHeader,
} from './nd-options.ts';
import type { Packet } from './packet.ts';

export { NdPrefix } from './nd-options.ts';

/** The five types, as Icmpv6Type has them. */
export const NdType = {
  RouterSolicitation: 133,
  RouterAdvertisement: 134,
  NeighborSolicitation: 135,
  NeighborAdvertisement: 136,
  Redirect: 137,
} as const;

/** The hop limit of what no router has passed on: who sent it is on this link. */
const ON_THIS_LINK = 255;

/** Flags of a router advertisement (§4.2), in the word of the ICMP header. */
const MANAGED = 0x80_0000;
const OTHER = 0x40_0000;

/** Flags of a neighbor advertisement (§4.4), in the word of the ICMP header. */
const ROUTER = 0x8000_0000;
const SOLICITED = 0x4000_0000;
const OVERRIDE = 0x2000_0000;

/** Solicited-node multicast addresses are ff02::1:ff00:0/104 (RFC 4291 §2.7.1): all but the last 24 bits. */
const LINK_GROUP = 0xff02_0000 | 0;
const SOLICITED_NODE = 0xff;

const ADDRESS = 16;

/** Octets behind the ICMP header and in front of the options, by type; -1 for what is no neighbor discovery. */
function bodyLength(type: number): number {
  switch (type) {
    case NdType.RouterSolicitation:
      return 0;
    case NdType.RouterAdvertisement:
      return 8;
    case NdType.NeighborSolicitation:
    case NdType.NeighborAdvertisement:
      return ADDRESS;
    case NdType.Redirect:
      return 2 * ADDRESS;
    default:
      return -1;
  }
}

/** The options that mean something in a message of that type, a bit for each; the rest is ignored (§4.6). */
function optionsOf(type: number): number {
  if (type === NdType.RouterSolicitation || type === NdType.NeighborSolicitation) return 1 << NdOption.SourceMac;
  if (type === NdType.NeighborAdvertisement || type === NdType.Redirect) return 1 << NdOption.TargetMac;
  return (1 << NdOption.SourceMac) | (1 << NdOption.Mtu) | (1 << NdOption.Prefix) | (1 << NdOption.Dns);
}

/** One message of any of the five types. What another type says stands at its default after reading. */
export class NdMessage extends NdOptions {
  /** An NdType. */
  type: number = NdType.NeighborSolicitation;
  /** Of solicitations and advertisements of neighbours: who is asked for, or speaks. Of a redirect: whom to send to. */
  readonly target: Address = new Address();
  /** Of a redirect: whose packets to send there. */
  readonly destination: Address = new Address();

  // Of a neighbor advertisement.
  /** The sender is a router. */
  router = false;
  /** It answers a solicitation: the neighbour is reachable. */
  solicited = false;
  /** It replaces the MAC that is known. */
  override = false;

  // Of a router advertisement; the options of one are in NdOptions.
  /** For packets of ours; 0: unspecified. */
  hopLimit = 0;
  /** DHCPv6 gives addresses; DHCPv6 gives other things. */
  managed = false;
  other = false;
  /** For how many seconds the router is a default router; 0: it is none. */
  lifetime = 0;
  /** In milliseconds; 0: unspecified. */
  reachableTime = 0;
  retransTimer = 0;
}

/** Makes it a message of that type that says nothing yet. */
export function clearNd(message: NdMessage, type: number): void {
  message.type = type;
  message.target.set(0, 0, 0, 0);
  message.destination.set(0, 0, 0, 0);
  message.router = false;
  message.solicited = false;
  message.override = false;
  message.hopLimit = 0;
  message.managed = false;
  message.other = false;
  message.lifetime = 0;
  message.reachableTime = 0;
  message.retransTimer = 0;
  clearNdOptions(message);
}

/**
 * Reads the message whose ICMP header `readIcmpv6` has read into `icmp`, checksum and all; `packet` is the IPv6 header
 * around it. Answers `None` for a message that is valid by §6.1.1, §6.1.2, §7.1.1, §7.1.2 or §8.1 as far as the packet
 * alone can tell: whether a redirect comes from the router that is in use, and whether a host may read solicitations
 * meant for routers, is for the caller to ask. `into` is whole only with `None`.
 */
export function readNd(into: NdMessage, icmp: Icmp, frame: Frame, packet: Packet): Drop {
  const { type } = icmp;
  const length = bodyLength(type);
  if (length < 0 || icmp.code !== 0 || packet.hopLimit !== ON_THIS_LINK) return Drop.NdInvalid;
  if (icmp.textEnd - icmp.textAt < length) return Drop.NdInvalid;
  if (hasFragmentHeader(packet, frame)) return Drop.NdInvalid; // RFC 6980 §5
  clearNd(into, type);
  readBody(into, icmp, frame.view);
  const drop = readNdOptions(into, frame, icmp.textAt + length, icmp.textEnd, optionsOf(type));
  if (drop !== Drop.None) return drop;
  return valid(into, packet) ? Drop.None : Drop.NdInvalid;
}

function readBody(into: NdMessage, icmp: Icmp, view: DataView): void {
  const { type, word, textAt } = icmp;
  if (type === NdType.RouterSolicitation) return;
  if (type === NdType.RouterAdvertisement) {
    into.hopLimit = word >>> 24;
    into.managed = (word & MANAGED) !== 0;
    into.other = (word & OTHER) !== 0;
    into.lifetime = word & 0xffff;
    into.reachableTime = view.getUint32(textAt);
    into.retransTimer = view.getUint32(textAt + 4);
    return;
  }
  readAddress(into.target, view, textAt);
  if (type === NdType.Redirect) readAddress(into.destination, view, textAt + ADDRESS);
  if (type !== NdType.NeighborAdvertisement) return;
  into.router = (word & ROUTER) !== 0;
  into.solicited = (word & SOLICITED) !== 0;
  into.override = (word & OVERRIDE) !== 0;
}

/** The checks of addresses. An IPv4 address in disguise is never a neighbour of IPv6. */
function valid(message: NdMessage, packet: Packet): boolean {
  const { target, destination } = message;
  switch (message.type) {
    case NdType.RouterSolicitation: // §6.1.1
      return message.sourceMac < 0 || !isUnspecified(packet.src);
    case NdType.RouterAdvertisement: // §6.1.2
      return isLinkLocal(packet.src);
    case NdType.NeighborSolicitation: // §7.1.1
      if (target.family === 4 || isMulticast(target)) return false;
      return !isUnspecified(packet.src) || (message.sourceMac < 0 && isSolicitedNode(packet.dst));
    case NdType.NeighborAdvertisement: // §7.1.2
      if (target.family === 4 || isMulticast(target)) return false;
      return !message.solicited || !isMulticast(packet.dst);
    default: // §8.1
      if (!isLinkLocal(packet.src) || destination.family === 4 || isMulticast(destination)) return false;
      return target.family === 6 && (isLinkLocal(target) || target.equals(destination));
  }
}

function isSolicitedNode({ a, b, c, d }: Address): boolean {
  return a === LINK_GROUP && b === 0 && c === 1 && d >>> 24 === SOLICITED_NODE;
}

/**
 * Writes the message, ICMP header and checksum included, in front of `frame.at`, and moves `frame.at` back over it: what
 * belongs to its type, and of the options what is set. `pseudo` as for `writeIcmpv6`. Nothing stands behind it, with one
 * exception: a redirect may have the packet that brought it on in `frame.bytes[frame.at, frame.end)`, cut to what fits
 * (§4.6.3); it becomes the Redirected Header option, and `frame.end` moves back to a multiple of 8 octets of it.
 */
export function writeNd(frame: Frame, message: NdMessage, pseudo: number): void {
  const { type } = message;
  if (type === NdType.Redirect && frame.length > 0) writeRedirectedHeader(frame);
  const wanted = optionsOf(type);
  frame.at -= ndOptionsLength(message, wanted);
  writeNdOptions(message, frame, frame.at, wanted);
  frame.at -= bodyLength(type);
  writeBody(frame.view, frame.at, message);
  writeIcmpv6(frame, type, 0, wordOf(message), pseudo);
}

function writeBody(view: DataView, at: number, message: NdMessage): void {
  const { type } = message;
  if (type === NdType.RouterSolicitation) return;
  if (type === NdType.RouterAdvertisement) {
    view.setUint32(at, message.reachableTime);
    view.setUint32(at + 4, message.retransTimer);
    return;
  }
  writeAddress(message.target, view, at);
  if (type === NdType.Redirect) writeAddress(message.destination, view, at + ADDRESS);
}

/** The second word of the ICMP header. */
function wordOf(message: NdMessage): number {
  if (message.type === NdType.RouterAdvertisement) {
    const flags = (message.managed ? MANAGED : 0) | (message.other ? OTHER : 0);
    return ((message.hopLimit << 24) | flags | message.lifetime) >>> 0;
  }
  if (message.type !== NdType.NeighborAdvertisement) return 0;
  const { router, solicited, override } = message;
  return ((router ? ROUTER : 0) | (solicited ? SOLICITED : 0) | (override ? OVERRIDE : 0)) >>> 0;
}
