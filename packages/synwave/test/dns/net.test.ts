/** Programs that know nothing of any of this: node:http, sockets and datagrams find names over the DNS. */
import { V4MAPPED } from 'node:dns';
import { once } from 'node:events';
import http from 'node:http';
import type { LookupFunction } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { SECOND } from '../../src/base/time.ts';
import { pipe } from '../../src/link/pipe.ts';
import { createDgram } from '../../src/node/dgram.ts';
import { nameServer, resolver } from '../../src/node/dns.ts';
import { createHost } from '../../src/node/index.ts';
import { createNet } from '../../src/node/net.ts';
import { type CableOptions, type SimHost, type World, world } from '../../src/sim/index.ts';
import { codeOf, served } from './helpers.ts';

interface Town {
  readonly w: World;
  readonly client: SimHost;
  readonly dns: SimHost;
  readonly www: SimHost;
}

/** A client with a resolver, a name server, a web server; each of the two on a cable of its own. */
function town(options: CableOptions = { delay: 10_000 }): Town {
  const w = world();
  const [client, dns, www] = [w.host('client'), w.host('dns'), w.host('www')];
  w.cable(client, dns, options);
  w.cable(client, www, options);
  nameServer(dns, { records: { 'www.example': www, 'dead.example': '10.0.1.9', 'text.example': { TXT: 'x' } } });
  const r = resolver(client, { servers: [dns.address], search: ['example'], timeout: SECOND, attempts: 5 });
  client.resolve = r.lookup;
  return { w, client, dns, www };
}

test.each<[string, CableOptions]>([
  ['a good cable', { delay: 10_000 }],
  ['20 of 100 packets lost', { delay: 10_000, loss: 0.2 }],
])("http.get('http://www.example/') over %s", async (_name, options) => {
  const { w, client, www } = town(options);
  const near = createNet(client);
  await w.run(async () => {
    const web = http.createServer((request, response) => response.end(`${request.headers.host}${request.url}`));
    const listening = createNet(www)
      .createServer((socket) => web.emit('connection', socket))
      .listen(80);
    const agent = new http.Agent();
    agent.createConnection = near.createConnection as typeof agent.createConnection;
    const response = await new Promise<http.IncomingMessage>((resolve) => {
      http.get('http://www.example/wave', { agent }, resolve);
    });
    expect(await text(response)).toBe('www.example/wave');
    // The first packet to the first address may be the one that is lost (RFC 8305 §5).
    expect([www.address6, www.address]).toContain(response.socket.remoteAddress);
    listening.close();
    agent.destroy();
  });
});

