/** The diagnostics channels: who is told of sockets and of listening, and when. */
import diagnostics from 'node:diagnostics_channel';
import { cases } from '../case.ts';
import type { Stage } from '../stage.ts';

/** Hears `channel` while `during` runs, under the name that it has for this module. */
async function hearing(
  on: Stage,
  channel: string,
  heard: (message: Record<string, unknown>) => void,
  during: () => Promise<void>,
): Promise<void> {
  const [kind, rest] = channel.startsWith('tracing:') ? ['tracing:', channel.slice(8)] : ['', channel];
  const name = `${kind}${on.channels}${rest}`;
  const listener = (message: unknown): void => heard(message as Record<string, unknown>);
  diagnostics.subscribe(name, listener);
  try {
    await during();
  } finally {
    diagnostics.unsubscribe(name, listener);
  }
}

export const diagnosticsCases = cases(
  {
    name: 'net.client.socket hears of a client as it is made',
    covers: ['net.client.socket'],
    alone: true,
    run: (net, on) =>
      hearing(
        on,
        'net.client.socket',
        (message) => on.note('channel', 'client', Object.keys(message), message['socket'] instanceof net.Socket),
        async () => {
          const port = await on.serve((peer) => peer.end());
          const client = on.watch('client', net.connect(port, on.host), true);
          on.note('channel', 'connect returned');
          await on.closed(client);
        },
      ),
  },
  {
    name: 'net.client.socket does not hear of new Socket().connect()',
    covers: ['net.client.socket'],
    until: 22,
    alone: true,
    run: (net, on) =>
      hearing(on, 'net.client.socket', on.called('channel', 'client'), async () => {
        const port = await on.serve((peer) => peer.end());
        const client = on.watch('client', new net.Socket(), true);
        client.connect(port, on.host);
        await on.closed(client);
      }),
  },
  {
    name: 'net.server.socket hears of an accepted socket',
    covers: ['net.server.socket', 'Server event: connection'],
    alone: true,
    run: (net, on) =>
      hearing(
        on,
        'net.server.socket',
        (message) => on.note('server', 'channel', Object.keys(message), message['socket'] instanceof net.Socket),
        async () => {
          const port = await on.serve((peer) => {
            on.note('server', 'connection');
            peer.end();
          });
          await on.closed(on.watch('client', net.connect(port, on.host), true));
        },
      ),
  },
  {
    name: 'tracing:net.server.listen: asyncStart as listen is called',
    covers: ['tracing:net.server.listen:asyncStart'],
    alone: true,
    run: (net, on) =>
      hearing(
        on,
        'tracing:net.server.listen:asyncStart',
        (message) => on.note('server', 'asyncStart', Object.keys(message), message['options'] ?? null),
        async () => {
          const server = on.watchServer('server', net.createServer());
          server.listen({ port: 0, host: on.host });
          on.note('server', 'called');
          await on.until(server, 'listening');
        },
      ),
  },
  {
    name: 'tracing:net.server.listen: asyncEnd when it listens',
    covers: ['tracing:net.server.listen:asyncEnd'],
    alone: true,
    run: (net, on) =>
      hearing(
        on,
        'tracing:net.server.listen:asyncEnd',
        (message) => on.note('server', 'asyncEnd', Object.keys(message)),
        async () => {
          const server = on.watchServer('server', net.createServer());
          server.listen({ port: 0, host: on.host });
          on.note('server', 'called');
          await on.until(server, 'listening');
          await on.turn();
        },
      ),
  },
  {
    name: 'tracing:net.server.listen: error when the port is taken',
    covers: ['tracing:net.server.listen:error', 'EADDRINUSE'],
    alone: true,
    run: (net, on) =>
      hearing(
        on,
        'tracing:net.server.listen:error',
        (message) => on.note('server', 'channel', Object.keys(message), message['error']),
        async () => {
          const port = await on.listen(on.server(), {}, 'taken');
          const server = on.watchServer('server', net.createServer());
          server.listen({ port, host: on.host });
          on.note('server', 'called');
          await on.until(server, 'error');
          await on.turn();
        },
      ),
  },
);
