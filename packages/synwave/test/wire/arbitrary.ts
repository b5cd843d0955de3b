/** Arbitrary packets and segments for the properties of codecs and text. */
import * as fc from 'fast-check';
import { Address } from '../../src/base/address.ts';
import { Frame } from '../../src/base/frame.ts';
import type { Mac } from '../../src/base/mac.ts';
import { seq } from '../../src/base/seq.ts';
import { Arp } from '../../src/wire/arp.ts';
import { DhcpMessage, DhcpOp, DhcpType } from '../../src/wire/dhcp.ts';
import { addressSum, Packet, Protocol } from '../../src/wire/ip.ts';
import { writeIpv4 } from '../../src/wire/ipv4.ts';
import { writeIpv6 } from '../../src/wire/ipv6.ts';
import { clearNd, NdMessage, type NdPrefix, NdType } from '../../src/wire/nd.ts';
import { ND_DNS, ND_PREFIXES } from '../../src/wire/nd-options.ts';
import { measure, Segment } from '../../src/wire/segment.ts';
import { writeTcp } from '../../src/wire/tcp.ts';
import { optionsLength } from '../../src/wire/tcp-options.ts';

export const octet: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xff });
const short: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffff });
export const word: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  fc.integer({ min: -3, max: 3 }),
);

/** A number below 2^32. */
export const unsigned: fc.Arbitrary<number> = word.map((n) => n >>> 0);
export const macs: fc.Arbitrary<Mac> = fc.oneof(
  fc.integer({ min: 0, max: 0xffff_ffff_ffff }),
  fc.constantFrom(0, 0xffff_ffff_ffff, 0x0200_0000_0001),
);

const mapped: fc.Arbitrary<Address> = word.map((d) => new Address().set(0, 0, 0xffff, d));
const global: fc.Arbitrary<Address> = fc
  .tuple(word, word, word)
  .map(([b, c, d]) => new Address().set(0x2001_0db8, b, c, d));
const linkLocal: fc.Arbitrary<Address> = fc.tuple(word, word).map(([c, d]) => new Address().set(0xfe80_0000, 0, c, d));

/** A packet header; IPv6 addresses are global ones, never IPv4 in disguise. */
export const packets: fc.Arbitrary<Packet> = fc
  .record({
    family: fc.constantFrom<4 | 6>(4, 6),
    words: fc.tuple(word, word, word, word, word, word),
    trafficClass: octet,
    hopLimit: octet,
    flowLabel: fc.integer({ min: 0, max: 0xf_ffff }),
    id: short,
    dontFragment: fc.boolean(),
  })
  .map((drawn) => {
    const packet = new Packet();
    packet.family = drawn.family;
    const [a, b, c, d, e, f] = drawn.words;
    if (drawn.family === 4) {
      packet.src.set(0, 0, 0xffff, a);
      packet.dst.set(0, 0, 0xffff, b);
      packet.id = drawn.id;
      packet.dontFragment = drawn.dontFragment;
    } else {
      packet.src.set(0x2001_0db8, a, b, c);
      packet.dst.set(0x2001_0db8, d, e, f);
      packet.flowLabel = drawn.flowLabel;
    }
    packet.trafficClass = drawn.trafficClass;
    packet.hopLimit = drawn.hopLimit;
    packet.protocol = Protocol.Tcp;
    return packet;
  });

const option = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });

/** A segment without text; as many SACK blocks as fit beside its other options. */
export const segments: fc.Arbitrary<Segment> = fc
  .record({
    ports: fc.tuple(short, short),
    seq: word,
    ack: word,
    flags: octet,
    wnd: short,
    up: short,
    mss: option(short),
    wscale: option(octet),
    sackOk: fc.boolean(),
    ts: option(fc.tuple(word, word)),
    sack: fc.array(fc.tuple(word, word), { maxLength: 4 }),
  })
  .map((drawn) => {
    const seg = new Segment();
    [seg.srcPort, seg.dstPort] = drawn.ports;
    seg.seq = seq(drawn.seq);
    seg.ack = seq(drawn.ack);
    seg.flags = drawn.flags;
    seg.wnd = drawn.wnd;
    seg.up = drawn.up;
    seg.mss = drawn.mss ?? -1;
    seg.wscale = drawn.wscale ?? -1;
    seg.sackOk = drawn.sackOk;
    if (drawn.ts !== null) {
      seg.hasTs = true;
      seg.tsVal = seq(drawn.ts[0]);
      seg.tsEcr = seq(drawn.ts[1]);
    }
    const fixed = optionsLength(seg);
    for (const [left, right] of drawn.sack) {
      if (fixed + 4 + 8 * (seg.sackCount + 1) > 40) break;
      seg.sackLeft[seg.sackCount] = left;
      seg.sackRight[seg.sackCount] = right;
      seg.sackCount++;
    }
    return seg;
  });

export const texts: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 64 });

/** A frame with `seg` and its text in an IP packet, all sums filled in, at an offset that need not be aligned. */
export function build(packet: Packet, seg: Segment, text: Uint8Array, head = 128): Frame {
  const frame = Frame.from(text, head);
  seg.textLen = text.length;
  measure(seg);
  packet.protocol = Protocol.Tcp;
  writeTcp(frame, seg, addressSum(packet.src, packet.dst, Protocol.Tcp));
  writeIp(frame, packet);
  return frame;
}

export function writeIp(frame: Frame, packet: Packet): void {
  if (packet.family === 4) writeIpv4(frame, packet);
  else writeIpv6(frame, packet);
}

