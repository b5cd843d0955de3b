/** Addresses as text, and the questions asked about them, with node:net and the URL parser as referees. */
import { BlockList, isIP } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Address } from '../../src/base/address.ts';
import {
  formatAddress,
  inPrefix,
  isBroadcast,
  isLinkLocal,
  isLoopback,
  isMulticast,
  isUnspecified,
  parseAddress,
  splitZone,
} from '../../src/base/address-text.ts';

function rewrite(text: string): string | null {
  const parsed = parseAddress(text);
  return parsed === null ? null : formatAddress(parsed);
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === null) throw new Error(`not an address: ${text}`);
  return parsed;
}

/** Words in which zeros, the IPv4 prefix and single groups come up often. */
const word = fc.oneof(fc.constantFrom(0, 0xffff, 1, 0x1_0000, -1), fc.integer());
const anyAddress = fc.tuple(word, word, word, word).map(([a, b, c, d]) => new Address().set(a, b, c, d));

describe('splitZone (RFC 4007 §11.2)', () => {
  test.each<[string, string, string]>([
    ['fe80::1%eth0', 'fe80::1', 'eth0'],
    ['fe80::1%25', 'fe80::1', '25'],
    ['fe80::1%a%b', 'fe80::1', 'a%b'],
    ['fe80::1%', 'fe80::1', ''],
    ['fe80::1', 'fe80::1', ''],
    ['10.0.0.1', '10.0.0.1', ''],
    ['%eth0', '', 'eth0'],
    ['', '', ''],
  ])('%s', (text, left, zone) => {
    expect(splitZone(text)).toEqual({ address: left, zone });
  });

  test('what is left of an address with a zone can be read, which the whole cannot', () => {
    expect(parseAddress('fe80::1%eth0')).toBeNull();
    expect(rewrite(splitZone('FE80:0::1%eth0').address)).toBe('fe80::1');
  });
});

