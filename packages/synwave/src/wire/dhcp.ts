/** RFC 2131 §2: DHCP messages. They travel in UDP, so these read and write plain octets, and may allocate. */
import { Address } from '../base/address.ts';
import { type Mac, readMac, writeMac } from '../base/mac.ts';
import { DhcpOptions, dhcpOptionOctets, readDhcpOptions } from './dhcp-options.ts';

const HTYPE = 1;
const HLEN = 2;
const XID = 4;
const SECS = 8;
const FLAGS = 10;
const CIADDR = 12;
const YIADDR = 16;
const SIADDR = 20;
const GIADDR = 24;
const CHADDR = 28;
const SNAME = 44;
const FILE = 108;
const COOKIE = 236;
const OPTIONS = 240;

/** The octets 99, 130, 83, 99 that tell DHCP's options from others of BOOTP (§3). */
const MAGIC = 0x6382_5363;

const BROADCAST = 0x8000;

/** Hardware type and length of Ethernet's addresses. */
const ETHERNET = 1;
const MAC_OCTETS = 6;

/** What relays and servers of BOOTP expect at least (RFC 1542). */
const LEAST = 300;

/** An IPv4 address as Address holds it: ::ffff:a.b.c.d. */
const MAPPED = 0xffff;

/** UDP ports (§4.1). */
export const DHCP_SERVER_PORT = 67;
export const DHCP_CLIENT_PORT = 68;

/** Whether a message goes to a server or comes from one. */
export const DhcpOp = { Request: 1, Reply: 2 } as const;

/** RFC 2132 §9.6. */
export const DhcpType = {
  Discover: 1,
  Offer: 2,
  Request: 3,
  Decline: 4,
  Ack: 5,
  Nak: 6,
  Release: 7,
  Inform: 8,
} as const;

/** Why octets are no DHCP message; 0 is "they are one". */
export const DhcpFault = { None: 0, Short: 1, Op: 2, Hardware: 3, Cookie: 4, Option: 5, Type: 6 } as const;

export type DhcpFault = (typeof DhcpFault)[keyof typeof DhcpFault];

/** One sentence for each fault, in the order of the numbers. */
export const dhcpFaults: readonly string[] = [
  'a DHCP message',
  'DHCP message cut short',
  'DHCP message that is neither request nor reply, or whose type is not of that kind',
  'DHCP message of another hardware than Ethernet',
  'BOOTP message without the options of DHCP',
  'DHCP option past the end of its field',
  'DHCP message of no type that is known',
];

/** One message. Its addresses are IPv4, 0.0.0.0 where there is none. */
export class DhcpMessage extends DhcpOptions {
  /** A DhcpOp. */
  op: number = DhcpOp.Request;
  /** Chosen by the client for one exchange: 32 bits. */
  xid = 0;
  /** Seconds since the client began. */
  secs = 0;
  /** The client cannot take unicast yet. */
  broadcast = false;
  /** The address that the client has, and answers ARP for. */
  readonly ciaddr: Address = none();
  /** The address that the client is given. */
  readonly yiaddr: Address = none();
  /** The server to boot from next. */
  readonly siaddr: Address = none();
  /** The relay that passed the message on. */
  readonly giaddr: Address = none();
  /** The client's MAC. */
  chaddr: Mac = 0;
}

function none(): Address {
  return new Address().set(0, 0, MAPPED, 0);
}

/**
 * Reads the message in `bytes[at, end)`. Answers what is wrong with it, or `None`; `into` is whole only with `None`, and
 * then holds nothing of what it held before. It never throws.
 */
export function readDhcp(into: DhcpMessage, bytes: Uint8Array, at: number, end: number): DhcpFault {
  if (end - at < OPTIONS) return DhcpFault.Short;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, end - at);
  const op = view.getUint8(0);
  if (op !== DhcpOp.Request && op !== DhcpOp.Reply) return DhcpFault.Op;
  if (view.getUint8(HTYPE) !== ETHERNET || view.getUint8(HLEN) !== MAC_OCTETS) return DhcpFault.Hardware;
  if (view.getUint32(COOKIE) !== MAGIC) return DhcpFault.Cookie;
  const file = { at: at + FILE, end: at + COOKIE };
  const sname = { at: at + SNAME, end: at + FILE };
  if (!readDhcpOptions(into, bytes, at + OPTIONS, end, file, sname)) return DhcpFault.Option;
  if (into.type < DhcpType.Discover || into.type > DhcpType.Inform) return DhcpFault.Type;
  if (op !== dhcpOpOf(into.type)) return DhcpFault.Op;
  into.op = op;
  into.xid = view.getUint32(XID);
  into.secs = view.getUint16(SECS);
  into.broadcast = (view.getUint16(FLAGS) & BROADCAST) !== 0;
  into.ciaddr.set(0, 0, MAPPED, view.getInt32(CIADDR));
  into.yiaddr.set(0, 0, MAPPED, view.getInt32(YIADDR));
  into.siaddr.set(0, 0, MAPPED, view.getInt32(SIADDR));
  into.giaddr.set(0, 0, MAPPED, view.getInt32(GIADDR));
  into.chaddr = readMac(view, CHADDR);
  return DhcpFault.None;
}

/** Who sends messages of that type: clients request, servers reply (§3, table 2). */
function dhcpOpOf(type: number): number {
  return type === DhcpType.Offer || type === DhcpType.Ack || type === DhcpType.Nak ? DhcpOp.Reply : DhcpOp.Request;
}

/** The message's octets: 300 at least. Nothing goes into the fields `sname` and `file`. */
export function writeDhcp(message: DhcpMessage): Uint8Array {
  const options = dhcpOptionOctets(message);
  const bytes = new Uint8Array(Math.max(LEAST, OPTIONS + options.length));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, message.op);
  view.setUint8(HTYPE, ETHERNET);
  view.setUint8(HLEN, MAC_OCTETS);
  view.setUint32(XID, message.xid);
  view.setUint16(SECS, message.secs);
  view.setUint16(FLAGS, message.broadcast ? BROADCAST : 0);
  view.setInt32(CIADDR, message.ciaddr.d);
  view.setInt32(YIADDR, message.yiaddr.d);
  view.setInt32(SIADDR, message.siaddr.d);
  view.setInt32(GIADDR, message.giaddr.d);
  writeMac(view, CHADDR, message.chaddr);
  view.setUint32(COOKIE, MAGIC);
  bytes.set(options, OPTIONS);
  return bytes;
}
