/** What a DHCP client tells of: its states (RFC 2131 figure 5), and what becomes of its leases. */
import type { Micros } from '../base/time.ts';
import type { Lease } from './lease.ts';

/**
 * The states of RFC 2131 figure 5; and two that the figure has no box for: `CHECKING`, an address was given and is probed
 * for (§4.4.1); `CLOSED`, the client is no more.
 */
export type DhcpState =
  | 'INIT'
  | 'SELECTING'
  | 'REQUESTING'
  | 'CHECKING'
  | 'BOUND'
  | 'RENEWING'
  | 'REBINDING'
  | 'INIT-REBOOT'
  | 'REBOOTING'
  | 'CLOSED';

/** Why a lease is no longer one: its time is up, a server said so, another station has the address, it was given back. */
export type LossReason = 'expired' | 'refused' | 'conflict' | 'released';

/** What a client tells of. */
export type DhcpEvent =
  | { readonly type: 'state'; readonly time: Micros; readonly from: DhcpState; readonly to: DhcpState }
  /** The interface has an address that may be used, or has it for longer. */
  | { readonly type: 'bound' | 'renewed'; readonly time: Micros; readonly lease: Lease }
  /** The address is no longer this host's. */
  | { readonly type: 'lost'; readonly time: Micros; readonly lease: Lease; readonly why: LossReason }
  /** A server gave an address that another station turned out to have. */
  | { readonly type: 'declined'; readonly time: Micros; readonly address: string };
