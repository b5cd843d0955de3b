/** ARP: what is written is read, what is not about IPv4 on Ethernet is dropped. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { ARP_LENGTH, Arp, ArpOperation, readArp, writeArp } from '../../src/wire/arp.ts';
import { Drop } from '../../src/wire/drop.ts';
import * as arbitrary from './arbitrary.ts';

const octets = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (h) => Number.parseInt(h, 16));

/** RFC 826, "Packet format": hardware, protocol, both lengths, operation, sender, target. */
const REQUEST = '0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002';

function request(): Arp {
  const arp = new Arp();
  arp.operation = ArpOperation.Request;
  arp.senderMac = 0x0200_0000_0001;
  arp.sender.set(0, 0, 0xffff, 0x0a000001);
  arp.target.set(0, 0, 0xffff, 0x0a000002);
  return arp;
}

function read(bytes: Uint8Array, into: Arp = new Arp()): Drop {
  const frame = Frame.from(bytes, 3);
  return readArp(into, frame, frame.at, frame.end);
}

describe('a packet', () => {
  test('that is written is read, at any offset, with padding behind it or without', () => {
    fc.assert(
      fc.property(arbitrary.arps, fc.nat(3), fc.nat(18), (arp, odd, padding) => {
        const frame = new Frame(96);
        frame.at = 32 + odd;
        frame.end = frame.at;
        writeArp(frame, arp);
        expect(frame.length).toBe(ARP_LENGTH);
        const into = new Arp();
        expect(readArp(into, frame, frame.at, frame.end + padding)).toBe(Drop.None);
        expect(into).toEqual(arp);
      }),
    );
  });

  test('stands octet for octet as RFC 826 has it', () => {
    const frame = new Frame(ARP_LENGTH);
    frame.at = ARP_LENGTH;
    frame.end = ARP_LENGTH;
    writeArp(frame, request());
    expect(frame.copy()).toEqual(octets(REQUEST));
    const into = new Arp();
    expect(read(octets(REQUEST), into)).toBe(Drop.None);
    expect(into).toEqual(request());
  });

  test('that probes has no sender address yet (RFC 5227 §1.1), and is read like any', () => {
    const into = new Arp();
    expect(read(octets(REQUEST.replace('0a000001', '00000000')), into)).toBe(Drop.None);
    expect([into.sender.family, into.sender.d]).toEqual([4, 0]);
  });

  test.each<[string, string, Drop]>([
    ['nothing', '', Drop.ArpShort],
    ['one octet less', REQUEST.slice(0, -2), Drop.ArpShort],
    ['another hardware', REQUEST.replace(/^0001/, '0006'), Drop.ArpMalformed],
    ['another protocol', REQUEST.replace('0800', '86dd'), Drop.ArpMalformed],
    ['hardware addresses of another length', REQUEST.replace(' 06 ', ' 08 '), Drop.ArpMalformed],
    ['protocol addresses of another length', REQUEST.replace(' 04 ', ' 10 '), Drop.ArpMalformed],
    ['operation 0', REQUEST.replace('04 0001', '04 0000'), Drop.ArpMalformed],
    ['operation 3 (reverse)', REQUEST.replace('04 0001', '04 0003'), Drop.ArpMalformed],
    ['operation 0x0101', REQUEST.replace('04 0001', '04 0101'), Drop.ArpMalformed],
  ])('dropped: %s', (_name, hex, reason) => {
    expect(read(octets(hex))).toBe(reason);
  });

  test('of any octets is read without throwing; one that is taken is what would be written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, head) => {
        if (head) bytes.set(octets('0001 0800 06 04 0002').subarray(0, bytes.length));
        const arp = new Arp();
        if (read(bytes, arp) !== Drop.None) return;
        const frame = new Frame(ARP_LENGTH);
        frame.at = ARP_LENGTH;
        frame.end = ARP_LENGTH;
        writeArp(frame, arp);
        expect(frame.copy()).toEqual(bytes.slice(0, ARP_LENGTH));
      }),
    );
  });
});
