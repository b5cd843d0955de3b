/** Ethernet's header: what is written is read, tags and SNAP are stepped over, whatever is read stays inside of the frame. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { parseMac } from '../../src/base/mac.ts';
import { Drop } from '../../src/wire/drop.ts';
import { ETHERNET_HEADER, Ethernet, EtherType, readEthernet, writeEthernet } from '../../src/wire/ethernet.ts';
import * as arbitrary from './arbitrary.ts';

const octets = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (h) => Number.parseInt(h, 16));

const MACS = '020000000002 020000000001';

/** Reads the octets at an odd place in a frame that goes on before them. */
function read(hex: string): { drop: Drop; header: Ethernet } {
  const header = new Ethernet();
  return { drop: readEthernet(header, Frame.from(octets(hex), 1)), header };
}

describe('a header', () => {
  test('that is written is read, at any offset', () => {
    const types = fc.constantFrom(EtherType.Ipv4, EtherType.Arp, EtherType.Ipv6, 0x0600, 0xffff);
    fc.assert(
      fc.property(arbitrary.macs, arbitrary.macs, types, arbitrary.texts, fc.nat(3), (dst, src, type, text, odd) => {
        const frame = Frame.from(text, 16 + odd);
        writeEthernet(frame, dst, src, type);
        expect(frame.length).toBe(ETHERNET_HEADER + text.length);
        const header = new Ethernet();
        expect(readEthernet(header, frame)).toBe(Drop.None);
        expect(header).toEqual(Object.assign(new Ethernet(), { dst, src, type, vlan: -1, textAt: 16 + odd }));
        expect(frame.bytes.slice(header.textAt, frame.end)).toEqual(text);
      }),
    );
  });

  test('stands octet for octet as RFC 894 has it: destination, source, type', () => {
    const frame = Frame.from(Uint8Array.of(0x45), 14);
    writeEthernet(frame, parseMac('02:00:00:00:00:02') ?? -1, parseMac('02:00:00:00:00:01') ?? -1, EtherType.Ipv4);
    expect(frame.copy()).toEqual(octets(`${MACS} 0800 45`));
  });

  test.each<[string, string, Partial<Ethernet>]>([
    ['plain', '0806', { type: 0x0806, vlan: -1, textAt: 15 }],
    ['with nothing behind it', '86dd', { type: 0x86dd, textAt: 15 }],
    ['the least type', '0600', { type: 0x0600, textAt: 15 }],
    ['in a VLAN, whatever its priority', '8100 e00a 0800', { type: 0x0800, vlan: 10, textAt: 19 }],
    ['with a priority and no VLAN', '8100 a000 0800', { type: 0x0800, vlan: 0, textAt: 19 }],
    ['in a VLAN of a provider', '88a8 0064 8100 0fff 86dd', { type: 0x86dd, vlan: 0xfff, textAt: 23 }],
    ['under four tags', '88a8 0001 88a8 0002 8100 0003 8100 0004 0806', { type: 0x0806, vlan: 4, textAt: 31 }],
    ['LLC/SNAP, padded', '0009 aaaa03 000000 0800 45 0000', { type: 0x0800, vlan: -1, textAt: 23 }],
    ['LLC/SNAP in a VLAN', '8100 0007 0008 aaaa03 000000 0806', { type: 0x0806, vlan: 7, textAt: 27 }],
  ])('%s', (_name, rest, fields) => {
    const { drop, header } = read(`${MACS} ${rest}`);
    expect(drop).toBe(Drop.None);
    expect(header).toMatchObject({ dst: 0x0200_0000_0002, src: 0x0200_0000_0001, ...fields });
  });

  test.each<[string, string, Drop]>([
    ['nothing', '', Drop.EtherShort],
    ['a type cut in two', `${MACS} 08`, Drop.EtherShort],
    ['a tag without a type behind it', `${MACS} 8100 0001 08`, Drop.EtherShort],
    ['a tag cut in two', `${MACS} 8100 00`, Drop.EtherShort],
    ['five tags', `${MACS} ${'8100 0001'.repeat(5)} 0800 45`, Drop.EtherType],
    ['IEEE 802.3 with another LLC (spanning tree)', `${MACS} 0003 424203`, Drop.EtherType],
    ['SNAP of another organization', `${MACS} 0008 aaaa03 00000c 2000`, Drop.EtherType],
    ['SNAP that is no unnumbered information', `${MACS} 0008 aaaa13 000000 0800`, Drop.EtherType],
    ['SNAP around a length', `${MACS} 0008 aaaa03 000000 05ff`, Drop.EtherType],
    ['SNAP longer than the 802.3 length', `${MACS} 0007 aaaa03 000000 0800`, Drop.EtherType],
    ['a length past the frame', `${MACS} 0009 aaaa03 000000 0800`, Drop.EtherShort],
    ['a length that is none', `${MACS} 05ff ${'00'.repeat(0x5ff)}`, Drop.EtherType],
  ])('dropped: %s', (_name, hex, reason) => {
    expect(read(hex).drop).toBe(reason);
  });

  test('of any octets is read without throwing, and its text begins inside of the frame', () => {
    const starts = fc.constantFrom('', '8100', '88a80001 8100', '0010 aaaa03000000', '0800');
    fc.assert(
      fc.property(starts, fc.uint8Array({ maxLength: 40 }), fc.nat(60), (start, rest, cut) => {
        const all = Uint8Array.of(...octets(`${MACS} ${start}`), ...rest).subarray(0, cut);
        const frame = Frame.from(all, 3);
        const header = new Ethernet();
        const drop = readEthernet(header, frame);
        if (drop === Drop.None) {
          expect(header.textAt).toBeGreaterThanOrEqual(frame.at + ETHERNET_HEADER);
          expect(header.textAt).toBeLessThanOrEqual(frame.end);
          expect(header.type).toBeGreaterThanOrEqual(0x600);
        } else {
          expect([Drop.EtherShort, Drop.EtherType]).toContain(drop);
        }
      }),
    );
  });
});
