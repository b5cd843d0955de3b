/** The codec over dns-packet: what is written is read again, what is malformed is nothing, and nothing ever throws. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DnsRecord, Message, Question } from '../../src/dns/codec.ts';
import { queryOf } from '../../src/dns/message.ts';
import { shapeOf } from '../../src/dns/shape.ts';
import type { OtherType } from '../../src/dns/types.ts';
import { codec } from '../../src/node/dns.ts';

const octetsOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));

const label = fc.stringMatching(/^[!-\-/-[\]-~]([ -\-/-[\]-~]{0,20}[!-\-/-[\]-~])?$/);
const name = fc.oneof(
  fc.constant('.'),
  fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.')),
);
const word = fc.nat({ max: 0xffff });
const long = fc.nat({ max: 0xffff_ffff });
const ttl = fc.nat({ max: 0x7fff_ffff });
const octets = (maxLength: number): fc.Arbitrary<Uint8Array<ArrayBuffer>> =>
  fc.uint8Array({ maxLength }).map((bytes) => Uint8Array.from(bytes));

/** An address in the form of RFC 5952. */
const address6 = fc
  .array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((group) => group.toString(16)).join(':'));

const record: fc.Arbitrary<DnsRecord> = fc.oneof(
  fc.record({ name, ttl, type: fc.constant<'A'>('A'), address: fc.ipV4() }),
  fc.record({ name, ttl, type: fc.constant<'AAAA'>('AAAA'), address: address6 }),
  fc.record({ name, ttl, type: fc.constantFrom<'CNAME' | 'NS' | 'PTR'>('CNAME', 'NS', 'PTR'), target: name }),
  fc.record({ name, ttl, type: fc.constant<'MX'>('MX'), preference: word, exchange: name }),
  fc.record({ name, ttl, type: fc.constant<'TXT'>('TXT'), strings: fc.array(octets(255), { maxLength: 4 }) }),
  fc.record({ name, ttl, type: fc.constant<'SRV'>('SRV'), priority: word, weight: word, port: word, target: name }),
  fc
    .record({ name, ttl, mname: name, serial: long, refresh: long, retry: long, expire: long, minimum: long })
    .chain((soa) =>
      fc
        .constantFrom('hostmaster.example', 'first\\.last.example')
        .map((rname) => ({ ...soa, type: 'SOA' as const, rname })),
    ),
  fc.record({
    name,
    ttl,
    type: fc.integer({ min: 256, max: 65_000 }).map<OtherType>((number) => `TYPE${number}`),
    octets: octets(40),
  }),
);

const question: fc.Arbitrary<Question> = fc.record({
  name,
  type: fc.constantFrom<Question['type']>('A', 'AAAA', 'SOA', 'ANY', 'AXFR', 'OPT', 'TYPE0', 'TYPE65', 'TYPE65535'),
  class: fc.constantFrom(1, 3, 255, 0, 7, 65_535),
});

const message: fc.Arbitrary<Message> = fc
  .record({
    id: word,
    response: fc.boolean(),
    opcode: fc.nat({ max: 15 }),
    authoritative: fc.boolean(),
    truncated: fc.boolean(),
    recursionDesired: fc.boolean(),
    recursionAvailable: fc.boolean(),
    authenticData: fc.boolean(),
    checkingDisabled: fc.boolean(),
    rcode: fc.nat({ max: 15 }),
    questions: fc.array(question, { maxLength: 3 }),
    answers: fc.array(record, { maxLength: 3 }),
    authorities: fc.array(record, { maxLength: 3 }),
    additionals: fc.array(record, { maxLength: 3 }),
    edns: fc.option(
      fc.record({
        udpSize: fc.integer({ min: 1, max: 0xffff }),
        version: fc.nat({ max: 255 }),
        dnssecOk: fc.boolean(),
      }),
    ),
    high: fc.nat({ max: 255 }),
  })
  .map(({ high, ...rest }) => ({ ...rest, rcode: rest.edns === null ? rest.rcode : (high << 4) | rest.rcode }));

