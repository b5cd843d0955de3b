/** Addresses in every spelling: IPv4-mapped ones (RFC 4291 §2.5.5.2), long forms, zones (RFC 4007 §11), and families that do not match. */
import type { NetConnectOpts } from 'node:net';
import { ofBoth } from '../case.ts';
import type { Item } from '../items.ts';
import type { Stage } from '../stage.ts';

const ENDS = ['localAddress', 'localFamily', 'remoteAddress', 'remoteFamily'] as const;

/** A server that notes how it sees each client, and says goodbye. */
function noting(on: Stage, host: string, ipv6Only = false): Promise<number> {
  const server = on.server({}, (peer) => {
    on.state('peer', peer, 'ends', ...ENDS);
    on.note('peer', 'address', peer.address());
    peer.end();
  });
  return on.listen(server, { host, ipv6Only });
}

/** Connects, notes both ends when that goes well, and waits for the end. */
async function visit(on: Stage, options: NetConnectOpts, actor = 'client'): Promise<void> {
  const client = on.watch(actor, on.net.connect(options), true);
  client.on('connect', () => on.state(actor, client, 'ends', ...ENDS));
  await on.closed(client);
}

/** A `lookup` that answers these addresses, as many as are asked for, a moment later; what it is asked is noted. */
function answering(on: Stage, ...addresses: readonly { address: string; family: number }[]): never {
  return ((name: string, options: { all?: boolean }, done: (...values: unknown[]) => void) => {
    on.note('lookup', 'asked', name, options);
    setImmediate(() => {
      if (options.all === true) done(null, addresses);
      else done(null, addresses[0]?.address, addresses[0]?.family);
    });
  }) as never;
}

/** Where a server listens, and from where it can be reached. */
const LISTENS = [
  '::ffff:127.0.0.1',
  '::FFFF:7F00:1',
  '::ffff:0.0.0.0',
  '0:0:0:0:0:0:0:1',
  '0:0:0:0:0:0:0:0',
  '::0',
  '::1%lo',
  '::%lo',
] as const;

const FROM = ['127.0.0.1', '::1', '::ffff:127.0.0.1'] as const;

/** Pairs of addresses of which the second is asked for where the first is taken: some overlap. */
const TWICE: readonly (readonly [string, boolean, string, boolean])[] = [
  ['::', true, '::', true],
  ['::', true, '::', false],
  ['::', true, '::1', false],
  ['::1', false, '::', true],
  ['0.0.0.0', false, '::', false],
  ['0.0.0.0', false, '::', true],
  ['::', false, '::ffff:127.0.0.1', false],
  ['127.0.0.1', false, '::ffff:127.0.0.1', false],
  ['::ffff:127.0.0.1', false, '0.0.0.0', false],
  ['::ffff:127.0.0.1', false, '::1', false],
  ['::ffff:127.0.0.1', false, '::', true],
  ['::ffff:0.0.0.0', false, '::1', false],
  ['::ffff:0.0.0.0', false, '127.0.0.1', false],
];

/** What `listen` refuses. */
const REFUSED: readonly (readonly [string, boolean])[] = [
  ['::ffff:192.0.2.99', false],
  ['::ffff:127.0.0.1', true],
  ['::ffff:0.0.0.0', true],
  ['ff02::1', false],
  ['fe80::1', false],
  ['fe80::1%lo', false],
  ['2001:db8::1%lo', false],
];

/** From a socket of the IPv6 kind that is bound in the other family than it goes to. */
const CROSSED: readonly (readonly [string, string | undefined])[] = [
  ['::ffff:127.0.0.1', '::1'],
  ['::1', '::ffff:127.0.0.1'],
  ['::1', '::ffff:0.0.0.0'],
];

/** From where to where; the server listens on every address of both families. */
const ROUTES: readonly (readonly [string, string | undefined])[] = [
  ['::ffff:127.0.0.1', '::ffff:127.0.0.1'],
  ['::ffff:127.0.0.1', '::ffff:127.0.0.9'],
  ['::ffff:127.0.0.1', '::'],
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['::ffff:127.0.0.1', '::ffff:192.0.2.77'],
  ['::ffff:0.0.0.0', undefined],
  ['::ffff:127.9.9.9', undefined],
  ['::FFFF:7F00:1', undefined],
  ['::ffff:224.0.0.1', undefined],
  ['::ffff:255.255.255.255', undefined],
  ['127.0.0.1', '::ffff:127.0.0.1'],
  ['127.0.0.1', '::1'],
  ['127.0.0.1', '::'],
  ['127.0.0.1', '0.0.0.0'],
  ['::1', '127.0.0.1'],
  ['::1', '0.0.0.0'],
  ['::1', '::'],
  ['::1', '::1%lo'],
  ['::ffff:127.0.0.1', '::ffff:0.0.0.0'],
  ['::1', 'ff02::1'],
  ['ff02::1%lo', undefined],
  ['::1', 'fe80::1'],
  ['::1', 'fe80::1%lo'],
  ['::', undefined],
  ['::1%lo', undefined],
  ['::1%nosuch', undefined],
  ['0:0:0:0:0:0:0:1', undefined],
  ['fe80::1', undefined],
  ['FE80::1', undefined],
  ['febf::1', undefined],
  ...CROSSED,
];

