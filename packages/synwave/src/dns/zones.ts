/** Zones: what a name server knows by itself, and what it says of a name (RFC 1034 §4.3.2). */
import { type Address, type Family } from '../base/address.ts';
import { parseAddress } from '../base/address-text.ts';
import { fail } from '../base/errors.ts';
import type { DnsRecord, NsRecord, SoaRecord } from './codec.ts';
import { checkName, type Entry, type Records, recordsOf, soaOf } from './entries.ts';
import { join, parentOf, reverseName } from './name.ts';
import { LINKS } from './read-answer.ts';
import { type QuestionType, Rcode } from './types.ts';

/** What the zones say. */
export interface Found {
  readonly rcode: number;
  /** Not for what lies in a zone that was handed on to others. */
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  /** Where a CNAME leads out of the zones; null: it does not. */
  readonly next: string | null;
}

/** The networks that a reverse zone is made for. */
const REVERSE_BITS: Readonly<Record<Family, number>> = { 4: 24, 6: 64 };

export class Zones {
  /** Every name that exists, also for having others below it alone. */
  private readonly nodes: Map<string, DnsRecord[]> = new Map<string, DnsRecord[]>();
  private readonly soas: Map<string, SoaRecord> = new Map<string, SoaRecord>();

  /**
   * `apexes` undefined: the last label of each name is a zone. `reverse`: PTR records for the addresses, the first name
   * of each, in zones for their /24 and /64. Throws SynwaveError EINVAL.
   */
  constructor(given: Records, apexes: readonly string[] | undefined, ttl: number, reverse: boolean) {
    const entries = new Map<string, Entry>();
    for (const [text, value] of Object.entries(given)) {
      const name = checkName(text, 'records');
      const records = recordsOf(name, value, ttl);
      if (this.nodes.has(name)) fail('EINVAL', `records of ${name}, twice`);
      this.nodes.set(name, records);
      entries.set(name, isEntry(value) ? value : {});
    }
    const zones = apexes?.map((apex) => checkName(apex, 'zones')) ?? [...this.nodes.keys()].map(lastLabel);
    if (reverse) this.fillReverse(zones, ttl);
    for (const zone of new Set(zones)) this.begin(zone, entries.get(zone)?.SOA, ttl);
    for (const [name, records] of [...this.nodes]) this.hang(name, records);
  }

  /** Null: the name is in none of the zones. `name` in lower case. */
  find(name: string, type: QuestionType): Found | null {
    const answers: DnsRecord[] = [];
    let at = name;
    for (;;) {
      const zone = this.zoneOf(at);
      if (zone === null) {
        return answers.length === 0 ? null : this.found(answers, [], Rcode.NoError, at);
      }
      const cut = this.cutAbove(at, zone);
      if (cut !== null) return { ...this.found(answers, cut), authoritative: answers.length > 0 };
      const here = this.match(at, zone);
      const soa = this.soas.get(zone) as SoaRecord;
      if (here === null) return this.found(answers, [soa], Rcode.NXDomain);
      const [first] = here;
      const wanted = here.filter((record) => record.type === (type === 'ANY' ? first?.type : type));
      if (wanted.length > 0) return this.found([...answers, ...wanted], []);
      const alias = here.find((record) => record.type === 'CNAME');
      if (alias === undefined) return this.found(answers, [soa]);
      answers.push(alias);
      // A circle is the resolver's to find out; it is told enough of it.
      if (answers.length > LINKS) return this.found(answers, []);
      at = alias.target;
    }
  }

  /** RFC 1034 §4.3.2, step 6: addresses of those that the records name. */
  addressesFor(records: readonly DnsRecord[]): DnsRecord[] {
    const targets = new Set<string>();
    for (const record of records) {
      if (record.type === 'MX') targets.add(record.exchange);
      else if (record.type === 'NS' || record.type === 'SRV') targets.add(record.target);
    }
    return [...targets].flatMap((target) => (this.nodes.get(target) ?? []).filter(isAddress));
  }

  private found(
    answers: readonly DnsRecord[],
    authorities: readonly DnsRecord[],
    rcode: number = Rcode.NoError,
    next: string | null = null,
  ): Found {
    return { rcode, authoritative: true, answers, authorities, next };
  }

  /** The records of a name, or of the wildcard that stands for it (RFC 4592 §3.3.1); null: no such name. */
  private match(name: string, zone: string): readonly DnsRecord[] | null {
    const exact = this.nodes.get(name);
    if (exact !== undefined) return exact;
    let encloser = name;
    while (encloser !== zone && !this.nodes.has(encloser)) encloser = parentOf(encloser) ?? zone;
    const wildcard = this.nodes.get(join('*', encloser));
    return wildcard?.map((record) => ({ ...record, name })) ?? null;
  }

  /** RFC 1034 §4.2.1: the NS records at or above a name that hand its part of the zone on to others; null: it is ours. */
  private cutAbove(name: string, zone: string): NsRecord[] | null {
    let cut: NsRecord[] | null = null;
    for (let at = name; at !== zone; at = parentOf(at) ?? zone) {
      const servers = (this.nodes.get(at) ?? []).filter((record): record is NsRecord => record.type === 'NS');
      if (servers.length > 0) cut = servers; // the highest counts
    }
    return cut;
  }

  /** The zone that is nearest above a name. */
  private zoneOf(name: string): string | null {
    for (let at: string | null = name; at !== null; at = parentOf(at)) if (this.soas.has(at)) return at;
    return null;
  }

  /** A zone begins, with its SOA. */
  private begin(zone: string, given: Entry['SOA'], ttl: number): void {
    const apex = this.nodes.get(zone) ?? [];
    const server = apex.find((record): record is NsRecord => record.type === 'NS');
    const soa = soaOf(zone, given, server?.target ?? join('ns', zone), ttl);
    this.soas.set(zone, soa);
    this.nodes.set(zone, [...apex, soa]);
  }

  /** Names above a name, up to its zone, exist as well (RFC 4592 §2.2.2). */
  private hang(name: string, records: readonly DnsRecord[]): void {
    const zone = this.zoneOf(name);
    if (zone === null) fail('EINVAL', `${name} is in none of the zones`);
    // RFC 1034 §3.6.2: where a CNAME is, nothing else is.
    if (records.length > 1 && records.some(({ type }) => type === 'CNAME')) fail('EINVAL', `CNAME of ${name} and more`);
    for (let at = name; at !== zone; at = parentOf(at) ?? zone) if (!this.nodes.has(at)) this.nodes.set(at, []);
  }

  private fillReverse(zones: string[], ttl: number): void {
    const named = [...this.nodes].filter(([name]) => !name.startsWith('*'));
    for (const record of named.flatMap(([, records]) => records)) {
      if (!isAddress(record)) continue;
      const address = parseAddress(record.address) as Address;
      const name = reverseName(address);
      zones.push(reverseName(address, REVERSE_BITS[address.family]));
      if (!this.nodes.has(name)) this.nodes.set(name, [{ name, ttl, type: 'PTR', target: record.name }]);
    }
  }
}

function isAddress(record: DnsRecord): record is Extract<DnsRecord, { readonly type: 'A' | 'AAAA' }> {
  return record.type === 'A' || record.type === 'AAAA';
}

function isEntry(value: Records[string]): value is Entry {
  return typeof value === 'object' && !Array.isArray(value) && !('stack' in value);
}

function lastLabel(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1) || '.';
}
