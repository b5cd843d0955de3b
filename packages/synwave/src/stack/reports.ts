/** What becomes of packets of ours, as ICMP and the neighbour cache report it: told to the connection, the socket or the ping. */
import type { Address } from '../base/address.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { Frame } from '../base/frame.ts';
import { lt, seq } from '../base/seq.ts';
import type { IpInterface } from '../ip/interface.ts';
import type { Path } from '../ip/path.ts';
import { Failure } from '../tcp/failure.ts';
import { tooBigArrives } from '../tcp/path-mtu.ts';
import { neighbourFails, reportArrives } from '../tcp/report.ts';
import { Stop } from '../tcp/stop.ts';
import { Drop } from '../wire/drop.ts';
import { IcmpKind } from '../wire/icmp.ts';
import { Icmpv4Type } from '../wire/icmpv4.ts';
import { Icmpv6Type } from '../wire/icmpv6.ts';
import { Protocol, readIp } from '../wire/ip.ts';
import { nextPlateau } from '../wire/plateau.ts';
import { readQuote, sizeOfQuoted } from '../wire/quote.ts';
import type { Core } from './core.ts';
import { dropPacket } from './events-out.ts';
import { complain, scopeFor } from './icmp-output.ts';
import { mssWithin } from './mss.ts';
import { load, markReady, settle } from './settle.ts';
import { haveNews } from './udp-input.ts';

/** What an error comes to for a program, and for an OPEN that is under way. */
interface Meaning {
  readonly code: ErrorCode;
  /** A hard error (RFC 1122 §4.2.3.9): it will not go away by itself. */
  readonly hard: boolean;
  readonly failure: Failure;
}

const soft = (code: ErrorCode): Meaning => ({ code, hard: false, failure: Failure.None });

/** What each kind of error says; what is too big says something of the path as well. */
const meanings: Readonly<Partial<Record<IcmpKind, Meaning>>> = {
  [IcmpKind.NetUnreachable]: soft('ENETUNREACH'),
  [IcmpKind.HostUnreachable]: soft('EHOSTUNREACH'),
  [IcmpKind.Prohibited]: soft('EHOSTUNREACH'),
  [IcmpKind.TimeExceeded]: soft('EHOSTUNREACH'),
  [IcmpKind.ReassemblyTimeExceeded]: soft('EHOSTUNREACH'),
  [IcmpKind.ParameterProblem]: soft('EHOSTUNREACH'),
  [IcmpKind.UnknownOption]: soft('EHOSTUNREACH'),
  [IcmpKind.PortUnreachable]: { code: 'ECONNREFUSED', hard: true, failure: Failure.Refused },
  [IcmpKind.ProtocolUnreachable]: { code: 'ENOPROTOOPT', hard: true, failure: Failure.NoProtocol },
  [IcmpKind.PacketTooBig]: { code: 'EMSGSIZE', hard: true, failure: Failure.None },
};

/** Whose packet the error in `core.icmp` quotes, and what that one is to make of it. */
export function errorArrives(core: Core, arrivedOn: IpInterface, frame: Frame, kind: IcmpKind): void {
  const { packet, quoted, icmp } = core;
  const fault = readQuote(quoted, frame, icmp.textAt, icmp.textEnd);
  if (fault !== Drop.None || quoted.family !== packet.family || quoted.fragmentOffset !== 0) {
    dropPacket(core, Drop.IcmpQuote, -1);
    return;
  }
  const mtu = kind === IcmpKind.PacketTooBig ? claimedMtu(core, frame) : 0;
  switch (quoted.protocol) {
    case Protocol.Tcp:
      toConnection(core, frame, kind, mtu);
      break;
    case Protocol.Udp:
      toEndpoint(core, arrivedOn, frame, kind, mtu);
      break;
    case quoted.family === 4 ? Protocol.Icmp : Protocol.Icmpv6:
      toQuestion(core, arrivedOn, frame, kind, mtu);
      break;
    default:
      unclaimed(core);
  }
}

