/** wire/nd.ts: any octets as an IPv6 packet with a message of neighbor discovery; what was read is written and read again. */
import { isMulticast } from '../../packages/synwave/dist/base/address-text.js';
import { Frame } from '../../packages/synwave/dist/base/frame.js';
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import { Icmp } from '../../packages/synwave/dist/wire/icmp.js';
import { readIcmpv6 } from '../../packages/synwave/dist/wire/icmpv6.js';
import { addressSum, Packet, Protocol, pseudoSum, readIp } from '../../packages/synwave/dist/wire/ip.js';
import { writeIpv6 } from '../../packages/synwave/dist/wire/ipv6.js';
import { clearNd, NdMessage, NdType, readNd, writeNd } from '../../packages/synwave/dist/wire/nd.js';
import { parseAddress } from '../../packages/synwave/dist/base/address-text.js';
import { repairPacket, samplePackets } from '../packets.mjs';
import { blank, holds, Places, readTwice } from '../target.mjs';

/** @typedef {import('../../packages/synwave/dist/base/address.js').Address} Address */
/** @typedef {import('../target.mjs').Log} Log */

const MOST = 640;
const places = new Places(MOST);
const others = new Places(MOST);
const packet = new Packet();
const icmp = new Icmp();
const message = new NdMessage();
const written = blank(MOST);

/** What has come before the message could be read. */
const NO_ICMP = -1;

/**
 * @param {Frame} frame
 * @param {Log} log
 */
function read(frame, log) {
  if (readIp(packet, frame, true) !== Drop.None || packet.protocol !== Protocol.Icmpv6) return log.put(NO_ICMP);
  const { textAt, textEnd } = packet;
  if (readIcmpv6(icmp, frame, textAt, textEnd, pseudoSum(packet, textEnd - textAt)) !== Drop.None) {
    return log.put(NO_ICMP);
  }
  const drop = readNd(message, icmp, frame, packet);
  log.put(drop);
  if (drop === Drop.None) note(log);
}

/** @param {Log} log */
function note(log) {
  const { type, sourceMac, targetMac, mtu, prefixCount, dnsCount } = message;
  holds(type === NdType.RouterSolicitation || type === NdType.RouterAdvertisement || !isMulticast(message.target), 'target');
  holds(prefixCount <= message.prefixes.length && dnsCount <= message.dns.length, 'lists have an end');
  log.put(type, Number(message.router), Number(message.solicited), Number(message.override), message.hopLimit);
  log.put(Number(message.managed), Number(message.other), message.lifetime, message.reachableTime, message.retransTimer);
  log.put(sourceMac, targetMac, mtu, prefixCount, dnsCount);
  log.address(message.target);
  log.address(message.destination);
  for (const each of message.prefixes.slice(0, prefixCount)) {
    holds(each.length <= 128, `a prefix of ${each.length} bits`);
    log.address(each.prefix);
    log.put(each.length, Number(each.onLink), Number(each.autonomous), each.validLifetime, each.preferredLifetime);
  }
  for (const each of message.dns.slice(0, dnsCount)) log.address(each);
  if (dnsCount > 0) log.put(message.dnsLifetime); // of no server it says nothing
}

const LINK_LOCAL = address('fe80::1');

/** @param {string} text */
function address(text) {
  return /** @type {Address} */ (parseAddress(text));
}

/**
 * A packet with a message, which `say` fills in.
 * @param {number} type
 * @param {(message: NdMessage) => void} say
 * @param {Uint8Array} behind
 */
function made(type, say, behind = new Uint8Array(0)) {
  clearNd(message, type);
  say(message);
  const around = new Packet();
  around.family = 6;
  around.src.copy(LINK_LOCAL);
  around.dst.copy(address('fe80::2'));
  around.protocol = Protocol.Icmpv6;
  around.hopLimit = 255;
  const frame = Frame.from(behind, MOST);
  writeNd(frame, message, addressSum(around.src, around.dst, Protocol.Icmpv6));
  writeIpv6(frame, around);
  return frame.copy();
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'nd',
  most: MOST,
  words: [
    Uint8Array.of(1, 1, 2, 0, 0, 0, 0, 1),
    Uint8Array.of(5, 1, 0, 0, 0, 0, 5, 220),
    Uint8Array.of(3, 4, 64, 0xc0, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 0, 0xfd, ...new Uint8Array(15)),
    Uint8Array.of(25, 3, 0, 0, 0, 0, 0, 9, 0xfd, ...new Uint8Array(15)),
  ],
  seeds: () => [
    made(NdType.RouterSolicitation, (each) => (each.sourceMac = 0x0200_0000_0001)),
    made(NdType.RouterAdvertisement, (each) => {
      Object.assign(each, { hopLimit: 64, managed: true, lifetime: 1800, reachableTime: 9, mtu: 1400, sourceMac: 7 });
      Object.assign(each.prefixes[0] ?? {}, { length: 64, onLink: true, autonomous: true, validLifetime: 9 });
      each.prefixes[0]?.prefix.copy(address('fd00::'));
      each.dns[0]?.copy(address('fd00::53'));
      Object.assign(each, { prefixCount: 1, dnsCount: 1, dnsLifetime: 600 });
    }),
    made(NdType.NeighborSolicitation, (each) => void each.target.copy(LINK_LOCAL)),
    made(NdType.NeighborAdvertisement, (each) => {
      Object.assign(each, { solicited: true, override: true, targetMac: 0x0200_0000_0002 });
      each.target.copy(LINK_LOCAL);
    }),
    made(
      NdType.Redirect,
      (each) => {
        each.target.copy(LINK_LOCAL);
        each.destination.copy(address('fd00::9'));
      },
      samplePackets().at(-1),
    ),
  ],
  repair: repairPacket,
  run(input) {
    const log = readTwice(places, input, read);
    const drop = log.values[0] ?? NO_ICMP;
    if (drop !== Drop.None) return -drop - 1;
    written.at = written.bytes.length;
    written.end = written.at;
    const { src, dst, hopLimit } = packet;
    writeNd(written, message, addressSum(src, dst, Protocol.Icmpv6));
    const around = new Packet();
    around.family = 6;
    around.src.copy(src);
    around.dst.copy(dst);
    around.hopLimit = hopLimit;
    around.protocol = Protocol.Icmpv6;
    writeIpv6(written, around);
    log.same(readTwice(others, written.copy(), read), 'written and read again');
    return message.type;
  },
};
