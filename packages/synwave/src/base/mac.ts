/** MAC addresses (EUI-48) as one number below 2^48: compared by ===, kept in tables as they are. */
import type { Address } from './address.ts';

export type Mac = number;

/** All stations of a segment. */
export const BROADCAST_MAC: Mac = 0xffff_ffff_ffff;

const HIGH = 0x1_0000_0000;

/** The address that stands at `at`. */
export function readMac(view: DataView, at: number): Mac {
  return view.getUint16(at) * HIGH + view.getUint32(at + 2);
}

export function writeMac(view: DataView, at: number, mac: Mac): void {
  view.setUint16(at, Math.floor(mac / HIGH));
  view.setUint32(at + 2, mac % HIGH);
}

/** Six hexadecimal numbers with colons between them, or with hyphens; null for anything else. */
export function parseMac(text: string): Mac | null {
  const parts = /^[0-9a-f]{1,2}([:-])[0-9a-f]{1,2}(?:\1[0-9a-f]{1,2}){4}$/i.test(text) ? text.split(/[:-]/) : null;
  return parts === null ? null : parts.reduce((mac, part) => mac * 256 + Number.parseInt(part, 16), 0);
}

/** `02:00:00:00:00:01`. */
export function formatMac(mac: Mac): string {
  const digits = mac.toString(16).padStart(12, '0');
  return digits.replace(/(..)(?!$)/g, '$1:');
}

/** Whether it is of many stations: multicast, or broadcast (IEEE 802: the lowest bit of the first octet). */
export function isGroupMac(mac: Mac): boolean {
  return (Math.floor(mac / 0x100_0000_0000) & 1) === 1;
}

/** Where packets to a multicast group go: 01:00:5e and 23 bits (RFC 1112 §6.4), 33:33 and 32 bits (RFC 2464 §7). */
export function groupMac(group: Address): Mac {
  const { d } = group;
  return group.family === 4 ? 0x0100_5e00_0000 + (d & 0x7f_ffff) : 0x3333_0000_0000 + (d >>> 0);
}
