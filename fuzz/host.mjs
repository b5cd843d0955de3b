/**
 * A host that runs scripts, for the targets `stack` and `station`. Nothing throws, moves are legal, what leaves is well
 * formed, memory stays below its cap, each packet is accounted for, and nothing is left in the end.
 */
import { parseAddress } from '../packages/synwave/dist/base/address-text.js';
import { SynwaveError } from '../packages/synwave/dist/base/errors.js';
import { Frame } from '../packages/synwave/dist/base/frame.js';
import { Random } from '../packages/synwave/dist/base/random.js';
import { MINUTE, NEVER, SECOND } from '../packages/synwave/dist/base/time.js';
import { isExtensionFault } from '../packages/synwave/dist/ip/input.js';
import { onTheWire } from '../packages/synwave/dist/link/link.js';
import { Stack } from '../packages/synwave/dist/stack/stack.js';
import { linuxProfile, rfcProfile } from '../packages/synwave/dist/tcp/config.js';
import { isLegalMove, stateNames } from '../packages/synwave/dist/tcp/state.js';
import { Arp, readArp } from '../packages/synwave/dist/wire/arp.js';
import { Drop, dropReasons } from '../packages/synwave/dist/wire/drop.js';
import { Ethernet, EtherType, readEthernet } from '../packages/synwave/dist/wire/ethernet.js';
import { isFragment, Packet, Protocol, pseudoSum, readIp } from '../packages/synwave/dist/wire/ip.js';
import { Segment } from '../packages/synwave/dist/wire/segment.js';
import { readTcp } from '../packages/synwave/dist/wire/tcp.js';
import { PacketPrinter } from '../packages/synwave/dist/wire/text.js';
import { octet, repairIp, short, upperAt } from './packets.mjs';
import { calls, stepsOf, timeOf } from './script.mjs';
import { holds } from './target.mjs';

/** @typedef {import('../packages/synwave/dist/base/address.js').Address} Address */
/** @typedef {import('../packages/synwave/dist/base/mac.js').Mac} Mac */
/** @typedef {import('../packages/synwave/dist/link/link.js').Link} Link */
/** @typedef {import('./script.mjs').Arrival} Arrival */
/** @typedef {import('./script.mjs').Call} Call */
/** @typedef {import('./script.mjs').Step} Step */

/** An interface: its addresses, and its MAC where it carries Ethernet frames. */
/** @typedef {{ readonly addresses: readonly string[], readonly mac?: Mac }} Interface */

/** Octets of a script, and so of a packet in it. */
export const MOST_SCRIPT = 1536;

const MTU = 1500;
const HEAD = 128;
const ETHERNET = 14;
const PORT = 80;
const BACKLOG = 2;
const SYN_BACKLOG = 3;

/** What the first octet of a script says, bit by bit. */
const UNSEEN = 1;
const LITTLE_MEMORY = 2;
const AS_LINUX = 4;
const SMALL_BUFFERS = 8;
const RENO = 16;
const KEEP_ALIVE = 32;
const POWER_CUT = 64;
const ROUTER = 128;

/** Such octets for seeds: plain; little of everything, and no power in the end; other settings, and a router. */
export const KINDS = [0, LITTLE_MEMORY | AS_LINUX | SMALL_BUFFERS | POWER_CUT, RENO | KEEP_ALIVE | ROUTER];

/** Connections give up early, so that each input is over soon. */
const PATIENCE = { r1: 2, r2: 5, r2Syn: 20 * SECOND };

/** Turns within which all connections are over once the user has let go, looked for after every few. */
const LAST_TURNS = 4000;
const LOOK = 40;

const octets = new Uint8Array(0x10000);
const arriving = new Frame(HEAD + MOST_SCRIPT + HEAD);
const packet = new Packet();
const seg = new Segment();
const ethernet = new Ethernet();
const arp = new Arp();

/**
 * Reasons for which a packet is dropped instead of being counted as a segment, a datagram, an ICMP message or a fragment,
 * or passed on. Those that are given elsewhere as well are `vague`.
 * @type {ReadonlySet<string>}
 */
