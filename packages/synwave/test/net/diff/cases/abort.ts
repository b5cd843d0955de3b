/** AbortSignal: on a socket, on a connection under way, on a server. */
import { cases } from '../case.ts';
import type { Item } from '../items.ts';

const REASONS: readonly (readonly [string, unknown])[] = [
  ['no reason', undefined],
  ['an Error', new Error('enough')],
  ['a string', 'enough'],
];

export const abortCases = cases(
  REASONS.map(([what, reason]) => ({
    name: `a signal aborts a connection, for ${what}`,
    covers: ['new Socket: signal', 'ABORT_ERR', 'Socket event: error', 'Socket event: close'] as Item[],
    run: async (_net, on) => {
      const controller = new AbortController();
      const { client, peer } = await on.pair({ client: { signal: controller.signal } });
      peer.resume();
      controller.abort(reason);
      on.state('client', client, 'aborted');
      await on.closed(client, peer);
    },
  })),
  {
    name: 'a signal aborts while connecting',
    covers: ['new Socket: signal', 'ABORT_ERR', 'connect(options)'],
    run: async (net, on) => {
      const port = await on.serve();
      const controller = new AbortController();
      const client = on.watch('client', net.connect({ port, host: on.host, signal: controller.signal }));
      controller.abort();
      await on.closed(client);
    },
  },
  {
    name: 'a signal that was aborted before connect',
    covers: ['new Socket: signal', 'ABORT_ERR'],
    run: async (net, on) => {
      const port = await on.serve();
      const client = on.own(net.connect({ port, host: on.host, signal: AbortSignal.abort() }));
      on.state('client', client, 'at once');
      const [error] = await on.until(client, 'error');
      on.note('client', 'error', error);
    },
  },
  {
    name: 'a signal on a fresh socket',
    covers: ['new Socket: signal', 'ABORT_ERR'],
    once: true,
    run: async (net, on) => {
      const controller = new AbortController();
      const socket = on.watch('socket', new net.Socket({ signal: controller.signal }));
      controller.abort();
      on.state('socket', socket, 'aborted');
      await on.closed(socket);
    },
  },
  {
    name: 'a signal aborted before the socket is made',
    covers: ['new Socket: signal', 'ABORT_ERR'],
    once: true,
    run: async (net, on) => {
      const socket = on.watch('socket', new net.Socket({ signal: AbortSignal.abort() }));
      on.state('socket', socket, 'made');
      await on.closed(socket);
    },
  },
  {
    name: 'a signal after close does nothing',
    covers: ['new Socket: signal', 'Socket event: close'],
    run: async (_net, on) => {
      const controller = new AbortController();
      const { client, peer } = await on.pair({ client: { signal: controller.signal } });
      client.resume();
      peer.end();
      await on.closed(client);
      controller.abort();
      await on.wait(10);
    },
  },
  {
    name: 'a signal closes a server',
    covers: ['listen: signal', 'Server.close', 'Server event: close'],
    run: async (net, on) => {
      const controller = new AbortController();
      const server = on.watchServer('server', net.createServer());
      await on.listen(server, { signal: controller.signal });
      controller.abort();
      on.note('server', 'listening', server.listening);
      await on.until(server, 'close');
    },
  },
  {
    name: 'a signal aborted before listen',
    covers: ['listen: signal', 'Server event: close'],
    run: async (net, on) => {
      const server = on.watchServer('server', net.createServer());
      server.listen({ port: 0, host: on.host, signal: AbortSignal.abort() });
      on.note('server', 'called', server.listening);
      await on.wait(30);
      on.note('server', 'later', server.listening);
    },
  },
  {
    name: 'a signal aborted between listen and listening',
    covers: ['listen: signal', 'Server event: listening'],
    run: async (net, on) => {
      const controller = new AbortController();
      const server = on.watchServer('server', net.createServer());
      server.listen({ port: 0, host: on.host, signal: controller.signal });
      controller.abort();
      await on.wait(30);
      on.note('server', 'later', server.listening);
    },
  },
  {
    name: 'a signal closes a server with connections: close waits for them',
    covers: ['listen: signal', 'Server event: close'],
    run: async (net, on) => {
      const controller = new AbortController();
      const server = on.watchServer(
        'server',
        on.server({}, (peer) => peer.resume()),
      );
      const port = await on.listen(server, { signal: controller.signal });
      const client = on.own(net.connect(port, on.host));
      client.resume();
      const accepted = on.until(server, 'connection');
      await Promise.all([on.until(client, 'ready'), accepted]);
      controller.abort();
      await on.wait(20);
      on.note('server', 'still held');
      const closed = on.until(server, 'close');
      client.end();
      await closed;
    },
  },
);