describe('a message', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(message, (written) => {
        expect(codec.decode(codec.encode(written))).toEqual(written);
      }),
      { numRuns: 1000 },
    );
  });

  test('is nothing when its end is missing, wherever it is cut', () => {
    fc.assert(
      fc.property(message, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (written, part) => {
        const whole = codec.encode(written);
        const cut = codec.decode(whole.subarray(0, Math.floor(part * whole.length)));
        expect(cut).toBe(null);
      }),
      { numRuns: 1000 },
    );
  });

  test('that is any octets at all never throws, and what is read can be written', () => {
    const changed = fc
      .tuple(message, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 6 }))
      .map(([written, changes]) => {
        const made = Uint8Array.from(codec.encode(written));
        for (const [at, octet] of changes) made[at % made.length] = octet;
        return made;
      });
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), changed), (bytes) => {
        const got = codec.decode(bytes);
        if (got === null) return;
        read++;
        expect(codec.decode(codec.encode(got))).toEqual(got);
      }),
      { numRuns: 5000 },
    );
    expect(read).toBeGreaterThan(100);
  });

  test('with pointers (RFC 1035 §4.1.4) has its names written out', () => {
    const got = codec.decode(
      octetsOf(
        `1234 8180 0001 0002 0000 0000
        03 777777 07 6578616d706c65 00 0001 0001
        c00c 0005 0001 0000012c 0005 02 7634 c010
        c029 0001 0001 80000001 0004 0a010004`,
      ),
    );
    expect(got?.questions).toEqual([{ name: 'www.example', type: 'A', class: 1 }]);
    expect(got?.answers).toEqual([
      { name: 'www.example', ttl: 300, type: 'CNAME', target: 'v4.example' },
      { name: 'v4.example', ttl: 0, type: 'A', address: '10.1.0.4' }, // RFC 2181 §8
    ]);
  });

  test('may have records of other classes, which are left out', () => {
    const got = codec.decode(
      octetsOf(
        '0001 8000 0000 0003 0000 0000  00 0001 0003 00000001 0002 0102  00 0001 8001 00000001 0004 01020304  00 0001 0001 00000001 0004 01020304',
      ),
    );
    expect(got?.answers).toEqual([{ name: '.', ttl: 1, type: 'A', address: '1.2.3.4' }]);
  });
});

