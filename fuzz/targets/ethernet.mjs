/** wire/ethernet.ts: any octets as an Ethernet frame, with tags and LLC/SNAP; what was read is written and read again. */
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import { Ethernet, EtherType, readEthernet, writeEthernet } from '../../packages/synwave/dist/wire/ethernet.js';
import { samplePackets } from '../packets.mjs';
import { blank, copyText, holds, inside, Places, readTwice } from '../target.mjs';

/** @typedef {import('../../packages/synwave/dist/base/frame.js').Frame} Frame */
/** @typedef {import('../target.mjs').Log} Log */

const MOST = 128;
const places = new Places(MOST);
const others = new Places(MOST);
const ethernet = new Ethernet();
const written = blank(MOST);

/** Types and lengths of what is put between the addresses and the text. */
const BEFORE = [
  [0x08, 0x00],
  [0x86, 0xdd],
  [0x08, 0x06],
  [0x81, 0x00, 0x20, 0x05, 0x08, 0x00],
  [0x88, 0xa8, 0x00, 0x07, 0x81, 0x00, 0x00, 0x00, 0x86, 0xdd],
  [0x00, 0x30, 0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00],
];

/**
 * @param {Frame} frame
 * @param {Log} log
 */
function read(frame, log) {
  const drop = readEthernet(ethernet, frame);
  log.put(drop);
  if (drop !== Drop.None) return;
  const { dst, src, type, textAt } = ethernet;
  inside(frame, textAt, frame.end);
  holds(dst >= 0 && dst < 2 ** 48 && src >= 0 && src < 2 ** 48, 'MACs have 48 bits');
  holds(type >= 0x600 && type <= 0xffff, `type ${type}`);
  holds(type !== EtherType.Vlan || textAt - frame.at > 14, 'a tag is no type of what is carried');
  log.put(dst, src, type);
  log.octets(frame.bytes, textAt, frame.end);
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'ethernet',
  most: MOST,
  words: BEFORE.map((octets) => Uint8Array.from(octets)),
  seeds() {
    const text = samplePackets()[6] ?? new Uint8Array(48);
    return BEFORE.map((octets) => Uint8Array.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ...octets, ...text]));
  },
  run(input) {
    const log = readTwice(places, input, read);
    const drop = log.values[0] ?? Drop.None;
    if (drop !== Drop.None) return -drop;
    const { vlan, dst, src, type } = ethernet;
    holds(vlan >= -1 && vlan <= 0xfff, `VLAN ${vlan}`);
    const [frame] = places.put(input);
    readEthernet(ethernet, frame);
    // LLC/SNAP may carry the type of a tag, which is only read as one where the frame's own type stands.
    if (type === EtherType.Vlan || type === EtherType.ProviderVlan) return 2;
    copyText(written, frame, ethernet.textAt, frame.end);
    writeEthernet(written, dst, src, type);
    log.same(readTwice(others, written.copy(), read), 'written and read again');
    return vlan < 0 ? 0 : 1;
  },
};
