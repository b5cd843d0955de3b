/** RFC 2132: the options of DHCP, as far as hosts and routers here use them; long ones in pieces, as RFC 3396 has it. */
import { Address } from '../base/address.ts';

const PAD = 0;
const END = 255;

/** An option's length has 8 bits: what is longer goes out in pieces. */
const MOST_PIECE = 255;

/** Option codes. */
export const DhcpCode = {
  SubnetMask: 1,
  Routers: 3,
  Dns: 6,
  HostName: 12,
  DomainName: 15,
  Mtu: 26,
  RequestedAddress: 50,
  LeaseTime: 51,
  Overload: 52,
  Type: 53,
  ServerId: 54,
  Parameters: 55,
  Message: 56,
  T1: 58,
  T2: 59,
  ClientId: 61,
} as const;

/** §5.1: an MTU below it is none. */
const LEAST_MTU = 68;

/** An IPv4 address as Address holds it: ::ffff:a.b.c.d. */
const MAPPED = 0xffff;

/** What the options of one message say; each field tells by the value given that its option is absent. */
export class DhcpOptions {
  /** A DhcpType (§9.6), 0 when absent. */
  type = 0;
  /** What a client would like to have (§9.1), null when absent. */
  requestedAddress: Address | null = null;
  /** Which server is meant, or speaks (§9.7), null when absent. */
  serverId: Address | null = null;
  /** As a prefix length (§3.3), 0 to 32; -1 when absent. */
  subnetMask = -1;
  /** In order of preference (§3.5, §3.8), none when absent. */
  routers: readonly Address[] = [];
  dns: readonly Address[] = [];
  /** §3.17, §3.14 and §9.9; empty when absent. */
  domainName = '';
  hostName = '';
  message = '';
  /** In seconds (§9.2, §9.11, §9.12), 0xffffffff is for ever; -1 when absent. */
  leaseTime = -1;
  t1 = -1;
  t2 = -1;
  /** Of the interface (§5.1), 0 when absent. */
  mtu = 0;
  /** Type and identifier (§9.14), null when absent. */
  clientId: Uint8Array | null = null;
  /** Codes of options that a client asks for (§9.8). */
  parameters: readonly number[] = [];
}

/** Where one field of options lies in the message. */
interface Span {
  readonly at: number;
  readonly end: number;
}

/**
 * Reads the options of `bytes[at, end)`, and what they say lies in the fields `file` and `sname` ("overload", §9.3), in
 * this order (RFC 3396). An option that comes in pieces is put together before it is read. One that is unknown, or
 * whose length or value is not its own, counts as absent. False: an option goes past the end of its field.
 */
export function readDhcpOptions(
  into: DhcpOptions,
  bytes: Uint8Array,
  at: number,
  end: number,
  file: Span,
  sname: Span,
): boolean {
  const found = new Map<number, number[]>();
  if (!collect(found, bytes, at, end)) return false;
  const [overload = 0] = found.get(DhcpCode.Overload) ?? [];
  if ((overload & 1) !== 0 && !collect(found, bytes, file.at, file.end)) return false;
  if ((overload & 2) !== 0 && !collect(found, bytes, sname.at, sname.end)) return false;
  take(into, found);
  return true;
}

/** Adds the options of one field to those that are there; an end that is missing is where the field ends. */
function collect(found: Map<number, number[]>, bytes: Uint8Array, at: number, end: number): boolean {
  for (let i = at; i < end; ) {
    const code = bytes[i] as number;
    if (code === END) return true;
    if (code === PAD) {
      i++;
      continue;
    }
    if (i + 1 >= end) return false;
    const next = i + 2 + (bytes[i + 1] as number);
    if (next > end) return false;
    const value = found.get(code);
    const piece = bytes.subarray(i + 2, next);
    if (value === undefined) found.set(code, [...piece]);
    else value.push(...piece);
    i = next;
  }
  return true;
}

