/** wire/text.ts: any octets as a packet to be printed; what the parser takes of the line is printed as the same line. */
import { Frame } from '../../packages/synwave/dist/base/frame.js';
import { PacketPrinter } from '../../packages/synwave/dist/wire/text.js';
import { parseText, TextError } from '../../packages/synwave/dist/wire/text-parse.js';
import { extended, repairPacket, samplePackets } from '../packets.mjs';
import { holds, Places } from '../target.mjs';

const MOST = 256;
const places = new Places(MOST);
/** Numbers as they stand in the header: a printer that remembers flows would depend on the inputs before. */
const absolute = new PacketPrinter({ absolute: true });

/** @type {import('../target.mjs').Target} */
export default {
  name: 'text-print',
  most: MOST,
  seeds() {
    const packets = samplePackets();
    const last = /** @type {Uint8Array} */ (packets.at(-1));
    const chain = extended(last, [
      [0, 0, 1, 4, 0, 0, 0, 0],
      [60, 0, 1, 4, 0, 0, 0, 0],
      [44, 0, 0, 1, 0, 0, 0, 7],
    ]);
    return [...packets, chain];
  },
  repair: repairPacket,
  run(input) {
    const [frame, other] = places.put(input);
    const line = absolute.line(frame);
    const again = absolute.line(other);
    holds(line === again, `the line depends on what is not the packet: ${line} | ${again}`);
    holds(/^[ -~]+$/.test(line), `not a line of plain text: ${JSON.stringify(line)}`);
    // Relative numbers, and as a capture that was cut has it: what was on the wire was longer.
    new PacketPrinter().line(frame, 2 * frame.length);
    const parsed = parse(line);
    if (parsed === null) return 0;
    const printed = absolute.line(Frame.from(parsed));
    holds(printed === line, `parsed and printed again: ${line} | ${printed}`);
    return 1;
  },
};

/** @param {string} line */
function parse(line) {
  try {
    return parseText(line);
  } catch (error) {
    if (error instanceof TextError) return null;
    throw error;
  }
}
