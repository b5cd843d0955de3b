/** Resolver: a stub resolver (RFC 1123 §6.1.3.1): asks servers that recurse, believes them with care, keeps what they said. */
import type { Family } from '../base/address.ts';
import { formatAddress, parseAddress } from '../base/address-text.ts';
import { fail } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { type Micros, SECOND } from '../base/time.ts';
import type { Host } from '../socket/host.ts';
import { Cache } from './cache.ts';
import { Chance } from './chance.ts';
import type { DnsCodec, DnsRecord, RecordOf, SoaRecord } from './codec.ts';
import type { Desk, ResolverCounters, ServerAddress } from './desk.ts';
import { DnsError, type DnsErrorCode } from './errors.ts';
import { UDP_SIZE } from './message.ts';
import { join, parseName, reverseName } from './name.ts';
import { inOrder } from './order.ts';
import { LINKS, type Reading, readAnswer } from './read-answer.ts';
import type { QuestionType } from './types.ts';
import { Upstream } from './upstream.ts';

export interface ResolverOptions {
  /**
   * Addresses, each with port 53 unless it says another, asked in this order. A function is called for each question, for
   * servers that one hears of: `() => host.stack.internet.nameServers()` are those that routers advertise (RFC 8106).
   */
  readonly servers: Servers | (() => Servers);
  /** Domains in which `addresses` looks for a name that is not written out. */
  readonly search?: readonly string[];
  /** A name with as many dots as this is tried as it is before the domains of `search`, else after them; 1 by default. */
  readonly ndots?: number;
  /** How long each server has to answer, each time that it is asked; 5 s by default, as on Linux. */
  readonly timeout?: Micros;
  /** How often all servers are asked; 2 by default, as on Linux. */
  readonly attempts?: number;
  /** Letters of questions in either case, by chance, so that answers are harder to forge; not by default. */
  readonly mixCase?: boolean;
  /** The largest UDP answer that is asked for, in octets: RFC 6891; 1232 by default, 0: no EDNS. */
  readonly udpSize?: number;
  /** How long a TCP connection is kept that nobody uses; 5 s by default (RFC 7766 §6.2.3). */
  readonly tcpIdle?: Micros;
  /** Answers that are kept at most; 1000 by default, 0: none. */
  readonly cache?: number;
  /** Where message numbers and source ports come from; by default it follows from the host's own. */
  readonly random?: Random;
}

type Servers = readonly (string | ServerAddress)[];

/** All that was found out about a name and a type. */
export interface Answer {
  /** CNAMEs on the way, then the records; with the seconds that they have left. */
  readonly records: readonly DnsRecord[];
  /** No records, and no such name either. */
  readonly missing: boolean;
  /** With no records: who says so. */
  readonly soa: SoaRecord | null;
}

/** A reading, and since when it is known. */
interface Kept {
  readonly reading: Reading;
  readonly since: Micros;
}

const PORT = 53;
/** Seconds. RFC 2181 §8: a day is enough, whatever a record says; RFC 2308 §5: three hours for what is not there. */
const LONGEST = 86_400;
const LONGEST_NEGATIVE = 10_800;

export class Resolver {
  readonly host: Host;
  private readonly desk: Desk;
  private readonly upstream: Upstream;
  private readonly search: readonly string[];
  private readonly ndots: number;
  private readonly cache: Cache<Kept>;
  /** Questions under way: who asks the same waits for the same answer. */
  private readonly pending: Map<string, Promise<Kept | DnsErrorCode>> = new Map<string, Promise<Kept | DnsErrorCode>>();
  private closed = false;

  /** Throws SynwaveError EINVAL for options that make no sense. */
  constructor(host: Host, codec: DnsCodec, options: ResolverOptions) {
    const { search = [], ndots = 1, timeout = 5 * SECOND, attempts = 2, cache = 1000 } = options;
    const { mixCase = false, udpSize = UDP_SIZE, tcpIdle = 5 * SECOND, random = host.chance('resolver') } = options;
    for (const [what, value] of Object.entries({ timeout, attempts })) {
      if (!(value > 0)) fail('EINVAL', `resolver with ${what} ${value}`);
    }
    this.host = host;
    this.desk = { host, codec, chance: new Chance(random), counters: noCounts(), open: new Set() };
    const { servers: given } = options;
    const fixed = typeof given === 'function' ? null : given.map(serverOf);
    if (fixed?.length === 0) fail('EINVAL', 'resolver with no servers');
    const servers = typeof given === 'function' ? (): ServerAddress[] => given().map(serverOf) : () => fixed ?? [];
    this.upstream = new Upstream(this.desk, servers, { timeout, attempts, mixCase, udpSize, tcpIdle });
    this.search = search.map((domain) => parseName(domain) ?? fail('EINVAL', `search domain ${domain}`));
    this.ndots = ndots;
    this.cache = new Cache(cache);
  }

  /** For `Host.resolve`: `addresses`, bound to this. */
  readonly lookup = (name: string, family: Family | 0): Promise<readonly string[]> => this.addresses(name, family);

  /**
   * The records of that type, as the name stands: no domain of `search` is tried. CNAMEs are followed. Rejects with
   * DnsError, also when there are none: ENOTFOUND, no such name; ENODATA, none of the type.
   */
  async resolve<T extends DnsRecord['type']>(name: string, type: T): Promise<readonly RecordOf<T>[]> {
    const answer = await this.find(name, type);
    if (typeof answer === 'string') throw new DnsError(answer, type, name);
    const records = answer.records.filter((record): record is RecordOf<T> => record.type === type);
    if (records.length === 0) throw new DnsError(answer.missing ? 'ENOTFOUND' : 'ENODATA', type, name);
    return records;
  }

