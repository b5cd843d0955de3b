/** Fragments that arrive: put together in any order, refused where they overlap, bounded in number, memory and time. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Queue } from '../../src/base/due.ts';
import { Frame } from '../../src/base/frame.ts';
import { SECOND } from '../../src/base/time.ts';
import { Reassembly } from '../../src/ip/reassembly.ts';
import { Drop } from '../../src/wire/drop.ts';
import { Packet, readIp } from '../../src/wire/ip.ts';
import { octets } from '../world/data.ts';
import { Bench, echoText, families, fragment, type Piece, packet, pieces, udpText } from './wire.ts';

const UDP = 17;
const OVERLAP = 'IP fragments that overlap (RFC 5722)';
const INVALID = 'IP fragment malformed: length, offset or place in the packet';
const MEMORY = 'memory for fragments is used up';
const LATE = 'IP fragments missing for too long';

describe.each([4, 6] as const)('over IPv%i', (family) => {
  const { network } = families[family];
  const data = octets(5000, 9);
  const text = udpText(family, 9, data);

  /** A stack with a socket that waits for the datagram. */
  function bench(): { at: Bench; heard: () => Uint8Array | null } {
    const at = new Bench();
    at.wire([network]);
    const id = at.stack.udp.bind({ address: null, family: 0, port: 9, shared: false, receiveBuffer: 1 << 20 });
    return { at, heard: () => at.stack.udp.receive(id)?.octets ?? null };
  }

  function all(at: Bench, list: readonly Piece[]): void {
    for (const piece of list) at.arrives(fragment(family, UDP, piece));
  }

  test('any order, pieces of any size, some twice: the datagram arrives once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 180 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        fc.nat(),
        (size, again, seed) => {
          const { at, heard } = bench();
          const list = pieces(text, 8 * size);
          if (list.length > 256) return;
          // What comes again comes before the packet is whole: afterwards it would begin another.
          const order = fc.sample(fc.shuffledSubarray(list, { minLength: list.length }), { numRuns: 1, seed })[0] ?? [];
          const last = order.pop();
          for (const n of again) if (order.length > 0) order.push(order[n % order.length] as Piece);
          if (last !== undefined) order.push(last);
          all(at, order);
          expect(heard()).toEqual(data);
          expect(heard()).toBeNull();
          expect(at.stack.counters().held.fragments).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('two packets of one sender, and the same identification of two senders, are kept apart', () => {
    const { at, heard } = bench();
    const other = family === 4 ? '10.0.0.3' : 'fd00::3';
    const second = octets(5000, 10);
    const third = octets(5000, 11);
    const lists = [
      pieces(text, 1208),
      pieces(udpText(family, 9, second), 1208).map((piece) => ({ ...piece, id: 8 })),
      pieces(udpText(family, 9, third, other), 1208).map((piece) => ({ ...piece, from: other })),
    ];
    for (let i = 0; i < 5; i++)
      all(
        at,
        lists.flatMap((list) => list.slice(i, i + 1)),
      );
    expect([heard(), heard(), heard()]).toEqual([data, second, third]);
  });

  // RFC 5722 §4, RFC 8200 §4.5
  test.each<[string, Piece]>([
    ['the first octet of the next', { at: 8, octets: octets(16, 1), more: true }],
    ['all of one and more', { at: 0, octets: octets(32, 1), more: true }],
    ['the same place with other octets', { at: 16, octets: octets(16, 2), more: true }],
    ['an end before what is there', { at: 16, octets: octets(8, 1), more: false }],
  ])('a piece that overlaps spoils its packet, and what comes later of it is dropped: %s', (_name, wrong) => {
    const { at, heard } = bench();
    all(at, [{ at: 16, octets: text.subarray(16, 32), more: true }]);
    all(at, [wrong]);
    all(at, pieces(text, 1208));
    expect(heard()).toBeNull();
    expect(at.drops[OVERLAP]).toBe(6);
    at.after(61 * SECOND);
    all(at, pieces(text, 1208));
    expect(heard()).toEqual(data);
  });

  test.each<[string, Piece]>([
    ['no octets', { at: 8, octets: new Uint8Array(0), more: true }],
    ['not a multiple of 8, and more to come', { at: 8, octets: octets(12, 1), more: true }],
    ['beyond the largest packet', { at: 65_528, octets: octets(16, 1), more: false }],
  ])('a piece that cannot be is dropped: %s', (_name, wrong) => {
    const { at, heard } = bench();
    all(at, [wrong]);
    expect(at.drops).toEqual({ [INVALID]: 1 });
    all(at, pieces(text, 1208));
    expect(heard()).toEqual(data);
  });

  test('after 60 s the sender is told, if the first piece came; and all is given back', () => {
    const { at, heard } = bench();
    const [first, second] = pieces(text, 1208) as [Piece, Piece];
    all(at, [first]);
    all(at, [{ ...second, id: 8 }]);
    at.after(59 * SECOND);
    expect(at.take()).toEqual([]);
    at.after(2 * SECOND);
    const said = at.take();
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(family === 4 ? /ip reassembly time exceeded/ : /time exceeded in-transit \(reassembly\)/);
    expect(at.drops[LATE]).toBe(2);
    expect(at.stack.counters().held.fragments).toBe(0);
    expect(heard()).toBeNull();
  });

  test('an echo request in fragments is answered in fragments', () => {
    const { at } = bench();
    const echo = echoText(family, octets(4000, 3));
    for (const piece of pieces(echo, 1208)) at.arrives(fragment(family, family === 4 ? 1 : 58, piece));
    const out = at.takeOctets();
    expect(out).toHaveLength(3);
    expect(out.every(({ length }) => length <= 1500)).toBe(true);
  });

  test('congestion that one piece has met, the packet has met (RFC 3168 §5.3)', () => {
    const reassembly = new Reassembly(1, new Queue(), { now: 0 }, { drop: () => {}, incomplete: () => {} });
    let whole: Frame | null = null;
    for (const [i, piece] of pieces(text, 1208).entries()) {
      const frame = Frame.from(fragment(family, UDP, { ...piece, ecn: i === 2 ? 3 : 2 }));
      const header = new Packet();
      expect(readIp(header, frame, true)).toBe(Drop.None);
      whole = reassembly.take(header, frame) ?? whole;
    }
    const header = new Packet();
    expect(readIp(header, whole as Frame, true)).toBe(Drop.None);
    expect([header.trafficClass, header.protocol, header.textEnd - header.textAt]).toEqual([3, UDP, text.length]);
  });

  test('a flood of first pieces: memory stays bounded, the oldest give way, and legitimate packets get through', () => {
    const { at, heard } = bench();
    const junk = octets(1208, 5);
    for (let i = 0; i < 20_000; i++) {
      const from = family === 4 ? `10.0.${(i >> 8) & 0xff}.${i & 0xff}` : `fd00::${((i & 0xffff) + 16).toString(16)}`;
      if (from === families[family].ours || from.endsWith('.0') || from.endsWith('.255')) continue;
      at.arrives(fragment(family, UDP, { at: 0, octets: junk, more: true, id: i, from }));
      if (i % 1000 === 0) {
        expect(at.stack.counters().held.fragments).toBeLessThanOrEqual(4 * 1024 * 1024);
        all(at, pieces(text, 1208));
        expect(heard()).toEqual(data);
      }
    }
    expect(at.drops[MEMORY]).toBeGreaterThan(10_000);
    at.after(120 * SECOND);
    expect(at.stack.counters().held.fragments).toBe(0);
  });

  test('a flood of pieces of one packet: no more than 256 of them', () => {
    const { at, heard } = bench();
    for (let i = 0; i < 2000; i++) all(at, [{ at: 16 * i, octets: octets(8, i), more: true }]);
    expect(at.stack.counters().held.fragments).toBeLessThan(256 * 256);
    expect(at.drops[MEMORY]).toBe(1);
    expect(heard()).toBeNull();
    at.arrives(packet(family, UDP, udpText(family, 9, octets(10, 1))));
    expect(heard()).toEqual(octets(10, 1));
  });
});

test('an IPv6 packet that is whole though it has a fragment header is no fragment (RFC 6946)', () => {
  const at = new Bench();
  at.wire([families[6].network]);
  const id = at.stack.udp.bind({ address: null, family: 0, port: 9, shared: false, receiveBuffer: 1 << 20 });
  at.arrives(fragment(6, UDP, { at: 0, octets: udpText(6, 9, octets(96, 1)), more: true }));
  at.arrives(fragment(6, UDP, { at: 0, octets: udpText(6, 9, octets(20, 2)), more: false }));
  expect(at.stack.udp.receive(id)?.octets).toEqual(octets(20, 2));
  expect(at.drops).toEqual({});
});
