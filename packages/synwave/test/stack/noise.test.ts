/** Segments that no honest peer sends, thrown at a stack in every state: nothing throws, moves are legal, memory is bounded. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Address, Family } from '../../src/base/address.ts';
import { parseAddress } from '../../src/base/address-text.ts';
import { Frame } from '../../src/base/frame.ts';
import { Random } from '../../src/base/random.ts';
import { add, type Seq, seq } from '../../src/base/seq.ts';
import { SECOND } from '../../src/base/time.ts';
import { HEAD_ROOM, type Link, onTheWire, type Receiver } from '../../src/link/link.ts';
import { Stack } from '../../src/stack/stack.ts';
import { rfcProfile } from '../../src/tcp/config.ts';
import { isLegalMove, stateNames } from '../../src/tcp/state.ts';
import { addressSum, Packet, Protocol, readIp } from '../../src/wire/ip.ts';
import { ACK, measure, RST, Segment, SYN } from '../../src/wire/segment.ts';
import { readTcp, writeTcp } from '../../src/wire/tcp.ts';
import { writeIp } from '../wire/arbitrary.ts';

/** Ours, and the peer's. */
const ENDS: Readonly<Record<Family, readonly [string, string]>> = {
  4: ['10.0.0.1/24', '10.0.0.2'],
  6: ['fd00::1/64', 'fd00::2'],
};
const PORT = 80;

/** A link whose other end is the test. */
class Wire implements Link {
  readonly name = 'wire';
  readonly mtu = 1500;
  readonly offloads = onTheWire;
  /** What the stack said last on a connection: where its numbers stand. */
  readonly last: Segment = new Segment();
  sent = 0;
  receiver: Receiver | null = null;
  private readonly packet: Packet = new Packet();

  send(frame: Frame): void {
    this.sent++;
    expect(readIp(this.packet, frame, true)).toBe(0);
    expect(readTcp(this.last, frame, this.packet.textAt, this.packet.textEnd, -1)).toBe(0);
    frame.release();
  }

  attach(receiver: Receiver): void {
    this.receiver = receiver;
  }
}

/** A peer that says anything, with numbers near to those that matter. */
class Noise {
  readonly wire: Wire = new Wire();
  readonly stack: Stack;
  readonly states: Set<string> = new Set<string>();
  now = 0;
  private readonly random: Random;
  private readonly seg: Segment = new Segment();
  private readonly here: Address;
  private readonly there: Address;
  private ids: number[] = [];

  constructor(seed: number, family: Family) {
    const [own, there] = ENDS[family];
    this.here = parseAddress(own.replace(/\/.*/, '')) as Address;
    this.there = parseAddress(there) as Address;
    this.random = new Random(seed);
    // Every other peer finds no room for its SYNs: what it says of them may bring a cookie back.
    this.stack = new Stack({
      random: new Random(seed),
      memory: 8 << 20,
      config: { ...rfcProfile, synCookies: this.random.chance(0.5) ? 'always' : 'full' },
    });
    this.stack.internet.addInterface(this.wire, [own]);
    this.stack.observer = (event) => {
      if (event.type !== 'state') return;
      this.states.add(stateNames[event.to] as string);
      if (!isLegalMove(event.from, event.to)) {
        throw new Error(`illegal move from ${stateNames[event.from]} to ${stateNames[event.to]}`);
      }
    };
    this.stack.listen({ address: null, family: 0, port: PORT, backlog: 4, synBacklog: 8 });
  }

  step(): void {
    const { random } = this;
    const act = random.below(20);
    if (act < 13) this.say();
    else if (act < 15) this.call();
    else this.now += random.below(random.chance(0.1) ? 200 * SECOND : SECOND);
    this.stack.turn(this.now);
    for (let id = this.stack.nextNews(); id !== null; id = this.stack.nextNews()) {
      if (id >= 0) this.stack.newsOf(id);
    }
  }

