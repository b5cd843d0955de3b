/** SYN cookies (RFC 4987 §3.6): what a cookie is bound to, how long it is good for, and the connection that it makes. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Address, Family } from '../../src/base/address.ts';
import { Random } from '../../src/base/random.ts';
import { add, diff, gt, type Seq, seq } from '../../src/base/seq.ts';
import { MILLISECOND, type Micros, NEVER, SECOND } from '../../src/base/time.ts';
import type { StackEvent } from '../../src/stack/events.ts';
import { Stack, type StackCounters } from '../../src/stack/stack.ts';
import { COOKIE_LIFE, COOKIE_MSS, SynCookies } from '../../src/stack/syn-cookies.ts';
import { rfcProfile, type TcpConfig } from '../../src/tcp/config.ts';
import { readAgreed, rebuildSyn, tellAgreed } from '../../src/tcp/cookie.ts';
import { initialSequence } from '../../src/tcp/isn.ts';
import { stateNames } from '../../src/tcp/state.ts';
import { Store } from '../../src/tcp/store.ts';
import { Tcb } from '../../src/tcp/tcb.ts';
import { Packet } from '../../src/wire/ip.ts';
import { ACK, CWR, ECE, FIN, PSH, RST, Segment, SYN } from '../../src/wire/segment.ts';
import { addresses, addressOf, type Heard, type Said, say, Wire } from './peer.ts';

const PORT = 80;
/** Clocks that start at 0 hide mistakes. */
const BEGIN: Micros = 1_000_000 * SECOND + 7 * SECOND;

const families: readonly Family[] = [4, 6];

/** Settings that a test leaves alone: the SYN queue holds nobody, so that every SYN finds it full. */
interface Options extends Partial<TcpConfig> {
  readonly backlog?: number;
  readonly synBacklog?: number;
  readonly memory?: number;
}

/** A stack with one listener, and a peer at the end of its link. */
class Stage {
  readonly wire: Wire = new Wire();
  readonly stack: Stack;
  readonly events: StackEvent[] = [];
  readonly ours: Address;
  readonly peer: Address;
  listener: number;
  now: Micros = BEGIN;
  private readonly options: Options;

  constructor(family: Family, options: Options = {}) {
    const { backlog: _backlog, synBacklog: _synBacklog, memory, ...config } = options;
    this.options = options;
    this.stack = new Stack({
      random: new Random(1),
      now: BEGIN,
      config: { ...rfcProfile, ...config },
      ...(memory === undefined ? {} : { memory }),
    });
    this.stack.internet.addInterface(this.wire, ['10.0.0.1/24', 'fd00::1/64']);
    this.ours = addressOf(addresses[family].ours);
    this.peer = addressOf(addresses[family].peer);
    this.listener = this.listen();
  }

  listen(): number {
    const { backlog = 4, synBacklog = 0 } = this.options;
    this.listener = this.stack.listen({ address: null, family: 0, port: PORT, backlog, synBacklog });
    return this.listener;
  }

  /** The peer says something, and the stack answers. */
  say(said: Said, from: Address = this.peer): Heard[] {
    this.wire.take();
    say(this.stack, from, this.ours, { srcPort: 5000, dstPort: PORT, ...said }, this.now);
    return this.wire.take();
  }

  /** The same, where one segment is the answer. */
  answer(said: Said): Segment {
    const heard = this.say(said);
    expect(heard.length).toBe(1);
    return (heard[0] as Heard).seg;
  }

  /** Nothing is said for a while: what the stack sends of itself. */
  wait(span: Micros): Heard[] {
    this.wire.take();
    const end = this.now + span;
    for (let next = this.stack.turn(this.now); next <= end; next = this.stack.turn(this.now)) this.now = next;
    this.now = end;
    this.stack.turn(end);
    return this.wire.take();
  }

  observe(): void {
    this.stack.observer = (event) => this.events.push(event);
  }

  get counters(): StackCounters {
    return this.stack.counters();
  }

  /** The state of the only connection, null when there is none. */
  get state(): string | null {
    const all = [...this.stack.connections(this.now)];
    expect(all.length).toBeLessThan(2);
    return all[0]?.info.state ?? null;
  }
}

const IRS: Seq = seq(-3);
const TS: Said = { hasTs: true, tsVal: seq(77) };
/** What a SYN offers that has everything. */
const OFFER: Said = { mss: 1460, wscale: 7, sackOk: true, ...TS };

function synOf(offer: Said): Said {
  return { flags: SYN, seq: IRS, ...offer };
}

/** The ACK that completes the handshake begun by `synOf(offer)` and answered by `synAck`. */
function ackOf(synAck: Segment, offer: Said, more: Said = {}): Said {
  const ts: Said = offer.hasTs === true ? { hasTs: true, tsVal: seq(78), tsEcr: synAck.tsVal } : {};
  return { flags: ACK, seq: add(IRS, 1), ack: add(synAck.seq, 1), wnd: 1000, ...ts, ...more };
}

