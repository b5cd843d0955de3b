/** Servers: listening in every form, closing, counting, refusing, and the events around it. */
import type { AddressInfo, Server } from 'node:net';
import { cases } from '../case.ts';
import type { Item } from '../items.ts';

/** The ways to say where to listen. */
const LISTENS: readonly (readonly [string, (s: Server, cb: () => void, host: string) => Server])[] = [
  ['(port, host, backlog)', (s, cb, host) => s.listen(0, host, 5, cb)],
  ['(port, backlog)', (s, cb) => s.listen(0, 5, cb)],
  ['(port, host)', (s, cb, host) => s.listen(0, host, cb)],
  ['(port)', (s, cb) => s.listen(0, cb)],
  ['({ port, host, backlog })', (s, cb, host) => s.listen({ port: 0, host, backlog: 1 }, cb)],
  ['({ port, host, exclusive })', (s, cb, host) => s.listen({ port: 0, host, exclusive: true }, cb)],
  ['({ port: undefined })', (s, cb) => s.listen({ port: undefined } as never, cb)],
  ['({ port: null })', (s, cb) => s.listen({ port: null } as never, cb)],
  ['({ port, readableAll, writableAll })', (s, cb) => s.listen({ port: 0, readableAll: true, writableAll: true }, cb)],
];

