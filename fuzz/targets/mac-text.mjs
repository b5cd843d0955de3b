/** base/mac.ts: any text as a MAC address; what is written reads as the same address. */
import { formatMac, isGroupMac, parseMac, readMac, writeMac } from '../../packages/synwave/dist/base/mac.js';
import { holds } from '../target.mjs';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const view = new DataView(new ArrayBuffer(6));

/** @type {import('../target.mjs').Target} */
export default {
  name: 'mac-text',
  most: 32,
  words: [':', '-', '0', 'ff', 'FF'],
  seeds: () => ['02:00:00:00:00:01', 'FF-FF-FF-FF-FF-FF', '1:2:3:4:5:6'].map((text) => encoder.encode(text)),
  show: (input) => JSON.stringify(decoder.decode(input)),
  run(input) {
    const mac = parseMac(decoder.decode(input));
    if (mac === null) return 0;
    holds(Number.isInteger(mac) && mac >= 0 && mac < 2 ** 48, `${mac}`);
    const written = formatMac(mac);
    holds(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(written) && parseMac(written) === mac, written);
    writeMac(view, 0, mac);
    holds(readMac(view, 0) === mac && ((view.getUint8(0) & 1) === 1) === isGroupMac(mac), 'as octets');
    return 1;
  },
};
