/** RFC 4861 §4.6: the options of neighbor discovery; and those of RFC 8106 for name servers. */
import { Address } from '../base/address.ts';
import type { Frame } from '../base/frame.ts';
import { type Mac, readMac, writeMac } from '../base/mac.ts';
import { Drop } from './drop.ts';
import { readAddress, writeAddress } from './ipv6.ts';

/** Option types. */
export const NdOption = { SourceMac: 1, TargetMac: 2, Prefix: 3, RedirectedHeader: 4, Mtu: 5, Dns: 25 } as const;

/** Lengths are told in units of 8 octets. */
const UNIT = 8;
const MAC_LENGTH = 8;
const PREFIX_LENGTH = 32;
const MTU_LENGTH = 8;
/** Of the option for name servers, without any address; then 16 octets for each. */
const DNS_LENGTH = 8;
const ADDRESS = 16;
/** What fits into an option behind its first 8 octets: the length has 8 bits. */
const MOST_REDIRECTED = 254 * UNIT;

/** A Prefix Information option (§4.6.2): flags and what else stands where. */
const PREFIX_FLAGS = 3;
const VALID = 4;
const PREFERRED = 8;
const PREFIX = 16;
const ON_LINK = 0x80;
const AUTONOMOUS = 0x40;
const MOST_PREFIX = 128;

/** How many prefixes, and how many name servers, are kept of one message; further ones are ignored. */
export const ND_PREFIXES = 8;
export const ND_DNS = 4;

/** What a router says of one prefix (§4.6.2). */
export class NdPrefix {
  /** Overwritten by the next message: keep a `clone`. Bits behind `length` are whatever the router sent. */
  readonly prefix: Address = new Address();
  /** How many bits of `prefix` count, 0 to 128. */
  length = 0;
  /** Addresses in it are on this link. Without the flag nothing is said of that. */
  onLink = false;
  /** Addresses may be made out of it (RFC 4862). */
  autonomous = false;
  /** In seconds; 0xffffffff is for ever. */
  validLifetime = 0;
  preferredLifetime = 0;
}

/** What options say, whichever message they stand in. */
export class NdOptions {
  /** Source and Target Link-Layer Address (§4.6.1), -1 when absent. */
  sourceMac: Mac = -1;
  targetMac: Mac = -1;
  /** MTU of the link (§4.6.4), 0 when absent. */
  mtu = 0;
  prefixCount = 0;
  readonly prefixes: NdPrefix[] = Array.from({ length: ND_PREFIXES }, () => new NdPrefix());
  /** Name servers (RFC 8106 §5.1), and for how many seconds they may be asked; 0xffffffff is for ever, 0 no longer. */
  dnsCount = 0;
  dnsLifetime = 0;
  readonly dns: Address[] = Array.from({ length: ND_DNS }, () => new Address());
}

/** Forgets every option. */
export function clearNdOptions(options: NdOptions): void {
  options.sourceMac = -1;
  options.targetMac = -1;
  options.mtu = 0;
  options.prefixCount = 0;
  options.dnsCount = 0;
  options.dnsLifetime = 0;
}

/**
 * Reads the options in `frame.bytes[at, end)` into `options`, which must be clear. Those of types that are unknown, that
 * `wanted` (a bit for each type) leaves out, or whose length is not their own, are stepped over (§6.1, §7.1: their
 * contents are ignored); a length of 0 (§4.6) or past the end has the message discarded.
 */
export function readNdOptions(options: NdOptions, frame: Frame, at: number, end: number, wanted: number): Drop {
  const { view } = frame;
  for (let i = at; i < end; ) {
    if (end - i < 2) return Drop.NdOption;
    const type = view.getUint8(i);
    const length = view.getUint8(i + 1) * UNIT;
    if (length === 0 || length > end - i) return Drop.NdOption;
    if (has(wanted, type)) readOption(options, view, type, i, length);
    i += length;
  }
  return Drop.None;
}

function readOption(options: NdOptions, view: DataView, type: number, at: number, length: number): void {
  switch (type) {
    case NdOption.SourceMac:
      if (length === MAC_LENGTH) options.sourceMac = readMac(view, at + 2);
      break;
    case NdOption.TargetMac:
      if (length === MAC_LENGTH) options.targetMac = readMac(view, at + 2);
      break;
    case NdOption.Mtu:
      if (length === MTU_LENGTH) options.mtu = view.getUint32(at + 4);
      break;
    case NdOption.Prefix:
      if (length === PREFIX_LENGTH) readPrefix(options, view, at);
      break;
    case NdOption.Dns:
      // RFC 8106: one address at least, and nothing but addresses; else the option is ignored.
      if (length >= DNS_LENGTH + ADDRESS && (length - DNS_LENGTH) % ADDRESS === 0) readDns(options, view, at, length);
      break;
    default:
      break;
  }
}

function readPrefix(options: NdOptions, view: DataView, at: number): void {
  const length = view.getUint8(at + 2);
  const prefix = options.prefixes[options.prefixCount];
  if (prefix === undefined || length > MOST_PREFIX) return;
  readAddress(prefix.prefix, view, at + PREFIX);
  if (prefix.prefix.family === 4) return; // it would stand for a network of IPv4
  const flags = view.getUint8(at + PREFIX_FLAGS);
  prefix.length = length;
  prefix.onLink = (flags & ON_LINK) !== 0;
  prefix.autonomous = (flags & AUTONOMOUS) !== 0;
  prefix.validLifetime = view.getUint32(at + VALID);
  prefix.preferredLifetime = view.getUint32(at + PREFERRED);
  options.prefixCount++;
}

