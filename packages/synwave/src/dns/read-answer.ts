/** What a message says about a name and a type: the records, where a CNAME leads, or that there are none (RFC 2308 §2). */
import type { CnameRecord, DnsRecord, Message, SoaRecord } from './codec.ts';
import { sameName } from './name.ts';
import { type QuestionType, Rcode } from './types.ts';

/** CNAMEs that are followed from one name (RFC 1034 §5.2.2: a loop must be found out). */
export const LINKS = 8;

export interface Reading {
  /** CNAMEs on the way, then the records that were asked for. */
  readonly records: readonly DnsRecord[];
  /** The name that the last CNAME leads to, where the message does not say what is there; null: it says all. */
  readonly next: string | null;
  /** Whether that last name does not exist at all. */
  readonly missing: boolean;
  /** RFC 2308 §3: the zone's, with the news that something is not there. */
  readonly soa: SoaRecord | null;
  /** For how many seconds all of this may be kept; 0: not at all. */
  readonly keep: number;
}

/** Null: the CNAMEs are more than are followed. */
export function readAnswer(message: Message, name: string, type: QuestionType): Reading | null {
  const { answers, authorities, rcode } = message;
  const chain: DnsRecord[] = [];
  let at = name;
  for (;;) {
    // Each in the letters that are asked for, whatever the question had on its way.
    const owner = at;
    const here = answers.filter(({ name: own }) => sameName(own, owner)).map((record) => ({ ...record, name: owner }));
    const found = here.filter((record) => type === 'ANY' || record.type === type);
    if (found.length > 0) {
      const records = [...chain, ...found];
      return { records, next: null, missing: false, soa: null, keep: leastTtl(records) };
    }
    const alias = here.find((record): record is CnameRecord => record.type === 'CNAME');
    if (alias === undefined) break;
    if (chain.length === LINKS) return null;
    chain.push(alias);
    at = alias.target.toLowerCase();
  }
  const missing = rcode === Rcode.NXDomain;
  const soa = authorities.find((record): record is SoaRecord => record.type === 'SOA') ?? null;
  const next = chain.length > 0 && !missing && soa === null ? at : null;
  // RFC 2308 §5: as long as the SOA says; without one, not at all.
  const negative = soa === null ? 0 : Math.min(soa.ttl, soa.minimum);
  return { records: chain, next, missing, soa, keep: Math.min(leastTtl(chain), next === null ? negative : Infinity) };
}

/** RFC 2181 §5.2: what is kept together goes together. */
function leastTtl(records: readonly DnsRecord[]): number {
  return records.reduce((least, { ttl }) => Math.min(least, ttl), Infinity);
}