describe('net.connect', () => {
  test('tells of its look-up as Node does', async () => {
    const { w, client, www } = town();
    await w.run(async () => {
      const listening = createNet(www)
        .createServer((socket) => socket.end())
        .listen(80);
      const socket = createNet(client).connect({ host: 'www.example', port: 80 }).resume();
      const told: unknown[][] = [];
      socket.on('lookup', (...args) => told.push(args));
      await once(socket, 'close');
      expect(told).toEqual([
        [null, www.address6, 6, 'www.example'],
        [null, www.address, 4, 'www.example'],
      ]);
      listening.close();
    });
  });

  test('of one family', async () => {
    const { w, client, www } = town();
    await w.run(async () => {
      const listening = createNet(www)
        .createServer((socket) => socket.end())
        .listen(80);
      const socket = createNet(client).connect({ host: 'www.example', port: 80, family: 4 }).resume();
      await once(socket, 'connect');
      expect(socket.remoteAddress).toBe(www.address);
      await once(socket, 'close');
      listening.close();
    });
  });

  test('of IPv6 alone, with the hint that mapped addresses will do: both families are asked', async () => {
    const { w, client } = town();
    await w.run(async () => {
      const near = createNet(client);
      const look = async (hints?: number): Promise<unknown> => {
        const socket = near.connect({
          host: 'dead.example',
          port: 80,
          family: 6,
          ...(hints === undefined ? {} : { hints }),
        });
        socket.on('error', () => undefined);
        const [, address] = (await once(socket, 'lookup')) as unknown[];
        socket.destroy();
        return address;
      };
      expect(await look(V4MAPPED)).toBe('::ffff:10.0.1.9');
      expect(await look()).toBe(undefined);
    });
  });

  test.each<[string, string, string, number]>([
    ['no such name', 'nobody.example.', 'ENOTFOUND', -3008],
    ['no address', 'text.example', 'ENOTFOUND', -3008],
    ['no name at all', 'a..b', 'ENOTFOUND', -3008],
    ['no server that answers', 'www.elsewhere.', 'EAI_AGAIN', -3001],
  ])('%s: the error that getaddrinfo makes', async (_name, host, code, errno) => {
    const { w, client } = town();
    await w.run(async () => {
      const socket = createNet(client).connect({ host, port: 80 });
      const told: unknown[][] = [];
      socket.on('lookup', (...args) => told.push(args));
      const [error] = (await once(socket, 'error')) as [Error];
      expect(error).toMatchObject({ code, errno, syscall: 'getaddrinfo', hostname: host });
      expect(error.message).toBe(`getaddrinfo ${code} ${host}`);
      expect(told).toEqual([[error, undefined, undefined, host]]);
    });
  });

  test('destroyed while the name is looked up: nothing more comes of it', async () => {
    const { w, client, dns } = town();
    dns.pause();
    await w.run(async () => {
      const socket = createNet(client).connect({ host: 'www.example', port: 80 });
      w.after(SECOND / 2, () => socket.destroy());
      await once(socket, 'close');
      expect(w.now).toBe(SECOND / 2);
      dns.resume();
      await w.sleep(20 * SECOND);
    });
    expect(client.counters().connections.full).toBe(0);
  });

  test('the table, the world and localhost come before the network', async () => {
    const { w, client } = town();
    let asked = 0;
    client.resolve = () => {
      asked++;
      return Promise.resolve([]);
    };
    const look = (host: string): Promise<unknown> => {
      const socket = createNet(client, { hosts: { known: '10.0.1.9' } }).connect({ host, port: 80 });
      return once(socket, 'lookup').finally(() => socket.destroy());
    };
    await w.run(async () => {
      for (const host of ['known', 'www', 'localhost']) expect(((await look(host)) as unknown[])[0]).toBe(null);
      expect(asked).toBe(0);
      await codeOf(look('else'));
      expect(asked).toBe(1);
    });
  });

  test('a look-up of anybody else may be the resolver’s as well', async () => {
    const { w, client, www } = town();
    const { resolve } = client;
    const lookup: LookupFunction = (name, options, done) => {
      const found = resolve?.(name, 0) ?? Promise.resolve([]);
      const tell = async (): Promise<void> => {
        const all = (await found).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
        if (options.all === true) done(null, all);
        else done(null, all[0]?.address ?? '', all[0]?.family);
      };
      void tell();
    };
    await w.run(async () => {
      const listening = createNet(www)
        .createServer((socket) => socket.end())
        .listen(80);
      const socket = createNet(client).connect({ host: 'www.example', port: 80, lookup }).resume();
      await once(socket, 'close');
      listening.close();
    });
  });
});

test('the same seed, the same octets at the same times', async () => {
  const run = async (seed: number): Promise<string | null> => {
    const { w, r } = served(
      { timeout: SECOND, attempts: 9, mixCase: true },
      {},
      { delay: 9000, loss: 0.2 },
      { seed, hash: true },
    );
    await w.run(async () => {
      for (let i = 0; i < 10; i++) await r.addresses(`n${i}.any.example`);
    });
    return w.hash;
  };
  expect(await run(1)).toBe(await run(1));
  expect(await run(2)).not.toBe(await run(1));
});

test('a datagram to a name', async () => {
  const { w, client, www } = town();
  await w.run(async () => {
    const far = createDgram(www).createSocket('udp4').bind(7);
    const near = createDgram(client).createSocket('udp4');
    near.send('hello', 7, 'www.example');
    const [message] = (await once(far, 'message')) as [Buffer];
    expect(String(message)).toBe('hello');
    near.close();
    far.close();
  });
});

test('two hosts in real time', async () => {
  const [near, far] = [createHost({ name: 'near' }), createHost({ name: 'far' })];
  const [left, right] = pipe();
  near.attach(left, ['10.0.0.1/24', 'fd00::1/64']);
  far.attach(right, ['10.0.0.2/24', 'fd00::2/64']);
  const server = nameServer(far, {
    records: { 'far.example': far, 'big.example': Array.from({ length: 200 }, (_, i) => `10.1.0.${i}`) },
  });
  const r = resolver(near, { servers: ['fd00::2'], tcpIdle: 50_000 });
  near.resolve = r.lookup;
  const listening = createNet(far)
    .createServer((socket) => socket.end())
    .listen(80);
  const socket = createNet(near).connect({ host: 'far.example', port: 80 }).resume();
  await once(socket, 'connect');
  expect(socket.remoteAddress).toBe('fd00::2');
  await once(socket, 'close');
  expect((await r.resolve('big.example', 'A')).length).toBe(200);
  r.close();
  server.close();
  listening.close();
});
