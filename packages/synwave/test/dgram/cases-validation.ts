/** Arguments that make no sense, and calls at the wrong time: which error, with which words. */
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Case } from './stage.ts';

/** A socket that may be called with anything. */
type Wild = Record<string, (...args: unknown[]) => unknown>;

const wild = (socket: Socket): Wild => socket as unknown as Wild;

const UNBOUND: readonly (readonly [string, ...unknown[]])[] = [
  ['address'],
  ['remoteAddress'],
  ['disconnect'],
  ['setTTL', 5],
  ['setTTL', 'x'],
  ['setMulticastTTL', 'x'],
  ['setMulticastTTL', 5],
  ['setMulticastLoopback', true],
  ['setBroadcast', true],
  ['setRecvBufferSize', -1],
  ['setRecvBufferSize', 1.5],
  ['setRecvBufferSize', 'x'],
  ['setSendBufferSize'],
  ['getSendQueueSize'],
  ['getSendQueueCount'],
  ['addMembership'],
  ['dropMembership'],
  ['addSourceSpecificMembership', 1],
  ['addSourceSpecificMembership', '10.0.0.1', 1],
  ['setMulticastInterface', 1],
  ['connect', 0],
  ['connect'],
  ['connect', 'x'],
  ['connect', 65_536],
  ['connect', 9, 9],
  ['connect', 9, null],
];

const SENDS: readonly (readonly unknown[])[] = [
  [],
  ['x'],
  [5, 9],
  [null, 9],
  [{}, 9],
  ['x', 0],
  ['x', -1],
  ['x', 65_536],
  ['x', 1.5],
  ['x', 'port'],
  ['x', 9, 9],
  ['x', 0, 1, 0],
  ['x', 0, 2, 9],
  ['x', 2, 0, 9],
  ['x', 0, 2, 9, 'localhost'],
  [5, 0, 1, 9],
  [['x', 5], 9],
  [[null], 9],
  [['x'], 0, 1, 9],
];

const SENDTOS: readonly (readonly unknown[])[] = [
  ['x'],
  ['x', 0],
  ['x', 0, 1],
  ['x', 0, 1, 'port'],
  ['x', 0, 1, 9],
  ['x', 0, 1, 9, 5],
];

export const validationCases: readonly Case[] = [
  {
    name: 'what createSocket is given',
    once: true,
    run: (dgram, on) => {
      const create = dgram.createSocket as (...args: unknown[]) => Socket;
      for (const options of [
        undefined,
        null,
        'udp',
        4,
        {},
        { type: 'udp5' },
        { type: 'udp4', lookup: 5 },
        { type: 'udp4', recvBufferSize: -1 },
        { type: 'udp4', recvBufferSize: 1.5 },
        { type: 'udp4', sendBufferSize: 'x' },
        { type: 'udp4', signal: {} },
        { type: 'udp4', signal: 5 },
      ])
        on.call('module', `createSocket ${JSON.stringify(options)}`, () => create(options));
    },
  },
  {
    name: 'a socket of that class, with its type',
    once: true,
    run: (dgram, on) => {
      const socket = dgram.createSocket('udp6');
      on.note('socket', 'is', socket instanceof dgram.Socket, (socket as unknown as { type: string }).type);
      socket.close();
    },
  },
  {
    name: 'a class that inherits from Socket',
    run: async (dgram, on) => {
      class Mine extends dgram.Socket {
        readonly mine = true;
      }
      const socket = new (Mine as unknown as new (type: string) => Mine)(on.type);
      socket.on('listening', on.called('socket', 'listening'));
      socket.bind(0, on.host);
      await once(socket, 'listening');
      on.note('socket', 'is', socket.mine, socket.address());
      socket.close();
    },
  },
  {
    name: 'calls on a socket that is not bound',
    run: (_dgram, on) => {
      for (const [name, ...args] of UNBOUND) {
        const socket = wild(on.socket('socket'));
        on.call('socket', `${name} ${JSON.stringify(args)}`, () => socket[name]?.(...args));
      }
    },
  },
  {
    name: 'calls on a socket that is closed',
    run: (_dgram, on) => {
      for (const [name, ...args] of [
        ['address'],
        ['bind'],
        ['close'],
        ['send', 'x', 9],
        ['disconnect'],
        ['remoteAddress'],
        ['addMembership', '224.0.0.1'],
        ['setMulticastInterface', '127.0.0.1'],
      ] as const) {
        const socket = on.socket('socket');
        socket.close();
        on.call('socket', name, () => wild(socket)[name]?.(...args));
      }
    },
  },
  ...SENDS.map(
    (args): Case => ({
      name: `send(${JSON.stringify(args).slice(1, -1)})`,
      run: async (_dgram, on) => {
        const [socket] = await on.bound('socket');
        on.call('socket', 'send', () => wild(socket)['send']?.(...args));
      },
    }),
  ),
  ...SENDTOS.map(
    (args): Case => ({
      name: `sendto(${JSON.stringify(args).slice(1, -1)})`,
      run: async (_dgram, on) => {
        const [socket] = await on.bound('socket');
        on.call('socket', 'sendto', () => wild(socket)['sendto']?.(...args));
      },
    }),
  ),
];
