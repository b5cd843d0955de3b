/** docs/recipes/undici.md: fetch, and undici's own requests. */
import http from 'node:http';
import { Agent, type buildConnector, fetch, request } from 'undici';
import { describe, expect } from 'vitest';
import type { SynwaveNet } from '../../src/node/net.ts';
import { body, close, listen, tested } from './places.ts';

/** Opens connections from the host of `net`. */
function connector(net: SynwaveNet): buildConnector.connector {
  return ({ hostname, port }, callback) => {
    const socket = net.connect(Number(port) || 80, hostname);
    socket.once('error', (error) => callback(error, null));
    socket.once('connect', () => callback(null, socket));
  };
}

describe('fetch: an answer in JSON, a body both ways, 20 at one time; request: a stream', () => {
  tested(async ({ client, server, size }) => {
    const web = http.createServer((asked, response) => {
      if (asked.method === 'POST') asked.pipe(response);
      else response.end(JSON.stringify({ path: asked.url }));
    });
    const listening = await listen(server, 80, (socket) => web.emit('connection', socket));
    const dispatcher = new Agent({ connect: connector(client) });

    const answer = await fetch('http://server/hello', { dispatcher });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ path: '/hello' });

    const content = body(size);
    const echoed = await fetch('http://server/', { dispatcher, method: 'POST', body: content });
    expect(Buffer.from(await echoed.arrayBuffer()).equals(content)).toBe(true);

    const paths = Array.from({ length: 20 }, (_, i) => `/${i}`);
    const answers = await Promise.all(
      paths.map(async (path) => (await (await fetch(`http://server${path}`, { dispatcher })).json()) as object),
    );
    expect(answers).toEqual(paths.map((path) => ({ path })));

    const { statusCode, body: stream } = await request('http://server/', { dispatcher, method: 'POST', body: content });
    expect(statusCode).toBe(200);
    expect(Buffer.from(await stream.bytes()).equals(content)).toBe(true);

    await expect(fetch('http://server:81/', { dispatcher })).rejects.toMatchObject({
      cause: { code: 'ECONNREFUSED' },
    });
    await dispatcher.close();
    await close(listening);
  });
});
