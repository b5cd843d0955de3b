/** wire/text-ethernet.ts: any octets as an Ethernet frame to be printed; what the parser takes is printed as the same line. */
import { Frame } from '../../packages/synwave/dist/base/frame.js';
import { TextError } from '../../packages/synwave/dist/wire/scanner.js';
import { PacketPrinter } from '../../packages/synwave/dist/wire/text.js';
import { parseEthernetText } from '../../packages/synwave/dist/wire/text-ethernet-parse.js';
import { octet, repairPacket, samplePackets } from '../packets.mjs';
import { holds, Places } from '../target.mjs';

const MOST = 400;
const HEADER = 14;
const places = new Places(MOST);
const absolute = new PacketPrinter({ absolute: true });

const LINES = [
  'ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28',
  'ARP, Request who-has 10.0.0.2 (02:00:00:00:00:02) tell 10.0.0.1, length 46',
  'ARP, Reply 10.0.0.2 is-at 02:00:00:00:00:02, length 28',
];

/** @type {import('../target.mjs').Target} */
export default {
  name: 'text-ethernet',
  most: MOST,
  words: [Uint8Array.of(0x81, 0, 0, 5), Uint8Array.of(0, 50, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0), Uint8Array.of(8, 6)],
  seeds: () => [
    ...LINES.map(parseEthernetText),
    ...samplePackets().map((packet) => Uint8Array.from([...header(packet), ...packet])),
  ],
  repair(input, random) {
    if (octet(input, 12) === 0x08 || octet(input, 12) === 0x86) repairPacket(input.subarray(HEADER), random);
  },
  run(input) {
    const [frame, other] = places.put(input);
    const line = absolute.ethernetLine(frame);
    const again = absolute.ethernetLine(other);
    holds(line === again, `the line depends on what is not the frame: ${line} | ${again}`);
    holds(/^[ -~]+$/.test(line), `not a line of plain text: ${JSON.stringify(line)}`);
    new PacketPrinter().ethernetLine(frame, 2 * frame.length);
    const parsed = parse(line);
    if (parsed === null) return 0;
    const printed = absolute.ethernetLine(Frame.from(parsed));
    holds(printed === line, `parsed and printed again: ${line} | ${printed}`);
    return 1;
  },
};

/** @param {Uint8Array} packet */
function header(packet) {
  const type = octet(packet, 0) >> 4 === 4 ? [0x08, 0x00] : [0x86, 0xdd];
  return [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ...type];
}

/** @param {string} line */
function parse(line) {
  try {
    return parseEthernetText(line);
  } catch (error) {
    if (error instanceof TextError) return null;
    throw error;
  }
}
