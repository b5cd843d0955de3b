/** Source addresses (RFC 6724 §5, with the examples of §10.1 and §10.2 as far as they apply; RFC 1122 §3.3.4.3). */
import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../src/base/address-text.ts';
import { pathTo } from '../../src/ip/paths.ts';
import { sourceFor, sourceOn } from '../../src/ip/source.ts';
import { Bench } from './bench.ts';
import { ip } from './station.ts';

/** The choice among the addresses of one interface, whichever order they stand in. */
function choice(candidates: readonly string[], to: string): string | null {
  const found = [candidates, candidates.toReversed()].map((addresses) => {
    const bench = new Bench();
    const via = bench.plug(addresses.map((text) => (text.includes('/') ? text : text.replace(/!?$/, '/64$&'))));
    const source = sourceOn(bench.ip, via, ip(to));
    return source === null ? null : formatAddress(source);
  });
  expect(found[0]).toBe(found[1]);
  return found[0] as string | null;
}

describe('examples of RFC 6724', () => {
  test.each<[string, string, string[], string]>([
    // §10.1; `!`: deprecated
    ['prefer appropriate scope', '2001:db8:1::1', ['2001:db8:3::1', 'fe80::1'], '2001:db8:3::1'],
    ['prefer appropriate scope, of a group', 'ff05::1', ['2001:db8:3::1', 'fe80::1'], '2001:db8:3::1'],
    ['prefer same address', '2001:db8:1::1', ['2001:db8:1::1!', '2001:db8:2::1'], '2001:db8:1::1'],
    ['prefer appropriate scope, though deprecated', 'fe80::1', ['fe80::2!', '2001:db8:1::1'], 'fe80::2'],
    ['longest matching prefix', '2001:db8:1::1', ['2001:db8:1::2', '2001:db8:3::2'], '2001:db8:1::2'],
    ['prefer matching label', '2002:c633:6401::1', ['2002:c633:6401::d5e3', '2001:db8:1::2'], '2002:c633:6401::d5e3'],
    // §10.2, the sources that go with each destination
    ['one of the two', '2001:db8:1::1', ['2001:db8:1::2', 'fe80::1'], '2001:db8:1::2'],
    ['only a link-local one', '2001:db8:1::1', ['fe80::1', '198.51.100.117/24'], 'fe80::1'],
    ['of the family', '198.51.100.121', ['fe80::1', '198.51.100.117/24'], '198.51.100.117'],
    ['of the family, link-local', '198.51.100.121', ['2001:db8:1::2', '169.254.13.78/16'], '169.254.13.78'],
    ['the smaller scope', 'fe80::1', ['2001:db8:1::2', 'fe80::2'], 'fe80::2'],
    ['the only one of its scope', 'fe80::1', ['2001:db8:1::2', 'fe80::2!'], 'fe80::2'],
    [
      'longest prefix of three',
      '2001:db8:3ffe::1',
      ['2001:db8:1::2', '2001:db8:3f44::2', 'fe80::2'],
      '2001:db8:3f44::2',
    ],
    [
      'the only global one, though of another label',
      '2001:db8:1::1',
      ['2002:c633:6401::2', 'fe80::2'],
      '2002:c633:6401::2',
    ],
    ['labels of three', '2001:db8:1::1', ['2002:c633:6401::2', '2001:db8:1::2', 'fe80::2'], '2001:db8:1::2'],
    [
      'labels of three, 6to4',
      '2002:c633:6401::1',
      ['2002:c633:6401::2', '2001:db8:1::2', 'fe80::2'],
      '2002:c633:6401::2',
    ],
  ])('%s: %s', (_name, to, candidates, expected) => {
    expect(choice(candidates, to)).toBe(expected);
  });
});

