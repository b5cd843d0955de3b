/** Sockets that are connected to one peer, and what they hear of it. */
import { once } from 'node:events';
import type { Case } from './stage.ts';

export const connectCases: readonly Case[] = [
  {
    name: 'connect, send, disconnect',
    run: async (_dgram, on) => {
      const [server, port] = await on.bound('server');
      const client = on.socket('client');
      on.call('client', 'connect', () => client.connect(port, on.host, on.called('client', 'connected')));
      await once(client, 'connect');
      on.call('client', 'address', () => client.address());
      on.call('client', 'remoteAddress', () => client.remoteAddress());
      client.send('hello', on.called('client', 'sent'));
      await once(server, 'message');
      on.call('client', 'disconnect', () => client.disconnect());
      on.call('client', 'remoteAddress', () => client.remoteAddress());
      on.call('client', 'disconnect', () => client.disconnect());
    },
  },
  {
    name: 'to nobody: ECONNREFUSED',
    run: async (_dgram, on) => {
      const port = await on.closedPort();
      const client = on.socket('client');
      client.connect(port, on.host);
      await once(client, 'connect');
      client.send('x', on.called('client', 'sent'));
      await once(client, 'error').catch(() => {});
      client.send('y', on.called('client', 'sent'));
      await once(client, 'error').catch(() => {});
      await on.wait(10);
    },
  },
  {
    name: 'without an address: to this host',
    run: async (_dgram, on) => {
      const [, port] = await on.bound('server');
      const client = on.socket('client');
      client.connect(port);
      await once(client, 'connect');
      on.call('client', 'remoteAddress', () => client.remoteAddress());
    },
  },
  {
    name: 'to an address of the other family',
    run: async (_dgram, on) => {
      const client = on.socket('client');
      client.connect(9, on.stranger);
      await once(client, 'error').catch(() => {});
      client.connect(9, on.stranger, on.called('client', 'connected'));
      await on.wait(10);
    },
  },
  {
    name: 'others are not heard while it is connected',
    run: async (_dgram, on) => {
      // Linux forgets a port that it has chosen itself when the socket is disconnected; ours stays.
      const [server, port] = await on.bound('server', {}, { port: await on.closedPort() });
      const [friend, friendPort] = await on.bound('friend');
      const [other] = await on.bound('other');
      server.connect(friendPort, on.host);
      await once(server, 'connect');
      other.send('from another', port, on.host);
      await on.wait(10);
      friend.send('from the friend', port, on.host);
      await once(server, 'message');
      server.disconnect();
      other.send('from another, again', port, on.host);
      await once(server, 'message');
      on.call('server', 'address', () => server.address());
    },
  },
  {
    name: 'an address bound to "any" is one while it is connected',
    run: async (_dgram, on) => {
      const [, port] = await on.bound('server');
      const [client] = await on.bound('client', {}, { address: on.any, port: await on.closedPort() });
      on.call('client', 'address', () => client.address());
      client.connect(port, on.host);
      await once(client, 'connect');
      on.call('client', 'address', () => client.address());
      client.disconnect();
      on.call('client', 'address', () => client.address());
    },
  },
  {
    name: 'a socket of IPv6 to an IPv4 peer',
    once: true,
    six: true,
    run: async (_dgram, on) => {
      const [server, port] = await on.bound('server', 'udp4');
      const client = on.socket('client', 'udp6');
      client.connect(port, '::ffff:127.0.0.1');
      await once(client, 'connect');
      on.call('client', 'address', () => client.address());
      on.call('client', 'remoteAddress', () => client.remoteAddress());
      server.on('message', (octets, from) => server.send(octets, from.port, from.address));
      client.send('x');
      await once(client, 'message');
    },
  },
  {
    name: 'every way to send',
    run: async (_dgram, on) => {
      const [, port] = await on.bound('server');
      const client = on.socket('client');
      client.connect(port, on.host);
      await once(client, 'connect');
      const sent = on.called('client', 'sent');
      client.send('a');
      client.send('b', sent);
      client.send('xcx', 1, 1);
      client.send('xdx', 1, 1, sent);
      client.send(['e', 'f'], sent);
      const send = client.send.bind(client) as (...args: unknown[]) => void;
      on.call('client', 'with a port', () => send('x', 0, 1, port));
      on.call('client', 'with a port and an address', () => send('x', 0, 1, port, on.host, sent));
      on.call('client', 'with an address', () => send('x', port, on.host));
      await on.wait(20);
    },
  },
  {
    name: 'connect twice',
    run: async (_dgram, on) => {
      const [, port] = await on.bound('server');
      const client = on.socket('client');
      client.connect(port, on.host);
      on.call('client', 'connect', () => client.connect(port, on.host));
      await once(client, 'connect');
      on.call('client', 'connect', () => client.connect(port, on.host));
    },
  },
  {
    name: 'sends and close behind a connect that is under way',
    run: async (_dgram, on) => {
      const [, port] = await on.bound('server');
      const client = on.socket('client');
      client.connect(port, on.host, on.called('client', 'connected'));
      client.send('early', port, on.host, on.called('client', 'sent'));
      client.close();
      await once(client, 'close');
      await on.wait(20);
    },
  },
  {
    name: 'to a name that nobody has',
    run: async (_dgram, on) => {
      const client = on.socket('client', {
        lookup: (name, _options, done) =>
          name === 'nowhere' ? done(new Error('nobody'), '', on.family) : done(null, on.host, on.family),
      });
      client.connect(9, 'nowhere', on.called('client', 'connected'));
      await on.wait(20);
      client.connect(9, 'nowhere');
      await once(client, 'error').catch(() => {});
    },
  },
];
