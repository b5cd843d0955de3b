/** ICMP messages that tests make up, and what hosts have sent, to quote from. */
import { parseAddress } from '../../src/base/address-text.ts';
import { Frame } from '../../src/base/frame.ts';
import { HEAD_ROOM } from '../../src/link/link.ts';
import type { Cable, SimHost } from '../../src/sim/index.ts';
import { writeIcmpv4 } from '../../src/wire/icmpv4.ts';
import { writeIcmpv6 } from '../../src/wire/icmpv6.ts';
import { addressSum, Packet, Protocol } from '../../src/wire/ip.ts';
import { writeIp } from '../wire/arbitrary.ts';

/** An ICMP message from one address to another, in an IP packet. */
export function icmp(from: string, to: string, type: number, code: number, word: number, text: Uint8Array): Frame {
  const packet = new Packet();
  packet.src.copy(parseAddress(from) as NonNullable<ReturnType<typeof parseAddress>>);
  packet.dst.copy(parseAddress(to) as NonNullable<ReturnType<typeof parseAddress>>);
  packet.family = packet.dst.family;
  const v4 = packet.family === 4;
  packet.protocol = v4 ? Protocol.Icmp : Protocol.Icmpv6;
  const frame = Frame.from(text, HEAD_ROOM);
  if (v4) writeIcmpv4(frame, type, code, word);
  else writeIcmpv6(frame, type, code, word, addressSum(packet.src, packet.dst, Protocol.Icmpv6));
  writeIp(frame, packet);
  return frame;
}

/** The packets that a host puts on a cable, oldest first, from now on. */
export function sentBy(host: SimHost, cable: Cable): Uint8Array[] {
  const packets: Uint8Array[] = [];
  cable.watch(({ type, from, frame }) => {
    if (type === 'sent' && from === host.name) packets.push(frame.copy());
  });
  return packets;
}
