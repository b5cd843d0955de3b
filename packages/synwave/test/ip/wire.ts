/** A stack at the end of a bare wire: packets made by hand go in, and what comes out is kept. */
import type { Address } from '../../src/base/address.ts';
import { parseAddress } from '../../src/base/address-text.ts';
import { Frame } from '../../src/base/frame.ts';
import { Random } from '../../src/base/random.ts';
import { type Link, type Offloads, onTheWire } from '../../src/link/link.ts';
import { Stack } from '../../src/stack/stack.ts';
import { writeIcmpv4 } from '../../src/wire/icmpv4.ts';
import { writeIcmpv6 } from '../../src/wire/icmpv6.ts';
import { addressSum, Packet } from '../../src/wire/ip.ts';
import { writeIpv4 } from '../../src/wire/ipv4.ts';
import { writeFragmentHeader, writeIpv6 } from '../../src/wire/ipv6.ts';
import { PacketPrinter } from '../../src/wire/text.ts';
import { writeUdp } from '../../src/wire/udp.ts';

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new Error(`${text} is no address`);
  return address;
}

/** One of the families: who we are, who the peer is, and how its packets are made. */
export const families = {
  4: { ours: '10.0.0.1', peer: '10.0.0.2', network: '10.0.0.1/24', header: 20 },
  6: { ours: 'fd00::1', peer: 'fd00::2', network: 'fd00::1/64', header: 40 },
} as const;

/** A piece of a packet: `octets` stand at `at` of its text. */
export interface Piece {
  readonly at: number;
  readonly octets: Uint8Array;
  readonly more: boolean;
  readonly id?: number;
  readonly from?: string;
  readonly ecn?: number;
}

class Wire implements Link {
  readonly name: string;
  readonly mtu: number;
  readonly offloads: Offloads;
  readonly sent: Uint8Array[] = [];
  /** Of each frame, into what it is to be cut. */
  readonly cuts: number[] = [];

  constructor(name: string, mtu: number, offloads: Offloads) {
    this.name = name;
    this.mtu = mtu;
    this.offloads = offloads;
  }

  send(frame: Frame): void {
    this.sent.push(frame.copy());
    this.cuts.push(frame.cutTo);
    frame.release();
  }

  attach(): void {
    // the bench hands over what arrives
  }
}

export class Bench {
  readonly stack: Stack = new Stack({ random: new Random(5) });
  readonly wires: Wire[] = [];
  now = 0;

  /** A wire, with the stack's addresses on it. Answers its number. */
  wire(addresses: readonly string[], mtu = 1500, offloads: Offloads = onTheWire): number {
    const wire = new Wire(`wire${this.wires.length}`, mtu, offloads);
    this.wires.push(wire);
    return this.stack.internet.addInterface(wire, addresses);
  }

  /** A packet arrives. */
  arrives(octets: Uint8Array, index = 0): this {
    this.stack.frameArrives(index, Frame.from(octets, 128), this.now);
    this.stack.turn(this.now);
    return this;
  }

  /** A packet arrives whose checksum its carrier answers for, and which is to be cut into texts of `cutTo` octets. */
  arrivesUndone(octets: Uint8Array, cutTo: number, index = 0): this {
    const frame = Frame.from(octets, 128);
    frame.vouched = true;
    frame.cutTo = cutTo;
    this.stack.frameArrives(index, frame, this.now);
    this.stack.turn(this.now);
    return this;
  }

  /** So much time passes. */
  after(span: number): this {
    this.now += span;
    this.stack.turn(this.now);
    return this;
  }

  /** What has come out of a wire since the last look, as octets. */
  takeOctets(index = 0): Uint8Array[] {
    return this.wires[index]?.sent.splice(0) ?? [];
  }

  /** The same as tcpdump would print it. */
  take(index = 0): string[] {
    const printer = new PacketPrinter();
    return this.takeOctets(index).map((octets) => printer.line(Frame.from(octets)));
  }

  get drops(): Readonly<Record<string, number>> {
    return this.stack.counters().drops;
  }
}

/** The text of a UDP packet from the peer, checksum and all. */
export function udpText(
  family: 4 | 6,
  port: number,
  data: Uint8Array,
  from: string = families[family].peer,
): Uint8Array {
  const frame = Frame.from(data, 64);
  writeUdp(frame, 1000, port, addressSum(addressOf(from), addressOf(families[family].ours), 17));
  return frame.copy();
}

/** The text of an echo request from the peer. */
export function echoText(family: 4 | 6, data: Uint8Array): Uint8Array {
  const { ours, peer } = families[family];
  const frame = Frame.from(data, 64);
  if (family === 4) writeIcmpv4(frame, 8, 0, 0x1_0001);
  else writeIcmpv6(frame, 128, 0, 0x1_0001, addressSum(addressOf(peer), addressOf(ours), 58));
  return frame.copy();
}

/** A whole packet to us, or to `to`. */
export function packet(
  family: 4 | 6,
  protocol: number,
  text: Uint8Array,
  over: { from?: string; to?: string; hopLimit?: number; dontFragment?: boolean; ecn?: number } = {},
): Uint8Array {
  const { ours, peer } = families[family];
  const frame = Frame.from(text, 128);
  const header = new Packet();
  header.src.copy(addressOf(over.from ?? peer));
  header.dst.copy(addressOf(over.to ?? ours));
  header.family = family;
  header.protocol = protocol;
  header.hopLimit = over.hopLimit ?? 64;
  header.dontFragment = over.dontFragment ?? true;
  header.trafficClass = over.ecn ?? 0;
  if (family === 4) writeIpv4(frame, header);
  else writeIpv6(frame, header);
  return frame.copy();
}

/** A fragment to us. */
export function fragment(
  family: 4 | 6,
  protocol: number,
  { at, octets, more, id = 7, from, ecn = 0 }: Piece,
): Uint8Array {
  const { ours, peer } = families[family];
  const frame = Frame.from(octets, 128);
  const header = new Packet();
  header.src.copy(addressOf(from ?? peer));
  header.dst.copy(addressOf(ours));
  header.family = family;
  header.trafficClass = ecn;
  if (family === 4) {
    header.protocol = protocol;
    header.dontFragment = false;
    header.moreFragments = more;
    header.fragmentOffset = at;
    header.id = id;
    writeIpv4(frame, header);
  } else {
    writeFragmentHeader(frame, protocol, at, more, id);
    header.protocol = 44;
    writeIpv6(frame, header);
  }
  return frame.copy();
}

/** A text cut into pieces of `size` octets. */
export function pieces(text: Uint8Array, size: number): Piece[] {
  const all: Piece[] = [];
  for (let at = 0; at < text.length; at += size) {
    all.push({ at, octets: text.subarray(at, at + size), more: at + size < text.length });
  }
  return all;
}
