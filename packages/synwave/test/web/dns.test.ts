/** Names over the DNS for `connect` of web streams: what the host's resolver finds, and what it says when it does not. */
import { describe, expect, test } from 'vitest';
import { nameServer, resolver } from '../../src/node/dns.ts';
import { createWeb } from '../../src/web/index.ts';
import { type Two, two } from '../sim/helpers.ts';
import { failureOf } from './helpers.ts';

/** The server answers for names, and the client asks it. */
function named(): Two {
  const pair = two({ delay: 1000 });
  const { client, server } = pair;
  nameServer(server, { records: { 'server.example': server } });
  client.resolve = resolver(client, { servers: [server.address] }).lookup;
  return pair;
}

describe("the host's resolver", () => {
  test('finds the name', async () => {
    const { w, client, server } = named();
    await w.run(async () => {
      const listener = createWeb(server).listen({ port: 80 });
      const socket = createWeb(client).connect('server.example:80');
      expect((await socket.opened).remoteAddress).toBe('[fd00::2]:80');
      await listener.close();
    });
  });

  test('says why not', async () => {
    const { w, client } = named();
    await w.run(async () => {
      const socket = createWeb(client).connect('nobody.example:80');
      expect(await failureOf(socket.opened)).toMatch(/^ENOTFOUND: SocketError: query A of nobody\.example/);
    });
  });

  test('is not asked for what the world knows, nor for addresses; nor when the program has a lookup', async () => {
    const { w, client, server } = named();
    let asked = 0;
    client.resolve = () => {
      asked++;
      return Promise.resolve([]);
    };
    await w.run(async () => {
      const listener = createWeb(server).listen({ port: 80 });
      const web = createWeb(client);
      await web.connect('server:80').opened;
      await web.connect('[fd00::2]:80').opened;
      await web.connect('server.example:80', { lookup: () => ['10.0.0.2'] }).opened;
      expect(asked).toBe(0);
      expect(await failureOf(web.connect('else:80').opened)).toMatch(/^EHOSTUNREACH: SocketError: lookup of else/);
      expect(asked).toBe(1);
      await listener.close();
    });
  });

  test('takes long, and the socket is closed meanwhile: nothing more comes of it', async () => {
    const { w, client, server } = named();
    server.pause();
    await w.run(async () => {
      const socket = createWeb(client).connect('server.example:80');
      await w.sleep(500);
      await socket.close();
      server.resume();
      await w.sleep(60_000_000);
    });
    expect(client.counters().connections.full).toBe(0);
  });
});
