/** synwave/dgram by itself: in worlds, where it differs from node:dgram on purpose, and what it leaves to Node.js. */
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Family } from '../../src/base/address.ts';
import { MILLISECOND, SECOND } from '../../src/base/time.ts';
import dgram, { createDgram, createSocket, Socket as SocketClass } from '../../src/node/dgram.ts';
import type { CableOptions, SimHost, WorldOptions } from '../../src/sim/index.ts';
import { type Two, twoOver } from '../sim/helpers.ts';

/** What `act` throws. */
function thrown(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

/** A socket of the default module on loopback, closed when the test ends. */
async function bound(onEnd: (close: () => void) => void, type: 'udp4' | 'udp6' = 'udp4'): Promise<Socket> {
  const socket = createSocket(type).bind(0, type === 'udp4' ? '127.0.0.1' : '::1');
  await once(socket, 'listening');
  onEnd(() => socket.close());
  return socket;
}

const REFUSED = /not offered by synwave.*node:dgram/;

describe.each<Family>([4, 6])('in a world, over IPv%i', (family) => {
  const type = `udp${family}` as const;
  const joined = (options: CableOptions = {}, about: WorldOptions = {}): Two => twoOver(family, options, about);
  const addressOf = (host: SimHost): string => (family === 4 ? host.address : host.address6);

  test('a question and its answer take the time of the cable', async () => {
    const { w, client, server } = joined({ delay: 10 * MILLISECOND });
    const address = addressOf(server);
    const answer = await w.run(async () => {
      const responder = createDgram(server).createSocket(type);
      responder.on('message', (octets, { port, address: from }) => responder.send(octets, port, from));
      responder.bind(53);
      await once(responder, 'listening');
      const asker = createDgram(client).createSocket(type);
      asker.send('who is there?', 53, address);
      return once(asker, 'message');
    });
    expect(String(answer[0])).toBe('who is there?');
    expect(answer[1]).toEqual({ address, family: `IPv${family}`, port: 53, size: 13 });
    expect(w.now).toBe(20 * MILLISECOND);
  });

  test('names are those of the world', async () => {
    const { w, client, server } = joined();
    const heard = await w.run(async () => {
      const responder = createDgram(server).createSocket(type).bind(53);
      await once(responder, 'listening');
      createDgram(client).createSocket(type).send('x', 53, 'server');
      return once(responder, 'message');
    });
    expect(heard[1]).toMatchObject({ address: addressOf(client) });
  });

  test('a datagram for nobody comes back as ECONNREFUSED to a socket that is connected', async () => {
    const { w, client, server } = joined({ delay: 10 * MILLISECOND });
    const [error] = await w.run(async () => {
      const asker = createDgram(client).createSocket(type);
      asker.connect(53, addressOf(server));
      await once(asker, 'connect');
      asker.send('who is there?');
      return new Promise<unknown[]>((resolve) => asker.once('error', (...values) => resolve(values)));
    });
    expect(error).toMatchObject({ message: 'recvmsg ECONNREFUSED', code: 'ECONNREFUSED', errno: -111 });
    expect(w.now).toBe(20 * MILLISECOND);
  });

  test('larger than a packet can be: EMSGSIZE', async () => {
    const { w, client, server } = joined();
    const [fits, tooLarge] = await w.run(async () => {
      const asker = createDgram(client).createSocket(type);
      const send = (size: number): Promise<unknown> =>
        new Promise((resolve) => asker.send(Buffer.alloc(size), 53, addressOf(server), resolve));
      const largest = 65_535 - (family === 4 ? 28 : 8);
      return [await send(largest), await send(largest + 1)];
    });
    expect(fits).toBeNull();
    expect(tooLarge).toMatchObject({ message: `send EMSGSIZE ${addressOf(server)}:53`, code: 'EMSGSIZE' });
  });

  test('two runs of one seed are the same', async () => {
    const run = async (): Promise<string | null> => {
      const { w, client, server } = joined({ delay: MILLISECOND, jitter: MILLISECOND, loss: 0.1 }, { hash: true });
      await w.run(async () => {
        const responder = createDgram(server).createSocket(type).bind(53);
        responder.on('message', (octets, { port, address }) => responder.send(octets, port, address));
        await once(responder, 'listening');
        const asker = createDgram(client).createSocket(type);
        for (let i = 0; i < 50; i++) asker.send(`${i}`, 53, addressOf(server));
        await w.sleep(SECOND);
      });
      return w.hash;
    };
    expect(await run()).toBe(await run());
  });
});

describe('the module', () => {
  test('can be required, and holds what it exports by name', () => {
    expect(dgram).toMatchObject({ createSocket, Socket: SocketClass, createDgram });
    const socket = createSocket('udp4');
    expect(socket).toBeInstanceOf(SocketClass);
    socket.close();
  });

  test('has every method of node:dgram', () => {
    const real = createRequire(import.meta.url)('node:dgram') as { Socket: { prototype: object } };
    const methods = Object.getOwnPropertyNames(real.Socket.prototype).filter((name) => !name.startsWith('_'));
    const ours = Object.getOwnPropertyNames(SocketClass.prototype);
    // Node.js 24 has added these two: the surface is that of Node.js 20.
    const later = ['bindSync', 'connectSync'];
    expect(methods.filter((name) => !ours.includes(name) && !later.includes(name))).toEqual([]);
  });
});

describe('differences on purpose', () => {
  test('a file descriptor is refused by name', () => {
    const socket = createSocket('udp4');
    expect(() => socket.bind({ fd: 5 })).toThrow(REFUSED);
    socket.close();
  });

  // Linux forgets a port that it has chosen itself, and the socket hears nobody any more.
  test.each([
    ['udp4', '127.0.0.1', 'IPv4'],
    ['udp6', '::1', 'IPv6'],
  ] as const)('disconnect() leaves the port as it was (%s)', async (type, host, family) => {
    const socket = await bound(onTestFinished, type);
    const { port } = socket.address();
    socket.connect(9, host);
    await once(socket, 'connect');
    socket.disconnect();
    expect(socket.address()).toEqual({ address: host, family, port });
  });

  // Node.js looks at a handle that is null, and throws what comes of it.
  test.each([
    'setTTL',
    'getRecvBufferSize',
    'setSendBufferSize',
    'getSendQueueSize',
    'setBroadcast',
    'connect',
  ] as const)('%s on a closed socket: ERR_SOCKET_DGRAM_NOT_RUNNING', (name) => {
    const socket = createSocket('udp4');
    socket.close();
    expect(thrown(() => (socket[name] as (n: number) => unknown)(5))).toMatchObject({
      code: 'ERR_SOCKET_DGRAM_NOT_RUNNING',
    });
  });

  // The same but for the name of the class, which is not one of Node's.
  test.each(['getRecvBufferSize', 'setSendBufferSize'] as const)('%s before bind', (name) => {
    const which = name.includes('Recv') ? 'recv' : 'send';
    const socket = createSocket('udp4');
    expect(thrown(() => socket[name](5))).toMatchObject({
      name: 'SystemError',
      code: 'ERR_SOCKET_BUFFER_SIZE',
      message: `Could not get or set buffer size: uv_${which}_buffer_size returned EBADF (bad file descriptor)`,
      errno: -9,
      syscall: `uv_${which}_buffer_size`,
    });
    socket.close();
  });
});
