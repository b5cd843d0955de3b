/** What a packet script says, once it is read: options, and steps in time. Nothing here knows how it is run. */
import type { Micros } from '../base/time.ts';

/** Where something stands in a script; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** When a step is to happen. `relative`: counted from the end of the step before. */
export type Moment =
  | { readonly kind: 'at'; readonly at: Micros; readonly relative: boolean }
  | { readonly kind: 'range'; readonly from: Micros; readonly to: Micros; readonly relative: boolean }
  | { readonly kind: 'any' };

/** A value among the arguments or results of a call. */
export type Value =
  | { readonly kind: 'default' }
  | { readonly kind: 'number'; readonly number: number; readonly text: string }
  | { readonly kind: 'string'; readonly string: string }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'struct'; readonly fields: readonly Field[] }
  /** `htons(8080)`, `inet_addr("10.0.0.1")`. */
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Value[] };

/** `sin_port = htons(8080)`; a field without a name goes by its place. */
export interface Field {
  readonly name: string | null;
  readonly value: Value;
}

/** What is asked of, or said in, the IP header; null: not looked at, and a plain value when sent. */
export interface IpSpec {
  /** The two bits of ECN. `ect`: one of the two ECTs. */
  readonly ecn: number | 'ect' | null;
  /** The whole octet of DSCP and ECN. */
  readonly tos: number | null;
  readonly flowLabel: number | null;
  readonly hopLimit: number | null;
}

export interface Ports {
  readonly src: number;
  readonly dst: number;
}

/** One TCP option as written; `data` of what has no form of its own. */
export type TcpOption =
  | { readonly kind: 'nop' }
  | { readonly kind: 'eol' }
  | { readonly kind: 'mss'; readonly mss: number }
  | { readonly kind: 'wscale'; readonly shift: number }
  | { readonly kind: 'sackOK' }
  | { readonly kind: 'sack'; readonly blocks: readonly (readonly [left: number, right: number])[] }
  | { readonly kind: 'TS'; readonly val: number; readonly ecr: number }
  | { readonly kind: 'other'; readonly number: number; readonly data: readonly number[] };

/** The span of sequence numbers of a segment: `1:1001(1000)`. */
export interface Span {
  readonly seq: number;
  readonly length: number;
}

export interface TcpSpec {
  readonly kind: 'tcp';
  readonly out: boolean;
  readonly ip: IpSpec;
  readonly ports: Ports | null;
  /** The bits of `wire/segment.ts`, and `AE` above them. */
  readonly flags: number;
  readonly seq: number;
  readonly length: number;
  readonly ack: number;
  /** Null: not looked at, and a wide window when sent. */
  readonly win: number | null;
  readonly urg: number;
  /** Null: `<...>`, not looked at. */
  readonly options: readonly TcpOption[] | null;
}

export interface UdpSpec {
  readonly kind: 'udp';
  readonly out: boolean;
  readonly ip: IpSpec;
  readonly ports: Ports | null;
  readonly length: number;
}

/** What an ICMP error quotes of a packet of the host under test. */
export type Quote = ({ readonly kind: 'tcp' } & Span) | { readonly kind: 'udp'; readonly length: number };

export interface IcmpSpec {
  readonly kind: 'icmp';
  readonly out: boolean;
  readonly ip: IpSpec;
  readonly type: string;
  readonly code: string | null;
  readonly mtu: number;
  readonly quote: Quote | null;
}

export type PacketSpec = TcpSpec | UdpSpec | IcmpSpec;

export interface CallSpec {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Value[];
  /** What it is to answer; `default`: anything. */
  readonly result: Value;
  /** The name of the error that it is to end in. */
  readonly errno: string | null;
  /** It blocks until then; null: it must not block. Relative to the same instant as the step's own time. */
  readonly end: Micros | null;
}

export interface CommandSpec {
  readonly kind: 'command';
  readonly command: string;
}

interface CodeSpec {
  readonly kind: 'code';
  readonly code: string;
}

export type Action = PacketSpec | CallSpec | CommandSpec | CodeSpec;

export interface Step {
  readonly place: Place;
  /** The line as it is written, for who reads what went wrong. */
  readonly text: string;
  readonly time: Moment;
  readonly action: Action;
}

export interface ScriptOption {
  readonly name: string;
  /** Null: a flag without a value. */
  readonly value: string | null;
  readonly place: Place;
}

/** A whole script. */
export interface Script {
  /** The name that messages call it by: the file's. */
  readonly name: string;
  readonly options: readonly ScriptOption[];
  /** A command before the first step, and one behind the last. */
  readonly init: (CommandSpec & { readonly place: Place }) | null;
  readonly steps: readonly Step[];
  readonly cleanup: (CommandSpec & { readonly place: Place }) | null;
}

/** Accurate ECN's AE, the bit above CWR. */
export const AE = 0x100;
