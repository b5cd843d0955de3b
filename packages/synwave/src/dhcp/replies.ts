/** RFC 2131 §4.3, table 3, and §4.1: the messages of a server, and where each is sent. */
import type { Address } from '../base/address.ts';
import { formatAddress, isUnspecified } from '../base/address-text.ts';
import { type Micros, NEVER, SECOND } from '../base/time.ts';
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT, DhcpMessage, DhcpOp, DhcpType } from '../wire/dhcp.ts';
import { DhcpCode } from '../wire/dhcp-options.ts';
import { INFINITY } from './lease.ts';
import { secondsOf } from './requests.ts';

/** What a server tells of its network. */
export interface Network {
  readonly prefixLength: number;
  readonly routers: readonly Address[];
  readonly nameServers: readonly Address[];
  readonly domain: string;
  /** 0: not told. */
  readonly mtu: number;
}

/** Where a message goes. */
export interface Destination {
  readonly address: string;
  readonly port: number;
  /** The station does not answer for the address yet: its MAC is known from its request. */
  readonly isNew: boolean;
}

const TO_ALL = '255.255.255.255';

/** RFC 2131 §4.4.5: when clients are to ask for more time. */
const T1 = 0.5;
const T2 = 0.875;

/** An offer, or the ACK of a request: that address, for so long. */
export function leaseMessage(
  request: DhcpMessage,
  server: Address,
  network: Network,
  address: Address,
  span: Micros,
): DhcpMessage {
  const isDiscover = request.type === DhcpType.Discover;
  const message = replyTo(request, isDiscover ? DhcpType.Offer : DhcpType.Ack, server);
  if (!isDiscover) message.ciaddr.copy(request.ciaddr);
  message.yiaddr.copy(address);
  message.leaseTime = span === NEVER ? INFINITY : secondsOf(span);
  if (span !== NEVER) {
    message.t1 = Math.floor((T1 * span) / SECOND);
    message.t2 = Math.floor((T2 * span) / SECOND);
  }
  describe(message, network, request.parameters);
  return message;
}

/** §4.3.5: the network, and no address. */
export function informedMessage(request: DhcpMessage, server: Address, network: Network): DhcpMessage {
  const message = replyTo(request, DhcpType.Ack, server);
  message.ciaddr.copy(request.ciaddr);
  describe(message, network, request.parameters);
  return message;
}

/** §4.3.2: the client must not use its address. */
export function nakMessage(request: DhcpMessage, server: Address, why: string): DhcpMessage {
  const message = replyTo(request, DhcpType.Nak, server);
  message.message = why;
  // A relay is to pass it on to all: the client may have no address that is any good.
  if (!isUnspecified(request.giaddr)) message.broadcast = true;
  return message;
}

/** §4.1: by the relay that the request came by; or to the client, as far as it can be reached. */
export function destinationOf({ type, giaddr, ciaddr, yiaddr, broadcast }: DhcpMessage): Destination {
  if (!isUnspecified(giaddr)) return { address: formatAddress(giaddr), port: DHCP_SERVER_PORT, isNew: false };
  const toAll = { address: TO_ALL, port: DHCP_CLIENT_PORT, isNew: false };
  if (type === DhcpType.Nak) return toAll;
  if (!isUnspecified(ciaddr)) return { address: formatAddress(ciaddr), port: DHCP_CLIENT_PORT, isNew: false };
  return broadcast ? toAll : { address: formatAddress(yiaddr), port: DHCP_CLIENT_PORT, isNew: true };
}

function replyTo(
  { xid, broadcast, giaddr, chaddr, clientId }: DhcpMessage,
  type: number,
  server: Address,
): DhcpMessage {
  const message = new DhcpMessage();
  message.op = DhcpOp.Reply;
  message.type = type;
  message.xid = xid;
  message.broadcast = broadcast;
  message.giaddr.copy(giaddr);
  message.chaddr = chaddr;
  message.serverId = server;
  message.clientId = clientId; // RFC 6842 §3, which RFC 2131 did not allow
  return message;
}

/** What is configured; of it what the client asks for, if it says what it would like to know (§4.3.1). */
function describe(message: DhcpMessage, network: Network, asked: readonly number[]): void {
  const wants = (code: number): boolean => asked.length === 0 || asked.includes(code);
  if (wants(DhcpCode.SubnetMask)) message.subnetMask = network.prefixLength;
  if (wants(DhcpCode.Routers)) message.routers = network.routers;
  if (wants(DhcpCode.Dns)) message.dns = network.nameServers;
  if (wants(DhcpCode.DomainName)) message.domainName = network.domain;
  if (wants(DhcpCode.Mtu)) message.mtu = network.mtu;
}
