/**
 * stack/stack.ts: any packets, calls and times at a host with connections and listeners. Nothing throws, moves are legal,
 * what leaves is well formed, memory stays below its cap, each packet is accounted for, and nothing is left in the end.
 */
import { parseAddress } from '../../packages/synwave/dist/base/address-text.js';
import { SynwaveError } from '../../packages/synwave/dist/base/errors.js';
import { Frame } from '../../packages/synwave/dist/base/frame.js';
import { Random } from '../../packages/synwave/dist/base/random.js';
import { MINUTE, NEVER, SECOND } from '../../packages/synwave/dist/base/time.js';
import { onTheWire } from '../../packages/synwave/dist/link/link.js';
import { Stack } from '../../packages/synwave/dist/stack/stack.js';
import { linuxProfile, rfcProfile } from '../../packages/synwave/dist/tcp/config.js';
import { isLegalMove, stateNames } from '../../packages/synwave/dist/tcp/state.js';
import { Drop, dropReasons } from '../../packages/synwave/dist/wire/drop.js';
import { Packet, Protocol, pseudoSum, readIp } from '../../packages/synwave/dist/wire/ip.js';
import { Segment } from '../../packages/synwave/dist/wire/segment.js';
import { readTcp } from '../../packages/synwave/dist/wire/tcp.js';
import { PacketPrinter } from '../../packages/synwave/dist/wire/text.js';
import { parseText } from '../../packages/synwave/dist/wire/text-parse.js';
import { octet, repairIp, samplePackets, short, upperAt } from '../packets.mjs';
import { arrival, call, stepsOf, timeOf } from '../script.mjs';
import { holds } from '../target.mjs';

/** @typedef {import('../../packages/synwave/dist/base/address.js').Address} Address */
/** @typedef {import('../../packages/synwave/dist/link/link.js').Link} Link */
/** @typedef {import('../script.mjs').Step} Step */
/** @typedef {import('../script.mjs').Call} Call */

const MOST = 1536;
const MTU = 1500;
const HEAD = 128;
const HERE = '10.0.0.1';
const THERE = '10.0.0.2';
const PORT = 80;

/** Turns within which all is over once the user has let go: retransmissions, probes and waits of a few connections. */
const LAST_TURNS = 2000;

/** Connections give up early, so that each input is over soon. */
const PATIENCE = { r1: 2, r2: 5, r2Syn: 20 * SECOND };

const there = /** @type {Address} */ (parseAddress(THERE));
const octets = new Uint8Array(0x10000);
const arriving = new Frame(HEAD + MOST + HEAD);
const packet = new Packet();
const seg = new Segment();

/** Reasons for which a packet is dropped before it is counted as a segment, a datagram or an ICMP message. @type {ReadonlySet<string>} */
const atTheDoor = new Set(
  [
    ...range(Drop.IpVersion, Drop.TcpPort),
    Drop.Broadcast,
    ...range(Drop.UdpShort, Drop.UdpPort),
    Drop.IcmpShort,
    Drop.IcmpChecksum,
  ].map((reason) => /** @type {string} */ (dropReasons[reason])),
);

/**
 * @param {number} first
 * @param {number} last
 */