const atTheDoor = namesOf([
  ...range(Drop.Ipv4Short, Drop.Ipv6Mapped),
  Drop.IpNotForUs,
  Drop.IpProtocol,
  Drop.MulticastNobody,
  Drop.EtherToMany,
  ...range(Drop.TcpShort, Drop.TcpChecksum),
  Drop.TcpOptionLength,
  Drop.TcpPort,
  ...range(Drop.UdpShort, Drop.UdpPort),
  Drop.IcmpShort,
  Drop.IcmpChecksum,
  Drop.HopLimit,
  Drop.ForwardScope,
  Drop.TooBig,
]);
const vague = namesOf([Drop.IpVersion, Drop.IpSource, Drop.Broadcast, Drop.NoRoute]);
/** Frames with something else than IP in them, or for somebody else. */
const ofEthernet = namesOf([Drop.EtherShort, Drop.EtherNotForUs, Drop.EtherType]);

/**
 * @param {number} first
 * @param {number} last
 */
function range(first, last) {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** @param {readonly number[]} reasons */
function namesOf(reasons) {
  return new Set(reasons.map((reason) => /** @type {string} */ (dropReasons[reason])));
}

/** Where a connection's numbers stand, by what the host said last: what it expects, and what it sends next. */
/** @typedef {{ expects: number, next: number }} Standing */

/** One link of the host: what leaves is read, and forgotten. @implements {Link} */
class Wire {
  mtu = MTU;
  offloads = onTheWire;
  /** Whether packets of others may leave by it. */
  passes = false;
  #standings;

  /**
   * @param {string} name
   * @param {Map<number, Standing>} standings By the peer's port and ours.
   */
  constructor(name, standings) {
    this.name = name;
    this.#standings = standings;
  }

  /** @param {Frame} frame */
  send(frame) {
    holds(frame.length <= MTU, `a packet of ${frame.length} octets`);
    const fault = readIp(packet, frame, true);
    // Who only forwards has no business with extension headers: such a packet leaves as it came.
    if (isExtensionFault(fault)) return frame.release();
    holds(fault === Drop.None && packet.textEnd === frame.end, `what leaves is no IP packet: ${dropReasons[fault]}`);
    const { protocol, textAt, textEnd } = packet;
    if (protocol === Protocol.Tcp && !isFragment(packet)) {
      const wrong = readTcp(seg, frame, textAt, textEnd, pseudoSum(packet, textEnd - textAt));
      const standing = { expects: seg.ack, next: (seg.seq + seg.len) | 0 };
      if (wrong === Drop.None) this.#standings.set(seg.dstPort * 0x10000 + seg.srcPort, standing);
      else holds(this.passes, `what leaves is no segment: ${dropReasons[wrong]}`);
    }
    frame.release();
  }

  attach() {}
}

/** One that carries Ethernet frames. @implements {Link} */
class EthernetWire extends Wire {
  /**
   * @param {string} name
   * @param {Mac} mac
   * @param {Map<number, Standing>} standings
   */
  constructor(name, mac, standings) {
    super(name, standings);
    this.mac = mac;
  }

  /** @override @param {Frame} frame */
  send(frame) {
    const fault = readEthernet(ethernet, frame);
    holds(fault === Drop.None, `what leaves is no Ethernet frame: ${dropReasons[fault]}`);
    holds(ethernet.src === this.mac && ethernet.vlan < 0, 'what leaves comes from somebody else');
    frame.at = ethernet.textAt;
    if (ethernet.type !== EtherType.Arp) return super.send(frame);
    const wrong = readArp(arp, frame, frame.at, frame.end);
    holds(wrong === Drop.None, `what leaves is no ARP packet: ${dropReasons[wrong]}`);
    frame.release();
  }
}

/** The host, and what its user does. */
class Host {
  /** Which states connections were in: a bit for each. */
  states = 0;
  #now = 0;
  #next = NEVER;
  #frames = 0;
  #router;
  #ethernet;
  /** @type {Map<number, Standing>} */
  #standings = new Map();
  /** Connections that the user holds. @type {number[]} */
  #ids = [];
  #listener = -1;
  #stack;
  #udp;
  #peer;

  /**
   * @param {readonly Interface[]} interfaces
   * @param {Address} peer Whom calls of the user are about.
   * @param {number} kind
   */
  constructor(interfaces, peer, kind) {
    const config = {
      ...((kind & AS_LINUX) === 0 ? rfcProfile : linuxProfile),
      ...PATIENCE,
      ...((kind & SMALL_BUFFERS) === 0 ? {} : { sendBuffer: 4096, receiveBuffer: 4096, holes: 3 }),
      ...((kind & RENO) === 0 ? {} : /** @type {const} */ ({ congestion: 'reno' })),
      ...((kind & KEEP_ALIVE) === 0 ? {} : { keepAlive: true, userTimeout: 100 * SECOND, keepAliveIdle: MINUTE }),
    };
    this.#router = (kind & ROUTER) !== 0;
    this.#ethernet = interfaces.map(({ mac }) => mac !== undefined);
    const memory = (kind & LITTLE_MEMORY) === 0 ? 1 << 20 : 24 << 10;
    const stack = new Stack({ random: new Random(7), memory, config });
    const { internet } = stack;
    for (const [i, { addresses, mac }] of interfaces.entries()) {
      const name = `wire${i}`;
      const wire = mac === undefined ? new Wire(name, this.#standings) : new EthernetWire(name, mac, this.#standings);
      wire.passes = this.#router;
      internet.addInterface(wire, addresses, { autoconf: mac !== undefined });
    }
    if (this.#router) {
      internet.setForwarding(true);
      for (const [i, carries] of this.#ethernet.entries()) if (carries) internet.advertise(i, {});
    }
    if ((kind & UNSEEN) === 0) {
      stack.observer = (event) => {
        if (event.type !== 'state') return;
        this.states |= 1 << event.to;
        holds(isLegalMove(event.from, event.to), `from ${stateNames[event.from]} to ${stateNames[event.to]}`);
      };
    }
    const common = { address: null, family: /** @type {const} */ (0), shared: false, receiveBuffer: 2000 };
    this.#udp = [stack.udp.bind({ ...common, port: 53 }), stack.udp.bind({ ...common, port: 54 })];
    stack.udp.connect(this.#udp[1] ?? 0, peer, 9);
    this.#stack = stack;
    this.#peer = peer;
    this.#listen();
  }

  /** @param {readonly Step[]} steps */
  play(steps) {
    for (const step of steps) {
      if (step.type === 'call') this.#call(step);
      else this.#arrive(step);
      if (step.type === 'call' || step.turn) this.#turn();
    }
    this.#turn();
    this.#account();
  }

  /** The user lets go of everything and time passes, or power is cut: nothing is left. @param {boolean} powerCut */
  end(powerCut) {
    if (!powerCut) this.#letGo();
    this.#stack.crash();
    const { memory, connections, held } = this.#stack.counters();
    holds(memory.used === 0, `${memory.used} octets are lent for ever`);
    const left = { ...connections, ...held };
    holds(
      Object.values(left).every((count) => count === 0),
      JSON.stringify(left),
    );
  }

  #letGo() {
    const stack = this.#stack;
    for (const id of this.#ids) stack.release(id, this.#now);
    stack.unlisten(this.#listener, this.#now);
    for (const id of this.#udp) stack.udp.close(id);
    this.#turn();
    for (let turns = 1; this.#next !== NEVER && !(turns % LOOK === 0 && this.#isOver()); turns++) {
      holds(turns < LAST_TURNS, `not over after ${turns} turns`);
      this.#now = this.#next;
      this.#turn();
    }
    holds(this.#isOver(), 'nothing more is to happen, and not all is over');
  }

  /** Whether connections are at their end, and fragments complete or given up. */
  #isOver() {
    const { memory, connections, held } = this.#stack.counters();
    const { full, halfOpen, timeWait } = connections;
    return full + halfOpen + timeWait + memory.used + held.fragments === 0;
  }

  #turn() {
    const stack = this.#stack;
    this.#next = stack.turn(this.#now);
    holds(this.#next > this.#now, `a turn at ${this.#now} wants the next at ${this.#next}`);
    for (let id = stack.nextNews(); id !== null; id = stack.nextNews()) if (id >= 0) stack.newsOf(id);
    while (stack.udp.nextNews() !== null);
    while (stack.nextEcho() !== null);
  }

  /** @param {Arrival} step */
  #arrive({ after, on, relative, repaired, octets: given }) {
    this.#now += after;
    arriving.at = HEAD;
    arriving.end = HEAD + given.length;
    arriving.bytes.set(given, HEAD);
    const index = on < this.#ethernet.length ? on : 0;
    const bytes = arriving.bytes.subarray(HEAD + (this.#ethernet[index] === true ? ETHERNET : 0), arriving.end);
    const isArp = this.#ethernet[index] === true && short(given, ETHERNET - 2) === EtherType.Arp;
    if (relative && !isArp) this.#relate(bytes);
    if (repaired && !isArp) repairIp(bytes, true);
    this.#frames++;
    this.#stack.frameArrives(index, arriving, this.#now);
  }

  /** Adds the numbers of the packet's connection to its own, or to those of the segment that it quotes. @param {Uint8Array} bytes */
  #relate(bytes) {
    const at = upperAt(bytes);
    const protocol = octet(bytes, octet(bytes, 0) >> 4 === 4 ? 9 : 6);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (protocol === Protocol.Tcp && at + 12 <= bytes.length) {
      const standing = this.#standings.get(view.getUint32(at));
      if (standing === undefined) return;
      view.setInt32(at + 4, view.getInt32(at + 4) + standing.expects);
      view.setInt32(at + 8, view.getInt32(at + 8) + standing.next);
    } else if ((protocol === Protocol.Icmp || protocol === Protocol.Icmpv6) && at + 8 < bytes.length) {
      const quote = at + 8 + upperAt(bytes.subarray(at + 8));
      if (quote + 8 > bytes.length) return;
      const standing = this.#standings.get(short(bytes, quote + 2) * 0x10000 + short(bytes, quote));
      if (standing !== undefined) view.setInt32(quote + 4, view.getInt32(quote + 4) + standing.next);
    }
  }

  #listen() {
    this.#listener = this.#stack.listen({
      address: null,
      family: 0,
      port: PORT,
      backlog: BACKLOG,
      synBacklog: SYN_BACKLOG,
    });
  }

  /** @param {Call} step */
  #call({ call: name, which, argument }) {
    const stack = this.#stack;
    const socket = this.#udp[which % 2] ?? 0;
    switch (name) {
      case 'wait':
        this.#now += timeOf(argument);
        return;
      case 'nextDeadline':
        if (this.#next !== NEVER) this.#now = this.#next;
        return;
      case 'accept': {
        const accepted = stack.accept(this.#listener);
        if (accepted >= 0) this.#ids.push(accepted);
        return;
      }
      case 'connect':
        this.#connect(argument);
        return;
      case 'udpSend':
        stack.udp.send(socket, which % 2 === 0 ? this.#peer : null, 9, octets, 0, 16 * argument, this.#now);
        return;
      case 'udpReceive':
        while (stack.udp.receive(socket) !== null);
        stack.udp.takeError(socket);
        return;
      case 'askEcho':
        stack.askEcho(
          this.#peer,
          undefined,
          { size: 16 * argument, hopLimit: 64, dontFragment: which % 2 === 0 },
          this.#now,
        );
        return;
      case 'listen':
        stack.unlisten(this.#listener, this.#now);
        this.#listen();
        return;
      default: {
        const id = this.#ids[which % Math.max(this.#ids.length, 1)];
        if (id !== undefined) this.#callOf(id, name, argument);
      }
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
        stack.close(id, this.#now);
        return;
      case 'keepAlive':
        stack.setKeepAlive(id, argument < 128, this.#now, MINUTE, MINUTE, 3);
        return;
      case 'noDelay':
        stack.setNoDelay(id, argument < 128);
        return;
      case 'abort':
        stack.abort(id, this.#now);
        return;
      default:
        stack.release(id, this.#now);
        this.#ids = this.#ids.filter((other) => other !== id);
    }
  }

  /** @param {number} argument */
  #connect(argument) {
    try {
      const local = { address: null, port: 5000 + (argument & 7) };
      this.#ids.push(this.#stack.connect({ address: this.#peer, port: 8000 }, local, this.#now));
    } catch (error) {
      if (!(error instanceof SynwaveError)) throw error;
    }
  }

  /** Every packet was dropped at the door, or counted as something; memory and queues are below their caps. */
  #account() {
    const { memory, connections, drops, segmentsIn, datagramsIn, icmp, ip } = this.#stack.counters();
    const { waiting, backlog, halfOpen } = this.#stack.queuesOf(this.#listener);
    holds(waiting <= backlog + 1 && halfOpen <= SYN_BACKLOG, `${waiting} wait, ${halfOpen} are half open`);
    holds(halfOpen === connections.halfOpen, `${halfOpen} are half open, and there are ${connections.halfOpen}`);
    holds(memory.used >= 0 && memory.used <= memory.limit, `${memory.used} octets lent of ${memory.limit}`);
    const sum = (/** @type {ReadonlySet<string>} */ reasons) =>
      Object.entries(drops).reduce((total, [reason, count]) => total + (reasons.has(reason) ? count : 0), 0);
    const taken = segmentsIn + datagramsIn + icmp.in + ip.fragmentsIn + ip.forwarded + sum(atTheDoor);
    const maybe = sum(vague);
    holds(
      taken <= ip.packetsIn && ip.packetsIn <= taken + maybe,
      `${ip.packetsIn} packets: ${taken} and ${maybe} perhaps`,
    );
    const seen = ip.packetsIn - ip.reassembled + sum(ofEthernet);
    // Of ARP packets nobody counts those that are read.
    const all = this.#ethernet.includes(true) ? seen <= this.#frames : seen === this.#frames;
    holds(all, `${this.#frames} frames, and ${seen} are counted`);
  }
}

/**
 * A host that has gone through a prologue runs a script; then all ends. Answers which states were seen, if any was.
 * @param {readonly Interface[]} interfaces
 * @param {string} peer
 * @param {readonly Step[]} prologue
 * @param {Uint8Array} script Its first octet says which settings.
 * @returns {number | undefined}
 */
export function runScript(interfaces, peer, prologue, script) {
  const kind = octet(script, 0);
  const host = new Host(interfaces, /** @type {Address} */ (parseAddress(peer)), kind);
  host.play(prologue);
  host.play(stepsOf(script, 1));
  host.end((kind & POWER_CUT) !== 0);
  return host.states === 0 ? undefined : host.states;
}

/**
 * A script as people read it.
 * @param {Uint8Array} script
 * @param {boolean} carries Whether the first interface carries Ethernet frames.
 */
export function scriptText(script, carries) {
  const steps = stepsOf(script, 1).map((step) => {
    if (step.type === 'call') return `${step.call} ${step.which} ${step.argument}`;
    const printer = new PacketPrinter({ absolute: true });
    const frame = Frame.from(step.octets);
    const line = carries && step.on === 0 ? printer.ethernetLine(frame) : printer.line(frame);
    const how = `${step.relative ? ' relative' : ''}${step.repaired ? '' : ' as it is'}${step.turn ? '' : ' no turn'}`;
    return `+${step.after} on ${step.on}${how}: ${line}`;
  });
  return [`settings 0x${octet(script, 0).toString(16)}`, ...steps].join('\n');
}

/** Calls for mutations to put in. */
export const callWords = [
  ...calls.flatMap((_, number) => [0, 1, 2].map((which) => Uint8Array.of((which << 4) | number, 50))),
  ...[1, 3, 5, 6, 7].map((time) => Uint8Array.of(0, time)),
];