function take(into: DhcpOptions, found: ReadonlyMap<number, readonly number[]>): void {
  const value = (code: number): readonly number[] => found.get(code) ?? [];
  const number = (code: number, octets: number): number => {
    const of = value(code);
    return of.length === octets ? of.reduce((sum, octet) => sum * 256 + octet, 0) : -1;
  };
  const one = (code: number): Address | null => {
    const of = value(code);
    return of.length === 4 ? (addresses(of)[0] ?? null) : null;
  };
  into.type = Math.max(number(DhcpCode.Type, 1), 0);
  into.requestedAddress = one(DhcpCode.RequestedAddress);
  into.serverId = one(DhcpCode.ServerId);
  into.subnetMask = prefixLength(number(DhcpCode.SubnetMask, 4));
  into.routers = addresses(value(DhcpCode.Routers));
  into.dns = addresses(value(DhcpCode.Dns));
  into.domainName = text(value(DhcpCode.DomainName));
  into.hostName = text(value(DhcpCode.HostName));
  into.message = text(value(DhcpCode.Message));
  into.leaseTime = number(DhcpCode.LeaseTime, 4);
  into.t1 = number(DhcpCode.T1, 4);
  into.t2 = number(DhcpCode.T2, 4);
  const mtu = number(DhcpCode.Mtu, 2);
  into.mtu = mtu < LEAST_MTU ? 0 : mtu;
  // §9.14: a type, and at least one octet of identifier.
  const clientId = value(DhcpCode.ClientId);
  into.clientId = clientId.length < 2 ? null : Uint8Array.from(clientId);
  into.parameters = value(DhcpCode.Parameters);
}

/** Addresses of 4 octets each; none where a part of one is left over. */
function addresses(octets: readonly number[]): Address[] {
  const found: Address[] = [];
  if (octets.length % 4 !== 0) return found;
  for (let i = 0; i < octets.length; i += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = octets.slice(i, i + 4);
    found.push(new Address().set(0, 0, MAPPED, (a << 24) | (b << 16) | (c << 8) | d));
  }
  return found;
}

/** How many ones a mask begins with; -1 where zeros stand between them, or there is no mask. */
function prefixLength(mask: number): number {
  if (mask < 0) return -1;
  const length = Math.clz32(~mask);
  return maskOf(length) === mask ? length : -1;
}

function maskOf(length: number): number {
  return length === 0 ? 0 : (-1 << (32 - length)) >>> 0;
}

/** §2: zeros at the end are deleted. NVT ASCII is a part of UTF-8, which is what hosts send beyond it. */
function text(octets: readonly number[]): string {
  let end = octets.length;
  while (end > 0 && octets[end - 1] === 0) end--;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(octets.slice(0, end)));
}

/** The options as they go out, the message's type first, up to the "end" option. */
export function dhcpOptionOctets(options: DhcpOptions): number[] {
  const out: number[] = [];
  const put = (code: number, value: Iterable<number>): void => {
    const octets = [...value];
    // RFC 3396: pieces of one option stand in order.
    for (let i = 0; i < octets.length; i += MOST_PIECE) {
      const piece = octets.slice(i, i + MOST_PIECE);
      out.push(code, piece.length, ...piece);
    }
  };
  const putWord = (code: number, word: number): void => {
    if (word >= 0) put(code, octetsOf(word));
  };
  const putText = (code: number, value: string): void => put(code, new TextEncoder().encode(value));
  const { requestedAddress, serverId, subnetMask } = options;
  put(DhcpCode.Type, [options.type]);
  if (requestedAddress !== null) putWord(DhcpCode.RequestedAddress, requestedAddress.d >>> 0);
  if (serverId !== null) putWord(DhcpCode.ServerId, serverId.d >>> 0);
  putWord(DhcpCode.LeaseTime, options.leaseTime);
  putWord(DhcpCode.T1, options.t1);
  putWord(DhcpCode.T2, options.t2);
  if (subnetMask >= 0) putWord(DhcpCode.SubnetMask, maskOf(subnetMask));
  put(
    DhcpCode.Routers,
    options.routers.flatMap(({ d }) => octetsOf(d)),
  );
  put(
    DhcpCode.Dns,
    options.dns.flatMap(({ d }) => octetsOf(d)),
  );
  putText(DhcpCode.DomainName, options.domainName);
  putText(DhcpCode.HostName, options.hostName);
  putText(DhcpCode.Message, options.message);
  if (options.mtu > 0) put(DhcpCode.Mtu, [options.mtu >> 8, options.mtu & 0xff]);
  if (options.clientId !== null) put(DhcpCode.ClientId, options.clientId);
  put(DhcpCode.Parameters, options.parameters);
  out.push(END);
  return out;
}

function octetsOf(word: number): number[] {
  return [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff];
}
