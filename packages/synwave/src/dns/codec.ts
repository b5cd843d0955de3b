/** What octets of the DNS say (RFC 1035 §4), as records, and the interface of whoever turns the one into the other. */
import type { OtherType, QuestionType } from './types.ts';

/** Names are as `name.ts` has them, in the case that they were written in. */
interface Owned {
  readonly name: string;
  /** Seconds for which it may be kept; 0 to 2^31 - 1. */
  readonly ttl: number;
}

/** An IPv4 address (RFC 1035 §3.4.1). */
export interface ARecord extends Owned {
  readonly type: 'A';
  readonly address: string;
}

/** An IPv6 address (RFC 3596 §2.2). */
export interface AaaaRecord extends Owned {
  readonly type: 'AAAA';
  readonly address: string;
}

/** RFC 1035 §3.3.1: the name is another's. */
export interface CnameRecord extends Owned {
  readonly type: 'CNAME';
  readonly target: string;
}

/** RFC 1035 §3.3.11: who serves the domain. */
export interface NsRecord extends Owned {
  readonly type: 'NS';
  readonly target: string;
}

/** RFC 1035 §3.3.12: most often, the name of an address. */
export interface PtrRecord extends Owned {
  readonly type: 'PTR';
  readonly target: string;
}

/** RFC 1035 §3.3.9. */
export interface MxRecord extends Owned {
  readonly type: 'MX';
  readonly preference: number;
  readonly exchange: string;
}

/** RFC 1035 §3.3.14: strings of at most 255 octets, in no encoding that anybody said. */
export interface TxtRecord extends Owned {
  readonly type: 'TXT';
  readonly strings: readonly Uint8Array[];
}

/** RFC 2782. */
export interface SrvRecord extends Owned {
  readonly type: 'SRV';
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** RFC 1035 §3.3.13; times in seconds. A dot inside of the first label of `rname` is written with a backslash before it. */
export interface SoaRecord extends Owned {
  readonly type: 'SOA';
  readonly mname: string;
  readonly rname: string;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  /** For how long it may be kept that a name or a type is not there (RFC 2308 §4). */
  readonly minimum: number;
}

/** A type that is carried as it is (RFC 3597). */
export interface OtherRecord extends Owned {
  readonly type: OtherType;
  readonly octets: Uint8Array;
}

export type DnsRecord =
  | ARecord
  | AaaaRecord
  | CnameRecord
  | NsRecord
  | PtrRecord
  | MxRecord
  | TxtRecord
  | SrvRecord
  | SoaRecord
  | OtherRecord;

/** The records of a type. */
export type RecordOf<T extends DnsRecord['type']> = T extends OtherType
  ? OtherRecord
  : Extract<DnsRecord, { readonly type: T }>;

/** EDNS (RFC 6891 §6.1.2), which travels as a record of type OPT: of each message it is one or none. Options are passed over. */
export interface Edns {
  /** The largest UDP message that the sender takes, in octets. */
  readonly udpSize: number;
  readonly version: number;
  /** Signatures are wanted (RFC 3225). */
  readonly dnssecOk: boolean;
}

export interface Question {
  readonly name: string;
  readonly type: QuestionType;
  /** RFC 1035 §3.2.4; 1: the Internet's. */
  readonly class: number;
}

/** RFC 1035 §4.1. Records of classes other than the Internet's are left out. */
export interface Message {
  readonly id: number;
  /** QR: an answer, not a question. */
  readonly response: boolean;
  readonly opcode: number;
  /** AA, TC, RD, RA. */
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  /** AD, CD (RFC 4035 §3.1.6, §3.2.2). */
  readonly authenticData: boolean;
  readonly checkingDisabled: boolean;
  /** Four bits, and eight above them where there is `edns` (RFC 6891 §6.1.3). */
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
  readonly edns: Edns | null;
}

export interface DnsCodec {
  /** Throws SynwaveError EINVAL for a name or a record that cannot be written, EMSGSIZE for more than 65,535 octets. */
  encode(message: Message): Uint8Array;
  /** Null for what is malformed, whatever it is: this never throws. */
  decode(octets: Uint8Array): Message | null;
}
