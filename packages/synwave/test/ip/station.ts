/** A station: a stack on Ethernet links whose other end is the test, with frames made by hand going in and lines coming out. */
import type { Address } from '../../src/base/address.ts';
import { formatAddress, isMulticast, parseAddress } from '../../src/base/address-text.ts';
import type { ErrorCode } from '../../src/base/errors.ts';
import { Frame } from '../../src/base/frame.ts';
import { BROADCAST_MAC, formatMac, groupMac, isGroupMac, type Mac, readMac } from '../../src/base/mac.ts';
import { Random } from '../../src/base/random.ts';
import { type Micros, SECOND } from '../../src/base/time.ts';
import { type Link, onTheWire } from '../../src/link/link.ts';
import { Loopback } from '../../src/link/loopback.ts';
import type { StackEvent } from '../../src/stack/events.ts';
import type { AddressInfo, InterfaceOptions, Internet, NeighbourInfo } from '../../src/stack/internet.ts';
import { Stack } from '../../src/stack/stack.ts';
import { Arp, ArpOperation, readArp, writeArp } from '../../src/wire/arp.ts';
import { Ethernet, EtherType, readEthernet, writeEthernet } from '../../src/wire/ethernet.ts';
import { Icmp } from '../../src/wire/icmp.ts';
import { Icmpv4Type, Redirect, writeIcmpv4 } from '../../src/wire/icmpv4.ts';
import { readIcmpv6 } from '../../src/wire/icmpv6.ts';
import { addressSum, isFragment, Packet, Protocol, pseudoSum, readIp } from '../../src/wire/ip.ts';
import { writeIpv4 } from '../../src/wire/ipv4.ts';
import { writeIpv6 } from '../../src/wire/ipv6.ts';
import { clearNd, NdMessage, NdType, readNd, writeNd } from '../../src/wire/nd.ts';
import type { Segment } from '../../src/wire/segment.ts';
import { Datagram, readUdp, writeUdp } from '../../src/wire/udp.ts';
import { build } from '../wire/arbitrary.ts';

/** The MAC address of station number `n`. Tests say `n`; so do lines. */
export const macOf = (n: number): Mac => 0x0200_0000_0000 + n;

/** The stack's own number; of further interfaces 101, 102 ... */
const ME = 1;
/** To all stations, as the number of one. */
export const ALL = -1;

const HEAD = 512;

export function ip(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new Error(`no address: ${text}`);
  return address;
}

/** A frame that the stack has sent. */
export interface Said {
  /** When, in seconds. */
  readonly at: number;
  readonly interface: number;
  readonly line: string;
  readonly octets: Uint8Array;
}

/** A link that hands each frame to the test. */
export class Wire implements Link {
  readonly name: string;
  readonly mtu: number;
  readonly mac: Mac;
  readonly offloads = onTheWire;
  private readonly take: (frame: Frame) => void;

  constructor(name: string, mac: Mac, mtu: number, take: (frame: Frame) => void) {
    this.name = name;
    this.mac = mac;
    this.mtu = mtu;
    this.take = take;
  }

  send(frame: Frame): void {
    this.take(frame);
    frame.release();
  }

  attach(): void {}
}

export interface StationOptions extends InterfaceOptions {
  readonly seed?: number;
  readonly mtu?: number;
}

export class Station {
  readonly stack: Stack;
  now: Micros = 0;
  /** Frames that the stack has sent since they were taken. */
  heard: Said[] = [];
  readonly events: StackEvent[] = [];
  /** Told of each frame as it leaves. */
  watch: ((line: string) => void) | null = null;
  private isDeaf = false;
  /** Frames that went to each station, by its number; to all and to groups, as -1. */
  readonly tally: Map<number, number> = new Map<number, number>();
  private socket: number;