/** All options of one message share a lifetime here: one with another than the first's is ignored. */
function readDns(options: NdOptions, view: DataView, at: number, length: number): void {
  const lifetime = view.getUint32(at + 4);
  if (options.dnsCount === 0) options.dnsLifetime = lifetime;
  else if (options.dnsLifetime !== lifetime) return;
  for (let i = at + DNS_LENGTH; i < at + length; i += ADDRESS) {
    const address = options.dns[options.dnsCount];
    if (address === undefined) return;
    readAddress(address, view, i);
    if (address.family === 6) options.dnsCount++;
  }
}

/** Octets of the options that `writeNdOptions` would write. */
export function ndOptionsLength(options: NdOptions, wanted: number): number {
  let length = 0;
  if (has(wanted, NdOption.SourceMac) && options.sourceMac >= 0) length += MAC_LENGTH;
  if (has(wanted, NdOption.TargetMac) && options.targetMac >= 0) length += MAC_LENGTH;
  if (has(wanted, NdOption.Mtu) && options.mtu > 0) length += MTU_LENGTH;
  if (has(wanted, NdOption.Prefix)) length += PREFIX_LENGTH * options.prefixCount;
  if (has(wanted, NdOption.Dns) && options.dnsCount > 0) length += DNS_LENGTH + ADDRESS * options.dnsCount;
  return length;
}

/** Writes what is set of the `wanted` options at `at`, `ndOptionsLength` octets. */
export function writeNdOptions(options: NdOptions, frame: Frame, at: number, wanted: number): void {
  const { view } = frame;
  let i = at;
  if (has(wanted, NdOption.SourceMac) && options.sourceMac >= 0) {
    i = writeMacOption(view, i, NdOption.SourceMac, options.sourceMac);
  }
  if (has(wanted, NdOption.TargetMac) && options.targetMac >= 0) {
    i = writeMacOption(view, i, NdOption.TargetMac, options.targetMac);
  }
  if (has(wanted, NdOption.Mtu) && options.mtu > 0) {
    writeStart(view, i, NdOption.Mtu, MTU_LENGTH);
    view.setUint16(i + 2, 0);
    view.setUint32(i + 4, options.mtu);
    i += MTU_LENGTH;
  }
  if (has(wanted, NdOption.Prefix)) {
    for (let k = 0; k < options.prefixCount; k++, i += PREFIX_LENGTH) {
      writePrefix(view, i, options.prefixes[k] as NdPrefix);
    }
  }
  if (has(wanted, NdOption.Dns) && options.dnsCount > 0) writeDns(options, view, i);
}

/**
 * Makes the packet in `frame.bytes[frame.at, frame.end)` a Redirected Header option (§4.6.3): its last octets are cut off
 * to a multiple of 8, and the option's first 8 are written in front.
 */
export function writeRedirectedHeader(frame: Frame): void {
  const length = Math.min(frame.length & -UNIT, MOST_REDIRECTED);
  frame.end = frame.at + length;
  frame.at -= UNIT;
  writeStart(frame.view, frame.at, NdOption.RedirectedHeader, UNIT + length);
  frame.view.setUint16(frame.at + 2, 0);
  frame.view.setUint32(frame.at + 4, 0);
}

/** Whether `wanted` has the bit of that type, or of one that is the same modulo 32, which `readOption` does not know. */
function has(wanted: number, type: number): boolean {
  return ((wanted >>> type) & 1) === 1;
}

function writeStart(view: DataView, at: number, type: number, length: number): void {
  view.setUint8(at, type);
  view.setUint8(at + 1, length / UNIT);
}

function writeMacOption(view: DataView, at: number, type: number, mac: Mac): number {
  writeStart(view, at, type, MAC_LENGTH);
  writeMac(view, at + 2, mac);
  return at + MAC_LENGTH;
}

function writePrefix(view: DataView, at: number, prefix: NdPrefix): void {
  writeStart(view, at, NdOption.Prefix, PREFIX_LENGTH);
  view.setUint8(at + 2, prefix.length);
  view.setUint8(at + PREFIX_FLAGS, (prefix.onLink ? ON_LINK : 0) | (prefix.autonomous ? AUTONOMOUS : 0));
  view.setUint32(at + VALID, prefix.validLifetime);
  view.setUint32(at + PREFERRED, prefix.preferredLifetime);
  view.setUint32(at + PREFERRED + 4, 0);
  writeAddress(prefix.prefix, view, at + PREFIX);
}

function writeDns(options: NdOptions, view: DataView, at: number): void {
  writeStart(view, at, NdOption.Dns, DNS_LENGTH + ADDRESS * options.dnsCount);
  view.setUint16(at + 2, 0);
  view.setUint32(at + 4, options.dnsLifetime);
  for (let k = 0; k < options.dnsCount; k++) {
    writeAddress(options.dns[k] as Address, view, at + DNS_LENGTH + ADDRESS * k);
  }
}
