/** Misuse: what is refused at once, with which class, code and message. */
import { cases } from '../case.ts';
import type { Item } from '../items.ts';

/** A value, short enough for the name of a case. */
function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'symbol' || typeof value === 'function') return typeof value;
  if (value === null || typeof value !== 'object') return String(value);
  return Array.isArray(value) ? '[]' : '{}';
}

const BAD_PORTS = [
  -1,
  65536,
  70000,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '',
  ' ',
  'abc',
  '0x',
  '-1',
  '65536',
  true,
  null,
  {},
  [],
];

/** Options of connect() with values of the wrong kind. */
const BAD_CONNECT: readonly (readonly [string, readonly unknown[], readonly Item[]])[] = [
  ['host', [5, {}, true, Symbol('x')], ['connect: host', 'ERR_INVALID_ARG_TYPE']],
  ['localAddress', ['x', 5, {}, 'localhost', '1.2.3'], ['connect: localAddress', 'ERR_INVALID_IP_ADDRESS']],
  ['localPort', ['x', {}, true], ['connect: localPort', 'ERR_INVALID_ARG_TYPE']],
  ['lookup', [5, 'x', {}, true], ['connect: lookup', 'ERR_INVALID_ARG_TYPE']],
  ['hints', [1 << 20, 3], ['connect: hints', 'ERR_INVALID_ARG_VALUE']],
  ['family', [5, 'x', -1], ['connect: family', 'ERR_INVALID_ARG_VALUE']],
  ['autoSelectFamily', ['x', 5, null, {}], ['connect: autoSelectFamily', 'ERR_INVALID_ARG_TYPE']],
  [
    'autoSelectFamilyAttemptTimeout',
    ['x', 0, -5, 1.5, null, {}],
    ['connect: autoSelectFamilyAttemptTimeout', 'ERR_OUT_OF_RANGE', 'ERR_INVALID_ARG_TYPE'],
  ],
  ['timeout', ['x', -1, {}, Number.NaN], ['connect: timeout', 'ERR_OUT_OF_RANGE', 'ERR_INVALID_ARG_TYPE']],
  ['path', [5, {}, true], ['connect: path', 'ERR_INVALID_ARG_TYPE']],
];

const BAD_SOCKETS: readonly (readonly [string, readonly unknown[], readonly Item[]])[] = [
  ['fd', [-1, 1.5, 'x', {}, true], ['new Socket: fd', 'ERR_OUT_OF_RANGE', 'ERR_INVALID_ARG_TYPE']],
  ['objectMode', [true], ['net.Socket', 'ERR_INVALID_ARG_VALUE']],
  ['readableObjectMode', [true], ['net.Socket', 'ERR_INVALID_ARG_VALUE']],
  ['writableObjectMode', [true], ['net.Socket', 'ERR_INVALID_ARG_VALUE']],
  ['signal', ['x', 5, {}], ['new Socket: signal', 'ERR_INVALID_ARG_TYPE']],
  ['highWaterMark', [-1, 'x', 1.5], ['net.Socket', 'ERR_INVALID_ARG_VALUE']],
];

const BAD_LISTEN: readonly (readonly [string, readonly unknown[], readonly Item[]])[] = [
  ['port', [...BAD_PORTS], ['listen: port', 'ERR_SOCKET_BAD_PORT', 'ERR_INVALID_ARG_VALUE']],
  ['path', [5, {}, true], ['listen(path)', 'listen: path', 'ERR_INVALID_ARG_VALUE']],
  ['signal', ['x', 5, {}], ['listen: signal', 'ERR_INVALID_ARG_TYPE']],
  ['fd', [-1, 'x'], ['listen(handle)', 'ERR_INVALID_ARG_VALUE']],
];

const BAD_SERVERS: readonly (readonly [string, readonly unknown[], readonly Item[]])[] = [
  ['keepAliveInitialDelay', ['x', null, {}], ['createServer: keepAliveInitialDelay', 'ERR_INVALID_ARG_TYPE']],
  ['highWaterMark', [-1, 'x', 1.5, null], ['createServer: highWaterMark', 'ERR_OUT_OF_RANGE', 'ERR_INVALID_ARG_TYPE']],
  ['allowHalfOpen', ['x', 5], ['createServer: allowHalfOpen']],
  ['pauseOnConnect', ['x', 5], ['createServer: pauseOnConnect']],
  ['noDelay', ['x', 5], ['createServer: noDelay']],
  ['keepAlive', ['x', 5], ['createServer: keepAlive']],
];