  /** An interface with these addresses, on which the station is number `ME`; and a loopback behind it. */
  constructor(addresses: readonly string[] = ['10.0.0.1/24', 'fd00::1/64'], options: StationOptions = {}) {
    const { seed = 1, ...others } = options;
    this.stack = new Stack({ random: new Random(seed) });
    this.stack.observer = (event) => this.events.push(event);
    this.plug(addresses, others, ME);
    const lo = new Loopback();
    const index = this.stack.internet.addInterface(lo, ['127.0.0.1/8', '::1/128']);
    lo.attach({
      frameArrives: (frame) => this.stack.frameArrives(index, frame, this.now),
      framesWait: () => undefined,
    });
    this.socket = this.bind();
  }

  private bind(): number {
    return this.stack.udp.bind({ address: null, family: 0, port: 7, shared: false, receiveBuffer: 1 << 16 });
  }

  /** Power is back, after `stack.crash()`. */
  restart(): this {
    this.net.boot();
    this.socket = this.bind();
    return this;
  }

  get net(): Internet {
    this.stack.timeIs(this.now);
    return this.stack.internet;
  }

  /** Keeps no frames and no events from here on, and only counts: for floods. */
  deafen(): this {
    this.isDeaf = true;
    this.stack.observer = null;
    return this;
  }

  /** One more Ethernet interface. Answers its number. */
  plug(addresses: readonly string[], options: StationOptions = {}, number = 101): number {
    const { mtu = 1500, seed: _, ...others } = options;
    const index = this.stack.internet.interfaces().length;
    const wire = new Wire(`eth${index}`, macOf(number), mtu, (frame) => {
      const mac = readMac(frame.view, frame.at);
      const to = isGroupMac(mac) ? ALL : mac - macOf(0);
      this.tally.set(to, (this.tally.get(to) ?? 0) + 1);
      if (this.isDeaf) return;
      const octets = frame.copy();
      const line = lineOf(octets);
      this.watch?.(line);
      this.heard.push({ at: this.now / SECOND, interface: index, line, octets });
    });
    this.stack.timeIs(this.now);
    return this.stack.internet.addInterface(wire, addresses, others);
  }

  /** A frame arrives, and the stack has its turn. */
  hear(frame: Frame, index = 0): this {
    this.stack.frameArrives(index, frame, this.now);
    this.turn();
    return this;
  }

  turn(): Micros {
    return this.stack.turn(this.now);
  }

  /** So many seconds pass: the stack has its turn whenever it has asked for one. */
  pass(seconds: number): this {
    const until = this.now + Math.round(seconds * SECOND);
    let turns = 0;
    for (let next = this.turn(); next <= until; next = this.turn()) {
      if (next <= this.now && ++turns > 1000) throw new Error('the stack has turns without end');
      if (next > this.now) turns = 0;
      this.now = Math.max(this.now, next);
    }
    this.now = until;
    this.turn();
    return this;
  }

  /** A datagram of one octet goes there. */
  send(to: string, zone?: number): ErrorCode | null {
    const { stack } = this;
    stack.udp.takeError(this.socket);
    return stack.udp.send(this.socket, ip(to), 9, new Uint8Array(1), 0, 1, this.now, zone);
  }

  /** What was said since the last call, as lines. */
  said(): string[] {
    return this.heard.splice(0).map(({ line }) => line);
  }

  /** The same, with the seconds at which each frame left. */
  timed(): [seconds: number, line: string][] {
    return this.heard.splice(0).map(({ at, line }) => [at, line]);
  }

  /** Has the stack forget its first words, and the time that they took: announcements, and probes. */
  settled(seconds = 20): this {
    this.pass(seconds);
    this.heard.length = 0;
    this.events.length = 0;
    return this;
  }

  neighbour(address: string, index = 0): NeighbourInfo | undefined {
    const name = this.net.interfaces()[index]?.name;
    return this.net.neighbours().find((one) => one.address === address && one.interface === name);
  }

