/** What a name server says of a name: zones, wildcards, aliases, cuts, and the way back from addresses. */
import { describe, expect, test } from 'vitest';
import type { DnsRecord } from '../../src/dns/codec.ts';
import type { Records } from '../../src/dns/entries.ts';
import type { QuestionType } from '../../src/dns/types.ts';
import { Zones } from '../../src/dns/zones.ts';
import { two } from '../sim/helpers.ts';

/** A record in a line. */
function line(record: DnsRecord): string {
  const { name, ttl: _ttl, type, ...data } = record;
  return `${name} ${type} ${Object.values(data).join(' ')}`;
}

function ask(zones: Zones, name: string, type: QuestionType): unknown {
  const found = zones.find(name, type);
  if (found === null) return 'outside';
  const said = found.answers.map(line);
  if (found.next !== null) said.push(`then ${found.next}`);
  const [authority] = found.authorities;
  if (authority !== undefined) said.push(authority.type === 'SOA' ? `denied by ${authority.name}` : line(authority));
  return [found.rcode, found.authoritative, ...said];
}

/** RFC 1034 §4.3.3's example, and what else a zone may have. */
const RECORDS: Records = {
  'x.com': { MX: { preference: 10, exchange: 'a.x.com' }, NS: ['ns1.x.com', 'ns2.x.com'], SOA: { serial: 7 } },
  '*.x.com': { MX: { preference: 10, exchange: 'a.x.com' } },
  'a.x.com': { A: '1.2.3.4', MX: { preference: 10, exchange: 'a.x.com' } },
  '*.a.x.com': { MX: { preference: 10, exchange: 'a.x.com' } },
  'deep.down.b.x.com': '1.2.3.5',
  'alias.x.com': { CNAME: 'A.X.com.' },
  'twice.x.com': { CNAME: 'alias.x.com' },
  'away.x.com': { CNAME: 'www.elsewhere' },
  'nowhere.b.x.com': { CNAME: 'missing.b.x.com' },
  'one.x.com': { CNAME: 'other.x.com' },
  'other.x.com': { CNAME: 'one.x.com' },
  'sub.x.com': { NS: 'ns.sub.x.com' },
  'ns.sub.x.com': '1.2.3.6',
  'ns1.x.com': '1.2.3.7',
};

const zones = new Zones(RECORDS, ['x.com'], 60, false);

describe('RFC 1034 §4.3.2', () => {
  test.each<[string, string, QuestionType, unknown]>([
    ['a record', 'a.x.com', 'A', [0, true, 'a.x.com A 1.2.3.4']],
    ['none of that type', 'a.x.com', 'TXT', [0, true, 'denied by x.com']],
    ['the apex', 'x.com', 'MX', [0, true, 'x.com MX 10 a.x.com']],
    ['the SOA', 'x.com', 'SOA', [0, true, 'x.com SOA ns1.x.com hostmaster.x.com 7 7200 900 1209600 60']],
    ['any type: one is enough (RFC 8482 §4.1)', 'a.x.com', 'ANY', [0, true, 'a.x.com A 1.2.3.4']],
    ['a wildcard', 'xx.x.com', 'MX', [0, true, 'xx.x.com MX 10 a.x.com']],
    ['a wildcard, more than one label', 'y.xx.x.com', 'MX', [0, true, 'y.xx.x.com MX 10 a.x.com']],
    ['a wildcard has not that type', 'xx.x.com', 'A', [0, true, 'denied by x.com']],
    ['a wildcard asked for by its name', '*.x.com', 'MX', [0, true, '*.x.com MX 10 a.x.com']],
    ['below a name that exists, its own wildcard', 'y.a.x.com', 'MX', [0, true, 'y.a.x.com MX 10 a.x.com']],
    ['below a name that exists without one', 'y.b.x.com', 'MX', [3, true, 'denied by x.com']],
    ['a name that exists for those below it (RFC 4592 §2.2.2)', 'down.b.x.com', 'A', [0, true, 'denied by x.com']],
    ['an alias, whatever its case', 'alias.x.com', 'A', [0, true, 'alias.x.com CNAME a.x.com', 'a.x.com A 1.2.3.4']],
    ['an alias itself', 'alias.x.com', 'CNAME', [0, true, 'alias.x.com CNAME a.x.com']],
    [
      'an alias of an alias, without the type',
      'twice.x.com',
      'AAAA',
      [0, true, 'twice.x.com CNAME alias.x.com', 'alias.x.com CNAME a.x.com', 'denied by x.com'],
    ],
    ['an alias that leads out', 'away.x.com', 'A', [0, true, 'away.x.com CNAME www.elsewhere', 'then www.elsewhere']],
    [
      'an alias that leads nowhere (RFC 6604 §3)',
      'nowhere.b.x.com',
      'A',
      [3, true, 'nowhere.b.x.com CNAME missing.b.x.com', 'denied by x.com'],
    ],
    ['a part that was handed on', 'www.sub.x.com', 'A', [0, false, 'sub.x.com NS ns.sub.x.com']],
    ['where it was handed on', 'sub.x.com', 'NS', [0, false, 'sub.x.com NS ns.sub.x.com']],
    ['another zone', 'x.org', 'A', 'outside'],
    ['above the zone', 'com', 'A', 'outside'],
    ['the root', '.', 'NS', 'outside'],
  ])('%s', (_name, name, type, answer) => {
    expect(ask(zones, name, type)).toEqual(answer);
  });

  test('a circle of aliases ends', () => {
    expect((ask(zones, 'one.x.com', 'A') as unknown[]).length).toBe(2 + 9);
  });

  test('addresses of those that records name go along', () => {
    const servers = zones.find('www.sub.x.com', 'A')?.authorities ?? [];
    expect(zones.addressesFor(servers).map(line)).toEqual(['ns.sub.x.com A 1.2.3.6']);
    const mail = zones.find('x.com', 'MX')?.answers ?? [];
    expect(zones.addressesFor(mail).map(line)).toEqual(['a.x.com A 1.2.3.4']);
  });
});