/**
 * Nobody answers for the next hop of the packet at `frame.at`, which was to leave by `via`. Its sender is told: a program of
 * this host (RFC 1122 §3.3.1.5) or, by ICMP, the host that we forward for (RFC 4861 §7.2.2).
 */
export function undeliverable(core: Core, frame: Frame, via: IpInterface): void {
  const { ip, quoted, packet, clock } = core;
  if (readIp(packet, frame, false) !== Drop.None || packet.fragmentOffset !== 0) return;
  ip.toMany = false;
  if (!ip.isLocal(packet.src, null)) {
    complain(core, via, frame, IcmpKind.HostUnreachable, clock.now);
    return;
  }
  readIp(quoted, frame, false);
  if (quoted.textEnd - quoted.textAt < 8) return;
  if (quoted.protocol === Protocol.Tcp) {
    const slot = slotOfQuoted(core, frame);
    if (slot < 0) return;
    const tcb = load(core, slot);
    neighbourFails(tcb);
    settle(core, slot, tcb);
  } else if (quoted.protocol === Protocol.Udp) {
    toEndpoint(core, via, frame, IcmpKind.HostUnreachable, 0, true);
  } else {
    toQuestion(core, via, frame, IcmpKind.HostUnreachable, 0);
  }
}

/** Time ran out for the fragments of the packet at `frame.at` (RFC 1122 §3.3.2, RFC 8200 §4.5). */
export function incomplete(core: Core, frame: Frame): void {
  const { ip, packet, clock } = core;
  if (readIp(packet, frame, false) !== Drop.None) return;
  ip.toMany = false;
  complain(core, null, frame, IcmpKind.ReassemblyTimeExceeded, clock.now);
}

/** Nothing of this host is concerned. */
export function unclaimed(core: Core): void {
  dropPacket(core, Drop.IcmpNobody, -1);
}

/** An answer to an echo of ours has come, or an error about it. Answers whether it was asked. */
export function toEcho(core: Core, id: number, sequence: number, asked: Address, kind: IcmpKind): boolean {
  const { echoes, packet, icmp, clock } = core;
  if (id === echoes.id && echoes.answered(sequence, asked, kind, packet, icmp, clock.now)) return true;
  unclaimed(core);
  return false;
}

/**
 * Whether the packet that a redirect of IPv4 quotes may well be one of ours, for an outsider can send such a message too:
 * of a connection that has that sequence number in flight (RFC 5927 §4.1), of a socket, of a ping.
 */
export function quotesOurs(core: Core, frame: Frame): boolean {
  const { quoted, ip, udpPorts, echoes } = core;
  const { src, dst, textAt, protocol } = quoted;
  const { view } = frame;
  if (quoted.fragmentOffset !== 0 || !ip.isLocal(src, null)) return false;
  if (protocol === Protocol.Tcp) {
    const slot = slotOfQuoted(core, frame);
    if (slot < 0) return false;
    const { snd } = load(core, slot);
    const at = seq(view.getInt32(textAt + 4));
    return !lt(at, snd.una) && !lt(snd.nxt, at); // an ACK alone stands at SND.NXT
  }
  if (protocol === Protocol.Udp) {
    return udpPorts.find(src, view.getUint16(textAt), dst, view.getUint16(textAt + 2)) !== null;
  }
  const echo = protocol === Protocol.Icmp && view.getUint8(textAt) === Icmpv4Type.Echo;
  return echo && view.getUint16(textAt + 4) === echoes.id;
}

function slotOfQuoted({ quoted, slots }: Core, { view }: Frame): number {
  const { src, dst, textAt } = quoted;
  return slots.tuples.find(src, view.getUint16(textAt), dst, view.getUint16(textAt + 2));
}

