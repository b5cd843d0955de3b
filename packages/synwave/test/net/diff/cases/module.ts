/** The module itself: its functions, its classes, its defaults, and what an untouched socket or server looks like. */
import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import { inspect } from 'node:util';
import { cases } from '../case.ts';
import type { Item } from '../items.ts';

const ADDRESSES: readonly unknown[] = [
  '127.0.0.1',
  '0.0.0.0',
  '255.255.255.255',
  '256.0.0.1',
  '1.2.3',
  '01.2.3.4',
  '1.2.3.4 ',
  '1.2.3.4.5',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  'fe80::1%lo',
  'fe80::1%eth0',
  'FE80::1%eth-0.1',
  'fe80::1%eth/0',
  '::ffff:1.2.3.4%lo',
  '127.0.0.1%lo',
  'fe80::1%',
  '2001:DB8::1',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7:8:9',
  ':::1',
  '1::2::3',
  '12345::',
  '[::1]',
  'localhost',
  '',
  undefined,
  null,
  42,
  {},
  ['127.0.0.1'],
];

const FUNCTIONS = [
  'createServer',
  'createConnection',
  'connect',
  'Server',
  'Socket',
  'Stream',
  'BlockList',
  'SocketAddress',
  'isIP',
  'isIPv4',
  'isIPv6',
  'getDefaultAutoSelectFamily',
  'setDefaultAutoSelectFamily',
  'getDefaultAutoSelectFamilyAttemptTimeout',
  'setDefaultAutoSelectFamilyAttemptTimeout',
] as const;

