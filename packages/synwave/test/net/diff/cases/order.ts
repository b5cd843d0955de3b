/** When things are told: between ticks, microtasks and turns of the loop, and what may be done inside a listener. */
import type { Socket } from 'node:net';
import { cases } from '../case.ts';
import type { Item } from '../items.ts';
import type { Stage } from '../stage.ts';

/** Writes down when the next microtask, tick and turn come. */
function clocks(on: Stage, actor: string, what: string): void {
  queueMicrotask(() => on.note(actor, `${what}: microtask`));
  process.nextTick(() => on.note(actor, `${what}: tick`));
}

const INSIDE: readonly (readonly [string, (socket: Socket) => unknown])[] = [
  ['destroy()', (socket) => socket.destroy()],
  ['destroy(error)', (socket) => socket.destroy(new Error('inside'))],
  ['end()', (socket) => socket.end()],
  ['write()', (socket) => socket.write('inside')],
  ['resetAndDestroy()', (socket) => socket.resetAndDestroy()],
  ['destroySoon()', (socket) => socket.destroySoon()],
  ['pause()', (socket) => socket.pause()],
];

export const orderCases = cases(
  {
    name: 'connect and ready are one turn',
    covers: ['Socket event: connect', 'Socket event: ready'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end());
      const client = on.watch('client', net.connect(port, on.host), true);
      client.on('connect', () => clocks(on, 'client', 'connect'));
      client.on('ready', () => clocks(on, 'client', 'ready'));
      await on.closed(client);
    },
  },
  {
    name: 'error and close, with ticks between',
    covers: ['Socket event: error', 'Socket event: close', 'ECONNREFUSED'],
    run: async (net, on) => {
      const port = await on.closedPort();
      const client = on.watch('client', net.connect(port, on.host), true);
      client.on('connectionAttemptFailed', () => clocks(on, 'client', 'failed'));
      client.on('error', () => clocks(on, 'client', 'error'));
      client.on('close', () => clocks(on, 'client', 'close'));
      await on.closed(client);
    },
  },
  {
    name: 'destroy is told later',
    covers: ['Socket.destroy', 'Socket event: close'],
    run: async (_net, on) => {
      const { client } = await on.pair();
      client.destroy();
      clocks(on, 'client', 'destroy');
      await on.closed(client);
    },
  },
  {
    name: 'the callback of a write that was taken at once',
    covers: ['Socket.write'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      peer.resume();
      client.write('x', on.called('client', 'written'));
      clocks(on, 'client', 'write');
      await on.wait(10);
    },
  },
  {
    name: 'end, its callback and finish',
    covers: ['Socket.end'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ server: { allowHalfOpen: true } });
      peer.resume();
      client.end('x', on.called('client', 'ended'));
      clocks(on, 'client', 'end');
      await on.until(client, 'finish');
    },
  },
  {
    name: 'end and close of a stream that the peer ended',
    covers: ['Socket event: end', 'Socket event: close'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair();
      for (const event of ['end', 'finish', 'close']) client.on(event, () => clocks(on, 'client', event));
      client.resume();
      peer.end('x');
      await on.closed(client);
    },
  },
  {
    name: 'server: close and its callback',
    covers: ['Server.close', 'Server event: close'],
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      await on.listen(server);
      server.close(on.called('server', 'closed'));
      clocks(on, 'server', 'close');
      await on.until(server, 'close');
    },
  },
  {
    name: 'server: an error of listen comes later',
    covers: ['Server event: error', 'EADDRINUSE'],
    run: async (net, on) => {
      const port = await on.listen(on.server(), {}, 'taken');
      const server = on.watchServer('server', net.createServer());
      server.listen(port, on.host);
      clocks(on, 'server', 'listen');
      await on.until(server, 'error');
    },
  },
  (['connect', 'ready', 'data', 'end', 'finish', 'close'] as const).flatMap((event) =>
    INSIDE.map(([what, act]) => ({
      name: `${what} inside ${event}`,
      covers: [
        'Socket.destroy',
        'Socket.end',
        'Socket.write',
        'Socket.resetAndDestroy',
        'Socket.destroySoon',
        'Socket.pause',
      ] as Item[],
      run: async (net, on) => {
        const port = await on.serve((peer) => {
          peer.on('error', () => {});
          peer.resume();
          peer.end('from the server');
        });
        const client = on.watch('client', net.connect(port, on.host), true);
        client.once(event, () => {
          act(client);
          on.state('client', client, what);
        });
        await on.until(client, event);
        // A socket that pauses does not come to its end.
        if (what === 'pause()') await on.wait(30);
        else await on.closed(client);
        on.state('client', client, 'later');
      },
    })),
  ),
  {
    name: 'connect again before the close is told',
    covers: ['Socket.connect', 'Socket.destroy'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end('again'));
      const client = on.watch('client', new net.Socket(), true);
      client.connect(port, on.host);
      await on.until(client, 'end');
      await on.until(client, 'close');
      client.connect(port, on.host, on.called('client', 'listener'));
      await on.until(client, 'close');
      on.state('client', client, 'octets', 'bytesRead', 'bytesWritten');
    },
  },
  {
    name: 'setEncoding halfway',
    covers: ['Socket.setEncoding', 'Socket event: data'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      client.on('data', (text: Buffer | string) => {
        on.note('client', typeof text === 'string' ? 'text' : 'octets', text);
        if (typeof text !== 'string') client.setEncoding('hex');
      });
      peer.write('first');
      await on.wait(20);
      peer.end('second');
      await on.closed(client);
    },
  },
  {
    name: 'unshift gives octets back',
    covers: ['Socket event: data', 'Socket.bytesRead'],
    run: async (_net, on) => {
      const { client, peer } = await on.pair({ quiet: true });
      client.once('data', (text: Buffer) => {
        client.pause();
        client.unshift(text.subarray(2));
        client.on('data', (rest) => on.note('client', 'data', rest));
        on.note('client', 'first', text.subarray(0, 2));
        setImmediate(() => client.resume());
      });
      peer.end('abcdef');
      await on.closed(client);
      on.state('client', client, 'octets', 'bytesRead');
    },
  },
  {
    name: 'close of a server whose error came before',
    covers: ['ERR_SERVER_NOT_RUNNING', 'EADDRINUSE'],
    run: async (net, on) => {
      const port = await on.listen(on.server(), {}, 'taken');
      const server = on.watchServer('server', net.createServer());
      server.listen(port, on.host);
      await on.until(server, 'error');
      server.close(on.called('server', 'closed'));
      await on.wait(10);
    },
  },
  {
    name: 'close of a server whose connections are destroyed at once',
    covers: ['Server.close', 'Server.getConnections'],
    run: async (_net, on) => {
      const { server, peer } = await on.pair({ quiet: true });
      on.watchServer('server', server);
      server.close(on.called('server', 'closed'));
      peer.destroy();
      peer.on('close', () => on.note('server', 'the peer closed'));
      await on.until(server, 'close');
      await new Promise<void>((resolve) => {
        server.getConnections((error, count) => {
          on.note('server', 'connections', error, count);
          resolve();
        });
      });
    },
  },
);