  /** A segment to one of the connections, or to the listener. */
  private say(): void {
    const { random, seg } = this;
    const { last } = this.wire;
    const near = (from: Seq, by: number): Seq => add(from, random.chance(0.6) ? 0 : random.below(2 * by) - by);
    const inside = last.srcPort !== 0 && random.chance(0.9);
    seg.srcPort = inside ? last.dstPort : 1024 + random.below(8);
    seg.dstPort = inside ? last.srcPort : PORT;
    seg.flags = random.chance(0.5) ? ACK : random.below(256);
    if (random.chance(0.1)) seg.flags = SYN;
    if (random.chance(0.05)) seg.flags = RST;
    seg.seq = near(last.ack, 70_000);
    seg.ack = near(add(last.seq, last.len), 3000);
    seg.wnd = random.chance(0.2) ? 0 : random.below(0x10000);
    seg.up = random.below(100);
    seg.mss = random.chance(0.2) ? random.below(0x10000) : -1;
    seg.wscale = random.chance(0.2) ? random.below(256) : -1;
    seg.sackOk = random.chance(0.3);
    seg.hasTs = random.chance(0.5);
    seg.tsVal = near(last.tsEcr, 100);
    seg.tsEcr = near(last.tsVal, 100);
    seg.sackCount = random.chance(0.3) ? random.below(4) : 0;
    for (let i = 0; i < seg.sackCount; i++) {
      seg.sackLeft[i] = near(seq(last.seq), 3000);
      seg.sackRight[i] = add(seq(seg.sackLeft[i] as number), random.below(3000));
    }
    const frame = new Frame(HEAD_ROOM + 1500);
    frame.at = HEAD_ROOM;
    frame.end = HEAD_ROOM + (random.chance(0.5) ? random.below(1400) : 0);
    seg.textLen = frame.length;
    measure(seg);
    const packet = new Packet();
    packet.src.copy(this.there);
    packet.dst.copy(this.here);
    packet.family = this.here.family;
    packet.protocol = Protocol.Tcp;
    writeTcp(frame, seg, addressSum(packet.src, packet.dst, Protocol.Tcp));
    writeIp(frame, packet);
    this.stack.frameArrives(0, frame, this.now);
  }

  /** The user does something. */
  private call(): void {
    const { random, stack, there: address } = this;
    if (this.ids.length < 4 && random.chance(0.5)) {
      const id = random.chance(0.5)
        ? stack.connect({ address, port: 1024 + random.below(8) }, { address: null, port: 0 }, this.now)
        : stack.accept(0);
      if (id >= 0) this.ids.push(id);
      return;
    }
    const id = this.ids[random.below(Math.max(this.ids.length, 1))];
    if (id === undefined) return;
    const bytes = new Uint8Array(random.below(5000));
    const act = random.below(8);
    if (act < 3) stack.send(id, bytes, 0, bytes.length, random.chance(0.2));
    else if (act < 5) stack.receive(id, bytes, 0, bytes.length);
    else if (act === 5) stack.close(id, this.now);
    else if (act === 6) stack.setKeepAlive(id, true, this.now, SECOND, SECOND, 3);
    else {
      if (random.chance(0.3)) stack.abort(id, this.now);
      stack.release(id, this.now);
      this.ids = this.ids.filter((other) => other !== id);
    }
  }
}

describe.each<Family>([4, 6])('a peer that says anything over IPv%i', (family) => {
  test('nothing throws, every move is legal, memory stays below the cap', () => {
    const seen = new Set<string>();
    let cookies = 0;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const noise = new Noise(seed, family);
        for (let i = 0; i < 400; i++) noise.step();
        const { memory, cookiesReceived } = noise.stack.counters();
        cookies += cookiesReceived;
        expect(memory.used).toBeGreaterThanOrEqual(0);
        expect(memory.used).toBeLessThanOrEqual(memory.limit);
        for (const state of noise.states) seen.add(state);
        // When the user lets go of everything and time passes, nothing is left.
        noise.stack.crash();
        expect(noise.stack.counters().memory.used).toBe(0);
      }),
      { numRuns: 300, seed: 7 },
    );
    expect([...seen].sort()).toEqual([...stateNames].sort());
    expect(cookies).toBeGreaterThan(20);
  }, 60_000);
});
