/** Saying goodbye: end, destroySoon, destroy, resetAndDestroy, half-open connections, and the order of what follows. */

import type { Socket } from 'node:net';
import { finished } from 'node:stream';
import { cases } from '../case.ts';
import type { Item } from '../items.ts';

const HALVES = [false, true] as const;

export const endCloseCases = cases(
  {
    name: 'the client ends first',
    covers: ['Socket.end', 'Socket event: end', 'Socket event: close', 'Socket.readyState'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      client.resume();
      peer.resume();
      client.end('bye');
      on.state('client', client, 'ended');
      await on.closed(client, peer);
      on.state('client', client, 'closed');
      on.state('peer', peer, 'closed');
    },
  },
  {
    name: 'the server ends first',
    covers: ['Socket.end', 'Socket event: end', 'Socket event: close'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      client.resume();
      peer.resume();
      peer.end('bye');
      await on.closed(client, peer);
    },
  },
  {
    name: 'both end at once',
    covers: ['Socket.end', 'Socket event: end', 'Socket event: close'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      client.resume();
      peer.resume();
      client.end('one');
      peer.end('two');
      await on.closed(client, peer);
    },
  },
  {
    name: 'resetAndDestroy on a connection: the other side sees ECONNRESET',
    covers: ['Socket.resetAndDestroy', 'ECONNRESET', 'Socket event: error'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      peer.resume();
      on.chains('client', 'resetAndDestroy', client, () => client.resetAndDestroy());
      on.state('client', client, 'reset');
      await on.closed(client, peer);
      on.state('peer', peer, 'closed');
    },
  },
  HALVES.map((allowHalfOpen) => ({
    name: `the server's sockets with allowHalfOpen ${allowHalfOpen} when the client ends`,
    covers: ['createServer: allowHalfOpen', 'Socket.allowHalfOpen', 'Socket event: end'] as Item[],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ server: { allowHalfOpen } });
      on.state('peer', peer, 'half', 'allowHalfOpen');
      client.on('data', (text) => on.note('client', 'data', text));
      peer.resume();
      const ended = on.until(peer, 'end');
      client.end();
      await ended;
      on.state('peer', peer, 'at end');
      await on.wait(20);
      on.state('peer', peer, 'a while later');
      on.state('client', client, 'a while later');
      if (allowHalfOpen) peer.end('still here');
      await on.closed(client, peer);
    },
  })),
  HALVES.map((allowHalfOpen) => ({
    name: `a client with allowHalfOpen ${allowHalfOpen} when the server ends`,
    covers: ['new Socket: allowHalfOpen', 'Socket.allowHalfOpen', 'Socket event: end'] as Item[],
    run: async (net, on) => {
      const port = await on.serve((peer) => {
        on.watch('peer', peer, true);
        peer.end('over');
      });
      const client = on.watch('client', new net.Socket({ allowHalfOpen }), true);
      on.state('client', client, 'half', 'allowHalfOpen');
      client.connect(port, on.host);
      await on.until(client, 'end');
      await on.wait(20);
      on.state('client', client, 'a while later');
      if (allowHalfOpen) client.end('my turn');
      await on.closed(client);
    },
  })),
  HALVES.map((allowHalfOpen) => ({
    name: `connect({ allowHalfOpen: ${allowHalfOpen} })`,
    covers: ['new Socket: allowHalfOpen', 'connect(options)'] as Item[],
    run: async (_net, on) => {
      const { client } = await on.pair({ quiet: true, client: { allowHalfOpen } });
      on.state('client', client, 'half', 'allowHalfOpen');
    },
  })),
  {
    name: 'end twice: the second is quiet',
    covers: ['Socket.end'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      client.resume();
      peer.resume();
      client.end(on.called('client', 'ended 1'));
      client.end(on.called('client', 'ended 2'));
      await on.closed(client, peer);
      client.end(on.called('client', 'ended 3'));
      await on.wait(10);
    },
  },
  {
    name: 'end answers the socket, in each of its forms',
    covers: ['Socket.end'],
    run: async (_net, on) => {
      const forms: [string, (socket: Socket) => unknown][] = [
        ['end()', (socket) => socket.end()],
        ['end(callback)', (socket) => socket.end(() => {})],
        ['end(text)', (socket) => socket.end('x')],
        ['end(text, callback)', (socket) => socket.end('x', () => {})],
        ['end(text, encoding, callback)', (socket) => socket.end('6869', 'hex', () => {})],
      ];
      for (const [form, end] of forms) {
        const { client } = await on.pair({ quiet: true });
        on.chains('client', form, client, end);
      }
    },
  },
  {
    name: 'end before connect',
    covers: ['Socket.end', 'Socket.pending'],
    run: async (net, on) => {
      const port = await on.serve((peer) => on.watch('peer', peer, true));
      const client = on.watch('client', net.connect(port, on.host), true);
      client.end('quick');
      on.state('client', client, 'ended');
      await on.closed(client);
    },
  },
  {
    name: 'end on a socket that never connects',
    covers: ['Socket.end', 'Socket event: close'],
    until: 22,
    once: true,
    run: async (net, on) => {
      const socket = on.watch('socket', new net.Socket());
      socket.end();
      on.state('socket', socket, 'ended');
      await on.wait(20);
      on.state('socket', socket, 'later');
    },
  },
  {
    name: 'destroy on a fresh socket',
    covers: ['Socket.destroy', 'Socket.destroyed', 'Socket event: close'],
    once: true,
    run: async (net, on) => {
      const socket = on.watch('socket', new net.Socket());
      on.chains('socket', 'destroy', socket, () => socket.destroy());
      on.state('socket', socket, 'destroyed');
      await on.closed(socket);
      on.chains('socket', 'destroy again', socket, () => socket.destroy());
      await on.wait(10);
    },
  },
  {
    name: 'destroy with an error: error, then close(true)',
    covers: ['Socket.destroy', 'Socket event: error', 'Socket event: close'],
    run: async (_net, on) => {
      const { client } = await on.pair();
      client.destroy(new Error('mine'));
      on.state('client', client, 'destroyed', 'destroyed', 'errored', 'closed', 'readyState');
      await on.closed(client);
      on.state('client', client, 'closed', 'destroyed', 'errored', 'closed', 'readyState');
    },
  },
  {
    name: 'destroy: the peer sees an end',
    covers: ['Socket.destroy', 'Socket event: end'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      peer.resume();
      client.destroy();
      await on.closed(client, peer);
    },
  },
  {
    name: 'destroy on the accepted side: the client sees an end',
    covers: ['Socket.destroy', 'Socket event: end'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      client.resume();
      peer.destroy();
      await on.closed(client, peer);
    },
  },
  {
    name: 'destroy with unread text in hand resets the connection',
    covers: ['Socket.destroy', 'ECONNRESET'],
    run: async (net, on) => {
      let peer: Socket | undefined;
      const port = await on.serve((accepted) => {
        peer = on.watch('peer', accepted);
        accepted.resume();
      });
      const client = on.own(new net.Socket());
      client.connect(port, on.host);
      client.pause();
      await on.until(client, 'ready');
      await on.wait(10);
      peer?.write(Buffer.alloc(1 << 20));
      await on.wait(30);
      client.destroy();
      await on.closed(client);
      if (peer !== undefined) await on.closed(peer);
    },
  },
  {
    name: 'destroy drops what was not yet written',
    covers: ['Socket.destroy', 'Socket.write'],
    until: 22,
    run: async (_net, on) => {
      const { client } = await on.pair();
      client.write(Buffer.alloc(32 << 20), on.called('client', 'written'));
      client.write('more', on.called('client', 'written too'));
      client.destroy();
      await on.closed(client);
      await on.wait(10);
    },
  },
  {
    name: 'destroySoon lets what is written go first',
    covers: ['Socket.destroySoon', 'Socket event: close'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      peer.on('data', (text) => on.note('peer', 'data', text));
      client.write('last words');
      on.call('client', 'destroySoon', () => client.destroySoon());
      on.state('client', client, 'soon');
      await on.closed(client, peer);
    },
  },
  {
    name: 'destroySoon with nothing to write',
    covers: ['Socket.destroySoon'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      peer.resume();
      client.destroySoon();
      on.state('client', client, 'soon');
      await on.closed(client, peer);
    },
  },
  {
    name: 'destroySoon after end has finished',
    covers: ['Socket.destroySoon', 'Socket.end'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ server: { allowHalfOpen: true } });
      peer.resume();
      const finish = on.until(client, 'finish');
      client.end('x');
      await finish;
      client.destroySoon();
      on.state('client', client, 'soon');
      await on.closed(client);
    },
  },
  {
    name: 'resetAndDestroy on a fresh socket',
    covers: ['Socket.resetAndDestroy', 'ERR_SOCKET_CLOSED'],
    once: true,
    run: async (net, on) => {
      const socket = on.watch('socket', new net.Socket());
      on.call('socket', 'resetAndDestroy', () => socket.resetAndDestroy() === socket);
      on.state('socket', socket, 'reset');
      await on.closed(socket);
    },
  },
  {
    name: 'resetAndDestroy while connecting waits for connect',
    covers: ['Socket.resetAndDestroy', 'Socket event: connect'],
    run: async (net, on) => {
      const port = await on.serve((peer) => on.watch('peer', peer, true));
      const client = on.watch('client', net.connect(port, on.host));
      client.resetAndDestroy();
      on.state('client', client, 'reset');
      await on.closed(client);
      await on.wait(20);
    },
  },
  {
    name: 'resetAndDestroy after close',
    covers: ['Socket.resetAndDestroy', 'ERR_SOCKET_CLOSED'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      client.resume();
      peer.end();
      await on.closed(client);
      on.call('client', 'resetAndDestroy', () => client.resetAndDestroy() === client);
      await on.wait(10);
    },
  },
  {
    name: 'resetAndDestroy on the accepted side, the client writing',
    covers: ['Socket.resetAndDestroy', 'ECONNRESET'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      client.on('error', on.called('client', 'error'));
      client.on('close', on.called('client', 'close'));
      client.resume();
      client.write('x');
      await on.wait(10);
      peer.resetAndDestroy();
      await on.closed(client);
    },
  },
  {
    name: 'finished() of node:stream over an orderly goodbye',
    covers: ['Socket event: close', 'Socket event: end'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      finished(client, on.called('client', 'finished'));
      finished(peer, on.called('peer', 'finished'));
      client.resume();
      peer.resume();
      client.end();
      await on.closed(client, peer);
      await on.turn();
    },
  },
  {
    name: 'finished() of node:stream over a socket destroyed halfway: premature close',
    covers: ['ERR_STREAM_PREMATURE_CLOSE', 'Socket.destroy'],
    run: async (_net, on) => {
      const { client } = await on.pair({ quiet: true });
      const over = new Promise<void>((resolve) => {
        finished(client, (error) => {
          on.note('client', 'finished', error);
          resolve();
        });
      });
      client.destroy();
      await over;
    },
  },
  {
    name: 'write after end: error and callback ERR_STREAM_WRITE_AFTER_END',
    covers: ['ERR_STREAM_WRITE_AFTER_END', 'Socket.write', 'Socket.end'],
    run: async (_net, on) => {
      const { client } = await on.pair();
      client.end();
      on.call('client', 'write', () => client.write('late', on.called('client', 'written')));
      await on.closed(client);
    },
  },
  {
    name: 'write after destroy: ERR_STREAM_DESTROYED to the callback, no event',
    covers: ['ERR_STREAM_DESTROYED', 'Socket.write', 'Socket.destroy'],
    run: async (_net, on) => {
      const { client } = await on.pair();
      client.destroy();
      on.call('client', 'write', () => client.write('late', on.called('client', 'written')));
      await on.closed(client);
      on.call('client', 'write', () => client.write('later', on.called('client', 'written again')));
      await on.wait(10);
    },
  },
  {
    name: 'end after destroy',
    covers: ['Socket.end', 'ERR_STREAM_DESTROYED'],
    run: async (_net, on) => {
      const { client } = await on.pair();
      client.destroy();
      client.end('late', on.called('client', 'ended'));
      await on.closed(client);
      await on.wait(10);
    },
  },
  {
    name: 'end after end with text',
    covers: ['Socket.end', 'ERR_STREAM_WRITE_AFTER_END'],
    run: async (_net, on) => {
      const { client } = await on.pair();
      client.end('first');
      on.call('client', 'end', () => client.end('second', on.called('client', 'ended')) === client);
      await on.closed(client);
    },
  },
  {
    name: 'a write that waits for connect when the socket is destroyed: ERR_SOCKET_CLOSED',
    covers: ['ERR_SOCKET_CLOSED', 'Socket.write', 'Socket.destroy'],
    run: async (net, on) => {
      const port = await on.serve();
      const client = on.watch('client', net.connect(port, on.host));
      client.write('waiting', on.called('client', 'written'));
      client.write('behind it', on.called('client', 'written too'));
      client.destroy();
      await on.closed(client);
      await on.wait(10);
    },
  },
  {
    name: 'a write to a peer that destroyed itself: EPIPE on the second',
    covers: ['EPIPE', 'ECONNRESET', 'Socket event: error'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true, client: { allowHalfOpen: true } });
      for (const event of ['end', 'error', 'close']) client.on(event, on.called('client', event));
      peer.destroy();
      await on.closed(peer);
      await on.wait(20);
      client.write('one', on.called('client', 'written 1'));
      await on.wait(20);
      client.write('two', on.called('client', 'written 2'));
      await on.wait(20);
      client.resume();
      await on.closed(client);
    },
  },
  {
    name: 'reading from a connection that was reset while paused',
    covers: ['ECONNRESET', 'Socket.pause', 'Socket.resume'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      for (const event of ['end', 'error', 'close']) client.on(event, on.called('client', event));
      client.pause();
      peer.resetAndDestroy();
      await on.wait(30);
      on.state('client', client, 'paused');
      client.resume();
      await on.closed(client);
    },
  },
  {
    name: 'end on a connection that the peer has reset unseen: ENOTCONN is kept quiet',
    covers: ['ENOTCONN', 'Socket.end', 'Socket.pause'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      for (const event of ['finish', 'end', 'error', 'close']) client.on(event, on.called('client', event));
      client.resume();
      await on.wait(10);
      client.pause();
      peer.write('makes it stop reading');
      await on.wait(20);
      peer.resetAndDestroy();
      await on.wait(20);
      client.end(on.called('client', 'ended'));
      await on.wait(20);
      on.state('client', client, 'later');
    },
  },
  {
    name: 'destroy inside data: nothing after it but close',
    covers: ['Socket.destroy', 'Socket event: data', 'Socket event: close'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      client.on('data', () => {
        on.note('client', 'data seen');
        client.destroy();
      });
      peer.end('one and only');
      await on.closed(client);
    },
  },
  {
    name: 'end inside end, end inside connect',
    covers: ['Socket.end', 'Socket event: end', 'Socket event: connect'],
    run: async (net, on) => {
      const port = await on.serve((peer) => on.watch('peer', peer, true));
      const client = on.watch('client', net.connect(port, on.host), true);
      client.on('connect', () => client.end('brief'));
      client.on('end', () => client.end());
      await on.closed(client);
    },
  },
  {
    name: 'writable and readable flags over a life',
    covers: ['Socket.readyState', 'Socket.end'],
    run: async (_net, on) => {
      const flags = [
        'readyState',
        'readable',
        'writable',
        'readableEnded',
        'writableEnded',
        'writableFinished',
      ] as const;
      const { client, peer } = await on.pair({ quiet: true, server: { allowHalfOpen: true } });
      on.state('client', client, 'open', ...flags);
      for (const event of ['finish', 'end', 'close'])
        client.on(event, () => on.state('client', client, event, ...flags));
      for (const event of ['finish', 'end', 'close']) peer.on(event, () => on.state('peer', peer, event, ...flags));
      client.resume();
      peer.resume();
      client.end();
      on.state('client', client, 'end()', ...flags);
      await on.until(peer, 'end');
      await on.wait(10);
      peer.end();
      await on.closed(client, peer);
    },
  },
  {
    name: 'the peer ends first, half-open: writeOnly',
    covers: ['Socket.readyState', 'Socket.allowHalfOpen'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true, client: { allowHalfOpen: true } });
      client.resume();
      peer.end();
      await on.until(client, 'end');
      on.state('client', client, 'at end');
      await on.wait(10);
      on.state('client', client, 'later');
      client.end();
      on.state('client', client, 'ended');
      peer.resume();
      await on.closed(client);
    },
  },
  {
    name: 'autoDestroy after both sides ended, also with no listener',
    covers: ['Socket.destroyed', 'Socket event: close'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      client.resume();
      peer.resume();
      client.end();
      await on.closed(client, peer);
      on.state('client', client);
      on.state('peer', peer);
    },
  },
  {
    name: 'what is left of the handle after close',
    covers: ['Socket event: close', 'Socket.ref', 'Socket.unref'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      const handle = (): unknown => Reflect.get(client, '_handle');
      on.note('client', 'handle', handle() === null, handle() === undefined);
      client.resume();
      peer.end();
      await on.closed(client);
      on.note('client', 'handle', handle() === null);
      on.chains('client', 'ref', client, () => client.ref());
      on.chains('client', 'unref', client, () => client.unref());
      on.chains('client', 'setTimeout', client, () => client.setTimeout(10));
      on.chains('client', 'setNoDelay', client, () => client.setNoDelay());
      on.chains('client', 'setKeepAlive', client, () => client.setKeepAlive(true));
      on.chains('client', 'pause', client, () => client.pause());
      on.chains('client', 'resume', client, () => client.resume());
    },
  },
);
