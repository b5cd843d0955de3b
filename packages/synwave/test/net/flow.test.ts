/** Back-pressure through the whole stack, what a net leaves behind, and whose context a callback runs in. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createHost } from '../../src/node/index.ts';
import * as net from '../../src/node/net.ts';
import { createNet } from '../../src/node/net.ts';
import { linuxProfile } from '../../src/tcp/config.ts';
import { two } from '../sim/helpers.ts';

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('back-pressure', () => {
  test('a reader that pauses closes the window; the writer waits for drain; nothing is buffered without bound', async () => {
    const config = { ...linuxProfile, sendBuffer: 65_536, receiveBuffer: 65_536 };
    const { w, client, server } = two({ delay: 1000 }, { config });
    await w.run(async () => {
      let reader: Socket | undefined;
      const listening = createNet(server).createServer({ pauseOnConnect: true }, (socket) => {
        reader = socket;
      });
      listening.listen(7);
      const socket = createNet(client).connect(7, server.address);
      await once(socket, 'connect');
      const chunk = Buffer.alloc(16_384, 1);
      let given = 0;
      const fill = (): void => {
        let more = true;
        while (more && given < 10_000_000) {
          more = socket.write(chunk);
          given += chunk.length;
        }
      };
      socket.on('drain', fill);
      fill();
      await w.sleep(5_000_000);
      // Both buffers of the connection, and one chunk in the stream.
      expect(given).toBeLessThanOrEqual(2 * 65_536 + 2 * chunk.length);
      expect(socket.writableLength).toBeGreaterThan(0);
      expect(reader?.bytesRead).toBe(0);
      let got = 0;
      reader?.on('data', (data: Buffer) => {
        got += data.length;
        if (got >= 10_000_000) socket.end();
      });
      reader?.resume();
      await once(reader as Socket, 'end');
      expect(got).toBe(given);
      socket.destroy();
      listening.close();
    });
  });
});

describe('what is left behind', () => {
  test('1000 connections that were opened, used and closed leave TIME-WAIT rows and nothing else', async () => {
    const host = createHost();
    const mine = createNet(host);
    const server = mine.createServer((socket) => socket.pipe(socket));
    const port = await listen(server);
    const use = async (): Promise<void> => {
      const socket = mine.connect(port, '127.0.0.1');
      socket.end('ping');
      expect(String(await once(socket, 'data'))).toBe('ping');
      await once(socket, 'close');
    };
    for (let i = 0; i < 10; i++) await Promise.all(Array.from({ length: 100 }, use));
    server.close();
    await once(server, 'close');
    await new Promise(setImmediate);
    const { connections, memory } = host.counters();
    expect(connections).toEqual({ full: 0, halfOpen: 0, timeWait: 1000 });
    expect(memory.used).toBe(0);
  });

  test('the host counts what the program is to go on for', async () => {
    const host = createHost();
    const kept: boolean[] = [];
    const keep = host.driver.keep?.bind(host.driver);
    host.driver.keep = (who, alive) => {
      if (who === host) kept.push(alive);
      keep?.(who, alive);
    };
    const mine = createNet(host);
    const server = mine.createServer((socket) => socket.unref().resume());
    const port = await listen(server);
    const socket = mine.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    server.unref();
    await new Promise(setImmediate);
    expect(kept).toEqual([true]);
    socket.unref();
    expect(kept).toEqual([true, false]);
    socket.ref();
    expect(kept).toEqual([true, false, true]);
    socket.destroy();
    server.close();
    await once(server, 'close');
    expect(kept.at(-1)).toBe(false);
    host.driver.keep = keep ?? (() => undefined);
  });
});

describe('an async listener that fails', () => {
  test('destroys its connection where rejections are captured', async () => {
    const server = net.createServer();
    const failed = new Promise<unknown>((resolve) => {
      server.on('connection', (socket) => socket.on('error', resolve));
    });
    const port = await listen(server);
    const reject = (server as unknown as Record<symbol, (error: Error, event: string, socket?: Socket) => void>)[
      EventEmitter.captureRejectionSymbol
    ];
    server.on('connection', (socket) => reject?.call(server, new Error('in vain'), 'connection', socket));
    const socket = net.connect(port, '127.0.0.1').resume();
    expect(await failed).toEqual(new Error('in vain'));
    await once(socket, 'close');
    server.close();
  });
});

describe('the context of a program', () => {
  test('a socket calls back in the context that made it, a server in its own', async () => {
    const storage = new AsyncLocalStorage<string>();
    const told: [string, string | undefined][] = [];
    const server = storage.run('server', () =>
      net.createServer((socket) => {
        told.push(['connection', storage.getStore()]);
        socket.end('hello');
      }),
    );
    const port = await storage.run('server', () => listen(server));
    const sockets = ['a', 'b'].map((name) =>
      storage.run(name, () => {
        const socket = net.connect(port, '127.0.0.1');
        socket.on('data', () => told.push([name, storage.getStore()]));
        return socket;
      }),
    );
    await Promise.all(sockets.map((socket) => once(socket, 'close')));
    expect(told.toSorted(([a], [b]) => a.localeCompare(b))).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['connection', 'server'],
      ['connection', 'server'],
    ]);
    server.close();
  });
});
