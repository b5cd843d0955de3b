/** wire/text-parse.ts: any text as a line that tells of a packet; what it takes is printed, parsed and printed the same. */
import { Frame } from '../../packages/synwave/dist/base/frame.js';
import { Drop } from '../../packages/synwave/dist/wire/drop.js';
import { Packet, readIp } from '../../packages/synwave/dist/wire/ip.js';
import { PacketPrinter } from '../../packages/synwave/dist/wire/text.js';
import { parseText, TextError } from '../../packages/synwave/dist/wire/text-parse.js';
import { sampleLines } from '../packets.mjs';
import { holds } from '../target.mjs';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const absolute = new PacketPrinter({ absolute: true });
const packet = new Packet();

/** @type {import('../target.mjs').Target} */
export default {
  name: 'text-parse',
  most: 256,
  words: [
    ...new Set(sampleLines.join(' ').match(/[A-Za-z-]+6?[,:]? ?|[[\]{}(),:> ]+/g)),
    'IP6 ::1 > ::2: ',
    '12:34:56.789012 ',
    '::ffff:10.0.0.1',
    '4294967295',
    '65535',
    '99999999999',
    '.67',
    '.68',
    '[len 3]',
    'md5 ',
    'scps cap 00 id 1',
    'tcp-ao keyid 1 rnextkeyid 2 mac 0x0102',
    'exp-tfo cookiereq',
    'echo 1',
  ],
  seeds: () => sampleLines.map((line) => encoder.encode(line)),
  show: (input) => JSON.stringify(decoder.decode(input)),
  run(input) {
    const line = decoder.decode(input);
    let parsed;
    try {
      parsed = parseText(line);
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      holds(error.column >= 1 && error.column <= line.length + 1, `column ${error.column} of ${line.length}`);
      return 0;
    }
    const frame = Frame.from(parsed);
    holds(readIp(packet, frame, true) === Drop.None && packet.textEnd === frame.end, 'the packet is well formed');
    const printed = absolute.line(frame);
    const again = absolute.line(Frame.from(parseText(printed)));
    holds(again === printed, `${JSON.stringify(line)}: ${printed} | ${again}`);
    return packet.family * 256 + packet.protocol;
  },
};
