/** What stands in front of a packet, by the capture's link type: read, and with `-e` shown as tcpdump shows it. */
import { readFileSync } from 'node:fs';
import { LinkType } from 'synwave/pcapng';

/** What a packet carries, and the text in front of its own. */
export interface Unwrapped {
  /** Its EtherType: IPv4, IPv6 or ARP. 0: IP by its version, without any type. */
  readonly type: number;
  readonly at: number;
  /** Octets on the wire from there on. */
  readonly length: number;
  readonly before: string;
  /** Whether the text in front has told the type: then the packet's own text does not. */
  readonly told: boolean;
}

/** A packet that carries something else: the line for it, and from where on its octets follow; -1: they do not. */
export interface Unknown {
  readonly line: string;
  readonly octetsAt: number;
}

const IPV4 = 0x0800;
const ARP = 0x0806;
const IPV6 = 0x86dd;

const tags: readonly number[] = [0x8100, 0x88a8, 0x9100, 0x9200];

const typeNames: Readonly<Record<number, string>> = {
  [IPV4]: 'IPv4',
  [ARP]: 'ARP',
  [IPV6]: 'IPv6',
  0x8035: 'Reverse ARP',
  0x8100: '802.1Q',
  0x88a8: '802.1Q-QinQ',
  0x9100: '802.1Q-9100',
  0x9200: '802.1Q-9200',
};

/** Largest number in the place of a type that is a length. */
const MOST_LENGTH = 1500;

/** BSD's numbers of the families, which differ for IPv6. */
const families: Readonly<Record<number, readonly [name: string, type: number]>> = {
  2: ['IPv4', IPV4],
  24: ['IPv6', IPV6],
  28: ['IPv6', IPV6],
  30: ['IPv6', IPV6],
};

const sllTypes = ['In', 'B', 'M', 'P', 'Out'] as const;
const sll2Types = ['In', 'B', 'M', 'P', 'Out'] as const;

/** The name of a link type, as tcpdump tells it; the number where it is not known here. */
export function linkTypeText(linkType: number): string {
  return linkTypes[linkType] ?? String(linkType);
}

const linkTypes: Readonly<Record<number, string>> = {
  [LinkType.Null]: 'NULL (BSD loopback)',
  [LinkType.Ethernet]: 'EN10MB (Ethernet)',
  [LinkType.Raw]: 'RAW (Raw IP)',
  [LinkType.LinuxSll]: 'LINUX_SLL (Linux cooked v1)',
  [LinkType.Ipv4]: 'IPV4 (Raw IPv4)',
  [LinkType.Ipv6]: 'IPV6 (Raw IPv6)',
  [LinkType.LinuxSll2]: 'LINUX_SLL2 (Linux cooked v2)',
};

/** Whether packets of that link type can be shown. */
export function isShown(linkType: number): boolean {
  return linkType in linkTypes;
}

/** `shown`: with `-e`. `original`: the packet's length on the wire. */
export function unwrap(linkType: number, data: Uint8Array, original: number, shown: boolean): Unwrapped | Unknown {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  switch (linkType) {
    case LinkType.Ethernet:
      return ethernet(view, original, shown);
    case LinkType.LinuxSll:
      return cooked(view, original, shown);
    case LinkType.LinuxSll2:
      return cooked2(view, original, shown);
    case LinkType.Null:
      return loopback(view, original, shown);
    default:
      return { type: 0, at: 0, length: original, before: shown ? 'ip: ' : '', told: shown };
  }
}

function ethernet(view: DataView, original: number, shown: boolean): Unwrapped | Unknown {
  if (view.byteLength < 14) return { line: ' [|ether]', octetsAt: -1 };
  const macs = `${macText(view, 6)} > ${macText(view, 0)}`;
  return typed(view, 12, original, shown, (type) => `${macs}, ethertype ${typeText(type)}, length ${original}: `, {
    start: `${macs}, `,
    before: '',
    llc: (length) => `${macs}, 802.3, length ${length}`,
    tag: (type) => `ethertype ${typeText(type)}, `,
    tells: false,
  });
}

