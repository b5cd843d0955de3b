/** What users write for times, shares, sizes, counts, ports, links, seeds and widths; and the language that is theirs. */
import { MINUTE, SECOND } from 'synwave';
import { describe, expect, test } from 'vitest';
import { holds, neighbourOf, parsePlaced, placedText } from '../src/addresses.ts';
import { UserError } from '../src/errors.ts';
import { languageOf } from '../src/language.ts';
import { isLocal, linkText, parseLink } from '../src/link.ts';
import {
  parseCount,
  parseData,
  parseDuration,
  parseHops,
  parsePercent,
  parsePort,
  parsePorts,
  parseSeconds,
  parseSeed,
  parseSize,
  parseWidth,
} from '../src/values.ts';

describe('a time', () => {
  test.each([
    ['500ms', 500_000],
    ['3s', 3 * SECOND],
    ['2m', 2 * MINUTE],
    ['250us', 250],
    ['1.5ms', 1500],
    ['0', 0],
  ])('%s is %i microseconds', (text, micros) => expect(parseDuration(text)).toBe(micros));

  test.each([
    ['20', 'no unit'],
    ['-5ms', 'below zero'],
    ['soon', 'not a time'],
    ['', 'not a time'],
    ['3h', 'not a time'],
  ])('%j is refused: %s', (text, why) => {
    expect(() => parseDuration(text)).toThrow(UserError);
    expect(() => parseDuration(text)).toThrow(why);
  });
});

describe('a share', () => {
  test.each([
    ['5%', 0.05],
    ['0.1%', 0.001],
    ['100%', 1],
    ['0%', 0],
    ['0', 0],
  ])('%s is %f', (text, share) => expect(parsePercent(text)).toBeCloseTo(share, 12));

  test.each([
    ['101%', 'not within'],
    ['-1%', 'not within'],
    ['5', 'not a percentage'],
    ['0.05', 'not a percentage'],
    ['many', 'not a percentage'],
  ])('%s is refused: %s', (text, why) => expect(() => parsePercent(text)).toThrow(why));
});

test('a seed is a whole number, or whatever letters it has', () => {
  expect(parseSeed('7')).toBe(7);
  expect(parseSeed('-7')).toBe(-7);
  expect(parseSeed('seven')).toBe('seven');
  expect(parseSeed('7.5')).toBe('7.5');
  expect(parseSeed('99999999999999999999')).toBe('99999999999999999999');
});

test('a width has room for labels, and no more than a terminal has', () => {
  expect(parseWidth('80')).toBe(80);
  for (const text of ['71', '501', '8O', '-80', '']) expect(() => parseWidth(text)).toThrow('columns');
});

describe('the language', () => {
  test.each<[string, string[], Record<string, string>, string]>([
    ['nothing is known', [], {}, 'en'],
    ['LANG', [], { LANG: 'zh_CN.UTF-8' }, 'zh'],
    ['LC_ALL goes before LANG', [], { LC_ALL: 'C', LANG: 'zh_CN.UTF-8' }, 'en'],
    ['an empty LC_ALL is none', [], { LC_ALL: '', LANG: 'zh_TW' }, 'zh'],
    ['--lang zh', ['handshake', '--lang', 'zh'], { LANG: 'en_US' }, 'zh'],
    ['--lang=en', ['handshake', '--lang=en'], { LANG: 'zh_CN' }, 'en'],
    ['another language, which is refused later', ['--lang', 'fr'], { LANG: 'zh_CN' }, 'zh'],
  ])('%s', (_name, args, env, language) => expect(languageOf(args, env)).toBe(language));
});

describe('a size', () => {
  test.each([
    ['512', 512],
    ['1K', 1024],
    ['64k', 65_536],
    ['2M', 2 * 1024 * 1024],
    ['1G', 1024 ** 3],
  ])('%s is %i octets', (text, size) => expect(parseSize(text)).toBe(size));

  test.each(['0', '', 'K', '1.5M', '-1', '1T', '99999999G'])('%j is refused', (text) => {
    expect(() => parseSize(text)).toThrow(UserError);
  });
});

describe('counts, ports and times of nc', () => {
  test('are read', () => {
    expect([parseCount('1'), parsePort('65535'), parsePorts('20-22'), parsePorts('7')]).toEqual([
      1,
      65_535,
      [20, 21, 22],
      [7],
    ]);
    expect([parseSeconds('3'), parseSeconds('0.5'), parseSeconds('200ms')]).toEqual([3 * SECOND, SECOND / 2, 200_000]);
  });

  test.each<[string, () => unknown]>([
    ['no connection at all', () => parseCount('0')],
    ['half a connection', () => parseCount('1.5')],
    ['port 0', () => parsePort('0')],
    ['a port too high', () => parsePort('65536')],
    ['a port by name', () => parsePort('http')],
    ['a range upside down', () => parsePorts('22-20')],
    ['a range of three', () => parsePorts('1-2-3')],
    ['no time', () => parseSeconds('0')],
    ['a time before now', () => parseSeconds('-3')],
  ])('%s is refused', (_what, act) => expect(act).toThrow(UserError));
});

