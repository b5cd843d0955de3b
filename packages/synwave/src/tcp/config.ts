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
  /** Retransmissions of a SYN, or of a SYN,ACK, after which an OPEN ends, if that is sooner. */
  readonly synRetries: number;
  readonly synAckRetries: number;
  /** Longest time for an active OPEN; 0: the retransmissions alone decide. */
  readonly openTimeout: Micros;
  /** Before the first measurement (RFC 6298 §2.1). */
  readonly rtoInitial: Micros;
  /** RFC 6298 §2.4. */
  readonly rtoMin: Micros;
  /** What the variance adds to SRTT at least, and what is added to the whole: systems differ in how they keep RTO up. */
  readonly rtoVarianceMin: Micros;
  readonly rtoSlop: Micros;
  /** At least 60 s (RFC 6298 §2.5). */
  readonly rtoMax: Micros;
  /** Longest wait of an ACK for company; below 0.5 s (MUST-40). */
  readonly delayedAck: Micros;
  /** Whether the first ACK of a peer's FIN waits for company as that of text may (RFC 9293 §3.8.6.3): our own FIN, mostly. */
  readonly delayFinAck: boolean;
  /** Segments with text that are acknowledged at once at the beginning, before ACKs wait for company. */
  readonly quickAcks: number;
  /** Which text in order owes an ACK at once: the second full-sized segment (SHLD-19), or every second segment of any size. */
  readonly ackEvery: 'second-full' | 'second';
  /** Longest wait of a small segment for a silly window to open (RFC 9293 §3.8.6.2.1: 0.1 to 1 s). */
  readonly override: Micros;
  /** Segments in the first flight (RFC 6928). */
  readonly initialWindow: number;
  /** Duplicate ACKs that count as a loss (RFC 5681 §3.2). */
  readonly dupThresh: number;
  /** How losses are found where the peer SACKs: by time (RFC 8985), or by what is SACKed above (RFC 6675). */
  readonly lossDetection: 'rack' | 'count';
  /** Probe the tail of a flight before the retransmission timer must (RFC 8985 §7). */
  readonly tailProbe: boolean;
  /** Begin with a small window again after an idle RTO (RFC 5681 §4.1). */
  readonly restartAfterIdle: boolean;
  /** Bounds of the time between probes of a closed window. */
  readonly persistMin: Micros;
  readonly persistMax: Micros;
  /** Segments by which one ACK may widen the window in slow start: L of RFC 3465 §2.2. */
  readonly slowStartLimit: number;
  /** Name of the congestion controller. */
  readonly congestion: 'reno' | 'cubic';
  /** Octets that may wait for the peer: in flight and unsent. */
  readonly sendBuffer: number;
  /**
   * Octets that may wait for the user: it bounds the window offered. With `windowSteps` of Linux it is half of the memory
   * that they may take, so that more of them may wait where segments are large: twice as many at most.
   */
  readonly receiveBuffer: number;
  /** Once the MSS is agreed on, both buffers grow to a multiple of it. */
  readonly wholeSegments: boolean;
  /**
   * How far an ACK moves the window's right edge: by a full segment or half the buffer, or not at all (RFC 9293
   * §3.8.6.2.2); or by whatever is free, up to a whole unit of the scale, as the BSDs and Linux have it.
   */
  readonly windowSteps: 'full' | 'bsd' | 'linux';
  /** Holes in the receive queue before out-of-order text is dropped. */
  readonly holes: number;
  /** Offer RFC 7323's window scale, RFC 7323's timestamps, RFC 2018's SACK. */
  readonly windowScale: boolean;
  readonly timestamps: boolean;
  readonly sack: boolean;
  /** Report text that came twice (RFC 2883). */
  readonly duplicateSack: boolean;
  /** Take segments without the timestamps that were agreed on, where RFC 7323 §3.2 has them dropped. */
  readonly tolerateMissingTimestamps: boolean;
  /** In which order options stand, and how they are padded: as Linux has it, or as the BSDs do. */
  readonly optionOrder: 'linux' | 'bsd';
  /** The least window scale to offer, whatever the buffer is now: for buffers that are to grow. */
  readonly windowShift: number;
  /** Explicit congestion notification (RFC 3168): never, when the peer asks for it, or asked for by ourselves as well. */
  readonly ecn: 'off' | 'accept' | 'request';
  /** Search for the path's MTU by segments (RFC 4821): never, once larger ones vanish, or on every connection. */
  readonly mtuProbing: 'off' | 'black-hole' | 'on';
  /** The largest segment text to offer and to send, or 0: what the path's MTU allows. */
  readonly mss: number;
  /**
   * What Nagle's algorithm (RFC 9293 §3.7.4) holds a small segment back for: any text in flight; another small segment
   * in flight (Minshall's variant); or text that was in flight before what is queued (the BSDs').
   */
  readonly nagle: 'rfc' | 'minshall' | 'bsd';
  /** Bursts of segments, as hardware would be handed them, end in PSH each, as on Linux; or only the last text queued does. */
  readonly pushBursts: boolean;
  /** A closed window is probed by an octet of text (RFC 9293 §3.8.6.1), or by an ACK from left of the window, as keepalives are. */
  readonly windowProbe: 'text' | 'ack';
  /** A SYN with a FIN is dropped by a listener, where RFC 9293 §3.10.7.2 would open a connection for it. */
  readonly dropSynFin: boolean;
  /** Whether TIME-WAIT answers all that is not the ACK that it waits for, text as well, where RFC 9293 §3.10.7.4 ignores that. */
  readonly timeWaitAnswers: boolean;
  /** The smallest MSS of a peer's that is believed: below it, headers would be most of the traffic. */
  readonly mssLeast: number;
  /** Whether ICMP's soft errors end an OPEN in SYN-SENT, as on Linux, where RFC 9293 §3.9.2.2 has it go on trying. */
  readonly softErrors: 'noted' | 'end-open';
  /** Nagle's algorithm off (MUST-17). */
  readonly noDelay: boolean;
  /** Only whole segments go out, for `override` at most: the user has more to say (TCP_CORK). */
  readonly corked: boolean;
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
  /** The least time between two of them; 0: none. */
  readonly challengeInterval: Micros;
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
  synRetries: Number.POSITIVE_INFINITY,
  synAckRetries: Number.POSITIVE_INFINITY,
  openTimeout: 0,
  rtoInitial: SECOND,
  rtoMin: SECOND,
  rtoVarianceMin: 0,
  rtoSlop: 0,
  rtoMax: 60 * SECOND,
  delayedAck: 40 * MILLISECOND,
  delayFinAck: false,
  quickAcks: 0,
  ackEvery: 'second-full',
  override: 200 * MILLISECOND,
  initialWindow: 10,
  dupThresh: 3,
  lossDetection: 'rack',
  tailProbe: true,
  restartAfterIdle: true,
  persistMin: 0,
  persistMax: Number.POSITIVE_INFINITY,
  slowStartLimit: 2,
  congestion: 'cubic',
  sendBuffer: 1 << 20,
  receiveBuffer: 1 << 20,
  wholeSegments: false,
  windowSteps: 'full',
  holes: 1024,
  windowScale: true,
  timestamps: true,
  sack: true,
  duplicateSack: true,
  tolerateMissingTimestamps: false,
  optionOrder: 'linux',
  windowShift: 0,
  ecn: 'accept',
  mtuProbing: 'black-hole',
  mss: 0,
  nagle: 'rfc',
  pushBursts: false,
  windowProbe: 'text',
  dropSynFin: false,
  timeWaitAnswers: false,
  mssLeast: 48,
  softErrors: 'noted',
  noDelay: false,
  corked: false,
  keepAlive: false,
  keepAliveIdle: 7200 * SECOND,
  keepAliveInterval: 75 * SECOND,
  keepAliveProbes: 10,
  userTimeout: 0,
  finWait2: MINUTE,
  synCookies: 'full',
  challengeAcks: 10,
  challengeInterval: 0,
  ignoreTimeWaitReset: false,
  hopLimit: 64,
  trafficClass: 0,
};