/** A stage, and the answer to a SYN with that offer. */
function asked(family: Family, offer: Said, options: Options = {}): { stage: Stage; synAck: Segment } {
  const stage = new Stage(family, options);
  const synAck = stage.answer(synOf(offer));
  expect(synAck.flags & (SYN | ACK | RST)).toBe(SYN | ACK);
  expect(stage.counters.connections).toEqual({ full: 0, halfOpen: 0, timeWait: 0 });
  return { stage, synAck };
}

function expectReset(answer: Segment, to: Said): void {
  expect(answer.flags).toBe(RST); // §3.10.7.2, second: <SEQ=SEG.ACK>
  expect(answer.seq).toBe(to.ack);
}

const cases = families.flatMap((family): [string, Family, Said][] => [
  [`IPv${family} with timestamps`, family, OFFER],
  [`IPv${family} without timestamps`, family, { mss: 1460, wscale: 7, sackOk: true }],
]);

describe('a cookie by itself', () => {
  const packet = new Packet();
  packet.src.copy(addressOf('2001:db8::1:2'));
  packet.dst.copy(addressOf('2001:db8::3:4'));
  const seg = Object.assign(new Segment(), { srcPort: 5000, dstPort: PORT });
  const F = 0x1234_5678;
  const make = (cookies: SynCookies, mss: number, now: Micros): Seq =>
    cookies.bind(packet, seg, IRS, 5).make(F, mss, now);
  const read = (cookies: SynCookies, cookie: Seq, now: Micros): number =>
    cookies.bind(packet, seg, IRS, 5).read(F, cookie, now);

  test('tells the largest MSS of its table that is not above the peer’s', () => {
    const cookies = new SynCookies(new Random(3));
    fc.assert(
      fc.property(fc.integer({ min: 48, max: 65_535 }), fc.maxSafeNat(), (mss, now) => {
        const told = COOKIE_MSS.findLast((size) => size <= mss);
        expect(read(cookies, make(cookies, mss, now), now)).toBe(told);
      }),
    );
    // What hosts announce on the usual paths loses nothing, and the least that we take is there.
    expect(COOKIE_MSS).toEqual(expect.arrayContaining([48, 536, 1220, 1440, 1460]));
  });

  test('is good for this period of 64 s and the next, from the first microsecond of a world on', () => {
    const cookies = new SynCookies(new Random(3));
    for (const period of [0, 1, 1000, 2 ** 27]) {
      const begin = period * 64 * SECOND;
      for (const made of [begin, begin + 63 * SECOND, begin + 64 * SECOND - 1]) {
        const cookie = make(cookies, 1460, made);
        expect(read(cookies, cookie, begin + 128 * SECOND - 1)).toBe(1460);
        expect(read(cookies, cookie, begin + 128 * SECOND)).toBe(-1);
        expect(read(cookies, cookie, begin - 1)).toBe(-1);
        expect(read(cookies, cookie, made + COOKIE_LIFE)).toBe(-1);
      }
    }
  });

  test('is bound to every bit of the four-tuple, of the peer’s ISN, of what was agreed on, of F, and to the secret', () => {
    const cookies = new SynCookies(new Random(3));
    const cookie = make(cookies, 1460, BEGIN);
    const reads = (): number => cookies.bind(packet, seg, IRS, 5).read(F, cookie, BEGIN);
    expect(reads()).toBe(1460);
    for (const address of [packet.src, packet.dst]) {
      for (const word of ['a', 'b', 'c', 'd'] as const) {
        for (let bit = 0; bit < 32; bit++) {
          address[word] ^= 1 << bit;
          expect(reads()).toBe(-1);
          address[word] ^= 1 << bit;
        }
      }
    }
    for (const port of ['srcPort', 'dstPort'] as const) {
      for (let bit = 0; bit < 16; bit++) {
        seg[port] ^= 1 << bit;
        expect(reads()).toBe(-1);
        seg[port] ^= 1 << bit;
      }
    }
    for (let bit = 0; bit < 32; bit++) {
      expect(cookies.bind(packet, seg, seq(IRS ^ (1 << bit)), 5).read(F, cookie, BEGIN)).toBe(-1);
      expect(cookies.bind(packet, seg, IRS, 5).read(F ^ (1 << bit), cookie, BEGIN)).toBe(-1);
      expect(cookies.bind(packet, seg, IRS, 5).read(F, seq(cookie ^ (1 << bit)), BEGIN)).toBe(-1);
    }
    for (let agreed = 0; agreed <= 64; agreed++) {
      expect(cookies.bind(packet, seg, IRS, agreed).read(F, cookie, BEGIN)).toBe(agreed === 5 ? 1460 : -1);
    }
    expect(read(new SynCookies(new Random(4)), cookie, BEGIN)).toBe(-1);
    expect(reads()).toBe(1460);
  });

  test('who has seen one knows none of another period', () => {
    const cookies = new SynCookies(new Random(3));
    const now = make(cookies, 1460, BEGIN);
    const later = make(cookies, 1460, BEGIN + 64 * SECOND);
    expect(diff(later, now)).not.toBe((64 * SECOND) / 4);
    expect(read(cookies, add(now, (64 * SECOND) / 4), BEGIN + 64 * SECOND)).toBe(-1);
  });

  test('of the 2^21 numbers that tell one MSS within a period, one is good', () => {
    const cookies = new SynCookies(new Random(3));
    const cookie = make(cookies, 1460, BEGIN);
    const from = initialSequence(F, Math.floor(BEGIN / (64 * SECOND)) * 64 * SECOND);
    const index = COOKIE_MSS.indexOf(1460);
    expect(diff(cookie, from) & 7).toBe(index);
    let good = 0;
    cookies.bind(packet, seg, IRS, 5);
    for (let low = index; low < 2 ** 24; low += 8) if (cookies.read(F, add(from, low), BEGIN) >= 0) good++;
    expect(good).toBe(1);
  }, 30_000);

  test('goes on where the ISNs of the four-tuple are, to within two periods (RFC 9293 §3.4.1)', () => {
    const cookies = new SynCookies(new Random(3));
    fc.assert(
      fc.property(fc.maxSafeNat(), (now) => {
        const ahead = diff(make(cookies, 1460, now), initialSequence(F, now));
        expect(ahead).toBeGreaterThan(-(64 * SECOND) / 4);
        expect(ahead).toBeLessThan(2 ** 24);
      }),
    );
  });
});

