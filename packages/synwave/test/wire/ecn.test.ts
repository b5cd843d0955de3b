import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sum } from '../../src/base/checksum.ts';
import { Frame } from '../../src/base/frame.ts';
import { Drop } from '../../src/wire/drop.ts';
import { isEcnCapable, markCongestion } from '../../src/wire/ecn.ts';
import { Packet, readIp } from '../../src/wire/ip.ts';
import { writeIpv4 } from '../../src/wire/ipv4.ts';
import { writeIpv6 } from '../../src/wire/ipv6.ts';

/** A packet of that family with 8 octets of text, `head` octets in front of it in the frame. */
function packetOf(family: 4 | 6, trafficClass: number, about: Partial<Packet> = {}, head = 0): Frame {
  const packet = Object.assign(new Packet(), { protocol: 17, trafficClass, ...about });
  packet.src.set(0, 0, family === 4 ? 0xffff : 1, 0x0a00_0001);
  packet.dst.set(0, 0, family === 4 ? 0xffff : 1, 0x0a00_0002);
  const frame = Frame.from(new Uint8Array(8).fill(7), 60 + head);
  if (family === 4) writeIpv4(frame, packet);
  else writeIpv6(frame, packet);
  return frame;
}

/** The traffic class by the reader of headers, which verifies the checksum. */
function trafficClassOf(frame: Frame): number {
  const packet = new Packet();
  expect(readIp(packet, frame, true)).toBe(Drop.None);
  return packet.trafficClass;
}

describe.each([4, 6] as const)('the ECN field of IPv%i (RFC 3168 §5)', (family) => {
  test.each([
    ['not ECT', 0, false, 0],
    ['ECT(1)', 1, true, 3],
    ['ECT(0)', 2, true, 3],
    ['CE', 3, true, 3],
  ] as const)('%s: %i', (_name, before, marked, after) => {
    for (const dscp of [0, 0b101110, 0b111111]) {
      const frame = packetOf(family, (dscp << 2) | before, { flowLabel: 0xf_ffff });
      const octets = frame.copy();
      expect(isEcnCapable(frame, frame.at)).toBe(marked);
      expect(markCongestion(frame, frame.at)).toBe(marked);
      expect(trafficClassOf(frame)).toBe((dscp << 2) | after);
      // Nothing else has changed but the checksum.
      const changed = [...frame.copy()].flatMap((octet, i) => (octet === octets[i] ? [] : [i]));
      for (const i of changed) expect(family === 4 ? [1, 10, 11] : [1]).toContain(i);
    }
  });

  test('it stands where the packet does, which may be odd', () => {
    for (const head of [1, 2, 14, 18]) {
      const frame = packetOf(family, 2, {}, head);
      const { at } = frame;
      frame.at -= head;
      expect(markCongestion(frame, at)).toBe(true);
      frame.at = at;
      expect(trafficClassOf(frame)).toBe(3);
    }
  });

  test('nothing is done to what is cut short', () => {
    const frame = packetOf(family, 2);
    const header = family === 4 ? 20 : 40;
    const octets = frame.copy();
    frame.end = frame.at + header;
    for (; frame.end > frame.at; frame.end--) {
      const whole = frame.length === header;
      expect(isEcnCapable(frame, frame.at)).toBe(whole);
      if (!whole) expect(markCongestion(frame, frame.at)).toBe(false);
    }
    expect(markCongestion(frame, frame.at)).toBe(false);
    frame.end = frame.at + octets.length;
    expect(frame.copy()).toEqual(octets);
  });
});

test('what is neither IPv4 nor IPv6, or nowhere, cannot be marked', () => {
  for (const version of [0, 1, 5, 7, 15]) {
    const frame = Frame.from(new Uint8Array(60).fill((version << 4) | 0xa));
    expect(markCongestion(frame, frame.at)).toBe(false);
    expect(frame.copy()).toEqual(new Uint8Array(60).fill((version << 4) | 0xa));
  }
  expect(markCongestion(packetOf(4, 2), -1)).toBe(false);
});

describe("IPv4's header checksum (RFC 1624)", () => {
  /** Sums anew what a header says. */
  const summed = (frame: Frame): number => {
    const copy = Frame.from(frame.copy());
    copy.view.setUint16(10, 0);
    return ~sum(copy, 0, 20) & 0xffff;
  };

  test('is what summing anew gives, for any header', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 1, max: 255 }), (id, trafficClass) => {
        const frame = packetOf(4, trafficClass, { id });
        markCongestion(frame, frame.at);
        expect(frame.view.getUint16(frame.at + 10)).toBe(summed(frame));
      }),
    );
  });

  test('that becomes 0 is 0, not 0xffff (§3), and one that was 0', () => {
    const met = new Set<number>();
    for (let id = 0; id < 0x1_0000; id++) {
      const frame = packetOf(4, 1, { id });
      const before = frame.view.getUint16(frame.at + 10);
      markCongestion(frame, frame.at);
      const after = frame.view.getUint16(frame.at + 10);
      if (before !== 0 && after !== 0) continue;
      expect(after).toBe(summed(frame));
      met.add(before === 0 ? 0 : after + 1);
    }
    expect(met).toEqual(new Set([0, 1]));
  });

  test('that was wrong stays wrong', () => {
    const frame = packetOf(4, 1);
    (frame.bytes[frame.at + 11] as number) ^= 4;
    expect(markCongestion(frame, frame.at)).toBe(true);
    expect(readIp(new Packet(), frame, true)).toBe(Drop.Ipv4Checksum);
  });
});
