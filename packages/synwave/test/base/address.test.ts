/** Addresses as words. */
import { describe, expect, test } from 'vitest';
import { Address } from '../../src/base/address.ts';
import { parseAddress } from '../../src/base/address-text.ts';

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === null) throw new Error(`not an address: ${text}`);
  return parsed;
}

describe('Address', () => {
  test('set takes words signed or not; copy and clone are equal and apart', () => {
    const one = new Address().set(0x2001_0db8, 0, 0, 0xffff_ffff);
    const two = one.clone();
    expect(two.equals(one)).toBe(true);
    expect(two.equals(new Address().set(0x2001_0db8, 0, 0, -1))).toBe(true);
    one.d = 0;
    expect(two.equals(one)).toBe(false);
    expect(new Address().copy(two).equals(two)).toBe(true);
  });

  test.each(['a', 'b', 'c', 'd'] as const)('equals looks at word %s', (word) => {
    const one = new Address().set(1, 2, 3, 4);
    const two = one.clone();
    two[word] = 9;
    expect(one.equals(two)).toBe(false);
  });

  test.each<[string, 4 | 6]>([
    ['10.0.0.1', 4],
    ['::ffff:10.0.0.1', 4],
    ['::', 6],
    ['::1', 6],
    ['1::ffff:10.0.0.1', 6],
  ])('%s is of family %i', (text, family) => {
    expect(address(text).family).toBe(family);
  });
});