export const arps: fc.Arbitrary<Arp> = fc
  .record({ operation: fc.constantFrom(1, 2), macs: fc.tuple(macs, macs), addresses: fc.tuple(mapped, mapped) })
  .map((drawn) => {
    const arp = new Arp();
    arp.operation = drawn.operation;
    [arp.senderMac, arp.targetMac] = drawn.macs;
    arp.sender.copy(drawn.addresses[0]);
    arp.target.copy(drawn.addresses[1]);
    return arp;
  });

/** A message of neighbor discovery, and the packet header that it may travel under. */
export interface Discovery {
  readonly message: NdMessage;
  readonly packet: Packet;
}

/** A valid message of any type, with what belongs to its type alone. */
export const discoveries: fc.Arbitrary<Discovery> = fc
  .record({
    type: fc.constantFrom(...Object.values(NdType)),
    src: linkLocal,
    dst: linkLocal,
    target: fc.oneof(global, linkLocal),
    destination: global,
    toNeighbour: fc.boolean(),
    flags: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    mac: fc.oneof(macs, fc.constant(-1)),
    hopLimit: octet,
    lifetime: short,
    timers: fc.tuple(unsigned, unsigned),
    mtu: unsigned,
    prefixes: fc.array(
      fc.record({
        prefix: global,
        length: fc.integer({ min: 0, max: 128 }),
        flags: fc.tuple(fc.boolean(), fc.boolean()),
        lifetimes: fc.tuple(unsigned, unsigned),
      }),
      { maxLength: ND_PREFIXES },
    ),
    dns: fc.array(global, { maxLength: ND_DNS }),
    dnsLifetime: unsigned,
  })
  .map((drawn) => {
    const { type } = drawn;
    const message = new NdMessage();
    clearNd(message, type);
    const packet = new Packet();
    packet.family = 6;
    packet.protocol = Protocol.Icmpv6;
    packet.hopLimit = 255;
    packet.src.copy(drawn.src);
    packet.dst.copy(drawn.dst);
    if (type === NdType.NeighborAdvertisement || type === NdType.Redirect) message.targetMac = drawn.mac;
    else message.sourceMac = drawn.mac;
    if (type === NdType.NeighborAdvertisement) [message.router, message.solicited, message.override] = drawn.flags;
    if (type === NdType.NeighborSolicitation || type === NdType.NeighborAdvertisement)
      message.target.copy(drawn.target);
    if (type === NdType.Redirect) {
      message.destination.copy(drawn.destination);
      message.target.copy(drawn.toNeighbour ? drawn.destination : drawn.dst);
    }
    if (type !== NdType.RouterAdvertisement) return { message, packet };
    message.hopLimit = drawn.hopLimit;
    [message.managed, message.other] = drawn.flags;
    message.lifetime = drawn.lifetime;
    [message.reachableTime, message.retransTimer] = drawn.timers;
    message.mtu = drawn.mtu;
    for (const each of drawn.prefixes) {
      const prefix = message.prefixes[message.prefixCount++] as NdPrefix;
      prefix.prefix.copy(each.prefix);
      prefix.length = each.length;
      [prefix.onLink, prefix.autonomous] = each.flags;
      [prefix.validLifetime, prefix.preferredLifetime] = each.lifetimes;
    }
    for (const each of drawn.dns) message.dns[message.dnsCount++]?.copy(each);
    if (message.dnsCount > 0) message.dnsLifetime = drawn.dnsLifetime;
    return { message, packet };
  });

const absent = <T>(arbitrary: fc.Arbitrary<T>, nothing: T): fc.Arbitrary<T> =>
  fc.oneof(arbitrary, fc.constant(nothing));

/** Without a zero at the end, which a reader deletes. */
const dhcpText: fc.Arbitrary<string> = fc
  .oneof(fc.string({ maxLength: 20 }), fc.string({ minLength: 256, maxLength: 600, unit: 'grapheme' }))
  .map((text) => text.replace(/\0+$/, ''));

const REPLIES: readonly number[] = [DhcpType.Offer, DhcpType.Ack, DhcpType.Nak];

/** A DHCP message, with any options whoever sends it. */
export const dhcps: fc.Arbitrary<DhcpMessage> = fc
  .record({
    type: fc.constantFrom(...Object.values(DhcpType)),
    xid: unsigned,
    secs: short,
    broadcast: fc.boolean(),
    chaddr: macs,
    fixed: fc.tuple(mapped, mapped, mapped, mapped),
    options: fc.record({
      requestedAddress: absent<Address | null>(mapped, null),
      serverId: absent<Address | null>(mapped, null),
      subnetMask: fc.integer({ min: -1, max: 32 }),
      routers: fc.array(mapped, { maxLength: 100 }),
      dns: fc.array(mapped, { maxLength: 3 }),
      domainName: dhcpText,
      hostName: dhcpText,
      message: dhcpText,
      leaseTime: absent(unsigned, -1),
      t1: absent(unsigned, -1),
      t2: absent(unsigned, -1),
      mtu: absent(fc.integer({ min: 68, max: 0xffff }), 0),
      clientId: absent<Uint8Array | null>(fc.uint8Array({ minLength: 2, maxLength: 300 }), null),
      parameters: fc.array(octet, { maxLength: 300 }),
    }),
  })
  .map((drawn) => {
    const message = new DhcpMessage();
    const { type, xid, secs, broadcast, chaddr } = drawn;
    Object.assign(message, { type, xid, secs, broadcast, chaddr }, drawn.options);
    message.op = REPLIES.includes(type) ? DhcpOp.Reply : DhcpOp.Request;
    const { ciaddr, yiaddr, siaddr, giaddr } = message;
    for (const [i, address] of [ciaddr, yiaddr, siaddr, giaddr].entries()) address.copy(drawn.fixed[i] as Address);
    return message;
  });
