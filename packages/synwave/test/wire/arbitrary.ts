/** Arbitrary packets and segments for the properties of codecs and text. */
import * as fc from 'fast-check';
import { Frame } from '../../src/base/frame.ts';
import { seq } from '../../src/base/seq.ts';
import { addressSum, Packet, Protocol } from '../../src/wire/ip.ts';
import { writeIpv4 } from '../../src/wire/ipv4.ts';
import { writeIpv6 } from '../../src/wire/ipv6.ts';
import { measure, Segment } from '../../src/wire/segment.ts';
import { writeTcp } from '../../src/wire/tcp.ts';
import { optionsLength } from '../../src/wire/tcp-options.ts';

export const octet: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xff });
const short: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffff });
export const word: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  fc.integer({ min: -3, max: 3 }),
);

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
