/** Reassembly: fragments until their packet is whole (RFC 791 §3.2, RFC 1122 §3.3.2, RFC 8200 §4.5, RFC 5722), in bounded memory. */
import { Due, type Queue } from '../base/due.ts';
import { Frame } from '../base/frame.ts';
import { type Micros, SECOND } from '../base/time.ts';
import { TupleTable } from '../base/tuple-table.ts';
import { Drop } from '../wire/drop.ts';
import type { Packet } from '../wire/ip.ts';
import { joinIpv4 } from '../wire/ipv4.ts';
import { joinIpv6 } from '../wire/ipv6.ts';

/** RFC 8200 §4.5; RFC 1122 §3.3.2 has 60 to 120 seconds for IPv4. */
const PATIENCE: Micros = 60 * SECOND;
/** Octets that all unfinished packets of a host may take together, and what a fragment is reckoned to cost beside its own. */
const MEMORY = 4 * 1024 * 1024;
const COST = 128;
/** Fragments of one packet: a packet of 64 KiB over links of 576 octets makes fewer. */
const MOST_PIECES = 256;
/** The largest packet, its header included. */
const LARGEST = 65_535;

/** RFC 3168 §5.3: ECN as the two low bits of the traffic class. */
const ECN = 3;
const CE = 3;

interface Piece {
  readonly from: number;
  readonly end: number;
  readonly octets: Uint8Array;
}

/** What it tells of what it gives up. */
interface Listening {
  drop(reason: Drop): void;
  /** Time ran out: `frame` holds the packet as far as its first fragment goes. Borrowed. */
  incomplete(frame: Frame): void;
}

/** A packet of which some is there. */
class Unfinished extends Due {
  readonly slot: number;
  /** By place, without overlaps. */
  readonly pieces: Piece[] = [];
  /** Its header, as it stood in front of the first fragment; null until that has come. */
  header: Uint8Array | null = null;
  /** Octets of the whole text, once the last fragment has come; -1 before. */
  total = -1;
  held = 0;
  octets = 0;
  /** RFC 5722 §4: pieces overlapped; all that comes of this packet is dropped. */
  spoiled = false;
  ecn = 0;
  private readonly owner: Reassembly;

  constructor(owner: Reassembly, slot: number) {
    super();
    this.owner = owner;
    this.slot = slot;
  }

  happen(): void {
    this.owner.expire(this);
  }
}

export class Reassembly {
  /** Octets held, with what fragments are reckoned to cost. */
  held = 0;
  private readonly tuples: TupleTable;
  private readonly bySlot: (Unfinished | null)[] = [];
  private readonly free: number[] = [];
  /** In the order of their first fragments: the oldest gives way when memory is used up. */
  private readonly order: Set<Unfinished> = new Set<Unfinished>();
  private readonly timers: Queue;
  private readonly clock: { readonly now: Micros };
  private readonly listening: Listening;

  constructor(seed: number, timers: Queue, clock: { readonly now: Micros }, listening: Listening) {
    this.tuples = new TupleTable(seed);
    this.timers = timers;
    this.clock = clock;
    this.listening = listening;
  }

  /** Packets of which some is there. */
  get size(): number {
    return this.order.size;
  }

  /**
   * Takes a fragment in; `packet` was read from `frame`. Answers the whole packet in a frame of its own once it is
   * complete, null before and for what is dropped.
   */
  take(packet: Packet, frame: Frame): Frame | null {
    const { family, fragmentOffset, moreFragments, textAt, textEnd } = packet;
    const length = textEnd - textAt;
    const end = fragmentOffset + length;
    // RFC 8200 §4.5: all but the last are multiples of 8 octets; and none leads beyond the largest packet.
    const overhead = family === 4 ? textAt - packet.headerAt : 0;
    if (length === 0 || (moreFragments && (length & 7) !== 0) || end + overhead > LARGEST) {
      return this.refuse(Drop.FragmentInvalid);
    }
    const whole = this.find(packet) ?? this.begin(packet);
    if (whole.spoiled) return this.refuse(Drop.FragmentOverlap);
    const at = whole.pieces.findLastIndex((piece) => piece.from <= fragmentOffset) + 1;
    const before = whole.pieces[at - 1];
    const behind = whole.pieces[at];
    if (before !== undefined && before.from === fragmentOffset && before.end === end && isSame(before, frame, textAt)) {
      return null; // RFC 8200 §4.5: the same once more is no overlap
    }
    const beyond = whole.total >= 0 && (moreFragments ? end >= whole.total : end !== whole.total);
    const short = !moreFragments && whole.pieces.some((piece) => piece.end > end);
    if (
      (before !== undefined && before.end > fragmentOffset) ||
      (behind !== undefined && behind.from < end) ||
      beyond ||
      short
    ) {
      this.spoil(whole);
      return this.refuse(Drop.FragmentOverlap);
    }
    if (whole.pieces.length >= MOST_PIECES) {
      this.spoil(whole);
      return this.refuse(Drop.FragmentMemory);
    }
    if (!this.makeRoom(whole, length + COST)) return this.refuse(Drop.FragmentMemory);
    whole.pieces.splice(at, 0, { from: fragmentOffset, end, octets: frame.bytes.slice(textAt, textEnd) });
    whole.held += length + COST;
    whole.octets += length;
    this.held += length + COST;
    if (!moreFragments) whole.total = end;
    if (fragmentOffset === 0) whole.header = frame.bytes.slice(packet.headerAt, textAt);
    whole.ecn = Math.max(whole.ecn, (packet.trafficClass & ECN) === CE ? CE : 0);
    return whole.octets === whole.total ? this.finish(whole, family) : null;
  }

