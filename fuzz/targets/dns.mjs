/** dns/shape.ts and the codec over it: any octets as a DNS message; what was read is written and read again. */
import { queryOf } from '../../packages/synwave/dist/dns/message.js';
import { shapeOf } from '../../packages/synwave/dist/dns/shape.js';
import { codec } from '../../packages/synwave/dist/node/dns.js';
import { holds } from '../target.mjs';

/** @typedef {import('../../packages/synwave/dist/dns/codec.js').Message} Message */
/** @typedef {import('../../packages/synwave/dist/dns/codec.js').DnsRecord} DnsRecord */

const own = { name: 'www.example.net', ttl: 300 };

/** @type {readonly DnsRecord[]} */
const RECORDS = [
  { ...own, type: 'A', address: '10.0.0.1' },
  { ...own, type: 'AAAA', address: 'fd00::1' },
  { ...own, type: 'CNAME', target: 'example.net' },
  { ...own, type: 'MX', preference: 10, exchange: 'mail.example.net' },
  { ...own, type: 'TXT', strings: [Uint8Array.of(97, 98), new Uint8Array(0)] },
  { ...own, type: 'SRV', priority: 1, weight: 2, port: 53, target: 'example.net' },
  {
    ...{ ...own, type: 'SOA', mname: 'ns.example.net', rname: 'first\\.last.example.net' },
    ...{ serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 },
  },
  { ...own, type: 'TYPE300', octets: Uint8Array.of(1, 2, 3) },
];

/** The same name twice, the second as a pointer to the first; and a record with a pointer in its data. */
const COMPRESSED = Buffer.from(
  '000181800001000200000000' +
    '03777777076578616d706c65036e65740000010001' +
    'c00c0005000100000009000604616c7432c010'.replace('0006', '0007') +
    'c02d000100010000000900040a000001',
  'hex',
);

/** @param {Message} message @returns {string} */
function textOf(message) {
  return JSON.stringify(message, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  );
}

/** @type {import('../target.mjs').Target} */
export default {
  name: 'dns',
  most: 512,
  words: [Uint8Array.of(0xc0, 12), Uint8Array.of(0xc0, 0x10), Uint8Array.of(0, 0, 41, 4, 0xd0, 0, 0, 0x80, 0, 0, 0)],
  seeds() {
    const query = queryOf(7, 'www.example.net', 'A', { udpSize: 1232, version: 0, dnssecOk: true });
    const answers = RECORDS.map((record) => codec.encode({ ...query, response: true, answers: [record], edns: null }));
    const all = { ...query, response: true, answers: RECORDS, authorities: RECORDS.slice(5, 7), additionals: RECORDS };
    return [codec.encode(query), ...answers, codec.encode(all), new Uint8Array(COMPRESSED)];
  },
  show: (input) => textOf(codec.decode(input) ?? queryOf(0, '.', 'ANY', null)),
  run(input) {
    const shape = shapeOf(input);
    for (const { typeAt, dataAt, dataEnd } of shape?.records ?? []) {
      holds(typeAt >= 12 && dataAt === typeAt + 10 && dataAt <= dataEnd && dataEnd <= input.length, 'a record inside');
    }
    const message = codec.decode(input);
    holds(message === null || shape !== null, 'a message without a shape');
    if (message === null) return shape === null ? 0 : 1;
    // RFC 6891 §6.2.3: sizes below 512 mean 512; none that is written is 0, which the package would take for none given.
    if (message.edns?.udpSize === 0) return 3;
    const again = codec.decode(codec.encode(message));
    const text = textOf(message);
    holds(again !== null && textOf(again) === text, `written and read again: ${text}`);
    return 2;
  },
};