function toConnection(core: Core, frame: Frame, kind: IcmpKind, mtu: number): void {
  const { quoted, slots, clock } = core;
  const slot = slotOfQuoted(core, frame);
  const meaning = meanings[kind];
  if (slot < 0 || meaning === undefined) {
    unclaimed(core);
    return;
  }
  const at = seq(frame.view.getInt32(quoted.textAt + 4));
  const tcb = load(core, slot);
  let stop: Stop;
  if (mtu > 0) {
    const path = slots.pathOf(slot);
    const fits = path.believable(mtu);
    // RFC 5927 §7: believed if it quotes what is in flight; for all connections along the path then.
    stop = tooBigArrives(tcb, at, mssWithin(fits, path.to.family, tcb.config), clock.now);
    if (stop !== Stop.Dropped && !path.learnMtu(mtu, clock.now)) dropPacket(core, Drop.IcmpTooBig, slot);
  } else {
    stop = reportArrives(tcb, at, meaning.failure, meaning.code);
  }
  if (stop === Stop.Dropped) dropPacket(core, tcb.drop, slot);
  else markReady(core, slot);
  settle(core, slot, tcb);
}

/**
 * RFC 1122 §4.1.3.3. Only a socket that is connected to that peer is told, for another could not tell whom it is about.
 * `own`: it is this host itself that says so, so it will not pass by itself.
 */
function toEndpoint(core: Core, arrivedOn: IpInterface, frame: Frame, kind: IcmpKind, mtu: number, own = false): void {
  const { view } = frame;
  const { src, dst, textAt } = core.quoted;
  const endpoint = core.udpPorts.find(src, view.getUint16(textAt), dst, view.getUint16(textAt + 2));
  const meaning = meanings[kind];
  if (endpoint === null || meaning === undefined) {
    unclaimed(core);
    return;
  }
  // Whoever sends to that port of ours may be anybody who saw it: an MTU is all that is believed of it.
  if (mtu > 0) learn(core, pathOfQuoted(core, arrivedOn), mtu);
  if (!endpoint.connected) {
    if (mtu === 0) unclaimed(core);
  } else if (meaning.hard || own) {
    endpoint.error = meaning.code;
    haveNews(core, endpoint);
  } else {
    endpoint.softError = meaning.code;
  }
}

/** An error about an ICMP message of ours: echo requests are asked after; replies may have been too big. */
function toQuestion(core: Core, arrivedOn: IpInterface, frame: Frame, kind: IcmpKind, mtu: number): void {
  const { view } = frame;
  const { family, dst, textAt } = core.quoted;
  const type = view.getUint8(textAt);
  if (type === (family === 4 ? Icmpv4Type.Echo : Icmpv6Type.EchoRequest)) {
    const asked = toEcho(core, view.getUint16(textAt + 4), view.getUint16(textAt + 6), dst, kind);
    if (asked && mtu > 0) learn(core, pathOfQuoted(core, arrivedOn), mtu);
  } else if (type === Icmpv6Type.EchoReply && family === 6 && mtu > 0) {
    learn(core, pathOfQuoted(core, arrivedOn), mtu);
  } else {
    unclaimed(core);
  }
}

/** The path of the packet that is quoted, if one is remembered: an error makes none. */
function pathOfQuoted({ ip, quoted }: Core, arrivedOn: IpInterface): Path | null {
  const only = scopeFor(quoted.dst, arrivedOn);
  return ip.paths.find(quoted.dst, only === null ? 0 : only.scope);
}

function learn(core: Core, path: Path | null, mtu: number): void {
  if (path === null || !path.learnMtu(mtu, core.clock.now)) dropPacket(core, Drop.IcmpTooBig, -1);
}

/** What "too big" says of the link ahead: RFC 1191 §4, the low half of the word, 0 from old routers (§5); RFC 4443 §3.2. */
function claimedMtu({ quoted, icmp }: Core, frame: Frame): number {
  if (quoted.family === 6) return Math.max(icmp.word, 1);
  const mtu = icmp.word & 0xffff;
  return mtu > 0 ? mtu : nextPlateau(sizeOfQuoted(quoted, frame));
}
