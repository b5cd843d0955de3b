/** Two families: `::` for both, ipv6Only, mapped addresses, and the attempts of autoSelectFamily one after the other. */
import { ofBoth } from '../case.ts';
import type { Item } from '../items.ts';

type Address = { readonly address: string; readonly family: number };

const V4: Address = { address: '127.0.0.1', family: 4 };
const V6: Address = { address: '::1', family: 6 };

/** A `lookup` that answers these addresses, as many as are asked for. */
function answering(...addresses: readonly Address[]): never {
  return ((_name: string, options: { all?: boolean }, done: (...values: unknown[]) => void) => {
    if (options.all === true) done(null, addresses);
    else done(null, addresses[0]?.address, addresses[0]?.family);
  }) as never;
}

/** The same a moment later, when whoever connects has had time to listen. */
function later(...addresses: readonly Address[]): never {
  const now = answering(...addresses) as (...values: unknown[]) => void;
  return ((...values: unknown[]) => setImmediate(() => now(...values))) as never;
}

const ENDS = ['localAddress', 'localFamily', 'remoteAddress', 'remoteFamily'] as const;

export const dualstackCases = ofBoth(
  (['127.0.0.1', '::1', '::ffff:127.0.0.1'] as const).map((host) => ({
    name: `a server on :: serves ${host}`,
    covers: ['listen: host', 'Socket.remoteAddress', 'Socket.remoteFamily', 'Server.address'] as Item[],
    run: async (net, on) => {
      const server = on.server({}, (peer) => {
        on.state('peer', peer, 'ends', ...ENDS);
        on.note('peer', 'address', peer.address());
        peer.end();
      });
      const port = await on.listen(server, { host: '::' });
      const client = on.watch('client', net.connect(port, host), true);
      client.on('connect', () => on.state('client', client, 'ends', ...ENDS));
      await on.closed(client);
      on.note('server', 'address', server.address());
    },
  })),
  (['127.0.0.1', '::1'] as const).map((host) => ({
    name: `a server without a host serves ${host}`,
    covers: ['listen(port)', 'listen: host', 'Socket.remoteAddress'] as Item[],
    run: async (net, on) => {
      const server = on.server({}, (peer) => {
        on.state('peer', peer, 'ends', ...ENDS);
        peer.end();
      });
      server.listen(0);
      await on.until(server, 'listening');
      const port = (server.address() as { port: number }).port;
      on.name(port, 'server');
      await on.closed(on.watch('client', net.connect(port, host), true));
    },
  })),
  (['127.0.0.1', '::1'] as const).map((host) => ({
    name: `ipv6Only: ${host}`,
    covers: ['listen: ipv6Only', 'ECONNREFUSED'] as Item[],
    run: async (net, on) => {
      const server = on.server({}, (peer) => {
        on.state('peer', peer, 'ends', ...ENDS);
        peer.end();
      });
      const port = await on.listen(server, { host: '::', ipv6Only: true });
      await on.closed(on.watch('client', net.connect(port, host), true));
    },
  })),
  (['127.0.0.1', '::1'] as const).map((host) => ({
    name: `ipv6Only without a host: ${host}`,
    covers: ['listen: ipv6Only', 'listen(options)'] as Item[],
    until: 22, // from then on it is heeded
    run: async (net, on) => {
      const server = on.server({}, (peer) => {
        on.state('peer', peer, 'ends', ...ENDS);
        peer.end();
      });
      server.listen({ port: 0, ipv6Only: true });
      await on.until(server, 'listening');
      const { port } = server.address() as { port: number };
      on.name(port, 'server');
      on.note('server', 'address', server.address());
      await on.closed(on.watch('client', net.connect(port, host), true));
    },
  })),
  (['127.0.0.1', '0.0.0.0', '::1'] as const).map((host) => ({
    name: `ipv6Only on ${host}`,
    covers: ['listen: ipv6Only', 'listen: host'] as Item[],
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      await on.listen(server, { host, ipv6Only: true });
      on.note('server', 'address', server.address());
    },
  })),
  (['yes', 1, {}, false, null] as const).map((ipv6Only) => ({
    name: `ipv6Only ${JSON.stringify(ipv6Only)}`,
    covers: ['listen: ipv6Only'] as Item[],
    run: async (net, on) => {
      const server = on.server({}, (peer) => {
        on.state('peer', peer, 'ends', ...ENDS);
        peer.end();
      });
      const port = await on.listen(server, { host: '::', ipv6Only: ipv6Only as never });
      await on.closed(on.watch('client', net.connect(port, '127.0.0.1'), true));
    },
  })),
  {
    name: 'maxConnections on ::, an IPv4 client: how it is dropped',
    covers: ['Server.maxConnections', 'Server event: drop'],
    run: async (net, on) => {
      const server = on.watchServer('server', on.server());
      server.maxConnections = 1;
      const port = await on.listen(server, { host: '::' });
      const first = on.watch('first', net.connect(port, '::1'), true);
      await on.until(first, 'ready');
      await on.wait(10);
      await on.closed(on.watch('second', net.connect(port, '127.0.0.1'), true));
    },
  },
  {
    name: 'ipv6Only leaves the port free for IPv4',
    covers: ['listen: ipv6Only', 'listen: host'],
    run: async (net, on) => {
      const port = await on.listen(on.server(), { host: '::', ipv6Only: true });
      const other = on.watchServer('other', net.createServer());
      other.listen(port, '0.0.0.0');
      await on.until(other, 'listening');
      on.note('other', 'address', other.address());
    },
  },
  {
    name: 'a port taken on :: is taken for 0.0.0.0',
    covers: ['EADDRINUSE', 'listen: ipv6Only'],
    run: async (net, on) => {
      const port = await on.listen(on.server(), { host: '::' }, 'taken');
      const other = on.watchServer('other', net.createServer());
      other.listen(port, '0.0.0.0');
      await on.until(other, 'error');
    },
  },
  {
    name: 'a port taken on 127.0.0.1 is taken for ::',
    covers: ['EADDRINUSE', 'listen: host'],
    run: async (net, on) => {
      const port = await on.listen(on.server(), { host: '127.0.0.1' }, 'taken');
      const other = on.watchServer('other', net.createServer());
      other.listen(port, '::');
      await on.until(other, 'error');
    },
  },
  {
    name: 'a server on ::1 is not there for IPv4',
    covers: ['listen: host', 'ECONNREFUSED'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '::1');
      await on.closed(on.watch('client', net.connect(port, '127.0.0.1'), true));
    },
  },
  {
    name: 'a server on 127.0.0.1 is not there for IPv6',
    covers: ['listen: host', 'ECONNREFUSED'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '127.0.0.1');
      await on.closed(on.watch('client', net.connect(port, '::1'), true));
    },
  },
  [
    [V6, V4],
    [V4, V6],
  ].flatMap((addresses) =>
    (['127.0.0.1', '::1'] as const).map((host) => ({
      name: `addresses ${addresses.map((one) => one.address).join(', ')}, a server on ${host}`,
      covers: [
        'connect: autoSelectFamily',
        'Socket.autoSelectFamilyAttemptedAddresses',
        'Socket event: connectionAttempt',
        'Socket event: connectionAttemptFailed',
        'Socket event: lookup',
      ] as Item[],
      run: async (net, on) => {
        const port = await on.serve((peer) => peer.end(), host);
        const options = { port, host: 'two.example', autoSelectFamily: true, lookup: later(...addresses) };
        const client = on.watch('client', net.connect(options), true);
        on.state('client', client, 'called', 'autoSelectFamilyAttemptedAddresses', 'connecting');
        client.on('connect', () => on.state('client', client, 'connect', 'remoteAddress', 'remoteFamily'));
        await on.closed(client);
        on.state('client', client, 'closed', 'autoSelectFamilyAttemptedAddresses');
      },
    })),
  ),
  [
    [V6, V4],
    [V4, V6],
    [V4, V4],
    [V4, { address: '127.0.0.2', family: 4 }, V6],
    [V6, { address: '::1', family: 6 }, V4, { address: '127.0.0.3', family: 4 }],
  ].map((addresses) => ({
    name: `all of ${addresses.map((one) => one.address).join(', ')} refuse: an AggregateError`,
    covers: [
      'ECONNREFUSED',
      'connect: autoSelectFamily',
      'Socket.autoSelectFamilyAttemptedAddresses',
      'Socket event: connectionAttemptFailed',
    ] as Item[],
    run: async (net, on) => {
      const port = await on.closedPort('127.0.0.1');
      const options = { port, host: 'two.example', autoSelectFamily: true, lookup: later(...addresses) };
      const client = on.watch('client', net.connect(options));
      await on.closed(client);
      on.state('client', client, 'closed', 'autoSelectFamilyAttemptedAddresses', 'destroyed');
    },
  })),
  {
    name: 'one address alone is no choice',
    covers: ['connect: autoSelectFamily', 'Socket.autoSelectFamilyAttemptedAddresses', 'ECONNREFUSED'],
    run: async (net, on) => {
      const port = await on.closedPort('127.0.0.1');
      const options = { port, host: 'one.example', autoSelectFamily: true, lookup: later(V4) };
      const client = on.watch('client', net.connect(options));
      await on.closed(client);
      on.state('client', client, 'closed', 'autoSelectFamilyAttemptedAddresses');
    },
  },
  {
    name: 'without autoSelectFamily the first address is the only one',
    covers: ['connect: autoSelectFamily', 'ECONNREFUSED'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '127.0.0.1');
      const options = { port, host: 'two.example', autoSelectFamily: false, lookup: later(V6, V4) };
      await on.closed(on.watch('client', net.connect(options)));
    },
  },
  {
    name: 'the module default false means the first address only',
    covers: ['net.setDefaultAutoSelectFamily', 'connect: autoSelectFamily'],
    alone: true,
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '127.0.0.1');
      const before = net.getDefaultAutoSelectFamily();
      net.setDefaultAutoSelectFamily(false);
      const client = on.watch('client', net.connect({ port, host: 'two.example', lookup: later(V6, V4) }));
      net.setDefaultAutoSelectFamily(before);
      await on.closed(client);
    },
  },
  {
    name: 'a chosen family asks for no other',
    covers: ['connect: family', 'connect: autoSelectFamily'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '127.0.0.1');
      const options = { port, host: 'two.example', family: 4, lookup: later(V4) };
      const client = on.watch('client', net.connect(options), true);
      await on.closed(client);
      on.state('client', client, 'closed', 'autoSelectFamilyAttemptedAddresses');
    },
  },
  {
    name: 'destroy between two attempts',
    covers: ['Socket event: connectionAttemptFailed', 'Socket.destroy'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '127.0.0.1');
      const options = { port, host: 'two.example', autoSelectFamily: true, lookup: later(V6, V4) };
      const client = on.watch('client', net.connect(options));
      client.on('connectionAttemptFailed', () => client.destroy());
      await on.closed(client);
      await on.wait(20);
    },
  },
  {
    name: 'destroy as the first of several addresses is told: no other is',
    covers: ['Socket event: lookup', 'Socket.destroy', 'connect: autoSelectFamily'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '127.0.0.1');
      const options = { port, host: 'two.example', autoSelectFamily: true, lookup: later(V6, V4) };
      const client = on.watch('client', net.connect(options));
      client.on('lookup', () => client.destroy());
      await on.closed(client);
      on.state('client', client, 'closed', 'autoSelectFamilyAttemptedAddresses');
    },
  },
  (['::1', '127.0.0.1', '::', '0.0.0.0'] as const).map((taken) => ({
    name: `a local port for two addresses, taken on ${taken}`,
    covers: ['connect: localPort', 'EADDRINUSE', 'connect: autoSelectFamily'] as Item[],
    run: async (net, on) => {
      const localPort = await on.listen(on.server(), { host: taken }, 'taken');
      const port = await on.serve((peer) => peer.end(), '127.0.0.1');
      const options = { port, localPort, host: 'two.example', autoSelectFamily: true, lookup: later(V6, V4) };
      const client = on.watch('client', net.connect(options), true);
      await on.closed(client);
      on.state('client', client, 'closed', 'autoSelectFamilyAttemptedAddresses');
    },
  })),
  ([answering, later] as const).map((found) => ({
    name: `addresses of the wrong family among the attempts: each fails by itself, told ${found === later ? 'later' : 'at once'}`,
    covers: ['connect: autoSelectFamily', 'Socket event: connectionAttemptFailed'] as Item[],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '127.0.0.1');
      const lookup = found({ address: '::1', family: 4 }, { address: '127.0.0.2', family: 6 }, V4);
      const options = { port, host: 'odd.example', autoSelectFamily: true, lookup };
      const client = on.watch('client', net.connect(options), true);
      await on.closed(client);
      on.state('client', client, 'closed', 'autoSelectFamilyAttemptedAddresses');
    },
  })),
  ([answering, later] as const).map((found) => ({
    name: `nothing but addresses of the wrong family, of a link without a zone, and of a group, told ${found === later ? 'later' : 'at once'}`,
    covers: ['connect: autoSelectFamily', 'Socket event: connectionAttemptFailed', 'ENETUNREACH'] as Item[],
    run: async (net, on) => {
      const lookup = found(
        { address: '::1', family: 4 },
        { address: 'febf::1', family: 6 },
        { address: '127.0.0.2', family: 6 },
        { address: '224.0.0.1', family: 4 },
      );
      const options = { port: 9, host: 'odd.example', autoSelectFamily: true, lookup };
      const client = on.watch('client', net.connect(options), true);
      await on.closed(client);
      on.state('client', client, 'closed', 'autoSelectFamilyAttemptedAddresses');
    },
  })),
  {
    name: 'a mapped address takes its turn as an IPv6 one',
    covers: ['connect: autoSelectFamily', 'Socket.remoteAddress', 'Socket.remoteFamily'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '127.0.0.2');
      const lookup = later(V4, { address: '127.0.0.3', family: 4 }, { address: '::ffff:127.0.0.2', family: 6 });
      const options = { port, host: 'odd.example', autoSelectFamily: true, lookup };
      const client = on.watch('client', net.connect(options), true);
      client.on('connect', () => on.state('client', client, 'ends', ...ENDS));
      await on.closed(client);
      on.state('client', client, 'closed', 'autoSelectFamilyAttemptedAddresses');
    },
  },
  {
    name: 'the same socket again: the addresses of the attempts before are forgotten',
    covers: ['Socket.connect', 'Socket.autoSelectFamilyAttemptedAddresses', 'connect: autoSelectFamily'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '127.0.0.1');
      const client = on.watch('client', new net.Socket(), true);
      for (const addresses of [[V6, V4], [V4, V6], [V4]]) {
        client.connect({ port, host: 'two.example', autoSelectFamily: true, lookup: later(...addresses) });
        on.state('client', client, 'called', 'autoSelectFamilyAttemptedAddresses');
        await on.until(client, 'close');
        on.state('client', client, 'closed', 'autoSelectFamilyAttemptedAddresses');
      }
    },
  },
  ([0, 4, 6, 'IPv4', 'IPv6', undefined, null] as const).map((family) => ({
    name: `lookup is asked for family ${String(family)}, as it was given`,
    covers: ['connect: family', 'connect: lookup'] as Item[],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '::');
      const lookup = ((name: string, options: { all?: boolean }, done: (...values: unknown[]) => void) => {
        on.note('lookup', 'asked', name, options);
        if (options.all === true) done(null, [V6, V4]);
        else done(null, V6.address, V6.family);
      }) as never;
      const client = on.watch('client', net.connect({ port, host: 'two.example', family, lookup } as never), true);
      await on.closed(client);
    },
  })),
  {
    name: 'data written before the second attempt connects is not lost',
    covers: ['connect: autoSelectFamily', 'Socket.write'],
    run: async (net, on) => {
      const port = await on.serve((peer) => on.watch('peer', peer, true), '127.0.0.1');
      const options = { port, host: 'two.example', autoSelectFamily: true, lookup: later(V6, V4) };
      const client = on.watch('client', net.connect(options), true);
      client.write('kept');
      await on.until(client, 'ready');
      client.end();
      await on.closed(client);
      on.state('client', client, 'octets', 'bytesWritten');
    },
  },
  {
    name: 'invalid addresses among valid ones are passed over',
    covers: ['connect: lookup', 'connect: autoSelectFamily'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '127.0.0.1');
      const lookup = later({ address: 'nonsense', family: 4 }, { address: '127.0.0.1', family: 7 }, V4, V6);
      const client = on.watch(
        'client',
        net.connect({ port, host: 'odd.example', autoSelectFamily: true, lookup }),
        true,
      );
      await on.closed(client);
      on.state('client', client, 'closed', 'autoSelectFamilyAttemptedAddresses');
    },
  },
  {
    name: 'a local address of one family with addresses of both',
    covers: ['connect: localAddress', 'connect: autoSelectFamily'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '127.0.0.1');
      const lookup = later(V6, V4);
      const options = { port, host: 'two.example', autoSelectFamily: true, localAddress: '127.0.0.1', lookup };
      const client = on.watch('client', net.connect(options), true);
      await on.closed(client);
      on.state('client', client, 'closed', 'autoSelectFamilyAttemptedAddresses');
    },
  },
  {
    name: 'connect to ::ffff:127.0.0.1 reaches a server on 127.0.0.1',
    covers: ['connect: host', 'Socket.remoteAddress'],
    run: async (net, on) => {
      const port = await on.serve((peer) => {
        on.state('peer', peer, 'ends', ...ENDS);
        peer.end();
      }, '127.0.0.1');
      const client = on.watch('client', net.connect(port, '::ffff:127.0.0.1'), true);
      client.on('connect', () => on.state('client', client, 'ends', ...ENDS));
      await on.closed(client);
    },
  },
  {
    name: 'connect to :: is the loopback',
    covers: ['connect: host', 'Socket.remoteAddress'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '::');
      const client = on.watch('client', net.connect(port, '::'), true);
      client.on('connect', () => on.state('client', client, 'ends', ...ENDS));
      await on.closed(client);
    },
  },
);
