/** synwave/dns: names for hosts: a stub resolver and a name server, bound to the codec of the package `dns-packet`. */
import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import type { Answer, DecodedPacket, Packet } from 'dns-packet';
import { formatAddress, parseAddress } from '../base/address-text.ts';
import { fail } from '../base/errors.ts';
import type { DnsCodec, DnsRecord, Message, Question } from '../dns/codec.ts';
import { isName } from '../dns/name.ts';
import { Resolver, type ResolverOptions } from '../dns/resolver.ts';
import { NameServer, type NameServerOptions } from '../dns/server.ts';
import { HEADER, type RecordShape, type Shape, shapeOf } from '../dns/shape.ts';
import { IN, typeName, typeNumber } from '../dns/types.ts';
import type { Host } from '../socket/host.ts';

export type {
  AaaaRecord,
  ARecord,
  CnameRecord,
  DnsCodec,
  DnsRecord,
  Edns,
  Message,
  MxRecord,
  NsRecord,
  OtherRecord,
  PtrRecord,
  Question,
  RecordOf,
  SoaRecord,
  SrvRecord,
  TxtRecord,
} from '../dns/codec.ts';
export type { ResolverCounters, ServerAddress } from '../dns/desk.ts';
export type { Entry, Many, Records } from '../dns/entries.ts';
export { DnsError, type DnsErrorCode } from '../dns/errors.ts';
export type { Answer, ResolverOptions } from '../dns/resolver.ts';
export { Resolver } from '../dns/resolver.ts';
export { NameServer, type NameServerCounters, type NameServerOptions } from '../dns/server.ts';
export type { KnownType, OtherType, QuestionType, RecordType } from '../dns/types.ts';

/** What is used of the package. */
interface DnsPacket {
  encode(packet: Packet): Buffer;
  decode(octets: Buffer): DecodedPacket;
}

const packets: DnsPacket = load();

/** The package is a peer that need not be there: by `require`, so that its absence can be told of in one line. */
function load(): DnsPacket {
  const require = createRequire(import.meta.url);
  try {
    return require('dns-packet') as DnsPacket;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND') throw error;
    throw new Error('synwave/dns needs the package dns-packet, which is not installed: npm install dns-packet', {
      cause: error,
    });
  }
}

/** A type for private use (RFC 6895 §3.1): what bears it, `dns-packet` hands on as it is. */
const OPAQUE = 65_280;
const AA = 0x0400;
const TC = 0x0200;
const RD = 0x0100;
const RA = 0x0080;
const AD = 0x0020;
const CD = 0x0010;
const DNSSEC_OK = 0x8000;
/** RFC 2181 §8: a TTL with the topmost bit set is none. */
const TTL_MOST = 0x7fff_ffff;

/** The codec that `resolver` and `nameServer` use. */
export const codec: DnsCodec = { encode, decode };

/** A stub resolver on `host`. Throws SynwaveError EINVAL for options that make no sense. */
export function resolver(host: Host, options: ResolverOptions): Resolver {
  return new Resolver(host, codec, options);
}

/** A name server on `host`, which serves at once. Throws SynwaveError: EINVAL, EADDRINUSE, EADDRNOTAVAIL. */
export function nameServer(host: Host, options: NameServerOptions = {}): NameServer {
  return new NameServer(host, codec, options);
}

function encode(message: Message): Uint8Array {
  const { edns, rcode, questions } = message;
  const additionals = message.additionals.map(toPacket);
  if (edns !== null) additionals.push(optOf(message));
  const octets = packets.encode({
    id: message.id,
    type: message.response ? 'response' : 'query',
    flags:
      ((message.opcode & 0xf) << 11) |
      (message.authoritative ? AA : 0) |
      (message.truncated ? TC : 0) |
      (message.recursionDesired ? RD : 0) |
      (message.recursionAvailable ? RA : 0) |
      (message.authenticData ? AD : 0) |
      (message.checkingDisabled ? CD : 0) |
      (rcode & 0xf),
    questions: questions.map(({ name, type }) => ({ name: checked(name), type: packetType(type) })),
    answers: message.answers.map(toPacket),
    authorities: message.authorities.map(toPacket),
    additionals,
  });
  writeClasses(octets, questions);
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.length);
}

function decode(octets: Uint8Array): Message | null {
  const shape = shapeOf(octets);
  if (shape === null) return null;
  const packet = read(octets, shape);
  if (packet === null) return null;
  const { answers, authorities, records } = shape;
  const all = [...(packet.answers ?? []), ...(packet.authorities ?? []), ...(packet.additionals ?? [])];
  const take = (from: number, to: number): DnsRecord[] =>
    all.slice(from, to).flatMap((answer, i) => fromPacket(answer, records[from + i] as RecordShape, octets));
  const opts = records.filter(({ type }) => typeName(type) === 'OPT');
  if (opts.length > 1) return null; // RFC 6891 §6.1.1
  const [opt] = opts;
  const flags = packet.flags ?? 0;
  return {
    id: packet.id ?? 0,
    response: packet.type === 'response',
    opcode: (flags >> 11) & 0xf,
    authoritative: (flags & AA) !== 0,
    truncated: (flags & TC) !== 0,
    recursionDesired: (flags & RD) !== 0,
    recursionAvailable: (flags & RA) !== 0,
    authenticData: (flags & AD) !== 0,
    checkingDisabled: (flags & CD) !== 0,
    rcode: (flags & 0xf) | (opt === undefined ? 0 : (opt.ttl >>> 24) << 4),
    questions: (packet.questions ?? []).map(({ name }, i) => questionOf(name, shape.questions[i])),
    answers: take(0, answers),
    authorities: take(answers, answers + authorities),
    additionals: take(answers + authorities, records.length),
    edns:
      opt === undefined
        ? null
        : { udpSize: opt.class, version: (opt.ttl >>> 16) & 0xff, dnssecOk: (opt.ttl & DNSSEC_OK) !== 0 },
  };
}

