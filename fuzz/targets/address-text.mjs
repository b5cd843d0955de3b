/** base/address-text.ts: any text as an address, taken where Node.js takes it; what is written reads as the same address. */
import { isIPv4, isIPv6 } from 'node:net';
import { formatAddress, parseAddress } from '../../packages/synwave/dist/base/address-text.js';
import { holds } from '../target.mjs';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const TEXTS = ['10.0.0.1', '255.255.255.255', '::', '::1', '1::', 'fd00::1:0:0:2', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4'];

/** @type {import('../target.mjs').Target} */
export default {
  name: 'address-text',
  most: 64,
  words: ['::', ':', '.', '0', '1', '255', '256', 'ffff', 'FFFF', '00', '%1', '[', ']', '/64'],
  seeds: () => [...TEXTS, '2001:db8:0:0:1::', '64:ff9b::192.0.2.33'].map((text) => encoder.encode(text)),
  show: (input) => JSON.stringify(decoder.decode(input)),
  run(input) {
    const text = decoder.decode(input);
    const address = parseAddress(text);
    const known = isIPv4(text) || (isIPv6(text) && !text.includes('%'));
    holds((address !== null) === known, `${JSON.stringify(text)}: Node.js says ${known}`);
    if (address === null) return 0;
    const written = formatAddress(address);
    const again = parseAddress(written);
    holds(again?.equals(address) === true, `${text} is written ${written}`);
    holds(formatAddress(address) === written && written.length <= 39, written);
    if (address.family === 4) return 4;
    // The URL Standard writes IPv6 addresses by the rules of RFC 5952 §4.1 to §4.3 as well.
    const { hostname } = new URL(`http://[${text}]/`);
    holds(hostname === `[${written}]`, `${written}, and ${hostname} in a URL`);
    return 6;
  },
};
