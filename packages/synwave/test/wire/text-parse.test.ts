import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { Drop } from '../../src/wire/drop.ts';
import { Packet, pseudoSum, readIp } from '../../src/wire/ip.ts';
import { Segment } from '../../src/wire/segment.ts';
import { readTcp } from '../../src/wire/tcp.ts';
import { PacketPrinter } from '../../src/wire/text.ts';
import { parseText, TextError } from '../../src/wire/text-parse.ts';
import * as arbitrary from './arbitrary.ts';

const print = (bytes: Uint8Array): string => new PacketPrinter({ absolute: true }).line(Frame.from(bytes));

const HEAD = 'IP 10.0.0.1.50000 > 10.0.0.2.80: ';

describe('a line becomes a packet', () => {
  test('that the codecs read, checksums and all', () => {
    const line = `${HEAD}Flags [P.U], seq 4294967295:4, ack 7, win 500, urg 2, options [nop,nop,TS val 3 ecr 4], length 5`;
    const frame = Frame.from(parseText(line));
    const packet = new Packet();
    expect(readIp(packet, frame, true)).toBe(Drop.None);
    const seg = new Segment();
    const pseudo = pseudoSum(packet, packet.textEnd - packet.textAt);
    expect(readTcp(seg, frame, packet.textAt, packet.textEnd, pseudo)).toBe(Drop.None);
    expect(seg).toMatchObject({
      srcPort: 50000,
      dstPort: 80,
      seq: -1,
      ack: 7,
      flags: 0x38,
      wnd: 500,
      up: 2,
      textLen: 5,
    });
    expect(seg).toMatchObject({ hasTs: true, tsVal: 3, tsEcr: 4, mss: -1 });
  });

  test.each([
    `${HEAD}Flags [S], seq 379945617, win 65495, options [mss 65495,sackOK,TS val 1 ecr 0,nop,wscale 10], length 0`,
    `${HEAD}Flags [none], win 0, length 0`,
    `${HEAD}Flags [FSRP.UEW], seq 1:4, ack 0, win 65535, urg 65535, length 3`,
    `${HEAD}Flags [.], ack 1, win 1, options [nop,nop,sack 3 {1:2}{3:4}{5:4294967295}], length 0`,
    `${HEAD}Flags [.], ack 1, win 1, options [mss 5[len 9],eol], length 0`,
    `${HEAD}Flags [.], ack 1, win 1, options [tfo  cookiereq,tfo  cookie 0011aabb,unknown-253 0x0102,unknown-9,nop,nop], length 0`,
    `${HEAD}Flags [.], ack 1, win 1, options [exp-tfo cookie 00112233,tcp-ao keyid 1 rnextkeyid 2 mac 0xab,nop,uto 0x8005 983160,echo 1], length 0`,
    `${HEAD}Flags [.], ack 1, win 1, options [scps cap 0a id 3,sack 0 ,cc 3, 4,nop,nop,eol], length 0`,
    'IP6 2001:db8::1.50000 > fe80::2.80: Flags [P.], seq 1:1001, ack 1, win 500, length 1000',
    'IP 10.0.0.1.53000 > 10.0.0.2.9999: UDP, length 5',
    'IP6 2001:db8::1.53000 > 2001:db8::2.9999: UDP, length 0',
    'IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 7, seq 9, length 64',
    'IP6 2001:db8::1 > 2001:db8::2: ICMP6, echo reply, id 7, seq 9, length 8',
  ])('and back: %s', (line) => {
    expect(print(parseText(line))).toBe(line);
  });

  test('the time in front and what tcpdump says of the text are left aside', () => {
    const line = `${HEAD}Flags [P.], seq 1:6, ack 1, win 500, length 5`;
    expect(print(parseText(`10:00:00.000000 ${line}: HTTP: GET / HTTP/1.1`))).toBe(line);
  });

  test('options that do not fill whole words are filled up', () => {
    const line = `${HEAD}Flags [S], seq 0, win 1, options [mss 1460,sackOK,wscale 7], length 0`;
    expect(print(parseText(line))).toBe(line.replace('wscale 7', 'wscale 7,eol'));
  });

  test.each<[string, RegExp]>([
    // the mark stands before the column that the error names
    ['¦', /expected "IP"/],
    ['¦ARP, Request who-has 10.0.0.1', /expected "IP"/],
    ['IP 10.0.0.1.50000¦ 10.0.0.2.80: Flags [S]', /expected " > "/],
    ['IP ¦10.0.0.1.65536 > 10.0.0.2.80: Flags [S]', /address, a dot and a port/],
    ['IP ¦10.0.0.256.1 > 10.0.0.2.80: Flags [S]', /no IPv4 address/],
    ['IP6 ¦10.0.0.1.1 > 10.0.0.2.80: Flags [S]', /no IPv6 address/],
    [`${HEAD}Flags [S¦X], win 1, length 0`, /no flag is called X/],
    [`${HEAD}Flags [¦], win 1, length 0`, /expected flags/],
    [`${HEAD}Flags [.]¦, win 1, length 0`, /expected ", ack "/],
    [`${HEAD}Flags [P], seq 1:3, win 1, length ¦1`, /say 2 octets/],
    [`${HEAD}Flags [P], win ¦65536, length 0`, /beyond its field/],
    [`${HEAD}Flags [P], win 1, length 0¦ `, /end of the line/],
    [`${HEAD}Flags [P], win 1, options [mss 1460,¦quux 3], length 0`, /tells all its octets/],
    [`${HEAD}Flags [P], win 1, options [sack ¦invalid sack], length 0`, /number of blocks/],
    [`${HEAD}Flags [P], win 1, options [eol¦,nop], length 0`, /nothing follows eol/],
    [`${HEAD}Flags [P], win 1, options [nop,¦[bad opt]]`, /tells all its octets/],
    [`${HEAD}Flags [P], win 1, options [¦unknown-256], length 0`, /tells all its octets/],
    [`${HEAD}Flags [P], win 1, options [¦unknown-7 0x03], length 0`, /tells all its octets/],
    [`${HEAD}Flags [P], win 1, options [¦unknown-1], length 0`, /tells all its octets/],
    [`${HEAD}Flags [P], win 1, options [nop¦[len 3],nop], length 0`, /expected ","/],
    [`${HEAD}Flags [P], win 1, options [unknown-253 0x¦012], length 0`, /two hexadecimal digits/],
    [`${HEAD}Flags [P], win 1, options [¦unknown-253 0x${'00'.repeat(39)}], length 0`, /do not fit into 40/],
    ['IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 7, seq 9, length ¦7', /8 octets at least/],
  ])('%s is refused', (marked, message) => {
    const line = marked.replace('¦', '');
    expect(() => parseText(line)).toThrow(message);
    expect(() => parseText(line)).toThrow(TextError);
    expect(() => parseText(line)).toThrow(expect.objectContaining({ column: marked.indexOf('¦') + 1 }));
  });
});

