/**
 * syn-flood: SYNs in a second from as many addresses, each answered by a SYN,ACK with a cookie, checksums verified and
 * filled in; beside it a full SYN queue that only drops them. The SYNs are made outside of the time that is taken.
 */
import { Frame, HEAD_ROOM, NEVER, onTheWire, Random, rfcProfile, Stack } from 'synwave';
import { check, inTurn, result } from './measure.mjs';

/** SYNs of each run, and how many are made at once. */
const SYNS = 1_000_000;
const BATCH = 10_000;
/** Virtual time between two, in microseconds. */
const APART = 10;
/** What the heap may grow by over a run, in octets: what V8 compiles and has not collected. */
const SLACK = 8 << 20;

/** IPv4 (10.0.0.1 from anybody) and TCP with what Linux offers: MSS, SACK, timestamps, window scale. Sums are 0. */
const SYN = Uint8Array.from(
  [
    [0x45, 0, 0, 60, 0, 0, 0x40, 0, 64, 6, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1],
    [0, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0xa0, 2, 0xff, 0xff, 0, 0, 0, 0],
    [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7],
  ].flat(),
);
const IP_SUM = 10;
const SOURCE = 12;
const TCP = 20;
const TCP_SUM = 36;

/** Takes what the stack sends, and counts the SYN,ACKs. */
class Sink {
  name = 'sink';
  mtu = 1500;
  offloads = onTheWire;
  synAcks = 0;

  /** @param {Frame} frame */
  send(frame) {
    if (frame.bytes[frame.at + TCP + 13] === 0x12) this.synAcks++;
    frame.release();
  }

  attach() {}
}

export async function synFlood() {
  const cookies = async () => [await flood('full')];
  const dropped = async () => [await flood('off')];
  const rates = await inTurn(cookies, dropped);
  const [value = 0] = rates.ours;
  const [other = 0] = rates.theirs;
  return [result('syn-flood', value, 'SYNs/s', { name: 'dropped', value: other })];
}

/** @param {'full' | 'off'} synCookies */
async function flood(synCookies) {
  const stack = new Stack({ random: new Random(1), config: { ...rfcProfile, synCookies } });
  const link = new Sink();
  stack.internet.addInterface(link, ['10.0.0.1/1']); // whoever sends is on the link, so that a route leads back
  const listener = stack.listen({ address: null, family: 0, port: 80, backlog: 8, synBacklog: 0 });
  const frames = Array.from({ length: BATCH }, () => Frame.from(SYN, HEAD_ROOM));
  const random = new Random(2);
  let now = 0;
  let nanoseconds = 0n;
  let heap = 0;
  for (let done = 0; done < SYNS; done += BATCH) {
    for (const frame of frames) forge(frame, random);
    const start = process.hrtime.bigint();
    for (const frame of frames) stack.frameArrives(0, frame, (now += APART));
    const next = stack.turn(now);
    nanoseconds += process.hrtime.bigint() - start;
    check(next === NEVER, 'a SYN has left a deadline behind');
    globalThis.gc?.();
    if (done === 10 * BATCH) heap = process.memoryUsage().heapUsed;
  }
  const grown = process.memoryUsage().heapUsed - heap;
  check(globalThis.gc === undefined || grown < SLACK, `the heap has grown by ${grown} octets`);
  const { cookiesSent, connections, memory, drops } = stack.counters();
  check(cookiesSent === (synCookies === 'full' ? SYNS : 0) && link.synAcks === cookiesSent, `${cookiesSent} cookies`);
  check((drops['SYN queue full'] ?? 0) === SYNS - cookiesSent, 'a SYN was dropped for another reason');
  check(memory.used === 0 && connections.full + connections.halfOpen === 0, 'a SYN has left something behind');
  check(stack.queuesOf(listener).waiting === 0, 'a SYN has got into the accept queue');
  return SYNS / (Number(nanoseconds) / 1e9);
}

/**
 * Another sender, another ISN, both checksums.
 * @param {Frame} frame
 * @param {Random} random
 */
function forge(frame, random) {
  const { view, at } = frame;
  view.setUint32(at + SOURCE, 0x0b00_0000 + random.below(0x6000_0000)); // 11.0.0.0 to 106.255.255.255
  view.setUint16(at + TCP, 1024 + random.below(60_000));
  view.setUint32(at + TCP + 4, random.next());
  view.setUint16(at + IP_SUM, 0);
  view.setUint16(at + IP_SUM, sumOf(view, at, at + TCP, 0));
  view.setUint16(at + TCP_SUM, 0);
  // The pseudo-header: both addresses, the protocol, the length.
  view.setUint16(at + TCP_SUM, sumOf(view, at + SOURCE, at + SYN.length, 6 + SYN.length - TCP));
}

/**
 * @param {DataView} view
 * @param {number} from
 * @param {number} end
 * @param {number} sum What is added to begin with.
 */
function sumOf(view, from, end, sum) {
  let total = sum;
  for (let i = from; i < end; i += 2) total += view.getUint16(i);
  total = (total & 0xffff) + (total >>> 16);
  return ~((total & 0xffff) + (total >>> 16)) & 0xffff;
}