describe('the rules, one by one', () => {
  test.each<[string, string, string[], string | null]>([
    ['2: a group of the link', 'ff02::1', ['2001:db8::1', 'fe80::1'], 'fe80::1'],
    ['2: a group of the site, from one of the site', 'ff05::1', ['2001:db8::1', 'fec0::1', 'fe80::1'], 'fec0::1'],
    [
      '2: a group of the organisation, from beyond the site',
      'ff08::1',
      ['2001:db8::1', 'fec0::1', 'fe80::1'],
      '2001:db8::1',
    ],
    ['2: site-local', 'fec0::9', ['2001:db8::1', 'fec0::1', 'fe80::1'], 'fec0::1'],
    ['2: a group of the link, IPv4', '224.0.0.251', ['10.0.0.1/24', '169.254.1.1/16'], '169.254.1.1'],
    ['2: a group beyond the link, IPv4', '239.1.2.3', ['10.0.0.1/24', '169.254.1.1/16'], '10.0.0.1'],
    ['2 before 3', '2001:db8:1::1', ['2001:db8:1::2!', 'fe80::1'], '2001:db8:1::2'],
    ['3: not a deprecated one', '2001:db8:1::1', ['2001:db8:1::2!', '2001:db8:3::2'], '2001:db8:3::2'],
    ['3 before 6', '2002:c633:6401::1', ['2002:c633:6401::2!', '2001:db8:1::2'], '2001:db8:1::2'],
    ['6: unique local', 'fd00:1::9', ['fd99::1', '2001:db8::1'], 'fd99::1'],
    ['6: not unique local', '2001:db8:1::9', ['fd99::1', '2001:db8::1'], '2001:db8::1'],
    ['6: Teredo', '2001:0:1::9', ['2001:0:9::1', '2001:1:1::1'], '2001:0:9::1'],
    ['6: not Teredo', '2001:1:1::9', ['2001:0:9::1', '2610::1'], '2610::1'],
    ['6: 6bone', '3ffe::9', ['3ffe:9::1', '3fff::1'], '3ffe:9::1'],
    ['6: IPv4-compatible', '::1.2.3.4', ['::9.9.9.9/96', '2001:db8::1'], '::909:909'],
    ['6 before 8', '2002:8000::9', ['2002:1::1', '2003:8000::1'], '2002:1::1'],
    ['8: no longer than its own prefix', '2001:db8:1::1', ['2001:db8:1::2/32', '2001:db8:1::3/48'], '2001:db8:1::3'],
    ['8: over IPv4', '10.1.2.3', ['10.0.0.1/8', '10.1.0.1/16'], '10.1.0.1'],
    ['none of that family', '10.1.2.3', ['2001:db8::1'], null],
  ])('%s', (_name, to, candidates, expected) => {
    expect(choice(candidates, to)).toBe(expected);
  });

  test('a draw is won by who came first', () => {
    const bench = new Bench();
    const via = bench.plug(['2001:db8::2/64', '2001:db8::1/64']);
    expect(formatAddress(sourceOn(bench.ip, via, ip('2001:db8::9')) as never)).toBe('2001:db8::2');
  });

  test('neither one that is probed for, nor one whose time is over', () => {
    const bench = new Bench();
    const via = bench.plug(['2001:db8::1/64', '2001:db8::2/64']);
    const [first, second] = via.addresses;
    if (first === undefined || second === undefined) throw new Error('no addresses');
    first.tentative = true;
    expect(sourceOn(bench.ip, via, ip('2001:db8::9'))).toBe(second.address);
    second.validUntil = 1000;
    bench.clock.now = 999;
    expect(sourceOn(bench.ip, via, ip('2001:db8::9'))).toBe(second.address);
    bench.clock.now = 1000;
    expect(sourceOn(bench.ip, via, ip('2001:db8::9'))).toBeNull();
  });
});

describe('on a host with several interfaces (RFC 6724 §4)', () => {
  /** From which address the host speaks to `to`. */
  function from(bench: Bench, to: string, only = -1): string | null {
    const path = pathTo(bench.ip, ip(to), bench.ip.interfaces[only] ?? null);
    const source = sourceFor(bench.ip, path);
    return source === null ? null : formatAddress(source);
  }

  test.each<[string, string, number, string | null]>([
    ['the outgoing interface first', '10.0.0.9', -1, '10.0.0.1'],
    ['by a router: its own network’s address', '192.0.2.1', -1, '10.0.1.1'],
    ['beyond the link, where the interface reaches no farther', '2001:db8:f::1', -1, '2001:db8:1::1'],
    ['a group of its link, from that link alone', 'ff02::1', 0, 'fe80::1'],
    ['a group of the world, from that link alone', 'ff0e::1', 0, 'fe80::1'],
    ['a group, on a link without an address', 'ff02::1', 3, null],
    ['a station of the link, on a link without an address', 'fe80::9', 3, null],
    ['a station beyond it, on a link without an address', '2001:db8:e::1', -1, '2001:db8:1::1'],
    ['over IPv4, on a link without an address', '203.0.113.1', -1, '10.0.0.1'],
    ['itself', '2001:db8:1::1', -1, '2001:db8:1::1'],
    ['itself, by a link-local address', 'fe80::1', 0, 'fe80::1'],
    ['127/8', '127.9.9.9', -1, '127.0.0.1'],
    ['::1', '::1', -1, '::1'],
  ])('%s', (_name, to, only, expected) => {
    const bench = new Bench();
    const first = bench.plug(['10.0.0.1/24', '10.0.1.1/24', 'fe80::1/64']);
    bench.plug(['2001:db8:1::1/64', 'fe80::2/64']);
    bench.plug(['127.0.0.1/8', '::1/128'], { name: 'lo', mac: -1 });
    const bare = bench.plug([]);
    const { routes } = bench.ip;
    routes.add(ip('192.0.2.0'), 24, first, ip('10.0.1.254'), 'static');
    routes.add(ip('2001:db8:f::'), 48, first, ip('fe80::9'), 'static');
    routes.add(ip('2001:db8:e::'), 48, bare, null, 'static');
    routes.add(ip('203.0.113.0'), 24, bare, null, 'static');
    expect(from(bench, to, only)).toBe(expected);
  });
});