  /** `REACHABLE 2`: state and number of a neighbour; `-`: there is no entry. */
  state(address: string, index = 0): string {
    const found = this.neighbour(address, index);
    if (found === undefined) return '-';
    return found.mac === null
      ? found.state
      : `${found.state} ${Number.parseInt(found.mac.slice(-5).replace(':', ''), 16)}`;
  }

  addresses(index = 0): readonly AddressInfo[] {
    return this.net.interfaces()[index]?.addresses ?? [];
  }

  /** Its own link-local address. */
  get linkLocal(): string {
    const found = this.addresses().find(({ address }) => address.startsWith('fe80:'));
    if (found === undefined) throw new Error('no link-local address');
    return found.address;
  }

  /** How many packets were dropped for a reason that begins so. */
  dropped(reason: string): number {
    const { drops } = this.stack.counters();
    const found = Object.entries(drops).filter(([words]) => words.startsWith(reason));
    return found.reduce((sum, [, count]) => sum + count, 0);
  }

  /** What was told of addresses since the last call. */
  told(): string[] {
    return this.events
      .splice(0)
      .flatMap((event) => (event.type === 'address' ? [`${event.what} ${event.address}`] : []));
  }
}

/** Of a frame: `from` the number of a station, `to` as well, -1 for all. */
export interface Ends {
  readonly from: number;
  readonly to?: number;
}

function emptyFrame(text: Uint8Array = new Uint8Array(0)): Frame {
  return Frame.from(text, HEAD);
}

const destination = (to: number): Mac => (to === ALL ? BROADCAST_MAC : macOf(to));

export interface ArpSaid extends Ends {
  readonly sender: string;
  readonly target: string;
  /** Whom it claims to be from, where that is not the frame's own sender. */
  readonly senderMac?: Mac;
  readonly reply?: boolean;
}

/** `who-has target tell sender`, to all; or `sender is-at from`, to the station. */
export function arp({ from, to, sender, target, senderMac = macOf(from), reply = false }: ArpSaid): Frame {
  const said = new Arp();
  said.operation = reply ? ArpOperation.Reply : ArpOperation.Request;
  said.senderMac = senderMac;
  said.sender.copy(ip(sender));
  said.targetMac = reply ? destination(to ?? ME) : 0;
  said.target.copy(ip(target));
  const frame = emptyFrame();
  writeArp(frame, said);
  writeEthernet(frame, destination(to ?? (reply ? ME : ALL)), macOf(from), EtherType.Arp);
  return frame;
}

/** Used again and again, for floods. */
const message: NdMessage = new NdMessage();

/** What is common to messages of neighbour discovery. */
export interface NdSaid extends Ends {
  readonly src: string;
  readonly dst: string;
  readonly hopLimit?: number;
  readonly fill?: (into: NdMessage) => void;
  /** The packet that a redirect quotes. */
  readonly quote?: Uint8Array;
}

/** A message of neighbour discovery; to a group where `dst` is one, else to the stack, unless `to` says whom. */
export function nd(type: number, said: NdSaid): Frame {
  const { from, to, src, dst, hopLimit = 255, fill, quote } = said;
  clearNd(message, type);
  fill?.(message);
  const packet = new Packet();
  packet.src.copy(ip(src));
  packet.dst.copy(ip(dst));
  packet.family = 6;
  packet.protocol = Protocol.Icmpv6;
  packet.hopLimit = hopLimit;
  const frame = emptyFrame(quote);
  writeNd(frame, message, addressSum(packet.src, packet.dst, Protocol.Icmpv6));
  writeIpv6(frame, packet);
  const mac = to !== undefined ? destination(to) : isMulticast(packet.dst) ? groupMac(packet.dst) : macOf(ME);
  writeEthernet(frame, mac, macOf(from), EtherType.Ipv6);
  return frame;
}