describe('what a handshake agrees on, in the low bits of TSval', () => {
  test('every window scale, SACK and ECN come back; TSval is late by less than 64 ticks and never ahead', () => {
    const tcb = new Tcb(rfcProfile, new Store(1 << 20));
    const synAck = new Segment();
    const seg = new Segment();
    const syn = new Segment();
    fc.assert(
      fc.property(
        fc.option(fc.integer({ min: 0, max: 14 }), { nil: null }),
        fc.boolean(),
        fc.boolean(),
        fc.oneof(
          fc.integer(),
          fc.integer({ min: -70, max: 70 }),
          fc.constantFrom(0x7fff_ffff, -0x8000_0000, -1, 0, 63, 64),
        ),
        (scale, sack, ecn, clock) => {
          tcb.snd.scale = scale ?? 0;
          Object.assign(synAck, { hasTs: true, sackOk: sack, wscale: scale === null ? -1 : 3 });
          synAck.flags = SYN | ACK | (ecn ? ECE : 0);
          synAck.tsVal = seq(clock);
          const agreed = tellAgreed(tcb, synAck);
          const late = diff(seq(clock), synAck.tsVal);
          expect(late).toBeGreaterThanOrEqual(0);
          expect(late).toBeLessThan(64);
          Object.assign(seg, { hasTs: true, tsVal: seq(9), tsEcr: synAck.tsVal, seq: add(IRS, 1) });
          expect(readAgreed(true, seg)).toBe(agreed);
          rebuildSyn(syn, seg, agreed, 1220);
          expect(syn).toMatchObject({
            seq: IRS,
            mss: 1220,
            wscale: scale ?? -1,
            sackOk: sack,
            hasTs: true,
            tsVal: 9,
            len: 1,
          });
          expect(syn.flags).toBe(SYN | (ecn ? ECE | CWR : 0));
        },
      ),
    );
  });

  test('without timestamps nothing is told, and that is a thing of its own', () => {
    const tcb = new Tcb(rfcProfile, new Store(1 << 20));
    const nothing = tellAgreed(tcb, new Segment());
    const seg = Object.assign(new Segment(), { hasTs: true });
    for (let low = 0; low < 64; low++) {
      seg.tsEcr = seq(low);
      expect(readAgreed(true, seg)).not.toBe(nothing);
      expect(readAgreed(false, seg)).toBe(nothing);
    }
    const syn = new Segment();
    rebuildSyn(syn, seg, nothing, 536);
    expect(syn).toMatchObject({ hasTs: false, wscale: -1, sackOk: false, mss: 536, flags: SYN });
  });
});

