/** Neighbor discovery as `wire/text-nd.ts` prints it, back into octets: what stands behind the ICMP header. */
import type { Address } from '../base/address.ts';
import { parseAddress } from '../base/address-text.ts';
import { ICMP_HEADER } from './icmp.ts';
import { writeAddress } from './ipv6.ts';
import { NdType } from './nd.ts';
import type { Scanner } from './scanner.ts';
import { ndNames, targetWords } from './text-nd.ts';

/** Octets of the fields in front of the options, behind the ICMP header. */
const ADVERTISEMENT = 8;
const ADDRESS = 16;

/** An option that nobody knows (RFC 4727), which fills what the line says no more of than its length. */
const EXPERIMENT = 253;
const UNIT = 8;
const MOST_UNITS = 255;

/** A message's type, and its octets behind the ICMP header. */
export interface NdData {
  readonly type: number;
  readonly data: Uint8Array;
}

/**
 * The message of `length` octets that `text` tells of; null if it is about something else. Fields that no line tells are
 * zeros; options are one that says nothing. Throws a TextError for the column of `lengthAt` where the length does not fit.
 */
export function parseNd(text: string, scanner: Scanner, length: number, lengthAt: number): NdData | null {
  for (const [number, name] of Object.entries(ndNames)) {
    const type = Number(number);
    const addresses = text.startsWith(name) ? addressesOf(type, text.slice(name.length)) : null;
    if (addresses === null) continue;
    const body = type === NdType.RouterAdvertisement ? ADVERTISEMENT : ADDRESS * addresses.length;
    const rest = length - ICMP_HEADER - body;
    if (rest < 0) scanner.fail(`a ${name} has ${ICMP_HEADER + body} octets at least`, lengthAt);
    if (rest % UNIT !== 0) scanner.fail('options come in units of 8 octets', lengthAt);
    const data = new Uint8Array(body + rest);
    const view = new DataView(data.buffer);
    for (const [i, address] of addresses.entries()) writeAddress(address, view, ADDRESS * i);
    fillOptions(data, body);
    return { type, data };
  }
  return null;
}

/** The addresses that stand behind a message's name, in the order of the packet: the target first. */
function addressesOf(type: number, text: string): Address[] | null {
  const words = targetWords[type];
  if (words !== undefined)
    return readAddresses(text.startsWith(`, ${words} `) ? [text.slice(words.length + 3)] : [''], 1);
  if (type !== NdType.Redirect) return text === '' ? [] : null;
  const [, destination = '', target = ''] = /^, (\S+) to (\S+)$/.exec(text) ?? [];
  return readAddresses([target, destination], 2);
}

function readAddresses(texts: readonly string[], wanted: number): Address[] | null {
  const found = texts.map(parseAddress).filter((address) => address?.family === 6) as Address[];
  return found.length === wanted ? found : null;
}

function fillOptions(data: Uint8Array, from: number): void {
  for (let at = from; at < data.length; ) {
    const units = Math.min((data.length - at) / UNIT, MOST_UNITS);
    data[at] = EXPERIMENT;
    data[at + 1] = units;
    at += units * UNIT;
  }
}