  /**
   * The addresses of a host, in the order in which to try them: IPv6 first, what no way leads to last. `family`: of one
   * family only. Both are asked for at once, and one is enough. An address is its own answer. Rejects with DnsError.
   */
  async addresses(name: string, family: Family | 0 = 0): Promise<string[]> {
    if (parseAddress(name) !== null) return [name];
    // RFC 6761 §6.3: `localhost` is not asked for.
    if (/(^|\.)localhost\.?$/i.test(name)) return ['::1', '127.0.0.1'].filter((each) => isOf(each, family));
    let failure: DnsErrorCode = 'ENOTFOUND';
    for (const candidate of this.candidates(name)) {
      const found = await this.addressesOf(candidate, family);
      if (typeof found !== 'string') return inOrder(this.host, this.desk.chance, found);
      if (found !== 'ENOTFOUND') failure = found;
      if (found !== 'ENOTFOUND' && found !== 'ENODATA') break;
    }
    throw new DnsError(failure, family === 6 ? 'AAAA' : 'A', name);
  }

  /** The names of an address (PTR). Rejects with DnsError, or SynwaveError EINVAL for what is no address. */
  async reverse(address: string): Promise<string[]> {
    const parsed = parseAddress(address) ?? fail('EINVAL', `reverse look-up of ${address}`);
    return (await this.resolve(reverseName(parsed), 'PTR')).map(({ target }) => target);
  }

  /** All that the servers, or the cache, say about a name and a type; or why they say nothing. */
  async find(name: string, type: QuestionType): Promise<Answer | DnsErrorCode> {
    const records: DnsRecord[] = [];
    let at = parseName(name);
    while (at !== null) {
      const kept = this.closed ? 'ECANCELLED' : await this.step(at, type);
      if (typeof kept === 'string') return kept;
      const { reading, since } = kept;
      const age = Math.floor((this.host.now() - since) / SECOND);
      records.push(...reading.records.map((record) => aged(record, age)));
      const { missing, soa, next } = reading;
      if (next === null) return { records, missing, soa: soa === null ? null : aged(soa, age) };
      if (records.length > LINKS) return 'EBADRESP';
      at = parseName(next);
    }
    return records.length === 0 ? 'EBADNAME' : 'EBADRESP';
  }

  get counters(): Readonly<ResolverCounters> {
    return { ...this.desk.counters };
  }

  /** What is under way rejects with ECANCELLED, and so does what is asked from now on; nothing is kept. */
  close(): void {
    this.closed = true;
    this.upstream.close();
    this.cache.clear();
  }

  /** One question: its answer from the cache, from one that is under way, or from a server. */
  private step(name: string, type: QuestionType): Kept | Promise<Kept | DnsErrorCode> {
    const { desk, cache, pending } = this;
    const key = `${type} ${name}`;
    const known = cache.get(key, this.host.now()) ?? pending.get(key);
    if (known !== undefined) {
      desk.counters.kept++;
      return known;
    }
    const asked = this.ask(key, name, type).finally(() => pending.delete(key));
    pending.set(key, asked);
    return asked;
  }

  private async ask(key: string, name: string, type: QuestionType): Promise<Kept | DnsErrorCode> {
    const message = await this.upstream.exchange(name, type);
    if (typeof message === 'string') return message;
    const reading = readAnswer(message, name, type);
    if (reading === null) return 'EBADRESP';
    const since = this.host.now();
    const kept = { reading, since };
    const span = Math.min(reading.keep, reading.soa === null ? LONGEST : LONGEST_NEGATIVE);
    if (span > 0) this.cache.put(key, kept, since + span * SECOND);
    return kept;
  }

  private async addressesOf(name: string, family: Family | 0): Promise<string[] | DnsErrorCode> {
    const types = family === 0 ? (['AAAA', 'A'] as const) : family === 6 ? (['AAAA'] as const) : (['A'] as const);
    const answers = await Promise.all(types.map((type) => this.find(name, type)));
    const found: string[] = [];
    const failures: DnsErrorCode[] = [];
    for (const answer of answers) {
      if (typeof answer === 'string') failures.push(answer);
      else if (!answer.missing) failures.push('ENODATA');
      if (typeof answer === 'string') continue;
      for (const record of answer.records) {
        if (record.type === 'A' || record.type === 'AAAA') found.push(record.address);
      }
    }
    if (found.length > 0) return found;
    return failures.find((code) => code !== 'ENODATA') ?? failures[0] ?? 'ENOTFOUND';
  }

  /** A name with a dot at its end is written out; any other may be meant within a domain of `search`. */
  private candidates(name: string): string[] {
    if (name.endsWith('.')) return [name];
    const within = this.search.map((domain) => join(name, domain));
    const dots = name.split('.').length - 1;
    return dots >= this.ndots ? [name, ...within] : [...within, name];
  }
}

function serverOf(given: string | ServerAddress): ServerAddress {
  const { address, port } = typeof given === 'string' ? { address: given, port: PORT } : given;
  const parsed = parseAddress(address) ?? fail('EINVAL', `name server ${address}`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) fail('EINVAL', `name server port ${port}`);
  return { address: formatAddress(parsed), port };
}

/** A record that was kept for some seconds has so many less to live (RFC 1035 §7.3, RFC 2308 §5). */
function aged<T extends DnsRecord>(record: T, seconds: number): T {
  return seconds === 0 ? record : { ...record, ttl: Math.max(record.ttl - seconds, 0) };
}

function isOf(address: string, family: Family | 0): boolean {
  return family === 0 || address.includes(':') === (family === 6);
}

function noCounts(): ResolverCounters {
  return { sent: 0, sentOverTcp: 0, connections: 0, ignored: 0, timeouts: 0, kept: 0 };
}
