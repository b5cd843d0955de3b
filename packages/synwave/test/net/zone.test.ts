/** Zones: which addresses have one, and what is left of it. */
import { describe, expect, test } from 'vitest';
import { isGroup, lacksZone, unzoned, withZone, zoneOf } from '../../src/net/zone.ts';

describe('a zone', () => {
  test.each<[string, string, boolean]>([
    // address        its zone  lacks one
    ['fe80::1%eth0', 'eth0', false],
    ['febf::1%eth0', 'eth0', false],
    ['fe80::1', '', true],
    ['FEBF::1', '', true],
    ['fec0::1', '', false],
    ['fec0::1%eth0', '', false],
    ['ff01::1', '', true],
    ['ff02::1%eth0', 'eth0', false],
    ['ff12::1', '', true],
    ['ff05::1', '', false],
    ['ff05::1%eth0', '', false],
    ['::1', '', false],
    ['::1%lo', '', false],
    ['::%lo', '', false],
    ['fd00::1%eth0', '', false],
    ['::ffff:169.254.0.1', '', false],
    ['169.254.0.1', '', false],
    ['224.0.0.1', '', false],
    ['nonsense', '', false],
    ['nonsense%eth0', '', false],
  ])('of %s', (text, zone, lacks) => {
    expect([zoneOf(text), lacksZone(text)]).toEqual([zone, lacks]);
  });

  test('is shown where it means something, and taken off before the stack', () => {
    expect(withZone('fe80::1', 'eth0')).toBe('fe80::1%eth0');
    expect(withZone('fe80::1', '')).toBe('fe80::1');
    expect(withZone('fd00::1', 'eth0')).toBe('fd00::1');
    expect(withZone('10.0.0.1', 'eth0')).toBe('10.0.0.1');
    expect(unzoned('fe80::1%eth0')).toBe('fe80::1');
  });

  test('groups', () => {
    expect(['ff02::1', 'ff02::1%lo', '224.0.0.1', '::ffff:224.0.0.1'].map(isGroup)).toEqual([true, true, true, true]);
    expect(['fe80::1%lo', '10.0.0.1', '::', 'nonsense'].map(isGroup)).toEqual([false, false, false, false]);
  });
});
