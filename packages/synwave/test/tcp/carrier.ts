/** Carries a script's segments in packets of either family: written with all sums, read again, and only then believed. */
import type { Address, Family } from '../../src/base/address.ts';
import { parseAddress } from '../../src/base/address-text.ts';
import { HEAD_ROOM } from '../../src/link/link.ts';
import { Drop, dropReasons } from '../../src/wire/drop.ts';
import { Packet, Protocol, pseudoSum, readIp } from '../../src/wire/ip.ts';
import type { Segment } from '../../src/wire/segment.ts';
import { readTcp } from '../../src/wire/tcp.ts';
import { build } from '../wire/arbitrary.ts';

function ends(ours: string, peers: string): readonly [Address, Address] {
  return [parseAddress(ours) as Address, parseAddress(peers) as Address];
}

/** Ours, and the peer's. */
const ENDS: Readonly<Record<Family, readonly [Address, Address]>> = {
  4: ends('10.0.0.1', '10.0.0.2'),
  6: ends('fd00::1', 'fd00::2'),
};

/**
 * `seg` goes from one end to the other, with its text from `bytes[at, at + seg.textLen)`; what arrives is read into
 * `into`. `ours`: it is we who send.
 */
export function carry(family: Family, ours: boolean, seg: Segment, bytes: Uint8Array, at: number, into: Segment): void {
  const [here, there] = ENDS[family];
  const packet = new Packet();
  packet.family = family;
  packet.src.copy(ours ? here : there);
  packet.dst.copy(ours ? there : here);
  [seg.srcPort, seg.dstPort] = ours ? [40_000, 80] : [80, 40_000];
  const frame = build(packet, seg, bytes.slice(at, at + seg.textLen), HEAD_ROOM);
  const got = new Packet();
  believe(readIp(got, frame, true));
  if (
    got.family !== family ||
    !got.src.equals(packet.src) ||
    !got.dst.equals(packet.dst) ||
    got.protocol !== Protocol.Tcp
  )
    throw new Error('a header says something else than was written');
  believe(readTcp(into, frame, got.textAt, got.textEnd, pseudoSum(got, got.textEnd - got.textAt)));
}

function believe(fault: Drop): void {
  if (fault !== Drop.None) throw new Error(`a packet of the script is dropped: ${dropReasons[fault]}`);
}
