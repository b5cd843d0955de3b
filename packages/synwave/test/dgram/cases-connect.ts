/** Sockets that are connected to one peer, and what they hear of it. */
import { once } from 'node:events';
import type { Case } from './stage.ts';

const LOOPBACK = { udp4: '127.0.0.1', udp6: '::1' } as const;

export const connectCases: readonly Case[] = [
  ...(['udp4', 'udp6'] as const).flatMap((type): Case[] => [
    {
      name: `connect, send, disconnect (${type})`,
      run: async (_dgram, on) => {
        const [server, port] = await on.bound('server', type);
        const client = on.socket('client', type);
        on.call('client', 'connect', () => client.connect(port, LOOPBACK[type], on.called('client', 'connected')));
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
      name: `to nobody: ECONNREFUSED (${type})`,
      run: async (_dgram, on) => {
        const port = await on.closedPort(type);
        const client = on.socket('client', type);
        client.connect(port, LOOPBACK[type]);
        await once(client, 'connect');
        client.send('x', on.called('client', 'sent'));
        await once(client, 'error').catch(() => {});
        client.send('y', on.called('client', 'sent'));
        await once(client, 'error').catch(() => {});
        await on.wait(10);
      },
    },
    {
      name: `without an address: to this host (${type})`,
      run: async (_dgram, on) => {
        const [, port] = await on.bound('server', type);
        const client = on.socket('client', type);
        client.connect(port);
        await once(client, 'connect');
        on.call('client', 'remoteAddress', () => client.remoteAddress());
      },
    },
    {
      name: `to an address of the other family (${type})`,
      run: async (_dgram, on) => {
        const client = on.socket('client', type);
        client.connect(9, type === 'udp4' ? '::1' : '127.0.0.1');
        await once(client, 'error').catch(() => {});
        client.connect(9, type === 'udp4' ? '::1' : '127.0.0.1', on.called('client', 'connected'));
        await on.wait(10);
      },
    },
  ]),
  {
    name: 'others are not heard while it is connected',
    run: async (_dgram, on) => {
      // Linux forgets a port that it has chosen itself when the socket is disconnected; ours stays.
      const [server, port] = await on.bound('server', 'udp4', { port: await on.closedPort() });
      const [friend, friendPort] = await on.bound('friend');
      const [other] = await on.bound('other');
      server.connect(friendPort, '127.0.0.1');
      await once(server, 'connect');
      other.send('from another', port, '127.0.0.1');
      await on.wait(10);
      friend.send('from the friend', port, '127.0.0.1');
      await once(server, 'message');
      server.disconnect();
      other.send('from another, again', port, '127.0.0.1');
      await once(server, 'message');
      on.call('server', 'address', () => server.address());
    },
  },
  {
    name: 'an address bound to "any" is one while it is connected',
    run: async (_dgram, on) => {
      const [, port] = await on.bound('server');
      const [client] = await on.bound('client', 'udp4', { address: '0.0.0.0', port: await on.closedPort() });
      on.call('client', 'address', () => client.address());
      client.connect(port, '127.0.0.1');
      await once(client, 'connect');
      on.call('client', 'address', () => client.address());
      client.disconnect();
      on.call('client', 'address', () => client.address());
    },
  },
  {
    name: 'a socket of IPv6 to an IPv4 peer',
    run: async (_dgram, on) => {
      const [server, port] = await on.bound('server');
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
      client.connect(port, '127.0.0.1');
      await once(client, 'connect');
      const sent = on.called('client', 'sent');
      client.send('a');
      client.send('b', sent);
      client.send('xcx', 1, 1);
      client.send('xdx', 1, 1, sent);
      client.send(['e', 'f'], sent);
      const send = client.send.bind(client) as (...args: unknown[]) => void;
      on.call('client', 'with a port', () => send('x', 0, 1, port));
      on.call('client', 'with a port and an address', () => send('x', 0, 1, port, '127.0.0.1', sent));
      on.call('client', 'with an address', () => send('x', port, '127.0.0.1'));
      await on.wait(20);
    },
  },
  {
    name: 'connect twice',
    run: async (_dgram, on) => {
      const [, port] = await on.bound('server');
      const client = on.socket('client');
      client.connect(port, '127.0.0.1');
      on.call('client', 'connect', () => client.connect(port, '127.0.0.1'));
      await once(client, 'connect');
      on.call('client', 'connect', () => client.connect(port, '127.0.0.1'));
    },
  },
  {
    name: 'sends and close behind a connect that is under way',
    run: async (_dgram, on) => {
      const [, port] = await on.bound('server');
      const client = on.socket('client');
      client.connect(port, '127.0.0.1', on.called('client', 'connected'));
      client.send('early', port, '127.0.0.1', on.called('client', 'sent'));
      client.close();
      await once(client, 'close');
      await on.wait(20);
    },
  },
  {
    name: 'to a name that nobody has',
    run: async (_dgram, on) => {
      const client = on.socket('client', {
        type: 'udp4',
        lookup: (name, _options, done) =>
          name === 'nowhere' ? done(new Error('nobody'), '', 4) : done(null, '127.0.0.1', 4),
      });
      client.connect(9, 'nowhere', on.called('client', 'connected'));
      await on.wait(20);
      client.connect(9, 'nowhere');
      await once(client, 'error').catch(() => {});
    },
  },
];