function range(first, last) {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** Where a connection's numbers stand, by what the stack said last: what it expects, and what it sends next. */
/** @typedef {{ expects: number, next: number }} Standing */

/** The one link of the host: what leaves is read, and forgotten. @implements {Link} */
class Wire {
  name = 'wire';
  mtu = MTU;
  offloads = onTheWire;
  sent = 0;
  /** By the peer's port and ours. @type {Map<number, Standing>} */
  standings = new Map();

  /** @param {Frame} frame */
  send(frame) {
    this.sent++;
    holds(frame.length <= MTU, `a packet of ${frame.length} octets`);
    const fault = readIp(packet, frame, true);
    holds(fault === Drop.None && packet.textEnd === frame.end, `what leaves is no IP packet: ${dropReasons[fault]}`);
    if (packet.protocol === Protocol.Tcp) {
      const { textAt, textEnd } = packet;
      const wrong = readTcp(seg, frame, textAt, textEnd, pseudoSum(packet, textEnd - textAt));
      holds(wrong === Drop.None, `what leaves is no segment: ${dropReasons[wrong]}`);
      this.standings.set(seg.dstPort * 0x10000 + seg.srcPort, { expects: seg.ack, next: (seg.seq + seg.len) | 0 });
    }
    frame.release();
  }

  attach() {}
}

/** The host, and what its user does. */
class Run {
  wire = new Wire();
  now = 0;
  frames = 0;
  states = 0;
  next = NEVER;
  /** Connections that the user holds. @type {number[]} */
  ids = [];
  listener = -1;
  #stack;
  #udp;

  /** @param {number} kind The first octet of the input: which settings. */
  constructor(kind) {
    const small = (kind & 8) !== 0;
    const config = {
      ...((kind & 4) === 0 ? rfcProfile : linuxProfile),
      ...PATIENCE,
      ...(small ? { sendBuffer: 4096, receiveBuffer: 4096, holes: 3 } : {}),
      ...((kind & 16) === 0 ? {} : /** @type {const} */ ({ congestion: 'reno' })),
      ...((kind & 32) === 0 ? {} : { keepAlive: true, userTimeout: 100 * SECOND, keepAliveIdle: MINUTE }),
    };
    const stack = new Stack({ random: new Random(7), memory: (kind & 2) === 0 ? 1 << 20 : 24 << 10, config });
    stack.addInterface(this.wire, [`${HERE}/24`, 'fd00::1/64']);
    if ((kind & 1) === 0) {
      stack.observer = (event) => {
        if (event.type !== 'state') return;
        this.states |= 1 << event.to;
        holds(isLegalMove(event.from, event.to), `from ${stateNames[event.from]} to ${stateNames[event.to]}`);
      };
    }
    const common = { address: null, family: /** @type {const} */ (0), shared: false, receiveBuffer: 2000 };
    this.#udp = [stack.udp.bind({ ...common, port: 53 }), stack.udp.bind({ ...common, port: 54 })];
    stack.udp.connect(this.#udp[1] ?? 0, there, 9);
    this.#stack = stack;
    this.#listen();
  }

  /** @param {readonly Step[]} steps */
  play(steps) {
    for (const step of steps) {
      if (step.type === 'call') {
        this.#call(step);
        this.#turn();
        continue;
      }
      this.now += step.after;
      this.#arrive(step.octets, step.relative, step.repaired);
      if (step.turn) this.#turn();
    }
    this.#turn();
    this.#account();
  }

  /** The host loses power, or the user lets go of everything and time passes: nothing is left. @param {boolean} power */
  end(power) {
    if (power) this.#letGo();
    else this.#stack.crash();
    const { memory, connections } = this.#stack.counters();
    holds(memory.used === 0, `${memory.used} octets are lent for ever`);
    holds(connections.full + connections.halfOpen + connections.timeWait === 0, JSON.stringify(connections));
  }

  #letGo() {
    const stack = this.#stack;
    for (const id of this.ids) stack.release(id, this.now);
    stack.unlisten(this.listener, this.now);
    for (const id of this.#udp) stack.udp.close(id);
    this.#turn();
    for (let turns = 0; this.next !== NEVER; turns++) {
      holds(turns < LAST_TURNS, `not over after ${turns} turns`);
      this.now = this.next;
      this.#turn();
    }
  }

  #turn() {
    const stack = this.#stack;
    this.next = stack.turn(this.now);
    holds(this.next > this.now, `a turn at ${this.now} wants the next at ${this.next}`);
    for (let id = stack.nextNews(); id !== null; id = stack.nextNews()) if (id >= 0) stack.newsOf(id);
    while (stack.udp.nextNews() !== null);
    while (stack.nextEcho() !== null);
  }

  /**
   * @param {Uint8Array} given
   * @param {boolean} relative
   * @param {boolean} repaired
   */
  #arrive(given, relative, repaired) {
    arriving.at = HEAD;
    arriving.end = HEAD + given.length;
    arriving.bytes.set(given, HEAD);
    const bytes = arriving.bytes.subarray(HEAD, arriving.end);
    if (relative) this.#relate(bytes);
    if (repaired) repairIp(bytes, true);
    this.frames++;
    this.#stack.frameArrives(0, arriving, this.now);
  }

  /** Adds the numbers of the packet's connection to its own, or to those of the segment that it quotes. @param {Uint8Array} bytes */
  #relate(bytes) {
    const at = upperAt(bytes);
    const protocol = octet(bytes, octet(bytes, 0) >> 4 === 4 ? 9 : 6);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (protocol === Protocol.Tcp && at + 12 <= bytes.length) {
      const standing = this.wire.standings.get(view.getUint32(at));
      if (standing === undefined) return;
      view.setInt32(at + 4, view.getInt32(at + 4) + standing.expects);
      view.setInt32(at + 8, view.getInt32(at + 8) + standing.next);
    } else if ((protocol === Protocol.Icmp || protocol === Protocol.Icmpv6) && at + 8 < bytes.length) {
      const quote = at + 8 + upperAt(bytes.subarray(at + 8));
      if (quote + 8 > bytes.length) return;
      const standing = this.wire.standings.get(short(bytes, quote + 2) * 0x10000 + short(bytes, quote));
      if (standing !== undefined) view.setInt32(quote + 4, view.getInt32(quote + 4) + standing.next);
    }
  }

  #listen() {
    this.listener = this.#stack.listen({ address: null, family: 0, port: PORT, backlog: 2, synBacklog: 3 });
  }

  /** @param {Call} step */
  #call({ call: name, which, argument }) {
    const stack = this.#stack;
    const id = this.ids.length === 0 ? -1 : (this.ids[which % this.ids.length] ?? -1);
    switch (name) {
      case 'wait':
        this.now += timeOf(argument);
        return;
      case 'nextDeadline':
        if (this.next !== NEVER) this.now = this.next;
        return;
      case 'accept': {
        const accepted = stack.accept(this.listener);
        if (accepted >= 0) this.ids.push(accepted);
        return;
      }
      case 'connect':
        this.#connect(argument);
        return;
      case 'udpSend':
        stack.udp.send(this.#udp[which % 2] ?? 0, which % 2 === 0 ? there : null, 9, octets, 0, argument, this.now);
        return;
      case 'udpReceive':
        while (stack.udp.receive(this.#udp[which % 2] ?? 0) !== null);
        stack.udp.takeError(this.#udp[which % 2] ?? 0);
        return;
      case 'askEcho':
        stack.askEcho(there, argument, 64, this.now);
        return;
      case 'listen':
        stack.unlisten(this.listener, this.now);
        this.#listen();
        return;
      default:
        if (id >= 0) this.#callOf(id, name, argument);
    }
  }

  /**
   * @param {number} id
   * @param {Call['call']} name
   * @param {number} argument
   */
  #callOf(id, name, argument) {
    const stack = this.#stack;
    switch (name) {
      case 'send':
        stack.send(id, octets, 0, 40 * argument);
        return;
      case 'sendUrgent':
        stack.send(id, octets, 0, argument, true);
        return;
      case 'receive':
        stack.receive(id, octets, 0, 40 * argument);
        return;
      case 'close':
        stack.close(id, this.now);
        return;
      case 'keepAlive':
        stack.setKeepAlive(id, argument < 128, this.now, MINUTE, MINUTE, 3);
        return;
      case 'noDelay':
        stack.setNoDelay(id, argument < 128);
        return;
      case 'abort':
        stack.abort(id, this.now);
        return;
      default:
        stack.release(id, this.now);
        this.ids = this.ids.filter((other) => other !== id);
    }
  }

  /** @param {number} argument */
  #connect(argument) {
    try {
      const local = { address: null, port: 5000 + (argument & 7) };
      this.ids.push(this.#stack.connect({ address: there, port: 8000 }, local, this.now));
    } catch (error) {
      if (!(error instanceof SynwaveError)) throw error;
    }
  }

  /** Every packet was dropped at the door or counted; memory is below its cap. */
  #account() {
    const { memory, drops, segmentsIn, datagramsIn, icmp } = this.#stack.counters();
    holds(memory.used >= 0 && memory.used <= memory.limit, `${memory.used} octets lent of ${memory.limit}`);
    const taken = segmentsIn + datagramsIn + icmp.in;
    let dropped = 0;
    let later = 0;
    for (const [reason, count] of Object.entries(drops)) {
      if (atTheDoor.has(reason)) dropped += count;
      else later += count;
    }
    holds(taken + dropped === this.frames, `${this.frames} packets came: ${taken} taken, ${dropped} dropped`);
    holds(later <= taken, `${taken} packets were taken, and ${later} of them dropped`);
  }
}