describe('what is no message', () => {
  const one = (rest: string): string => `0001 8000 0000 0001 0000 0000 ${rest}`;

  test.each<[string, string]>([
    ['nothing', ''],
    ['less than a header', '0001 8000 0000 0000 0000 00'],
    ['records that are not there', '0001 8000 0000 ffff ffff ffff'],
    ['a pointer to itself', one('c00c 0001 0001 00000001 0004 01020304')],
    ['a pointer forward', one('c01c 0001 0001 00000001 0004 01020304 00')],
    ['a pointer into the header', one('c000 0001 0001 00000001 0004 01020304')],
    ['two pointers in a circle', one('01 61 c00c 0001 0001 00000001 0004 01020304')],
    ['half a pointer', one('c0')],
    ['a label of a kind that nobody has', one('41 61 00 0001 0001 00000001 0004 01020304')],
    ['a label beyond the end', one('05 6162')],
    ['a label with a dot inside', one('03 612e62 00 0001 0001 00000001 0004 01020304')],
    ['a label with a backslash', one('03 615c62 00 0001 0001 00000001 0004 01020304')],
    ['a label that does not print', one('01 00 00 0001 0001 00000001 0004 01020304')],
    ['a label that is not ASCII', one('02 c3a9 00 0001 0001 00000001 0004 01020304')],
    [
      'a name of 256 octets',
      one(`${`3f${'61'.repeat(63)}`.repeat(3)} 3e${'61'.repeat(62)} 00 0001 0001 00000001 0004 01020304`),
    ],
    ['an A of five octets', one('00 0001 0001 00000001 0005 0102030405')],
    ['an A of three octets', one('00 0001 0001 00000001 0003 010203')],
    ['an AAAA of four octets', one('00 001c 0001 00000001 0004 01020304')],
    ['data beyond the end', one('00 0001 0001 00000001 0004 010203')],
    ['a CNAME shorter than its data', one('00 0005 0001 00000001 0003 0161 00 00'.replace('0003', '0004'))],
    ['a CNAME longer than its data', one('00 0005 0001 00000001 0002 0161 00')],
    ['an MX without a name', one('00 000f 0001 00000001 0002 000a')],
    ['an SRV whose name does not end', one('00 0021 0001 00000001 0008 0000 0000 0050 01 61')],
    ['an SOA without its numbers', one('00 0006 0001 00000001 0002 00 00')],
    ['a mailbox with a dot in front', one(`00 0006 0001 00000001 0019 00 02 2e61 00 ${'00'.repeat(20)}`)],
    ['a mailbox with a dot at its end', one(`00 0006 0001 00000001 0019 00 02 612e 00 ${'00'.repeat(20)}`)],
    ['a string beyond its data', one('00 0010 0001 00000001 0003 03 6162')],
    ['an option beyond its data', one('00 0029 04d0 00000000 0005 000a 0002 01')],
    ['an OPT that is not at the root', one('01 61 00 0029 04d0 00000000 0000')],
    ['two OPTs', '0001 8000 0000 0000 0000 0002 00 0029 04d0 00000000 0000 00 0029 04d0 00000000 0000'],
  ])('%s', (name_, hex) => {
    expect(codec.decode(octetsOf(hex))).toBe(null);
    // Its shape tells, before any codec has had a look; but how many OPTs there may be is a matter of what they mean.
    if (name_ !== 'two OPTs') expect(shapeOf(octetsOf(hex))).toBe(null);
  });

  test('the largest name is one', () => {
    const longest = [...Array.from({ length: 3 }, () => 'a'.repeat(63)), 'b'.repeat(61)].join('.');
    expect(codec.decode(codec.encode(queryOf(1, longest, 'A', null)))?.questions[0]?.name).toBe(longest);
    expect(() => codec.encode(queryOf(1, `${longest}b`, 'A', null))).toThrow(/EINVAL/);
  });

  test('127 pointers lead to a name, and no more (a name has no more labels)', () => {
    const chain = (count: number): Uint8Array => {
      const bytes = new Uint8Array(12 + 11 + 1 + 2 * count + 10);
      // A record of a type without a shape: its data are the root and pointers, each to what stands before it.
      const data = 1 + 2 * (count - 1);
      bytes.set(
        octetsOf(`0001 8000 0000 0002 0000 0000  00 ff00 0001 00000001 ${data.toString(16).padStart(4, '0')} 00`),
      );
      for (let i = 0; i < count; i++) {
        const at = 24 + 2 * i;
        const to = i === 0 ? 23 : at - 2;
        bytes.set([0xc0 | (to >> 8), to & 0xff], at);
      }
      bytes.set(octetsOf('ff00 0001 00000001 0000'), 24 + 2 * count);
      return bytes;
    };
    expect(shapeOf(chain(127))?.records.length).toBe(2);
    expect(codec.decode(chain(127))?.answers.length).toBe(2);
    expect(shapeOf(chain(128))).toBe(null);
  });
});

describe('what cannot be written', () => {
  test.each<[string, Partial<DnsRecord>]>([
    ['an empty label', { name: 'a..b' }],
    ['a label that is too long', { name: 'a'.repeat(64) }],
    ['letters of other scripts', { name: '例子' }],
    ['an address of the other family', { address: '::1' }],
    ['no address', { address: '1.2.3' }],
    ['no type', { type: 'NOTHING' as 'A' }],
  ])('%s', (_name, change) => {
    const wrong = { name: 'a', ttl: 1, type: 'A', address: '1.2.3.4', ...change } as DnsRecord;
    const whole = { ...queryOf(1, 'a', 'A', null), answers: [wrong] };
    expect(() => codec.encode(whole)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });
});
