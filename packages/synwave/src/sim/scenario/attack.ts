/** Attacks: packets that no stack of the scenario has made: a flood of SYNs, and answers in another host's name. */
import type { Address } from '../../base/address.ts';
import { parseAddress } from '../../base/address-text.ts';
import { fail } from '../../base/errors.ts';
import { Frame } from '../../base/frame.ts';
import { add, seq } from '../../base/seq.ts';
import { addressSum, Packet, Protocol, readIp } from '../../wire/ip.ts';
import { writeIpv4 } from '../../wire/ipv4.ts';
import { ACK, Segment, SYN } from '../../wire/segment.ts';
import { readTcp, TCP_HEADER, writeTcp } from '../../wire/tcp.ts';
import { readTcpOptions } from '../../wire/tcp-options.ts';
import type { Cable } from '../cable.ts';
import type { Deed } from './scenario.ts';
import type { Stage } from './stage.ts';

/** Room for the headers. */
const HEAD = 80;
const MSS = 1460;

/** Addresses that no host has (RFC 5737 §3). */
const NOBODY = '203.0.113.0/24';

/** One SYN after the other to a port, each from another address that nobody has. */
export function flood(stage: Stage, who: string, deed: Extract<Deed, { do: 'flood' }>): void {
  const { world } = stage;
  const cable = stage.cableOf(who, null);
  const to = stage.addressFor(who, deed.to);
  // What answers them goes the way that they came, and is lost there: the attacker takes nothing that is not its own.
  if (stage.areJoined(who, deed.to)) stage.hostOf(deed.to).route(NOBODY, stage.addressFor(deed.to, who));
  for (let i = 0; i < deed.count; i++) {
    const seg = new Segment();
    seg.srcPort = 1024 + i;
    seg.dstPort = deed.port;
    seg.seq = seq(Math.imul(i + 1, 0x9e3779b1));
    seg.flags = SYN;
    seg.wnd = 65_535;
    seg.mss = MSS;
    const frame = packetOf(addressOf(`203.0.113.${1 + (i % 254)}`), addressOf(to), seg);
    world.after(i * deed.every, () => stage.endOf(cable, who).send(frame));
  }
}

/**
 * For the question what would be if a handshake had two segments: a SYN,ACK of a host, which is in `frame` and is taken off
 * the cable, is answered by the ACK that `victim` would have sent, in its name. It never learns of it.
 */
export function answerFor(stage: Stage, cable: Cable, victim: string, frame: Frame): void {
  const packet = new Packet();
  const seg = new Segment();
  readIp(packet, frame, false);
  readTcp(seg, frame, packet.textAt, packet.textEnd, -1);
  readTcpOptions(seg, frame, packet.textAt + TCP_HEADER, seg.textAt);
  const ack = new Segment();
  ack.srcPort = seg.dstPort;
  ack.dstPort = seg.srcPort;
  ack.seq = seg.ack;
  ack.ack = add(seg.seq, 1);
  ack.flags = ACK;
  ack.wnd = 65_535;
  ack.hasTs = seg.hasTs;
  ack.tsVal = add(seg.tsEcr, 1);
  ack.tsEcr = seg.tsVal;
  const answer = packetOf(packet.dst, packet.src, ack);
  stage.world.after(1, () => stage.endOf(cable, victim).send(answer));
}

/** A segment without text, in an IPv4 packet. */
function packetOf(from: Address, to: Address, seg: Segment): Frame {
  const packet = new Packet();
  packet.src.copy(from);
  packet.dst.copy(to);
  packet.protocol = Protocol.Tcp;
  const frame = new Frame(HEAD);
  frame.at = HEAD;
  frame.end = HEAD;
  writeTcp(frame, seg, addressSum(packet.src, packet.dst, Protocol.Tcp));
  writeIpv4(frame, packet);
  return frame;
}

function addressOf(text: string): Address {
  return parseAddress(text) ?? fail('EINVAL', `address ${text}`);
}