export const validationCases = cases(
  BAD_PORTS.map((port) => ({
    name: `connect refuses port ${show(port)}`,
    covers: ['connect: port', 'ERR_SOCKET_BAD_PORT', 'ERR_INVALID_ARG_TYPE'] as Item[],
    once: true,
    run: async (net, on) => {
      on.call('client', 'connect', () => net.connect({ port: port as never, host: '127.0.0.1' }));
      await on.wait(10);
    },
  })),
  BAD_PORTS.map((port) => ({
    name: `connect(port) refuses ${show(port)}`,
    covers: ['connect(port)', 'connect(path)', 'ERR_SOCKET_BAD_PORT'] as Item[],
    once: true,
    run: async (net, on) => {
      // A string that is no number is the path of a pipe: that is another case.
      if (typeof port === 'string' && !(Number(port) >= 0)) on.note('client', 'a path');
      else on.call('client', 'connect', () => net.connect(port as never, '127.0.0.1' as never));
      await on.wait(10);
    },
  })),
  [{}, { host: '127.0.0.1' }, { port: undefined }, { timeout: 5 }].map((options) => ({
    name: `connect refuses options with ${Object.keys(options).join() || 'nothing'} alone`,
    covers: ['ERR_MISSING_ARGS', 'connect(options)'] as Item[],
    once: true,
    run: async (net, on) => {
      on.call('client', 'connect', () => net.connect(options as never));
      await on.wait(10);
    },
  })),
  [undefined, null].map((options) => ({
    name: `connect refuses ${show(options)} and nothing`,
    covers: ['ERR_MISSING_ARGS', 'connect(options)', 'net.createConnection'] as Item[],
    once: true,
    run: async (net, on) => {
      on.call('client', 'connect', () => net.connect(options as never));
      on.call('client', 'connect()', () => net.connect(...([] as never as [never])));
      on.call('client', 'createConnection', () => net.createConnection(options as never));
      await on.wait(10);
    },
  })),
  {
    name: 'a socket told to connect without arguments',
    covers: ['ERR_MISSING_ARGS', 'Socket.connect'],
    once: true,
    run: (net, on) => {
      const socket = on.own(new net.Socket());
      on.call('socket', 'connect()', () => socket.connect(...([] as never as [never])) === socket);
      on.call('socket', 'connect({})', () => socket.connect({} as never) === socket);
      on.state('socket', socket, 'after');
    },
  },
  BAD_CONNECT.flatMap(([option, values, covers]) =>
    values.map((value) => ({
      name: `connect refuses ${option} ${show(value)}`,
      covers,
      // From Node.js 22 on the message names the option `host`, not the argument of the look-up.
      ...(option === 'host' ? { until: 22 } : {}),
      run: async (net, on) => {
        const port = await on.serve((peer) => peer.resume());
        const options = { port, host: on.host, [option]: value };
        on.call('client', 'connect', () => net.connect(options as never));
        await on.wait(20);
      },
    })),
  ),
  BAD_SOCKETS.flatMap(([option, values, covers]) =>
    values.map((value) => ({
      name: `new Socket refuses ${option} ${show(value)}`,
      covers,
      once: true,
      run: (net, on) => {
        on.call('socket', 'new', () => new net.Socket({ [option]: value }));
      },
    })),
  ),
  BAD_SERVERS.flatMap(([option, values, covers]) =>
    values.map((value) => ({
      name: `createServer with ${option} ${show(value)}`,
      covers,
      once: true,
      run: (net, on) => {
        const server = on.call('server', 'createServer', () => net.createServer({ [option]: value }));
        on.note('server', option, (server as unknown as Record<string, unknown> | undefined)?.[option]);
      },
    })),
  ),
  BAD_LISTEN.flatMap(([option, values, covers]) =>
    values.map((value) => ({
      name: `listen refuses ${option} ${show(value)}`,
      covers,
      once: true,
      run: async (net, on) => {
        const server = on.watchServer('server', net.createServer());
        const others = option === 'port' || option === 'path' || option === 'fd' ? {} : { port: 0 };
        on.call('server', 'listen', () => server.listen({ ...others, [option]: value } as never) === server);
        on.note('server', 'listening', server.listening);
        await on.wait(10);
        on.note('server', 'listening', server.listening);
      },
    })),
  ),
  [-1, 65536, 1.5, {}, Symbol('x'), true].map((value) => ({
    name: `listen(${show(value)})`,
    covers: ['listen(port)', 'ERR_SOCKET_BAD_PORT', 'ERR_INVALID_ARG_VALUE'] as Item[],
    once: true,
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      on.call('server', 'listen', () => server.listen(value as never) === server);
      await on.wait(10);
      on.note('server', 'listening', server.listening);
    },
  })),
  [{}, { host: '127.0.0.1' }, { backlog: 5 }].map((options) => ({
    name: `listen(${JSON.stringify(options)}) has nothing to listen on`,
    covers: ['listen(options)', 'ERR_INVALID_ARG_VALUE'] as Item[],
    once: true,
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      on.call('server', 'listen', () => server.listen(options) === server);
      await on.wait(10);
    },
  })),
  ['x', -1, Number.NaN, Number.POSITIVE_INFINITY, {}, null, undefined, true].map((value) => ({
    name: `setTimeout(${show(value)})`,
    covers: ['Socket.setTimeout', 'ERR_OUT_OF_RANGE', 'ERR_INVALID_ARG_TYPE'] as Item[],
    once: true,
    run: (net, on) => {
      const socket = on.own(new net.Socket());
      on.call('socket', 'setTimeout', () => socket.setTimeout(value as never) === socket);
      on.state('socket', socket, 'after', 'timeout');
    },
  })),
  ['x', 5, {}, true].map((value) => ({
    name: `setTimeout(10, ${show(value)})`,
    covers: ['Socket.setTimeout', 'ERR_INVALID_ARG_TYPE'] as Item[],
    once: true,
    run: (net, on) => {
      const socket = on.own(new net.Socket());
      on.call('socket', 'setTimeout', () => socket.setTimeout(10, value as never) === socket);
      on.state('socket', socket, 'after', 'timeout');
    },
  })),
  [5, 'x', {}, null].map((value) => ({
    name: `listeners of the wrong kind: ${show(value)}`,
    covers: ['net.connect', 'Server.listen', 'Server.close', 'Server.getConnections'] as Item[],
    run: async (net, on) => {
      const server = on.own(net.createServer());
      on.call('server', 'on', () => server.on('connection', value as never) === server);
      on.call('server', 'listen', () => server.listen(0, on.host, value as never) === server);
      await on.wait(10);
      on.note('server', 'listening', server.listening);
    },
  })),
);
