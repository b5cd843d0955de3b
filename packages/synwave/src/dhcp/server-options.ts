/** What a DHCP server is to give and to tell, as its user says it, and as it is looked up. */
import type { Address } from '../base/address.ts';
import { formatAddress, parseAddress } from '../base/address-text.ts';
import { fail } from '../base/errors.ts';
import { formatMac, isGroupMac, type Mac, parseMac } from '../base/mac.ts';
import { type Micros, NEVER, SECOND } from '../base/time.ts';
import type { Host } from '../socket/host.ts';
import { addressOf, isInNetwork, isOfHost, wordOf } from './ipv4.ts';
import type { Range } from './pool.ts';
import type { Network } from './replies.ts';

export interface DhcpServerOptions {
  /** The first and the last address of those that are given; 65,536 at most. */
  readonly from: string;
  readonly to: string;
  /** Of the network that they are of; that of the interface's own address by default. */
  readonly prefixLength?: number;
  /** Routers and name servers, the preferred ones first; none by default. */
  readonly routers?: readonly string[];
  readonly nameServers?: readonly string[];
  /** What names of this network end in. */
  readonly domain?: string;
  /** The largest IPv4 packet on the link, 576 octets or more; not told by default. */
  readonly mtu?: number;
  /** How long clients have their address unless they ask for less; an hour by default, `NEVER`: for ever. */
  readonly leaseTime?: Micros;
  /** Addresses that are for one client each, by its MAC; inside of the range or not. */
  readonly reserved?: Readonly<Record<string, string>>;
  /** How long an answer is waited for when an address is probed before it is offered; a second by default, 0: no probes. */
  readonly probe?: Micros;
  /**
   * Whether what the server says of its network and of its own range holds: it then refuses addresses of other networks,
   * and lets clients of which it has no record have their address of the range on. It is by default.
   */
  readonly authoritative?: boolean;
  /** Whether it forgets whose addresses are whose when its host loses power; not by default. */
  readonly forgetful?: boolean;
}

export interface Plan {
  readonly range: Range;
  readonly network: Network;
  readonly leaseTime: Micros;
  readonly probe: Micros;
  readonly isAuthoritative: boolean;
  readonly isForgetful: boolean;
}

const LEASE_TIME: Micros = 3600 * SECOND;
const PROBE: Micros = SECOND;

const MOST_ADDRESSES = 65_536;

/** RFC 791 §3.1: every host takes packets of that size. */
const LEAST_MTU = 576;
const MOST_MTU = 65_535;

/** What the options mean at that interface. Throws SynwaveError EINVAL, EADDRNOTAVAIL. */
export function planOf(host: Host, index: number, options: DhcpServerOptions): Plan {
  const { leaseTime = LEASE_TIME, probe = PROBE, authoritative = true, forgetful = false, mtu = 0 } = options;
  const [from, to] = [wordOf(read(options.from)), wordOf(read(options.to))];
  const prefixLength = options.prefixLength ?? prefixAt(host, index, from);
  if (!(Number.isInteger(prefixLength) && prefixLength >= 1 && prefixLength <= 32)) {
    fail('EINVAL', `prefix length ${prefixLength}`);
  }
  if (from > to || to - from >= MOST_ADDRESSES || !isInNetwork(from, to, prefixLength)) {
    fail('EINVAL', `DHCP range ${options.from} to ${options.to}`);
  }
  if (!(leaseTime >= SECOND)) fail('EINVAL', `lease time ${leaseTime}`);
  if (!(probe >= 0 && probe < NEVER)) fail('EINVAL', `probe ${probe}`);
  if (mtu !== 0 && !(Number.isInteger(mtu) && mtu >= LEAST_MTU && mtu <= MOST_MTU)) fail('EINVAL', `MTU ${mtu}`);
  const routers = (options.routers ?? []).map(read);
  const reserved = reservedOf(options.reserved ?? {}, from, prefixLength);
  const own = host.interfaces().flatMap(({ addresses }) => addresses.map(({ address }) => parseAddress(address)));
  const taken = [...own, ...routers].flatMap((address) => (address?.family === 4 ? [wordOf(address)] : []));
  for (const [mac, word] of reserved) {
    if (taken.includes(word)) fail('EINVAL', `address ${formatAddress(addressOf(word))} for ${formatMac(mac)}`);
  }
  for (let word = from; word <= to; word++) if (!isOfHost(word, prefixLength)) taken.push(word);
  return {
    range: { from, to, except: new Set(taken), reserved },
    network: {
      prefixLength,
      routers,
      nameServers: (options.nameServers ?? []).map(read),
      domain: options.domain ?? '',
      mtu,
    },
    leaseTime,
    probe,
    isAuthoritative: authoritative,
    isForgetful: forgetful,
  };
}

/** The prefix of the interface's network that holds an address; throws SynwaveError EADDRNOTAVAIL when none does. */
function prefixAt(host: Host, index: number, word: number): number {
  const addresses = host.interfaces()[index]?.addresses ?? fail('EINVAL', `interface ${index}`);
  for (const { address, prefixLength } of addresses) {
    const own = parseAddress(address);
    if (own?.family === 4 && isInNetwork(word, wordOf(own), prefixLength)) return prefixLength;
  }
  return fail('EADDRNOTAVAIL', `interface ${index}, of no network with the DHCP range`);
}

function reservedOf(
  table: Readonly<Record<string, string>>,
  network: number,
  prefixLength: number,
): ReadonlyMap<Mac, number> {
  const reserved = new Map<Mac, number>();
  const taken = new Set<number>();
  for (const [text, address] of Object.entries(table)) {
    const mac = parseMac(text);
    const word = wordOf(read(address));
    if (mac === null || isGroupMac(mac)) return fail('EINVAL', `MAC address ${text}`);
    if (!isInNetwork(word, network, prefixLength) || !isOfHost(word, prefixLength) || taken.has(word)) {
      fail('EINVAL', `address ${address} for ${text}`);
    }
    taken.add(word);
    reserved.set(mac, word);
  }
  return reserved;
}

function read(text: string): Address {
  const address = parseAddress(text);
  return address?.family === 4 ? address : fail('EINVAL', `IPv4 address ${text}`);
}
