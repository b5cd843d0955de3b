/** Domain names as text (RFC 1034 §3.1, RFC 1035 §2.3.4): labels with dots between, none at the end; the root is ".". */
import type { Address } from '../base/address.ts';

/** RFC 1035 §2.3.4: octets of a label; of a name on the wire, each label's length and the root's zero included. */
export const LABEL_MOST = 63;
export const NAME_MOST = 255;

/** A label as it can be written down: ASCII that prints, without the dot and without the backslash that would escape it. */
const LABEL = /^[\x20-\x2d\x2f-\x5b\x5d-\x7e]{1,63}$/;

/** Whether that is an octet of a label that can be written down. */
export function isLabelOctet(octet: number): boolean {
  return octet >= 0x20 && octet < 0x7f && octet !== 0x2e && octet !== 0x5c;
}

/** Whether `name` is one, as this page writes them. */
export function isName(name: string): boolean {
  if (name === '.') return true;
  return name.length + 2 <= NAME_MOST && name.split('.').every((label) => LABEL.test(label));
}

/** A name in the one form that comparisons take: lower case (RFC 4343), no dot at the end. Null for what is no name. */
export function parseName(text: string): string | null {
  const name = text === '.' ? text : text.replace(/\.$/, '').toLowerCase();
  return isName(name) ? name : null;
}

/** Whether two names are the same: the case of letters does not count (RFC 4343 §3). */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The name without its first label: one step up; null for the root. */
export function parentOf(name: string): string | null {
  if (name === '.') return null;
  const dot = name.indexOf('.');
  return dot < 0 ? '.' : name.slice(dot + 1);
}

/** Two names in a row: `below` in the domain `above`. */
export function join(below: string, above: string): string {
  return above === '.' ? below : `${below}.${above}`;
}

/** Where an address's PTR stands: RFC 1035 §3.5 for IPv4, RFC 3596 §2.5 for IPv6. `bits`: of its network alone. */
export function reverseName(address: Address, bits?: number): string {
  const { family, a, b, c, d } = address;
  const words = family === 4 ? [d] : [a, b, c, d];
  const [size, base, domain] = family === 4 ? [8, 10, 'in-addr.arpa'] : [4, 16, 'ip6.arpa'];
  const parts: string[] = [];
  for (const word of words) {
    for (let shift = 32 - size; shift >= 0; shift -= size) {
      parts.push(((word >>> shift) & ((1 << size) - 1)).toString(base));
    }
  }
  const kept = bits === undefined ? parts : parts.slice(0, bits / size);
  return [...kept.toReversed(), domain].join('.');
}
