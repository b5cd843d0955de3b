/** dns/name.ts: any text as a domain name; what is taken goes over the wire as it is. */
import { queryOf } from '../../packages/synwave/dist/dns/message.js';
import { parentOf, parseName } from '../../packages/synwave/dist/dns/name.js';
import { codec } from '../../packages/synwave/dist/node/dns.js';
import { holds } from '../target.mjs';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const LABEL = 'a'.repeat(63);
const NAMES = [
  '.',
  'example.net',
  'WWW.Example.NET.',
  '_dns._udp.example',
  LABEL,
  `${LABEL}.${LABEL}.${LABEL}.${LABEL}`,
];

/** @type {import('../target.mjs').Target} */
export default {
  name: 'dns-name',
  most: 300,
  words: ['.', '..', '\\.', '\\', ' ', '\0', LABEL],
  seeds: () => NAMES.map((name) => encoder.encode(name)),
  show: (input) => JSON.stringify(decoder.decode(input)),
  run(input) {
    const name = parseName(decoder.decode(input));
    if (name === null) return 0;
    holds(parseName(name) === name, `not in its one form: ${name}`);
    const message = codec.decode(codec.encode(queryOf(1, name, 'A', null)));
    holds(message?.questions[0]?.name === name, `over the wire it is ${message?.questions[0]?.name}`);
    let up = parentOf(name);
    for (let steps = 0; up !== null; up = parentOf(up)) {
      holds(parseName(up) === up && ++steps <= 128, `one step up: ${up}`);
    }
    return 1;
  },
};
