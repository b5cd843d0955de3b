/** capture/pcapng-read.ts: any octets as a pcapng file; what was read is written and read again. */
import { PcapngWriter } from '../../packages/synwave/dist/capture/pcapng-write.js';
import { contentsOf, gathered, sampleCapture, samePackets } from '../captures.mjs';
import { holds } from '../target.mjs';

/** Blocks that our writer does not write, in big-endian order: what tools of another kind make. */
const BIG_SECTION = [
  [0x0a0d0d0a, 28, 0x1a2b3c4d, 0x0001_0000, 0xffff_ffff, 0xffff_ffff, 28],
  // An interface: link type 101, snap length 16; resolution 2^-10, an offset of 5 seconds.
  [1, 44, 101 << 16, 16, 0x0009_0001, 0x8a00_0000, 0x000e_0008, 0, 5, 0, 44],
  [3, 32, 20, 0x4500_0014, 0, 0x4006_0000, 0x0a00_0001, 32], // a simple packet, cut at 16 octets
  [0x0bad, 16, 7, 16],
].flat();

/** @param {readonly number[]} words */
function bigEndian(words) {
  const view = new DataView(new ArrayBuffer(4 * words.length));
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word);
  return new Uint8Array(view.buffer);
}

/**
 * Each packet lies in a block of its own, behind the block before.
 * @param {Uint8Array} file
 * @param {import('../captures.mjs').Contents} contents
 */
function inPlace(file, { packets }) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let behind = 0;
  for (const { data } of packets) {
    const at = data.byteOffset - file.byteOffset;
    // An enhanced packet block has 28 octets in front of the packet and says its length; a simple one has 12.
    const enhanced = at >= 28 && [view.getUint32(at - 28), view.getUint32(at - 28, true)].includes(6);
    const little = enhanced ? view.getUint32(at - 28, true) === 6 : view.getUint32(at - 12, true) === 3;
    const start = at - (enhanced ? 28 : 12);
    const end = start + view.getUint32(start + 4, little);
    holds(start >= behind && at + data.length <= end - 4, `a packet at ${at} in a block from ${start} to ${end}`);
    if (enhanced) holds(view.getUint32(at - 8, little) === data.length, `the length of the packet at ${at}`);
    behind = end;
  }
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'pcapng',
  most: 768,
  words: [Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a), Uint8Array.of(0x4d, 0x3c, 0x2b, 0x1a), bigEndian([1, 20, 0, 0, 20])],
  seeds() {
    const one = sampleCapture((sink) => new PcapngWriter({ sink, application: 'fuzz' }), [101]);
    const two = sampleCapture((sink) => new PcapngWriter({ sink }), [1, 276]);
    const big = bigEndian(BIG_SECTION);
    return [one, two, big, Uint8Array.from([...big, ...one.subarray(0, 120)]), Uint8Array.from([...one, ...big])];
  },
  /** Each block's second length as its first says, as far as they make sense. */
  repair(input) {
    const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
    let little = true;
    for (let at = 0; at + 12 <= input.length; ) {
      if (view.getUint32(at) === 0x0a0d0d0a) little = view.getUint32(at + 8, true) === 0x1a2b3c4d;
      let length = view.getUint32(at + 4, little);
      if (length < 12 || length % 4 !== 0 || length > input.length - at) {
        length = (input.length - at) & ~3;
        view.setUint32(at + 4, length, little);
      }
      view.setUint32(at + length - 4, length, little);
      at += length;
    }
  },
  run(input) {
    const contents = contentsOf(input);
    const { interfaces, packets, broken } = contents;
    if (interfaces.length === 0 || contents.format !== 'pcapng') return -1;
    inPlace(input, contents);
    samePackets(contents, contentsOf(input), 'asked a second time');
    if (packets.some(({ time }) => time < 0n || time >= 1n << 64n)) return -2; // more than the writer's units hold
    const written = gathered((sink) => {
      const writer = new PcapngWriter({ sink });
      for (const each of interfaces) writer.addInterface(each);
      for (const { interfaceId, time, data, original, comment, direction, lost } of packets) {
        writer.packet(interfaceId, time, data, {
          original,
          ...(comment === null ? {} : { comment }),
          ...(direction === null ? {} : { direction }),
          ...(Number.isSafeInteger(lost) ? { lost } : {}),
        });
      }
    });
    const again = contentsOf(written);
    holds(!again.broken, 'what is written can be read');
    samePackets(contents, again, 'written and read again');
    for (const [i, { name, description, linkType }] of interfaces.entries()) {
      const other = again.interfaces[i];
      holds(other?.name === name && other.description === description && other.linkType === linkType, `interface ${i}`);
    }
    for (const [i, { comment, direction, lost }] of packets.entries()) {
      const other = again.packets[i];
      holds(other?.comment === comment && other.direction === direction, `what is said of packet ${i}`);
      holds(other?.lost === lost || !Number.isSafeInteger(lost), `packets lost before packet ${i}`);
    }
    return 2 * Math.min(packets.length, 8) + Number(broken);
  },
};
