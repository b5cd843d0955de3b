/** What the tests of names share: a world with a client, a name server and a web server on cables of its own. */
import type { DnsRecord, Message } from '../../src/dns/codec.ts';
import { answerTo } from '../../src/dns/message.ts';
import type { Resolver, ResolverOptions } from '../../src/dns/resolver.ts';
import type { NameServer, NameServerOptions } from '../../src/dns/server.ts';
import { Rcode } from '../../src/dns/types.ts';
import { codec, nameServer, resolver } from '../../src/node/dns.ts';
import type { Cable, CableOptions, SimHost, World, WorldOptions } from '../../src/sim/index.ts';
import { world } from '../../src/sim/index.ts';
import type { UdpMessage, UdpSocket } from '../../src/socket/udp-socket.ts';

export interface Place {
  readonly w: World;
  readonly client: SimHost;
  readonly dns: SimHost;
  readonly cable: Cable;
}

/** A client and a host for a name server. */
export function place(options: CableOptions = {}, about: WorldOptions = {}): Place {
  const w = world(about);
  const [client, dns] = [w.host('client'), w.host('dns')];
  return { w, client, dns, cable: w.cable(client, dns, options) };
}

/** What most tests look up. */
export const RECORDS: NonNullable<NameServerOptions['records']> = {
  'www.example': ['10.1.0.1', 'fd01::1'],
  'v4.example': '10.1.0.4',
  'alias.example': { CNAME: 'www.example' },
  example: { MX: { preference: 10, exchange: 'mail.example' }, NS: 'ns.example' },
  'mail.example': { A: '10.1.0.25', TXT: 'v=spf1 -all' },
  'ns.example': '10.0.0.2',
  '_http._tcp.example': { SRV: { port: 80, target: 'www.example' } },
  '*.any.example': '10.1.0.9',
};

export interface Served extends Place {
  readonly server: NameServer;
  readonly r: Resolver;
}

/** A client with a resolver that asks a name server. */
export function served(
  options: Partial<ResolverOptions> = {},
  serving: NameServerOptions = {},
  cable: CableOptions = { delay: 10_000 },
  about: WorldOptions = {},
): Served {
  const there = place(cable, about);
  const server = nameServer(there.dns, { records: RECORDS, ...serving });
  const r = resolver(there.client, { servers: [there.dns.address], ...options });
  return { ...there, server, r };
}

/** The code that a promise rejects with; null: it does not. */
export function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => (error as { code?: unknown }).code,
  );
}

/** A question that a made-up server was asked, and how it may answer. */
export interface Asked {
  readonly query: Message;
  readonly from: UdpMessage;
  /** Sends an answer: to the question, with changes. */
  readonly answer: (changes?: Partial<Message>) => void;
  /** Sends octets. */
  readonly send: (octets: Uint8Array) => void;
}

/** A made-up server on UDP port 53, which does with each question whatever a test wants. */
export function fakeServer(host: SimHost, act: (asked: Asked) => void, at?: string): UdpSocket {
  const socket = host.udp({ port: 53, ...(at === undefined ? {} : { address: at, reuseAddress: true }) });
  socket.handler = {
    readable: () => {
      for (let from = socket.tryReceive(); from !== null; from = socket.tryReceive()) {
        const { octets, address, port } = from;
        const query = codec.decode(octets);
        if (query === null) throw new Error('a question that nobody can read');
        const send = (sent: Uint8Array): void => socket.send(sent, address, port);
        const answer = (changes: Partial<Message> = {}): void =>
          send(codec.encode({ ...answerTo(query, Rcode.NoError), ...changes }));
        act({ query, from, answer, send });
      }
    },
  };
  return socket;
}

/** An A record. */
export function a(name: string, address: string, ttl = 300): DnsRecord {
  return { name, ttl, type: 'A', address };
}

export function cname(name: string, target: string, ttl = 300): DnsRecord {
  return { name, ttl, type: 'CNAME', target };
}

/** The SOA of a zone, which says for how long there is no such thing. */
export function soa(name: string, minimum: number, ttl = 3600): DnsRecord {
  const numbers = { serial: 1, refresh: 1, retry: 1, expire: 1 };
  return { name, ttl, type: 'SOA', mname: 'ns.example', rname: 'hostmaster.example', ...numbers, minimum };
}
