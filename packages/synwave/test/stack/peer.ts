/** A peer made of single segments, at the other end of a stack's only link: what it says is what a test has it say. */
import type { Address, Family } from '../../src/base/address.ts';
import { parseAddress } from '../../src/base/address-text.ts';
import type { Frame } from '../../src/base/frame.ts';
import type { Micros } from '../../src/base/time.ts';
import { HEAD_ROOM, type Link, onTheWire } from '../../src/link/link.ts';
import type { Stack } from '../../src/stack/stack.ts';
import { Packet, pseudoSum, readIp } from '../../src/wire/ip.ts';
import { Segment } from '../../src/wire/segment.ts';
import { readTcp } from '../../src/wire/tcp.ts';
import { build } from '../wire/arbitrary.ts';

/** The fields of a segment to send, those left out as `Segment` has them; `text`: so many octets. */
export type Said = Partial<
  Pick<
    Segment,
    'srcPort' | 'dstPort' | 'seq' | 'ack' | 'flags' | 'wnd' | 'mss' | 'wscale' | 'sackOk' | 'hasTs' | 'tsVal' | 'tsEcr'
  >
> & { readonly text?: number };

/** A segment that the stack has sent, and what its IP header said. */
export interface Heard {
  readonly seg: Segment;
  readonly to: Address;
  readonly hopLimit: number;
}

/** What the stack sends stays here, oldest first, until it is taken. */
export class Wire implements Link {
  readonly name = 'wire';
  readonly mtu: number;
  readonly offloads = onTheWire;
  heard: Heard[] = [];

  constructor(mtu = 1500) {
    this.mtu = mtu;
  }

  send(frame: Frame): void {
    const packet = new Packet();
    const seg = new Segment();
    const fault =
      readIp(packet, frame, true) ||
      readTcp(seg, frame, packet.textAt, packet.textEnd, pseudoSum(packet, packet.textEnd - packet.textAt));
    if (fault !== 0) throw new Error(`the stack has sent a packet with fault ${fault}`);
    this.heard.push({ seg, to: packet.dst, hopLimit: packet.hopLimit });
    frame.release();
  }

  attach(): void {}

  /** What was heard since the last call. */
  take(): Heard[] {
    return this.heard.splice(0);
  }
}

/** The address that a text names. */
export function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new Error(`no address: ${text}`);
  return address;
}

/** The stack's own address on the wire, and a peer's, in each family. */
export const addresses: Readonly<Record<Family, { readonly ours: string; readonly peer: string }>> = {
  4: { ours: '10.0.0.1', peer: '10.0.0.2' },
  6: { ours: 'fd00::1', peer: 'fd00::2' },
};

/** A segment arrives at the stack, from one address to the other, and is answered. */
export function say(stack: Stack, from: Address, to: Address, said: Said, now: Micros): void {
  const { text = 0, ...fields } = said;
  const seg = Object.assign(new Segment(), { wnd: 65_535 }, fields);
  const packet = new Packet();
  packet.src.copy(from);
  packet.dst.copy(to);
  packet.family = to.family;
  const octets = Uint8Array.from({ length: text }, (_, i) => i & 0xff);
  stack.frameArrives(0, build(packet, seg, octets, HEAD_ROOM), now);
  stack.turn(now);
}
