/** What users write for times, shares, seeds and widths; and the language that is theirs. */
import { MINUTE, SECOND } from 'synwave';
import { describe, expect, test } from 'vitest';
import { UserError } from '../src/errors.ts';
import { languageOf } from '../src/language.ts';
import { parseDuration, parsePercent, parseSeed, parseWidth } from '../src/values.ts';

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
