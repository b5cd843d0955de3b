/** Opening a connection: the forms of connect(), the life of a client event by event, and what a socket says meanwhile. */
import type { AddressInfo, Socket } from 'node:net';
import { cases } from '../case.ts';
import type { Item } from '../items.ts';

/** A `lookup` that answers `addresses` whatever it is asked, a moment later. */
function answering(...addresses: { address: string; family: number }[]): never {
  return ((_name: string, options: { all?: boolean }, done: (...values: unknown[]) => void) => {
    setImmediate(() => {
      if (options.all === true) done(null, addresses);
      else done(null, addresses[0]?.address, addresses[0]?.family);
    });
  }) as never;
}

const ENDS = ['localAddress', 'localFamily', 'localPort', 'remoteAddress', 'remoteFamily', 'remotePort'] as const;

export const connectCases = cases(
  {
    name: "a client's life: the server speaks first and ends",
    covers: [
      'connect(options)',
      'Socket event: connectionAttempt',
      'Socket event: connect',
      'Socket event: ready',
      'Socket event: data',
      'Socket event: end',
      'Socket event: close',
    ],
    run: async (net, on) => {
      const port = await on.serve((peer) => on.watch('peer', peer, true).end('hello'));
      const client = on.watch('client', net.connect({ port, host: on.host }), true);
      on.state('client', client, 'at once');
      await on.closed(client);
      on.state('client', client, 'after close');
    },
  },
  {
    name: 'states from the call to the close',
    covers: ['Socket.readyState', 'Socket.pending', 'Socket.connecting', 'Socket.destroyed'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.resume());
      const client = on.own(new net.Socket());
      on.state('client', client, 'fresh');
      client.connect(port, on.host);
      on.state('client', client, 'called');
      client.on('connect', () => on.state('client', client, 'connect'));
      client.on('ready', () => on.state('client', client, 'ready'));
      await on.until(client, 'ready');
      client.end();
      on.state('client', client, 'ended');
      client.on('finish', () => on.state('client', client, 'finish'));
      client.on('end', () => on.state('client', client, 'end'));
      client.on('close', () => on.state('client', client, 'close'));
      client.resume();
      await on.closed(client);
    },
  },
  {
    name: 'addresses of both ends',
    covers: [
      'Socket.localAddress',
      'Socket.localFamily',
      'Socket.localPort',
      'Socket.remoteAddress',
      'Socket.remoteFamily',
      'Socket.remotePort',
      'Socket.address',
    ],
    run: async (_net, on) => {
      const { client, peer, server } = await on.pair({ quiet: true });
      on.state('client', client, 'ends', ...ENDS);
      on.state('peer', peer, 'ends', ...ENDS);
      on.note('client', 'address', client.address());
      on.note('peer', 'address', peer.address());
      on.note('both', 'mirrored', client.localPort === peer.remotePort, client.remotePort === peer.localPort);
      on.note('both', 'server', (server.address() as AddressInfo).port === peer.localPort);
      client.destroy();
      peer.destroy();
      on.state('client', client, 'destroyed', ...ENDS);
      await on.closed(client, peer);
      on.state('client', client, 'closed', ...ENDS);
      on.note('client', 'address', client.address());
    },
  },
  {
    name: 'addresses of an accepted socket after the client went away',
    covers: ['Socket.remoteAddress', 'Socket.remotePort', 'Socket event: close'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      peer.on('end', () => on.state('peer', peer, 'end', ...ENDS));
      peer.on('close', () => on.state('peer', peer, 'close', ...ENDS));
      peer.resume();
      client.end();
      await on.closed(peer);
    },
  },
  {
    name: 'addresses while connecting',
    covers: ['Socket.localAddress', 'Socket.remoteAddress', 'Socket.connecting', 'Socket.address'],
    run: async (net, on) => {
      const port = await on.serve();
      const client = on.own(net.connect(port, on.host));
      on.state('client', client, 'called', ...ENDS);
      on.note('client', 'address', client.address());
      await on.until(client, 'connect');
      on.state('client', client, 'connect', ...ENDS);
    },
  },
  {
    name: 'connect(port, host, listener)',
    covers: ['connect(port)', 'connect: port', 'connect: host', 'net.connect'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end());
      const client = net.connect(port, on.host, () => on.note('client', 'listener'));
      on.watch('client', client, true);
      await on.closed(client);
    },
  },
  {
    name: 'connect to a closed port is refused',
    covers: ['ECONNREFUSED', 'Socket event: error', 'Socket event: connectionAttemptFailed'],
    run: async (net, on) => {
      const port = await on.closedPort();
      const client = on.watch('client', net.connect(port, on.host), true);
      client.on('error', () => on.state('client', client, 'at error'));
      await on.closed(client);
      on.state('client', client, 'closed');
      on.state('client', client, 'errored', 'errored', 'closed', 'readable', 'writable');
    },
  },
  {
    name: 'connect from a chosen local port',
    covers: ['connect: localPort', 'connect: localAddress', 'Socket.localPort'],
    run: async (net, on) => {
      const localPort = await on.closedPort(on.host, 'chosen');
      const port = await on.serve((peer) => {
        on.note('peer', 'remote', { port: peer.remotePort });
        peer.end();
      });
      const client = on.watch('client', net.connect({ port, host: on.host, localPort, localAddress: on.host }), true);
      client.on('connect', () => on.state('client', client, 'local', 'localAddress', 'localPort'));
      await on.closed(client);
    },
  },
  {
    name: 'connect from a local port alone',
    covers: ['connect: localPort'],
    run: async (net, on) => {
      const localPort = await on.closedPort(on.host, 'chosen');
      const port = await on.serve((peer) => peer.end());
      const client = on.watch('client', net.connect({ port, host: on.host, localPort }), true);
      client.on('connect', () => on.state('client', client, 'local', 'localAddress', 'localPort'));
      await on.closed(client);
    },
  },
  {
    name: 'createConnection(options, listener)',
    covers: ['net.createConnection', 'connect(options)'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end());
      const client = net.createConnection({ port, host: on.host }, on.called('client', 'listener'));
      on.watch('client', client, true);
      await on.closed(client);
    },
  },
  {
    name: 'socket.connect(options, listener) answers the socket',
    covers: ['Socket.connect', 'connect(options)'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end());
      const client = on.watch('client', new net.Socket(), true);
      on.chains('client', 'connect', client, () =>
        client.connect({ port, host: on.host }, on.called('client', 'listener')),
      );
      await on.closed(client);
    },
  },
  {
    name: 'the port may be a decimal string',
    covers: ['connect: port', 'connect(port)'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end());
      const client = on.watch('client', net.connect({ port: String(port) as never, host: on.host }), true);
      await on.closed(client);
    },
  },
  {
    name: 'the port may be a string in the argument list',
    covers: ['connect(port)', 'connect(path)'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end());
      const client = on.watch('client', net.connect(String(port) as never, on.host as never), true);
      await on.closed(client);
    },
  },
  {
    name: 'a name is looked up first: lookup, then the attempt',
    covers: ['Socket event: lookup', 'connect: lookup', 'connect: host'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end());
      const client = on.watch(
        'client',
        net.connect({
          port,
          host: 'server.example',
          lookup: answering(on.found),
        }),
        true,
      );
      on.state('client', client, 'called');
      await on.closed(client);
    },
  },
  {
    name: 'lookup is asked for the family that was chosen',
    covers: ['connect: family', 'connect: lookup', 'connect: hints'],
    run: async (net, on) => {
      const { host, family } = on;
      const port = await on.serve((peer) => peer.end());
      const client = net.connect({
        port,
        host: 'server.example',
        family,
        hints: 0,
        lookup: ((name: string, options: object, done: (...values: unknown[]) => void) => {
          on.note('lookup', 'asked', name, options);
          if ('all' in options && options.all === true) done(null, [{ address: host, family }]);
          else done(null, host, family);
        }) as never,
      });
      on.watch('client', client, true);
      await on.closed(client);
    },
  },
  ([0, undefined] as const).map((family) => ({
    name: `lookup is asked for family ${family}`,
    covers: ['connect: family', 'connect: lookup', 'connect: autoSelectFamily'] as Item[],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end());
      const client = net.connect({
        port,
        host: 'server.example',
        ...(family === undefined ? {} : { family }),
        lookup: ((name: string, options: object, done: (...values: unknown[]) => void) => {
          on.note('lookup', 'asked', name, options);
          if ('all' in options && options.all === true) done(null, [on.found]);
          else done(null, on.host, on.family);
        }) as never,
      });
      on.watch('client', client, true);
      await on.closed(client);
    },
  })),
  {
    name: 'lookup without autoSelectFamily is asked for one address',
    covers: ['connect: lookup', 'connect: autoSelectFamily'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end());
      const client = net.connect({
        port,
        host: 'server.example',
        autoSelectFamily: false,
        lookup: ((name: string, options: object, done: (...values: unknown[]) => void) => {
          on.note('lookup', 'asked', name, options);
          done(null, on.host, on.family);
        }) as never,
      });
      on.watch('client', client, true);
      await on.closed(client);
    },
  },
  {
    name: 'lookup is not asked for an address',
    covers: ['connect: lookup', 'connect: host'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end());
      const lookup = on.called('lookup', 'asked') as never;
      await on.closed(on.watch('client', net.connect({ port, host: on.host, lookup }), true));
    },
  },
  [true, false].map((autoSelectFamily) => ({
    name: `a name that is not found (autoSelectFamily ${autoSelectFamily})`,
    covers: ['ENOTFOUND', 'Socket event: lookup', 'connect: lookup'] as Item[],
    once: true,
    run: async (net, on) => {
      const lookup = ((name: string, _options: object, done: (...values: unknown[]) => void) => {
        const error = new Error(`getaddrinfo ENOTFOUND ${name}`);
        setImmediate(() =>
          done(Object.assign(error, { errno: -3008, code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: name })),
        );
      }) as never;
      const client = on.watch('client', net.connect({ port: 1, host: 'nowhere.example', autoSelectFamily, lookup }));
      await on.closed(client);
      on.state('client', client, 'closed');
    },
  })),
  [true, false].map((autoSelectFamily) => ({
    name: `lookup that answers an invalid address (autoSelectFamily ${autoSelectFamily})`,
    covers: ['ERR_INVALID_IP_ADDRESS', 'connect: lookup'] as Item[],
    once: true,
    run: async (net, on) => {
      const lookup = answering({ address: 'not an address', family: 4 });
      await on.closed(on.watch('client', net.connect({ port: 1, host: 'odd.example', autoSelectFamily, lookup })));
    },
  })),
  [true, false].map((autoSelectFamily) => ({
    name: `lookup that answers an invalid family (autoSelectFamily ${autoSelectFamily})`,
    covers: ['ERR_INVALID_ADDRESS_FAMILY', 'connect: lookup'] as Item[],
    run: async (net, on) => {
      const lookup = answering({ address: on.host, family: 100 });
      await on.closed(on.watch('client', net.connect({ port: 1, host: 'odd.example', autoSelectFamily, lookup })));
    },
  })),
  {
    name: 'destroy while the name is looked up: nothing but close',
    covers: ['Socket.destroy', 'connect: lookup', 'Socket event: close'],
    run: async (net, on) => {
      const lookup = answering(on.found);
      const client = on.watch('client', net.connect({ port: 1, host: 'slow.example', lookup }));
      client.destroy();
      on.state('client', client, 'destroyed');
      await on.closed(client);
      await on.wait(20);
    },
  },
  {
    name: 'destroy while connecting: nothing but close',
    covers: ['Socket.destroy', 'Socket.connecting', 'Socket event: close'],
    run: async (net, on) => {
      const port = await on.serve();
      const client = on.watch('client', net.connect(port, on.host));
      client.destroy();
      on.state('client', client, 'destroyed');
      await on.closed(client);
      await on.wait(20);
    },
  },
  {
    name: 'destroy with an error while connecting',
    covers: ['Socket.destroy', 'Socket event: error', 'Socket event: close'],
    run: async (net, on) => {
      const port = await on.serve();
      const client = on.watch('client', net.connect(port, on.host));
      client.destroy(new Error('changed my mind'));
      on.state('client', client, 'destroyed', 'errored', 'destroyed', 'connecting');
      await on.closed(client);
    },
  },
  {
    name: 'destroy inside lookup',
    covers: ['Socket event: lookup', 'Socket.destroy'],
    run: async (net, on) => {
      const port = await on.serve();
      const lookup = answering(on.found);
      const client = on.watch('client', net.connect({ port, host: 'a.example', lookup, autoSelectFamily: false }));
      client.on('lookup', () => client.destroy());
      await on.closed(client);
      await on.wait(20);
    },
  },
  {
    name: 'destroy inside connect: no ready',
    covers: ['Socket event: connect', 'Socket event: ready', 'Socket.destroy'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.resume());
      const client = on.watch('client', net.connect(port, on.host));
      client.on('connect', () => client.destroy());
      await on.closed(client);
    },
  },
  {
    name: 'data written before connect arrives after it',
    covers: ['Socket.write', 'Socket.bytesWritten', 'Socket.bufferSize', 'Socket.pending'],
    run: async (net, on) => {
      const port = await on.serve((peer) => on.watch('peer', peer, true));
      const client = on.watch('client', net.connect(port, on.host), true);
      on.note('client', 'write', client.write('early ', on.called('client', 'written')));
      on.note('client', 'write', client.write('bird', on.called('client', 'written')));
      on.state('client', client, 'waiting', 'bytesWritten', 'bufferSize', 'writableLength');
      client.end(on.called('client', 'ended'));
      await on.closed(client);
      on.state('client', client, 'closed', 'bytesWritten', 'bufferSize');
    },
  },
  {
    name: 'data written before connect() is even called',
    covers: ['Socket.write', 'Socket.connect'],
    run: async (net, on) => {
      const port = await on.serve((peer) => on.watch('peer', peer, true));
      const client = on.watch('client', new net.Socket(), true);
      on.call('client', 'write', () => client.write('too early', on.called('client', 'written')));
      client.connect(port, on.host);
      client.end();
      await on.closed(client);
      on.state('client', client, 'closed');
    },
  },
  {
    name: 'connect, end, and connect again with the same socket',
    covers: ['Socket.connect', 'Socket.readyState'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end('hi'));
      const client = on.watch('client', new net.Socket(), true);
      client.connect(port, on.host);
      await on.closed(client);
      client.connect(port, on.host);
      on.state('client', client, 'again');
      await on.until(client, 'close');
      on.state('client', client, 'closed', 'bytesRead', 'destroyed');
    },
  },
  {
    name: 'connect again after a refusal, to a port that is open',
    covers: ['Socket.connect', 'ECONNREFUSED'],
    run: async (net, on) => {
      const closed = await on.closedPort();
      const port = await on.serve((peer) => peer.end('hi'));
      const client = on.watch('client', new net.Socket(), true);
      client.connect(closed, on.host);
      await on.closed(client);
      client.connect(port, on.host);
      await on.until(client, 'close');
    },
  },
  {
    name: 'connect called twice at once',
    covers: ['Socket.connect', 'Socket.connecting'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end());
      const client = on.watch('client', new net.Socket(), true);
      client.connect(port, on.host);
      on.call('client', 'again', () => client.connect(port, on.host) === client);
      await on.until(client, 'close');
    },
  },
  {
    name: 'two clients of one server',
    covers: ['Server event: connection', 'Server.getConnections'],
    run: async (net, on) => {
      const server = on.server({}, (peer) => peer.resume());
      const port = await on.listen(server);
      const clients = [0, 1].map((n) => on.watch(`client ${n}`, net.connect(port, on.host), true));
      await Promise.all(clients.map((client) => on.until(client, 'ready')));
      await on.wait(20);
      await new Promise<void>((resolve) => {
        server.getConnections((error, count) => {
          on.note('server', 'connections', error, count);
          resolve();
        });
      });
      for (const client of clients) client.end();
      await on.closed(...clients);
    },
  },
  {
    name: 'the accepted socket knows its server',
    covers: ['Socket.server', 'net.Socket'],
    run: async (net, on) => {
      const { server, client, peer } = await on.pair({ quiet: true });
      on.note('peer', 'server', (peer as Socket & { server?: unknown }).server === server);
      on.note('client', 'server', (client as Socket & { server?: unknown }).server);
      on.note('peer', 'instance', peer instanceof net.Socket, peer.constructor === net.Socket);
      on.state('peer', peer, 'state');
    },
  },
  {
    // What else a machine calls localhost is its own affair.
    name: 'localhost over IPv4',
    covers: ['connect: host', 'connect: family', 'Socket event: lookup'],
    once: true,
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '127.0.0.1');
      await on.closed(on.watch('client', net.connect({ port, host: 'localhost', family: 4 }), true));
    },
  },
  {
    name: 'no host is localhost',
    covers: ['connect: host', 'connect(port)'],
    once: true,
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '127.0.0.1');
      const client = on.own(net.connect({ port, family: 4 }));
      client.on('lookup', on.called('client', 'lookup'));
      client.on('connect', () => on.state('client', client, 'remote', 'remoteAddress', 'remoteFamily'));
      client.resume();
      await on.closed(client);
    },
  },
  (['0.0.0.0', '127.1.2.3', '127.255.255.254'] as const).map((host) => ({
    name: `all of 127.0.0.0/8 is loopback: connect to ${host}`,
    covers: ['connect: host', 'Socket.remoteAddress', 'Socket.localAddress'] as Item[],
    once: true,
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end(), '0.0.0.0');
      const client = on.watch('client', net.connect(port, host), true);
      client.on('connect', () =>
        on.state('client', client, 'ends', 'localAddress', 'localFamily', 'remoteAddress', 'remoteFamily'),
      );
      await on.closed(client);
    },
  })),
  {
    name: 'connect from 127.0.0.9',
    covers: ['connect: localAddress', 'Socket.localAddress'],
    once: true,
    run: async (net, on) => {
      const port = await on.serve((peer) => {
        on.state('peer', peer, 'remote', 'remoteAddress', 'remoteFamily');
        peer.end();
      }, '127.0.0.1');
      const client = on.watch('client', net.connect({ port, host: '127.0.0.1', localAddress: '127.0.0.9' }), true);
      client.on('connect', () => on.state('client', client, 'local', 'localAddress', 'localFamily'));
      await on.closed(client);
    },
  },
  {
    name: 'connect from a foreign address',
    covers: ['EADDRNOTAVAIL', 'connect: localAddress'],
    run: async (net, on) => {
      const port = await on.serve();
      const client = on.watch('client', net.connect({ port, host: on.host, localAddress: on.foreign }));
      await on.closed(client);
      on.state('client', client, 'closed');
    },
  },
  {
    name: 'connect from a local port that is taken',
    covers: ['EADDRINUSE', 'connect: localPort'],
    run: async (net, on) => {
      const port = await on.serve();
      const taken = await on.listen(on.server(), {}, 'taken');
      const options = { port, host: on.host, localPort: taken, localAddress: on.host };
      await on.closed(on.watch('client', net.connect(options)));
    },
  },
  {
    name: 'TCP has no business with a group',
    covers: ['ENETUNREACH', 'Socket event: error'],
    run: async (net, on) => {
      const client = on.watch('client', net.connect({ port: 9, host: on.group }));
      await on.closed(client);
      on.state('client', client, 'closed');
    },
  },
  {
    name: 'port 0 is refused as nobody listens there',
    covers: ['connect: port', 'Socket event: error'],
    run: async (net, on) => {
      await on.closed(on.watch('client', net.connect(0, on.host)));
    },
  },
  {
    name: 'an error thrown away: no listener for error is needed when there is none',
    covers: ['Socket event: close'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end());
      const client = net.connect(port, on.host);
      client.on('close', on.called('client', 'close'));
      client.resume();
      await on.closed(client);
      on.note('client', 'listeners', client.listenerCount('error'));
    },
  },
);
