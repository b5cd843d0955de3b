/** What a name server is told of a name, as people write it, made into records. */
import { formatAddress, isLinkLocal, isLoopback, parseAddress } from '../base/address-text.ts';
import { fail } from '../base/errors.ts';
import { Host } from '../socket/host.ts';
import type { DnsRecord, SoaRecord } from './codec.ts';
import { parseName } from './name.ts';

export type Many<T> = T | readonly T[];

/** The records of one name, by type. */
export interface Entry {
  readonly A?: Many<string>;
  readonly AAAA?: Many<string>;
  readonly CNAME?: string;
  readonly NS?: Many<string>;
  readonly PTR?: Many<string>;
  readonly MX?: Many<{ readonly preference: number; readonly exchange: string }>;
  /** Each text is one record, cut into strings of 255 octets; a list within the list: those very strings. */
  readonly TXT?: Many<string | readonly string[]>;
  readonly SRV?: Many<{
    readonly priority?: number;
    readonly weight?: number;
    readonly port: number;
    readonly target: string;
  }>;
  /** What is left out is filled in. */
  readonly SOA?: Partial<Omit<SoaRecord, 'name' | 'type' | 'ttl'>>;
  /** Seconds, in place of the server's. */
  readonly ttl?: number;
}

/** By name: addresses of either family; a host, for the addresses that it has now; or records by type. */
export type Records = Readonly<Record<string, Many<string> | Host | Entry>>;

/** Seconds between looks of secondary servers, and the like: nobody here has any (RFC 1912 §2.2). */
const SOA_TIMES = { serial: 1, refresh: 7200, retry: 900, expire: 1_209_600 } as const;

const STRING_MOST = 255;
const TTL_MOST = 0x7fff_ffff;

/** Throws SynwaveError EINVAL for what makes no record. */
export function recordsOf(name: string, given: Records[string], ttl: number): DnsRecord[] {
  if (given instanceof Host) {
    // Addresses that mean something on the host alone, or on one link alone, are no use to others.
    const own = given.stack.internet.addresses().filter((address) => !isLoopback(address) && !isLinkLocal(address));
    return own.map((address) => addressRecord(name, ttl, formatAddress(address)));
  }
  if (typeof given === 'string' || isList(given)) {
    return listOf(given).map((address) => addressRecord(name, ttl, address));
  }
  return fromEntry(name, given, checkNumber(given.ttl ?? ttl, TTL_MOST, `TTL of ${name}`));
}

/** The SOA of a zone: what an entry says of it, and usual values. `minimum`: also for how long denials may be kept. */
export function soaOf(zone: string, given: Entry['SOA'], primary: string, ttl: number): SoaRecord {
  const { mname = primary, rname = zone === '.' ? 'hostmaster' : `hostmaster.${zone}`, ...numbers } = given ?? {};
  const filled = { ...SOA_TIMES, minimum: ttl, ...numbers };
  for (const value of Object.values(filled)) checkNumber(value, 0xffff_ffff, `SOA of ${zone}`);
  return { name: zone, type: 'SOA', ttl, mname: checkName(mname, zone), rname: checkMailbox(rname, zone), ...filled };
}

function fromEntry(name: string, entry: Entry, ttl: number): DnsRecord[] {
  const { A = [], AAAA = [], CNAME = [], NS = [], PTR = [], MX = [], TXT = [], SRV = [] } = entry;
  const records: DnsRecord[] = [];
  for (const [type, addresses] of [['A', A] as const, ['AAAA', AAAA] as const]) {
    for (const address of listOf(addresses)) {
      const record = addressRecord(name, ttl, address);
      if (record.type !== type) fail('EINVAL', `${type} ${address} of ${name}`);
      records.push(record);
    }
  }
  const named = [['CNAME', CNAME] as const, ['NS', NS] as const, ['PTR', PTR] as const];
  for (const [type, targets] of named) {
    for (const target of listOf<string>(targets)) records.push({ name, ttl, type, target: checkName(target, name) });
  }
  for (const { preference, exchange } of listOf(MX)) {
    checkNumber(preference, 0xffff, `MX of ${name}`);
    records.push({ name, ttl, type: 'MX', preference, exchange: checkName(exchange, name) });
  }
  for (const text of listOf<string | readonly string[]>(TXT)) {
    records.push({ name, ttl, type: 'TXT', strings: stringsOf(text, name) });
  }
  for (const { priority = 0, weight = 0, port, target } of listOf(SRV)) {
    for (const value of [priority, weight, port]) checkNumber(value, 0xffff, `SRV of ${name}`);
    records.push({ name, ttl, type: 'SRV', priority, weight, port, target: checkName(target, name) });
  }
  return records;
}

function addressRecord(name: string, ttl: number, text: string): DnsRecord {
  const address = parseAddress(text) ?? fail('EINVAL', `address ${text} of ${name}`);
  return { name, ttl, type: address.family === 4 ? 'A' : 'AAAA', address: formatAddress(address) };
}

function stringsOf(text: string | readonly string[], name: string): Uint8Array[] {
  const encoder = new TextEncoder();
  if (typeof text !== 'string') {
    const strings = text.map((part) => encoder.encode(part));
    if (strings.some(({ length }) => length > STRING_MOST)) fail('EINVAL', `TXT of ${name}`);
    return strings;
  }
  const octets = encoder.encode(text);
  const count = Math.max(1, Math.ceil(octets.length / STRING_MOST));
  return Array.from({ length: count }, (_, i) => octets.slice(i * STRING_MOST, (i + 1) * STRING_MOST));
}

/** The name as comparisons take it. */
export function checkName(text: string, of: string): string {
  return parseName(text) ?? fail('EINVAL', `name ${text} in ${of}`);
}

/** A name whose first label may have dots in it, each after a backslash; not in front nor at the end of it (`shape.ts`). */
function checkMailbox(text: string, of: string): string {
  if (/^\\\.|^(?:[^.]|\\\.)*\\\.(?:\.|$)/.test(text)) fail('EINVAL', `name ${text} in ${of}`);
  checkName(text.replaceAll('\\.', '-'), of);
  return text;
}

function checkNumber(value: number, most: number, what: string): number {
  return Number.isInteger(value) && value >= 0 && value <= most ? value : fail('EINVAL', `${what}: ${value}`);
}

function listOf<T>(given: Many<T>): readonly T[] {
  return isList(given) ? given : [given];
}

function isList<T>(given: Many<T> | object): given is readonly T[] {
  return Array.isArray(given);
}