/** The group of all stations whose address ends so. */
export function solicited(target: string): string {
  const { d } = ip(target);
  return formatAddress(ip('ff02::1:ff00:0').set(0xff02_0000, 0, 1, 0xff00_0000 | (d & 0xff_ffff)));
}

export interface Solicitation extends Ends {
  readonly src: string;
  readonly target: string;
  readonly dst?: string;
  /** The Source Link-Layer Address option; left out: the sender's own; null: none. */
  readonly option?: Mac | null;
  readonly hopLimit?: number;
}

export function ns({ from, to, src, target, dst, option = macOf(from), hopLimit }: Solicitation): Frame {
  return nd(NdType.NeighborSolicitation, {
    from,
    src,
    dst: dst ?? solicited(target),
    ...(to === undefined ? {} : { to }),
    ...(hopLimit === undefined ? {} : { hopLimit }),
    fill: (into) => {
      into.target.copy(ip(target));
      if (option !== null && src !== '::') into.sourceMac = option;
    },
  });
}

export interface NeighborAdvertisement extends Ends {
  readonly target: string;
  readonly src?: string;
  readonly dst?: string;
  /** `R`, `S` and `O`, those that are set. */
  readonly flags?: string;
  /** The Target Link-Layer Address option; left out: the sender's own; null: none. */
  readonly option?: Mac | null;
  readonly hopLimit?: number;
}

export function na(said: NeighborAdvertisement): Frame {
  const { from, to, target, src = target, dst = 'ff02::1', flags = '', option = macOf(from), hopLimit } = said;
  return nd(NdType.NeighborAdvertisement, {
    from,
    src,
    dst,
    ...(to === undefined ? {} : { to }),
    ...(hopLimit === undefined ? {} : { hopLimit }),
    fill: (into) => {
      into.target.copy(ip(target));
      into.router = flags.includes('R');
      into.solicited = flags.includes('S');
      into.override = flags.includes('O');
      if (option !== null) into.targetMac = option;
    },
  });
}

/** One prefix of a router advertisement: on the link and for addresses unless `flags` says less. */
export interface PrefixSaid {
  readonly prefix: string;
  readonly length?: number;
  /** `L` and `A`, those that are set. */
  readonly flags?: string;
  readonly valid?: number;
  readonly preferred?: number;
}

export interface RouterAdvertisement extends Ends {
  readonly src: string;
  readonly dst?: string;
  readonly lifetime?: number;
  readonly hopLimit?: number;
  readonly reachableTime?: number;
  readonly retransTimer?: number;
  readonly mtu?: number;
  readonly prefixes?: readonly PrefixSaid[];
  readonly dns?: readonly string[];
  readonly dnsLifetime?: number;
  /** Without its MAC address. */
  readonly bare?: boolean;
  /** Of the packet that carries it. */
  readonly packetHopLimit?: number;
}

export function ra(said: RouterAdvertisement): Frame {
  const { from, src, dst = 'ff02::1', packetHopLimit, prefixes = [], dns = [] } = said;
  return nd(NdType.RouterAdvertisement, {
    from,
    src,
    dst,
    ...(packetHopLimit === undefined ? {} : { hopLimit: packetHopLimit }),
    fill: (into) => {
      into.lifetime = said.lifetime ?? 1800;
      into.hopLimit = said.hopLimit ?? 0;
      into.reachableTime = said.reachableTime ?? 0;
      into.retransTimer = said.retransTimer ?? 0;
      into.mtu = said.mtu ?? 0;
      if (said.bare !== true) into.sourceMac = macOf(from);
      for (const {
        prefix,
        length = 64,
        flags = 'LA',
        valid = 86_400,
        preferred = Math.min(14_400, valid),
      } of prefixes) {
        const told = into.prefixes[into.prefixCount++];
        if (told === undefined) throw new Error('too many prefixes for one message');
        told.prefix.copy(ip(prefix));
        told.length = length;
        told.onLink = flags.includes('L');
        told.autonomous = flags.includes('A');
        told.validLifetime = valid;
        told.preferredLifetime = preferred;
      }
      for (const server of dns) into.dns[into.dnsCount++]?.copy(ip(server));
      into.dnsLifetime = said.dnsLifetime ?? 1800;
    },
  });
}

