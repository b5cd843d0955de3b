/** synwave: a complete TCP/IP stack: hosts, sockets, links and what can be observed of them. No Node.js, no DOM. */
export { Address, type Family } from './base/address.ts';
export { formatAddress, parseAddress } from './base/address-text.ts';
export { type ErrorCode, errors, SynwaveError } from './base/errors.ts';
export { Frame, FramePool } from './base/frame.ts';
export { formatMac, type Mac, parseMac } from './base/mac.ts';
export { Random } from './base/random.ts';
export { MILLISECOND, MINUTE, type Micros, NEVER, SECOND } from './base/time.ts';
export { tap } from './capture/tap.ts';
export type { DnsCodec, DnsRecord, Edns, Message as DnsMessage, Question as DnsQuestion } from './dns/codec.ts';
export { DnsError, type DnsErrorCode } from './dns/errors.ts';
export { Resolver, type ResolverOptions } from './dns/resolver.ts';
export { NameServer, type NameServerOptions } from './dns/server.ts';
export { Hub, type HubCounters, type HubOptions } from './link/hub.ts';
export { type ImpairedLink, type ImpairedOptions, impaired, type LinkClock } from './link/impaired.ts';
export { HEAD_ROOM, inProcess, type Link, type Offloads, onTheWire, type Receiver } from './link/link.ts';
export { LinkError } from './link/link-error.ts';
export { Loopback } from './link/loopback.ts';
export { type MessageCounters, MessageLink } from './link/message-link.ts';
export { type PipeOptions, pipe } from './link/pipe.ts';
export {
  broadcastLink,
  type PortCounters,
  type PortLike,
  type PortLink,
  type PortLinkOptions,
  portLink,
} from './link/port-link.ts';
export { type Driven, type Driver } from './socket/driver.ts';
export { Host, type HostOptions } from './socket/host.ts';
export type { PingAnswer, PingOptions, PingSilence } from './socket/pings.ts';
export type { Service } from './socket/service.ts';
export { type ListenOptions, TcpListener } from './socket/tcp-listener.ts';
export { type ConnectOptions, type SocketHandler, TcpSocket } from './socket/tcp-socket.ts';
export type { Hop, TracerouteOptions } from './socket/traceroute.ts';
export { type UdpHandler, type UdpMessage, type UdpOptions, UdpSocket } from './socket/udp-socket.ts';
export type { EchoAnswer } from './stack/echoes.ts';
export type {
  AddressEvent,
  AddressMove,
  ConnectionName,
  DatagramEvent,
  DropEvent,
  IcmpEvent,
  NeighbourEvent,
  Observer,
  SegmentEvent,
  StackEvent,
  StateEvent,
  TcbEvent,
  TimerEvent,
} from './stack/events.ts';
export type {
  AddressInfo,
  AddressOptions,
  AdvertiseOptions,
  InterfaceInfo,
  InterfaceOptions,
  Internet,
  NeighbourInfo,
  RouteInfo,
  RouteOptions,
} from './stack/internet.ts';
export { type ListenerInfo, Stack, type StackCounters, type StackOptions } from './stack/stack.ts';
export type { UdpBinding, UdpInfo } from './stack/udp.ts';
export { bsdProfile, linuxProfile, profiles, rfcProfile, type TcpConfig } from './tcp/config.ts';
export type { DueName } from './tcp/due.ts';
export type { TcpInfo } from './tcp/info.ts';
export { isLegalMove, type Move, moves, State, stateNames } from './tcp/state.ts';
export { markCongestion } from './wire/ecn.ts';
export { Ethernet, ipBehindEthernet } from './wire/ethernet.ts';
export { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from './wire/segment.ts';
export { PacketPrinter } from './wire/text.ts';
