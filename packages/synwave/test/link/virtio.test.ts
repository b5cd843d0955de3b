/** Virtio: the header in front of packets whose sums and cutting are left to the other side (VIRTIO 1.2 §5.1.6). */
import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/base/frame.ts';
import { VIRTIO_HEADER, Virtio } from '../../src/link/virtio.ts';
import { fillTextSum } from '../../src/wire/fill-sums.ts';
import { Packet, readIp } from '../../src/wire/ip.ts';
import { ACK, CWR, Segment } from '../../src/wire/segment.ts';
import { writeTcp } from '../../src/wire/tcp.ts';
import { families, packet, udpText } from '../ip/wire.ts';
import { octets } from '../world/data.ts';

function tcp(flags: number): Uint8Array {
  const frame = Frame.from(octets(3000, 1), 128);
  const seg = new Segment();
  seg.flags = flags;
  writeTcp(frame, seg, -1);
  return frame.copy();
}

/** The header as its fields. */
function fields({ view, at }: Frame): Record<string, number> {
  const [flags, gso] = [view.getUint8(at), view.getUint8(at + 1)];
  const [headers, size, start, offset] = [2, 4, 6, 8].map((k) => view.getUint16(at + k, true));
  return { flags, gso, headers, size, start, offset } as Record<string, number>;
}

/** What whoever fills in the sum makes of it: the sum from `start` on, over what stands at `offset` already. */
function filled(frame: Frame): Uint8Array {
  const { start = 0, offset = 0 } = fields(frame);
  const bytes = frame.copy().subarray(VIRTIO_HEADER);
  let sum = 0;
  for (let i = start; i < bytes.length; i++) sum += (bytes[i] as number) << ((i - start) % 2 === 0 ? 8 : 0);
  while (sum > 0xffff) sum = (sum >>> 16) + (sum & 0xffff);
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(start + offset, ~sum & 0xffff);
  return bytes;
}

describe.each([4, 6] as const)('IPv%i', (family) => {
  const { header } = families[family];

  test.each([
    ['a segment', 6, tcp(ACK), 16],
    ['a datagram', 17, udpText(family, 9, octets(31, 1)), 6],
  ] as const)('%s: whoever adds the rest arrives at the sum', (_name, protocol, text, offset) => {
    const whole = packet(family, protocol, text);
    const right = Frame.from(whole);
    const read = new Packet();
    readIp(read, right, true);
    fillTextSum(right, read.textAt, read.textEnd, read);
    const frame = Frame.from(whole, 64);
    new Virtio(false).write(frame);
    expect(fields(frame)).toEqual({ flags: 1, gso: 0, headers: 0, size: 0, start: header, offset });
    expect(filled(frame)).toEqual(right.copy());
  });

  test.each([
    ['a super segment', ACK, 0],
    ['one with CWR, which is to go with the first piece alone', ACK | CWR, 0x80],
  ])('%s', (_name, flags, marked) => {
    const frame = Frame.from(packet(family, 6, tcp(flags)), 64);
    frame.cutTo = 1400;
    new Virtio(false).write(frame);
    const gso = (family === 4 ? 1 : 4) | marked;
    expect(fields(frame)).toEqual({ flags: 1, gso, headers: header + 20, size: 1400, start: header, offset: 16 });
  });

  test('in an Ethernet frame everything stands 14 octets later', () => {
    const inside = packet(family, 6, tcp(ACK));
    const ethernet = new Uint8Array(14 + inside.length);
    ethernet.set(inside, 14);
    new DataView(ethernet.buffer).setUint16(12, family === 4 ? 0x0800 : 0x86dd);
    const frame = Frame.from(ethernet, 64);
    frame.cutTo = 1400;
    new Virtio(true).write(frame);
    expect(fields(frame)).toMatchObject({ headers: 14 + header + 20, start: 14 + header });
  });
});

describe('what is left as it is', () => {
  test.each([
    ['ICMP', packet(4, 1, octets(64, 1))],
    ['a segment that is too short', packet(4, 6, octets(12, 1))],
    ['no IP packet', octets(40, 1).fill(0, 0, 1)],
    ['a fragment', fragment()],
  ])('%s', (_name, bytes) => {
    const frame = Frame.from(bytes, 64);
    new Virtio(false).write(frame);
    expect(fields(frame)).toEqual({ flags: 0, gso: 0, headers: 0, size: 0, start: 0, offset: 0 });
    expect(frame.copy().subarray(VIRTIO_HEADER)).toEqual(bytes);
  });

  function fragment(): Uint8Array {
    const bytes = packet(4, 17, udpText(4, 9, octets(100, 1)), { dontFragment: false });
    bytes[6] = 0x20; // more fragments; whoever takes it in for its header's sum is not asked
    const frame = Frame.from(bytes);
    frame.view.setUint16(10, 0);
    let sum = 0;
    for (let i = 0; i < 20; i += 2) sum += frame.view.getUint16(i);
    frame.view.setUint16(10, ~((sum >>> 16) + (sum & 0xffff)) & 0xffff);
    return frame.copy();
  }
});

describe('what arrives', () => {
  const withHeader = (flags: number, gso: number, size: number): Frame => {
    const frame = Frame.from(new Uint8Array(VIRTIO_HEADER + 40));
    frame.view.setUint8(0, flags);
    frame.view.setUint8(1, gso);
    frame.view.setUint16(4, size, true);
    return frame;
  };

  test.each([
    ['verify it', 0, 0, 0, false, 0],
    ['its sum is left out', 1, 0, 0, true, 0],
    ['its sum was looked at', 2, 0, 0, true, 0],
    ['a super segment', 1, 1, 1448, true, 1448],
    ['a marked one of IPv6', 1, 0x84, 1428, true, 1428],
    ['UDP that is to be cut: we never ask for it', 1, 3, 1400, true, 0],
  ])('%s', (_name, flags, gso, size, vouched, cutTo) => {
    const frame = withHeader(flags, gso, size);
    expect(new Virtio(false).read(frame)).toBe(true);
    expect([frame.vouched, frame.cutTo, frame.length]).toEqual([vouched, cutTo, 40]);
  });

  test('less than a header', () => {
    expect(new Virtio(false).read(Frame.from(new Uint8Array(VIRTIO_HEADER - 1)))).toBe(false);
  });
});
