/** RFC 792: ICMP for IPv4. */
import { sum } from '../base/checksum.ts';
import type { Frame } from '../base/frame.ts';
import { Drop } from './drop.ts';
import { ICMP_HEADER, type Icmp, IcmpKind } from './icmp.ts';

const CODE = 1;
const CHECKSUM = 2;
const WORD = 4;

export const Icmpv4Type = {
  EchoReply: 0,
  Unreachable: 3,
  SourceQuench: 4,
  Redirect: 5,
  Echo: 8,
  TimeExceeded: 11,
  ParameterProblem: 12,
} as const;

/** Codes of "destination unreachable" (RFC 792; RFC 1122 §3.2.2.1 from 6 on). */
export const Unreachable = {
  Net: 0,
  Host: 1,
  Protocol: 2,
  Port: 3,
  FragmentationNeeded: 4,
  SourceRouteFailed: 5,
} as const;

/** Codes of a redirect (RFC 792); the one for networks must not be sent (RFC 1812 §5.2.7.2). */
export const Redirect = { Net: 0, Host: 1 } as const;

/** What each code of "destination unreachable" means to a sender; RFC 1812 §5.2.7.1 has those from 13 on. */
const unreachable: readonly IcmpKind[] = [
  IcmpKind.NetUnreachable,
  IcmpKind.HostUnreachable,
  IcmpKind.ProtocolUnreachable,
  IcmpKind.PortUnreachable,
  IcmpKind.PacketTooBig,
  IcmpKind.HostUnreachable, // source route failed
  IcmpKind.NetUnreachable, // network unknown
  IcmpKind.HostUnreachable, // host unknown
  IcmpKind.HostUnreachable, // source host isolated
  IcmpKind.Prohibited, // network
  IcmpKind.Prohibited, // host
  IcmpKind.NetUnreachable, // for this type of service
  IcmpKind.HostUnreachable, // for this type of service
  IcmpKind.Prohibited, // by a filter
  IcmpKind.Prohibited, // host precedence
  IcmpKind.Prohibited, // precedence cut off
];

/** Reads the message in `frame.bytes[at, end)`; `verify`: whether the checksum is checked. Answers a reason to drop, or `None`. */
export function readIcmpv4(into: Icmp, frame: Frame, at: number, end: number, verify: boolean): Drop {
  const { view } = frame;
  if (end - at < ICMP_HEADER) return Drop.IcmpShort;
  if (verify && sum(frame, at, end) !== 0xffff) return Drop.IcmpChecksum;
  into.type = view.getUint8(at);
  into.code = view.getUint8(at + CODE);
  into.word = view.getUint32(at + WORD);
  into.textAt = at + ICMP_HEADER;
  into.textEnd = end;
  return Drop.None;
}

/** Writes the header in front of the text, which stands in `frame.bytes[frame.at, frame.end)`, and moves `frame.at` back over it. */
export function writeIcmpv4(frame: Frame, type: number, code: number, word: number): void {
  const at = frame.at - ICMP_HEADER;
  const { view } = frame;
  frame.at = at;
  view.setUint8(at, type);
  view.setUint8(at + CODE, code);
  view.setUint16(at + CHECKSUM, 0);
  view.setUint32(at + WORD, word);
  view.setUint16(at + CHECKSUM, ~sum(frame, at, frame.end) & 0xffff);
}

/** What a message of that type and code is for. */
export function icmpv4Kind(type: number, code: number): IcmpKind {
  switch (type) {
    case Icmpv4Type.EchoReply:
      return IcmpKind.EchoReply;
    case Icmpv4Type.Echo:
      return IcmpKind.EchoRequest;
    case Icmpv4Type.Unreachable:
      return unreachable[code] ?? IcmpKind.Other;
    case Icmpv4Type.SourceQuench:
      return IcmpKind.SourceQuench;
    case Icmpv4Type.Redirect:
      return IcmpKind.Redirect;
    case Icmpv4Type.TimeExceeded:
      return code === 0 ? IcmpKind.TimeExceeded : IcmpKind.ReassemblyTimeExceeded;
    case Icmpv4Type.ParameterProblem:
      return IcmpKind.ParameterProblem;
    default:
      return IcmpKind.Other;
  }
}

/** Whether no ICMP error may answer a message of that type (RFC 1122 §3.2.2): it is one itself, or a redirect. */
export function isIcmpv4Error(type: number): boolean {
  return (
    type === Icmpv4Type.Unreachable ||
    type === Icmpv4Type.SourceQuench ||
    type === Icmpv4Type.Redirect ||
    type === Icmpv4Type.TimeExceeded ||
    type === Icmpv4Type.ParameterProblem
  );
}
