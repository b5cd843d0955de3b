/** Datagrams: every way to send them, and how they arrive. */
import { once } from 'node:events';
import type { Case } from './stage.ts';

export const sendCases: readonly Case[] = [
  {
    name: 'there and back',
    run: async (_dgram, on) => {
      const [server, port] = await on.bound('server');
      const [client] = await on.bound('client');
      server.on('message', (octets, from) => server.send(octets, from.port, from.address));
      client.send('hello', port, on.host, on.called('client', 'sent'));
      await once(client, 'message');
    },
  },
  {
    name: 'from a socket that is not bound',
    run: async (_dgram, on) => {
      const [server, port] = await on.bound('server');
      const client = on.socket('client');
      client.send('one', port, on.host, on.called('client', 'sent'));
      client.send('two', port, on.host, on.called('client', 'sent'));
      on.note('client', 'send returned');
      await once(server, 'message');
      await on.wait(10);
      on.call('client', 'address', () => client.address());
    },
  },
  {
    name: 'without an address: to this host',
    run: async (_dgram, on) => {
      const [server, port] = await on.bound('server');
      const [client] = await on.bound('client');
      client.send('x', port);
      client.send('y', port, on.called('client', 'sent'));
      client.send('z', port, undefined, on.called('client', 'sent'));
      await once(server, 'message');
      await on.wait(10);
    },
  },
  {
    name: 'to an address of the other family',
    run: async (_dgram, on) => {
      const [client] = await on.bound('client');
      client.send('x', 9, on.stranger, on.called('client', 'sent'));
      client.send('x', 9, on.stranger);
      await on.wait(10);
    },
  },
  {
    name: '60,000 octets at once',
    run: async (_dgram, on) => {
      const [server, port] = await on.bound('server');
      const [client] = await on.bound('client');
      client.send(Buffer.alloc(60_000, 'synwave'), port, on.host, on.called('client', 'sent'));
      await once(server, 'message');
    },
  },
  {
    name: 'to a name',
    once: true,
    run: async (_dgram, on) => {
      const [server, port] = await on.bound('server', 'udp4');
      const [client] = await on.bound('client', 'udp4');
      client.send('x', port, 'localhost', on.called('client', 'sent'));
      await once(server, 'message');
    },
  },
  {
    name: 'to a socket of both families, from IPv4 and from IPv6',
    once: true,
    six: true,
    run: async (_dgram, on) => {
      const [server, port] = await on.bound('server', 'udp6', { address: '::' });
      const [four] = await on.bound('four', 'udp4');
      const [six] = await on.bound('six', 'udp6');
      server.on('message', (octets, from) => server.send(octets, from.port, from.address));
      four.send('4', port, '127.0.0.1');
      await once(four, 'message');
      six.send('6', port, '::1');
      await once(six, 'message');
      on.call('server', 'address', () => server.address());
    },
  },
  {
    name: 'many: in order, each by itself',
    run: async (_dgram, on) => {
      const [server, port] = await on.bound('server');
      const [client] = await on.bound('client');
      server.on('message', (octets) => {
        process.nextTick(() => on.note('server', 'tick', octets));
        void Promise.resolve().then(() => on.note('server', 'promise', octets));
      });
      for (let i = 0; i < 20; i++) client.send(`${i}`, port, on.host);
      await on.wait(30);
    },
  },
  {
    name: 'empty ones',
    run: async (_dgram, on) => {
      const [, port] = await on.bound('server');
      const [client] = await on.bound('client');
      client.send('', port, on.host, on.called('client', 'sent'));
      client.send([], port, on.host, on.called('client', 'sent'));
      client.send(Buffer.alloc(0), 0, 0, port, on.host, on.called('client', 'sent'));
      await on.wait(20);
    },
  },
  {
    // Over IPv6 the largest that needs no fragment: the kernel would cut what is larger, and refuses what UDP cannot count.
    name: 'the largest, and one that is too large',
    run: async (_dgram, on) => {
      const [largest, over] = on.family === 4 ? [65_507, 65_508] : [65_487, 65_528];
      const [server, port] = await on.bound('server');
      const [client] = await on.bound('client');
      client.send(Buffer.alloc(over), port, on.host, on.called('client', 'sent'));
      client.send(Buffer.alloc(largest), port, on.host, on.called('client', 'sent'));
      await once(server, 'message');
    },
  },
  {
    name: 'text, views, parts of them, lists',
    run: async (_dgram, on) => {
      const [, port] = await on.bound('server');
      const [client] = await on.bound('client');
      const octets = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
      const sent = on.called('client', 'sent');
      client.send('三次挥手', port, on.host, sent);
      client.send(octets, port, on.host, sent);
      client.send(new DataView(octets.buffer, 2, 3), port, on.host, sent);
      client.send(new Uint16Array(octets.buffer, 2, 2), port, on.host, sent);
      client.send(octets, 3, 2, port, on.host, sent);
      client.send('text', 1, 2, port, on.host, sent);
      client.send('text', 1, 2, port, sent);
      client.send(octets, 3, 2, port);
      client.send([octets.subarray(0, 2), 'and', Buffer.from('more')], port, on.host, sent);
      await on.wait(30);
    },
  },
  {
    name: 'sendto',
    run: async (_dgram, on) => {
      const [server, port] = await on.bound('server');
      const [client] = await on.bound('client');
      const { sendto } = client as unknown as { sendto: (...args: unknown[]) => unknown };
      on.call('client', 'sendto', () => sendto.call(client, 'hello', 1, 3, port, on.host));
      await once(server, 'message');
    },
  },
  {
    name: 'to a name that nobody has',
    run: async (_dgram, on) => {
      const client = on.socket('client', {
        lookup: (name, _options, done) =>
          name === 'nowhere' ? done(new Error('nobody'), '', on.family) : done(null, on.host, on.family),
      });
      client.send('x', 9, 'nowhere', on.called('client', 'sent'));
      client.send('x', 9, 'nowhere');
      await once(client, 'error').catch(() => {});
      await on.wait(10);
    },
  },
  {
    name: 'to nobody, from a socket that is not connected: no error',
    run: async (_dgram, on) => {
      const port = await on.closedPort();
      const [client] = await on.bound('client');
      client.send('x', port, on.host, on.called('client', 'sent'));
      await on.wait(20);
      client.send('y', port, on.host, on.called('client', 'sent'));
      await on.wait(20);
    },
  },
  {
    name: 'to "any address": to this host',
    run: async (_dgram, on) => {
      const [server, port] = await on.bound('server', {}, { address: on.any });
      const [client] = await on.bound('client');
      client.send('x', port, on.any, on.called('client', 'sent'));
      await once(server, 'message');
    },
  },
  {
    name: 'to another address of loopback: the answer comes from there',
    once: true,
    run: async (_dgram, on) => {
      const [server, port] = await on.bound('server', 'udp4', { address: '127.0.0.5' });
      const client = on.socket('client', 'udp4');
      server.on('message', (octets, from) => server.send(octets, from.port, from.address));
      client.send('x', port, '127.0.0.5');
      await once(client, 'message');
    },
  },
  {
    name: 'close behind what was sent: it still goes',
    run: async (_dgram, on) => {
      const [server, port] = await on.bound('server');
      const client = on.socket('client');
      client.send('x', port, on.host, on.called('client', 'sent'));
      client.close();
      await once(client, 'close');
      await on.wait(20);
      on.note('server', 'open', server.address().address);
    },
  },
  {
    name: 'setTTL',
    run: async (_dgram, on) => {
      const [client] = await on.bound('client');
      for (const ttl of [1, 64, 255, 0, 256]) on.call('client', `setTTL ${ttl}`, () => client.setTTL(ttl));
      const fresh = on.socket('fresh');
      on.call('fresh', 'setTTL', () => fresh.setTTL(5));
    },
  },
];
