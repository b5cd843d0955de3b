/** The text of neighbor discovery as tcpdump prints it. */

import { NdType } from './nd.ts';
import { ipv6Text } from './text-address.ts';
import type { Octets } from './text-options.ts';

/** What each message is called. The parser knows the names as well. */
export const ndNames: Readonly<Record<number, string>> = {
  [NdType.RouterSolicitation]: 'router solicitation',
  [NdType.RouterAdvertisement]: 'router advertisement',
  [NdType.NeighborSolicitation]: 'neighbor solicitation',
  [NdType.NeighborAdvertisement]: 'neighbor advertisement',
  [NdType.Redirect]: 'redirect',
};

/** What stands in front of the target's address. */
export const targetWords: Readonly<Record<number, string>> = {
  [NdType.NeighborSolicitation]: 'who has',
  [NdType.NeighborAdvertisement]: 'tgt is',
};

/** Where the addresses stand, from the ICMP header on. */
const TARGET = 8;
const DESTINATION = 24;
const ADDRESS = 16;

/** What follows `ICMP6, ` for the message of that type at `at`, without its length; null where it is cut too short for that. */
export function ndText(frame: Octets, at: number, type: number): string | null {
  const name = ndNames[type] ?? '';
  const words = targetWords[type];
  if (words !== undefined) {
    return at + TARGET + ADDRESS > frame.end ? null : `${name}, ${words} ${ipv6Text(frame.view, at + TARGET)}`;
  }
  if (type !== NdType.Redirect) return at + 2 > frame.end ? null : name;
  if (at + DESTINATION + ADDRESS > frame.end) return null;
  return `${name}, ${ipv6Text(frame.view, at + DESTINATION)} to ${ipv6Text(frame.view, at + TARGET)}`;
}
