/** Addresses in every spelling: IPv4-mapped ones (RFC 4291 §2.5.5.2), long forms, zones (RFC 4007 §11). */
import { once } from 'node:events';
import type { Case } from './stage.ts';

/** Where a socket of the IPv6 kind is bound, or is not. */
const BINDS: readonly (readonly [string, boolean])[] = [
  ['::ffff:127.0.0.1', false],
  ['::FFFF:7F00:1', false],
  ['::ffff:0.0.0.0', false],
  ['::ffff:0:0', false],
  ['0:0:0:0:0:0:0:1', false],
  ['0:0:0:0:0:0:0:0', false],
  ['::0', true],
  ['::1%lo', false],
  ['::%lo', false],
  ['::ffff:127.0.0.1', true],
  ['::ffff:0.0.0.0', true],
  ['::ffff:192.0.2.1', false],
  ['2001:db8::1%lo', false],
  ['fe80::1', false],
  ['fe80::1%lo', false],
];

/** From where to where; one socket of each kind receives on every address. */
const ROUTES: readonly (readonly [string, string | undefined])[] = [
  ['::ffff:127.0.0.1', undefined],
  ['::ffff:127.0.0.1', '::'],
  ['::ffff:127.0.0.1', '::ffff:127.0.0.1'],
  ['::ffff:127.0.0.1', '::ffff:127.0.0.9'],
  ['::ffff:127.0.0.1', '::ffff:0.0.0.0'],
  ['::FFFF:7F00:1', undefined],
  ['::ffff:0.0.0.0', undefined],
  ['0:0:0:0:0:0:0:1', undefined],
  ['::1%lo', undefined],
  ['::', undefined],
  ['::1', '::1%lo'],
];

const TWICE: readonly (readonly [string, boolean, string, boolean])[] = [
  ['::', true, '::', true],
  ['::', true, '::', false],
  ['::', true, '::1', false],
  ['::1', false, '::', true],
  ['::', false, '::ffff:127.0.0.1', false],
  ['::ffff:127.0.0.1', false, '::', true],
  ['::ffff:127.0.0.1', false, '::1', false],
  ['::ffff:0.0.0.0', false, '::1', false],
];

const cases: readonly Case[] = [
  ...BINDS.map(
    ([address, ipv6Only]): Case => ({
      name: `bind to ${address}${ipv6Only ? ', ipv6Only' : ''}`,
      run: async (_dgram, on) => {
        const socket = on.socket('socket', { type: 'udp6', ipv6Only });
        socket.bind(0, address);
        await Promise.race([once(socket, 'listening'), once(socket, 'error')]).catch(() => {});
        on.call('socket', 'address', () => socket.address());
      },
    }),
  ),
  ...TWICE.map(
    ([first, only, second, too]): Case => ({
      name: `the port of ${first}${only ? ' (ipv6Only)' : ''} for ${second}${too ? ' (ipv6Only)' : ''}`,
      run: async (_dgram, on) => {
        const [, port] = await on.bound('first', { type: 'udp6', ipv6Only: only }, { address: first });
        const socket = on.socket('second', { type: 'udp6', ipv6Only: too });
        socket.bind(port, second);
        await Promise.race([once(socket, 'listening'), once(socket, 'error')]).catch(() => {});
        on.call('second', 'address', () => socket.address());
      },
    }),
  ),
  ...ROUTES.flatMap(([to, from]): Case[] => [
    {
      name: `send to ${to}${from === undefined ? '' : ` from ${from}`}`,
      run: async (_dgram, on) => {
        const [server, port] = await on.bound('server', 'udp6', { address: '::' });
        const client =
          from === undefined ? on.socket('client', 'udp6') : (await on.bound('client', 'udp6', { address: from }))[0];
        server.on('message', (octets, back) => server.send(octets, back.port, back.address));
        client.send('x', port, to, on.called('client', 'sent'));
        await once(client, 'message');
      },
    },
    {
      name: `connect to ${to}${from === undefined ? '' : ` from ${from}`}`,
      run: async (_dgram, on) => {
        const [server, port] = await on.bound('server', 'udp6', { address: '::' });
        const client =
          from === undefined ? on.socket('client', 'udp6') : (await on.bound('client', 'udp6', { address: from }))[0];
        server.on('message', (octets, back) => server.send(octets, back.port, back.address));
        client.connect(port, to);
        await once(client, 'connect');
        on.call('client', 'address', () => client.address());
        on.call('client', 'remoteAddress', () => client.remoteAddress());
        client.send('x', on.called('client', 'sent'));
        await once(client, 'message');
      },
    },
  ]),
  ...['::ffff:127.0.0.1', '::1'].flatMap((to): Case[] =>
    ['::1', '::ffff:127.0.0.1', '::'].map((from) => ({
      name: `where that leads: to ${to} from ${from}${from === '::' ? ', ipv6Only' : ''}`,
      run: async (_dgram, on) => {
        const [client] = await on.bound('client', { type: 'udp6', ipv6Only: from === '::' }, { address: from });
        client.send('x', 9, to, on.called('client', 'sent'));
        await on.wait(10);
        client.connect(9, to, on.called('client', 'connected'));
        await on.wait(10);
      },
    })),
  ),
  {
    name: 'nothing is connected to an address of a link without its zone',
    run: async (_dgram, on) => {
      const [client] = await on.bound('client', 'udp6', { address: '::' });
      client.connect(9, 'fe80::1', on.called('client', 'connected'));
      await on.wait(10);
    },
  },
];

export const spellingCases: readonly Case[] = cases.map((one) => ({ ...one, once: true, six: true }));
