import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/base/address-text.ts';
import { BROADCAST_MAC, formatMac, groupMac, isGroupMac, parseMac, readMac, writeMac } from '../../src/base/mac.ts';

const anyMac = fc.integer({ min: 0, max: 0xffff_ffff_ffff });

describe('MAC addresses', () => {
  test('what is written is read, as octets and as text', () => {
    const view = new DataView(new ArrayBuffer(8));
    fc.assert(
      fc.property(anyMac, (mac) => {
        writeMac(view, 1, mac);
        expect(readMac(view, 1)).toBe(mac);
        expect(parseMac(formatMac(mac))).toBe(mac);
      }),
    );
  });

  test.each(['', '02:00:00:00:00', '02:00:00:00:00:01:02', '02:00:00:00:00:1g', '02:00-00:00:00:01', '020000000001'])(
    '%j is none',
    (text) => expect(parseMac(text)).toBeNull(),
  );

  test('many stations or one', () => {
    expect(isGroupMac(BROADCAST_MAC)).toBe(true);
    expect(isGroupMac(0x0100_5e00_0001)).toBe(true);
    expect(isGroupMac(0x0200_0000_0001)).toBe(false);
  });

  test.each([
    ['224.0.0.1', '01:00:5e:00:00:01'],
    ['239.255.1.2', '01:00:5e:7f:01:02'], // RFC 1112 §6.4: 23 bits only
    ['ff02::1', '33:33:00:00:00:01'],
    ['ff02::1:ff12:3456', '33:33:ff:12:34:56'],
  ])('the frames of %s go to %s', (group, mac) => {
    const address = parseAddress(group);
    expect(address && formatMac(groupMac(address))).toBe(mac);
  });
});