describe('parseAddress', () => {
  test.each<[string, string | null]>([
    ['1.2.3.4', '1.2.3.4'],
    ['255.255.255.255', '255.255.255.255'],
    ['0.0.0.0', '0.0.0.0'],
    ['256.0.0.1', null],
    ['01.2.3.4', null],
    ['1.2.3', null],
    ['1.2.3.4.5', null],
    ['1..3.4', null],
    ['1.2.3.4 ', null],
    ['0x1.2.3.4', null],
    ['', null],
    ['host', null],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:8:800:200C:417A', '2001:db8::8:800:200c:417a'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::ffff:102:304', '1.2.3.4'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1:2:3:4:5:6:255.255.255.255', '1:2:3:4:5:6:ffff:ffff'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['1:2:3:4:5:6:7:8::', null],
    ['1:2:3:4::5:6:7:8', null],
    ['1:2:3:4:5:6:7', null],
    ['1:2:3:4:5:6:7:8:9', null],
    ['1:2:3:4:5:6:7:1.2.3.4', null],
    ['1.2.3.4::', null],
    ['::1.2.3.4:5', null],
    ['::1.2.3', null],
    ['::01.2.3.4', null],
    [':', null],
    [':::', null],
    ['1:::2', null],
    ['1::2::3', null],
    [':1:2:3:4:5:6:7', null],
    ['1:2:3:4:5:6:7:', null],
    ['::12345', null],
    ['::g', null],
    ['fe80::1%eth0', null],
    ['[::1]', null],
  ])('%j reads as %j', (text, written) => {
    expect(rewrite(text)).toBe(written);
  });

  test('takes exactly what node:net takes, zones aside', () => {
    const piece = fc.constantFrom(
      '0',
      '1',
      '00',
      'ff',
      'abcd',
      '12345',
      '255',
      '256',
      ':',
      '::',
      ':',
      '.',
      '1.2.3.4',
      'g',
    );
    const pieces = fc.array(piece, { maxLength: 16 }).map((parts) => parts.join(''));
    const colons = fc.array(fc.constantFrom('0', '1', 'ffff', '', '1.2.3.4'), { maxLength: 9 }).map((p) => p.join(':'));
    const dots = fc.array(fc.constantFrom('0', '1', '255', '256', '01', ''), { maxLength: 5 }).map((p) => p.join('.'));
    fc.assert(
      fc.property(fc.oneof(pieces, colons, dots), (text) => {
        expect(parseAddress(text) !== null).toBe(isIP(text) !== 0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('formatAddress', () => {
  test.each<[string, string]>([
    // RFC 5952 §4.2.3: the longest run; of equal ones the first.
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    // §4.2.2: one group of zeros is not shortened.
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['0:1:2:3:4:5:6:7', '0:1:2:3:4:5:6:7'],
    ['0:0:1:2:3:4:5:6', '::1:2:3:4:5:6'],
    ['1:2:3:4:5:6:0:0', '1:2:3:4:5:6::'],
    ['0:0:0:0:0:0:1.2.3.4', '::102:304'],
  ])('%s is written %s', (text, written) => {
    expect(rewrite(text)).toBe(written);
  });

  test('what is written reads back as the same address, of the family that node:net sees', () => {
    fc.assert(
      fc.property(anyAddress, (one) => {
        const text = formatAddress(one);
        expect(parseAddress(text)?.equals(one)).toBe(true);
        expect(isIP(text)).toBe(one.family);
      }),
      { numRuns: 1000 },
    );
  });

  test('IPv6 is written as the URL parser writes it', () => {
    fc.assert(
      fc.property(anyAddress, (one) => {
        fc.pre(one.family === 6);
        const text = formatAddress(one);
        expect(`[${text}]`).toBe(new URL(`http://[${text}]/`).hostname);
      }),
    );
  });
});

describe('questions about an address', () => {
  const questions = { isUnspecified, isLoopback, isMulticast, isBroadcast, isLinkLocal };

  test.each<[string, (keyof typeof questions)[]]>([
    ['0.0.0.0', ['isUnspecified']],
    ['::', ['isUnspecified']],
    ['0.0.0.1', []],
    ['1::', []],
    ['127.0.0.1', ['isLoopback']],
    ['127.255.255.255', ['isLoopback']],
    ['128.0.0.0', []],
    ['::1', ['isLoopback']],
    ['::2', []],
    ['223.255.255.255', []],
    ['224.0.0.1', ['isMulticast']],
    ['239.255.255.255', ['isMulticast']],
    ['240.0.0.0', []],
    ['ff02::1', ['isMulticast']],
    ['fe00::', []],
    ['255.255.255.255', ['isBroadcast']],
    ['255.255.255.254', []],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', ['isMulticast']],
    ['169.254.0.1', ['isLinkLocal']],
    ['169.253.0.1', []],
    ['fe80::1', ['isLinkLocal']],
    ['febf::1', ['isLinkLocal']],
    ['fec0::1', []],
  ])('%s: %j', (text, yes) => {
    const answers = Object.entries(questions).filter(([, ask]) => ask(address(text)));
    expect(answers.map(([name]) => name)).toEqual(yes);
  });
});

describe('inPrefix', () => {
  test.each<[string, string, number, boolean]>([
    ['10.1.2.3', '10.1.2.0', 24, true],
    ['10.1.3.3', '10.1.2.0', 24, false],
    ['10.1.2.3', '0.0.0.0', 0, true],
    ['10.1.2.3', '10.1.2.3', 32, true],
    ['10.1.2.2', '10.1.2.3', 32, false],
    ['200.0.0.1', '128.0.0.0', 1, true],
    ['2001:db8::1', '2001:db8::', 64, true],
    ['2001:db8:0:1::1', '2001:db8::', 64, false],
    ['2001:db8::1', '2001:db8::1', 128, true],
    ['2001:db8::1', '2001:db8::', 128, false],
    ['2001:db8::1', '::', 0, true],
    ['10.1.2.3', '::', 0, false],
    ['::1', '0.0.0.0', 0, false],
  ])('%s in %s/%i: %j', (text, network, length, answer) => {
    expect(inPrefix(address(text), address(network), length)).toBe(answer);
  });

  test("agrees with node:net's BlockList", () => {
    const any = fc.oneof(
      fc.tuple(fc.constant(0), fc.constant(0), fc.constant(0xffff), fc.integer()),
      fc.tuple(fc.integer({ min: 1 }), fc.integer(), fc.integer(), fc.integer()),
    );
    fc.assert(
      fc.property(any, fc.nat({ max: 128 }), fc.nat({ max: 127 }), ([a, b, c, d], length, flip) => {
        const network = new Address().set(a, b, c, d);
        const ipv4 = network.family === 4;
        const prefix = ipv4 ? length % 33 : length;
        const other = network.clone();
        // One bit differs, so that both answers come up.
        const bit = ipv4 ? 96 + (flip % 32) : flip;
        const field = (['a', 'b', 'c', 'd'] as const)[bit >> 5] as 'a' | 'b' | 'c' | 'd';
        other[field] ^= 1 << (31 - (bit & 31));
        fc.pre(other.family === network.family);
        const list = new BlockList();
        list.addSubnet(formatAddress(network), prefix, ipv4 ? 'ipv4' : 'ipv6');
        expect(inPrefix(other, network, prefix)).toBe(list.check(formatAddress(other), ipv4 ? 'ipv4' : 'ipv6'));
      }),
    );
  });
});