describe.each(cases)('a full SYN queue, %s', (_name, family, offer) => {
  const withTs = offer.hasTs === true;

  test('the SYN gets a SYN,ACK that nothing is kept of', () => {
    const stage = new Stage(family, { synBacklog: 1 });
    stage.say({ ...synOf(offer), srcPort: 4999 }); // has the only row
    const before = stage.counters;
    const synAck = stage.answer(synOf(offer));
    expect(synAck).toMatchObject({ flags: SYN | ACK, ack: add(IRS, 1), wnd: 65_535, srcPort: PORT, dstPort: 5000 });
    expect(synAck.mss).toBe(family === 4 ? 1460 : 1440);
    expect(synAck).toMatchObject({ hasTs: withTs, sackOk: withTs, wscale: withTs ? 5 : -1 });
    if (withTs) expect(synAck.tsEcr).toBe(77);
    const after = stage.counters;
    expect(after.connections).toEqual({ full: 0, halfOpen: 1, timeWait: 0 });
    expect(after.memory).toEqual(before.memory);
    expect(after.cookiesSent).toBe(1);
    expect(after.resetsOut).toBe(0);
    expect(after.drops).toEqual({});
    // The row's SYN,ACK is repeated; the cookie's is the client's to ask for again.
    const repeated = stage.wait(30 * SECOND);
    expect(repeated.length).toBeGreaterThan(2);
    expect(repeated.every(({ seg }) => seg.dstPort === 4999)).toBe(true);
  });

  test('its ACK makes the connection', () => {
    const { stage, synAck } = asked(family, offer);
    stage.now += 100 * MILLISECOND;
    expect(stage.say(ackOf(synAck, offer))).toEqual([]);
    expect(stage.counters).toMatchObject({ cookiesSent: 1, cookiesReceived: 1, cookiesFailed: 0, resetsOut: 0 });
    expect(stage.counters.connections).toEqual({ full: 1, halfOpen: 0, timeWait: 0 });
    expect(stage.stack.queuesOf(stage.listener)).toMatchObject({ waiting: 1, halfOpen: 0 });
    const id = stage.stack.accept(stage.listener);
    const info = stage.stack.info(id, stage.now);
    expect(info.state).toBe('ESTABLISHED');
    expect(info.options).toMatchObject({ sack: withTs, timestamps: withTs, windowScale: withTs });
    expect(info.snd).toMatchObject({ scale: withTs ? 7 : 0, wnd: withTs ? 128_000 : 1000, flight: 0 });
    expect(info.snd.mss).toBe((family === 4 ? 1460 : 1440) - (withTs ? 12 : 0));
    expect(info.snd).toMatchObject({
      una: add(synAck.seq, 1) >>> 0,
      nxt: add(synAck.seq, 1) >>> 0,
      iss: synAck.seq >>> 0,
    });
    expect(info.rcv).toMatchObject({ irs: IRS >>> 0, nxt: add(IRS, 1) >>> 0, wnd: 65_535, scale: withTs ? 5 : 0 });
    // When the SYN,ACK went out nobody knows: no sample (RFC 6298 §2.1), and the first window is whole (RFC 6928).
    expect(info.rtt).toMatchObject({ srtt: 0, min: 0 });
    expect(info.rto).toBe(SECOND);
    expect(info.congestion.cwnd).toBe(10 * info.snd.mss);
    expect(info.timers).toEqual({});
    const name = stage.stack.nameOf(id);
    expect(name).toMatchObject({ local: addresses[family].ours, localPort: PORT, remotePort: 5000 });
    expect(name.remote).toBe(addresses[family].peer);
  });

  test('two handshakes that end one right after the other are two connections', () => {
    const { stage, synAck } = asked(family, offer);
    const other = stage.answer({ ...synOf(offer), srcPort: 5001 });
    expect(other.seq).not.toBe(synAck.seq);
    stage.say(ackOf(synAck, offer));
    stage.say({ ...ackOf(other, offer), srcPort: 5001 });
    for (const { seq: iss } of [synAck, other]) {
      const { snd, timers } = stage.stack.info(stage.stack.accept(stage.listener), stage.now);
      expect(snd).toMatchObject({ iss: iss >>> 0, una: add(iss, 1) >>> 0, nxt: add(iss, 1) >>> 0 });
      expect(timers).toEqual({});
    }
  });

  test('text on the ACK is taken, and so is a FIN', () => {
    const { stage, synAck } = asked(family, offer);
    const [ack] = stage.say(ackOf(synAck, offer, { text: 100, flags: ACK | PSH | FIN }));
    expect(ack?.seg).toMatchObject({ flags: ACK, ack: add(IRS, 102), seq: add(synAck.seq, 1) });
    expect(stage.state).toBe('CLOSE-WAIT');
    const id = stage.stack.accept(stage.listener);
    const into = new Uint8Array(200);
    expect(stage.stack.receive(id, into, 0, 200)).toBe(100);
    expect([...into.subarray(0, 100)]).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(stage.stack.ended(id)).toBe(true);
    stage.stack.close(id, stage.now);
    const [fin] = stage.wait(0);
    expect(fin?.seg).toMatchObject({ flags: ACK | FIN, seq: add(synAck.seq, 1) });
    stage.say(ackOf(synAck, offer, { seq: add(IRS, 102), ack: add(synAck.seq, 2) }));
    stage.stack.release(id, stage.now);
    expect(stage.counters.connections).toEqual({ full: 0, halfOpen: 0, timeWait: 0 });
    expect(stage.counters.memory.used).toBe(0);
  });

  test('the ACK is lost: the first text does as well', () => {
    const { stage, synAck } = asked(family, offer);
    stage.now += 5 * SECOND;
    stage.say(ackOf(synAck, offer, { text: 1400, flags: ACK | PSH }));
    expect(stage.state).toBe('ESTABLISHED');
    // What stands behind it without it tells no ISN.
    const other = asked(family, offer);
    const late = ackOf(other.synAck, offer, { seq: add(IRS, 1401), text: 1400 });
    expectReset(other.stage.answer(late), late);
  });

  test('both ends go on from there: text, and its acknowledgment as the first sample', () => {
    const { stage, synAck } = asked(family, offer);
    stage.say(ackOf(synAck, offer));
    const id = stage.stack.accept(stage.listener);
    stage.now += 3 * MILLISECOND;
    stage.stack.send(id, new Uint8Array(1000), 0, 1000);
    const [sent] = stage.wait(0);
    const { seq: from, tsVal, textLen } = (sent as Heard).seg;
    expect([from, textLen]).toEqual([add(synAck.seq, 1), 1000]);
    if (withTs) expect(diff(tsVal, synAck.tsVal)).toBeGreaterThanOrEqual(3); // PAWS: never back behind the cookie's
    stage.now += 50 * MILLISECOND;
    stage.say(ackOf(synAck, offer, { ack: add(from, textLen), ...(withTs ? { tsEcr: tsVal } : {}) }));
    expect(stage.stack.info(id, stage.now).rtt.srtt).toBe(50 * MILLISECOND);
  });

  test.each<[string, (said: Said, bit: number) => Said, number]>([
    ['ACK', (said, bit) => ({ ...said, ack: seq((said.ack as number) ^ (1 << bit)) }), 32],
    ['SEQ', (said, bit) => ({ ...said, seq: seq((said.seq as number) ^ (1 << bit)) }), 32],
    ['source port', (said, bit) => ({ ...said, srcPort: 5000 ^ (1 << bit) }), 16],
  ])('one bit of %s is wrong: answered as any ACK to a listener, by a RST', (_field, change, bits) => {
    const { stage, synAck } = asked(family, offer);
    for (let bit = 0; bit < bits; bit++) {
      const wrong = change(ackOf(synAck, offer), bit);
      expectReset(stage.answer(wrong), wrong);
      expect(stage.state).toBe(null);
    }
    expect(stage.counters).toMatchObject({ cookiesFailed: bits, cookiesReceived: 0, resetsOut: bits });
    expect(stage.counters.memory.used).toBe(0);
    // None of that spoils the right one.
    stage.say(ackOf(synAck, offer));
    expect(stage.state).toBe('ESTABLISHED');
  });

  test('another peer with the same numbers has no connection', () => {
    const { stage, synAck } = asked(family, offer);
    const ack = ackOf(synAck, offer);
    const last = stage.peer.d;
    for (let bit = 2; bit < 8; bit++) {
      const from = stage.peer.clone();
      from.d = last ^ (1 << bit);
      const [answer] = stage.say(ack, from);
      expectReset(answer?.seg as Segment, ack);
      expect(answer?.to.equals(from)).toBe(true);
    }
    expect(stage.counters.connections.full).toBe(0);
  });

  test('it is good for 64 s at least and 128 s at most', () => {
    for (const [after, good] of [
      [0, true],
      [64 * SECOND, true],
      [128 * SECOND, false],
      [10_000 * SECOND, false],
    ] as const) {
      const { stage, synAck } = asked(family, offer);
      stage.now += after;
      // Cookies are given meanwhile: it is the age of this one that counts.
      stage.say({ ...synOf(offer), srcPort: 6000 });
      const ack = ackOf(synAck, offer);
      const heard = stage.say(ack);
      expect(stage.state).toBe(good ? 'ESTABLISHED' : null);
      if (!good) expectReset(heard[0]?.seg as Segment, ack);
    }
  });

  test('when none was given lately, nobody looks for one', () => {
    const { stage, synAck } = asked(family, offer);
    stage.now += COOKIE_LIFE;
    const ack = ackOf(synAck, offer);
    expectReset(stage.answer(ack), ack);
    expect(stage.counters).toMatchObject({ cookiesReceived: 0, cookiesFailed: 0 });
  });

  test('the listener that gave it is closed: a RST, also where another listens on that port', () => {
    const { stage, synAck } = asked(family, offer);
    const ack = ackOf(synAck, offer);
    stage.stack.unlisten(stage.listener, stage.now);
    expectReset(stage.answer(ack), ack);
    stage.listen();
    expectReset(stage.answer(ack), ack);
    expect(stage.counters).toMatchObject({ cookiesReceived: 0, cookiesFailed: 0 });
  });

  test.each([
    ['a SYN', SYN | ACK],
    ['a RST', RST | ACK],
    ['no ACK', PSH],
  ])('%s brings no cookie back', (_name2, flags) => {
    const { stage, synAck } = asked(family, offer);
    stage.say(ackOf(synAck, offer, { flags }));
    expect(stage.state).toBe(null);
    expect(stage.counters.cookiesReceived).toBe(0);
  });

  test('a full accept queue: the ACK is dropped and counted; what comes again gets in when there is room', () => {
    const { stage, synAck } = asked(family, offer, { backlog: 0 });
    const other = stage.answer({ ...synOf(offer), srcPort: 5001 });
    stage.say({ ...ackOf(other, offer), srcPort: 5001 });
    expect(stage.say(ackOf(synAck, offer))).toEqual([]);
    expect(stage.say(ackOf(synAck, offer, { text: 10, flags: ACK | PSH }))).toEqual([]);
    expect(stage.counters.drops['accept queue full']).toBe(2);
    expect(stage.counters.connections).toEqual({ full: 1, halfOpen: 0, timeWait: 0 });
    expect(stage.say({ ...synOf(offer), srcPort: 5002 })).toEqual([]); // nor is a SYN answered
    expect(stage.counters.drops['accept queue full']).toBe(3);
    // A stray ACK is no different from what it always was.
    const stray = ackOf(synAck, offer, { ack: add(synAck.seq, 2) });
    expectReset(stage.answer(stray), stray);
    stage.stack.accept(stage.listener);
    stage.say(ackOf(synAck, offer, { text: 10, flags: ACK | PSH }));
    expect(stage.stack.readable(stage.stack.accept(stage.listener))).toBe(10);
  });

  test('memory is used up: the ACK is dropped and counted', () => {
    const { stage, synAck } = asked(family, offer, { memory: 1024 });
    const other = stage.answer({ ...synOf(offer), srcPort: 5001 });
    stage.say({ ...ackOf(other, offer), srcPort: 5001 });
    expect(stage.say(ackOf(synAck, offer))).toEqual([]);
    expect(stage.counters.drops).toEqual({ 'memory for connections is used up': 1 });
    expect(stage.counters.memory).toEqual({ used: 1024, limit: 1024, refused: 1 });
  });

  test('who looks on sees the connection made in SYN-RECEIVED and established, once', () => {
    const stage = new Stage(family, { synBacklog: 1 });
    stage.observe();
    stage.say({ ...synOf(offer), srcPort: 4999 }); // has the only row
    stage.events.length = 0;
    const synAck = stage.answer(synOf(offer));
    const told = (): string[] =>
      stage.events.flatMap((event) => {
        if (event.type === 'tcb') return [event.what];
        return event.type === 'state' ? [`${stateNames[event.from]} ${stateNames[event.to]}`] : [];
      });
    expect(told()).toEqual([]);
    expect(stage.events.filter(({ type }) => type === 'segment')).toMatchObject([
      { direction: 'in', flags: SYN, connection: null },
      { direction: 'out', flags: SYN | ACK, connection: null, seq: synAck.seq >>> 0 },
    ]);
    stage.now += 100 * MILLISECOND;
    stage.say(ackOf(synAck, offer));
    expect(told()).toEqual(['created', 'LISTEN SYN-RECEIVED', 'SYN-RECEIVED ESTABLISHED']);
    const about = stage.events.filter(({ type }) => type !== 'segment');
    expect(about.every((event) => event.time === stage.now)).toBe(true);
    expect(about.map((event) => 'connection' in event && event.connection?.remotePort)).toEqual([5000, 5000, 5000]);
  });

  test('the same SYN in the same period gets the same ISN, whichever SYN,ACK the client takes', () => {
    const { stage, synAck } = asked(family, offer);
    stage.now += SECOND;
    const again = stage.answer(synOf(offer));
    expect(again.seq).toBe(synAck.seq);
    if (withTs) expect(diff(again.tsVal, synAck.tsVal)).toBeGreaterThan(900);
    stage.say(ackOf(synAck, offer));
    expect(stage.state).toBe('ESTABLISHED');
  });

  test('a repeated SYN has got a row meanwhile: the client that goes by its cookie is not reset', () => {
    const stage = new Stage(family, { synBacklog: 1 });
    stage.say({ ...synOf(offer), srcPort: 4999 });
    const cookie = stage.answer(synOf(offer));
    stage.say({ flags: RST, seq: add(IRS, 1), srcPort: 4999 }); // the row's client is gone
    stage.now += SECOND;
    const row = stage.answer(synOf(offer));
    expect(stage.counters.connections.halfOpen).toBe(1);
    expect(row.seq).not.toBe(cookie.seq);
    const wrong = ackOf(cookie, offer, { ack: add(cookie.seq, 9) });
    expectReset(stage.answer(wrong), wrong);
    stage.say(ackOf(cookie, offer, { text: 10, flags: ACK | PSH }));
    expect(stage.counters.connections).toEqual({ full: 1, halfOpen: 0, timeWait: 0 });
    expect(stage.counters.memory.used).toBe(1024 + 4096); // one connection, one ring
    const id = stage.stack.accept(stage.listener);
    expect(stage.stack.info(id, stage.now).snd.iss).toBe(cookie.seq >>> 0);
    expect(stage.stack.readable(id)).toBe(10);
    expect(stage.wait(60 * SECOND).some(({ seg }) => (seg.flags & SYN) !== 0)).toBe(false);
  });

  test('a newer SYN re-opens a TIME-WAIT by a cookie as it does by a row (RFC 6191)', () => {
    const { stage, synAck } = asked(family, offer);
    stage.say(ackOf(synAck, offer));
    const id = stage.stack.accept(stage.listener);
    stage.stack.close(id, stage.now);
    stage.wait(0);
    stage.say(ackOf(synAck, offer, { flags: ACK | FIN, ack: add(synAck.seq, 2) }));
    stage.stack.release(id, stage.now);
    expect(stage.counters.connections).toEqual({ full: 0, halfOpen: 0, timeWait: 1 });
    stage.now += SECOND;
    const irs = add(IRS, 100_000);
    const newer = stage.answer({ ...synOf(offer), seq: irs, tsVal: seq(1077) });
    expect(newer).toMatchObject({ flags: SYN | ACK, ack: add(irs, 1) });
    expect(stage.counters.connections.timeWait).toBe(0);
    stage.say({ ...ackOf(newer, offer), seq: add(irs, 1), ...(withTs ? { tsVal: seq(1078) } : {}) });
    expect(stage.state).toBe('ESTABLISHED');
    expect(stage.counters.cookiesReceived).toBe(2);
  });
});