/** Has the package read what is of a type that it is relied on for; null: it finds fault with it. */
function read(octets: Uint8Array, shape: Shape): DecodedPacket | null {
  const copy = Buffer.from(octets);
  for (const record of shape.records) if (!isRead(record)) copy.writeUInt16BE(OPAQUE, record.typeAt);
  try {
    return packets.decode(copy);
  } catch {
    return null;
  }
}

/** Whether a record is looked into. */
function isRead(record: RecordShape): boolean {
  const name = typeName(record.type);
  return record.class === IN && name !== 'OPT' && !name.startsWith('TYPE');
}

function questionOf(name: string, shape: Shape['questions'][number] | undefined): Question {
  return { name, type: typeName(shape?.type ?? 0), class: shape?.class ?? 0 };
}

/** A record as we have it; none for OPT, and for classes other than the Internet's. */
function fromPacket(answer: Answer, shape: RecordShape, octets: Uint8Array): DnsRecord[] {
  const type = typeName(shape.type);
  if (shape.class !== IN || type === 'OPT') return [];
  const owned = { name: answer.name, ttl: shape.ttl > TTL_MOST ? 0 : shape.ttl };
  const data = 'data' in answer ? answer.data : null;
  switch (type) {
    case 'A':
    case 'AAAA':
      return [{ ...owned, type, address: addressText(data as string) }];
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return [{ ...owned, type, target: data as string }];
    case 'MX': {
      const { preference = 0, exchange } = data as { preference?: number; exchange: string };
      return [{ ...owned, type, preference, exchange }];
    }
    case 'TXT':
      return [{ ...owned, type, strings: (data as Buffer[]).map((part) => Uint8Array.from(part)) }];
    case 'SRV': {
      const { priority, weight, port, target } = data as Numbers<'priority' | 'weight' | 'port'> & { target: string };
      return [{ ...owned, type, priority, weight, port, target }];
    }
    case 'SOA': {
      const soa = data as Numbers<SoaNumber> & { mname: string; rname: string };
      return [{ ...owned, type, ...soa }];
    }
    default:
      return [
        { ...owned, type: `TYPE${shape.type}`, octets: Uint8Array.from(octets.subarray(shape.dataAt, shape.dataEnd)) },
      ];
  }
}

type Numbers<Name extends string> = Readonly<Record<Name, number>>;
type SoaNumber = 'serial' | 'refresh' | 'retry' | 'expire' | 'minimum';

/** The one form of RFC 5952; an IPv4 address inside of an IPv6 one stays there. */
function addressText(text: string): string {
  const address = parseAddress(text);
  return address === null || (address.family === 4 && text.includes(':')) ? text : formatAddress(address);
}

function toPacket(record: DnsRecord): Answer {
  const { ttl } = record;
  const name = checked(record.name);
  switch (record.type) {
    case 'A':
    case 'AAAA': {
      const { type, address } = record;
      if (parseAddress(address) === null || address.includes(':') !== (type === 'AAAA'))
        fail('EINVAL', `${type} ${address}`);
      return { name, ttl, type, data: address };
    }
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return { name, ttl, type: record.type, data: checked(record.target) };
    case 'MX':
      return { name, ttl, type: 'MX', data: { preference: record.preference, exchange: checked(record.exchange) } };
    case 'TXT':
      return { name, ttl, type: 'TXT', data: record.strings.map((part) => Buffer.from(part)) };
    case 'SRV': {
      const { priority, weight, port, target } = record;
      return { name, ttl, type: 'SRV', data: { priority, weight, port, target: checked(target) } };
    }
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record;
      checked(rname.replaceAll('\\.', '-'));
      return {
        name,
        ttl,
        type: 'SOA',
        data: { mname: checked(mname), rname, serial, refresh, retry, expire, minimum },
      };
    }
    default:
      return { name, ttl, type: packetType(record.type), data: Buffer.from(record.octets) } as unknown as Answer;
  }
}

/** RFC 6891 §6.1.2. */
function optOf({ edns, rcode }: Message): Answer {
  return {
    name: '.',
    type: 'OPT',
    udpPayloadSize: edns?.udpSize ?? 0,
    extendedRcode: rcode >> 4,
    ednsVersion: edns?.version ?? 0,
    flags: edns?.dnssecOk === true ? DNSSEC_OK : 0,
    flag_do: edns?.dnssecOk === true,
    options: [],
  };
}

/** A name that goes over the wire as it is. */
function checked(name: string): string {
  return isName(name) ? name : fail('EINVAL', `domain name ${name}`);
}

/** How the package names a type: those that it is not relied on for, by number. */
function packetType(type: string): 'A' {
  const number = typeNumber(type);
  if (number < 0) fail('EINVAL', `DNS type ${type}`);
  return (type.startsWith('TYPE') ? `UNKNOWN_${number}` : type) as 'A';
}

/** The package knows five classes by name, and no numbers: each question's own is put in behind its name and type. */
function writeClasses(octets: Buffer, questions: readonly Question[]): void {
  let at = HEADER;
  for (const question of questions) {
    while (octets[at] !== 0) at += 1 + (octets[at] as number);
    octets.writeUInt16BE(question.class, at + 3);
    at += 5;
  }
}
