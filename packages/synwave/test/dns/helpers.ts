/** What the tests of names share: a world with a client, a name server and a web server on cables of its own. */
import type { NameServerOptions } from '../../src/dns/server.ts';
import type { ResolverOptions } from '../../src/dns/resolver.ts';
import type { NameServer } from '../../src/dns/server.ts';
import type { Resolver } from '../../src/dns/resolver.ts';
import { nameServer, resolver } from '../../src/node/dns.ts';
import type { Cable, CableOptions, SimHost, World, WorldOptions } from '../../src/sim/index.ts';
import { world } from '../../src/sim/index.ts';

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
