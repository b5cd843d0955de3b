/** An ICMP message arrives: an echo is answered, an error goes to the connection or the socket that it is about. */
import type { Address } from '../base/address.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { Frame } from '../base/frame.ts';
import { seq } from '../base/seq.ts';
import type { IpInterface } from '../ip/interface.ts';
import { Failure } from '../tcp/failure.ts';
import { reportArrives } from '../tcp/report.ts';
import { Stop } from '../tcp/stop.ts';
import { Drop } from '../wire/drop.ts';
import { IcmpKind } from '../wire/icmp.ts';
import { Icmpv4Type, icmpv4Kind, readIcmpv4 } from '../wire/icmpv4.ts';
import { Icmpv6Type, icmpv6Kind, readIcmpv6 } from '../wire/icmpv6.ts';
import { Protocol, pseudoSum } from '../wire/ip.ts';
import { readQuote } from '../wire/quote.ts';
import type { Core } from './core.ts';
import { dropPacket, tellIcmp } from './events-out.ts';
import { replyEcho } from './icmp-output.ts';
import { load, settle } from './settle.ts';
import { haveNews } from './udp-input.ts';

/** What an error comes to for a program, and for an OPEN that is under way. */
interface Meaning {
  readonly code: ErrorCode;
  /** A hard error (RFC 1122 §4.2.3.9): it will not go away by itself. */
  readonly hard: boolean;
  readonly failure: Failure;
}

const soft = (code: ErrorCode): Meaning => ({ code, hard: false, failure: Failure.None });

/** Errors that sockets can be told of; the others are for the path alone. */
const meanings: Readonly<Partial<Record<IcmpKind, Meaning>>> = {
  [IcmpKind.NetUnreachable]: soft('ENETUNREACH'),
  [IcmpKind.HostUnreachable]: soft('EHOSTUNREACH'),
  [IcmpKind.Prohibited]: soft('EHOSTUNREACH'),
  [IcmpKind.TimeExceeded]: soft('EHOSTUNREACH'),
  [IcmpKind.ReassemblyTimeExceeded]: soft('EHOSTUNREACH'),
  [IcmpKind.ParameterProblem]: soft('EHOSTUNREACH'),
  [IcmpKind.PortUnreachable]: { code: 'ECONNREFUSED', hard: true, failure: Failure.Refused },
  [IcmpKind.ProtocolUnreachable]: { code: 'ENOPROTOOPT', hard: true, failure: Failure.NoProtocol },
};

/** `core.packet` holds the IP header that was read from `frame`, of the family that this ICMP belongs to. */
export function icmpInput(core: Core, arrivedOn: IpInterface, frame: Frame): void {
  const { packet, icmp } = core;
  const { family, src, dst, textAt, textEnd } = packet;
  const { verifySums } = arrivedOn.link.offloads;
  const fault =
    family === 4
      ? readIcmpv4(icmp, frame, textAt, textEnd, verifySums)
      : readIcmpv6(icmp, frame, textAt, textEnd, verifySums ? pseudoSum(packet, textEnd - textAt) : -1);
  if (fault !== Drop.None) {
    dropPacket(core, fault, -1);
    return;
  }
  core.icmpIn++;
  tellIcmp(core, 'in', frame, textAt, textEnd, dst, src);
  const kind = family === 4 ? icmpv4Kind(icmp.type, icmp.code) : icmpv6Kind(icmp.type, icmp.code);
  switch (kind) {
    case IcmpKind.EchoRequest:
      replyEcho(core, arrivedOn, frame);
      break;
    case IcmpKind.EchoReply:
      toEcho(core, icmp.id, icmp.sequence, src, kind);
      break;
    case IcmpKind.SourceQuench:
      dropPacket(core, Drop.IcmpSourceQuench, -1); // MUST-55, RFC 6633
      break;
    case IcmpKind.Other:
      dropPacket(core, Drop.IcmpType, -1);
      break;
    default:
      errorArrives(core, frame, kind);
  }
}

/** Whose packet the error quotes, and what that one is to make of it. */
function errorArrives(core: Core, frame: Frame, kind: IcmpKind): void {
  const { packet, quoted, icmp } = core;
  const fault = readQuote(quoted, frame, icmp.textAt, icmp.textEnd);
  if (fault !== Drop.None || quoted.family !== packet.family || quoted.fragmentOffset !== 0) {
    dropPacket(core, Drop.IcmpQuote, -1);
    return;
  }
  switch (quoted.protocol) {
    case Protocol.Tcp:
      toConnection(core, frame, kind);
      break;
    case Protocol.Udp:
      toEndpoint(core, frame, kind);
      break;
    case quoted.family === 4 ? Protocol.Icmp : Protocol.Icmpv6:
      toQuestion(core, frame, kind);
      break;
    default:
      unclaimed(core);
  }
}

function toConnection(core: Core, frame: Frame, kind: IcmpKind): void {
  const { quoted, slots } = core;
  const { view } = frame;
  const { src, dst, textAt } = quoted;
  const slot = slots.tuples.find(src, view.getUint16(textAt), dst, view.getUint16(textAt + 2));
  const meaning = meanings[kind];
  if (slot < 0) unclaimed(core);
  else if (meaning === undefined) dropPacket(core, Drop.IcmpTooBig, slot);
  else {
    const tcb = load(core, slot);
    const stop = reportArrives(tcb, seq(view.getInt32(textAt + 4)), meaning.failure, meaning.code);
    if (stop === Stop.Dropped) dropPacket(core, tcb.drop, slot);
    settle(core, slot, tcb);
  }
}

/** RFC 1122 §4.1.3.3. Only a socket that is connected to that peer is told, for another could not tell whom it is about. */
function toEndpoint(core: Core, frame: Frame, kind: IcmpKind): void {
  const { view } = frame;
  const { src, dst, textAt } = core.quoted;
  const endpoint = core.udpPorts.find(src, view.getUint16(textAt), dst, view.getUint16(textAt + 2));
  const meaning = meanings[kind];
  if (endpoint === null || !endpoint.connected) unclaimed(core);
  else if (meaning === undefined) dropPacket(core, Drop.IcmpTooBig, -1);
  else if (meaning.hard) {
    endpoint.error = meaning.code;
    haveNews(core, endpoint);
  } else {
    endpoint.softError = meaning.code;
  }
}

/** An error about an ICMP message of ours: only echo requests are asked after. */
function toQuestion(core: Core, frame: Frame, kind: IcmpKind): void {
  const { view } = frame;
  const { family, dst, textAt } = core.quoted;
  if (view.getUint8(textAt) !== (family === 4 ? Icmpv4Type.Echo : Icmpv6Type.EchoRequest)) unclaimed(core);
  else toEcho(core, view.getUint16(textAt + 4), view.getUint16(textAt + 6), dst, kind);
}

function toEcho(core: Core, id: number, sequence: number, asked: Address, kind: IcmpKind): void {
  const { echoes, packet, icmp, clock } = core;
  if (id !== echoes.id || !echoes.answered(sequence, asked, kind, packet, icmp, clock.now)) unclaimed(core);
}

function unclaimed(core: Core): void {
  dropPacket(core, Drop.IcmpNobody, -1);
}
