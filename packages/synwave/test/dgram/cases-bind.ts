/** Binding, closing, and what a socket says of itself. */
import { once } from 'node:events';
import type { Case } from './stage.ts';

export const bindCases: readonly Case[] = [
  {
    name: 'bind without arguments',
    run: async (_dgram, on) => {
      const socket = on.socket('socket');
      on.note('socket', 'chains', socket.bind() === socket);
      on.note('socket', 'bind returned');
      await once(socket, 'listening');
      on.call('socket', 'address', () => socket.address());
      on.call('socket', 'remoteAddress', () => socket.remoteAddress());
    },
  },
  {
    name: 'bind to an address, with a callback',
    run: async (_dgram, on) => {
      const socket = on.socket('socket');
      socket.bind(0, on.host, on.called('socket', 'bound'));
      await once(socket, 'listening');
      on.call('socket', 'address', () => socket.address());
    },
  },
  {
    name: 'bind to an address of the other family',
    run: async (_dgram, on) => {
      const socket = on.socket('socket');
      socket.bind(0, on.stranger);
      await once(socket, 'error').catch(() => {});
      socket.bind(0);
      await once(socket, 'listening');
    },
  },
  {
    name: 'a port that is in use',
    run: async (_dgram, on) => {
      const [, port] = await on.bound('first');
      const second = on.socket('second');
      second.bind(port, on.host, on.called('second', 'bound'));
      await once(second, 'error').catch(() => {});
      const third = on.socket('third');
      third.bind(port);
      await once(third, 'error').catch(() => {});
    },
  },
  {
    // What else a machine calls localhost is its own affair.
    name: 'bind to a name',
    once: true,
    run: async (_dgram, on) => {
      const socket = on.socket('socket', 'udp4');
      socket.bind({ port: 0, address: 'localhost', exclusive: true });
      await once(socket, 'listening');
      on.call('socket', 'address', () => socket.address());
    },
  },
  {
    name: 'an address that the host has not',
    run: async (_dgram, on) => {
      const socket = on.socket('socket');
      socket.bind(4000, on.foreign);
      await once(socket, 'error').catch(() => {});
    },
  },
  {
    name: 'a name that nobody has',
    run: async (_dgram, on) => {
      const socket = on.socket('socket', {
        lookup: (_name, _options, done) => done(new Error('nobody'), '', on.family),
      });
      socket.bind(0, 'nowhere');
      on.call('socket', 'bind again', () => socket.bind(0, on.host) === socket);
    },
  },
  {
    name: 'lookup is asked with the family as a number',
    run: async (_dgram, on) => {
      const socket = on.socket('socket', {
        lookup: (name, options, done) => {
          on.note('lookup', 'asked', name, options);
          done(null, on.host, on.family);
        },
      });
      socket.bind(0);
      socket.send('x', 9, 'somewhere');
      socket.send('x', 9);
    },
  },
  {
    name: 'reuseAddr: two on one port, the latest hears',
    run: async (_dgram, on) => {
      const options = { reuseAddr: true };
      const [, port] = await on.bound('first', options);
      const [second] = await on.bound('second', options, { port });
      const [client] = await on.bound('client');
      client.send('one', port, on.host);
      await once(second, 'message');
      second.close();
      await once(second, 'close');
      client.send('two', port, on.host);
      await on.wait(20);
    },
  },
  {
    name: 'both families on one port with ipv6Only',
    once: true,
    six: true,
    run: async (_dgram, on) => {
      const [, port] = await on.bound('first', { type: 'udp6', ipv6Only: true }, { address: '::' });
      const second = on.socket('second', 'udp4');
      second.bind(port);
      await once(second, 'listening');
      const third = on.socket('third', 'udp6');
      third.bind(port);
      await once(third, 'error').catch(() => {});
    },
  },
  {
    name: 'bind twice',
    run: async (_dgram, on) => {
      const socket = on.socket('socket');
      socket.bind(0);
      on.call('socket', 'bind', () => socket.bind(0));
      await once(socket, 'listening');
      on.call('socket', 'bind', () => socket.bind(0));
    },
  },
  {
    name: 'close: a callback, the event, and then nothing',
    run: async (_dgram, on) => {
      const [socket] = await on.bound('socket');
      on.note('socket', 'chains', socket.close(on.called('socket', 'closed')) === socket);
      on.note('socket', 'close returned');
      on.call('socket', 'close', () => socket.close());
      on.call('socket', 'send', () => socket.send('x', 9));
      on.call('socket', 'address', () => socket.address());
      on.call('socket', 'bind', () => socket.bind());
      on.call('socket', 'ref', () => socket.ref() === socket);
      on.call('socket', 'unref', () => socket.unref() === socket);
      await once(socket, 'close');
    },
  },
  {
    name: 'close before anything else',
    run: async (_dgram, on) => {
      const socket = on.socket('socket');
      socket.close();
      await once(socket, 'close');
    },
  },
  {
    name: 'close while it is being bound',
    run: async (_dgram, on) => {
      const socket = on.socket('socket');
      socket.bind(0);
      socket.close();
      await once(socket, 'close');
      await on.wait(10);
    },
  },
  {
    name: 'what comes after close is not heard',
    run: async (_dgram, on) => {
      const [socket, port] = await on.bound('socket');
      const [client] = await on.bound('client');
      client.send('x', port, on.host, on.called('client', 'sent'));
      client.send('y', port, on.host);
      socket.on('message', () => socket.close());
      await once(socket, 'close');
      await on.wait(10);
    },
  },
  {
    name: 'a signal closes',
    run: async (_dgram, on) => {
      const stop = new AbortController();
      const [socket] = await on.bound('socket', { signal: stop.signal });
      stop.abort();
      await once(socket, 'close');
    },
  },
  {
    name: 'a signal that was aborted before',
    run: async (_dgram, on) => {
      const socket = on.socket('socket', { signal: AbortSignal.abort() });
      await once(socket, 'close');
      on.call('socket', 'bind', () => socket.bind());
    },
  },
  {
    name: 'await using',
    run: async (_dgram, on) => {
      const [socket] = await on.bound('socket');
      const dispose = (socket as unknown as Record<symbol, () => Promise<void>>)[Symbol.asyncDispose];
      on.note('socket', 'disposed', await dispose?.call(socket));
      on.note('socket', 'disposed', await dispose?.call(socket));
    },
  },
  {
    name: 'a listener for messages may be handed in',
    run: async (dgram, on) => {
      const socket = dgram.createSocket(on.type, on.called('socket', 'message'));
      socket.bind(0, on.host);
      await once(socket, 'listening');
      const { port } = socket.address();
      const [client] = await on.bound('client');
      client.send('x', port, on.host);
      await once(socket, 'message');
      socket.close();
    },
  },
  {
    name: 'sizes of buffers',
    run: async (_dgram, on) => {
      const [socket] = await on.bound('socket', { recvBufferSize: 20_000, sendBufferSize: 30_000 });
      on.call('socket', 'receives', () => socket.getRecvBufferSize());
      on.call('socket', 'sends', () => socket.getSendBufferSize());
      for (const size of [0, 5000, 1]) {
        on.call('socket', 'set', () => socket.setRecvBufferSize(size));
        on.call('socket', 'receives', () => socket.getRecvBufferSize());
        on.call('socket', 'set', () => socket.setSendBufferSize(size));
        on.call('socket', 'sends', () => socket.getSendBufferSize());
      }
      on.call('socket', 'queue', () => [socket.getSendQueueSize(), socket.getSendQueueCount()]);
      const [plain] = await on.bound('plain');
      on.call('plain', 'receives', () => plain.getRecvBufferSize());
      on.call('plain', 'sends', () => plain.getSendBufferSize());
    },
  },
];
