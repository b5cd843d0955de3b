/** The targets by name. They are imported when asked for: after coverage has begun, or none of their code would count. */

/** @typedef {import('./target.mjs').Target} Target */

/** @type {Readonly<Record<string, () => Promise<{ default: Target }>>>} */
export const targets = {
  ethernet: () => import('./targets/ethernet.mjs'),
  arp: () => import('./targets/arp.mjs'),
  ipv4: () => import('./targets/ipv4.mjs'),
  ipv6: () => import('./targets/ipv6.mjs'),
  tcp: () => import('./targets/tcp.mjs'),
  'tcp-options': () => import('./targets/tcp-options.mjs'),
  udp: () => import('./targets/udp.mjs'),
  icmpv4: () => import('./targets/icmpv4.mjs'),
  icmpv6: () => import('./targets/icmpv6.mjs'),
  nd: () => import('./targets/nd.mjs'),
  quote: () => import('./targets/quote.mjs'),
  dhcp: () => import('./targets/dhcp.mjs'),
  dns: () => import('./targets/dns.mjs'),
  'dns-name': () => import('./targets/dns-name.mjs'),
  'text-print': () => import('./targets/text-print.mjs'),
  'text-ethernet': () => import('./targets/text-ethernet.mjs'),
  'text-parse': () => import('./targets/text-parse.mjs'),
  'text-short': () => import('./targets/text-short.mjs'),
  'address-text': () => import('./targets/address-text.mjs'),
  'mac-text': () => import('./targets/mac-text.mjs'),
  pcap: () => import('./targets/pcap.mjs'),
  pcapng: () => import('./targets/pcapng.mjs'),
  'fill-sums': () => import('./targets/fill-sums.mjs'),
  drill: () => import('./targets/drill.mjs'),
  stack: () => import('./targets/stack.mjs'),
  station: () => import('./targets/station.mjs'),
};