/** How headers read that differ from one link type to the next. */
interface Words {
  /** In front of the type, with a header and without. */
  readonly start: string;
  readonly before: string;
  readonly llc: (length: number) => string;
  /** The type behind a tag. */
  readonly tag: (type: number) => string;
  /** Whether tcpdump tells the type behind a tag also where it shows no header. */
  readonly tells: boolean;
}

/** The type at `typeAt`, tags behind it, and what they carry. */
function typed(
  view: DataView,
  typeAt: number,
  original: number,
  shown: boolean,
  header: (type: number) => string,
  words: Words,
): Unwrapped | Unknown {
  let type = view.getUint16(typeAt);
  let at = typeAt + 2;
  const outer = type;
  let before = shown ? header(outer) : words.before;
  /** The same without the type that stood last. */
  let bare = shown ? words.start : words.before;
  while (tags.includes(type)) {
    if (at + 4 > view.byteLength) return { line: `${bare} [|vlan]`, octetsAt: -1 };
    const tag = view.getUint16(at);
    type = view.getUint16(at + 2);
    at += 4;
    if (!shown) {
      if (words.tells && type > MOST_LENGTH) before += words.tag(type);
      continue;
    }
    const drop = (tag & 0x1000) === 0 ? '' : ', DEI';
    bare = `${before}vlan ${tag & 0xfff}, p ${tag >> 13}${drop}, `;
    before = type > MOST_LENGTH ? bare + words.tag(type) : bare;
  }
  const length = original - at;
  if (isCarried(type)) return { type, at, length, before, told: shown };
  if (type > MOST_LENGTH) return { line: shown ? before : header(type), octetsAt: at };
  return logical(view, at, Math.min(type, length), shown, before, words);
}

/** IEEE 802.2: LLC, and SNAP within it. */
function logical(
  view: DataView,
  at: number,
  length: number,
  shown: boolean,
  before: string,
  words: Words,
): Unwrapped | Unknown {
  const end = Math.min(view.byteLength, at + length);
  const head = words.llc(length);
  const start = shown ? `${head}: ` : before;
  if (at + 3 > end) return { line: `${start} [|llc]`, octetsAt: -1 };
  const isSnap = view.getUint16(at) === 0xaaaa && view.getUint8(at + 2) === 3;
  if (!isSnap) return { line: head, octetsAt: -1 };
  if (at + 8 > end) return { line: `${start} [|snap]`, octetsAt: -1 };
  const vendor = (view.getUint16(at + 3) << 8) | view.getUint8(at + 5);
  const type = view.getUint16(at + 6);
  const left = length - 8;
  const llc = `${start}LLC, dsap SNAP (0xaa) Individual, ssap SNAP (0xaa) Command, ctrl 0x03: `;
  const snap = `oui ${vendor === 0 ? 'Ethernet' : 'Unknown'} (0x${vendor.toString(16).padStart(6, '0')}), `;
  const told = shown ? `${llc}${snap}ethertype ${typeText(type)}, length ${left}: ` : '';
  if (vendor === 0 && isCarried(type)) return { type, at: at + 8, length: left, before: told, told: shown };
  return { line: shown ? told : head, octetsAt: -1 };
}

function cooked(view: DataView, original: number, shown: boolean): Unwrapped | Unknown {
  if (view.byteLength < 16) return { line: ' [|sll]', octetsAt: -1 };
  const way = (sllTypes[view.getUint16(0)] ?? '?').padStart(3);
  const mac = addressText(view, 4, 6);
  const head = (type: number): string => `${way}${mac} ethertype ${typeText(type)}, length ${original}: `;
  return typed(view, 14, original, shown, head, {
    start: `${way}${mac} `,
    before: '',
    llc: () => `${way}${mac} 802.2, length ${original}`,
    tag: (type) => `ethertype ${typeNames[type] ?? 'Unknown'}, `,
    tells: true,
  });
}

