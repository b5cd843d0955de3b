/** Why a packet was dropped. Input never throws: each reason is a number, counted, with a name to show. */

/** 0 is "not dropped"; the others index the counters. */
export const Drop = {
  None: 0,
  // IP
  IpVersion: 1,
  Ipv4Short: 2,
  Ipv4HeaderLength: 3,
  Ipv4TotalLength: 4,
  Ipv4Checksum: 5,
  Ipv6Short: 6,
  Ipv6PayloadLength: 7,
  Ipv6ExtensionHeader: 8,
  Ipv6Option: 9,
  Ipv6Routing: 10,
  Ipv6Mapped: 11,
  IpFragment: 12,
  IpSource: 13,
  IpNotForUs: 14,
  IpProtocol: 15,
  // TCP
  TcpShort: 16,
  TcpOffset: 17,
  TcpChecksum: 18,
  TcpOptionLength: 19,
  TcpPort: 20,
  // the stack
  SynQueueFull: 21,
  AcceptQueueFull: 22,
  MemoryFull: 23,
  Broadcast: 24,
  // a TCP connection
  Unacceptable: 25,
  Paws: 26,
  OutOfOrderFull: 27,
  BufferFull: 28,
  AckMissing: 29,
  TimeWaitReset: 30,
} as const;

export type Drop = (typeof Drop)[keyof typeof Drop];

/** One sentence for each reason, in the order of the numbers. */
export const dropReasons: readonly string[] = [
  'not dropped',
  'IP version is neither 4 nor 6',
  'IPv4 header cut short',
  'IPv4 header length below 5 words or past the packet',
  'IPv4 total length below the header or past the packet',
  'IPv4 header checksum wrong',
  'IPv6 header cut short',
  'IPv6 payload length past the packet',
  'IPv6 extension header malformed or too many',
  'IPv6 option that asks for the packet to be discarded when unknown',
  'IPv6 routing header with segments left: this host does not forward by it',
  'IPv6 packet with an IPv4-mapped address',
  'IP fragment: this host does not reassemble',
  'IP source address is not one that a host may send from',
  'IP destination address is not ours',
  'IP protocol that nobody listens for',
  'TCP header cut short',
  'TCP data offset below 5 words or past the packet',
  'TCP checksum wrong',
  'TCP option length below 2 or past the header',
  'TCP port 0',
  'SYN queue full',
  'accept queue full',
  'memory for connections is used up',
  'TCP to or from a broadcast or multicast address',
  'segment outside the receive window',
  'timestamp older than the last one (PAWS)',
  'too many holes in the receive queue',
  'receive buffer full',
  'segment without ACK',
  'RST ignored in TIME-WAIT (RFC 1337)',
];