describe('what is filled in', () => {
  test('zones: the last label of each name', () => {
    const made = new Zones({ server: '10.0.0.1', 'www.example': '10.0.0.2' }, undefined, 300, false);
    expect(ask(made, 'server', 'A')).toEqual([0, true, 'server A 10.0.0.1']);
    expect(ask(made, 'other.example', 'A')).toEqual([3, true, 'denied by example']);
    expect(ask(made, 'other', 'A')).toBe('outside');
  });

  test('the root may be a zone', () => {
    const made = new Zones({ server: '10.0.0.1' }, ['.'], 300, false);
    expect(ask(made, 'anything', 'A')).toEqual([3, true, 'denied by .']);
    expect(ask(made, '.', 'SOA')).toEqual([0, true, '. SOA ns hostmaster 1 7200 900 1209600 300']);
  });

  test('the way back from addresses, to the first name, in zones as small as a network', () => {
    const made = new Zones(
      { 'a.example': ['10.0.0.1', 'fd00::1'], 'b.example': '10.0.0.1', '*.c.example': '10.0.9.1' },
      undefined,
      300,
      true,
    );
    expect(ask(made, '1.0.0.10.in-addr.arpa', 'PTR')).toEqual([0, true, '1.0.0.10.in-addr.arpa PTR a.example']);
    const nibbles = `1.${'0.'.repeat(29)}d.f.ip6.arpa`;
    expect(ask(made, nibbles, 'PTR')).toEqual([0, true, `${nibbles} PTR a.example`]);
    expect(ask(made, '2.0.0.10.in-addr.arpa', 'PTR')).toEqual([3, true, 'denied by 0.0.10.in-addr.arpa']);
    expect(ask(made, `2${nibbles.slice(1)}`, 'PTR')).toEqual([3, true, `denied by ${'0.'.repeat(14)}d.f.ip6.arpa`]);
    expect(ask(made, '1.9.0.10.in-addr.arpa', 'PTR')).toBe('outside'); // a wildcard has no address of its own
  });

  test('the way back as it is given', () => {
    const made = new Zones(
      { 'a.example': '10.0.0.1', '1.0.0.10.in-addr.arpa': { PTR: 'given.example' } },
      ['example'],
      300,
      true,
    );
    expect(ask(made, '1.0.0.10.in-addr.arpa', 'PTR')).toEqual([0, true, '1.0.0.10.in-addr.arpa PTR given.example']);
  });

  test("a host stands for its addresses, but for loopback's", () => {
    const { client } = two();
    const made = new Zones({ 'client.example': client }, undefined, 300, true);
    expect(ask(made, 'client.example', 'A')).toEqual([0, true, 'client.example A 10.0.0.1']);
    expect(ask(made, 'client.example', 'AAAA')).toEqual([0, true, 'client.example AAAA fd00::1']);
  });

  test('long texts are cut into strings of 255 octets', () => {
    const made = new Zones({ 'a.b': { TXT: ['é'.repeat(200), ['one', 'two'], ''] } }, undefined, 300, false);
    const lengths = made
      .find('a.b', 'TXT')
      ?.answers.map((record) => record.type === 'TXT' && record.strings.map(({ length }) => length));
    expect(lengths).toEqual([[255, 145], [3, 3], [0]]);
  });

  test('seconds to live: the server’s, or those of the name', () => {
    const made = new Zones({ 'a.b': { A: '1.1.1.1', ttl: 5 }, 'c.b': '1.1.1.2' }, undefined, 300, false);
    expect(['a.b', 'c.b'].map((name) => made.find(name, 'A')?.answers[0]?.ttl)).toEqual([5, 300]);
  });
});

describe('what makes no sense is refused', () => {
  test.each<[string, Records, string[] | undefined]>([
    ['no name', { 'a..b': '1.1.1.1' }, undefined],
    ['no address', { a: '1.1.1' }, undefined],
    ['an address of the other family', { a: { A: '::1' } }, undefined],
    ['no name to be another', { a: { CNAME: 'b..c' } }, undefined],
    ['an alias with something beside it (RFC 1034 §3.6.2)', { a: { CNAME: 'b', A: '1.1.1.1' } }, ['.']],
    ['one name twice', { a: '1.1.1.1', 'A.': '1.1.1.2' }, undefined],
    ['a name in no zone', { 'a.b': '1.1.1.1' }, ['c']],
    ['a preference', { a: { MX: { preference: 70_000, exchange: 'a' } } }, undefined],
    ['a port', { a: { SRV: { port: -1, target: 'a' } } }, undefined],
    ['a time to live', { a: { A: '1.1.1.1', ttl: 2 ** 31 } }, undefined],
    ['a serial number', { a: { SOA: { serial: -1 } } }, undefined],
    ['a mailbox', { a: { SOA: { rname: 'a..b' } } }, undefined],
    ['a mailbox with a dot in front', { a: { SOA: { rname: String.raw`\.m.a` } } }, undefined],
    ['a mailbox with a dot at its end', { a: { SOA: { rname: String.raw`m\..a` } } }, undefined],
    ['a string of more than 255 octets', { a: { TXT: [['x'.repeat(256)]] } }, undefined],
  ])('%s', (_name, records, apexes) => {
    expect(() => new Zones(records, apexes, 300, true)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });
});