test('a printed packet, read and printed again, is the same line', () => {
  fc.assert(
    fc.property(arbitrary.packets, arbitrary.segments, arbitrary.texts, (packet, seg, text) => {
      const line = print(arbitrary.build(packet, seg, text).copy());
      expect(print(parseText(line))).toBe(line);
    }),
  );
});

test('so is one with options out of noise, or it is refused', () => {
  const kinds = fc.oneof(fc.constantFrom(1, 2, 3, 4, 5, 8, 19, 20, 28, 29, 34, 253, 254), arbitrary.octet);
  const option = fc
    .tuple(kinds, fc.integer({ min: 2, max: 20 }), fc.uint8Array({ maxLength: 18 }))
    .map(([kind, length, value]) => (kind === 1 ? [1] : [kind, length, ...value]));
  let parsed = 0;
  fc.assert(
    fc.property(fc.array(option, { maxLength: 5 }), (options) => {
      const octets = Uint8Array.from(options.flat()).slice(0, 40);
      const padded = new Uint8Array((octets.length + 3) & ~3);
      padded.set(octets);
      const bytes = arbitrary.build(new Packet(), new Segment(), padded).copy();
      bytes[32] = (20 + padded.length) << 2; // what was written as text becomes options
      const line = print(bytes);
      let back: Uint8Array;
      try {
        back = parseText(line);
      } catch (error) {
        expect(error).toBeInstanceOf(TextError);
        expect(line).toMatch(/\[bad opt\]|\[\|tcp\]|invalid|exp-[0-9a-f]{4}/); // these do not tell all octets
        return;
      }
      parsed++;
      expect(print(back)).toBe(line);
    }),
    { numRuns: 1000 },
  );
  expect(parsed).toBeGreaterThan(100);
});

test('any text is read or refused with a TextError', () => {
  const pieces = fc.constantFrom(
    HEAD,
    'Flags [',
    'S.',
    '], ',
    'seq 1:2',
    ', ack ',
    '7',
    ', win ',
    ', options [',
    'nop',
    ',',
    ']',
    ', length ',
    '0',
    'mss ',
    '[len ',
    'sack 1 {',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces).map((list) => HEAD + list.join('')),
      ),
      (line) => {
        try {
          expect(parseText(line).length).toBeGreaterThanOrEqual(20);
        } catch (error) {
          expect(error).toBeInstanceOf(TextError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