export const serverCases = cases(
  (['host', 'any'] as const).map((where) => ({
    name: `listen on ${where === 'host' ? 'loopback' : 'every address'}: listening, address, close`,
    covers: [
      'Server.listen',
      'Server.address',
      'Server.listening',
      'Server event: listening',
      'listen: host',
    ] as Item[],
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      on.chains('server', 'listen', server, () => server.listen(0, on[where], on.called('server', 'listener')));
      on.note('server', 'at once', server.listening);
      await on.until(server, 'listening');
      on.note('server', 'now', server.listening);
      const { port, ...rest } = server.address() as AddressInfo;
      on.note('server', 'address', rest, port > 0);
      on.chains('server', 'close', server, () => server.close(on.called('server', 'closed')));
      on.note('server', 'after close', server.listening, server.address());
      await on.until(server, 'close');
    },
  })),
  {
    name: 'listen on 127.0.0.2',
    covers: ['Server.listen', 'Server.address', 'listen: host'],
    once: true,
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      await on.listen(server, { host: '127.0.0.2' });
      on.note('server', 'address', server.address());
    },
  },
  {
    name: 'listen without a host',
    covers: ['listen(port)', 'listen: host', 'Server.address'],
    once: true,
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      server.listen(0);
      on.note('server', 'address at once', (server.address() as AddressInfo | null)?.address);
      await on.until(server, 'listening');
      on.note('server', 'address', server.address());
    },
  },
  {
    name: 'listen() without arguments takes any port',
    covers: ['Server.listen', 'listen(port)'],
    once: true,
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      server.listen(on.called('server', 'listener'));
      await on.until(server, 'listening');
      on.note('server', 'address', server.address());
    },
  },
  (['null', 'undefined'] as const).map((port) => ({
    name: `listen(${port}) takes any port`,
    covers: ['Server.listen', 'listen(port)'] as Item[],
    once: true,
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      on.call('server', 'listen', () => server.listen((port === 'null' ? null : undefined) as never) === server);
      await on.until(server, 'listening');
      on.note('server', 'address', server.address());
    },
  })),
  {
    name: 'listen with a port in a string',
    covers: ['listen: port', 'listen(port)'],
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      server.listen('0' as never, on.host as never);
      await on.until(server, 'listening');
      on.note('server', 'address', server.address());
    },
  },
  {
    name: 'listen on a port chosen before',
    covers: ['listen: port', 'listen(options)', 'Server.address'],
    run: async (net, on) => {
      const port = await on.closedPort(on.host, 'chosen');
      const server = on.watchServer('server', net.createServer());
      server.listen({ port, host: on.host }, on.called('server', 'listener'));
      await on.until(server, 'listening');
      on.note('server', 'address', server.address());
    },
  },
  LISTENS.map(([form, listen]) => ({
    name: `listen${form}`,
    covers: [
      'Server.listen',
      'listen(port)',
      'listen(options)',
      'listen: backlog',
      'listen: exclusive',
      'listen: readableAll',
      'listen: writableAll',
    ] as Item[],
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      on.chains('server', 'listen', server, () => listen(server, on.called('server', 'listener'), on.host));
      await on.until(server, 'listening');
      on.note('server', 'address', server.address());
      const client = on.watch('client', net.connect((server.address() as AddressInfo).port, on.host));
      on.name((server.address() as AddressInfo).port, 'server');
      await on.until(client, 'connect');
    },
  })),
  {
    name: 'a second listen is refused at once',
    covers: ['ERR_SERVER_ALREADY_LISTEN', 'Server.listen'],
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      server.listen(0, on.host);
      on.call('server', 'again', () => server.listen(0) === server);
      await on.until(server, 'listening');
      on.call('server', 'and again', () => server.listen(0) === server);
    },
  },
  {
    name: 'listen again after close',
    covers: ['Server.listen', 'Server.close'],
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      await on.listen(server, {}, 'first');
      server.close();
      await on.until(server, 'close');
      await on.listen(server, {}, 'second');
      on.note('server', 'address', server.address(), server.listening);
    },
  },
  {
    name: 'listen again inside close()',
    covers: ['Server.listen', 'Server.close'],
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      await on.listen(server, {}, 'first');
      server.close();
      on.call('server', 'listen', () => server.listen(0, on.host) === server);
      await on.wait(30);
      on.note('server', 'listening', server.listening);
    },
  },
  {
    name: 'a port that is taken: EADDRINUSE, later',
    covers: ['EADDRINUSE', 'Server event: error'],
    run: async (net, on) => {
      const port = await on.listen(on.server(), {}, 'taken');
      const server = on.watchServer('server', net.createServer());
      server.listen(port, on.host);
      on.note('server', 'called', server.listening);
      await on.until(server, 'error');
      on.note('server', 'after', server.listening, server.address());
      await on.wait(10);
    },
  },
  {
    name: 'a port taken on one address is free on another',
    covers: ['listen: host', 'EADDRINUSE'],
    once: true,
    run: async (net, on) => {
      const port = await on.listen(on.server(), { host: '127.0.0.1' }, 'taken');
      const server = on.watchServer('server', net.createServer());
      server.listen(port, '127.0.0.2');
      await on.until(server, 'listening');
      on.note('server', 'address', server.address());
    },
  },
  {
    name: 'a port taken on loopback is taken for every address',
    covers: ['listen: host', 'EADDRINUSE'],
    run: async (net, on) => {
      const port = await on.listen(on.server(), {}, 'taken');
      const server = on.watchServer('server', net.createServer());
      server.listen(port, on.any);
      await on.until(server, 'error');
    },
  },
  {
    name: 'a port taken on every address is taken for loopback',
    covers: ['listen: host', 'EADDRINUSE'],
    run: async (net, on) => {
      const port = await on.listen(on.server(), { host: on.any }, 'taken');
      const server = on.watchServer('server', net.createServer());
      server.listen(port, on.host);
      await on.until(server, 'error');
    },
  },
  {
    name: 'the taken port can be had after an error, once it is free',
    covers: ['EADDRINUSE', 'Server.listen'],
    run: async (net, on) => {
      const first = on.server();
      const port = await on.listen(first, {}, 'taken');
      const server = on.watchServer('server', net.createServer());
      server.listen(port, on.host);
      await on.until(server, 'error');
      first.close();
      await on.until(first, 'close');
      server.listen(port, on.host);
      await on.until(server, 'listening');
    },
  },
  {
    name: 'an address that is not ours: EADDRNOTAVAIL',
    covers: ['EADDRNOTAVAIL', 'Server event: error'],
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      server.listen(0, on.foreign);
      await on.until(server, 'error');
      on.note('server', 'after', server.listening, server.address());
    },
  },
  {
    name: 'an address that is not ours, the port given',
    covers: ['EADDRNOTAVAIL'],
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      server.listen(12345, on.foreign);
      await on.until(server, 'error');
    },
  },
  {
    name: 'close of a server that does not run: the callback hears ERR_SERVER_NOT_RUNNING',
    covers: ['ERR_SERVER_NOT_RUNNING', 'Server.close'],
    once: true,
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      on.chains('server', 'close', server, () => server.close(on.called('server', 'closed')));
      await on.wait(10);
      on.chains('server', 'close without callback', server, () => server.close());
      await on.wait(10);
    },
  },
  {
    name: 'close twice',
    covers: ['ERR_SERVER_NOT_RUNNING', 'Server.close', 'Server event: close'],
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      await on.listen(server);
      server.close(on.called('server', 'closed 1'));
      server.close(on.called('server', 'closed 2'));
      await on.wait(20);
    },
  },
  {
    name: 'close before listening came',
    covers: ['Server.close', 'Server event: listening'],
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      server.listen(0, on.host);
      server.close(on.called('server', 'closed'));
      await on.wait(20);
    },
  },
  {
    name: 'close waits for the last connection',
    covers: ['Server.close', 'Server event: close', 'Server.listening'],
    run: async (_net, on) => {
      const { server, client, peer } = await on.pair({ quiet: true });
      on.watchServer('server', server);
      client.resume();
      peer.on('close', () => on.note('server', 'the peer closed'));
      peer.resume();
      server.close(on.called('server', 'closed'));
      on.note('server', 'listening', server.listening);
      await on.wait(30);
      on.note('server', 'still open');
      const closed = on.until(server, 'close');
      client.end();
      await closed;
    },
  },
  {
    name: 'a closed server refuses new connections while old ones live',
    covers: ['Server.close', 'ECONNREFUSED'],
    run: async (net, on) => {
      const { server, client, peer } = await on.pair({ quiet: true });
      peer.on('data', (text) => on.note('peer', 'data', text));
      const { port } = server.address() as AddressInfo;
      server.close();
      await on.closed(on.watch('late', net.connect(port, on.host)));
      client.resume();
      client.end('still alive');
      await on.closed(client);
    },
  },
  {
    name: 'close inside connection',
    covers: ['Server.close', 'Server event: connection'],
    run: async (net, on) => {
      const server = on.watchServer('server', on.server());
      server.on('connection', (peer) => {
        on.note('server', 'connection');
        peer.on('close', () => on.note('server', 'the peer closed'));
        server.close(on.called('server', 'closed'));
        peer.end('bye');
        peer.resume();
      });
      const port = await on.listen(server);
      const client = on.watch('client', net.connect(port, on.host), true);
      await Promise.all([on.closed(client), on.until(server, 'close')]);
    },
  },
  {
    name: 'getConnections counts, and counts down',
    covers: ['Server.getConnections'],
    run: async (_net, on) => {
      const { server, client, peer } = await on.pair({ quiet: true });
      const count = (what: string): Promise<void> =>
        new Promise((resolve) => {
          const answer = server.getConnections((error, n) => {
            on.note('server', what, error, n);
            resolve();
          });
          on.note('server', 'chains', (answer as unknown) === server);
        });
      await count('one');
      client.resume();
      peer.resume();
      client.end();
      await on.closed(client, peer);
      await count('none');
    },
  },
  {
    name: 'maxConnections: the surplus is dropped, with six addresses',
    covers: ['Server.maxConnections', 'Server event: drop', 'Server event: connection'],
    run: async (net, on) => {
      const server = on.watchServer(
        'server',
        on.server({}, () => on.note('server', 'connection')),
      );
      server.maxConnections = 1;
      const port = await on.listen(server);
      const first = on.watch('first', net.connect(port, on.host), true);
      await on.until(first, 'ready');
      await on.wait(10);
      const second = on.watch('second', net.connect(port, on.host), true);
      await on.closed(second);
      on.state('first', first, 'still');
    },
  },
  {
    name: 'maxConnections 0',
    until: 22,
    covers: ['Server.maxConnections'],
    run: async (net, on) => {
      const server = on.watchServer(
        'server',
        on.server({}, () => on.note('server', 'connection')),
      );
      server.maxConnections = 0;
      const port = await on.listen(server);
      const client = on.watch('client', net.connect(port, on.host), true);
      await on.until(client, 'ready');
      await on.wait(30);
      on.state('client', client, 'later');
    },
  },
  {
    name: 'a place becomes free again under maxConnections',
    covers: ['Server.maxConnections', 'Server.getConnections'],
    run: async (net, on) => {
      const server = on.watchServer(
        'server',
        on.server({}, (peer) => peer.end('hi')),
      );
      server.maxConnections = 1;
      const port = await on.listen(server);
      for (const n of [1, 2, 3]) {
        await on.closed(on.watch(`client ${n}`, net.connect(port, on.host), true));
        await on.wait(10);
      }
    },
  },
  [true, false].map((pauseOnConnect) => ({
    name: `pauseOnConnect ${pauseOnConnect}`,
    covers: ['createServer: pauseOnConnect', 'Socket.resume'] as Item[],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true, server: { pauseOnConnect } });
      on.note('peer', 'paused', peer.isPaused(), peer.readableFlowing);
      peer.on('data', (text) => on.note('peer', 'data', text));
      client.write('knock');
      await on.wait(30);
      on.note('peer', 'later', peer.isPaused(), peer.bytesRead);
      peer.resume();
      client.resume();
      client.end();
      await on.closed(client);
    },
  })),
  [{ noDelay: true }, { keepAlive: true }, { keepAlive: true, keepAliveInitialDelay: 5000 }, { noDelay: false }].map(
    (options) => ({
      name: `createServer(${JSON.stringify(options)}) serves`,
      covers: ['createServer: noDelay', 'createServer: keepAlive', 'createServer: keepAliveInitialDelay'] as Item[],
      run: async (net, on) => {
        const port = await on.serve((peer) => peer.pipe(peer), on.host, options);
        const client = on.watch('client', net.connect(port, on.host), true);
        client.end('echo');
        await on.closed(client);
      },
    }),
  ),
  {
    name: 'ref and unref answer the server',
    covers: ['Server.ref', 'Server.unref'],
    run: async (net, on) => {
      const server = on.own(net.createServer());
      on.chains('server', 'unref before', server, () => server.unref());
      on.chains('server', 'ref before', server, () => server.ref());
      await on.listen(server);
      on.chains('server', 'unref', server, () => server.unref());
      on.chains('server', 'ref', server, () => server.ref());
      server.close();
      on.chains('server', 'unref after', server, () => server.unref());
      on.chains('server', 'ref after', server, () => server.ref());
    },
  },
  {
    name: 'asyncDispose closes and waits',
    covers: ['Server[Symbol.asyncDispose]', 'Server event: close'],
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      await on.listen(server);
      const dispose = (server as unknown as Record<symbol, () => Promise<unknown>>)[Symbol.asyncDispose];
      on.note('server', 'disposed', await dispose?.call(server), server.listening);
    },
  },
  {
    name: 'asyncDispose of a server that does not run',
    covers: ['Server[Symbol.asyncDispose]', 'ERR_SERVER_NOT_RUNNING'],
    once: true,
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      const dispose = (server as unknown as Record<symbol, () => Promise<unknown>>)[Symbol.asyncDispose];
      await dispose?.call(server).then(on.called('server', 'resolved'), on.called('server', 'rejected'));
    },
  },
  {
    name: 'an error in a connection listener does not stop others: errorMonitor order',
    covers: ['Server event: connection', 'Server event: error'],
    run: async (net, on) => {
      const server = on.watchServer('server', on.server());
      server.on('connection', () => on.note('server', 'first'));
      server.prependListener('connection', () => on.note('server', 'prepended'));
      server.once('connection', () => on.note('server', 'once'));
      const port = await on.listen(server);
      for (const n of [1, 2]) {
        const client = on.own(net.connect(port, on.host));
        const accepted = on.until(server, 'connection');
        await Promise.all([on.until(client, 'ready'), accepted]);
        on.note('server', 'next', n);
      }
    },
  },
  {
    name: 'a socket emitted into a server by hand',
    covers: ['Server event: connection', 'net.Server'],
    run: async (net, on) => {
      const idle = on.server({}, (peer) => {
        on.note('idle', 'connection', peer instanceof net.Socket);
        peer.end('handed over');
      });
      const front = on.server({}, (peer) => idle.emit('connection', peer));
      const port = await on.listen(front);
      const client = on.watch('client', net.connect(port, on.host), true);
      await on.closed(client);
    },
  },
  {
    name: 'a handle that is none',
    covers: ['listen(handle)', 'ERR_INVALID_ARG_VALUE'],
    once: true,
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      on.call('server', 'listen', () => server.listen({ nothing: true } as never) === server);
      on.call('server', 'listen', () => server.listen([] as never) === server);
      await on.wait(10);
    },
  },
  {
    name: 'listening arrives after the rest of the turn',
    covers: ['Server event: listening'],
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      server.listen(0, on.host, on.called('server', 'listener'));
      queueMicrotask(() => on.note('server', 'microtask'));
      process.nextTick(() => on.note('server', 'tick'));
      setImmediate(() => on.note('server', 'immediate'));
      on.note('server', 'called');
      await on.until(server, 'listening');
      await on.wait(5);
    },
  },
  {
    name: 'listen on localhost by name',
    covers: ['listen: host', 'Server.address'],
    once: true,
    run: async (net, on) => {
      const server = on.own(net.createServer());
      server.listen(0, 'localhost');
      on.note('server', 'at once', server.listening);
      await on.until(server, 'listening');
      on.note('server', 'listening', server.listening);
    },
  },
);
