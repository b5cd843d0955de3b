/** A router behind a carrier that left sums and cutting to others: what goes on is cut and summed as its next carrier needs it. */
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { seq } from '../../src/base/seq.ts';
import { type Offloads, onTheWire } from '../../src/link/link.ts';
import { Drop } from '../../src/wire/drop.ts';
import { Packet, pseudoSum, readIp } from '../../src/wire/ip.ts';
import { ACK, CWR, FIN, PSH, Segment } from '../../src/wire/segment.ts';
import { readTcp, writeTcp } from '../../src/wire/tcp.ts';
import { octets } from '../world/data.ts';
import { Bench, families, packet, udpText } from './wire.ts';

const TCP = 6;
const UDP = 17;
const FIRST = 0x7fff_fff0; // sequence numbers wrap within the text

const cuts: Offloads = { fillSums: false, verifySums: true, superSegment: 60_000 };

function router(mtu: number, offloads: Offloads): Bench {
  const at = new Bench();
  at.wire([families[4].network, families[6].network]);
  at.wire(['10.9.0.1/24', 'fd00:9::1/64'], mtu, offloads);
  at.stack.internet.setForwarding(true);
  return at;
}

/** A TCP segment with timestamps whose sum was left to others. */
function segment(text: Uint8Array, flags: number): Uint8Array {
  const frame = Frame.from(text, 128);
  const seg = new Segment();
  seg.srcPort = 1000;
  seg.dstPort = 80;
  seg.seq = seq(FIRST);
  seg.ack = seq(77);
  seg.flags = flags;
  seg.wnd = 500;
  seg.hasTs = true;
  seg.tsVal = seq(5);
  seg.tsEcr = seq(6);
  writeTcp(frame, seg, -1);
  return frame.copy();
}

/** What a station makes of a packet, its sums verified. */
function heard(bytes: Uint8Array): { seq: number; flags: number; text: Uint8Array; length: number; id: number } {
  const frame = Frame.from(bytes);
  const into = new Packet();
  expect(readIp(into, frame, true)).toBe(Drop.None);
  const seg = new Segment();
  const { textAt, textEnd } = into;
  expect(readTcp(seg, frame, textAt, textEnd, pseudoSum(into, textEnd - textAt))).toBe(Drop.None);
  expect([seg.ack, seg.wnd, seg.tsVal, seg.tsEcr, into.hopLimit]).toEqual([77, 500, 5, 6, 63]);
  const text = bytes.slice(seg.textAt, seg.textAt + seg.textLen);
  return { seq: seg.seq, flags: seg.flags, text, length: bytes.length, id: into.id };
}

describe.each([
  [4, '10.9.0.7'],
  [6, 'fd00:9::7'],
] as const)('a router of IPv%i, and a super segment', (family, far) => {
  const headers = families[family].header + 32;
  const text = octets(4000, 3);
  const whole = packet(family, TCP, segment(text, FIN | PSH | ACK | CWR), { to: far });

  test('cuts it for a carrier that does not, and sums each', () => {
    const at = router(1500, onTheWire);
    at.arrivesUndone(whole, 1400);
    const pieces = at.takeOctets(1).map(heard);
    expect(pieces.map(({ length }) => length - headers)).toEqual([1400, 1400, 1200]);
    expect(pieces.map((piece) => piece.seq)).toEqual([FIRST, (FIRST + 1400) | 0, (FIRST + 2800) | 0]);
    expect(pieces.map(({ flags }) => flags)).toEqual([ACK | CWR, ACK, ACK | PSH | FIN]);
    expect(Buffer.concat(pieces.map((piece) => piece.text)).equals(text)).toBe(true);
    if (family === 4) expect(pieces.map(({ id }) => id - (pieces[0]?.id ?? 0))).toEqual([0, 1, 2]);
    expect(at.wires[1]?.cuts).toEqual([0, 0, 0]);
    expect(at.stack.counters().ip).toMatchObject({ forwarded: 1, fragmentsOut: 0 });
  });

  test('hands it on whole to one that does', () => {
    const at = router(1500, cuts);
    at.arrivesUndone(whole, 1400);
    expect(at.takeOctets(1).map(({ length }) => length)).toEqual([whole.length]);
    expect(at.wires[1]?.cuts).toEqual([1400]);
  });

  test('tells its sender when the pieces are larger than the next link takes', () => {
    const at = router(1280, onTheWire);
    at.arrivesUndone(whole, 1400);
    expect(at.take(1)).toEqual([]);
    expect(at.take(0)[0]).toMatch(family === 4 ? /need to frag \(mtu 1280\)/ : /packet too big, mtu 1280/);
  });

  test('drops one whose header runs past its end', () => {
    const at = router(1500, onTheWire);
    const broken = packet(family, TCP, segment(octets(4, 1), ACK).fill(0xf0, 12, 13), { to: far });
    at.arrivesUndone(broken, 2);
    expect(at.takeOctets(1)).toEqual([]);
    expect(at.drops).toEqual({ 'TCP data offset below 5 words or past the packet': 1 });
  });

  test('fills in sums that were left out, of what is not to be cut', () => {
    const at = router(1500, onTheWire);
    const small = packet(family, TCP, segment(octets(100, 1), PSH | ACK), { to: far });
    at.arrivesUndone(small, 0);
    expect(at.takeOctets(1).map(heard)[0]?.text).toEqual(octets(100, 1));
    const datagram = udpText(family, 9, octets(50, 1));
    datagram[6] = 0;
    datagram[7] = 7; // part of a sum
    at.arrivesUndone(packet(family, UDP, datagram, { to: far }), 0);
    const [line] = at.take(1);
    expect(line).toContain('UDP, length 50');
    expect(line).not.toMatch(/cksum|bad/);
    // Whoever verified them leaves them as they are.
    at.arrives(packet(family, UDP, datagram, { to: far }));
    expect(at.takeOctets(1)[0]?.slice(families[family].header + 6, families[family].header + 8)).toEqual(
      Uint8Array.of(0, 7),
    );
  });
});
