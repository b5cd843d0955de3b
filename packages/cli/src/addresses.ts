/** Addresses of a command's host on its link, as `--address` has them, and those of who is at the other end. */
import { Address, formatAddress, parseAddress } from 'synwave';
import { UserError } from './errors.ts';

/** An address with the length of its network's prefix: `10.9.0.2/24`. */
export interface Placed {
  readonly address: string;
  readonly prefix: number;
}

/** Reads `10.9.0.2/24` or `fd00:9::2/64`. There must be room for another host in the network. */
export function parsePlaced(text: string): Placed {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const address = parseAddress(match?.[1] ?? '');
  const prefix = Number(match?.[2]);
  const bits = address?.family === 4 ? 32 : 128;
  if (address !== null && prefix >= 1 && prefix <= bits - 2) return { address: formatAddress(address), prefix };
  throw new UserError(`${text} is not an address with its network: write 10.9.0.2/24 or fd00:9::2/64`);
}

export function placedText({ address, prefix }: Placed): string {
  return `${address}/${prefix}`;
}

/** The first host of the same network, the second where that is us: whom the kernel, or a router, is there. */
export function neighbourOf(placed: Placed): Placed {
  const own = addressOf(placed);
  const first = networkOf(own, placed.prefix);
  first.d |= 1;
  if (first.equals(own)) first.d++;
  return { address: formatAddress(first), prefix: placed.prefix };
}

/** Whether an address, given as its octets, is a host's in the same network, other than that one. */
export function holds(placed: Placed, octets: Uint8Array): boolean {
  const own = addressOf(placed);
  const other = fromOctets(octets);
  const network = networkOf(own, placed.prefix);
  if (other.family !== own.family || !networkOf(other, placed.prefix).equals(network)) return false;
  if (other.equals(own) || other.equals(network)) return false;
  // The last address of an IPv4 network is for all of its hosts.
  return own.family === 6 || other.d !== (network.d | ~(-1 << (32 - placed.prefix)));
}

/** An address, given as its octets, in words. */
export function textOf(octets: Uint8Array): string {
  return formatAddress(fromOctets(octets));
}

function fromOctets(octets: Uint8Array): Address {
  const word = (at: number): number =>
    ((octets[at] ?? 0) << 24) | ((octets[at + 1] ?? 0) << 16) | ((octets[at + 2] ?? 0) << 8) | (octets[at + 3] ?? 0);
  return octets.length === 4
    ? new Address().set(0, 0, 0xffff, word(0))
    : new Address().set(word(0), word(4), word(8), word(12));
}

function addressOf({ address }: Placed): Address {
  return parseAddress(address) ?? new Address();
}

/** The address whose bits behind the prefix, counted in its own family, are zero. */
function networkOf(address: Address, prefix: number): Address {
  const bits = address.family === 4 ? prefix + 96 : prefix;
  const mask = (word: number): number => {
    const kept = Math.min(Math.max(bits - 32 * word, 0), 32);
    return kept === 0 ? 0 : -1 << (32 - kept);
  };
  return new Address().set(address.a & mask(0), address.b & mask(1), address.c & mask(2), address.d & mask(3));
}