describe('a link', () => {
  test.each([
    ['udp://127.0.0.1:7700', '127.0.0.1', 7700, true],
    ['udp://[::1]:1', '::1', 1, true],
    ['udp://0.0.0.0:0', '0.0.0.0', 0, false],
    ['udp://[fd00::1]:65535', 'fd00::1', 65_535, false],
  ])('%s', (text, address, port, local) => {
    const link = parseLink(text);
    expect(link).toEqual({ kind: 'udp', address, port });
    expect([linkText(link), isLocal(link)]).toEqual([text, local]);
  });

  test.each([
    ['tun', null, false],
    ['tun=tun7', 'tun7', false],
    ['socat', null, true],
    ['socat=x', 'x', true],
  ])('%s is a device', (text, name, bySocat) => {
    const link = parseLink(text);
    expect(link).toEqual({ kind: 'tun', name, bySocat });
    expect([linkText(link), isLocal(link)]).toEqual([text, false]);
  });

  test.each([
    ['ws://127.0.0.1:7800', 'ws://127.0.0.1:7800', null],
    ['ws://127.0.0.1:7800/?token=abc', 'ws://127.0.0.1:7800', 'abc'],
    ['wss://relay.example/net?token=a-b_c.d', 'wss://relay.example/net', 'a-b_c.d'],
  ])('%s is a relay, and its token is not shown', (text, url, token) => {
    const link = parseLink(text);
    expect(link).toEqual({ kind: 'ws', url, token });
    expect([linkText(link), isLocal(link)]).toEqual([url, false]);
  });

  test.each([
    ['stream:/run/vm.sock', { path: '/run/vm.sock' }, null, true],
    ['stream:vm,listen', { path: 'vm' }, true, true],
    ['stream://127.0.0.1:7000,connect', { host: '127.0.0.1', port: 7000 }, false, false],
    ['stream://[::1]:7000', { host: '::1', port: 7000 }, null, false],
  ])('%s is a stream', (text, at, listen, local) => {
    const link = parseLink(text);
    expect(link).toEqual({ kind: 'stream', at, listen });
    expect([linkText(link), isLocal(link)]).toEqual([text, local]);
  });

  test.each([
    '',
    'tun=',
    'tun=a/b',
    'tun=sixteen-letters-',
    'tap',
    'udp://',
    'udp://127.0.0.1',
    'udp://::1:7',
    'udp://127.0.0.1:65536',
    'udp://localhost:7',
    'ws://',
    'http://127.0.0.1:7',
    'stream:',
    'stream://here:7',
  ])('%j is refused', (text) => expect(() => parseLink(text)).toThrow(UserError));
});

describe('addresses on a link', () => {
  test.each([
    ['10.9.0.2/24', '10.9.0.1/24'],
    ['10.9.0.1/24', '10.9.0.2/24'],
    ['10.9.3.200/22', '10.9.0.1/22'],
    ['192.168.7.130/30', '192.168.7.129/30'],
    ['fd00:9::2/64', 'fd00:9::1/64'],
    ['fd00:9::1/64', 'fd00:9::2/64'],
    ['fd00:9:ffff:ffff:8000::5/65', 'fd00:9:ffff:ffff:8000::1/65'],
  ])('%s has %s at the other end', (text, other) => expect(placedText(neighbourOf(parsePlaced(text)))).toBe(other));

  test.each([
    ['10.9.0.1/24', [10, 9, 0, 7], true],
    ['10.9.0.1/24', [10, 9, 0, 1], false],
    ['10.9.0.1/24', [10, 9, 0, 0], false],
    ['10.9.0.1/24', [10, 9, 0, 255], false],
    ['10.9.0.1/24', [10, 9, 1, 7], false],
    ['10.9.0.1/16', [10, 9, 1, 7], true],
    ['10.9.0.1/24', [0, 0, 0, 0], false],
    ['fd00::1/64', [0xfd, ...Array.from({ length: 14 }, () => 0), 9], true],
    ['fd00::1/64', [10, 9, 0, 7], false],
    ['10.9.0.1/24', [0xfd, ...Array.from({ length: 14 }, () => 0), 9], false],
  ])('%s has room for %j: %j', (text, octets, room) => {
    expect(holds(parsePlaced(text), Uint8Array.from(octets))).toBe(room);
  });

  test.each(['', '10.9.0.2', '10.9.0.2/', '10.9.0.2/31', '10.9.0.2/0', 'fd00::1/127', 'here/24', '10.9.0.2/24/24'])(
    '%j is refused',
    (text) => expect(() => parsePlaced(text)).toThrow(UserError),
  );
});

describe('what an echo is made of', () => {
  test.each([
    ['0', 0],
    ['56', 56],
    ['65507', 65_507],
  ])('%s octets of data', (text, octets) => expect(parseData(text)).toBe(octets));

  test.each(['65508', '-1', '1.5', '', '0x10', '5K'])('%j is no size', (text) => {
    expect(() => parseData(text)).toThrow(UserError);
  });

  test.each([
    ['1', 1],
    ['255', 255],
  ])('%s hops', (text, hops) => expect(parseHops(text)).toBe(hops));

  test.each(['0', '256', '-1', '2.5', ''])('%j is no number of hops', (text) => {
    expect(() => parseHops(text)).toThrow(UserError);
  });
});