/** A host asks for routers. */
export function rs({ from, src, option = macOf(from) }: { from: number; src: string; option?: Mac | null }): Frame {
  return nd(NdType.RouterSolicitation, {
    from,
    src,
    dst: 'ff02::2',
    fill: (into) => {
      if (option !== null && src !== '::') into.sourceMac = option;
    },
  });
}

export interface Redirected extends Ends {
  readonly src: string;
  readonly dst: string;
  readonly destination: string;
  readonly target: string;
  readonly option?: Mac | null;
  readonly hopLimit?: number;
}

export function redirect6({ from, src, dst, destination: about, target, option = null, hopLimit }: Redirected): Frame {
  return nd(NdType.Redirect, {
    from,
    src,
    dst,
    ...(hopLimit === undefined ? {} : { hopLimit }),
    fill: (into) => {
      into.destination.copy(ip(about));
      into.target.copy(ip(target));
      if (option !== null) into.targetMac = option;
    },
  });
}

/** The same of IPv4: `quote` is the packet that brought it on. */
export function redirect4(said: Ends & { src: string; dst: string; target: string; quote: Uint8Array }): Frame {
  const frame = emptyFrame(said.quote.subarray(0, 28));
  writeIcmpv4(frame, Icmpv4Type.Redirect, Redirect.Host, ip(said.target).d >>> 0);
  return intoPacket(frame, said, Protocol.Icmp);
}

export interface PacketSaid extends Ends {
  readonly src: string;
  readonly dst: string;
  readonly hopLimit?: number;
}

/** A datagram of one octet, or as many as `text` has, to the port that stations listen on. */
export function udp(said: PacketSaid & { text?: number; port?: number }): Frame {
  const frame = emptyFrame(new Uint8Array(said.text ?? 1));
  writeUdp(frame, 9, said.port ?? 7, addressSum(ip(said.src), ip(said.dst), Protocol.Udp));
  return intoPacket(frame, said, Protocol.Udp);
}

/** A segment without text. */
export function tcp(said: PacketSaid, segment: Segment): Frame {
  const packet = new Packet();
  packet.src.copy(ip(said.src));
  packet.dst.copy(ip(said.dst));
  packet.family = packet.dst.family;
  return intoEthernet(build(packet, segment, new Uint8Array(0), HEAD), said);
}

function intoPacket(frame: Frame, { src, dst, hopLimit = 64, ...ends }: PacketSaid, protocol: number): Frame {
  const packet = new Packet();
  packet.src.copy(ip(src));
  packet.dst.copy(ip(dst));
  packet.family = packet.dst.family;
  packet.protocol = protocol;
  packet.hopLimit = hopLimit;
  if (packet.family === 4) writeIpv4(frame, packet);
  else writeIpv6(frame, packet);
  return intoEthernet(frame, ends);
}

/** Puts the IP packet in the frame on its way to the stack, or to whom `to` says. */
export function intoEthernet(frame: Frame, { from, to = ME }: Ends): Frame {
  const type = (frame.bytes[frame.at] as number) >> 4 === 4 ? EtherType.Ipv4 : EtherType.Ipv6;
  writeEthernet(frame, destination(to), macOf(from), type);
  return frame;
}

/** `2` for station 2, `*` for all; a group as it stands. */
function nameOf(mac: Mac): string {
  if (mac === BROADCAST_MAC) return '*';
  return mac >= macOf(0) && mac < macOf(0x1_0000) ? `${mac - macOf(0)}` : formatMac(mac);
}

