/** synwave/dhcp: addresses for the hosts of a network: a DHCPv4 client and a server (RFC 2131, RFC 2132). */
export { DhcpClient, type DhcpClientCounters, type DhcpClientOptions, dhcp } from './client.ts';
export type { DhcpEvent, DhcpState, LossReason } from './events.ts';
export { inform } from './inform.ts';
export type { Configuration, Lease } from './lease.ts';
export type { AskerOptions } from './requests.ts';
export { DhcpServer, type DhcpServerCounters, type LeaseInfo } from './server.ts';
export type { DhcpServerOptions } from './server-options.ts';
