/** Groups and broadcast: joined, left, by which interface, heard by whom. */
import type { Case, Stage } from './stage.ts';

const GROUP = '239.77.0.1';

type Call = readonly [method: string, ...values: unknown[]];

/** Calls each in its turn, and writes down what came of it. */
function calls(on: Stage, socket: object, list: readonly Call[]): void {
  for (const [method, ...values] of list) {
    const named = socket as Readonly<Record<string, (...all: unknown[]) => unknown>>;
    on.call('socket', `${method} ${JSON.stringify(values)}`, () => named[method]?.(...values));
  }
}

export const groupCases: readonly Case[] = [
  {
    name: 'settings of a socket that is not bound',
    once: true,
    run: (_dgram, on) => {
      calls(on, on.socket('socket', 'udp4'), [
        ['setBroadcast', true],
        ['setMulticastTTL', 5],
        ['setMulticastLoopback', true],
        ['setMulticastInterface', '127.0.0.1'],
      ]);
    },
  },
  {
    name: 'joining binds a socket that is not bound',
    once: true,
    run: (_dgram, on) => {
      const socket = on.socket('socket', 'udp4');
      calls(on, socket, [
        ['addMembership', GROUP, '127.0.0.1'],
        ['addMembership', GROUP, '127.0.0.1'],
        ['dropMembership', GROUP, '127.0.0.1'],
        ['setMulticastTTL', 7],
      ]);
      on.call('socket', 'address', () => socket.address().address);
    },
  },
  {
    name: 'settings and memberships of a bound socket, and what is refused',
    once: true,
    run: async (_dgram, on) => {
      const [socket] = await on.bound('socket', 'udp4', { address: '0.0.0.0' });
      calls(on, socket, [
        ['setBroadcast', true],
        ['setBroadcast', false],
        ['setBroadcast'],
        ['setMulticastTTL', 5],
        ['setMulticastTTL', 0],
        ['setMulticastTTL', 255],
        ['setMulticastTTL', -1],
        ['setMulticastTTL', 256],
        ['setMulticastTTL', 'x'],
        ['setMulticastLoopback', true],
        ['setMulticastLoopback', 0],
        ['setMulticastInterface', '127.0.0.1'],
        ['setMulticastInterface', '0.0.0.0'],
        ['setMulticastInterface', '1.2.3.4'],
        ['setMulticastInterface', 'x'],
        ['setMulticastInterface', 5],
        ['setMulticastInterface', '::1'],
        ['addMembership', GROUP, '127.0.0.1'],
        ['addMembership', GROUP, '127.0.0.1'],
        ['addMembership', '239.77.0.2', '127.0.0.1'],
        ['dropMembership', GROUP, '127.0.0.1'],
        ['dropMembership', GROUP, '127.0.0.1'],
        ['addMembership'],
        ['addMembership', ''],
        ['addMembership', '10.0.0.1'],
        ['addMembership', 'x'],
        ['addMembership', 5],
        ['addMembership', 'ff02::1'],
        ['addMembership', '239.77.0.3', '9.9.9.9'],
        ['addMembership', '239.77.0.3', 'x'],
        ['dropMembership'],
        ['addSourceSpecificMembership', '127.0.0.1', '232.77.0.1', '127.0.0.1'],
        ['addSourceSpecificMembership', '127.0.0.1', '232.77.0.1', '127.0.0.1'],
        ['addSourceSpecificMembership', '127.0.0.2', '232.77.0.1', '127.0.0.1'],
        ['addSourceSpecificMembership', 'x', '232.77.0.1'],
        ['addSourceSpecificMembership', 5, '232.77.0.1'],
        ['addSourceSpecificMembership', '127.0.0.1'],
        ['dropSourceSpecificMembership', '127.0.0.9', '232.77.0.1', '127.0.0.1'],
        ['dropSourceSpecificMembership', '127.0.0.1', '232.77.0.1', '127.0.0.1'],
        ['dropSourceSpecificMembership', '127.0.0.2', '232.77.0.1', '127.0.0.1'],
        ['dropSourceSpecificMembership', '127.0.0.2', '232.77.0.1', '127.0.0.1'],
      ]);
    },
  },
  {
    name: 'memberships of IPv6',
    once: true,
    six: true,
    run: async (_dgram, on) => {
      const [socket] = await on.bound('socket', 'udp6', { address: '::' });
      calls(on, socket, [
        ['setMulticastTTL', 5],
        ['setMulticastLoopback', false],
        ['setMulticastInterface', '::%lo'],
        ['setMulticastInterface', '::1'],
        ['setMulticastInterface', 'x'],
        ['addMembership', 'ff02::77', '::%lo'],
        ['addMembership', 'ff02::77', '::1%lo'],
        ['dropMembership', 'ff02::77', '::%lo'],
        ['addMembership', 'ff02::77%lo'],
        ['dropMembership', 'ff02::77%lo'],
        ['addMembership', 'fe80::1'],
        ['addMembership', 'x'],
      ]);
    },
  },
  {
    name: 'after close',
    once: true,
    run: async (_dgram, on) => {
      const [socket] = await on.bound('socket', 'udp4', { address: '127.0.0.1' });
      socket.close();
      calls(on, socket, [
        ['addMembership', GROUP],
        ['dropMembership', GROUP],
        ['setMulticastInterface', '127.0.0.1'],
        ['addSourceSpecificMembership', '127.0.0.1', '232.77.0.1'],
      ]);
    },
  },
  {
    name: 'each socket that is bound to the port hears a group, once it is joined; nobody afterwards',
    once: true,
    run: async (_dgram, on) => {
      const [first, port] = await on.bound('first', { type: 'udp4', reuseAddr: true }, { address: '0.0.0.0', port: 0 });
      const [second] = await on.bound('second', { type: 'udp4', reuseAddr: true }, { address: '0.0.0.0', port: port });
      const [sender] = await on.bound('sender', 'udp4');
      sender.setMulticastInterface('127.0.0.1');
      const send = async (text: string): Promise<void> => {
        await new Promise((resolve) => sender.send(text, port, GROUP, resolve));
        await on.wait(15);
      };
      await send('before');
      first.addMembership(GROUP, '127.0.0.1');
      await send('joined');
      second.addMembership(GROUP, '127.0.0.1');
      first.dropMembership(GROUP, '127.0.0.1');
      await send('the other has');
      second.dropMembership(GROUP, '127.0.0.1');
      await send('after');
    },
  },
  {
    name: 'a socket that has joined for one source hears no other',
    once: true,
    run: async (_dgram, on) => {
      const [first, port] = await on.bound('first', { type: 'udp4', reuseAddr: true }, { address: '0.0.0.0', port: 0 });
      first.addSourceSpecificMembership('127.0.0.1', '232.77.0.1', '127.0.0.1');
      for (const from of ['127.0.0.1', '127.0.0.2']) {
        const [sender] = await on.bound(`sender ${from}`, 'udp4', { address: from });
        sender.setMulticastInterface('127.0.0.1');
        await new Promise((resolve) => sender.send(`from ${from}`, port, '232.77.0.1', resolve));
        await on.wait(15);
      }
    },
  },
  {
    name: 'a socket that is bound to the group hears what goes there, and nothing else',
    once: true,
    run: async (_dgram, on) => {
      const [socket, port] = await on.bound('socket', 'udp4', { address: GROUP });
      socket.addMembership(GROUP, '127.0.0.1');
      const [sender] = await on.bound('sender', 'udp4', { address: '127.0.0.1' });
      sender.setMulticastInterface('127.0.0.1');
      sender.send('to the group', port, GROUP);
      sender.send('to the host', port, '127.0.0.1');
      await on.wait(20);
    },
  },
  {
    name: 'broadcast, without and with leave to',
    once: true,
    run: async (_dgram, on) => {
      const [, port] = await on.bound('first', { type: 'udp4', reuseAddr: true }, { address: '0.0.0.0', port: 0 });
      await on.bound('second', { type: 'udp4', reuseAddr: true }, { address: '0.0.0.0', port: port });
      const [sender] = await on.bound('sender', 'udp4', { address: '127.0.0.1' });
      await new Promise<void>((resolve) => {
        sender.send('x', port, '127.255.255.255', (error) => {
          on.note('sender', 'without', error);
          resolve();
        });
      });
      sender.setBroadcast(true);
      await new Promise<void>((resolve) => {
        sender.send('y', port, '127.255.255.255', (error) => {
          on.note('sender', 'with', error);
          resolve();
        });
      });
      await on.wait(20);
    },
  },
];