function cooked2(view: DataView, original: number, shown: boolean): Unwrapped | Unknown {
  if (view.byteLength < 20) return { line: ' [|sll2]', octetsAt: -1 };
  const index = view.getUint32(4);
  const start = `${interfaceName(index).padEnd(5)} ${(sll2Types[view.getUint8(10)] ?? '?').padEnd(3)} `;
  const mac = addressText(view, 11, 12);
  const head = (type: number): string =>
    `${start}ifindex ${index}${mac} ethertype ${typeText(type)}, length ${original}: `;
  // The header's type stands in front of the rest: the packet begins behind all of it.
  const moved = new DataView(view.buffer, view.byteOffset, view.byteLength);
  const type = moved.getUint16(0);
  return typedAt(moved, type, 20, original, shown, head, start);
}

/** The same with a type that does not stand right in front of the packet. */
function typedAt(
  view: DataView,
  outer: number,
  from: number,
  original: number,
  shown: boolean,
  head: (type: number) => string,
  start: string,
): Unwrapped | Unknown {
  let type = outer;
  let at = from;
  let before = shown ? head(outer) : start;
  while (tags.includes(type)) {
    if (at + 4 > view.byteLength) return { line: `${before} [|vlan]`, octetsAt: -1 };
    const tag = view.getUint16(at);
    type = view.getUint16(at + 2);
    at += 4;
    if (shown) before += `vlan ${tag & 0xfff}, p ${tag >> 13}, `;
    before += `ethertype ${typeNames[type] ?? 'Unknown'}, `;
  }
  if (isCarried(type)) return { type, at, length: original - at, before, told: shown };
  return { line: head(type), octetsAt: at };
}

function loopback(view: DataView, original: number, shown: boolean): Unwrapped | Unknown {
  if (view.byteLength < 4) return { line: ' [|null]', octetsAt: -1 };
  const big = view.getUint32(0);
  // Written in the byte order of whoever took it down; families are small numbers.
  const family = big > 0xffff ? view.getUint32(0, true) : big;
  const [name, type] = families[family] ?? ['Unknown', 0];
  const length = original - 4;
  const head = `AF ${name} (${family}), length ${original}: `;
  if (type === 0) return { line: head, octetsAt: 4 };
  return { type, at: 4, length, before: shown ? head : '', told: shown };
}

function isCarried(type: number): boolean {
  return type === IPV4 || type === IPV6 || type === ARP;
}

function typeText(type: number): string {
  return `${typeNames[type] ?? 'Unknown'} (0x${type.toString(16).padStart(4, '0')})`;
}

function macText(view: DataView, at: number, length = 6): string {
  return Array.from({ length }, (_, i) =>
    view
      .getUint8(at + i)
      .toString(16)
      .padStart(2, '0'),
  ).join(':');
}

/** A hardware address of as many octets as the one in front of it says, with a blank before it; nothing for none. */
function addressText(view: DataView, lengthAt: number, at: number): string {
  const length = lengthAt === 4 ? view.getUint16(lengthAt) : view.getUint8(lengthAt);
  return length === 0 ? '' : ` ${macText(view, at, Math.min(length, 8))}`;
}

/** What the system calls the interface of that number now. */
function interfaceName(index: number): string {
  interfaces ??= readInterfaces();
  return interfaces.get(index) ?? '?';
}

let interfaces: ReadonlyMap<number, string> | null = null;

function readInterfaces(): Map<number, string> {
  const found = new Map<number, string>();
  try {
    for (const line of readFileSync('/proc/net/dev', 'utf8').split('\n').slice(2)) {
      const name = line.split(':', 1)[0]?.trim() ?? '';
      if (name !== '') found.set(Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8')), name);
    }
  } catch {
    // No Linux: nothing is known of interfaces by their numbers.
  }
  return found;
}