/** From Node.js 22 on libuv guesses a zone for addresses of fe80::/16 that have none. */
function guessed(host: string): { until?: number } {
  return /^fe80:[^%]*$/i.test(host) ? { until: 22 } : {};
}

export const spellingCases = ofBoth(
  LISTENS.flatMap((host) => [
    {
      name: `listen on ${host}: where that is`,
      covers: ['listen: host', 'Server.address'] as Item[],
      run: async (_net, on) => {
        const server = on.server();
        await on.listen(server, { host });
        on.note('server', 'address', server.address());
      },
    },
    ...FROM.map((to) => ({
      name: `a server on ${host} seen from ${to}`,
      covers: ['listen: host', 'connect: host', 'Socket.remoteAddress', 'Socket.remoteFamily'] as Item[],
      run: async (_net: unknown, on: Stage) => {
        const port = await noting(on, host);
        await visit(on, { port, host: to });
      },
    })),
  ]),
  TWICE.map(([first, only, second, too]) => ({
    name: `the port of ${first}${only ? ' (ipv6Only)' : ''} for ${second}${too ? ' (ipv6Only)' : ''}`,
    covers: ['EADDRINUSE', 'listen: ipv6Only', 'listen: host'] as Item[],
    run: async (net, on) => {
      const port = await on.listen(on.server(), { host: first, ipv6Only: only }, 'taken');
      const other = on.watchServer('other', net.createServer());
      other.listen({ port, host: second, ipv6Only: too });
      await Promise.race([on.until(other, 'listening'), on.until(other, 'error')]);
      on.note('other', 'address', other.address());
    },
  })),
  REFUSED.flatMap(([host, ipv6Only]) =>
    [0, 12345].map((port) => ({
      name: `listen on ${host} port ${port}${ipv6Only ? ', ipv6Only' : ''} is refused`,
      covers: ['EADDRNOTAVAIL', 'Server event: error', 'listen: ipv6Only'] as Item[],
      run: async (net, on) => {
        const server = on.watchServer('server', net.createServer());
        server.listen({ port, host, ipv6Only });
        await on.until(server, 'error');
      },
    })),
  ),
  // An address of the other family is told with the port that it has by then: ours has one of its own choice only later.
  ROUTES.filter((route) => !CROSSED.includes(route)).map(([host, localAddress]) => ({
    name: `connect to ${host}${localAddress === undefined ? '' : ` from ${localAddress}`}`,
    covers: ['connect: host', 'connect: localAddress', 'Socket.localAddress', 'Socket.remoteAddress'] as Item[],
    ...guessed(host),
    run: async (_net, on) => {
      const port = await noting(on, '::');
      await visit(on, { port, host, ...(localAddress === undefined ? {} : { localAddress }) });
    },
  })),
  ROUTES.map(([host, localAddress]) => ({
    name: `connect to ${host}${localAddress === undefined ? '' : ` from ${localAddress}`} and a port of one's own`,
    covers: ['connect: localPort', 'connect: localAddress', 'Socket.localPort'] as Item[],
    ...guessed(host),
    run: async (_net, on) => {
      const localPort = await on.closedPort('::', 'chosen');
      const port = await noting(on, '::');
      await visit(on, { port, host, localPort, ...(localAddress === undefined ? {} : { localAddress }) });
    },
  })),
  (['::ffff:127.0.0.1', '::1%lo', '::', '::ffff:0.0.0.0'] as const).map((host) => ({
    name: `nobody listens on ${host}`,
    covers: ['ECONNREFUSED', 'connect: host'] as Item[],
    run: async (_net, on) => {
      const port = await on.closedPort('::');
      await visit(on, { port, host });
    },
  })),
  [
    { host: '::1', family: 4 },
    { host: '127.0.0.1', family: 6 },
    { host: '::ffff:127.0.0.1', family: 4 },
  ].map(({ host, family }) => ({
    name: `an address is not looked up: ${host} with family ${family}`,
    covers: ['connect: family', 'connect: host'] as Item[],
    run: async (_net, on) => {
      const port = await noting(on, '::');
      await visit(on, { port, host, family, lookup: answering(on) });
    },
  })),
  [
    { address: '127.0.0.1', family: 6 },
    { address: '::1', family: 4 },
    { address: '::ffff:127.0.0.1', family: 4 },
    { address: '::ffff:127.0.0.1', family: 6 },
    { address: '::1%lo', family: 6 },
    { address: 'febf::1', family: 6 },
  ].flatMap((found) =>
    [{ autoSelectFamily: true }, { autoSelectFamily: false }, { family: found.family === 4 ? 6 : 4 }].map(
      (options) => ({
        name: `lookup finds ${found.address} and calls it IPv${found.family}: ${JSON.stringify(options)}`,
        covers: ['connect: family', 'connect: lookup', 'connect: autoSelectFamily'] as Item[],
        run: async (_net: unknown, on: Stage) => {
          const port = await noting(on, '::');
          await visit(on, { port, host: 'odd.example', lookup: answering(on, found), ...options });
        },
      }),
    ),
  ),
);