describe('the timestamp of the ACK', () => {
  test('one of the bits that tell is wrong, or there is none: no connection', () => {
    for (let bit = 0; bit < 6; bit++) {
      const { stage, synAck } = asked(4, OFFER);
      const wrong = ackOf(synAck, OFFER, { tsEcr: seq(synAck.tsVal ^ (1 << bit)) });
      expectReset(stage.answer(wrong), wrong);
    }
    const { stage, synAck } = asked(4, OFFER);
    const without = ackOf(synAck, OFFER, { hasTs: false });
    expectReset(stage.answer(without), without);
    const plain = asked(4, { mss: 1460 });
    const added = ackOf(plain.synAck, {}, { ...TS });
    expectReset(plain.stage.answer(added), added);
  });

  test.each<[string, Said, TcpConfig['timestamps']]>([
    ['the peer offers none', { mss: 1460, wscale: 7, sackOk: true }, true],
    ['we have them off', OFFER, false],
  ])('%s: no window scale and no SACK', (_name, offer, timestamps) => {
    const { stage, synAck } = asked(4, offer, { timestamps });
    expect(synAck).toMatchObject({ hasTs: false, wscale: -1, sackOk: false, mss: 1460 });
    stage.say(ackOf(synAck, {}));
    const { options } = stage.stack.info(stage.stack.accept(stage.listener), stage.now);
    expect(options).toMatchObject({ sack: false, timestamps: false, windowScale: false });
  });

  test.each<[string, Said, Partial<TcpConfig>, object]>([
    ['no window scale', { mss: 1460, sackOk: true, ...TS }, {}, { sack: true, timestamps: true, windowScale: false }],
    ['no SACK', { mss: 1460, wscale: 0, ...TS }, {}, { sack: false, timestamps: true, windowScale: true }],
    ['a scale of 14', { ...OFFER, wscale: 14 }, {}, { sack: true, timestamps: true, windowScale: true }],
    ['a scale beyond 14', { ...OFFER, wscale: 200 }, {}, { sack: true, timestamps: true, windowScale: true }],
    ['our scaling off', OFFER, { windowScale: false }, { sack: true, timestamps: true, windowScale: false }],
    ['our SACK off', OFFER, { sack: false }, { sack: false, timestamps: true, windowScale: true }],
  ])('%s comes back as agreed', (_name, offer, config, options) => {
    const { stage, synAck } = asked(6, offer, config);
    stage.say(ackOf(synAck, offer));
    const info = stage.stack.info(stage.stack.accept(stage.listener), stage.now);
    expect(info.options).toMatchObject(options);
    expect(info.snd.scale).toBe(info.options.windowScale ? Math.min(offer.wscale as number, 14) : 0);
  });

  test('the SYN,ACK’s is never ahead of the clock, so that segments within the same tick do not go back', () => {
    for (let tick = 0; tick < 200; tick++) {
      const stage = new Stage(4);
      stage.now += tick * MILLISECOND;
      const synAck = stage.answer(synOf(OFFER));
      stage.say(ackOf(synAck, OFFER, { text: 10, flags: ACK | PSH | FIN }));
      const id = stage.stack.accept(stage.listener);
      stage.stack.close(id, stage.now);
      const [fin] = stage.wait(0);
      expect(gt(synAck.tsVal, (fin as Heard).seg.tsVal)).toBe(false);
    }
  });
});

