/** Names that filter expressions know: numbers in headers, protocols, ports. */
import { readFileSync } from 'node:fs';

/** Constants for arithmetic: offsets of fields and values of them. */
export const constants: Readonly<Record<string, number>> = {
  tcpflags: 13,
  'tcp-fin': 1,
  'tcp-syn': 2,
  'tcp-rst': 4,
  'tcp-push': 8,
  'tcp-ack': 16,
  'tcp-urg': 32,
  'tcp-ece': 64,
  'tcp-cwr': 128,
  icmptype: 0,
  icmpcode: 1,
  'icmp-echoreply': 0,
  'icmp-unreach': 3,
  'icmp-sourcequench': 4,
  'icmp-redirect': 5,
  'icmp-echo': 8,
  'icmp-routeradvert': 9,
  'icmp-routersolicit': 10,
  'icmp-timxceed': 11,
  'icmp-paramprob': 12,
  'icmp-tstamp': 13,
  'icmp-tstampreply': 14,
  'icmp-ireq': 15,
  'icmp-ireqreply': 16,
  'icmp-maskreq': 17,
  'icmp-maskreply': 18,
  icmp6type: 0,
  icmp6code: 1,
  'icmp6-destinationunreach': 1,
  'icmp6-packettoobig': 2,
  'icmp6-timeexceeded': 3,
  'icmp6-parameterproblem': 4,
  'icmp6-echo': 128,
  'icmp6-echoreply': 129,
  'icmp6-multicastlistenerquery': 130,
  'icmp6-multicastlistenerreportv1': 131,
  'icmp6-multicastlistenerdone': 132,
  'icmp6-routersolicit': 133,
  'icmp6-routeradvert': 134,
  'icmp6-neighborsolicit': 135,
  'icmp6-neighboradvert': 136,
  'icmp6-redirect': 137,
  'icmp6-multicastlistenerreportv2': 143,
};

/** Protocols above IP that have a word of their own; the families that they are for. */
export const ipProtocols: Readonly<Record<string, readonly [number: number, families: readonly (4 | 6)[]]>> = {
  tcp: [6, [4, 6]],
  udp: [17, [4, 6]],
  sctp: [132, [4, 6]],
  icmp: [1, [4]],
  icmp6: [58, [6]],
  igmp: [2, [4]],
  igrp: [9, [4]],
  pim: [103, [4, 6]],
  vrrp: [112, [4]],
  carp: [112, [4]],
  ah: [51, [4, 6]],
  esp: [50, [4, 6]],
};

/** Types of Ethernet frames. */
export const etherTypes: Readonly<Record<string, number>> = {
  ip: 0x0800,
  ip6: 0x86dd,
  arp: 0x0806,
  rarp: 0x8035,
};

/** Names of protocol numbers behind `proto`, beyond those with a word of their own. */
export const protocolNumbers: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Object.entries(ipProtocols).map(([name, [number]]) => [name, number])),
  gre: 47,
  'ipv6-icmp': 58,
};

/** Where the system keeps names of services. */
const SERVICES = '/etc/services';

/** Names of services that are known where the system has no list. */
const known: Readonly<Record<string, number>> = {
  echo: 7,
  discard: 9,
  daytime: 13,
  chargen: 19,
  'ftp-data': 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  http: 80,
  pop3: 110,
  ntp: 123,
  snmp: 161,
  https: 443,
  exec: 512,
  mysql: 3306,
  postgresql: 5432,
};

/** A port by a name, and the protocols that the name is for; null: any. */
export interface ServicePort {
  readonly port: number;
  readonly protocols: readonly string[] | null;
}

let services: ReadonlyMap<string, ServicePort> | null = null;

/** The port of a service by its name, as the system knows it; null: no such service. */
export function portOf(name: string): ServicePort | null {
  services ??= readServices();
  const port = known[name];
  return services.get(name) ?? (port === undefined ? null : { port, protocols: null });
}

/** Every name that a mistyped service may be meant for. */
export function serviceNames(): string[] {
  services ??= readServices();
  return [...services.keys(), ...Object.keys(known)];
}

function readServices(): Map<string, ServicePort> {
  const found = new Map<string, ServicePort>();
  let text = '';
  try {
    text = readFileSync(SERVICES, 'utf8');
  } catch {
    return found; // there is none: those that are known here remain
  }
  for (const line of text.split('\n')) {
    const [name = '', place = '', ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [, number, protocol] = /^(\d+)\/(\w+)$/.exec(place) ?? [];
    if (number === undefined || protocol === undefined) continue;
    const port = Number(number);
    for (const each of [name, ...aliases]) {
      const before = found.get(each);
      if (before === undefined) found.set(each, { port, protocols: [protocol] });
      else if (before.port === port) found.set(each, { port, protocols: [...(before.protocols ?? []), protocol] });
    }
  }
  return found;
}
