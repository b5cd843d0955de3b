/** The option onread: a reader with a buffer of its own, and no 'data'. */
import type { NetConnectOpts, OnReadOpts } from 'node:net';
import { cases } from '../case.ts';
import type { Item } from '../items.ts';

export const onreadCases = cases(
  {
    name: 'text comes to the callback; end and close still come',
    covers: ['new Socket: onread', 'Socket event: end', 'Socket event: close'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end('for the callback'));
      const buffer = Buffer.alloc(64);
      const onread: OnReadOpts = {
        buffer,
        callback: (count, held) => {
          on.note('client', 'same buffer', held === buffer);
          on.note('client', 'data', Buffer.from(held.subarray(0, count)));
          return true;
        },
      };
      const client = net.connect({ port, host: on.host, onread } as NetConnectOpts);
      on.watch('client', client, true);
      await on.closed(client);
      on.state('client', client, 'octets', 'bytesRead');
    },
  },
  [1, 4, 16].map((size) => ({
    name: `a buffer of ${size} is filled again and again`,
    covers: ['new Socket: onread', 'Socket.bytesRead'] as Item[],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end('0123456789abcdef'));
      let most = 0;
      const onread: OnReadOpts = {
        buffer: Buffer.alloc(size),
        callback: (count, held) => {
          most = Math.max(most, count);
          on.note('client', 'data', Buffer.from(held.subarray(0, count)));
          return true;
        },
      };
      const client = on.own(net.connect({ port, host: on.host, onread } as NetConnectOpts));
      await on.closed(client);
      on.note('client', 'largest', most);
      on.state('client', client, 'octets', 'bytesRead');
    },
  })),
  {
    name: 'the buffer may be a function',
    covers: ['new Socket: onread'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end('fresh buffers'));
      let made = 0;
      const onread: OnReadOpts = {
        buffer: () => {
          made++;
          return new Uint8Array(8);
        },
        callback: (count, held) => {
          on.note('client', 'data', Buffer.from(held.subarray(0, count)));
          return true;
        },
      };
      const client = on.own(net.connect({ port, host: on.host, onread } as NetConnectOpts));
      await on.closed(client);
      on.note('client', 'made several', made > 1);
    },
  },
  {
    name: 'false from the callback pauses; resume goes on',
    covers: ['new Socket: onread', 'Socket.resume', 'Socket.pause'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.end('abcdefgh'));
      let pauses = 0;
      const onread: OnReadOpts = {
        buffer: Buffer.alloc(4),
        callback: (count, held) => {
          on.note('client', 'data', Buffer.from(held.subarray(0, count)));
          pauses++;
          return pauses !== 1;
        },
      };
      const client = on.watch('client', net.connect({ port, host: on.host, onread } as NetConnectOpts));
      await on.wait(50);
      on.note('client', 'after a while', pauses);
      client.resume();
      await on.closed(client);
    },
  },
  {
    name: 'pause() from outside stops the callback',
    covers: ['new Socket: onread', 'Socket.pause', 'Socket.resume'],
    run: async (net, on) => {
      const port = await on.serve((peer) => {
        setTimeout(() => peer.end('late'), 10);
      });
      const onread: OnReadOpts = {
        buffer: Buffer.alloc(16),
        callback: (count, held) => {
          on.note('client', 'data', Buffer.from(held.subarray(0, count)));
          return true;
        },
      };
      const client = on.watch('client', net.connect({ port, host: on.host, onread } as NetConnectOpts));
      await on.until(client, 'ready');
      client.pause();
      await on.wait(60);
      on.note('client', 'paused', client.isPaused());
      client.resume();
      await on.closed(client);
    },
  },
  {
    name: 'writing works beside onread',
    covers: ['new Socket: onread', 'Socket.write'],
    run: async (net, on) => {
      const port = await on.serve((peer) => peer.pipe(peer));
      const onread: OnReadOpts = {
        buffer: Buffer.alloc(1024),
        callback: (count, held) => {
          on.note('client', 'data', Buffer.from(held.subarray(0, count)));
          return true;
        },
      };
      const client = on.watch('client', net.connect({ port, host: on.host, onread } as NetConnectOpts));
      client.end('echo');
      await on.closed(client);
    },
  },
  [null, 5, {}, { buffer: 5 }, { buffer: Buffer.alloc(4) }, { callback: () => true }, { buffer: 'x', callback: 5 }].map(
    (wrong, n) => ({
      name: `onread of the wrong kind (${n}): ${JSON.stringify(wrong)}`.slice(0, 80),
      covers: ['new Socket: onread'] as Item[],
      run: async (net, on) => {
        const port = await on.serve((peer) => peer.end('plain'));
        const client = on.call('client', 'new', () => new net.Socket({ onread: wrong } as never));
        if (client === undefined) return;
        on.watch('client', client, true);
        client.connect(port, on.host);
        await on.closed(client);
      },
    }),
  ),
);