/** A frame in words: `1 > * arp who-has 10.0.0.2 tell 10.0.0.1 1`; `bad` and why, for what no stack may send of its own. */
export function lineOf(octets: Uint8Array): string {
  const frame = Frame.from(octets, 2);
  const ethernet = new Ethernet();
  if (readEthernet(ethernet, frame) !== 0) return 'bad Ethernet';
  const ends = `${nameOf(ethernet.src)} > ${nameOf(ethernet.dst)}`;
  if (ethernet.type === EtherType.Arp) return `${ends} ${arpLine(frame, ethernet.textAt)}`;
  frame.at = ethernet.textAt;
  const packet = new Packet();
  if (readIp(packet, frame, true) !== 0) return `${ends} bad IP`;
  if (isMulticast(packet.dst) && groupMac(packet.dst) !== ethernet.dst) return `${ends} bad MAC address of a group`;
  const addresses = `${formatAddress(packet.src)} > ${formatAddress(packet.dst)}`;
  const { protocol, textAt, textEnd } = packet;
  if (protocol === Protocol.Icmpv6) {
    const icmp = new Icmp();
    const fault = readIcmpv6(icmp, frame, textAt, textEnd, pseudoSum(packet, textEnd - textAt));
    if (fault !== 0) return `${ends} ${addresses} bad ICMPv6`;
    if (icmp.type < NdType.RouterSolicitation) return `${ends} ${addresses} icmp6 ${icmp.type} ${icmp.code}`;
    const read = new NdMessage();
    if (readNd(read, icmp, frame, packet) !== 0) return `${ends} ${addresses} bad neighbour discovery`;
    return `${ends} ${addresses} ${ndLine(read)}`;
  }
  if (protocol === Protocol.Icmp) {
    return `${ends} ${addresses} icmp ${frame.bytes[textAt]} ${frame.bytes[textAt + 1]}`;
  }
  if (protocol !== Protocol.Udp) return `${ends} ${addresses} ${protocol === Protocol.Tcp ? 'tcp' : protocol}`;
  const datagram = new Datagram();
  const pseudo = addressSum(packet.src, packet.dst, Protocol.Udp);
  if (isFragment(packet)) return `${ends} ${addresses} fragment ${packet.fragmentOffset}`;
  const fault = readUdp(datagram, frame, textAt, textEnd, pseudo, packet.family === 4);
  return `${ends} ${addresses} ${fault === 0 ? 'udp' : 'bad UDP'}`;
}

function arpLine(frame: Frame, at: number): string {
  const said = new Arp();
  if (readArp(said, frame, at, frame.end) !== 0) return 'bad ARP';
  const [sender, target] = [formatAddress(said.sender), formatAddress(said.target)];
  if (said.operation === ArpOperation.Reply) {
    return `arp ${sender} is-at ${nameOf(said.senderMac)} to ${target} ${nameOf(said.targetMac)}`;
  }
  if (said.targetMac !== 0) return 'bad ARP: a question that has an answer';
  return `arp who-has ${target} tell ${sender} ${nameOf(said.senderMac)}`;
}

function ndLine(said: NdMessage): string {
  const source = said.sourceMac < 0 ? '' : ` from ${nameOf(said.sourceMac)}`;
  const target = said.targetMac < 0 ? '' : ` at ${nameOf(said.targetMac)}`;
  switch (said.type) {
    case NdType.RouterSolicitation:
      return `rs${source}`;
    case NdType.RouterAdvertisement:
      return `ra ${said.lifetime}${source}`;
    case NdType.NeighborSolicitation:
      return `ns ${formatAddress(said.target)}${source}`;
    case NdType.NeighborAdvertisement: {
      const { router, solicited: answer, override } = said;
      const flags = `${router ? 'R' : ''}${answer ? 'S' : ''}${override ? 'O' : ''}`;
      return `na ${formatAddress(said.target)} ${flags}${target}`;
    }
    default:
      return `redirect ${formatAddress(said.destination)} to ${formatAddress(said.target)}${target}`;
  }
}
