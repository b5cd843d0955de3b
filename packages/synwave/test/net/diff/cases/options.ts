/** What may be set on a socket, before, while and after it is connected: each setter answers the socket. */
import type { Socket } from 'node:net';
import { cases } from '../case.ts';
import type { Item } from '../items.ts';

const SETTERS: readonly (readonly [string, readonly Item[], (socket: Socket) => unknown])[] = [
  ['setNoDelay()', ['Socket.setNoDelay'], (s) => s.setNoDelay()],
  ['setNoDelay(true)', ['Socket.setNoDelay'], (s) => s.setNoDelay(true)],
  ['setNoDelay(false)', ['Socket.setNoDelay'], (s) => s.setNoDelay(false)],
  ["setNoDelay('yes')", ['Socket.setNoDelay'], (s) => s.setNoDelay('yes' as never)],
  ['setKeepAlive()', ['Socket.setKeepAlive'], (s) => s.setKeepAlive()],
  ['setKeepAlive(true)', ['Socket.setKeepAlive'], (s) => s.setKeepAlive(true)],
  ['setKeepAlive(true, 1000)', ['Socket.setKeepAlive'], (s) => s.setKeepAlive(true, 1000)],
  ['setKeepAlive(true, 1)', ['Socket.setKeepAlive'], (s) => s.setKeepAlive(true, 1)],
  ["setKeepAlive(true, 'x')", ['Socket.setKeepAlive'], (s) => s.setKeepAlive(true, 'x' as never)],
  ['setKeepAlive(true, -1)', ['Socket.setKeepAlive'], (s) => s.setKeepAlive(true, -1)],
  ['setKeepAlive(false)', ['Socket.setKeepAlive'], (s) => s.setKeepAlive(false)],
  ['setTimeout(0)', ['Socket.setTimeout'], (s) => s.setTimeout(0)],
  ['setTimeout(1000)', ['Socket.setTimeout'], (s) => s.setTimeout(1000)],
  ['ref()', ['Socket.ref'], (s) => s.ref()],
  ['unref()', ['Socket.unref'], (s) => s.unref()],
  ["setEncoding('utf8')", ['Socket.setEncoding'], (s) => s.setEncoding('utf8')],
  ['pause()', ['Socket.pause'], (s) => s.pause()],
  ['resume()', ['Socket.resume'], (s) => s.resume()],
];

const CONNECT_OPTIONS: readonly (readonly [object, readonly Item[]])[] = [
  [{ noDelay: true }, ['connect: noDelay']],
  [{ noDelay: false }, ['connect: noDelay']],
  [{ noDelay: 'x' }, ['connect: noDelay']],
  [{ keepAlive: true }, ['connect: keepAlive']],
  [{ keepAlive: true, keepAliveInitialDelay: 1000 }, ['connect: keepAlive', 'connect: keepAliveInitialDelay']],
  [{ keepAlive: true, keepAliveInitialDelay: -1 }, ['connect: keepAlive', 'connect: keepAliveInitialDelay']],
  [{ keepAliveInitialDelay: 5000 }, ['connect: keepAliveInitialDelay']],
  [{ hints: 0 }, ['connect: hints']],
  [{ family: 4 }, ['connect: family']],
  [{ family: 0 }, ['connect: family']],
  [{ family: 'IPv4' }, ['connect: family']],
  [{ timeout: 5000 }, ['connect: timeout', 'Socket.timeout']],
  [{ timeout: 0 }, ['connect: timeout', 'Socket.timeout']],
  [{ autoSelectFamily: true }, ['connect: autoSelectFamily']],
  [{ autoSelectFamily: false }, ['connect: autoSelectFamily']],
  [{ autoSelectFamilyAttemptTimeout: 100 }, ['connect: autoSelectFamilyAttemptTimeout']],
  [{ readable: true, writable: true }, ['new Socket: readable', 'new Socket: writable']],
  [{ highWaterMark: 5 }, ['connect(options)']],
  [{ localPort: 0 }, ['connect: localPort']],
];

export const optionsCases = cases(
  SETTERS.flatMap(([what, covers, set]) => [
    {
      name: `${what} on a fresh socket`,
      covers,
      once: true,
      run: (net, on) => {
        const socket = on.watch('socket', new net.Socket());
        on.chains('socket', what, socket, set);
        on.state('socket', socket, 'after', 'readyState', 'timeout', 'destroyed', 'readableFlowing');
      },
    },
    {
      name: `${what} while connecting`,
      covers,
      run: async (net, on) => {
        const port = await on.serve((peer) => peer.end('x'));
        const client = on.watch('client', net.connect(port, on.host));
        on.chains('client', what, client, set);
        client.resume();
        await on.closed(client);
        on.state('client', client, 'after', 'timeout', 'bytesRead');
      },
    },
    {
      name: `${what} on a connection`,
      covers,
      run: async (_net, on) => {
        const { client, peer } = await on.pair();
        on.chains('client', what, client, set);
        on.chains('peer', what, peer, set);
        client.resume();
        peer.resume();
        peer.end('x');
        await on.closed(client, peer);
        on.state('client', client, 'after', 'timeout', 'bytesRead');
      },
    },
  ]),
  CONNECT_OPTIONS.map(([more, covers]) => ({
    name: `connect with ${JSON.stringify(more)}`,
    covers,
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ client: more });
      on.state('client', client, 'connected', 'timeout', 'readableHighWaterMark', 'localAddress');
      peer.on('data', (text) => on.note('peer', 'data', text));
      client.resume();
      client.end('hello');
      await on.closed(client, peer);
    },
  })),
  {
    name: 'connect with localAddress',
    covers: ['connect: localAddress'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ client: { localAddress: on.host } });
      on.state('client', client, 'connected', 'localAddress', 'localFamily');
      peer.on('data', (text) => on.note('peer', 'data', text));
      client.resume();
      client.end('hello');
      await on.closed(client, peer);
    },
  },
  [
    { readable: true },
    { readable: false },
    { writable: true },
    { writable: false },
    { readable: false, writable: false },
    { readable: true, writable: true, allowHalfOpen: true },
    { highWaterMark: 100 },
    { readableHighWaterMark: 10, writableHighWaterMark: 20 },
    { emitClose: false },
    { autoDestroy: false },
    { decodeStrings: true },
    { handle: undefined },
  ].map((wanted) => ({
    name: `new Socket(${JSON.stringify(wanted)})`,
    covers: ['net.Socket', 'new Socket: readable', 'new Socket: writable', 'new Socket: allowHalfOpen'] as Item[],
    run: async (net, on) => {
      const socket = on.call('socket', 'new', () => new net.Socket(wanted as never));
      if (socket === undefined) return;
      on.state('socket', socket, 'flags', 'readyState', 'readable', 'writable', 'allowHalfOpen', 'pending');
      on.state('socket', socket, 'marks', 'readableHighWaterMark', 'writableHighWaterMark', 'readableFlowing');
      const port = await on.serve((peer) => peer.end('served'));
      on.watch('socket', socket);
      socket.connect(port, on.host);
      await on.until(socket, 'ready');
      on.state('socket', socket, 'connected', 'readyState', 'readable', 'writable', 'destroyed');
      socket.resume();
      socket.end();
      await on.wait(30);
      on.state('socket', socket, 'later', 'readyState', 'destroyed', 'bytesRead');
    },
  })),
);
