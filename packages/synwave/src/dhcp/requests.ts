/** RFC 2131 §4.4, table 5: the messages of a client. */
import type { Address } from '../base/address.ts';
import { fail } from '../base/errors.ts';
import { type Mac, parseMac } from '../base/mac.ts';
import { type Micros, SECOND } from '../base/time.ts';
import type { Host } from '../socket/host.ts';
import { DhcpMessage, DhcpType } from '../wire/dhcp.ts';
import { DhcpCode } from '../wire/dhcp-options.ts';
import { INFINITY } from './lease.ts';

/** Who asks, and for what: the same in all messages of one client. */
export interface Asker {
  readonly mac: Mac;
  /** Null: the MAC says who it is (§4.2). */
  readonly clientId: Uint8Array | null;
  readonly hostName: string;
  /** How long the client would like to have the address, in seconds; -1: as the server likes. */
  readonly leaseTime: number;
}

export interface AskerOptions {
  /** Who the client is (RFC 2132 §9.14): a type and at least one octet, 255 in all at most. By default its MAC says so. */
  readonly clientId?: Uint8Array;
  /** What the server is told of the host's name; `Host.name` by default, '': nothing. */
  readonly hostName?: string;
  /** How long the client would like to have the address; as the server likes by default. */
  readonly leaseTime?: Micros;
}

/** One exchange of messages. */
export interface Exchange {
  readonly xid: number;
  /** Seconds since the client began. */
  readonly secs: number;
}

/** What a client asks to be told (RFC 2132 §9.8); the same list in all of its messages (RFC 2131 §3.5). */
const PARAMETERS: readonly number[] = [
  DhcpCode.SubnetMask,
  DhcpCode.Routers,
  DhcpCode.Dns,
  DhcpCode.DomainName,
  DhcpCode.Mtu,
  DhcpCode.T1,
  DhcpCode.T2,
];

const MOST_SECS = 0xffff;
const MOST_CLIENT_ID = 255;
const MOST_NAME = 63;

/** Who asks by that interface. Throws SynwaveError EINVAL when it has no MAC address, and for options that make no sense. */
export function askerOf(host: Host, index: number, options: AskerOptions): Asker {
  const { clientId = null, hostName = host.name, leaseTime } = options;
  const mac = parseMac(host.interfaces()[index]?.mac ?? '');
  if (mac === null) return fail('EINVAL', `DHCP on interface ${index}, which has no MAC address`);
  if (clientId !== null && (clientId.length < 2 || clientId.length > MOST_CLIENT_ID))
    fail('EINVAL', 'client identifier');
  if (leaseTime !== undefined && !(leaseTime >= SECOND)) fail('EINVAL', `lease time ${leaseTime}`);
  return {
    mac,
    clientId,
    hostName: hostName.slice(0, MOST_NAME),
    leaseTime: leaseTime === undefined ? -1 : secondsOf(leaseTime),
  };
}

/** What the field `secs` says of a client that began then. */
export function secondsSince(began: Micros, now: Micros): number {
  return Math.min(Math.max(Math.floor((now - began) / SECOND), 0), MOST_SECS);
}

/** A time as an option of a message has it: whole seconds, INFINITY for what is longer than it can say. */
export function secondsOf(span: Micros): number {
  return Math.min(Math.floor(span / SECOND), INFINITY);
}

/** §4.4.1: who has an address for me? `hint`: the one that the client would like. */
export function discoverMessage(asker: Asker, exchange: Exchange, hint: Address | null): DhcpMessage {
  const message = asking(asker, DhcpType.Discover, exchange);
  message.broadcast = true;
  message.requestedAddress = hint;
  message.leaseTime = asker.leaseTime;
  return message;
}

/** §4.3.2, SELECTING, to all servers: that server's offer is taken, the others are not. INIT-REBOOT: `server` is null. */
export function requestMessage(
  asker: Asker,
  exchange: Exchange,
  address: Address,
  server: Address | null,
): DhcpMessage {
  const message = discoverMessage(asker, exchange, address);
  message.type = DhcpType.Request;
  message.serverId = server;
  return message;
}

/** §4.3.2, RENEWING and REBINDING: the client has the address, and would like to have it for longer. */
export function renewMessage(asker: Asker, exchange: Exchange, address: Address): DhcpMessage {
  const message = asking(asker, DhcpType.Request, exchange);
  message.ciaddr.copy(address);
  message.leaseTime = asker.leaseTime;
  return message;
}

/** §4.4.3: the client has an address by other means, and would like to know the rest. */
export function informMessage(asker: Asker, exchange: Exchange, address: Address): DhcpMessage {
  const message = asking(asker, DhcpType.Inform, exchange);
  message.ciaddr.copy(address);
  return message;
}

/** §4.4.1: somebody else has that address. */
export function declineMessage(asker: Asker, xid: number, address: Address, server: Address): DhcpMessage {
  const message = bare(asker, DhcpType.Decline, xid);
  message.requestedAddress = address;
  message.serverId = server;
  message.message = 'another station has the address';
  return message;
}

/** §4.4.6: the client needs the address no longer. */
export function releaseMessage(asker: Asker, xid: number, address: Address, server: Address): DhcpMessage {
  const message = bare(asker, DhcpType.Release, xid);
  message.ciaddr.copy(address);
  message.serverId = server;
  return message;
}

function asking(asker: Asker, type: number, { xid, secs }: Exchange): DhcpMessage {
  const message = bare(asker, type, xid);
  message.secs = secs;
  message.hostName = asker.hostName;
  message.parameters = PARAMETERS;
  return message;
}

function bare({ mac, clientId }: Asker, type: number, xid: number): DhcpMessage {
  const message = new DhcpMessage();
  message.type = type;
  message.xid = xid;
  message.chaddr = mac;
  message.clientId = clientId;
  return message;
}
