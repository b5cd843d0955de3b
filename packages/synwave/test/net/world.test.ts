/** Programs of Node.js between simulated hosts: names, virtual time, loss. */
import { once } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { Family } from '../../src/base/address.ts';
import { SECOND } from '../../src/base/time.ts';
import { createNet } from '../../src/node/net.ts';
import type { CableOptions, SimHost, WorldOptions } from '../../src/sim/index.ts';
import { type Two, twoOver } from '../sim/helpers.ts';
import { certificate } from './certificate.ts';

const BAD_CABLE = { delay: 10_000, loss: 0.02 };

describe.each<Family>([4, 6])('between two hosts of a world, over IPv%i', (family) => {
  const joined = (options: CableOptions = {}, about: WorldOptions = {}): Two => twoOver(family, options, about);
  const addressOf = (host: SimHost): string => (family === 4 ? host.address : host.address6);
  const nobody = family === 4 ? '10.0.0.9' : 'fd00::9';
  const nowhere = family === 4 ? '192.0.2.1' : '2001:db8::1';
  const any = family === 4 ? '0.0.0.0' : '::';

  test('a host is found by its name', async () => {
    const { w, client, server } = joined(BAD_CABLE);
    await w.run(async () => {
      const listening = createNet(server).createServer((socket) => socket.end('here'));
      listening.listen(7);
      await once(listening, 'listening');
      const socket = createNet(client).connect(7, 'server');
      socket.setEncoding('utf8');
      const [text] = (await once(socket, 'data')) as [string];
      expect(text).toBe('here');
      expect(socket.remoteAddress).toBe(addressOf(server));
      await once(socket, 'close');
      listening.close();
    });
  });

  test('a name that nobody has is not found', async () => {
    const { w, client } = joined();
    await w.run(async () => {
      const socket = createNet(client, { hosts: { other: '10.0.0.9' } }).connect(7, 'nobody');
      const [error] = (await once(socket, 'error')) as [Error];
      expect(error).toMatchObject({ code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'nobody' });
    });
  });

  test('timers run in virtual time: an hour of silence passes in a moment', async () => {
    const { w, client, server } = joined(BAD_CABLE);
    await w.run(async () => {
      const listening = createNet(server).createServer().listen(7);
      const socket = createNet(client).connect(7, 'server');
      await once(socket, 'connect');
      const before = w.now;
      socket.setTimeout(3_600_000);
      await once(socket, 'timeout');
      expect(w.now - before).toBe(3600 * SECOND);
      socket.destroy();
      listening.close();
    });
  });

  test('http, unmodified, over loss', async () => {
    const { w, client, server } = joined(BAD_CABLE, { seed: 3 });
    await w.run(async () => {
      const web = http.createServer((request, response) => request.pipe(response));
      const listening = createNet(server).createServer((socket) => web.emit('connection', socket));
      listening.listen(80);
      const agent = new http.Agent({ keepAlive: true });
      const net = createNet(client);
      Object.assign(agent, { createConnection: net.createConnection });
      const body = Buffer.alloc(300_000, 'synwave ');
      for (const reused of [false, true]) {
        const request = http.request({ host: 'server', agent, method: 'POST' });
        request.end(body);
        const [response] = (await once(request, 'response')) as [http.IncomingMessage];
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        expect(Buffer.concat(chunks).equals(body)).toBe(true);
        expect(request.reusedSocket).toBe(reused);
        await w.sleep(1); // the agent takes the socket back in a tick
      }
      agent.destroy();
      listening.close();
      await once(listening, 'close');
    });
    expect(w.now).toBeGreaterThan(100_000);
  });

  test('TLS, unmodified, over loss', async () => {
    const { w, client, server } = joined(BAD_CABLE, { seed: 4 });
    await w.run(async () => {
      const { key, cert } = certificate();
      const secureContext = tls.createSecureContext({ key, cert });
      const listening = createNet(server).createServer((socket: Socket) => {
        const secure = new tls.TLSSocket(socket, { isServer: true, secureContext });
        secure.on('data', (chunk) => secure.end(chunk));
      });
      listening.listen(443);
      const socket = createNet(client).connect(443, 'server');
      const secure = tls.connect({ socket, ca: cert, servername: 'synwave.test' });
      secure.write('secret');
      const [echoed] = (await once(secure, 'data')) as [Buffer];
      expect(String(echoed)).toBe('secret');
      expect(secure.authorized).toBe(true);
      await once(secure, 'close');
      listening.close();
    });
  });

  test('keepalives end a connection whose peer is gone: after the delay, 10 probes a second apart', async () => {
    const { w, client, server, cable } = joined({ delay: 1000 });
    await w.run(async () => {
      const listening = createNet(server)
        .createServer(() => undefined)
        .listen(7);
      const socket = createNet(client).connect({
        port: 7,
        host: 'server',
        keepAlive: true,
        keepAliveInitialDelay: 5000,
      });
      await once(socket, 'connect');
      await w.sleep(SECOND);
      const heard = w.now - SECOND;
      cable.unplug();
      const [error] = (await once(socket, 'error')) as [Error];
      expect(error).toMatchObject({ code: 'ETIMEDOUT', syscall: 'read', errno: -110, message: 'read ETIMEDOUT' });
      expect(Math.round((w.now - heard) / SECOND)).toBe(15);
      listening.close();
    });
  });

  test('a host that does not answer: ETIMEDOUT after 3 minutes', async () => {
    const { w, client } = joined();
    await w.run(async () => {
      const socket = createNet(client).connect(7, nobody);
      const [error] = (await once(socket, 'error')) as [Error];
      const message = `connect ETIMEDOUT ${nobody}:7`;
      expect(error).toMatchObject({ code: 'ETIMEDOUT', syscall: 'connect', address: nobody, port: 7, message });
      expect(w.now).toBeGreaterThanOrEqual(180 * SECOND);
    });
  });

  test('a network to which no way leads: ENETUNREACH at once', async () => {
    const { w, client } = joined();
    await w.run(async () => {
      const socket = createNet(client).connect(7, nowhere);
      const [error] = (await once(socket, 'error')) as [Error];
      expect(error.message).toBe(`connect ENETUNREACH ${nowhere}:7 - Local (${any}:0)`);
    });
  });

  test('a peer that lost its memory resets: read ECONNRESET', async () => {
    const { w, client, server } = joined({ delay: 1000 });
    await w.run(async () => {
      createNet(server)
        .createServer(() => undefined)
        .listen(7);
      const socket = createNet(client).connect(7, 'server');
      await once(socket, 'connect');
      server.crash();
      server.boot();
      socket.write('are you there?');
      const [error] = (await once(socket, 'error')) as [Error];
      expect(error.message).toBe('read ECONNRESET');
    });
  });

  test('the same seed gives the same packets, programs of Node.js included', async () => {
    const hash = async (): Promise<string | null> => {
      const { w, client, server } = joined(BAD_CABLE, { seed: 8, hash: true });
      await w.run(async () => {
        const listening = createNet(server)
          .createServer((socket) => socket.pipe(socket))
          .listen(7);
        const socket = createNet(client).connect(7, 'server');
        socket.end(Buffer.alloc(100_000, 'again '));
        await once(socket.resume(), 'close');
        listening.close();
        await once(listening, 'close');
      });
      return w.hash;
    };
    const first = await hash();
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(await hash()).toBe(first);
  });
});