describe('the MSS', () => {
  test.each<[string, Family, Said, number]>([
    ['none announced, IPv4', 4, {}, 536],
    ['none announced, IPv6', 6, {}, 1220],
    ['less than we take', 4, { mss: 10 }, 48],
    ['between two of the table', 4, { mss: 1400 }, 1360],
    ['more than our path takes', 4, { mss: 8960 }, 1460],
    ['more than our path takes', 6, { mss: 65_475 }, 1440],
  ])('%s (%i, %o): segments of %i octets', (_name, family, offer, mss) => {
    const { stage, synAck } = asked(family, offer);
    stage.say(ackOf(synAck, offer));
    const info = stage.stack.info(stage.stack.accept(stage.listener), stage.now);
    expect(info.snd.mss).toBe(mss);
  });

  test('the settings of the listener hold: MSS, buffers, keep-alive, hop limit', () => {
    const own = { mss: 1000, receiveBuffer: 8192, keepAlive: true, keepAliveIdle: 10 * SECOND, hopLimit: 9 };
    const config: TcpConfig = { ...rfcProfile, ...own, synCookies: 'always' };
    const stage = new Stage(4);
    stage.stack.unlisten(stage.listener, stage.now);
    stage.listener = stage.stack.listen({ address: null, family: 0, port: PORT, backlog: 4, synBacklog: 4, config });
    const [synAck] = stage.say(synOf(OFFER));
    expect(synAck?.hopLimit).toBe(9);
    expect(synAck?.seg).toMatchObject({ mss: 1000, wnd: 8192, wscale: 0 });
    stage.say(ackOf((synAck as Heard).seg, OFFER));
    const info = stage.stack.info(stage.stack.accept(stage.listener), stage.now);
    expect(info.snd.mss).toBe(988);
    expect(info.rcv).toMatchObject({ wnd: 8192, buffer: 8192 });
    expect(info.timers).toEqual({ keepAlive: 10 * SECOND });
  });
});

