/** What a world's host gives to programs of Node.js: `net`, `dgram`, `http`, each bound to that host. */
import { once } from 'node:events';
import type nodeHttp from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type HostHttp, internet, type NodeWorldOptions, world } from '../../src/node/sim.ts';

function pair(options: NodeWorldOptions = {}) {
  const w = world({ timers: true, ...options });
  const [client, server] = [w.host('client'), w.host('server')];
  const cable = w.cable(client, server, { delay: 10_000 });
  return { w, client, server, cable };
}

async function fetched(
  http: HostHttp,
  url: string,
): Promise<{ status: number; date: string | undefined; body: string }> {
  const [response] = (await once(http.get(url), 'response')) as [nodeHttp.IncomingMessage];
  return { status: response.statusCode ?? 0, date: response.headers.date, body: await text(response) };
}

describe('host.http', () => {
  test('a server listens on its host, an agent of another keeps the connection, and close ends both', async () => {
    const { w, client, server } = pair();
    await w.run(async () => {
      const ports: (number | undefined)[] = [];
      const web = server.http.createServer((request, response) => {
        ports.push(request.socket.remotePort);
        response.end(`you asked for ${request.url}`);
      });
      expect(web.listening).toBe(false);
      const listening = once(web, 'listening');
      expect(web.listen(80)).toBe(web);
      await listening;
      expect([web.listening, (web.address() as { port: number }).port]).toEqual([true, 80]);
      expect(await fetched(client.http, 'http://server/one')).toMatchObject({
        status: 200,
        body: 'you asked for /one',
      });
      expect(await fetched(client.http, 'http://server/two')).toMatchObject({
        status: 200,
        body: 'you asked for /two',
      });
      expect(ports[0]).toBe(ports[1]);
      const closed = once(web, 'close');
      web.close();
      await closed;
      expect(web.listening).toBe(false);
      await w.sleep(1_000_000); // the agent hears that its connection is gone
      const [error] = (await once(client.http.get('http://server/'), 'error')) as [{ code: string }];
      expect(error.code).toBe('ECONNREFUSED');
    });
    await w.run();
    expect(server.openListeners).toEqual([]);
  });

  test('the Date header is of the world, and one that the program sets stays', async () => {
    const { w, client, server } = pair();
    await w.run(async () => {
      const web = server.http.createServer((request, response) => {
        if (request.url === '/own') response.writeHead(200, { Date: 'mine' });
        response.end();
      });
      web.listen(80);
      await w.sleep(90_000_000);
      expect((await fetched(client.http, 'http://server/')).date).toBe('Sat, 01 Jan 2000 00:01:30 GMT');
      await w.sleep(3600_000_000);
      expect((await fetched(client.http, 'http://server/')).date).toBe('Sat, 01 Jan 2000 01:01:30 GMT');
      expect((await fetched(client.http, 'http://server/own')).date).toBe('mine');
      web.close();
    });
  });

  test('options, an agent of its own, none, a callback', async () => {
    const { w, client, server } = pair();
    await w.run(async () => {
      const web = server.http.createServer((_, response) => response.end('ok')).listen({ port: 8080 });
      const agent = new client.http.Agent({ maxSockets: 1 });
      for (const options of [{ agent }, { agent: false }, { createConnection: client.net.createConnection }, {}]) {
        const body = await new Promise<string>((resolve) => {
          const about = { host: 'server', port: 8080, path: '/', ...options } as nodeHttp.RequestOptions;
          client.http.request(about, (response) => resolve(text(response))).end();
        });
        expect(body).toBe('ok');
      }
      agent.destroy();
      const counted = new Promise((resolve) => web.getConnections((_, count) => resolve(count)));
      expect(await counted).toBeGreaterThan(0);
      web.close();
    });
  });

  test('a second server on a port is told so', async () => {
    const { w, server } = pair();
    await w.run(async () => {
      const first = server.http.createServer().listen(80);
      await once(first, 'listening');
      const [error] = (await once(server.http.createServer().listen(80), 'error')) as [{ code: string }];
      expect(error.code).toBe('EADDRINUSE');
      first.close();
    });
  });

  test('serves websockets', async () => {
    const { w, client, server } = pair();
    await w.run(async () => {
      const web = server.http.createServer();
      const chat = new WebSocketServer({ server: web });
      chat.on('connection', (socket) =>
        socket.on('message', (data) => socket.send(`you said ${(data as Buffer).toString()}`)),
      );
      web.listen(80);
      const socket = new WebSocket('ws://server/', { createConnection: client.net.createConnection });
      await once(socket, 'open');
      socket.send('hello');
      expect(String((await once(socket, 'message'))[0])).toBe('you said hello');
      socket.close();
      await once(socket, 'close');
      web.close();
    });
  });
});