export const moduleCases = cases(
  FUNCTIONS.map((name) => ({
    name: `the module has ${name}, a function`,
    covers: [`net.${name}` as Item],
    once: true,
    run: (net, on) => {
      const value: unknown = net[name as keyof typeof net];
      on.note('module', name, typeof value, (value as { name?: string }).name, name in net);
      on.note('module', 'own and writable', Object.getOwnPropertyDescriptor(net, name)?.enumerable);
    },
  })),
  (['isIP', 'isIPv4', 'isIPv6'] as const).map((name) => ({
    name: `${name} on ${ADDRESSES.length} values`,
    covers: [`net.${name}` as Item],
    once: true,
    run: (net, on) => {
      for (const value of ADDRESSES) on.call('module', `${name}(${inspect(value)})`, () => net[name](value as string));
    },
  })),
  {
    name: 'Stream is Socket, connect is createConnection',
    covers: ['net.Stream', 'net.Socket', 'net.connect', 'net.createConnection'],
    once: true,
    run: (net, on) => {
      on.note('module', 'same', (net as unknown as { Stream: unknown }).Stream === net.Socket);
      on.note('module', 'connect', net.connect === net.createConnection, net.connect.name);
    },
  },
  {
    name: 'Socket and Server may be called without new',
    covers: ['net.Socket', 'net.Server'],
    once: true,
    run: (net, on) => {
      const Socket = net.Socket as unknown as (options?: object) => unknown;
      const Server = net.Server as unknown as (options?: object) => unknown;
      on.note('module', 'Socket', on.call('module', 'Socket()', () => Socket()) instanceof net.Socket);
      on.note('module', 'Server', on.call('module', 'Server()', () => Server()) instanceof net.Server);
    },
  },
  {
    name: 'Server may be inherited from in the old way',
    covers: ['net.Server', 'Server.listening'],
    run: async (net, on) => {
      function Mine(this: object): void {
        (net.Server as unknown as (this: object) => void).call(this);
      }
      Object.setPrototypeOf(Mine.prototype, net.Server.prototype);
      Object.setPrototypeOf(Mine, net.Server);
      const mine = Reflect.construct(Mine, []) as InstanceType<typeof net.Server>;
      on.watchServer('server', mine);
      await on.listen(mine);
      on.note('server', 'is', mine instanceof net.Server, mine instanceof Mine, mine.listening);
    },
  },
  {
    name: 'Socket may be inherited from by a class',
    covers: ['net.Socket'],
    run: async (net, on) => {
      class Mine extends net.Socket {
        readonly more = 1;
      }
      const port = await on.serve((peer) => peer.end('hello'));
      const mine = on.watch('client', new Mine(), true);
      mine.connect(port, on.host);
      await on.closed(mine);
      on.note('client', 'is', mine instanceof Mine, mine instanceof net.Socket, mine.more);
    },
  },
  (['Socket', 'Server'] as const).map((name) => ({
    name: `public members of ${name}.prototype, by name and kind`,
    covers: [`net.${name}`] as Item[],
    until: 24,
    once: true,
    run: (net, on) => {
      const { prototype } = net[name];
      for (const member of Object.getOwnPropertyNames(prototype).sort()) {
        if (member.startsWith('_')) continue;
        const found = Object.getOwnPropertyDescriptor(prototype, member);
        const kind = found?.get === undefined ? typeof found?.value : 'a getter';
        on.note(name, member, kind, found?.set === undefined ? 'no setter' : 'and a setter');
      }
      on.note(
        name,
        'chain',
        Object.getPrototypeOf(prototype) === (name === 'Socket' ? Duplex : EventEmitter).prototype,
      );
      on.note(name, 'constructor', prototype.constructor === net[name], net[name].name);
    },
  })),
  {
    name: 'a socket is a Duplex, a server an EventEmitter',
    covers: ['net.Socket', 'net.Server'],
    once: true,
    run: (net, on) => {
      on.note('socket', 'is', new net.Socket() instanceof Duplex, Object.prototype.toString.call(new net.Socket()));
      const methods = ['on', 'once', 'emit', 'listen', 'close', 'address', 'ref', 'unref', 'getConnections'] as const;
      for (const name of methods) on.note('server', name, typeof new net.Server()[name]);
    },
  },
  {
    name: 'a fresh socket',
    covers: [
      'net.Socket',
      'Socket.readyState',
      'Socket.pending',
      'Socket.connecting',
      'Socket.destroyed',
      'Socket.bytesRead',
      'Socket.bytesWritten',
      'Socket.address',
      'Socket.bufferSize',
      'Socket.timeout',
      'Socket.allowHalfOpen',
      'Socket.localAddress',
      'Socket.localPort',
      'Socket.localFamily',
      'Socket.remoteAddress',
      'Socket.remotePort',
      'Socket.remoteFamily',
      'Socket.autoSelectFamilyAttemptedAddresses',
      'Socket.server',
    ],
    once: true,
    run: (net, on) => {
      const socket = on.own(new net.Socket());
      on.state('socket', socket);
      on.state('socket', socket, 'octets', 'bytesRead', 'bytesWritten', 'bufferSize', 'timeout', 'allowHalfOpen');
      on.state('socket', socket, 'local', 'localAddress', 'localPort', 'localFamily');
      on.state('socket', socket, 'remote', 'remoteAddress', 'remotePort', 'remoteFamily');
      on.state('socket', socket, 'attempts', 'autoSelectFamilyAttemptedAddresses');
      on.note('socket', 'server', (socket as unknown as { server: unknown }).server);
      on.call('socket', 'address', () => socket.address());
      on.state('socket', socket, 'stream', 'readable', 'writable', 'readableFlowing', 'readableEnded', 'writableEnded');
      on.state('socket', socket, 'marks', 'readableHighWaterMark', 'writableHighWaterMark', 'readableObjectMode');
      on.state('socket', socket, 'rest', 'closed', 'errored', 'writableFinished', 'writableLength', 'readableLength');
    },
  },
  {
    name: 'a fresh server',
    covers: ['net.Server', 'Server.address', 'Server.listening', 'Server.maxConnections', 'Server.getConnections'],
    once: true,
    run: async (net, on) => {
      const server = on.own(new net.Server());
      on.note('server', 'values', server.listening, server.maxConnections, server.connections);
      on.call('server', 'address', () => server.address());
      await new Promise<void>((resolve) => {
        server.getConnections((error, count) => {
          on.note('server', 'connections', error, count);
          resolve();
        });
        on.note('server', 'asked');
      });
    },
  },
  ([undefined, null, {}, () => {}] as const).map((options) => ({
    name: `createServer(${options === null ? 'null' : typeof options})`,
    covers: ['net.createServer'] as Item[],
    once: true,
    run: (net, on) => {
      const server = on.call('server', 'createServer', () => net.createServer(options as never));
      on.note('server', 'listeners', server?.listenerCount('connection'), server instanceof net.Server);
    },
  })),
  ([5, 'options', true, [], Symbol('x')] as const).map((options) => ({
    name: `createServer refuses ${inspect(options)}`,
    covers: ['net.createServer', 'ERR_INVALID_ARG_TYPE'] as Item[],
    once: true,
    run: (net, on) => {
      on.call('server', 'createServer', () => net.createServer(options as never));
    },
  })),
  {
    name: 'createServer(options, listener) hears connections',
    covers: ['net.createServer', 'Server event: connection'],
    run: async (net, on) => {
      const server = on.own(
        net.createServer({}, (peer) => {
          on.note('server', 'connection', peer);
          peer.end();
        }),
      );
      const port = await on.listen(server);
      const client = on.watch('client', net.connect(port, on.host), true);
      await on.closed(client);
    },
  },
  {
    name: 'defaults of autoSelectFamily, read',
    covers: ['net.getDefaultAutoSelectFamily', 'net.getDefaultAutoSelectFamilyAttemptTimeout'],
    alone: true,
    once: true,
    run: (net, on) => {
      on.note('module', 'autoSelectFamily', net.getDefaultAutoSelectFamily());
      on.note('module', 'attemptTimeout', net.getDefaultAutoSelectFamilyAttemptTimeout());
    },
  },
  {
    name: 'defaults of autoSelectFamily, changed and put back',
    covers: ['net.setDefaultAutoSelectFamily', 'net.getDefaultAutoSelectFamily'],
    alone: true,
    once: true,
    run: (net, on) => {
      const before = net.getDefaultAutoSelectFamily();
      on.call('module', 'set', () => net.setDefaultAutoSelectFamily(!before));
      on.note('module', 'now', net.getDefaultAutoSelectFamily());
      net.setDefaultAutoSelectFamily(before);
      on.note('module', 'again', net.getDefaultAutoSelectFamily());
    },
  },
  [0, 1, 'true', null, undefined, {}].map((value) => ({
    name: `setDefaultAutoSelectFamily refuses ${inspect(value)}`,
    covers: ['net.setDefaultAutoSelectFamily', 'ERR_INVALID_ARG_TYPE'] as Item[],
    alone: true,
    once: true,
    run: (net, on) => {
      on.call('module', 'set', () => net.setDefaultAutoSelectFamily(value as never));
    },
  })),
  [1, 9, 10, 250, 1000].map((value) => ({
    name: `setDefaultAutoSelectFamilyAttemptTimeout(${value}), read again`,
    covers: ['net.setDefaultAutoSelectFamilyAttemptTimeout', 'net.getDefaultAutoSelectFamilyAttemptTimeout'] as Item[],
    alone: true,
    once: true,
    run: (net, on) => {
      const before = net.getDefaultAutoSelectFamilyAttemptTimeout();
      on.call('module', 'set', () => net.setDefaultAutoSelectFamilyAttemptTimeout(value));
      on.note('module', 'now', net.getDefaultAutoSelectFamilyAttemptTimeout());
      net.setDefaultAutoSelectFamilyAttemptTimeout(before);
    },
  })),
  [0, -1, 1.5, Number.NaN, 2 ** 31, '250', null, undefined, {}].map((value) => ({
    name: `setDefaultAutoSelectFamilyAttemptTimeout refuses ${inspect(value)}`,
    covers: ['net.setDefaultAutoSelectFamilyAttemptTimeout', 'ERR_INVALID_ARG_TYPE', 'ERR_OUT_OF_RANGE'] as Item[],
    alone: true,
    once: true,
    run: (net, on) => {
      on.call('module', 'set', () => net.setDefaultAutoSelectFamilyAttemptTimeout(value as never));
    },
  })),
);
