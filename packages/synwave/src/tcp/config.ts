/** The settings of a TCP, where RFCs leave room: each with its unit, its source, and its value in two profiles. */
import { MILLISECOND, MINUTE, type Micros, SECOND } from '../base/time.ts';

/** Settings of one connection; they are shared, so a changed one is a copy. */
export interface TcpConfig {
  /** Maximum segment lifetime (RFC 9293 §3.4.2); TIME-WAIT lasts twice as long. */
  readonly msl: Micros;
  /** Retransmissions of one segment after which the user is told and IP advised (RFC 9293 §3.8.3). */
  readonly r1: number;
  /** Retransmissions of one segment after which the connection ends with ETIMEDOUT (RFC 9293 §3.8.3). */
  readonly r2: number;
  /** The same for SYN and SYN,ACK, as a time: at least 3 minutes (MUST-23). */
  readonly r2Syn: Micros;
  /** Before the first measurement (RFC 6298 §2.1). */
  readonly rtoInitial: Micros;
  /** RFC 6298 §2.4. */
  readonly rtoMin: Micros;
  /** At least 60 s (RFC 6298 §2.5). */
  readonly rtoMax: Micros;
  /** Longest wait of an ACK for company; below 0.5 s (MUST-40). */
  readonly delayedAck: Micros;
  /** Whether the first ACK of a peer's FIN waits for company as that of text may (RFC 9293 §3.8.6.3): our own FIN, mostly. */
  readonly delayFinAck: boolean;
  /** Longest wait of a small segment for a silly window to open (RFC 9293 §3.8.6.2.1: 0.1 to 1 s). */
  readonly override: Micros;
  /** Segments in the first flight (RFC 6928). */
  readonly initialWindow: number;
  /** Duplicate ACKs that count as a loss (RFC 5681 §3.2). */
  readonly dupThresh: number;
  /** Segments by which one ACK may widen the window in slow start: L of RFC 3465 §2.2. */
  readonly slowStartLimit: number;
  /** Name of the congestion controller. */
  readonly congestion: 'reno' | 'cubic';
  /** Octets that may wait for the peer: in flight and unsent. */
  readonly sendBuffer: number;
  /** Octets that may wait for the user: it bounds the window offered. */
  readonly receiveBuffer: number;
  /** Holes in the receive queue before out-of-order text is dropped. */
  readonly holes: number;
  /** Offer RFC 7323's window scale, RFC 7323's timestamps, RFC 2018's SACK. */
  readonly windowScale: boolean;
  readonly timestamps: boolean;
  readonly sack: boolean;
  /** Explicit congestion notification (RFC 3168): never, when the peer asks for it, or asked for by ourselves as well. */
  readonly ecn: 'off' | 'accept' | 'request';
  /** Search for the path's MTU by segments (RFC 4821): never, once larger ones vanish, or on every connection. */
  readonly mtuProbing: 'off' | 'black-hole' | 'on';
  /** The largest segment text to offer and to send, or 0: what the path's MTU allows. */
  readonly mss: number;
  /** Nagle's algorithm off (MUST-17). */
  readonly noDelay: boolean;
  /** Keepalives on (off by default, MUST-25). */
  readonly keepAlive: boolean;
  /** Idle time before the first probe (at least 2 hours by default, MUST-28). */
  readonly keepAliveIdle: Micros;
  readonly keepAliveInterval: Micros;
  /** Unanswered probes that end the connection. */
  readonly keepAliveProbes: number;
  /** Longest time for the oldest octet to stay unacknowledged (RFC 9293 §3.10.8); 0: R2 alone decides. */
  readonly userTimeout: Micros;
  /** How long a FIN-WAIT-2 that no user holds waits for the peer's FIN. */
  readonly finWait2: Micros;
  /** When a listener answers a SYN by a cookie and remembers nothing (RFC 4987 §3.6): with its SYN queue full, always, never. */
  readonly synCookies: 'full' | 'always' | 'off';
  /** Challenge ACKs that one connection sends in a second (RFC 5961 §7). */
  readonly challengeAcks: number;
  /** Ignore RST in TIME-WAIT (RFC 1337 §3, fix F1) instead of leaving it as RFC 9293 §3.10.7.4 says. */
  readonly ignoreTimeWaitReset: boolean;
  /** Hop limit and traffic class of outgoing packets (MUST-49, MUST-48). */
  readonly hopLimit: number;
  readonly trafficClass: number;
}

/** As the RFCs say. */
export const rfcProfile: TcpConfig = {
  msl: 2 * MINUTE,
  r1: 3,
  r2: 15,
  r2Syn: 3 * MINUTE,
  rtoInitial: SECOND,
  rtoMin: SECOND,
  rtoMax: 60 * SECOND,
  delayedAck: 40 * MILLISECOND,
  delayFinAck: false,
  override: 200 * MILLISECOND,
  initialWindow: 10,
  dupThresh: 3,
  slowStartLimit: 2,
  congestion: 'cubic',
  sendBuffer: 1 << 20,
  receiveBuffer: 1 << 20,
  holes: 1024,
  windowScale: true,
  timestamps: true,
  sack: true,
  ecn: 'accept',
  mtuProbing: 'black-hole',
  mss: 0,
  noDelay: false,
  keepAlive: false,
  keepAliveIdle: 7200 * SECOND,
  keepAliveInterval: 75 * SECOND,
  keepAliveProbes: 10,
  userTimeout: 0,
  finWait2: MINUTE,
  synCookies: 'full',
  challengeAcks: 10,
  ignoreTimeWaitReset: false,
  hopLimit: 64,
  trafficClass: 0,
};

/** As Linux behaves out of the box. */
export const linuxProfile: TcpConfig = {
  ...rfcProfile,
  msl: 30 * SECOND,
  rtoMin: 200 * MILLISECOND,
  rtoMax: 120 * SECOND,
  slowStartLimit: Number.POSITIVE_INFINITY,
  receiveBuffer: 6 << 20, // where its own sizing of buffers ends: tcp(7), tcp_rmem
  keepAliveProbes: 9,
};

export const profiles: Readonly<Record<'rfc' | 'linux', TcpConfig>> = { rfc: rfcProfile, linux: linuxProfile };