const SYN = `options [mss 1460,sackOK,TS val 1000 ecr 0,nop,wscale 7], length 0`;
const STAMP = 'options [nop,nop,TS val 1000 ecr 1]';
const opened = `IP ${THERE}.8000 > ${HERE}.5000: Flags`;
const plain = `IP ${THERE}.4000 > ${HERE}.80: Flags`;
const six = 'IP6 fd00::2.4001 > fd00::1.80: Flags';

/** @param {string} line */
const comes = (line) => arrival(parseText(line));

/** Before any script: a connection that was asked for, one with options and one without that were accepted. */
const PROLOGUE = stepsOf(
  Uint8Array.from([
    ...call('connect'),
    ...comes(`${opened} [S.], seq 4294967000, ack 0, win 65535, ${SYN}`),
    ...comes(`${plain} [S], seq 7000, win 9000, length 0`),
    ...comes(`${plain} [.], ack 0, win 9000, length 0`),
    ...call('accept'),
    ...comes(`${six} [S], seq 8000, win 65535, ${SYN}`),
    ...comes(`${six} [.], ack 0, win 500, ${STAMP}, length 0`),
    ...call('accept'),
    ...call('askEcho', 0, 16),
    ...call('udpSend', 1, 8),
  ]),
  0,
);

/** What connections go through, told from the peer's side; numbers are relative to where the connection stands. */
function scenarios() {
  const text = comes(`${plain} [P.], seq 0:30, ack 0, win 9000, length 30`);
  const hole = comes(`${plain} [P.], seq 30:60, ack 0, win 9000, length 30`);
  const fin = comes(`${plain} [F.], seq 0, ack 0, win 9000, length 0`);
  const ack = comes(`${plain} [.], ack 0, win 9000, length 0`);
  const closed = comes(`${plain} [.], ack 0, win 0, length 0`);
  const sacks = comes(
    `${opened} [.], seq 0, ack 4294964296, win 500, options [nop,nop,TS val 1000 ecr 1,nop,nop,sack 1 {1:2}], length 0`,
  );
  const back = comes(`${opened} [.], ack 4294964296, win 500, ${STAMP}, length 0`);
  const quoting = `IP ${THERE} > ${HERE}: ICMP ${THERE}`;
  return [
    [...text, ...call('receive', 1, 1), ...fin, ...call('close', 1), ...ack],
    [...hole, ...call('receive', 1, 9), ...text, ...call('receive', 1, 9)],
    [...call('close', 1), ...ack, ...fin, ...call('wait', 0, 6)],
    [...call('close', 1), ...fin, ...ack, ...call('release', 1)],
    [...call('send', 1, 20), ...closed, ...call('nextDeadline'), ...call('nextDeadline'), ...ack],
    [...call('send', 0, 250), ...back, ...back, ...back, ...sacks, ...call('nextDeadline'), ...call('nextDeadline')],
    [...call('send', 2, 100), ...call('nextDeadline'), ...comes(`${six} [.], ack 0, win 500, ${STAMP}, length 0`)],
    [...comes(`${plain} [R], seq 0, win 0, length 0`), ...comes(`${plain} [S], seq 5, win 900, length 0`)],
    [...comes(`${opened} [P.U], seq 0:9, ack 0, win 500, urg 4, ${STAMP}, length 9`), ...call('receive', 0, 1)],
    [...call('keepAlive', 0, 1), ...call('nextDeadline'), ...call('nextDeadline'), ...call('sendUrgent', 0, 9)],
    [...call('connect', 0, 3), ...comes(`IP ${THERE}.8000 > ${HERE}.5003: Flags [S], seq 3, win 900, length 0`)],
    [...comes(`IP ${THERE}.4005 > ${HERE}.80: Flags [S], seq 3, win 900, length 0`), ...call('listen')],
    [...comes(`IP ${THERE}.9 > ${HERE}.54: UDP, length 30`), ...call('udpReceive', 1), ...call('udpSend', 0, 200)],
    [...comes(`${quoting} udp port 9 unreachable, length 60`), ...call('udpReceive', 1), ...call('askEcho', 0, 255)],
    [...call('abort', 0), ...call('release', 0), ...call('release', 0), ...call('release', 0)],
    samplePackets().flatMap((each) => arrival(each)),
  ];
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'stack',
  most: MOST,
  words: [
    ...['accept', 'send', 'receive', 'close', 'release', 'nextDeadline'].flatMap((name) =>
      [0, 1, 2].map((which) => Uint8Array.from(call(/** @type {Call['call']} */ (name), which, 50))),
    ),
    ...[1, 3, 5, 6, 7].map((time) => Uint8Array.from(call('wait', 0, time))),
  ],
  seeds: () => scenarios().flatMap((steps) => [0, 0x4e, 0x70].map((kind) => Uint8Array.from([kind, ...steps]))),
  show: (input) => stepsOf(input, 1).map(textOf).join('\n'),
  run(input) {
    const run = new Run(octet(input, 0));
    run.play(PROLOGUE);
    run.play(stepsOf(input, 1));
    run.end((octet(input, 0) & 64) === 0);
    return run.states === 0 ? undefined : run.states;
  },
};

/** @param {Step} step */
function textOf(step) {
  if (step.type === 'call') return `${step.call} ${step.which} ${step.argument}`;
  const line = new PacketPrinter({ absolute: true }).line(Frame.from(step.octets));
  return `+${step.after}${step.relative ? ' relative' : ''}${step.repaired ? '' : ' as it is'}: ${line}`;
}
