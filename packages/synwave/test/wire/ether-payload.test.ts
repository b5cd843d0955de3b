import { expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { etherPayloadAt, ipBehindEthernet } from '../../src/wire/ether-payload.ts';

/** A frame with that in its header behind the two addresses, and 46 octets of payload; it begins at 3. */
function frameOf(...words: number[]): Frame {
  const frame = Frame.from(new Uint8Array(12 + 2 * words.length + 46), 3);
  for (const [i, word] of words.entries()) frame.view.setUint16(frame.at + 12 + 2 * i, word);
  return frame;
}

test.each<[string, number[], number, boolean]>([
  ['IPv4', [0x0800], 14, true],
  ['IPv6', [0x86dd], 14, true],
  ['ARP', [0x0806], 14, false],
  ['a length of IEEE 802.3', [46], 14, false],
  ['IPv4 in a VLAN', [0x8100, 0x0064, 0x0800], 18, true],
  ['IPv6 in a VLAN of a provider', [0x88a8, 7, 0x86dd], 18, true],
  ['ARP in a VLAN', [0x8100, 1, 0x0806], 18, false],
  ['IPv4 in a VLAN in a VLAN', [0x88a8, 7, 0x8100, 1, 0x0800], 22, true],
  ['no more than two tags', [0x8100, 1, 0x8100, 1, 0x8100, 1, 0x0800], 22, false],
])('%s', (_name, words, payload, isIp) => {
  const frame = frameOf(...words);
  expect(etherPayloadAt(frame)).toBe(3 + payload);
  expect(ipBehindEthernet(frame)).toBe(isIp ? 3 + payload : -1);
});

test('a header that is cut short, in a tag as well, has no payload; one without payload has it at its end', () => {
  const frame = frameOf(0x8100, 1, 0x0800);
  for (frame.end = frame.at; frame.length < 18; frame.end++) {
    expect(etherPayloadAt(frame)).toBe(-1);
    expect(ipBehindEthernet(frame)).toBe(-1);
  }
  expect(etherPayloadAt(frame)).toBe(frame.end);
});
