/** capture/pcap-read.ts: any octets as a pcap file; what was read is written and read again. */
import { PcapWriter } from '../../packages/synwave/dist/capture/pcap-write.js';
import { contentsOf, gathered, sampleCapture, samePackets } from '../captures.mjs';
import { holds } from '../target.mjs';

const HEADER = 24;

/** The same file in the other byte order. @param {Uint8Array} file */
function turned(file) {
  const out = file.slice();
  out.subarray(0, 4).reverse();
  out.subarray(4, 6).reverse();
  out.subarray(6, 8).reverse();
  for (let at = 8; at < HEADER; at += 4) out.subarray(at, at + 4).reverse();
  const view = new DataView(file.buffer, file.byteOffset);
  for (let at = HEADER; at < file.length; at += 16 + view.getUint32(at + 8, true)) {
    for (let i = at; i < at + 16; i += 4) out.subarray(i, i + 4).reverse();
  }
  return out;
}

/**
 * Each packet is where it would be by the lengths in front of those before.
 * @param {Uint8Array} file
 * @param {import('../captures.mjs').Contents} contents
 */
function inPlace(file, { packets, broken }) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const little = file[0] !== 0xa1;
  let at = HEADER;
  for (const { data } of packets) {
    const length = view.getUint32(at + 8, little);
    holds(data.byteOffset - file.byteOffset === at + 16 && data.length === length, `the packet at ${at}`);
    at += 16 + length;
  }
  holds(broken || at === file.length, `the file goes on at ${at}`);
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'pcap',
  most: 768,
  words: [Uint8Array.of(0xa1, 0xb2, 0xc3, 0xd4), Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1), Uint8Array.of(2, 0, 4, 0)],
  seeds() {
    const files = [0, 1, 101, 113, 276].map((link) => sampleCapture((sink) => new PcapWriter({ sink }), [link]));
    return [...files, ...files.slice(0, 2).map(turned), ...files.slice(0, 1).map((file) => file.subarray(0, HEADER))];
  },
  run(input) {
    const contents = contentsOf(input);
    const { interfaces, packets, broken } = contents;
    const [only] = interfaces;
    if (only === undefined || contents.format !== 'pcap') return -1;
    inPlace(input, contents);
    samePackets(contents, contentsOf(input), 'asked a second time');
    // A fraction of more than a second may be more than the format holds when it is carried over.
    if (packets.some(({ time }) => time >= 0x1_0000_0000n * 1_000_000_000n)) return -2;
    const written = gathered((sink) => {
      const writer = new PcapWriter({ sink });
      const id = writer.addInterface(only);
      for (const { time, data, original } of packets) writer.packet(id, time, data, { original });
    });
    const again = contentsOf(written);
    holds(!again.broken && again.interfaces[0]?.linkType === only.linkType, 'what is written can be read');
    samePackets(contents, again, 'written and read again');
    return 2 * packets.length + Number(broken);
  },
};