/** As Linux behaves out of the box. */
export const linuxProfile: TcpConfig = {
  ...rfcProfile,
  msl: 30 * SECOND,
  rtoMin: 200 * MILLISECOND,
  rtoVarianceMin: 200 * MILLISECOND,
  rtoMax: 120 * SECOND,
  quickAcks: 16,
  slowStartLimit: Number.POSITIVE_INFINITY,
  receiveBuffer: 6 << 20, // where its own sizing of buffers ends: tcp(7), tcp_rmem
  windowSteps: 'linux',
  nagle: 'minshall',
  pushBursts: true,
  windowProbe: 'ack',
  softErrors: 'end-open',
  dropSynFin: true,
  timeWaitAnswers: true,
  challengeInterval: 500 * MILLISECOND,
  keepAliveProbes: 9,
};

/** As FreeBSD behaves out of the box. */
export const bsdProfile: TcpConfig = {
  ...rfcProfile,
  msl: 30 * SECOND,
  synAckRetries: 3,
  openTimeout: 75 * SECOND,
  rtoMin: 30 * MILLISECOND,
  rtoSlop: 200 * MILLISECOND,
  rtoMax: 64 * SECOND,
  ackEvery: 'second',
  lossDetection: 'count',
  tailProbe: false,
  persistMin: 5 * SECOND,
  persistMax: 60 * SECOND,
  optionOrder: 'bsd',
  wholeSegments: true,
  windowSteps: 'bsd',
  nagle: 'bsd',
  mssLeast: 216,
  timeWaitAnswers: true,
  r2: 12,
  finWait2: 600 * SECOND,
  challengeAcks: 5,
  ignoreTimeWaitReset: true,
  keepAliveProbes: 8,
  mtuProbing: 'off',
};

export const profiles: Readonly<Record<'rfc' | 'linux', TcpConfig>> = { rfc: rfcProfile, linux: linuxProfile };
