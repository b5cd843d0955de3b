/** Echoes: questions that this host has asked by ICMP echo, and what came of them (RFC 1122 §3.2.2.6, RFC 4443 §4). */
import type { Address } from '../base/address.ts';
import { formatAddress } from '../base/address-text.ts';
import type { Micros } from '../base/time.ts';
import { type Icmp, IcmpKind } from '../wire/icmp.ts';
import type { Packet } from '../wire/ip.ts';

/** What came of an echo. */
export interface EchoAnswer {
  /** `reply`, or what an ICMP error said of the request. */
  readonly type: 'reply' | 'unreachable' | 'prohibited' | 'time exceeded' | 'packet too big' | 'parameter problem';
  /** What is unreachable, for `unreachable`; null otherwise. */
  readonly unreachable: 'net' | 'host' | 'protocol' | 'port' | null;
  /** Who answered: the host that was asked, or one on the way to it. */
  readonly from: string;
  readonly sequence: number;
  /** Octets of ICMP in the answer: 8 more than the data, for a reply. */
  readonly size: number;
  /** The hop limit (IPv4: time to live) with which the answer arrived. */
  readonly ttl: number;
  /** From question to answer. */
  readonly time: Micros;
  /** The largest packet that the link ahead takes, for `packet too big`; 0 otherwise, and where a router does not say. */
  readonly mtu: number;
}

interface Pending {
  readonly to: Address;
  readonly sentAt: Micros;
}

/** Echoes of one host that may wait for an answer at the same time. */
const MOST = 4096;

const types: Readonly<Partial<Record<IcmpKind, EchoAnswer['type']>>> = {
  [IcmpKind.EchoReply]: 'reply',
  [IcmpKind.Prohibited]: 'prohibited',
  [IcmpKind.PacketTooBig]: 'packet too big',
  [IcmpKind.TimeExceeded]: 'time exceeded',
  [IcmpKind.ReassemblyTimeExceeded]: 'time exceeded',
  [IcmpKind.ParameterProblem]: 'parameter problem',
  [IcmpKind.UnknownOption]: 'parameter problem',
};

const missing: Readonly<Partial<Record<IcmpKind, EchoAnswer['unreachable']>>> = {
  [IcmpKind.NetUnreachable]: 'net',
  [IcmpKind.HostUnreachable]: 'host',
  [IcmpKind.ProtocolUnreachable]: 'protocol',
  [IcmpKind.PortUnreachable]: 'port',
};

export class Echoes {
  /** The identifier of all echoes of this host. */
  readonly id: number;
  private readonly pending: Map<number, Pending> = new Map<number, Pending>();
  private readonly answers: EchoAnswer[] = [];
  private last = 0;

  constructor(id: number) {
    this.id = id;
  }

  /** Notes a question to `to`. Answers its sequence number, 1 to 65,535 and then from 0 on; -1: too many wait. */
  ask(to: Address, now: Micros): number {
    if (this.pending.size >= MOST) return -1;
    do this.last = (this.last + 1) & 0xffff;
    while (this.pending.has(this.last));
    this.pending.set(this.last, { to: to.clone(), sentAt: now });
    return this.last;
  }

  /** Nobody waits for that answer any more. */
  forget(sequence: number): void {
    this.pending.delete(sequence);
  }

  /**
   * `icmp` in `packet` answers question `sequence` to `asked`: the sender of a reply, or whom an error's quote went to.
   * False: that was not asked.
   */
  answered(sequence: number, asked: Address, kind: IcmpKind, packet: Packet, icmp: Icmp, now: Micros): boolean {
    const question = this.pending.get(sequence);
    if (question === undefined || !question.to.equals(asked)) return false;
    this.pending.delete(sequence);
    this.answers.push({
      type: types[kind] ?? 'unreachable',
      unreachable: missing[kind] ?? null,
      from: formatAddress(packet.src),
      sequence,
      size: packet.textEnd - packet.textAt,
      ttl: packet.hopLimit,
      time: now - question.sentAt,
      // RFC 1191 §4: the low half for IPv4; all of the word for IPv6 (RFC 4443 §3.2).
      mtu: kind !== IcmpKind.PacketTooBig ? 0 : packet.family === 4 ? icmp.word & 0xffff : icmp.word,
    });
    return true;
  }

  /** Takes off the oldest answer that has come; null: none. */
  next(): EchoAnswer | null {
    return this.answers.shift() ?? null;
  }

  get hasNews(): boolean {
    return this.answers.length > 0;
  }

  /** Nothing was asked. */
  clear(): void {
    this.pending.clear();
    this.answers.length = 0;
  }
}