describe('the setting', () => {
  test('always: no SYN gets a row', () => {
    const stage = new Stage(4, { synCookies: 'always', synBacklog: 100 });
    const synAck = stage.answer(synOf(OFFER));
    expect(stage.counters).toMatchObject({ cookiesSent: 1, connections: { halfOpen: 0 } });
    stage.say(ackOf(synAck, OFFER));
    expect(stage.state).toBe('ESTABLISHED');
  });

  test('full, by default: rows first', () => {
    const stage = new Stage(4, { synBacklog: 2 });
    for (let i = 0; i < 5; i++) stage.say({ ...synOf(OFFER), srcPort: 5000 + i });
    expect(stage.counters).toMatchObject({ cookiesSent: 3, connections: { halfOpen: 2 } });
  });

  test('off: what finds no room is dropped and counted', () => {
    const stage = new Stage(4, { synBacklog: 2, synCookies: 'off' });
    for (let i = 0; i < 5; i++) stage.say({ ...synOf(OFFER), srcPort: 5000 + i });
    expect(stage.counters).toMatchObject({ cookiesSent: 0, connections: { halfOpen: 2 } });
    expect(stage.counters.drops).toEqual({ 'SYN queue full': 3 });
    const stray: Said = { flags: ACK, seq: IRS, ack: seq(5), srcPort: 7000 };
    expectReset(stage.answer(stray), stray);
    expect(stage.counters.cookiesFailed).toBe(0);
  });
});