  /** Nothing is remembered. */
  clear(): void {
    for (const whole of [...this.order]) this.end(whole);
  }

  /** For unfinished packets: their time is over (RFC 8200 §4.5, RFC 1122 §3.3.2). */
  expire(whole: Unfinished): void {
    this.end(whole);
    if (whole.spoiled) return;
    this.listening.drop(Drop.FragmentTimeout);
    const [first] = whole.pieces;
    if (whole.header === null || first === undefined || first.from !== 0) return;
    // As the fragment came, with the header that says it is one: so the sender knows it again.
    const frame = new Frame(whole.header.length + first.octets.length);
    frame.bytes.set(whole.header, 0);
    frame.bytes.set(first.octets, whole.header.length);
    frame.end = whole.header.length + first.octets.length;
    this.listening.incomplete(frame);
  }

  private refuse(reason: Drop): null {
    this.listening.drop(reason);
    return null;
  }

  private find({ family, src, dst, id, protocol }: Packet): Unfinished | null {
    // RFC 791 §3.2: addresses, identification and protocol; RFC 8200 §4.5: no protocol, but 32 bits of identification.
    const slot =
      family === 4 ? this.tuples.find(dst, id, src, protocol) : this.tuples.find(dst, id >>> 16, src, id & 0xffff);
    return slot < 0 ? null : (this.bySlot[slot] as Unfinished);
  }

  private begin({ family, src, dst, id, protocol }: Packet): Unfinished {
    const slot = this.free.pop() ?? this.bySlot.length;
    const whole = new Unfinished(this, slot);
    this.bySlot[slot] = whole;
    if (family === 4) this.tuples.insert(slot, dst, id, src, protocol);
    else this.tuples.insert(slot, dst, id >>> 16, src, id & 0xffff);
    this.order.add(whole);
    whole.held = COST;
    this.held += COST;
    this.timers.add(whole, this.clock.now + PATIENCE);
    return whole;
  }

  /** What is there of it is let go; what still comes is recognised, and dropped, until its time is over. */
  private spoil(whole: Unfinished): void {
    whole.spoiled = true;
    whole.pieces.length = 0;
    whole.header = null;
    this.held -= whole.held - COST;
    whole.held = COST;
  }

  /** Makes room for `octets` by giving up older packets; false when there are none but `whole`. */
  private makeRoom(whole: Unfinished, octets: number): boolean {
    while (this.held + octets > MEMORY) {
      const [oldest] = this.order;
      if (oldest === undefined || oldest === whole) return false;
      this.listening.drop(Drop.FragmentMemory);
      this.end(oldest);
    }
    return true;
  }

  private finish(whole: Unfinished, family: 4 | 6): Frame | null {
    this.end(whole);
    const { header, pieces, total, ecn } = whole;
    if (header === null) return null; // no piece at 0: cannot be, for nothing is missing
    const frame = new Frame(header.length + total);
    frame.bytes.set(header, 0);
    for (const { from, octets } of pieces) frame.bytes.set(octets, header.length + from);
    frame.end = header.length + total;
    if (family === 4) joinIpv4(frame, ecn);
    else joinIpv6(frame, ecn);
    return frame;
  }

  private end(whole: Unfinished): void {
    this.timers.remove(whole);
    this.order.delete(whole);
    this.held -= whole.held;
    whole.held = 0;
    this.tuples.remove(whole.slot);
    this.bySlot[whole.slot] = null;
    this.free.push(whole.slot);
  }
}

function isSame(piece: Piece, frame: Frame, textAt: number): boolean {
  return piece.octets.every((octet, i) => frame.bytes[textAt + i] === octet);
}