test('host.net and host.dgram are each made once', async () => {
  const { w, client, server } = pair();
  expect([client.net === client.net, client.net === server.net, client.dgram === client.dgram]).toEqual([
    true,
    false,
    true,
  ]);
  await w.run(async () => {
    const [near, far] = [client.dgram.createSocket('udp4'), server.dgram.createSocket('udp4')];
    far.bind(53);
    await once(far, 'listening');
    near.send('hello', 53, server.address);
    expect(String((await once(far, 'message'))[0])).toBe('hello');
    near.close();
    far.close();
  });
});

test('the small internet has such hosts, and takes the options of a world of Node.js', async () => {
  const { world: w, client, server, settle } = internet({ timers: true, seed: 4 });
  await settle();
  await w.run(async () => {
    const web = server.http.createServer((_, response) => response.end('far away')).listen(80);
    expect((await fetched(client.http, `http://${server.address}/`)).body).toBe('far away');
    web.close();
  });
});

describe('host.start', () => {
  test('a program begins anew after each boot; timers of the one before end with its power', async () => {
    const { w, server } = pair();
    const ticks: string[] = [];
    let begun = 0;
    await w.run(async () => {
      server.start(async () => {
        const which = ++begun;
        for (;;) {
          await new Promise((resolve) => setTimeout(resolve, 1000));
          ticks.push(`${which} at ${w.now / 1_000_000}`);
        }
      });
      server.start(() => setInterval(() => ticks.push('interval'), 700)); // one that stays with the others
      await w.sleep(2_500_000);
      server.reboot(1_000_000);
      await w.sleep(2_600_000);
    });
    expect(begun).toBe(2);
    expect(ticks.filter((each) => each !== 'interval')).toEqual(['1 at 1', '1 at 2', '2 at 4.5']);
    expect(ticks.filter((each) => each === 'interval').length).toBe(5);
  });

  test('its timers wait while the host is paused, and go by its clock', async () => {
    const { w, server } = pair();
    const at: number[] = [];
    await w.run(async () => {
      server.start(() => {
        setTimeout(() => at.push(w.now), 1000);
        const stopped = setTimeout(() => at.push(-1), 1000);
        w.at(2_000_000, () => clearTimeout(stopped));
        setTimeout(() => at.push(-2), 1000).unref();
      });
      server.pause();
      await w.sleep(3_000_000);
      expect(at).toEqual([]);
      server.resume();
      await w.sleep(0);
      expect(at).toEqual([3_000_000, -2]);
      server.drift(-500_000);
      server.start(() => setTimeout(() => at.push(w.now), 1000));
      await w.sleep(3_000_000);
      expect(at.at(-1)).toBe(5_000_000);
    });
  });

  test('what it throws or rejects with ends the run, unless power was cut before', async () => {
    const { w, server } = pair();
    await expect(w.run(async () => server.start(() => Promise.reject(new Error('mine'))))).resolves.toBeUndefined();
    await expect(w.run(() => w.sleep(1))).rejects.toThrow('mine');
    const other = pair();
    await other.w.run(async () => {
      let reject: (error: Error) => void = () => undefined;
      other.server.start(
        () =>
          new Promise((_, no) => {
            reject = no;
          }),
      );
      other.server.crash();
      reject(new Error('unheard'));
      await other.w.sleep(1);
    });
  });
});

test('the report of a run that hangs names the timers of the program, and where they were armed', async () => {
  const { w, server } = pair({ limit: { time: 5_000_000 } });
  const stuck = w.run(async () => {
    server.start(() => setInterval(() => {}, 700));
    setTimeout(() => {}, 60_000);
    await new Promise(() => {});
  });
  await expect(stuck).rejects.toThrow(
    /who waits:\n {2}setInterval of 700 ms goes off in 0\.\d{6} s on server, armed at .*host\.test\.ts:\d+:\d+\n {2}setTimeout of 60000 ms goes off in 55\.\d{6} s, armed at .*host\.test\.ts:\d+:\d+\n/,
  );
});