describe('a flood', () => {
  test('20,000 SYNs from as many addresses: nothing is kept of any, and nothing is due', () => {
    const stage = new Stage(6);
    const from = stage.peer.clone();
    for (let i = 0; i < 20_000; i++) {
      from.c = i;
      stage.now += 10;
      expect(stage.say({ ...synOf(OFFER), seq: seq(i) }, from).length).toBe(1);
    }
    expect(stage.counters.memory.used).toBe(0);
    expect(stage.counters.cookiesSent).toBe(20_000);
    expect(stage.stack.turn(stage.now)).toBe(NEVER);
    expect([...stage.stack.connections(stage.now)]).toEqual([]);
  });

  test('SYNs from where no route leads back are dropped and counted, and no cookie is given', () => {
    const stage = new Stage(4);
    expect(stage.say(synOf(OFFER), addressOf('192.0.2.1'))).toEqual([]);
    expect(stage.counters).toMatchObject({ cookiesSent: 0, segmentsOut: 0, memory: { used: 0 } });
    expect(Object.values(stage.counters.drops)).toEqual([1]);
    const stray = { flags: ACK, seq: IRS, ack: seq(5) };
    expectReset(stage.answer(stray), stray);
    expect(stage.counters.cookiesFailed).toBe(0);
  });

  test('ACKs that guess: each is answered by a RST, none gets in', () => {
    const { stage, synAck } = asked(4, OFFER);
    const random = new Random(5);
    for (let i = 0; i < 20_000; i++) {
      const guess = ackOf(synAck, OFFER, { ack: seq(random.next()) });
      expectReset(stage.answer(guess), guess);
    }
    expect(stage.counters).toMatchObject({ cookiesFailed: 20_000, connections: { full: 0 } });
  });
});
